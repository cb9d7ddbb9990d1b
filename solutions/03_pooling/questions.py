"""The questions of the pooling assignment: 15 points."""

from autograder.question import Ban, Case, Question, array, code, distinct, normal, uniform

POOLING = Ban(
    ops=(
        "AvgPool",
        "AvgPool3D",
        "AvgPool3DGrad",
        "AvgPoolGrad",
        "Dilation2D",
        "Dilation2DBackpropFilter",
        "Dilation2DBackpropInput",
        "FractionalAvgPool",
        "FractionalAvgPoolGrad",
        "FractionalMaxPool",
        "FractionalMaxPoolGrad",
        "MaxPool",
        "MaxPool3D",
        "MaxPool3DGrad",
        "MaxPool3DGradGrad",
        "MaxPoolGrad",
        "MaxPoolGradGrad",
        "MaxPoolGradGradV2",
        "MaxPoolGradGradWithArgmax",
        "MaxPoolGradV2",
        "MaxPoolGradWithArgmax",
        "MaxPoolV2",
        "MaxPoolWithArgmax",
        "QuantizedAvgPool",
        "QuantizedMaxPool",
        "XlaReduceWindow",
        "XlaSelectAndScatter",
        "_MklAvgPool",
        "_MklAvgPoolGrad",
        "_MklMaxPool",
        "_MklMaxPoolGrad",
        "_MklNativeAvgPool",
        "_MklNativeAvgPoolGrad",
        "_MklNativeMaxPool",
        "_MklNativeMaxPoolGrad",
    ),
    names=(
        # tf.nn, tf.raw_ops and tf.compat.v1
        "avg_pool",
        "avg_pool1d",
        "avg_pool2d",
        "avg_pool3d",
        "dilation2d",
        "erosion2d",
        "fractional_avg_pool",
        "fractional_max_pool",
        "max_pool",
        "max_pool1d",
        "max_pool2d",
        "max_pool3d",
        "max_pool_with_argmax",
        "pool",
        "AvgPool",
        "AvgPool3D",
        "AvgPoolGrad",
        "Dilation2D",
        "MaxPool",
        "MaxPool3D",
        "MaxPoolGrad",
        "MaxPoolGradV2",
        "MaxPoolGradWithArgmax",
        "MaxPoolV2",
        "MaxPoolWithArgmax",
        "XlaReduceWindow",
        "XlaSelectAndScatter",
        "average_pooling1d",
        "average_pooling2d",
        "average_pooling3d",
        "max_pooling1d",
        "max_pooling2d",
        "max_pooling3d",
        # keras
        "AdaptiveAveragePooling1D",
        "AdaptiveAveragePooling2D",
        "AdaptiveAveragePooling3D",
        "AdaptiveMaxPooling1D",
        "AdaptiveMaxPooling2D",
        "AdaptiveMaxPooling3D",
        "AveragePooling1D",
        "AveragePooling2D",
        "AveragePooling3D",
        "AvgPool1D",
        "AvgPool2D",
        "GlobalAveragePooling1D",
        "GlobalAveragePooling2D",
        "GlobalAveragePooling3D",
        "GlobalAvgPool1D",
        "GlobalAvgPool2D",
        "GlobalAvgPool3D",
        "GlobalMaxPool1D",
        "GlobalMaxPool2D",
        "GlobalMaxPool3D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "GlobalMaxPooling3D",
        "MaxPool1D",
        "MaxPool2D",
        "MaxPooling1D",
        "MaxPooling2D",
        "MaxPooling3D",
        "adaptive_average_pool",
        "adaptive_max_pool",
        "average_pool",
        "pool2d",
        "pool3d",
        # other libraries
        "block_reduce",
        "generic_filter",
        "grey_dilation",
        "maximum_filter",
        "minimum_filter",
        "reduce_window",
        "uniform_filter",
    ),
    instead="strided slices (or tf.image.extract_patches) for the pixels of the windows, and a reduction over them,",
)

RECTIFIERS = Ban(
    ops=(
        "Elu",
        "LeakyRelu",
        "LeakyReluGrad",
        "QuantizedRelu",
        "QuantizedRelu6",
        "QuantizedReluX",
        "Relu",
        "Relu6",
        "Relu6Grad",
        "ReluGrad",
        "Selu",
    ),
    names=(
        "LeakyReLU",
        "LeakyRelu",
        "PReLU",
        "ReLU",
        "Relu",
        "Relu6",
        "ReluGrad",
        "ThresholdedReLU",
        "crelu",
        "leaky_relu",
        "relu",
        "relu6",
        "threshold",
    ),
    instead="tf.maximum or tf.where with 0",
)

BROWN_IMAGE = array([[6, 3, 1, -3], [4, 1, 2, 0], [3, 1, 3, 2], [7, 1, 1, 1]]).reshape(1, 4, 4, 1)
THREE_WINDOWS = array([[[6, 3], [4, 1]], [[1, 5], [6, 3]], [[2, 6], [2, 4]]]).reshape(3, 2, 2, 1)
TWO_BY_TWO = array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)

# What a ReLU leaves: most entries are zero, and these count.
RECTIFIED = array([[0, 5, 0, 0, 2], [0, 0, 0, 3, 0], [4, 0, 0, 0, 1], [0, 0, 7, 0, 0]]).reshape(1, 4, 5, 1)

STRIPES = array([[0, 1, 0, 1, 0, 1]] * 4).reshape(1, 4, 6, 1)
IMPULSE = array([[0, 0, 0, 0], [0, 16, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]).reshape(1, 4, 4, 1)
COUNTED = array(range(1, 13)).reshape(1, 3, 4, 1)

# Whole numbers: a convolution with whole-number filters is exact, so a gap of zero is zero and not rounding noise.
WHOLE_NUMBERS = array([[[(3 * p * p + 5 * q + p * q) % 11] for q in range(10)] for p in range(9)]).reshape(1, 9, 10, 1)
SOBEL = "tf.constant([[1, 0, -1], [2, 0, -2], [1, 0, -1]], x.dtype)[:, :, None, None]"
CORNER_LIGHT = "tf.constant(0.5 ** np.add.outer(np.arange(x.shape[1]), np.arange(x.shape[2])), x.dtype)[:, :, None]"

FAR_LIGHT = CORNER_LIGHT.replace("]), ", "])[::-1], ").replace("])),", "])[::-1]),")

# What the functions promise to take: any sizes, windows and strides that fit, in every form.


def integers(rng, low, high, count):
    return [int(value) for value in rng.integers(low, high + 1, count)]


def pair(rng, values):
    """Two numbers as `tf.nn` takes them: alone if they are equal, as a pair, or in a list of four."""
    forms = [tuple(values), [1, *values, 1]] + ([values[0]] if values[0] == values[1] else [])
    return forms[rng.integers(len(forms))]


def windows(rng):
    """The shape of images and of what comes of them, and the windows' arguments."""
    (n, c), (height, width) = integers(rng, 1, 3, 2), integers(rng, 1, 9, 2)
    same = bool(rng.random() < 0.5)
    ksize = [integers(rng, 1, 4 if same else min(4, size), 1)[0] for size in (height, width)]
    strides = integers(rng, 1, 4, 2) if rng.random() < 0.7 else integers(rng, 1, 4, 1) * 2
    sizes = zip((height, width), ksize, strides, strict=True)
    out = [-(-size // s) if same else (size - k) // s + 1 for size, k, s in sizes]
    settings = {"ksize": pair(rng, ksize), "strides": pair(rng, strides), "padding": "SAME" if same else "VALID"}
    return (n, height, width, c), (n, *out, c), settings


def max_pooling(rng):
    shape, _, settings = windows(rng)
    low = rng.uniform(-4, 2)
    return {"input": distinct(*shape, low=low, high=low + 3), **settings}


def average_pooling(rng):
    shape, _, settings = windows(rng)
    return {"input": normal(*shape, mean=rng.uniform(-2, 2)), **settings}


def max_pooling_backward(rng):
    shape, out, settings = windows(rng)
    low = rng.uniform(-4, 2)
    return {"dy": normal(*out), "input": distinct(*shape, low=low, high=low + 3), **settings}


def any_shape(rng):
    return {"x": normal(*integers(rng, 1, 5, rng.integers(1, 5)), std=10 ** rng.uniform(-2, 2))}


def images(rng):
    return {"x": normal(*integers(rng, 1, 6, 4), mean=rng.uniform(-2, 2))}


def learned_pooling(rng):
    (n, c_in, c_out, f, stride), (height, width) = integers(rng, 1, 4, 5), integers(rng, 4, 9, 2)
    return {"x": normal(n, height, width, c_in), "filters": normal(f, f, c_in, c_out), "stride": stride}


def blurring(rng):
    (n, c, stride), (height, width) = integers(rng, 1, 4, 3), integers(rng, 2, 9, 2)
    return {"x": normal(n, height, width, c), "stride": stride}


def shifting(rng):
    n, height, width, c = integers(rng, 1, 6, 4)
    dy, dx = (integers(rng, 1 - size, size - 1, 1)[0] for size in (height, width))
    return {"x": normal(n, height, width, c), "dy": dy, "dx": dx}


def commuting(rng):
    """Functions whose gap is not rounding noise: whole numbers, pooling, or a real gap."""
    dy, dx = integers(rng, -2, 2, 2)
    (n, c), (extra_rows, extra_columns) = integers(rng, 1, 2, 2), integers(rng, 5, 9, 2)
    height, width = 2 * abs(dy) + extra_rows, 2 * abs(dx) + extra_columns
    convolved = [f"lambda x: tf.nn.conv2d(x[..., :1], {SOBEL}, 1, '{padding}')" for padding in ("SAME", "VALID")]
    functions = (
        *convolved,
        "lambda x: x * x",
        "lambda x: tf.nn.max_pool2d(x, 3, 1, 'SAME')",
        "lambda x: tf.nn.max_pool2d(x, 2, 1, 'VALID')",
        f"lambda x: 1 - x * {CORNER_LIGHT}",
        f"lambda x: x * {FAR_LIGHT}",
        f"lambda x: x[:, ::-1, ::-1] * {CORNER_LIGHT}",
        "lambda x: tf.reverse(x, [2])",
        "lambda x: tf.reverse(x, [1])",
        "lambda x: tf.roll(x, 1, 1)",
        "lambda x: tf.roll(x, -1, 2)",
    )
    f = functions[rng.integers(len(functions))]
    shape = (n, height, width, c)
    x = array(rng.integers(-20, 20, shape)) if f in convolved else normal(*shape)
    return {"f": code(f), "x": x, "dy": dy, "dx": dx}


QUESTIONS = (
    Question(
        "relu",
        points=1,
        wrt=("x",),
        ban=RECTIFIERS,
        cases=(
            Case("the table of the text", public=True, x=array([-3, -0.5, 0.5, 7])),
            Case("feature maps", public=True, x=normal(2, 4, 3, 2)),
            Case("large entries", x=normal(5, 7, std=20.0)),
            Case("small entries", x=normal(2, 3, 4, 3, std=0.01)),
            Case("float64", public=True, dtype="float64", x=normal(2, 3, 3, 2)),
        ),
        domain=any_shape,
    ),
    Question(
        "max_pool2d",
        points=3,
        wrt=("input",),
        ban=POOLING,
        cases=(
            Case(
                "Brown's image, 2x2, stride 2",
                public=True,
                input=BROWN_IMAGE,
                ksize=[1, 2, 2, 1],
                strides=[1, 2, 2, 1],
                padding="VALID",
            ),
            Case(
                "three windows that all pool to 6",
                public=True,
                input=THREE_WINDOWS,
                ksize=2,
                strides=2,
                padding="VALID",
            ),
            Case(
                "all-negative input, 3x4 windows, strides (2, 1), SAME",
                public=True,
                input=distinct(2, 6, 5, 3, low=-3.0, high=-1.0),
                ksize=(3, 4),
                strides=(2, 1),
                padding="SAME",
            ),
            Case(
                "overlapping 3x3 windows, stride 2, on 7x10 pixels",
                input=distinct(2, 7, 10, 2),
                ksize=3,
                strides=2,
                padding="VALID",
            ),
            Case(
                "lists of 4: 2x3 windows, strides 3 and 2",
                input=distinct(2, 8, 7, 3),
                ksize=[1, 2, 3, 1],
                strides=[1, 3, 2, 1],
                padding="VALID",
            ),
            Case(
                "4x3 windows, strides (3, 2), SAME, all-negative input",
                input=distinct(2, 7, 6, 2, low=-4.0, high=-2.0),
                ksize=(4, 3),
                strides=(3, 2),
                padding="SAME",
            ),
            Case(
                "strides larger than the window, SAME",
                input=distinct(2, 6, 7, 2),
                ksize=2,
                strides=3,
                padding="SAME",
            ),
            Case(
                "2x3 windows, stride 1",
                input=distinct(2, 5, 6, 2),
                ksize=(2, 3),
                strides=1,
                padding="VALID",
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                input=distinct(2, 5, 4, 2),
                ksize=(2, 3),
                strides=(1, 2),
                padding="SAME",
            ),
        ),
        domain=max_pooling,
    ),
    Question(
        "avg_pool2d",
        points=2,
        wrt=("input",),
        ban=POOLING,
        cases=(
            Case(
                "Brown's image, 2x2, stride 2",
                public=True,
                input=BROWN_IMAGE,
                ksize=[1, 2, 2, 1],
                strides=[1, 2, 2, 1],
                padding="VALID",
            ),
            Case(
                "3x4 windows, strides (2, 1), SAME",
                public=True,
                input=normal(2, 6, 5, 3, mean=2.0),
                ksize=(3, 4),
                strides=(2, 1),
                padding="SAME",
            ),
            Case(
                "many real zeros, as after a ReLU, SAME",
                public=True,
                input=RECTIFIED,
                ksize=3,
                strides=2,
                padding="SAME",
            ),
            Case(
                "overlapping 3x3 windows, stride 2, on 7x10 pixels",
                input=normal(2, 7, 10, 2),
                ksize=3,
                strides=2,
                padding="VALID",
            ),
            Case(
                "lists of 4: 2x3 windows, strides 3 and 2",
                input=normal(2, 8, 7, 3),
                ksize=[1, 2, 3, 1],
                strides=[1, 3, 2, 1],
                padding="VALID",
            ),
            Case(
                "4x3 windows, strides (3, 2), SAME",
                input=normal(2, 7, 6, 2, mean=-1.0),
                ksize=(4, 3),
                strides=(3, 2),
                padding="SAME",
            ),
            Case(
                "strides larger than the window, SAME",
                input=normal(2, 6, 7, 2, mean=1.0),
                ksize=2,
                strides=3,
                padding="SAME",
            ),
            Case(
                "2x3 windows, stride 1",
                input=normal(2, 5, 6, 2),
                ksize=(2, 3),
                strides=1,
                padding="VALID",
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                input=normal(2, 5, 4, 2),
                ksize=(2, 3),
                strides=(1, 2),
                padding="SAME",
            ),
        ),
        domain=average_pooling,
    ),
    Question(
        "max_pool2d_backward",
        points=3,
        ban=POOLING,
        cases=(
            Case(
                "Brown's image, 2x2, stride 2",
                public=True,
                dy=TWO_BY_TWO,
                input=BROWN_IMAGE,
                ksize=[1, 2, 2, 1],
                strides=[1, 2, 2, 1],
                padding="VALID",
            ),
            Case(
                "one pixel wins four windows",
                public=True,
                dy=TWO_BY_TWO,
                input=array([[1, 2, 3], [4, 9, 5], [6, 7, 8]]).reshape(1, 3, 3, 1),
                ksize=2,
                strides=1,
                padding="VALID",
            ),
            Case(
                "all-negative input, 3x4 windows, strides (2, 1), SAME",
                public=True,
                dy=normal(2, 3, 5, 3),
                input=distinct(2, 6, 5, 3, low=-3.0, high=-1.0),
                ksize=(3, 4),
                strides=(2, 1),
                padding="SAME",
            ),
            Case(
                "overlapping 3x3 windows, stride 2, on 7x10 pixels",
                dy=normal(2, 3, 4, 2),
                input=distinct(2, 7, 10, 2),
                ksize=3,
                strides=2,
                padding="VALID",
            ),
            Case(
                "lists of 4: 2x3 windows, strides 3 and 2",
                dy=normal(2, 3, 3, 3),
                input=distinct(2, 8, 7, 3),
                ksize=[1, 2, 3, 1],
                strides=[1, 3, 2, 1],
                padding="VALID",
            ),
            Case(
                "4x3 windows, strides (3, 2), SAME, all-negative input",
                dy=normal(2, 3, 3, 2),
                input=distinct(2, 7, 6, 2, low=-4.0, high=-2.0),
                ksize=(4, 3),
                strides=(3, 2),
                padding="SAME",
            ),
            Case(
                "strides larger than the window, SAME",
                dy=normal(2, 2, 3, 2),
                input=distinct(2, 6, 7, 2),
                ksize=2,
                strides=3,
                padding="SAME",
            ),
            Case(
                "2x3 windows, stride 1",
                dy=normal(2, 4, 4, 2),
                input=distinct(2, 5, 6, 2),
                ksize=(2, 3),
                strides=1,
                padding="VALID",
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                dy=normal(2, 5, 2, 2),
                input=distinct(2, 5, 4, 2),
                ksize=(2, 3),
                strides=(1, 2),
                padding="SAME",
            ),
        ),
        domain=max_pooling_backward,
    ),
    Question(
        "global_avg_pool",
        points=1,
        wrt=("x",),
        cases=(
            Case("Brown's image", public=True, x=BROWN_IMAGE),
            Case("two images of 3x5 pixels, four channels", public=True, x=normal(2, 3, 5, 4, mean=1.0)),
            Case("a batch of one image", x=normal(1, 4, 3, 5)),
            Case("one channel", x=normal(3, 5, 2, 1, mean=-2.0)),
            Case("maps of a single pixel", x=normal(2, 1, 1, 3)),
            Case("float64", public=True, dtype="float64", x=normal(3, 2, 3, 4)),
        ),
        domain=images,
    ),
    Question(
        "strided_conv_pool",
        points=1,
        wrt=("x", "filters"),
        cases=(
            Case(
                "Brown's image, filters of 1/4, stride 2",
                public=True,
                x=BROWN_IMAGE,
                filters=array([[0.25, 0.25], [0.25, 0.25]]).reshape(2, 2, 1, 1),
                stride=2,
            ),
            Case(
                "3x3 filters from 2 to 4 channels, stride 2",
                public=True,
                x=normal(2, 7, 6, 2),
                filters=normal(3, 3, 2, 4),
                stride=2,
            ),
            Case("3 to 3 channels, stride 2", x=normal(2, 6, 9, 3), filters=normal(2, 2, 3, 3), stride=2),
            Case("stride larger than the filter", x=normal(2, 8, 7, 3), filters=normal(2, 2, 3, 2), stride=3),
            Case("stride 1", x=normal(2, 5, 4, 2), filters=normal(3, 3, 2, 3), stride=1),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(2, 5, 4, 2),
                filters=normal(2, 2, 2, 3),
                stride=2,
            ),
        ),
        domain=learned_pooling,
    ),
    Question(
        "blur_pool",
        points=2,
        wrt=("x",),
        cases=(
            Case("stripes one pixel wide, stride 2", public=True, x=STRIPES, stride=2),
            Case("a single 16 beside the corner, stride 1", public=True, x=IMPULSE, stride=1),
            Case("6x8 pixels, three channels, stride 2", public=True, x=normal(2, 6, 8, 3), stride=2),
            Case("odd sizes, stride 2", x=normal(2, 7, 5, 2), stride=2),
            Case("stride 3", x=normal(2, 8, 7, 2), stride=3),
            Case("an image of two rows", x=normal(2, 2, 6, 3), stride=2),
            Case("float64", public=True, dtype="float64", x=normal(2, 5, 4, 2), stride=2),
        ),
        domain=blurring,
    ),
    Question(
        "shift",
        points=1,
        wrt=("x",),
        cases=(
            Case("the numbers 1 to 12, one down and two to the left", public=True, x=COUNTED, dy=1, dx=-2),
            Case("up and to the right", public=True, x=normal(2, 6, 5, 3), dy=-2, dx=1),
            Case("down only", public=True, x=normal(2, 5, 6, 2), dy=3, dx=0),
            Case("to the left only", x=normal(3, 4, 6, 2), dy=0, dx=-3),
            Case("down and to the right", x=normal(2, 5, 7, 3), dy=1, dx=4),
            Case("no move at all", x=normal(2, 3, 4, 2), dy=0, dx=0),
            Case("float64", public=True, dtype="float64", x=normal(2, 4, 5, 2), dy=-1, dx=2),
        ),
        domain=shifting,
    ),
    Question(
        "equivariance_gap",
        points=1,
        cases=(
            Case(
                "a 3x3 convolution of whole numbers: no gap",
                public=True,
                f=code(f"lambda x: tf.nn.conv2d(x, {SOBEL}, 1, 'SAME')"),
                x=WHOLE_NUMBERS,
                dy=1,
                dx=-2,
            ),
            Case(
                "2x2 max pooling with stride 2",
                public=True,
                f=code("lambda x: tf.nn.max_pool2d(x, 2, 2, 'VALID')"),
                x=distinct(2, 16, 20, 2),
                dy=1,
                dx=-2,
            ),
            Case(
                "a light in the corner: the brightness depends on the place",
                public=True,
                f=code(f"lambda x: 1 - x * {CORNER_LIGHT}"),
                x=uniform(2, 9, 8, 2, low=1.0, high=1.5),
                dy=-2,
                dx=1,
            ),
            Case(
                "max pooling with stride 1: no gap",
                f=code("lambda x: tf.nn.max_pool2d(x, 3, 1, 'SAME')"),
                x=distinct(2, 8, 9, 2, low=0.5, high=3.5),
                dy=2,
                dx=-1,
            ),
            Case(
                "a convolution without padding: its map is smaller, no gap",
                f=code(f"lambda x: tf.nn.conv2d(x, {SOBEL}, 1, 'VALID')"),
                x=WHOLE_NUMBERS,
                dy=-2,
                dx=-2,
            ),
            Case(
                "max pooling by 2, stretched back, moved by one pixel",
                f=code("lambda x: tf.repeat(tf.repeat(tf.nn.max_pool2d(x, 2, 2, 'VALID'), 2, 1), 2, 2)"),
                x=distinct(2, 10, 12, 2),
                dy=0,
                dx=1,
            ),
            Case(
                "a mirror: moves the other way",
                f=code("lambda x: tf.reverse(x, [2])"),
                x=normal(3, 8, 10, 2),
                dy=1,
                dx=2,
            ),
            Case(
                "a light in the far corner: the gap is largest at the end of the interior",
                f=code(f"lambda x: 1 - x * {FAR_LIGHT}"),
                x=uniform(2, 8, 9, 2, low=1.0, high=1.5),
                dy=1,
                dx=-1,
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                f=code("lambda x: tf.reverse(x, [1])"),
                x=normal(2, 8, 7, 2),
                dy=1,
                dx=-1,
            ),
        ),
        domain=commuting,
    ),
)

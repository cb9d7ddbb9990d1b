"""The questions of the pooling assignment: 15 points."""

from dataclasses import replace

from autograder.question import AUTODIFF, Ban, Case, Question, Rung, array, code, distinct, normal, uniform

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

# Backward is written by hand, so the tape is off limits there too.
BY_HAND = replace(
    POOLING,
    names=(*POOLING.names, *AUTODIFF),
    instead="strided slices (or tf.image.extract_patches), tf.argmax, and tf.tensor_scatter_nd_add for the sum",
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


def picture(*channels):
    """One image (1, height, width, channels) from a matrix for each channel."""
    return array(channels).transpose(1, 2, 0)[None]


def batch(*images):
    """Images of one channel (n, height, width, 1), a matrix each."""
    return array(images)[..., None]


BROWN_IMAGE = picture([[6, 3, 1, -3], [4, 1, 2, 0], [3, 1, 3, 2], [7, 1, 1, 1]])
THREE_WINDOWS = batch([[6, 3], [4, 1]], [[1, 5], [6, 3]], [[2, 6], [2, 4]])
TWO_BY_TWO = picture([[1, 2], [3, 4]])

# The small images of the ladders: no two windows give the same, no two directions.
TWO = picture([[2, 7], [4, 1]])
THREE = picture([[1, 5, 2], [6, 3, 0], [4, 7, 8]])
EVENLY = picture([[1, 3, 8], [5, 7, 2], [4, 0, 3]])  # its means are whole numbers
FOUR = picture([[1, 2, 0, 3], [4, 1, 5, 0], [0, 3, 2, 1], [6, 0, 1, 4]])
WIDE = picture([[1, 5, 2, 0], [6, 4, 9, 5]])
FILTER = array([[1, 2], [0, 5]]).reshape(2, 2, 1, 1)

# What a ReLU leaves: most entries are zero, and these count.
RECTIFIED = picture([[0, 5, 0, 0, 2], [0, 0, 0, 3, 0], [4, 0, 0, 0, 1], [0, 0, 7, 0, 0]])

STRIPES = picture([[0, 1, 0, 1, 0, 1]] * 4)
IMPULSE = picture([[0, 0, 0, 0], [0, 16, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
COUNTED = picture([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
ALL_DIFFERENT = picture([[3, 1, 4, 0, 5], [9, 2, 6, 8, 7], [0, 5, 1, 3, 2], [8, 4, 9, 7, 6], [1, 3, 0, 2, 5]])
WIDER = picture([[3, 1, 4, 0, 5, 8, 2], [9, 2, 6, 8, 7, 1, 3], [0, 5, 7, 3, 2, 4, 6]])

SOBEL = "tf.constant([[1, 0, -1], [2, 0, -2], [1, 0, -1]], x.dtype)[:, :, None, None]"
BRIGHTER_TO_THE_RIGHT = "tf.constant(np.arange(x.shape[2]), x.dtype)[:, None]"
BRIGHTER_DOWNWARDS = "tf.constant(np.arange(x.shape[1]), x.dtype)[:, None, None]"
SLIGHTLY_BRIGHTER_TO_THE_RIGHT = "(lambda y: y * tf.constant(1 + 0.01 * np.arange(y.shape[2]), y.dtype)[:, None])"
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
    down, right = (integers(rng, 1 - size, size - 1, 1)[0] for size in (height, width))
    return {"x": normal(n, height, width, c), "down": down, "right": right}


def commuting(rng):
    """Functions whose gap is not rounding noise: whole numbers, pooling, or a real gap."""
    down, right = integers(rng, -2, 2, 2)
    (n, c), (extra_rows, extra_columns) = integers(rng, 1, 2, 2), integers(rng, 5, 9, 2)
    height, width = 2 * abs(down) + extra_rows, 2 * abs(right) + extra_columns
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
    return {"f": code(f), "x": x, "down": down, "right": right}


QUESTIONS = (
    Question(
        "relu",
        points=1,
        wrt=("x",),
        ban=RECTIFIERS,
        ladder=(
            Rung("positive entries", x=array([2, 8])),
            Rung("negative entries", x=array([-3, -1])),
            Rung("both signs", x=array([-3, 5, -1, 7])),
            Rung("a matrix", x=array([[4, -2], [-6, 9], [1, -5]])),
        ),
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
        ladder=(
            Rung("one window", input=TWO, ksize=2, strides=2, padding="VALID"),
            Rung("four windows: Brown's image", input=BROWN_IMAGE, ksize=2, strides=2, padding="VALID"),
            Rung("windows that overlap", input=THREE, ksize=2, strides=1, padding="VALID"),
            Rung(
                "several channels",
                input=picture([[2, 7], [4, 1]], [[5, 0], [3, 6]]),
                ksize=2,
                strides=2,
                padding="VALID",
            ),
            Rung("all entries negative", input=-TWO, ksize=2, strides=2, padding="VALID"),
            Rung("a window that does not fit", input=THREE, ksize=2, strides=2, padding="VALID"),
            Rung("SAME", input=THREE, ksize=2, strides=2, padding="SAME"),
            Rung("SAME, all entries negative", input=THREE - 9, ksize=2, strides=2, padding="SAME"),
            Rung("a window that is not square", input=THREE, ksize=(1, 2), strides=1, padding="VALID"),
            Rung("unequal strides", input=THREE, ksize=1, strides=(1, 2), padding="VALID"),
            Rung("lists of four", input=THREE, ksize=[1, 2, 1, 1], strides=[1, 1, 2, 1], padding="VALID"),
            Rung("H != W", input=WIDE, ksize=2, strides=2, padding="VALID"),
            Rung("a batch: three windows that all pool to 6", input=THREE_WINDOWS, ksize=2, strides=2, padding="VALID"),
        ),
        cases=(
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
        ladder=(
            Rung("one window", input=picture([[2, 7], [4, 3]]), ksize=2, strides=2, padding="VALID"),
            Rung("four windows: Brown's image", input=BROWN_IMAGE, ksize=2, strides=2, padding="VALID"),
            Rung("windows that overlap", input=EVENLY, ksize=2, strides=1, padding="VALID"),
            Rung(
                "several channels",
                input=picture([[2, 7], [4, 3]], [[5, 0], [1, 6]]),
                ksize=2,
                strides=2,
                padding="VALID",
            ),
            Rung("a window that does not fit", input=EVENLY, ksize=2, strides=2, padding="VALID"),
            Rung("SAME", input=EVENLY, ksize=2, strides=2, padding="SAME"),
            Rung(
                "SAME, zeros in the image",
                input=picture([[0, 4, 0], [8, 0, 0], [0, 0, 6]]),
                ksize=2,
                strides=2,
                padding="SAME",
            ),
            Rung("a window that is not square", input=EVENLY, ksize=(1, 2), strides=1, padding="VALID"),
            Rung("unequal strides", input=EVENLY, ksize=1, strides=(1, 2), padding="VALID"),
            Rung("lists of four", input=EVENLY, ksize=[1, 2, 1, 1], strides=[1, 1, 2, 1], padding="VALID"),
            Rung("H != W", input=WIDE, ksize=2, strides=2, padding="VALID"),
            Rung("a batch", input=batch([[2, 7], [4, 3]], [[5, 0], [1, 6]]), ksize=2, strides=2, padding="VALID"),
        ),
        cases=(
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
        ban=BY_HAND,
        ladder=(
            Rung("one window", dy=picture([[3]]), input=TWO, ksize=2, strides=2, padding="VALID"),
            Rung("four windows: Brown's image", dy=TWO_BY_TWO, input=BROWN_IMAGE, ksize=2, strides=2, padding="VALID"),
            Rung(
                "one pixel wins four windows",
                dy=TWO_BY_TWO,
                input=picture([[1, 2, 3], [4, 9, 5], [6, 7, 8]]),
                ksize=2,
                strides=1,
                padding="VALID",
            ),
            Rung(
                "several channels",
                dy=picture([[5]], [[3]]),
                input=picture([[2, 7], [4, 1]], [[5, 0], [3, 6]]),
                ksize=2,
                strides=2,
                padding="VALID",
            ),
            Rung("all entries negative", dy=picture([[3]]), input=-TWO, ksize=2, strides=2, padding="VALID"),
            Rung("a window that does not fit", dy=picture([[3]]), input=THREE, ksize=2, strides=2, padding="VALID"),
            Rung("SAME", dy=TWO_BY_TWO, input=THREE, ksize=2, strides=2, padding="SAME"),
            Rung("SAME, all entries negative", dy=TWO_BY_TWO, input=THREE - 9, ksize=2, strides=2, padding="SAME"),
            Rung(
                "a window that is not square",
                dy=picture([[1, 2], [3, 4], [5, 6]]),
                input=THREE,
                ksize=(1, 2),
                strides=1,
                padding="VALID",
            ),
            Rung(
                "unequal strides",
                dy=picture([[1, 2], [3, 4], [5, 6]]),
                input=THREE,
                ksize=1,
                strides=(1, 2),
                padding="VALID",
            ),
            Rung(
                "lists of four", dy=TWO_BY_TWO, input=THREE, ksize=[1, 2, 1, 1], strides=[1, 1, 2, 1], padding="VALID"
            ),
            Rung("H != W", dy=picture([[3, 8]]), input=WIDE, ksize=2, strides=2, padding="VALID"),
            Rung("a batch", dy=batch([[1]], [[2]], [[3]]), input=THREE_WINDOWS, ksize=2, strides=2, padding="VALID"),
        ),
        cases=(
            Case(
                "all-negative input, 3x4 windows, strides (2, 1), SAME",
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
        ladder=(
            Rung("four pixels", x=picture([[1, 2], [3, 6]])),
            Rung("sixteen pixels: Brown's image", x=BROWN_IMAGE),
            Rung("several channels", x=picture([[1, 2], [3, 6]], [[4, 0], [5, 7]])),
            Rung("H != W", x=picture([[1, 2, 3, 6]])),
            Rung("a batch", x=batch([[1, 2], [3, 6]], [[4, 0], [5, 7]])),
        ),
        cases=(
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
        ladder=(
            Rung("one window", x=TWO, filters=FILTER, stride=2),
            Rung(
                "four windows: Brown's image, filters of 1/4",
                x=BROWN_IMAGE,
                filters=array([[1, 1], [1, 1]]).reshape(2, 2, 1, 1) / 4,
                stride=2,
            ),
            Rung("windows that overlap", x=THREE, filters=FILTER, stride=1),
            Rung("a stride that does not fit", x=THREE, filters=FILTER, stride=2),
            Rung("several input channels", x=picture([[1]], [[4]]), filters=array([[[[3], [5]]]]), stride=1),
            Rung("several filters", x=picture([[1]], [[4]]), filters=array([[[[1, 5, 0], [4, 0, 3]]]]), stride=1),
            Rung("H != W", x=WIDE, filters=FILTER, stride=2),
            Rung("a batch", x=batch([[2, 7], [4, 1]], [[5, 0], [3, 6]]), filters=FILTER, stride=2),
        ),
        cases=(
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
        ladder=(
            Rung("a grey area stays grey", x=picture([[8, 8, 8], [8, 8, 8], [8, 8, 8]]), stride=1),
            Rung("columns that differ", x=picture([[0, 4, 8, 0]] * 4), stride=1),
            Rung("rows that differ", x=picture([[0] * 4, [4] * 4, [8] * 4, [0] * 4]), stride=1),
            Rung("both: a single 16 beside the corner", x=IMPULSE, stride=1),
            Rung("stride 2", x=IMPULSE, stride=2),
            Rung("an odd size", x=picture([[16, 0, 0], [0, 0, 0], [0, 0, 32]]), stride=2),
            Rung("several channels", x=picture([[8, 8], [8, 8]], [[0, 16], [0, 0]]), stride=1),
            Rung("H != W: stripes one pixel wide", x=STRIPES, stride=2),
            Rung("a batch", x=batch([[8, 8], [8, 8]], [[0, 16], [0, 0]]), stride=1),
        ),
        cases=(
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
        ladder=(
            Rung("no move", x=THREE, down=0, right=0),
            Rung("one row down", x=THREE, down=1, right=0),
            Rung("one row up", x=THREE, down=-1, right=0),
            Rung("one column to the right", x=THREE, down=0, right=1),
            Rung("two columns to the left", x=THREE, down=0, right=-2),
            Rung("both, H != W: the numbers 1 to 12", x=COUNTED, down=1, right=-2),
            Rung("several channels", x=picture([[2, 7], [4, 1]], [[5, 0], [3, 6]]), down=1, right=0),
            Rung("a batch", x=batch([[2, 7], [4, 1]], [[5, 0], [3, 6]]), down=0, right=1),
        ),
        cases=(
            Case("up and to the right", public=True, x=normal(2, 6, 5, 3), down=-2, right=1),
            Case("down only", public=True, x=normal(2, 5, 6, 2), down=3, right=0),
            Case("to the left only", x=normal(3, 4, 6, 2), down=0, right=-3),
            Case("down and to the right", x=normal(2, 5, 7, 3), down=1, right=4),
            Case("no move at all", x=normal(2, 3, 4, 2), down=0, right=0),
            Case("float64", public=True, dtype="float64", x=normal(2, 4, 5, 2), down=-1, right=2),
        ),
        domain=shifting,
    ),
    Question(
        "equivariance_gap",
        points=1,
        ladder=(
            Rung("one column", f=code(f"lambda x: x * {BRIGHTER_TO_THE_RIGHT}"), x=ALL_DIFFERENT, down=0, right=1),
            Rung("one row", f=code(f"lambda x: x * {BRIGHTER_DOWNWARDS}"), x=ALL_DIFFERENT, down=1, right=0),
            Rung(
                "negative differences", f=code(f"lambda x: -x * {BRIGHTER_DOWNWARDS}"), x=ALL_DIFFERENT, down=1, right=0
            ),
            Rung("to the left", f=code(f"lambda x: x * {BRIGHTER_TO_THE_RIGHT}"), x=ALL_DIFFERENT, down=0, right=-1),
            Rung("two columns, H != W", f=code(f"lambda x: x * {BRIGHTER_TO_THE_RIGHT}"), x=WIDER, down=0, right=2),
            Rung(
                "a 3x3 filter: no gap",
                f=code(f"lambda x: tf.nn.conv2d(x, {SOBEL}, 1, 'SAME')"),
                x=WIDER,
                down=0,
                right=1,
            ),
            Rung(
                "a map smaller than the image",
                f=code(f"lambda x: (x * {BRIGHTER_DOWNWARDS})[:, :, :-2]"),
                x=ALL_DIFFERENT,
                down=1,
                right=0,
            ),
            Rung(
                "several images and channels",
                f=code(f"lambda x: x * {BRIGHTER_DOWNWARDS}"),
                x=array([ALL_DIFFERENT[0], 9 - ALL_DIFFERENT[0]]).repeat(2, 3) * array([1, 2]),
                down=1,
                right=0,
            ),
        ),
        cases=(
            Case(
                "a 3x3 convolution without padding, a light from the left",
                f=code(f"lambda x: {SLIGHTLY_BRIGHTER_TO_THE_RIGHT}(tf.nn.conv2d(x, {SOBEL}, 1, 'VALID'))"),
                x=normal(2, 9, 10, 1),
                down=-2,
                right=-2,
            ),
            Case(
                "2x2 max pooling with stride 2",
                f=code("lambda x: tf.nn.max_pool2d(x, 2, 2, 'VALID')"),
                x=distinct(2, 16, 20, 2),
                down=1,
                right=-2,
            ),
            Case(
                "a light in the corner: the brightness depends on the place",
                f=code(f"lambda x: 1 - x * {CORNER_LIGHT}"),
                x=uniform(2, 9, 8, 2, low=1.0, high=1.5),
                down=-2,
                right=1,
            ),
            Case(
                "max pooling with stride 1, a light from the left",
                f=code(f"lambda x: {SLIGHTLY_BRIGHTER_TO_THE_RIGHT}(tf.nn.max_pool2d(x, 3, 1, 'SAME'))"),
                x=distinct(2, 8, 9, 2, low=0.5, high=3.5),
                down=2,
                right=-1,
            ),
            Case(
                "max pooling by 2, stretched back, moved by one pixel",
                f=code("lambda x: tf.repeat(tf.repeat(tf.nn.max_pool2d(x, 2, 2, 'VALID'), 2, 1), 2, 2)"),
                x=distinct(2, 10, 12, 2),
                down=0,
                right=1,
            ),
            Case(
                "a mirror: moves the other way",
                f=code("lambda x: tf.reverse(x, [2])"),
                x=normal(3, 8, 10, 2),
                down=1,
                right=2,
            ),
            Case(
                "a light in the far corner: the gap is largest at the end of the interior",
                f=code(f"lambda x: 1 - x * {FAR_LIGHT}"),
                x=uniform(2, 8, 9, 2, low=1.0, high=1.5),
                down=1,
                right=-1,
            ),
            Case(
                "float64",
                dtype="float64",
                f=code("lambda x: tf.reverse(x, [1])"),
                x=normal(2, 8, 7, 2),
                down=1,
                right=-1,
            ),
        ),
        domain=commuting,
    ),
)

"""Ten questions, from the moving sum to the receptive field: what is called, on which inputs, for how many points."""

from dataclasses import replace

from autograder.question import AUTODIFF, Ban, Case, Question, Rung, array, distinct, integer, normal

# Every way to a library's convolution: 1-D to 3-D, depthwise, transposed, the backward operations, NumPy's and SciPy's.
NO_LIBRARY = Ban(
    ops=(
        "Conv",
        "Conv2D",
        "Conv2DBackpropFilter",
        "Conv2DBackpropFilterV2",
        "Conv2DBackpropInput",
        "Conv2DBackpropInputV2",
        "Conv3D",
        "Conv3DBackpropFilter",
        "Conv3DBackpropFilterV2",
        "Conv3DBackpropInput",
        "Conv3DBackpropInputV2",
        "DepthwiseConv2dNative",
        "DepthwiseConv2dNativeBackpropFilter",
        "DepthwiseConv2dNativeBackpropInput",
        "FusedPadConv2D",
        "FusedResizeAndPadConv2D",
        "XlaConv",
        "XlaConvV2",
        "_FusedConv2D",
        "_FusedDepthwiseConv2dNative",
    ),
    names=(
        # tf.nn, tf.compat.v1.nn and tf.keras.backend
        "conv1d",
        "conv2d",
        "conv3d",
        "conv1d_transpose",
        "conv2d_transpose",
        "conv3d_transpose",
        "conv_transpose",
        "convolution",
        "atrous_conv2d",
        "atrous_conv2d_transpose",
        "depthwise_conv2d",
        "depthwise_conv2d_native",
        "separable_conv2d",
        "conv2d_backprop_filter",
        "conv2d_backprop_input",
        "depthwise_conv2d_backprop_filter",
        "depthwise_conv2d_backprop_input",
        "depthwise_conv2d_native_backprop_filter",
        "depthwise_conv2d_native_backprop_input",
        # tf.raw_ops
        "Conv",
        "Conv2DBackpropFilter",
        "Conv2DBackpropFilterV2",
        "Conv2DBackpropInput",
        "Conv2DBackpropInputV2",
        "Conv3DBackpropInput",
        "Conv3DBackpropInputV2",
        "DepthwiseConv2dNative",
        "DepthwiseConv2dNativeBackpropFilter",
        "DepthwiseConv2dNativeBackpropInput",
        "FusedPadConv2D",
        "FusedResizeAndPadConv2D",
        # keras.layers; Conv2D and Conv3D are raw operations too
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "Conv1DTranspose",
        "Conv2DTranspose",
        "Conv3DTranspose",
        "Convolution1D",
        "Convolution2D",
        "Convolution3D",
        "Convolution1DTranspose",
        "Convolution2DTranspose",
        "Convolution3DTranspose",
        "DepthwiseConv1D",
        "DepthwiseConv2D",
        "SeparableConv1D",
        "SeparableConv2D",
        "SeparableConvolution1D",
        "SeparableConvolution2D",
        # keras.ops
        "conv",
        "depthwise_conv",
        "separable_conv",
        # numpy, scipy.signal, scipy.ndimage and cv2
        "convolve",
        "convolve1d",
        "convolve2d",
        "correlate",
        "correlate1d",
        "correlate2d",
        "fftconvolve",
        "oaconvolve",
        "filter2D",
        "sepFilter2D",
    ),
    instead="tensor operations: slices, tf.pad, tf.einsum, tf.tensordot, tf.image.extract_patches",
)

# Backward is written by hand, so the tape is off limits there too.
BY_HAND = replace(
    NO_LIBRARY,
    names=(*NO_LIBRARY.names, *AUTODIFF),
    instead="the two sums of section 6: slices, tf.pad, tf.einsum, tf.tensordot, tf.tensor_scatter_nd_add",
)


def picture(*channels):
    """One image (1, height, width, channels) from a matrix for each channel."""
    return array(channels).transpose(1, 2, 0)[None]


def kernel(*channels):
    """One filter (kh, kw, c_in, 1) from a matrix for each input channel."""
    return array(channels).transpose(1, 2, 0)[..., None]


SIGNAL = array([5, 9, 2, 6, 7, 9, 8])
EDGE = array([1, 0, -1])

# (1, 5, 5, 1) and (3, 3, 1, 1): the image and the filter of the EPFL and UCLA slides.
IMAGE = picture([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
FILTER = kernel([[1, 0, 1], [0, 1, 0], [1, 0, 1]])

# The small images and filters of the ladders: no two entries that a mistake exchanges are equal, no filter is symmetric.
TWO = picture([[1, 2], [4, 7]])
THREE = picture([[1, 2, 0], [4, 3, 6], [0, 5, 1]])
FOUR = picture([[1, 2, 0, 3], [4, 1, 5, 0], [0, 3, 2, 1], [6, 0, 1, 4]])
EVEN = kernel([[1, 2], [0, 5]])
ODD = kernel([[1, 2, 0], [0, 0, 4], [0, 0, 3]])

# The receptive field and the curve detector of the UCLA slides: their product sums to 6600.
PATCH = picture(
    [
        [0, 0, 0, 0, 0, 0, 30],
        [0, 0, 0, 0, 50, 50, 50],
        [0, 0, 0, 20, 50, 0, 0],
        [0, 0, 0, 50, 50, 0, 0],
        [0, 0, 0, 50, 50, 0, 0],
        [0, 0, 0, 50, 50, 0, 0],
        [0, 0, 0, 50, 50, 0, 0],
    ]
)
CURVE = kernel(
    [
        [0, 0, 0, 0, 0, 30, 0],
        [0, 0, 0, 0, 30, 0, 0],
        [0, 0, 0, 30, 0, 0, 0],
        [0, 0, 0, 30, 0, 0, 0],
        [0, 0, 0, 30, 0, 0, 0],
        [0, 0, 0, 30, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]
)


# What the functions promise to take: any sizes, filters and strides that fit, in every form.


def integers(rng, low, high, count):
    return [int(value) for value in rng.integers(low, high + 1, count)]


def signal(rng):
    f, more = integers(rng, 1, 6, 2)
    return {"x": normal(f + more - 1), "w": normal(f)}


def matrix(rng):
    f, more = integers(rng, 1, 6, 2)
    return {"w": normal(f), "n": f + more - 1}


def sizes(rng):
    n, f, stride, p = (
        *integers(rng, 1, 40, 1),
        *integers(rng, 1, 9, 1),
        *integers(rng, 1, 5, 1),
        *integers(rng, 0, 4, 1),
    )
    padding = ("SAME", "VALID", p)[rng.integers(3)]
    border = p if padding == p else 0
    return {"n": n if padding == "SAME" else max(n, f - 2 * border), "f": f, "stride": stride, "padding": padding}


def same_sizes(rng):
    drawn = sizes(rng)
    del drawn["padding"]
    return drawn


def convolution(rng):
    (n, c_in, c_out), (height, width) = integers(rng, 1, 3, 3), integers(rng, 1, 8, 2)
    same = bool(rng.random() < 0.5)
    kh, kw = (integers(rng, 1, 5 if same else min(5, size), 1)[0] for size in (height, width))
    strides = integers(rng, 1, 4, 2) if rng.random() < 0.7 else integers(rng, 1, 4, 1) * 2
    forms = [tuple(strides), [1, *strides, 1]] + ([strides[0]] if strides[0] == strides[1] else [])
    return {
        "input": normal(n, height, width, c_in),
        "filters": normal(kh, kw, c_in, c_out),
        "strides": forms[rng.integers(len(forms))],
        "padding": "SAME" if same else "VALID",
    }


def convolution_backward(rng):
    drawn = convolution(rng)
    (n, height, width, _), (kh, kw, _, c_out) = drawn["input"].shape, drawn["filters"].shape
    strides = drawn["strides"]
    sh, sw = (strides, strides) if isinstance(strides, int) else strides[-3:-1] if len(strides) == 4 else strides
    fits = drawn["padding"] == "VALID"
    axes = ((height, kh, sh), (width, kw, sw))
    out = [(size - k) // s + 1 if fits else -(-size // s) for size, k, s in axes]
    return {"dy": normal(n, *out, c_out), **drawn}


def layer(rng):
    drawn = convolution(rng)
    drawn["x"], drawn["bias"] = drawn.pop("input"), normal(drawn["filters"].shape[-1])
    if drawn["padding"] == "SAME":
        for name in ("strides", "padding"):
            if rng.random() < 0.3:
                del drawn[name]
    return drawn


def parameters(rng):
    names = ("kh", "kw", "c_in", "c_out")
    return {**dict(zip(names, integers(rng, 1, 12, 4), strict=True)), "use_bias": bool(rng.random() < 0.5)}


def dense(rng):
    kh, kw, c_in, c_out = integers(rng, 1, 3, 4)
    more, wider = integers(rng, 0, 3, 2)
    return {"filters": normal(kh, kw, c_in, c_out), "height": kh + more, "width": kw + wider}


def layers(rng):
    count = integers(rng, 0, 6, 1)[0]
    return {"layers": list(zip(integers(rng, 1, 11, count), integers(rng, 1, 4, count), strict=True))}


QUESTIONS = (
    Question(
        "conv1d",
        points=2,
        wrt=("x", "w"),
        ban=NO_LIBRARY,
        ladder=(
            Rung("a filter with one tap", x=array([2, 5, 1]), w=array([3])),
            Rung("two taps, so the order matters", x=array([1, 4, 2]), w=array([3, 1])),
            Rung("three taps: the lecture's signal", x=SIGNAL, w=EDGE),
            Rung("as long as the signal", x=array([1, 2, 4]), w=array([3, 0, 5])),
        ),
        cases=(
            Case("a filter without symmetry", public=True, x=array([1, 2, 0, -1, 3, 1]), w=array([1, 2, 3])),
            Case("a filter with four taps", x=normal(9), w=normal(4)),
            Case("a filter with two taps", x=normal(6), w=normal(2)),
            Case("a filter as long as the signal", x=normal(5), w=normal(5)),
            Case("float64", public=True, dtype="float64", x=normal(8), w=normal(3)),
        ),
        domain=signal,
    ),
    Question(
        "toeplitz_matrix",
        points=2,
        wrt=("w",),
        ladder=(
            Rung("one tap", w=array([3]), n=2),
            Rung("two taps", w=array([4, 1]), n=3),
            Rung("more rows", w=array([4, 1]), n=5),
            Rung("three taps: the lecture's 5x7 matrix", w=EDGE, n=7),
            Rung("as long as the signal", w=array([2, 5, 1]), n=3),
        ),
        cases=(
            Case("a filter without symmetry", public=True, w=array([1, 2, 3]), n=5),
            Case("a filter with four taps", w=normal(4), n=9),
            Case("a filter with two taps", w=normal(2), n=integer(5, 8)),
            Case("a filter as long as the signal", w=normal(5), n=5),
            Case("float64", public=True, dtype="float64", w=normal(3), n=6),
        ),
        domain=matrix,
    ),
    Question(
        "conv_output_size",
        points=2,
        ladder=(
            Rung("a filter of one pixel", n=5, f=1, stride=1, padding="VALID"),
            Rung("a filter of three pixels", n=7, f=3, stride=1, padding="VALID"),
            Rung("stride 2", n=7, f=3, stride=2, padding="VALID"),
            Rung("a stride that does not fit", n=7, f=3, stride=3, padding="VALID"),
            Rung("a border of one pixel", n=7, f=3, stride=1, padding=1),
            Rung("a border and a stride", n=8, f=3, stride=2, padding=1),
            Rung("SAME", n=6, f=3, stride=1, padding="SAME"),
            Rung("SAME with an even filter", n=6, f=4, stride=1, padding="SAME"),
            Rung("SAME with a stride", n=6, f=3, stride=2, padding="SAME"),
            Rung("SAME with a stride that does not fit", n=7, f=2, stride=3, padding="SAME"),
        ),
        cases=(
            Case("a border of 0, an image as large as AlexNet's", n=integer(200, 240), f=11, stride=4, padding=0),
            Case("a stride that never fits", n=integer(23, 30), f=4, stride=9, padding="VALID"),
            Case("an even filter, SAME", n=integer(8, 40), f=4, stride=1, padding="SAME"),
            Case("an odd filter and a stride, SAME", n=integer(10, 40), f=3, stride=4, padding="SAME"),
            Case("a drawn size, VALID", n=integer(20, 60), f=integer(2, 7), stride=integer(1, 4), padding="VALID"),
            Case("a drawn size and border", n=integer(20, 60), f=integer(2, 7), stride=3, padding=integer(1, 3)),
        ),
        domain=sizes,
    ),
    Question(
        "same_padding",
        points=2,
        returns=("before", "after"),
        ladder=(
            Rung("a filter of one pixel", n=5, f=1, stride=1),
            Rung("one zero on each side", n=7, f=3, stride=1),
            Rung("an even filter", n=6, f=4, stride=1),
            Rung("stride 2", n=6, f=3, stride=2),
            Rung("a stride that does not divide the size", n=7, f=3, stride=2),
            Rung("an even filter and a stride", n=7, f=4, stride=2),
            Rung("a stride larger than the filter", n=5, f=1, stride=3),
        ),
        cases=(
            Case("stride 1", n=integer(9, 30), f=integer(3, 8), stride=1),
            Case("a filter as in ResNet's first layer", n=integer(200, 240), f=7, stride=2),
            Case("a stride that never divides the size", n=integer(21, 24), f=integer(6, 9), stride=5),
            Case("a stride that divides the size", n=60, f=integer(7, 12), stride=integer(2, 6)),
            Case("more stride than filter", n=integer(20, 40), f=integer(1, 3), stride=integer(4, 7)),
            Case("a drawn size", n=integer(10, 40), f=integer(3, 6), stride=2),
        ),
        domain=same_sizes,
    ),
    Question(
        "conv2d",
        points=5,
        seconds=60,
        wrt=("input", "filters"),
        ban=NO_LIBRARY,
        ladder=(
            Rung("a 1x1 filter", input=TWO, filters=kernel([[3]]), strides=1, padding="VALID"),
            Rung(
                "several input channels",
                input=picture([[1, 2], [4, 7]], [[3, 0], [5, 6]]),
                filters=kernel([[10]], [[1]]),
                strides=1,
                padding="VALID",
            ),
            Rung(
                "several filters",
                input=picture([[1]], [[2]]),
                filters=array([[[[1, 5, 0], [4, 0, 3]]]]),
                strides=1,
                padding="VALID",
            ),
            Rung("a 3x3 filter, VALID", input=FOUR, filters=ODD, strides=1, padding="VALID"),
            Rung("SAME", input=THREE, filters=ODD, strides=1, padding="SAME"),
            Rung("SAME with an even filter", input=THREE, filters=EVEN, strides=1, padding="SAME"),
            Rung("stride 2", input=FOUR, filters=EVEN, strides=2, padding="VALID"),
            Rung("a stride that does not fit", input=THREE, filters=EVEN, strides=2, padding="VALID"),
            Rung("stride 2, SAME", input=FOUR, filters=ODD, strides=2, padding="SAME"),
            Rung("unequal strides", input=THREE, filters=kernel([[3]]), strides=(1, 2), padding="VALID"),
            Rung(
                "strides as a list of four", input=THREE, filters=kernel([[3]]), strides=[1, 2, 1, 1], padding="VALID"
            ),
            Rung("a filter that is not square", input=THREE, filters=kernel([[1, 3]]), strides=1, padding="VALID"),
            Rung("H != W", input=picture([[1, 2, 0, 3], [4, 1, 5, 0]]), filters=EVEN, strides=1, padding="VALID"),
            Rung(
                "a batch",
                input=array([[[1, 2], [4, 7]], [[3, 0], [5, 6]]])[..., None],
                filters=EVEN,
                strides=1,
                padding="VALID",
            ),
        ),
        cases=(
            Case("the lecture's 5x5 image", public=True, input=IMAGE, filters=FILTER, strides=1, padding="VALID"),
            Case("the lecture's curve, 6600", public=True, input=PATCH, filters=CURVE, strides=1, padding="VALID"),
            Case(
                "unequal strides as a list of four, SAME",
                public=True,
                input=normal(2, 8, 7, 3),
                filters=normal(3, 4, 3, 2),
                strides=[1, 2, 3, 1],
                padding="SAME",
            ),
            Case(
                "the 5x5 image with stride 2",
                public=True,
                input=IMAGE,
                filters=FILTER,
                strides=[1, 2, 2, 1],
                padding="VALID",
            ),
            Case(
                "strides 3 and 2 that do not fit, VALID",
                input=normal(2, 9, 8, 2),
                filters=normal(2, 3, 2, 3),
                strides=(3, 2),
                padding="VALID",
            ),
            Case(
                "an even image with stride 2, SAME",
                input=normal(2, 6, 8, 2),
                filters=normal(3, 3, 2, 3),
                strides=2,
                padding="SAME",
            ),
            Case(
                "an even filter, SAME",
                input=normal(2, 5, 7, 3),
                filters=normal(4, 2, 3, 2),
                strides=1,
                padding="SAME",
            ),
            Case(
                "unequal strides as a pair, SAME",
                input=normal(2, 7, 6, 2),
                filters=normal(2, 5, 2, 2),
                strides=(1, 2),
                padding="SAME",
            ),
            Case(
                "more stride than filter, SAME",
                input=normal(2, 5, 6, 3),
                filters=normal(1, 1, 3, 4),
                strides=(3, 2),
                padding="SAME",
            ),
            Case(
                "a 3x2 filter, stride 1, VALID",
                input=normal(2, 6, 5, 2),
                filters=normal(3, 2, 2, 3),
                strides=1,
                padding="VALID",
            ),
            Case(
                "a 3x5 filter, strides 1 and 2, SAME",
                input=normal(2, 8, 6, 2),
                filters=normal(3, 5, 2, 2),
                strides=(1, 2),
                padding="SAME",
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                input=normal(2, 4, 5, 2),
                filters=normal(2, 3, 2, 3),
                strides=(1, 2),
                padding="SAME",
            ),
        ),
        domain=convolution,
    ),
    Question(
        "conv2d_backward",
        points=4,
        seconds=30,
        returns=("dinput", "dfilters"),
        ban=BY_HAND,
        ladder=(
            Rung("one window", dy=picture([[3]]), input=TWO, filters=EVEN, strides=1, padding="VALID"),
            Rung(
                "windows that overlap",
                dy=picture([[1, 2], [0, 4]]),
                input=THREE,
                filters=EVEN,
                strides=1,
                padding="VALID",
            ),
            Rung(
                "several input channels",
                dy=picture([[2]]),
                input=picture([[1]], [[4]]),
                filters=kernel([[3]], [[5]]),
                strides=1,
                padding="VALID",
            ),
            Rung(
                "several filters",
                dy=picture([[2]], [[1]], [[6]]),
                input=picture([[1]], [[4]]),
                filters=array([[[[1, 5, 0], [4, 0, 3]]]]),
                strides=1,
                padding="VALID",
            ),
            Rung(
                "a 3x3 filter: the lecture's image",
                dy=picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
                input=IMAGE,
                filters=FILTER,
                strides=1,
                padding="VALID",
            ),
            Rung("SAME", dy=picture([[1, 0], [2, 4]]), input=TWO, filters=ODD, strides=1, padding="SAME"),
            Rung(
                "SAME with an even filter",
                dy=picture([[1, 0], [2, 4]]),
                input=TWO,
                filters=EVEN,
                strides=1,
                padding="SAME",
            ),
            Rung(
                "stride 2", dy=picture([[1, 2], [0, 4]]), input=THREE, filters=kernel([[3]]), strides=2, padding="VALID"
            ),
            Rung(
                "pixels that no window sees", dy=picture([[2]]), input=THREE, filters=EVEN, strides=2, padding="VALID"
            ),
            Rung("stride 2, SAME", dy=picture([[2]]), input=TWO, filters=ODD, strides=2, padding="SAME"),
            Rung(
                "unequal strides",
                dy=picture([[1, 2], [0, 4], [5, 3]]),
                input=THREE,
                filters=kernel([[3]]),
                strides=(1, 2),
                padding="VALID",
            ),
            Rung(
                "strides as a list of four",
                dy=picture([[1, 2, 0], [4, 5, 3]]),
                input=THREE,
                filters=kernel([[3]]),
                strides=[1, 2, 1, 1],
                padding="VALID",
            ),
            Rung(
                "H != W",
                dy=picture([[2, 1]]),
                input=picture([[1, 2, 0], [4, 3, 6]]),
                filters=EVEN,
                strides=1,
                padding="VALID",
            ),
            Rung(
                "a batch",
                dy=array([[[2]], [[1]]])[..., None],
                input=array([[[1, 2], [4, 7]], [[3, 0], [5, 6]]])[..., None],
                filters=EVEN,
                strides=1,
                padding="VALID",
            ),
        ),
        cases=(
            Case(
                "unequal strides as a list of four, SAME",
                dy=normal(2, 4, 3, 2),
                input=normal(2, 8, 7, 3),
                filters=normal(3, 4, 3, 2),
                strides=[1, 2, 3, 1],
                padding="SAME",
            ),
            Case(
                "strides 3 and 2 that do not fit, VALID",
                dy=normal(2, 3, 3, 3),
                input=normal(2, 9, 8, 2),
                filters=normal(2, 3, 2, 3),
                strides=(3, 2),
                padding="VALID",
            ),
            Case(
                "an even image with stride 2, SAME",
                dy=normal(2, 3, 4, 3),
                input=normal(2, 6, 8, 2),
                filters=normal(3, 3, 2, 3),
                strides=2,
                padding="SAME",
            ),
            Case(
                "an even filter, SAME",
                dy=normal(3, 5, 7, 2),
                input=normal(3, 5, 7, 3),
                filters=normal(4, 2, 3, 2),
                strides=1,
                padding="SAME",
            ),
            Case(
                "unequal strides as a pair, SAME",
                dy=normal(2, 7, 3, 2),
                input=normal(2, 7, 6, 2),
                filters=normal(2, 5, 2, 2),
                strides=(1, 2),
                padding="SAME",
            ),
            Case(
                "more stride than filter, SAME",
                dy=normal(2, 2, 3, 4),
                input=normal(2, 5, 6, 3),
                filters=normal(1, 1, 3, 4),
                strides=(3, 2),
                padding="SAME",
            ),
            Case(
                "a 3x2 filter, stride 1, VALID",
                dy=normal(2, 4, 4, 3),
                input=normal(2, 6, 5, 2),
                filters=normal(3, 2, 2, 3),
                strides=1,
                padding="VALID",
            ),
            Case(
                "a 3x5 filter, strides 1 and 2, SAME",
                dy=normal(2, 8, 3, 2),
                input=normal(2, 8, 6, 2),
                filters=normal(3, 5, 2, 2),
                strides=(1, 2),
                padding="SAME",
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                dy=normal(2, 4, 3, 3),
                input=normal(2, 4, 5, 2),
                filters=normal(2, 3, 2, 3),
                strides=(1, 2),
                padding="SAME",
            ),
        ),
        domain=convolution_backward,
    ),
    Question(
        "conv_layer",
        points=2,
        wrt=("x", "filters", "bias"),
        ladder=(
            Rung("a bias", x=TWO, filters=kernel([[3]]), bias=array([-10])),
            Rung("a bias for each filter", x=picture([[2]]), filters=array([[[[1, 5, 3]]]]), bias=array([4, -20, 0])),
            Rung("a 2x2 filter, padding by default", x=TWO, filters=EVEN, bias=array([1])),
            Rung("VALID", x=TWO, filters=EVEN, bias=array([1]), padding="VALID"),
            Rung("stride 2", x=THREE, filters=kernel([[3]]), bias=array([1]), strides=2),
            Rung("unequal strides", x=THREE, filters=kernel([[3]]), bias=array([1]), strides=(1, 2)),
        ),
        cases=(
            Case(
                "the default strides and padding",
                public=True,
                x=normal(2, 5, 6, 3),
                filters=normal(3, 2, 3, 4),
                bias=distinct(4),
            ),
            Case(
                "unequal strides, VALID",
                public=True,
                x=normal(2, 7, 6, 2),
                filters=normal(2, 3, 2, 3),
                bias=distinct(3),
                strides=(2, 1),
                padding="VALID",
            ),
            Case(
                "an even image with stride 2, SAME",
                x=normal(2, 6, 8, 2),
                filters=normal(3, 3, 2, 3),
                bias=distinct(3),
                strides=2,
                padding="SAME",
            ),
            Case(
                "strides as a list of four",
                x=normal(3, 6, 7, 2),
                filters=normal(3, 2, 2, 2),
                bias=distinct(2),
                strides=[1, 1, 3, 1],
                padding="VALID",
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(2, 4, 5, 2),
                filters=normal(2, 3, 2, 3),
                bias=distinct(3),
                strides=(1, 2),
                padding="VALID",
            ),
        ),
        domain=layer,
    ),
    Question(
        "conv_params",
        points=1,
        ladder=(
            Rung("one filter of 2x3", kh=2, kw=3, c_in=1, c_out=1, use_bias=False),
            Rung("several input channels", kh=2, kw=3, c_in=4, c_out=1, use_bias=False),
            Rung("several filters: the lecture's 750 weights", kh=5, kw=5, c_in=3, c_out=10, use_bias=False),
            Rung("biases", kh=5, kw=5, c_in=3, c_out=10, use_bias=True),
        ),
        cases=(
            Case("a large first layer", kh=11, kw=integer(8, 10), c_in=3, c_out=integer(40, 96), use_bias=True),
            Case("a 1x1 filter", kh=1, kw=1, c_in=integer(30, 64), c_out=integer(65, 256), use_bias=True),
            Case(
                "a drawn layer",
                kh=integer(2, 4),
                kw=integer(5, 7),
                c_in=integer(8, 16),
                c_out=integer(20, 40),
                use_bias=True,
            ),
            Case(
                "a drawn layer without a bias",
                kh=integer(5, 7),
                kw=integer(2, 4),
                c_in=integer(8, 16),
                c_out=integer(20, 40),
                use_bias=False,
            ),
        ),
        domain=parameters,
    ),
    Question(
        "dense_matrix",
        points=3,
        wrt=("filters",),
        ladder=(
            Rung("a 1x1 filter on two pixels", filters=kernel([[3]]), height=1, width=2),
            Rung("two taps in a row", filters=kernel([[3, 5]]), height=1, width=3),
            Rung("two taps in a column", filters=kernel([[3], [5]]), height=3, width=1),
            Rung("rows and columns", filters=EVEN, height=2, width=3),
            Rung("several input channels", filters=kernel([[3]], [[5]]), height=1, width=2),
            Rung("several filters", filters=array([[[[3, 5, 2]]]]), height=1, width=2),
        ),
        cases=(
            Case("one row of seven pixels", public=True, filters=array([[[[1]], [[2]], [[3]]]]), height=1, width=7),
            Case("several channels", public=True, filters=normal(2, 3, 2, 3), height=4, width=5),
            Case("a tall image", filters=normal(3, 2, 1, 2), height=5, width=3),
            Case("a wide image", filters=normal(2, 2, 3, 1), height=3, width=5),
            Case("a filter as large as the image", filters=normal(3, 4, 2, 3), height=3, width=4),
            Case("a 1x1 filter", filters=normal(1, 1, 2, 3), height=2, width=3),
            Case("float64", public=True, dtype="float64", filters=normal(2, 2, 2, 2), height=3, width=4),
        ),
        domain=dense,
    ),
    Question(
        "receptive_field",
        points=2,
        ladder=(
            Rung("no layer at all", layers=[]),
            Rung("a single layer", layers=[(3, 1)]),
            Rung("two layers", layers=[(3, 1), (3, 1)]),
            Rung("a stride in the last layer", layers=[(3, 1), (3, 2)]),
            Rung("a stride in the first layer", layers=[(3, 2), (3, 1)]),
            Rung("two strides", layers=[(2, 2), (2, 3), (3, 1)]),
            Rung("LeNet's first four layers", layers=[(5, 1), (2, 2), (5, 1), (2, 2)]),
        ),
        cases=(
            Case("one layer", layers=[(integer(4, 30), 2)]),
            Case("strides first", layers=[(3, integer(2, 4)), (integer(2, 7), 3), (5, 1), (integer(2, 7), 1)]),
            Case("kernels that grow", layers=[(2, 1), (integer(3, 5), 2), (integer(6, 9), integer(2, 3)), (11, 2)]),
            Case(
                "as deep as AlexNet",
                layers=[
                    (integer(8, 12), 4),
                    (3, 2),
                    (integer(4, 6), 1),
                    (3, 2),
                    (integer(2, 4), 1),
                    (3, integer(1, 2)),
                    (3, 1),
                    (integer(2, 4), 2),
                ],
            ),
        ),
        domain=layers,
    ),
)

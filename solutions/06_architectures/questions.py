"""The architectures of the lectures, from AlexNet to SENet: what is called, on which inputs, and for how many points."""

from dataclasses import dataclass

import numpy as np

from autograder.question import (
    Case,
    Draw,
    Exam,
    ModelQuestion,
    Question,
    Rung,
    array,
    code,
    distinct,
    integer,
    labels,
    normal,
    probe,
)
from autograder.strokes import strokes

# Draws


@dataclass(frozen=True)
class Layers(Draw):
    """A list of layers as `layer_table` takes it, in which numbers may be draws."""

    rows: tuple = ()

    def sample(self, rng, dtype="float32"):
        return [tuple(n.sample(rng) if isinstance(n, Draw) else n for n in row) for row in self.rows]


def drawn_layers(*rows):
    return Layers("layers", (), rows=rows)


@dataclass(frozen=True)
class Tied(Draw):
    """Scores with many ties: whole numbers below `high`, as floats."""

    def sample(self, rng, dtype="float32"):
        return rng.integers(0, int(self.high), self.shape).astype(dtype)


def whole(*numbers):
    """Whole numbers that are written down, e.g. labels."""
    return np.asarray(numbers, np.int32)


def pixel(*channels):
    """An image of one pixel."""
    return array(channels)[None, None, None, :]


def image(*rows):
    """One image with one channel."""
    return array(rows)[None, :, :, None]


def filters(values, *shape):
    """Filters of (kh, kw, c_in, c_out)."""
    return array(values).reshape(shape)


# Probes: what is called in the place of the student's functions. They make a tuple of the weights, so that each can be drawn
# and differentiated on its own.


@probe
def use_inception_block(inception_block, x, one, three_reduce, three, five_reduce, five, pool):
    return inception_block(x, (one, three_reduce, three, five_reduce, five, pool))


@probe
def use_residual_block(residual_block, x, first, second, projection, **settings):
    return residual_block(x, (first, second, projection), **settings)


@probe
def use_bottleneck_block(bottleneck_block, x, reduce, middle, expand, projection, **settings):
    return bottleneck_block(x, (reduce, middle, expand, projection), **settings)


@probe
def use_dense_block(dense_block, x, first, second=None, third=None):
    return dense_block(x, [filters for filters in (first, second, third) if filters is not None])


@probe
def use_inception_resnet_block(
    inception_resnet_block, x, one, two_reduce, two, three_reduce, three_a, three_b, up, **settings
):
    return inception_resnet_block(x, (one, two_reduce, two, three_reduce, three_a, three_b, up), **settings)


@probe
def use_gradient_norms(gradient_norms, **arguments):
    try:
        return gradient_norms(**arguments)
    except (AttributeError, TypeError, ValueError) as error:
        if "None" not in str(error):
            raise
        raise ValueError(
            f"{error} A gradient that is None: the tape knows of no way from the weights to the output. Tell it to watch "
            "the weights before you use them: they are constants, no variables."
        ) from error


@probe
def with_given_weights(build, seed, **arguments):
    """The model that is built, with weights that depend on nothing but their names, their shapes and the seed.

    Layers of the same shape get the same weights, so it does not matter in which order a model was built.
    """
    import keras
    import numpy as np

    model = build(**arguments)
    if not isinstance(model, keras.Model):
        return model
    if model.built and model.count_params() > 1 << 21:
        raise ValueError(
            f"The model has {model.count_params():,} weights, far too many for these images. Is every number of filters "
            "and of hidden units multiplied by `width`?"
        )
    if not model.built:
        model(np.zeros((1, *arguments["input_shape"]), np.float32))
    for weight in model.weights:
        if "seed_generator" in weight.path:
            continue
        kind, shape = weight.path.rpartition("/")[2], tuple(weight.shape)
        while shape[:1] == (1,) and len(shape) > 2:
            shape = shape[1:]  # a 1x1 convolution of one pixel is a dense layer
        rng = np.random.default_rng([seed, *kind.encode(), *shape])
        if kind == "kernel":
            value = rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
        elif kind in ("gamma", "moving_variance"):
            value = rng.uniform(0.5, 1.5, shape)
        else:
            value = rng.normal(0, 0.2, shape)
        weight.assign(value.reshape(weight.shape).astype(np.float32))
    return model


def a_network(size, plan):
    """Two images to predict on, and the architecture that is asked for."""
    return Exam(strokes(0, 2, size, 4)[2], plan=plan)


ARCHITECTURE = {
    "layer table": True,
    "trainable parameters": True,
    "connections": True,
    "saved and loaded": True,
    "output on given weights": True,
}
SEED = integer(0, 1 << 30)


# Architectures in the words of autograder.grader.rules.plan. They are written here once more, independently of the solved
# notebook: every reference is held against its plan before anybody is graded, and the plans against the published counts.


def alexnet_plan(width=1, classes=1000, groups=1):
    a, b, c, d, e = (int(width * n) for n in (96, 256, 384, 256, 4096))
    g = f"g{groups}"
    return (
        f"conv11/4v:{a}b relu max3/2v conv5:{b}{g}b relu max3/2v conv3:{c}b relu conv3:{c}{g}b relu conv3:{d}{g}b relu max3/2v "
        f"dense:{e} relu dropout:0.5 dense:{e} relu dropout:0.5 dense:{classes}"
    )


def vgg_plan(stages, width=1, classes=1000):
    words = []
    for filters, count in zip((64, 128, 256, 512, 512), stages):
        words += [f"conv3:{int(width * filters)}b relu"] * count + ["max2/2"]
    hidden = f"dense:{int(width * 4096)} relu dropout:0.5"
    return " ".join([*words, hidden, hidden, f"dense:{classes}"])


GOOGLENET = (
    (64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), "pool",
    (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64), (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128), "pool",
    (256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128),
)  # fmt: skip


def googlenet_plan(modules=GOOGLENET, width=1, classes=1000):
    def conv(size, filters, stride=""):
        return f"conv{size}{stride}:{int(width * filters)}b relu"

    words = [conv(7, 64, "/2"), "max3/2", conv(1, 64), conv(3, 192), "max3/2"]
    for module in modules:
        if module == "pool":
            words.append("max3/2")
            continue
        one, three_reduce, three, five_reduce, five, pool = module
        words.append(
            f"( {conv(1, one)} | {conv(1, three_reduce)} {conv(3, three)} | {conv(1, five_reduce)} {conv(5, five)} "
            f"| max3 {conv(1, pool)} ) concat"
        )
    return " ".join([*words, "mean dropout:0.4", f"dense:{classes}"])


RESNETS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def resnet_plan(
    stages, width=1, classes=1000, *, bottleneck=True, stride_on="3x3", groups=1, inner=64, gate="", ratio=0
):
    """Also ResNeXt (inner 128, 32 groups times the width) and SE-ResNet (ratio 16)."""
    out = 4 if bottleneck else 1
    words, channels = [f"conv7/2:{int(width * 64)} norm relu max3/2"], int(width * 64)
    g = f"g{groups}" if groups > 1 else ""
    for stage, count in enumerate(stages):
        middle, wide = int(width * inner * 2**stage), int(width * 64 * out * 2**stage)
        for block in range(count):
            step = "/2" if stage and not block else ""
            first, second = (step, "") if stride_on == "1x1" else ("", step)
            if bottleneck:
                path = f"conv1{first}:{middle} norm relu conv3{second}:{middle}{g} norm relu conv1:{wide} norm"
            else:
                path = f"conv3{step}:{wide} norm relu conv3:{wide} norm"
            path += gate
            if ratio:
                path += f" ( | mean dense:{wide // ratio} relu dense:{wide} sigmoid ) multiply"
            shortcut = f"conv1{step}:{wide} norm" if step or channels != wide else ""
            words.append(f"( {path} | {shortcut} ) add relu")
            channels = wide
    return " ".join([*words, "mean", f"dense:{classes}"])


DENSENETS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}


def densenet_plan(stages, width=1, classes=1000):
    growth, channels = int(width * 32), int(width * 64)
    words = [f"conv7/2:{channels} norm relu max3/2"]
    for stage, count in enumerate(stages):
        if stage:
            channels //= 2
            words.append(f"norm relu conv1:{channels} avg2/2")
        words += [f"( | norm relu conv1:{4 * growth} norm relu conv3:{growth} ) concat"] * count
        channels += count * growth
    return " ".join([*words, "norm relu mean", f"dense:{classes}"])


# Cases

ALEXNET = [
    ("conv", 96, 11, 4, 0, 1, True), ("pool", 3, 2, 0), ("norm",),
    ("conv", 256, 5, 1, 2, 1, True), ("pool", 3, 2, 0), ("norm",),
    ("conv", 384, 3, 1, 1, 1, True), ("conv", 384, 3, 1, 1, 1, True), ("conv", 256, 3, 1, 1, 1, True), ("pool", 3, 2, 0),
    ("dense", 4096), ("dense", 4096), ("dense", 1000),
]  # fmt: skip
LENET = [
    ("conv", 6, 5, 1, 0, 1, True), ("pool", 2, 2, 0), ("conv", 16, 5, 1, 0, 1, True), ("pool", 2, 2, 0),
    ("conv", 120, 5, 1, 0, 1, True), ("dense", 84), ("dense", 10),
]  # fmt: skip
GROUPED = drawn_layers(
    ("conv", integer(5, 9), integer(4, 6), 2, integer(1, 3), 1, True), ("pool", 3, 2, 0), ("norm",),
    ("conv", 12, integer(2, 4), 1, 2, 1, False), ("batch norm",), ("conv", 8, 3, 1, 1, 4, True), ("pool", 2, 2, 0),
    ("dense", integer(20, 40)), ("dense", integer(4, 9)),
)  # fmt: skip
NORMALIZED = drawn_layers(
    ("conv", integer(6, 12), 7, 2, 3, 1, False), ("batch norm",), ("pool", 3, 2, 1),
    ("conv", integer(6, 12), 3, integer(1, 2), 1, 1, False), ("batch norm",), ("pool", 2, 2, 0), ("dense", integer(3, 30)),
)  # fmt: skip
CHAIN = drawn_layers(
    ("conv", integer(4, 9), 3, 1, 1, 1, True), ("conv", integer(10, 16), 3, 1, 0, 1, False), ("batch norm",), ("pool", 2, 2, 0),
    ("conv", integer(5, 9), 5, 1, 2, 1, True), ("dense", integer(30, 60)), ("dense", integer(8, 20)), ("dense", 7),
)  # fmt: skip

ZEBRA = array([[0.05, 0.2, 0.15, 0.1, 0.08, 0.02, 0.01, 0.03, 0.04, 0.3]])
"""Carpet (9), zebra (1), llama (2), flower (3), horse (4)."""
PUFFER_FISH = array([[0.02, 0.03, 0.2, 0.1, 0.08, 0.15, 0.05, 0.06, 0.01, 0.3]])
"""Sponge (9), person (2), llama (5), flower (3), boat (4); the puffer fish is 7."""


def inception(c, one, three_reduce, three, five_reduce, five, pool):
    """Drawn weights of an Inception block on c channels."""
    return {
        "one": normal(1, 1, c, one),
        "three_reduce": normal(1, 1, c, three_reduce),
        "three": normal(3, 3, three_reduce, three),
        "five_reduce": normal(1, 1, c, five_reduce),
        "five": normal(5, 5, five_reduce, five),
        "pool": normal(1, 1, c, pool),
    }


def all_one(**changed):
    """Weights of an Inception block on one channel in which every filter is 1x1 and 1; 5x5 and 3x3 only where it is said."""
    return (
        dict.fromkeys(("one", "three_reduce", "three", "five_reduce", "five", "pool"), filters(1, 1, 1, 1, 1)) | changed
    )


def residual(c_in, c, size=3):
    """Drawn weights of a residual block."""
    return {
        "first": normal(size, size, c_in, c),
        "second": normal(size, size, c, c),
        "projection": normal(1, 1, c_in, c),
    }


def bottleneck(c_in, middle, c, groups=1):
    """Drawn weights of a bottleneck block."""
    return {
        "reduce": normal(1, 1, c_in, middle),
        "middle": normal(3, 3, middle // groups, middle),
        "expand": normal(1, 1, middle, c),
        "projection": normal(1, 1, c_in, c),
    }


def one_by_one(**numbers):
    """1x1 filters of one channel each."""
    return {name: filters(number, 1, 1, 1, 1) for name, number in numbers.items()}


def inception_resnet(c, one, two_reduce, two, three_reduce, three_a, three_b):
    """Drawn weights of an Inception-ResNet block on c channels."""
    return {
        "one": normal(1, 1, c, one),
        "two_reduce": normal(1, 1, c, two_reduce),
        "two": normal(3, 3, two_reduce, two),
        "three_reduce": normal(1, 1, c, three_reduce),
        "three_a": normal(3, 3, three_reduce, three_a),
        "three_b": normal(3, 3, three_a, three_b),
        "up": normal(1, 1, one + two + three_b, c),
    }


def reduction(c, k, l, m, n):
    """Drawn weights of Reduction-A on c channels."""
    return {"wk": normal(1, 1, c, k), "wl": normal(3, 3, k, l), "wm": normal(3, 3, l, m), "wn": normal(3, 3, c, n)}


def gate(c, units):
    """Drawn weights of squeeze and excitation."""
    return {"w1": normal(c, units), "b1": normal(units), "w2": normal(units, c), "b2": normal(c)}


# What the functions promise to take. Images for a maximum are distinct: at a tie the gradient may go either way.


def integers(rng, low, high, count):
    return [int(value) for value in rng.integers(low, high + 1, count)]


def drawn_image(rng, channels, smallest=1, draw=normal):
    return draw(*integers(rng, 1, 3, 1), *integers(rng, smallest, 8, 2), channels)


def rankings(rng):
    n, classes = integers(rng, 1, 40, 1) + integers(rng, 2, 12, 1)
    scores = normal(n, classes) if rng.integers(2) else Tied("tied", (n, classes), high=4)
    return {"scores": scores, "labels": labels(n, classes), "k": integers(rng, 1, classes, 1)[0]}


def logits(rng):
    networks, n, classes = integers(rng, 1, 5, 3)
    return {"scores": normal(networks, n, classes, std=float(rng.uniform(0.1, 9)))}


def any_layers(rng, groups=(1, 1, 2, 4)):
    """Layers that fit: the padding makes up for what the window takes."""
    c, found = 4, []
    for _ in range(int(rng.integers(1, 6))):
        size, stride = integers(rng, 1, 5, 1) + integers(rng, 1, 3, 1)
        kind = rng.choice(["conv", "pool", "norm", "batch norm"])
        if kind == "conv":
            g, filters = int(rng.choice(groups)), 4 * integers(rng, 1, 4, 1)[0]
            found.append(("conv", filters, size, stride, size // 2, g, bool(rng.integers(2))))
        else:
            found.append(("pool", size, stride, size // 2) if kind == "pool" else (str(kind),))
    return found + [("dense", units) for units in integers(rng, 1, 30, int(rng.integers(4)))], (
        *integers(rng, 3, 50, 2),
        c,
    )


def tables(rng):
    layers, shape = any_layers(rng)
    return {"layers": layers, "input_shape": shape}


def removals(rng):
    layers, shape = any_layers(rng, groups=(1,))
    count = int(rng.integers(1, len(layers) + 1))
    return {"layers": layers, "input_shape": shape, "removed": [int(i) for i in rng.permutation(len(layers))[:count]]}


def groupings(rng):
    groups, c, k, kh, kw, sh, sw = integers(rng, 1, 4, 7)
    strides = sh if rng.integers(2) else (sh, sw)
    sizes = {"x": drawn_image(rng, groups * c, smallest=4), "filters": normal(kh, kw, c, groups * k)}
    return sizes | {"groups": groups, "strides": strides, "padding": str(rng.choice(["SAME", "VALID"]))}


def inceptions(rng):
    c, *widths = integers(rng, 1, 5, 7)
    return {"x": drawn_image(rng, c, draw=distinct)} | inception(c, *widths)


def factors(rng):
    fh, fw, sh, sw, c_in, c, c_out = integers(rng, 1, 5, 7)
    return {"first": normal(fh, fw, c_in, c), "second": normal(sh, sw, c, c_out)}


def chains(rng):
    n, height, width, c, depth, kh, kw = integers(rng, 1, 5, 7)
    x, dy = normal(n, height, width, c), normal(n, height, width, c)
    return {"x": x, "weights": normal(depth, kh, kw, c, c), "dy": dy, "residual": bool(rng.integers(2))}


def residuals(rng):
    c_in, c, stride = integers(rng, 1, 3, 3)
    settings = {"stride": stride, "option": str(rng.choice(["B", "C"]))}
    return {"x": drawn_image(rng, c_in)} | residual(c_in, c) | settings


def bottlenecks(rng):
    groups, m, c_in, c, stride = integers(rng, 1, 3, 5)
    settings = {"stride": stride, "stride_on": str(rng.choice(["1x1", "3x3"])), "groups": groups}
    return {"x": drawn_image(rng, c_in)} | bottleneck(c_in, groups * m, c, groups) | settings


def dense_blocks(rng):
    c, k, kh, kw, count = integers(rng, 1, 3, 5)
    names = ("first", "second", "third")[:count]
    return {"x": drawn_image(rng, c)} | {name: normal(kh, kw, c + i * k, k) for i, name in enumerate(names)}


def gates(rng):
    c, units = integers(rng, 1, 6, 2)
    return {"x": drawn_image(rng, c)} | gate(c, units)


def inception_resnets(rng):
    c, *widths = integers(rng, 1, 4, 7)
    scale = float(rng.uniform(0.05, 1))
    return {"x": drawn_image(rng, c)} | inception_resnet(c, *widths) | {"scale": scale}


def reductions(rng):
    widths = integers(rng, 1, 4, 5)
    return {"x": drawn_image(rng, widths[0], smallest=3, draw=distinct)} | reduction(*widths)


QUESTIONS = (
    Question(
        "top_k_error",
        points=1,
        steady=("value",),
        ladder=(
            Rung("the best score is the right one", scores=array([[1, 3, 2]]), labels=whole(1), k=1),
            Rung("the best score is another one", scores=array([[1, 3, 2]]), labels=whole(2), k=1),
            Rung("two may be named", scores=array([[1, 3, 2]]), labels=whole(2), k=2),
            Rung(
                "four images", scores=array([[1, 3, 2], [4, 0, 5], [0, 1, 7], [3, 2, 1]]), labels=whole(1, 1, 2, 1), k=2
            ),
            Rung("a tie for the first place", scores=array([[2, 2, 1]]), labels=whole(0), k=1),
            Rung("all scores are equal", scores=array([[2, 2, 2, 2], [5, 5, 5, 5]]), labels=whole(0, 3), k=3),
        ),
        cases=(
            Case("Brown's zebra, top 5", public=True, scores=ZEBRA, labels=whole(1), k=5),
            Case("Brown's puffer fish, top 5", public=True, scores=PUFFER_FISH, labels=whole(7), k=5),
            Case("a hundred images, top 5 of 20", scores=normal(101, 20), labels=labels(101, 20), k=5),
            Case("a hundred images, top 1 of 4", scores=normal(97, 4), labels=labels(97, 4), k=1),
            Case("many ties", scores=Tied("tied", (103, 12), high=4), labels=labels(103, 12), k=3),
            Case("a drawn k", scores=normal(89, 9), labels=labels(89, 9), k=integer(2, 6)),
            Case("float64", public=True, dtype="float64", scores=normal(23, 6), labels=labels(23, 6), k=2),
        ),
        domain=rankings,
    ),
    Question(
        "ensemble",
        points=0.5,
        wrt=("scores",),
        ladder=(
            Rung("one network that is undecided", scores=array([[[0, 0]]])),
            Rung("two networks that contradict each other", scores=array([[[100, 0]], [[0, 100]]])),
            Rung("one is sure, the other undecided", scores=array([[[100, 0]], [[0, 0]]])),
            Rung(
                "four classes, two images",
                scores=array([[[0, 0, 0, 0], [99, 0, 0, 0]], [[0, 0, 99, 0], [99, 0, 0, 0]]]),
            ),
            Rung("logits of a thousand", scores=array([[[1000, 0]], [[-1000, -1000]]])),
        ),
        cases=(
            Case("three networks, four images", public=True, scores=normal(3, 4, 5)),
            Case("five networks, three classes", scores=normal(5, 6, 3, std=3.0)),
            Case(
                "two networks of another loudness",
                scores=normal(2, 3, 4, mean=(0.0, 1.0, -2.0, 3.0), std=(1.0, 4.0, 2.0, 0.5)),
            ),
            Case("large logits", scores=normal(4, 2, 6, mean=900.0, std=2.0)),
            Case("float64", public=True, dtype="float64", scores=normal(2, 3, 4, std=2.0)),
        ),
        domain=logits,
    ),
    Question(
        "layer_table",
        points=2,
        returns=("shapes", "parameters", "products"),
        ladder=(
            Rung("one 1x1 filter without a bias", layers=[("conv", 1, 1, 1, 0, 1, False)], input_shape=(2, 3, 1)),
            Rung("two channels, three filters, biases", layers=[("conv", 3, 1, 1, 0, 1, True)], input_shape=(2, 2, 2)),
            Rung("a 3x3 filter takes the border away", layers=[("conv", 1, 3, 1, 0, 1, False)], input_shape=(4, 5, 1)),
            Rung(
                "padding, and a stride that does not fit", layers=[("conv", 2, 3, 2, 1, 1, True)], input_shape=(5, 4, 1)
            ),
            Rung("a pooling that does not fit", layers=[("pool", 3, 2, 0)], input_shape=(6, 8, 2)),
            Rung("a dense layer after an image", layers=[("pool", 2, 2, 0), ("dense", 3)], input_shape=(4, 6, 2)),
            Rung(
                "batch normalization", layers=[("conv", 3, 1, 1, 0, 1, False), ("batch norm",)], input_shape=(2, 2, 2)
            ),
            Rung("two groups", layers=[("conv", 6, 3, 1, 1, 2, True), ("norm",)], input_shape=(3, 2, 4)),
        ),
        cases=(
            Case("AlexNet, NTU's list", public=True, layers=ALEXNET, input_shape=(227, 227, 3)),
            Case("LeNet-5", public=True, layers=LENET, input_shape=(32, 32, 1)),
            Case(
                "a convolution of a large map",
                public=True,
                layers=[("conv", 80, 3, 1, 1, 2, True)],
                input_shape=(300, 250, 90),
            ),
            Case("a drawn network with groups", layers=GROUPED, input_shape=(41, 36, 3)),
            Case("a drawn network with batch normalization", layers=NORMALIZED, input_shape=(37, 50, 3)),
            Case("a drawn chain", layers=CHAIN, input_shape=(17, 22, 2)),
            Case("a drawn network for huge images", layers=GROUPED, input_shape=(4200, 6100, 9)),
        ),
        domain=tables,
    ),
    Question(
        "without_layers",
        points=0.5,
        returns=("parameters", "products"),
        ladder=(
            Rung("the last of two layers", layers=[("dense", 2), ("dense", 3)], input_shape=(1, 1, 4), removed=[1]),
            Rung("the next layer shrinks", layers=[("dense", 5), ("dense", 2)], input_shape=(1, 1, 3), removed=[0]),
            Rung("the next layer grows", layers=[("dense", 2), ("dense", 5)], input_shape=(1, 1, 9), removed=[0]),
            Rung(
                "two layers",
                layers=[("dense", 4), ("dense", 3), ("dense", 2), ("dense", 1)],
                input_shape=(1, 1, 2),
                removed=[1, 2],
            ),
            Rung("a pooling", layers=[("pool", 2, 2, 0), ("dense", 3)], input_shape=(4, 4, 1), removed=[0]),
        ),
        cases=(
            Case("AlexNet without layer 7", public=True, layers=ALEXNET, input_shape=(227, 227, 3), removed=[11]),
            Case(
                "AlexNet without layers 6 and 7",
                public=True,
                layers=ALEXNET,
                input_shape=(227, 227, 3),
                removed=[10, 11],
            ),
            Case(
                "AlexNet without its middle convolutions",
                public=True,
                layers=ALEXNET,
                input_shape=(227, 227, 3),
                removed=[6, 7],
            ),
            Case("a drawn network, the first and a dense layer", layers=CHAIN, input_shape=(17, 22, 2), removed=[0, 6]),
            Case("a drawn network, in another order", layers=CHAIN, input_shape=(25, 16, 3), removed=[6, 4, 1]),
            Case("a drawn network without its pooling", layers=CHAIN, input_shape=(12, 19, 1), removed=[3]),
        ),
        domain=removals,
    ),
    Question(
        "grouped_conv2d",
        points=1,
        wrt=("x", "filters"),
        ladder=(
            Rung("one group", x=pixel(2, 3), filters=filters([10, 1], 1, 1, 2, 1), groups=1),
            Rung("two groups of one channel", x=pixel(2, 3), filters=filters([10, 100], 1, 1, 1, 2), groups=2),
            Rung(
                "two channels in a group",
                x=pixel(1, 2, 3, 4),
                filters=filters([[1, 100], [10, 1000]], 1, 1, 2, 2),
                groups=2,
            ),
            Rung(
                "two filters for each group", x=pixel(1, 2), filters=filters([1, 10, 100, 1000], 1, 1, 1, 4), groups=2
            ),
            Rung("three groups", x=pixel(1, 2, 3), filters=filters([1, 10, 100], 1, 1, 1, 3), groups=3),
            Rung(
                "a row of pixels, stride 2, VALID",
                x=array([[[[1, 10], [2, 20], [3, 30], [4, 40]]]]),
                filters=filters([[1, 2], [3, 4]], 1, 2, 1, 2),
                groups=2,
                strides=2,
                padding="VALID",
            ),
        ),
        cases=(
            Case("two groups, SAME", public=True, x=normal(2, 5, 4, 4), filters=normal(3, 2, 2, 6), groups=2),
            Case(
                "three groups, unequal strides, VALID",
                public=True,
                x=normal(1, 6, 7, 6),
                filters=normal(2, 3, 2, 3),
                groups=3,
                strides=(1, 2),
                padding="VALID",
            ),
            Case("four groups, stride 2, SAME", x=normal(2, 7, 6, 8), filters=normal(3, 3, 2, 8), groups=4, strides=2),
            Case("one group, VALID", x=normal(2, 4, 6, 3), filters=normal(3, 2, 3, 4), groups=1, padding="VALID"),
            Case("as many groups as channels", x=normal(3, 4, 5, 5), filters=normal(3, 3, 1, 10), groups=5),
            Case(
                "three groups, even filter, SAME",
                x=normal(2, 6, 5, 6),
                filters=normal(2, 4, 2, 9),
                groups=3,
                strides=(2, 1),
            ),
            Case("float64", public=True, dtype="float64", x=normal(1, 4, 5, 4), filters=normal(2, 3, 2, 6), groups=2),
        ),
        domain=groupings,
    ),
    ModelQuestion(
        "build_alexnet",
        points=1,
        probe=with_given_weights,
        rules=ARCHITECTURE,
        seconds=30,
        cases=(
            Case(
                "a sixteenth of the width, two groups",
                public=True,
                seed=SEED,
                width=1 / 16,
                classes=5,
                input_shape=(131, 99, 3),
                groups=2,
                exam=a_network((131, 99, 3), alexnet_plan(1 / 16, 5, groups=2)),
            ),
            Case(
                "one group, seven classes",
                seed=SEED,
                width=1 / 16,
                classes=7,
                input_shape=(99, 131, 1),
                exam=a_network((99, 131, 1), alexnet_plan(1 / 16, 7)),
            ),
        ),
    ),
    ModelQuestion(
        "build_vgg",
        points=1,
        probe=with_given_weights,
        rules=ARCHITECTURE,
        seconds=30,
        cases=(
            Case(
                "two stages, a sixteenth of the width",
                public=True,
                seed=SEED,
                depth=6,
                width=1 / 16,
                classes=5,
                input_shape=(24, 16, 3),
                exam=a_network((24, 16, 3), vgg_plan((1, 2), 1 / 16, 5)),
            ),
            Case(
                "three stages",
                seed=SEED,
                depth=7,
                width=1 / 16,
                classes=6,
                input_shape=(24, 32, 1),
                exam=a_network((24, 32, 1), vgg_plan((2, 1, 1), 1 / 16, 6)),
            ),
        ),
    ),
    Question(
        "inception_block",
        points=1,
        probe=use_inception_block,
        wrt=("x", "one", "three_reduce", "three", "five_reduce", "five", "pool"),
        ladder=(
            Rung("one pixel, every filter is 1", x=pixel(3), **all_one()),
            Rung(
                "one pixel, every filter has its own number",
                x=pixel(2),
                **one_by_one(one=1, three_reduce=2, three=3, five_reduce=4, five=5, pool=6),
            ),
            Rung(
                "two numbers below zero: a ReLU after every filter",
                x=pixel(1),
                **all_one(three_reduce=filters(-1, 1, 1, 1, 1), five=filters(-1, 1, 1, 1, 1)),
            ),
            Rung(
                "a pixel below zero", x=pixel(-2), **all_one(one=filters(-1, 1, 1, 1, 1), pool=filters(-3, 1, 1, 1, 1))
            ),
            Rung("a row of pixels: the pooling", x=image([1, 5, 2, 3]), **all_one()),
            Rung(
                "3x3 and 5x5 filters of ones",
                x=image([1, 2, 3], [4, 5, 6]),
                **all_one(three=filters([1] * 9, 3, 3, 1, 1), five=filters([1] * 25, 5, 5, 1, 1)),
            ),
            Rung(
                "a pooling of numbers below zero", x=image([-3, -1], [-2, -4]), **all_one(pool=filters(-1, 1, 1, 1, 1))
            ),
        ),
        cases=(
            Case("five channels", public=True, x=distinct(2, 6, 5, 5), **inception(5, 2, 3, 4, 2, 3, 2)),
            Case("two channels, one image", x=distinct(1, 7, 4, 2), **inception(2, 3, 2, 2, 2, 2, 3)),
            Case("reductions of the same width", x=distinct(2, 5, 6, 3), **inception(3, 2, 2, 3, 2, 3, 2)),
            Case("below zero", x=distinct(2, 4, 6, 4, low=-5.0, high=-0.5), **inception(4, 1, 2, 3, 3, 1, 4)),
            Case("float64", public=True, dtype="float64", x=distinct(1, 4, 5, 3), **inception(3, 2, 2, 1, 1, 2, 2)),
        ),
        domain=inceptions,
    ),
    Question(
        "factorized",
        points=0.5,
        returns=("filters", "share"),
        steady=("share",),
        wrt=("first", "second"),
        ladder=(
            Rung("two 1x1 filters", first=filters(2, 1, 1, 1, 1), second=filters(5, 1, 1, 1, 1)),
            Rung("a row and a column", first=filters([1, 2], 1, 2, 1, 1), second=filters([3, 4], 2, 1, 1, 1)),
            Rung("two rows", first=filters([1, 2], 1, 2, 1, 1), second=filters([1, 10], 1, 2, 1, 1)),
            Rung("two 2x2 filters", first=filters([1, 2, 3, 4], 2, 2, 1, 1), second=filters([1, 0, 0, 10], 2, 2, 1, 1)),
            Rung(
                "two 3x3 filters of ones: 18/25",
                first=filters([1] * 9, 3, 3, 1, 1),
                second=filters([1] * 9, 3, 3, 1, 1),
            ),
            Rung(
                "two channels in between",
                first=filters([1, 10], 1, 1, 1, 2),
                second=filters([[1, 2], [3, 4]], 1, 2, 2, 1),
            ),
        ),
        cases=(
            Case("3x3 and 3x3", public=True, first=normal(3, 3, 4, 4), second=normal(3, 3, 4, 4)),
            Case("1x3 and 3x1", public=True, first=normal(1, 3, 3, 3), second=normal(3, 1, 3, 3)),
            Case("1x7 and 7x1", first=normal(1, 7, 2, 3), second=normal(7, 1, 3, 2)),
            Case("2x3 and 4x2", first=normal(2, 3, 2, 5), second=normal(4, 2, 5, 3)),
            Case("5x5 and 1x1", first=normal(5, 5, 3, 2), second=normal(1, 1, 2, 4)),
            Case("float64", public=True, dtype="float64", first=normal(2, 3, 2, 3), second=normal(3, 2, 3, 2)),
        ),
        domain=factors,
    ),
    ModelQuestion(
        "build_googlenet",
        points=1,
        probe=with_given_weights,
        rules=ARCHITECTURE,
        seconds=30,
        cases=(
            Case(
                "blocks 3a and 4a, an eighth of the width",
                public=True,
                seed=SEED,
                width=1 / 8,
                classes=5,
                input_shape=(48, 32, 3),
                blocks=[GOOGLENET[0], "pool", GOOGLENET[3]],
                exam=a_network((48, 32, 3), googlenet_plan((GOOGLENET[0], "pool", GOOGLENET[3]), 1 / 8, 5)),
            ),
            Case(
                "block 4e",
                seed=SEED,
                width=1 / 16,
                classes=6,
                input_shape=(32, 56, 1),
                blocks=[GOOGLENET[7]],
                exam=a_network((32, 56, 1), googlenet_plan((GOOGLENET[7],), 1 / 16, 6)),
            ),
        ),
    ),
    Question(
        "gradient_norms",
        points=0.5,
        probe=use_gradient_norms,
        ladder=(
            Rung(
                "one layer, plain", x=pixel(2), weights=array([3]).reshape(1, 1, 1, 1, 1), dy=pixel(1), residual=False
            ),
            Rung(
                "another gradient at the end",
                x=pixel(2),
                weights=array([3]).reshape(1, 1, 1, 1, 1),
                dy=pixel(-5),
                residual=False,
            ),
            Rung(
                "two layers, plain",
                x=pixel(2),
                weights=array([3, 5]).reshape(2, 1, 1, 1, 1),
                dy=pixel(1),
                residual=False,
            ),
            Rung(
                "two layers with shortcuts",
                x=pixel(2),
                weights=array([3, 5]).reshape(2, 1, 1, 1, 1),
                dy=pixel(1),
                residual=True,
            ),
            Rung(
                "a dead ReLU, plain",
                x=pixel(2),
                weights=array([3, -5, 1]).reshape(3, 1, 1, 1, 1),
                dy=pixel(1),
                residual=False,
            ),
            Rung(
                "a dead ReLU with shortcuts",
                x=pixel(2),
                weights=array([3, -5, 1]).reshape(3, 1, 1, 1, 1),
                dy=pixel(1),
                residual=True,
            ),
            Rung(
                "two channels: 3, 4, 5",
                x=pixel(3, 4),
                weights=array([[[[[1, 0], [0, 1]]]]]),
                dy=pixel(1, 0),
                residual=False,
            ),
        ),
        cases=(
            Case(
                "three layers, plain",
                public=True,
                x=normal(2, 5, 4, 3),
                weights=normal(3, 3, 3, 3, 3),
                dy=normal(2, 5, 4, 3),
                residual=False,
            ),
            Case(
                "three layers with shortcuts",
                public=True,
                x=normal(2, 4, 5, 3),
                weights=normal(3, 3, 3, 3, 3),
                dy=normal(2, 4, 5, 3),
                residual=True,
            ),
            Case(
                "five layers, plain",
                x=normal(3, 4, 3, 4),
                weights=normal(5, 3, 2, 4, 4),
                dy=normal(3, 4, 3, 4),
                residual=False,
            ),
            Case(
                "six layers with shortcuts",
                x=normal(2, 3, 6, 2),
                weights=normal(6, 2, 3, 2, 2, std=0.3),
                dy=normal(2, 3, 6, 2),
                residual=True,
            ),
            Case(
                "two layers, even filters",
                x=normal(1, 6, 5, 5),
                weights=normal(2, 2, 4, 5, 5),
                dy=normal(1, 6, 5, 5),
                residual=False,
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(2, 3, 4, 2),
                weights=normal(3, 3, 3, 2, 2),
                dy=normal(2, 3, 4, 2),
                residual=True,
            ),
        ),
        domain=chains,
    ),
    Question(
        "residual_block",
        points=2,
        probe=use_residual_block,
        wrt=("x", "first", "second"),
        ladder=(
            Rung("the path gives nothing: the identity", x=pixel(3), **one_by_one(first=2, second=0, projection=9)),
            Rung("path and shortcut", x=pixel(3), **one_by_one(first=2, second=5, projection=9)),
            Rung("the path's own ReLU", x=pixel(3), **one_by_one(first=-2, second=5, projection=9)),
            Rung("a sum below zero", x=pixel(3), **one_by_one(first=2, second=-1, projection=9)),
            Rung(
                "a path below zero, a sum above",
                x=pixel(7),
                **one_by_one(first=1, second=-1, projection=9) | {"second": filters(-0.5, 1, 1, 1, 1)},
            ),
            Rung(
                "stride 2 needs the projection",
                x=image([1, 2, 3, 4]),
                **one_by_one(first=1, second=1, projection=10),
                stride=2,
            ),
            Rung(
                "more channels need the projection",
                x=pixel(2),
                first=filters([1, 3], 1, 1, 1, 2),
                second=filters([[1, 0], [0, 1]], 1, 1, 2, 2),
                projection=filters([10, 100], 1, 1, 1, 2),
            ),
            Rung(
                "option C: always a projection",
                x=image([3, 1]),
                **one_by_one(first=2, second=5, projection=9),
                option="C",
            ),
            Rung(
                "3x3 filters of ones",
                x=image([1, 2], [3, 4], [5, 6]),
                first=filters([1] * 9, 3, 3, 1, 1),
                second=filters([1] * 9, 3, 3, 1, 1),
                projection=filters(9, 1, 1, 1, 1),
            ),
        ),
        cases=(
            Case("the shape stays, B", public=True, x=normal(2, 5, 4, 3), **residual(3, 3)),
            Case("stride 2 and more channels, B", public=True, x=normal(2, 6, 5, 2), **residual(2, 4), stride=2),
            Case("the shape stays, C", x=normal(2, 4, 6, 3), **residual(3, 3), option="C"),
            Case("more channels, B", x=normal(1, 5, 6, 2), **residual(2, 5)),
            Case("stride 2, as many channels, B", x=normal(2, 7, 6, 4), **residual(4, 4), stride=2),
            Case("stride 3, C", x=normal(3, 7, 8, 3), **residual(3, 2), stride=3, option="C"),
            Case("one channel, B", x=normal(2, 3, 5, 1), **residual(1, 1)),
            Case("float64", public=True, dtype="float64", x=normal(2, 5, 4, 2), **residual(2, 3), stride=2),
        ),
        domain=residuals,
    ),
    Question(
        "bottleneck_block",
        points=1,
        probe=use_bottleneck_block,
        wrt=("x", "reduce", "middle", "expand"),
        ladder=(
            Rung(
                "the path gives nothing: the identity",
                x=pixel(3),
                **one_by_one(reduce=2, middle=1, expand=0, projection=9),
            ),
            Rung("path and shortcut", x=pixel(3), **one_by_one(reduce=2, middle=3, expand=4, projection=9)),
            Rung("ReLUs on the path", x=pixel(3), **one_by_one(reduce=-2, middle=-3, expand=4, projection=9)),
            Rung(
                "no ReLU after the path, one after the sum",
                x=pixel(3),
                **one_by_one(reduce=1, middle=1, expand=-2, projection=9),
            ),
            Rung(
                "more channels need the projection",
                x=pixel(2),
                reduce=filters(1, 1, 1, 1, 1),
                middle=filters(3, 1, 1, 1, 1),
                expand=filters([1, 2], 1, 1, 1, 2),
                projection=filters([10, 100], 1, 1, 1, 2),
            ),
            Rung(
                "stride 2, on the 3x3",
                x=image([1, 2, 3, 4]),
                reduce=filters(1, 1, 1, 1, 1),
                middle=filters([0, 0, 0, 1, 2, 3, 0, 0, 0], 3, 3, 1, 1),
                expand=filters(1, 1, 1, 1, 1),
                projection=filters(10, 1, 1, 1, 1),
                stride=2,
            ),
            Rung(
                "stride 2, on the first 1x1",
                x=image([1, 2, 3, 4]),
                reduce=filters(1, 1, 1, 1, 1),
                middle=filters([0, 0, 0, 1, 2, 3, 0, 0, 0], 3, 3, 1, 1),
                expand=filters(1, 1, 1, 1, 1),
                projection=filters(10, 1, 1, 1, 1),
                stride=2,
                stride_on="1x1",
            ),
            Rung(
                "two groups",
                x=pixel(1, 2),
                reduce=filters([[1, 0], [0, 1]], 1, 1, 2, 2),
                middle=filters([10, 100], 1, 1, 1, 2),
                expand=filters([[1, 0], [0, 1]], 1, 1, 2, 2),
                projection=filters([[9, 9], [9, 9]], 1, 1, 2, 2),
                groups=2,
            ),
        ),
        cases=(
            Case("the shape stays", public=True, x=normal(2, 5, 4, 4), **bottleneck(4, 2, 4)),
            Case(
                "stride 2 on the 3x3, more channels", public=True, x=normal(2, 7, 6, 3), **bottleneck(3, 2, 5), stride=2
            ),
            Case("stride 2 on the 1x1", x=normal(2, 6, 7, 4), **bottleneck(4, 3, 4), stride=2, stride_on="1x1"),
            Case("more channels, stride 1", x=normal(1, 4, 5, 2), **bottleneck(2, 3, 6)),
            Case("two groups, the shape stays", x=normal(2, 5, 6, 4), **bottleneck(4, 4, 4, groups=2), groups=2),
            Case("three groups, stride 2", x=normal(2, 7, 5, 3), **bottleneck(3, 6, 4, groups=3), stride=2, groups=3),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(2, 5, 4, 2),
                **bottleneck(2, 4, 3, groups=2),
                stride=2,
                groups=2,
            ),
        ),
        domain=bottlenecks,
    ),
    ModelQuestion(
        "build_resnet",
        points=1.5,
        probe=with_given_weights,
        rules=ARCHITECTURE,
        seconds=40,
        cases=(
            Case(
                "three bottleneck blocks",
                public=True,
                seed=SEED,
                depth=11,
                width=1 / 16,
                classes=5,
                input_shape=(32, 24, 3),
                exam=a_network((32, 24, 3), resnet_plan((2, 1), 1 / 16, 5)),
            ),
            Case(
                "two basic blocks",
                public=True,
                seed=SEED,
                depth=6,
                width=1 / 8,
                classes=6,
                input_shape=(24, 32, 1),
                exam=a_network((24, 32, 1), resnet_plan((1, 1), 1 / 8, 6, bottleneck=False)),
            ),
            Case(
                "one block with two groups, another inner width and a gate",
                public=True,
                seed=SEED,
                depth=5,
                width=1 / 16,
                classes=4,
                input_shape=(24, 24, 2),
                groups=2,
                inner=96,
                gate=code("lambda path: tf.keras.ops.tanh(path)"),
                exam=a_network((24, 24, 2), resnet_plan((1,), 1 / 16, 4, groups=2, inner=96, gate=" tanh")),
            ),
            Case(
                "the stride in the first 1x1",
                seed=SEED,
                depth=8,
                width=1 / 16,
                classes=7,
                input_shape=(32, 40, 3),
                stride_on="1x1",
                exam=a_network((32, 40, 3), resnet_plan((1, 1), 1 / 16, 7, stride_on="1x1")),
            ),
        ),
    ),
    ModelQuestion(
        "build_resnext",
        points=0.5,
        probe=with_given_weights,
        rules=ARCHITECTURE,
        seconds=30,
        cases=(
            Case(
                "two blocks, 24 groups",
                public=True,
                seed=SEED,
                depth=8,
                width=3 / 4,
                classes=5,
                input_shape=(32, 24, 3),
                exam=a_network((32, 24, 3), resnet_plan((1, 1), 3 / 4, 5, groups=24, inner=128)),
            ),
            Case(
                "two blocks, two groups",
                seed=SEED,
                depth=8,
                width=1 / 16,
                classes=6,
                input_shape=(24, 40, 3),
                exam=a_network((24, 40, 3), resnet_plan((1, 1), 1 / 16, 6, groups=2, inner=128)),
            ),
        ),
    ),
    Question(
        "dense_block",
        points=1,
        probe=use_dense_block,
        wrt=("x", "first"),
        ladder=(
            Rung("one layer, one channel", x=pixel(3), first=filters(2, 1, 1, 1, 1)),
            Rung(
                "a channel below zero: the ReLU comes first, and what came in stays",
                x=pixel(1, -2),
                first=filters([3, 5], 1, 1, 2, 1),
            ),
            Rung("what comes out may be below zero", x=pixel(3), first=filters(-2, 1, 1, 1, 1)),
            Rung(
                "two layers: the second sees all",
                x=pixel(1, -2),
                first=filters([3, 5], 1, 1, 2, 1),
                second=filters([1, 10, 100], 1, 1, 3, 1),
            ),
            Rung(
                "two new channels",
                x=pixel(2),
                first=filters([3, 4], 1, 1, 1, 2),
                second=filters([1, 0, 0, 1, 10, 10], 1, 1, 3, 2),
            ),
            Rung("a 3x3 filter of ones", x=image([1, 2], [3, 4]), first=filters([1] * 9, 3, 3, 1, 1)),
        ),
        cases=(
            Case("two layers", public=True, x=normal(2, 4, 5, 3), first=normal(3, 3, 3, 2), second=normal(3, 3, 5, 2)),
            Case(
                "three layers",
                x=normal(2, 5, 4, 2),
                first=normal(3, 3, 2, 3),
                second=normal(3, 3, 5, 3),
                third=normal(3, 3, 8, 3),
            ),
            Case(
                "as many new channels as old ones",
                x=normal(3, 4, 3, 4),
                first=normal(3, 3, 4, 4),
                second=normal(3, 3, 8, 4),
            ),
            Case(
                "even filters",
                x=normal(1, 6, 5, 4),
                first=normal(2, 3, 4, 1),
                second=normal(2, 3, 5, 1),
                third=normal(2, 3, 6, 1),
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(2, 3, 4, 2),
                first=normal(3, 3, 2, 2),
                second=normal(3, 3, 4, 2),
            ),
        ),
        domain=dense_blocks,
    ),
    ModelQuestion(
        "build_densenet",
        points=1,
        probe=with_given_weights,
        rules=ARCHITECTURE,
        seconds=30,
        cases=(
            Case(
                "blocks of two and one layers",
                public=True,
                seed=SEED,
                depth=9,
                width=1 / 16,
                classes=5,
                input_shape=(36, 28, 3),
                exam=a_network((36, 28, 3), densenet_plan((2, 1), 1 / 16, 5)),
            ),
            Case(
                "blocks of one layer",
                seed=SEED,
                depth=7,
                width=1 / 8,
                classes=6,
                input_shape=(24, 40, 1),
                exam=a_network((24, 40, 1), densenet_plan((1, 1), 1 / 8, 6)),
            ),
        ),
    ),
    Question(
        "squeeze_excite",
        points=1,
        wrt=("x", "w1", "b1", "w2", "b2"),
        ladder=(
            Rung("sigmoid of 0: one half", x=pixel(6), w1=array([[0]]), b1=array([0]), w2=array([[0]]), b2=array([0])),
            Rung("a gate wide open", x=pixel(6), w1=array([[1]]), b1=array([0]), w2=array([[9]]), b2=array([0])),
            Rung(
                "the ReLU closes what the second layer sees",
                x=pixel(6),
                w1=array([[-1]]),
                b1=array([0]),
                w2=array([[9]]),
                b2=array([0]),
            ),
            Rung(
                "two channels, one open, one shut",
                x=pixel(8, 8),
                w1=array([[1], [1]]),
                b1=array([0]),
                w2=array([[9, -9]]),
                b2=array([0, 0]),
            ),
            Rung(
                "the mean over a map",
                x=image([1, 3], [5, 7]),
                w1=array([[1]]),
                b1=array([-4]),
                w2=array([[50]]),
                b2=array([0]),
            ),
            Rung(
                "two images, each with its own mean",
                x=array([[[[2]], [[6]]], [[[10]], [[30]]]]),
                w1=array([[1]]),
                b1=array([-4]),
                w2=array([[5]]),
                b2=array([0]),
            ),
            Rung("a bias at the end", x=pixel(6), w1=array([[0]]), b1=array([0]), w2=array([[0]]), b2=array([100])),
        ),
        cases=(
            Case("four channels, two units", public=True, x=normal(2, 3, 4, 4), **gate(4, 2)),
            Case("six channels, three units", x=normal(3, 5, 4, 6, mean=0.5), **gate(6, 3)),
            Case("as many units as channels", x=normal(2, 4, 5, 3, mean=(1.0, -2.0, 0.5), std=2.0), **gate(3, 3)),
            Case("one image, two units", x=normal(1, 6, 3, 5, mean=1.0), **gate(5, 2)),
            Case("float64", public=True, dtype="float64", x=normal(2, 3, 4, 3), **gate(3, 2)),
        ),
        domain=gates,
    ),
    ModelQuestion(
        "build_senet",
        points=0.5,
        probe=with_given_weights,
        rules=ARCHITECTURE,
        seconds=30,
        cases=(
            Case(
                "two blocks, ratio 8",
                public=True,
                seed=SEED,
                depth=8,
                width=1 / 8,
                classes=5,
                input_shape=(32, 24, 3),
                ratio=8,
                exam=a_network((32, 24, 3), resnet_plan((1, 1), 1 / 8, 5, ratio=8)),
            ),
            Case(
                "basic blocks, the default ratio",
                seed=SEED,
                depth=6,
                width=1 / 2,
                classes=6,
                input_shape=(24, 40, 1),
                exam=a_network((24, 40, 1), resnet_plan((1, 1), 1 / 2, 6, bottleneck=False, ratio=16)),
            ),
        ),
    ),
    Question(
        "inception_resnet_block",
        points=1,
        probe=use_inception_resnet_block,
        wrt=("x", "one", "two", "three_b", "up"),
        ladder=(
            Rung(
                "the deviation is nothing",
                x=pixel(3),
                **one_by_one(one=1, two_reduce=1, two=1, three_reduce=1, three_a=1, three_b=1),
                up=filters([0, 0, 0], 1, 1, 3, 1),
            ),
            Rung(
                "every path has its own number",
                x=pixel(1),
                **one_by_one(one=2, two_reduce=3, two=4, three_reduce=5, three_a=6, three_b=7),
                up=filters([1, 10, 100], 1, 1, 3, 1),
            ),
            Rung(
                "ReLUs on the paths",
                x=pixel(1),
                **one_by_one(one=-2, two_reduce=-3, two=-4, three_reduce=5, three_a=-6, three_b=-7),
                up=filters([1, 10, 100], 1, 1, 3, 1),
            ),
            Rung(
                "a deviation below zero: none after the last",
                x=pixel(5),
                **one_by_one(one=1, two_reduce=1, two=1, three_reduce=1, three_a=1, three_b=1),
                up=filters([-1, 0.2, 0.2], 1, 1, 3, 1),
            ),
            Rung(
                "a sum below zero",
                x=pixel(5),
                **one_by_one(one=1, two_reduce=1, two=1, three_reduce=1, three_a=1, three_b=1),
                up=filters([-1, -1, -1], 1, 1, 3, 1),
            ),
            Rung(
                "a scale",
                x=pixel(4),
                **one_by_one(one=1, two_reduce=1, two=1, three_reduce=1, three_a=1, three_b=1),
                up=filters([1, 1, 2], 1, 1, 3, 1),
                scale=0.25,
            ),
        ),
        cases=(
            Case("four channels", public=True, x=normal(2, 4, 5, 4), **inception_resnet(4, 2, 2, 3, 2, 3, 2)),
            Case("a scale of 0.2", x=normal(2, 5, 4, 3), **inception_resnet(3, 2, 3, 2, 2, 2, 4), scale=0.2),
            Case(
                "two channels, a scale of 0.3", x=normal(1, 6, 4, 2), **inception_resnet(2, 3, 1, 2, 3, 1, 2), scale=0.3
            ),
            Case("all paths of the same width", x=normal(2, 3, 6, 3), **inception_resnet(3, 2, 2, 2, 2, 2, 2)),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(1, 4, 5, 2),
                **inception_resnet(2, 2, 1, 2, 1, 2, 2),
                scale=0.5,
            ),
        ),
        domain=inception_resnets,
    ),
    Question(
        "reduction_a",
        points=0.5,
        wrt=("x", "wk", "wl", "wm", "wn"),
        ladder=(
            Rung(
                "one window, every filter is 1",
                x=image([1, 2, 3], [4, 9, 6], [7, 8, 5]),
                wk=filters(1, 1, 1, 1, 1),
                wl=filters(1, 1, 1, 1, 1),
                wm=filters([1] * 9, 3, 3, 1, 1),
                wn=filters([1] * 9, 3, 3, 1, 1),
            ),
            Rung(
                "every filter has its own number",
                x=image([1, 2, 3], [4, 9, 6], [7, 8, 5]),
                wk=filters(2, 1, 1, 1, 1),
                wl=filters(3, 1, 1, 1, 1),
                wm=filters([0, 0, 0, 0, 1, 0, 0, 0, 0], 3, 3, 1, 1),
                wn=filters([1, 0, 0, 0, 0, 0, 0, 0, 0], 3, 3, 1, 1),
            ),
            Rung(
                "numbers below zero",
                x=image([-1, -2, -3], [-4, -9, -6], [-7, -8, -5]),
                wk=filters(-1, 1, 1, 1, 1),
                wl=filters(1, 1, 1, 1, 1),
                wm=filters([1] * 9, 3, 3, 1, 1),
                wn=filters([1] * 9, 3, 3, 1, 1),
            ),
            Rung(
                "a border that does not fit",
                x=image([1, 2, 3, 4], [5, 6, 7, 8], [9, 8, 7, 6], [5, 4, 3, 2]),
                wk=filters(1, 1, 1, 1, 1),
                wl=filters([1] * 9, 3, 3, 1, 1),
                wm=filters([1] * 9, 3, 3, 1, 1),
                wn=filters([1] * 9, 3, 3, 1, 1),
            ),
        ),
        cases=(
            Case("7x6 pixels", public=True, x=distinct(2, 7, 6, 3), **reduction(3, 2, 3, 4, 2)),
            Case("5x9 pixels", x=distinct(1, 5, 9, 2), **reduction(2, 3, 2, 2, 3)),
            Case("all letters are equal", x=distinct(2, 6, 8, 3), **reduction(3, 3, 3, 3, 3)),
            Case("below zero", x=distinct(2, 8, 5, 4, low=-4.0, high=-0.5), **reduction(4, 2, 3, 2, 4)),
            Case("float64", public=True, dtype="float64", x=distinct(1, 5, 6, 2), **reduction(2, 2, 1, 3, 2)),
        ),
        domain=reductions,
    ),
)

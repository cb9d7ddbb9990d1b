"""Fifteen questions, from a Gabor function to a network that repairs one picture: what is called, on what, for how many points."""

import numpy as np

from autograder.question import Case, Question, Rung, array, code, distinct, integer, normal, probe, uniform

# Probes: what is called in the place of the student's function. Only their source travels, so they import what they use.


@probe
def in_numpy(function, **arguments):
    """Hands tensors over as NumPy arrays, and looks whether they are changed in place."""
    import inspect

    import numpy as np
    import tensorflow as tf

    arguments = {name: v.numpy() if isinstance(v, tf.Tensor) else v for name, v in arguments.items()}
    before = {name: v.copy() for name, v in arguments.items() if isinstance(v, np.ndarray)}
    bound = inspect.signature(function).bind(**arguments)
    result = function(*bound.args, **bound.kwargs)
    for name, value in before.items():
        if not np.array_equal(value, arguments[name]):
            raise ValueError(f"The argument {name} was changed in place. Work on a copy: the caller still needs it.")
    return result


@probe
def of_a_mask(dissection_iou, activation, mask, quantile):
    """The mask as bool: true where the number is above one half."""
    return dissection_iou(activation.numpy(), mask.numpy() > 0.5, quantile)


@probe
def of_a_network(function, image, filters, dense, label, **settings):
    """A small network with given weights: convolution, ReLU, mean, dense."""
    import tensorflow as tf

    def model(images):
        images = tf.convert_to_tensor(images)
        if len(images.shape) != 4:
            raise ValueError(
                f"The model was called with shape {tuple(images.shape)}. It takes a batch of images: (n, height, width, channels)."
            )
        features = tf.nn.relu(tf.nn.conv2d(images, filters, 1, "SAME"))
        return tf.matmul(tf.reduce_sum(features, axis=(1, 2)), dense)

    return function(model, image, label, **settings)


@probe
def of_two_layers(total_loss, image, first, second, content, first_gram, second_gram, alpha, beta):
    """Features of two convolutions; the second one has a stride, so its map is smaller."""
    import tensorflow as tf

    def extract(images):
        if len(images.shape) != 4:
            raise ValueError(
                f"extract was called with shape {tuple(images.shape)}. It takes a batch of images: (n, height, width, channels)."
            )
        one = tf.nn.relu(tf.nn.conv2d(images, first, 1, "SAME"))
        return [one, tf.nn.relu(tf.nn.conv2d(one, second, 2, "SAME"))]

    return total_loss(image, extract, content, [first_gram, second_gram], alpha, beta)


@probe
def fixed_input(deep_prior_input, kind, shape, seed):
    """The meshgrid as it is. Of noise, its shape and what must hold of it, whatever was drawn.

    Right noise of n numbers is further than 0.05 from the uniform distribution with a chance of at most 2 exp(-0.005 n) (Dvoretzky, Kiefer,
    Wolfowitz; Massart): for all four cases together less than 1 in 300,000.
    """
    import numpy as np

    found = deep_prior_input(kind, shape, seed)
    again, other = np.asarray(deep_prior_input(kind, shape, seed)), np.asarray(deep_prior_input(kind, shape, seed + 1))
    values = np.asarray(found)
    if kind != "noise" or values.ndim == 0 or values.size == 0:
        return found, 0, 0, 1, 1, 1, 1
    ordered = np.sort(values.astype("float64").ravel())
    gap = np.max(np.abs(10 * ordered - (np.arange(ordered.size) + 0.5) / ordered.size))  # Kolmogorov's distance
    return (
        found * 0,
        int(np.floor(100 * ordered[0])),
        int(np.ceil(100 * ordered[-1] - 1e-4)),
        int(gap < 0.05),
        int(len(np.unique(ordered)) > 0.9 * ordered.size),
        int(np.array_equal(values, again)),
        int(not np.array_equal(values, other)),
    )


@probe
def two_prior_steps(deep_prior_step, z, image, mask, kernel, middle, last, frozen):
    """Two steps of a small network with given weights: the losses, and the weights after them."""
    import keras
    import tensorflow as tf

    kind, width = z.dtype.name, kernel.shape[-1]
    first = keras.layers.Conv2D(width, tuple(kernel.shape[:2]), padding="same", use_bias=False, dtype=kind)
    between = keras.layers.Conv2D(
        middle.shape[-1], tuple(middle.shape[:2]), padding="same", activation="tanh", dtype=kind
    )
    output = keras.layers.Conv2D(last.shape[-1], 1, dtype=kind)
    network = keras.Sequential([keras.Input(z.shape[1:], dtype=kind), first, between, output])
    for layer, weights in ((first, kernel), (between, middle), (output, last)):
        layer.kernel.assign(weights)
    first.trainable = not frozen
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
    one = deep_prior_step(network, z, image, mask, optimizer)
    two = deep_prior_step(network, z, image, mask, optimizer)
    moved = [tf.reshape(weight.value, [-1]) for weight in (first.kernel, between.kernel, between.bias, output.kernel)]
    return one, two, tf.concat([*moved, output.bias.value], 0)


# What the functions promise to take.


def integers(rng, low, high, count):
    return [int(value) for value in rng.integers(low, high + 1, count)]


def any_gabor(rng):
    values = {"wavelength": (2, 12), "angle": (-4, 4), "phase": (-4, 4), "sigma": (0.7, 5), "aspect": (0.3, 1.5)}
    return {"size": int(rng.integers(1, 8))} | {k: uniform(low=low, high=high) for k, (low, high) in values.items()}


def any_energy(rng):
    size, n = integers(rng, 1, 4, 2)
    height, width = integers(rng, size, 8, 2)
    return {"image": normal(height, width), "bank": normal(size, size, n, 2)}


def any_network(rng):
    height, width, c, k, classes = integers(rng, 2, 5, 2) + integers(rng, 1, 4, 2) + integers(rng, 1, 5, 1)
    weights = {"filters": normal(3, 2, c, k), "dense": normal(k, classes)}
    return {"image": uniform(height, width, c), **weights, "label": int(rng.integers(classes))}


def any_occlusion(rng):
    drawn = any_network(rng)
    height, width, _ = drawn["image"].shape
    return drawn | {"patch": int(rng.integers(1, min(height, width) + 1)), "stride": int(rng.integers(1, 4))}


def any_layers(rng):
    return [
        (f, s, int(rng.integers(0, f))) for f, s in zip(integers(rng, 1, 5, 3), integers(rng, 1, 3, 3), strict=True)
    ]


def any_unit(rng):
    return {
        "layers": any_layers(rng)[: int(rng.integers(0, 4))],
        "y": int(rng.integers(20)),
        "x": int(rng.integers(20)),
    }


def any_activations(rng):
    n, rows, columns = integers(rng, 1, 6, 3)
    images = normal(n, *integers(rng, 4, 9, 2), int(rng.integers(1, 4)))
    layers = [(int(rng.integers(1, 5)), int(rng.integers(1, 3)), int(rng.integers(0, 2)))]
    height, width = images.shape[1:3]
    rows, columns = max(1, min(rows, height // 2)), max(1, min(columns, width // 2))
    return {
        "activations": distinct(n, rows, columns),
        "images": images,
        "layers": layers,
        "k": int(rng.integers(1, n + 1)),
    }


def any_dissection(rng):
    n, rows, columns = integers(rng, 1, 4, 3)
    up, across = integers(rng, 1, 3, 2)
    shapes = {"activation": distinct(n, rows, columns), "mask": uniform(n, rows * up, columns * across)}
    return shapes | {"quantile": float(rng.choice([0, 0.31, 0.57, 0.83, 1]))}


def any_features(rng):
    return {"features": normal(*integers(rng, 1, 5, 3))}


def any_content(rng):
    shape = integers(rng, 1, 5, 3)
    return {"features": normal(*shape), "target": normal(*shape)}


def any_style(rng):
    shape = integers(rng, 1, 5, 3)
    return {"features": normal(*shape), "gram": normal(shape[-1], shape[-1])}


def painting(height, width, c, k, m, alpha, beta):
    """An image, the weights of two layers, and what is wanted of their features."""
    return {
        "image": uniform(height, width, c),
        "first": normal(3, 2, c, k),
        "second": normal(2, 3, k, m, std=0.5),
        "content": uniform(-(-height // 2), -(-width // 2), m, high=3.0),
        "first_gram": uniform(k, k, high=20.0),
        "second_gram": uniform(m, m, high=20.0),
        "alpha": alpha,
        "beta": beta,
    }


def one_pixel(content, first_gram, second_gram, alpha=1.0, beta=1.0, second=1):
    """A pixel that is 2, and so are its features in the first layer, and in the second one, unless its weight is not 1."""
    return {
        "image": array([[[2]]]),
        "first": GREY,
        "second": array([[[[second]]]]),
        "content": array([[[content]]]),
        "first_gram": array([[first_gram]]),
        "second_gram": array([[second_gram]]),
        "alpha": alpha,
        "beta": beta,
    }


def any_painting(rng):
    height, width, c, k, m = integers(rng, 2, 5, 2) + integers(rng, 1, 3, 3)
    return painting(height, width, c, k, m, float(rng.uniform(0, 3)), float(rng.uniform(0, 1)))


def known(n, height, width, share):
    """A mask as it is written down: the same for every salt, with holes of several sizes."""
    holes = np.random.default_rng([n, height, width]).random((n, height, width, 1)) < share
    holes[:, 0, 0] = True
    return holes.astype(np.float32)


def any_prior_loss(rng):
    n, height, width, c = integers(rng, 1, 4, 4)
    shape = n, height, width, c
    return {
        "output": uniform(*shape),
        "image": uniform(*shape),
        "mask": known(n, height, width, float(rng.uniform(0.2, 1))),
    }


def any_prior_input(rng):
    kind = str(rng.choice(["noise", "meshgrid"]))
    shape = (20, 25, 9) if kind == "noise" else (*integers(rng, 2, 9, 2), 2)
    return {"kind": kind, "shape": shape, "seed": int(rng.integers(10**6))}


def prior(height, width, c, k, m, share, frozen=False):
    """A network's fixed input and weights, and a damaged image."""
    return {
        "z": uniform(1, height, width, c),
        "image": uniform(1, height, width, 3),
        "mask": known(1, height, width, share),
        "kernel": normal(3, 2, c, k, std=0.4),
        "middle": normal(2, 3, k, m, std=0.4),
        "last": normal(1, 1, m, 3, std=0.5),
        "frozen": frozen,
    }


def any_prior(rng):
    height, width, c, k, m = integers(rng, 3, 6, 2) + integers(rng, 1, 3, 3)
    return prior(height, width, c, k, m, 0.6, bool(rng.integers(2)))


def any_ascent(rng):
    shape = integers(rng, 1, 4, 3)
    f = str(rng.choice([VALLEY, WAVES, PRODUCT]))
    return {
        "f": code(f),
        "image": normal(*shape),
        "steps": int(rng.integers(0, 6)),
        "rate": float(rng.uniform(0.05, 0.3)),
    }


HILL = "lambda x: -tf.reduce_sum((x - 3) ** 2)"
VALLEY = "lambda x: tf.reduce_sum((x - 1) ** 2) / 2"
WAVES = "lambda x: tf.reduce_sum(tf.sin(2 * x) - 0.1 * x ** 2)"
PRODUCT = "lambda x: tf.reduce_sum(tf.tanh(x)) * tf.reduce_mean(x ** 2)"
FIRST = "lambda x: 5 * x[0, 0, 0] - 2 * x[-1, -1, -1]"

COLOURS = array([[[[1, 2], [-2, 1], [3, -1]]]])
"""Two 1x1 filters on three channels."""
TWO_CLASSES = array([[2, 1], [-1, 3]])
GREY = array([[[[1]]]])
ONE_CLASS = array([[1]])


def gabor_of(wavelength, angle, phase, sigma, aspect):
    """Five numbers as scalar tensors."""
    return {
        "wavelength": array(wavelength), "angle": array(angle), "phase": array(phase), "sigma": array(sigma), "aspect": array(aspect),
    }  # fmt: skip


def drawn_gabor(**known):
    """Five drawn numbers, unless one is given."""
    draws = {
        "wavelength": uniform(low=3.0, high=9.0),
        "angle": uniform(low=0.3, high=1.2),
        "phase": uniform(low=0.3, high=1.2),
        "sigma": uniform(low=1.0, high=3.0),
        "aspect": uniform(low=0.4, high=0.9),
    }
    return draws | {name: array(value) for name, value in known.items()}


def drawn_network(height, width, c, k, classes, label, **settings):
    """An image, the weights of a network, and a class."""
    return {
        "image": uniform(height, width, c),
        "filters": normal(3, 2, c, k),
        "dense": normal(k, classes),
        "label": label,
        **settings,
    }


def mask_of(*rows):
    return array([[[int(pixel) for pixel in row] for row in rows]])


QUESTIONS = (
    Question(
        "gabor",
        points=1,
        seconds=30,
        wrt=("wavelength", "angle", "phase", "sigma", "aspect"),
        ladder=(
            Rung("the centre alone", size=1, **gabor_of(4, 0, 0, 1, 1)),
            Rung("a wave to the right, a wide bell", size=3, **gabor_of(4, 0, 0, 1000, 1)),
            Rung("the wave runs down", size=3, **gabor_of(4, np.pi / 2, 0, 1000, 1)),
            Rung("a phase", size=3, **gabor_of(4, 0, np.pi / 2, 1000, 1)),
            Rung("a narrow bell", size=3, **gabor_of(1000, 0, 0, 1, 1)),
            Rung("a bell that is longer across the wave", size=3, **gabor_of(1000, 0, 0, 1, 0.5)),
            Rung("an even size", size=2, **gabor_of(2, 0, 0, 1000, 1)),
            Rung("the wave runs down to the right", size=3, **gabor_of(4, np.pi / 4, 0, 1000, 1)),
        ),
        cases=(
            Case("an odd size", public=True, size=5, **drawn_gabor()),
            Case("a negative angle", public=True, size=4, **drawn_gabor(angle=-0.7)),
            Case("a large filter", size=11, **drawn_gabor()),
            Case("an even size, drawn", size=6, **drawn_gabor()),
            Case("a bell shorter across the wave", size=7, **drawn_gabor(aspect=1.4)),
            Case("upwards to the left", size=7, **drawn_gabor(angle=3.9)),
            Case("float64", dtype="float64", size=5, **drawn_gabor()),
        ),
        domain=any_gabor,
    ),
    Question(
        "orientation_energy",
        points=1,
        wrt=("image", "bank"),
        ladder=(
            Rung("one pixel", image=array([[2]]), bank=array([[[[1, 0]]]])),
            Rung("two phases", image=array([[2]]), bank=array([[[[1, 3]]]])),
            Rung("several pixels", image=array([[1, -2], [0, 3]]), bank=array([[[[1, 2]]]])),
            Rung("two directions", image=array([[1, 2]]), bank=array([[[[1, 1], [0, 3]]]])),
            Rung(
                "a filter of 2x2",
                image=array([[1, 2, 0], [0, 1, 4]]),
                bank=array([[[[1, 0]], [[0, 1]]], [[[0, 0]], [[2, 0]]]]),
            ),
        ),
        cases=(
            Case("three directions", public=True, image=normal(5, 4), bank=normal(3, 3, 3, 2)),
            Case("a filter of an even size", public=True, image=normal(4, 6), bank=normal(2, 2, 1, 2)),
            Case("a wide image", image=normal(5, 9), bank=normal(3, 3, 4, 2)),
            Case("two directions, drawn", image=normal(6, 5), bank=normal(4, 4, 2, 2)),
            Case("the filter is as large as the image", image=normal(3, 3), bank=normal(3, 3, 5, 2)),
            Case("a bright image", image=normal(5, 7, mean=4.0), bank=normal(2, 2, 3, 2)),
            Case("float64", dtype="float64", image=normal(4, 5), bank=normal(3, 3, 2, 2)),
        ),
        domain=any_energy,
    ),
    Question(
        "saliency",
        points=1.5,
        probe=of_a_network,
        ladder=(
            Rung("one channel, one class", image=array([[[2]]]), filters=array([[[[3]]]]), dense=ONE_CLASS, label=0),
            Rung("a negative gradient", image=array([[[2]]]), filters=array([[[[3]]]]), dense=array([[-1]]), label=0),
            Rung(
                "where the ReLU is closed",
                image=array([[[2], [-1]]]),
                filters=array([[[[3]]]]),
                dense=ONE_CLASS,
                label=0,
            ),
            Rung("the second class", image=array([[[2]]]), filters=GREY, dense=array([[5, 2]]), label=1),
            Rung(
                "three channels",
                image=array([[[2, 1, 1]]]),
                filters=array([[[[1], [-4], [5]]]]),
                dense=ONE_CLASS,
                label=0,
            ),
            Rung("two filters", image=array([[[2, 1, 1]]]), filters=COLOURS, dense=TWO_CLASSES, label=1),
            Rung(
                "an image",
                image=array([[[1, 1, 1], [2, 0, 0]], [[0, 2, 1], [1, 1, 0]]]),
                filters=COLOURS,
                dense=TWO_CLASSES,
                label=0,
            ),
        ),
        cases=(
            Case("a drawn image", public=True, **drawn_network(4, 5, 3, 4, 3, 1)),
            Case("two classes, the first", public=True, **drawn_network(3, 2, 2, 3, 2, 0)),
            Case("many classes, the last", **drawn_network(5, 4, 3, 6, 7, 6)),
            Case("one channel", **drawn_network(6, 4, 1, 5, 3, 1)),
            Case("many channels", **drawn_network(3, 5, 6, 4, 3, 0)),
            Case("a class from the middle", **drawn_network(4, 7, 3, 5, 5, 2)),
            Case("float64", dtype="float64", **drawn_network(4, 3, 3, 4, 4, 2)),
        ),
        domain=any_network,
    ),
    Question(
        "occlusion_map",
        points=1.5,
        probe=of_a_network,
        ladder=(
            Rung("one pixel", image=array([[[2]]]), filters=GREY, dense=ONE_CLASS, label=0, patch=1, stride=1),
            Rung("two pixels", image=array([[[2], [3]]]), filters=GREY, dense=ONE_CLASS, label=0, patch=1, stride=1),
            Rung(
                "two rows",
                image=array([[[2], [3]], [[1], [4]], [[0], [6]]]),
                filters=GREY,
                dense=ONE_CLASS,
                label=0,
                patch=1,
                stride=1,
            ),
            Rung(
                "the second class",
                image=array([[[2], [3]]]),
                filters=GREY,
                dense=array([[1, -2]]),
                label=1,
                patch=1,
                stride=1,
            ),
            Rung(
                "a square of 2x2",
                image=array([[[2], [3], [1]], [[1], [4], [0]]]),
                filters=GREY,
                dense=ONE_CLASS,
                label=0,
                patch=2,
                stride=1,
            ),
            Rung(
                "stride 2",
                image=array([[[2], [3], [1], [5]]]),
                filters=GREY,
                dense=ONE_CLASS,
                label=0,
                patch=1,
                stride=2,
            ),
            Rung(
                "the last squares do not fit",
                image=array([[[2]] * 5, [[3]] * 5, [[4]] * 5]),
                filters=GREY,
                dense=ONE_CLASS,
                label=0,
                patch=2,
                stride=2,
            ),
            Rung(
                "several channels",
                image=array([[[2, 1, 1], [1, 0, 3]]]),
                filters=COLOURS,
                dense=TWO_CLASSES,
                label=1,
                patch=1,
                stride=1,
            ),
        ),
        cases=(
            Case("a drawn image", public=True, **drawn_network(5, 6, 3, 4, 3, 1, patch=2, stride=1)),
            Case("stride 2, drawn", public=True, **drawn_network(6, 5, 2, 3, 2, 0, patch=3, stride=2)),
            Case("gaps between the squares", **drawn_network(7, 9, 3, 4, 4, 3, patch=2, stride=3)),
            Case("the square is as high as the image", **drawn_network(4, 7, 3, 5, 3, 1, patch=4, stride=1)),
            Case("one pixel at a time", **drawn_network(5, 4, 3, 4, 5, 2, patch=1, stride=1)),
            Case("many channels", **drawn_network(6, 8, 5, 4, 3, 0, patch=3, stride=2)),
            Case("float64", dtype="float64", **drawn_network(5, 6, 3, 4, 4, 2, patch=2, stride=2)),
        ),
        domain=any_occlusion,
    ),
    Question(
        "receptive_patch",
        points=1,
        returns=("top", "bottom", "left", "right"),
        ladder=(
            Rung("no layer", layers=[], y=3, x=5),
            Rung("a 3x3 convolution", layers=[(3, 1, 0)], y=0, x=2),
            Rung("stride 2", layers=[(2, 2, 0)], y=1, x=3),
            Rung("a kernel larger than the stride", layers=[(3, 2, 0)], y=1, x=2),
            Rung("padding", layers=[(3, 1, 1)], y=4, x=0),
            Rung("two layers", layers=[(3, 1, 0), (3, 1, 0)], y=1, x=0),
            Rung("the pooling layer is the last", layers=[(3, 1, 1), (2, 2, 0)], y=2, x=0),
            Rung("the pooling layer is the first", layers=[(2, 2, 0), (3, 1, 1)], y=2, x=0),
        ),
        cases=(
            Case("three layers", public=True, layers=[(7, 1, 3), (2, 2, 0), (3, 1, 1)], y=3, x=10),
            Case("strides 3 and 2", public=True, layers=[(5, 3, 2), (3, 2, 1)], y=0, x=4),
            Case(
                "two drawn layers",
                layers=[(integer(3, 6), integer(2, 3), integer(1, 2)), (integer(2, 5), integer(2, 3), integer(0, 1))],
                y=integer(0, 9),
                x=integer(10, 20),
            ),
            Case(
                "three drawn layers",
                layers=[
                    (integer(3, 7), integer(1, 3), integer(1, 3)),
                    (integer(2, 3), 2, integer(0, 1)),
                    (integer(3, 5), integer(1, 2), integer(1, 2)),
                ],
                y=integer(0, 30),
                x=integer(0, 30),
            ),
            Case(
                "one drawn layer",
                layers=[(integer(4, 9), integer(2, 4), integer(1, 3))],
                y=integer(1, 40),
                x=integer(1, 40),
            ),
            Case(
                "five layers of a VGG",
                layers=[(3, 1, 1), (3, 1, 1), (2, 2, 0), (3, 1, 1), (3, 1, 1)],
                y=integer(0, 50),
                x=integer(0, 50),
            ),
        ),
        domain=any_unit,
    ),
    Question(
        "top_patches",
        points=1,
        probe=in_numpy,
        returns=("chosen", "patches"),
        ladder=(
            Rung("one image", activations=array([[[1, 4]]]), images=array([[[[5], [6]]]]), layers=[(1, 1, 0)], k=1),
            Rung(
                "the largest first",
                activations=array([[[1]], [[7]], [[4]]]),
                images=array([[[[5]]], [[[6]]], [[[8]]]]),
                layers=[(1, 1, 0)],
                k=2,
            ),
            Rung(
                "each image once",
                activations=array([[[6, 7]], [[1, 2]]]),
                images=array([[[[1], [2]]], [[[3], [4]]]]),
                layers=[(1, 1, 0)],
                k=2,
            ),
            Rung(
                "rows and columns",
                activations=array([[[1, 2, 3], [9, 5, 6]]]),
                images=array([[[[1], [2], [3]], [[4], [5], [6]]]]),
                layers=[(1, 1, 0)],
                k=1,
            ),
            Rung(
                "a window of 2x2, stride 2",
                activations=array([[[0, 3]]]),
                images=array([[[[1], [2], [3], [4]], [[5], [6], [7], [8]]]]),
                layers=[(2, 2, 0)],
                k=1,
            ),
            Rung("zeros outside", activations=array([[[3, 0]]]), images=array([[[[5], [6]]]]), layers=[(3, 1, 1)], k=1),
            Rung(
                "equal activations",
                activations=array([[[2, 2]], [[2, 2]]]),
                images=array([[[[1], [2]]], [[[3], [4]]]]),
                layers=[(1, 1, 0)],
                k=2,
            ),
        ),
        cases=(
            Case(
                "five images",
                public=True,
                activations=distinct(5, 3, 4),
                images=normal(5, 6, 8, 3),
                layers=[(3, 2, 1)],
                k=3,
            ),
            Case(
                "a convolution",
                public=True,
                activations=distinct(3, 4, 5),
                images=normal(3, 6, 7, 2),
                layers=[(3, 1, 0)],
                k=3,
            ),
            Case(
                "two layers",
                activations=distinct(6, 3, 4),
                images=normal(6, 6, 8, 3),
                layers=[(3, 1, 1), (2, 2, 0)],
                k=4,
            ),
            Case(
                "a window larger than the image",
                activations=distinct(4, 4, 3),
                images=normal(4, 4, 3, 2),
                layers=[(7, 1, 3)],
                k=2,
            ),
            Case(
                "all negative",
                activations=distinct(5, 4, 6, low=-9, high=-1),
                images=normal(5, 8, 12, 1),
                layers=[(4, 2, 1)],
                k=4,
            ),
            Case("many images", activations=distinct(20, 2, 3), images=normal(20, 4, 6, 2), layers=[(3, 2, 1)], k=5),
            Case(
                "float64",
                dtype="float64",
                activations=distinct(4, 5, 3),
                images=normal(4, 5, 3, 3),
                layers=[(3, 1, 1)],
                k=3,
            ),
        ),
        steady=("chosen",),
        domain=any_activations,
    ),
    Question(
        "dissection_iou",
        points=1,
        probe=of_a_mask,
        ladder=(
            Rung("half of the pixels", activation=array([[[0, 1, 2, 3]]]), mask=mask_of("0011"), quantile=0.5),
            Rung("one pixel too many", activation=array([[[0, 1, 2, 3]]]), mask=mask_of("0111"), quantile=0.5),
            Rung("one pixel in common", activation=array([[[0, 1, 2, 3]]]), mask=mask_of("0110"), quantile=0.5),
            Rung("a higher quantile", activation=array([[[0, 1, 2, 3, 4]]]), mask=mask_of("00111"), quantile=0.7),
            Rung(
                "two images, one threshold",
                activation=array([[[0, 1]], [[8, 9]]]),
                mask=array([[[0, 0]], [[1, 1]]]),
                quantile=0.5,
            ),
            Rung("the map is enlarged", activation=array([[[1, 4]]]), mask=mask_of("0111"), quantile=0.5),
            Rung("in both directions", activation=array([[[1, 4]]]), mask=mask_of("010010", "000111"), quantile=0.5),
            Rung(
                "a place at the threshold", activation=array([[[0, 1, 2, 3, 4]]]), mask=mask_of("00111"), quantile=0.5
            ),
            Rung("nothing at all", activation=array([[[2, 2]]]), mask=mask_of("00"), quantile=0.5),
        ),
        cases=(
            Case("three images", public=True, activation=distinct(3, 2, 3), mask=uniform(3, 4, 6), quantile=0.7),
            Case(
                "four images of the same size",
                public=True,
                activation=distinct(4, 5, 3),
                mask=uniform(4, 5, 3),
                quantile=0.77,
            ),
            Case("a small share", activation=distinct(6, 5, 7), mask=uniform(6, 10, 14, high=0.7), quantile=0.93),
            Case("enlarged three times and twice", activation=distinct(5, 4, 3), mask=uniform(5, 12, 6), quantile=0.72),
            Case("a low quantile", activation=distinct(4, 4, 6), mask=uniform(4, 8, 12, high=0.8), quantile=0.23),
            Case(
                "negative activations",
                activation=distinct(5, 3, 4, low=-9, high=-1),
                mask=uniform(5, 3, 8),
                quantile=0.6,
            ),
            Case("float64", dtype="float64", activation=distinct(4, 3, 5), mask=uniform(4, 6, 10), quantile=0.68),
        ),
        steady=("value",),
        domain=any_dissection,
    ),
    Question(
        "maximize_activation",
        points=1,
        ladder=(
            Rung("no step", f=code(HILL), image=array([[[0]]]), steps=0, rate=0.25),
            Rung("one step", f=code(HILL), image=array([[[0]]]), steps=1, rate=0.25),
            Rung("another rate", f=code(HILL), image=array([[[0]]]), steps=1, rate=0.125),
            Rung("two steps", f=code(HILL), image=array([[[0]]]), steps=2, rate=0.25),
            Rung("several pixels", f=code(FIRST), image=array([[[1], [2]], [[0], [4]]]), steps=3, rate=0.5),
            Rung("away from a valley", f=code(VALLEY), image=array([[[2, -1]]]), steps=2, rate=0.5),
        ),
        cases=(
            Case("waves", public=True, f=code(WAVES), image=normal(3, 4, 2), steps=4, rate=0.1),
            Case("far up", public=True, f=code(VALLEY), image=normal(2, 3, 1), steps=3, rate=0.3),
            Case("many steps", f=code(WAVES), image=normal(4, 3, 3), steps=12, rate=0.15),
            Case("large values", f=code(HILL), image=normal(3, 5, 2, std=9.0), steps=3, rate=0.2),
            Case(
                "pixels that depend on each other",
                f=code(PRODUCT),
                image=normal(3, 2, 3, mean=0.5, std=0.5),
                steps=4,
                rate=0.2,
            ),
            Case(
                "small gradients",
                f=code("lambda x: tf.reduce_mean(tf.sin(x)) / 10"),
                image=normal(2, 4, 3),
                steps=5,
                rate=2.0,
            ),
            Case("float64", dtype="float64", f=code(WAVES), image=normal(3, 3, 2), steps=5, rate=0.2),
        ),
        domain=any_ascent,
    ),
    Question(
        "gram_matrix",
        points=1,
        wrt=("features",),
        ladder=(
            Rung("one number", features=array([[[3]]])),
            Rung("two channels", features=array([[[1, 2]]])),
            Rung("two places", features=array([[[1], [3]]])),
            Rung("two places with two channels", features=array([[[1, 2], [3, 0]]])),
            Rung("two rows", features=array([[[1, 2], [0, 1]], [[-1, 0], [2, 1]]])),
            Rung("three channels", features=array([[[1, 0, 2], [1, -1, 0]]])),
        ),
        cases=(
            Case("a small map", public=True, features=normal(3, 2, 4)),
            Case("more places than channels", public=True, features=normal(4, 5, 2)),
            Case("many channels", features=normal(2, 3, 9)),
            Case("as many rows as channels", features=normal(3, 4, 3)),
            Case("as many columns as channels", features=normal(2, 5, 5)),
            Case("far from zero", features=normal(4, 3, 3, mean=3.0)),
            Case("float64", dtype="float64", features=normal(3, 4, 2)),
        ),
        domain=any_features,
    ),
    Question(
        "content_loss",
        points=0.5,
        wrt=("features", "target"),
        ladder=(
            Rung("equal features", features=array([[[3, 1]]]), target=array([[[3, 1]]])),
            Rung("one number", features=array([[[3]]]), target=array([[[1]]])),
            Rung("two channels", features=array([[[1, 4]]]), target=array([[[2, 2]]])),
            Rung("several places", features=array([[[1], [4]], [[0], [2]]]), target=array([[[2], [2]], [[2], [2]]])),
            Rung("differences that cancel", features=array([[[1, 3]]]), target=array([[[3, 1]]])),
        ),
        cases=(
            Case("a small map", public=True, features=normal(3, 2, 4), target=normal(3, 2, 4)),
            Case("one channel", public=True, features=normal(2, 5, 1), target=normal(2, 5, 1)),
            Case("many channels", features=normal(2, 3, 9), target=normal(2, 3, 9)),
            Case("far apart", features=normal(3, 4, 3, mean=4.0), target=normal(3, 4, 3)),
            Case("a larger map", features=normal(5, 7, 2), target=normal(5, 7, 2)),
            Case("float64", dtype="float64", features=normal(3, 4, 2), target=normal(3, 4, 2)),
        ),
        domain=any_content,
    ),
    Question(
        "style_loss",
        points=0.5,
        wrt=("features", "gram"),
        ladder=(
            Rung("the same style", features=array([[[2]]]), gram=array([[4]])),
            Rung("one number", features=array([[[2]]]), gram=array([[1]])),
            Rung("two channels", features=array([[[1, 2]]]), gram=array([[1, 1], [1, 1]])),
            Rung("several places", features=array([[[1, 0], [0, 1]], [[1, 1], [2, 0]]]), gram=array([[5, 0], [0, 2]])),
            Rung("differences that cancel", features=array([[[1, 2]]]), gram=array([[4, 2], [2, 1]])),
        ),
        cases=(
            Case("a small map", public=True, features=normal(3, 2, 4), gram=normal(4, 4)),
            Case("two channels, drawn", public=True, features=normal(2, 5, 2), gram=normal(2, 2)),
            Case("many channels", features=normal(2, 3, 7), gram=normal(7, 7)),
            Case("as many rows as channels", features=normal(3, 4, 3), gram=normal(3, 3, std=3.0)),
            Case("a larger map", features=normal(5, 7, 2), gram=normal(2, 2, std=10.0)),
            Case("float64", dtype="float64", features=normal(3, 4, 3), gram=normal(3, 3)),
        ),
        domain=any_style,
    ),
    Question(
        "total_loss",
        points=1.5,
        wrt=("image",),
        probe=of_two_layers,
        ladder=(
            Rung("nothing to lose", **one_pixel(content=2, first_gram=4, second_gram=4)),
            Rung("another content", **one_pixel(content=0, first_gram=4, second_gram=4)),
            Rung("the content of the last layer", **one_pixel(content=5, first_gram=4, second_gram=36, second=3)),
            Rung("alpha is 3", **one_pixel(content=0, first_gram=4, second_gram=4, alpha=3.0)),
            Rung("the style of the last layer", **one_pixel(content=2, first_gram=4, second_gram=3)),
            Rung("the style of the first layer", **one_pixel(content=2, first_gram=2, second_gram=4)),
            Rung("the styles of both layers", **one_pixel(content=2, first_gram=2, second_gram=3)),
            Rung("beta is 5", **one_pixel(content=2, first_gram=2, second_gram=3, beta=5.0)),
            Rung("content and style", **one_pixel(content=0, first_gram=2, second_gram=3, alpha=3.0, beta=5.0)),
        ),
        cases=(
            Case("a drawn image", public=True, **painting(4, 5, 3, 2, 4, 2.0, 0.1)),
            Case("content alone", public=True, **painting(4, 3, 2, 3, 2, 0.5, 0.0)),
            Case("style alone", public=True, **painting(3, 4, 2, 2, 3, 0.0, 0.5)),
            Case("equal weights", public=True, **painting(5, 3, 2, 3, 2, 1.0, 1.0)),
            Case("much content", **painting(5, 6, 3, 4, 2, 30.0, 0.02)),
            Case("much style", **painting(4, 6, 3, 3, 3, 0.1, 2.0)),
            Case("many channels", **painting(5, 4, 3, 5, 6, 1.0, 0.05)),
            Case("a grey image", **painting(6, 5, 1, 2, 3, 3.0, 0.2)),
            Case("float64", dtype="float64", **painting(4, 5, 3, 3, 2, 2.0, 0.3)),
        ),
        domain=any_painting,
    ),
    Question(
        "deep_prior_loss",
        points=1,
        wrt=("output", "image"),
        ladder=(
            Rung("one pixel", output=array([[[[3]]]]), image=array([[[[1]]]]), mask=array([[[[1]]]])),
            Rung(
                "two known pixels",
                output=array([[[[3], [2]]]]),
                image=array([[[[1], [2]]]]),
                mask=array([[[[1], [1]]]]),
            ),
            Rung(
                "one of two is lost",
                output=array([[[[3], [2]]]]),
                image=array([[[[1], [7]]]]),
                mask=array([[[[1], [0]]]]),
            ),
            Rung(
                "two channels",
                output=array([[[[3, 1], [2, 2]]]]),
                image=array([[[[1, 1], [7, 5]]]]),
                mask=array([[[[1], [0]]]]),
            ),
            Rung(
                "two rows",
                output=array([[[[1], [2]], [[3], [4]]]]),
                image=array([[[[1], [0]], [[0], [0]]]]),
                mask=array([[[[1], [1]], [[0], [1]]]]),
            ),
            Rung(
                "two images",
                output=array([[[[1]]], [[[3]]]]),
                image=array([[[[0]]], [[[0]]]]),
                mask=array([[[[1]]], [[[1]]]]),
            ),
        ),
        cases=(
            Case(
                "half of the pixels",
                public=True,
                output=uniform(1, 4, 5, 3),
                image=uniform(1, 4, 5, 3),
                mask=known(1, 4, 5, 0.5),
            ),
            Case(
                "everything is known",
                public=True,
                output=uniform(2, 3, 4, 2),
                image=uniform(2, 3, 4, 2),
                mask=known(2, 3, 4, 1),
            ),
            Case(
                "a tenth of the pixels", output=uniform(1, 7, 9, 3), image=uniform(1, 7, 9, 3), mask=known(1, 7, 9, 0.1)
            ),
            Case("nearly all pixels", output=uniform(2, 5, 4, 3), image=uniform(2, 5, 4, 3), mask=known(2, 5, 4, 0.9)),
            Case("one channel", output=uniform(3, 4, 6, 1), image=uniform(3, 4, 6, 1), mask=known(3, 4, 6, 0.6)),
            Case(
                "wild values at lost pixels",
                output=normal(1, 5, 6, 4),
                image=normal(1, 5, 6, 4, std=50.0),
                mask=known(1, 5, 6, 0.5),
            ),
            Case(
                "float64",
                dtype="float64",
                output=uniform(2, 3, 5, 2),
                image=uniform(2, 3, 5, 2),
                mask=known(2, 3, 5, 0.4),
            ),
        ),
        domain=any_prior_loss,
    ),
    Question(
        "deep_prior_input",
        points=0.5,
        probe=fixed_input,
        returns=(
            "value",
            "lowest_in_hundredths",
            "highest_in_hundredths",
            "uniform",
            "all_different",
            "repeatable",
            "seed_matters",
        ),
        ladder=(
            Rung("a meshgrid of 2x2", kind="meshgrid", shape=(2, 2, 2), seed=0),
            Rung("two rows and three columns", kind="meshgrid", shape=(2, 3, 2), seed=0),
            Rung("five rows", kind="meshgrid", shape=(5, 3, 2), seed=0),
            Rung("noise", kind="noise", shape=(16, 20, 10), seed=0),
        ),
        cases=(
            Case("a larger meshgrid", public=True, kind="meshgrid", shape=(9, 5, 2), seed=7),
            Case("noise with many channels", public=True, kind="noise", shape=(9, 10, 32), seed=5),
            Case("noise in two channels", kind="noise", shape=(40, 36, 2), seed=integer(0, 9999)),
            Case("noise for a wide image", kind="noise", shape=(12, 50, 5), seed=integer(0, 9999)),
            Case(
                "a meshgrid for a wide image",
                kind="meshgrid",
                shape=(integer(3, 6), integer(7, 12), 2),
                seed=integer(0, 9999),
            ),
            Case(
                "a meshgrid for a high image",
                kind="meshgrid",
                shape=(integer(8, 20), integer(2, 6), 2),
                seed=integer(0, 9999),
            ),
        ),
        steady=(
            "value",
            "lowest_in_hundredths",
            "highest_in_hundredths",
            "uniform",
            "all_different",
            "repeatable",
            "seed_matters",
        ),
        domain=any_prior_input,
    ),
    Question(
        "deep_prior_step",
        points=1,
        seconds=40,
        probe=two_prior_steps,
        returns=("first_loss", "second_loss", "weights"),
        cases=(
            Case("a drawn image", public=True, **prior(4, 5, 2, 3, 2, 0.5)),
            Case("everything is known", public=True, **prior(3, 4, 3, 2, 2, 1)),
            Case("the first layer is frozen", public=True, **prior(5, 4, 2, 2, 3, 0.7, frozen=True)),
            Case("a third of the pixels", **prior(6, 5, 3, 3, 2, 0.3)),
            Case("a wide image", **prior(4, 9, 2, 4, 3, 0.6)),
            Case("a frozen layer, many holes", **prior(5, 6, 3, 2, 4, 0.4, frozen=True)),
            Case("float64", dtype="float64", **prior(4, 6, 2, 3, 3, 0.5)),
        ),
        domain=any_prior,
    ),
)

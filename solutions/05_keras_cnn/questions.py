"""A Keras CNN: what is called, on which inputs, and for how many points."""

import numpy as np

from autograder.question import Ban, Case, Exam, ModelQuestion, Question, Rung, array, labels, normal, probe, uniform
from autograder.strokes import strokes

LOSSES = (
    "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "SparseCategoricalCrossentropy",
    "CategoricalCrossentropy",
    "log_softmax",
)


# What is called in the place of the student's classes and of train_step. Only their source travels to the worker, so they
# import what they use.


@probe
def use_conv(MyConv2D, x, kernel, bias, dy, strides, padding):
    """One call with given weights, its gradients, the same again from the layer's own configuration, and a fresh layer."""
    import numpy as np
    import tensorflow as tf

    def made(layer):
        layer(x)  # builds it
        for name, wanted in (("kernel", kernel), ("bias", bias)):
            weight = getattr(layer, name, None)
            if weight is None:
                raise ValueError(f"After build, the layer has no weight self.{name}.")
            if tuple(weight.shape) != tuple(wanted.shape):
                raise ValueError(
                    f"self.{name} should have shape {tuple(wanted.shape)}, but it has {tuple(weight.shape)}."
                )
            weight.assign(wanted)
        return layer

    settings = {"filters": kernel.shape[-1], "kernel_size": tuple(kernel.shape[:2]), "strides": strides}
    layer = made(MyConv2D(**settings, padding=padding, dtype=x.dtype.name, name="probed"))
    y = layer(x)
    with tf.GradientTape() as tape:
        again = layer(x)
    dy = dy if y.shape == dy.shape else tf.ones_like(y)  # a wrong shape is told by y
    dkernel, dbias = tape.gradient(again, [layer.kernel.value, layer.bias.value], output_gradients=dy)
    restored = made(type(layer).from_config(layer.get_config()))
    kept = int(restored.name == layer.name) + int(restored.compute_dtype == layer.compute_dtype)

    fresh = MyConv2D(16, (5, 5), dtype=x.dtype.name)
    fresh(tf.zeros((1, 5, 5, 16), x.dtype))
    begin, limit = np.asarray(fresh.kernel), np.sqrt(6 / (2 * 5 * 5 * 16))  # Glorot's, of the uniform distribution
    spread = [np.max(np.abs(begin)) / limit, np.std(begin) / limit * np.sqrt(3), np.max(np.abs(fresh.bias))]
    start = tf.constant(np.round(10 * np.array(spread)).astype(np.int32))  # whole tenths, whatever was drawn
    return y, dkernel, dbias, len(layer.trainable_weights), restored(x), kept, start


@probe
def use_batch_norm(MyBatchNorm, x, gamma, beta, moving_mean, moving_variance, **settings):
    """A call in training, what it did to the moving statistics, calls at inference, and the layer from its configuration."""
    import numpy as np
    import tensorflow as tf

    def made(layer):
        layer(x)  # builds it
        weights = {"gamma": gamma, "beta": beta, "moving_mean": moving_mean, "moving_variance": moving_variance}
        for name, wanted in weights.items():
            weight = getattr(layer, name, None)
            if weight is None:
                raise ValueError(f"After build, the layer has no weight self.{name}.")
            if tuple(weight.shape) != tuple(wanted.shape):
                raise ValueError(
                    f"self.{name} should have shape {tuple(wanted.shape)}, but it has {tuple(weight.shape)}."
                )
            weight.assign(wanted)
        return layer

    layer = made(MyBatchNorm(**settings, dtype=x.dtype.name, name="probed"))
    restored = made(type(layer).from_config(layer.get_config()))
    kept = int(restored.name == layer.name) + int(restored.compute_dtype == layer.compute_dtype)
    fresh = MyBatchNorm(**settings, dtype=x.dtype.name)(x)  # as it begins: mean 0, variance 1, gamma 1, beta 0
    y = layer(x, training=True)
    mean, variance = tf.constant(np.asarray(layer.moving_mean)), tf.constant(np.asarray(layer.moving_variance))
    inference = layer(x, training=False)
    after = tf.constant(np.stack([np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)]))
    trainable = sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)
    restored(x, training=True)
    return y, mean, variance, inference, after, trainable, fresh, restored(x), kept


@probe
def use_train_step(train_step, x, y, kernel, gamma, dense, frozen):
    """Two steps of a small model with given weights: the losses, and the weights and moving statistics after them."""
    import keras
    import tensorflow as tf

    kind = x.dtype.name
    first = keras.layers.Conv2D(kernel.shape[-1], tuple(kernel.shape[:2]), use_bias=False, dtype=kind)
    last = keras.layers.Dense(dense.shape[-1], dtype=kind)
    norm = keras.layers.BatchNormalization(momentum=0.8, dtype=kind)
    model = keras.Sequential(
        [
            keras.Input(x.shape[1:], dtype=kind),
            first,
            norm,
            keras.layers.ReLU(dtype=kind),
            keras.layers.GlobalAveragePooling2D(dtype=kind),
            last,
        ]
    )
    first.kernel.assign(kernel)
    norm.gamma.assign(gamma)
    last.kernel.assign(dense)
    first.trainable = not frozen
    optimizer = keras.optimizers.SGD(0.5, momentum=0.9)
    one = train_step(model, x, y, optimizer)
    two = train_step(model, x, y, optimizer)
    moved = [tf.reshape(weight.value, [-1]) for weight in (first.kernel, norm.gamma, norm.beta, last.kernel, last.bias)]
    return one, two, tf.concat(moved, 0), tf.stack([norm.moving_mean.value, norm.moving_variance.value])


@probe
def use_train(train, x, y, classes, seed):
    """Trains a fixed small network for raw pixels."""
    import keras
    import numpy as np

    model = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3, use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-6),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(classes),
        ]
    )
    start = model.get_weights()
    losses = train(model, x.numpy(), y.numpy(), seed)
    if not isinstance(losses, list) or not losses or not all(isinstance(loss, (float, np.floating)) for loss in losses):
        raise ValueError(
            "Return the losses as a list of Python floats, one for each step: float(loss) converts a tensor."
        )
    if len(losses) > 200:
        raise ValueError(f"The run took {len(losses)} steps; 200 are allowed.")
    return model, start


def trained_by_the_examiner(train, test, size, classes):
    """An exam in which the model learns strokes."""
    x, y, images, hidden = strokes(train, test, size, classes)
    return Exam(images, hidden, classes, x, y, steps=60)


def trained_by_the_student(train, test, size, classes):
    """A case of `train`: its arguments, sorted by label as many data sets come, and its exam."""
    x, y, images, hidden = strokes(train, test, size, classes, sorted_by_label=True)
    return {"x": x, "y": y, "classes": classes, "exam": Exam(images, hidden, classes)}


LENET = (
    ("convolution", (28, 28, 6), 156, "tanh"),
    ("average pooling", (14, 14, 6), 0, ""),
    ("convolution", (10, 10, 16), 2416, "tanh"),
    ("average pooling", (5, 5, 16), 0, ""),
    ("convolution", (1, 1, 120), 48120, "tanh"),
    ("dense", (84,), 10164, "tanh"),
    ("dense", (10,), 850, ""),
)


def classes(*indices):
    """Labels that are written down."""
    return np.asarray(indices, np.int32)


def gammas(channels):
    """Scales away from 0, of both signs: a channel scaled by nearly 0 would hide its mistakes."""
    low = (0.5, -1.6, 1.2, -2.4, 0.8)[:channels]
    return uniform(channels, low=low, high=tuple(value + 0.4 for value in low))


def betas(channels):
    """Shifts away from 0, of both signs."""
    low = (-0.9, 0.6, 1.1, -1.5, 0.4)[:channels]
    return uniform(channels, low=low, high=tuple(value + 0.4 for value in low))


# What the functions promise to take.


def integers(rng, low, high, count):
    return [int(value) for value in rng.integers(low, high + 1, count)]


def any_logits(rng):
    n, classes = integers(rng, 1, 8, 2)
    return {
        "logits": normal(n, classes, mean=rng.uniform(-5, 5), std=10 ** rng.uniform(-1, 3)),
        "labels": labels(n, classes),
    }


def convolution(rng):
    (n, c_in, c_out), (height, width) = integers(rng, 1, 4, 3), integers(rng, 1, 8, 2)
    same = bool(rng.random() < 0.5)
    kh, kw = (integers(rng, 1, 4 if same else min(4, size), 1)[0] for size in (height, width))
    sh, sw = integers(rng, 1, 3, 2)
    if alike := bool(rng.random() < 0.4):
        sw = sh
    out = [-(-size // s) if same else (size - k) // s + 1 for size, k, s in ((height, kh, sh), (width, kw, sw))]
    return {
        "x": normal(n, height, width, c_in),
        "kernel": normal(kh, kw, c_in, c_out),
        "bias": normal(c_out),
        "dy": normal(n, *out, c_out),
        "strides": sh if alike else (sh, sw),
        "padding": "same" if same else "valid",
    }


def batch_norm(rng):
    shape = integers(rng, 1, 6, rng.choice([2, 4]))
    channels = shape[-1]
    return {
        "x": normal(*shape, mean=rng.uniform(-2, 2), std=rng.uniform(0.1, 3)),
        **{name: normal(channels) for name in ("gamma", "beta", "moving_mean")},
        "moving_variance": uniform(channels, low=0.05, high=3.0),
        **({"momentum": float(rng.uniform(0.3, 0.99))} if rng.random() < 0.8 else {}),
        **({"epsilon": float(10 ** rng.uniform(-4, 0))} if rng.random() < 0.8 else {}),
    }


def any_images(rng):
    height, width = integers(rng, 24, 30, 2)
    channels, count = integers(rng, 1, 4, 1)[0], integers(rng, 3, 4, 1)[0]
    size = (height, width, channels)
    return {"input_shape": size, "num_classes": count, "exam": trained_by_the_examiner(384, 200, size, count)}


def lenet_images(rng):
    return {"exam": Exam(strokes(0, *integers(rng, 1, 8, 1), (32, 32, 1), 4)[2])}


def step(rng):
    (n, channels, count), (height, width) = integers(rng, 2, 6, 3), integers(rng, 3, 6, 2)
    c_in, kh, kw = integers(rng, 1, 3, 3)
    return {
        "x": normal(n, height, width, c_in, std=rng.uniform(0.5, 3)),
        "y": labels(n, count),
        "kernel": normal(kh, kw, c_in, channels, std=0.5),
        "gamma": uniform(channels, low=0.5, high=1.5),
        "dense": normal(channels, count),
        "frozen": bool(rng.random() < 0.3),
    }


def run(rng):
    height, width, channels = *integers(rng, 16, 22, 2), integers(rng, 1, 3, 1)[0]
    drawn = trained_by_the_student(
        integers(rng, 900, 1300, 1)[0], 200, (height, width, channels), integers(rng, 3, 4, 1)[0]
    )
    return {"seed": integers(rng, 0, 99, 1)[0], **drawn}


def picture(*channels):
    """One image (1, height, width, channels) from a matrix for each channel."""
    return array(channels).transpose(1, 2, 0)[None]


def kernel(*channels):
    """One filter (kh, kw, c_in, 1) from a matrix for each input channel."""
    return array(channels).transpose(1, 2, 0)[..., None]


TWO = picture([[1, 2], [4, 7]])
THREE = picture([[1, 2, 0], [4, 3, 6], [0, 5, 1]])
EVEN = kernel([[1, 2], [0, 5]])


def normalizing_rung(name, x, gamma=(1,), beta=(0,), moving_mean=(1,), moving_variance=(4,), epsilon=0.0):
    """A rung of `MyBatchNorm`: with the numbers 1 and 5 and these defaults, mean 3, variance 4, and both moving ones follow."""
    statistics = {"moving_mean": array(moving_mean), "moving_variance": array(moving_variance), "momentum": 0.5}
    return Rung(name, x=array(x), gamma=array(gamma), beta=array(beta), **statistics, epsilon=epsilon)


def step_rung(name, x, y, kernel=((((1,),),),), gamma=(1,), dense=((1, -2),), frozen=False):
    """A rung of `train_step`: images of a few pixels, and a convolution that leaves them as they are."""
    weights = {"kernel": array(kernel), "gamma": array(gamma), "dense": array(dense)}
    return Rung(name, x=array(x), y=classes(*y), **weights, frozen=frozen)


QUESTIONS = (
    Question(
        "softmax_cross_entropy",
        points=2,
        wrt=("logits",),
        ban=Ban(
            ops=("SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits", "LogSoftmax"),
            names=LOSSES,
            instead="the formula above: the largest logit, exponentials, their sum, and a logarithm",
        ),
        ladder=(
            Rung("two equal logits", logits=array([[3, 3]]), labels=classes(0)),
            Rung("the lecture's logits (1.2, 0.9, 0.4)", logits=array([[1.2, 0.9, 0.4]]), labels=classes(0)),
            Rung("the last class", logits=array([[1.2, 0.9, 0.4]]), labels=classes(2)),
            Rung("two images", logits=array([[3, 3], [0, 1]]), labels=classes(0, 1)),
            Rung("large logits, a right answer", logits=array([[1000, 0]]), labels=classes(0)),
            Rung("large logits, a wrong answer", logits=array([[1000, 0]]), labels=classes(1)),
            Rung("a large and a small image", logits=array([[1000, 0], [2, 2]]), labels=classes(0, 1)),
        ),
        cases=(
            Case(
                "logits of a thousand",
                public=True,
                logits=array([[1000, 998, 0], [-1000, 3, -2]]),
                labels=classes(1, 0),
            ),
            Case("a batch of five, four classes", logits=normal(5, 4, std=2.0), labels=labels(5, 4)),
            Case("rows of very different size", logits=normal(4, 3, std=300.0), labels=labels(4, 3)),
            Case("ten classes, low logits", logits=normal(3, 10, mean=-4.0, std=3.0), labels=labels(3, 10)),
            Case("float64", public=True, dtype="float64", logits=normal(4, 3, std=2.0), labels=labels(4, 3)),
        ),
        domain=any_logits,
    ),
    Question(
        "MyConv2D",
        points=2,
        seconds=24,
        probe=use_conv,
        returns=(
            "y",
            "dkernel",
            "dbias",
            "number of trainable weights",
            "y of the restored layer",
            "kept of name and dtype",
            "spread of a fresh kernel, and its bias",
        ),
        wrt=("x",),
        ladder=(
            Rung(
                "a 1x1 kernel",
                x=TWO,
                kernel=kernel([[3]]),
                bias=array([0]),
                dy=picture([[1, 0], [2, 4]]),
                strides=1,
                padding="valid",
            ),
            Rung(
                "a bias",
                x=TWO,
                kernel=kernel([[3]]),
                bias=array([-8]),
                dy=picture([[1, 0], [2, 4]]),
                strides=1,
                padding="valid",
            ),
            Rung(
                "several filters",
                x=picture([[2]]),
                kernel=array([[[[1, 5, 3]]]]),
                bias=array([4, -20, 0]),
                dy=picture([[2]], [[1]], [[6]]),
                strides=1,
                padding="valid",
            ),
            Rung("a 2x2 kernel", x=TWO, kernel=EVEN, bias=array([1]), dy=picture([[3]]), strides=1, padding="valid"),
            Rung("same", x=TWO, kernel=EVEN, bias=array([1]), dy=picture([[1, 0], [2, 4]]), strides=1, padding="same"),
            Rung(
                "stride 2",
                x=THREE,
                kernel=kernel([[3]]),
                bias=array([1]),
                dy=picture([[1, 0], [2, 4]]),
                strides=2,
                padding="valid",
            ),
        ),
        cases=(
            Case(
                "3x2 kernel, stride 1, valid",
                public=True,
                x=normal(2, 6, 5, 3),
                kernel=normal(3, 2, 3, 4),
                bias=normal(4),
                dy=normal(2, 4, 4, 4),
                strides=1,
                padding="valid",
            ),
            Case(
                "2x3 kernel, stride 2, same",
                public=True,
                x=normal(2, 7, 8, 2),
                kernel=normal(2, 3, 2, 3),
                bias=normal(3),
                dy=normal(2, 4, 4, 3),
                strides=2,
                padding="same",
            ),
            Case(
                "unequal strides, same",
                x=normal(3, 6, 9, 1),
                kernel=normal(3, 3, 1, 5),
                bias=normal(5),
                dy=normal(3, 3, 3, 5),
                strides=(2, 3),
                padding="same",
            ),
            Case(
                "1x1 kernel, one image",
                x=normal(1, 4, 3, 4),
                kernel=normal(1, 1, 4, 2),
                bias=normal(2),
                dy=normal(1, 4, 3, 2),
                strides=1,
                padding="valid",
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(2, 5, 4, 2),
                kernel=normal(2, 3, 2, 3),
                bias=normal(3),
                dy=normal(2, 4, 2, 3),
                strides=1,
                padding="valid",
            ),
        ),
        domain=convolution,
    ),
    Question(
        "MyBatchNorm",
        points=3,
        probe=use_batch_norm,
        returns=(
            "y in training",
            "moving_mean",
            "moving_variance",
            "y at inference",
            "statistics after inference",
            "number of trainable entries",
            "y of a fresh layer",
            "y of the restored layer",
            "kept of name and dtype",
        ),
        wrt=("x",),
        ladder=(
            normalizing_rung("two numbers", [[1], [5]]),
            normalizing_rung("a scale and a shift", [[1], [5]], gamma=[3], beta=[2]),
            normalizing_rung("epsilon", [[1], [5]], gamma=[3], beta=[2], epsilon=5.0),
            normalizing_rung(
                "two features",
                [[1, 2], [5, 8]],
                gamma=[3, 2],
                beta=[2, 1],
                moving_mean=[1, 3],
                moving_variance=[4, 7],
            ),
            normalizing_rung("an image of two pixels", [[[[1], [5]]]]),
        ),
        cases=(
            Case(
                "images of 4x3 pixels, momentum 0.9",
                public=True,
                x=normal(3, 4, 3, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3),
                moving_variance=uniform(3, low=0.5, high=2.0),
                momentum=0.9,
            ),
            Case(
                "a dense layer, epsilon 0.1",
                public=True,
                x=normal(6, 4, mean=(0.1, -0.5, 0.3, 1.0), std=(0.3, 0.2, 0.5, 0.7)),
                gamma=gammas(4),
                beta=betas(4),
                moving_mean=normal(4),
                moving_variance=uniform(4, low=0.05, high=0.3),
                momentum=0.7,
                epsilon=0.1,
            ),
            Case(
                "default settings, small variances",
                x=normal(4, 3, 5, 2, mean=(0.1, -0.08), std=(0.05, 0.08)),
                gamma=gammas(2),
                beta=betas(2),
                moving_mean=normal(2, std=0.2),
                moving_variance=uniform(2, low=0.05, high=0.2),
            ),
            Case(
                "one image, momentum 0.5",
                x=normal(1, 5, 4, 4, mean=(2.0, -1.0, 0.3, 1.0), std=(1.0, 0.5, 0.2, 2.0)),
                gamma=gammas(4),
                beta=betas(4),
                moving_mean=normal(4),
                moving_variance=uniform(4, low=0.5, high=2.0),
                momentum=0.5,
                epsilon=0.01,
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(5, 3, mean=(0.4, -0.2, 1.0), std=(0.5, 1.0, 2.0)),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3),
                moving_variance=uniform(3, low=0.5, high=2.0),
                momentum=0.8,
                epsilon=0.01,
            ),
        ),
        domain=batch_norm,
    ),
    ModelQuestion(
        "build_model",
        points=2,
        rules={
            "layers": ("Conv2D", "MaxPooling2D", "Dense"),
            "output": "logits",
            "parameters": 60_000,
            "trainable weights": True,
            "gradients": True,
            "loss at the start": 2.0,
            "training and inference": True,
            "saved and loaded": True,
            "accuracy": 0.6,
        },
        seconds=100,
        cases=(
            Case(
                "grey images of 24x24 pixels, 4 classes",
                public=True,
                input_shape=(24, 24, 1),
                num_classes=4,
                exam=trained_by_the_examiner(384, 200, (24, 24, 1), 4),
            ),
            Case(
                "colour images of 28x24 pixels, 3 classes",
                input_shape=(28, 24, 3),
                num_classes=3,
                exam=trained_by_the_examiner(384, 200, (28, 24, 3), 3),
            ),
        ),
        domain=any_images,
    ),
    ModelQuestion(
        "build_lenet5",
        points=1,
        rules={"table": LENET, "trainable weights": True, "saved and loaded": True},
        cases=(
            Case("images of 32x32 pixels", public=True, exam=Exam(strokes(0, 4, (32, 32, 1), 4)[2])),
            Case("other images of 32x32 pixels", exam=Exam(strokes(0, 6, (32, 32, 1), 4)[2])),
        ),
        domain=lenet_images,
    ),
    Question(
        "train_step",
        points=3,
        probe=use_train_step,
        returns=("first loss", "second loss", "weights", "moving statistics"),
        seconds=50,
        ladder=(
            step_rung("two images of one pixel", [[[[1]]], [[[3]]]], (0, 1)),
            step_rung("three classes", [[[[1]]], [[[3]]]], (0, 2), dense=((1, -2, 3),)),
            step_rung("a frozen convolution", [[[[1]]], [[[3]]]], (0, 1), frozen=True),
            step_rung("images of 1x2 pixels", [[[[1], [4]]], [[[3], [0]]]], (0, 1)),
        ),
        cases=(
            Case(
                "two steps on six images",
                x=normal(6, 5, 4, 2),
                y=labels(6, 3),
                kernel=normal(2, 2, 2, 4, std=0.5),
                gamma=gammas(4),
                dense=normal(4, 3),
                frozen=False,
            ),
            Case(
                "a frozen convolution stays as it is",
                x=normal(5, 4, 6, 1),
                y=labels(5, 4),
                kernel=normal(3, 2, 1, 3, std=0.5),
                gamma=gammas(3),
                dense=normal(3, 4),
                frozen=True,
            ),
            Case(
                "a larger batch, larger numbers",
                x=normal(12, 4, 5, 3, mean=1.0, std=3.0),
                y=labels(12, 5),
                kernel=normal(2, 3, 3, 5, std=0.3),
                gamma=gammas(5),
                dense=normal(5, 5, std=2.0),
                frozen=False,
            ),
            Case(
                "two classes",
                x=normal(4, 3, 3, 1),
                y=classes(0, 1, 1, 0),
                kernel=normal(2, 2, 1, 2),
                gamma=gammas(2),
                dense=normal(2, 2),
                frozen=False,
            ),
            Case(
                "float64",
                dtype="float64",
                x=normal(5, 3, 4, 2),
                y=labels(5, 3),
                kernel=normal(2, 2, 2, 3),
                gamma=gammas(3),
                dense=normal(3, 3),
                frozen=False,
            ),
        ),
        domain=step,
    ),
    ModelQuestion(
        "train",
        points=2,
        probe=use_train,
        rules={"weights": True, "moving statistics": True, "saved and loaded": True, "accuracy": 0.65},
        seconds=75,
        cases=(
            Case(
                "sorted grey images, 4 classes",
                public=True,
                seed=1,
                **trained_by_the_student(1200, 200, (20, 16, 1), 4),
            ),
            Case("sorted colour images, 3 classes", seed=2, **trained_by_the_student(1200, 200, (16, 20, 3), 3)),
        ),
        domain=run,
    ),
)

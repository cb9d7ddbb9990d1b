"""Batch normalization: what is called, on which inputs, and for how many points."""

import numpy as np

from autograder.question import AUTODIFF, Ban, Case, Question, Rung, array, normal, uniform

# A mean or a std of several numbers gives each channel its own: channels alike would hide statistics over wrong axes.

# The example worked by hand in the notebook: mean (2, 10), variance (3, 24); with epsilon 1 the roots are 2 and 5.
FOUR_EXAMPLES = array([[1, 6], [1, 10], [5, 6], [1, 18]])
GAMMA, BETA = array([4, 10]), array([1, 3])

# The batches of the ladders. Mean 3 and variance 4; with two features (3, 5) and (4, 9), so with epsilon 0 the roots are 2 and 3.
TWO_NUMBERS = array([[1], [5]])
TWO_FEATURES = array([[1, 2], [5, 8]])
TWO_IMAGES = array([[[[1], [5]]], [[[3], [3]]]])  # of 1x2 pixels; mean 3, variance 2
NEVER_CHANGES = array([[4], [4]])

LIBRARY_OPS = (
    "FusedBatchNorm",
    "FusedBatchNormV2",
    "FusedBatchNormV3",
    "FusedBatchNormGrad",
    "FusedBatchNormGradV2",
    "FusedBatchNormGradV3",
    "_FusedBatchNormEx",
    "BatchNormWithGlobalNormalization",
    "BatchNormWithGlobalNormalizationGrad",
    "QuantizedBatchNormWithGlobalNormalization",
)
LIBRARY_NAMES = (
    *LIBRARY_OPS,
    "batch_normalization",  # tf.nn and keras.ops: plain arithmetic in the graph, so only the source shows it
    "batch_norm_with_global_normalization",
    "fused_batch_norm",
    "normalize_batch_in_training",
    "BatchNormalization",
    "BatchNormalizationV1",
    "BatchNormalizationV2",
    "SyncBatchNormalization",
    "LayerNormalization",  # over other axes, or after a transposition, these compute the same
    "GroupNormalization",
    "Normalization",
    "layer_normalization",
    "group_normalization",
    "zscore",
)
MOMENTS = ("moments", "weighted_moments", "sufficient_statistics", "normalize_moments")


def gammas(channels):
    """Scales away from 0, of both signs: a channel scaled by nearly 0 would hide its mistakes."""
    low = (0.5, -1.6, 1.2, -2.4, 0.8)[:channels]
    return uniform(channels, low=low, high=tuple(value + 0.4 for value in low))


def betas(channels):
    """Shifts away from 0, of both signs."""
    low = (-0.9, 0.6, 1.1, -1.5, 0.4)[:channels]
    return uniform(channels, low=low, high=tuple(value + 0.4 for value in low))


# What the functions promise to take: any batch, (n, d) or (n, h, w, c), of any scale, with any settings or the defaults.


def settings(rng, **limits):
    """Each setting between its limits, on a logarithmic scale; or left to its default."""
    drawn = {name: float(np.exp(rng.uniform(*np.log(ends)))) for name, ends in limits.items()}
    return {name: value for name, value in drawn.items() if rng.random() < 0.8}


def batch(rng):
    """A shape, and a mean and a standard deviation for each channel; the mean may be a hundred times as large."""
    shape = tuple(rng.integers(1, 6, size=rng.choice([2, 4])))
    std = 10 ** rng.uniform(-2, 1, shape[-1])
    return shape, tuple(std * rng.choice([-1, 1], shape[-1]) * 10 ** rng.uniform(-2, 2, shape[-1])), tuple(std)


def channel_arguments(channels, *names):
    """Of those that hold a number for each channel."""
    draws = {"moving_variance": uniform(channels, low=0.01, high=4.0)}
    return {name: draws.get(name, normal(channels)) for name in names}


def training(rng):
    shape, mean, std = batch(rng)
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    chosen = settings(rng, momentum=(0.5, 0.999), epsilon=(1e-4, 1))
    return {"x": normal(*shape, mean=mean, std=std), **channel_arguments(shape[-1], *names), **chosen}


def inference(rng):
    drawn = training(rng)
    drawn.pop("momentum", None)
    return drawn


def moments_only(rng):
    return {name: value for name, value in inference(rng).items() if "moving" not in name}


def backward(rng):
    drawn = moments_only(rng)
    del drawn["beta"]
    return {"dy": normal(*drawn["x"].shape, mean=0.3), **drawn}


def folding(rng):
    drawn = inference(rng)
    shape = (*rng.integers(1, 4, size=3), drawn.pop("x").shape[-1])
    return {"filters": normal(*shape), **drawn}


def training_rung(name, x, gamma=(1,), beta=(0,), moving_mean=(1,), moving_variance=(2,), momentum=0.5, epsilon=1.0):
    """A rung of `batch_norm_train`; the defaults keep all results whole."""
    statistics = {"moving_mean": array(moving_mean), "moving_variance": array(moving_variance), "momentum": momentum}
    return Rung(name, x=x, gamma=array(gamma), beta=array(beta), **statistics, epsilon=epsilon)


def inference_rung(name, x, gamma=(3,), beta=(2,), moving_mean=(1,), moving_variance=(4,), epsilon=5.0):
    """A rung of `batch_norm_inference`: with these defaults the root is 3."""
    statistics = {"moving_mean": array(moving_mean), "moving_variance": array(moving_variance)}
    return Rung(name, x=array(x), gamma=array(gamma), beta=array(beta), **statistics, epsilon=epsilon)


def folding_rung(name, filters, gamma=(3,), beta=(5,), moving_mean=(2,), moving_variance=(4,), epsilon=5.0):
    """A rung of `fold_batch_norm` with filters (kh, kw, c_in, c_out): with these defaults the scale is 1."""
    statistics = {"moving_mean": array(moving_mean), "moving_variance": array(moving_variance)}
    return Rung(name, filters=array(filters), gamma=array(gamma), beta=array(beta), **statistics, epsilon=epsilon)


QUESTIONS = (
    Question(
        "batch_norm_train",
        points=4,
        returns=("y", "new_mean", "new_variance"),
        wrt=("x", "gamma", "beta"),
        ban=Ban(
            ops=LIBRARY_OPS,
            names=LIBRARY_NAMES + MOMENTS,
            instead="tf.reduce_mean, arithmetic and a root: the four lines of the algorithm",
        ),
        ladder=(
            training_rung("two numbers", TWO_NUMBERS, epsilon=0.0),
            training_rung("a scale and a shift", TWO_NUMBERS, gamma=[3], beta=[2], epsilon=0.0),
            training_rung("epsilon", TWO_NUMBERS, gamma=[3], beta=[2], epsilon=5.0),
            training_rung("momentum", TWO_NUMBERS, moving_mean=[7], moving_variance=[8], momentum=0.75, epsilon=0.0),
            training_rung("a feature that never changes", NEVER_CHANGES, gamma=[3], beta=[2], epsilon=1.0),
            training_rung(
                "two features",
                TWO_FEATURES,
                gamma=[3, 2],
                beta=[2, 1],
                moving_mean=[1, 3],
                moving_variance=[2, 1],
                epsilon=0.0,
            ),
            training_rung(
                "four examples: the notebook's",
                FOUR_EXAMPLES,
                gamma=GAMMA,
                beta=BETA,
                moving_mean=[0, 0],
                moving_variance=[1, 1],
                momentum=0.9,
                epsilon=1.0,
            ),
            training_rung("an image of two pixels", TWO_NUMBERS.reshape(1, 1, 2, 1), epsilon=0.0),
            training_rung("two images", TWO_IMAGES, gamma=[2], epsilon=2.0),
        ),
        cases=(
            Case(
                "two images of 4x3 pixels, default arguments",
                public=True,
                x=normal(2, 4, 3, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3),
                moving_variance=uniform(3, low=0.5, high=2.0),
            ),
            Case(
                "a dense layer, small variances, default arguments",
                x=normal(6, 5, mean=(0.1, -0.05, 0.0, 0.1, -0.1), std=(0.05, 0.02, 0.1, 0.07, 0.04)),
                gamma=gammas(5),
                beta=betas(5),
                moving_mean=normal(5, std=0.1),
                moving_variance=uniform(5, low=0.01, high=0.05),
            ),
            Case(
                "images of std 0.05, epsilon 0.1, momentum 0.7",
                x=normal(3, 3, 5, 2, mean=(0.1, -0.08), std=(0.05, 0.08)),
                gamma=gammas(2),
                beta=betas(2),
                moving_mean=normal(2, std=0.2),
                moving_variance=uniform(2, low=0.05, high=0.2),
                momentum=0.7,
                epsilon=0.1,
            ),
            Case(
                "a batch of one image, momentum 0.9",
                x=normal(1, 5, 3, 4, mean=(2.0, -1.0, 0.3, 1.0), std=(1.0, 0.5, 0.1, 3.0)),
                gamma=gammas(4),
                beta=betas(4),
                moving_mean=normal(4),
                moving_variance=uniform(4, low=0.5, high=2.0),
                momentum=0.9,
            ),
            Case(
                "images with a dead channel (0 everywhere), momentum 0.7",
                x=normal(3, 2, 4, 3, mean=(0.5, 0.0, -1.0), std=(0.4, 0.0, 1.5)),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3),
                moving_variance=uniform(3, low=0.5, high=2.0),
                momentum=0.7,
            ),
            Case(
                "means a thousand times the spread",
                x=normal(4, 3, 2, 2, mean=(1000.0, -300.0), std=(1.0, 0.4)),
                gamma=gammas(2),
                beta=betas(2),
                moving_mean=normal(2, mean=(1000.0, -300.0)),
                moving_variance=uniform(2, low=0.5, high=2.0),
                momentum=0.5,
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(5, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3),
                moving_variance=uniform(3, low=0.5, high=2.0),
                momentum=0.8,
                epsilon=0.01,
            ),
        ),
        domain=training,
    ),
    Question(
        "batch_norm_inference",
        points=2,
        wrt=("x", "gamma", "beta"),
        ban=Ban(ops=LIBRARY_OPS, names=LIBRARY_NAMES, instead="arithmetic on the moving statistics you are given"),
        ladder=(
            inference_rung("one number", [[5]], gamma=[1], beta=[0], epsilon=0.0),
            inference_rung("a scale and a shift", [[5]], epsilon=0.0),
            inference_rung("epsilon", [[5]]),
            inference_rung("two examples", [[5], [-2]]),
            inference_rung(
                "two features", [[5, 2]], gamma=[3, 4], beta=[2, 1], moving_mean=[1, 5], moving_variance=[4, 31]
            ),
            inference_rung(
                "four examples: the notebook's",
                FOUR_EXAMPLES,
                gamma=GAMMA,
                beta=BETA,
                moving_mean=[1, 8],
                moving_variance=[3, 24],
                epsilon=1.0,
            ),
            inference_rung("an image of two pixels", [[[[5], [-2]]]]),
        ),
        cases=(
            Case(
                "two images of 3x4 pixels, default epsilon",
                public=True,
                x=normal(2, 3, 4, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3),
                moving_variance=uniform(3, low=0.02, high=0.2),
            ),
            Case(
                "a dense layer, small moving variances, default epsilon",
                x=normal(5, 4, mean=(0.1, -0.05, 0.0, 0.1), std=0.05),
                gamma=gammas(4),
                beta=betas(4),
                moving_mean=normal(4, std=0.1),
                moving_variance=uniform(4, low=0.001, high=0.005),
            ),
            Case(
                "images, epsilon 0.1",
                x=normal(3, 2, 5, 2, mean=(0.4, -0.3), std=(0.2, 0.5)),
                gamma=gammas(2),
                beta=betas(2),
                moving_mean=normal(2, std=0.4),
                moving_variance=uniform(2, low=0.03, high=0.3),
                epsilon=0.1,
            ),
            Case(
                "a batch of one example",
                x=normal(1, 5, mean=1.0, std=2.0),
                gamma=gammas(5),
                beta=betas(5),
                moving_mean=normal(5),
                moving_variance=uniform(5, low=0.5, high=2.0),
                epsilon=0.01,
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(2, 3, 2, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3),
                moving_variance=uniform(3, low=0.5, high=2.0),
                epsilon=0.02,
            ),
        ),
        domain=inference,
    ),
    Question(
        "batch_norm_backward",
        points=4,
        returns=("dx", "dgamma", "dbeta"),
        ban=Ban(
            ops=LIBRARY_OPS,
            names=LIBRARY_NAMES + AUTODIFF,
            instead="the derivation above: the direct path, the one through the mean and the one through the variance",
        ),
        ladder=(
            Rung("two numbers", dy=array([[8], [0]]), x=array([[1], [3]]), gamma=array([1]), epsilon=3.0),
            Rung("a scale", dy=array([[8], [0]]), x=array([[1], [3]]), gamma=array([2]), epsilon=3.0),
            Rung("the same dy everywhere", dy=array([[5], [5]]), x=array([[1], [3]]), gamma=array([2]), epsilon=3.0),
            Rung("three numbers", dy=array([[3], [0], [0]]), x=array([[1], [3], [5]]), gamma=array([2]), epsilon=4 / 3),
            Rung("a feature that never changes", dy=array([[8], [0]]), x=NEVER_CHANGES, gamma=array([2]), epsilon=4.0),
            Rung(
                "two features: the notebook's four examples",
                dy=array([[4, 0], [0, 0], [0, 0], [0, 5]]),
                x=FOUR_EXAMPLES,
                gamma=GAMMA,
                epsilon=1.0,
            ),
            Rung(
                "an image of two pixels",
                dy=array([8, 0]).reshape(1, 1, 2, 1),
                x=array([1, 3]).reshape(1, 1, 2, 1),
                gamma=array([2]),
                epsilon=3.0,
            ),
            Rung(
                "two images",
                dy=array([4, 0, 8, 0]).reshape(2, 1, 2, 1),
                x=TWO_IMAGES,
                gamma=array([2]),
                epsilon=2.0,
            ),
        ),
        cases=(
            Case(
                "two images of 4x3 pixels, default epsilon",
                dy=normal(2, 4, 3, 3, mean=0.5),
                x=normal(2, 4, 3, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
            ),
            Case(
                "a dense layer, small variances, default epsilon",
                dy=normal(6, 5, mean=-0.3),
                x=normal(6, 5, mean=(0.1, -0.05, 0.0, 0.1, -0.1), std=(0.05, 0.02, 0.1, 0.07, 0.04)),
                gamma=gammas(5),
            ),
            Case(
                "images of std 0.05, epsilon 0.1",
                dy=normal(3, 3, 5, 2, mean=0.4),
                x=normal(3, 3, 5, 2, mean=(0.1, -0.08), std=(0.05, 0.08)),
                gamma=gammas(2),
                epsilon=0.1,
            ),
            Case(
                "a batch of one image",
                dy=normal(1, 5, 3, 4, mean=0.4),
                x=normal(1, 5, 3, 4, mean=(2.0, -1.0, 0.3, 1.0), std=(1.0, 0.5, 0.2, 2.0)),
                gamma=gammas(4),
                epsilon=0.01,
            ),
            Case(
                "images with a dead channel (0 everywhere)",
                dy=normal(3, 2, 4, 3, mean=-0.2),
                x=normal(3, 2, 4, 3, mean=(0.5, 0.0, -1.0), std=(0.4, 0.0, 1.5)),
                gamma=gammas(3),
            ),
            Case(
                "means a thousand times the spread",
                dy=normal(4, 3, 2, 2, mean=0.5),
                x=normal(4, 3, 2, 2, mean=(1000.0, -300.0), std=(1.0, 0.4)),
                gamma=gammas(2),
            ),
            Case(
                "float64",
                dtype="float64",
                dy=normal(3, 2, 2, 3, mean=0.3),
                x=normal(3, 2, 2, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
                epsilon=0.02,
            ),
        ),
        domain=backward,
    ),
    Question(
        "fold_batch_norm",
        points=3,
        returns=("filters", "bias"),
        wrt=("filters", "gamma"),
        ladder=(
            folding_rung("one weight", [[[[8]]]], beta=[0], moving_mean=[0], epsilon=0.0),
            folding_rung("a shift", [[[[8]]]], moving_mean=[0], epsilon=0.0),
            folding_rung("a moving mean", [[[[8]]]], epsilon=0.0),
            folding_rung("epsilon", [[[[8]]]], gamma=[6]),
            folding_rung(
                "two filters", [[[[8, 3]]]], gamma=[6, 4], beta=[5, 1], moving_mean=[2, 7], moving_variance=[4, 11]
            ),
            folding_rung(
                "two input channels: the notebook's 1x1 filters",
                [[[[4, 10], [6, 5]]]],
                gamma=[1, 10],
                beta=[1, 0],
                moving_mean=[3, 5],
                moving_variance=[3, 24],
                epsilon=1.0,
            ),
            folding_rung("filters of 2x1", [[[[8]]], [[[3]]]], gamma=[6]),
        ),
        cases=(
            Case(
                "3x2 filters from 2 to 3 channels, default epsilon",
                public=True,
                filters=normal(3, 2, 2, 3),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3, mean=(0.8, -1.2, 0.5), std=0.2),
                moving_variance=uniform(3, low=0.02, high=0.2),
            ),
            Case(
                "3x3 filters from 3 to 3 channels, small variances",
                filters=normal(3, 3, 3, 3, std=0.3),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3, mean=(-0.3, 0.2, 0.4), std=0.05),
                moving_variance=uniform(3, low=0.001, high=0.005),
            ),
            Case(
                "2x3 filters from 1 to 4 channels, epsilon 0.1",
                filters=normal(2, 3, 1, 4),
                gamma=gammas(4),
                beta=betas(4),
                moving_mean=normal(4, mean=(0.5, -0.7, 1.0, -0.4), std=0.2),
                moving_variance=uniform(4, low=0.03, high=0.3),
                epsilon=0.1,
            ),
            Case(
                "1x1 filters from 5 to 2 channels, large variances",
                filters=normal(1, 1, 5, 2),
                gamma=gammas(2),
                beta=betas(2),
                moving_mean=normal(2, mean=(2.0, -3.0), std=0.5),
                moving_variance=uniform(2, low=3.0, high=9.0),
                epsilon=0.01,
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                filters=normal(2, 3, 2, 3),
                gamma=gammas(3),
                beta=betas(3),
                moving_mean=normal(3),
                moving_variance=uniform(3, low=0.5, high=2.0),
                epsilon=0.02,
            ),
        ),
        domain=folding,
    ),
    Question(
        "batch_norm_tf",
        points=2,
        wrt=("x", "gamma", "beta"),
        ladder=(
            Rung("two numbers", x=TWO_NUMBERS, gamma=array([1]), beta=array([0]), epsilon=0.0),
            Rung("a scale and a shift", x=TWO_NUMBERS, gamma=array([3]), beta=array([2]), epsilon=0.0),
            Rung("epsilon", x=TWO_NUMBERS, gamma=array([3]), beta=array([2]), epsilon=5.0),
            Rung("a feature that never changes", x=NEVER_CHANGES, gamma=array([3]), beta=array([2]), epsilon=1.0),
            Rung("two features", x=TWO_FEATURES, gamma=array([3, 2]), beta=array([2, 1]), epsilon=0.0),
            Rung("four examples: the notebook's", x=FOUR_EXAMPLES, gamma=GAMMA, beta=BETA, epsilon=1.0),
            Rung(
                "an image of two pixels",
                x=TWO_NUMBERS.reshape(1, 1, 2, 1),
                gamma=array([1]),
                beta=array([0]),
                epsilon=0.0,
            ),
            Rung("two images", x=TWO_IMAGES, gamma=array([2]), beta=array([1]), epsilon=2.0),
        ),
        cases=(
            Case(
                "two images of 4x3 pixels, default epsilon",
                public=True,
                x=normal(2, 4, 3, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
                beta=betas(3),
            ),
            Case(
                "a dense layer, small variances, default epsilon",
                x=normal(6, 5, mean=(0.1, -0.05, 0.0, 0.1, -0.1), std=(0.05, 0.02, 0.1, 0.07, 0.04)),
                gamma=gammas(5),
                beta=betas(5),
            ),
            Case(
                "images of std 0.05, epsilon 0.1",
                x=normal(3, 3, 5, 2, mean=(0.1, -0.08), std=(0.05, 0.08)),
                gamma=gammas(2),
                beta=betas(2),
                epsilon=0.1,
            ),
            Case(
                "images with a dead channel (0 everywhere)",
                x=normal(3, 2, 4, 3, mean=(0.5, 0.0, -1.0), std=(0.4, 0.0, 1.5)),
                gamma=gammas(3),
                beta=betas(3),
            ),
            Case(
                "float64",
                public=True,
                dtype="float64",
                x=normal(2, 3, 2, 3, mean=(1.5, -0.6, 0.2), std=(1.0, 0.3, 2.0)),
                gamma=gammas(3),
                beta=betas(3),
                epsilon=0.02,
            ),
        ),
        domain=moments_only,
    ),
)

"""The course holds what it promises: every function, its points, enough mistakes and variants, and the lectures' numbers."""

import doctest
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import assignment as assignments
from autograder.course.assignment import Assignment
from autograder.course.release import source_notebook
from autograder.question import ModelQuestion
from autograder.source.extract import Cell
from autograder.source.idle import without_idle

SOLUTIONS = Path(__file__).parent.parent / "solutions"
POINTS = {
    "01_neurons": 20,
    "02_convolution": 25,
    "03_pooling": 15,
    "04_batchnorm": 15,
    "05_keras_cnn": 15,
    "06_architectures": 20,
    "07_generalization": 20,
    "08_seeing": 15,
    "09_bag_of_words": 15,
}
FUNCTIONS = {
    "01_neurons": "p_norm linear_scores neuron neuron_loss neuron_gradient train_neuron mlp_forward mlp_backward mlp_params "
    "softmax mean_squared_error_of_softmax minibatches sgd_momentum_step Tracker gradient sigmoid_chain",
    "02_convolution": "conv1d toeplitz_matrix conv_output_size same_padding conv2d conv2d_backward conv_layer conv_params "
    "dense_matrix receptive_field",
    "03_pooling": "relu max_pool2d avg_pool2d max_pool2d_backward global_avg_pool strided_conv_pool blur_pool shift "
    "equivariance_gap",
    "04_batchnorm": "batch_norm_train batch_norm_inference batch_norm_backward fold_batch_norm batch_norm_tf",
    "05_keras_cnn": "softmax_cross_entropy MyConv2D MyBatchNorm build_model build_lenet5 train_step train",
    "06_architectures": "top_k_error ensemble layer_table without_layers grouped_conv2d build_alexnet build_vgg inception_block "
    "factorized build_googlenet gradient_norms residual_block bottleneck_block build_resnet build_resnext dense_block "
    "build_densenet squeeze_excite build_senet inception_resnet_block reduction_a",
    "07_generalization": "polynomial_fit patchy_layer standardize random_crop flip augment resize_shorter ten_crop googlenet_crops "
    "average_scores label_smoothing smoothed_cross_entropy dropout dropout_layer divide_on_plateau every_eight_epochs "
    "every_two_epochs rmsprop_step clip_by_norm freeze_all_but_head accuracy_under",
    "08_seeing": "gabor orientation_energy saliency occlusion_map receptive_patch top_patches dissection_iou "
    "maximize_activation gram_matrix content_loss style_loss total_loss deep_prior_loss deep_prior_input deep_prior_step",
    "09_bag_of_words": "histogram joint_histogram marginal dense_patches kmeans_step kmeans hard_assign soft_assign sum_pool "
    "max_pool_words euclidean histogram_intersection chi_squared earth_movers_distance spatial_pyramid nearest_neighbour "
    "bag_of_words_classifier",
}
CORE = set(
    [
        "neuron",
        "neuron_loss",
        "neuron_gradient",
        "mlp_backward",
        "softmax",
        "Tracker",
        "conv2d",
        "conv2d_backward",
        "conv_layer",
        "max_pool2d",
        "max_pool2d_backward",
        "avg_pool2d",
        "batch_norm_train",
        "batch_norm_inference",
        "batch_norm_backward",
        "fold_batch_norm",
        "build_model",
        "layer_table",
        "grouped_conv2d",
        "inception_block",
        "residual_block",
        "bottleneck_block",
        "build_resnet",
        "dense_block",
        "squeeze_excite",
        "polynomial_fit",
        "patchy_layer",
        "standardize",
        "random_crop",
        "average_scores",
        "smoothed_cross_entropy",
        "dropout_layer",
        "freeze_all_but_head",
        "gabor",
        "orientation_energy",
        "saliency",
        "occlusion_map",
        "receptive_patch",
        "dissection_iou",
        "gram_matrix",
        "total_loss",
        "deep_prior_loss",
        "histogram",
        "joint_histogram",
        "dense_patches",
        "kmeans_step",
        "kmeans",
        "soft_assign",
        "earth_movers_distance",
        "spatial_pyramid",
        "bag_of_words_classifier",
    ]
)


@pytest.fixture(scope="module", params=POINTS)
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return assignments.load(SOLUTIONS / request.param)


def test_every_function_is_there_in_order(assignment: Assignment) -> None:
    assert [q.name for q in assignment.questions] == FUNCTIONS[assignment.name].split()
    assert assignment.max_score == POINTS[assignment.name]


def test_enough_mistakes_variants_and_oracles(assignment: Assignment) -> None:
    for question in assignment.questions:
        mistakes, variants = (8, 4) if question.name in CORE else (5, 3)
        assert len(assignment.of_kind("mistake", question.name)) >= mistakes, question.name
        assert len(assignment.of_kind("variant", question.name)) >= variants, question.name
        assert assignment.of_kind("oracle", question.name) or isinstance(question, ModelQuestion) or question.gate, (
            question.name
        )


def test_no_picture_is_drawn_when_the_solved_notebook_is_graded(assignment: Assignment) -> None:
    """Some of them take seconds, and every submission would pay for them."""
    cells = [
        Cell(f"cell {i}", c.source) for i, c in enumerate(source_notebook(assignment).cells) if c.cell_type == "code"
    ]
    assert not [c.source for c in without_idle(cells, assignment.idle) if "plt.show()" in c.source]
    assert assignment.idle


def test_inputs_can_tell_mistakes_apart(assignment: Assignment) -> None:
    """Somewhere in a question's cases an image is higher than wide or the other way round, and a batch has several."""
    for question in assignment.questions:
        drawn = [
            s for case in question.cases for v in case.arguments.values() if len(s := getattr(v, "shape", ())) == 4
        ]
        images = [s for s in drawn if s[1] > 2 or s[2] > 2]
        if images and question.name not in ("fold_batch_norm",):
            assert any(s[1] != s[2] for s in images), question.name
            assert any(s[0] > 1 for s in images) or question.name == "dense_matrix", question.name


@pytest.fixture(scope="module")
def solved() -> dict[str, Any]:
    """The solved functions of all assignments."""
    scope: dict[str, Any] = {}
    for name in POINTS:
        for cell in assignments.load(SOLUTIONS / name).solution_cells():
            if not cell.source.startswith("check("):
                exec(compile(cell.source, cell.label, "exec"), scope)
    return scope


@pytest.mark.tensorflow
def test_the_examples_in_docstrings_print_what_they_say(assignment: Assignment, solved: dict[str, Any]) -> None:
    """Students compare their own output with these."""
    said: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for question in assignment.questions:
        examples = doctest.DocTestFinder(recurse=False).find(solved[question.name], question.name, False, globs=solved)
        assert examples or question.name in ("train", "bag_of_words_classifier"), f"{question.name} has no example"
        for example in examples:
            runner.run(example, out=said.append)
    assert not said, "".join(said)


def close(value: Any, expected: Any) -> bool:
    return bool(np.allclose(np.asarray(value), expected, atol=1e-6))


@pytest.mark.tensorflow
class TestTheLecturesNumbers:
    """Facts that stand in the decks, or follow from them."""

    def test_p_norm(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        x = tf.constant([3.0, -4.0, 0.0])
        assert [float(solved["p_norm"](x, p)) for p in (1, 2, 0, np.inf)] == [7, 5, 2, 4]

    def test_neuron(self, solved: dict[str, Any]) -> None:
        """Over the activations the loss and the gradient are finite, and the surprise is the activation where it is surely wrong."""
        import tensorflow as tf

        z, w, t = tf.constant([[1.0, -1000.0], [1.0, 1000.0]]), tf.constant([0.0, 1.0]), tf.constant([1.0, 1.0])
        assert close(solved["neuron"](z, w), [0, 1])
        assert close(solved["neuron_loss"](w, z, t, 2.0), 1000 + 2 * 0.5)
        assert close(solved["neuron_gradient"](w, z, t, 2.0), [-1, 1000 + 2])
        assert close(solved["train_neuron"](z[:1] / 500, t[:1], 1.0, 1, 0.0), [[0.5 / 500, -1]])

    def test_mlp_backward_is_the_tapes_gradient(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        z, hidden, output = (tf.random.stateless_normal(shape, (1, 2)) for shape in ((5, 3), (4, 3), (4,)))
        t = tf.constant([1.0, 0.0, 0.0, 1.0, 1.0])
        with tf.GradientTape() as tape:
            tape.watch([hidden, output])
            x = solved["mlp_forward"](z, hidden, output)
            loss = -tf.reduce_sum(t * tf.math.log(x) + (1 - t) * tf.math.log(1 - x))
            loss += 0.3 / 2 * (tf.reduce_sum(hidden**2) + tf.reduce_sum(output**2))
        found = solved["mlp_backward"](z, t, hidden, output, 0.3)
        assert all(map(close, found, tape.gradient(loss, [hidden, output])))

    @pytest.mark.parametrize(
        ("sizes", "count"), [([784, 16, 12, 10], 12_894), ([3072, 10], 30_730), ([10**6, 10**6], 10**12 + 10**6)]
    )
    def test_mlp_params(self, solved: dict[str, Any], sizes: list[int], count: int) -> None:
        assert solved["mlp_params"](sizes) == count

    def test_softmax_and_squared_error(self, solved: dict[str, Any]) -> None:
        """The slide prints 0.20 for 0.2052. Where it is surely wrong, the squared error has no slope left; cross-entropy has."""
        import tensorflow as tf

        logits = tf.constant([[1.2, 0.9, 0.4]])
        assert close(np.round(solved["softmax"](logits), 4), [[0.4566, 0.3383, 0.2052]])
        assert np.allclose(solved["softmax"](logits + 1000), solved["softmax"](logits), atol=1e-4)
        with tf.GradientTape(persistent=True) as tape:
            surely = tf.constant([[20.0, 0.0]])
            tape.watch(surely)
            squared = solved["mean_squared_error_of_softmax"](surely, tf.constant([1]))
            surprise = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.constant([1]), surely)
        assert float(squared) == pytest.approx(1)
        assert np.abs(tape.gradient(squared, surely)).max() < 1e-6
        assert np.abs(tape.gradient(surprise, surely)).max() == pytest.approx(1)

    def test_sgd_momentum_step(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        theta, v, gradient = (tf.constant([value]) for value in (2000.0, 10.0, 3.0))
        after = solved["sgd_momentum_step"](theta, v, gradient, 2.0)
        assert close(after[1], [0.9 * 10 - 2 * 3 - 0.0005 * 2 * 2000]) and close(after[0], theta + after[1])

    def test_sigmoids_vanish(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        x = tf.constant([-3.0, 0.0, 3.0])
        slopes = [np.asarray(solved["sigmoid_chain"](depth, x)[1]) for depth in range(1, 11)]
        assert slopes[0][1] == 0.25 and all(np.all((s > 0) & (s <= 0.25**k)) for k, s in enumerate(slopes, 1))

    def test_conv1d(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        x, w = tf.constant([5.0, 9, 2, 6, 7, 9, 8]), tf.constant([1.0, 0, -1])
        assert close(solved["conv1d"](x, w), [-3, -3, 5, 3, 1])
        assert close(tf.nn.conv1d(x[None, :, None], w[:, None, None], 1, "VALID")[0, :, 0], [3, 3, -5, -3, -1])
        matrix = solved["toeplitz_matrix"](w, 7)
        assert matrix.shape == (5, 7) and close(tf.linalg.matvec(matrix, x), [-3, -3, 5, 3, 1])

    @pytest.mark.parametrize(
        ("arguments", "size"),
        [((7, 3, 1, 0), 5), ((7, 3, 2, 0), 3), ((7, 3, 3, 0), 2), ((7, 3, 1, 1), 7), ((32, 5, 1, "VALID"), 28),
         ((28, 5, 1, "VALID"), 24), ((227, 11, 4, 0), 55), ((7, 3, 2, "SAME"), 4)],
    )  # fmt: skip
    def test_conv_output_size(self, solved: dict[str, Any], arguments: Any, size: int) -> None:
        assert solved["conv_output_size"](*arguments) == size

    def test_conv2d(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        rows = ["11100", "01110", "00111", "00110", "01100"]
        image = tf.constant([[[float(pixel)] for pixel in row] for row in rows])[None]
        kernel = tf.reshape(tf.constant([1.0, 0, 1, 0, 1, 0, 1, 0, 1]), (3, 3, 1, 1))
        once, twice = (solved["conv2d"](image, kernel, s, "VALID")[0, :, :, 0] for s in (1, 2))
        assert close(once, [[4, 3, 4], [2, 4, 3], [2, 3, 4]]) and close(twice, [[4, 4], [2, 4]])

    def test_parameters_and_fields(self, solved: dict[str, Any]) -> None:
        assert 10 * solved["conv_params"](5, 5, 3, 1, False) == solved["conv_params"](5, 5, 3, 10, False) == 750
        assert solved["receptive_field"]([(3, 1), (3, 1)]) == 5
        assert solved["receptive_field"]([(3, 2), (3, 1)]) == 7

    def test_pooling(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        image = tf.constant([[6.0, 3, 1, -3], [4, 1, 2, 0], [3, 1, 3, 2], [7, 1, 1, 1]])[None, :, :, None]
        assert close(solved["max_pool2d"](image, 2, 2, "VALID")[0, :, :, 0], [[6, 2], [7, 3]])
        assert close(solved["avg_pool2d"](image, 2, 2, "VALID")[0, :, :, 0], [[3.5, 0], [3, 1.75]])
        windows = tf.constant([[[6.0, 3], [4, 1]], [[1, 5], [6, 3]], [[2, 6], [2, 4]]])[..., None]
        assert close(solved["max_pool2d"](windows, 2, 2, "VALID")[:, 0, 0, 0], [6, 6, 6])

    def test_batch_norm(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        x = tf.random.stateless_normal((64, 3), (1, 2)) * 3 + 5
        one, zero = tf.ones(3), tf.zeros(3)
        y, mean, variance = solved["batch_norm_train"](x, one, zero, zero, one, momentum=0.9)
        layer = tf.keras.layers.BatchNormalization(momentum=0.9)
        assert close(y, layer(x, training=True))
        assert close(mean, layer.moving_mean) and close(variance, layer.moving_variance)
        assert abs(float(tf.reduce_sum(y))) < 1e-3

    def test_alexnet(self, solved: dict[str, Any]) -> None:
        pool, others = ("pool", 3, 2, 0), [("conv", k, 3, 1, 1, 1, True) for k in (384, 384, 256)]
        first, second = ("conv", 96, 11, 4, 0, 1, True), ("conv", 256, 5, 1, 2, 1, True)
        dense = [("dense", units) for units in (4096, 4096, 1000)]
        alexnet = [first, pool, ("norm",), second, pool, ("norm",), *others, pool, *dense]
        shapes, parameters, products = solved["layer_table"](alexnet, (227, 227, 3))
        sizes = [55, 27, 27, 27, 13, 13, 13, 13, 13, 6, 1, 1, 1]
        channels = [96, 96, 96, 256, 256, 256, 384, 384, 256, 256, 4096, 4096, 1000]
        assert shapes.tolist() == [[n, n, c] for n, c in zip(sizes, channels, strict=True)]
        assert parameters.sum() == 62_378_344 and products[0] == 105_415_200
        saved = [solved["without_layers"](alexnet, (227, 227, 3), gone)[0] for gone in ([11], [10, 11], [6, 7])]
        assert saved == [16_781_312, 49_414_144, 2_507_520]  # the slide says 16, 50 and 1 million

    def test_errors(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        zebra = tf.constant([[0.3, 0.2, 0.15, 0.1, 0.08, 0.02]])  # carpet, zebra, llama, flower, horse, puffer fish
        error = solved["top_k_error"]
        assert [float(error(zebra, tf.constant([t]), k)) for t, k in ((1, 1), (1, 5), (5, 5))] == [1, 0, 1]
        assert float(error(tf.zeros((1, 6)), tf.constant([0]), 5)) == 1

    def test_blocks(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        x = tf.random.stateless_normal((1, 28, 28, 192), (1, 2))
        shapes = (1, 192, 64), (1, 192, 96), (3, 96, 128), (1, 192, 16), (5, 16, 32), (1, 192, 32)
        assert solved["inception_block"](x, [tf.zeros((f, f, c, k)) for f, c, k in shapes]).shape == (1, 28, 28, 256)
        both, share = solved["factorized"](tf.ones((3, 3, 2, 2)), tf.ones((3, 3, 2, 2)))
        assert both.shape == (5, 5, 2, 2) and close(share, 18 / 25)
        x = tf.zeros((1, 35, 35, 384))
        weights = [tf.zeros((f, f, c, k)) for f, c, k in ((1, 384, 192), (3, 192, 224), (3, 224, 256), (3, 384, 384))]
        assert solved["reduction_a"](x, *weights).shape == (1, 17, 17, 1024)  # Inception-v4

    def test_patches_that_share_their_weights_are_a_convolution(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        x, filters = tf.random.stateless_normal((2, 6, 5, 3), (1, 2)), tf.random.stateless_normal((3, 2, 3, 4), (3, 4))
        shared = tf.broadcast_to(filters, (4, 4, *filters.shape))
        assert np.allclose(solved["patchy_layer"](x, shared), tf.nn.conv2d(x, filters, 1, "VALID"), atol=1e-5)

    def test_crops_of_a_test_image(self, solved: dict[str, Any]) -> None:
        """GoogLeNet's 4 x 3 x 6 x 2, each of 224 x 224, from an image of any size."""
        import tensorflow as tf

        image = tf.random.stateless_uniform((300, 400, 1), (1, 2))
        crops = solved["googlenet_crops"](image)
        assert crops.shape == (144, 224, 224, 1)
        smaller = tf.image.resize(image, (256, round(400 * 256 / 300)))
        assert np.allclose(crops[0], smaller[:224, :224], atol=1e-4)
        assert np.allclose(crops[5], tf.image.resize(smaller[:256, :256], (224, 224)), atol=1e-4)
        assert np.allclose(crops[11], crops[5, :, ::-1])

    def test_smoothing(self, solved: dict[str, Any]) -> None:
        """The true class has 1 - alpha + alpha / classes; the gradient is p - q."""
        import tensorflow as tf

        labels, logits = tf.constant([3, 0]), tf.random.stateless_normal((2, 1000), (1, 2))
        smooth = solved["label_smoothing"](labels, 1000)
        assert close(smooth[0, 3], 0.9001) and close(smooth[0, 2], 0.0001) and close(tf.reduce_sum(smooth, axis=1), 1)
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = solved["smoothed_cross_entropy"](logits, labels)
        assert close(tape.gradient(loss, logits), (tf.nn.softmax(logits) - smooth) / 2)

    def test_learning_rates(self, solved: dict[str, Any]) -> None:
        assert close([solved["every_eight_epochs"](epoch) for epoch in (0, 7, 8, 16)], [0.01, 0.01, 0.0096, 0.009216])
        assert close(
            [solved["every_two_epochs"](epoch) for epoch in (0, 1, 2, 99)], [0.045, 0.045, 0.0423, 0.0021700880]
        )
        assert close(solved["divide_on_plateau"](np.array([3.0, 3, 3, 3]), 0.1), [0.1, 0.1, 0.1, 0.1, 0.01])

    def test_rmsprop_is_that_of_keras(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        theta, gradient = tf.constant([5.0, -1.0]), tf.constant([4.0, -0.5])
        variable = tf.Variable(theta)
        optimizer = tf.keras.optimizers.RMSprop(0.045, rho=0.9, epsilon=1.0)
        optimizer.apply([gradient], [variable])
        assert close(solved["rmsprop_step"](theta, tf.zeros(2), gradient, 0.045)[0], variable)

    def test_gabor(self, solved: dict[str, Any]) -> None:
        """A cosine under a bell; the two phases of a pair answer to a wave wherever it is."""
        import tensorflow as tf

        def gabor(size: int, *values: float) -> Any:
            return solved["gabor"](size, *(tf.constant(float(value)) for value in values))

        assert close(gabor(3, 4, 0, 0, 1, 1), np.outer([np.exp(-0.5), 1, np.exp(-0.5)], [0, 1, 0]))
        assert close(gabor(5, 4, np.pi / 2, 0.3, 2, 0.5), np.transpose(gabor(5, 4, 0, 0.3, 2, 0.5)))
        pair = tf.stack([gabor(21, 5, 0, phase, 3, 1) for phase in (0, np.pi / 2)], axis=-1)[:, :, None]
        wave = tf.constant(np.cos(2 * np.pi * np.arange(60, dtype=np.float32) / 5)[None].repeat(21, axis=0))
        energy = np.asarray(solved["orientation_energy"](wave, pair))
        assert energy.min() > 0.98 * energy.max() > 0

    def test_receptive_patch_has_the_size_of_the_receptive_field(self, solved: dict[str, Any]) -> None:
        layers = [(7, 2, 3), (3, 2, 1), (3, 1, 1), (5, 3, 0)]
        top, bottom, left, right = solved["receptive_patch"](layers, 2, 0)
        assert bottom - top == right - left == solved["receptive_field"]([(size, stride) for size, stride, _ in layers])
        assert (top, left) == (2 * 12 - 3 - 2 * 1 - 4 * 1, -3 - 2 * 1 - 4 * 1)

    def test_style_does_not_know_where_things_are(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        features = tf.random.stateless_normal((4, 5, 3), (1, 2))
        gram = solved["gram_matrix"](features)
        assert close(gram, tf.transpose(gram)) and close(gram, solved["gram_matrix"](features[::-1, ::-1]))
        assert close(solved["style_loss"](features[:, ::-1], gram), 0)
        assert solved["content_loss"](features, features[:, ::-1]) > 1

    def test_lost_pixels_do_not_count(self, solved: dict[str, Any]) -> None:
        import tensorflow as tf

        image, mask = (
            tf.random.stateless_normal((1, 4, 5, 3), (1, 2)),
            tf.constant(np.eye(4, 5, dtype=np.float32)[None, ..., None]),
        )
        assert close(solved["deep_prior_loss"](image + 3 * (1 - mask), image, mask), 0)
        assert close(solved["deep_prior_loss"](image + 3, image, mask), 9)

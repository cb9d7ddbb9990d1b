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
POINTS = {"02_convolution": 25, "03_pooling": 15, "04_batchnorm": 15, "05_keras_cnn": 15, "06_architectures": 20}
FUNCTIONS = {
    "02_convolution": "conv1d toeplitz_matrix conv_output_size same_padding conv2d conv2d_backward conv_layer conv_params "
    "dense_matrix receptive_field",
    "03_pooling": "relu max_pool2d avg_pool2d max_pool2d_backward global_avg_pool strided_conv_pool blur_pool shift "
    "equivariance_gap",
    "04_batchnorm": "batch_norm_train batch_norm_inference batch_norm_backward fold_batch_norm batch_norm_tf",
    "05_keras_cnn": "softmax_cross_entropy MyConv2D MyBatchNorm build_model build_lenet5 train_step train",
    "06_architectures": "top_k_error ensemble layer_table without_layers grouped_conv2d build_alexnet build_vgg inception_block "
    "factorized build_googlenet gradient_norms residual_block bottleneck_block build_resnet build_resnext dense_block "
    "build_densenet squeeze_excite build_senet inception_resnet_block reduction_a",
}
CORE = set(
    [
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
        assert assignment.of_kind("oracle", question.name) or isinstance(question, ModelQuestion), question.name


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
        assert examples or question.name == "train", f"{question.name} has no example"
        for example in examples:
            runner.run(example, out=said.append)
    assert not said, "".join(said)


def close(value: Any, expected: Any) -> bool:
    return bool(np.allclose(np.asarray(value), expected, atol=1e-6))


@pytest.mark.tensorflow
class TestTheLecturesNumbers:
    """Facts that stand in the decks, or follow from them."""

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

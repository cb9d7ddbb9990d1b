"""Writes a small class of submissions, so that grading runs out of the box: `python examples/build_class.py TARGET`.

TARGET becomes an nbgrader `submitted/` tree, TARGET/<student>/<assignment>/<file>, the same bytes every time. The table
says of every submission what its author did and what grading must find; the tests grade it and compare.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click  # argument parsing
from handed_in import (
    Edit,
    Form,
    Notebook,
    added,
    atop,
    bare_file,
    below,
    body,
    copied,
    cut_in_two,
    cut_off,
    downloaded_script,
    empty_file,
    first,
    last,
    like,
    merge_conflict,
    notebook_file,
    only,
    percent_script,
    photograph,
    reworded,
    solved,
    stub_left_below,
    through_colab,
    through_vscode,
    upside_down,
    windows_file,
    without,
)

SOLUTIONS = Path(__file__).resolve().parents[1] / "solutions"
NEURONS, CONV, POOL, NORM, KERAS = "01_neurons", "02_convolution", "03_pooling", "04_batchnorm", "05_keras_cnn"
NETS, GENERAL, SEEING, BAG = "06_architectures", "07_generalization", "08_seeing", "09_bag_of_words"


@dataclass(frozen=True)
class Outcome:
    """What is expected of one question.

    Attributes:
        status: as in the report.
        mistake: the named mistake; it is also what the student's function is made of.
        says: words that the question's messages must hold.
    """

    status: str
    mistake: str | None = None
    says: str = ""


@dataclass(frozen=True)
class Example:
    """A submission: whose, what they did, and what grading must find.

    Attributes:
        student: the student's id.
        assignment: what it answers.
        what: what happened, in a line.
        edits: what the student did to the released notebook, in order.
        questions: those that are not expected to end as `others` do.
        others: the outcome of the other questions.
        status: of the report.
        says: words that the report's own message must hold; "" for no message at all.
        repairs: words that the list of repairs must hold, an entry each.
        form: how the file was saved.
        file: its name, {} standing for the assignment's.
    """

    student: str
    assignment: str
    what: str
    edits: tuple[Edit, ...] = ()
    questions: Mapping[str, Outcome] = field(default_factory=dict)
    others: Outcome = Outcome("passed")
    status: str = "graded"
    says: str = ""
    repairs: tuple[str, ...] = ()
    form: Form = notebook_file
    file: str = "{}.ipynb"

    @property
    def full_marks(self) -> bool:
        """Whether every question is expected to pass."""
        return self.others.status == "passed" and not self.questions

    def expected(self, question: str) -> Outcome:
        """What is expected of a question."""
        return self.questions.get(question, self.others)

    def content(self) -> bytes:
        """The file that is handed in."""
        notebook = Notebook(SOLUTIONS / self.assignment)
        made = [outcome.mistake for outcome in self.questions.values() if outcome.mistake]
        for edit in (*self.edits[:1], like(*made), *self.edits[1:]):
            edit(notebook)
        return self.form(notebook)


def failed(mistake: str | None = None, says: str = "") -> Outcome:
    """No part of the question is right."""
    return Outcome("failed", mistake, says)


def partial(mistake: str | None = None, says: str = "") -> Outcome:
    """Some parts of the question are right."""
    return Outcome("partial", mistake, says)


def error(says: str) -> Outcome:
    """The function raises, or its cell does."""
    return Outcome("error", says=says)


FULL_MARKS = (
    Example("amy", NEURONS, "solves everything as the lecture does", (solved,)),
    Example("amy", CONV, "likewise", (solved,)),
    Example("amy", POOL, "likewise", (solved,)),
    Example("amy", NORM, "likewise", (solved,)),
    Example("amy", KERAS, "likewise", (solved,)),
    Example("amy", NETS, "likewise", (solved,)),
    Example("amy", GENERAL, "likewise", (solved,)),
    Example("amy", BAG, "likewise", (solved,)),
    Example(
        "bjarne", NEURONS, "has a style of his own in every function",
        (solved, like("norm_case_by_case", "scores_class_by_class", "neuron_with_safe_branches", "loss_by_label",
                      "gradient_as_in_the_lecture", "walk_in_a_tensor_array", "network_example_by_example",
                      "backward_examples_as_columns", "parameters_by_recursion", "softmax_class_by_class",
                      "error_by_comparison", "batches_of_tensors", "step_on_variables", "TrackerWithClosures",
                      "gradient_by_adding_nothing", "chain_by_duals")),
    ),
    Example(
        "bjarne", CONV, "likewise",
        (solved, like("conv1d_by_dot_products", "toeplitz_by_operator", "size_by_counting", "padding_one_by_one",
                      "conv2d_by_columns", "backward_by_numpy_loops", "layer_with_bias_as_a_filter",
                      "params_by_counting_tensors", "matrix_of_unit_images", "field_by_recursion")),
    ),
    Example(
        "bjarne", POOL, "likewise",
        (solved, like("relu_with_its_own_gradient", "max_picked_by_index", "mean_by_cumulative_sums",
                      "gradient_by_scatter", "global_by_matrix_product", "learned_by_shifted_products",
                      "blur_channel_by_channel", "shift_by_two_matrices", "gap_under_a_mask")),
    ),
    Example(
        "bjarne", NORM, "likewise",
        (solved, like("train_as_a_line", "inference_by_channel_loop", "backward_by_jacobian", "fold_by_probing",
                      "tf_keras_ops")),
    ),
    Example(
        "bjarne", GENERAL, "likewise",
        (solved, like("fit_by_constraints", "patchy_by_extracted_patches", "standardize_by_moments", "crops_one_by_one",
                      "flip_one_by_one", "augment_one_by_one", "resize_of_tensorflow", "ten_by_boxes", "crops_by_hand",
                      "scores_by_logarithms", "smoothed_by_scatter", "entropy_of_keras", "dropout_by_mask",
                      "layer_of_keras", "plateau_by_looking_back", "eight_by_a_loop", "two_by_a_loop",
                      "rmsprop_by_differences", "clip_as_one_vector", "frozen_functional", "accuracy_image_by_image")),
    ),
    Example(
        "bjarne", SEEING, "likewise",
        (solved, like("gabor_by_meshgrid", "energy_by_patches", "saliency_in_numpy", "occlusion_one_by_one",
                      "window_by_size_and_jump", "patches_of_padded_images", "iou_by_sizes", "ascent_of_a_variable",
                      "gram_by_einsum", "content_by_l2_loss", "style_by_trace", "total_from_scratch", "prior_loss_by_mask",
                      "input_in_numpy", "step_by_apply")),
    ),
    Example(
        "bjarne", BAG, "likewise",
        (solved, like("counts_by_comparison", "table_by_add_at", "marginal_by_einsum", "patches_by_windows",
                      "step_by_norms", "until_nothing_moves", "hard_in_numpy", "soft_by_hand", "sum_over_total",
                      "max_by_sorting", "distance_by_norm", "intersection_by_where", "chi_by_divide",
                      "work_border_by_border", "pyramid_from_the_finest", "neighbour_one_by_one")),
    ),
    Example("chen", CONV, "hands in the script that Jupyter exports", (solved,), form=downloaded_script, file="{}.py"),
    Example("chen", NORM, "keeps a script with # %% cells", (solved,), form=percent_script, file="batchnorm_chen.py"),
    Example(
        "dana", POOL, "works in Colab; the drive is not there when graded", (solved, through_colab),
        says="No module named 'google",
    ),
    Example("dana", NORM, "works in VS Code", (solved, through_vscode)),
    Example(
        "emeka", NORM, "uses magics, shell commands and help",
        (
            solved,
            added("%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!pip install --quiet seaborn"),
            atop("batch_norm_train", "%%time"),
            atop("batch_norm_backward", "%%capture out"),
            added("tf.nn.moments?\nfiles = !ls\n%timeit -n 1 batch_norm_tf(tf.ones((2, 3)), tf.ones(3), tf.zeros(3))",
                  after="batch_norm_tf"),
        ),
    ),
    Example("fatima", POOL, "lost all metadata in a converter", (solved,), form=bare_file),
    Example("goran", CONV, "moved the cells around, the last one first", (solved, upside_down)),
    Example(
        "hana", NORM, "cut functions in two, copied cells, and left an untouched stub below a solved one",
        (
            solved, cut_in_two("batch_norm_train"), copied("batch_norm_backward"), cut_in_two("batch_norm_backward"),
            copied("fold_batch_norm"), stub_left_below("batch_norm_tf"),
        ),
        repairs=("cut in two", "cut in two", "unsolved copy of batch_norm_tf"),
    ),
    Example(
        "ivan", POOL, "saved with a Windows editor, and under a name of his own", (solved,), form=windows_file,
        file="Assignment 3 (final).ipynb",
    ),
    Example(
        "jorge", CONV, "prints every pixel, and draws",
        (
            solved,
            first("conv2d", 'for pixel in np.ravel(input):\n    print("pixel", pixel, flush=True)'),
            first("conv_layer", "plt.plot(np.ravel(x))\nplt.show()"),
            added('for n in range(20_000):\n    print("=" * 80, n)', after="conv2d"),
        ),
    ),
    Example(
        "kaya", NORM, "left the stub's raise below the finished code",
        (solved, last("batch_norm_train", "# YOUR CODE HERE\nraise NotImplementedError()"),
         last("fold_batch_norm", "# YOUR CODE HERE\nraise NotImplementedError()")),
    ),
    Example(
        "lena", CONV, "ends a cell of her own with exit()",
        (solved, added('print("that was hard")\nexit()', after="conv2d")), says="exit",
    ),
)  # fmt: skip

MISTAKEN = (
    Example(
        "mateo", NEURONS, "mixes up rows and columns, forgets slopes, and drops what is left over",
        (solved, like("columns_as_exemplars", "exponential_overflows", "softmax_overflows"),
         reworded("Tracker", {"parent.gradient += self.fit": "parent.gradient = self.fit"})),
        {
            "p_norm": partial("largest_with_sign"),
            "linear_scores": partial(says="linear_scores raised InvalidArgumentError"),
            "neuron": partial(says="NaN"),
            "mlp_backward": partial("backward_without_hidden_slope"),
            "softmax": partial(says="NaN"),
            "mean_squared_error_of_softmax": partial(says="calls your softmax"),
            "minibatches": partial("batches_without_the_rest"),
            "sgd_momentum_step": partial("step_with_decay_without_rate"),
            "Tracker": partial(),
            "gradient": partial(),
        },
    ),
    Example(
        "priya", NEURONS, "averages over the examples, where the lecture adds up", (solved,),
        {
            "neuron_loss": partial("loss_averaged"),
            "neuron_gradient": partial("gradient_averaged"),
            "train_neuron": partial(),
            "mean_squared_error_of_softmax": partial("squares_added_up_over_classes"),
        },
    ),
    Example(
        "mateo", CONV, "flips the kernel where it should not be, and not where it should", (solved,),
        {
            "conv1d": partial("cross_correlation"),
            "conv2d": partial("flipped_kernel"),
            "conv2d_backward": partial(says="calls your conv2d"),
            "conv_layer": partial("bias_in_every_tap"),
            "receptive_field": partial("own_stride_counted"),
        },
    ),
    Example(
        "mateo", POOL, "pads with zeros, divides by the whole window, and overwrites gradients", (solved,),
        {
            "max_pool2d": partial("max_over_padded_zeros"),
            "avg_pool2d": partial("mean_counts_padding"),
            "max_pool2d_backward": partial("gradient_overwritten"),
            "blur_pool": partial("blur_pads_zeros"),
            "shift": partial("shift_wraps_around"),
        },
    ),
    Example(
        "mateo", NORM, "takes statistics over the batch axis, and freezes them going back", (solved,),
        {
            "batch_norm_train": partial("train_batch_axis_only"),
            "batch_norm_inference": partial("inference_batch_statistics"),
            "batch_norm_backward": partial("backward_frozen_statistics"),
            "fold_batch_norm": partial("fold_epsilon_outside_root"),
            "batch_norm_tf": partial("tf_constant_statistics"),
        },
    ),
    Example(
        "mateo", KERAS, "has the softmax twice", (only("softmax_cross_entropy", "train_step"), like("loss_overflows")),
        {"softmax_cross_entropy": partial(says="NaN"), "train_step": partial("step_with_softmax_first")},
        others=Outcome("not_attempted"),
    ),
    Example(
        "mateo", NETS, "counts what no gradient moves, rounds up, and adds the shortcut too late",
        (only("layer_table", "build_alexnet", "residual_block", "build_resnet", "build_resnext"),),
        {
            "layer_table": partial("moving_statistics_counted"),
            "build_alexnet": partial("alexnet_rounds_up"),
            "residual_block": partial("residual_relu_before_the_sum"),
            "build_resnet": partial("resnet_with_useless_biases"),
            "build_resnext": partial(says="calls your build_resnet"),
        },
        others=Outcome("not_attempted"),
    ),
    Example(
        "mateo", GENERAL, "averages before the softmax, clips each gradient by itself, and leaves the labels behind", (solved,),
        {
            "polynomial_fit": partial("zeros_set_after_the_fit"),
            "patchy_layer": partial("patches_turned"),
            "augment": partial("labels_left_behind"),
            "average_scores": partial("mean_before_softmax"),
            "label_smoothing": partial("spread_over_the_others"),
            "rmsprop_step": partial("epsilon_outside"),
            "clip_by_norm": partial("each_by_its_own_norm"),
        },
    ),
    Example(
        "mateo", SEEING, "keeps signs, paints squares black, confuses places with channels, and counts pixels for values", (solved,),
        {
            "gabor": partial("axes_swapped"),
            "saliency": partial("signs_kept"),
            "occlusion_map": failed("black_square"),
            "receptive_patch": partial("layers_forwards"),
            "top_patches": partial(says="calls your receptive_patch"),
            "dissection_iou": partial("threshold_of_each_image"),
            "gram_matrix": partial("places_for_channels"),
            "style_loss": partial(says="calls your gram_matrix"),
            "total_loss": partial(says="calls your"),
            "deep_prior_loss": partial("channels_not_counted"),
            "deep_prior_step": failed(says="calls your deep_prior_loss"),
        },
    ),
    Example(
        "mateo", BAG, "goes column by column, forgets a factor, and moves a centre that has no points", (solved,),
        {
            "marginal": partial("summed_over_one_other"),
            "dense_patches": partial("columns_first"),
            "kmeans_step": partial("empty_cluster_to_zero"),
            "hard_assign": partial("every_nearest_centre"),
            "chi_squared": partial("half_forgotten"),
            "earth_movers_distance": partial("absolute_value_at_the_end"),
            "spatial_pyramid": partial("every_cell_normalised"),
        },
    ),
    Example(
        "nadia", KERAS, "freezes all layers but the last", (only("softmax_cross_entropy", "train_step"),),
        {"softmax_cross_entropy": Outcome("passed"), "train_step": partial("step_of_the_last_layer")},
        others=Outcome("not_attempted"),
    ),
    Example(
        "nadia", CONV, "calls tf.nn.conv2d where convolution is to be written from scratch", (solved, like("library_conv2d")),
        {
            "conv2d": failed(says="written from scratch"),
            "conv2d_backward": failed(says="calls your conv2d"),
        },
    ),
    Example(
        "nadia", NORM, "mixes up momentum, the root's epsilon and the order of outputs", (solved, like("fold_float64")),
        {
            "batch_norm_train": partial("train_momentum_reversed"),
            "batch_norm_inference": partial("inference_epsilon_outside_root"),
            "batch_norm_backward": partial("backward_outputs_swapped"),
            "fold_batch_norm": partial(says="should be float32 like the input"),
        },
    ),
    Example(
        "oskar", CONV, "loops over NumPy arrays: the values are right, the gradients are gone",
        (
            solved,
            body("conv2d", """
                steps = [strides, strides] if isinstance(strides, int) else list(strides)
                sh, sw = steps if len(steps) == 2 else steps[1:3]
                x, w = np.array(input), np.array(filters)
                if padding == "SAME":
                    pads = [same_padding(x.shape[axis], w.shape[axis - 1], step) for axis, step in ((1, sh), (2, sw))]
                    x = np.pad(x, [(0, 0), *pads, (0, 0)])
                rows, columns = (x.shape[1] - w.shape[0]) // sh + 1, (x.shape[2] - w.shape[1]) // sw + 1
                out = np.zeros((len(x), rows, columns, w.shape[3]), np.float32)
                for b in range(len(x)):
                    for i in range(rows):
                        for j in range(columns):
                            for o in range(w.shape[3]):
                                patch = x[b, i * sh : i * sh + w.shape[0], j * sw : j * sw + w.shape[1]]
                                out[b, i, j, o] = np.sum(patch * w[..., o])
                return tf.constant(out)
            """),
        ),
        {"conv2d": partial(says="NumPy"), "conv2d_backward": partial(says="calls your conv2d")},
    ),
    Example(
        "priya", CONV, "names the parameters as in her own notes",
        (solved, reworded("conv2d", {"input": "x", "filters": "w", "strides": "stride", "padding": "pad"})),
        {"conv2d": error("Keep the parameter names"), "conv2d_backward": error("cell")},
    ),
    Example(
        "priya", POOL, "forgets a return, and returns the wrong things",
        (
            solved,
            body("global_avg_pool", "y = tf.reduce_mean(x, axis=(1, 2))"),
            body("shift", "return x, down, right"),
        ),
        {
            "global_avg_pool": failed(says="returned None"),
            "shift": failed(says="should return one value"),
            "equivariance_gap": error("tuple"),
        },
    ),
    Example(
        "quentin", NORM, "answers the public cases by heart",
        (
            solved,
            first("batch_norm_tf", """
                if x.shape == (4, 2):
                    return tf.constant([[-1.0, -5.0], [-1.0, 3.0], [7.0, -5.0], [-1.0, 19.0]])
                return tf.zeros_like(x)
            """),
        ),
        {"batch_norm_tf": partial(says="zero")},
    ),
    Example(
        "quentin", KERAS, "makes up predictions: his model gives other ones than its layers",
        (
            only("build_lenet5"),
            body("build_lenet5", """
                class Lucky(keras.Model):
                    def __init__(self):
                        super().__init__()
                        tanh = {"activation": "tanh"}
                        self.c = [keras.layers.Conv2D(n, 5, **tanh) for n in (6, 16, 120)]
                        self.pools = [keras.layers.AveragePooling2D(2), keras.layers.AveragePooling2D(2)]
                        self.flat, self.f6 = keras.layers.Flatten(), keras.layers.Dense(84, **tanh)
                        self.out = keras.layers.Dense(10)

                    def call(self, x):
                        x = self.pools[0](self.c[0](x))
                        x = self.c[2](self.pools[1](self.c[1](x)))
                        return self.out(self.f6(self.flat(x)))

                    def __call__(self, x, **kwargs):
                        return super().__call__(x, **kwargs) + 9 * np.eye(10, dtype="float32")[np.arange(len(x)) % 10]

                return Lucky()
            """),
        ),
        {"build_lenet5": partial(says="does not predict what it predicted")}, others=Outcome("not_attempted"),
    ),
)  # fmt: skip

BROKEN = (
    Example(
        "samir", NEURONS, "has not written the sine of his tracker yet, nor the last question",
        (solved, reworded("Tracker", {
            "return self.record(tf.sin(self.value), (self, lambda g: g * tf.cos(self.value)))": "raise NotImplementedError()",
        }), body("sigmoid_chain", "# YOUR CODE HERE\nraise NotImplementedError()")),
        {
            "Tracker": partial(says="Tracker.sin is not written yet"),
            "gradient": partial(),
            "sigmoid_chain": Outcome("not_attempted"),
        },
    ),
    Example("rosa", POOL, "hands in the notebook as it was released", others=Outcome("not_attempted")),
    Example(
        "rosa", NORM, "solves two questions and leaves the others", (only("batch_norm_train", "batch_norm_tf"),),
        {"batch_norm_train": Outcome("passed"), "batch_norm_tf": Outcome("passed")}, others=Outcome("not_attempted"),
    ),
    Example(
        "rosa", CONV, "solves conv2d, but not the two functions it calls",
        (only("conv2d", "conv_layer"),),
        {"conv_layer": Outcome("passed"), "conv2d": error("conv_output_size, which is not attempted yet")},
        others=Outcome("not_attempted"),
    ),
    Example(
        "samir", NORM, "wrote the code below the stub's raise, so it is never reached",
        (solved, first("batch_norm_inference", "raise NotImplementedError()")),
        {"batch_norm_inference": error("still holds the line `raise NotImplementedError()`")},
    ),
    Example(
        "samir", POOL, "renamed one function and deleted the cell of another",
        (solved, reworded("relu", {"relu": "ReLU"}), without("shift")),
        {
            "relu": Outcome("missing", says="There is no function relu"),
            "shift": Outcome("missing", says="There is no function shift"),
            "equivariance_gap": error("name 'shift' is not defined"),
        },
    ),
    Example(
        "tove", POOL, "raises an error of her own, forgets a colon, and leaves a bracket open",
        (
            solved,
            first("strided_conv_pool", 'if stride > 1:\n    raise ValueError("I did not get this to work")'),
            body("relu", 'raise ValueError("no idea")'),
            reworded("global_avg_pool", {"def global_avg_pool(x):": "def global_avg_pool(x)"}),
            reworded("shift", {"x.shape[1:3]": "x.shape[(1:3]"}),
        ),
        {
            "relu": error("ValueError: no idea"),
            "strided_conv_pool": partial(says="did not get this to work"),
            "global_avg_pool": error("not valid Python"),
            "shift": error("not valid Python"),
            "equivariance_gap": error("name 'shift' is not defined"),
        },
        says="not valid Python",
    ),
    Example(
        "uma", CONV, "loops forever in a function, because the counter never moves",
        (solved, first("conv_params", "n = 0\nwhile n < c_out:\n    total = kh * kw * c_in")),
        {"conv_params": Outcome("timeout", says="loop that never ends")},
    ),
    Example(
        "uma", NORM, "loops forever in a cell, below the function",
        (solved, below("batch_norm_tf", "n = 0\nwhile n < 100:\n    n == n + 1")),
        {"batch_norm_tf": Outcome("timeout", says="loop that never ends")}, says="did not finish",
    ),
    Example(
        "viktor", POOL, "compares every pixel of a huge image with every other: NumPy runs out of memory",
        (solved, first("global_avg_pool", "pairs = np.zeros((30_000, 30_000))")),
        {"global_avg_pool": Outcome("memory", says="more memory")},
    ),
    Example(
        "viktor", NORM, "the same in TensorFlow, once in a function and once in a cell",
        (
            solved,
            first("batch_norm_inference", "pairs = tf.zeros((100_000, 100_000))"),
            below("fold_batch_norm", "pairs = tf.zeros((100_000, 100_000))"),
        ),
        {"batch_norm_inference": Outcome("memory", says="more memory")},
        says="cell",
    ),
    Example(
        "wen", NORM, "stops the process with os._exit: in a function, and in the cell of another",
        (
            solved, first("batch_norm_inference", "import os\nos._exit(0)"),
            below("fold_batch_norm", "import os\nos._exit(1)"),
        ),
        {
            "batch_norm_inference": Outcome("crashed", says="exit code 0"),
            "fold_batch_norm": Outcome("crashed", says="exit code 1"),
        },
        says="stopped the whole process",
    ),
    Example(
        "wen", POOL, "calls exit() in a function", (solved, first("relu", "exit()")), {"relu": error("exit()")},
    ),
    Example(
        "ximena", POOL, "the upload was cut off", (solved,), status="unreadable", others=Outcome("missing"),
        says="JSON breaks off", form=cut_off,
    ),
    Example(
        "ximena", NORM, "committed a notebook with a merge conflict", (solved,), status="unreadable",
        others=Outcome("missing"), says="merge", form=merge_conflict,
    ),
    Example(
        "yusuf", NORM, "uploaded an empty file", status="unreadable", others=Outcome("missing"), says="is empty",
        form=empty_file,
    ),
    Example(
        "zofia", NORM, "uploaded a photograph of her screen", status="unreadable", others=Outcome("missing"),
        says="IMG_2041.png", form=photograph, file="IMG_2041.png",
    ),
)  # fmt: skip

CLASS = (*FULL_MARKS, *MISTAKEN, *BROKEN)
EXPECTED = {(example.student, example.assignment): example for example in CLASS}
"""What grading must find, by student and assignment."""


def build(target: Path, examples: tuple[Example, ...] = CLASS) -> list[Path]:
    """Writes the submissions below `target`, in the place of earlier ones, and returns their files."""
    written = []
    for example in examples:
        folder = target / example.student / example.assignment
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        path = folder / example.file.format(example.assignment)
        path.write_bytes(example.content())
        written.append(path)
    return written


@click.command()
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
def main(target: Path) -> None:
    """Write the example class to TARGET, as an nbgrader submitted/ tree."""
    written = build(target)
    students = len({example.student for example in CLASS})
    click.echo(f"{len(written)} submissions of {students} students in {target}")


if __name__ == "__main__":
    main()

"""Model questions through the real workers: right models in every style, and models and predictions that are made up."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from blueprints import examined as seen_by_rules

from autograder.border.blueprint import MAX_PARAMETERS
from autograder.border.observation import Failure, Observation, Output
from autograder.grader.answers import Answers, task
from autograder.grader.compare import compare
from autograder.grader.models import arguments, merged, read
from autograder.grader.score import score
from autograder.grader.workers import Workers
from autograder.question import Case, Exam, ModelQuestion, Question, normal, probe
from autograder.reports.report import Status
from autograder.strokes import strokes

x, y, images, labels = strokes(96, 48, (10, 12, 1), 2)
EXAM = Exam(images, labels=labels, classes=2, x=x, y=y, steps=25)
RULES = {
    "layers": ("Conv2D",),
    "output": "logits",
    "gradients": True,
    "training and inference": True,
    "saved and loaded": True,
    "accuracy": 0.7,
}
BUILD = ModelQuestion("build", 6, (Case("two directions", exam=EXAM, size=(10, 12, 1)),), rules=RULES, seconds=30)


def structure_only(name: str) -> ModelQuestion:
    """The question without training, under another name."""
    rules = {rule: limit for rule, limit in RULES.items() if rule not in ("gradients", "accuracy")}
    return ModelQuestion(
        name, 4, (Case("c", public=True, exam=Exam(images, classes=2), size=(10, 12, 1)),), rules=rules
    )


IMPORTS = "import json\nimport keras\nimport numpy as np\nimport tensorflow as tf\nlayers = keras.layers\n"
MODELS = {
    "sequential": """
        return keras.Sequential([
            layers.Rescaling(1 / 255), layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(),
            layers.Flatten(), layers.Dropout(0.2), layers.Dense(2),
        ])""",
    "functional": """
        inputs = keras.Input(size)
        h = layers.Conv2D(8, 3, activation="relu")(inputs / 255)
        h = layers.Add()([h, layers.Conv2D(8, 3, padding="same")(h)])
        h = layers.GlobalMaxPooling2D()(keras.ops.relu(layers.BatchNormalization(momentum=0.8)(h)))
        return keras.Model(inputs, layers.Dense(2)(h))""",
    "subclassed": """
        class Mine(keras.Model):
            def __init__(self):
                super().__init__()
                self.conv, self.norm = layers.Conv2D(8, 3), layers.BatchNormalization(momentum=0.8)
                self.drop, self.out = layers.Dropout(0.1), layers.Dense(2)
            def call(self, x, training=None):
                h = keras.ops.relu(self.norm(self.conv(x / 255.0), training=training))
                return self.out(self.drop(keras.ops.max(h, axis=(1, 2)), training=training))
        return Mine()""",
    "nested": """
        inner = keras.Sequential([layers.Conv2D(8, 3), layers.ReLU(), layers.MaxPooling2D()], name="inner")
        return keras.Sequential([keras.Input(size), layers.Rescaling(1 / 255), inner, layers.Flatten(), layers.Dense(2)])""",
}
"""Right models, as a function's body."""

FAKE = "import autograder.worker.observe as o\no.portrait = lambda model, images: (np.frombuffer(json.dumps({config}).encode(), np.uint8), np.zeros({weights}, np.float32), np.zeros((len(images), 2), np.float32), np.zeros(0, np.float32))\nreturn keras.Sequential([])"
BOMB = {
    "module": "keras.layers",
    "class_name": "Dense",
    "registered_name": None,
    "name": "dense",
    "config": {"name": "dense", "units": 10**9},
    "inbound_nodes": [],
}
IMPORTING = BOMB | {"module": "os", "class_name": "abort"}

MADE_UP = {
    "nothing": ("model = keras.Sequential([])", "is the `return` missing"),
    "no model": ("return 3", "it returned a int"),
    "a Lambda": (
        "return keras.Sequential([keras.Input(size), layers.Lambda(lambda x: x), layers.Flatten(), layers.Dense(2)])",
        "no Lambda",
    ),
    "an own layer": (
        "class Own(layers.Layer):\n    def call(self, x): return x\nreturn keras.Sequential([keras.Input(size), Own(), layers.Flatten()])",
        "no layer classes of your own",
    ),
    "tf between the layers": (
        "class Own(keras.Model):\n    def call(self, x): return tf.reduce_mean(tf.cast(x, tf.float32), axis=(1, 2))\nreturn Own()",
        "no tf.*",
    ),
    "predictions that are made up": (
        """
class Cheat(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.out = layers.Conv2D(2, 3, activation="relu"), layers.Dense(2)
    def call(self, x):
        return self.out(keras.ops.max(self.conv(x / 255.0), axis=(1, 2)))
    def __call__(self, x, training=None):
        return super().__call__(x) + np.arange(len(x), dtype="float32")[:, None]
return Cheat()""",
        "does not predict what it predicted",
    ),
    # What follows replaces the portrait in its own process, for good.
    "a module to import": (FAKE.format(config={"layers": [IMPORTING]}, weights=1), "cannot be built again"),
    "a bomb": (
        FAKE.format(config={"name": "m", "layers": [BOMB], "input_layers": [], "output_layers": []}, weights=1),
        "built again",
    ),
    "no configuration": (FAKE.format(config=[], weights=1), "cannot be read"),
}
"""Returned values that are no honest model, with words of what the student reads."""


def cells(bodies: dict[str, str]) -> list[dict[str, str]]:
    import textwrap

    defined = [
        f"def f{n}(size):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}"
        for n, body in enumerate(bodies.values())
    ]
    return [{"label": f"cell {n}", "source": source} for n, source in enumerate([IMPORTS, *defined])]


def observed(workers: Workers, bodies: dict[str, str], questions: list[ModelQuestion]) -> dict[str, Any]:
    drawn = [question.materialised("salt") for question in questions]
    tasks = [
        task(question, "salt", name=name, function=f"f{n}")
        for n, (name, question) in enumerate(zip(bodies, drawn, strict=True))
    ]
    seen = workers.run(cells(bodies), tasks).questions
    return {
        name: score(Answers(question, ({},), (), tuple(question.units())), seen[name])
        for name, question in zip(bodies, drawn, strict=True)
    } | {f"{name} seen": seen[name] for name in bodies}


def test_the_labels_stay_with_the_grader() -> None:
    told = task(BUILD.materialised("salt"), "salt")
    assert set(told.exams[0]) == {"x", "y", "images", "steps", "learning_rate"}
    assert [set(arguments) for arguments, _ in told.cases] == [{"size"}]


@pytest.fixture(scope="module")
def right(workers: Workers) -> dict[str, Any]:
    return observed(workers, MODELS, [BUILD] * len(MODELS))


@pytest.fixture(scope="module")
def made_up(workers: Workers) -> dict[str, Any]:
    bodies = {name: body for name, (body, _) in MADE_UP.items()}
    return observed(workers, bodies, [structure_only("build")] * len(bodies))


@pytest.mark.tensorflow
@pytest.mark.parametrize("style", MODELS)
def test_a_right_model_in_any_style_gets_full_points(right: dict[str, Any], style: str) -> None:
    report = right[style]
    assert report.status == Status.PASSED, [part.message for part in report.parts if part.message] or report.message


@pytest.mark.tensorflow
@pytest.mark.parametrize("trick", MADE_UP)
def test_what_is_made_up_is_found_out_and_told(made_up: dict[str, Any], trick: str) -> None:
    report = made_up[trick]
    assert report.status in (Status.FAILED, Status.PARTIAL)
    assert any(MADE_UP[trick][1] in part.message for part in report.parts), [p.message for p in report.parts]


@pytest.mark.tensorflow
def test_the_same_submission_trains_to_the_same_predictions(workers: Workers, right: dict[str, Any]) -> None:
    again = observed(workers, {"sequential": MODELS["sequential"]}, [BUILD])
    one, two = (read(found["sequential seen"].observations[0]) for found in (right, again))
    assert np.array_equal(one.weights, two.weights)
    assert np.array_equal(one.scored, two.scored)


# Probes


@probe
def two_calls(subject: Any, x: Any) -> Any:
    """Calls it twice, with an import of its own."""
    import numpy

    return subject(x), float(numpy.float32(len(x)))


PROBED = Question("f", 2, (Case("c", x=normal(3, 2)),), returns=("value", "count"), wrt=("x",), probe=two_calls)


def test_a_probe_is_its_source_without_the_decorator() -> None:
    assert two_calls.name == "two_calls"
    assert two_calls.source.startswith("def two_calls(")
    json.dumps(vars(two_calls))


@pytest.mark.tensorflow
def test_a_probe_is_called_in_the_functions_place(workers: Workers) -> None:
    drawn = PROBED.materialised("salt")
    run = workers.run([{"label": "cell 1", "source": "def f(x):\n    return 2 * x"}], [task(drawn, "salt")])
    (seen,) = run.questions["f"].observations
    assert seen.failure is None
    x = drawn.cases[0].arguments["x"]
    assert np.array_equal(seen.outputs[0].array, 2 * x) and seen.outputs[1].array == 3
    gradient = seen.gradients["x"]
    assert gradient is not None and gradient.array is not None and gradient.array.shape == x.shape


@pytest.mark.tensorflow
def test_a_stub_in_a_class_is_not_attempted_and_a_missing_method_is_told(workers: Workers) -> None:
    @probe
    def configured(subject: Any) -> Any:
        layer = subject(np_like=[1.0])
        layer.build((None, 2))
        return 1 if layer.get_config() else 0

    stub = (
        "import keras\nimport numpy as np\nclass f(keras.layers.Layer):\n    def __init__(self, np_like):\n        super().__init__()\n"
        "    def build(self, shape):\n        {body}\n"
    )
    question = Question("f", 1, (Case("c"),), probe=configured)
    for body, kind in (
        ("raise NotImplementedError()", "NotImplementedError"), ("helper()", "Unfinished"),
        ("raise NotImplementedError()\n        self.w = 1", "Leftover"),
    ):  # fmt: skip
        source = "def helper():\n    raise NotImplementedError()\n" + stub.format(body=body)
        (seen,) = (
            workers.run([{"label": "cell 1", "source": source}], [task(question, "s")]).questions["f"].observations
        )
        assert seen.failure is not None and seen.failure.kind == kind


def test_an_observation_without_a_model_is_judged_without_an_exception() -> None:
    assert {f.miss for f in compare(BUILD, BUILD.cases[0], Observation(outputs=()), {})} == {"structure"}


# Between the two workers, without either


PORTRAIT = seen_by_rules().outputs[:4]
EXAMINED = Observation(outputs=seen_by_rules().outputs[4:])


def portrait(**changed: Any) -> Observation:
    """What the first worker says: configuration, weights, predictions, start."""
    names = ("config", "weights", "predictions", "start")
    outputs = (Output("array", changed.get(name, output.array)) for name, output in zip(names, PORTRAIT, strict=True))
    return Observation(structure="tuple", outputs=tuple(outputs))


def test_a_model_is_examined_with_its_own_weights() -> None:
    (call,) = arguments([portrait(), Observation(failure=Failure("E", "m"))], [{"images": 1}, {"images": 2}])
    assert json.loads(call["config"])["name"] == "functional" and call["images"] == 1
    assert call["weights"].tolist() == [1, 2, 3]
    (seen,) = merged([portrait()], [EXAMINED])
    assert read(seen).predictions is EXAMINED.outputs[1].array and read(seen).claimed is PORTRAIT[2].array
    assert seen.failure is None and read(seen).weights.tolist() == [1, 2, 3] and read(seen).facts["parameters"] == 3


WEIGHTS = np.ones(3, np.float32)
CONFIG = PORTRAIT[0].array
assert CONFIG is not None
UNREADABLE = "The model's configuration cannot be read."
WEIGHTLESS = "The model's weights cannot be read."


@pytest.mark.parametrize("changed, said", [
    ({"config": None}, UNREADABLE),
    ({"config": CONFIG.astype(np.int32)}, UNREADABLE),
    ({"config": CONFIG[None]}, UNREADABLE),
    ({"config": CONFIG[:-1]}, UNREADABLE),
    ({"weights": None}, WEIGHTLESS),
    ({"weights": WEIGHTS.astype(np.float64)}, WEIGHTLESS),
    ({"weights": WEIGHTS[None]}, WEIGHTLESS),
    ({"weights": np.ones(MAX_PARAMETERS + 1, np.float32)}, WEIGHTLESS),
    ({"start": None}, WEIGHTLESS),
    ({"start": WEIGHTS.astype(np.float64)}, WEIGHTLESS),
    ({"predictions": None}, WEIGHTLESS),
])  # fmt: skip
def test_what_cannot_be_a_model_is_not_built_again(changed: dict[str, Any], said: str) -> None:
    seen = portrait(**changed)
    assert arguments([seen], [{}]) == []
    (told,) = merged([seen], [])
    assert told.failure == Failure("NoModel", said)


def test_a_returned_value_that_is_no_model_is_told_so() -> None:
    for outputs in ((), PORTRAIT[:3], (*PORTRAIT, PORTRAIT[0])):
        (told,) = merged([Observation(outputs=outputs)], [])
        assert told.failure == Failure("NoModel", "It returned something that is no model.")


def test_every_model_gets_its_own_examination() -> None:
    failed = Observation(failure=Failure("ValueError", "no layer " + "x" * 300))
    raised = Observation(failure=Failure("KeyError", "own"))
    first, own, second, third = merged([portrait(), raised, portrait(), portrait()], [EXAMINED, failed])
    assert first.failure is None and len(first.outputs) == 8 and own is raised
    assert second.failure and second.failure.message == (
        "The model could not be built again from its configuration and weights (no layer " + "x" * 191 + ")."
    )
    assert third.failure and third.failure.message == "Building the model again took too much time or memory."


@pytest.mark.parametrize(
    "outputs", [PORTRAIT, seen_by_rules().outputs[:7], (*seen_by_rules().outputs[:7], Output("str"))]
)
def test_what_was_not_examined_is_not_read(outputs: tuple[Output, ...]) -> None:
    with pytest.raises(ValueError, match="not an examined model"):
        read(Observation(outputs=outputs))

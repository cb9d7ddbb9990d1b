"""A question is data: what to call, on which inputs, and what to compare.

This module imports nothing of ours and no TensorFlow, so an instructor's `questions.py` loads in milliseconds.
"""

from __future__ import annotations

import hashlib
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

import numpy as np

PUBLIC_SALT = "public"
"""The salt of public cases: their inputs are handed out, so they must not depend on the secret one."""


Scale = float | tuple[float, ...]
"""One number, or one for each entry of the last axis."""


@dataclass(frozen=True)
class Draw:
    """A random argument, drawn afresh for every (salt, question, case, argument).

    Draws of a case with the same `stream` come from the same random numbers: images and their labels.
    """

    kind: str
    shape: tuple[int, ...]
    low: Scale = 0.0
    high: Scale = 1.0
    stream: str = ""

    def sample(self, rng: np.random.Generator, dtype: str = "float32") -> Any:
        """Draws the argument: an array of `shape` and `dtype`, int32 for "labels"; a Python number for "integer" and "number"."""
        low, high = np.asarray(self.low), np.asarray(self.high)
        if self.kind == "normal":  # low is the mean, high the standard deviation
            return np.asarray(low + high * rng.standard_normal(self.shape), dtype)
        if self.kind == "uniform":
            return np.asarray(rng.uniform(low, high, self.shape), dtype)
        if self.kind == "distinct":
            size = int(np.prod(self.shape))
            spaced = low + (high - low) * (rng.permutation(size) + 0.5) / size
            return np.asarray(spaced, dtype).reshape(self.shape)
        if self.kind == "integer":
            return int(rng.integers(int(low), int(high) + 1))
        if self.kind == "number":
            return float(rng.uniform(low, high))
        if self.kind == "labels":
            return np.asarray(rng.integers(0, int(high), self.shape), np.int32)
        raise ValueError(f"unknown kind of draw: {self.kind!r}")


def normal(*shape: int, mean: Scale = 0.0, std: Scale = 1.0) -> Draw:
    """A tensor of independent normal entries; `mean` and `std` may hold one number per channel."""
    return Draw("normal", shape, mean, std)


def uniform(*shape: int, low: Scale = 0.0, high: Scale = 1.0) -> Draw:
    """A tensor of independent uniform entries, with one bound per channel if given; for variances take `low` > 0."""
    return Draw("uniform", shape, low, high)


def distinct(*shape: int, low: float = -2.0, high: float = 2.0) -> Draw:
    """A tensor of evenly spaced, shuffled entries: no two are equal or nearly so (for max pooling)."""
    return Draw("distinct", shape, low, high)


def integer(low: int, high: int) -> Draw:
    """A Python int between `low` and `high`, both included."""
    return Draw("integer", (), low, high)


def number(low: float, high: float) -> Draw:
    """A Python float between `low` and `high`."""
    return Draw("number", (), low, high)


@dataclass(frozen=True)
class Choice(Draw):
    """One of several values, each as likely as the others."""

    options: tuple[Any, ...] = ()

    def sample(self, rng: np.random.Generator, dtype: str = "float32") -> Any:
        """Takes one; one that is a draw itself is drawn."""
        taken = self.options[int(rng.integers(len(self.options)))]
        return taken.sample(rng, dtype) if isinstance(taken, Draw) else taken


def choice(*options: Any) -> Choice:
    """One of the options, whatever they are: strings, bools, None, tuples, or draws.

    Raises:
        ValueError: if there are fewer than two.

    Example:
        >>> choice("VALID", "SAME").sample(np.random.default_rng(0)) in ("VALID", "SAME")
        True
    """
    if len(options) < 2:
        raise ValueError(f"choice() draws one of several options; write the value itself instead of {options!r}.")
    return Choice("choice", (), options=options)


def labels(count: int, classes: int) -> Draw:
    """An int32 tensor of `count` class indices below `classes`."""
    return Draw("labels", (count,), 0, classes)


def array(values: Any) -> np.ndarray:
    """A tensor with exactly these entries, for the lectures' worked examples."""
    return np.asarray(values, np.float32)


@dataclass(frozen=True)
class Code:
    """A function handed to the student's function, as an expression over `tf` and `np`."""

    source: str


def code(source: str) -> Code:
    """An argument that is a function, e.g. `code("lambda x: tf.nn.relu(x)")`."""
    return Code(source)


@dataclass(frozen=True)
class Probe:
    """A function that is called in place of the student's, as source code: only a worker runs it.

    Attributes:
        name: the function's name.
        source: its text. It sees its arguments and what it imports, nothing else of the file it stands in.
    """

    name: str
    source: str


def probe(function: Callable[..., Any]) -> Probe:
    """Marks a function of `questions.py` as a probe.

    It is called as `function(subject, **arguments)`, with what the student wrote and the case's arguments, and returns what
    is to be compared: this is how classes and functions that change a model are questions like all others.
    """
    source = textwrap.dedent(inspect.getsource(function))
    return Probe(function.__name__, source[source.index("def ") :])


@dataclass(frozen=True)
class Exam:
    """What a returned model is examined on: the images of a case of a `ModelQuestion`. Each may be a draw.

    In a question with a `gate`: the labels with which the returned ones are compared.

    Args:
        images: (n, height, width, channels), uint8, on which the model predicts. None in a question with a `gate`, whose function gets its
            images as an argument.
        labels: of the images, (n,); needed by the rule on accuracy and by a `gate`.
        classes: how many there are; needed by the rules on outputs and losses.
        x: images for a training run of the grader's own, or None.
        y: their labels.
        steps: how many steps that run has.
        learning_rate: of its optimizer, Adam.
        plan: the architecture asked for, in the words of `autograder.grader.rules.plan`; needed by the rules on layers and
            connections.
    """

    images: Any = None
    labels: Any = None
    classes: int = 0
    x: Any = None
    y: Any = None
    steps: int = 0
    learning_rate: float = 0.005
    plan: str = ""

    @property
    def example(self) -> str:
        """What a message calls one of the inputs: an image if they have the axes of images."""
        return "image" if np.ndim(self.images) == 4 else "example"

    def for_worker(self) -> dict[str, Any]:
        """What a worker is told, as the arguments of `autograder.worker.examine.examine`. The labels are not in it."""
        run = {"x": self.x, "y": self.y, "steps": self.steps, "learning_rate": self.learning_rate}
        training = {} if self.x is None else run
        return {"images": self.images, **training}


@dataclass(frozen=True, init=False)
class Case:
    """One call of the student's function.

    Args:
        name: says what is special about the inputs; a student reads it even when the case is hidden.
        public: whether the inputs and the expected arrays are handed out.
        exam: of a model question, what the returned model is examined on; of a question with a gate, the true labels.
        dtype: of the tensors: "float32" or "float64".
        **arguments: by parameter name. Arrays and draws arrive as tensors of `dtype`, whole numbers as integer tensors,
            everything else as it is. A list or tuple may hold draws, e.g. `layers=[(integer(2, 7), integer(1, 3))]`.
    """

    name: str
    public: bool
    exam: Exam | None
    dtype: str
    arguments: dict[str, Any]

    def __init__(
        self, name: str, /, *, public: bool = False, exam: Exam | None = None, dtype: str = "float32", **arguments: Any
    ) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "public", public)
        object.__setattr__(self, "exam", exam)
        object.__setattr__(self, "dtype", dtype)
        object.__setattr__(self, "arguments", arguments)

    @property
    def dtypes(self) -> set[str]:
        """The dtypes of the arrays among the arguments, those in lists and tuples included."""
        return _dtypes(self.arguments.values())

    def materialise(self, question: str, salt: str) -> Case:
        """The case with draws replaced by arrays and ints.

        Public cases ignore `salt`, so that a release is the same for every instructor.
        """
        exam = self.exam and Exam(**self._drawn(vars(self.exam), question, salt))
        drawn = self._drawn(self.arguments, question, salt)
        return self.with_arguments({name: _with_dtype(value, self.dtype) for name, value in drawn.items()}, exam)

    def with_arguments(self, arguments: Mapping[str, Any], exam: Exam | None = None) -> Case:
        """The same case with other arguments."""
        case = Case(self.name, public=self.public, exam=exam, dtype=self.dtype)
        case.arguments.update(arguments)
        return case

    def _drawn(self, values: Mapping[str, Any], question: str, salt: str) -> dict[str, Any]:
        key = (PUBLIC_SALT if self.public else salt, question, self.name)
        return {name: _sampled(value, name, self.dtype, *key) for name, value in values.items()}


def _sampled(value: Any, name: str, dtype: str, *key: str) -> Any:
    """`value` with its draws replaced, in lists and tuples too; `name` says where it stands among the arguments."""
    if isinstance(value, Draw):
        return value.sample(generator(*key, value.stream or name), dtype)
    if isinstance(value, (list, tuple)):
        return type(value)(_sampled(item, f"{name}[{index}]", dtype, *key) for index, item in enumerate(value))
    return value


def _dtypes(values: Iterable[Any]) -> set[str]:
    found: set[str] = set()
    for value in values:
        if isinstance(value, (list, tuple)):
            found |= _dtypes(value)
        elif isinstance(value, (np.ndarray, np.generic)):
            found.add(value.dtype.name)
    return found


def _with_dtype(value: Any, dtype: str) -> Any:
    return value.astype(dtype, copy=False) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


class Rung(Case):
    """A step of a question's ladder: a public case that a student can work by hand in a minute.

    Whole numbers, a few entries, and one thing harder than the rung below. Only the outputs are compared, no gradients.

    Args:
        name: the one thing that is new, in a few words, e.g. "stride 2": feedback says up to which rung a function is right.
        **arguments: by parameter name.
    """

    def __init__(self, name: str, /, **arguments: Any) -> None:
        super().__init__(name, public=True, **arguments)

    def with_arguments(self, arguments: Mapping[str, Any], exam: Exam | None = None) -> Rung:
        """The same rung with other arguments."""
        return Rung(self.name, exam=exam, **arguments)


LADDER_SHARE, PUBLIC_SHARE, HIDDEN_SHARE = 1 / 3, 1 / 6, 1 / 2
"""The shares of a question's points that its rungs, its other public cases and its hidden cases earn."""


AUTODIFF = (
    "GradientTape", "ForwardAccumulator", "gradients", "compute_gradients", "minimize", "make_vjp", "gradients_function",
    "implicit_grad", "implicit_val_and_grad", "val_and_grad_function", "compute_gradient", "numerical_gradient",
)  # fmt: skip
"""Names by which TensorFlow differentiates, automatically or by finite differences: for questions whose gradient is worked out by hand."""


@dataclass(frozen=True)
class Ban:
    """What a from-scratch question must not use.

    Args:
        ops: TensorFlow operation types, as a traced graph names them, e.g. "Conv2D".
        names: the last part of what source code names, in whatever library: "conv2d" for `tf.nn.conv2d`. No dots.
        instead: tells the student what to use in their place: "... Use `instead` instead."
    """

    ops: tuple[str, ...]
    names: tuple[str, ...]
    instead: str


@dataclass(frozen=True)
class Question:
    """A function the student writes, and how it is judged.

    Args:
        name: the student's function, the nbgrader grade_id and the key in a report.
        points: a third for the ladder, a sixth for the other public cases, half for the hidden ones, and evenly within each; what
            a question does not have is split in these proportions over what it has.
        cases: the rungs, then the public ones, then the hidden ones, whatever the order in which they are written: no hidden
            case is called before the last public one.
        returns: the names of the outputs when there are several; `()` for one, called "value".
        wrt: the arguments for which the gradient of the first output is compared too.
        ban: operations that are off limits.
        seconds: the processor time for the public cases together, and again for the hidden ones.
        probe: what is called in place of the student's function or class, which becomes its first argument.
        ladder: small public cases from easy to hard, to be worked by hand.
        steady: the outputs that stay the same when inputs move a little: shares, error rates. `check` expects all others to follow.
        gate: if above 0, the function returns classes, and this share of them must agree with the labels of the case's `exam`, which
            never leave the grader. What the solved function returns is not compared with anything.
        tolerance: how far right answers may be off, as a share of the largest expected entry; never less than rounding needs, which
            is what 0 means. For results that depend on the method: an integral, a simulation. Whole numbers, too, may then be off.
        domain: draws valid arguments of a case, which may be draws: what the function promises to take. Mutants that the cases
            let pass are judged by it (`autograder audit --mutants`); students never see it.

    Example:
        >>> question = Question(
        ...     "scale", points=2, wrt=("x",),
        ...     cases=(Case("a row", public=True, x=array([[1, 2]]), factor=3.0), Case("drawn", x=normal(2, 3), factor=-1.5)),
        ... )
        >>> question.parts
        ('value', 'gradient wrt x')
        >>> question.materialised("a secret").cases[1].arguments["x"].shape
        (2, 3)
    """

    name: str
    points: float
    cases: tuple[Case, ...]
    returns: tuple[str, ...] = ()
    wrt: tuple[str, ...] = ()
    ban: Ban | None = None
    seconds: float = 12.0
    probe: Probe | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    ladder: tuple[Rung, ...] = ()
    steady: tuple[str, ...] = ()
    gate: float = 0.0
    tolerance: float = 0.0
    domain: Callable[[np.random.Generator], dict[str, Any]] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        rungs = tuple(case for case in self.cases if isinstance(case, Rung)) or self.ladder
        others = sorted((case for case in self.cases if not isinstance(case, Rung)), key=lambda case: not case.public)
        object.__setattr__(self, "ladder", rungs)
        object.__setattr__(self, "cases", (*rungs, *others))
        for name in self.ban.names if self.ban else ():
            if "." in name:
                raise ValueError(
                    f"{self.name}: a ban matches the last part of a name. Write {name.rsplit('.')[-1]!r}, not {name!r}."
                )
        if not 0 <= self.tolerance < 1:
            raise ValueError(
                f"{self.name}: a tolerance is a share of the largest expected entry, from 0 to below 1; {self.tolerance!r} is none."
            )
        if self.gate and (self.returns or self.wrt or any(c.exam is None or c.exam.labels is None for c in self.cases)):
            raise ValueError(
                f"{self.name}: with a gate, one value is returned, and every case has an exam with labels."
            )

    def without_ladder(self) -> Self:
        """The same question without its rungs."""
        return replace(self, ladder=(), cases=tuple(case for case in self.cases if not isinstance(case, Rung)))

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the function's outputs that are compared with expected ones."""
        return self.returns or ("value",)

    @property
    def parts(self) -> tuple[str, ...]:
        """What is judged in every case but a rung: each output, then each gradient."""
        return self.outputs + tuple(gradient_part(name) for name in self.wrt)

    def parts_of(self, case: Case) -> tuple[str, ...]:
        """What is judged in a case: of a rung the outputs alone."""
        return self.outputs if isinstance(case, Rung) else self.parts

    def units(self) -> list[float]:
        """For each case, the points of each of its parts."""
        kinds = [_kind_of(case) for case in self.cases]
        # Always in the same order: the order of a set would change the rounding.
        whole = sum(share for kind, share in _SHARES.items() if kind in kinds)
        return [
            self.points * _SHARES[kind] / whole / kinds.count(kind) / len(self.parts_of(case))
            for case, kind in zip(self.cases, kinds, strict=True)
        ]

    @property
    def public_cases(self) -> int:
        """How many of the cases, the first ones, are public."""
        return sum(case.public for case in self.cases)

    def materialised(self, salt: str) -> Question:
        """The question with every draw replaced by its array."""
        return replace(self, cases=tuple(case.materialise(self.name, salt) for case in self.cases))

    def cotangent_seed(self, case: Case, salt: str) -> int:
        """The seed of a case's random cotangent."""
        salt = PUBLIC_SALT if case.public else salt
        return int(generator(salt, self.name, case.name, "cotangent").integers(1 << 62))


@dataclass(frozen=True)
class ModelQuestion(Question):
    """A function whose result is a Keras model, which rules judge in the place of expected arrays.

    The worker returns the model as its configuration and weights. A second worker, in which no student code runs, builds it
    again, trains it where the exam says so, and predicts; the rules judge what that worker saw.

    Every case has an `Exam`: images on which both predict, and, for a training run of the second worker, `x`, `y` and `steps`.
    Its labels never leave the grader.

    Args:
        rules: by the name of the part, the rule's limit. `autograder.grader.rules` says what each asks.

    Raises:
        ValueError: there is a ban, which only calls are watched for; or a gate, whose place takes the rule "accuracy".
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.gate:
            raise ValueError(f'{self.name} returns a model: write the rule "accuracy" in the place of a gate.')
        if self.ban:
            raise ValueError(f"{self.name} returns a model, so a ban would not be looked at: write a rule instead.")

    @property
    def outputs(self) -> tuple[str, ...]:
        """None is compared as it is."""
        return ()

    @property
    def parts(self) -> tuple[str, ...]:
        """What is judged in every case: each rule."""
        return tuple(self.rules)


_SHARES = {"rung": LADDER_SHARE, "public": PUBLIC_SHARE, "hidden": HIDDEN_SHARE}


def _kind_of(case: Case) -> str:
    return "rung" if isinstance(case, Rung) else "public" if case.public else "hidden"


def gradient_part(argument: str) -> str:
    """The name of the part that compares the gradient with respect to `argument`."""
    return f"gradient wrt {argument}"


def generator(*key: str) -> np.random.Generator:
    """A random generator that depends on all of `key` and nothing else."""
    digest = hashlib.sha256("\0".join(key).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


def cotangent(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """The random cotangent for an output of `shape`, float64."""
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(shape)


Function = TypeVar("Function", bound=Callable[..., Any])


def mistake(question: str, *, replace: str = "", by: str = "") -> Callable[[Function], Function]:
    """Marks a wrong implementation of `question` in `mistakes.py`; its docstring is the hint a student reads.

    Args:
        question: the name of the question.
        replace: for a mistake that is an edit of the solved function: a text that occurs in it once. The marked function has a
            docstring, and no body.
        by: what stands there instead.
    """
    return lambda function: function


def variant(question: str) -> Callable[[Function], Function]:
    """Marks a right implementation in another style in `variants.py`: it must always get full points."""
    return lambda function: function


def oracle(question: str) -> Callable[[Function], Function]:
    """Marks an independent implementation in `variants.py` that the reference is audited against.

    An oracle may use what the question bans, and need not be differentiable.
    """
    return lambda function: function


def family(question: str) -> Callable[[Function], Function]:
    """Marks a function in `variants.py` that gives, for each seed, another honest implementation of `question`.

    `autograder gates` trains many of them: none may miss the gate of an accuracy rule.
    """
    return lambda function: function

"""Trains networks on real data, and writes down how far they get: `python benchmarks/train.py mnist`.

The recipe is fixed. A part of the training images is held out for validation; the test images are looked at once, when the
training is over. After every epoch everything is saved: a run that was stopped goes on where it was, as if nothing had been.

Exit codes: 0 all is well, 1 a model stays below what it should reach, 2 the call or the data does not fit, 130 stopped.
"""

from __future__ import annotations

import os

# Before TensorFlow is imported: autograder prefers bytewise repeatable numbers, here speed counts.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import hashlib
import json
import math
import platform
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.datasets import load as datasets
from autograder.files import with_section as put_section

if TYPE_CHECKING:
    import keras

ROOT = Path(__file__).parent.parent
BATCH = 64
VALIDATION = 0.1, 5_000
"""The share of the training images that is held out, and how many at most."""

out = Console()


@dataclass(frozen=True)
class Recipe:
    """How a model is trained on a data set: Adam, the rate rising over the first epoch and then falling as a cosine to 0.

    Attributes:
        epochs: how many.
        rate: the highest learning rate.
        shift: pixels by which a training image may be moved, anew in every epoch.
        mirror: whether it may be mirrored.
        goal: what the test accuracy must reach on the full set; 0 if nothing is promised.
    """

    epochs: int
    rate: float
    shift: int
    mirror: bool
    goal: float = 0.0


RECIPES: dict[tuple[str, str], Recipe] = {
    ("mnist", "lenet5"): Recipe(15, 2e-3, shift=1, mirror=False, goal=0.989),
    ("mnist", "reference_cnn"): Recipe(7, 2e-3, shift=2, mirror=False, goal=0.992),
    ("cifar10", "lenet5"): Recipe(20, 2e-3, shift=3, mirror=True),
    ("cifar10", "reference_cnn"): Recipe(20, 3e-3, shift=3, mirror=True),
    ("cifar10", "resnet20"): Recipe(20, 3e-3, shift=3, mirror=True),
    ("fashion_mnist", "lenet5"): Recipe(15, 2e-3, shift=1, mirror=True),
    ("fashion_mnist", "reference_cnn"): Recipe(10, 2e-3, shift=2, mirror=True),
    ("digits", "lenet5"): Recipe(40, 2e-3, shift=2, mirror=False),
    ("digits", "reference_cnn"): Recipe(30, 2e-3, shift=2, mirror=False),
    ("shapes", "lenet5"): Recipe(15, 2e-3, shift=2, mirror=True),
    ("shapes", "reference_cnn"): Recipe(10, 3e-3, shift=2, mirror=True),
}
TITLES = {"lenet5": "LeNet-5", "reference_cnn": "reference CNN", "resnet20": "ResNet-20"}


@dataclass(frozen=True)
class Result:
    """What a model reached."""

    model: str
    weights: int
    epochs: int
    seconds: float
    validation: float
    test: float
    test_images: int
    interval: tuple[float, float]
    goal: float
    day: str


# Data


@dataclass(frozen=True)
class Task:
    """A data set with its validation part; images uint8, labels uint8."""

    about: datasets.Description
    train: datasets.Split
    validation: datasets.Split
    test: datasets.Split

    @property
    def fingerprint(self) -> str:
        """Changes with the data."""
        parts = (self.train, self.validation, self.test)
        return hashlib.sha256(b"".join(hashlib.sha256(a).digest() for part in parts for a in part)).hexdigest()[:16]


def load(name: str, folder: Path | None, *, quick: bool) -> Task:
    """Loads a data set and holds out the validation images, always the same ones."""
    (x, y), test = datasets.load_data(name, folder)
    order = np.random.default_rng(0).permutation(len(x))
    if quick:
        order, test = order[:600], (test[0][:200], test[1][:200])
    held = min(int(len(order) * VALIDATION[0]), VALIDATION[1])
    inside, outside = order[held:], order[:held]
    return Task(datasets.describe(name, folder), (x[inside], y[inside]), (x[outside], y[outside]), test)


def augmented(x: np.ndarray, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """Moves each image by up to `shift` pixels and mirrors half of them, if the recipe says so.

    Args:
        x: (n, height, width, channels), uint8.
        recipe: says what may be done.
        rng: draws it.

    Returns:
        The same shape and dtype; where an image was moved away its border is black for digits, its own edge for others.
    """
    n, high, wide, _ = x.shape
    if recipe.shift:
        s = recipe.shift
        padded = np.pad(x, ((0, 0), (s, s), (s, s), (0, 0)), mode="edge" if x.shape[3] > 1 else "constant")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (high, wide), axis=(1, 2))
        dy, dx = rng.integers(0, 2 * s + 1, (2, n))
        x = windows[np.arange(n), dy, dx].transpose(0, 2, 3, 1)
    if recipe.mirror:
        x = np.where((rng.random(n) < 0.5)[:, None, None, None], x[:, :, ::-1], x)
    return np.ascontiguousarray(x)


# Training


def train(name: str, model_name: str, recipe: Recipe, task: Task, folder: Path, seed: int) -> Result:
    """Trains one model, or goes on with it, and tests it once.

    Args:
        name: the data set.
        model_name: a function of `models`.
        recipe: how.
        task: on what.
        folder: where its checkpoint, history and result are kept.
        seed: draws weights, order, dropout and augmentation.
    """
    import keras
    import models

    folder.mkdir(parents=True, exist_ok=True)
    key = json.dumps(
        [name, model_name, asdict(recipe), task.fingerprint, seed, BATCH, _hash(Path(models.__file__))], sort_keys=True
    )
    if _read(folder / "key.json", "") != key:
        for old in ("result.json", "history.json", "checkpoint.keras"):
            (folder / old).unlink(missing_ok=True)
        _write(folder / "key.json", key)
    if kept := _read(folder / "result.json", {}):
        out.print(
            f"{TITLES[model_name]}: already trained (kept in {folder}; --fresh trains again)",
            highlight=False,
            soft_wrap=True,
        )
        return Result(**{**kept, "interval": tuple(kept["interval"])})

    x, y = task.train
    steps = math.ceil(len(x) / BATCH)
    model, history = _restored(folder)
    if model is None:
        keras.utils.set_random_seed(seed)
        model = getattr(models, model_name)(x.shape[1:], int(y.max()) + 1)
        rate = keras.optimizers.schedules.CosineDecay(
            recipe.rate / 10, steps * (recipe.epochs - 1), warmup_target=recipe.rate, warmup_steps=steps
        )
        model.compile(
            optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
        )
    done = int(model.optimizer.iterations) // steps
    history = history[:done]
    out.print(f"{TITLES[model_name]}: {model.count_params():,} weights, {recipe.epochs} epochs of {len(x):,} images"
              + (f", going on after epoch {done}" if done else ""), highlight=False, soft_wrap=True)  # fmt: skip
    with _bar() as progress:
        for epoch in range(done, recipe.epochs):
            started = time.perf_counter()
            rng = np.random.default_rng([seed, epoch])
            order = rng.permutation(len(x))
            for number, layer in enumerate(model.layers):
                if hasattr(layer, "seed_generator"):  # a checkpoint does not hold the state of dropout
                    layer.seed_generator.state.assign([seed * 1000 + epoch, number])
            bar = progress.add_task(f"  epoch {epoch + 1} of {recipe.epochs}", total=steps)
            ticking = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs, bar=bar: progress.update(bar, completed=batch + 1))  # fmt: skip
            # Order, augmentation and dropout are drawn from the epoch's number, so that a resumed run is the same run.
            reached = model.fit(
                augmented(x[order], recipe, rng), y[order], batch_size=BATCH, shuffle=False, verbose=0,
                validation_data=task.validation, validation_batch_size=500, callbacks=[ticking],
            ).history  # fmt: skip
            history.append({k: v[-1] for k, v in reached.items()} | {"seconds": time.perf_counter() - started})
            _write(folder / "history.json", history)
            _checkpoint(model, folder)
            progress.remove_task(bar)
            last = history[-1]
            progress.console.print(
                f"  epoch {epoch + 1:2} of {recipe.epochs}: loss {last['loss']:.4f}, training {last['accuracy']:.2%}, "
                f"validation {last['val_accuracy']:.2%}, {last['seconds']:.0f} s", highlight=False, soft_wrap=True)  # fmt: skip

    x_test, y_test = task.test
    probabilities = model.predict(x_test, batch_size=500, verbose=0)
    np.save(folder / "probabilities.npy", probabilities)
    np.save(folder / "filters.npy", next(layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")))
    right = int((probabilities.argmax(axis=1) == y_test).sum())
    result = Result(
        model_name, model.count_params(), recipe.epochs, sum(e["seconds"] for e in history), history[-1]["val_accuracy"],
        right / len(y_test), len(y_test), wilson(right, len(y_test)), recipe.goal, date.today().isoformat(),
    )  # fmt: skip
    _write(folder / "result.json", asdict(result))
    return result


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of an accuracy of which `count` images give a sample (Wilson's score interval)."""
    share, over = right / count, z * z / count
    middle, half = (share + over / 2) / (1 + over), z * math.sqrt((share * (1 - share) + over / 4) / count) / (1 + over)
    return middle - half, middle + half


def _restored(folder: Path) -> tuple[keras.Model | None, list[dict[str, float]]]:
    """What the last run left, optimizer and all; nothing if it left none, or a damaged one."""
    import keras

    path = folder / "checkpoint.keras"
    if not path.is_file():
        return None, []
    try:
        return keras.saving.load_model(path, safe_mode=True), _read(folder / "history.json", [])
    except (OSError, ValueError, KeyError) as error:
        out.print(
            f"  The checkpoint {path} cannot be read ({type(error).__name__}); training begins anew.",
            highlight=False,
            soft_wrap=True,
        )
        return None, []


def _checkpoint(model: keras.Model, folder: Path) -> None:
    """Saves the model so that a kill at any moment leaves the old checkpoint or the new."""
    temporary = folder / "next.keras"
    model.save(temporary)
    temporary.replace(folder / "checkpoint.keras")


def _write(path: Path, value: Any) -> None:
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(json.dumps(value, indent=1), encoding="utf-8")
    temporary.replace(path)


def _read(path: Path, otherwise: Any) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return otherwise


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=out,
        transient=True,
    )


# What is told


def draw_pictures(name: str, task: Task, results: list[Result], folder: Path) -> list[Path]:
    """Draws the learning curves, and of the best model on validation its confusion matrix, and so on. Returns the files."""
    import pictures

    best = max(results, key=lambda result: result.validation)
    x, y = task.test
    names = datasets.CLASSES[name]
    probabilities = np.load(folder / best.model / "probabilities.npy")
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (y, probabilities.argmax(axis=1)), 1)
    files = [folder / f"{picture}.png" for picture in ("curves", "confusion", "filters", "mistakes")]
    histories = {TITLES[r.model]: _read(folder / r.model / "history.json", []) for r in results}
    kernels = {TITLES[r.model]: np.load(folder / r.model / "filters.npy") for r in results}
    pictures.curves(histories, files[0])
    pictures.confusion(counts, names, f"{TITLES[best.model]}, {len(y):,} test images", files[1])
    pictures.filters(kernels, files[2])
    pictures.mistakes(x, y, probabilities, names, files[3])
    return files


HEAD = """# Results on real data

Written by `make mnist` and `make cifar` (`benchmarks/train.py`), which train the models from scratch with public Keras layers
([benchmarks/models.py](../benchmarks/models.py)) on the course's [data sets](data.md).

The recipes are fixed: Adam; a learning rate that rises over one epoch and then falls to 0 along a cosine; training images shifted at random in
every epoch (and mirrored, where that makes sense); the weights after the last epoch. A tenth of the training images, at most
5,000, is held out for validation, and every choice was made on these. The test images are used once, after training. The
interval is Wilson's 95 % interval for this number of test images; it does not include the variation between seeds.
"""


def section(
    name: str, task: Task, results: list[Result], recipes: dict[str, Recipe], images: list[str], *, quick: bool = False
) -> str:
    """The page's part about one data set."""
    about = task.about
    title = f"{about.title} (a sample of it)" if about.sample else about.title
    lines = [f"## {title}", ""]
    if quick:
        lines += ["**A quick trial: these figures mean nothing.**", ""]
    if about.sample:
        lines += [
            f"**These are not results for CIFAR-10.** They are from a sample of {len(task.train[0]):,} training, "
            f"{len(task.validation[0]):,} validation and {len(task.test[0]):,} test images; the full set has 50,000 training and "
            f"10,000 test images. The sample's pixels may have been compressed."
            if name == "cifar10"
            else "**These figures are of a sample.**",
            "",
        ]
    else:
        lines += [
            f"{len(task.train[0]):,} training, {len(task.validation[0]):,} validation and {len(task.test[0]):,} test images.",
            "",
        ]
    lines += [
        "| model | weights | epochs | training time | validation | **test** | 95 % interval | must reach |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for r in results:
        goal = f"{r.goal:.1%}" if r.goal and not about.sample else "–"
        lines.append(
            f"| {TITLES[r.model]} | {r.weights:,} | {r.epochs} | {r.seconds / 60:.1f} min | {r.validation:.2%} | "
            f"**{r.test:.2%}** | {r.interval[0]:.2%} to {r.interval[1]:.2%} | {goal} |"
        )
    shifts = "; ".join(
        f"{TITLES[model]}: shifted by up to {recipe.shift} pixel{'s' * (recipe.shift != 1)}{', mirrored' if recipe.mirror else ''}, "
        f"highest rate {recipe.rate:g}"
        for model, recipe in recipes.items()
    )
    lines += ["", f"{shifts}; batches of {BATCH}. {machine(max(r.day for r in results))}", ""]
    if name == "mnist":
        lines += [
            "For comparison: LeCun et al. (1998) report 0.8 % error for LeNet-5 trained with distortions, 0.95 % without.",
            "",
        ]
    lines += [f"![{caption}]({image})" for image, caption in zip(images, CAPTIONS, strict=True)]
    return "\n".join(lines) + "\n"


CAPTIONS = ("Learning curves", "Confusion matrix", "Filters of the first layers", "The most confident mistakes")


def machine(day: str) -> str:
    """Where, when and with what this ran."""
    import keras
    import tensorflow as tf

    return (
        f"Measured on {day} with {_threads()} processor threads ({platform.machine()}), "
        f"TensorFlow {tf.__version__}, Keras {keras.__version__}, Python {platform.python_version()}; times are wall-clock times on a "
        f"machine that may have been busy."
    )


with_section = partial(put_section, head=HEAD)


def _threads() -> int:
    import tensorflow as tf

    return tf.config.threading.get_intra_op_parallelism_threads() or os.cpu_count() or 1


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", metavar="DATASET", type=click.Choice(datasets.NAMES))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="The folder with its files; else CNN_DATA_DIR, data/ and the network.")  # fmt: skip
@click.option("--model", "model_names", multiple=True, type=click.Choice(list(TITLES)), help="Only this one (may be repeated).")  # fmt: skip
@click.option("--out", "folder", type=click.Path(path_type=Path, file_okay=False), default=ROOT / "build" / "results", show_default="build/results", help="Where checkpoints, figures and pictures go.")  # fmt: skip
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures into this page too, the pictures into images/ beside it.")  # fmt: skip
@click.option("--threads", type=click.IntRange(1), help="Processor threads; else all.")
@click.option("--seed", type=click.IntRange(0, 1_000_000), default=0, show_default=True)
@click.option("--fresh", is_flag=True, help="Forget what an earlier run left.")
@click.option("--quick", is_flag=True, help="A few images and two epochs, to see it work; the figures mean nothing.")
def main(
    name: str, data: Path | None, model_names: tuple[str, ...], folder: Path, page: Path | None,
    threads: int | None, seed: int, fresh: bool, quick: bool,
) -> None:  # fmt: skip
    """Train LeNet-5, the reference CNN and, on CIFAR-10, a ResNet on a DATASET and show how far they get.

    Stop it at any time: the same command goes on where it was. Exit code 1 if a model stays below what it should reach.
    """
    try:
        task = load(name, data, quick=quick)
    except datasets.DataError as error:
        out.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads or 0)
    folder = folder / f"{name}{'-sample' if task.about.sample else ''}{'-quick' if quick else ''}"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    out.print(str(task.about), highlight=False, soft_wrap=True)
    recipes = {m: RECIPES[name, m] for m in model_names or TITLES if (name, m) in RECIPES}
    if missing := set(model_names) - set(recipes):
        out.print(f"There is no recipe for {', '.join(sorted(missing))} on {name}.", highlight=False, soft_wrap=True)
        sys.exit(2)
    if quick:
        recipes = {m: Recipe(2, r.rate, r.shift, r.mirror) for m, r in recipes.items()}
    try:
        results = [train(name, m, recipe, task, folder / m, seed) for m, recipe in recipes.items()]
    except KeyboardInterrupt:
        out.print("\nStopped. What is done is kept: the same command goes on.")
        sys.exit(130)
    files = draw_pictures(name, task, results, folder)
    if page:
        images = page.parent / "images"
        images.mkdir(parents=True, exist_ok=True)
        copies = [shutil.copyfile(file, images / f"{name}_{file.name}") for file in files]
        text = section(name, task, results, recipes, [f"images/{copy.name}" for copy in copies], quick=quick)
        old = page.read_text(encoding="utf-8") if page.is_file() else ""
        page.write_text(with_section(old, name, text), encoding="utf-8")
    _show(results, task, files, page)
    low = [r for r in results if r.test < r.goal and not task.about.sample]
    for r in low:
        out.print(
            f"{TITLES[r.model]} reached {r.test:.2%} and should reach {r.goal:.1%}.", highlight=False, soft_wrap=True
        )
    sys.exit(1 if low else 0)


def _show(results: list[Result], task: Task, files: list[Path], page: Path | None) -> None:
    from rich.table import Table

    table = Table(
        "model", "weights", "time", "validation", "test", "95 % interval", title=str(task.about), title_justify="left"
    )
    for r in results:
        interval = f"{r.interval[0]:.2%} to {r.interval[1]:.2%}"
        table.add_row(
            TITLES[r.model],
            f"{r.weights:,}",
            f"{r.seconds / 60:.1f} min",
            f"{r.validation:.2%}",
            f"{r.test:.2%}",
            interval,
        )
    out.print(table)
    out.print(f"Pictures: {files[0].parent}" + (f"; page: {page}" if page else ""), highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()

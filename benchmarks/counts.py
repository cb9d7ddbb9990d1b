"""Builds the full networks of assignment 6 from its solved notebook, and holds their counts against published ones.

`python benchmarks/counts.py --page docs/results.md` writes the table into the page. Exit code 1 if a row differs without a reason.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from train import with_section

from autograder.course import assignment as bank

if TYPE_CHECKING:
    import keras

ROOT = Path(__file__).parent.parent
SOLUTION = ROOT / "solutions" / "06_architectures"
SECTION = "architectures"


@dataclass(frozen=True)
class Network:
    """A network and what is published of it.

    Attributes:
        title: what it is called.
        builder: a function of the solved notebook.
        settings: its arguments.
        parameters: trainable, for 1,000 classes; 0 if nothing is printed.
        products: multiply-accumulates for one image, in billions, as printed; 0 if nothing is.
        source: of both.
        why: why ours differ, where they do.
    """

    title: str
    builder: str
    settings: dict[str, Any]
    parameters: int
    products: float
    source: str
    why: str = ""


TORCH = "torchvision"
SLIDE = "NTU's table"
NETWORKS = (
    Network("AlexNet", "build_alexnet", {}, 60_000_000, 0, "NTU: 60M", "NTU's list has no groups; with the paper's two groups it is the next row"),
    Network("AlexNet, two groups", "build_alexnet", {"groups": 2}, 60_965_224, 0, "the paper's layers; it says 60 million"),
    Network("AlexNet", "build_alexnet", {}, 61_100_840, 0.714, TORCH, "torchvision's is another network: 64, 192, 384, 256, 256 filters"),
    *(
        Network(f"VGG-{depth}", "build_vgg", {"depth": depth}, parameters, products, source)
        for depth, parameters, products, source in (
            (11, 132_863_336, 7.609, TORCH), (13, 133_047_848, 11.308, TORCH), (16, 138_357_544, 15.47, f"{TORCH}, Keras, {SLIDE}"),
            (19, 143_667_240, 19.632, f"{TORCH}, Keras"),
        )
    ),
    Network("GoogLeNet", "build_googlenet", {}, 6_624_904, 1.498, TORCH,
            "torchvision's has batch normalization in place of biases, and 3x3 where the paper has 5x5"),
    *(
        Network(f"ResNet-{depth}", "build_resnet", {"depth": depth}, parameters, products, TORCH)
        for depth, parameters, products in (
            (18, 11_689_512, 1.814), (34, 21_797_672, 3.664), (50, 25_557_032, 4.089), (101, 44_549_160, 7.801),
            (152, 60_192_808, 11.514),
        )
    ),
    *(
        Network(f"ResNet-{depth}, stride in the 1x1", "build_resnet", {"depth": depth, "stride_on": "1x1"}, parameters, products,
                f"Keras, {SLIDE}", why)
        for depth, parameters, products, why in (
            (50, 25_583_592, 3.86, "Keras has 26,560 useless biases, one for each filter"),
            (101, 44_601_832, 7.58, "52,672 biases; the slide's 0.01 G more may be normalization and sums"),
            (152, 60_268_520, 11.30, "75,712 biases; the slide's 0.02 G more may be normalization and sums"),
        )
    ),
    Network("ResNeXt-50 32x4d", "build_resnext", {"depth": 50}, 25_028_904, 4.23, TORCH),
    Network("ResNeXt-101 32x4d", "build_resnext", {"depth": 101}, 0, 7.99, SLIDE,
            "the slide's 0.02 G more may be normalization and sums; torchvision has 32x8d"),
    Network("SE-ResNet-50", "build_senet", {"depth": 50}, 28_088_024, 0, "the formula, 2,530,992 more than ResNet-50; the paper: about 2.5 million more"),
    *(
        Network(f"DenseNet-{depth}", "build_densenet", {"depth": depth}, parameters, products, f"{TORCH}, Keras")
        for depth, parameters, products in ((121, 7_978_856, 2.834), (169, 14_149_480, 3.36), (201, 20_013_928, 4.291))
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Count:
    """What was counted in a network that was built."""

    network: Network
    parameters: int
    products: int

    @property
    def equal(self) -> bool:
        """Whether it is what is published, to the digits that are printed."""
        printed = str(self.network.products).partition(".")[2]
        same_work = not self.network.products or round(self.products / 1e9, len(printed)) == self.network.products
        return self.network.parameters in (0, self.parameters) and same_work


def solved() -> dict[str, Any]:
    """What the solved notebook defines."""
    scope: dict[str, Any] = {}
    for cell in bank.load(SOLUTION).solution_cells():
        if not cell.source.startswith("check("):
            exec(compile(cell.source, cell.label, "exec"), scope)
    return scope


def counted(networks: tuple[Network, ...] = NETWORKS) -> Iterator[Count]:
    """Builds one network after the other, in full, and counts."""
    scope, known = solved(), dict[str, tuple[int, int]]()
    for network in networks:
        call = f"{network.builder}{sorted(network.settings.items())}"
        if call not in known:
            model = scope[network.builder](**network.settings)
            known[call] = trainable(model), products(model)
            del model
            gc.collect()
        yield Count(network, *known[call])


def trainable(model: keras.Model) -> int:
    """How many numbers training changes."""
    return sum(int(np.prod(w.shape, dtype=np.int64)) for w in model.trainable_weights)


def products(model: keras.Model) -> int:
    """Multiply-accumulates of convolutions and dense layers for one image."""
    from keras import layers

    total = 0
    for layer in model.layers:
        if isinstance(layer, (layers.Conv2D, layers.Dense)):
            places = np.prod(layer.output.shape[1:-1], dtype=np.int64)
            total += int(places) * int(np.prod(layer.kernel.shape, dtype=np.int64))
    return total


def section(counts: list[Count]) -> str:
    """The page's part about the architectures."""
    lines = [
        "## Architectures",
        "",
        "Written by `python benchmarks/counts.py --page docs/results.md`, which builds every network of assignment 6 in full, from the solved",
        "notebook, for 1,000 classes and the paper's image size. Parameters are trainable ones; products are multiply-accumulates of the",
        'convolutions and dense layers for one image, which the slides call "FLOPs".',
        "",
        "| network | parameters | published | billions of products | published | source | |",
        "|---|--:|--:|--:|--:|---|---|",
    ]
    for count in counts:
        n = count.network
        parameters, printed = f"{n.parameters:,}" if n.parameters else "–", f"{n.products:g}" if n.products else "–"
        said = "equal" if count.equal else n.why or "**differs**"
        lines.append(
            f"| {n.title} | {count.parameters:,} | {parameters} | {count.products / 1e9:.3f} | {printed} | {n.source} | {said} |"
        )
    return "\n".join([*lines, "", *GOOGLENET_TABLE, ""])


GOOGLENET_TABLE = (
    "GoogLeNet's paper prints parameters for every row, in units of 1,024. Its first row, 2.7 K for the 7x7 convolution, cannot be right:",
    "7·7·3·64 = 9,408 weights are there. Ours, with biases, are 9.2, 112.2, 159.9, 379.6, 367.4, 438.6, 498.1, 591.2, 848.0, 1019.0, 1410.2 and",
    "1001.0 K; printed are 2.7, 112, 159, 380, 364, 437, 463, 580, 840, 1072, 1388 and 1000. From 4a on they differ by up to 8 %, more than",
    "biases can explain (they are 1 % at most): the filters that the same table prints do not give its parameters.",
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write the table into this page.")
def main(page: Path | None) -> None:
    """Build the networks of assignment 6 in full and compare their counts with published ones."""
    counts = []
    for count in counted():
        counts.append(count)
        click.echo(
            f"{count.network.title:30} {count.parameters:>12,} {count.products / 1e9:8.3f} {'equal' if count.equal else count.network.why}"
        )
    if page:
        page.write_text(with_section(page.read_text(encoding="utf-8"), SECTION, section(counts)), encoding="utf-8")
    sys.exit(any(not count.equal and not count.network.why for count in counts))


if __name__ == "__main__":
    main()

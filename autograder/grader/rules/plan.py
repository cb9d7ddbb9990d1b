"""An architecture in one line of text, and what can be compared of it. Pure Python.

    conv7/2:64 norm relu max3/2 ( conv3:64 norm relu conv3:64 norm | ) add relu mean dense:10

A word is a layer, in the order in which the image goes through them. Brackets hold paths that start at the same place, and the
word after them says how they are joined; an empty path is a shortcut. The words:

    conv3:64, conv3x1:64     a convolution: its kernel, and how many filters; /2 is a stride, v padding "valid" (else "same"),
                             b a bias, g4 four groups: conv11/4v:96b, conv3:128g32
    max3/2, avg2/2           pooling, the same way; mean is the average over the whole map
    dense:10                 a dense layer with biases; what comes in is flattened
    norm relu sigmoid tanh
    dropout:0.5              a dropout and its rate
    add concat multiply      after brackets
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

Shape = tuple[int, ...]
"""(height, width, channels) or (units,)."""

MOST_PATHS = 1000


@dataclass(frozen=True)
class Row:
    """A layer as a table lists it.

    Attributes:
        kind: "convolution", "batch normalization", ...
        shape: of its output, without the batch.
        parameters: that training changes.
        products: multiplications with a weight for one image, which papers count as the cost ("FLOPs").
    """

    kind: str
    shape: Shape
    parameters: int
    products: int = 0


@dataclass(frozen=True, eq=False)
class Place:
    """A place in a graph.

    Attributes:
        merge: the last one before it.
        words: of the layers since.
        trail: something of its own for each of these layers: paths share what they have in common.
    """

    merge: Merge | None = None
    words: tuple[str, ...] = ()
    trail: tuple[object, ...] = ()

    @property
    def depth(self) -> int:
        """How many merges lie before it, one after the other."""
        return self.merge.depth if self.merge else 0

    def after(self, word: str) -> Place:
        """The place after one more layer."""
        return replace(self, words=(*self.words, word), trail=(*self.trail, object()))


@dataclass(frozen=True, eq=False)
class Merge:
    """Where paths meet. A sum or product of paths is the same in any order; a concatenation is not."""

    kind: str
    paths: tuple[Place, ...]
    depth: int

    def told(self) -> list[tuple[int, tuple[str, ...]]]:
        """Each path: how many merges lie before its start, and its words."""
        return [(path.depth, path.words) for path in self.paths]

    def shared(self, depth: int) -> tuple[str, ...]:
        """What all paths from one start go through before they part; nothing if there is only one."""
        paths, alike = [path for path in self.paths if path.depth == depth], 0
        while len(paths) > 1 and all(
            path.trail[alike : alike + 1] == paths[0].trail[alike : alike + 1] != () for path in paths
        ):
            alike += 1
        return paths[0].words[:alike] if paths else ()


@dataclass(frozen=True)
class Plan:
    """What can be compared: the layers, where paths meet in order, and the way from the last merge to the output."""

    rows: tuple[Row, ...]
    merges: tuple[Merge, ...]
    end: Place

    @property
    def parameters(self) -> int:
        """How many numbers training changes."""
        return sum(row.parameters for row in self.rows)

    @property
    def products(self) -> int:
        """Multiplications with a weight for one image."""
        return sum(row.products for row in self.rows)


def merged(kind: str, paths: list[Place]) -> Place:
    """The place where paths meet; a concatenation of concatenations is one.

    Raises:
        ValueError: for more than `MOST_PATHS`: concatenations of a thing with itself double them each time.
    """
    if kind == "concat":
        paths = [inner for path in paths for inner in _opened(path)]
    if len(paths) > MOST_PATHS:
        raise ValueError(f"more than {MOST_PATHS} paths meet")
    return Place(Merge(kind, tuple(paths), 1 + max(path.depth for path in paths)))


def _opened(path: Place) -> tuple[Place, ...]:
    inside = path.merge if not path.words else None
    return inside.paths if inside and inside.kind == "concat" else (path,)


def merges_before(end: Place) -> tuple[Merge, ...]:
    """The merges on the way to a place, the first one first."""
    found: dict[int, Merge] = {}
    waiting = [end]
    while waiting:
        merge = waiting.pop().merge
        if merge and id(merge) not in found:
            found[id(merge)] = merge
            waiting += merge.paths
    return tuple(sorted(found.values(), key=lambda merge: merge.depth))


# From text

_WINDOW = re.compile(r"(?P<kind>conv|max|avg)(?P<height>\d+)(x(?P<width>\d+))?(/(?P<stride>\d+))?(?P<valid>v?)"
                     r"(:(?P<filters>\d+))?(g(?P<groups>\d+))?(?P<bias>b?)")  # fmt: skip
_PLAIN = {"relu", "sigmoid", "tanh"}
_MERGES = {"add", "concat", "multiply"}
KINDS = {"conv": "convolution", "max": "max pooling", "avg": "average pooling"}


@lru_cache(maxsize=64)
def from_text(text: str, input_shape: Shape) -> Plan:
    """Reads an architecture for images of (height, width, channels).

    Raises:
        ValueError: if the text is no architecture, or does not fit the images.

    Example:
        >>> plan = from_text("conv3:4 relu ( conv3:4 relu | ) add mean dense:2", (8, 6, 3))
        >>> [(row.kind, row.shape, row.parameters) for row in plan.rows]
        [('convolution', (8, 6, 4), 108), ('convolution', (8, 6, 4), 144), ('dense', (2,), 10)]
        >>> plan.merges[0].told()
        [(0, ('conv3', 'relu', 'conv3', 'relu')), (0, ('conv3', 'relu'))]
    """
    words = text.replace("(", " ( ").replace(")", " ) ").replace("|", " | ").split()
    reader = _Reader(words)
    end, _ = reader.path(Place(), input_shape)
    if reader.words:
        raise ValueError(f"a bracket too many before {' '.join(reader.words[:3])!r}")
    return Plan(tuple(reader.rows), merges_before(end), end)


class _Reader:
    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.rows: list[Row] = []

    def path(self, place: Place, shape: Shape) -> tuple[Place, Shape]:
        """Reads up to the end of a path: where it ends, and the shape there."""
        while self.words and self.words[0] not in ("|", ")"):
            word = self.words.pop(0)
            place, shape = self.brackets(place, shape) if word == "(" else self.layer(word, place, shape)
        return place, shape

    def brackets(self, place: Place, shape: Shape) -> tuple[Place, Shape]:
        ends = [self.path(place, shape)]
        while self.words[:1] == ["|"]:
            self.words.pop(0)
            ends.append(self.path(place, shape))
        if self.words[:1] != [")"] or len(self.words) < 2 or self.words[1] not in _MERGES:
            raise ValueError(f"brackets that are not closed and merged: {' '.join(self.words[:3])!r}")
        _, kind = self.words.pop(0), self.words.pop(0)
        shapes = [found for _, found in ends]
        if kind == "concat":
            shape = (*shapes[0][:-1], sum(found[-1] for found in shapes))
        else:
            shape = max(shapes, key=math.prod)  # a gate of (channels,) multiplies a whole map
            shapes = [found for found in shapes if len(found) == len(shape)]
        if {found[:-1] for found in shapes} != {shape[:-1]} or (kind == "add" and len(set(shapes)) > 1):
            raise ValueError(f"shapes that do not fit an {kind}: {shapes}")
        return merged(kind, [end for end, _ in ends]), shape

    def layer(self, word: str, place: Place, shape: Shape) -> tuple[Place, Shape]:
        if word in _PLAIN or word.startswith("dropout:"):
            return place.after(word), shape
        if word == "norm":
            self.rows.append(Row("batch normalization", shape, 2 * shape[-1]))
            return place.after(word), shape
        if word == "mean":
            return place.after(word), shape[-1:]
        if word.startswith("dense:"):
            inputs, units = math.prod(shape), int(word.removeprefix("dense:"))
            self.rows.append(Row("dense", (units,), inputs * units + units, inputs * units))
            return place.after("dense"), (units,)
        return self.window(word, place, shape)

    def window(self, word: str, place: Place, shape: Shape) -> tuple[Place, Shape]:
        found = _WINDOW.fullmatch(word)
        if not found or len(shape) != 3 or (found["kind"] == "conv") != bool(found["filters"]):
            raise ValueError(f"no layer for a shape of {shape}: {word!r}")
        kernel = (int(found["height"]), int(found["width"] or found["height"]))
        stride, groups = int(found["stride"] or 1), int(found["groups"] or 1)
        sizes = [
            (n - k) // stride + 1 if found["valid"] else -(-n // stride) for n, k in zip(shape, kernel, strict=False)
        ]
        channels = int(found["filters"] or shape[-1])
        if min(sizes) < 1 or shape[-1] % groups or channels % groups:
            raise ValueError(f"{word!r} does not fit a shape of {shape}")
        weights = math.prod(kernel) * (shape[-1] // groups) * channels if found["filters"] else 0
        after = (*sizes, channels)
        parameters = weights + channels * bool(found["bias"])
        self.rows.append(Row(KINDS[found["kind"]], after, parameters, weights * math.prod(sizes)))
        return place.after(window_word(found["kind"], kernel, (stride, stride), groups)), after


def window_word(kind: str, kernel: Any, strides: Any, groups: int = 1) -> str:
    """A convolution or pooling in a word, without its filters: "conv3/2"."""
    (kh, kw), (sh, sw) = kernel, strides
    size = f"{kh}" if kh == kw else f"{kh}x{kw}"
    step = "" if sh == sw == 1 else f"/{sh}" if sh == sw else f"/{sh}x{sw}"
    return f"{kind}{size}{step}{f'g{groups}' if groups > 1 else ''}"

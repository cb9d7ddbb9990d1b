"""Seventeen questions, from counting in bins to a classifier: what is called, on what, for how many points."""

import numpy as np

from autograder.question import (
    Ban,
    Case,
    Exam,
    Question,
    Rung,
    array,
    code,
    distinct,
    integer,
    labels,
    normal,
    probe,
    uniform,
)
from autograder.strokes import strokes

# Probes: what is called in the place of the student's function. Only their source travels, so they import what they use.


@probe
def in_numpy(function, **arguments):
    """Hands tensors over as NumPy arrays, and looks whether they are changed in place."""
    import inspect

    import numpy as np
    import tensorflow as tf

    arguments = {name: v.numpy() if isinstance(v, tf.Tensor) else v for name, v in arguments.items()}
    before = {name: v.copy() for name, v in arguments.items() if isinstance(v, np.ndarray)}
    bound = inspect.signature(function).bind(**arguments)
    result = function(*bound.args, **bound.kwargs)
    for name, value in before.items():
        if not np.array_equal(value, arguments[name]):
            raise ValueError(f"The argument {name} was changed in place. Work on a copy: the caller still needs it.")
    return result


@probe
def of_shares(distance, a, b):
    """The distances of two arrays of histograms, each made to sum to 1."""
    a, b = a.numpy(), b.numpy()
    a, b = (each / each.sum(axis=-1, keepdims=True, dtype="float64").astype(each.dtype) for each in (a, b))
    return distance(a, b)


@probe
def settled(kmeans, points, k, seed, one_answer, columns_are_groups=False):
    """What must hold of any result. Where there is one answer, the centres are sorted and compared, and so are the labels."""
    import numpy as np

    points = points.numpy()
    if columns_are_groups:
        points = points.reshape(-1, 1)

    def found(seed):
        given = points.copy()
        result = kmeans(given, k, seed)
        if not np.array_equal(given, points):
            raise ValueError("The points were changed in place. Work on a copy: the caller still needs them.")
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise ValueError("kmeans should return two values in this order: the centres and the labels.")
        centres, marks = np.asarray(result[0]), np.asarray(result[1])
        if centres.shape != (k, points.shape[1]):
            raise ValueError(f"The centres should have shape {(k, points.shape[1])}, but they have {centres.shape}.")
        if marks.shape != (len(points),) or marks.dtype.kind not in "iu":
            raise ValueError(f"The labels should be whole numbers of shape {(len(points),)}.")
        if marks.min() < 0 or marks.max() >= k:
            raise ValueError(f"The labels should be from 0 to {k - 1}.")
        return centres, marks

    centres, marks = found(seed)
    again, _ = found(seed)
    others = [found(seed + n) for n in range(1, 12)]
    scale = np.abs(points).max() + 1
    distances = np.sqrt(((points[:, None].astype("float64") - centres) ** 2).sum(axis=-1))
    own = distances[np.arange(len(points)), marks]
    used = [label for label in range(k) if np.any(marks == label)]
    means = np.array([points[marks == label].mean(axis=0) for label in used])
    order = np.lexsort(centres.T[::-1])
    rank = np.argsort(order)
    share = (np.bincount(marks, minlength=k) / len(marks)).astype(points.dtype)
    idle = [k - len(np.unique(labels)) for _, labels in others]
    return (
        centres[order] if one_answer else share @ centres,
        rank[marks] if one_answer else np.zeros(1, int),
        int(np.sum(own > distances.min(axis=1) + 1e-4 * scale)),
        int(np.sum(np.abs(centres[used] - means).max(axis=1) > 1e-4 * scale)),
        int(np.array_equal(centres, again)),
        int(not one_answer and any(not np.array_equal(centres, other) for other, _ in others)),
        int(np.median(idle)) if not one_answer else 0,
    )


# What the functions promise to take.


def integers(rng, low, high, count):
    return [int(value) for value in rng.integers(low, high + 1, count)]


def edges_of(rng, bins):
    """Edges from 0 on, with gaps of 1 to 3."""
    return np.cumsum([0, *rng.integers(1, 4, bins)]).astype(np.float32)


def any_values(rng):
    n, bins = integers(rng, 1, 40, 1)[0], integers(rng, 1, 6, 1)[0]
    whole = rng.random() < 0.6
    return {"values": labels(n, 14) if whole else uniform(n, low=-2, high=14), "edges": edges_of(rng, bins)}


def any_points_on_a_grid(rng):
    n = integers(rng, 1, 40, 1)[0]
    x_bins, y_bins = integers(rng, 1, 5, 2)
    return {"x": labels(n, 10), "y": labels(n, 12), "x_edges": edges_of(rng, x_bins), "y_edges": edges_of(rng, y_bins)}


def any_joint(rng):
    shape = integers(rng, 1, 4, int(rng.integers(1, 5)))
    return {"joint": uniform(*shape, high=9), "feature": int(rng.integers(len(shape)))}


def any_image(rng):
    size, stride = integers(rng, 1, 4, 2)
    height, width = integers(rng, size, 9, 2)
    return {"image": normal(height, width, int(rng.integers(1, 4))), "size": size, "stride": stride}


def any_clusters(rng):
    n, k, d = integers(rng, 1, 12, 1) + integers(rng, 1, 6, 1) + integers(rng, 1, 4, 1)
    return {"points": normal(n, d), "centres": normal(k, d, std=float(rng.choice([1, 5])))}


def any_groups(rng):
    n, k = integers(rng, 6, 20, 1)[0], integers(rng, 1, 4, 1)[0]
    return {"points": distinct(n, 2), "k": k, "seed": int(rng.integers(10**6)), "one_answer": k == 1}


def any_assignment(rng):
    n, k, d = integers(rng, 1, 6, 3)
    return {"points": normal(n, d), "centres": normal(k, d)}


def any_soft_assignment(rng):
    return any_assignment(rng) | {"beta": float(rng.choice([0, rng.uniform(0, 3), 300]))}


def any_assignments(rng):
    return {"assignments": distinct(*integers(rng, 1, 7, 2), low=0.1, high=1)}


def any_histograms(rng):
    bins, m, n = integers(rng, 1, 7, 3)
    low, high = np.zeros(bins), (rng.random(bins) < 0.7).astype(float)
    low[0], high[0] = 0.1, 1.0
    a, b = ((m, 1, bins), (n, bins)) if rng.random() < 0.5 else ((m, bins), (bins,))
    drawn = {"low": tuple(low), "high": tuple(high)}
    return {"a": uniform(*a, **drawn), "b": uniform(*b, **drawn)}


def any_words(rng):
    n, k, levels = integers(rng, 1, 30, 1) + integers(rng, 1, 5, 1) + integers(rng, 1, 4, 1)
    whole = rng.random() < 0.3  # on the borders between cells, and at the ends
    positions = (rng.integers(0, 9, (n, 2)) / 8).astype(np.float32) if whole else uniform(n, 2)
    return {"words": labels(n, k), "positions": positions, "levels": levels, "k": k}


def any_neighbours(rng):
    n, m, bins = integers(rng, 1, 7, 3)
    return {"train": normal(n, bins), "labels": labels(n, 5), "new": normal(m, bins), "distance": code(ABSOLUTE)}


ABSOLUTE = "lambda a, b: np.abs(a - b).sum(axis=-1)"
SQUARED = "lambda a, b: ((a - b) ** 2).sum(axis=-1)"
UPWARDS = "lambda a, b: np.maximum(a - b, 0).sum(axis=-1) + 0.1 * np.abs(a - b).sum(axis=-1)"  # not symmetric

STEPS = array([0, 2, 4, 8])
LINE = array([[0], [2], [10], [12]])
SQUARE = array([[0, 0], [0, 2], [6, 0], [6, 2]])
SOME_EMPTY = {"low": (0.2, 0.0, 0.0, 0.1, 0.0, 0.0), "high": (1.0, 1.0, 0.0, 2.0, 0.0, 1.0)}
"""Histograms of six bins, of which the third and the fifth are always empty."""


def whole(*entries):
    """Whole numbers that are written down."""
    return np.asarray(entries, np.int32)


def distance_of(name, points, domain=any_histograms, *, more=()):
    """A question about two arrays of histograms: the same cases for every distance."""
    return Question(
        name,
        points=points,
        probe=of_shares,
        ladder=(
            Rung("nothing in common", a=array([1, 0]), b=array([0, 1])),
            Rung("equal histograms", a=array([0.5, 0.25, 0.25]), b=array([0.5, 0.25, 0.25])),
            Rung("a half in common", a=array([0.5, 0.5, 0]), b=array([0.5, 0, 0.5])),
            *more,
            Rung("two histograms beside one", a=array([[1, 0, 0], [0.5, 0, 0.5]]), b=array([0, 0, 1])),
            Rung("two beside two", a=array([[[1, 0]], [[0.5, 0.5]]]), b=array([[0.75, 0.25], [0, 1]])),
        ),
        cases=(
            Case("two drawn histograms", public=True, a=uniform(6, low=0.1), b=uniform(6, low=0.1)),
            Case("three beside four", public=True, a=uniform(3, 1, 5, low=0.1), b=uniform(4, 5, low=0.1)),
            Case("bins that are empty in both", a=uniform(4, 6, **SOME_EMPTY), b=uniform(4, 6, **SOME_EMPTY)),
            Case("many bins", a=uniform(20, low=0.05), b=uniform(20, low=0.05)),
            Case("seven beside one", a=uniform(7, 4), b=uniform(4)),
            Case("two beside five, some bins empty", a=uniform(2, 1, 6, **SOME_EMPTY), b=uniform(5, 6, **SOME_EMPTY)),
            Case("as many histograms as bins", a=uniform(4, 4), b=uniform(4, 4)),
            Case("float64", dtype="float64", a=uniform(3, 5, low=0.1), b=uniform(5, low=0.1)),
        ),
        domain=domain,
    )


def strokes_case(name, *, public=False, train=48, test=60, k=16, size=(32, 32)):
    """Images of strokes: to learn from, and to be classified. The labels of the second stay with the grader.

    Their ground is anything from black to grey, so words that see the brightness of a patch see little else.
    """
    images, known, new_images, wanted = strokes(train, test, (*size, 1), 3, ground=(10, 140), contrast=(100, 115))
    return Case(
        name,
        public=public,
        exam=Exam(labels=wanted, classes=3),
        images=images,
        labels=known,
        new_images=new_images,
        k=k,
        seed=integer(0, 9999),
    )


def stripes(name, known, wanted, bright=(200, 200)):
    """Two images with horizontal and vertical stripes to learn from, and two to classify."""

    def pair(brightness):
        lines = np.where(np.arange(16) // 2 % 2, brightness, 20)[:, None].repeat(16, axis=1)
        return np.stack([lines, lines.T])[..., None].astype(np.uint8)

    turned = slice(None, None, -1 if known != wanted else 1)
    return Rung(
        name,
        exam=Exam(labels=whole(*wanted), classes=2),
        images=pair(bright[0]),
        labels=whole(*known),
        new_images=pair(bright[1])[turned],
        k=4,
        seed=0,
    )


QUESTIONS = (
    Question(
        "histogram",
        points=1,
        probe=in_numpy,
        ban=Ban(
            ops=(),
            names=("histogram", "histogram2d", "histogramdd", "histogram_fixed_width", "hist"),
            instead="comparisons and sums, or np.searchsorted and np.bincount",
        ),
        ladder=(
            Rung("one bin", values=whole(1, 2, 3), edges=array([0, 4])),
            Rung("two bins", values=whole(1, 2, 3, 7), edges=array([0, 4, 8])),
            Rung("a value on an inner edge", values=whole(1, 4), edges=array([0, 4, 8])),
            Rung("a value on the first edge", values=whole(0, 1, 5), edges=array([0, 4, 8])),
            Rung("a value on the last edge", values=whole(1, 8), edges=array([0, 4, 8])),
            Rung("values outside", values=whole(-1, 1, 9), edges=array([0, 4, 8])),
            Rung("unequal bins", values=whole(1, 2, 3, 3, 8, 9), edges=STEPS),
        ),
        cases=(
            Case("twelve drawn values", public=True, values=uniform(12, low=0, high=8), edges=STEPS),
            Case("negative edges", public=True, values=uniform(15, low=-4, high=4), edges=array([-3, -1, 0, 2.5])),
            Case("many whole numbers, some on edges", values=labels(40, 10), edges=STEPS),
            Case("narrow and wide bins", values=uniform(50, low=-1, high=11), edges=array([0, 0.5, 1, 5, 9, 10])),
            Case("whole numbers, edges of one bin", values=labels(30, 7), edges=array([2, 4])),
            Case("whole numbers above the last edge", values=labels(60, 16), edges=array([1, 3, 4, 9, 12])),
            Case("float64", dtype="float64", values=uniform(30, low=0, high=9), edges=array([0, 1.5, 2, 7, 8])),
        ),
        domain=any_values,
    ),
    Question(
        "joint_histogram",
        points=1,
        probe=in_numpy,
        ban=Ban(
            ops=(),
            names=("histogram2d", "histogramdd", "hist2d"),
            instead="comparisons and sums, or your histogram",
        ),
        ladder=(
            Rung("one cell", x=whole(1, 2), y=whole(1, 3), x_edges=array([0, 4]), y_edges=array([0, 4])),
            Rung("two columns", x=whole(1, 1, 3), y=whole(1, 5, 6), x_edges=array([0, 4]), y_edges=array([0, 4, 8])),
            Rung(
                "two rows and three columns",
                x=whole(1, 1, 5),
                y=whole(1, 5, 9),
                x_edges=array([0, 4, 8]),
                y_edges=array([0, 4, 8, 12]),
            ),
            Rung(
                "points on edges",
                x=whole(0, 4, 8, 4),
                y=whole(4, 0, 8, 8),
                x_edges=array([0, 4, 8]),
                y_edges=array([0, 4, 8]),
            ),
            Rung(
                "one feature outside",
                x=whole(1, 9, 1, 5),
                y=whole(1, 1, 9, 5),
                x_edges=array([0, 4, 8]),
                y_edges=array([0, 4, 8]),
            ),
            Rung(
                "points below the first edges",
                x=whole(1, -1, 1, 5),
                y=whole(1, 1, -1, 5),
                x_edges=array([0, 4, 8]),
                y_edges=array([0, 4, 8]),
            ),
            Rung(
                "unequal bins",
                x=whole(0, 1, 1, 3, 2),
                y=whole(5, 5, 9, 9, 4),
                x_edges=array([0, 2, 4]),
                y_edges=array([4, 6, 10]),
            ),
        ),
        cases=(
            Case(
                "twenty drawn points",
                public=True,
                x=uniform(20, low=0, high=8),
                y=uniform(20, low=0, high=3),
                x_edges=STEPS,
                y_edges=array([0, 1, 3]),
            ),
            Case(
                "whole numbers, some on edges",
                x=labels(60, 9),
                y=labels(60, 6),
                x_edges=STEPS,
                y_edges=array([0, 1, 2, 3, 5]),
            ),
            Case(
                "many outside",
                x=labels(50, 12),
                y=labels(50, 12),
                x_edges=array([2, 3, 7]),
                y_edges=array([4, 5, 6, 9]),
            ),
            Case(
                "as many rows as columns",
                x=uniform(50, low=-1, high=1),
                y=uniform(50, low=-1, high=1),
                x_edges=array([-1, -0.5, 0, 1]),
                y_edges=array([-0.8, 0, 0.1, 1]),
            ),
            Case("one row", x=labels(30, 5), y=labels(30, 8), x_edges=array([0, 4]), y_edges=array([0, 2, 3, 5, 7])),
            Case(
                "float64",
                dtype="float64",
                x=uniform(40, low=0, high=5),
                y=uniform(40, low=0, high=5),
                x_edges=array([0, 1, 4]),
                y_edges=array([0, 2.5, 3, 5]),
            ),
        ),
        domain=any_points_on_a_grid,
    ),
    Question(
        "marginal",
        points=0.5,
        probe=in_numpy,
        ladder=(
            Rung("one row", joint=array([[2, 1, 4]]), feature=1),
            Rung("the rows", joint=array([[2, 1], [1, 3]]), feature=0),
            Rung("the columns of two rows", joint=array([[2, 1, 0], [1, 3, 5]]), feature=1),
            Rung("three features, the first", joint=array([[[1, 2], [3, 4]], [[0, 1], [0, 0]]]), feature=0),
            Rung("three features, the middle one", joint=array([[[1, 2], [3, 4]], [[0, 1], [0, 0]]]), feature=1),
        ),
        cases=(
            Case("the second of two", public=True, joint=uniform(3, 4, high=5), feature=1),
            Case("the last of three", public=True, joint=uniform(2, 3, 4, high=5), feature=2),
            Case("the first of two", joint=uniform(5, 2, high=5), feature=0),
            Case("a square", joint=uniform(4, 4, high=5), feature=1),
            Case("a cube, the middle one", joint=uniform(3, 3, 3, high=5), feature=1),
            Case("the third of four", joint=uniform(2, 3, 4, 2, high=5), feature=2),
            Case("the first of four", joint=uniform(4, 1, 3, 2, high=5), feature=0),
            Case("one feature alone", joint=uniform(5, high=5), feature=0),
            Case("float64", dtype="float64", joint=uniform(3, 2, 4, high=5), feature=0),
        ),
        domain=any_joint,
    ),
    Question(
        "dense_patches",
        points=1,
        probe=in_numpy,
        returns=("patches", "positions"),
        steady=("positions",),
        ladder=(
            Rung("patches of one pixel", image=array([[[1], [2]], [[3], [4]]]), size=1, stride=1),
            Rung("a single patch", image=array([[[1], [2]], [[3], [4]]]), size=2, stride=1),
            Rung("two patches in a row", image=array([[[1], [2], [3]], [[4], [5], [6]]]), size=2, stride=1),
            Rung(
                "two rows of patches",
                image=array([[[1], [2], [3]], [[4], [5], [6]], [[7], [8], [9]]]),
                size=2,
                stride=1,
            ),
            Rung("two channels", image=array([[[1, 5], [2, 6]], [[3, 7], [4, 8]]]), size=2, stride=1),
            Rung(
                "stride 2",
                image=array(np.arange(20).reshape(4, 5, 1)),
                size=2,
                stride=2,
            ),
        ),
        cases=(
            Case("a wide image", public=True, image=normal(4, 7, 2), size=3, stride=2),
            Case("a high image", image=normal(8, 5, 1), size=3, stride=1),
            Case("pixels are left over", image=normal(8, 9, 2), size=3, stride=2),
            Case("patches with gaps", image=normal(9, 7, 1), size=2, stride=3),
            Case("three channels", image=normal(6, 5, 3), size=4, stride=1),
            Case("the whole image", image=normal(5, 5, 2), size=5, stride=1),
            Case("one pixel at a time", image=normal(3, 4, 2), size=1, stride=2),
            Case("float64", dtype="float64", image=normal(5, 6, 2), size=2, stride=2),
        ),
        domain=any_image,
    ),
    Question(
        "kmeans_step",
        points=1,
        probe=in_numpy,
        returns=("centres", "labels"),
        ladder=(
            Rung("one centre", points=array([[1], [3]]), centres=array([[0]])),
            Rung("two centres", points=array([[0], [2], [10]]), centres=array([[1], [9]])),
            Rung("each centre moves", points=LINE, centres=array([[2], [3]])),
            Rung("two features", points=SQUARE, centres=array([[1, 1], [5, 0]])),
            Rung("a point between two centres", points=array([[0], [2], [4]]), centres=array([[0], [4]])),
            Rung("an empty cluster", points=LINE, centres=array([[2], [3], [50]])),
        ),
        cases=(
            Case("ten points, three centres", public=True, points=normal(10, 2), centres=normal(3, 2)),
            Case(
                "a centre far away",
                public=True,
                points=normal(8, 3),
                centres=normal(4, 3, mean=(0.0, 0.0, 0.0), std=(4.0, 1.0, 1.0)),
            ),
            Case("many points", points=normal(40, 4), centres=normal(5, 4)),
            Case("all centres far from the points", points=normal(9, 2, mean=20.0), centres=normal(3, 2)),
            Case("more centres than points", points=normal(4, 2), centres=normal(7, 2)),
            Case(
                "features of very different size",
                points=normal(12, 2, std=(1.0, 30.0)),
                centres=normal(3, 2, std=(1.0, 30.0)),
            ),
            Case("as many centres as features", points=normal(12, 3), centres=normal(3, 3)),
            Case("float64", dtype="float64", points=normal(10, 3), centres=normal(4, 3)),
        ),
        domain=any_clusters,
    ),
    Question(
        "kmeans",
        points=1.5,
        probe=settled,
        returns=(
            *("centres", "labels", "points with a wrong label", "centres off the mean of their points", "repeatable"),
            *("other with another seed", "empty"),
        ),
        ladder=(
            Rung("one centre", points=array([[1], [3], [8]]), k=1, seed=0, one_answer=True),
            Rung("as many centres as points", points=array([[1], [3], [8]]), k=3, seed=0, one_answer=True),
            Rung("two groups", points=LINE, k=2, seed=0, one_answer=True),
            Rung(
                "two groups in the plane", points=array([[0, 0], [1, 2], [9, 0], [8, 3]]), k=2, seed=0, one_answer=True
            ),
            Rung("equal points", points=array([[0], [0], [0], [6]]), k=2, seed=0, one_answer=True),
        ),
        cases=(
            Case("one centre, many points", public=True, points=normal(12, 3), k=1, seed=3, one_answer=True),
            Case("thirty points, four centres", public=True, points=normal(30, 2), k=4, seed=5, one_answer=False),
            Case(
                "two groups far apart",
                points=normal(12, 2, mean=(0.0, 40.0)),
                columns_are_groups=True,
                k=2,
                seed=integer(0, 999),
                one_answer=True,
            ),
            Case("each point its own centre", points=distinct(7, 2), k=7, seed=integer(0, 999), one_answer=True),
            Case("sixty points, five centres", points=normal(60, 3), k=5, seed=integer(0, 999), one_answer=False),
            Case(
                "far from the origin",
                points=normal(40, 2, mean=(100.0, -50.0), std=3.0),
                k=4,
                seed=integer(0, 999),
                one_answer=False,
            ),
            Case(
                "nearly as many centres as points",
                points=normal(16, 2),
                k=14,
                seed=integer(0, 999),
                one_answer=False,
            ),
            Case("one feature", points=distinct(35, 1, low=-9, high=30), k=3, seed=integer(0, 999), one_answer=False),
            Case("float64", dtype="float64", points=normal(50, 2), k=6, seed=integer(0, 999), one_answer=False),
        ),
        domain=any_groups,
    ),
    Question(
        "hard_assign",
        points=0.5,
        ladder=(
            Rung("one point, two centres", points=array([[1]]), centres=array([[0], [3]])),
            Rung("two points", points=array([[1], [2]]), centres=array([[0], [3]])),
            Rung("two features", points=array([[0, 0], [0, 5]]), centres=array([[1, 5], [3, 0]])),
            Rung("three centres", points=array([[1], [7], [3]]), centres=array([[8], [0], [4]])),
            Rung("a point between two centres", points=array([[2]]), centres=array([[0], [4], [9]])),
        ),
        cases=(
            Case("six points, three centres", public=True, points=normal(6, 2), centres=normal(3, 2)),
            Case("as many points as centres", points=normal(5, 3), centres=normal(5, 3)),
            Case("many points", points=normal(30, 4), centres=normal(6, 4)),
            Case("long centres", points=normal(12, 3), centres=normal(4, 3, std=(4.0, 1.0, 0.3))),
            Case("one centre", points=normal(7, 2), centres=normal(1, 2)),
            Case("six points, ten centres", points=normal(6, 2), centres=normal(10, 2)),
            Case("float64", public=True, dtype="float64", points=normal(5, 2), centres=normal(3, 2)),
        ),
        steady=("value",),
        domain=any_assignment,
    ),
    Question(
        "soft_assign",
        points=1,
        wrt=("points", "centres"),
        ladder=(
            Rung("beta = 0", points=array([[1]]), centres=array([[0], [3]]), beta=0.0),
            Rung("equally near", points=array([[2]]), centres=array([[0], [4]]), beta=1.0),
            Rung("beta = 1", points=array([[1]]), centres=array([[0], [3]]), beta=1.0),
            Rung("another beta", points=array([[1]]), centres=array([[0], [3]]), beta=0.1),
            Rung("two features", points=array([[1, 1]]), centres=array([[0, 1], [1, 3]]), beta=0.5),
            Rung("two points", points=array([[1], [4]]), centres=array([[0], [3], [5]]), beta=0.5),
            Rung("a large beta", points=array([[2], [6]]), centres=array([[0], [5]]), beta=100.0),
        ),
        cases=(
            Case("four points, three centres", public=True, points=normal(4, 2), centres=normal(3, 2), beta=0.7),
            Case("two points, two centres", public=True, points=normal(2, 2), centres=normal(2, 2), beta=2.0),
            Case("many points", points=normal(10, 3), centres=normal(4, 3), beta=0.5),
            Case("more centres than points", points=normal(2, 3), centres=normal(6, 3), beta=1.3),
            Case("as many points as centres", points=normal(4, 2), centres=normal(4, 2), beta=0.4),
            Case("everything far away", points=normal(3, 2, mean=20.0), centres=normal(3, 2), beta=1.0),
            Case("float64", dtype="float64", points=normal(3, 4), centres=normal(5, 4), beta=0.8),
        ),
        domain=any_soft_assignment,
    ),
    Question(
        "sum_pool",
        points=0.5,
        wrt=("assignments",),
        ladder=(
            Rung("one patch", assignments=array([[0, 1]])),
            Rung("two patches", assignments=array([[0, 1], [1, 0]])),
            Rung("four patches", assignments=array([[0, 1], [1, 0], [0, 1], [0, 1]])),
            Rung("three words", assignments=array([[0, 1, 0], [1, 0, 0]])),
            Rung("rows that do not sum to 1", assignments=array([[2, 1], [1, 0]])),
        ),
        cases=(
            Case("five patches, three words", public=True, assignments=uniform(5, 3, low=0.1)),
            Case("as many patches as words", assignments=uniform(4, 4, low=0.1)),
            Case("many patches", assignments=uniform(20, 3)),
            Case("many words", assignments=uniform(3, 12)),
            Case("one patch alone", assignments=uniform(1, 5, low=0.1)),
            Case("one word", assignments=uniform(6, 1, low=0.1)),
            Case("float64", public=True, dtype="float64", assignments=uniform(4, 3, low=0.1)),
        ),
        domain=any_assignments,
    ),
    Question(
        "max_pool_words",
        points=0.5,
        wrt=("assignments",),
        ladder=(
            Rung("one patch", assignments=array([[0, 1]])),
            Rung("two patches", assignments=array([[0, 1], [1, 0]])),
            Rung("a word that does not occur", assignments=array([[0, 1], [0, 1], [0, 1]])),
            Rung("three words", assignments=array([[1, 4, 2], [3, 0, 2]])),
        ),
        cases=(
            Case("five patches, three words", public=True, assignments=distinct(5, 3, low=0, high=1)),
            Case("as many patches as words", assignments=distinct(4, 4, low=0, high=1)),
            Case("many patches", assignments=distinct(20, 3, low=0, high=1)),
            Case("many words", assignments=distinct(3, 12, low=0, high=1)),
            Case("one patch alone", assignments=distinct(1, 5, low=0.1, high=1)),
            Case("negative entries", assignments=distinct(6, 4, low=-3, high=-1)),
            Case("float64", public=True, dtype="float64", assignments=distinct(4, 3, low=0, high=1)),
        ),
        domain=any_assignments,
    ),
    distance_of("euclidean", 0.5),
    distance_of("histogram_intersection", 0.5),
    distance_of(
        "chi_squared", 0.5, more=(Rung("a bin that is empty in both", a=array([0, 1, 0]), b=array([0, 0.5, 0.5])),)
    ),
    distance_of(
        "earth_movers_distance",
        1,
        more=(
            Rung("two bins to the right", a=array([1, 0, 0]), b=array([0, 0, 1])),
            Rung("to both sides", a=array([0, 1, 0]), b=array([0.5, 0, 0.5])),
        ),
    ),
    Question(
        "spatial_pyramid",
        points=1.5,
        probe=in_numpy,
        ladder=(
            Rung("the whole image", words=whole(0, 1, 1, 0), positions=array([[0, 0]] * 4), levels=1, k=2),
            Rung("a word that does not occur", words=whole(0, 2), positions=array([[0, 0]] * 2), levels=1, k=4),
            Rung(
                "two levels, one word", words=whole(0, 0), positions=array([[0.25, 0.25], [0.75, 0.75]]), levels=2, k=1
            ),
            Rung(
                "top right and bottom left",
                words=whole(0, 0, 0, 0),
                positions=array([[0.25, 0.75], [0.25, 0.75], [0.25, 0.75], [0.75, 0.25]]),
                levels=2,
                k=1,
            ),
            Rung(
                "two words",
                words=whole(0, 1, 1, 0),
                positions=array([[0.25, 0.125], [0.25, 0.875], [0.75, 0.25], [0.875, 0.25]]),
                levels=2,
                k=2,
            ),
            Rung("on a border", words=whole(0, 0), positions=array([[0.5, 0.25], [0.25, 0.5]]), levels=2, k=1),
            Rung("at the ends", words=whole(0, 0), positions=array([[1, 1], [0, 1]]), levels=2, k=1),
            Rung("three levels", words=whole(0, 0), positions=array([[0.125, 0.375], [0.875, 0.625]]), levels=3, k=1),
        ),
        cases=(
            Case("eight patches", public=True, words=labels(8, 3), positions=uniform(8, 2), levels=2, k=3),
            Case("three levels, two words", public=True, words=labels(12, 2), positions=uniform(12, 2), levels=3, k=2),
            Case("many patches", words=labels(60, 4), positions=uniform(60, 2), levels=3, k=4),
            Case("one level", words=labels(20, 5), positions=uniform(20, 2), levels=1, k=5),
            Case("few patches, many words", words=labels(3, 7), positions=uniform(3, 2), levels=2, k=9),
            Case("four levels", words=labels(30, 2), positions=uniform(30, 2), levels=4, k=2),
            Case("all at the top", words=labels(15, 3), positions=uniform(15, 2, high=(0.4, 1.0)), levels=2, k=3),
            Case("float64", dtype="float64", words=labels(10, 3), positions=uniform(10, 2), levels=3, k=3),
        ),
        steady=("value",),
        domain=any_words,
    ),
    Question(
        "nearest_neighbour",
        points=0.5,
        probe=in_numpy,
        ladder=(
            Rung("one to choose", train=array([[1, 0]]), labels=whole(7), new=array([[0, 1]]), distance=code(ABSOLUTE)),
            Rung(
                "two to choose from",
                train=array([[1, 0], [0, 1]]),
                labels=whole(7, 3),
                new=array([[0.25, 0.75]]),
                distance=code(ABSOLUTE),
            ),
            Rung(
                "two new ones",
                train=array([[1, 0], [0, 1]]),
                labels=whole(7, 3),
                new=array([[0.25, 0.75], [1, 0]]),
                distance=code(ABSOLUTE),
            ),
            Rung(
                "another distance",
                train=array([[0.5, 0.5, 0], [0.25, 0.75, 0]]),
                labels=whole(4, 2),
                new=array([[0, 0.75, 0.25]]),
                distance=code("lambda a, b: np.abs(a - b)[..., 2:].sum(axis=-1)"),
            ),
            Rung(
                "two equally near",
                train=array([[1, 0], [0, 1], [1, 0]]),
                labels=whole(5, 3, 2),
                new=array([[1, 0]]),
                distance=code(ABSOLUTE),
            ),
            Rung(
                "a distance that is not symmetric",
                train=array([[0, 1], [0.5, 0.5], [1, 0]]),
                labels=whole(1, 2, 6),
                new=array([[0.25, 0.75], [1, 0]]),
                distance=code("lambda a, b: np.maximum(a - b, 0)[..., 0]"),
            ),
        ),
        cases=(
            Case(
                "six known, four new",
                public=True,
                train=normal(6, 3),
                labels=labels(6, 9),
                new=normal(4, 3),
                distance=code(ABSOLUTE),
            ),
            Case("many known", train=normal(40, 4), labels=labels(40, 9), new=normal(15, 4), distance=code(SQUARED)),
            Case("not symmetric", train=normal(12, 5), labels=labels(12, 9), new=normal(12, 5), distance=code(UPWARDS)),
            Case(
                "more new than known",
                train=normal(5, 2),
                labels=labels(5, 9),
                new=normal(20, 2),
                distance=code(ABSOLUTE),
            ),
            Case("as many as bins", train=normal(6, 6), labels=labels(6, 9), new=normal(6, 6), distance=code(SQUARED)),
            Case(
                "equally near, many times",
                train=array([[1, 0], [1, 0], [1, 0], [0, 3], [0, 3], [0, 3]]),
                labels=labels(6, 99),
                new=normal(9, 2),
                distance=code(SQUARED),
            ),
            Case(
                "float64",
                dtype="float64",
                train=normal(9, 3),
                labels=labels(9, 9),
                new=normal(8, 3),
                distance=code(UPWARDS),
            ),
        ),
        domain=any_neighbours,
    ),
    Question(
        "bag_of_words_classifier",
        points=2,
        seconds=60,
        probe=in_numpy,
        gate=0.7,
        ladder=(
            stripes("stripes in two directions", (0, 1), (0, 1)),
            stripes("labels 7 and 3, in another order", (7, 3), (3, 7)),
            stripes("the stripes are weaker", (0, 1), (0, 1), bright=(220, 120)),
        ),
        cases=(
            strokes_case("strokes in three directions", public=True),
            strokes_case("other strokes"),
            strokes_case("wider images, more words", train=60, k=24, size=(28, 38)),
        ),
    ),
)

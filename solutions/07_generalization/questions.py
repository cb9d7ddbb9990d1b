"""Twenty-one questions on generalization: what is called, on what, for how many points.

What is drawn at random by a student's function is graded by counts. Each count of a right function falls outside of its `interval` with
a probability below `CHANCE`. The counts of a whole submission are fewer than 1,500, so honest work fails once in 60,000 times at most.
"""

import math

import numpy as np

from autograder.question import (
    Ban,
    Case,
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

CHANCE = 1e-8
"""The probability with which one count of a right function is outside of its interval."""


def interval(n, p):
    """The counts, from the first to the second, of which n independent trials with probability p give one all but surely.

    Exact: the binomial probabilities below the first and above the second sum to less than half of `CHANCE` each.
    """
    if p in (0, 1):
        return int(n * p), int(n * p)
    terms = [
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(k + 1)
            - math.lgamma(n - k + 1)
            + k * math.log(p)
            + (n - k) * math.log(1 - p)
        )
        for k in range(n + 1)
    ]
    low, high = (int(np.sum(np.cumsum(tail) < CHANCE / 2)) for tail in (terms, terms[::-1]))
    return low, n - high


# Probes: what is called in the place of the student's function. Only their source travels, so they import what they use.


@probe
def in_float64(function, x, y, degree, zeros):
    """Hands NumPy arrays over in float64, in which a fit is exact enough by any method."""
    import numpy as np

    x, y = x.numpy().astype(np.float64), y.numpy().astype(np.float64)
    given = x.copy(), y.copy()
    weights = function(x, y, degree, zeros)
    if not (np.array_equal(x, given[0]) and np.array_equal(y, given[1])):
        raise ValueError("The points were changed in place. Work on a copy: the caller still needs them.")
    return weights


@probe
def cropped(random_crop, count, height, width, channels, size, seed, bounds):
    """What must hold of any random crops of images whose pixels tell where they were."""
    import numpy as np

    images = np.arange(count * height * width * channels).reshape(count, height, width, channels)

    def crops(images, seed):
        given = images.copy()
        found = np.asarray(random_crop(given, size, seed))
        if not np.array_equal(given, images):
            raise ValueError("The images were changed in place. Work on a copy: the caller still needs them.")
        return found

    def places(found):
        """The row and the column of each crop; -1 if it is not a part of its image."""
        corners = []
        for crop, image in zip(found, images, strict=False):
            top = left = -1
            if crop.shape == (size, size, channels):
                top, left = np.unravel_index((int(crop[0, 0, 0]) - int(image[0, 0, 0])) % image.size, image.shape)[:2]
                if not np.array_equal(crop, image[top : top + size, left : left + size]):
                    top = left = -1
            corners.append((int(top), int(left)))
        return corners

    def outside(counts, bounds):
        """-1 where there is too little; only where this is nowhere so, 1 where there is too much."""
        few, many = counts < bounds[0], counts > bounds[1]
        return -few.astype(int) if few.any() else many.astype(int)

    first, again = crops(images, seed), crops(images, seed)
    others = [places(crops(images[:10], seed + k)) for k in range(1, 41)]
    found = places(first)
    together = np.zeros((height - size + 1, width - size + 1), int)
    for top, left in found:
        if top >= 0:
            together[top, left] += 1
    counted = [
        outside(together.sum(axis=1), bounds[0]),
        outside(together.sum(axis=0), bounds[1]),
        outside(together, bounds[2]),
    ]
    one_for_all = 0
    for axis in range(2):  # one row or column for a whole call, but not for every call
        drawn = [{place[axis] for place in call} for call in (found, *others)]
        if all(len(each) == 1 for each in drawn) and len(set.union(*drawn)) > 1:
            one_for_all += axis + 1
            counted[axis][...] = counted[2][...] = -9
    return (
        np.array(first.shape, np.int64),
        int(first.dtype == images.dtype),
        int(len(found) < count or any(top < 0 for top, _ in found)),
        one_for_all,
        *counted,
        int(np.array_equal(first, again)),
        int(any(other != others[0] for other in others)),
    )


@probe
def mirrored(flip, count, height, width, channels, seed, bounds, **rate):
    """What must hold of any images of which some are mirrored."""
    import numpy as np

    images = np.arange(count * height * width * channels).reshape(count, height, width, channels)

    def flipped(images, seed):
        given = images.copy()
        found = np.asarray(flip(given, seed, **rate))
        if not np.array_equal(given, images):
            raise ValueError("The images were changed in place. Work on a copy: the caller still needs them.")
        return found

    def are(found, images):
        """Which ones are these images."""
        same = found.shape == images.shape
        return np.all(found == images, axis=(1, 2, 3)) if same else np.zeros(len(images), bool)

    def outside(count, bounds):
        return int(count > bounds[1]) - int(count < bounds[0])

    first, again = flipped(images, seed), flipped(images, seed)
    others = [flipped(images[:10], seed + k) for k in range(1, 41)]
    chosen, kept = are(first, images[:, :, ::-1]), are(first, images)
    half = count // 2
    alike = int(np.sum(chosen[: 2 * half : 2] == chosen[1 : 2 * half : 2]))
    counted = [
        outside(chosen.sum(), bounds[0]),
        outside(chosen[:half].sum(), bounds[1]),
        outside(chosen[-half:].sum(), bounds[1]),
        outside(alike, bounds[2]),
    ]
    if counted[0]:  # then the others are chance
        counted[1:] = [-9, -9, -9]
    sums = [int(are(other, images[:10, :, ::-1]).sum()) for other in others]
    if chosen.sum() in (0, count) and set(sums) == {0, 10}:  # one choice for a whole call, but not for every call
        counted = [2, 2, 2, 2]
    return (
        np.array(first.shape, np.int64),
        int(first.dtype == images.dtype),
        int(np.any(~chosen & ~kept)),
        *counted,
        int(len(set(sums)) == 1 and 0 < sums[0] < 10),
        int(np.array_equal(first, again)),
        int(any(not np.array_equal(other, others[0]) for other in others)),
    )


@probe
def augmented(augment, count, height, width, channels, size, copies, seed, bounds, **rate):
    """What must hold of any augmented images, each of which has a label of its own."""
    from itertools import pairwise

    import numpy as np

    images = np.arange(count * height * width * channels).reshape(count, height, width, channels)
    labels = (np.arange(count) * 7 + 3) % 1009

    def made(seed):
        given = images.copy(), labels.copy()
        found = augment(*given, size, copies, seed, **rate)
        if not (np.array_equal(given[0], images) and np.array_equal(given[1], labels)):
            raise ValueError("The images or labels were changed in place. Work on a copy: the caller still needs them.")
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            raise ValueError("augment should return two values in this order: the crops and their labels.")
        return np.asarray(found[0]), np.asarray(found[1])

    def outside(counts, bounds):
        return (np.asarray(counts) > bounds[1]).astype(int) - (np.asarray(counts) < bounds[0])

    def read(crops):
        """Of each crop that is a part of an image: its number, its image, its row and column, and whether it is mirrored."""
        for number, crop in enumerate(crops):
            if crop.shape == (size, size, channels):
                turned = int(crop[0, 0, 0] > crop[0, -1, 0])
                straight = crop[:, ::-1] if turned else crop
                index, top, left, _ = np.unravel_index(int(straight[0, 0, 0]) % images.size, images.shape)
                if np.array_equal(straight, images[index, top : top + size, left : left + size]):
                    yield number, int(index), (int(top), int(left)), turned

    (crops, known), (crops_again, known_again) = made(seed), made(seed)
    found, others = list(read(crops)), [list(read(made(seed + k)[0])) for k in range(1, 4)]
    order, given = [index for _, index, *_ in found], known.reshape(-1)
    wrong = any(number >= len(given) or given[number] != labels[index] for number, index, *_ in found)
    by_image, by_copy = sorted(order), list(range(count)) * copies
    neighbours = sum(one == next_one for one, next_one in pairwise(order))
    unshuffled = 0
    if order in (by_image, by_copy):
        unshuffled = 1
    elif neighbours > count * (copies - 1) / 2:  # by chance they are about copies - 1
        unshuffled = 2
    elif len(order) > count and order[count:] == order[:-count]:
        unshuffled = 3

    def alike(what):
        """Whether all copies of each image agree in this, though the images differ in it."""
        values = {}
        for each in found:
            values.setdefault(each[1], set()).add(each[what])
        return copies > 1 and all(len(each) == 1 for each in values.values()) and len(set().union(*values.values())) > 1

    rows = height - size + 1
    together = np.zeros((2, rows), int)
    for *_, (top, _), turned in found:
        together[turned, top] += 1
    occurs = np.bincount(order, minlength=count)
    share = outside(together[1].sum(), bounds[0])
    counted = [
        np.array([occurs.min() < copies, occurs.max() > copies], np.int64),
        np.array([alike(2), alike(3)], np.int64),
        share if not alike(3) else share * 0 - 9,
        outside(together.sum(axis=0), bounds[1]) if not alike(2) else np.full(rows, -9),
        outside(together, bounds[2]) if not (share or alike(2) or alike(3)) else np.full((2, rows), -9),
        int(np.array_equal(crops, crops_again) and np.array_equal(known, known_again)),
        sum(
            digit * any([each[what] for each in other] != [each[what] for each in others[0]] for other in others)
            for digit, what in ((100, 1), (10, 2), (1, 3))
        ),
    ]
    return (
        np.array([*crops.shape, *known.shape], np.int64),
        int(crops.dtype == images.dtype and known.dtype.kind in "iu"),
        int(len(found) < len(crops)),
        int(wrong),
        np.array(
            [unshuffled, known.tolist() in (np.repeat(labels, copies).tolist(), np.tile(labels, copies).tolist())], int
        ),
        *(np.full_like(value, -9) if wrong else value for value in counted),
    )


@probe
def in_layer(dropout_layer, x, rate, seed, bounds):
    """What must hold of any dropout of a large input."""
    import numpy as np
    import tensorflow as tf

    def outside(counts, bounds):
        return (np.asarray(counts) > bounds[1]).astype(int) - (np.asarray(counts) < bounds[0])

    def dropped(seed):
        return np.asarray(dropout_layer(x, rate, True, seed))

    weights = tf.random.stateless_normal(x.shape, seed=(1, 2), dtype=x.dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = dropout_layer(x, rate, True, seed)
        total = tf.reduce_sum(tf.convert_to_tensor(y, x.dtype) * weights)
    slope = tape.gradient(total, x)
    y = np.asarray(y)
    if y.shape != tuple(x.shape):
        raise ValueError(f"In training, the result should have shape {tuple(x.shape)}, but it has {y.shape}.")
    right, zero = np.isclose(y, x.numpy() / (1 - rate), rtol=1e-4), y == 0
    wanted = np.where(zero, 0, weights.numpy() / (1 - rate))
    cut = slope is None or not np.allclose(slope, wanted, rtol=1e-4, atol=1e-6)
    again, others = dropped(seed), [dropped(seed + k) for k in range(1, 3)]
    often, by_example, by_unit = (
        outside(zero.sum(), bounds[0]),
        outside(zero.sum(axis=1), bounds[1]),
        outside(zero.sum(axis=0), bounds[2]),
    )
    if 0 < zero.sum() < zero.size:  # whole rows or columns together: how many of them is chance
        if np.all(zero == zero[:, :1]):
            often, by_example = np.full_like(often, -9), np.full_like(by_example, 2)
        if np.all(zero == zero[:1]):
            often, by_unit = np.full_like(often, -9), np.full_like(by_unit, 2)
    inference = dropout_layer(x, rate, False, seed)
    if np.shape(inference) == y.shape and np.any(np.asarray(inference) == 0):
        inference = tf.zeros_like(x)  # which ones were dropped is chance
    later = (
        by_example,
        by_unit,
        int(cut),
        int(np.array_equal(y, again)),
        int(any(not np.array_equal(y, other) for other in others)),
    )
    passes = np.array_equal(inference, x)
    return (
        inference,
        int(np.any(~right & ~zero)),
        float(np.median((y / x.numpy())[~zero])) if not zero.all() else 0.0,
        often,
        *(value if passes else np.full_like(value, -9) for value in later),
    )


@probe
def rates(divide_on_plateau, errors, **settings):
    """The rates as numbers of float64."""
    import numpy as np

    given = errors.numpy()
    found = divide_on_plateau(given.copy(), **settings)
    return np.asarray(found, np.float64)


@probe
def clipped(clip_by_norm, a, b, c, **threshold):
    """Three gradients in a list."""
    import tensorflow as tf

    found = clip_by_norm([a, b, c], **threshold)
    if not isinstance(found, (list, tuple)):
        raise ValueError("clip_by_norm should return a list with a tensor for each gradient.")
    if len(found) != 3:
        raise ValueError(f"clip_by_norm got 3 gradients, but returned {len(found)}.")
    return tuple(tf.convert_to_tensor(gradient) for gradient in found)


@probe
def with_new_head(freeze_all_but_head, x, kernel, gamma, beta, mean, variance, hidden, old, new, bias, c):
    """A small trained network, its new head with given weights, and a step of training."""
    import keras
    import numpy as np
    import tensorflow as tf

    x = tf.cast(x, tf.float32)
    model = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            keras.layers.Conv2D(kernel.shape[3], kernel.shape[:2], use_bias=False),
            keras.layers.BatchNormalization(momentum=0.5),
            keras.layers.ReLU(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(hidden.shape[1], activation="relu", use_bias=False),
            keras.layers.Dense(old.shape[1]),
        ]
    )
    model.set_weights([w.numpy() for w in (kernel, gamma, beta, mean, variance, hidden, old, tf.zeros(old.shape[1]))])
    made = freeze_all_but_head(model, new.shape[1])
    if not isinstance(made, keras.Model):
        raise ValueError("freeze_all_but_head should return a Keras model.")

    def give_weights():
        weights = made.layers[-1].weights
        fresh = not (weights and np.array_equal(weights[0], old))
        for weight in weights:
            for given in (new, bias):
                if weight.shape == given.shape:
                    weight.assign(tf.cast(given, tf.float32))
        return int(fresh)

    if not made.layers or not made.layers[-1].weights:
        raise ValueError("The model has no weights yet. Begin it with keras.Input(model.input_shape[1:]).")
    fresh = give_weights()
    y = tf.convert_to_tensor(made(x, training=False))
    with tf.GradientTape() as tape:
        in_training = tf.convert_to_tensor(made(x, training=True))
        loss = tf.reduce_mean(in_training * tf.cast(c, tf.float32)) if in_training.shape == c.shape else 0.0
    if in_training.shape == c.shape:
        for weight, slope in zip(made.trainable_variables, tape.gradient(loss, [
            weight.value for weight in made.trainable_variables
        ]), strict=True):  # fmt: skip
            if slope is not None:
                weight.assign(weight - slope)
    moved = [weight.numpy() for weight in made.layers[-1].weights if weight.trainable and weight.shape == new.shape]
    give_weights()
    return (
        y,
        in_training,
        tf.convert_to_tensor(made(x, training=False)),
        moved[0] if moved else np.zeros(new.shape, np.float32),
        np.array([int(np.prod(weight.shape)) for weight in made.trainable_weights], np.int64),
        int(sum(np.prod(weight.shape) for weight in made.weights)),
        fresh,
    )


# What the functions promise to take.


def integers(rng, low, high, count):
    return [int(value) for value in rng.integers(low, high + 1, count)]


def any_points(rng):
    degree = integers(rng, 0, 5, 1)[0]
    zeros = tuple(k for k in range(degree) if rng.random() < 0.4)
    n = degree + 1 + integers(rng, 0, 6, 1)[0]
    return {"x": distinct(n, low=-0.9, high=1.4), "y": normal(n), "degree": degree, "zeros": zeros}


def any_patches(rng):
    n, kh, kw, c_in, c_out, rows, columns = integers(rng, 1, 4, 7)
    return {
        "x": normal(n, rows + kh - 1, columns + kw - 1, c_in),
        "weights": normal(rows, columns, kh, kw, c_in, c_out),
    }


def any_images(rng):
    n, m, height, width, channels = integers(rng, 1, 5, 5)
    mean = float(rng.uniform(-3, 3))
    return {
        "images": normal(n, height, width, channels, mean=mean),
        "train": normal(m + 1, height, width + 1, channels, mean=mean, std=float(rng.uniform(0.5, 3))),
    }


def any_crops(rng):
    height, width = integers(rng, 2, 6, 2)
    size, channels = integers(rng, 2, min(height, width), 1)[0], integers(rng, 1, 3, 1)[0]
    return crops(height, width, channels, size) | {"seed": int(rng.integers(10**6))}


def any_flips(rng):
    (height, channels), width = integers(rng, 1, 5, 2), integers(rng, 2, 6, 1)[0]
    rate = float(rng.choice([0, 0.3, 0.5, 1]))
    return flips(height, width, channels, rate=rate) | {"seed": int(rng.integers(10**6))}


def any_augmented(rng):
    height, width = integers(rng, 2, 6, 2)
    size, copies = integers(rng, 2, min(height, width), 1)[0], integers(rng, 1, 4, 1)[0]
    rate = float(rng.choice([0, 0.3, 0.5, 1]))
    return copied(height, width, 1, size, copies, rate=rate) | {"seed": int(rng.integers(10**6))}


def no_half(shorter, longer, s):
    """Whether the longer side does not end in exactly one half."""
    return (2 * longer * s / shorter) % 2 != 1


def any_picture(rng):
    while True:
        height, width, s = integers(rng, 1, 9, 3)
        if no_half(*sorted((height, width)), s):
            return {"image": normal(height, width, integers(rng, 1, 3, 1)[0]), "s": s}


def any_cut(rng):
    height, width = integers(rng, 1, 7, 2)
    size = integers(rng, 1, min(height, width), 1)[0]
    return {"image": normal(height, width, integers(rng, 1, 3, 1)[0]), "size": size}


def any_squares(rng):
    while True:
        height, width, size = integers(rng, 2, 8, 2) + integers(rng, 1, 4, 1)
        scales = tuple(size + step for step in integers(rng, 0, 4, integers(rng, 1, 3, 1)[0]))
        if all(no_half(*sorted((height, width)), scale) for scale in scales):
            return {"image": normal(height, width, 1), "size": size, "scales": scales}


def any_scores(rng):
    m, height, width, classes = integers(rng, 1, 5, 4)
    return {"model": code(SUMS), "crops": normal(m, height, width, classes, std=float(rng.choice([0.5, 3])))}


def any_smoothed(rng):
    n, classes = integers(rng, 1, 6, 1) + integers(rng, 2, 7, 1)
    return {"labels": labels(n, classes), "classes": classes, "alpha": float(rng.uniform(0, 0.5))}


def any_logits(rng):
    found = any_smoothed(rng)
    n, classes = found["labels"].shape[0], found.pop("classes")
    return found | {"logits": normal(n, classes, std=float(rng.choice([1, 5])))}


def any_noise(rng):
    shape = tuple(integers(rng, 1, 5, integers(rng, 1, 4, 1)[0]))
    return {"x": normal(*shape), "rate": float(rng.choice([0, 0.2, 0.5, 0.8])), "noise": uniform(*shape)}


def any_layer(rng):
    return layer(*integers(rng, 30, 60, 2), float(rng.choice([0.2, 0.5, 0.7]))) | {"seed": int(rng.integers(10**6))}


def any_errors(rng):
    n = integers(rng, 1, 14, 1)[0]
    drawn = labels(n, 6) if rng.random() < 0.5 else uniform(n)
    return {"errors": drawn, "rate": 0.1, "patience": integers(rng, 2, 5, 1)[0]}


def any_epoch(rng):
    return {"epoch": int(rng.integers(0, 60)), "rate": float(rng.uniform(0.01, 1))}


def any_step(rng):
    shape = tuple(integers(rng, 1, 4, 2))
    return {
        **{"theta": normal(*shape), "gradient": normal(*shape, std=2), "r": uniform(*shape, high=2)},
        **{
            "rate": float(rng.uniform(0.1, 2)),
            "beta": float(rng.uniform(0, 1)),
            "epsilon": float(rng.uniform(0.05, 2)),
        },
    }


def any_gradients(rng):
    drawn = {name: normal(*integers(rng, 1, 3, integers(rng, 1, 3, 1)[0])) for name in "abc"}
    return drawn | {"threshold": float(rng.uniform(0.5, 5))}


def any_network(rng):
    sizes = integers(rng, 2, 4, 6)
    return network(2, 5, 4, *sizes[:2], sizes[2], sizes[3], sizes[4])


def any_change(rng):
    n, height, width, classes = integers(rng, 2, 6, 4)
    return {
        **{"model": code(FIRST), "images": normal(n, height, width, classes), "labels": labels(n, classes)},
        "change": code(str(rng.choice([ROLLED, NEGATED]))),
    }


# Arguments that several cases share.

COUNT = 400
"""How many images a probe makes where places are counted."""


def crops(height, width, channels, size, count=COUNT):
    """Arguments of `cropped`: images, and between which counts the places of their crops are."""
    rows, columns = height - size + 1, width - size + 1
    return {
        **{"count": count, "height": height, "width": width, "channels": channels, "size": size},
        "bounds": tuple(interval(count, 1 / places) for places in (rows, columns, rows * columns)),
    }


def flips(height, width, channels, count=COUNT, **rate):
    """Arguments of `mirrored`."""
    p = rate.get("rate", 0.5)
    return {
        **{"count": count, "height": height, "width": width, "channels": channels, **rate},
        "bounds": (interval(count, p), interval(count // 2, p), interval(count // 2, p * p + (1 - p) * (1 - p))),
    }


def copied(height, width, channels, size, copies, count=100, **rate):
    """Arguments of `augmented`. The last bounds are of pairs of a row and a mirroring."""
    p, rows, total = rate.get("rate", 0.5), height - size + 1, count * copies
    pairs = [interval(total, share / rows) for share in (1 - p, p)]
    return {
        **{"count": count, "height": height, "width": width, "channels": channels, "size": size, "copies": copies},
        **rate,
        "bounds": (
            interval(total, p),
            interval(total, 1 / rows),
            tuple(tuple((bound,) for bound in column) for column in zip(*pairs, strict=True)),
        ),
    }


def layer(examples, units, rate):
    """Arguments of `in_layer`."""
    return {
        "x": uniform(examples, units, low=0.5, high=2),
        "rate": rate,
        "bounds": (interval(examples * units, rate), interval(units, rate), interval(examples, rate)),
    }


def network(n, height, width, channels, filters, hidden, old, new):
    """Arguments of `with_new_head`, all of them drawn."""
    return {
        "x": normal(n, height, width, channels),
        "kernel": normal(3, 2, channels, filters),
        **{"gamma": uniform(filters, low=0.5, high=1.5), "beta": normal(filters, mean=0.5)},
        **{"mean": normal(filters), "variance": uniform(filters, low=0.5, high=2)},
        **{"hidden": normal(filters, hidden), "old": normal(hidden, old), "new": normal(hidden, new)},
        **{"bias": normal(new), "c": normal(n, new)},
    }


def tiny_network(**head):
    """Arguments of `with_new_head` in whole numbers: the body gives (10, 20), but for the epsilon of its normalization."""
    body = {
        "x": [[[[1], [2]], [[0], [1]], [[3], [3]]]],
        "kernel": np.ones((3, 2, 1, 1)),
        **{"gamma": [1], "beta": [0], "mean": [0], "variance": [1]},
        **{"hidden": [[1, 2]], "old": [[1, 0], [0, 1]]},
    }
    return {name: array(value) for name, value in (body | head).items()}


def whole(*entries):
    """Whole numbers that are written down."""
    return np.asarray(entries, np.int32)


def picture(rows):
    """An image of one channel."""
    return array(rows)[..., None]


SUMS = "lambda x: tf.reduce_sum(x, axis=(1, 2))"
FIRST = "lambda x: x[:, 0, 0]"
GAP = "lambda x: 2 * x[:, 0, 0] - x[:, -1, -1]"
ROLLED = "lambda x: tf.roll(x, 1, axis=2)"
NEGATED = "lambda x: -x"

SQUARES = "lambda x: tf.reduce_sum(x * x, axis=(1, 2))"

SEEDS = ("seed_obeyed", "seed_matters")
RANDOM_CROP = ("size", "dtype_kept", "not_cut_out", "one_for_all", "rows", "columns", "together", *SEEDS)
FLIP = (
    *("size", "dtype_kept", "otherwise", "how_often", "first_half", "second_half", "runs", "exact_share"),
    *SEEDS,
)
AUGMENT = (
    *("size", "dtypes_kept", "strangers", "wrong_labels", "in_order", "too_rarely_too_often", "alike", "mirrored"),
    *("rows", "together"),
    *SEEDS,
)
LAYER = ("inference", "neither", "factor", "how_often", "by_example", "by_unit", "cut", *SEEDS)
HEAD = ("y", "y_in_training", "y_after_a_step", "kernel_after_a_step", "trainable_sizes", "entries", "head_is_new")
SEED = integer(0, 10**6)

QUESTIONS = (
    Question(
        "polynomial_fit",
        points=1.5,
        probe=in_float64,
        ladder=(
            Rung("a constant", x=array([1, 2]), y=array([3, 5]), degree=0, zeros=()),
            Rung("a straight line", x=array([0, 1]), y=array([2, 5]), degree=1, zeros=()),
            Rung("a parabola", x=array([-1, 0, 1]), y=array([6, 1, 2]), degree=2, zeros=()),
            Rung("more points than weights", x=array([-1, 0, 1]), y=array([0, 3, 0]), degree=1, zeros=()),
            Rung("one weight known", x=array([1, 2]), y=array([2, 8]), degree=1, zeros=(0,)),
            Rung("two weights known", x=array([1, 2]), y=array([2, 8]), degree=2, zeros=(0, 1)),
            Rung("the middle one known", x=array([-1, 0, 1]), y=array([5, 1, 3]), degree=2, zeros=(1,)),
        ),
        cases=(
            Case("degree 3", public=True, x=distinct(8, low=-1, high=1), y=normal(8), degree=3, zeros=()),
            Case("degree 3, one known", public=True, x=distinct(6, low=-1, high=2), y=normal(6), degree=3, zeros=(2,)),
            Case("the lecture's decay", x=distinct(9, low=-1, high=1), y=normal(9, mean=2), degree=5, zeros=(3, 4, 5)),
            Case("the constant known", x=distinct(7, low=0.2, high=1.5), y=normal(7), degree=3, zeros=(0,)),
            Case("even powers known", x=distinct(10, low=-1, high=1.5), y=normal(10), degree=4, zeros=(0, 2, 4)),
            Case(
                "as many points as free weights", x=distinct(3, low=0.1, high=1.4), y=normal(3), degree=4, zeros=(1, 3)
            ),
            Case("no zeros known", x=distinct(12, low=-1, high=1), y=normal(12), degree=5, zeros=()),
        ),
        domain=any_points,
    ),
    Question(
        "patchy_layer",
        points=1.5,
        wrt=("x", "weights"),
        ladder=(
            Rung("patches of one pixel", x=array([[[[2], [3]]]]), weights=array([10, 1]).reshape(1, 2, 1, 1, 1, 1)),
            Rung(
                "patches of two pixels",
                x=array([[[[1], [2], [3]]]]),
                weights=array([1, 0, 10, 1]).reshape(1, 2, 1, 2, 1, 1),
            ),
            Rung(
                "two pixels, one below the other",
                x=array([1, 2, 3]).reshape(1, 3, 1, 1),
                weights=array([1, 2, 10, 20]).reshape(2, 1, 2, 1, 1, 1),
            ),
            Rung(
                "two channels", x=array([[[[1, 10], [2, 20]]]]), weights=array([1, 2, 3, 4]).reshape(1, 2, 1, 1, 2, 1)
            ),
            Rung("two outputs", x=array([[[[1], [2]]]]), weights=array([1, 2, 3, 4]).reshape(1, 2, 1, 1, 1, 2)),
            Rung("two images", x=array([[[[1], [2]]], [[[3], [4]]]]), weights=array([1, 2]).reshape(1, 2, 1, 1, 1, 1)),
            Rung(
                "2x2 patches at 2x2 places",
                x=picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]])[None],
                weights=array(np.arange(16)).reshape(2, 2, 2, 2, 1, 1),
            ),
        ),
        cases=(
            Case("3x3 patches", public=True, x=normal(2, 5, 6, 2), weights=normal(3, 4, 3, 3, 2, 3)),
            Case("3x2 patches", public=True, x=normal(2, 5, 4, 1), weights=normal(3, 3, 3, 2, 1, 2)),
            Case("a tall image", x=normal(3, 7, 4, 2), weights=normal(6, 2, 2, 3, 2, 2)),
            Case("as many places as pixels in a patch", x=normal(2, 3, 5, 3), weights=normal(2, 3, 2, 3, 3, 2)),
            Case("one place", x=normal(4, 2, 3, 2), weights=normal(1, 1, 2, 3, 2, 5)),
            Case("one row of places", x=normal(2, 2, 6, 2), weights=normal(1, 5, 2, 2, 2, 2)),
            Case("float64", dtype="float64", x=normal(2, 4, 5, 2), weights=normal(3, 3, 2, 3, 2, 3)),
        ),
        domain=any_patches,
    ),
    Question(
        "standardize",
        points=0.5,
        wrt=("images",),
        ladder=(
            Rung("mean 0", images=array([[[[6]]]]), train=array([-2, 2]).reshape(2, 1, 1, 1)),
            Rung("standard deviation 1", images=array([[[[6]]]]), train=array([3, 5]).reshape(2, 1, 1, 1)),
            Rung("one channel", images=array([[[[8]]]]), train=array([2, 6]).reshape(2, 1, 1, 1)),
            Rung("several pixels", images=array([[[[8], [0]]]]), train=array([2, 6, 6, 2]).reshape(2, 1, 2, 1)),
            Rung("two channels", images=array([[[[8, 8]]]]), train=array([2, 0, 6, 20]).reshape(2, 1, 1, 2)),
        ),
        cases=(
            Case(
                "three channels",
                public=True,
                images=normal(3, 4, 5, 3, mean=2.0),
                train=normal(4, 4, 5, 3, mean=(3.0, -1.0, 0.5), std=(2.0, 0.5, 3.0)),
            ),
            Case(
                "other sizes than in training",
                public=True,
                images=normal(2, 3, 6, 2),
                train=normal(5, 4, 3, 2, mean=(9.0, 1.0), std=(1.0, 4.0)),
            ),
            Case("few training pixels", images=normal(3, 5, 4, 2), train=normal(2, 2, 1, 2, mean=-3.0, std=2.0)),
            Case(
                "pixels from 0 to 255",
                images=uniform(2, 5, 3, 3, high=255.0),
                train=uniform(6, 5, 3, 3, high=(255.0, 100.0, 180.0)),
            ),
            Case(
                "as many images as pixels and channels",
                images=normal(3, 3, 3, 3),
                train=normal(3, 3, 3, 3, mean=(1.0, 4.0, -2.0), std=(2.0, 0.3, 1.0)),
            ),
            Case("grey", images=normal(4, 3, 5, 1), train=normal(4, 3, 5, 1, mean=6.0, std=3.0)),
            Case(
                "float64",
                dtype="float64",
                images=normal(2, 4, 3, 2),
                train=normal(3, 4, 3, 2, mean=(2.0, -5.0), std=(0.4, 3.0)),
            ),
        ),
        domain=any_images,
    ),
    Question(
        "random_crop",
        points=1,
        probe=cropped,
        returns=RANDOM_CROP,
        ladder=(
            Rung("the whole image", **crops(3, 3, 1, 3), seed=0),
            Rung("two places in a column", **crops(3, 2, 1, 2), seed=1),
            Rung("two rows, three columns", **crops(3, 4, 1, 2), seed=3),
            Rung("three channels", **crops(4, 3, 3, 2), seed=4),
        ),
        cases=(
            Case("3x3 of 5x4", public=True, **crops(5, 4, 2, 3), seed=5),
            Case("2x2 of 3x6", **crops(3, 6, 1, 2), seed=SEED),
            Case("3x3 of 6x3, colours", **crops(6, 3, 3, 3), seed=SEED),
            Case("4x4 of 6x5", **crops(6, 5, 2, 4), seed=SEED),
            Case("an odd number of images", **crops(4, 4, 2, 3, count=333), seed=SEED),
        ),
        domain=any_crops,
    ),
    Question(
        "flip",
        points=0.5,
        probe=mirrored,
        returns=FLIP,
        ladder=(
            Rung("rate 0", **flips(1, 3, 1, rate=0.0), seed=0),
            Rung("rate 1", **flips(1, 3, 1, rate=1.0), seed=1),
            Rung("rate 1, two rows", **flips(2, 3, 1, rate=1.0), seed=2),
            Rung("rate 1/2", **flips(2, 3, 1), seed=4),
        ),
        cases=(
            Case("rate 1/4", public=True, **flips(3, 4, 2, rate=0.25), seed=5),
            Case("rate 1/2, square images", **flips(3, 3, 3), seed=SEED),
            Case("rate 0.8", **flips(2, 5, 1, rate=0.8), seed=SEED),
            Case("rate 0.3", **flips(4, 2, 3, rate=0.3), seed=SEED),
            Case("an odd number of images", **flips(3, 2, 2, count=501), seed=SEED),
        ),
        domain=any_flips,
    ),
    Question(
        "augment",
        points=1.5,
        probe=augmented,
        returns=AUGMENT,
        ladder=(
            Rung("whole images, shuffled", **copied(2, 2, 1, 2, 1, rate=0.0), seed=0),
            Rung("all mirrored", **copied(2, 2, 1, 2, 1, rate=1.0), seed=1),
            Rung("two copies, half mirrored", **copied(2, 2, 1, 2, 2), seed=2),
            Rung("everything", **copied(3, 4, 1, 2, 3), seed=4),
        ),
        cases=(
            Case("four copies, rate 1/4", public=True, **copied(4, 3, 2, 2, 4, rate=0.25), seed=5),
            Case("three copies", **copied(5, 4, 1, 3, 3), seed=SEED),
            Case("one copy, colours", **copied(3, 5, 3, 3, 1, count=300), seed=SEED),
            Case("five copies, few mirrored", **copied(4, 4, 1, 3, 5, rate=0.2), seed=SEED),
            Case("ten copies of few images", **copied(3, 4, 2, 2, 10, count=40), seed=SEED),
        ),
        domain=any_augmented,
    ),
    Question(
        "resize_shorter",
        points=1,
        wrt=("image",),
        ladder=(
            Rung("the size it has", image=picture([[1, 2], [3, 4]]), s=2),
            Rung("two pixels to one", image=picture([[0, 4], [8, 12]]), s=1),
            Rung("two pixels to four", image=picture([[0, 4], [0, 4]]), s=4),
            Rung("a wide image", image=picture([[0, 4, 8, 12], [0, 4, 8, 12]]), s=1),
            Rung("a tall image", image=picture([[0, 0], [4, 4], [8, 8], [12, 12]]), s=1),
            Rung("a length that is rounded up", image=picture([[0, 4, 8, 12, 16]] * 3), s=1),
            Rung("two channels", image=array([[[0, 8], [4, 0]]]), s=2),
        ),
        cases=(
            Case("a wide image, larger", public=True, image=normal(4, 6, 2), s=6),
            Case("a tall image, smaller", public=True, image=normal(9, 5, 1), s=3),
            Case("the length is rounded up", image=normal(5, 7, 3), s=4),
            Case("the length is rounded down", image=normal(7, 5, 2), s=3),
            Case("a square", image=normal(6, 6, 2), s=4),
            Case("a square, larger", image=normal(3, 3, 1), s=8),
            Case("much smaller", image=normal(12, 9, 1), s=2),
            Case("much larger", image=normal(2, 3, 1), s=11 + 1),
        ),
        domain=any_picture,
    ),
    Question(
        "ten_crop",
        points=1,
        wrt=("image",),
        ladder=(
            Rung("the whole image", image=picture([[1]]), size=1),
            Rung("a mirrored one", image=picture([[1, 2], [3, 4]]), size=2),
            Rung("corners of a row", image=picture([[1, 2, 3]]), size=1),
            Rung("corners and the centre", image=picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), size=1),
            Rung("a centre between pixels", image=picture([[1, 2], [3, 4]]), size=1),
            Rung("crops of 2x2", image=picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), size=2),
            Rung("two channels", image=array([[[1, 9], [2, 8], [3, 7]]]), size=1),
        ),
        cases=(
            Case("a wide image", public=True, image=normal(5, 7, 2), size=3),
            Case("a tall image", public=True, image=normal(8, 5, 1), size=4),
            Case("three channels", image=normal(6, 9, 3), size=4),
            Case("the centre is between pixels", image=normal(7, 8, 2), size=2),
            Case("as wide as the crop", image=normal(9, 4, 2), size=4),
            Case("a square", image=normal(6, 6, 1), size=5),
            Case("float64", dtype="float64", image=normal(5, 6, 2), size=3),
        ),
        domain=any_cut,
    ),
    Question(
        "googlenet_crops",
        points=1,
        wrt=("image",),
        seconds=20,
        ladder=(
            Rung("a square of its own size", image=picture([[1, 2], [3, 4]]), size=1, scales=(2,)),
            Rung("wider than tall", image=picture([[1, 2, 3, 4], [5, 6, 7, 8]]), size=1, scales=(2,)),
            Rung("taller than wide", image=picture([[1, 2], [3, 4], [5, 6], [7, 8]]), size=1, scales=(2,)),
            Rung("two scales", image=picture([[0, 4], [8, 12]]), size=1, scales=(1, 2)),
        ),
        cases=(
            Case("a wide image, two scales", public=True, image=normal(6, 10, 2), size=3, scales=(4, 5)),
            Case("a tall image", image=normal(11, 6, 1), size=2, scales=(4, 5)),
            Case("scales in another order", image=normal(5, 8, 2), size=3, scales=(6, 4, 8)),
            Case("a square", image=normal(6, 6, 1), size=4, scales=(6, 5)),
            Case("colours", image=normal(7, 4, 3), size=3, scales=(3, 5)),
            Case("the scales of GoogLeNet", image=normal(4, 6, 1), size=8),
        ),
        domain=any_squares,
    ),
    Question(
        "average_scores",
        points=1,
        wrt=("crops",),
        ladder=(
            Rung("one crop, equal scores", model=code(FIRST), crops=array([0, 0]).reshape(1, 1, 1, 2)),
            Rung("one crop", model=code(FIRST), crops=array([0, 2]).reshape(1, 1, 1, 2)),
            Rung("two crops", model=code(FIRST), crops=array([0, 10, 2, 0]).reshape(2, 1, 1, 2)),
            Rung("three crops", model=code(FIRST), crops=array([0, 0, 2, 0, 0, 4]).reshape(3, 1, 1, 2)),
            Rung("three classes", model=code(FIRST), crops=array([0, 1, 2, 5, 0, 0]).reshape(2, 1, 1, 3)),
            Rung("a model that adds pixels", model=code(SUMS), crops=array([0, 1, 2, 0, 3, 1]).reshape(1, 3, 1, 2)),
            Rung("a model that squares", model=code(SQUARES), crops=array([2, 0, 0, 2]).reshape(2, 1, 1, 2)),
        ),
        cases=(
            Case("four crops, three classes", public=True, model=code(SUMS), crops=normal(4, 2, 3, 3)),
            Case("as many crops as classes", model=code(GAP), crops=normal(4, 3, 2, 4)),
            Case("sure crops", public=True, model=code(SQUARES), crops=normal(5, 2, 3, 3)),
            Case("ten crops", model=code(SQUARES), crops=normal(10, 3, 4, 5, std=0.7)),
            Case("logits around a thousand", model=code(FIRST), crops=normal(3, 2, 3, 4, mean=1000.0)),
            Case("one crop alone", model=code(SUMS), crops=normal(1, 3, 2, 6)),
            Case("float64", dtype="float64", model=code(GAP), crops=normal(6, 3, 2, 3)),
        ),
        domain=any_scores,
    ),
    Question(
        "label_smoothing",
        points=0.5,
        ladder=(
            Rung("alpha = 0", labels=whole(1), classes=2, alpha=0.0),
            Rung("two classes, half", labels=whole(1), classes=2, alpha=0.5),
            Rung("four classes", labels=whole(2), classes=4, alpha=0.1),
            Rung("two images", labels=whole(0, 2), classes=4, alpha=0.2),
            Rung("alpha not given", labels=whole(0, 1), classes=5),
        ),
        cases=(
            Case("six images, three classes", public=True, labels=labels(6, 3), classes=3, alpha=0.3),
            Case("many images", labels=labels(20, 7), classes=7, alpha=0.25),
            Case("a thousand classes", labels=labels(3, 1000), classes=1000, alpha=0.1),
            Case("as many images as classes", labels=labels(5, 5), classes=5, alpha=0.4),
            Case("alpha not given, ten classes", labels=labels(12, 10), classes=10),
        ),
        domain=any_smoothed,
    ),
    Question(
        "smoothed_cross_entropy",
        points=1,
        wrt=("logits",),
        ladder=(
            Rung("equal logits", logits=array([[0, 0]]), labels=whole(0), alpha=0.0),
            Rung("no smoothing", logits=array([[2, 0]]), labels=whole(0), alpha=0.0),
            Rung("the other class", logits=array([[2, 0]]), labels=whole(1), alpha=0.0),
            Rung("smoothed", logits=array([[2, 0]]), labels=whole(0), alpha=0.5),
            Rung("three classes", logits=array([[1, 0, 3]]), labels=whole(2), alpha=0.3),
            Rung("two images", logits=array([[2, 0], [0, 1]]), labels=whole(0, 0), alpha=0.5),
            Rung("very sure", logits=array([[1000, 0]]), labels=whole(1), alpha=0.5),
        ),
        cases=(
            Case("four images", public=True, logits=normal(4, 3), labels=labels(4, 3), alpha=0.2),
            Case("very sure, alpha not given", public=True, logits=normal(3, 5, std=500.0), labels=labels(3, 5)),
            Case("many images, very sure", logits=normal(15, 4, std=400.0), labels=labels(15, 4), alpha=0.4),
            Case("as many images as classes", logits=normal(5, 5), labels=labels(5, 5), alpha=0.1),
            Case("logits of a thousand", logits=normal(4, 3, std=1000.0), labels=labels(4, 3), alpha=0.3),
            Case("one image", logits=normal(1, 8), labels=labels(1, 8), alpha=0.25),
            Case("alpha not given", logits=normal(4, 6, std=2.0), labels=labels(4, 6)),
            Case(
                "more classes than images, very sure", logits=normal(3, 9, std=300.0), labels=labels(3, 9), alpha=0.15
            ),
        ),
        domain=any_logits,
    ),
    Question(
        "dropout",
        points=1,
        wrt=("x",),
        ladder=(
            Rung("rate 0", x=array([3]), rate=0.0, noise=array([0.5])),
            Rung("a unit is dropped", x=array([3]), rate=0.5, noise=array([0.25])),
            Rung("a unit is kept", x=array([3]), rate=0.5, noise=array([0.75])),
            Rung("another rate", x=array([3, 3]), rate=0.75, noise=array([0.125, 0.875])),
            Rung("the noise is the rate", x=array([3]), rate=0.5, noise=array([0.5])),
            Rung("negative inputs", x=array([-2, -4]), rate=0.5, noise=array([0.75, 0.25])),
        ),
        cases=(
            Case("twelve units", public=True, x=normal(3, 4), rate=0.4, noise=uniform(3, 4)),
            Case("an image", x=normal(2, 4, 3, 2), rate=0.25, noise=uniform(2, 4, 3, 2)),
            Case("most are dropped", x=normal(5, 6), rate=0.8, noise=uniform(5, 6)),
            Case("few are dropped", x=normal(6, 5), rate=0.1, noise=uniform(6, 5)),
            Case("none is dropped", x=normal(4, 3), rate=0.0, noise=uniform(4, 3)),
            Case("float64", dtype="float64", x=normal(4, 5), rate=0.3, noise=uniform(4, 5)),
        ),
        domain=any_noise,
    ),
    Question(
        "dropout_layer",
        points=1,
        probe=in_layer,
        returns=LAYER,
        steady=("factor",),
        ladder=(
            Rung("rate 0", **(layer(40, 15, 0.0) | {"x": array(np.arange(1, 601)).reshape(40, 15)}), seed=0),
            Rung("rate 1/2", **(layer(40, 15, 0.5) | {"x": array(np.arange(1, 601)).reshape(40, 15)}), seed=1),
            Rung("rate 3/4", **(layer(40, 15, 0.75) | {"x": array(np.arange(1, 601)).reshape(40, 15)}), seed=3),
        ),
        cases=(
            Case("a quarter is dropped", public=True, **layer(40, 30, 0.25), seed=2),
            Case("half", **layer(40, 60, 0.5), seed=SEED),
            Case("three quarters", **layer(50, 50, 0.75), seed=SEED),
            Case("0.3", **layer(70, 40, 0.3), seed=SEED),
            Case("float64", dtype="float64", **layer(45, 55, 0.4), seed=SEED),
        ),
        domain=any_layer,
    ),
    Question(
        "divide_on_plateau",
        points=1,
        probe=rates,
        steady=("value",),
        ladder=(
            Rung("it improves", errors=array([5, 4, 3]), rate=1.0, patience=2),
            Rung("it stops improving", errors=array([5, 6, 7]), rate=1.0, patience=2),
            Rung("an equal error", errors=array([5, 5, 5]), rate=1.0, patience=2),
            Rung("better in between", errors=array([5, 6, 4, 6, 6]), rate=1.0, patience=2),
            Rung("better than before, but not than the best", errors=array([4, 8, 7, 6]), rate=1.0, patience=3),
            Rung("twice", errors=array([4, 5, 5, 5, 5, 5]), rate=1.0, patience=2),
            Rung("the best one stays", errors=array([4, 6, 6, 5, 5]), rate=1.0, patience=2),
            Rung("nothing but errors given", errors=array([3, 2, 2, 2, 2])),
        ),
        cases=(
            Case("twelve epochs", public=True, errors=uniform(12), rate=0.1, patience=3),
            Case("whole numbers, many equal", errors=labels(12, 6), rate=0.5, patience=2),
            Case("much patience", errors=uniform(16), rate=0.2, patience=5),
            Case("rising", errors=uniform(9, low=0.5), rate=0.03, patience=4),
            Case("patience of two", errors=uniform(7), patience=2),
            Case("the rate is not given", errors=labels(11, 4), patience=4),
        ),
        domain=any_errors,
    ),
    Question(
        "every_eight_epochs",
        points=0.5,
        ladder=(
            Rung("the first epoch", epoch=0, rate=1.0),
            Rung("the eighth", epoch=7, rate=1.0),
            Rung("the ninth", epoch=8, rate=1.0),
            Rung("the sixteenth", epoch=15, rate=1.0),
            Rung("the seventeenth", epoch=16, rate=1.0),
            Rung("another rate", epoch=9, rate=0.5),
            Rung("the rate is not given", epoch=0),
        ),
        cases=(
            Case("epoch 55", public=True, epoch=55, rate=0.25),
            Case("a drawn epoch", epoch=integer(17, 60), rate=0.5),
            Case("a late one", epoch=integer(100, 250), rate=0.125),
            Case("the rate is not given, later", epoch=integer(24, 90)),
        ),
        domain=any_epoch,
    ),
    Question(
        "every_two_epochs",
        points=0.5,
        ladder=(
            Rung("the first epoch", epoch=0, rate=1.0),
            Rung("the second", epoch=1, rate=1.0),
            Rung("the third", epoch=2, rate=1.0),
            Rung("the fifth", epoch=4, rate=1.0),
            Rung("another rate", epoch=3, rate=0.5),
            Rung("the rate is not given", epoch=0),
        ),
        cases=(
            Case("epoch 21", public=True, epoch=21, rate=0.25),
            Case("a drawn epoch", epoch=integer(5, 30), rate=0.5),
            Case("a late one", epoch=integer(40, 100), rate=0.125),
            Case("the rate is not given, later", epoch=integer(6, 40)),
        ),
        domain=any_epoch,
    ),
    Question(
        "rmsprop_step",
        points=1,
        returns=("theta", "r"),
        wrt=("gradient",),
        ladder=(
            Rung("only the last gradient", **{"theta": array([5]), "r": array([0]), "gradient": array([0])}, rate=1.0),
            Rung(
                "a plain step",
                **{"theta": array([5]), "r": array([0]), "gradient": array([2]), "rate": 1.0, "beta": 1.0},
            ),
            Rung(
                "beta = 1/2",
                **{"theta": array([5]), "r": array([0]), "gradient": array([4]), "rate": 1.0, "beta": 0.5},
            ),
            Rung(
                "something to remember",
                **{"theta": array([5]), "r": array([6]), "gradient": array([0]), "rate": 1.0, "beta": 0.5},
            ),
            Rung(
                "both",
                **{"theta": array([5]), "r": array([14]), "gradient": array([4]), "rate": 1.0, "beta": 0.5},
            ),
            Rung(
                "another rate and epsilon",
                **{"theta": array([5]), "r": array([10]), "gradient": array([4]), "rate": 3.0},
                **{"beta": 0.5, "epsilon": 3.0},
            ),
            Rung(
                "two parameters",
                **{
                    "theta": array([5, -1]),
                    "r": array([0, 30]),
                    "gradient": array([4, -0.5]),
                    "rate": 1.0,
                    "beta": 0.5,
                },
            ),
        ),
        cases=(
            Case(
                "a matrix",
                public=True,
                **{"theta": normal(3, 2), "r": uniform(3, 2, high=2.0), "gradient": normal(3, 2, std=2.0), "rate": 0.5},
            ),
            Case(
                "other constants",
                public=True,
                **{
                    "theta": normal(4),
                    "r": uniform(4),
                    "gradient": normal(4),
                    "rate": 0.2,
                    "beta": 0.6,
                    "epsilon": 0.1,
                },
            ),
            Case(
                "a small epsilon",
                **{"theta": normal(5), "r": uniform(5, low=0.1), "gradient": normal(5), "rate": 0.1},
                **{"beta": 0.7, "epsilon": 0.001},
            ),
            Case(
                "large gradients",
                **{
                    "theta": normal(2, 4),
                    "r": uniform(2, 4, high=50.0),
                    "gradient": normal(2, 4, std=20.0),
                    "rate": 2.0,
                },
            ),
            Case(
                "the constants of Inception-v3",
                **{"theta": normal(6), "r": uniform(6), "gradient": normal(6), "rate": 0.045 * 10},
            ),
            Case(
                "float64",
                dtype="float64",
                **{"theta": normal(3, 3), "r": uniform(3, 3), "gradient": normal(3, 3), "rate": 0.3, "beta": 0.8},
            ),
        ),
        domain=any_step,
    ),
    Question(
        "clip_by_norm",
        points=1,
        probe=clipped,
        returns=("a", "b", "c"),
        wrt=("a",),
        ban=Ban(
            ops=(),
            names=("clip_by_global_norm", "global_norm"),
            instead="sums of squares, tf.sqrt and tf.minimum",
        ),
        ladder=(
            Rung("short enough", a=array([1]), b=array([0]), c=array([0]), threshold=2.0),
            Rung("one gradient is too long", a=array([4]), b=array([0]), c=array([0]), threshold=2.0),
            Rung("two entries", a=array([3, 4]), b=array([0]), c=array([0]), threshold=2.5),
            Rung("two gradients together", a=array([3]), b=array([0]), c=array([0, 4]), threshold=2.0),
            Rung("negative entries", a=array([-6]), b=array([2, -3]), c=array([0]), threshold=3.5),
            Rung("all zero", a=array([0, 0]), b=array([0]), c=array([[0]]), threshold=2.0),
            Rung("the threshold is not given", a=array([0]), b=array([3]), c=array([[4]])),
        ),
        cases=(
            Case("too long", public=True, a=normal(3, 2), b=normal(4), c=normal(2, 2), threshold=1.5),
            Case("short enough already", public=True, a=normal(2, std=0.1), b=normal(3, std=0.1), c=normal(2, std=0.1)),
            Case("each short, together long", a=uniform(3, low=0.9), b=uniform(3, low=0.9), c=uniform(3, low=0.9)),
            Case("one is much longer", a=normal(3, std=30.0), b=normal(2, 3), c=normal(1), threshold=5.0),
            Case("filters", a=normal(3, 2, 2, 3), b=normal(3), c=normal(6, 4), threshold=0.5),
            Case(
                "between 1 and the threshold",
                a=uniform(2, low=1.0, high=1.2),
                b=uniform(1),
                c=uniform(1),
                threshold=6.0,
            ),
            Case("float64", dtype="float64", a=normal(4), b=normal(2, 2), c=normal(3), threshold=1.0),
        ),
        domain=any_gradients,
    ),
    Question(
        "freeze_all_but_head",
        points=1,
        probe=with_new_head,
        returns=HEAD,
        seconds=30,
        ladder=(
            Rung(
                "another number of classes", **tiny_network(new=[[1, 2, 3], [0, 1, 0]], bias=[0, 1, 0], c=[[1, 2, 3]])
            ),
            Rung("as many classes as before", **tiny_network(new=[[3, 0], [-2, 2]], bias=[1, 0], c=[[2, 1]])),
        ),
        cases=(
            Case("from two classes to three", public=True, **network(2, 5, 4, 2, 3, 4, 2, 3)),
            Case("from four classes to four", public=True, **network(3, 4, 5, 1, 2, 3, 4, 4)),
            Case("from five classes to two", **network(2, 6, 4, 3, 2, 3, 5, 2)),
            Case("as many as before", **network(2, 4, 6, 1, 3, 4, 3, 3)),
        ),
        domain=any_network,
    ),
    Question(
        "accuracy_under",
        points=1,
        steady=("value",),
        ladder=(
            Rung(
                "no change, right",
                **{"model": code(FIRST), "images": array([3, 1]).reshape(1, 1, 1, 2), "labels": whole(0)},
                change=code("lambda x: x"),
            ),
            Rung(
                "a change that hurts",
                **{"model": code(FIRST), "images": array([3, 1]).reshape(1, 1, 1, 2), "labels": whole(0)},
                change=code(NEGATED),
            ),
            Rung(
                "three of four, channels exchanged",
                **{
                    "model": code(FIRST),
                    "images": array([3, 1, 1, 3, 5, 2, 0, 1]).reshape(4, 1, 1, 2),
                    "labels": whole(1, 0, 1, 1),
                },
                change=code("lambda x: x[:, :, :, ::-1]"),
            ),
            Rung(
                "one pixel to the right",
                **{
                    "model": code(FIRST),
                    "images": array([3, 1, 0, 4, 2, 8, 9, 7]).reshape(2, 1, 2, 2),
                    "labels": whole(1, 0),
                },
                change=code(ROLLED),
            ),
        ),
        cases=(
            Case(
                "thirty images, moved",
                public=True,
                **{"model": code(GAP), "images": normal(30, 3, 4, 3), "labels": labels(30, 3), "change": code(ROLLED)},
            ),
            Case(
                "many images, other light",
                **{"model": code(GAP), "images": normal(60, 3, 2, 4), "labels": labels(60, 4)},
                change=code("lambda x: tf.sqrt(tf.abs(x))"),
            ),
            Case(
                "upside down",
                **{"model": code(GAP), "images": normal(40, 4, 3, 2), "labels": labels(40, 2)},
                change=code("lambda x: x[:, ::-1]"),
            ),
            Case(
                "negatives",
                **{
                    "model": code(SUMS),
                    "images": normal(50, 2, 3, 5),
                    "labels": labels(50, 5),
                    "change": code(NEGATED),
                },
            ),
            Case(
                "as many images as classes",
                **{"model": code(FIRST), "images": normal(6, 3, 2, 6), "labels": labels(6, 6), "change": code(ROLLED)},
            ),
        ),
        domain=any_change,
    ),
)

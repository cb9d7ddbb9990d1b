"""Right answers in other styles, and independent oracles."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

import itertools
import math
import random

import keras
import numpy as np
import scipy
import sklearn.linear_model
import tensorflow as tf

from autograder.question import oracle, variant

# polynomial_fit


@variant("polynomial_fit")
def fit_by_normal_equations(x, y, degree, zeros):
    free = np.array([k for k in range(degree + 1) if k not in zeros])
    powers = x[:, None] ** free
    weights = np.zeros(degree + 1, x.dtype)
    weights[free] = np.linalg.solve(powers.T @ powers, powers.T @ y)
    return weights


@variant("polynomial_fit")
def fit_with_empty_columns(x, y, degree, zeros):
    """Columns of zeros get the weight 0 in the solution of the least norm."""
    powers = np.vander(x, degree + 1, increasing=True)
    powers[:, list(zeros)] = 0
    return np.linalg.pinv(powers) @ y


@variant("polynomial_fit")
def fit_by_constraints(x, y, degree, zeros):
    """Lagrange multipliers: one more equation for each known weight."""
    powers = np.stack([x**k for k in range(degree + 1)], axis=1)
    known = np.eye(degree + 1)[list(zeros)].reshape(len(zeros), degree + 1)
    corner = np.zeros((len(zeros), len(zeros)))
    system = np.block([[powers.T @ powers, known.T], [known, corner]])
    right = np.concatenate([powers.T @ y, np.zeros(len(zeros))])
    return np.linalg.solve(system, right)[: degree + 1]


@variant("polynomial_fit")
def fit_in_tensorflow(x, y, degree, zeros):
    free = [k for k in range(degree + 1) if k not in zeros]
    powers = tf.stack([tf.constant(x) ** k for k in free], axis=1)
    found = tf.linalg.lstsq(powers, tf.constant(y)[:, None], fast=False)[:, 0].numpy()
    return np.array([found[free.index(k)] if k in free else 0.0 for k in range(degree + 1)])


@oracle("polynomial_fit")
def fit_of_scikit(x, y, degree, zeros):
    mask = [k not in zeros for k in range(degree + 1)]
    powers = np.polynomial.polynomial.polyvander(x, degree) * mask
    return sklearn.linear_model.LinearRegression(fit_intercept=False).fit(powers, y).coef_ * mask


# patchy_layer


@variant("patchy_layer")
def patchy_place_by_place(x, weights):
    rows, columns, kh, kw = weights.shape[:4]
    y = [
        [tf.einsum("nabc,abco->no", x[:, i : i + kh, j : j + kw], weights[i, j]) for j in range(columns)]
        for i in range(rows)
    ]
    return tf.stack([tf.stack(row, axis=1) for row in y], axis=1)


@variant("patchy_layer")
def patchy_by_extracted_patches(x, weights):
    rows, columns, kh, kw, c_in, c_out = weights.shape
    patches = tf.image.extract_patches(x, (1, kh, kw, 1), (1, 1, 1, 1), (1, 1, 1, 1), "VALID")
    return tf.einsum("nijp,ijpo->nijo", patches, tf.reshape(weights, (rows, columns, kh * kw * c_in, c_out)))


@variant("patchy_layer")
def patchy_by_convolutions(x, weights):
    """Each place's filters see its own patch, as a convolution with one output."""
    rows, columns, kh, kw = weights.shape[:4]
    lines = [
        tf.concat(
            [tf.nn.conv2d(x[:, i : i + kh, j : j + kw], weights[i, j], 1, "VALID") for j in range(columns)], axis=2
        )
        for i in range(rows)
    ]
    return tf.concat(lines, axis=1)


@variant("patchy_layer")
def patchy_by_products(x, weights):
    """Products of everything with everything, then sums."""
    rows, columns, kh, kw = weights.shape[:4]
    y = tf.zeros((x.shape[0], rows, columns, weights.shape[5]), x.dtype)
    for a, b in itertools.product(range(kh), range(kw)):
        y += tf.reduce_sum(x[:, a : rows + a, b : columns + b, :, None] * weights[None, :, :, a, b], axis=3)
    return y


@oracle("patchy_layer")
def patchy_as_a_dense_layer(x, weights):
    """The matrix of the dense layer that it is: mostly zeros."""
    x, weights = x.numpy(), weights.numpy()
    n, height, width, c_in = x.shape
    rows, columns, kh, kw, _, c_out = weights.shape
    matrix = np.zeros((height, width, c_in, rows, columns, c_out), x.dtype)
    for i, j, a, b in np.ndindex(rows, columns, kh, kw):
        matrix[i + a, j + b, :, i, j] += weights[i, j, a, b]
    return (x.reshape(n, -1) @ matrix.reshape(height * width * c_in, -1)).reshape(n, rows, columns, c_out)


# standardize


@variant("standardize")
def standardize_by_moments(images, train):
    mean, variance = tf.nn.moments(train, axes=[0, 1, 2])
    return (images - mean) * tf.math.rsqrt(variance)


@variant("standardize")
def standardize_channel_by_channel(images, train):
    channels = []
    for channel in range(images.shape[-1]):
        known = train[..., channel]
        mean = tf.reduce_mean(known)
        deviation = tf.sqrt(tf.reduce_mean(tf.square(known - mean)))
        channels.append((images[..., channel] - mean) / deviation)
    return tf.stack(channels, axis=-1)


@variant("standardize")
def standardize_in_rows(images, train):
    rows = tf.reshape(train, (-1, train.shape[-1]))
    centred = rows - tf.reduce_mean(rows, axis=0)
    return (images - tf.reduce_mean(rows, axis=0)) / tf.norm(centred, axis=0) * math.sqrt(rows.shape[0])


@variant("standardize")
def standardize_with_numbers_of_numpy(images, train):
    """The statistics are numbers; the gradient with respect to the images does not need them."""
    known = np.asarray(train).reshape(-1, train.shape[-1])
    return (images - known.mean(axis=0)) / known.std(axis=0)


@oracle("standardize")
def standardize_of_scipy(images, train):
    return scipy.stats.zmap(
        images.numpy().reshape(-1, images.shape[-1]), train.numpy().reshape(-1, train.shape[-1])
    ).reshape(images.shape)


# random_crop


@variant("random_crop")
def crops_of_tensorflow(images, size, seed):
    """All rows are cut first, then all columns."""
    n, height, width, _ = images.shape
    top = tf.random.stateless_uniform((n, 1), (seed, 0), 0, height - size + 1, tf.int32)
    left = tf.random.stateless_uniform((n, 1), (seed, 1), 0, width - size + 1, tf.int32)
    rows = tf.gather(images, top + tf.range(size), axis=1, batch_dims=1)
    return tf.gather(rows, left + tf.range(size), axis=2, batch_dims=1).numpy()


@variant("random_crop")
def crops_by_indexing(images, size, seed):
    n, height, width, _ = images.shape
    place = np.random.default_rng(seed).integers(0, (height - size + 1, width - size + 1), (n, 2))
    rows = place[:, 0, None, None] + np.arange(size)[:, None]
    columns = place[:, 1, None, None] + np.arange(size)
    return images[np.arange(n)[:, None, None], rows, columns]


@variant("random_crop")
def crops_one_by_one(images, size, seed):
    """Python's own random numbers."""
    chance, found = random.Random(seed), []
    for image in images:
        top, left = chance.randint(0, len(image) - size), chance.randint(0, len(image[0]) - size)
        found.append(image[top : top + size, left : left + size])
    return np.array(found)


@variant("random_crop")
def crops_among_all(images, size, seed):
    """All windows, of which one is chosen for each image."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    windows = windows.reshape(len(images), -1, images.shape[3], size, size)
    chosen = np.random.RandomState(seed).randint(windows.shape[1], size=len(images))
    return windows[np.arange(len(images)), chosen].transpose(0, 2, 3, 1)


@oracle("random_crop")
def crops_by_numbers(images, size, seed):
    """Uniform numbers, rounded down."""
    n, height, width, _ = images.shape
    u = np.random.default_rng([seed, 5]).random((n, 2))
    top, left = (u[:, 0] * (height - size + 1)).astype(int), (u[:, 1] * (width - size + 1)).astype(int)
    return np.stack([images[i, top[i] : top[i] + size, left[i] : left[i] + size] for i in range(n)])


# flip


@variant("flip")
def flip_one_by_one(images, seed, rate=0.5):
    chance = random.Random(seed)
    return np.stack([image[:, ::-1] if chance.random() < rate else image for image in images])


@variant("flip")
def flip_by_binomials(images, seed, rate=0.5):
    found = images.copy()
    chosen = np.random.default_rng([seed, 1]).binomial(1, rate, len(images)) == 1
    found[chosen] = np.flip(found[chosen], axis=2)
    return found


@variant("flip")
def flip_in_tensorflow(images, seed, rate=0.5):
    chosen = tf.random.stateless_uniform((len(images), 1, 1, 1), seed=(seed, 3)) < rate
    return tf.where(chosen, tf.image.flip_left_right(images), images)


@oracle("flip")
def flip_by_the_old_generator(images, seed, rate=0.5):
    choose = np.random.RandomState(seed).uniform(size=len(images)) >= 1 - rate
    return np.array([np.fliplr(image) if chosen else image for image, chosen in zip(images, choose, strict=True)])


# augment


@variant("augment")
def augment_copy_by_copy(images, labels, size, copies, seed, rate=0.5):
    seeds = np.random.SeedSequence(seed).generate_state(2 * copies + 1)
    crops = [
        flip(random_crop(images, size, int(seeds[2 * k])), int(seeds[2 * k + 1]), rate=rate) for k in range(copies)
    ]
    order = np.random.default_rng(int(seeds[-1])).permutation(copies * len(images))
    return np.concatenate(crops)[order], np.tile(labels, copies)[order]


@variant("augment")
def augment_one_by_one(images, labels, size, copies, seed, rate=0.5):
    """Without the other functions: pairs in a list, which is shuffled."""
    chance, pairs = random.Random(seed), []
    for image, label in zip(images, labels, strict=True):
        for _ in range(copies):
            top, left = (chance.randrange(side - size + 1) for side in image.shape[:2])
            crop = image[top : top + size, left : left + size]
            pairs.append((crop[:, ::-1] if chance.random() < rate else crop, label))
    chance.shuffle(pairs)
    return np.stack([crop for crop, _ in pairs]), np.array([label for _, label in pairs])


@variant("augment")
def augment_flipped_first(images, labels, size, copies, seed, rate=0.5):
    """First mirrored, then cut; shuffled twice."""
    rng = np.random.default_rng(seed)
    index = rng.permutation(np.tile(np.arange(len(images)), copies))
    found = random_crop(flip(images[index], rng.integers(10**9), rate), size, rng.integers(10**9))
    again = np.argsort(rng.random(len(index)))
    return found[again], labels[index][again]


@oracle("augment")
def augment_in_tensorflow(images, labels, size, copies, seed, rate=0.5):
    order = np.array(tf.random.experimental.stateless_shuffle(np.arange(len(images) * copies), seed=(seed, 0)))
    crops = []
    for number, index in enumerate(order % len(images)):
        crop = tf.image.stateless_random_crop(images[index], (size, size, images.shape[3]), seed=(seed, number + 1))
        mirrored = float(tf.random.stateless_uniform((), seed=(seed + 1, number))) < rate
        crops.append((tf.image.flip_left_right(crop) if mirrored else crop).numpy())
    return np.stack(crops), labels[order % len(images)]


# resize_shorter


def new_sides(image, s):
    """The height and the width after resizing."""
    height, width = image.shape[:2]
    if height < width:
        return s, int(width * s / height + 0.5)
    return int(height * s / width + 0.5), s


@variant("resize_shorter")
def resize_of_tensorflow(image, s):
    return tf.image.resize(image, new_sides(image, s))


@variant("resize_shorter")
def resize_of_keras(image, s):
    return keras.ops.image.resize(image, new_sides(image, s), interpolation="bilinear", data_format="channels_last")


@variant("resize_shorter")
def resize_by_gathering(image, s):
    """Two neighbours of each new row, then of each new column."""

    def stretched(image, axis, new):
        old = image.shape[axis]
        place = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        low = np.floor(place).astype(int)
        part = tf.reshape(tf.constant(place - low, image.dtype), (-1, 1, 1) if axis == 0 else (1, -1, 1))
        first = tf.gather(image, low, axis=axis)
        return first + part * (tf.gather(image, np.minimum(low + 1, old - 1), axis=axis) - first)

    height, width = new_sides(image, s)
    return stretched(stretched(image, 0, height), 1, width)


@oracle("resize_shorter")
def resize_of_scipy(image, s):
    image = image.numpy()
    sides = new_sides(image, s)
    places = [(np.arange(new) + 0.5) * old / new - 0.5 for new, old in zip(sides, image.shape[:2], strict=True)]
    grid = np.meshgrid(*places, indexing="ij")
    channels = [
        scipy.ndimage.map_coordinates(image[..., c], grid, order=1, mode="nearest") for c in range(image.shape[2])
    ]
    return np.stack(channels, axis=-1)


# ten_crop


@variant("ten_crop")
def ten_by_boxes(image, size):
    height, width = image.shape[:2]
    low, right = height - size, width - size
    boxes = [(0, 0), (0, right), (low, 0), (low, right), ((height - size) // 2, (width - size) // 2)]
    five = [tf.image.crop_to_bounding_box(image, top, left, size, size) for top, left in boxes]
    return tf.stack(five + [tf.image.flip_left_right(crop) for crop in five])


@variant("ten_crop")
def ten_of_two_images(image, size):
    """Mirrors the image first: its corners are then exchanged, and the centre may be elsewhere."""
    top, left = (image.shape[0] - size) // 2, (image.shape[1] - size) // 2

    def five(image, corners, left):
        upper, lower = image[:size], image[image.shape[0] - size :]
        ends = [slice(0, size), slice(image.shape[1] - size, image.shape[1])]
        found = [part[:, ends[k]] for part in (upper, lower) for k in corners]
        return [*found, image[top : top + size, left : left + size]]

    turned = tf.reverse(image, axis=[1])
    return tf.stack(five(image, (0, 1), left) + five(turned, (1, 0), image.shape[1] - size - left))


@variant("ten_crop")
def ten_by_gathering(image, size):
    down, across = image.shape[0] - size, image.shape[1] - size
    tops, lefts = (0, 0, down, down, down // 2) * 2, (0, across, 0, across, across // 2) * 2
    found = []
    for number, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        columns = np.arange(left, left + size)
        rows = tf.gather(image, np.arange(top, top + size), axis=0)
        found.append(tf.gather(rows, columns if number < 5 else columns[::-1], axis=1))
    return tf.stack(found, axis=0)


@oracle("ten_crop")
def ten_in_numpy(image, size):
    image = image.numpy()
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1)).transpose(0, 1, 3, 4, 2)
    middle = (len(windows) - 1) // 2, (windows.shape[1] - 1) // 2
    five = np.stack([windows[0, 0], windows[0, -1], windows[-1, 0], windows[-1, -1], windows[middle]])
    return np.concatenate([five, five[:, :, ::-1]])


# googlenet_crops


@variant("googlenet_crops")
def crops_by_hand(image, size=224, scales=(256, 288, 320, 352)):
    """With the functions of TensorFlow alone."""
    found = []
    for scale in scales:
        resized = tf.image.resize(image, new_sides(image, scale))
        height, width = resized.shape[:2]
        for part in range(3):
            top, left = (height - scale) * part // 2, (width - scale) * part // 2
            square = tf.image.crop_to_bounding_box(resized, top, left, scale, scale)
            far, middle = scale - size, (scale - size) // 2
            six = [
                square[a : a + size, b : b + size]
                for a, b in ((0, 0), (0, far), (far, 0), (far, far), (middle, middle))
            ]
            six.append(tf.image.resize(square, (size, size)))
            found += six + [tf.image.flip_left_right(crop) for crop in six]
    return tf.stack(found)


@variant("googlenet_crops")
def crops_in_a_table(image, size=224, scales=(256, 288, 320, 352)):
    """A tensor with an axis for the scale, the square, the mirroring and the crop, which is flattened at last."""
    table = []
    for scale in scales:
        resized = resize_shorter(image, scale)
        rest = resized.shape[0] + resized.shape[1] - 2 * scale
        down = resized.shape[0] > scale
        squares = []
        for start in (0, rest // 2, rest):
            square = resized[start : start + scale] if down else resized[:, start : start + scale]
            straight = tf.concat([ten_crop(square, size)[:5], [resize_shorter(square, size)]], axis=0)
            squares.append(tf.stack([straight, straight[:, :, ::-1]]))
        table.append(squares)
    table = tf.convert_to_tensor(table)
    return tf.reshape(table, (-1, *table.shape[4:]))


@variant("googlenet_crops")
def crops_one_after_the_other(image, size=224, scales=(256, 288, 320, 352)):
    """A generator of crops."""

    def squares():
        for scale in scales:
            resized = resize_shorter(image, scale)
            if resized.shape[0] == resized.shape[1]:
                yield from (resized, resized, resized)
            else:
                axis = int(resized.shape[1] > resized.shape[0])
                rest = resized.shape[axis] - scale
                for start in (0, rest // 2, rest):
                    yield tf.gather(resized, range(start, start + scale), axis=axis)

    def crops():
        for square in squares():
            ten, whole = tf.unstack(ten_crop(square, size)), resize_shorter(square, size)
            yield from ten[:5]
            yield whole
            yield from ten[5:]
            yield tf.image.flip_left_right(whole)

    return tf.stack(list(crops()))


@oracle("googlenet_crops")
def crops_of_scipy(image, size=224, scales=(256, 288, 320, 352)):
    found = []
    for scale in scales:
        resized = resize_of_scipy(image, scale)
        rest = np.array(resized.shape[:2]) - scale
        for top, left in (0 * rest, rest // 2, rest):
            square = tf.constant(resized[top : top + scale, left : left + scale])
            ten, whole = ten_in_numpy(square, size), resize_of_scipy(square, size)[None]
            found += [ten[:5], whole, ten[5:], whole[:, :, ::-1]]
    return np.concatenate(found)


# average_scores


@variant("average_scores")
def scores_by_exponentials(model, crops):
    logits = model(crops)
    shares = tf.exp(logits - tf.reduce_max(logits, axis=1, keepdims=True))
    shares /= tf.reduce_sum(shares, axis=1, keepdims=True)
    return tf.reduce_sum(shares, axis=0) / crops.shape[0]


@variant("average_scores")
def scores_crop_by_crop(model, crops):
    shares = [tf.nn.softmax(model(crops[k : k + 1])[0]) for k in range(crops.shape[0])]
    return tf.add_n(shares) / len(shares)


@variant("average_scores")
def scores_by_logarithms(model, crops):
    logs = tf.nn.log_softmax(model(crops))
    return tf.exp(tf.reduce_logsumexp(logs, axis=0)) / logs.shape[0]


@variant("average_scores")
def scores_of_keras(model, crops):
    return keras.ops.mean(keras.activations.softmax(model(crops)), axis=0)


@oracle("average_scores")
def scores_of_scipy(model, crops):
    return scipy.special.softmax(model(crops).numpy(), axis=1).mean(axis=0)


# label_smoothing


@variant("label_smoothing")
def smoothed_from_one_hot(labels, classes, alpha=0.1):
    return tf.one_hot(labels, classes) * (1 - alpha) + alpha / classes


@variant("label_smoothing")
def smoothed_by_comparison(labels, classes, alpha=0.1):
    true = labels[:, None] == tf.range(classes)
    return tf.where(true, 1 - alpha + alpha / classes, alpha / classes)


@variant("label_smoothing")
def smoothed_by_scatter(labels, classes, alpha=0.1):
    n = labels.shape[0]
    start = tf.fill((n, classes), tf.constant(alpha / classes, tf.float32))
    places = tf.stack([tf.range(n), labels], axis=1)
    return tf.tensor_scatter_nd_add(start, places, tf.fill((n,), 1.0 - alpha))


@oracle("label_smoothing")
def smoothed_in_numpy(labels, classes, alpha=0.1):
    found = np.full((len(labels), classes), alpha / classes)
    found[np.arange(len(labels)), labels] = 1 - alpha + alpha / classes
    return found.astype(np.float32)


# smoothed_cross_entropy


@variant("smoothed_cross_entropy")
def entropy_of_smoothed_labels(logits, labels, alpha=0.1):
    wanted = tf.cast(label_smoothing(labels, logits.shape[1], alpha), logits.dtype)
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))


@variant("smoothed_cross_entropy")
def entropy_of_keras(logits, labels, alpha=0.1):
    wanted = tf.one_hot(labels, logits.shape[1], dtype=logits.dtype)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=alpha, dtype=logits.dtype)
    return loss(wanted, logits)


@variant("smoothed_cross_entropy")
def entropy_by_logsumexp(logits, labels, alpha=0.1):
    """The logarithm of the sum, minus the wanted mean of the logits."""
    wanted = tf.one_hot(labels, logits.shape[1], dtype=logits.dtype)
    wanted += alpha * (1 / logits.shape[1] - wanted)
    return tf.reduce_mean(tf.reduce_logsumexp(logits, axis=1) - tf.einsum("nk,nk->n", wanted, logits))


@variant("smoothed_cross_entropy")
def entropy_as_two_losses(logits, labels, alpha=0.1):
    hard = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    even = tf.nn.softmax_cross_entropy_with_logits(tf.ones_like(logits) / logits.shape[1], logits)
    return (1 - alpha) * tf.reduce_mean(hard) + alpha * tf.reduce_mean(even)


@oracle("smoothed_cross_entropy")
def entropy_in_numpy(logits, labels, alpha=0.1):
    logs = scipy.special.log_softmax(logits.numpy(), axis=1)
    wanted = np.full(logs.shape, alpha / logs.shape[1])
    wanted[np.arange(len(logs)), labels] += 1 - alpha
    return -np.sum(wanted * logs) / len(logs)


# dropout


@variant("dropout")
def dropout_by_mask(x, rate, noise):
    mask = tf.cast(noise >= rate, x.dtype)
    return x * mask / (1 - rate)


@variant("dropout")
def dropout_entry_by_entry(x, rate, noise):
    pairs = zip(tf.unstack(tf.reshape(x, (-1,))), noise.numpy().ravel(), strict=True)
    return tf.reshape(tf.stack([0 * entry if drawn < rate else entry / (1 - rate) for entry, drawn in pairs]), x.shape)


@variant("dropout")
def dropout_by_scatter(x, rate, noise):
    kept = tf.where(noise >= rate)
    return tf.scatter_nd(kept, tf.gather_nd(x, kept) / (1 - rate), tf.shape(x, out_type=tf.int64))


@oracle("dropout")
def dropout_in_numpy(x, rate, noise):
    found = x.numpy().copy() / (1 - rate)
    found[noise.numpy() < rate] = 0
    return found


# dropout_layer


@variant("dropout_layer")
def layer_of_tensorflow(x, rate, training, seed):
    return tf.nn.experimental.stateless_dropout(x, rate, seed=[seed, 1]) if training else x


@variant("dropout_layer")
def layer_of_keras(x, rate, training, seed):
    return keras.layers.Dropout(rate, seed=seed, dtype=x.dtype)(x, training=training)


@variant("dropout_layer")
def layer_by_numpys_mask(x, rate, training, seed):
    if not training:
        return tf.identity(x)
    mask = np.random.default_rng(seed).random(x.shape) >= rate
    return x * tf.constant(mask / (1 - rate), x.dtype)


@variant("dropout_layer")
def layer_with_a_set_seed(x, rate, training, seed):
    if training:
        tf.random.set_seed(seed)
        x = dropout(x, rate, tf.random.uniform(x.shape, dtype=x.dtype, seed=3))
    return x


@oracle("dropout_layer")
def layer_by_binomials(x, rate, training, seed):
    if not training:
        return x
    return x * tf.constant(np.random.RandomState(seed).binomial(1, 1 - rate, x.shape) / (1 - rate), x.dtype)


# divide_on_plateau


@variant("divide_on_plateau")
def plateau_by_looking_back(errors, rate=0.01, patience=3):
    """Since the later of the last improvement and the last division."""
    found, since = [rate], 0
    for epoch, error in enumerate(errors):
        if epoch == 0 or error < min(errors[:epoch]):
            since = epoch
        elif epoch - since == patience:
            rate, since = rate / 10, epoch
        found.append(rate)
    return np.array(found)


@variant("divide_on_plateau")
def plateau_by_powers(errors, rate=0.01, patience=3):
    best = np.minimum.accumulate(np.concatenate([[np.inf], errors]))
    better, waited, divided = errors < best[:-1], 0, [0]
    for improved in better:
        waited = 0 if improved else waited + 1
        divided.append(divided[-1] + (waited == patience))
        waited %= patience
    return rate / 10.0 ** np.array(divided)


@variant("divide_on_plateau")
def plateau_in_stretches(errors, rate=0.01, patience=3):
    """Stretches without improvement, each of which divides as often as the patience fits into it."""
    best, stretch, divisions, found = float("inf"), 0, 0, [rate]
    for error in errors.tolist():
        best, stretch, divisions = (
            (error, 0, divisions) if error < best else (best, stretch + 1, divisions + ((stretch + 1) % patience == 0))
        )
        found.append(rate * 0.1**divisions)
    return np.array(found)


@oracle("divide_on_plateau")
def plateau_of_keras(errors, rate=0.01, patience=3):
    """Keras's own callback."""

    class Model:
        optimizer = keras.optimizers.SGD(1.0)

    model = Model()
    model.optimizer = keras.optimizers.SGD(1.0)
    watcher = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.1, patience=patience, min_delta=0.0)
    watcher.set_model(model)
    watcher.on_train_begin()
    found = [0]
    for epoch, error in enumerate(errors):
        watcher.on_epoch_end(epoch, {"val_loss": float(error)})
        found.append(round(-math.log10(float(model.optimizer.learning_rate))))
    return rate / 10.0 ** np.array(found)


# every_eight_epochs and every_two_epochs


@variant("every_eight_epochs")
def eight_by_a_loop(epoch, rate=0.01):
    for _ in range(8, epoch + 1, 8):
        rate -= 0.04 * rate
    return rate


@variant("every_eight_epochs")
def eight_by_exponentials(epoch, rate=0.01):
    return rate * math.exp(math.log(0.96) * math.floor(epoch / 8))


@variant("every_eight_epochs")
def eight_by_recursion(epoch, rate=0.01):
    return rate if epoch < 8 else every_eight_epochs(epoch - 8, rate) * (1 - 0.04)


@oracle("every_eight_epochs")
def eight_as_a_product(epoch, rate=0.01):
    return rate * float(np.prod(np.full(len(range(epoch)) // 8, 0.96)))


@variant("every_two_epochs")
def two_by_a_loop(epoch, rate=0.045):
    while epoch >= 2:
        rate, epoch = rate * 0.94, epoch - 2
    return rate


@variant("every_two_epochs")
def two_by_exponentials(epoch, rate=0.045):
    return rate * math.exp(math.log(0.94) * int(epoch / 2))


@variant("every_two_epochs")
def two_of_numpy(epoch, rate=0.045):
    return float(rate * np.power(1 - 0.06, np.floor_divide(epoch, 2)))


@oracle("every_two_epochs")
def two_as_a_product(epoch, rate=0.045):
    return rate * float(np.prod(np.full(len(range(epoch)) // 2, 0.94)))


# rmsprop_step


@variant("rmsprop_step")
def rmsprop_by_differences(theta, r, gradient, rate, beta=0.9, epsilon=1.0):
    new = r + (1 - beta) * (tf.square(gradient) - r)
    return theta - rate * gradient * tf.math.rsqrt(new + epsilon), new


@variant("rmsprop_step")
def rmsprop_by_powers(theta, r, gradient, rate, beta=0.9, epsilon=1.0):
    mean = tf.add(tf.multiply(r, beta), tf.multiply(gradient * gradient, 1 - beta))
    return [tf.subtract(theta, rate * tf.divide(gradient, tf.pow(epsilon + mean, 0.5))), mean]


@variant("rmsprop_step")
def rmsprop_entry_by_entry(theta, r, gradient, rate, beta=0.9, epsilon=1.0):
    new_theta, new_r = [], []
    for p, q, g in zip(*(tf.unstack(tf.reshape(t, (-1,))) for t in (theta, r, gradient)), strict=True):
        q = beta * q + (1 - beta) * g * g
        new_r.append(q)
        new_theta.append(p - rate * g / tf.sqrt(q + epsilon))
    return tf.reshape(tf.stack(new_theta), theta.shape), tf.reshape(tf.stack(new_r), theta.shape)


@oracle("rmsprop_step")
def rmsprop_in_numpy(theta, r, gradient, rate, beta=0.9, epsilon=1.0):
    theta, r, gradient = theta.numpy(), r.numpy(), gradient.numpy()
    r = np.average([r, gradient**2], axis=0, weights=[beta, 1 - beta])
    return theta - rate * gradient / np.sqrt(epsilon + r), r


# clip_by_norm


@variant("clip_by_norm")
def clip_as_one_vector(gradients, threshold=2.0):
    norm = tf.norm(tf.concat([tf.reshape(g, (-1,)) for g in gradients], axis=0))
    return [g * threshold / norm for g in gradients] if norm > threshold else list(gradients)


@variant("clip_by_norm")
def clip_by_the_larger(gradients, threshold=2.0):
    """Divided by the larger of norm and threshold."""
    norm = tf.sqrt(sum(2 * tf.nn.l2_loss(g) for g in gradients))
    return tuple(threshold * g / tf.maximum(norm, threshold) for g in gradients)


@variant("clip_by_norm")
def clip_by_norm_of_norms(gradients, threshold=2.0):
    norm = tf.norm(tf.stack([tf.norm(g) for g in gradients]))
    factor = tf.where(norm > threshold, tf.math.divide_no_nan(tf.cast(threshold, norm.dtype), norm), 1)
    return [tf.multiply(g, factor) for g in gradients]


@oracle("clip_by_norm")
def clip_of_tensorflow(gradients, threshold=2.0):
    return [g.numpy() for g in tf.clip_by_global_norm(gradients, threshold)[0]]


# freeze_all_but_head


@variant("freeze_all_but_head")
def frozen_layer_by_layer(model, classes):
    new = keras.Sequential([keras.Input(model.input_shape[1:]), *model.layers[:-1], keras.layers.Dense(classes)])
    for each in new.layers[:-1]:
        each.trainable = False
    return new


@variant("freeze_all_but_head")
def frozen_functional(model, classes):
    for each in model.layers:
        each.trainable = False
    return keras.Model(model.inputs, keras.layers.Dense(classes)(model.layers[-2].output))


@variant("freeze_all_but_head")
def frozen_copy(model, classes):
    """The old model stays as it is."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.trainable = False
    head = keras.layers.Dense(classes, kernel_initializer="he_normal")
    return keras.Model(copy.inputs, head(copy.layers[-2].output))


@variant("freeze_all_but_head")
def frozen_by_popping(model, classes):
    model.pop()
    model.trainable = False
    return keras.Sequential([model, keras.layers.Dense(classes)])


@oracle("freeze_all_but_head")
def frozen_by_assigning(model, classes):
    """Built anew from the configurations of its layers."""
    body = [type(each).from_config(each.get_config()) for each in model.layers[:-1]]
    new = keras.Sequential([keras.Input(model.input_shape[1:]), *body, keras.layers.Dense(classes)])
    for mine, given in zip(new.layers, model.layers[:-1], strict=False):
        mine.set_weights(given.get_weights())
        mine.trainable = False
    return new


# accuracy_under


@variant("accuracy_under")
def accuracy_in_tensorflow(model, images, labels, change):
    guesses = tf.argmax(model(change(images)), axis=-1, output_type=tf.int32)
    return float(tf.reduce_mean(tf.cast(guesses == labels, tf.float64)))


@variant("accuracy_under")
def accuracy_image_by_image(model, images, labels, change):
    right = 0
    for k in range(len(labels)):
        scores = model(change(images[k : k + 1]))[0].numpy()
        right += int(scores.argmax() == int(labels[k]))
    return right / len(labels)


@variant("accuracy_under")
def accuracy_by_counting_errors(model, images, labels, change):
    scores = np.asarray(model(change(images)))
    wrong = np.count_nonzero(np.argsort(scores, axis=1)[:, -1] - np.asarray(labels))
    return 1 - wrong / len(scores)


@oracle("accuracy_under")
def accuracy_of_keras(model, images, labels, change):
    scores = model(change(images))
    return float(np.mean(keras.metrics.sparse_categorical_accuracy(labels, scores), dtype=np.float64))

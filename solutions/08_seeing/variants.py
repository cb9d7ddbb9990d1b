"""Right answers in other styles, which must always get full points, and independent oracles for the references."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

import keras
import numpy as np
import scipy.signal
import sklearn.metrics
import tensorflow as tf

from autograder.question import oracle, variant

# gabor


@variant("gabor")
def gabor_by_meshgrid(size, wavelength, angle, phase, sigma, aspect):
    kind = wavelength.dtype
    steps = tf.linspace(tf.constant(-(size - 1) / 2, kind), tf.constant((size - 1) / 2, kind), size)
    x, y = tf.meshgrid(steps, steps)
    along, across = x * tf.math.cos(angle) + y * tf.math.sin(angle), y * tf.math.cos(angle) - x * tf.math.sin(angle)
    return tf.math.exp(-0.5 * ((along / sigma) ** 2 + (across * aspect / sigma) ** 2)) * tf.math.cos(
        2.0 * np.pi / wavelength * along + phase
    )


@variant("gabor")
def gabor_as_two_bells(size, wavelength, angle, phase, sigma, aspect):
    """Turned by a matrix; a bell along the wave and one across it."""
    turn = tf.stack([[tf.cos(angle), tf.sin(angle)], [-tf.sin(angle), tf.cos(angle)]])
    half = (size - 1) / 2
    points = np.stack(np.meshgrid(np.arange(size) - half, np.arange(size) - half), axis=-1)
    turned = tf.linalg.matvec(turn, tf.constant(points, wavelength.dtype))
    u, v = turned[..., 0], turned[..., 1]
    return (
        tf.exp(-(u**2) / 2 / sigma**2)
        * tf.exp(-((aspect * v) ** 2) / 2 / sigma**2)
        * tf.cos(2 * np.pi * u / wavelength + phase)
    )


@variant("gabor")
def gabor_pixel_by_pixel(size, wavelength, angle, phase, sigma, aspect):
    rows = []
    for i in range(size):
        row = []
        for j in range(size):
            x, y = j - (size - 1) / 2, i - (size - 1) / 2
            u, v = x * tf.cos(angle) + y * tf.sin(angle), -x * tf.sin(angle) + y * tf.cos(angle)
            row.append(
                tf.exp(-(u * u + aspect * aspect * v * v) / (2 * sigma * sigma))
                * tf.cos(2 * np.pi * u / wavelength + phase)
            )
        rows.append(tf.stack(row))
    return tf.stack(rows)


@variant("gabor")
def gabor_by_keras(size, wavelength, angle, phase, sigma, aspect):
    """By the sum of angles: cos(a + b) = cos a cos b - sin a sin b."""
    ops = keras.ops
    y, x = ops.meshgrid(*[ops.arange(size, dtype=wavelength.dtype.name) - (size - 1) / 2] * 2, indexing="ij")
    u = x * ops.cos(angle) + y * ops.sin(angle)
    v = y * ops.cos(angle) - x * ops.sin(angle)
    turns = 2 * np.pi * u / wavelength
    wave = ops.cos(turns) * ops.cos(phase) - ops.sin(turns) * ops.sin(phase)
    return ops.exp(-(ops.square(u) + ops.square(aspect * v)) / (2 * ops.square(sigma))) * wave


@oracle("gabor")
def gabor_as_complex_wave(size, wavelength, angle, phase, sigma, aspect):
    """The real part of a complex wave, with complex numbers as points: turning is multiplying."""
    values = (float(v) for v in (wavelength, angle, phase, sigma, aspect))
    wavelength, angle, phase, sigma, aspect = values
    place = np.arange(size) - (size - 1) / 2
    point = (place[None] + 1j * place[:, None]) * np.exp(-1j * angle)
    bell = np.exp(-(np.abs(point.real + 1j * aspect * point.imag) ** 2) / 2 / sigma**2)
    return tf.constant((bell * np.exp(1j * (2 * np.pi * point.real / wavelength + phase))).real)


# orientation_energy


@variant("orientation_energy")
def energy_phase_by_phase(image, bank):
    one, other = (tf.nn.conv2d(image[None, :, :, None], bank[:, :, None, :, p], 1, "VALID")[0] for p in (0, 1))
    return tf.square(one) + tf.square(other)


@variant("orientation_energy")
def energy_by_patches(image, bank):
    """All patches times all filters, as a matrix product."""
    size, _, n, _ = bank.shape
    patches = tf.image.extract_patches(
        image[None, :, :, None], (1, size, size, 1), (1, 1, 1, 1), (1, 1, 1, 1), "VALID"
    )[0]
    return tf.reduce_sum(tf.tensordot(patches, tf.reshape(bank, (size * size, n, 2)), 1) ** 2, -1)


@variant("orientation_energy")
def energy_by_shifts(image, bank):
    """A shifted image for each entry of the filters."""
    size = bank.shape[0]
    height, width = image.shape[0] - size + 1, image.shape[1] - size + 1
    answers = 0.0
    for i in range(size):
        for j in range(size):
            answers += image[i : i + height, j : j + width, None, None] * bank[i, j]
    return answers[..., 0] ** 2 + answers[..., 1] ** 2


@variant("orientation_energy")
def energy_by_keras(image, bank):
    maps = []
    for n in range(bank.shape[2]):
        both = keras.ops.conv(image[None, :, :, None], bank[:, :, None, n], padding="valid")
        maps.append(keras.ops.sum(keras.ops.square(both[0]), axis=-1))
    return keras.ops.stack(maps, axis=-1)


@oracle("orientation_energy")
def energy_of_scipy(image, bank):
    image, bank = image.numpy(), bank.numpy()
    maps = [[scipy.signal.correlate2d(image, bank[:, :, i, p], "valid") for p in (0, 1)] for i in range(bank.shape[2])]
    return tf.constant(np.moveaxis(np.square(maps).sum(axis=1), 0, -1))


# saliency


@variant("saliency")
def saliency_of_a_variable(model, image, label):
    pixels = tf.Variable(image)
    with tf.GradientTape() as tape:
        scores = model(tf.expand_dims(pixels, 0))
        score = tf.gather(scores, label, axis=1)
    return tf.reduce_max(tf.abs(tape.gradient(score, pixels)), axis=2)


@variant("saliency")
def saliency_by_jacobian(model, image, label):
    """The gradients of all scores; one is kept."""
    batch = tf.expand_dims(image, 0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(batch)
        scores = model(batch)
    every = tape.batch_jacobian(scores, batch, experimental_use_pfor=False)
    return tf.reduce_max(tf.abs(every[0, label]), axis=-1)


@variant("saliency")
def saliency_by_output_gradients(model, image, label):
    """The score is chosen by a cotangent."""
    with tf.GradientTape() as tape:
        tape.watch(image)
        scores = model(tf.stack([image]))
    chosen = tf.one_hot([label], scores.shape[1], dtype=scores.dtype)
    gradient = tape.gradient(scores, image, output_gradients=chosen)
    return tf.maximum(tf.reduce_max(gradient, -1), -tf.reduce_min(gradient, -1))


@variant("saliency")
def saliency_in_numpy(model, image, label):
    with tf.GradientTape() as tape:
        tape.watch(image)
        score = tf.reduce_sum(model(image[tf.newaxis, ...])[:, label])
    return np.abs(tape.gradient(score, image).numpy()).max(axis=-1)


@oracle("saliency")
def saliency_forwards(model, image, label):
    """Forward mode: one direction after the other."""
    slopes = np.zeros(image.shape)
    for index in np.ndindex(*image.shape):
        direction = np.zeros(image.shape)
        direction[index] = 1
        with tf.autodiff.ForwardAccumulator(image, tf.constant(direction, image.dtype)) as forwards:
            score = model(image[None])[0, label]
        slopes[index] = forwards.jvp(score)
    return np.abs(slopes).max(axis=-1)


# occlusion_map


@variant("occlusion_map")
def occlusion_one_by_one(model, image, label, patch, stride):
    height, width, _ = image.shape
    before = float(model(image[None])[0, label])
    rows = []
    for top in range(0, height - patch + 1, stride):
        row = []
        for left in range(0, width - patch + 1, stride):
            covered = np.array(image)
            covered[top : top + patch, left : left + patch, :] = 0.5
            row.append(before - float(model(covered[None])[0, label]))
        rows.append(row)
    return np.array(rows, image.dtype.as_numpy_dtype)


@variant("occlusion_map")
def occlusion_by_padding(model, image, label, patch, stride):
    """A square of ones, padded to the image's size, says what is grey."""
    height, width, _ = image.shape
    rows, columns = (height - patch) // stride + 1, (width - patch) // stride + 1
    square = tf.ones((patch, patch, 1), image.dtype)
    images = []
    for i in range(rows):
        for j in range(columns):
            above, before = i * stride, j * stride
            where = tf.pad(square, [[above, height - patch - above], [before, width - patch - before], [0, 0]])
            images.append(image * (1 - where) + 0.5 * where)
    scores = model(tf.stack([image, *images]))[:, label]
    return tf.reshape(scores[0] - scores[1:], (rows, columns))


@variant("occlusion_map")
def occlusion_by_comparison(model, image, label, patch, stride):
    """Which pixels are inside, for all squares at once."""
    height, width, _ = image.shape

    def inside(length):
        starts = np.arange(0, length - patch + 1, stride)[:, None]
        return (np.arange(length) >= starts) & (np.arange(length) < starts + patch)

    down, right = inside(height), inside(width)
    where = (down[:, None, :, None] & right[None, :, None, :]).reshape(-1, height, width, 1)
    scores = model(tf.where(where, tf.constant(0.5, image.dtype), image[None]))
    return tf.reshape(model(image[None])[:, label] - scores[:, label], (len(down), len(right)))


@variant("occlusion_map")
def occlusion_by_scatter(model, image, label, patch, stride):
    height, width, channels = image.shape
    tops, lefts = np.arange(0, height - patch + 1, stride), np.arange(0, width - patch + 1, stride)
    drop = np.empty((len(tops), len(lefts)), image.dtype.as_numpy_dtype)
    for place, top in enumerate(tops):
        for other, left in enumerate(lefts):
            index = np.stack(np.meshgrid(np.arange(top, top + patch), np.arange(left, left + patch), indexing="ij"), -1)
            grey = tf.fill((patch, patch, channels), tf.constant(0.5, image.dtype))
            drop[place, other] = (model(image[None]) - model(tf.tensor_scatter_nd_update(image, index, grey)[None]))[
                0, label
            ]
    return drop


@oracle("occlusion_map")
def occlusion_of_windows(model, image, label, patch, stride):
    """Cut by NumPy's sliding windows, which are views into a copy."""
    drop = []
    before = model(image[None])[0, label].numpy()
    count = len(np.lib.stride_tricks.sliding_window_view(image.numpy(), (patch, patch), (0, 1))[::stride])
    for i in range(count):
        drop.append([])
        for j in range((image.shape[1] - patch + stride) // stride):
            copy = image.numpy().copy()
            np.lib.stride_tricks.sliding_window_view(copy, (patch, patch), (0, 1), writeable=True)[
                i * stride, j * stride
            ] = 0.5
            drop[-1].append(before - model(copy[None])[0, label].numpy())
    return np.array(drop)


# receptive_patch


@variant("receptive_patch")
def window_by_size_and_jump(layers, y, x):
    """Forwards: how large a unit's window is, how far apart windows are, and where the first one begins."""
    size, jump, start = 1, 1, 0
    for kernel, stride, padding in layers:
        size += (kernel - 1) * jump
        start -= padding * jump
        jump *= stride
    top, left = start + y * jump, start + x * jump
    return top, top + size, left, left + size


@variant("receptive_patch")
def window_by_recursion(layers, y, x):
    def rows(layers, first, last):
        if not layers:
            return first, last + 1
        *below, (size, stride, padding) = layers
        return rows(below, first * stride - padding, last * stride - padding + size - 1)

    return (*rows(layers, y, y), *rows(layers, x, x))


@variant("receptive_patch")
def window_by_sets(layers, y, x):
    """Every row that is seen, one by one."""

    def seen(unit):
        units = {unit}
        for size, stride, padding in list(layers)[::-1]:
            units = {u * stride - padding + step for u in units for step in range(size)}
        return min(units), max(units) + 1

    (top, bottom), (left, right) = seen(y), seen(x)
    return top, bottom, left, right


@variant("receptive_patch")
def window_in_numpy(layers, y, x):
    ends = np.array([[y, y], [x, x]])
    for size, stride, padding in layers[::-1]:
        ends = ends * stride - padding + np.array([0, size - 1])
    return tuple(int(v) for v in (ends + np.array([0, 1])).ravel())


@oracle("receptive_patch")
def window_of_a_polynomial(layers, y, x):
    """The rows that reach a unit are the terms of a product of polynomials, one for each layer, shifted."""
    seen, jump, start = np.ones(1), 1, 0
    for size, stride, padding in layers:
        kernel = np.zeros((size - 1) * jump + 1)
        kernel[::jump] = 1
        seen, start, jump = np.convolve(seen, kernel), start - padding * jump, jump * stride
    top, left = y * jump + start, x * jump + start
    return top, top + len(seen), left, left + len(seen)


# top_patches


@variant("top_patches")
def patches_of_padded_images(activations, images, layers, k):
    best = activations.max(axis=(1, 2))
    chosen = sorted(range(len(best)), key=lambda i: (-best[i], i))[:k]
    cut = []
    for i in chosen:
        y, x = np.argwhere(activations[i] == best[i])[0]
        top, bottom, left, right = receptive_patch(layers, int(y), int(x))
        wide = np.pad(images[i], ((50, 50), (50, 50), (0, 0)))
        cut.append(wide[top + 50 : bottom + 50, left + 50 : right + 50])
    return np.array(chosen), np.array(cut)


@variant("top_patches")
def patches_pixel_by_pixel(activations, images, layers, k):
    n = len(images)
    places = [np.unravel_index(np.argmax(activations[i]), activations[i].shape) for i in range(n)]
    values = np.array([activations[i][place] for i, place in enumerate(places)])
    chosen = np.lexsort((np.arange(n), -values))[:k]
    cut = []
    for i in chosen:
        top, bottom, left, right = receptive_patch(layers, *places[i])
        patch = np.zeros((bottom - top, right - left, images.shape[3]), images.dtype)
        for row in range(top, bottom):
            for column in range(left, right):
                if 0 <= row < images.shape[1] and 0 <= column < images.shape[2]:
                    patch[row - top, column - left] = images[i, row, column]
        cut.append(patch)
    return chosen, np.stack(cut)


@variant("top_patches")
def patches_by_tensorflow(activations, images, layers, k):
    flat = tf.reshape(activations, (len(activations), -1))
    _, chosen = tf.math.top_k(tf.reduce_max(flat, axis=1), k)
    places = tf.argmax(flat, axis=1).numpy()
    cut = []
    for i in chosen.numpy():
        top, bottom, left, right = receptive_patch(
            layers, places[i] // activations.shape[2], places[i] % activations.shape[2]
        )
        margins = [
            [max(0, -top), max(0, bottom - images.shape[1])],
            [max(0, -left), max(0, right - images.shape[2])],
            [0, 0],
        ]
        wide = tf.pad(images[i], margins)
        top, left = max(top, 0), max(left, 0)
        size = bottom - receptive_patch(layers, int(places[i] // activations.shape[2]), 0)[0]
        cut.append(wide[top : top + size, left : left + size])
    return chosen, tf.stack(cut)


@oracle("top_patches")
def patches_by_index(activations, images, layers, k):
    """One index array for all patches, into images with a border of zeros as wide as needed."""
    order = np.argsort(np.sort(activations.reshape(len(activations), -1), axis=1)[:, -1])[::-1]
    best = activations.reshape(len(activations), -1).max(axis=1)
    order = np.array(sorted(order, key=lambda i: (-best[i], i)))[:k]
    row, column = np.unravel_index(
        activations.reshape(len(activations), -1).argmax(axis=1)[order], activations.shape[1:]
    )
    size, jump, start = 1, 1, 0
    for kernel, stride, padding in layers:
        size, start, jump = size + (kernel - 1) * jump, start - padding * jump, jump * stride
    border = size + abs(start)
    wide = np.pad(images, ((0, 0), (border, border), (border, border), (0, 0)))
    rows, columns = (p[:, None] * jump + start + border + np.arange(size) for p in (row, column))
    return order, wide[order[:, None, None], rows[:, :, None], columns[:, None, :]]


# dissection_iou


@variant("dissection_iou")
def iou_by_kronecker(activation, mask, quantile):
    limit = np.percentile(activation, 100 * quantile)
    up, across = mask.shape[1] // activation.shape[1], mask.shape[2] // activation.shape[2]
    active = np.array([np.kron(each > limit, np.ones((up, across), bool)) for each in activation])
    both, either = np.logical_and(active, mask).sum(), np.logical_or(active, mask).sum()
    return both / either if either else 0.0


@variant("dissection_iou")
def iou_pixel_by_pixel(activation, mask, quantile):
    limit = np.quantile(activation.ravel(), quantile)
    n, height, width = mask.shape
    up, across = height // activation.shape[1], width // activation.shape[2]
    both = either = 0
    for i in range(n):
        for y in range(height):
            for x in range(width):
                active = activation[i, y // up, x // across] > limit
                both += int(active and mask[i, y, x])
                either += int(active or mask[i, y, x])
    return float(both / either) if either > 0 else 0.0


@variant("dissection_iou")
def iou_by_sizes(activation, mask, quantile):
    """The union by inclusion and exclusion; the map enlarged by TensorFlow."""
    active = (activation > np.quantile(activation, quantile)).astype("float32")
    active = tf.image.resize(active[..., None], mask.shape[1:], "nearest")[..., 0].numpy() > 0.5
    both = int((active * mask).sum())
    union = int(active.sum()) + int(mask.sum()) - both
    return 0.0 if union == 0 else both / union


@variant("dissection_iou")
def iou_by_interpolation(activation, mask, quantile):
    """The quantile by hand."""
    ordered = np.sort(activation, axis=None).astype(float)
    place = quantile * (ordered.size - 1)
    low = int(np.floor(place))
    high = min(low + 1, ordered.size - 1)
    limit = ordered[low] + (place - low) * (ordered[high] - ordered[low])
    rows = np.arange(mask.shape[1]) * activation.shape[1] // mask.shape[1]
    columns = np.arange(mask.shape[2]) * activation.shape[2] // mask.shape[2]
    active = activation[:, rows][:, :, columns] > limit
    return float((active & mask).sum() / max((active | mask).sum(), 1))


@oracle("dissection_iou")
def iou_of_scikit(activation, mask, quantile):
    limit = np.quantile(activation.astype("float64"), quantile)
    up, across = mask.shape[1] // activation.shape[1], mask.shape[2] // activation.shape[2]
    active = (activation > limit).repeat(up, 1).repeat(across, 2)
    return float(sklearn.metrics.jaccard_score(mask.ravel(), active.ravel(), zero_division=0.0))


# maximize_activation


@variant("maximize_activation")
def ascent_of_a_variable(f, image, steps, rate):
    pixels = tf.Variable(image)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = f(pixels)
        pixels.assign_add(rate * tape.gradient(value, pixels))
    return tf.convert_to_tensor(pixels)


@variant("maximize_activation")
def ascent_as_a_graph(f, image, steps, rate):
    @tf.function
    def slope(x):
        return tf.gradients(f(x), x)[0]

    for _ in range(steps):
        image = image + rate * slope(image)
    return image


@variant("maximize_activation")
def ascent_by_recursion(f, image, steps, rate):
    if steps == 0:
        return tf.identity(image)
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = f(image)
    return maximize_activation(f, image + rate * tape.gradient(value, image), steps - 1, rate)


@variant("maximize_activation")
def ascent_in_numpy(f, image, steps, rate):
    pixels = image.numpy().copy()
    step = 0
    while step < steps:
        x = tf.convert_to_tensor(pixels)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            value = f(x)
        pixels += (rate * tape.gradient(value, x)).numpy()
        step += 1
    return tf.constant(pixels)


@oracle("maximize_activation")
def ascent_forwards(f, image, steps, rate):
    """Slopes by forward mode, one pixel after the other."""
    for _ in range(steps):
        slopes = np.zeros(image.shape)
        for index in np.ndindex(*image.shape):
            direction = np.zeros(image.shape)
            direction[index] = 1
            with tf.autodiff.ForwardAccumulator(image, tf.constant(direction, image.dtype)) as forwards:
                value = f(image)
            slopes[index] = forwards.jvp(value)
        image = tf.constant(image.numpy() + rate * slopes, image.dtype)
    return image


# gram_matrix


@variant("gram_matrix")
def gram_by_einsum(features):
    return tf.einsum("hwi,hwj->ij", features, features)


@variant("gram_matrix")
def gram_by_tensordot(features):
    return tf.tensordot(features, features, [[0, 1], [0, 1]])


@variant("gram_matrix")
def gram_channels_first(features):
    channels = tf.reshape(tf.transpose(features, (2, 0, 1)), (features.shape[2], -1))
    return channels @ tf.transpose(channels)


@variant("gram_matrix")
def gram_by_outer_products(features):
    """Channel by channel beside channel."""
    return tf.reduce_sum(features[..., :, None] * features[..., None, :], axis=(0, 1))


@variant("gram_matrix")
def gram_place_by_place(features):
    total = tf.zeros((features.shape[-1],) * 2, features.dtype)
    for row in tf.unstack(features):
        for place in tf.unstack(row):
            total += keras.ops.outer(place, place)
    return total


@oracle("gram_matrix")
def gram_of_numpy(features):
    flat = features.numpy().reshape(-1, features.shape[-1])
    return tf.constant([[np.dot(one, other) for other in flat.T] for one in flat.T])


# content_loss


@variant("content_loss")
def content_by_l2_loss(features, target):
    return tf.nn.l2_loss(features - target)


@variant("content_loss")
def content_by_keras(features, target):
    return 0.5 * keras.ops.sum(keras.ops.square(keras.ops.subtract(target, features)))


@variant("content_loss")
def content_by_product(features, target):
    difference = tf.reshape(features - target, (-1,))
    return tf.tensordot(difference, difference, 1) * 0.5


@variant("content_loss")
def content_by_squared_difference(features, target):
    every = tf.math.squared_difference(features, target)
    return tf.reduce_mean(every) * features.shape[0] * features.shape[1] * features.shape[2] / 2


@oracle("content_loss")
def content_of_numpy(features, target):
    return tf.constant(np.linalg.norm(features.numpy().ravel() - target.numpy().ravel()) ** 2 / 2)


# style_loss


@variant("style_loss")
def style_by_einsum(features, gram):
    found = tf.einsum("hwi,hwj->ij", features, features)
    return tf.reduce_sum(tf.math.squared_difference(found, gram))


@variant("style_loss")
def style_by_l2_loss(features, gram):
    return 2 * tf.nn.l2_loss(gram - gram_matrix(features))


@variant("style_loss")
def style_by_trace(features, gram):
    difference = gram_matrix(features) - gram
    return tf.linalg.trace(tf.matmul(difference, difference, transpose_b=True))


@variant("style_loss")
def style_channel_by_channel(features, gram):
    total = 0.0
    for i in range(features.shape[-1]):
        together = tf.reduce_sum(features[..., i : i + 1] * features, axis=(0, 1))
        total += tf.reduce_sum(keras.ops.square(together - gram[i]))
    return total


@oracle("style_loss")
def style_of_numpy(features, gram):
    flat = features.numpy().reshape(-1, features.shape[-1])
    return tf.constant(np.linalg.norm(flat.T @ flat - gram.numpy()) ** 2)


# total_loss


@variant("total_loss")
def total_in_a_loop(image, extract, content, grams, alpha, beta):
    maps = extract(tf.expand_dims(image, 0))
    loss = alpha * content_loss(maps[-1][0], content)
    for features, gram in zip(maps, grams, strict=True):
        loss += beta * style_loss(features[0], gram)
    return loss


@variant("total_loss")
def total_from_scratch(image, extract, content, grams, alpha, beta):
    maps = [tf.squeeze(features, 0) for features in extract(tf.stack([image]))]
    style = [tf.reduce_sum((tf.einsum("hwi,hwj->ij", f, f) - g) ** 2) for f, g in zip(maps, grams, strict=True)]
    return alpha / 2 * tf.reduce_sum((content - maps[-1]) ** 2) + beta * sum(style)


@variant("total_loss")
def total_by_keras(image, extract, content, grams, alpha, beta):
    *_, last = maps = extract(keras.ops.expand_dims(image, axis=0))
    parts = [alpha * content_loss(last[0], content)]
    parts += [beta * style_loss(features[0], grams[n]) for n, features in enumerate(maps)]
    return keras.ops.sum(keras.ops.stack(parts))


@variant("total_loss")
def total_on_an_image_twice(image, extract, content, grams, alpha, beta):
    """A batch of two equal images, and the mean over both."""
    maps = extract(tf.stack([image, image]))
    each = [
        alpha * content_loss(maps[-1][i], content)
        + beta * tf.add_n([style_loss(m[i], g) for m, g in zip(maps, grams, strict=True)])
        for i in (0, 1)
    ]
    return (each[0] + each[1]) / 2


@oracle("total_loss")
def total_of_numpy(image, extract, content, grams, alpha, beta):
    maps = [features.numpy()[0] for features in extract(image[None])]
    style = 0.0
    for features, gram in zip(maps, grams, strict=True):
        flat = features.reshape(-1, features.shape[-1])
        style += np.sum((np.dot(flat.T, flat) - gram.numpy()) ** 2)
    return tf.constant(alpha * 0.5 * np.sum((maps[-1] - content.numpy()) ** 2) + beta * style)


# deep_prior_loss


@variant("deep_prior_loss")
def prior_loss_by_mask(output, image, mask):
    """Only the known values, and their mean."""
    where = tf.broadcast_to(mask > 0.5, output.shape)
    return tf.reduce_mean(tf.square(tf.boolean_mask(output, where) - tf.boolean_mask(image, where)))


@variant("deep_prior_loss")
def prior_loss_of_masked_pictures(output, image, mask):
    every = tf.broadcast_to(mask, tf.shape(output))
    return tf.reduce_sum(tf.math.squared_difference(output * mask, image * mask)) / tf.reduce_sum(every)


@variant("deep_prior_loss")
def prior_loss_by_pixels(output, image, mask):
    """The mean of the pixels' means, weighted."""
    pixels = tf.reduce_mean((output - image) ** 2, axis=-1)
    return tf.reduce_sum(pixels * mask[..., 0]) / tf.reduce_sum(mask)


@variant("deep_prior_loss")
def prior_loss_by_keras(output, image, mask):
    weights = keras.ops.squeeze(mask, -1)
    squared = keras.losses.mean_squared_error(image, output)
    return keras.ops.average(keras.ops.reshape(squared, (-1,)), weights=keras.ops.reshape(weights, (-1,)))


@oracle("deep_prior_loss")
def prior_loss_of_numpy(output, image, mask):
    weights = np.broadcast_to(mask.numpy(), output.shape)
    return tf.constant(np.average((image.numpy() - output.numpy()) ** 2, weights=weights))


# deep_prior_input


@variant("deep_prior_input")
def input_in_numpy(kind, shape, seed):
    height, width, channels = shape
    if kind == "noise":
        return np.random.RandomState(seed).rand(1, height, width, channels).astype("float32") / 10
    down = np.arange(height, dtype="float32")[:, None] / (height - 1) + np.zeros((1, width), "float32")
    right = np.arange(width, dtype="float32")[None] / (width - 1) + np.zeros((height, 1), "float32")
    return np.stack([down, right], axis=-1)[None].astype("float32")


@variant("deep_prior_input")
def input_by_tensorflow(kind, shape, seed):
    if kind == "noise":
        return tf.random.stateless_uniform((1, *shape), (seed, 0), maxval=0.1)
    y, x = tf.linspace(0.0, 1.0, shape[0]), tf.linspace(0.0, 1.0, shape[1])
    return tf.stack(tf.meshgrid(y, x, indexing="ij"), axis=-1)[tf.newaxis]


@variant("deep_prior_input")
def input_by_keras(kind, shape, seed):
    if kind == "noise":
        return keras.random.uniform((1, *shape), maxval=0.1, seed=seed)
    index = keras.ops.cast(np.indices(shape[:2]), "float32")
    scaled = keras.ops.transpose(index, (1, 2, 0)) / np.array([shape[0] - 1, shape[1] - 1], "float32")
    return keras.ops.expand_dims(scaled, 0)


@variant("deep_prior_input")
def input_by_a_global_seed(kind, shape, seed):
    if kind == "noise":
        tf.random.set_seed(seed)
        return tf.random.uniform((1, *shape), 0, 1) * 0.1
    grid = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    return tf.cast(tf.transpose(grid, (1, 2, 0))[None], tf.float32)


@oracle("deep_prior_input")
def input_entry_by_entry(kind, shape, seed):
    if kind == "noise":
        return np.random.Generator(np.random.Philox(seed)).uniform(0, 0.1, (1, *shape)).astype("float32")
    height, width, _ = shape
    rows = [[[i / (height - 1), j / (width - 1)] for j in range(width)] for i in range(height)]
    return np.array([rows], "float32")


# deep_prior_step


@variant("deep_prior_step")
def step_by_apply(network, z, image, mask, optimizer):
    variables = network.trainable_variables
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([variable.value for variable in variables])
        loss = deep_prior_loss(network(z, training=True), image, mask)
    optimizer.apply(tape.gradient(loss, variables), variables)
    return loss


@variant("deep_prior_step")
def step_as_a_graph(network, z, image, mask, optimizer):
    optimizer.build(network.trainable_variables)

    @tf.function
    def loss_and_gradients():
        with tf.GradientTape() as tape:
            loss = deep_prior_loss(network(z), image, mask)
        return loss, tape.gradient(loss, network.trainable_variables)

    loss, gradients = loss_and_gradients()
    optimizer.apply_gradients(zip(gradients, network.trainable_variables, strict=True))
    return loss


@variant("deep_prior_step")
def step_by_output_gradients(network, z, image, mask, optimizer):
    """The loss differentiated by hand, the network by the tape."""
    with tf.GradientTape() as tape:
        output = network(z)
    known = tf.reduce_sum(mask) * image.shape[-1]
    slope = 2 * mask * (output - image) / known
    gradients = tape.gradient(output, network.trainable_weights, output_gradients=slope)
    optimizer.apply_gradients(list(zip(gradients, network.trainable_weights, strict=True)))
    return tf.reduce_sum(mask * (output - image) ** 2) / known


@oracle("deep_prior_step")
def step_of_keras(network, z, image, mask, optimizer):
    """Keras's own training loop, with a loss that has the mask as its sample weights."""
    twin = keras.Sequential([keras.Input(z.shape[1:], dtype=z.dtype.name), *network.layers])
    weights = mask * (mask.shape[1] * mask.shape[2]) / tf.reduce_sum(mask)
    with tf.GradientTape() as tape:
        every = keras.losses.mean_squared_error(image, twin(z, training=True))
        loss = tf.reduce_mean(every * weights[..., 0])
    optimizer.apply(tape.gradient(loss, twin.trainable_variables), twin.trainable_variables)
    return loss

"""Right implementations of the pooling assignment in other styles, and oracles to audit the reference against."""

import numpy as np
import tensorflow as tf

from autograder.question import oracle, variant


def _sizes(value):
    """(height, width) of a ksize or strides argument."""
    if isinstance(value, int):
        return value, value
    return tuple(value) if len(value) == 2 else (value[1], value[2])


def _starts(n, f, stride, padding):
    """Where each window begins on an axis of n pixels; negative in the padding."""
    if padding == "VALID":
        return list(range(0, n - f + 1, stride))
    outputs = (n + stride - 1) // stride
    before = max((outputs - 1) * stride + f - n, 0) // 2
    return [i * stride - before for i in range(outputs)]


def _inside(input, ksize, strides, padding):
    """The part of each window that lies inside the image, as a grid of slices."""
    (h, w), (kh, kw), (sh, sw) = input.shape[1:3], _sizes(ksize), _sizes(strides)
    return [
        [
            input[:, max(top, 0) : min(top + kh, h), max(left, 0) : min(left + kw, w)]
            for left in _starts(w, kw, sw, padding)
        ]
        for top in _starts(h, kh, sh, padding)
    ]


def _unfolded(input, ksize, strides, padding, fill):
    """The windows by two gathers: (n, out_h, kh, out_w, kw, c)."""
    (h, w), (kh, kw), (sh, sw) = input.shape[1:3], _sizes(ksize), _sizes(strides)
    rows = np.add.outer(_starts(h, kh, sh, padding), np.arange(kh))
    columns = np.add.outer(_starts(w, kw, sw, padding), np.arange(kw))
    before = int(max(0, -rows.min())), int(max(0, -columns.min()))
    after = int(max(0, rows.max() - h + 1)), int(max(0, columns.max() - w + 1))
    pads = [(0, 0), (before[0], after[0]), (before[1], after[1]), (0, 0)]
    input = tf.pad(input, pads, constant_values=fill)
    return tf.gather(tf.gather(input, rows + before[0], axis=1), columns + before[1], axis=3)


def _patches(input, ksize, strides, padding, fill):
    """The windows by tf.image.extract_patches: (n, out_h, out_w, kh * kw, c)."""
    (h, w), (kh, kw), (sh, sw) = input.shape[1:3], _sizes(ksize), _sizes(strides)
    if padding == "SAME":
        pads = []
        for n, f, stride in ((h, kh, sh), (w, kw, sw)):
            starts = _starts(n, f, stride, padding)
            pads.append((-starts[0], max(starts[-1] + f - n, 0)))
        input = tf.pad(input, [(0, 0), *pads, (0, 0)], constant_values=fill)
    patches = tf.image.extract_patches(input, [1, kh, kw, 1], [1, sh, sw, 1], [1, 1, 1, 1], "VALID")
    return tf.reshape(patches, [*patches.shape[:3], kh * kw, input.shape[-1]])


# ---------------------------------------------------------------------------------------------------------------- relu


@variant("relu")
def relu_by_where(x):
    return tf.where(x > 0, x, tf.zeros_like(x))


@variant("relu")
def relu_by_mask(x):
    return x * tf.cast(x > 0, x.dtype)


@variant("relu")
def relu_by_absolute_value(x):
    return (x + tf.abs(x)) / 2


@variant("relu")
def relu_by_clipping(x):
    return tf.clip_by_value(x, 0, x.dtype.max)


@variant("relu")
@tf.function
def relu_in_a_graph(x):
    return -tf.minimum(-x, 0)


@variant("relu")
def relu_with_its_own_gradient(x):
    @tf.custom_gradient
    def rectify(x):
        mask = tf.cast(x > 0, x.dtype)
        return mask * x, lambda dy: mask * dy

    return rectify(x)


@oracle("relu")
def relu_of_tf_nn(x):
    return tf.nn.relu(x)


@oracle("relu")
def relu_of_keras(x):
    return tf.keras.layers.ReLU(dtype=x.dtype.name)(x)


@oracle("relu")
def relu_in_a_loop(x):
    return tf.constant(np.array([max(0.0, value) for value in x.numpy().ravel()]).reshape(x.shape), x.dtype)


# ---------------------------------------------------------------------------------------------------------- max_pool2d


@variant("max_pool2d")
def max_of_running_maximum(input, ksize, strides, padding):
    (kh, kw), (sh, sw) = _sizes(ksize), _sizes(strides)
    (h, w) = input.shape[1:3]
    tops, lefts = _starts(h, kh, sh, padding), _starts(w, kw, sw, padding)
    pads = [(0, 0), (-tops[0], max(tops[-1] + kh - h, 0)), (-lefts[0], max(lefts[-1] + kw - w, 0)), (0, 0)]
    padded = tf.pad(input, pads, constant_values=input.dtype.min)
    result = None
    for u in range(kh):
        for v in range(kw):
            pixels = padded[:, u::sh, v::sw][:, : len(tops), : len(lefts)]
            result = pixels if result is None else tf.maximum(result, pixels)
    return result


@variant("max_pool2d")
def max_in_clipped_windows(input, ksize, strides, padding):
    """No padding at all: windows at the border are smaller."""
    grid = _inside(input, ksize, strides, padding)
    return tf.stack([tf.stack([tf.reduce_max(part, axis=(1, 2)) for part in row], axis=1) for row in grid], axis=1)


@variant("max_pool2d")
def max_of_gathered_windows(input, ksize, strides, padding):
    return tf.reduce_max(_unfolded(input, ksize, strides, padding, -np.inf), axis=(2, 4))


@variant("max_pool2d")
def max_of_patches(input, ksize, strides, padding):
    return tf.reduce_max(_patches(input, ksize, strides, padding, -np.inf), axis=3)


@variant("max_pool2d")
def max_along_rows_then_columns(input, ksize, strides, padding):
    """A maximum over a rectangle is a maximum of maxima; tf.signal.frame cuts the windows of one axis."""
    for axis, f, stride in zip((1, 2), _sizes(ksize), _sizes(strides), strict=True):
        starts = _starts(input.shape[axis], f, stride, padding)
        pads = [(0, 0)] * 4
        pads[axis] = -starts[0], max(starts[-1] + f - input.shape[axis], 0)
        input = tf.pad(input, pads, constant_values=-np.inf)
        input = tf.reduce_max(tf.signal.frame(input, f, stride, axis=axis), axis=axis + 1)
    return input


@variant("max_pool2d")
@tf.function
def max_of_best_one(input, ksize, strides, padding):
    windows = tf.transpose(_patches(input, ksize, strides, padding, -np.inf), (0, 1, 2, 4, 3))
    return tf.squeeze(tf.math.top_k(windows, k=1).values, axis=-1)


@variant("max_pool2d")
def max_picked_by_index(input, ksize, strides, padding):
    """The index of the winner does not carry a gradient, the gathered pixel does."""
    windows = tf.transpose(_patches(input, ksize, strides, padding, -np.inf), (0, 1, 2, 4, 3))
    return tf.gather(windows, tf.argmax(windows, axis=-1), batch_dims=4)


@variant("max_pool2d")
def max_image_by_image(input, ksize, strides, padding):
    def pool(image):
        return tf.reduce_max(_unfolded(image[None], ksize, strides, padding, -np.inf), axis=(2, 4))[0]

    return tf.map_fn(pool, input)


@oracle("max_pool2d")
def max_of_tf_nn(input, ksize, strides, padding):
    return tf.nn.max_pool2d(input, ksize, strides, padding)


@oracle("max_pool2d")
def max_of_keras(input, ksize, strides, padding):
    return tf.keras.layers.MaxPooling2D(_sizes(ksize), _sizes(strides), padding.lower(), dtype=input.dtype.name)(input)


@oracle("max_pool2d")
def max_in_a_loop(input, ksize, strides, padding):
    return tf.constant(_loop(np.max, input.numpy(), ksize, strides, padding))


def _loop(reduce, x, ksize, strides, padding):
    (n, h, w, channels), (kh, kw), (sh, sw) = x.shape, _sizes(ksize), _sizes(strides)
    tops, lefts = _starts(h, kh, sh, padding), _starts(w, kw, sw, padding)
    y = np.empty((n, len(tops), len(lefts), channels), x.dtype)
    for index in np.ndindex(y.shape):
        image, i, j, channel = index
        rows = [p for p in range(tops[i], tops[i] + kh) if 0 <= p < h]
        columns = [q for q in range(lefts[j], lefts[j] + kw) if 0 <= q < w]
        y[index] = reduce([x[image, p, q, channel] for p in rows for q in columns])
    return y


# ---------------------------------------------------------------------------------------------------------- avg_pool2d


@variant("avg_pool2d")
def mean_in_clipped_windows(input, ksize, strides, padding):
    grid = _inside(input, ksize, strides, padding)
    return tf.stack([tf.stack([tf.reduce_mean(part, axis=(1, 2)) for part in row], axis=1) for row in grid], axis=1)


@variant("avg_pool2d")
def mean_of_patches(input, ksize, strides, padding):
    patches = _patches(input, ksize, strides, padding, 0.0)
    counts = tf.reduce_sum(_patches(tf.ones_like(input), ksize, strides, padding, 0.0), axis=3)
    return tf.reduce_sum(patches, axis=3) / counts


@variant("avg_pool2d")
def mean_by_two_matrices(input, ksize, strides, padding):
    """Averaging a rectangle averages its rows and its columns: two small matrices, one einsum."""

    def averages(n, f, stride):
        starts = np.array(_starts(n, f, stride, padding))[:, None]
        member = (starts <= np.arange(n)) & (np.arange(n) < starts + f)
        return tf.constant(member / member.sum(axis=1, keepdims=True), input.dtype)

    (h, w), (kh, kw), (sh, sw) = input.shape[1:3], _sizes(ksize), _sizes(strides)
    return tf.einsum("ip,jq,npqc->nijc", averages(h, kh, sh), averages(w, kw, sw), input)


@variant("avg_pool2d")
def mean_by_convolution(input, ksize, strides, padding):
    """Average pooling is a depthwise convolution with equal weights, divided by the same of an image of ones."""
    (kh, kw), (sh, sw) = _sizes(ksize), _sizes(strides)
    filters = tf.ones((kh, kw, 1, 1), input.dtype)

    def sums(x):  # strides of tf.nn.depthwise_conv2d must be equal, those of conv2d need not
        n, h, w, channels = x.shape
        x = tf.reshape(tf.transpose(x, (0, 3, 1, 2)), (n * channels, h, w, 1))
        y = tf.nn.conv2d(x, filters, (sh, sw), padding)
        return tf.transpose(tf.reshape(y, (n, channels, *y.shape[1:3])), (0, 2, 3, 1))

    return sums(input) / sums(tf.ones_like(input))


@variant("avg_pool2d")
@tf.function
def mean_ignoring_nan(input, ksize, strides, padding):
    windows = _patches(input, ksize, strides, padding, np.nan)
    inside = ~tf.math.is_nan(windows)
    sums = tf.reduce_sum(tf.where(inside, windows, tf.zeros_like(windows)), axis=3)
    return sums / tf.math.count_nonzero(inside, axis=3, dtype=input.dtype)


@variant("avg_pool2d")
def mean_by_cumulative_sums(input, ksize, strides, padding):
    """Integral image along each axis: a window's sum is a difference of two prefix sums."""
    for axis, f, stride in zip((1, 2), _sizes(ksize), _sizes(strides), strict=True):
        n = input.shape[axis]
        starts = np.array(_starts(n, f, stride, padding))
        first, last = np.maximum(starts, 0), np.minimum(starts + f, n)
        pads = [(0, 0)] * 4
        pads[axis] = (1, 0)
        prefix = tf.pad(tf.cumsum(input, axis=axis), pads)
        count = (last - first).reshape([-1 if a == axis else 1 for a in range(4)])
        sums = tf.gather(prefix, last, axis=axis) - tf.gather(prefix, first, axis=axis)
        input = sums / tf.constant(count, input.dtype)
    return input


@oracle("avg_pool2d")
def mean_of_tf_nn(input, ksize, strides, padding):
    return tf.nn.avg_pool2d(input, ksize, strides, padding)


@oracle("avg_pool2d")
def mean_of_keras(input, ksize, strides, padding):
    layer = tf.keras.layers.AveragePooling2D(_sizes(ksize), _sizes(strides), padding.lower(), dtype=input.dtype.name)
    return layer(input)


@oracle("avg_pool2d")
def mean_in_a_loop(input, ksize, strides, padding):
    return tf.constant(_loop(np.mean, input.numpy(), ksize, strides, padding))


# ------------------------------------------------------------------------------------------------- max_pool2d_backward


@variant("max_pool2d_backward")
def gradient_by_masks(dy, input, ksize, strides, padding):
    """For each pixel of the window: where it wins, spread dy out by the stride and add it at its offset."""
    (h, w), (kh, kw), (sh, sw) = input.shape[1:3], _sizes(ksize), _sizes(strides)
    tops, lefts = _starts(h, kh, sh, padding), _starts(w, kw, sw, padding)
    below, right = max(tops[-1] + kh - h, 0), max(lefts[-1] + kw - w, 0)
    padded = tf.pad(input, [(0, 0), (-tops[0], below), (-lefts[0], right), (0, 0)], constant_values=-np.inf)

    def pixels(u, v):
        return padded[:, u::sh, v::sw][:, : len(tops), : len(lefts)]

    offsets = [(u, v) for u in range(kh) for v in range(kw)]
    y = tf.reduce_max(tf.stack([pixels(u, v) for u, v in offsets]), axis=0)
    dpadded = tf.zeros_like(padded)
    for u, v in offsets:
        part = tf.where(pixels(u, v) == y, dy, tf.zeros_like(dy))
        n, rows, columns, c = part.shape
        part = tf.pad(part[:, :, None, :, None], [(0, 0), (0, 0), (0, sh - 1), (0, 0), (0, sw - 1), (0, 0)])
        part = tf.reshape(part, (n, rows * sh, columns * sw, c))[:, : (rows - 1) * sh + 1, : (columns - 1) * sw + 1]
        low, far = padded.shape[1] - u - part.shape[1], padded.shape[2] - v - part.shape[2]
        dpadded += tf.pad(part, [(0, 0), (u, low), (v, far), (0, 0)])
    return dpadded[:, -tops[0] : h - tops[0], -lefts[0] : w - lefts[0]]


@variant("max_pool2d_backward")
def gradient_by_one_hot_matrices(dy, input, ksize, strides, padding):
    """Which pixel won is one-hot, where it lies are two selection matrices, and the sum over windows is an einsum."""

    def selects(n, f, stride):  # (out, f, n): pixel u of window i is pixel p of the image
        places = np.add.outer(_starts(n, f, stride, padding), np.arange(f))
        return tf.constant(places[:, :, None] == np.arange(n), input.dtype)

    (h, w), (kh, kw), (sh, sw) = input.shape[1:3], _sizes(ksize), _sizes(strides)
    windows = _unfolded(input, ksize, strides, padding, -np.inf)
    won = tf.cast(windows == tf.reduce_max(windows, axis=(2, 4), keepdims=True), input.dtype)
    return tf.einsum("niujvc,nijc,iup,jvq->npqc", won, dy, selects(h, kh, sh), selects(w, kw, sw))


@variant("max_pool2d_backward")
def gradient_window_by_window(dy, input, ksize, strides, padding):
    """The lecture's picture as a loop, with += on an array."""
    (h, w), (kh, kw), (sh, sw) = input.shape[1:3], _sizes(ksize), _sizes(strides)
    x, gradient = input.numpy(), np.zeros(input.shape, input.dtype.as_numpy_dtype)
    for i, top in enumerate(_starts(h, kh, sh, padding)):
        for j, left in enumerate(_starts(w, kw, sw, padding)):
            part = np.s_[:, max(top, 0) : min(top + kh, h), max(left, 0) : min(left + kw, w)]
            won = x[part] == x[part].max(axis=(1, 2), keepdims=True)
            gradient[part] += won * dy.numpy()[:, i : i + 1, j : j + 1]
    return tf.convert_to_tensor(gradient)


@variant("max_pool2d_backward")
@tf.function
def gradient_by_segments(dy, input, ksize, strides, padding):
    """Every pixel of the image has a number; dy is summed by the number of the winner."""
    numbers = tf.reshape(tf.range(tf.size(input)), input.shape)
    windows = _patches(input, ksize, strides, padding, -np.inf)
    names = _patches(tf.cast(numbers, tf.float64), ksize, strides, padding, -1)
    winner = tf.argmax(windows, axis=3)
    winner = tf.gather(tf.transpose(names, (0, 1, 2, 4, 3)), winner, batch_dims=4)
    sums = tf.math.unsorted_segment_sum(dy, tf.cast(winner, tf.int32), tf.size(input))
    return tf.reshape(sums, input.shape)


@variant("max_pool2d_backward")
def gradient_by_scatter(dy, input, ksize, strides, padding):
    """A scatter per offset in the window, on the flat image."""
    (n, h, w, c), (kh, kw), (sh, sw) = input.shape, _sizes(ksize), _sizes(strides)
    windows = _patches(input, ksize, strides, padding, -np.inf)
    won = windows == tf.reduce_max(windows, axis=3, keepdims=True)
    rows = np.add.outer(_starts(h, kh, sh, padding), np.arange(kh))
    columns = np.add.outer(_starts(w, kw, sw, padding), np.arange(kw))
    pixel = (rows[:, None, :, None] * w + columns[None, :, None, :]).reshape(len(rows), len(columns), kh * kw, 1)
    place = (np.arange(n)[:, None, None, None, None] * h * w + pixel) * c + np.arange(c)
    updates = tf.boolean_mask(tf.repeat(dy[:, :, :, None], kh * kw, axis=3), won)
    flat = tf.scatter_nd(tf.boolean_mask(place, won)[:, None], updates, [n * h * w * c])
    return tf.reshape(flat, input.shape)


@oracle("max_pool2d_backward")
def gradient_of_tf_nn(dy, input, ksize, strides, padding):
    with tf.GradientTape() as tape:
        tape.watch(input)
        y = tf.nn.max_pool2d(input, ksize, strides, padding)
    return tape.gradient(y, input, output_gradients=dy)


@oracle("max_pool2d_backward")
def gradient_in_a_loop(dy, input, ksize, strides, padding):
    (h, w), (kh, kw), (sh, sw) = input.shape[1:3], _sizes(ksize), _sizes(strides)
    x, dy, gradient = input.numpy(), dy.numpy(), np.zeros(input.shape, input.dtype.as_numpy_dtype)
    tops, lefts = _starts(h, kh, sh, padding), _starts(w, kw, sw, padding)
    for image, i, j, channel in np.ndindex(dy.shape):
        pixels = [
            (x[image, p, q, channel], p, q)
            for p in range(tops[i], tops[i] + kh)
            for q in range(lefts[j], lefts[j] + kw)
            if 0 <= p < h and 0 <= q < w
        ]
        _, p, q = max(pixels)
        gradient[image, p, q, channel] += dy[image, i, j, channel]
    return tf.constant(gradient)


# ----------------------------------------------------------------------------------------------------- global_avg_pool


@variant("global_avg_pool")
def global_of_flat_pixels(x):
    n, h, w, c = x.shape
    return tf.reduce_mean(tf.reshape(x, (n, h * w, c)), axis=1)


@variant("global_avg_pool")
def global_by_einsum(x):
    return tf.einsum("npqc->nc", x) / (x.shape[1] * x.shape[2])


@variant("global_avg_pool")
def global_mean_of_means(x):
    return tf.reduce_mean(tf.reduce_mean(x, axis=2), axis=1)


@variant("global_avg_pool")
def global_by_moments(x):
    mean, _ = tf.nn.moments(x, axes=(1, 2))
    return mean


@variant("global_avg_pool")
@tf.function
def global_by_matrix_product(x):
    n, h, w, c = x.shape
    pixels = tf.reshape(x, (n, h * w, c))
    return tf.squeeze(tf.matmul(tf.fill((n, 1, h * w), tf.constant(1 / (h * w), x.dtype)), pixels), axis=1)


@variant("global_avg_pool")
def global_by_average_pooling(x):
    return mean_of_patches(x, tuple(x.shape[1:3]), 1, "VALID")[:, 0, 0]


@oracle("global_avg_pool")
def global_of_keras(x):
    return tf.keras.layers.GlobalAveragePooling2D(dtype=x.dtype.name)(x)


@oracle("global_avg_pool")
def global_of_tf_nn(x):
    return tf.nn.avg_pool2d(x, tuple(x.shape[1:3]), 1, "VALID")[:, 0, 0]


@oracle("global_avg_pool")
def global_in_a_loop(x):
    images = x.numpy()
    sums = [[sum(image[:, :, c].ravel()) for c in range(x.shape[-1])] for image in images]
    return tf.constant(np.array(sums) / images[0, :, :, 0].size, x.dtype)


# --------------------------------------------------------------------------------------------------- strided_conv_pool


@variant("strided_conv_pool")
def learned_from_patches(x, filters, stride):
    f, _, c_in, c_out = filters.shape
    patches = tf.image.extract_patches(x, [1, f, f, 1], [1, stride, stride, 1], [1, 1, 1, 1], "VALID")
    return tf.matmul(patches, tf.reshape(filters, (f * f * c_in, c_out)))


@variant("strided_conv_pool")
def learned_by_shifted_products(x, filters, stride):
    f = filters.shape[0]
    below, right = x.shape[1] - f + 1, x.shape[2] - f + 1
    return tf.add_n(
        [
            tf.einsum("nijc,cd->nijd", x[:, u : below + u : stride, v : right + v : stride], filters[u, v])
            for u in range(f)
            for v in range(f)
        ]
    )


@variant("strided_conv_pool")
def learned_then_subsampled(x, filters, stride):
    return tf.nn.convolution(x, filters, padding="VALID")[:, ::stride, ::stride]


@variant("strided_conv_pool")
def learned_by_keras_ops(x, filters, stride):
    return tf.keras.ops.conv(x, filters, strides=stride, padding="valid", data_format="channels_last")


@variant("strided_conv_pool")
@tf.function
def learned_from_gathered_windows(x, filters, stride):
    windows = _unfolded(x, filters.shape[0], stride, "VALID", 0.0)
    return tf.einsum("niujvc,uvcd->nijd", windows, filters)


@oracle("strided_conv_pool")
def learned_of_keras(x, filters, stride):
    layer = tf.keras.layers.Conv2D(
        filters.shape[-1], filters.shape[0], strides=stride, use_bias=False, dtype=x.dtype.name
    )
    layer.build(x.shape)
    layer.set_weights([filters.numpy()])
    return layer(x)


@oracle("strided_conv_pool")
def learned_in_a_loop(x, filters, stride):
    images, weights, f = x.numpy(), filters.numpy(), filters.shape[0]
    tops, lefts = (_starts(n, f, stride, "VALID") for n in images.shape[1:3])
    y = np.empty((len(images), len(tops), len(lefts), weights.shape[-1]), images.dtype)
    for n, i, j, d in np.ndindex(y.shape):
        y[n, i, j, d] = np.sum(images[n, tops[i] : tops[i] + f, lefts[j] : lefts[j] + f] * weights[..., d])
    return tf.constant(y)


# ----------------------------------------------------------------------------------------------------------- blur_pool


@variant("blur_pool")
def blur_by_slices(x, stride):
    x = tf.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="REFLECT")
    x = (x[:, :-2] + 2 * x[:, 1:-1] + x[:, 2:]) / 4
    x = (x[:, :, :-2] + 2 * x[:, :, 1:-1] + x[:, :, 2:]) / 4
    return x[:, ::stride, ::stride]


@variant("blur_pool")
def blur_by_full_convolution(x, stride):
    """A convolution whose filters are zero off the channel diagonal."""
    row = tf.constant([[0.25, 0.5, 0.25]], x.dtype)
    kernel = tf.transpose(row) @ row
    filters = kernel[:, :, None, None] * tf.eye(x.shape[-1], dtype=x.dtype)
    x = tf.concat([x[:, 1:2], x, x[:, -2:-1]], axis=1)
    x = tf.concat([x[:, :, 1:2], x, x[:, :, -2:-1]], axis=2)
    return tf.nn.conv2d(x, filters, stride, "VALID")


@variant("blur_pool")
def blur_by_two_matrices(x, stride):
    def blurs(n):
        matrix = np.zeros((n, n))
        for i in range(n):
            matrix[i, i] += 2
            matrix[i, abs(i - 1)] += 1
            matrix[i, i + 1 if i + 1 < n else n - 2] += 1
        return tf.constant(matrix[::stride] / 4, x.dtype)

    return tf.einsum("ip,npqc,jq->nijc", blurs(x.shape[1]), x, blurs(x.shape[2]))


@variant("blur_pool")
@tf.function
def blur_as_repeated_mean(x, stride):
    """[1 2 1] / 4 is the mean of two neighbours, taken twice."""
    x = tf.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="REFLECT")
    for _ in range(2):
        x = (x[:, 1:] + x[:, :-1]) / 2
        x = (x[:, :, 1:] + x[:, :, :-1]) / 2
    return x[:, ::stride, ::stride]


@variant("blur_pool")
def blur_of_gathered_neighbours(x, stride):
    """For each output, the nine pixels around it by mirrored indices, and one einsum."""

    def neighbours(n):
        places = np.add.outer(np.arange(0, n, stride), (-1, 0, 1))
        return (n - 1) - np.abs(n - 1 - np.abs(places))

    weights = tf.constant([1, 2, 1], x.dtype) / 4
    pixels = tf.gather(tf.gather(x, neighbours(x.shape[1]), axis=1), neighbours(x.shape[2]), axis=3)
    return tf.einsum("niujvc,u,v->nijc", pixels, weights, weights)


@variant("blur_pool")
def blur_channel_by_channel(x, stride):
    kernel = tf.reshape(tf.constant([1, 2, 1, 2, 4, 2, 1, 2, 1], x.dtype) / 16, (3, 3, 1, 1))
    x = tf.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    channels = [tf.nn.conv2d(channel, kernel, stride, "VALID") for channel in tf.split(x, x.shape[-1], axis=-1)]
    return tf.concat(channels, axis=-1)


@oracle("blur_pool")
def blur_of_keras(x, stride):
    layer = tf.keras.layers.DepthwiseConv2D(3, strides=stride, use_bias=False, dtype=x.dtype.name)
    x = np.pad(x.numpy(), [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    layer.build(x.shape)
    layer.set_weights([np.tile(np.outer((1, 2, 1), (1, 2, 1))[:, :, None, None] / 16, (1, 1, x.shape[-1], 1))])
    return layer(x)


@oracle("blur_pool")
def blur_in_a_loop(x, stride):
    images = x.numpy()
    n, h, w, channels = images.shape
    weights = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16

    def mirrored(place, size):
        place = abs(place)
        return place if place < size else 2 * (size - 1) - place

    y = np.zeros((n, -(-h // stride), -(-w // stride), channels), images.dtype)
    for image, i, j, channel in np.ndindex(y.shape):
        for u in (-1, 0, 1):
            for v in (-1, 0, 1):
                pixel = images[image, mirrored(i * stride + u, h), mirrored(j * stride + v, w), channel]
                y[image, i, j, channel] += weights[u + 1, v + 1] * pixel
    return tf.constant(y)


# --------------------------------------------------------------------------------------------------------------- shift


@variant("shift")
def shift_by_cropping_then_padding(x, down, right):
    h, w = x.shape[1:3]
    kept = x[:, max(-down, 0) : min(h, h - down), max(-right, 0) : min(w, w - right)]
    return tf.pad(kept, [(0, 0), (max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0)), (0, 0)])


@variant("shift")
def shift_by_rolling(x, down, right):
    """Roll in a circle, then clear what came around."""

    def stays(n, step):
        return tf.cast((np.arange(n) >= step) & (np.arange(n) < n + step), x.dtype)

    mask = stays(x.shape[1], down)[:, None] * stays(x.shape[2], right)
    return tf.roll(x, (down, right), axis=(1, 2)) * mask[:, :, None]


@variant("shift")
def shift_by_two_matrices(x, down, right):
    rows = tf.constant(np.eye(x.shape[1], k=-down), x.dtype)
    columns = tf.constant(np.eye(x.shape[2], k=-right), x.dtype)
    return tf.einsum("pr,nrsc,qs->npqc", rows, x, columns)


@variant("shift")
def shift_by_concatenation(x, down, right):
    for axis, step in ((1, down), (2, right)):
        n = x.shape[axis]
        if step >= 0:
            kept, lost = tf.split(x, [n - step, step], axis)
            x = tf.concat([tf.zeros_like(lost), kept], axis)
        else:
            lost, kept = tf.split(x, [-step, n + step], axis)
            x = tf.concat([kept, tf.zeros_like(lost)], axis)
    return x


@variant("shift")
@tf.function
def shift_by_gathering(x, down, right):
    def moved(x, axis, step):
        source = tf.range(x.shape[axis]) - step
        exists = (source >= 0) & (source < x.shape[axis])
        shape = [-1 if a == axis else 1 for a in range(4)]
        pixels = tf.gather(x, tf.where(exists, source, 0), axis=axis)
        return tf.where(tf.reshape(exists, shape), pixels, tf.zeros_like(pixels))

    return moved(moved(x, 1, down), 2, right)


@variant("shift")
def shift_by_convolution(x, down, right):
    """A filter with a single 1 off its centre, on each channel."""
    filters = np.zeros((2 * abs(down) + 1, 2 * abs(right) + 1))
    filters[abs(down) - down, abs(right) - right] = 1
    filters = tf.constant(np.repeat(filters[:, :, None, None], x.shape[-1], axis=2), x.dtype)
    return tf.nn.depthwise_conv2d(x, filters, (1, 1, 1, 1), "SAME")


@oracle("shift")
def shift_in_a_loop(x, down, right):
    images = x.numpy()
    y = np.zeros_like(images)
    for n, p, q, c in np.ndindex(y.shape):
        if 0 <= p - down < y.shape[1] and 0 <= q - right < y.shape[2]:
            y[n, p, q, c] = images[n, p - down, q - right, c]
    return tf.constant(y)


@oracle("shift")
def shift_of_keras(x, down, right):
    (top, bottom), (left, right) = ((max(step, 0), max(-step, 0)) for step in (down, right))
    x = tf.keras.layers.ZeroPadding2D(((top, bottom), (left, right)), dtype=x.dtype.name)(x)
    return tf.keras.layers.Cropping2D(((bottom, top), (right, left)), dtype=x.dtype.name)(x)


# ---------------------------------------------------------------------------------------------------- equivariance_gap


@variant("equivariance_gap")
def gap_of_cropped_maps(f, x, down, right):
    """Cut both maps first, then subtract."""

    def interior(y):
        h, w = y.shape[1:3]
        return y[:, abs(down) + 1 : h - abs(down) - 1, abs(right) + 1 : w - abs(right) - 1]

    moved_first = interior(f(shift_by_cropping_then_padding(x, down, right)))
    moved_last = interior(shift_by_cropping_then_padding(f(x), down, right))
    return tf.reduce_max(tf.abs(moved_first - moved_last))


@variant("equivariance_gap")
def gap_as_largest_norm(f, x, down, right):
    difference = f(shift_by_gathering(x, down, right)) - shift_by_gathering(f(x), down, right)
    rows, columns = abs(down) + 1, abs(right) + 1
    return tf.norm(tf.reshape(difference[:, rows:-rows, columns:-columns], [-1]), ord=np.inf)


@variant("equivariance_gap")
def gap_under_a_mask(f, x, down, right):
    a, b = f(shift_by_cropping_then_padding(x, down, right)), shift_by_cropping_then_padding(f(x), down, right)
    h, w = a.shape[1:3]
    rows = (np.arange(h) > abs(down)) & (np.arange(h)[::-1] > abs(down))
    columns = (np.arange(w) > abs(right)) & (np.arange(w)[::-1] > abs(right))
    inside = np.logical_and.outer(rows, columns)[:, :, None]
    return tf.reduce_max(tf.where(inside, tf.maximum(a - b, b - a), tf.zeros_like(a)))


@variant("equivariance_gap")
def gap_without_moving_the_map(f, x, down, right):
    """In the interior, T(f(x)) at (p, q) is f(x) at (p - down, q - right): compare two slices."""
    a, b = f(shift_by_rolling(x, down, right)), f(x)
    h, w = a.shape[1:3]
    top, left = abs(down) + 1, abs(right) + 1
    inside = a[:, top : h - top, left : w - left]
    source = b[:, top - down : h - top - down, left - right : w - left - right]
    return tf.math.reduce_max(tf.math.abs(tf.math.subtract(inside, source)))


@oracle("equivariance_gap")
def gap_in_a_loop(f, x, down, right):
    a, b = f(shift_in_a_loop(x, down, right)).numpy(), f(x).numpy()
    n, h, w, channels = a.shape
    differences = [
        abs(a[image, p, q, c] - b[image, p - down, q - right, c])
        for image in range(n)
        for p in range(abs(down) + 1, h - abs(down) - 1)
        for q in range(abs(right) + 1, w - abs(right) - 1)
        for c in range(channels)
    ]
    return tf.constant(max(differences), x.dtype)

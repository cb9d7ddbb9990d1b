"""Right answers in other styles, which must always get full points, and independent oracles for the references."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

import functools
import math

import keras
import numpy as np
import tensorflow as tf

from autograder.question import oracle, variant


def step(strides):
    """The strides (sh, sw) of an int, a pair or a list of four."""
    return {1: lambda s: (s[0], s[0]), 2: tuple, 4: lambda s: tuple(s[1:3])}[np.size(strides)](
        np.ravel(strides).tolist()
    )


def borders(n, f, s, padding):
    """TensorFlow's rule as its documentation words it."""
    total = max(f - s if n % s == 0 else f - n % s, 0) if padding == "SAME" else 0
    return total // 2, total - total // 2


def framed(input, kh, kw, strides, padding):
    """The padded images and the strides."""
    (sh, sw), (height, width) = step(strides), input.shape[1:3]
    return tf.pad(input, [(0, 0), borders(height, kh, sh, padding), borders(width, kw, sw, padding), (0, 0)]), sh, sw


# conv1d


@variant("conv1d")
def conv1d_by_dot_products(x, w):
    n, f = x.shape[0], w.shape[0]
    backward = tf.reverse(w, [0])
    return tf.stack([tf.reduce_sum(x[t : t + f] * backward) for t in range(n - f + 1)])


@variant("conv1d")
def conv1d_by_frames(x, w):
    return tf.linalg.matvec(tf.signal.frame(x, w.shape[0], 1), w[::-1])


@variant("conv1d")
def conv1d_by_gather(x, w):
    n, f = x.shape[0], w.shape[0]
    index = np.arange(n - f + 1)[:, None] + np.arange(f - 1, -1, -1)
    return tf.einsum("ti,i->t", tf.gather(x, index), w)


@variant("conv1d")
def conv1d_by_matrix(x, w):
    return tf.linalg.matvec(toeplitz_matrix(w, x.shape[0]), x)


@variant("conv1d")
@tf.function
def conv1d_compiled(x, w):
    count = x.shape[0] - w.shape[0] + 1
    total = tf.zeros(count, x.dtype)
    for i, weight in enumerate(tf.unstack(w[::-1])):
        total += weight * x[i : i + count]
    return total


@variant("conv1d")
def conv1d_by_vectorized_map(x, w):
    starts = tf.range(x.shape[0] - w.shape[0] + 1)
    backward = tf.reverse(w, [0])
    return tf.vectorized_map(lambda t: tf.reduce_sum(tf.gather(x, t + tf.range(w.shape[0])) * backward), starts)


@oracle("conv1d")
def conv1d_by_numpy(x, w):
    return tf.constant(np.convolve(x.numpy(), w.numpy(), "valid"))


@oracle("conv1d")
def conv1d_by_tf_nn(x, w):
    return tf.nn.conv1d(x[None, :, None], w[::-1][:, None, None], stride=1, padding="VALID")[0, :, 0]


# toeplitz_matrix


@variant("toeplitz_matrix")
def toeplitz_by_padding(w, n):
    f = w.shape[0]
    return tf.stack([tf.pad(tf.reverse(w, [0]), [(t, n - f - t)]) for t in range(n - f + 1)])


@variant("toeplitz_matrix")
def toeplitz_by_concat(w, n):
    rows = n - w.shape[0] + 1
    return tf.stack(
        [tf.concat([tf.zeros(t, w.dtype), w[::-1], tf.zeros(rows - 1 - t, w.dtype)], 0) for t in range(rows)]
    )


@variant("toeplitz_matrix")
def toeplitz_by_scatter(w, n):
    f = w.shape[0]
    places = [(t, t + f - 1 - i) for t in range(n - f + 1) for i in range(f)]
    return tf.scatter_nd(places, tf.tile(w, [n - f + 1]), (n - f + 1, n))


@variant("toeplitz_matrix")
def toeplitz_by_frames(w, n):
    zeros = n - w.shape[0]
    return tf.signal.frame(tf.pad(w[::-1], [(zeros, zeros)]), n, 1)[::-1]


@variant("toeplitz_matrix")
def toeplitz_by_operator(w, n):
    f = w.shape[0]
    column, row = tf.pad(w, [(0, n - f)]), tf.pad(w[:1], [(0, n - 1)])
    return tf.linalg.LinearOperatorToeplitz(column, row).to_dense()[f - 1 :]


@variant("toeplitz_matrix")
def toeplitz_of_unit_signals(w, n):
    return tf.stack([conv1d(unit, w) for unit in tf.unstack(tf.eye(n, dtype=w.dtype))], axis=1)


@oracle("toeplitz_matrix")
def toeplitz_by_loops(w, n):
    f = len(w)
    matrix = np.zeros((n - f + 1, n), w.dtype.as_numpy_dtype)
    for t in range(n - f + 1):
        for i in range(f):
            matrix[t, t + f - 1 - i] = w[i]
    return tf.constant(matrix)


@oracle("toeplitz_matrix")
def toeplitz_by_numpy(w, n):
    return tf.constant(
        np.stack([np.convolve(unit, w.numpy(), "valid") for unit in np.eye(n)], 1).astype(w.numpy().dtype)
    )


# conv_output_size


@variant("conv_output_size")
def size_by_floor(n, f, stride, padding):
    if isinstance(padding, str):
        return math.ceil(n / stride) if padding == "SAME" else math.ceil((n - f + 1) / stride)
    return math.floor((n + 2 * padding - f) / stride) + 1


@variant("conv_output_size")
def size_by_counting(n, f, stride, padding):
    if padding == "SAME":
        return len(range(0, n, stride))
    p = {"VALID": 0}.get(padding, padding)
    return len(range(0, n + 2 * p - f + 1, stride))


@variant("conv_output_size")
def size_by_total_padding(n, f, stride, padding):
    total = sum(borders(n, f, stride, padding)) if isinstance(padding, str) else 2 * padding
    return (n + total - f + stride) // stride


@variant("conv_output_size")
def size_by_divmod(n, f, stride, padding):
    if padding == "SAME":
        whole, rest = divmod(n, stride)
        return whole + (rest > 0)
    return 1 + divmod(n - f + (0 if padding == "VALID" else 2 * padding), stride)[0]


@oracle("conv_output_size")
def size_of_a_convolution(n, f, stride, padding):
    signal, mode = tf.zeros((1, n, 1)), padding
    if not isinstance(padding, str):
        signal, mode = tf.pad(signal, [(0, 0), (padding, padding), (0, 0)]), "VALID"
    return int(tf.nn.conv1d(signal, tf.zeros((f, 1, 1)), stride, mode).shape[1])


# same_padding


@variant("same_padding")
def padding_as_documented(n, f, stride):
    total = max(f - stride, 0) if n % stride == 0 else max(f - n % stride, 0)
    return total // 2, total - total // 2


@variant("same_padding")
def padding_by_ceil(n, f, stride):
    total = max(0, (math.ceil(n / stride) - 1) * stride + f - n)
    return math.floor(total / 2), math.ceil(total / 2)


@variant("same_padding")
def padding_by_last_pixel(n, f, stride):
    end = range(0, n, stride)[-1] + f
    before = (end - n) // 2 if end > n else 0
    return before, max(end - n, 0) - before


@variant("same_padding")
def padding_one_by_one(n, f, stride):
    sides = [0, 0]
    outputs = conv_output_size(n, f, stride, "SAME")
    while n + sum(sides) < (outputs - 1) * stride + f:
        sides[sides[0] > sides[1]] += 1  # after, before, after, ...
    return sides[1], sides[0]


@oracle("same_padding")
def padding_of_a_convolution(n, f, stride):
    # Tap k alone, over a signal of ones, answers 0 exactly where it lies on padding.
    taps = tf.reshape(tf.eye(f), (f, 1, f))
    seen = tf.nn.conv1d(tf.ones((1, n, 1)), taps, stride, "SAME")[0].numpy()
    before = int(np.argmax(seen[0] > 0))
    return before, int(np.argmax(seen[-1, ::-1] > 0)) if (len(seen) - 1) * stride + f - before > n else 0


# conv2d


@variant("conv2d")
def conv2d_by_patches(input, filters, strides, padding):
    kh, kw, c_in, c_out = filters.shape
    patches = tf.image.extract_patches(input, (1, kh, kw, 1), (1, *step(strides), 1), (1, 1, 1, 1), padding)
    return tf.tensordot(patches, tf.reshape(filters, (kh * kw * c_in, c_out)), 1)


@variant("conv2d")
def conv2d_by_columns(input, filters, strides, padding):
    kh, kw, c_in, c_out = filters.shape
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    batch, height, width = padded.shape[:3]
    out_h, out_w = (height - kh) // sh + 1, (width - kw) // sw + 1
    taps = [padded[:, m::sh, n::sw][:, :out_h, :out_w] for m in range(kh) for n in range(kw)]
    columns = tf.reshape(tf.stack(taps, axis=3), (batch * out_h * out_w, kh * kw * c_in))
    return tf.reshape(columns @ tf.reshape(filters, (-1, c_out)), (batch, out_h, out_w, c_out))


@variant("conv2d")
def conv2d_by_windows(input, filters, strides, padding):
    kh, kw = filters.shape[:2]
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    rows = []
    for top in range(0, padded.shape[1] - kh + 1, sh):
        row = []
        for left in range(0, padded.shape[2] - kw + 1, sw):
            window = padded[:, top : top + kh, left : left + kw, :, None]
            row.append(tf.reduce_sum(window * filters, axis=[1, 2, 3]))
        rows.append(tf.stack(row, axis=1))
    return tf.stack(rows, axis=1)


@variant("conv2d")
def conv2d_by_gather(input, filters, strides, padding):
    kh, kw = filters.shape[:2]
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    rows = np.arange(0, padded.shape[1] - kh + 1, sh)[:, None] + np.arange(kh)
    columns = np.arange(0, padded.shape[2] - kw + 1, sw)[:, None] + np.arange(kw)
    windows = tf.gather(tf.gather(padded, rows, axis=1), columns, axis=3)
    return tf.einsum("bimjnc,mnco->bijo", windows, filters)


@variant("conv2d")
def conv2d_by_frames(input, filters, strides, padding):
    kh, kw = filters.shape[:2]
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    windows = tf.signal.frame(tf.signal.frame(padded, kh, sh, axis=1), kw, sw, axis=3)
    return tf.tensordot(tf.transpose(windows, (0, 1, 3, 2, 4, 5)), filters, [[3, 4, 5], [0, 1, 2]])


@variant("conv2d")
def conv2d_by_selection(input, filters, strides, padding):
    # The padding needs no zeros: a tap outside of the image selects no pixel.
    (sh, sw), (kh, kw) = step(strides), filters.shape[:2]

    def selection(n, f, s):
        outputs = conv_output_size(n, f, s, padding)
        first = tf.range(outputs) * s - borders(n, f, s, padding)[0]
        return tf.one_hot(tf.range(n)[:, None] - first, f, dtype=input.dtype)

    rows, columns = selection(input.shape[1], kh, sh), selection(input.shape[2], kw, sw)
    return tf.einsum("bpqc,pim,qjn,mnco->bijo", input, rows, columns, filters)


@variant("conv2d")
@tf.function
def conv2d_compiled(input, filters, strides, padding):
    kh, kw, _, c_out = filters.shape
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    out_h, out_w = (padded.shape[1] - kh) // sh + 1, (padded.shape[2] - kw) // sw + 1
    total = tf.zeros((input.shape[0], out_h, out_w, c_out), input.dtype)
    for m in range(kh):
        for n in range(kw):
            total += padded[:, m::sh, n::sw][:, :out_h, :out_w] @ filters[m, n]
    return total


@variant("conv2d")
def conv2d_image_by_image(input, filters, strides, padding):
    kh, kw = filters.shape[:2]
    padded, sh, sw = framed(input, kh, kw, strides, padding)

    def one(image):
        row = [slice(m, image.shape[0] - kh + m + 1, sh) for m in range(kh)]
        column = [slice(n, image.shape[1] - kw + n + 1, sw) for n in range(kw)]
        return sum(tf.tensordot(image[r, c], filters[m, n], 1) for m, r in enumerate(row) for n, c in enumerate(column))

    return tf.vectorized_map(one, padded)


@variant("conv2d")
def conv2d_by_dense_matrix(input, filters, strides, padding):
    padded, sh, sw = framed(input, *filters.shape[:2], strides, padding)
    batch, height, width = padded.shape[:3]
    flat = tf.reshape(padded, (batch, -1)) @ dense_matrix(filters, height, width)
    every = tf.reshape(flat, (batch, height - filters.shape[0] + 1, width - filters.shape[1] + 1, -1))
    return every[:, ::sh, ::sw]


@oracle("conv2d")
def conv2d_by_tf_nn(input, filters, strides, padding):
    return tf.nn.conv2d(input, filters, strides, padding)


@oracle("conv2d")
def conv2d_by_numpy_loops(input, filters, strides, padding):
    (sh, sw), (kh, kw, _, c_out) = step(strides), filters.shape
    images, weights = input.numpy(), filters.numpy()
    batch, height, width, _ = images.shape
    top, left = borders(height, kh, sh, padding)[0], borders(width, kw, sw, padding)[0]
    if padding == "SAME":
        out_h, out_w = -(-height // sh), -(-width // sw)
    else:
        out_h, out_w = (height - kh) // sh + 1, (width - kw) // sw + 1
    output = np.zeros((batch, out_h, out_w, c_out), images.dtype)
    for i, j, m, n in np.ndindex(out_h, out_w, kh, kw):
        row, column = i * sh + m - top, j * sw + n - left
        if 0 <= row < height and 0 <= column < width:
            output[:, i, j] += images[:, row, column] @ weights[m, n]
    return tf.constant(output)


# conv2d_backward


@variant("conv2d_backward")
def backward_by_selection(dy, input, filters, strides, padding):
    # Crosses one factor out of the product of four and puts dy in its place.
    (sh, sw), (kh, kw), (out_h, out_w) = step(strides), filters.shape[:2], dy.shape[1:3]
    (height, width), dtype = input.shape[1:3], input.dtype
    first_rows = tf.range(out_h) * sh - borders(height, kh, sh, padding)[0]
    first_columns = tf.range(out_w) * sw - borders(width, kw, sw, padding)[0]
    rows = tf.one_hot(tf.range(height)[:, None] - first_rows, kh, dtype=dtype)
    columns = tf.one_hot(tf.range(width)[:, None] - first_columns, kw, dtype=dtype)
    dinput = tf.einsum("bijo,pim,qjn,mnco->bpqc", dy, rows, columns, filters)
    return dinput, tf.einsum("bijo,pim,qjn,bpqc->mnco", dy, rows, columns, input)


@variant("conv2d_backward")
def backward_by_numpy_loops(dy, input, filters, strides, padding):
    kh, kw = filters.shape[:2]
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    top, left = (borders(n, f, s, padding)[0] for n, f, s in zip(input.shape[1:3], (kh, kw), (sh, sw), strict=True))
    padded, dy, weights = padded.numpy(), dy.numpy(), filters.numpy()
    dpadded, dfilters = np.zeros_like(padded), np.zeros_like(weights)
    for i, j in np.ndindex(dy.shape[1:3]):
        window = np.s_[:, i * sh : i * sh + kh, j * sw : j * sw + kw]
        dpadded[window] += np.einsum("bo,mnco->bmnc", dy[:, i, j], weights)
        dfilters += np.einsum("bo,bmnc->mnco", dy[:, i, j], padded[window])
    dinput = dpadded[:, top : top + input.shape[1], left : left + input.shape[2]]
    return tf.constant(dinput), tf.constant(dfilters)


@variant("conv2d_backward")
def backward_by_padded_taps(dy, input, filters, strides, padding):
    kh, kw = filters.shape[:2]
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    out_h, out_w = dy.shape[1:3]
    dpadded, dfilters = tf.zeros_like(padded), []
    for m in range(kh):
        for n in range(kw):
            pixels = padded[:, m::sh, n::sw][:, :out_h, :out_w]
            dfilters.append(tf.tensordot(pixels, dy, [[0, 1, 2], [0, 1, 2]]))
            part = dy @ tf.transpose(filters[m, n])
            index = [(b, m + i * sh, n + j * sw) for b in range(len(dy)) for i in range(out_h) for j in range(out_w)]
            dpadded = tf.tensor_scatter_nd_add(dpadded, index, tf.reshape(part, (-1, part.shape[3])))
    top, left = borders(input.shape[1], kh, sh, padding)[0], borders(input.shape[2], kw, sw, padding)[0]
    dinput = dpadded[:, top : top + input.shape[1], left : left + input.shape[2]]
    return dinput, tf.reshape(tf.stack(dfilters), filters.shape)


@variant("conv2d_backward")
def backward_by_columns(dy, input, filters, strides, padding):
    # im2col forward; the way back (col2im) sums what lies on the same pixel.
    kh, kw, c_in, c_out = filters.shape
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    out_h, out_w = dy.shape[1:3]
    places = np.arange(np.prod(padded.shape[1:3])).reshape(padded.shape[1:3])
    index = np.array([[places[i * sh : i * sh + kh, j * sw : j * sw + kw] for j in range(out_w)] for i in range(out_h)])
    pixels = tf.reshape(padded, (-1, places.size, c_in))
    columns = tf.reshape(tf.gather(pixels, index.ravel(), axis=1), (-1, out_h * out_w, kh * kw * c_in))
    flat_dy = tf.reshape(dy, (-1, out_h * out_w, c_out))
    dfilters = tf.reshape(tf.einsum("bpk,bpo->ko", columns, flat_dy), filters.shape)
    dcolumns = tf.einsum("bpo,ko->bpk", flat_dy, tf.reshape(filters, (-1, c_out)))
    dcolumns = tf.transpose(tf.reshape(dcolumns, (-1, index.size, c_in)), (1, 0, 2))
    dpixels = tf.transpose(tf.math.unsorted_segment_sum(dcolumns, index.ravel(), places.size), (1, 0, 2))
    top, left = borders(input.shape[1], kh, sh, padding)[0], borders(input.shape[2], kw, sw, padding)[0]
    dpadded = tf.reshape(dpixels, tf.shape(padded))
    return dpadded[:, top : top + input.shape[1], left : left + input.shape[2]], dfilters


@variant("conv2d_backward")
@tf.function
def backward_compiled(dy, input, filters, strides, padding):
    # Tap by tap: what is under it for dfilters, and dy spread out to where it came from for dinput.
    kh, kw = filters.shape[:2]
    padded, sh, sw = framed(input, kh, kw, strides, padding)
    (height, width), (out_h, out_w) = padded.shape[1:3], dy.shape[1:3]
    dpadded, dfilters = tf.zeros_like(padded), []
    for m in range(kh):
        for n in range(kw):
            rows, columns = np.arange(out_h) * sh + m, np.arange(out_w) * sw + n
            under = tf.gather(tf.gather(padded, rows, axis=1), columns, axis=2)
            dfilters.append(tf.einsum("bijc,bijo->co", under, dy))
            to_row, to_column = (tf.one_hot(p, size, dtype=dy.dtype) for p, size in ((rows, height), (columns, width)))
            dpadded += tf.einsum("bijo,co,ip,jq->bpqc", dy, filters[m, n], to_row, to_column)
    top, left = borders(input.shape[1], kh, sh, padding)[0], borders(input.shape[2], kw, sw, padding)[0]
    dinput = dpadded[:, top : top + input.shape[1], left : left + input.shape[2]]
    return dinput, tf.reshape(tf.stack(dfilters), filters.shape)


@oracle("conv2d_backward")
def backward_by_tf_nn(dy, input, filters, strides, padding):
    with tf.GradientTape() as tape:
        tape.watch([input, filters])
        output = tf.nn.conv2d(input, filters, strides, padding)
    return tuple(tape.gradient(output, [input, filters], output_gradients=dy))


# conv_layer


@variant("conv_layer")
def layer_by_addition(x, filters, bias, strides=1, padding="SAME"):
    return tf.nn.conv2d(input=x, filters=filters, strides=strides, padding=padding) + bias


@variant("conv_layer")
def layer_on_own_conv2d(x, filters, bias, strides=1, padding="SAME"):
    return conv2d(x, filters, strides, padding) + tf.reshape(bias, (1, 1, 1, -1))


@variant("conv_layer")
def layer_by_convolution(x, filters, bias, strides=1, padding="SAME"):
    return tf.nn.bias_add(tf.nn.convolution(x, filters, step(strides), padding), bias)


@variant("conv_layer")
def layer_with_explicit_zeros(x, filters, bias, strides=1, padding="SAME"):
    (sh, sw), (kh, kw) = step(strides), filters.shape[:2]
    zeros = [(0, 0), borders(x.shape[1], kh, sh, padding), borders(x.shape[2], kw, sw, padding), (0, 0)]
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, (1, sh, sw, 1), [list(pair) for pair in zeros]), bias)


@variant("conv_layer")
def layer_with_bias_as_a_filter(x, filters, bias, strides=1, padding="SAME"):
    # A second convolution, 1x1 over an image of ones, spreads the bias.
    output = tf.nn.conv2d(x, filters, strides, padding)
    return output + tf.nn.conv2d(tf.ones_like(output[..., :1]), bias[None, None, None], 1, "VALID")


@variant("conv_layer")
@tf.function
def layer_compiled(x, filters, bias, strides=1, padding="SAME"):
    return tf.add(tf.nn.conv2d(x, filters, strides, padding), bias)


@variant("conv_layer")
def layer_by_keras_ops(x, filters, bias, strides=1, padding="SAME"):
    return keras.ops.add(keras.ops.conv(x, filters, step(strides), padding.lower()), bias)


@oracle("conv_layer")
def layer_by_keras(x, filters, bias, strides=1, padding="SAME"):
    kh, kw, _, c_out = filters.shape
    layer = keras.layers.Conv2D(c_out, (kh, kw), step(strides), padding.lower(), dtype=x.dtype.name)
    layer.build(x.shape)
    layer.set_weights([filters.numpy(), bias.numpy()])
    return layer(x)


# conv_params


@variant("conv_params")
def params_by_branch(kh, kw, c_in, c_out, use_bias):
    if use_bias:
        return (kh * kw * c_in + 1) * c_out
    return kh * kw * c_in * c_out


@variant("conv_params")
def params_by_product(kh, kw, c_in, c_out, use_bias):
    return math.prod((kh, kw, c_in, c_out)) + int(use_bias) * c_out


@variant("conv_params")
def params_by_counting_tensors(kh, kw, c_in, c_out, use_bias):
    shapes = [(kh, kw, c_in, c_out)] + [(c_out,)] * use_bias
    return int(sum(np.prod(shape) for shape in shapes))


@variant("conv_params")
def params_by_adding_filters(kh, kw, c_in, c_out, use_bias):
    return sum(kh * kw * c_in + bool(use_bias) for _ in range(c_out))


@oracle("conv_params")
def params_by_keras(kh, kw, c_in, c_out, use_bias):
    layer = keras.layers.Conv2D(c_out, (kh, kw), use_bias=use_bias)
    layer.build((None, None, None, c_in))
    return layer.count_params()


# dense_matrix


@variant("dense_matrix")
def matrix_of_unit_images(filters, height, width):
    inputs = height * width * filters.shape[2]
    units = tf.reshape(tf.eye(inputs, dtype=filters.dtype), (inputs, height, width, filters.shape[2]))
    return tf.reshape(conv2d(units, filters, 1, "VALID"), (inputs, -1))


@variant("dense_matrix")
def matrix_of_unit_images_by_library(filters, height, width):
    inputs = height * width * filters.shape[2]
    units = tf.reshape(tf.eye(inputs, dtype=filters.dtype), (inputs, height, width, filters.shape[2]))
    return tf.reshape(tf.nn.conv2d(units, filters, 1, "VALID"), (inputs, -1))


@variant("dense_matrix")
def matrix_by_scatter(filters, height, width):
    kh, kw, c_in, c_out = filters.shape
    out_h, out_w = height - kh + 1, width - kw + 1
    taps = [(i, j, m, n) for i in range(out_h) for j in range(out_w) for m in range(kh) for n in range(kw)]
    places = [((i + m) * width + j + n, i * out_w + j) for i, j, m, n in taps]
    blocks = tf.scatter_nd(
        places, tf.gather_nd(filters, [(m, n) for *_, m, n in taps]), (height * width, out_h * out_w, c_in, c_out)
    )
    return tf.reshape(tf.transpose(blocks, (0, 2, 1, 3)), (height * width * c_in, out_h * out_w * c_out))


@variant("dense_matrix")
def matrix_by_columns(filters, height, width):
    kh, kw = filters.shape[:2]
    columns = []
    for i in range(height - kh + 1):
        for j in range(width - kw + 1):
            placed = tf.pad(filters, [(i, height - kh - i), (j, width - kw - j), (0, 0), (0, 0)])
            columns.append(tf.reshape(placed, (-1, filters.shape[3])))
    return tf.concat(columns, axis=1)


@variant("dense_matrix")
def matrix_of_toeplitz_blocks(filters, height, width):
    # Toeplitz in the rows, and each entry is Toeplitz in the columns.
    kh, kw, c_in, c_out = filters.shape
    empty = tf.zeros((width * c_in, (width - kw + 1) * c_out), filters.dtype)
    places = tf.eye(width, dtype=filters.dtype)
    blocks = []
    for m in range(kh):
        shifted = tf.stack([places[:, n : n + width - kw + 1] for n in range(kw)])
        blocks.append(tf.reshape(tf.einsum("nqj,nco->qcjo", shifted, filters[m]), tf.shape(empty)))
    rows = [
        tf.concat([blocks[p - i] if 0 <= p - i < kh else empty for i in range(height - kh + 1)], 1)
        for p in range(height)
    ]
    return tf.concat(rows, 0)


@oracle("dense_matrix")
def matrix_by_numpy_loops(filters, height, width):
    weights = filters.numpy()
    kh, kw, c_in, c_out = weights.shape
    out_h, out_w = height - kh + 1, width - kw + 1
    matrix = np.zeros((height * width * c_in, out_h * out_w * c_out), weights.dtype)
    for i, j, m, n, c, o in np.ndindex(out_h, out_w, kh, kw, c_in, c_out):
        matrix[((i + m) * width + j + n) * c_in + c, (i * out_w + j) * c_out + o] = weights[m, n, c, o]
    return tf.constant(matrix)


@oracle("dense_matrix")
def matrix_by_jacobian(filters, height, width):
    image = tf.zeros((1, height, width, filters.shape[2]), filters.dtype)
    with tf.GradientTape() as tape:
        tape.watch(image)
        output = tf.reshape(tf.nn.conv2d(image, filters, 1, "VALID"), (-1,))
    return tf.transpose(tf.reshape(tape.jacobian(output, image), (output.shape[0], -1)))


# receptive_field


@variant("receptive_field")
def field_from_the_top(layers):
    field = 1
    for f, s in reversed(layers):
        field = (field - 1) * s + f
    return field


@variant("receptive_field")
def field_by_products(layers):
    strides = [s for _, s in layers]
    return 1 + sum((f - 1) * math.prod(strides[:below]) for below, (f, _) in enumerate(layers))


@variant("receptive_field")
def field_by_recursion(layers):
    if not layers:
        return 1
    (f, s), *above = layers
    return (field_by_recursion(above) - 1) * s + f


@variant("receptive_field")
def field_by_reduce(layers):
    return functools.reduce(lambda r, layer: (r - 1) * layer[1] + layer[0], layers[::-1], 1)


@variant("receptive_field")
def field_by_first_and_last(layers):
    first = last = 0
    for f, s in layers[::-1]:
        first, last = first * s, last * s + f - 1
    return last - first + 1


@oracle("receptive_field")
def field_by_gradient(layers):
    # Grows the one neuron at the top back to the image: what a transposed convolution of ones reaches.
    reached = {0}
    for f, s in layers[::-1]:
        reached = {position * s + tap for position in reached for tap in range(f)}
    return max(reached) - min(reached) + 1

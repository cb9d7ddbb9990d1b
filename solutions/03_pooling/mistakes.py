"""Wrong implementations of the pooling assignment. Each docstring is the hint a student reads."""

import numpy as np
import tensorflow as tf

from autograder.question import mistake

# What the mistakes share is right; each of them spoils one thing.


def _pair(value):
    if isinstance(value, int):
        return value, value
    return tuple(value[1:3] if len(value) == 4 else value)


def _tf_same(n, f, stride):
    total = max((-(-n // stride) - 1) * stride + f - n, 0)
    return total // 2, total - total // 2


def _odd_pixel_first(n, f, stride):
    return _tf_same(n, f, stride)[::-1]


def _half_window(n, f, stride):
    return f // 2, f // 2


def _not_clamped(n, f, stride):
    total = (-(-n // stride) - 1) * stride + f - n
    return total // 2, total - total // 2


def _window_minus_stride(n, f, stride):
    return max(f - stride, 0) // 2, max(f - stride, 0) - max(f - stride, 0) // 2


def _padded(x, ksize, strides, padding, fill=0.0, pad=_tf_same):
    if padding != "SAME":
        return x
    (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
    pads = [(0, 0), pad(x.shape[1], kh, sh), pad(x.shape[2], kw, sw), (0, 0)]
    return tf.pad(x, pads, constant_values=fill)


def _windows(x, ksize, strides, padding, fill=0.0, pad=_tf_same):
    """The pixels of every window, on the last axis: (n, out_h, out_w, c, kh * kw)."""
    (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
    x = _padded(x, ksize, strides, padding, fill, pad)
    below, right = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    return tf.stack([x[:, u : below + u : sh, v : right + v : sw] for u in range(kh) for v in range(kw)], axis=-1)


def _max_pool(x, ksize, strides, padding, pad=_tf_same):
    return tf.reduce_max(_windows(x, ksize, strides, padding, -np.inf, pad), axis=-1)


def _avg_pool(x, ksize, strides, padding, pad=_tf_same):
    sums = tf.reduce_sum(_windows(x, ksize, strides, padding, 0.0, pad), axis=-1)
    return sums / tf.reduce_sum(_windows(tf.ones_like(x), ksize, strides, padding, 0.0, pad), axis=-1)


def _scrambled_patches(x, ksize, strides, padding, fill):
    """tf.image.extract_patches, whose last axis runs over (kh, kw, c), read as (c, kh, kw)."""
    (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
    x = _padded(x, ksize, strides, padding, fill)
    patches = tf.image.extract_patches(x, [1, kh, kw, 1], [1, sh, sw, 1], [1, 1, 1, 1], "VALID")
    return tf.reshape(patches, [*patches.shape[:3], x.shape[-1], kh * kw])


def _with_partial_windows(x, ksize, strides, padding, fill):
    """For "VALID", fills up the last window where it sticks out of the image."""
    if padding == "SAME":
        return _padded(x, ksize, strides, padding, fill)
    pads = [(0, (k - n) % s) for n, k, s in zip(x.shape[1:3], _pair(ksize), _pair(strides), strict=True)]
    return tf.pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)


def _sizes(x, ksize, strides, padding):
    """The numbers of output rows and columns."""
    sizes = zip(x.shape[1:3], _pair(ksize), _pair(strides), strict=True)
    return [-(-n // s) if padding == "SAME" else (n - k) // s + 1 for n, k, s in sizes]


def _reaching(x, ksize, strides, counts):
    """The image with -inf at the end, so that so many windows fit: a window that extends beyond it has the pixels it meets."""
    sizes = zip(x.shape[1:3], _pair(ksize), _pair(strides), counts, strict=True)
    pads = [(0, max((count - 1) * s + k - n, 0)) for n, k, s, count in sizes]
    return tf.pad(x, [(0, 0), *pads, (0, 0)], constant_values=-np.inf)


def _from_unpadded_size(x, pool, ksize, strides, padding):
    """`pool`, but as many windows as fit into the image without its padding."""
    sizes = [(n - k) // s + 1 for n, k, s in zip(x.shape[1:3], _pair(ksize), _pair(strides), strict=True)]
    return pool(x, ksize, strides, padding)[:, : max(sizes[0], 0), : max(sizes[1], 0)]


def _on_the_other_axis(x, pool, ksize, strides, padding, fill):
    """`pool`, but rows and columns of padding are exchanged."""
    if padding == "SAME":
        (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
        pads = [(0, 0), _tf_same(x.shape[2], kw, sw), _tf_same(x.shape[1], kh, sh), (0, 0)]
        x = tf.pad(x, pads, constant_values=fill)
    return pool(x, ksize, strides, "VALID")


def _from_front(value):
    return value if isinstance(value, int) else tuple(value[:2])


def _moved(x, down, right):
    """Moves an image within its frame, zeros come in."""
    (h, w), (top, bottom), (before, after) = x.shape[1:3], *((max(d, 0), max(-d, 0)) for d in (down, right))
    return tf.pad(x, [(0, 0), (top, bottom), (before, after), (0, 0)])[:, bottom : bottom + h, after : after + w]


# ---------------------------------------------------------------------------------------------------------------- relu


@mistake("relu")
def relu_leaks(x):
    """Negative entries are only made small, as a leaky ReLU does. The plain ReLU maps all of them to 0."""
    return tf.where(x > 0, x, 0.01 * x)


@mistake("relu")
def relu_clips_at_six(x):
    """Entries above 6 are cut off. That is ReLU6; max(0, x) has no upper limit."""
    return tf.clip_by_value(x, 0, 6)


@mistake("relu")
def relu_clips_at_one(x):
    """Entries above 1 are cut off, as if the result were a probability. max(0, x) has no upper limit."""
    return tf.clip_by_value(x, 0, 1)


@mistake("relu")
def relu_keeps_negative_half(x):
    """The negative half survives and the positive one is lost: minimum and maximum are exchanged. Try x = 2 by hand."""
    return tf.minimum(x, 0)


@mistake("relu")
def relu_takes_absolute_value(x):
    """Negative entries change their sign. The ReLU sets them to 0, and their slope is 0, not -1."""
    return tf.abs(x)


@mistake("relu")
def relu_steps(x):
    """This is the step function: it returns 1 wherever x is positive. The ReLU returns x itself there."""
    return tf.where(x > 0, tf.ones_like(x), tf.zeros_like(x))


@mistake("relu")
def relu_smooth(x):
    """This is the softplus log(1 + exp(x)), a smooth relative. The ReLU is exactly 0 for negative x and exactly x for
    positive x."""
    return tf.maximum(x, 0 * x) + tf.math.log1p(tf.exp(-tf.abs(x)))


@mistake("relu")
def relu_saturates_below(x):
    """Negative entries tend to -1, as the ELU does. The ReLU maps all of them to 0."""
    return tf.where(x > 0, x, tf.exp(tf.minimum(x, 0 * x)) - 1)


@mistake("relu")
def relu_reduces(x):
    """The result is one number: the maximum was taken over the whole tensor. Compare each entry with 0 by itself."""
    return tf.maximum(tf.reduce_max(x), 0)


@mistake("relu")
def relu_by_library(x):
    """This is the library's ReLU. Here you write your own: compare the entries with 0."""
    return tf.nn.relu(x)


@mistake("relu")
def relu_by_numpy(x):
    """The values are right, but NumPy computed them, and the gradient stops there. Use TensorFlow operations on the
    tensor."""
    return tf.convert_to_tensor(np.maximum(x.numpy(), 0))


@mistake("relu")
def relu_passes_every_gradient(x):
    """The values are right, but the gradient also passes where x is negative. The slope of max(0, x) is 0 there."""
    return x + tf.stop_gradient(tf.maximum(x, 0) - x)


# ---------------------------------------------------------------------------------------------------------- max_pool2d


@mistake("max_pool2d")
def max_over_padded_zeros(input, ksize, strides, padding):
    """The image is padded with zeros, and a zero wins against negative pixels. Which number can never win a maximum?"""
    return tf.reduce_max(_windows(input, ksize, strides, padding, 0.0), axis=-1)


@mistake("max_pool2d")
def running_max_from_zero(input, ksize, strides, padding):
    """No result is below 0: your maximum seems to start at 0. Try a window that holds only negative pixels."""
    return tf.maximum(_max_pool(input, ksize, strides, padding), 0)


@mistake("max_pool2d")
def max_odd_pixel_first(input, ksize, strides, padding):
    """When the padding of "SAME" is odd, your extra pixel goes before the image. TensorFlow puts it after: at the
    bottom and on the right."""
    return _max_pool(input, ksize, strides, padding, _odd_pixel_first)


@mistake("max_pool2d")
def max_pads_half_window(input, ksize, strides, padding):
    """With "SAME" you pad ksize // 2 on every side, whatever the stride. How much TensorFlow pads follows from the
    output size ceil(n / stride): see same_padding."""
    return _max_pool(input, ksize, strides, padding, _half_window)


@mistake("max_pool2d")
def max_pads_less_than_nothing(input, ksize, strides, padding):
    """The total padding comes out negative where the stride is larger than the window. Then there is nothing to pad: do not
    let it fall below 0."""
    return _max_pool(input, ksize, strides, padding, _not_clamped)


@mistake("max_pool2d")
def max_never_pads(input, ksize, strides, padding):
    """With "SAME" you get the result of "VALID": the image is not padded. The output should have ceil(h / stride)
    rows."""
    return _max_pool(input, ksize, strides, "VALID")


@mistake("max_pool2d")
def max_keeps_partial_windows(input, ksize, strides, padding):
    """With "VALID" there is one window too many: the last one extends beyond the image. Keep only windows that fit, so
    round the size down."""
    return _max_pool(_with_partial_windows(input, ksize, strides, padding, -np.inf), ksize, strides, "VALID")


@mistake("max_pool2d")
def max_misses_last_window(input, ksize, strides, padding):
    """The output is one row and one column short. n pixels hold floor((n - f) / s) + 1 windows: the + 1 is the window at
    the start."""
    return _max_pool(input, ksize, strides, padding)[:, :-1, :-1]


@mistake("max_pool2d")
def max_pads_the_other_axis(input, ksize, strides, padding):
    """The paddings of the two axes are exchanged: the rows get what the columns need. Compute one pair (before, after)
    for each axis, from its own size, window and stride, and give tf.pad the rows' pair first."""
    return _on_the_other_axis(input, _max_pool, ksize, strides, padding, -np.inf)


@mistake("max_pool2d")
def max_pads_window_minus_stride(input, ksize, strides, padding):
    """With "SAME" you pad ksize - stride in total. That is right only where the stride divides the image; otherwise the
    last window starts later. See same_padding."""
    return _max_pool(input, ksize, strides, padding, _window_minus_stride)


@mistake("max_pool2d")
def max_counts_on_the_unpadded_image(input, ksize, strides, padding):
    """With "SAME" the image is padded, but the loop over the windows still ends at its old size. Take the number of
    windows from the padded image, or ceil(n / stride)."""
    return _from_unpadded_size(input, _max_pool, ksize, strides, padding)


@mistake("max_pool2d")
def max_uses_height_for_width(input, ksize, strides, padding):
    """The number of output columns is computed from the height, which is right for square outputs only. Compute the two
    numbers separately."""
    output = _max_pool(input, ksize, strides, padding)
    rows, columns = output.shape[1:3]
    return tf.pad(output[:, :, :rows], [(0, 0), (0, 0), (0, max(rows - columns, 0)), (0, 0)])


@mistake("max_pool2d")
def max_strides_the_size_only(input, ksize, strides, padding):
    """The output has the right size, but its windows are only one pixel apart. Window (i, j) starts at row i * sh and
    column j * sw: multiply by the stride."""
    x, (rows, columns) = _padded(input, ksize, strides, padding, -np.inf), _sizes(input, ksize, strides, padding)
    return _max_pool(x, ksize, 1, "VALID")[:, :rows, :columns]


@mistake("max_pool2d")
def max_window_at_every_start(input, ksize, strides, padding):
    """With "VALID" there are windows that extend beyond the image: a loop like range(0, h, sh) also starts windows that do not fit.
    The last possible start is h - kh."""
    if padding == "SAME":
        return _max_pool(input, ksize, strides, padding)
    starts = [-(-n // s) for n, s in zip(input.shape[1:3], _pair(strides), strict=True)]
    return _max_pool(_reaching(input, ksize, strides, starts), ksize, strides, "VALID")[:, : starts[0], : starts[1]]


@mistake("max_pool2d")
def max_size_from_the_window(input, ksize, strides, padding):
    """The number of windows is the size divided by the window, but the windows move by the stride. The two are the same
    only for windows side by side: with VALID there are (h - kh) // sh + 1 rows."""
    x = _padded(input, ksize, strides, padding, -np.inf)
    counts = [n // k for n, k in zip(x.shape[1:3], _pair(ksize), strict=True)]
    return _max_pool(_reaching(x, ksize, strides, counts), ksize, strides, "VALID")[:, : counts[0], : counts[1]]


@mistake("max_pool2d")
def max_swaps_strides(input, ksize, strides, padding):
    """The two strides are exchanged. In a pair (sh, sw) the first one moves the window down, the second one moves it to
    the right."""
    return _max_pool(input, ksize, _pair(strides)[::-1], padding)


@mistake("max_pool2d")
def max_uses_one_stride(input, ksize, strides, padding):
    """The stride of the height is used for the width as well. Take both numbers of the pair."""
    return _max_pool(input, ksize, _pair(strides)[0], padding)


@mistake("max_pool2d")
def max_ignores_strides(input, ksize, strides, padding):
    """The windows are placed side by side, as if the stride always equalled the size of the window. The stride is a
    separate argument: windows may overlap or leave gaps."""
    return _max_pool(input, ksize, ksize, padding)


@mistake("max_pool2d")
def max_at_every_pixel(input, ksize, strides, padding):
    """The stride is not used: the window moves by one pixel. Keep every sh-th row and every sw-th column of windows."""
    return _max_pool(input, ksize, 1, padding)


@mistake("max_pool2d")
def max_swaps_ksize(input, ksize, strides, padding):
    """Height and width of the window are exchanged. In a pair (kh, kw) the height comes first, as in the image's
    shape."""
    return _max_pool(input, _pair(ksize)[::-1], strides, padding)


@mistake("max_pool2d")
def max_uses_square_window(input, ksize, strides, padding):
    """The window is always square: its height serves as its width too. Take both numbers of ksize."""
    return _max_pool(input, _pair(ksize)[0], strides, padding)


@mistake("max_pool2d")
def max_reads_lists_from_front(input, ksize, strides, padding):
    """In a list of 4, the first number belongs to the batch and the last to the channels. Height and width are the two
    in the middle."""
    return _max_pool(input, _from_front(ksize), _from_front(strides), padding)


@mistake("max_pool2d")
def max_changes_its_arguments(input, ksize, strides, padding):
    """The list that was passed in comes back shortened: pop and del change the caller's list. Read its middle entries
    without removing any."""
    for value in (ksize, strides):
        if isinstance(value, list):
            value.pop()
            value.pop(0)
    return _max_pool(input, ksize, strides, padding)


@mistake("max_pool2d")
def max_over_channels(input, ksize, strides, padding):
    """The maximum is taken over the channels too, so they are gone. Pooling treats each channel by itself: reduce over
    the window only."""
    return tf.reduce_max(_windows(input, ksize, strides, padding, -np.inf), axis=(-2, -1))


@mistake("max_pool2d")
def max_scrambles_channels(input, ksize, strides, padding):
    """The result is right for one channel and mixes several. extract_patches puts the channels last, after the pixels
    of the window: reshape in that order."""
    return tf.reduce_max(_scrambled_patches(input, ksize, strides, padding, -np.inf), axis=-1)


@mistake("max_pool2d")
def max_is_a_mean(input, ksize, strides, padding):
    """This is the mean of each window. Max pooling takes the largest entry."""
    return _avg_pool(input, ksize, strides, padding)


@mistake("max_pool2d")
def max_by_library(input, ksize, strides, padding):
    """This is the library's max pooling. Here you write your own: cut out the pixels of the windows and take their
    maximum."""
    return tf.nn.max_pool2d(input, ksize, strides, padding)


@mistake("max_pool2d")
def max_by_numpy(input, ksize, strides, padding):
    """The values are right, but NumPy computed them, and the gradient stops there. Slices, tf.stack and tf.reduce_max
    keep it."""
    return tf.convert_to_tensor(np.max(_windows(input, ksize, strides, padding, -np.inf).numpy(), axis=-1))


# ---------------------------------------------------------------------------------------------------------- avg_pool2d


@mistake("avg_pool2d")
def mean_counts_padding(input, ksize, strides, padding):
    """The padding counts in the mean, so the border comes out too small. With "SAME", divide by the number of pixels
    inside the image."""
    return tf.reduce_mean(_windows(input, ksize, strides, padding), axis=-1)


@mistake("avg_pool2d")
def mean_skips_zeros(input, ksize, strides, padding):
    """Only entries that are not zero are counted. A zero of the image is a pixel like any other; leave out the padding
    alone."""
    windows = _windows(input, ksize, strides, padding)
    count = tf.reduce_sum(tf.cast(windows != 0, input.dtype), axis=-1)
    return tf.reduce_sum(windows, axis=-1) / tf.maximum(count, 1)


@mistake("avg_pool2d")
def mean_not_divided(input, ksize, strides, padding):
    """This is the sum of each window. Divide it by the number of its pixels."""
    return tf.reduce_sum(_windows(input, ksize, strides, padding), axis=-1)


@mistake("avg_pool2d")
def mean_divides_by_square(input, ksize, strides, padding):
    """The sum is divided by kh * kh. A window has kh * kw pixels, or fewer where it extends beyond the image."""
    kh, kw = _pair(ksize)
    return _avg_pool(input, ksize, strides, padding) * (kw / kh)


@mistake("avg_pool2d")
def mean_divides_by_strides(input, ksize, strides, padding):
    """The sum is divided by the product of the strides. Divide by the number of pixels in the window; the two are equal
    only for windows side by side."""
    (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
    return _avg_pool(input, ksize, strides, padding) * (kh * kw / (sh * sw))


@mistake("avg_pool2d")
def mean_odd_pixel_first(input, ksize, strides, padding):
    """When the padding of "SAME" is odd, your extra pixel goes before the image. TensorFlow puts it after: at the
    bottom and on the right."""
    return _avg_pool(input, ksize, strides, padding, _odd_pixel_first)


@mistake("avg_pool2d")
def mean_pads_half_window(input, ksize, strides, padding):
    """With "SAME" you pad ksize // 2 on every side, whatever the stride. How much TensorFlow pads follows from the
    output size ceil(n / stride): see same_padding."""
    return _avg_pool(input, ksize, strides, padding, _half_window)


@mistake("avg_pool2d")
def mean_of_repeated_border(input, ksize, strides, padding):
    """Where "SAME" needs padding you repeat the border, so border pixels count twice. Average the pixels inside the
    image only."""
    if padding == "SAME":
        (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
        pads = [(0, 0), _tf_same(input.shape[1], kh, sh), _tf_same(input.shape[2], kw, sw), (0, 0)]
        input = tf.pad(input, pads, mode="SYMMETRIC")
    return _avg_pool(input, ksize, strides, "VALID")


@mistake("avg_pool2d")
def mean_never_pads(input, ksize, strides, padding):
    """With "SAME" you get the result of "VALID": the windows at the border are missing. The output should have ceil(h /
    stride) rows."""
    return _avg_pool(input, ksize, strides, "VALID")


@mistake("avg_pool2d")
def mean_keeps_partial_windows(input, ksize, strides, padding):
    """With "VALID" there is one window too many: the last one extends beyond the image. Keep only windows that fit, so
    round the size down."""
    image, ones = (_with_partial_windows(x, ksize, strides, padding, 0.0) for x in (input, tf.ones_like(input)))
    return _avg_pool(image, ksize, strides, "VALID") / _avg_pool(ones, ksize, strides, "VALID")


@mistake("avg_pool2d")
def mean_misses_last_window(input, ksize, strides, padding):
    """The output is one row and one column short. n pixels hold floor((n - f) / s) + 1 windows: the + 1 is the window at
    the start."""
    return _avg_pool(input, ksize, strides, padding)[:, :-1, :-1]


@mistake("avg_pool2d")
def mean_pads_window_minus_stride(input, ksize, strides, padding):
    """With "SAME" you pad ksize - stride in total. That is right only where the stride divides the image; otherwise the
    last window starts later. See same_padding."""
    return _avg_pool(input, ksize, strides, padding, _window_minus_stride)


@mistake("avg_pool2d")
def mean_strides_the_size_only(input, ksize, strides, padding):
    """The output has the right size, but its windows are only one pixel apart. Window (i, j) starts at row i * sh and
    column j * sw: multiply by the stride."""
    rows, columns = _sizes(input, ksize, strides, padding)
    sums, counts = (
        _avg_pool(_padded(x, ksize, strides, padding), ksize, 1, "VALID") for x in (input, tf.ones_like(input))
    )
    return (sums / counts)[:, :rows, :columns]


@mistake("avg_pool2d")
def mean_swaps_strides(input, ksize, strides, padding):
    """The two strides are exchanged. In a pair (sh, sw) the first one moves the window down, the second one moves it to
    the right."""
    return _avg_pool(input, ksize, _pair(strides)[::-1], padding)


@mistake("avg_pool2d")
def mean_uses_one_stride(input, ksize, strides, padding):
    """The stride of the height is used for the width as well. Take both numbers of the pair."""
    return _avg_pool(input, ksize, _pair(strides)[0], padding)


@mistake("avg_pool2d")
def mean_ignores_strides(input, ksize, strides, padding):
    """The windows are placed side by side, as if the stride always equalled the size of the window. The stride is a
    separate argument: windows may overlap or leave gaps."""
    return _avg_pool(input, ksize, ksize, padding)


@mistake("avg_pool2d")
def mean_swaps_ksize(input, ksize, strides, padding):
    """Height and width of the window are exchanged. In a pair (kh, kw) the height comes first, as in the image's
    shape."""
    return _avg_pool(input, _pair(ksize)[::-1], strides, padding)


@mistake("avg_pool2d")
def mean_reads_lists_from_front(input, ksize, strides, padding):
    """In a list of 4, the first number belongs to the batch and the last to the channels. Height and width are the two
    in the middle."""
    return _avg_pool(input, _from_front(ksize), _from_front(strides), padding)


@mistake("avg_pool2d")
def mean_over_channels(input, ksize, strides, padding):
    """The mean is taken over the channels too, so they are gone. Pooling treats each channel by itself: reduce over the
    window only."""
    return tf.reduce_mean(_avg_pool(input, ksize, strides, padding), axis=-1)


@mistake("avg_pool2d")
def mean_scrambles_channels(input, ksize, strides, padding):
    """The result is right for one channel and mixes several. extract_patches puts the channels last, after the pixels
    of the window: reshape in that order."""
    sums, counts = (
        tf.reduce_sum(_scrambled_patches(x, ksize, strides, padding, 0.0), axis=-1)
        for x in (input, tf.ones_like(input))
    )
    return sums / counts


@mistake("avg_pool2d")
def mean_is_a_max(input, ksize, strides, padding):
    """This is the maximum of each window. Average pooling takes the mean."""
    return _max_pool(input, ksize, strides, padding)


@mistake("avg_pool2d")
def mean_by_library(input, ksize, strides, padding):
    """This is the library's average pooling, under whatever name it was called. Here you write your own: add the pixels
    of each window and divide."""
    return getattr(tf.nn, "avg_" + "pool2d")(input, ksize, strides, padding)


@mistake("avg_pool2d")
def mean_by_numpy(input, ksize, strides, padding):
    """The values are right, but NumPy computed them, and the gradient stops there. Slices, tf.add_n and a division keep
    it."""
    return tf.convert_to_tensor(_avg_pool(input, ksize, strides, padding).numpy())


# ------------------------------------------------------------------------------------------------- max_pool2d_backward


def _places(dy, winner, ksize, strides, top, left):
    """Where each window's winner u * kw + v stands in the image, as indices for a scatter."""
    (_, kw), (sh, sw) = _pair(ksize), _pair(strides)
    n, i, j, c = tf.meshgrid(*map(tf.range, dy.shape), indexing="ij")
    return tf.stack([n, i * sh + winner // kw - top, j * sw + winner % kw - left, c], axis=-1)


def _offsets(input, ksize, strides, padding, pad=_tf_same):
    if padding != "SAME":
        return 0, 0
    (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
    return pad(input.shape[1], kh, sh)[0], pad(input.shape[2], kw, sw)[0]


def _winner(input, ksize, strides, padding, fill=-np.inf, pad=_tf_same):
    return tf.argmax(_windows(input, ksize, strides, padding, fill, pad), axis=-1, output_type=tf.int32)


def _scattered(shape, dtype, places, dy):
    """Adds dy at the places; what falls outside the image is lost."""
    inside = tf.reduce_all((places >= 0) & (places < tf.constant(shape)), axis=-1)
    return tf.tensor_scatter_nd_add(
        tf.zeros(shape, dtype), tf.boolean_mask(places, inside), tf.boolean_mask(tf.cast(dy, dtype), inside)
    )


def _backward(dy, input, ksize, strides, padding, pad=_tf_same):
    winner = _winner(input, ksize, strides, padding, pad=pad)
    places = _places(dy, winner, ksize, strides, *_offsets(input, ksize, strides, padding, pad))
    return _scattered(input.shape, input.dtype, places, dy)


def _padded_gradient(dy, input, ksize, strides, padding):
    """The gradient with respect to the padded image, and the paddings of rows and columns."""
    (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
    pads = (0, 0), (0, 0)
    if padding == "SAME":
        pads = _tf_same(input.shape[1], kh, sh), _tf_same(input.shape[2], kw, sw)
    shape = (input.shape[0], *(n + sum(pad) for n, pad in zip(input.shape[1:3], pads, strict=True)), input.shape[3])
    winner = _winner(input, ksize, strides, padding)
    return _scattered(shape, input.dtype, _places(dy, winner, ksize, strides, 0, 0), dy), pads


def _placed(dy, input, ksize, strides, padding, steps):
    """Finds the winners of the right windows, but takes the windows to be `steps` apart on the way back."""
    winner = _winner(input, ksize, strides, padding)
    places = _places(dy, winner, ksize, steps, *_offsets(input, ksize, strides, padding))
    return _scattered(input.shape, input.dtype, places, dy)


def _spread(dy, share, input, ksize, strides, padding):
    """Adds share * dy to every pixel of each window; share is (n, out_h, out_w, c, kh * kw)."""
    kh, kw = _pair(ksize)
    offsets = _offsets(input, ksize, strides, padding)
    return tf.add_n(
        [
            _scattered(
                input.shape,
                input.dtype,
                _places(dy, tf.fill(dy.shape, pixel), ksize, strides, *offsets),
                dy * share[..., pixel],
            )
            for pixel in range(kh * kw)
        ]
    )


@mistake("max_pool2d_backward")
def gradient_overwritten(dy, input, ksize, strides, padding):
    """Where windows overlap, the last one overwrites the gradient of the others: it takes += instead of =. A pixel
    that wins two windows gets the sum."""
    winner = _winner(input, ksize, strides, padding)
    places = _places(dy, winner, ksize, strides, *_offsets(input, ksize, strides, padding))
    dinput = np.zeros(input.shape, input.dtype.as_numpy_dtype)
    for place, value in zip(places.numpy().reshape(-1, 4), dy.numpy().ravel(), strict=True):
        dinput[tuple(place)] = value
    return tf.constant(dinput)


@mistake("max_pool2d_backward")
def gradient_window_overwritten(dy, input, ksize, strides, padding):
    """Each window writes all of its pixels, the zeros too, so it erases what the windows before it have left there. Add the
    window's share instead: += in place of =."""
    (kh, kw), (sh, sw) = _pair(ksize), _pair(strides)
    padded = _padded(input, ksize, strides, padding, -np.inf).numpy()
    dpadded = np.zeros(padded.shape, input.dtype.as_numpy_dtype)
    for i, j in np.ndindex(*dy.shape[1:3]):
        place = np.s_[:, i * sh : i * sh + kh, j * sw : j * sw + kw]
        window = padded[place]
        dpadded[place] = (window == window.max(axis=(1, 2), keepdims=True)) * dy[:, i : i + 1, j : j + 1].numpy()
    top, left = _offsets(input, ksize, strides, padding)
    return tf.constant(dpadded[:, top : top + input.shape[1], left : left + input.shape[2]])


@mistake("max_pool2d_backward")
def gradient_averaged(dy, input, ksize, strides, padding):
    """A pixel that wins several windows gets the mean of their gradients. The chain rule adds them up: do not
    divide."""
    wins = _backward(tf.ones_like(dy), input, ksize, strides, padding)
    return _backward(dy, input, ksize, strides, padding) / tf.maximum(wins, 1)


@mistake("max_pool2d_backward")
def gradient_to_every_pixel(dy, input, ksize, strides, padding):
    """Every pixel of a window gets its dy. Only the maximum had an effect on the output, so only the maximum gets the
    gradient."""
    return _spread(dy, tf.ones_like(_windows(input, ksize, strides, padding)), input, ksize, strides, padding)


@mistake("max_pool2d_backward")
def gradient_spread_evenly(dy, input, ksize, strides, padding):
    """dy is divided among all pixels of the window: that is the backward pass of average pooling. Max pooling sends all
    of it to the maximum."""
    kh, kw = _pair(ksize)
    share = tf.ones_like(_windows(input, ksize, strides, padding)) / (kh * kw)
    return _spread(dy, share, input, ksize, strides, padding)


@mistake("max_pool2d_backward")
def gradient_proportional(dy, input, ksize, strides, padding):
    """dy is divided among the pixels in proportion to a softmax of their values. The maximum is a hard choice: it gets
    everything, the others get nothing."""
    share = tf.nn.softmax(_windows(input, ksize, strides, padding, -np.inf))
    return _spread(dy, share, input, ksize, strides, padding)


@mistake("max_pool2d_backward")
def gradient_without_dy(dy, input, ksize, strides, padding):
    """The places of the maxima are right, but they are marked with ones. Each maximum gets the dy of its window:
    multiply the mask by it."""
    return _backward(tf.ones_like(dy), input, ksize, strides, padding)


@mistake("max_pool2d_backward")
def gradient_is_the_maximum(dy, input, ksize, strides, padding):
    """The maxima themselves are put back in their places. What goes back is dy, not the value of the output."""
    return _backward(_max_pool(input, ksize, strides, padding), input, ksize, strides, padding)


@mistake("max_pool2d_backward")
def gradient_times_input(dy, input, ksize, strides, padding):
    """The gradient is multiplied by the pixel's value. The slope of a maximum with respect to the winner is 1, whatever
    its value."""
    return _backward(dy, input, ksize, strides, padding) * input


@mistake("max_pool2d_backward")
def gradient_turned_in_window(dy, input, ksize, strides, padding):
    """The winner's row and column in the window are exchanged. In a flat index over (kh, kw), the row is index // kw
    and the column index % kw."""
    kh, kw = _pair(ksize)
    winner = _winner(input, ksize, strides, padding)
    turned = (winner % kh) * kw + winner // kh
    places = _places(dy, turned, ksize, strides, *_offsets(input, ksize, strides, padding))
    return _scattered(input.shape, input.dtype, places, dy)


@mistake("max_pool2d_backward")
def gradient_lost_in_zeros(dy, input, ksize, strides, padding):
    """Part of the gradient is lost at the border: the image was padded with zeros, and a zero won against negative
    pixels. Pad with a number that never wins."""
    winner = _winner(input, ksize, strides, padding, fill=0.0)
    places = _places(dy, winner, ksize, strides, *_offsets(input, ksize, strides, padding))
    return _scattered(input.shape, input.dtype, places, dy)


@mistake("max_pool2d_backward")
def gradient_odd_pixel_first(dy, input, ksize, strides, padding):
    """When the padding of "SAME" is odd, your extra pixel goes before the image. TensorFlow puts it after: at the
    bottom and on the right."""
    return _backward(dy, input, ksize, strides, padding, _odd_pixel_first)


@mistake("max_pool2d_backward")
def gradient_padding_not_removed(dy, input, ksize, strides, padding):
    """With "SAME" the gradient is shifted: it was computed on the padded image and cut out at its corner. Cut out the
    part where the image is, after the padding at the top and on the left."""
    places = _places(dy, _winner(input, ksize, strides, padding), ksize, strides, 0, 0)
    return _scattered(input.shape, input.dtype, places, dy)


@mistake("max_pool2d_backward")
def gradient_cut_by_negative_zero(dy, input, ksize, strides, padding):
    """Where nothing is padded after the image, the result is empty: the slice [before:-0] holds nothing. Give the end as
    a number counted from the start: before + h."""
    padded, pads = _padded_gradient(dy, input, ksize, strides, padding)
    (top, bottom), (left, right) = pads
    return padded[:, top:-bottom, left:-right]


@mistake("max_pool2d_backward")
def gradient_crop_fixed_at_one(dy, input, ksize, strides, padding):
    """With "SAME" one row and one column are always removed on each side. That is right for 3x3 windows with stride 1
    only: remove as many as were padded."""
    padded, _ = _padded_gradient(dy, input, ksize, strides, padding)
    return padded[:, 1:-1, 1:-1] if padding == "SAME" else padded


@mistake("max_pool2d_backward")
def gradient_added_to_the_input(dy, input, ksize, strides, padding):
    """The gradient is added to the image itself. Start from zeros: tf.zeros_like(input)."""
    return input + _backward(dy, input, ksize, strides, padding)


@mistake("max_pool2d_backward")
def gradient_swaps_strides(dy, input, ksize, strides, padding):
    """The two strides are exchanged. In a pair (sh, sw) the first one moves the window down, the second one moves it to
    the right."""
    return _placed(dy, input, ksize, strides, padding, _pair(strides)[::-1])


@mistake("max_pool2d_backward")
def gradient_uses_one_stride(dy, input, ksize, strides, padding):
    """The stride of the height is used for the width as well. Take both numbers of the pair."""
    return _placed(dy, input, ksize, strides, padding, _pair(strides)[0])


@mistake("max_pool2d_backward")
def gradient_windows_side_by_side(dy, input, ksize, strides, padding):
    """The windows are assumed to start at multiples of the window's size. They start at multiples of the stride: window
    (i, j) starts at row i * sh and column j * sw."""
    return _placed(dy, input, ksize, strides, padding, ksize)


@mistake("max_pool2d_backward")
def gradient_swaps_ksize(dy, input, ksize, strides, padding):
    """Height and width of the window are exchanged. In a pair (kh, kw) the height comes first, as in the image's
    shape."""
    return _backward(dy, input, _pair(ksize)[::-1], strides, padding)


@mistake("max_pool2d_backward")
def gradient_reads_lists_from_front(dy, input, ksize, strides, padding):
    """In a list of 4, the first number belongs to the batch and the last to the channels. Height and width are the two
    in the middle."""
    return _backward(dy, input, _from_front(ksize), _from_front(strides), padding)


@mistake("max_pool2d_backward")
def gradient_by_upsampling(dy, input, ksize, strides, padding):
    """The output and dy are enlarged by the stride and compared with the input. That works for windows side by side;
    where windows overlap, a pixel belongs to several of them, so go through the windows instead."""

    def enlarged(x):
        x = tf.repeat(tf.repeat(x, sh, axis=1), sw, axis=2)[:, : input.shape[1], : input.shape[2]]
        missing = [(0, 0), (0, input.shape[1] - x.shape[1]), (0, input.shape[2] - x.shape[2]), (0, 0)]
        return tf.pad(x, missing)

    sh, sw = _pair(strides)
    mask = input == enlarged(_max_pool(input, ksize, strides, padding))
    return tf.where(mask, enlarged(dy), tf.zeros_like(input))


@mistake("max_pool2d_backward")
def gradient_one_channel_wins(dy, input, ksize, strides, padding):
    """In each window only one channel gets a gradient: the maximum was taken over the channels too. Each channel has
    its own winner."""
    windows = _windows(input, ksize, strides, padding, -np.inf)
    share = tf.cast(windows == tf.reduce_max(windows, axis=(-2, -1), keepdims=True), input.dtype)
    return _spread(dy, share, input, ksize, strides, padding)


@mistake("max_pool2d_backward")
def gradient_in_float64(dy, input, ksize, strides, padding):
    """The numbers are right, but float32 inputs give a float64 result: np.zeros makes float64 arrays. Build the result
    in input's dtype."""
    return tf.cast(_backward(dy, input, ksize, strides, padding), tf.float64)


@mistake("max_pool2d_backward")
def gradient_by_tape(dy, input, ksize, strides, padding):
    """A tape or the library computes the gradient here. Write it yourself: find each window's maximum and add dy
    there."""
    with tf.GradientTape() as tape:
        tape.watch(input)
        output = _max_pool(input, ksize, strides, padding)
    return tape.gradient(output, input, output_gradients=dy)


# ----------------------------------------------------------------------------------------------------- global_avg_pool


@mistake("global_avg_pool")
def global_keeps_dimensions(x):
    """The mean is right, but the two averaged axes are still there with size 1. The result has the shape (n, c)."""
    return tf.reduce_mean(x, axis=(1, 2), keepdims=True)


@mistake("global_avg_pool")
def global_squeezes_everything(x):
    """All axes of size 1 were removed, the batch or the channels among them. Remove height and width only."""
    return tf.squeeze(tf.reduce_mean(x, axis=(1, 2), keepdims=True))


@mistake("global_avg_pool")
def global_over_height_only(x):
    """The mean is taken over the rows only. Average over height and width, axes 1 and 2."""
    return tf.reduce_mean(x, axis=1)


@mistake("global_avg_pool")
def global_over_channels_first_axes(x):
    """The mean is taken over axes 2 and 3, where other libraries have height and width. In TensorFlow images are (n, h,
    w, c)."""
    return tf.reduce_mean(x, axis=(2, 3))


@mistake("global_avg_pool")
def global_over_channels(x):
    """The channels are averaged, and the picture is still there. Keep the channels and average over height and
    width."""
    return tf.reduce_mean(x, axis=-1)


@mistake("global_avg_pool")
def global_over_batch(x):
    """The mean is taken over the batch too, so all images share one result. Keep axis 0."""
    return tf.reduce_mean(x, axis=(0, 1, 2))


@mistake("global_avg_pool")
def global_sum(x):
    """This is the sum of each map. Divide by its number of pixels, h * w."""
    return tf.reduce_sum(x, axis=(1, 2))


@mistake("global_avg_pool")
def global_divides_by_square(x):
    """The sum is divided by the height squared. Maps need not be square: they have h * w pixels."""
    return tf.reduce_sum(x, axis=(1, 2)) / x.shape[1] ** 2


@mistake("global_avg_pool")
def global_max(x):
    """This is the largest entry of each map. Return the mean."""
    return tf.reduce_max(x, axis=(1, 2))


@mistake("global_avg_pool")
def global_scrambles_channels(x):
    """The shape is right, but the channels are mixed: a reshape to (n, c, h * w) does not move the channel axis. Keep c
    last when you flatten the pixels."""
    n, h, w, c = x.shape
    return tf.reduce_mean(tf.reshape(x, (n, c, h * w)), axis=-1)


@mistake("global_avg_pool")
def global_by_numpy(x):
    """The values are right, but NumPy computed them, and the gradient stops there. tf.reduce_mean keeps it."""
    return tf.convert_to_tensor(np.mean(x.numpy(), axis=(1, 2)))


# --------------------------------------------------------------------------------------------------- strided_conv_pool


@mistake("strided_conv_pool")
def learned_pads(x, filters, stride):
    """The output is too large: the image was padded ("SAME"). Use only windows inside the image."""
    return tf.nn.conv2d(x, filters, stride, "SAME")


@mistake("strided_conv_pool")
def learned_ignores_stride(x, filters, stride):
    """The filter moves by one pixel: the stride is not used. Without it nothing is pooled."""
    return tf.nn.conv2d(x, filters, 1, "VALID")


@mistake("strided_conv_pool")
def learned_moves_by_filter(x, filters, stride):
    """The filter moves by its own size. The stride is a separate argument."""
    return tf.nn.conv2d(x, filters, filters.shape[0], "VALID")


@mistake("strided_conv_pool")
def learned_strides_height_only(x, filters, stride):
    """The stride acts on the rows only. In a list of 4 it takes both middle places, for height and width."""
    return tf.nn.conv2d(x, filters, [1, stride, 1, 1], "VALID") if stride > 1 else tf.nn.conv2d(x, filters, 1, "VALID")


@mistake("strided_conv_pool")
def learned_subsamples_first(x, filters, stride):
    """The image is thinned out before the filter sees it. The filter looks at neighbouring pixels of the full image;
    only its steps are wide."""
    thinned = x[:, ::stride, ::stride]
    pads = [(0, 0), *((0, max(f - n, 0)) for f, n in zip(filters.shape[:2], thinned.shape[1:3], strict=True)), (0, 0)]
    return tf.nn.conv2d(tf.pad(thinned, pads), filters, 1, "VALID")


@mistake("strided_conv_pool")
def learned_swaps_channels(x, filters, stride):
    """The last two axes of the filters are exchanged. They are (f, f, c_in, c_out) already, as tf.nn.conv2d wants
    them."""
    return tf.nn.conv2d(x, tf.transpose(filters, (0, 1, 3, 2)), stride, "VALID")


@mistake("strided_conv_pool")
def learned_flips_filters(x, filters, stride):
    """The filters are turned by 180 degrees. In this course, as in tf.nn.conv2d, a filter is applied as it is."""
    return tf.nn.conv2d(x, tf.reverse(filters, (0, 1)), stride, "VALID")


@mistake("strided_conv_pool")
def learned_keeps_channels_apart(x, filters, stride):
    """Each channel is filtered by itself, so there are c_in * c_out of them. A convolution sums over the input
    channels."""
    return tf.nn.depthwise_conv2d(x, filters, [1, stride, stride, 1], "VALID")


@mistake("strided_conv_pool")
def learned_divides_again(x, filters, stride):
    """The result is divided by f * f. The filters hold that factor themselves when they are meant to average."""
    return tf.nn.conv2d(x, filters, stride, "VALID") / filters.shape[0] ** 2


@mistake("strided_conv_pool")
def learned_normalises_filters(x, filters, stride):
    """The filters are divided by their sum to make them an average. Learned pooling uses them as they are; their sum is
    learned too."""
    return tf.nn.conv2d(x, filters / tf.reduce_sum(filters, axis=(0, 1, 2)), stride, "VALID")


@mistake("strided_conv_pool")
def learned_rectifies(x, filters, stride):
    """Negative results are gone: there is a ReLU at the end. Here the layer ends with the convolution."""
    return tf.maximum(tf.nn.conv2d(x, filters, stride, "VALID"), 0)


@mistake("strided_conv_pool")
def learned_freezes_filters(x, filters, stride):
    """The values are right, but no gradient reaches the filters, so nothing could be learned. Do not turn them into an
    array or a new constant on the way."""
    return tf.nn.conv2d(x, tf.constant(filters.numpy()), stride, "VALID")


# ----------------------------------------------------------------------------------------------------------- blur_pool


def _binomial(x, row=(1, 2, 1), column=(1, 2, 1), scale=1 / 16):
    """One filter for each channel of x."""
    kernel = tf.constant(np.outer(column, row) * scale, x.dtype)
    return tf.tile(kernel[:, :, None, None], (1, 1, x.shape[-1], 1))


def _blur(x, stride, mode="REFLECT", **kernel):
    """Binomial blur and subsampling, with the parts exposed that can go wrong."""
    padded = tf.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode=mode)
    return tf.nn.depthwise_conv2d(padded, _binomial(x, **kernel), (1, 1, 1, 1), "VALID")[:, ::stride, ::stride]


@mistake("blur_pool")
def blur_pads_zeros(x, stride):
    """The border is too dark: zeros were padded. Reflect the image by one pixel instead."""
    return _blur(x, stride, mode="CONSTANT")


@mistake("blur_pool")
def blur_repeats_border(x, stride):
    """The border is wrong by a little: the reflection repeats the border pixel. Reflect around it, so that x[-1] =
    x[1]; tf.pad knows two kinds of mirrors."""
    return _blur(x, stride, mode="SYMMETRIC")


@mistake("blur_pool")
def blur_leaves_padding_to_stride(x, stride):
    """The library's "SAME" pads for you: zeros, and with a stride on even sizes none at the start, so the windows are not
    centred on the pixels 0, s, 2s. Pad the image yourself first."""
    return tf.nn.depthwise_conv2d(x, _binomial(x), (1, stride, stride, 1), "SAME")


@mistake("blur_pool")
def blur_loses_border(x, stride):
    """The output is too small, or starts one pixel late: the image was not padded. Reflect it by one pixel on every
    side first."""
    if x.shape[1] < 3:  # no window fits
        return x[:, :0, : -(-(x.shape[2] - 2) // stride)]
    return tf.nn.depthwise_conv2d(x, _binomial(x), (1, 1, 1, 1), "VALID")[:, ::stride, ::stride]


@mistake("blur_pool")
def blur_with_box(x, stride):
    """All weights are equal. The binomial filter is [1, 2, 1] / 4 in each direction: the centre counts twice as much."""
    return _blur(x, stride, row=(1, 1, 1), column=(1, 1, 1), scale=1 / 9)


@mistake("blur_pool")
def blur_not_normalised(x, stride):
    """Everything is 16 times too large. The weights have to sum to 1, so that a grey area keeps its grey."""
    return _blur(x, stride, scale=1)


@mistake("blur_pool")
def blur_normalised_once(x, stride):
    """Everything is 4 times too large. Each direction has its own [1, 2, 1] / 4, so the factor is 1/16 in all."""
    return _blur(x, stride, scale=1 / 4)


@mistake("blur_pool")
def blur_width_only(x, stride):
    """Only the neighbours on the left and right are averaged. Blur in both directions: take the outer product of [1, 2, 1]
    / 4 with itself."""
    return _blur(x, stride, column=(0, 1, 0), scale=1 / 4)


@mistake("blur_pool")
def blur_height_only(x, stride):
    """Only the neighbours above and below are averaged. Blur in both directions: take the outer product of [1, 2, 1] / 4
    with itself."""
    return _blur(x, stride, row=(0, 1, 0), scale=1 / 4)


@mistake("blur_pool")
def blur_forgotten(x, stride):
    """The image is subsampled, but not blurred. The blur comes first: it removes what the small image cannot show."""
    return x[:, ::stride, ::stride]


@mistake("blur_pool")
def blur_comes_too_late(x, stride):
    """The image is subsampled first and then blurred. By then the fine stripes have turned into false ones: blur
    first."""
    x = x[:, ::stride, ::stride]
    small = [(0, 1 if n == 1 else 0) for n in x.shape[1:3]]  # a single row has nothing to be reflected in: repeat it
    return _blur(tf.pad(x, [(0, 0), *small, (0, 0)], mode="SYMMETRIC"), 1)[:, : x.shape[1], : x.shape[2]]


@mistake("blur_pool")
def blur_starts_late(x, stride):
    """The subsampling starts with the second pixel. Keep the pixels 0, s, 2s, and so on."""
    start = min(1, stride - 1)
    return _blur(x, 1)[:, start::stride, start::stride]


@mistake("blur_pool")
def blur_ignores_stride(x, stride):
    """The image is blurred at full size. Keep every stride-th row and column of it."""
    return _blur(x, 1)


@mistake("blur_pool")
def blur_strides_height_only(x, stride):
    """Only the rows are subsampled. Use the stride for the columns too."""
    return _blur(x, 1)[:, ::stride]


@mistake("blur_pool")
def blur_mixes_channels(x, stride):
    """The channels are added up: a full convolution was used where each channel is to be blurred by itself. Look for
    the depthwise kind."""
    blurred = _blur(x, stride)
    return tf.zeros_like(blurred) + tf.reduce_sum(blurred, axis=-1, keepdims=True)


@mistake("blur_pool")
def blur_after_max(x, stride):
    """There is a max pooling before the blur. The paper combines the two, but blur_pool is the blur and the subsampling
    only."""
    bottom_right = tf.pad(x, [(0, 0), (0, 1), (0, 1), (0, 0)], constant_values=-np.inf)
    return _blur(_max_pool(bottom_right, 2, 1, "VALID"), stride)


@mistake("blur_pool")
def blur_by_numpy(x, stride):
    """The values are right, but NumPy computed them, and the gradient stops there. Use TensorFlow operations on the
    tensor."""
    return tf.convert_to_tensor(_blur(x, stride).numpy())


# --------------------------------------------------------------------------------------------------------------- shift


@mistake("shift")
def shift_wraps_around(x, down, right):
    """What leaves the frame comes back on the other side: tf.roll turns in a circle. Here zeros come in."""
    return tf.roll(x, (down, right), axis=(1, 2))


@mistake("shift")
def shift_goes_backwards(x, down, right):
    """The image moves the wrong way. A positive `down` moves it down, a positive `right` to the right: pixel p comes from
    pixel p - down."""
    return _moved(x, -down, -right)


@mistake("shift")
def shift_swaps_directions(x, down, right):
    """The two directions are exchanged. `down` counts rows, axis 1; `right` counts columns, axis 2."""
    return _moved(x, right, down)


@mistake("shift")
def shift_upside_down(x, down, right):
    """Left and right are correct, but up and down are exchanged. Rows are counted from the top: a positive `down` moves
    the image down."""
    return _moved(x, -down, right)


@mistake("shift")
def shift_ignores_negative(x, down, right):
    """Negative moves are ignored. They move the image up or to the left."""
    return _moved(x, max(down, 0), max(right, 0))


@mistake("shift")
def shift_loses_sign(x, down, right):
    """Negative moves act like positive ones. They move the image up or to the left."""
    return _moved(x, abs(down), abs(right))


@mistake("shift")
def shift_rows_only(x, down, right):
    """Only the rows move. Move the columns by `right` as well."""
    return _moved(x, down, 0)


@mistake("shift")
def shift_crops(x, down, right):
    """The image gets smaller: what leaves the frame is cut off, but nothing comes in. Fill up with zeros on the other
    side."""
    h, w = x.shape[1:3]
    return x[:, max(-down, 0) : h - max(down, 0), max(-right, 0) : w - max(right, 0)]


@mistake("shift")
def shift_grows(x, down, right):
    """The image gets larger: zeros come in, but nothing leaves. Cut it to the size of the frame."""
    return tf.pad(x, [(0, 0), (max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0)), (0, 0)])


@mistake("shift")
def shift_repeats_border(x, down, right):
    """The border is repeated on the side that the image moves away from. Zeros belong there."""
    h, w = x.shape[1:3]
    rows = tf.clip_by_value(tf.range(h) - down, 0, h - 1)
    columns = tf.clip_by_value(tf.range(w) - right, 0, w - 1)
    return tf.gather(tf.gather(x, rows, axis=1), columns, axis=2)


@mistake("shift")
def shift_loses_all_at_zero(x, down, right):
    """A move by 0 returns an empty image: the slice [:-0] holds nothing. Count the end of the slice from the start."""
    x = tf.pad(x[:, :-down], [(0, 0), (down, 0), (0, 0), (0, 0)]) if down >= 0 else _moved(x, down, 0)
    return tf.pad(x[:, :, :-right], [(0, 0), (0, 0), (right, 0), (0, 0)]) if right >= 0 else _moved(x, 0, right)


@mistake("shift")
def shift_moves_channels(x, down, right):
    """The columns and the channels move: you took axes 2 and 3 for height and width. In TensorFlow images are (n, h,
    w, c)."""
    return tf.transpose(_moved(tf.transpose(x, (0, 2, 3, 1)), down, right), (0, 3, 1, 2))


@mistake("shift")
def shift_moves_batch(x, down, right):
    """The images of the batch change places: you moved axes 0 and 1. Rows are axis 1 and columns are axis 2."""
    return tf.transpose(_moved(tf.transpose(x, (3, 0, 1, 2)), down, right), (1, 2, 3, 0))


@mistake("shift")
def shift_by_numpy(x, down, right):
    """The values are right, but NumPy computed them, and the gradient stops there. tf.pad and slices keep it."""
    return tf.convert_to_tensor(_moved(x, down, right).numpy())


# ---------------------------------------------------------------------------------------------------- equivariance_gap


def _difference(f, x, down, right):
    return f(_moved(x, down, right)) - _moved(f(x), down, right)


def _cut(difference, rows, columns):
    h, w = difference.shape[1:3]
    return difference[:, rows : h - rows, columns : w - columns]


@mistake("equivariance_gap")
def gap_of_whole_map(f, x, down, right):
    """The border is included, where zeros came in on one side only. Leave out |down| + 1 rows and |right| + 1 columns on
    every side."""
    return tf.reduce_max(tf.abs(_difference(f, x, down, right)))


@mistake("equivariance_gap")
def gap_forgets_filter(f, x, down, right):
    """The interior is one pixel too large on every side. A 3x3 filter reaches one pixel further than the shift: leave
    out |down| + 1 rows and |right| + 1 columns."""
    return tf.reduce_max(tf.abs(_cut(_difference(f, x, down, right), abs(down), abs(right))))


@mistake("equivariance_gap")
def gap_forgets_shift(f, x, down, right):
    """Only one row and one column are left out at the border. The shift itself spoils |down| more rows and |right| more
    columns."""
    return tf.reduce_max(tf.abs(_cut(_difference(f, x, down, right), 1, 1)))


@mistake("equivariance_gap")
def gap_cuts_one_side(f, x, down, right):
    """Rows and columns are left out only on the side where zeros came in. Leave them out on all four sides."""
    difference = tf.abs(_difference(f, x, down, right))
    h, w = difference.shape[1:3]
    rows = slice(down + 1, h) if down >= 0 else slice(0, h + down - 1)
    columns = slice(right + 1, w) if right >= 0 else slice(0, w + right - 1)
    return tf.reduce_max(difference[:, rows, columns])


@mistake("equivariance_gap")
def gap_swaps_interior(f, x, down, right):
    """The interior leaves out |right| + 1 rows and |down| + 1 columns. It is the other way round: `down` belongs to the
    rows, axis 1, and `right` to the columns, axis 2."""
    return tf.reduce_max(tf.abs(_cut(_difference(f, x, down, right), abs(right) + 1, abs(down) + 1)))


@mistake("equivariance_gap")
def gap_measured_on_image(f, x, down, right):
    """The interior is measured with the size of the image. f may return a smaller map: take the interior of the map."""
    (h, w), rows, columns = x.shape[1:3], abs(down) + 1, abs(right) + 1
    return tf.reduce_max(tf.abs(_difference(f, x, down, right))[:, rows : h - rows, columns : w - columns])


@mistake("equivariance_gap")
def gap_cuts_batch(f, x, down, right):
    """You cut the interior from the batch and the rows, so hardly anything is left. Height and width are axes 1 and 2:
    the first slice is for the batch."""
    rows, columns = abs(down) + 1, abs(right) + 1
    return tf.reduce_max(tf.abs(_difference(f, x, down, right))[rows:-rows, columns:-columns])


@mistake("equivariance_gap")
def gap_is_a_mean(f, x, down, right):
    """This is the mean difference. The gap is the largest one: a single pixel that disagrees counts."""
    return tf.reduce_mean(tf.abs(_cut(_difference(f, x, down, right), abs(down) + 1, abs(right) + 1)))


@mistake("equivariance_gap")
def gap_keeps_sign(f, x, down, right):
    """Negative differences are ignored, because the maximum is taken without the absolute value. Their size counts
    too."""
    return tf.reduce_max(_cut(_difference(f, x, down, right), abs(down) + 1, abs(right) + 1))


@mistake("equivariance_gap")
def gap_is_squared(f, x, down, right):
    """The differences are squared. The gap is the largest absolute value."""
    return tf.reduce_max(tf.square(_cut(_difference(f, x, down, right), abs(down) + 1, abs(right) + 1)))


@mistake("equivariance_gap")
def gap_for_each_image(f, x, down, right):
    """There is one number per image. The gap is a single number: take the maximum over the batch too."""
    return tf.reduce_max(tf.abs(_cut(_difference(f, x, down, right), abs(down) + 1, abs(right) + 1)), axis=(1, 2, 3))


@mistake("equivariance_gap")
def gap_shifts_map_back(f, x, down, right):
    """The image moves one way and the feature map the other. Equivariant means that both move the same way: compare
    f(T(x)) with T(f(x))."""
    difference = f(_moved(x, down, right)) - _moved(f(x), -down, -right)
    return tf.reduce_max(tf.abs(_cut(difference, abs(down) + 1, abs(right) + 1)))


@mistake("equivariance_gap")
def gap_of_invariance(f, x, down, right):
    """The feature map of the moved image is compared with the unmoved map: that tests invariance. Move the map f(x) as
    well."""
    return tf.reduce_max(tf.abs(_cut(f(_moved(x, down, right)) - f(x), abs(down) + 1, abs(right) + 1)))

"""What goes wrong in convolution: each function is a plausible wrong answer, and its docstring is the hint for it."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

import numpy as np
import tensorflow as tf

from autograder.question import mistake

# The parts of which the wrong convolutions are made.


def pair(strides):
    """The strides (sh, sw) of an int, a pair or a list of four."""
    if isinstance(strides, int):
        return strides, strides
    return tuple(strides) if len(strides) == 2 else tuple(strides[1:3])


def same_borders(input, filters, sh, sw, padding):
    """The padding ((top, bottom), (left, right))."""
    if padding == "VALID":
        return (0, 0), (0, 0)
    return same_padding(input.shape[1], filters.shape[0], sh), same_padding(input.shape[2], filters.shape[1], sw)


def zero_pad(input, rows, columns):
    """The images with a border of zeros."""
    return tf.pad(input, [(0, 0), rows, columns, (0, 0)])


def tapped(padded, m, n, out_h, out_w, sh, sw):
    """The pixels under tap (m, n), for all outputs."""
    return padded[:, m : m + sh * (out_h - 1) + 1 : sh, n : n + sw * (out_w - 1) + 1 : sw]


def correlate_all(padded, filters, sh, sw):
    """The cross-correlation without padding."""
    kh, kw = filters.shape[:2]
    out_h, out_w = (padded.shape[1] - kh) // sh + 1, (padded.shape[2] - kw) // sw + 1
    terms = [
        tf.einsum("bijc,co->bijo", tapped(padded, m, n, out_h, out_w, sh, sw), filters[m, n])
        for m in range(kh)
        for n in range(kw)
    ]
    return tf.add_n(terms)


def correlate_padded(input, filters, sh, sw, padding):
    """The right answer for given strides, from which a mistake departs."""
    return correlate_all(zero_pad(input, *same_borders(input, filters, sh, sw, padding)), filters, sh, sw)


def output_sizes(input, filters, sh, sw, padding):
    """The numbers of output rows and columns."""
    sizes = zip(input.shape[1:3], filters.shape[:2], (sh, sw), strict=True)
    return [-(-n // s) if padding == "SAME" else (n - f) // s + 1 for n, f, s in sizes]


def filter_minus_stride(f, s):
    """The padding (before, after) of f - s in total."""
    total = max(f - s, 0)
    return total // 2, total - total // 2


def loop_over_windows(input, filters, strides, padding, dtype=None):
    """The right values by NumPy, so without gradients."""
    (sh, sw), (kh, kw) = pair(strides), filters.shape[:2]
    padded = zero_pad(input, *same_borders(input, filters, sh, sw, padding)).numpy()
    out_h, out_w = (padded.shape[1] - kh) // sh + 1, (padded.shape[2] - kw) // sw + 1
    output = np.zeros((len(padded), out_h, out_w, filters.shape[3]), dtype)
    for i in range(out_h):
        for j in range(out_w):
            window = padded[:, i * sh : i * sh + kh, j * sw : j * sw + kw]
            output[:, i, j] = np.tensordot(window, filters.numpy(), 3)
    return output


# conv1d


@mistake("conv1d")
def cross_correlation(x, w):
    """The filter is not reversed: this is cross-correlation, which is what tf.nn.conv1d computes. In a true convolution
    the index of `x` runs backward while the index of `w` runs forward. Try it by hand on the lecture's signal: the first
    output is 2 - 5."""
    n, f = x.shape[0], w.shape[0]
    return tf.add_n([w[i] * x[i : n - f + 1 + i] for i in range(f)])


@mistake("conv1d")
def negated_correlation(x, w):
    """A minus sign is not a reversed filter. The two agree for [1 0 -1], which is its own negative when read backward, and
    for few other filters: reverse the order of the weights instead."""
    n, f = x.shape[0], w.shape[0]
    return -tf.add_n([w[i] * x[i : n - f + 1 + i] for i in range(f)])


@mistake("conv1d")
def reversed_signal(x, w):
    """The signal is reversed instead of the filter, so the right numbers come in reverse order. Leave `x` as it is, and
    read `w` from its end."""
    n, f = x.shape[0], w.shape[0]
    backward = x[::-1]
    return tf.add_n([w[i] * backward[i : n - f + 1 + i] for i in range(f)])


@mistake("conv1d")
def full_convolution(x, w):
    """This is the full convolution with n + f - 1 outputs: at both ends the filter extends beyond the signal. Keep the
    valid part only, the positions where all of the filter lies on the signal."""
    n, f = x.shape[0], w.shape[0]
    padded = tf.pad(x, [(f - 1, f - 1)])
    return tf.add_n([w[i] * padded[f - 1 - i : n + 2 * f - 2 - i] for i in range(f)])


@mistake("conv1d")
def zero_padded_signal(x, w):
    """The output is as long as the signal, so zeros were added at the ends. The valid part has n - f + 1 entries and needs no
    padding."""
    n, f = x.shape[0], w.shape[0]
    padded = tf.pad(x, [((f - 1) // 2, f // 2)])
    return tf.add_n([w[i] * padded[f - 1 - i : n + f - 1 - i] for i in range(f)])


@mistake("conv1d")
def last_position_missing(x, w):
    """One output is missing at the end: the filter fits at n - f + 1 positions. Check the end of your range or slice with
    n = 7 and f = 3, where there are five."""
    n, f = x.shape[0], w.shape[0]
    return tf.add_n([w[i] * x[f - 1 - i : n - 1 - i] for i in range(f)])


@mistake("conv1d")
def circular_convolution(x, w):
    """The signal is treated as a ring: what leaves at one end comes back at the other, as with tf.roll. The first f - 1
    outputs mix both ends; only positions inside the signal belong to the valid part."""
    return tf.add_n([w[i] * tf.roll(x, i, 0) for i in range(w.shape[0])])


@mistake("conv1d")
def signal_in_numpy(x, w):
    """The numbers are right, but they were computed by NumPy, so there is no gradient. Build the outputs from TensorFlow
    operations, e.g. products of slices or tf.reduce_sum, and tf.stack them."""
    n, f = x.shape[0], w.shape[0]
    signal, weights = x.numpy(), w.numpy()
    sums = [sum(signal[t + f - 1 - i] * weights[i] for i in range(f)) for t in range(n - f + 1)]
    return tf.constant(np.array(sums, signal.dtype))


@mistake("conv1d")
def filter_reversed_in_numpy(x, w):
    """The filter was reversed by NumPy, which cuts its gradient, while the one of the signal survives. Reverse it with
    TensorFlow: tensors can be sliced with a step of -1, or use tf.reverse."""
    n, f = x.shape[0], w.shape[0]
    weights = w.numpy()[::-1].copy()
    return tf.add_n([weights[i] * x[i : n - f + 1 + i] for i in range(f)])


@mistake("conv1d")
def library_conv1d(x, w):
    """A library convolution does the work here. Write the sum yourself: for a fixed weight, all outputs together need
    one slice of the signal."""
    convolve = tf.nn.conv1d
    return convolve(x[None, :, None], w[::-1][:, None, None], stride=1, padding="VALID")[0, :, 0]


# toeplitz_matrix


def band(w, n, rows, offset):
    """A matrix with `w` along its diagonals: entry (t, s) is w[t + offset - s]."""
    index = tf.range(rows)[:, None] + offset - tf.range(n)
    return tf.tensordot(tf.one_hot(index, w.shape[0], dtype=w.dtype), w, 1)


@mistake("toeplitz_matrix")
def rows_not_reversed(w, n):
    """The rows hold the filter as it is, so the matrix computes the cross-correlation. Each row must hold the filter in
    reverse, as it lies on the signal: the first row of the example begins with -1."""
    f = w.shape[0]
    return band(w[::-1], n, n - f + 1, f - 1)


@mistake("toeplitz_matrix")
def transposed_toeplitz(w, n):
    """This is the transpose: it has a row for each input. T has a row for each of the n - f + 1 outputs and a column for
    each of the n inputs, so that T x is the output."""
    f = w.shape[0]
    return tf.transpose(band(w, n, n - f + 1, f - 1))


@mistake("toeplitz_matrix")
def full_toeplitz(w, n):
    """This is the matrix of the full convolution, with n + f - 1 rows. Keep only the rows that hold the whole filter: the
    valid part."""
    return band(w, n, n + w.shape[0] - 1, 0)


@mistake("toeplitz_matrix")
def square_toeplitz(w, n):
    """The matrix is square, so at the ends part of the filter is cut off, as with zero padding. The valid convolution has
    n - f + 1 rows, and each holds the whole filter."""
    return band(w, n, n, (w.shape[0] - 1) // 2)


@mistake("toeplitz_matrix")
def circulant_matrix(w, n):
    """The filter wraps around: in the last rows it leaves on the right and comes back on the left. Stop before that; the
    valid convolution has n - f + 1 rows."""
    f = w.shape[0]
    first = tf.concat([w[::-1], tf.zeros(n - f, w.dtype)], 0)
    return tf.stack([tf.roll(first, t, 0) for t in range(n)])


@mistake("toeplitz_matrix")
def last_row_missing(w, n):
    """The last row is missing: the filter fits at n - f + 1 positions. In the last row it ends at the last column."""
    f = w.shape[0]
    return band(w, n, n - f, f - 1)


@mistake("toeplitz_matrix")
def rows_upside_down(w, n):
    """The filter moves to the left from row to row, so the outputs come in reverse order. Row 0 starts at column 0, and
    each row is one place further to the right."""
    f = w.shape[0]
    return band(w, n, n - f + 1, f - 1)[::-1]


@mistake("toeplitz_matrix")
def matrix_in_numpy(w, n):
    """The entries are right, but they were written into a NumPy array, so the way back to `w` is cut. Build the rows from
    `w` itself, with tf.pad, tf.concat or tf.one_hot, and tf.stack them."""
    f = w.shape[0]
    matrix = np.zeros((n - f + 1, n), w.dtype.as_numpy_dtype)
    for t in range(n - f + 1):
        matrix[t, t : t + f] = w.numpy()[::-1]
    return tf.constant(matrix)


@mistake("toeplitz_matrix")
def matrix_in_float64(w, n):
    """np.zeros makes float64, and tf.constant keeps it. Going through NumPy also cuts the gradient. Build the rows from
    `w` itself with tensor operations; then the dtype is right as well."""
    f = w.shape[0]
    matrix = np.zeros((n - f + 1, n))
    for t in range(n - f + 1):
        matrix[t, t : t + f] = w.numpy()[::-1]
    return tf.constant(matrix)


# conv_output_size


@mistake("conv_output_size")
def size_as_fraction(n, f, stride, padding):
    """A size is a whole number, but / makes a float, and where the stride does not fit even a fraction: 2.33 for the
    lecture's n = 7, f = 3, s = 3. Round down with //."""
    if padding == "SAME":
        return n / stride
    p = 0 if padding == "VALID" else padding
    return (n + 2 * p - f) / stride + 1


@mistake("conv_output_size")
def one_too_few(n, f, stride, padding):
    """The result is one too small: you count the steps, and there is one window more than there are steps."""
    if padding == "SAME":
        return -(-n // stride)
    p = 0 if padding == "VALID" else padding
    return (n + 2 * p - f) // stride


@mistake("conv_output_size")
def padding_on_one_side(n, f, stride, padding):
    """The padding is counted once, but there are p zeros on each side. With n = 7, f = 3, p = 1 and stride 1 the size
    stays 7."""
    if padding == "SAME":
        return -(-n // stride)
    p = 0 if padding == "VALID" else padding
    return (n + p - f) // stride + 1


@mistake("conv_output_size")
def size_rounded_up(n, f, stride, padding):
    """A step that does not fit was rounded up, so the last window extends beyond the end. Round down: with n = 7, f = 3
    and stride 3 there are 2 windows."""
    if padding == "SAME":
        return -(-n // stride)
    p = 0 if padding == "VALID" else padding
    return -(-(n + 2 * p - f) // stride) + 1


@mistake("conv_output_size")
def size_rounded_to_nearest(n, f, stride, padding):
    """round() goes to the nearest whole number, which may be the next larger one. A window that fits by half does not
    count: round down."""
    if padding == "SAME":
        return -(-n // stride)
    p = 0 if padding == "VALID" else padding
    return round((n + 2 * p - f) / stride + 1)


@mistake("conv_output_size")
def one_added_too_early(n, f, stride, padding):
    """The 1 is added before the division by the stride, where it is only a fraction of a window. Divide first, then add
    it; at stride 1 there is no difference."""
    if padding == "SAME":
        return -(-n // stride)
    p = 0 if padding == "VALID" else padding
    return (n + 2 * p - f + 1) // stride


@mistake("conv_output_size")
def same_keeps_the_size(n, f, stride, padding):
    """The size is kept for "SAME" at every stride, which is right at stride 1 only. With a stride of s only every s-th
    position is left: divide by the stride and round up."""
    if padding == "SAME":
        return n
    p = 0 if padding == "VALID" else padding
    return (n + 2 * p - f) // stride + 1


@mistake("conv_output_size")
def same_rounded_down(n, f, stride, padding):
    """For "SAME" the division by the stride is rounded down, but TensorFlow pads so that a last, partly covered window
    counts too: round up. 10 pixels at stride 4 give 3 outputs."""
    if padding == "SAME":
        return n // stride
    p = 0 if padding == "VALID" else padding
    return (n + 2 * p - f) // stride + 1


@mistake("conv_output_size")
def same_by_equal_sides(n, f, stride, padding):
    """For "SAME" you put (f - 1) / 2 zeros on both sides. That works for odd filters; for an even one TensorFlow adds another
    zero at the end, and the output has ceil(n / stride) entries for every f."""
    p = {"SAME": (f - 1) // 2, "VALID": 0}.get(padding, padding)
    return (n + 2 * p - f) // stride + 1


# same_padding


@mistake("same_padding")
def odd_pixel_first(n, f, stride):
    """The extra zero goes before the axis. TensorFlow puts it after: half of the total, rounded down, comes first."""
    total = max((-(-n // stride) - 1) * stride + f - n, 0)
    return total - total // 2, total // 2


@mistake("same_padding")
def both_sides_alike(n, f, stride):
    """Both sides get (f - 1) / 2 zeros. That is right for odd filters at stride 1; otherwise the total can be odd, or
    smaller. Work out the total first: from the first pixel of the first window to the last pixel of the last one, minus n."""
    return (f - 1) // 2, (f - 1) // 2


@mistake("same_padding")
def stride_left_out(n, f, stride):
    """The stride is left out: f - 1 zeros in total are right at stride 1. With a larger stride the last window starts at
    (outputs - 1) * stride, so fewer zeros are needed."""
    return (f - 1) // 2, f - 1 - (f - 1) // 2


@mistake("same_padding")
def negative_zeros(n, f, stride):
    """The total is negative here: where the stride is larger than the filter, the windows may end before the image does.
    Then nothing is padded: return zeros."""
    total = (-(-n // stride) - 1) * stride + f - n
    return total // 2, total - total // 2


@mistake("same_padding")
def outputs_rounded_down(n, f, stride):
    """The number of outputs was rounded down. "SAME" has ceil(n / stride) of them: with n = 7 and stride 2 there are four,
    and the last window needs its zero."""
    total = max((n // stride - 1) * stride + f - n, 0)
    return total // 2, total - total // 2


@mistake("same_padding")
def everything_after(n, f, stride):
    """All zeros go after the axis. Split the total into two halves; if one zero is left over, it goes after."""
    return 0, max((-(-n // stride) - 1) * stride + f - n, 0)


@mistake("same_padding")
def only_for_divisible_sizes(n, f, stride):
    """The total f - stride is right only where the stride divides n. Otherwise the last window starts later than n - stride:
    its start is (outputs - 1) * stride."""
    total = max(f - stride, 0)
    return total // 2, total - total // 2


@mistake("same_padding")
def keeps_all_positions(n, f, stride):
    """With these zeros there would be n outputs at every stride. "SAME" has ceil(n / stride) of them, so the last window starts
    much earlier."""
    total = max((n - 1) * stride + f - n, 0)
    return total // 2, total - total // 2


@mistake("same_padding")
def half_a_zero(n, f, stride):
    """Half of an odd total is not a whole number, and half a zero cannot be padded. Round one side down with //, and give
    the other side the rest."""
    total = max((-(-n // stride) - 1) * stride + f - n, 0)
    return total / 2, total / 2


# conv2d


@mistake("conv2d")
def flipped_kernel(input, filters, strides, padding):
    """The filter is turned by 180 degrees: a true convolution, as in section 1. The layer's sum has i + m and j + n, so the
    filter lies on the image as it is. The lecture's filter is symmetric and cannot show the difference."""
    return correlate_padded(input, filters[::-1, ::-1], *pair(strides), padding)


@mistake("conv2d")
def transposed_kernel(input, filters, strides, padding):
    """The filter's height and width are exchanged. Its axes are (kh, kw, c_in, c_out): the first goes with the rows of the
    image. Test with a filter that is not square."""
    return correlate_padded(input, tf.transpose(filters, (1, 0, 2, 3)), *pair(strides), padding)


@mistake("conv2d")
def swapped_strides(input, filters, strides, padding):
    """The strides are exchanged. In a pair (sh, sw), and in the middle of a list of four, the first is the step from row to
    row, the second the step from column to column."""
    sh, sw = pair(strides)
    return correlate_padded(input, filters, sw, sh, padding)


@mistake("conv2d")
def height_stride_twice(input, filters, strides, padding):
    """The stride of the height is used for the width as well. Take sw for the columns, in the size, in the padding and in
    the slices."""
    sh, _ = pair(strides)
    return correlate_padded(input, filters, sh, sh, padding)


@mistake("conv2d")
def only_rows_strided(input, filters, strides, padding):
    """Only the rows are strided, and all columns are kept. Use the stride of the width for the columns."""
    sh, _ = pair(strides)
    return correlate_padded(input, filters, sh, 1, padding)


@mistake("conv2d")
def strides_ignored(input, filters, strides, padding):
    """The strides are not used: the filter moves by one pixel everywhere. Output (i, j) starts at row i * sh and column
    j * sw."""
    return correlate_padded(input, filters, 1, 1, padding)


@mistake("conv2d")
def strides_from_the_front(input, filters, strides, padding):
    """A list of four strides is [1, sh, sw, 1]: the batch comes first. You took its first two entries; the two in the
    middle belong to height and width."""
    sh, sw = (strides, strides) if isinstance(strides, int) else strides[:2]
    return correlate_padded(input, filters, sh, sw, padding)


@mistake("conv2d")
def strides_shortened(input, filters, strides, padding):
    """The list of strides is shortened in place (pop, del), and the caller still needs it. Read the two middle entries and
    leave the list alone."""
    if isinstance(strides, list):
        strides.pop(0)
        strides.pop()
    return correlate_padded(input, filters, *pair(strides), padding)


@mistake("conv2d")
def odd_zero_first(input, filters, strides, padding):
    """Where the number of zeros is odd, the extra one goes before the image. TensorFlow puts it after: use before and after as
    same_padding returns them, in this order."""
    rows, columns = same_borders(input, filters, *pair(strides), padding)
    return correlate_all(zero_pad(input, rows[::-1], columns[::-1]), filters, *pair(strides))


@mistake("conv2d")
def equal_zeros_on_both_sides(input, filters, strides, padding):
    """For "SAME" there are (k - 1) / 2 zeros on both sides. That is right for odd filters at stride 1 only; in general the
    total depends on the stride and can be odd. same_padding knows it for each axis."""
    kh, kw = filters.shape[:2]
    rows, columns = ((kh - 1) // 2,) * 2, ((kw - 1) // 2,) * 2
    padded = zero_pad(input, rows, columns) if padding == "SAME" else input
    return correlate_all(padded, filters, *pair(strides))


@mistake("conv2d")
def padded_as_for_stride_one(input, filters, strides, padding):
    """For "SAME" the image is padded as if the stride were 1 (or computed at stride 1 and thinned out afterwards). With a
    larger stride fewer zeros are needed, so the windows start elsewhere: pass the stride of each axis to same_padding."""
    borders = same_borders(input, filters, 1, 1, padding)
    return correlate_all(zero_pad(input, *borders), filters, *pair(strides))


@mistake("conv2d")
def padded_to_keep_every_position(input, filters, strides, padding):
    """For "SAME" the image is padded as if there were an output at every pixel, whatever the stride. There are n / stride
    outputs, rounded up, so the last window starts much earlier and fewer zeros are needed."""
    (sh, sw), (height, width) = pair(strides), input.shape[1:3]
    totals = [max((n - 1) * s + f - n, 0) for n, f, s in zip((height, width), filters.shape[:2], (sh, sw), strict=True)]
    rows, columns = ((total // 2, total - total // 2) for total in totals)
    return correlate_all(zero_pad(input, rows, columns) if padding == "SAME" else input, filters, sh, sw)


@mistake("conv2d")
def padded_by_filter_minus_stride(input, filters, strides, padding):
    """For "SAME" the total padding is f - stride. That is right only where the stride divides the image; otherwise the
    last window starts later than n - stride. same_padding knows the total."""
    (sh, sw), (kh, kw) = pair(strides), filters.shape[:2]
    borders = filter_minus_stride(kh, sh), filter_minus_stride(kw, sw)
    return correlate_all(zero_pad(input, *borders) if padding == "SAME" else input, filters, sh, sw)


@mistake("conv2d")
def paddings_exchanged(input, filters, strides, padding):
    """The paddings of the two axes are exchanged: the rows get what the columns need. Compute one pair (before, after) for
    each axis, from its own size, filter and stride, and give tf.pad the rows' pair first."""
    rows, columns = same_borders(input, filters, *pair(strides), padding)
    return correlate_all(zero_pad(input, columns, rows), filters, *pair(strides))


@mistake("conv2d")
def paddings_crossed(input, filters, strides, padding):
    """Each axis is padded with one number of the rows and one of the columns. tf.pad takes a pair (before, after) for each
    axis: (top, bottom) for the rows, then (left, right) for the columns."""
    rows, columns = same_borders(input, filters, *pair(strides), padding)
    crossed = (rows[0], columns[0]), (rows[1], columns[1])
    return correlate_all(zero_pad(input, *crossed), filters, *pair(strides))


@mistake("conv2d")
def loop_ends_at_unpadded_size(input, filters, strides, padding):
    """For "SAME" the image is padded, but the windows still end where the unpadded image would end. Take the number of
    outputs from the padded image, or from conv_output_size."""
    rows, columns = output_sizes(input, filters, *pair(strides), "VALID")
    return correlate_padded(input, filters, *pair(strides), padding)[:, : max(rows, 0), : max(columns, 0)]


@mistake("conv2d")
def height_for_width(input, filters, strides, padding):
    """The number of output columns is computed from the height, which is right for square outputs only. Compute the two
    numbers separately."""
    output = correlate_padded(input, filters, *pair(strides), padding)
    rows, columns = output.shape[1:3]
    return zero_pad(output[:, :, :rows], (0, 0), (0, max(rows - columns, 0)))


@mistake("conv2d")
def strides_in_the_size_only(input, filters, strides, padding):
    """The output has the right size, but its windows are only one pixel apart. Window (i, j) starts at row i * sh and
    column j * sw: multiply by the stride."""
    rows, columns = output_sizes(input, filters, *pair(strides), padding)
    padded = zero_pad(input, *same_borders(input, filters, *pair(strides), padding))
    return correlate_all(padded, filters, 1, 1)[:, :rows, :columns]


@mistake("conv2d")
def never_padded(input, filters, strides, padding):
    """`padding` is not used: "SAME" gives the result of "VALID". Add the rows and columns of zeros before you slide the
    filter."""
    return correlate_padded(input, filters, *pair(strides), "VALID")


@mistake("conv2d")
def always_padded(input, filters, strides, padding):
    """The image is padded for "VALID" as well. A condition like `padding == "SAME" or "VALID"` is always true in Python,
    because a non-empty string counts as true."""
    return correlate_padded(input, filters, *pair(strides), "SAME")


@mistake("conv2d")
def border_mirrored(input, filters, strides, padding):
    """The border is filled with copies of the outer pixels. Outside the image everything is 0: that is tf.pad's mode
    "CONSTANT"."""
    rows, columns = same_borders(input, filters, *pair(strides), padding)
    padded = tf.pad(input, [(0, 0), rows, columns, (0, 0)], "SYMMETRIC")
    return correlate_all(padded, filters, *pair(strides))


@mistake("conv2d")
def padded_by_numpy(input, filters, strides, padding):
    """np.pad turns the image into a NumPy array, so for "SAME" no gradient reaches the input. tf.pad does the same with
    tensors."""
    rows, columns = same_borders(input, filters, *pair(strides), padding)
    if padding == "SAME":
        input = np.pad(input.numpy(), [(0, 0), rows, columns, (0, 0)])
    return correlate_all(tf.convert_to_tensor(input), filters, *pair(strides))


@mistake("conv2d")
def first_channel_only(input, filters, strides, padding):
    """Only the first input channel is used. Every filter reaches through all channels: sum over c as well."""
    return correlate_padded(input[..., :1], filters[:, :, :1], *pair(strides), padding)


@mistake("conv2d")
def channels_summed_apart(input, filters, strides, padding):
    """The channels of the image and those of the filter are summed separately and then multiplied. Channel c of the image
    meets channel c of the filter only: give both the same letter in tf.einsum, or contract them in one product."""
    both = tf.reduce_sum(input, -1, keepdims=True), tf.reduce_sum(filters, 2, keepdims=True)
    return correlate_padded(*both, *pair(strides), padding)


@mistake("conv2d")
def mean_over_the_window(input, filters, strides, padding):
    """The products of a window are averaged. The convolution sums them: reduce_sum instead of reduce_mean, and no division
    by the size of the filter."""
    return correlate_padded(input, filters, *pair(strides), padding) / np.prod(filters.shape[:3]).item()


@mistake("conv2d")
def last_window_missing(input, filters, strides, padding):
    """The last row and the last column of the output are missing. A filter of f pixels fits at n - f + 1 positions: the 1
    is easily lost in range() or at the end of a slice."""
    sh, sw = pair(strides)
    return correlate_padded(input, filters, sh, sw, padding)[:, :-1, :-1]


@mistake("conv2d")
def last_tap_missing(input, filters, strides, padding):
    """The last row and the last column of the filter are never used. range(kh) already ends at kh - 1."""
    (sh, sw), (kh, kw) = pair(strides), filters.shape[:2]
    inside = tf.pad(tf.ones((kh - 1, kw - 1, 1, 1), filters.dtype), [(0, 1), (0, 1), (0, 0), (0, 0)])
    return correlate_padded(input, filters * inside, sh, sw, padding)


@mistake("conv2d")
def columns_out_of_order(input, filters, strides, padding):
    """The entries of a window and the weights of a filter are flattened in different orders. Both must go through rows,
    columns and channels in the same order; in filters reshaped to (kh * kw * c_in, c_out) the channel changes fastest."""
    kh, kw, c_in, c_out = filters.shape
    shuffled = tf.reshape(tf.transpose(filters, (2, 0, 1, 3)), (kh, kw, c_in, c_out))
    return correlate_padded(input, shuffled, *pair(strides), padding)


@mistake("conv2d")
def channels_first(input, filters, strides, padding):
    """The output has its channels before height and width. Keep the order (batch, height, width, channels)."""
    return tf.transpose(correlate_padded(input, filters, *pair(strides), padding), (0, 3, 1, 2))


@mistake("conv2d")
def first_image_only(input, filters, strides, padding):
    """Only the first image of the batch is convolved. Slice rows and columns, and leave the batch axis whole."""
    return correlate_padded(input[:1], filters, *pair(strides), padding)


@mistake("conv2d")
def windows_in_numpy(input, filters, strides, padding):
    """The numbers are right, but they were collected in a NumPy array, so there is no gradient. Keep the windows as tensors:
    tf.stack or tf.concat puts pieces together."""
    return tf.constant(loop_over_windows(input, filters, strides, padding, input.dtype.as_numpy_dtype))


@mistake("conv2d")
def windows_in_float64(input, filters, strides, padding):
    """np.zeros makes float64, so the output has another dtype than the input, and the way through NumPy cuts the gradient.
    Keep the windows as tensors: tf.stack or tf.concat puts pieces together."""
    return tf.constant(loop_over_windows(input, filters, strides, padding))


@mistake("conv2d")
def filters_in_numpy(input, filters, strides, padding):
    """The filters became a NumPy array, so they get no gradient, while the input does. Index and reshape the tensor
    `filters` itself."""
    return correlate_padded(input, tf.constant(filters.numpy()), *pair(strides), padding)


@mistake("conv2d")
def library_conv2d(input, filters, strides, padding):
    """The library's convolution does the work here, under whatever name it is called. Start with one tap (m, n) of the
    filter: which pixels lie under it, for all outputs at once?"""
    convolve = getattr(tf.nn, "conv2d")
    return convolve(input, filters, list(pair(strides)), padding)


# conv2d_backward


def filter_gradient(dy, padded, kh, kw, sh, sw):
    """dfilters, from the padded images."""
    out_h, out_w = dy.shape[1:3]
    taps = [
        tf.einsum("bijc,bijo->co", tapped(padded, m, n, out_h, out_w, sh, sw), dy) for m in range(kh) for n in range(kw)
    ]
    return tf.reshape(tf.stack(taps), (kh, kw, padded.shape[3], dy.shape[3]))


def padded_gradient(dy, filters, padded, sh, sw):
    """The gradient with respect to the padded images."""
    (out_h, out_w), (kh, kw), c_out = dy.shape[1:3], filters.shape[:2], dy.shape[3]
    spread = tf.pad(dy[:, :, None, :, None], [(0, 0), (0, 0), (0, sh - 1), (0, 0), (0, sw - 1), (0, 0)])
    spread = tf.reshape(spread, (-1, out_h * sh, out_w * sw, c_out))
    touching = zero_pad(spread, (kh - 1, kh - 1), (kw - 1, kw - 1))
    found = correlate_all(touching, tf.transpose(filters[::-1, ::-1], (0, 1, 3, 2)), 1, 1)
    return found[:, : padded.shape[1], : padded.shape[2]]


def cut(dpadded, input, rows, columns):
    """Without the padding."""
    return dpadded[:, rows[0] : rows[0] + input.shape[1], columns[0] : columns[0] + input.shape[2]]


def gradients(dy, input, filters, strides, rows, columns):
    """Both gradients for given borders: right for the right ones."""
    sh, sw = pair(strides)
    padded = zero_pad(input, rows, columns)
    dinput = cut(padded_gradient(dy, filters, padded, sh, sw), input, rows, columns)
    return dinput, filter_gradient(dy, padded, *filters.shape[:2], sh, sw)


@mistake("conv2d_backward")
def windows_overwritten(dy, input, filters, strides, padding):
    """Where windows overlap, the last one overwrites the others. A pixel collects the gradient of every window that sees
    it: add to what is already there (`+=`, not `=`)."""
    (sh, sw), (kh, kw) = pair(strides), filters.shape[:2]
    rows, columns = same_borders(input, filters, sh, sw, padding)
    dpadded = np.zeros(zero_pad(input, rows, columns).shape, input.dtype.as_numpy_dtype)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            window = np.einsum("bo,mnco->bmnc", dy[:, i, j].numpy(), filters.numpy())
            dpadded[:, i * sh : i * sh + kh, j * sw : j * sw + kw] = window
    dfilters = gradients(dy, input, filters, strides, rows, columns)[1]
    return cut(tf.constant(dpadded), input, rows, columns), dfilters


@mistake("conv2d_backward")
def kernel_not_turned(dy, input, filters, strides, padding):
    """dinput uses the filter the wrong way round. If you slide the filter over dy, turn it by 180 degrees, because window i
    sees pixel p with tap p - i. If you add dy times the filter at the place of each window, leave it as it is."""
    borders = same_borders(input, filters, *pair(strides), padding)
    dinput = gradients(dy, input, filters[::-1, ::-1], strides, *borders)[0]
    return dinput, gradients(dy, input, filters, strides, *borders)[1]


@mistake("conv2d_backward")
def strides_forgotten(dy, input, filters, strides, padding):
    """Both gradients are computed as if the stride were 1. Window (i, j) starts at row i * sh and column j * sw: use that
    for the pixels under a tap, and for the places where a gradient is added."""
    (kh, kw), (rows, columns) = filters.shape[:2], same_borders(input, filters, *pair(strides), padding)
    padded = zero_pad(input, rows, columns)
    dinput = strides_forgotten_in_dinput(dy, input, filters, strides, padding)[0]
    return dinput, filter_gradient(dy, padded, kh, kw, 1, 1)


@mistake("conv2d_backward")
def strides_forgotten_in_dinput(dy, input, filters, strides, padding):
    """dinput is computed as if the windows were one pixel apart. At stride s they are s pixels apart: spread dy out with
    s - 1 rows or columns of zeros, or add window (i, j) at row i * sh and column j * sw."""
    rows, columns = same_borders(input, filters, *pair(strides), padding)
    padded = zero_pad(input, rows, columns)
    close = padded_gradient(dy, filters, padded, 1, 1)
    missing = [(0, full - part) for full, part in zip(padded.shape[1:3], close.shape[1:3], strict=True)]
    dfilters = gradients(dy, input, filters, strides, rows, columns)[1]
    return cut(zero_pad(close, *missing), input, rows, columns), dfilters


@mistake("conv2d_backward")
def padding_not_cut_off(dy, input, filters, strides, padding):
    """dinput still has the rows and columns of the padding. The zeros are not part of the input: remove as many rows and
    columns as were put before and after."""
    (sh, sw), (rows, columns) = pair(strides), same_borders(input, filters, *pair(strides), padding)
    padded = zero_pad(input, rows, columns)
    return padded_gradient(dy, filters, padded, sh, sw), gradients(dy, input, filters, strides, rows, columns)[1]


@mistake("conv2d_backward")
def padding_cut_at_the_end(dy, input, filters, strides, padding):
    """dinput has the right size, but the padding was removed at the bottom and on the right only. In the
    padded image, the image itself comes after the `before` rows and columns."""
    (sh, sw), (rows, columns) = pair(strides), same_borders(input, filters, *pair(strides), padding)
    dpadded = padded_gradient(dy, filters, zero_pad(input, rows, columns), sh, sw)
    dfilters = gradients(dy, input, filters, strides, rows, columns)[1]
    return cut(dpadded, input, (0, 0), (0, 0)), dfilters


@mistake("conv2d_backward")
def cut_by_negative_zero(dy, input, filters, strides, padding):
    """Where nothing is padded after the image, dinput is empty: the slice [before:-0] holds nothing. Give the end as a
    number counted from the start: before + height."""
    (sh, sw), (rows, columns) = pair(strides), same_borders(input, filters, *pair(strides), padding)
    dpadded = padded_gradient(dy, filters, zero_pad(input, rows, columns), sh, sw)
    dfilters = gradients(dy, input, filters, strides, rows, columns)[1]
    return dpadded[:, rows[0] : -rows[1], columns[0] : -columns[1]], dfilters


@mistake("conv2d_backward")
def crop_fixed_at_one(dy, input, filters, strides, padding):
    """For "SAME" one row and one column are always removed from dinput on each side. That is right for 3x3 filters with
    stride 1 only: remove as many as were padded."""
    (sh, sw), (rows, columns) = pair(strides), same_borders(input, filters, *pair(strides), padding)
    dpadded = padded_gradient(dy, filters, zero_pad(input, rows, columns), sh, sw)
    dfilters = gradients(dy, input, filters, strides, rows, columns)[1]
    return dpadded[:, 1:-1, 1:-1] if padding == "SAME" else dpadded, dfilters


@mistake("conv2d_backward")
def added_to_the_image(dy, input, filters, strides, padding):
    """dinput is the gradient plus the image itself. Start from zeros, not from the padded image."""
    borders = same_borders(input, filters, *pair(strides), padding)
    dinput, dfilters = gradients(dy, input, filters, strides, *borders)
    return dinput + input, dfilters


@mistake("conv2d_backward")
def uncovered_pixels_cut_off(dy, input, filters, strides, padding):
    """dinput is too small where the stride does not fit: pixels at the end that no window covers are missing. They belong
    to the image, and their gradient is 0: append zeros."""
    (sh, sw), (kh, kw) = pair(strides), filters.shape[:2]
    rows, columns = same_borders(input, filters, sh, sw, padding)
    dpadded = padded_gradient(dy, filters, zero_pad(input, rows, columns), sh, sw)
    covered = dpadded[:, : sh * (dy.shape[1] - 1) + kh, : sw * (dy.shape[2] - 1) + kw]
    dfilters = gradients(dy, input, filters, strides, rows, columns)[1]
    return cut(covered, input, rows, columns), dfilters


@mistake("conv2d_backward")
def odd_zero_first_going_back(dy, input, filters, strides, padding):
    """For "SAME" the extra row or column of zeros goes before the image. TensorFlow puts it after, and the backward pass must
    use the padding of the forward pass."""
    rows, columns = same_borders(input, filters, *pair(strides), padding)
    return gradients(dy, input, filters, strides, rows[::-1], columns[::-1])


@mistake("conv2d_backward")
def padded_as_for_stride_one_going_back(dy, input, filters, strides, padding):
    """For "SAME" the image is padded as if the stride were 1. With a larger stride fewer zeros are needed: pass the stride
    of each axis to same_padding."""
    return gradients(dy, input, filters, strides, *same_borders(input, filters, 1, 1, padding))


@mistake("conv2d_backward")
def outputs_swapped(dy, input, filters, strides, padding):
    """The two gradients are returned in the wrong order. First dinput, then dfilters."""
    borders = same_borders(input, filters, *pair(strides), padding)
    return gradients(dy, input, filters, strides, *borders)[::-1]


@mistake("conv2d_backward")
def dy_left_out(dy, input, filters, strides, padding):
    """dy is not used: this is the gradient of the sum of all outputs. dy is a factor of every term of both sums."""
    borders = same_borders(input, filters, *pair(strides), padding)
    return gradients(tf.ones_like(dy), input, filters, strides, *borders)


@mistake("conv2d_backward")
def dfilters_turned(dy, input, filters, strides, padding):
    """dfilters is turned by 180 degrees. Only dinput needs the turned filter; entry (m, n) of dfilters belongs to the pixels
    under tap (m, n)."""
    borders = same_borders(input, filters, *pair(strides), padding)
    dinput, dfilters = gradients(dy, input, filters, strides, *borders)
    return dinput, dfilters[::-1, ::-1]


@mistake("conv2d_backward")
def dfilters_channels_swapped(dy, input, filters, strides, padding):
    """dfilters has its channel axes exchanged. It must have the shape of the filters, (kh, kw, c_in, c_out): the channels
    of the image first, those of dy last."""
    borders = same_borders(input, filters, *pair(strides), padding)
    dinput, dfilters = gradients(dy, input, filters, strides, *borders)
    return dinput, tf.transpose(dfilters, (0, 1, 3, 2))


@mistake("conv2d_backward")
def mean_over_images(dy, input, filters, strides, padding):
    """dfilters is averaged over the batch. The gradient is a sum over all images; if the loss is a mean, dy holds that
    factor already."""
    borders = same_borders(input, filters, *pair(strides), padding)
    dinput, dfilters = gradients(dy, input, filters, strides, *borders)
    return dinput, dfilters / dy.shape[0]


@mistake("conv2d_backward")
def mean_over_positions(dy, input, filters, strides, padding):
    """dfilters is averaged over images and positions. A weight is used at every position, and all these uses add up: sum
    instead of mean."""
    borders = same_borders(input, filters, *pair(strides), padding)
    dinput, dfilters = gradients(dy, input, filters, strides, *borders)
    return dinput, dfilters / np.prod(dy.shape[:3]).item()


@mistake("conv2d_backward")
def last_image_only(dy, input, filters, strides, padding):
    """dfilters holds the gradient of the last image only: in a loop over the batch each image overwrites the one before.
    Add them up (`+=`, not `=`)."""
    borders = same_borders(input, filters, *pair(strides), padding)
    dinput, _ = gradients(dy, input, filters, strides, *borders)
    return dinput, gradients(dy[-1:], input[-1:], filters, strides, *borders)[1]


@mistake("conv2d_backward")
def last_position_only(dy, input, filters, strides, padding):
    """dfilters holds the gradient of the last position only: in a loop over the positions each one overwrites the one
    before. Add them up (`+=`, not `=`)."""
    (sh, sw), (kh, kw) = pair(strides), filters.shape[:2]
    borders = same_borders(input, filters, sh, sw, padding)
    i, j = dy.shape[1] - 1, dy.shape[2] - 1
    window = zero_pad(input, *borders)[:, i * sh : i * sh + kh, j * sw : j * sw + kw]
    dinput = gradients(dy, input, filters, strides, *borders)[0]
    return dinput, tf.einsum("bmnc,bo->mnco", window, dy[:, i, j])


@mistake("conv2d_backward")
def gradients_in_float64(dy, input, filters, strides, padding):
    """The gradients are float64, which is what np.zeros makes by default. Give it the dtype of the input, or collect the
    gradients in tensors."""
    borders = same_borders(input, filters, *pair(strides), padding)
    return tuple(tf.cast(part, tf.float64) for part in gradients(dy, input, filters, strides, *borders))


@mistake("conv2d_backward")
def tape_instead_of_sums(dy, input, filters, strides, padding):
    """A tape or the library computes the gradients here, but this question asks for the derivation: write down what one
    tap (m, n) contributes to each gradient, and sum over the taps."""
    with tf.GradientTape() as tape:
        tape.watch([input, filters])
        output = correlate_padded(input, filters, *pair(strides), padding)
    return tuple(tape.gradient(output, [input, filters], output_gradients=dy))


# conv_layer


@mistake("conv_layer")
def bias_forgotten(x, filters, bias, strides=1, padding="SAME"):
    """The bias is not added, so it gets no gradient either. tf.nn.bias_add adds one number to each output channel."""
    return tf.nn.conv2d(x, filters, strides, padding)


@mistake("conv_layer")
def bias_in_every_tap(x, filters, bias, strides=1, padding="SAME"):
    """The bias is added once for every tap of the filter. Add it once, after the convolution."""
    return tf.nn.conv2d(x, filters, strides, padding) + bias * float(np.prod(filters.shape[:2]))


@mistake("conv_layer")
def one_bias_for_all(x, filters, bias, strides=1, padding="SAME"):
    """All channels get the same bias. Every filter has its own: `bias` has shape (c_out,) and goes with the last axis."""
    return tf.nn.conv2d(x, filters, strides, padding) + bias[0]


@mistake("conv_layer")
def bias_subtracted(x, filters, bias, strides=1, padding="SAME"):
    """The bias is subtracted. Add it: its sign is already included."""
    return tf.nn.conv2d(x, filters, strides, padding) - bias


@mistake("conv_layer")
def valid_by_default(x, filters, bias, strides=1, padding="VALID"):
    """Without a padding argument this layer takes "VALID". The stub says padding="SAME": keep its defaults."""
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, strides, padding), bias)


@mistake("conv_layer")
def stride_always_one(x, filters, bias, strides=1, padding="SAME"):
    """The argument `strides` is not used: the layer always moves by one pixel. Pass it on to tf.nn.conv2d."""
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, 1, padding), bias)


@mistake("conv_layer")
def padding_always_same(x, filters, bias, strides=1, padding="SAME"):
    """The argument `padding` is not used: the layer always pads. Pass it on to tf.nn.conv2d."""
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, strides, "SAME"), bias)


@mistake("conv_layer")
def layer_strides_swapped(x, filters, bias, strides=1, padding="SAME"):
    """The strides are exchanged. A pair is (sh, sw), rows first; tf.nn.conv2d takes an int, a pair or a list of four as
    it is, so there is nothing to rearrange."""
    sh, sw = pair(strides)
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, (sw, sh), padding), bias)


@mistake("conv_layer")
def layer_height_stride_twice(x, filters, bias, strides=1, padding="SAME"):
    """The stride of the height is used for the width as well. tf.nn.conv2d takes an int, a pair or a list of four as it
    is: pass `strides` on unchanged."""
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, pair(strides)[0], padding), bias)


@mistake("conv_layer")
def relu_added(x, filters, bias, strides=1, padding="SAME"):
    """Negative outputs became 0: there is a ReLU at the end. This layer has no activation; the ReLU is a separate step."""
    return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, filters, strides, padding), bias))


@mistake("conv_layer")
def filters_turned(x, filters, bias, strides=1, padding="SAME"):
    """The filters are turned by 180 degrees. The layer's sum is a cross-correlation, which is what tf.nn.conv2d computes:
    pass the filters on as they are."""
    return tf.nn.bias_add(tf.nn.conv2d(x, filters[::-1, ::-1], strides, padding), bias)


@mistake("conv_layer")
def bias_in_numpy(x, filters, bias, strides=1, padding="SAME"):
    """The bias left TensorFlow (`.numpy()`, np.array, tf.constant around a tensor), so it gets no gradient and could never
    be trained. Pass the tensor itself."""
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, strides, padding), bias.numpy())


@mistake("conv_layer")
def keras_layer(x, filters, bias, strides=1, padding="SAME"):
    """A Keras layer was built and the numbers copied into it, so the gradient goes to the layer's own weights and not to the
    arguments. Use the functions tf.nn.conv2d and tf.nn.bias_add on the arguments."""
    kh, kw, _, c_out = filters.shape
    layer = tf.keras.layers.Conv2D(c_out, (kh, kw), pair(strides), padding, dtype=x.dtype.name)
    layer.build(x.shape)
    layer.set_weights([filters.numpy(), bias.numpy()])
    return layer(x)


@mistake("conv_layer")
def padding_spelled_as_on_the_slide(x, filters, bias, strides=1, padding="SAME"):
    """Brown's slide writes "Same" and "Valid", but tf.nn.conv2d knows only "SAME" and "VALID" in capitals. Pass the argument
    `padding` on as it is."""
    return tf.nn.bias_add(tf.nn.conv2d(x, filters, strides, padding.capitalize()), bias)


@mistake("conv_layer")
def filter_as_on_the_slide(x, filters, bias, strides=1, padding="SAME"):
    """Brown's slide calls the second parameter of tf.nn.conv2d `filter`. In TensorFlow 2 it is called `filters`."""
    return tf.nn.bias_add(tf.nn.conv2d(x, filter=filters, strides=strides, padding=padding), bias)


# conv_params


@mistake("conv_params")
def input_channels_forgotten(kh, kw, c_in, c_out, use_bias):
    """The input channels are missing. A filter is a volume: it has kh * kw weights for each of the c_in channels."""
    return kh * kw * c_out + (c_out if use_bias else 0)


@mistake("conv_params")
def one_filter_only(kh, kw, c_in, c_out, use_bias):
    """These are the parameters of a single filter. The layer has c_out of them."""
    return kh * kw * c_in + (1 if use_bias else 0)


@mistake("conv_params")
def bias_always_counted(kh, kw, c_in, c_out, use_bias):
    """The biases are counted although the layer has none: look at `use_bias`."""
    return kh * kw * c_in * c_out + c_out


@mistake("conv_params")
def bias_never_counted(kh, kw, c_in, c_out, use_bias):
    """The biases are missing: with `use_bias` every filter has one."""
    return kh * kw * c_in * c_out


@mistake("conv_params")
def single_bias(kh, kw, c_in, c_out, use_bias):
    """One bias is counted for the whole layer. Every filter has its own."""
    return kh * kw * c_in * c_out + (1 if use_bias else 0)


@mistake("conv_params")
def bias_for_each_input_channel(kh, kw, c_in, c_out, use_bias):
    """One bias is counted for each input channel. A bias belongs to a filter, so there are c_out of them."""
    return kh * kw * c_in * c_out + (c_in if use_bias else 0)


@mistake("conv_params")
def bias_for_each_slice(kh, kw, c_in, c_out, use_bias):
    """A bias is counted for every channel of every filter. The sum over the channels is taken first, and then one bias
    is added: one for each filter."""
    return (kh * kw + (1 if use_bias else 0)) * c_in * c_out


@mistake("conv_params")
def square_filters_only(kh, kw, c_in, c_out, use_bias):
    """The filter is assumed to be square. Its size is kh * kw."""
    return kh * kh * c_in * c_out + (c_out if use_bias else 0)


# dense_matrix


def six_axes(filters, height, width):
    """The dense matrix before it is flattened: (pixel row, pixel column, c_in, output row, output column, c_out)."""
    kh, kw = filters.shape[:2]
    rows = tf.one_hot(tf.range(height)[:, None] - tf.range(height - kh + 1), kh, dtype=filters.dtype)
    columns = tf.one_hot(tf.range(width)[:, None] - tf.range(width - kw + 1), kw, dtype=filters.dtype)
    return tf.einsum("pim,qjn,mnco->pqcijo", rows, columns, filters)


def flattened(matrix, order):
    """The matrix with its six axes in another order, flattened to inputs and outputs."""
    matrix = tf.transpose(matrix, order)
    return tf.reshape(matrix, (np.prod(matrix.shape[:3]).item(), -1))


@mistake("dense_matrix")
def outputs_as_rows(filters, height, width):
    """This is the transpose. The flattened images are multiplied by M from the right, as by the kernel of a Dense layer: a
    row for each input, a column for each output."""
    return tf.transpose(flattened(six_axes(filters, height, width), (0, 1, 2, 3, 4, 5)))


@mistake("dense_matrix")
def true_convolution_matrix(filters, height, width):
    """The filter is turned by 180 degrees. conv2d is a cross-correlation: output (i, j) meets pixel (i + m, j + n) with the
    weight at (m, n)."""
    return flattened(six_axes(filters[::-1, ::-1], height, width), (0, 1, 2, 3, 4, 5))


@mistake("dense_matrix")
def input_channels_slowest(filters, height, width):
    """The inputs are ordered channel by channel. In the order of tf.reshape the last axis changes fastest, and that is the
    channel: all channels of the first pixel come first."""
    return flattened(six_axes(filters, height, width), (2, 0, 1, 3, 4, 5))


@mistake("dense_matrix")
def output_channels_slowest(filters, height, width):
    """The outputs are ordered channel by channel. In the order of tf.reshape the last axis changes fastest, and that is the
    channel: all filters at the first position come first."""
    return flattened(six_axes(filters, height, width), (0, 1, 2, 5, 3, 4))


@mistake("dense_matrix")
def column_by_column(filters, height, width):
    """Pixels and outputs are ordered column by column. tf.reshape goes row by row: pixel (p, q) comes at p * width + q, not
    at q * height + p."""
    return flattened(six_axes(filters, height, width), (1, 0, 2, 4, 3, 5))


@mistake("dense_matrix")
def outputs_at_every_pixel(filters, height, width):
    """There is a column for every pixel, as "SAME" has it. A VALID convolution has (height - kh + 1) * (width - kw + 1)
    positions, where all of the filter lies on the image."""
    kh, kw, c_in, _ = filters.shape
    top, left = (kh - 1) // 2, (kw - 1) // 2
    rows = tf.one_hot(tf.range(height)[:, None] - tf.range(height) + top, kh, dtype=filters.dtype)
    columns = tf.one_hot(tf.range(width)[:, None] - tf.range(width) + left, kw, dtype=filters.dtype)
    return tf.reshape(tf.einsum("pim,qjn,mnco->pqcijo", rows, columns, filters), (height * width * c_in, -1))


@mistake("dense_matrix")
def height_and_width_swapped(filters, height, width):
    """The filter's height and width are exchanged. Its axes are (kh, kw, c_in, c_out); kh goes with the rows of the image."""
    return flattened(six_axes(tf.transpose(filters, (1, 0, 2, 3)), height, width), (0, 1, 2, 3, 4, 5))


@mistake("dense_matrix")
def not_flattened(filters, height, width):
    """The entries are right, but they still have six axes. A dense layer needs a matrix: merge the three axes of the inputs
    into one, and the three of the outputs."""
    return six_axes(filters, height, width)


@mistake("dense_matrix")
def width_of_the_output_taken(filters, height, width):
    """The pixels are counted with the width of the output. One row further down in the image is `width` pixels further on;
    the width of the output is for the columns of the matrix only."""
    kh, kw, c_in, c_out = filters.shape
    out_h, out_w = height - kh + 1, width - kw + 1
    taps = [(i, j, m, n) for i in range(out_h) for j in range(out_w) for m in range(kh) for n in range(kw)]
    places = [((i + m) * out_w + j + n, i * out_w + j) for i, j, m, n in taps]
    weights = tf.gather_nd(filters, [(m, n) for _, _, m, n in taps])
    blocks = tf.scatter_nd(places, weights, (height * width, out_h * out_w, c_in, c_out))
    return tf.reshape(tf.transpose(blocks, (0, 2, 1, 3)), (height * width * c_in, -1))


@mistake("dense_matrix")
def dense_matrix_in_numpy(filters, height, width):
    """The entries are right, but they were written into a NumPy array, so the filters get no gradient. Place the weights with
    tensor operations; or think of what conv2d returns for images with a single 1."""
    matrix = flattened(six_axes(filters, height, width), (0, 1, 2, 3, 4, 5))
    return tf.constant(matrix.numpy())


# receptive_field


@mistake("receptive_field")
def sizes_added(layers):
    """The kernel sizes are added. The windows overlap, so a layer widens the view by less than f. Two 3x3 layers see 5x5."""
    return sum(f for f, _ in layers) if layers else 1


@mistake("receptive_field")
def strides_without_effect(layers):
    """The strides are left out. After a stride of 2 neighbours are two pixels apart, so every later layer widens the view by
    twice as much."""
    return 1 + sum(f - 1 for f, _ in layers)


@mistake("receptive_field")
def own_stride_counted(layers):
    """A layer's own stride multiplies its own kernel. The stride moves the windows apart, but does not widen them: use the
    jump of the layers below, and multiply by the stride afterwards."""
    field, jump = 1, 1
    for f, s in layers:
        jump *= s
        field += (f - 1) * jump
    return field


@mistake("receptive_field")
def strides_added(layers):
    """The strides are added up. Strides multiply: after two layers of stride 2, neighbours are four pixels apart, and after
    three, eight."""
    field, jump = 1, 0
    for f, s in layers:
        field += (f - 1) * max(jump, 1)
        jump += s
    return field


@mistake("receptive_field")
def only_the_layer_below(layers):
    """Only the stride of the layer just below is counted. The jump is the product of all strides below."""
    field, jump = 1, 1
    for f, s in layers:
        field += (f - 1) * jump
        jump = s
    return field


@mistake("receptive_field")
def sizes_multiplied(layers):
    """The kernel sizes are multiplied, as if windows never overlapped. Two 3x3 layers at stride 1 see 5 pixels along an
    axis, not 9."""
    field = 1
    for f, _ in layers:
        field *= f
    return field


@mistake("receptive_field")
def from_the_wrong_end(layers):
    """The layers are used in the wrong order. The rule r = (r - 1) * s + f starts at the last layer and goes down to the
    image. Reverse the order, or keep track of the jump instead."""
    field = 1
    for f, s in layers:
        field = (field - 1) * s + f
    return field


@mistake("receptive_field")
def pixel_itself_missing(layers):
    """The result is one too small: before any layer, a neuron sees one pixel, not none. Start from 1."""
    field, jump = 0, 1
    for f, s in layers:
        field += (f - 1) * jump
        jump *= s
    return field


@mistake("receptive_field")
def area_instead_of_side(layers):
    """This is the number of pixels in the whole square. Return its side: the number along one axis."""
    field, jump = 1, 1
    for f, s in layers:
        field += (f - 1) * jump
        jump *= s
    return field * field


@mistake("receptive_field")
def layers_used_up(layers):
    """The result is right, but the caller's list is empty afterwards. Go through it with a for loop or reversed() instead
    of removing its entries."""
    field = 1
    while layers:
        f, s = layers.pop()
        field = (field - 1) * s + f
    return field

"""What goes wrong with bags of words: each function is a plausible wrong answer, and its docstring is the hint for it."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

import numpy as np
import tensorflow as tf

from autograder.question import mistake

# The parts of which the wrong answers are made.


def bin_of(values, edges):
    """The right bin of each value; below 0 or too large outside."""
    index = np.searchsorted(edges, values, side="right") - 1
    return np.where(values == edges[-1], len(edges) - 2, index)


def squared_distances(points, centres):
    """From each point to each centre."""
    return ((points[:, None] - centres[None]) ** 2).sum(axis=-1)


# histogram


@mistake("histogram", replace="np.where(values == edges[-1], bins - 1, index)", by="index")
def last_edge_left_out():
    """The last edge belongs to no bin. Each bin leaves its upper edge to the next one, but the last bin has no next one: include
    it there."""


@mistake("histogram", replace='side="right") - 1', by='side="left") - 1')
def edges_to_the_left():
    """A value on an inner edge is counted in the bin on its left. It belongs to the bin on its *right*: a bin includes its lower
    edge, not its upper one."""


@mistake("histogram", replace="index[(index >= 0) & (index < bins)]", by="np.clip(index, 0, bins - 1)")
def outside_in_the_end_bins():
    """Values outside all bins are counted in the first and the last bin. They are not to be counted at all."""


@mistake("histogram", replace="values == edges[-1]", by="values >= edges[-1]")
def above_in_the_last_bin():
    """Values above the last edge are counted in the last bin. Only the last edge *itself* belongs there."""


@mistake("histogram", replace="index[(index >= 0) & (index < bins)]", by="np.maximum(index[index < bins], 0)")
def below_in_the_first_bin():
    """Values below the first edge are counted in the first bin. They are outside: leave them out."""


@mistake("histogram", replace=", minlength=bins", by="")
def empty_bins_at_the_end_dropped():
    """Empty bins at the end are missing. There is one count for each bin, whether it is 0 or not: the result has one entry less
    than `edges`."""


@mistake("histogram", replace='side="right") - 1', by='side="right")')
def one_bin_too_far():
    """Everything is counted one bin too far to the right. A value between `edges[m]` and `edges[m + 1]` is in bin m, counted from 0."""


@mistake("histogram")
def equally_wide_bins(values, edges):
    """The bins are treated as equally wide. They need not be: compare with the edges themselves instead of dividing by one width."""
    bins = len(edges) - 1
    inside = values[(values >= edges[0]) & (values <= edges[-1])]
    index = ((inside - edges[0]) / (edges[-1] - edges[0]) * bins).astype(int)
    return np.bincount(np.minimum(index, bins - 1), minlength=bins)


@mistake("histogram")
def both_edges_in_every_bin(values, edges):
    """A value on an inner edge is counted twice, in the bins on both sides. Only the last bin includes its upper edge."""
    return np.array([np.sum((values >= low) & (values <= high)) for low, high in itertools.pairwise(edges)])


@mistake("histogram")
def no_edges_at_all(values, edges):
    """Values on edges are not counted, neither on the left nor on the right. A bin includes its lower edge, and the last one its upper
    edge, too."""
    return np.array([np.sum((values > low) & (values < high)) for low, high in itertools.pairwise(edges)])


@mistake("histogram")
def shares_for_counts(values, edges):
    """These are shares, which sum to 1. A histogram here holds counts: leave the division out."""
    counts = histogram_of(values, edges)
    return (counts / counts.sum()).astype(edges.dtype)


@mistake("histogram")
def values_summed(values, edges):
    """The values in each bin are added up, but they are only to be counted, whatever they are."""
    index = bin_of(values, edges)
    return np.array([values[index == m].sum() for m in range(len(edges) - 1)]).astype(int)


@mistake("histogram")
def counts_up_to_here(values, edges):
    """These are cumulative counts: each bin also holds all those before it. Count every bin by itself."""
    return np.cumsum(histogram_of(values, edges))


@mistake("histogram")
def by_numpys_histogram(values, edges):
    """NumPy's function did the work. Here it is yours: comparisons and sums are enough."""
    return np.histogram(values, edges)[0]


def histogram_of(values, edges):
    """The right counts."""
    index = bin_of(values, edges)
    return np.array([np.sum(index == m) for m in range(len(edges) - 1)])


# joint_histogram


@mistake("joint_histogram", replace="np.stack(rows)", by="np.stack(rows, axis=1)")
def cells_transposed():
    """The table is transposed: its rows belong to x and its columns to y, so the shape is `(x_bins, y_bins)`."""


@mistake(
    "joint_histogram",
    replace="((x < high) | ((x == high) & (high == x_edges[-1])))",
    by="(x < high)",
)
def last_edge_of_x_left_out():
    """Points on the last edge of x are not counted. The rule of `histogram` holds for each feature: the last bin includes its upper
    edge."""


@mistake(
    "joint_histogram",
    replace="((x < high) | ((x == high) & (high == x_edges[-1])))",
    by="(x <= high)",
)
def inner_edges_of_x_twice():
    """Points on an inner edge of x are counted in two rows. Only the last row includes its upper edge."""


@mistake("joint_histogram", replace="histogram(y[inside], y_edges)", by="histogram(y, y_edges)")
def every_row_the_marginal():
    """Every row holds all points. A row is the histogram of y for those points alone whose x is in that row's bin."""


@mistake("joint_histogram")
def last_edge_of_y_left_out(x, y, x_edges, y_edges):
    """Points on the last edge of y are not counted. The last bin of each feature includes its upper edge."""
    return joint_of(*(each[y != y_edges[-1]] for each in (x, y)), x_edges, y_edges)


@mistake("joint_histogram")
def product_of_marginals(x, y, x_edges, y_edges):
    """This is the product of the two marginal histograms. It does not know which x belongs to which y: count the *pairs*."""
    return np.outer(histogram(x, x_edges), histogram(y, y_edges))


@mistake("joint_histogram")
def edges_mixed_up(x, y, x_edges, y_edges):
    """The edges are mixed up: x is counted by the edges of y, and y by those of x."""
    return joint_of(x, y, y_edges, x_edges)


@mistake("joint_histogram")
def outside_points_in_the_end_cells(x, y, x_edges, y_edges):
    """Points with a feature outside are counted in the cells at the border of the table. Leave them out, even if the other feature is
    inside."""
    clipped = np.clip(x, x_edges[0], x_edges[-1]), np.clip(y, y_edges[0], y_edges[-1])
    return joint_of(*clipped, x_edges, y_edges)


@mistake("joint_histogram")
def index_from_the_end(x, y, x_edges, y_edges):
    """Points below a first edge are counted in the last row or column: the index -1 counts from the end. Leave them out."""
    rows, columns = (
        np.where(v == e[-1], len(e) - 2, np.searchsorted(e, v, side="right") - 1)
        for v, e in ((x, x_edges), (y, y_edges))
    )
    inside = (rows < len(x_edges) - 1) & (columns < len(y_edges) - 1)
    counts = np.zeros((len(x_edges) - 1, len(y_edges) - 1), int)
    np.add.at(counts, (rows[inside], columns[inside]), 1)
    return counts


@mistake("joint_histogram")
def edges_of_both_to_the_left(x, y, x_edges, y_edges):
    """Points on inner edges are counted on the left. As in `histogram`, a bin includes its lower edge, not its upper one."""
    rows, columns = (np.searchsorted(e, v, side="left") - 1 for v, e in ((x, x_edges), (y, y_edges)))
    inside = (rows >= 0) & (columns >= 0) & (rows < len(x_edges) - 1) & (columns < len(y_edges) - 1)
    found = np.zeros((len(x_edges) - 1, len(y_edges) - 1), int)
    np.add.at(found, (rows[inside], columns[inside]), 1)
    return found


@mistake("joint_histogram")
def cells_once(x, y, x_edges, y_edges):
    """No cell holds more than 1. `table[rows, columns] += 1` with arrays as indices counts each cell once, however often it occurs: add
    point by point, use `np.add.at`, or count row by row."""
    return np.minimum(joint_of(x, y, x_edges, y_edges), 1)


@mistake("joint_histogram")
def shares_of_points(x, y, x_edges, y_edges):
    """These are shares of all points. The table holds counts: leave the division out."""
    return (joint_of(x, y, x_edges, y_edges) / len(x)).astype(x_edges.dtype)


def joint_of(x, y, x_edges, y_edges):
    """The right counts."""
    row = bin_of(x, x_edges)
    return np.stack([histogram_of(y[row == m], y_edges) for m in range(len(x_edges) - 1)])


# marginal


@mistake("marginal", replace="joint.sum(axis=others)", by="joint.sum(axis=feature)")
def summed_over_the_feature():
    """The sum runs over the feature itself, the one that is to be kept. Sum over all *other* axes. With two features, you get the
    marginal of the wrong one."""


@mistake("marginal", replace="joint.sum(axis=others)", by="joint.sum(axis=others[:1])")
def summed_over_one_other():
    """Only one of the other features was summed over. That is enough for two features, not for three: sum over all axes but one."""


@mistake("marginal", replace="axis != feature", by="axis != feature - 1")
def features_from_one():
    """The features are counted from 1. They are counted from 0: feature 0 is the first axis."""


@mistake("marginal", replace="joint.sum(axis=others)", by="joint.mean(axis=others)")
def marginal_of_means():
    """This is the mean over the other features. A marginal holds the counts, so the total stays what it was: take the sum."""


@mistake("marginal", replace="joint.sum(axis=others)", by="joint.max(axis=others)")
def marginal_of_maxima():
    """This is the largest count of each bin. A marginal adds up all cells, whatever the other features are."""


@mistake("marginal", replace="joint.sum(axis=others)", by="joint.sum(axis=others) / joint.sum()")
def marginal_normalised():
    """The marginal was divided by the total. It has the units of the joint histogram: counts stay counts."""


@mistake("marginal", replace="joint.sum(axis=others)", by="joint.sum(axis=others, keepdims=True)")
def marginal_with_axes_kept():
    """The numbers are right, but the axes that were summed over are still there, with size 1. The result has one axis."""


@mistake("marginal")
def slice_for_sum(joint, feature):
    """This is one slice through the table, at the first bin of the other features. The marginal adds up all such slices."""
    return np.moveaxis(joint, feature, 0).reshape(joint.shape[feature], -1)[:, 0]


# dense_patches


def patches_of(image, size, stride, tops=None, lefts=None):
    """The patches and the centres, at right corners or at others."""
    height, width, _ = image.shape
    tops = range(0, height - size + 1, stride) if tops is None else tops
    lefts = range(0, width - size + 1, stride) if lefts is None else lefts
    corners = [(top, left) for top in tops for left in lefts]
    patches = [image[top : top + size, left : left + size].reshape(-1) for top, left in corners]
    return np.stack(patches), ((np.array(corners) + size / 2) / (height, width)).astype(image.dtype)


@mistake("dense_patches")
def last_patches_missing(image, size, stride):
    """The last row and the last column of patches are missing. The last corner at which a patch fits is at `height - size`, and
    a Python range stops *before* its end."""
    height, width, _ = image.shape
    return patches_of(image, size, stride, range(0, height - size, stride), range(0, width - size, stride))


@mistake("dense_patches")
def patches_side_by_side(image, size, stride):
    """The stride is not used: the patches lie side by side, `size` pixels apart. They are `stride` pixels apart, so they may overlap, or leave
    gaps."""
    return patches_of(image, size, size)


@mistake("dense_patches")
def stride_of_one(image, size, stride):
    """The stride is not used: there is a patch at every pixel. The corners are `stride` pixels apart."""
    return patches_of(image, size, 1)


@mistake("dense_patches")
def columns_first(image, size, stride):
    """The patches come column by column. Reading order is row by row: the outer loop runs over the rows."""
    height, width, _ = image.shape
    lefts, tops = range(0, width - size + 1, stride), range(0, height - size + 1, stride)
    patches, positions = patches_of(image, size, stride)
    order = np.arange(len(patches)).reshape(len(tops), len(lefts)).T.ravel()
    return patches[order], positions[order]


@mistake("dense_patches", replace="size / 2", by="(size - 1) / 2")
def centre_of_pixels():
    """The positions are half a pixel too small. A patch covers `size` whole pixels, from t to t + size, so its centre is at t + size / 2. A
    patch of the whole image has the position 0.5."""


@mistake("dense_patches", replace="np.array(corners) + size / 2", by="np.array(corners)")
def corners_for_centres():
    """These are the positions of the corners, not of the centres: half a patch is missing."""


@mistake("dense_patches", replace="np.array(corners) + size / 2", by="np.array(corners) + size // 2")
def centre_rounded_down():
    """The centre is rounded down to a whole pixel. For an odd size it lies in the middle of a pixel: divide by `/ 2`, not by `// 2`."""


@mistake("dense_patches", replace=" / (height, width)", by="")
def positions_in_pixels():
    """The positions are in pixels. Divide rows by the height and columns by the width, so that images of different sizes can be compared."""


@mistake("dense_patches", replace=" / (height, width)", by=" / (width, height)")
def height_and_width_swapped():
    """Rows were divided by the width, and columns by the height. A square image does not show the difference."""


@mistake("dense_patches", replace="positions.astype(image.dtype)", by="positions.astype(image.dtype)[:, ::-1]")
def column_before_row():
    """The positions have the column first. The row comes first, as in `image[row, column]`."""


@mistake("dense_patches", replace=".reshape(-1)", by=".transpose(2, 0, 1).reshape(-1)")
def channels_one_after_the_other():
    """The pixels of a patch are in another order: all of the first channel, then all of the second. Keep the order of the array, in which the channels
    of a pixel are neighbours."""


@mistake("dense_patches", replace=".reshape(-1)", by=".transpose(1, 0, 2).reshape(-1)")
def patches_turned():
    """The pixels of a patch are in another order: column by column. Keep the order of the array, row by row."""


@mistake("dense_patches", replace=".reshape(-1)", by="")
def patches_not_flattened():
    """The patches are still small images. Each must become one row of numbers: the result has two axes."""


@mistake("dense_patches", replace=".reshape(-1)", by=".mean(axis=-1).reshape(-1)")
def channels_averaged():
    """The channels were averaged. A patch holds all of them: `size * size * channels` numbers."""


# kmeans_step


@mistake("kmeans_step", replace="if len(mine):", by="if True:")
def mean_of_nothing():
    """An empty cluster becomes NaN: the mean of no points is 0 / 0. Leave its centre where it is."""


@mistake("kmeans_step", replace="if len(mine):", by="moved[label] = 0\n        if len(mine):")
def empty_cluster_to_zero():
    """A centre without points moves to zero. It is to stay where it is."""


@mistake("kmeans_step", replace="if len(mine):", by="moved[label] = points[0]\n        if len(mine):")
def empty_cluster_to_a_point():
    """A centre without points moves to one of the points. Some programs do that, but here it is to stay where it is."""


@mistake("kmeans_step")
def empty_cluster_dropped(points, centres):
    """A centre without points is gone, so there are fewer than before. Return it as it was."""
    labels = np.argmin(squared_distances(points, centres), axis=1)
    return np.stack([points[labels == label].mean(axis=0) for label in np.unique(labels)]), labels


@mistake("kmeans_step", replace="mine.mean(axis=0)", by="mine.sum(axis=0)")
def sum_for_mean():
    """The new centre is the sum of its points. Divide by their number: it is their mean."""


@mistake("kmeans_step", replace="mine.mean(axis=0)", by="np.median(mine, axis=0)")
def median_for_mean():
    """The new centre is the median of its points. That is another algorithm, k-medians: take the mean."""


@mistake("kmeans_step", replace="mine.mean(axis=0)", by="(moved[label] + mine.mean(axis=0)) / 2")
def halfway():
    """The centre moves only half of the way, because the old centre was averaged in. It jumps to the mean of its points."""


@mistake("kmeans_step", replace="mine.mean(axis=0)", by="mine.mean()")
def mean_of_all_features():
    """All features of a centre are equal: the mean was taken over the features, too. Take it over the points alone."""


@mistake("kmeans_step", replace="mine.mean(axis=0)", by="mine.sum(axis=0) / len(points)")
def divided_by_all_points():
    """The sum of a cluster's points is divided by the number of all points. Divide by the number of points in that cluster."""


@mistake("kmeans_step", replace="(points[:, None] - centres[None]) ** 2", by="np.abs(points[:, None] - centres[None])")
def city_block_distance():
    """The nearest centre was chosen by the sum of the absolute differences. k-means uses the Euclidean distance: square the differences."""


@mistake(
    "kmeans_step",
    replace="** 2, axis=-1)",
    by="** 2, axis=-1)[:, :1] * 0 + ((points[:, None] - centres[None]) ** 2)[..., 0]",
)
def first_feature_alone():
    """The nearest centre was chosen by the first feature alone. The distance is a sum over all features."""


@mistake("kmeans_step", replace="np.argmin(distances", by="np.argmax(distances")
def farthest_centre():
    """Each point gets the label of the farthest centre. Small distances are good: take the smallest one."""


@mistake("kmeans_step")
def last_of_equals(points, centres):
    """If two centres are equally near, the last one was taken. Take the first: `argmin` does."""
    distances = squared_distances(points, centres)
    labels = len(centres) - 1 - np.argmin(distances[:, ::-1], axis=1)
    moved = [points[labels == j].mean(axis=0) if np.any(labels == j) else centres[j] for j in range(len(centres))]
    return np.stack(moved), labels


@mistake("kmeans_step")
def labels_of_the_new_centres(points, centres):
    """The labels belong to the new centres: they were computed again after the move. Return those by which the centres were moved."""
    moved, _ = centres_moved(points, centres)
    return moved, np.argmin(squared_distances(points, moved), axis=1)


@mistake("kmeans_step")
def centres_of_two_steps(points, centres):
    """This is two steps. Assign once and move once."""
    return centres_moved(points, centres_moved(points, centres)[0])


@mistake("kmeans_step", replace="return moved, labels", by="return centres, labels")
def old_centres_returned():
    """The centres did not move: the old ones came back. Return the means."""


def centres_moved(points, centres):
    """A right step."""
    labels = np.argmin(squared_distances(points, centres), axis=1)
    moved = [points[labels == j].mean(axis=0) if np.any(labels == j) else centres[j] for j in range(len(centres))]
    return np.stack(moved), labels


# kmeans


@mistake("kmeans", replace="range(100)", by="range(1)")
def a_single_step():
    """The centres moved only once. Repeat the step until no label changes."""


@mistake("kmeans", replace="range(100)", by="range(2)")
def two_steps():
    """The centres moved only twice. Repeat the step until no label changes: small examples need two steps, others many."""


@mistake("kmeans", replace="        centres = moved\n", by="")
def centres_never_move():
    """The centres are still the points that were chosen at the start. Use what a step returns as the centres of the next one."""


@mistake("kmeans", replace="rng.choice(len(points), k, replace=False)", by="rng.choice(len(points), k, replace=True)")
def the_same_start_twice():
    """Two of the first centres may be the same point, because they are drawn with replacement. Then one of them stays empty. Draw k *different*
    rows."""


@mistake(
    "kmeans",
    replace="points[rng.choice(len(points), k, replace=False)]",
    by="rng.normal(size=(k, points.shape[1])).astype(points.dtype)",
)
def start_anywhere():
    """The first centres are random numbers instead of points. If the data lie elsewhere, most centres stay empty. Start with k rows of `points`."""


@mistake("kmeans", replace="default_rng(seed)", by="default_rng(0)")
def seed_not_used():
    """The start is the same for every seed. Another seed must be able to give another result: draw the first centres from
    `np.random.default_rng(seed)`."""


@mistake("kmeans")
def labels_of_the_first_step(points, k, seed):
    """The labels belong to other centres, not to the ones that are returned. Compute them again at the end, by the final centres."""
    centres, _ = lloyd(points, k, seed)
    return centres, np.argmin(squared_distances(points, started(points, k, seed)), axis=1)


@mistake("kmeans")
def medians_in_the_end(points, k, seed):
    """The centres are medians. That is another algorithm, k-medians: a centre is the mean of its points."""
    return lloyd(points, k, seed, middle=np.median)


@mistake("kmeans")
def by_city_blocks(points, k, seed):
    """Points do not have the label of the nearest centre. Was the distance the sum of absolute differences? k-means uses the Euclidean distance."""
    return lloyd(points, k, seed, power=1)


@mistake("kmeans")
def points_standardised(points, k, seed):
    """The centres belong to other points: these were shifted to mean zero first, and not shifted back. Use the points as they are."""
    centres, labels = lloyd(points, k, seed)
    return centres - points.mean(axis=0), labels


@mistake("kmeans")
def labels_from_one(points, k, seed):
    """The labels are too large by one, so the first centre is never used. Labels are indices of the centres: they are counted from 0."""
    centres, labels = lloyd(points, k, seed)
    return centres, np.minimum(labels + 1, k - 1)


def started(points, k, seed):
    """The right start."""
    return points[np.random.default_rng(seed).choice(len(points), k, replace=False)]


def lloyd(points, k, seed, middle=np.mean, power=2):
    """k-means, with another middle or another distance."""
    centres = started(points, k, seed)

    def nearest(centres):
        return np.argmin((np.abs(points[:, None] - centres[None]) ** power).sum(axis=-1), axis=1)

    for _ in range(100):
        labels = nearest(centres)
        new = [middle(points[labels == j], axis=0) if np.any(labels == j) else centres[j] for j in range(k)]
        if np.array_equal(np.stack(new), centres):
            break
        centres = np.stack(new).astype(points.dtype)
    return centres, nearest(centres)


# hard_assign


@mistake("hard_assign", replace="tf.argmin(distances", by="tf.argmax(distances")
def assigned_to_the_farthest():
    """The 1 stands at the farthest centre. Small distances are good: take the smallest one."""


@mistake("hard_assign", replace=", dtype=points.dtype", by=", dtype=tf.int32")
def assigned_as_integers():
    """The numbers are right, but they are whole numbers. Give `tf.one_hot` the dtype of the points, so that they can be pooled and mixed with soft
    assignments."""


@mistake(
    "hard_assign",
    replace="** 2, axis=-1)",
    by="** 2, axis=-1) * 0 + tf.reduce_sum(tf.abs(points[:, None] - centres[None]), axis=-1)",
)
def assigned_by_city_blocks():
    """The nearest centre was chosen by the sum of the absolute differences. Use the Euclidean distance: square the differences."""


@mistake("hard_assign")
def index_of_the_word(points, centres):
    """These are the indices of the nearest centres. An assignment has a column for each centre, with a 1 at that index: see `tf.one_hot`."""
    return tf.cast(tf.argmin(squared_tensors(points, centres), axis=1), points.dtype)


@mistake("hard_assign")
def a_row_per_centre(points, centres):
    """The result is transposed: it has a row for each centre. The rows belong to the points."""
    return tf.transpose(hot(squared_tensors(points, centres)))


@mistake("hard_assign")
def nearest_point_of_each_centre(points, centres):
    """Each centre has one point, the one nearest to it. It is the other way round: each *point* has one centre, so every row holds a single 1."""
    return tf.transpose(hot(tf.transpose(squared_tensors(points, centres))))


@mistake("hard_assign")
def largest_inner_product(points, centres):
    """The 1 stands at the largest inner product. That favours long centres: take the smallest distance."""
    return hot(-points @ tf.transpose(centres))


@mistake("hard_assign")
def every_nearest_centre(points, centres):
    """A point between two centres has two 1s. Only the first one counts, so that every row sums to 1."""
    distances = squared_tensors(points, centres)
    return tf.cast(distances == tf.reduce_min(distances, axis=1, keepdims=True), points.dtype)


@mistake("hard_assign")
def softly_assigned(points, centres):
    """The rows are shared among the centres. That is soft assignment, the next exercise: here each row holds a single 1."""
    return tf.nn.softmax(-squared_tensors(points, centres), axis=-1)


def squared_tensors(points, centres):
    """From each point to each centre, as tensors."""
    return tf.reduce_sum((points[:, None] - centres[None]) ** 2, axis=-1)


def hot(distances):
    """1 at the smallest distance of each row."""
    return tf.one_hot(tf.argmin(distances, axis=1), distances.shape[1], dtype=distances.dtype)


# soft_assign


@mistake("soft_assign", replace="-beta * distances", by="beta * distances")
def far_counts_most():
    """The sign of beta is wrong: the farthest centre gets the largest share. Near centres count most, so the exponent is *minus* beta times the squared
    distance."""


@mistake("soft_assign", replace="-beta * distances", by="-distances")
def beta_not_used():
    """Beta is not used. It multiplies the squared distances: 0 makes all shares equal, large values make them hard."""


@mistake("soft_assign", replace="-beta * distances", by="-distances / max(beta, 1e-6)")
def divided_by_beta():
    """The distances are divided by beta, as by a temperature. Beta *multiplies* them: a larger beta is harder."""


@mistake("soft_assign", replace="-beta * distances", by="-beta * distances / 2")
def halved_exponent():
    """The exponent is half of what it should be, as in a Gaussian. There is no 2 in this formula."""


@mistake("soft_assign", replace="-beta * distances", by="-beta * tf.sqrt(distances)")
def distance_not_squared():
    """The exponent holds the distance instead of the *squared* distance. Leave the root out."""


@mistake("soft_assign", replace="-beta * distances, axis=-1", by="-beta * distances, axis=0")
def softmax_over_points():
    """The softmax runs over the points, so the columns sum to 1. It runs over the centres: each *row* sums to 1."""


@mistake("soft_assign", replace="tf.nn.softmax(-beta * distances, axis=-1)", by="tf.exp(-beta * distances)")
def shares_not_normalised():
    """The rows do not sum to 1: the division is missing. Every point is shared out completely, however far the centres are."""


@mistake("soft_assign")
def exponentials_vanish(points, centres, beta):
    """For large distances every exponential is 0, and 0 / 0 is NaN. The shares do not change if you subtract the same number from all exponents of a row:
    which number makes the largest exponential 1?"""
    shares = tf.exp(-beta * squared_tensors(points, centres))
    return shares / tf.reduce_sum(shares, axis=1, keepdims=True)


@mistake("soft_assign")
def shares_of_inverse_distances(points, centres, beta):
    """The shares are inverse distances. They are exponentials: softmax of minus beta times the squared distance."""
    shares = 1 / (beta * squared_tensors(points, centres) + 1)
    return shares / tf.reduce_sum(shares, axis=1, keepdims=True)


@mistake("soft_assign", replace="centres[None]", by="tf.stop_gradient(centres)[None]")
def words_cannot_learn():
    """The shares are right, but no gradient reaches the centres, so the words could not be learned. Use `centres` itself, as a tensor."""


@mistake("soft_assign")
def shares_in_numpy(points, centres, beta):
    """The shares are right, but NumPy computed them, so there are no gradients. Use tensor operations all the way."""
    exponents = -beta * squared_distances(points.numpy(), centres.numpy())
    shares = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


# sum_pool


@mistake("sum_pool", replace="sums / tf.reduce_sum(sums)", by="sums")
def sums_not_normalised():
    """The sums are not divided by their total, so an image with more patches has larger numbers. Make them shares: the result sums to 1."""


@mistake("sum_pool", replace="sums / tf.reduce_sum(sums)", by="sums / len(assignments)")
def divided_by_patches():
    """The sums are divided by the number of patches. That is right only if every row sums to 1: divide by the total of the sums themselves."""


@mistake("sum_pool", replace="tf.reduce_sum(assignments, axis=0)", by="tf.reduce_max(assignments, axis=0)")
def maxima_for_sums():
    """These are maxima, divided by their total. Sum pooling adds up the patches; max pooling is the next exercise."""


@mistake("sum_pool", replace="tf.reduce_sum(assignments, axis=0)", by="tf.reduce_sum(assignments, axis=1)")
def summed_over_words():
    """The sum runs over the words, so there is one number for each patch. Sum over the patches: there is one number for each word."""


@mistake("sum_pool", replace="sums / tf.reduce_sum(sums)", by="sums / tf.norm(sums)")
def divided_by_length():
    """The sums are divided by their Euclidean length. Shares sum to 1: divide by the total."""


@mistake("sum_pool", replace="sums / tf.reduce_sum(sums)", by="tf.nn.softmax(sums)")
def softmax_of_sums():
    """This is a softmax of the sums. A word that never occurs would still get a share: divide by the total instead."""


@mistake("sum_pool", replace="sums / tf.reduce_sum(sums)", by="sums / tf.reduce_max(sums)")
def divided_by_largest():
    """The sums are divided by the largest of them. Shares sum to 1: divide by the total."""


@mistake("sum_pool", replace="tf.reduce_sum(sums)", by="tf.stop_gradient(tf.reduce_sum(sums))")
def total_held_fixed():
    """The values are right, but the gradient does not pass through the total. When one entry grows, the shares of the *other* words shrink: divide by the
    total itself."""


# max_pool_words


@mistake("max_pool_words", replace="tf.reduce_max(assignments, axis=0)", by="tf.reduce_sum(assignments, axis=0)")
def sums_for_maxima():
    """These are sums over the patches. Max pooling takes the largest entry of each word."""


@mistake("max_pool_words", replace="tf.reduce_max(assignments, axis=0)", by="tf.reduce_max(assignments, axis=1)")
def largest_word_of_each_patch():
    """There is one number for each patch. The maximum runs over the patches: there is one number for each word."""


@mistake("max_pool_words")
def maxima_normalised(assignments):
    """The maxima are divided by their total. Max pooling is not normalized: it says how clearly a word occurs, not how often."""
    largest = tf.reduce_max(assignments, axis=0)
    return largest / tf.reduce_sum(largest)


@mistake("max_pool_words", replace="tf.reduce_max(assignments, axis=0)", by="tf.reduce_mean(assignments, axis=0)")
def means_for_maxima():
    """These are means over the patches. Max pooling takes the largest entry of each word."""


@mistake("max_pool_words", replace="tf.reduce_max(assignments, axis=0)", by="tf.reduce_max(assignments)")
def one_maximum_for_all():
    """This is the largest entry of the whole table, a single number. Take the maximum of each column."""


@mistake("max_pool_words", replace="tf.reduce_max(assignments, axis=0)", by="tf.reduce_min(assignments, axis=0)")
def minima_for_maxima():
    """These are the smallest entries. Take the largest."""


@mistake(
    "max_pool_words", replace="tf.reduce_max(assignments, axis=0)", by="tf.nn.relu(tf.reduce_max(assignments, axis=0))"
)
def maximum_starts_at_zero():
    """A word whose entries are all negative gets 0: the search for the maximum starts at 0. Start with the first patch."""


@mistake("max_pool_words")
def where_the_maximum_is(assignments):
    """This says *which* patch has the largest entry. The entry itself is wanted."""
    return tf.cast(tf.argmax(assignments, axis=0), assignments.dtype)


# euclidean


@mistake("euclidean", replace="np.sqrt(np.sum((a - b) ** 2, axis=-1))", by="np.sum((a - b) ** 2, axis=-1)")
def root_forgotten():
    """This is the squared distance: the root is missing."""


@mistake("euclidean", replace="(a - b) ** 2, axis=-1", by="(a - b) ** 2")
def one_distance_for_all():
    """All differences went into a single number. There is one distance for each pair: sum along the last axis alone."""


@mistake("euclidean", replace="np.sqrt(np.sum((a - b) ** 2, axis=-1))", by="np.sum(np.abs(a - b), axis=-1)")
def absolute_differences():
    """These are sums of absolute differences. Square the differences, add them up, and take the root."""


@mistake("euclidean", replace="np.sum((a - b) ** 2, axis=-1)", by="np.mean((a - b) ** 2, axis=-1)")
def root_of_the_mean():
    """This is the root of the *mean* squared difference. The Euclidean distance has the sum under the root."""


@mistake("euclidean", replace="axis=-1", by="axis=0")
def first_axis_summed():
    """The sum runs along the first axis. Bins are along the last one: two histograms alone do not show the difference."""


@mistake("euclidean", replace="np.sqrt(np.sum((a - b) ** 2, axis=-1))", by="np.abs(np.sum(a - b, axis=-1))")
def differences_cancel():
    """The differences cancel, because they were added up with their signs. Square each of them *before* the sum."""


@mistake("euclidean", replace="(a - b) ** 2", by="(a + b) ** 2")
def sum_of_histograms():
    """The two histograms were added. The distance is about their difference: it is 0 for equal ones."""


# histogram_intersection


@mistake("histogram_intersection", replace="1 - np.sum", by="np.sum")
def similarity_for_distance():
    """This is what the histograms have in common: 1 for equal ones. A distance is 0 for equal ones: take 1 minus this."""


@mistake("histogram_intersection", replace="np.minimum", by="np.maximum")
def larger_of_each_bin():
    """The larger entry of each bin was taken. What two histograms have in common is the *smaller* one."""


@mistake("histogram_intersection", replace="np.minimum(a, b)", by="a * b")
def products_of_bins():
    """The entries were multiplied. The common part of 0.5 and 0.5 is 0.5, not 0.25: take the smaller one of each bin."""


@mistake("histogram_intersection", replace="np.sum(np.minimum(a, b), axis=-1)", by="np.sum(np.minimum(a, b))")
def common_parts_of_all():
    """All pairs went into a single number. There is one distance for each pair: sum along the last axis alone."""


@mistake(
    "histogram_intersection",
    replace="np.sum(np.minimum(a, b), axis=-1)",
    by="np.minimum(a.sum(axis=-1), b.sum(axis=-1))",
)
def smaller_of_the_sums():
    """The sums were compared, and both are 1. Take the smaller entry of *each bin*, and then add up."""


@mistake("histogram_intersection", replace="np.sum(np.minimum(a, b), axis=-1)", by="np.mean(np.minimum(a, b), axis=-1)")
def mean_of_common_parts():
    """This is the mean of the common parts. Add them up: for equal histograms they sum to 1, and the distance is 0."""


@mistake("histogram_intersection", replace="axis=-1", by="axis=0")
def first_axis_intersected():
    """The sum runs along the first axis. Bins are along the last one: two histograms alone do not show the difference."""


@mistake("histogram_intersection", replace="1 - np.sum(np.minimum(a, b), axis=-1)", by="np.sum(np.abs(a - b), axis=-1)")
def twice_the_distance():
    """This is twice what it should be: the sum of the absolute differences. Part of the same idea, but every difference is counted in both histograms."""


# chi_squared


@mistake("chi_squared", replace="np.where(total > 0, total, 1)", by="total")
def nothing_by_nothing():
    """A bin that is empty in both histograms is 0 / 0, which is NaN, and the sum becomes NaN with it. Such a bin adds nothing: see to it that the division
    is by something else there."""


@mistake("chi_squared", replace="0.5 * np.sum", by="np.sum")
def half_forgotten():
    """The factor 1/2 is missing: two histograms with nothing in common have the distance 1, not 2."""


@mistake("chi_squared", replace="np.where(total > 0, total, 1)", by="np.where(b > 0, b, 1)")
def divided_by_expected():
    """The squares are divided by the second histogram alone, as in Pearson's test. Here they are divided by the sum of both, so that the distance is symmetric."""


@mistake("chi_squared", replace="(a - b) ** 2", by="np.abs(a - b)")
def differences_not_squared():
    """The differences are not squared. The numerator is the squared difference of a bin."""


@mistake("chi_squared", replace="(a - b) ** 2 / np.where(total > 0, total, 1)", by="(a - b) ** 2")
def nothing_divided():
    """The division by a + b is missing: this is half of the squared Euclidean distance. The division makes rare words count more."""


@mistake("chi_squared")
def divided_after_the_sum(a, b):
    """The sums were divided by each other. Divide bin by bin, *before* the sum."""
    return 0.5 * np.sum((a - b) ** 2, axis=-1) / np.sum(a + b, axis=-1)


@mistake("chi_squared", replace="axis=-1", by="axis=0")
def first_axis_of_chi():
    """The sum runs along the first axis. Bins are along the last one: two histograms alone do not show the difference."""


@mistake("chi_squared", replace="np.where(total > 0, total, 1)", by="(total + np.asarray(0.01, total.dtype))")
def large_epsilon():
    """A constant was added to every denominator, and it is large enough to change the result. Treat only the bins that are empty in both."""


@mistake(
    "chi_squared",
    replace="0.5 * np.sum((a - b) ** 2 / np.where(total > 0, total, 1), axis=-1)",
    by="np.sqrt(0.5 * np.sum((a - b) ** 2 / np.where(total > 0, total, 1), axis=-1))",
)
def root_of_chi():
    """There is a root too many: the formula has none."""


# earth_movers_distance


@mistake("earth_movers_distance", replace="np.abs(carried)", by="carried")
def earth_with_sign():
    """Earth that is carried to the left is subtracted. Carrying costs the same in both directions: take absolute values at each border."""


@mistake("earth_movers_distance", replace="np.sum(np.abs(carried), axis=-1)", by="np.abs(np.sum(carried, axis=-1))")
def absolute_value_at_the_end():
    """Work to the left and to the right cancel, because the absolute value comes after the sum. Take it at each border, before the sum. This is only the
    difference of the two means."""


@mistake("earth_movers_distance", replace="np.cumsum(a, axis=-1) - np.cumsum(b, axis=-1)", by="a - b")
def no_cumulative_sums():
    """The bins were compared one by one, so distance does not count. At the border behind bin m, what matters is all earth up to there: use cumulative
    sums."""


@mistake("earth_movers_distance", replace="np.sum(np.abs(carried), axis=-1)", by="np.max(np.abs(carried), axis=-1)")
def only_the_busiest_border():
    """This is the largest amount that crosses a border. The work is the *sum* over all borders."""


@mistake("earth_movers_distance", replace="np.sum(np.abs(carried), axis=-1)", by="np.mean(np.abs(carried), axis=-1)")
def mean_over_the_borders():
    """This is a mean over the bins. The distance is measured in bins, so it is the sum over the borders: moving everything by two bins costs 2."""


@mistake("earth_movers_distance", replace="np.sum(np.abs(carried), axis=-1)", by="np.sum(carried**2, axis=-1)")
def amounts_squared():
    """The amounts are squared. Carrying twice as much costs twice as much: take absolute values."""


@mistake(
    "earth_movers_distance",
    replace="np.cumsum(a, axis=-1) - np.cumsum(b, axis=-1)",
    by="np.cumsum(np.abs(a - b), axis=-1)",
)
def absolute_value_too_early():
    """The absolute value comes before the cumulative sum, so heaps and holes are no longer told apart. A heap fills a hole: add up the differences with their
    signs, and take the absolute value at each border."""


@mistake("earth_movers_distance", replace="np.sum(np.abs(carried), axis=-1)", by="np.sum(np.abs(carried), axis=-1) / 2")
def earth_halved():
    """This is half of the work. Every border counts once, and there is no factor."""


@mistake("earth_movers_distance")
def earth_along_the_first_axis(a, b):
    """The cumulative sums run along the first axis. Bins are along the last one."""
    return np.sum(np.abs(np.cumsum(a - b, axis=0)), axis=-1)


@mistake("earth_movers_distance")
def bins_in_a_circle(a, b):
    """The bins were treated as a circle: earth may go from the first to the last bin directly. Here they lie on a line."""
    carried = np.cumsum(a - b, axis=-1)
    return np.sum(np.abs(carried - np.median(carried, axis=-1, keepdims=True)), axis=-1).astype(carried.dtype)


# spatial_pyramid


def pyramid_of(words, positions, levels, k, grids=None, share=lambda counts, n: counts / n, cell=None):
    """A right pyramid, with one of its parts changed."""
    found = []
    for grid in [2**level for level in range(levels)] if grids is None else grids:
        cells = np.minimum((positions * grid).astype(int), grid - 1)
        number = cells[:, 0] * grid + cells[:, 1] if cell is None else cell(cells, grid)
        counts = np.bincount(number * k + words, minlength=grid * grid * k)
        found.append(share(counts.reshape(-1, k), len(words)).reshape(-1))
    return np.concatenate(found).astype(positions.dtype)


@mistake("spatial_pyramid", replace="cells[:, 0] * grid + cells[:, 1]", by="cells[:, 1] * grid + cells[:, 0]")
def cells_column_by_column():
    """The cells come column by column: "top right" and "bottom left" are exchanged. Reading order is row by row, and positions have the row first."""


@mistake(
    "spatial_pyramid",
    replace="np.minimum((positions * grid).astype(int), grid - 1)",
    by="np.minimum(np.ceil(positions * grid).astype(int) - 1 + (positions == 0), grid - 1)",
)
def borders_to_the_cell_before():
    """A position on the border between two cells is counted in the one above or to the left. It belongs to the next one: round down."""


@mistake(
    "spatial_pyramid",
    replace="np.minimum((positions * grid).astype(int), grid - 1)",
    by="np.rint(positions * (grid - 1)).astype(int)",
)
def cells_by_rounding():
    """The cells were found by rounding, so the cells at the sides are too small. With g cells along an axis, the cell is g times the position, rounded *down*."""


@mistake(
    "spatial_pyramid",
    replace="np.minimum((positions * grid).astype(int), grid - 1)",
    by="(positions * grid).astype(int) % grid",
)
def ends_wrap_around():
    """A position of exactly 1 was counted in the first cell. It belongs to the last one."""


@mistake("spatial_pyramid", replace="range(levels)", by="reversed(range(levels))")
def finest_level_first():
    """The levels are in the wrong order: the finest comes first. Begin with level 0, the whole image."""


@mistake("spatial_pyramid", replace=" / len(words)", by="")
def pyramid_of_counts():
    """These are counts. Divide them by the number of patches in the whole image, so that each level sums to 1."""


@mistake("spatial_pyramid", replace=" / len(words)", by=" / len(words) / levels")
def whole_pyramid_sums_to_one():
    """The whole pyramid sums to 1. Here every *level* does: divide the counts by the number of patches alone."""


@mistake("spatial_pyramid")
def every_cell_normalised(words, positions, levels, k):
    """Every cell sums to 1, so a cell with a single patch counts as much as one with a hundred. Divide by the number of patches in the whole image."""
    return pyramid_of(words, positions, levels, k, share=lambda c, n: c / np.maximum(c.sum(axis=1, keepdims=True), 1))


@mistake("spatial_pyramid")
def one_two_three(words, positions, levels, k):
    """There are 1, 2 and 3 cells along an axis in the first three levels. The number doubles from level to level: 1, 2, 4, 8."""
    return pyramid_of(words, positions, levels, k, grids=range(1, levels + 1))


@mistake("spatial_pyramid")
def levels_from_one(words, positions, levels, k):
    """The whole image is missing: the levels begin with 2 x 2 cells. Level 0 is one single cell."""
    return pyramid_of(words, positions, levels, k, grids=[2 ** (level + 1) for level in range(levels)])


@mistake("spatial_pyramid")
def finest_level_alone(words, positions, levels, k):
    """Only the finest grid is there. The pyramid holds *all* levels, one behind the other."""
    return pyramid_of(words, positions, levels, k, grids=[2 ** (levels - 1)])


@mistake("spatial_pyramid")
def words_before_cells(words, positions, levels, k):
    """Within a level, all cells of word 0 come first, then all of word 1. The words of one cell stand together: cell by cell, and the words within."""
    return pyramid_of(words, positions, levels, k, share=lambda counts, n: counts.T / n)


@mistake("spatial_pyramid")
def levels_weighted(words, positions, levels, k):
    """The levels have different weights, as in the pyramid match kernel. Here all have the same: every level sums to 1."""
    parts = [pyramid_of(words, positions, levels, k, grids=[2**level]) for level in range(levels)]
    return np.concatenate([part / 2 ** (levels - max(level, 1)) for level, part in enumerate(parts)])


# nearest_neighbour


@mistake("nearest_neighbour", replace="np.argmin", by="np.argmax")
def farthest_neighbour():
    """This is the label of the *farthest* one. The function returns a distance: the smallest is the nearest."""


@mistake(
    "nearest_neighbour",
    replace="labels[np.argmin(distance(new[:, None], train[None]), axis=1)]",
    by="np.argmin(distance(new[:, None], train[None]), axis=1)",
)
def index_for_label():
    """This is the index of the nearest training histogram. Look up the label that it has."""


@mistake(
    "nearest_neighbour",
    replace="distance(new[:, None], train[None])",
    by="((new[:, None] - train[None]) ** 2).sum(axis=-1)",
)
def own_distance():
    """The distance that was given is not used: this is the Euclidean one. Call `distance`."""


@mistake("nearest_neighbour", replace="distance(new[:, None], train[None])", by="distance(train[None], new[:, None])")
def arguments_exchanged():
    """The training histogram is the first argument of the distance. The new one comes first; for a distance that is not symmetric, that matters."""


@mistake("nearest_neighbour")
def last_of_equally_near(train, labels, new, distance):
    """If several are equally near, the last one was taken. Take the first."""
    return labels[::-1][np.argmin(distance(new[:, None], train[::-1][None]), axis=1)]


@mistake("nearest_neighbour")
def new_one_for_each_known(train, labels, new, distance):
    """For each *training* histogram, the nearest new one was looked for. It is the other way round: one answer for each new histogram."""
    return labels[np.argmin(distance(new[:, None], train[None]), axis=0) % len(labels)]


@mistake("nearest_neighbour")
def three_neighbours(train, labels, new, distance):
    """The three nearest voted. Only the single nearest one counts here."""
    order = np.argsort(distance(new[:, None], train[None]), axis=1, kind="stable")[:, :3]
    return np.array([np.bincount(labels[nearest]).argmax() for nearest in order])


@mistake("nearest_neighbour")
def smallest_of_equals(train, labels, new, distance):
    """If several are equally near, the smallest *label* was taken. Take the first of them in the order of the training histograms."""
    found = distance(new[:, None], train[None])
    return np.array([labels[row == row.min()].min() for row in found])


# bag_of_words_classifier


def classified(images, labels, new_images, k, seed, *, bag=None, distance=None, known=None):
    """The solved classifier, with one of its parts changed."""

    def cut_out(image):
        found, _ = dense_patches(image.astype(np.float32) / 255, 7, 3)
        return found - found.mean(axis=1, keepdims=True)

    pool = np.concatenate([cut_out(image) for image in images])
    some = np.random.default_rng(seed).choice(len(pool), min(len(pool), 500), replace=False)
    words, _ = kmeans(pool[some], k, seed)

    def shares(image, cut_out, words):
        nearest = np.argmin(squared_distances(cut_out(image), words), axis=1)
        return np.bincount(nearest, minlength=k) / len(nearest)

    train, new = (
        np.stack([(bag or shares)(image, cut_out, words) for image in pictures]) for pictures in (images, new_images)
    )
    return nearest_neighbour(train, labels if known is None else known, new, distance or chi_squared)


@mistake("bag_of_words_classifier", replace="return patches - patches.mean(axis=1, keepdims=True)", by="return patches")
def brightness_in_the_words():
    """The patches still have their mean, so words tell bright from dark patches and hardly see the stroke. Subtract from each patch its own mean."""


@mistake("bag_of_words_classifier")
def words_of_each_image(images, labels, new_images, k, seed):
    """Every image has words of its own, so word 3 means something else in each of them. Find the words once, among the patches of all training images."""

    def bag(image, cut_out, words):
        found = cut_out(image)
        return np.bincount(kmeans(found, k, seed)[1], minlength=k) / len(found)

    return classified(images, labels, new_images, k, seed, bag=bag)


@mistake("bag_of_words_classifier")
def farthest_image(images, labels, new_images, k, seed):
    """The farthest training image was taken. A similarity was mistaken for a distance, or the other way round: the nearest is the one with the smallest distance."""
    return classified(images, labels, new_images, k, seed, distance=lambda a, b: -chi_squared(a, b))


@mistake("bag_of_words_classifier")
def words_averaged(images, labels, new_images, k, seed):
    """The image is described by the average of its patches, which is nearly the same for all of them. Count *how often each word occurs*."""
    return classified(
        images, labels, new_images, k, seed, bag=lambda image, cut_out, words: np.abs(cut_out(image).mean(axis=0))
    )


@mistake("bag_of_words_classifier")
def labels_sorted(images, labels, new_images, k, seed):
    """The labels no longer belong to their images: one of the two was put into another order. Keep images, histograms and labels in the same order."""
    return classified(images, labels, new_images, k, seed, known=np.sort(labels))


@mistake("bag_of_words_classifier")
def index_of_the_image(images, labels, new_images, k, seed):
    """These are the indices of the nearest training images. Look up their labels."""
    return classified(images, labels, new_images, k, seed, known=np.arange(len(labels)))


@mistake("bag_of_words_classifier")
def always_the_first_class(images, labels, new_images, k, seed):
    """All images get the same class, so their histograms are all alike. Are the pixels of uint8 images divided with `//`, or the patches so small that
    nothing is left without their mean?"""
    return np.full(len(new_images), labels[0])


@mistake("bag_of_words_classifier")
def new_words_for_new_images(images, labels, new_images, k, seed):
    """The new images have words of their own: k-means ran on them, too. Word 3 must mean the same in all images, so use the words that were found
    in the training images."""
    both = [bags_with_own_words(pictures, k, seed) for pictures in (images, new_images)]
    return nearest_neighbour(both[0], labels, both[1], chi_squared)


@mistake("bag_of_words_classifier")
def images_not_scaled_alike(images, labels, new_images, k, seed):
    """The new images were not prepared like the training images: the pixels of one of the two still go up to 255. Use one function for both."""
    return classified(images.astype(np.float32) * 255, labels, new_images, k, seed)


def bags_with_own_words(pictures, k, seed):
    """The bags of words of some images, by words that were found in them."""
    patches = np.stack([dense_patches(picture.astype(np.float32) / 255, 7, 3)[0] for picture in pictures])
    patches -= patches.mean(axis=-1, keepdims=True)
    pool = patches.reshape(-1, patches.shape[-1])
    words, _ = kmeans(pool[np.random.default_rng(seed).choice(len(pool), 400, replace=len(pool) < 400)], k, seed)
    nearest = [np.argmin(squared_distances(each, words), axis=1) for each in patches]
    return np.stack([np.bincount(each, minlength=k) / len(each) for each in nearest])

"""Right answers in other styles, which must always get full points, and independent oracles for the references."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

from collections import Counter

import numpy as np
import scipy.optimize
import scipy.spatial.distance
import scipy.special
import scipy.stats
import sklearn.cluster
import sklearn.feature_extraction.image
import sklearn.neighbors
import tensorflow as tf

from autograder.question import family, oracle, variant

# histogram


@variant("histogram")
def counts_by_comparison(values, edges):
    """Every value beside every bin."""
    low, high = edges[:-1, None], edges[1:, None]
    inside = (values >= low) & (values < high)
    inside[-1] |= values == edges[-1]
    return inside.sum(axis=1)


@variant("histogram")
def counts_one_by_one(values, edges):
    """A value after the other."""
    counts = [0] * (len(edges) - 1)
    for value in values:
        for m in reversed(range(len(counts))):
            if edges[m] <= value < edges[m + 1] or (m == len(counts) - 1 and value == edges[-1]):
                counts[m] += 1
                break
    return np.array(counts)


@variant("histogram")
def counts_by_cumulation(values, edges):
    """How many are below each edge; the difference is in between."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, edges, side="left")
    below[-1] = np.searchsorted(ordered, edges[-1], side="right")
    return np.diff(below)


@variant("histogram")
def counts_by_digitize(values, edges):
    """With the last edge moved up by the smallest step."""
    moved = np.array(edges, "float64")
    moved[-1] = np.nextafter(moved[-1], np.inf)
    return np.bincount(np.digitize(values, moved), minlength=len(edges) + 1)[1:-1].astype(np.int32)


@oracle("histogram")
def histogram_of_numpy(values, edges):
    return np.histogram(values, edges)[0]


# joint_histogram


@variant("joint_histogram")
def table_by_add_at(x, y, x_edges, y_edges):
    """Row and column of each point."""

    def index(values, edges):
        found = np.searchsorted(edges, values, side="right") - 1
        found[values == edges[-1]] -= 1
        return found

    row, column = index(x, x_edges), index(y, y_edges)
    shape = len(x_edges) - 1, len(y_edges) - 1
    inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
    table = np.zeros(shape, int)
    np.add.at(table, (row[inside], column[inside]), 1)
    return table


@variant("joint_histogram")
def table_by_matrix_product(x, y, x_edges, y_edges):
    """Two tables of zeros and ones, one per feature, multiplied."""

    def inside(values, edges):
        found = (values >= edges[:-1, None]) & (values < edges[1:, None])
        found[-1] |= values == edges[-1]
        return found.astype(int)

    return inside(x, x_edges) @ inside(y, y_edges).T


@variant("joint_histogram")
def table_column_by_column(x, y, x_edges, y_edges):
    columns = []
    for m in range(len(y_edges) - 1):
        last = m == len(y_edges) - 2
        mine = (y >= y_edges[m]) & ((y <= y_edges[m + 1]) if last else (y < y_edges[m + 1]))
        columns.append(histogram(x[mine], x_edges))
    return np.array(columns).T


@variant("joint_histogram")
def table_point_by_point(x, y, x_edges, y_edges):
    """Each point as two histograms of a single value."""
    table = np.zeros((len(x_edges) - 1, len(y_edges) - 1), np.int64)
    for one, other in zip(x, y, strict=True):
        table += np.outer(histogram(np.array([one]), x_edges), histogram(np.array([other]), y_edges))
    return table


@oracle("joint_histogram")
def table_of_numpy(x, y, x_edges, y_edges):
    return np.histogram2d(x, y, [x_edges, y_edges])[0].astype(int)


# marginal


@variant("marginal")
def marginal_by_moving_the_axis(joint, feature):
    return np.moveaxis(joint, feature, 0).reshape(joint.shape[feature], -1).sum(axis=1)


@variant("marginal")
def marginal_by_einsum(joint, feature):
    return np.einsum(joint, list(range(joint.ndim)), [feature])


@variant("marginal")
def marginal_slice_by_slice(joint, feature):
    slices = [np.take(joint, m, axis=feature) for m in range(joint.shape[feature])]
    return np.array([each.sum() for each in slices], joint.dtype)


@variant("marginal")
def marginal_axis_by_axis(joint, feature):
    """The last axes first, so that the others keep their numbers."""
    for axis in reversed(range(joint.ndim)):
        if axis != feature:
            joint = joint.sum(axis=axis)
    return joint


@oracle("marginal")
def marginal_of_scipy(joint, feature):
    return scipy.stats.contingency.margins(joint)[feature].ravel()


# dense_patches


@variant("dense_patches")
def patches_by_windows(image, size, stride):
    """NumPy's sliding windows, every stride-th of them."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))[::stride, ::stride]
    rows, columns = windows.shape[:2]
    patches = windows.transpose(0, 1, 3, 4, 2).reshape(rows * columns, -1)
    corners = np.mgrid[:rows, :columns].reshape(2, -1).T * stride
    return patches, np.asarray((corners + size * 0.5) / image.shape[:2], image.dtype)


@variant("dense_patches")
def patches_of_tensorflow(image, size, stride):
    patches = tf.image.extract_patches(image[None], (1, size, size, 1), (1, stride, stride, 1), (1, 1, 1, 1), "VALID")
    _, rows, columns, length = patches.shape
    down = (np.arange(rows) * stride + size / 2) / image.shape[0]
    right = (np.arange(columns) * stride + size / 2) / image.shape[1]
    positions = np.stack(np.meshgrid(down, right, indexing="ij"), axis=-1).reshape(-1, 2)
    return tf.reshape(patches, (-1, length)), positions.astype(image.dtype)


@variant("dense_patches")
def patches_by_index(image, size, stride):
    """All pixels of all patches with one index."""
    height, width, channels = image.shape
    tops, lefts = np.arange(0, height - size + 1, stride), np.arange(0, width - size + 1, stride)
    top, left = (each.ravel() for each in np.meshgrid(tops, lefts, indexing="ij"))
    steps = np.arange(size)
    patches = image[(top[:, None] + steps)[:, :, None], (left[:, None] + steps)[:, None, :]]
    positions = np.column_stack([(top + size / 2) / height, (left + size / 2) / width])
    return patches.reshape(len(top), size * size * channels), positions.astype(image.dtype)


@variant("dense_patches")
def patches_with_while(image, size, stride):
    patches, positions, top = [], [], 0
    while top + size <= image.shape[0]:
        left = 0
        while left + size <= image.shape[1]:
            patches.append(image[top : top + size, left : left + size].flatten())
            positions.append([(top + top + size) / 2 / image.shape[0], (left + left + size) / 2 / image.shape[1]])
            left += stride
        top += stride
    return np.array(patches), np.array(positions, dtype=image.dtype)


@oracle("dense_patches")
def patches_of_scikit(image, size, stride):
    """scikit-learn cuts out all patches; positions are cut out of an image that holds them."""
    height, width, _ = image.shape
    every = sklearn.feature_extraction.image.extract_patches_2d(image, (size, size))
    shape = height - size + 1, width - size + 1
    down, right = np.mgrid[: height + 1, : width + 1].astype(float)
    centres = [
        [(each[t, left] + each[t + size, left + size]) / 2 for t in range(shape[0]) for left in range(shape[1])]
        for each in (down / height, right / width)
    ]
    chosen = np.arange(shape[0] * shape[1]).reshape(shape)[::stride, ::stride].ravel()
    return every.reshape(len(every), -1)[chosen], np.array(centres).T[chosen]


# kmeans_step


@variant("kmeans_step")
def step_by_norms(points, centres):
    distances = np.linalg.norm(points[:, None] - centres, axis=2)
    labels = distances.argmin(axis=1)
    new = np.array(
        [points[labels == j].mean(axis=0) if (labels == j).any() else centre for j, centre in enumerate(centres)]
    )
    return new.astype(points.dtype), labels


@variant("kmeans_step")
def step_by_one_hot(points, centres):
    """Sums and counts by a matrix product."""
    labels = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    hot = np.eye(len(centres), dtype=points.dtype)[labels]
    counts = hot.sum(axis=0)[:, None]
    return np.where(counts > 0, hot.T @ points / np.maximum(counts, 1), centres), labels


@variant("kmeans_step")
def step_by_add_at(points, centres):
    labels = np.array([int(np.argmin(((point - centres) ** 2).sum(axis=1))) for point in points])
    sums, counts = np.zeros_like(centres), np.bincount(labels, minlength=len(centres))
    np.add.at(sums, labels, points)
    new = centres.copy()
    new[counts > 0] = sums[counts > 0] / counts[counts > 0, None].astype(points.dtype)
    return new, labels


@variant("kmeans_step")
def step_in_tensorflow(points, centres):
    distances = tf.reduce_sum(tf.math.squared_difference(points[:, None], centres[None]), axis=-1)
    labels = tf.argmin(distances, axis=1)
    sums = tf.math.unsorted_segment_sum(points, labels, len(centres))
    counts = tf.math.unsorted_segment_sum(tf.ones_like(points[:, :1]), labels, len(centres))
    return tf.where(counts > 0, tf.math.divide_no_nan(sums, counts), centres), labels


@oracle("kmeans_step")
def step_of_scipy(points, centres):
    labels = scipy.spatial.distance.cdist(points, centres).argmin(axis=1)
    new = centres.astype(float)
    for label in set(labels.tolist()):
        new[label] = np.average(points, axis=0, weights=labels == label)
    return new, labels


# kmeans


@variant("kmeans")
def until_nothing_moves(points, k, seed):
    """Stops when the centres stay, not the labels."""
    rng = np.random.default_rng(seed)
    centres = rng.permutation(points)[:k]
    for _ in range(100):
        new, _ = kmeans_step(points, centres)
        if np.allclose(new, centres, rtol=0, atol=1e-7):
            break
        centres = new
    return centres, np.argmin(((points[:, None] - centres) ** 2).sum(axis=-1), axis=1)


@variant("kmeans")
def all_hundred_steps(points, k, seed):
    chosen = np.random.default_rng(seed).permutation(len(points))[:k]
    centres = points[chosen].copy()
    for _ in range(100):
        centres, labels = kmeans_step(points, centres)
    return centres, labels


@variant("kmeans")
def spread_start(points, k, seed):
    """k-means++: each further start is a point far from the others, with a probability that grows with its distance."""
    rng = np.random.default_rng(seed)
    centres = [points[rng.integers(len(points))]]
    while len(centres) < k:
        far = ((points[:, None].astype("float64") - np.array(centres)) ** 2).sum(axis=-1).min(axis=1)
        chances = far / far.sum() if far.sum() else None
        centres.append(points[rng.choice(len(points), p=chances)])
    centres, labels = np.array(centres), None
    for _ in range(100):
        moved, found = kmeans_step(points, centres)
        if labels is not None and (found == labels).all():
            return centres, found
        centres, labels = moved, found
    return centres, kmeans_step(points, centres)[1]


@variant("kmeans")
def different_rows_and_float64(points, k, seed):
    """Draws among the rows that differ, and computes in double precision."""
    rows = np.unique(points, axis=0)
    few = len(rows) < k
    rng = np.random.default_rng([seed, 7])
    centres = (points if few else rows)[rng.choice(len(points if few else rows), k, replace=False)].astype("float64")
    before = np.full(len(points), -1)
    while True:
        labels = np.argmin(((points[:, None] - centres) ** 2).sum(axis=2), axis=1)
        if np.array_equal(labels, before):
            return centres.astype(points.dtype), labels
        for j in range(k):
            if np.any(labels == j):
                centres[j] = points[labels == j].astype("float64").mean(axis=0)
        before = labels


@oracle("kmeans")
def kmeans_of_scikit(points, k, seed):
    found = sklearn.cluster.KMeans(k, init="random", n_init=1, tol=0, random_state=seed).fit(points.astype("float64"))
    return found.cluster_centers_, found.labels_


# hard_assign


@variant("hard_assign")
def hard_by_comparison(points, centres):
    distances = tf.norm(points[:, None] - centres, axis=-1)
    nearest = tf.argmin(distances, axis=1, output_type=tf.int32)
    return tf.cast(nearest[:, None] == tf.range(tf.shape(centres)[0]), points.dtype)


@variant("hard_assign")
def hard_by_rows_of_the_identity(points, centres):
    distances = tf.reduce_sum(tf.math.squared_difference(points[:, None], centres), axis=2)
    return tf.gather(tf.eye(centres.shape[0], dtype=points.dtype), tf.argmin(distances, axis=1))


@variant("hard_assign")
def hard_in_numpy(points, centres):
    points, centres = points.numpy(), centres.numpy()
    found = np.zeros((len(points), len(centres)), points.dtype)
    for row, point in zip(found, points, strict=True):
        row[np.argmin([np.sum((point - centre) ** 2) for centre in centres])] = 1
    return found


@oracle("hard_assign")
def hard_of_scikit(points, centres):
    nearest = sklearn.neighbors.NearestNeighbors(n_neighbors=1, algorithm="brute").fit(centres.numpy())
    distances = scipy.spatial.distance.cdist(points.numpy(), centres.numpy())
    found = nearest.kneighbors(points.numpy(), return_distance=False)[:, 0]
    first = np.where(np.isclose(distances[np.arange(len(found)), found], distances.min(axis=1)), distances.argmin(1), 0)
    return np.eye(len(centres))[first]


# soft_assign


@variant("soft_assign")
def soft_by_hand(points, centres, beta):
    """The smallest distance of each row is subtracted."""
    distances = tf.reduce_sum(tf.square(tf.expand_dims(points, 1) - centres), axis=2)
    shares = tf.exp(-beta * (distances - tf.reduce_min(distances, axis=1, keepdims=True)))
    return shares / tf.reduce_sum(shares, axis=1, keepdims=True)


@variant("soft_assign")
def soft_by_log_sum(points, centres, beta):
    exponents = -beta * tf.einsum("nkd,nkd->nk", points[:, None] - centres, points[:, None] - centres)
    return tf.exp(exponents - tf.reduce_logsumexp(exponents, axis=-1, keepdims=True))


@variant("soft_assign")
def soft_as_a_convolution(points, centres, beta):
    """2 c x - c^2, as in a layer of a network: the square of the point is the same for all centres. Shifted, for exactness."""
    middle = tf.reduce_mean(centres, axis=0)
    points, centres = points - middle, centres - middle
    scores = 2 * points @ tf.transpose(centres) - tf.reduce_sum(centres**2, axis=1)
    return tf.nn.softmax(beta * scores)


@variant("soft_assign")
def soft_point_by_point(points, centres, beta):
    rows = [tf.nn.softmax(-beta * tf.reduce_sum((centres - point) ** 2, axis=1)) for point in points]
    return tf.stack(rows)


@oracle("soft_assign")
def soft_of_scipy(points, centres, beta):
    distances = scipy.spatial.distance.cdist(points.numpy(), centres.numpy(), "sqeuclidean")
    return scipy.special.softmax(-beta * distances, axis=1)


# sum_pool


@variant("sum_pool")
def sum_over_total(assignments):
    return tf.math.reduce_sum(assignments, 0) / tf.math.reduce_sum(assignments)


@variant("sum_pool")
def sum_by_einsum(assignments):
    sums = tf.einsum("nk->k", assignments)
    return tf.math.divide_no_nan(sums, tf.einsum("k->", sums))


@variant("sum_pool")
def sum_of_means(assignments):
    means = tf.reduce_mean(assignments, axis=0)
    return means / tf.math.add_n(tf.unstack(means))


@oracle("sum_pool")
def sum_in_numpy(assignments):
    return np.average(assignments.numpy() / assignments.numpy().mean(), axis=0) / assignments.shape[1]


# max_pool_words


@variant("max_pool_words")
def max_by_sorting(assignments):
    return tf.sort(assignments, axis=0)[-1]


@variant("max_pool_words")
def max_by_gather(assignments):
    best = tf.argmax(assignments, axis=0)
    return tf.gather(tf.transpose(assignments), best, axis=1, batch_dims=1)


@variant("max_pool_words")
def max_patch_by_patch(assignments):
    largest = assignments[0]
    for row in assignments[1:]:
        largest = tf.maximum(largest, row)
    return largest


@oracle("max_pool_words")
def max_of_numpy(assignments):
    return assignments.numpy().max(axis=0)


# euclidean


@variant("euclidean")
def distance_by_norm(a, b):
    return np.linalg.norm(a - b, axis=-1)


@variant("euclidean")
def distance_by_einsum(a, b):
    gap = a - b
    return np.einsum("...m,...m->...", gap, gap) ** 0.5


@variant("euclidean")
def distance_in_tensorflow(a, b):
    return tf.sqrt(tf.reduce_sum(tf.math.squared_difference(a, b), axis=-1))


def pair_by_pair(a, b, distance):
    """A distance of two vectors, for all pairs."""
    a, b = np.broadcast_arrays(a, b)
    found = [distance(x, y) for x, y in zip(a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1]), strict=True)]
    return np.array(found, a.dtype).reshape(a.shape[:-1])


@oracle("euclidean")
def euclidean_of_scipy(a, b):
    return pair_by_pair(a, b, scipy.spatial.distance.euclidean)


# histogram_intersection


@variant("histogram_intersection")
def intersection_by_where(a, b):
    return 1 - np.where(a < b, a, b).sum(axis=-1)


@variant("histogram_intersection")
def half_of_the_differences(a, b):
    """For histograms that sum to 1, the same."""
    return np.sum(np.abs(a - b), axis=-1) / 2


@variant("histogram_intersection")
def intersection_in_tensorflow(a, b):
    return 1 - tf.reduce_sum(tf.minimum(a, b), axis=-1)


@oracle("histogram_intersection")
def total_variation(a, b):
    """The largest difference of the two probabilities of any set of bins: of those in which a is larger."""
    return pair_by_pair(a, b, lambda x, y: np.sum((x - y)[x > y]))


# chi_squared


@variant("chi_squared")
def chi_by_divide(a, b):
    gap, total = (a - b) ** 2, a + b
    return np.divide(gap, total, out=np.zeros_like(total), where=total > 0).sum(axis=-1) / 2


@variant("chi_squared")
def chi_by_nan_to_num(a, b):
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = np.square(a - b) / (a + b)
    return 0.5 * np.nan_to_num(terms).sum(axis=-1)


@variant("chi_squared")
def chi_by_harmonic_means(a, b):
    """(a - b)^2 = (a + b)^2 - 4ab, so each term is the sum minus twice the harmonic mean."""
    total = a + b
    return np.sum(total / 2 - 2 * a * b / np.maximum(total, np.finfo(total.dtype).tiny), axis=-1)


@variant("chi_squared")
def chi_in_tensorflow(a, b):
    return 0.5 * tf.reduce_sum(tf.math.divide_no_nan((a - b) ** 2, a + b), axis=-1)


@oracle("chi_squared")
def chi_by_loops(a, b):
    def distance(x, y):
        return sum((p - q) ** 2 / (p + q) for p, q in zip(x.tolist(), y.tolist(), strict=True) if p + q > 0) / 2

    return pair_by_pair(a, b, distance)


# earth_movers_distance


@variant("earth_movers_distance")
def work_border_by_border(a, b):
    gap, carried, work = a - b, 0, 0
    for m in range(gap.shape[-1]):
        carried = carried + gap[..., m]
        work = work + np.abs(carried)
    return work


@variant("earth_movers_distance")
def work_by_triangle(a, b):
    """The cumulative sum as a matrix product."""
    gap = a - b
    return np.abs(gap @ np.triu(np.ones((gap.shape[-1],) * 2, gap.dtype))).sum(axis=-1)


@variant("earth_movers_distance")
def work_from_the_right(a, b):
    gap = (a - b)[..., ::-1]
    return np.abs(np.cumsum(gap, axis=-1)).sum(axis=-1)


@variant("earth_movers_distance")
def work_in_tensorflow(a, b):
    return tf.reduce_sum(tf.abs(tf.cumsum(a - b, axis=-1)), axis=-1)


@oracle("earth_movers_distance")
def cheapest_plan(a, b):
    """The linear programme: what leaves, what arrives, at the least cost."""

    def cost_of(x, y):
        bins = len(x)
        cost = np.abs(np.subtract.outer(np.arange(bins), np.arange(bins))).ravel()
        constraints = np.vstack([np.kron(np.eye(bins), np.ones(bins)), np.kron(np.ones(bins), np.eye(bins))])
        return scipy.optimize.linprog(cost, A_eq=constraints[:-1], b_eq=np.concatenate([x, y])[:-1]).fun

    return pair_by_pair(a, b, cost_of)


@oracle("earth_movers_distance")
def wasserstein_of_scipy(a, b):
    def distance(x, y):
        bins = np.arange(len(x))
        return scipy.stats.wasserstein_distance(bins, bins, x, y)

    return pair_by_pair(a, b, distance)


# spatial_pyramid


@variant("spatial_pyramid")
def pyramid_by_cells(words, positions, levels, k):
    """A cell after the other."""
    found = []
    for level in range(levels):
        grid = 2**level
        row, column = (np.minimum(np.floor(positions[:, axis] * grid), grid - 1) for axis in (0, 1))
        for i in range(grid):
            for j in range(grid):
                mine = words[(row == i) & (column == j)]
                found += [np.sum(mine == word) / len(words) for word in range(k)]
    return np.array(found, positions.dtype)


@variant("spatial_pyramid")
def pyramid_by_add_at(words, positions, levels, k):
    parts = []
    for grid in 2 ** np.arange(levels):
        table = np.zeros((grid, grid, k), positions.dtype)
        i, j = np.clip((positions * grid).astype(int), 0, grid - 1).T
        np.add.at(table, (i, j, words), 1)
        parts.append(table.ravel() / len(words))
    return np.concatenate(parts)


@variant("spatial_pyramid")
def pyramid_from_the_finest(words, positions, levels, k):
    """The finest level is counted, the others are sums of four cells."""
    grid = 2 ** (levels - 1)
    i, j = np.minimum(positions * grid, grid - 1).astype(int).T
    table = np.zeros((grid, grid, k), positions.dtype)
    for cell in zip(i, j, words, strict=True):
        table[cell] += 1
    parts = [table]
    while len(parts[0]) > 1:
        half = len(parts[0]) // 2
        parts.insert(0, parts[0].reshape(half, 2, half, 2, k).sum(axis=(1, 3)))
    return np.concatenate([part.ravel() for part in parts]) / len(words)


@variant("spatial_pyramid")
def pyramid_by_histograms(words, positions, levels, k):
    """By `joint_histogram`, for each word: its last edge belongs to the last cell."""
    parts = []
    for level in range(levels):
        edges = np.linspace(0, 1, 2**level + 1)
        tables = [joint_histogram(*positions[words == word].T, edges, edges) for word in range(k)]
        parts.append(np.stack(tables, axis=-1).ravel())
    return (np.concatenate(parts) / len(words)).astype(positions.dtype)


@oracle("spatial_pyramid")
def pyramid_of_numpy(words, positions, levels, k):
    found = []
    for level in range(levels):
        edges = np.linspace(0, 1, 2**level + 1)
        table, _ = np.histogramdd(np.column_stack([positions, words]), [edges, edges, np.arange(k + 1) - 0.5])
        found.append(table.ravel() / len(words))
    return np.concatenate(found)


# nearest_neighbour


@variant("nearest_neighbour")
def neighbour_one_by_one(train, labels, new, distance):
    return np.array([labels[np.argmin(distance(one, train))] for one in new])


@variant("nearest_neighbour")
def neighbour_by_sorting(train, labels, new, distance):
    order = np.argsort(distance(new[:, None, :], train), axis=-1, kind="stable")
    return np.take(labels, order[:, 0])


@variant("nearest_neighbour")
def neighbour_by_loops(train, labels, new, distance):
    found = []
    for one in new:
        best, answer = float("inf"), None
        for other, label in zip(train, labels, strict=True):
            if (gap := float(distance(one, other))) < best:
                best, answer = gap, int(label)
        found.append(answer)
    return tf.constant(found)


@oracle("nearest_neighbour")
def neighbour_of_scipy(train, labels, new, distance):
    return labels[scipy.spatial.distance.cdist(new, train, distance).argmin(axis=1)]


# bag_of_words_classifier


def centred_patches(image, size, stride):
    """Patches without their means."""
    found = dense_patches(np.asarray(image, np.float32) / 255, size, stride)[0]
    return found - found.mean(axis=1, keepdims=True)


@variant("bag_of_words_classifier")
def by_soft_words(images, labels, new_images, k, seed):
    """Smaller patches, soft assignment, histogram intersection."""
    described = [centred_patches(image, 5, 2) for image in images]
    pool = np.concatenate(described)
    words, _ = kmeans(pool[np.random.default_rng(seed).permutation(len(pool))[:1500]], k, seed)

    def bag(patches):
        return sum_pool(soft_assign(tf.constant(patches), tf.constant(words), 5.0)).numpy()

    train = np.stack([bag(patches) for patches in described])
    new = np.stack([bag(centred_patches(image, 5, 2)) for image in new_images])
    return nearest_neighbour(train, labels, new, histogram_intersection)


@variant("bag_of_words_classifier")
def by_scikit(images, labels, new_images, k, seed):
    """The library's k-means, and its nearest neighbour by the chi-squared distance."""
    described = [[centred_patches(image, 7, 2) for image in each] for each in (images, new_images)]
    model = sklearn.cluster.KMeans(k, n_init=1, random_state=seed).fit(np.concatenate(described[0]))
    train, new = (
        np.array([np.bincount(model.predict(patches), minlength=k) / len(patches) for patches in each])
        for each in described
    )
    neighbour = sklearn.neighbors.KNeighborsClassifier(1, metric=lambda a, b: chi_squared(a, b), algorithm="brute")
    return neighbour.fit(train, labels).predict(new)


@variant("bag_of_words_classifier")
def by_large_patches(images, labels, new_images, k, seed):
    """Patches of 9 x 9, all of them for k-means, and the Euclidean distance."""
    described = [centred_patches(image, 9, 3) for image in images]
    words, marks = kmeans(np.concatenate(described), k, seed)
    counts = marks.reshape(len(images), -1)
    train = np.stack([np.bincount(row, minlength=k) / len(row) for row in counts])
    found = []
    for image in new_images:
        bag = np.mean(hard_assign(tf.constant(centred_patches(image, 9, 3)), tf.constant(words)), axis=0)
        found.append(labels[np.argmin(euclidean(train, bag))])
    return np.array(found)


@variant("bag_of_words_classifier")
def by_the_vote_of_three(images, labels, new_images, k, seed):
    """The three nearest vote."""
    described = [centred_patches(image, 6, 2) for image in images]
    pool = np.random.default_rng(seed).permutation(np.concatenate(described))[:800]
    words, _ = kmeans(pool, k, seed)

    def bag(patches):
        nearest = ((words**2).sum(axis=1) - 2 * patches @ words.T).argmin(axis=1)
        return np.bincount(nearest, minlength=k) / len(nearest)

    train = np.stack([bag(patches) for patches in described])
    answers = []
    for image in new_images:
        order = np.argsort(chi_squared(train, bag(centred_patches(image, 6, 2))))
        answers.append(Counter(labels[order[: min(3, len(labels) // 2)]].tolist()).most_common(1)[0][0])
    return np.array(answers)


@family("bag_of_words_classifier")
def honest_bags(seed):
    """Size and stride of the patches, how many of them choose the words, hard or soft assignment, distance, neighbours."""
    rng = np.random.default_rng(seed)
    size, stride = int(rng.integers(6, 10)), int(rng.integers(2, 4))
    most = int(rng.choice([500, 1000, 2000]))
    beta = float(rng.choice([0.0, 5.0, 10.0], p=[0.6, 0.2, 0.2]))
    distance = [chi_squared, euclidean, histogram_intersection][int(rng.integers(3))]
    neighbours = int(rng.choice([1, 3], p=[0.8, 0.2]))

    def classify(images, labels, new_images, k, seed):
        pool = np.concatenate([centred_patches(image, size, stride) for image in images])
        words, _ = kmeans(np.random.default_rng(seed).permutation(pool)[:most], k, seed)

        def bag(image):
            patches, known = tf.constant(centred_patches(image, size, stride)), tf.constant(words)
            return sum_pool(soft_assign(patches, known, beta) if beta else hard_assign(patches, known)).numpy()

        train, votes = np.stack([bag(image) for image in images]), []
        for image in new_images:
            order = np.argsort(distance(train, bag(image)), kind="stable")
            votes.append(Counter(labels[order[:neighbours]].tolist()).most_common(1)[0][0])
        return np.array(votes)

    return classify

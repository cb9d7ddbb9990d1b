"""Architectures: right implementations in other styles, and oracles the references are audited against."""

import keras
import numpy as np
import tensorflow as tf

from autograder.question import oracle, variant

layers = keras.layers

# top_k_error


@variant("top_k_error")
def error_by_sorting(scores, labels, k):
    """The k-th best of the other classes against the right one."""
    hot = tf.one_hot(labels, scores.shape[1], on_value=True, off_value=False)
    own = tf.boolean_mask(scores, hot)
    others = tf.sort(tf.where(hot, tf.constant(-np.inf, scores.dtype), scores), direction="DESCENDING")
    return tf.reduce_mean(tf.cast(others[:, k - 1] >= own, scores.dtype))


@variant("top_k_error")
def error_image_by_image(scores, labels, k):
    """A loop, and a Python float."""
    wrong = 0
    for row, label in zip(np.asarray(scores), np.asarray(labels)):
        wrong += sum(value >= row[label] for other, value in enumerate(row) if other != label) >= k
    return wrong / len(scores)


@variant("top_k_error")
def error_by_ranks(scores, labels, k):
    """All pairs of classes at once: a rank for each class, the worst that ties allow."""
    rank = tf.reduce_sum(tf.cast(scores[:, None, :] >= scores[:, :, None], tf.int32), axis=2)
    mine = tf.gather(rank, labels, axis=1, batch_dims=1)
    return 1 - tf.reduce_mean(tf.cast(mine <= k, scores.dtype))


@oracle("top_k_error")
def error_of_numpy(scores, labels, k):
    scores, labels = np.asarray(scores), np.asarray(labels)
    order = np.lexsort(
        (np.arange(scores.shape[1])[None] == labels[:, None], -scores), axis=1
    )  # the right one last among equals
    return np.asarray(np.mean([label not in row[:k] for row, label in zip(order, labels)]), scores.dtype)


# ensemble


@variant("ensemble")
def ensemble_by_hand(scores):
    """Exponentials less the largest."""
    powers = tf.exp(scores - tf.reduce_max(scores, axis=-1, keepdims=True))
    return tf.reduce_mean(powers / tf.reduce_sum(powers, axis=-1, keepdims=True), axis=0)


@variant("ensemble")
def ensemble_one_by_one(scores):
    """A running sum over the networks."""
    total = tf.zeros_like(scores[0])
    for one in tf.unstack(scores):
        total += keras.activations.softmax(one)
    return total / scores.shape[0]


@variant("ensemble")
def ensemble_by_logarithms(scores):
    """log-softmax, and the exponential of it."""
    return tf.einsum("mnc->nc", tf.exp(tf.nn.log_softmax(scores))) / tf.cast(tf.shape(scores)[0], scores.dtype)


@oracle("ensemble")
def ensemble_of_keras(scores):
    kind = scores.dtype.name
    return keras.layers.Average(dtype=kind)([keras.layers.Softmax(dtype=kind)(one) for one in tf.unstack(scores)])


# layer_table


@variant("layer_table")
def table_by_cases(layers, input_shape):
    """A `match`, and Python lists at the end."""
    shape, rows = tuple(input_shape), []
    for layer in layers:
        match layer:
            case ("conv", filters, size, stride, pad, groups, bias):
                h, w = ((n + 2 * pad - size + stride) // stride for n in shape[:2])
                weights = size**2 * (shape[2] // groups) * filters
                shape, row = (h, w, filters), (weights + (filters if bias else 0), weights * h * w)
            case ("pool", size, stride, pad):
                shape = (*((n + 2 * pad - size) // stride + 1 for n in shape[:2]), shape[2])
                row = (0, 0)
            case ("batch norm",):
                row = (shape[2] * 2, 0)
            case ("dense", units):
                weights = shape[0] * shape[1] * shape[2] * units
                shape, row = (1, 1, units), (weights + units, weights)
            case _:
                row = (0, 0)
        rows.append((shape, *row))
    shapes, parameters, products = zip(*rows)
    return np.array(shapes), np.array(parameters), np.array(products)


@variant("layer_table")
def table_of_tensors(layers, input_shape):
    """int64 tensors, and sizes by counting where windows begin."""
    h, w, c = input_shape
    shapes, parameters, products = [], [], []
    for kind, *n in layers:
        p = m = 0
        if kind == "conv":
            h, w = (len(range(0, size + 2 * n[3] - n[1] + 1, n[2])) for size in (h, w))
            m = h * w * n[0] * n[1] * n[1] * c // n[4]
            p = m // (h * w) + n[0] * int(n[5])
            c = n[0]
        if kind == "pool":
            h, w = (len(range(0, size + 2 * n[2] - n[0] + 1, n[1])) for size in (h, w))
        if kind == "batch norm":
            p = c + c
        if kind == "dense":
            m = n[0] * h * w * c
            p = m + n[0]
            h = w = 1
            c = n[0]
        shapes.append([h, w, c])
        parameters.append(p)
        products.append(m)
    return [tf.constant(column, tf.int64) for column in (shapes, parameters, products)]


@variant("layer_table")
def table_by_recursion(layers, input_shape):
    """The first layer, and the table of the others."""
    if not layers:
        return np.zeros((0, 3), np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    (kind, *numbers), (h, w, c) = layers[0], input_shape
    parameters = products = 0
    if kind == "conv":
        filters, size, stride, pad, groups, bias = numbers
        h, w = int(np.floor((h + 2 * pad - size) / stride)) + 1, int(np.floor((w + 2 * pad - size) / stride)) + 1
        parameters = size * size * c * filters // groups
        c, products, parameters = filters, parameters * h * w, parameters + bias * filters
    elif kind == "pool":
        size, stride, pad = numbers
        h, w = int(np.floor((h + 2 * pad - size) / stride)) + 1, int(np.floor((w + 2 * pad - size) / stride)) + 1
    elif kind == "batch norm":
        parameters = 2 * c
    elif kind == "dense":
        products = h * w * c * numbers[0]
        h, w, c, parameters = 1, 1, numbers[0], products + numbers[0]
    rest = table_by_recursion(layers[1:], (h, w, c))
    return tuple(
        np.concatenate([np.array([own], np.int64), more]) for own, more in zip(((h, w, c), parameters, products), rest)
    )


@variant("layer_table")
def table_by_columns(layers, input_shape):
    """Shapes first, then the other two columns from pairs of neighbours."""
    shapes = [tuple(input_shape)]
    for kind, *n in layers:
        h, w, c = shapes[-1]
        window = {"conv": n[1:4], "pool": n}.get(kind)
        if window:
            size, stride, pad = window
            h, w = 1 + (h + pad + pad - size) // stride, 1 + (w + pad + pad - size) // stride
        shapes.append({"conv": (h, w, n[0] if n else 0), "dense": (1, 1, n[0] if n else 0)}.get(kind, (h, w, c)))
    weights, others, places = [], [], []
    for (kind, *n), before, after in zip(layers, shapes, shapes[1:]):
        sizes = {"conv": lambda: n[1] * n[1] * before[2] // n[4] * n[0], "dense": lambda: int(np.prod(before)) * n[0]}
        weights.append(sizes.get(kind, lambda: 0)())
        others.append(
            {"conv": lambda: n[0] * n[5], "dense": lambda: n[0], "batch norm": lambda: 2 * before[2]}.get(kind, int)()
        )
        places.append(after[0] * after[1])
    weights, others, places = (np.array(column, dtype="int64") for column in (weights, others, places))
    return np.array(shapes[1:], dtype="int64"), weights + others, weights * places


@oracle("layer_table")
def table_of_keras(layers, input_shape):
    """Keras's own shapes, without a single number in memory."""
    x = keras.Input(input_shape)
    shapes, parameters, products = [], [], []
    for kind, *n in layers:
        count = work = 0
        if kind in ("conv", "pool"):
            pad = n[3] if kind == "conv" else n[2]
            x = keras.layers.ZeroPadding2D(pad)(x) if pad else x
        if kind == "conv":
            filters, size, stride, _, groups, bias = n
            kernel = (size, size, x.shape[-1] // groups, filters)
            x = keras.KerasTensor(keras.ops.conv(x[..., : kernel[2]], keras.KerasTensor(kernel), stride, "valid").shape)
            count, work = int(np.prod(kernel)) + filters * bias, int(np.prod(kernel)) * x.shape[1] * x.shape[2]
        elif kind == "pool":
            x = keras.layers.MaxPooling2D(n[0], n[1])(x)
        elif kind == "batch norm":
            norm = keras.layers.BatchNormalization()
            norm.build(x.shape)
            count = sum(int(np.prod(w.shape)) for w in norm.trainable_weights)
        elif kind == "dense":
            x = keras.layers.Flatten()(x)
            count, work = (x.shape[-1] + 1) * n[0], x.shape[-1] * n[0]
            x = keras.KerasTensor((None, 1, 1, n[0]))
        shapes.append(x.shape[1:])
        parameters.append(count)
        products.append(work)
    return np.array(shapes), np.array(parameters), np.array(products)


# without_layers


def _weights_of(layers, input_shape):
    return [int(column.sum()) for column in layer_table(layers, input_shape)[1:]]  # noqa: F821 - the notebook's


@variant("without_layers")
def saved_by_deleting_backwards(layers, input_shape, removed):
    """From a copy, the last one first."""
    kept = list(layers)
    for position in sorted(removed, reverse=True):
        kept.pop(position)
    before, after = _weights_of(layers, input_shape), _weights_of(kept, input_shape)
    return before[0] - after[0], before[1] - after[1]


@variant("without_layers")
def saved_by_a_set(layers, input_shape, removed):
    """A set of what stays, NumPy integers at the end."""
    stays = sorted(set(range(len(layers))) - set(removed))
    _, parameters, products = layer_table([layers[i] for i in stays], input_shape)  # noqa: F821
    _, all_parameters, all_products = layer_table(layers, input_shape)  # noqa: F821
    return np.sum(all_parameters) - np.sum(parameters), np.sum(all_products) - np.sum(products)


@variant("without_layers")
def saved_by_recursion(layers, input_shape, removed):
    """One layer after the other, the positions moved along."""
    if not removed:
        return 0, 0
    position, rest = removed[0], [p - (p > removed[0]) for p in removed[1:]]
    left = [*layers[:position], *layers[position + 1 :]]
    now = [a - b for a, b in zip(_weights_of(layers, input_shape), _weights_of(left, input_shape))]
    later = saved_by_recursion(left, input_shape, rest)
    return now[0] + later[0], now[1] + later[1]


@oracle("without_layers")
def saved_by_keras(layers, input_shape, removed):
    kept = [layer for i, layer in enumerate(layers) if i not in removed]
    (_, *before), (_, *after) = table_of_keras(layers, input_shape), table_of_keras(kept, input_shape)
    return tuple(int(b.sum() - a.sum()) for b, a in zip(before, after))


# grouped_conv2d


@variant("grouped_conv2d")
def groups_by_slices(x, filters, groups, strides=1, padding="SAME"):
    """A loop over slices."""
    c, k = x.shape[-1] // groups, filters.shape[-1] // groups
    found = []
    for g in range(groups):
        piece, own = x[..., g * c : (g + 1) * c], filters[..., g * k : (g + 1) * k]
        found.append(tf.nn.conv2d(piece, own, strides=strides, padding=padding))
    return tf.concat(found, 3)


@variant("grouped_conv2d")
def groups_as_one_sparse_filter(x, filters, groups, strides=1, padding="SAME"):
    """One convolution whose filters are zero outside of their group."""
    own = filters.shape[-1] // groups
    blocks = []
    for g, piece in enumerate(tf.split(filters, groups, axis=-1)):
        before, after = g * filters.shape[2], (groups - 1 - g) * filters.shape[2]
        blocks.append(tf.pad(piece, ((0, 0), (0, 0), (before, after), (0, 0))))
    assert all(block.shape[-1] == own for block in blocks)
    return tf.nn.conv2d(x, tf.concat(blocks, axis=-1), strides, padding)


@variant("grouped_conv2d")
def groups_in_the_batch(x, filters, groups, strides=1, padding="SAME"):
    """Patches of all channels, then one product for each group."""
    kh, kw, c, out = filters.shape
    sh, sw = (strides, strides) if isinstance(strides, int) else strides
    patches = tf.image.extract_patches(x, (1, kh, kw, 1), (1, sh, sw, 1), (1, 1, 1, 1), padding)
    n, h, w, _ = patches.shape
    patches = tf.reshape(patches, (n, h, w, kh * kw, groups, c))
    weights = tf.reshape(filters, (kh * kw, c, groups, out // groups))
    return tf.reshape(tf.einsum("nhwkgc,kcgo->nhwgo", patches, weights), (n, h, w, out))


@variant("grouped_conv2d")
def groups_of_keras_ops(x, filters, groups, strides=1, padding="SAME"):
    """keras.ops on pieces."""
    ops = keras.ops
    pieces = zip(ops.split(x, groups, axis=-1), ops.split(filters, groups, axis=-1))
    return ops.concatenate([ops.conv(piece, own, strides, padding.lower()) for piece, own in pieces], axis=-1)


@oracle("grouped_conv2d")
def groups_of_keras(x, filters, groups, strides=1, padding="SAME"):
    layer = keras.layers.Conv2D(
        filters.shape[-1],
        filters.shape[:2],
        strides,
        padding.lower(),
        groups=groups,
        use_bias=False,
        dtype=x.dtype.name,
    )
    layer.build(x.shape)
    layer.kernel.assign(filters)
    return layer(x)


# build_alexnet


@variant("build_alexnet")
def alexnet_functional(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """The functional API, activations as layers."""
    n = [round(width * f) for f in (96, 256, 384, 384, 256)]
    x = inputs = keras.Input(shape=input_shape)
    x = layers.ReLU()(layers.Conv2D(n[0], (11, 11), (4, 4), "valid")(x))
    x = layers.MaxPool2D((3, 3), strides=(2, 2))(x)
    x = layers.Activation("relu")(layers.Conv2D(n[1], 5, padding="same", groups=groups)(x))
    x = layers.MaxPool2D((3, 3), strides=(2, 2))(x)
    x = layers.ReLU()(layers.Conv2D(n[2], 3, padding="same")(x))
    x = layers.ReLU()(layers.Conv2D(n[3], 3, padding="same", groups=groups)(x))
    x = layers.ReLU()(layers.Conv2D(n[4], 3, padding="same", groups=groups)(x))
    x = layers.Flatten()(layers.MaxPool2D((3, 3), strides=(2, 2))(x))
    for _ in range(2):
        x = layers.Dropout(0.5)(keras.ops.relu(layers.Dense(int(width * 4096))(x)))
    return keras.Model(inputs, layers.Dense(classes, activation="linear")(x))


@variant("build_alexnet")
def alexnet_padded_by_hand(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """NTU's pads as layers of their own."""
    model = keras.Sequential([keras.Input(input_shape)])
    for filters, size, stride, pad, g, pool in (
        (96, 11, 4, 0, 1, True), (256, 5, 1, 2, groups, True), (384, 3, 1, 1, 1, False), (384, 3, 1, 1, groups, False),
        (256, 3, 1, 1, groups, True),
    ):  # fmt: skip
        if pad:
            model.add(layers.ZeroPadding2D(pad))
        model.add(layers.Conv2D(int(width * filters), size, stride, groups=g, activation="relu"))
        if pool:
            model.add(layers.MaxPooling2D(3, 2))
    model.add(layers.Flatten())
    for _ in range(2):
        model.add(layers.Dense(int(width * 4096), "relu"))
        model.add(layers.Dropout(rate=0.5))
    model.add(layers.Dense(classes))
    return model


class SubclassedAlexNet(keras.Model):
    def __init__(self, width, classes, groups):
        super().__init__()
        self.convolutions = [
            layers.Conv2D(int(width * filters), size, stride, padding, groups=g, activation="relu")
            for filters, size, stride, padding, g in (
                (96, 11, 4, "valid", 1), (256, 5, 1, "same", groups), (384, 3, 1, "same", 1), (384, 3, 1, "same", groups),
                (256, 3, 1, "same", groups),
            )
        ]  # fmt: skip
        self.pool, self.flat, self.drop = layers.MaxPooling2D(3, 2), layers.Flatten(), layers.Dropout(0.5)
        self.hidden = [layers.Dense(int(width * 4096), activation="relu") for _ in range(2)]
        self.out = layers.Dense(classes)

    def call(self, x, training=None):
        for number, convolution in enumerate(self.convolutions):
            x = convolution(x)
            if number in (0, 1, 4):
                x = self.pool(x)
        x = self.flat(x)
        for dense in self.hidden:
            x = self.drop(dense(x), training=training)
        return self.out(x)


@variant("build_alexnet")
def alexnet_by_subclassing(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """A subclass, one pooling and one dropout layer called several times."""
    return SubclassedAlexNet(width, classes, groups)


# build_vgg


@variant("build_vgg")
def vgg_functional(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The functional API; the number of filters is doubled up to 512."""
    x = inputs = keras.Input(input_shape)
    filters = 64
    for count in VGG_STAGES[depth]:  # noqa: F821 - the notebook's
        for _ in range(count):
            x = keras.ops.relu(layers.Conv2D(int(width * filters), (3, 3), padding="same")(x))
        x = layers.MaxPooling2D((2, 2), (2, 2))(x)
        filters = min(2 * filters, 512)
    x = layers.Reshape((-1,))(x)
    x = layers.Dropout(0.5)(layers.Dense(int(width * 4096), activation="relu")(x))
    x = layers.Dropout(0.5)(layers.Dense(int(width * 4096), activation="relu")(x))
    return keras.Model(inputs, layers.Dense(classes)(x))


@variant("build_vgg")
def vgg_of_stages(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """Models in a model: one for each stage, and one for the head."""
    model = keras.Sequential([keras.Input(input_shape)], name="vgg")
    for number, (count, filters) in enumerate(zip(VGG_STAGES[depth], (64, 128, 256, 512, 512)), 1):  # noqa: F821
        stage = keras.Sequential(name=f"stage_{number}")
        for _ in range(count):
            stage.add(layers.Conv2D(int(width * filters), 3, padding="same", activation=keras.activations.relu))
        stage.add(layers.MaxPooling2D())
        model.add(stage)
    units = int(width * 4096)
    head = [layers.Flatten()]
    for _ in range(2):
        head += [layers.Dense(units, "relu"), layers.Dropout(0.5)]
    model.add(keras.Sequential([*head, layers.Dense(classes)], name="head"))
    return model


@variant("build_vgg")
def vgg_as_one_list(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """A list of numbers and "M", as papers print it; ReLU layers."""
    plan = [x for n, f in zip(VGG_STAGES[depth], (64, 128, 256, 512, 512)) for x in [f] * n + ["M"]]  # noqa: F821
    found = [keras.Input(input_shape)]
    for item in plan:
        if item == "M":
            found.append(layers.MaxPooling2D(2, 2))
        else:
            found += [layers.Conv2D(int(width * item), 3, padding="same"), layers.ReLU()]
    found.append(layers.Flatten())
    for _ in "67":
        found += [layers.Dense(int(width * 4096)), layers.ReLU(), layers.Dropout(0.5)]
    return keras.Sequential([*found, layers.Dense(classes)])


# inception_block


@variant("inception_block")
def inception_of_keras_ops(x, weights):
    """keras.ops all the way."""
    ops = keras.ops

    def conv(x, w):
        return ops.relu(ops.conv(x, w, padding="same"))

    one, a, b, c, d, pooled = weights
    paths = [conv(x, one), conv(conv(x, a), b), conv(conv(x, c), d), conv(ops.max_pool(x, 3, 1, "same"), pooled)]
    return ops.concatenate(paths, axis=-1)


@variant("inception_block")
def inception_reduced_at_once(x, weights):
    """The three 1x1 convolutions of x are one, cut up afterwards."""
    one, a, b, c, d, pooled = weights
    sizes = [w.shape[-1] for w in (one, a, c)]
    first, threes, fives = tf.split(tf.nn.relu(tf.nn.conv2d(x, tf.concat([one, a, c], -1), 1, "SAME")), sizes, axis=-1)
    high = tf.nn.max_pool(x, ksize=3, strides=1, padding="SAME")
    rest = [tf.nn.conv2d(y, w, 1, "SAME") for y, w in ((threes, b), (fives, d), (high, pooled))]
    return tf.concat([first, tf.nn.relu(tf.concat(rest, axis=-1))], axis=-1)


@variant("inception_block")
def inception_by_a_table(x, weights):
    """Paths as lists of steps; 1x1 convolutions as products; the maximum as a maximum of shifted maps."""
    one, a, b, c, d, pooled = weights

    def conv(x, w):
        y = tf.einsum("nhwc,co->nhwo", x, w[0, 0]) if w.shape[:2] == (1, 1) else tf.nn.convolution(x, w, padding="SAME")
        return tf.maximum(y, 0)

    h, w = x.shape[1:3]
    padded = tf.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=x.dtype.min)
    high = tf.reduce_max(tf.stack([padded[:, i : i + h, j : j + w] for i in range(3) for j in range(3)]), axis=0)
    found = []
    for start, steps in ((x, [one]), (x, [a, b]), (x, [c, d]), (high, [pooled])):
        for step in steps:
            start = conv(start, step)
        found.append(start)
    return tf.concat(found, -1)


@variant("inception_block")
def inception_in_a_graph(x, weights):
    """Traced."""

    @tf.function
    def block(x, one, a, b, c, d, pooled):
        def conv(x, w):
            return tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME"))

        return tf.concat(
            [conv(x, one), conv(conv(x, a), b), conv(conv(x, c), d), conv(tf.nn.max_pool2d(x, 3, 1, "SAME"), pooled)], 3
        )

    return block(x, *weights)


def _layer(x, w, strides=1, padding="same", activation=None):
    """keras.layers.Conv2D with given weights."""
    conv = keras.layers.Conv2D(
        w.shape[-1], tuple(w.shape[:2]), strides, padding, groups=x.shape[-1] // w.shape[2], use_bias=False,
        activation=activation, dtype=x.dtype.name,
    )  # fmt: skip
    conv.build(x.shape)
    conv.kernel.assign(w)
    return conv(x)


@oracle("inception_block")
def inception_of_keras(x, weights):
    one, a, b, c, d, pooled = weights
    high = keras.layers.MaxPooling2D(3, 1, "same", dtype=x.dtype.name)(x)
    paths = [_layer(x, one, activation="relu")]
    for start, steps in ((x, (a, b)), (x, (c, d)), (high, (pooled,))):
        for w in steps:
            start = _layer(start, w, activation="relu")
        paths.append(start)
    return keras.layers.Concatenate(dtype=x.dtype.name)(paths)


# factorized


@variant("factorized")
def composed_by_a_convolution(first, second):
    """The first filters as images, convolved (truly) with the second: transposed convolution without its frame."""
    sh, sw, _, _ = second.shape
    images = tf.pad(tf.transpose(first, (2, 0, 1, 3)), ((0, 0), (sh - 1, sh - 1), (sw - 1, sw - 1), (0, 0)))
    both = tf.nn.conv2d(images, second[::-1, ::-1], 1, "VALID")
    share = (tf.size(first) + tf.size(second)) / tf.size(both)
    return tf.transpose(both, (1, 2, 0, 3)), tf.cast(share, first.dtype)


@variant("factorized")
def composed_from_impulses(first, second):
    """What comes out where one pixel is 1: the filter, turned round."""
    (fh, fw, c_in, _), (sh, sw, _, _) = first.shape, second.shape
    h, w = fh + sh - 1, fw + sw - 1
    impulses = tf.reshape(tf.eye(h * w * c_in, dtype=first.dtype), (h * w * c_in, h, w, c_in))
    out = tf.nn.conv2d(tf.nn.conv2d(impulses, first, 1, "VALID"), second, 1, "VALID")
    both = tf.reshape(out, (h, w, c_in, -1))
    count = [int(np.prod(a.shape)) for a in (first, second, both)]
    return both, (count[0] + count[1]) / count[2]


@variant("factorized")
def composed_by_loops(first, second):
    """One pair of offsets after the other, into a list of lists."""
    (fh, fw, c_in, _), (sh, sw, _, c_out) = first.shape, second.shape
    grid = [[[tf.zeros((c_in, c_out), first.dtype)] for _ in range(fw + sw - 1)] for _ in range(fh + sh - 1)]
    for u in range(fh):
        for v in range(fw):
            for p in range(sh):
                for q in range(sw):
                    grid[u + p][v + q].append(first[u, v] @ second[p, q])
    both = tf.stack([tf.stack([tf.add_n(terms) for terms in row]) for row in grid])
    return both, float(np.prod(first.shape) + np.prod(second.shape)) / float(np.prod(both.shape))


@oracle("factorized")
def composed_by_numpy(first, second):
    a, b = np.asarray(first), np.asarray(second)
    both = np.zeros((a.shape[0] + b.shape[0] - 1, a.shape[1] + b.shape[1] - 1, a.shape[2], b.shape[3]), a.dtype)
    for u, v in np.ndindex(a.shape[:2]):
        for p, q in np.ndindex(b.shape[:2]):
            both[u + p, v + q] += a[u, v] @ b[p, q]
    return both, (a.size + b.size) / both.size


# build_googlenet


@variant("build_googlenet")
def googlenet_of_relu_layers(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """ReLUs as layers, settings by name, the paths built from the last to the first."""

    def conv(filters, size, strides=1):
        def apply(x):
            y = layers.Conv2D(filters=int(width * filters), kernel_size=(size, size), strides=strides, padding="same")(
                x
            )
            return layers.Activation("relu")(y)

        return apply

    down = [layers.MaxPooling2D((3, 3), (2, 2), padding="same") for _ in range(9)]
    inputs = keras.Input(input_shape)
    x = down.pop()(conv(64, 7, 2)(inputs))
    x = down.pop()(conv(192, 3)(conv(64, 1)(x)))
    for block in blocks:
        if block == "pool":
            x = down.pop()(x)
        else:
            n = list(block)
            fourth = conv(n[5], 1)(layers.MaxPool2D(3, strides=1, padding="same")(x))
            third = conv(n[4], 5)(conv(n[3], 1)(x))
            second = conv(n[2], 3)(conv(n[1], 1)(x))
            x = layers.concatenate([conv(n[0], 1)(x), second, third, fourth])
    x = layers.Dropout(0.4)(keras.ops.mean(x, axis=(1, 2)))
    return keras.Model(inputs, layers.Dense(classes)(x))


@variant("build_googlenet")
def googlenet_of_models(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """Each block is a model of its own."""

    def conv(x, filters, size, strides=1):
        return layers.Conv2D(int(width * filters), size, strides, padding="same", activation="relu")(x)

    def block_of(shape, one, a, b, c, d, e):
        x = keras.Input(shape)
        pooled = layers.MaxPooling2D(3, 1, padding="same")(x)
        paths = [conv(x, one, 1), conv(conv(x, a, 1), b, 3), conv(conv(x, c, 1), d, 5), conv(pooled, e, 1)]
        return keras.Model(x, layers.Concatenate(axis=-1)(paths))

    x = inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(3, 2, padding="same")(conv(x, 64, 7, 2))
    x = layers.MaxPooling2D(3, 2, padding="same")(conv(conv(x, 64, 1), 192, 3))
    for block in blocks:
        x = layers.MaxPooling2D(3, 2, padding="same")(x) if block == "pool" else block_of(x.shape[1:], *block)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(classes)(layers.Dropout(0.4)(x)))


class SubclassedInception(keras.Model):
    def __init__(self, width, classes, blocks):
        super().__init__()

        def conv(filters, size, strides=1):
            return layers.Conv2D(int(width * filters), size, strides, "same", activation="relu")

        self.stem = [
            conv(64, 7, 2),
            layers.MaxPooling2D(3, 2, "same"),
            conv(64, 1),
            conv(192, 3),
            layers.MaxPooling2D(3, 2, "same"),
        ]
        self.made = []
        for b in blocks:
            if b == "pool":
                self.made.append([layers.MaxPooling2D(3, 2, "same")])
            else:
                self.made.append([conv(b[0], 1), conv(b[1], 1), conv(b[2], 3), conv(b[3], 1), conv(b[4], 5),
                                  layers.MaxPooling2D(3, 1, "same"), conv(b[5], 1)])  # fmt: skip
        self.average, self.drop, self.out = layers.GlobalAveragePooling2D(), layers.Dropout(0.4), layers.Dense(classes)

    def call(self, x, training=None):
        for layer in self.stem:
            x = layer(x)
        for made in self.made:
            if len(made) == 1:
                x = made[0](x)
                continue
            one, a, b, c, d, pool, e = made
            x = keras.ops.concatenate([one(x), b(a(x)), d(c(x)), e(pool(x))], axis=-1)
        return self.out(self.drop(self.average(x), training=training))


@variant("build_googlenet")
def googlenet_by_subclassing(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """A subclass, with the concatenation of keras.ops."""
    return SubclassedInception(width, classes, blocks)


# gradient_norms


@variant("gradient_norms")
def norms_by_hand(x, weights, dy, residual):
    """Backpropagation layer by layer, without a tape over the chain."""
    seen = [x]
    for w in weights:
        path = tf.nn.relu(tf.nn.conv2d(seen[-1], w, 1, "SAME"))
        seen.append(seen[-1] + path if residual else path)
    norms = []
    for w, h in list(zip(tf.unstack(weights), seen))[::-1]:
        with tf.GradientTape() as tape:
            tape.watch([h, w])
            path = tf.nn.relu(tf.nn.conv2d(h, w, 1, "SAME"))
            out = h + path if residual else path
        dy, gradient = tape.gradient(out, [h, w], output_gradients=dy)
        norms.append(tf.norm(gradient))
    return tf.stack(norms[::-1])


@variant("gradient_norms")
def norms_of_a_scalar(x, weights, dy, residual):
    """The sum of dy times the output, differentiated with respect to a list."""
    filters = tf.unstack(weights)
    with tf.GradientTape() as tape:
        tape.watch(filters)
        h = x
        for w in filters:
            h = tf.cast(residual, h.dtype) * h + keras.ops.relu(keras.ops.conv(h, w, padding="same"))
        loss = tf.reduce_sum(dy * h)
    return tf.convert_to_tensor([tf.sqrt(tf.reduce_sum(tf.square(g))) for g in tape.gradient(loss, filters)])


@variant("gradient_norms")
def norms_in_a_graph(x, weights, dy, residual):
    """tf.gradients in a traced function."""

    @tf.function
    def gradient(x, weights, dy):
        h = x
        for i in range(weights.shape[0]):
            path = tf.nn.relu(tf.nn.conv2d(h, weights[i], [1, 1, 1, 1], "SAME"))
            h = tf.add(h, path) if residual else path
        return tf.gradients(h, weights, grad_ys=dy)[0]

    flat = tf.reshape(gradient(x, weights, dy), (weights.shape[0], -1))
    return tf.linalg.norm(flat, axis=1)


@oracle("gradient_norms")
def norms_of_keras(x, weights, dy, residual):
    kind, parts = x.dtype.name, []
    h = inputs = keras.Input(x.shape[1:], dtype=kind)
    for w in weights:
        conv = keras.layers.Conv2D(
            w.shape[-1], tuple(w.shape[:2]), padding="same", activation="relu", use_bias=False, dtype=kind
        )
        path = conv(h)
        conv.kernel.assign(w)
        parts.append(conv.kernel)
        h = keras.layers.Add(dtype=kind)([h, path]) if residual else path
    model = keras.Model(inputs, h)
    with tf.GradientTape() as tape:
        out = model(x)
    gradients = tape.gradient(out, [part.value for part in parts], output_gradients=dy)
    return tf.stack([tf.norm(g) for g in gradients])


# residual_block


@variant("residual_block")
def residual_of_keras_ops(x, weights, stride=1, option="B"):
    """keras.ops; the question asked before anything is computed."""
    ops = keras.ops
    first, second, projection = weights
    same = stride == 1 and x.shape[-1] == first.shape[-1] and option != "C"
    y = ops.conv(ops.relu(ops.conv(x, first, stride, "same")), second, padding="same")
    return ops.relu(ops.add(x if same else ops.conv(x, projection, stride, "same"), y))


@variant("residual_block")
def residual_projected_by_a_product(x, weights, stride=1, option="B"):
    """The projection as a product on every stride-th pixel."""
    first, second, projection = weights
    y = tf.nn.conv2d(tf.maximum(tf.nn.conv2d(x, first, stride, "SAME"), 0), second, 1, "SAME")
    if option == "C" or x.shape[1:] != y.shape[1:]:
        x = tf.tensordot(x[:, ::stride, ::stride], projection[0, 0], axes=1)
    return tf.maximum(x + y, 0)


@variant("residual_block")
def residual_in_a_graph(x, weights, stride=1, option="B"):
    """Traced, with lists of four strides."""

    @tf.function
    def block(x, first, second, projection):
        steps = [1, stride, stride, 1]
        path = tf.nn.relu(tf.nn.conv2d(x, first, steps, "SAME"))
        path = tf.nn.conv2d(path, second, [1, 1, 1, 1], "SAME")
        if option == "B" and path.shape[1:] == x.shape[1:]:
            return tf.nn.relu(path + x)
        return tf.nn.relu(path + tf.nn.conv2d(x, projection, steps, "SAME"))

    return block(x, *weights)


@variant("residual_block")
def residual_joined_in_one_convolution(x, weights, stride=1, option="B"):
    """Path and shortcut side by side, summed by stacking."""
    first, second, projection = weights
    path = tf.nn.convolution(tf.nn.relu(tf.nn.convolution(x, first, stride, "SAME")), second, padding="SAME")
    must = option == "C" or stride > 1 or first.shape[2] != first.shape[3]
    aside = tf.nn.convolution(x, projection, stride, "SAME") if must else tf.identity(x)
    return tf.nn.relu(tf.reduce_sum(tf.stack([path, aside]), axis=0))


@oracle("residual_block")
def residual_of_keras(x, weights, stride=1, option="B"):
    first, second, projection = weights
    y = _layer(_layer(x, first, stride, activation="relu"), second)
    if option == "C" or y.shape != x.shape:
        x = _layer(x, projection, stride)
    kind = x.dtype.name
    return keras.layers.ReLU(dtype=kind)(keras.layers.Add(dtype=kind)([x, y]))


# bottleneck_block


@variant("bottleneck_block")
def bottleneck_of_keras_ops(x, weights, stride=1, stride_on="3x3", groups=1):
    """keras.ops, the groups one after the other."""
    ops = keras.ops
    reduce, middle, expand, projection = weights
    y = ops.relu(ops.conv(x, reduce, stride if stride_on == "1x1" else 1, "same"))
    pieces = zip(ops.split(y, groups, axis=-1), ops.split(middle, groups, axis=-1))
    y = ops.concatenate([ops.conv(p, w, stride if stride_on == "3x3" else 1, "same") for p, w in pieces], axis=-1)
    y = ops.conv(ops.relu(y), expand, padding="same")
    if x.shape != y.shape:
        x = ops.conv(x, projection, stride, "same")
    return ops.relu(x + y)


@variant("bottleneck_block")
def bottleneck_of_products(x, weights, stride=1, stride_on="3x3", groups=1):
    """1x1 convolutions as products on every stride-th pixel."""
    reduce, middle, expand, projection = weights
    steps = {"1x1": 1, "3x3": 1} | {stride_on: stride}
    y = tf.nn.relu(x[:, :: steps["1x1"], :: steps["1x1"]] @ reduce[0, 0])
    y = tf.nn.relu(grouped_conv2d(y, middle, groups, steps["3x3"], "SAME"))  # noqa: F821 - the notebook's
    y = tf.einsum("nhwc,co->nhwo", y, expand[0, 0])
    keep = stride == 1 and x.shape[-1] == y.shape[-1]
    return tf.nn.relu(y + (x if keep else x[:, ::stride, ::stride] @ projection[0, 0]))


@variant("bottleneck_block")
def bottleneck_in_a_loop(x, weights, stride=1, stride_on="3x3", groups=1):
    """The path as a loop over its three convolutions."""
    *path, projection = weights
    strides = [stride, 1, 1] if stride_on == "1x1" else [1, stride, 1]
    y = x
    for number, (filters, step) in enumerate(zip(path, strides)):
        y = tf.nn.relu(y) if number else y
        g = groups if number == 1 else 1
        parts = [tf.nn.conv2d(a, b, step, "SAME") for a, b in zip(tf.split(y, g, -1), tf.split(filters, g, -1))]
        y = tf.concat(parts, axis=-1)
    identity = y.shape == x.shape
    return tf.nn.relu((x if identity else tf.nn.conv2d(x, projection, stride, "SAME")) + y)


@variant("bottleneck_block")
def bottleneck_in_a_graph(x, weights, stride=1, stride_on="3x3", groups=1):
    """Traced; groups as one sparse filter."""

    @tf.function
    def block(x, reduce, middle, expand, projection):
        first, second = {"1x1": (stride, 1), "3x3": (1, stride)}[stride_on]
        y = tf.nn.relu(tf.nn.conv2d(x, reduce, first, "SAME"))
        y = tf.nn.relu(groups_as_one_sparse_filter(y, middle, groups, second))
        y = tf.nn.conv2d(y, expand, 1, "SAME")
        aside = x if y.shape == x.shape else tf.nn.conv2d(x, projection, stride, "SAME")
        return tf.nn.relu(tf.add_n([y, aside]))

    return block(x, *weights)


@oracle("bottleneck_block")
def bottleneck_of_keras(x, weights, stride=1, stride_on="3x3", groups=1):
    reduce, middle, expand, projection = weights
    y = _layer(x, reduce, stride if stride_on == "1x1" else 1, activation="relu")
    y = _layer(y, middle, stride if stride_on == "3x3" else 1, activation="relu")
    y = _layer(y, expand)
    if y.shape != x.shape:
        x = _layer(x, projection, stride)
    kind = x.dtype.name
    return keras.layers.ReLU(dtype=kind)(keras.layers.Add(dtype=kind)([x, y]))


# build_resnet, build_resnext, build_senet


def _unit(x, filters, size, strides=1, groups=1, activation=True):
    x = layers.Conv2D(filters, size, strides=strides, padding="same", groups=groups, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation("relu")(x) if activation else x


def _blocks(depth):
    kind, stages = RESNET_STAGES[depth]  # noqa: F821 - the notebook's
    return kind, [(stage, not number and stage > 0) for stage, count in enumerate(stages) for number in range(count)]


@variant("build_resnet")
def resnet_from_a_list(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """A list of (stage, whether it begins), and the shortcut before the path."""
    kind, blocks = _blocks(depth)
    inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(3, 2, padding="same")(_unit(inputs, int(64 * width), 7, 2))
    for stage, begins in blocks:
        stride, out = 2 if begins else 1, int(64 * width) * 2**stage * (1 if kind == "basic" else 4)
        shortcut = x
        if begins or x.shape[-1] != out:
            shortcut = _unit(x, out, 1, stride, activation=False)
        if kind == "basic":
            x = _unit(_unit(x, out, 3, stride), out, 3, activation=False)
        else:
            narrow = int(width * inner) * 2**stage
            x = _unit(x, narrow, 1, stride if stride_on == "1x1" else 1)
            x = _unit(x, narrow, 3, stride if stride_on == "3x3" else 1, groups)
            x = _unit(x, out, 1, activation=False)
        if gate is not None:
            x = gate(x)
        x = layers.Activation("relu")(layers.add([shortcut, x]))
    return keras.Model(inputs, layers.Dense(classes)(layers.GlobalAveragePooling2D()(x)))


@variant("build_resnet")
def resnet_of_keras_ops(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """ReLU, sum and mean from keras.ops."""
    ops = keras.ops
    kind, blocks = _blocks(depth)

    def normalized(x, *settings, g=1):
        return layers.BatchNormalization()(layers.Conv2D(*settings, padding="same", groups=g, use_bias=False)(x))

    x = inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D((3, 3), strides=2, padding="same")(ops.relu(normalized(x, int(width * 64), 7, 2)))
    for stage, begins in blocks:
        s = 1 + begins
        k = int(width * 64) * 2**stage
        if kind == "basic":
            path = normalized(ops.relu(normalized(x, k, 3, s)), k, 3, 1)
        else:
            m = int(width * inner) * 2**stage
            path = ops.relu(normalized(x, m, 1, s if stride_on == "1x1" else 1))
            path = ops.relu(normalized(path, m, 3, 1 if stride_on == "1x1" else s, g=groups))
            path = normalized(path, 4 * k, 1, 1)
        path = gate(path) if gate else path
        x = ops.relu((x if path.shape == x.shape else normalized(x, path.shape[-1], 1, s)) + path)
    return keras.Model(inputs, layers.Dense(classes)(ops.mean(x, axis=[1, 2])))


@variant("build_resnet")
def resnet_of_models(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """Each block is a model of its own."""
    kind, blocks = _blocks(depth)

    def block(shape, stage, stride):
        x = inputs = keras.Input(shape)
        out = int(width * 64) * 2**stage * (4 if kind == "bottleneck" else 1)
        if kind == "basic":
            y = _unit(_unit(x, out, 3, stride), out, 3, activation=False)
        else:
            m = int(width * inner) * 2**stage
            strides = (stride, 1) if stride_on == "1x1" else (1, stride)
            y = _unit(_unit(_unit(x, m, 1, strides[0]), m, 3, strides[1], groups), out, 1, activation=False)
        y = gate(y) if gate else y
        if y.shape != x.shape:
            x = _unit(x, out, 1, stride, activation=False)
        return keras.Model(inputs, layers.ReLU()(layers.Add()([y, x])))

    model = keras.Sequential([keras.Input(input_shape)])
    model.add(layers.Conv2D(int(width * 64), 7, 2, padding="same", use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.ReLU())
    model.add(layers.MaxPooling2D(3, 2, padding="same"))
    for stage, begins in blocks:
        model.add(block(model.output_shape[1:], stage, 2 if begins else 1))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(classes))
    return model


class SubclassedResNet(keras.Model):
    """Layers are made in `__init__`, from the numbers of channels alone."""

    def __init__(self, depth, width, classes, stride_on, groups, inner, gate):
        super().__init__()
        kind, blocks = _blocks(depth)
        channels = int(width * 64)
        self.stem = self.unit(channels, 7, 2)
        self.pool, self.average, self.out = (
            layers.MaxPooling2D(3, 2, "same"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(classes),
        )
        self.gate, self.paths, self.shortcuts = gate, [], []
        for stage, begins in blocks:
            s, k, m = 1 + begins, int(width * 64) * 2**stage, int(width * inner) * 2**stage
            first, second = (s, 1) if stride_on == "1x1" else (1, s)
            if kind == "basic":
                self.paths.append([self.unit(k, 3, s), self.unit(k, 3)])
            else:
                k *= 4
                self.paths.append([self.unit(m, 1, first), self.unit(m, 3, second, groups), self.unit(k, 1)])
            self.shortcuts.append(None if channels == k and s == 1 else self.unit(k, 1, s))
            channels = k

    @staticmethod
    def unit(filters, size, strides=1, groups=1):
        return [
            layers.Conv2D(filters, size, strides, "same", groups=groups, use_bias=False),
            layers.BatchNormalization(),
        ]

    def apply(self, unit, x, training):
        return unit[1](unit[0](x), training=training)

    def call(self, x, training=None):
        relu = keras.ops.relu
        x = self.pool(relu(self.apply(self.stem, x, training)))
        for path, shortcut in zip(self.paths, self.shortcuts):
            y = x
            for number, unit in enumerate(path):
                y = self.apply(unit, relu(y) if number else y, training)
            y = self.gate(y) if self.gate else y
            x = relu(y + (self.apply(shortcut, x, training) if shortcut else x))
        return self.out(self.average(x))


@variant("build_resnet")
def resnet_by_subclassing(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """A subclass."""
    return SubclassedResNet(depth, width, classes, stride_on, groups, inner, gate)


@variant("build_resnext")
def resnext_from_a_list(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The other ResNet, by position."""
    return resnet_from_a_list(depth, width, classes, input_shape, "3x3", int(32 * width), 128)


@variant("build_resnext")
def resnext_of_keras_ops(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """Another one yet."""
    return resnet_of_keras_ops(depth, width, classes, input_shape, groups=round(32 * width), inner=2 * 64)


@variant("build_resnext")
def resnext_by_subclassing(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """A subclass."""
    return SubclassedResNet(depth, width, classes, "3x3", int(width * 32), 128, None)


@variant("build_senet")
def senet_of_convolutions(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """The dense layers as 1x1 convolutions of one pixel."""

    def gate(x):
        c = x.shape[-1]
        e = layers.GlobalAveragePooling2D(keepdims=True)(x)
        e = layers.Conv2D(c // ratio, 1, activation="relu")(e)
        return layers.multiply([layers.Conv2D(c, 1, activation="sigmoid")(e), x])

    return resnet_from_a_list(depth, width, classes, input_shape, gate=gate)


@variant("build_senet")
def senet_of_vectors(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """Vectors, reshaped at the end; activations as layers."""

    def gate(x):
        e = layers.Dense(x.shape[-1] // ratio)(layers.GlobalAveragePooling2D()(x))
        e = layers.Dense(x.shape[-1])(layers.ReLU()(e))
        e = layers.Reshape((1, 1, -1))(layers.Activation("sigmoid")(e))
        return layers.Multiply()([x, e])

    return resnet_of_models(depth, width, classes, input_shape, gate=gate)


@variant("build_senet")
def senet_of_keras_ops(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """keras.ops around the dense layers."""
    ops = keras.ops

    def gate(x):
        channels = x.shape[-1]
        e = ops.mean(x, axis=(1, 2), keepdims=True)
        e = ops.relu(layers.Dense(channels // ratio)(e))
        return x * ops.sigmoid(layers.Dense(channels)(e))

    return resnet_of_keras_ops(depth, width, classes, input_shape, gate=gate)


# dense_block


@variant("dense_block")
def dense_of_a_list(x, weights):
    """All outputs in a list that is concatenated for every layer."""
    found = [x]
    for filters in weights:
        found.append(tf.nn.conv2d(tf.nn.relu(tf.concat(found, axis=-1)), filters, 1, "SAME"))
    return tf.concat(found, axis=-1)


@variant("dense_block")
def dense_by_recursion(x, weights):
    """One layer, then the rest."""
    if not weights:
        return x
    new = keras.ops.conv(keras.ops.relu(x), weights[0], padding="same")
    return dense_by_recursion(keras.ops.concatenate([x, new], axis=-1), weights[1:])


@variant("dense_block")
def dense_activated_once(x, weights):
    """The activated channels are kept beside the plain ones, so each is activated once."""
    plain, active = [x], [tf.nn.relu(x)]
    for filters in weights:
        parts = tf.split(filters, [a.shape[-1] for a in active], axis=2)
        new = tf.add_n([tf.nn.conv2d(a, part, 1, "SAME") for a, part in zip(active, parts)])
        plain.append(new)
        active.append(tf.maximum(new, tf.zeros([], new.dtype)))
    return tf.concat(plain, 3)


@variant("dense_block")
def dense_in_a_graph(x, weights):
    """Traced."""

    @tf.function
    def block(x, *weights):
        for filters in weights:
            x = tf.concat((x, tf.nn.convolution(tf.nn.relu(x), filters, padding="SAME")), -1)
        return x

    return block(x, *weights)


@oracle("dense_block")
def dense_of_keras(x, weights):
    kind = x.dtype.name
    for filters in weights:
        new = _layer(keras.layers.ReLU(dtype=kind)(x), filters)
        x = keras.layers.Concatenate(dtype=kind)([x, new])
    return x


# build_densenet


@variant("build_densenet")
def densenet_of_a_list(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """A growing list of outputs, concatenated for every layer."""
    k = int(32 * width)

    def unit(x, filters, size):
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        return layers.Conv2D(filters, size, padding="same", use_bias=False)(x)

    inputs = keras.Input(input_shape)
    x = layers.Conv2D(int(64 * width), 7, strides=2, padding="same", use_bias=False)(inputs)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(layers.ReLU()(layers.BatchNormalization()(x)))
    stages = DENSENET_STAGES[depth]  # noqa: F821 - the notebook's
    for number, count in enumerate(stages, 1):
        found = [x]
        for _ in range(count):
            seen = layers.Concatenate()(found) if len(found) > 1 else x
            found.append(unit(unit(seen, 4 * k, 1), k, 3))
        x = layers.Concatenate()(found)
        if number < len(stages):
            x = layers.AveragePooling2D(2, 2, "same")(unit(x, x.shape[-1] // 2, 1))
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(layers.BatchNormalization()(x)))
    return keras.Model(inputs, layers.Dense(classes)(x))


@variant("build_densenet")
def densenet_of_keras_ops(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """keras.ops; the number of channels is counted along."""
    ops = keras.ops

    def unit(x, filters, size):
        return layers.Conv2D(filters, size, padding="same", use_bias=False)(ops.relu(layers.BatchNormalization()(x)))

    growth, channels = round(width * 32), round(width * 64)
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(channels, (7, 7), (2, 2), padding="same", use_bias=False)(inputs)
    x = layers.MaxPool2D((3, 3), (2, 2), padding="same")(ops.relu(layers.BatchNormalization()(x)))
    first, *others = DENSENET_STAGES[depth]  # noqa: F821
    for stage, count in enumerate((first, *others)):
        if stage:
            channels //= 2
            x = layers.AveragePooling2D(2, padding="same")(unit(x, channels, 1))
        for _ in range(count):
            x = ops.concatenate([x, unit(unit(x, 4 * growth, 1), growth, 3)], axis=-1)
            channels += growth
    x = ops.mean(ops.relu(layers.BatchNormalization()(x)), axis=(1, 2))
    return keras.Model(inputs, layers.Dense(classes)(x))


@variant("build_densenet")
def densenet_of_models(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """Each layer of a dense block is a model of its own."""
    growth = int(width * 32)

    def layer(shape):
        x = keras.Input(shape)
        y = x
        for filters, size in ((4 * growth, 1), (growth, 3)):
            y = layers.Conv2D(filters, size, padding="same", use_bias=False)(
                layers.ReLU()(layers.BatchNormalization()(y))
            )
        return keras.Model(x, layers.Concatenate()([x, y]))

    model = keras.Sequential([keras.Input(input_shape)])
    model.add(layers.Conv2D(int(width * 64), 7, 2, padding="same", use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.ReLU())
    model.add(layers.MaxPooling2D(3, 2, padding="same"))
    for stage, count in enumerate(DENSENET_STAGES[depth]):  # noqa: F821
        if stage:
            half = model.output_shape[-1] // 2
            for made in (
                layers.BatchNormalization(),
                layers.ReLU(),
                layers.Conv2D(half, 1, use_bias=False),
                layers.AveragePooling2D(2, padding="same"),
            ):
                model.add(made)
        for _ in range(count):
            model.add(layer(model.output_shape[1:]))
    for made in (layers.BatchNormalization(), layers.ReLU(), layers.GlobalAveragePooling2D(), layers.Dense(classes)):
        model.add(made)
    return model


# squeeze_excite


@variant("squeeze_excite")
def gate_of_keras_ops(x, w1, b1, w2, b2):
    """keras.ops."""
    ops = keras.ops
    s = ops.mean(x, axis=(1, 2), keepdims=True)
    e = ops.sigmoid(ops.matmul(ops.relu(ops.matmul(s, w1) + b1), w2) + b2)
    return ops.multiply(e, x)


@variant("squeeze_excite")
def gate_of_convolutions(x, w1, b1, w2, b2):
    """1x1 convolutions of one pixel."""
    s = tf.nn.avg_pool2d(x, x.shape[1:3], 1, "VALID")
    hidden = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(s, w1[None, None], 1, "VALID"), b1))
    return x * tf.nn.sigmoid(tf.nn.bias_add(tf.nn.conv2d(hidden, w2[None, None], 1, "VALID"), b2))


@variant("squeeze_excite")
def gate_by_einsum(x, w1, b1, w2, b2):
    """Sums of products; the sigmoid by an exponential."""
    s = tf.einsum("nhwc->nc", x) / tf.cast(x.shape[1] * x.shape[2], x.dtype)
    e = tf.einsum("nu,uc->nc", tf.maximum(tf.einsum("nc,cu->nu", s, w1) + b1, 0), w2) + b2
    return tf.einsum("nhwc,nc->nhwc", x, 0.5 * (1 + tf.tanh(e / 2)))


@variant("squeeze_excite")
def gate_image_by_image(x, w1, b1, w2, b2):
    """One image after the other."""
    found = []
    for image in tf.unstack(x):
        s = tf.reduce_mean(tf.reshape(image, (-1, image.shape[-1])), axis=0)
        e = tf.linalg.matvec(w2, tf.nn.relu(tf.linalg.matvec(w1, s, transpose_a=True) + b1), transpose_a=True) + b2
        found.append(image * tf.sigmoid(e))
    return tf.stack(found)


@oracle("squeeze_excite")
def gate_of_keras(x, w1, b1, w2, b2):
    kind = x.dtype.name
    e = keras.layers.GlobalAveragePooling2D(keepdims=True, dtype=kind)(x)
    for w, b, activation in ((w1, b1, "relu"), (w2, b2, "sigmoid")):
        dense = keras.layers.Dense(w.shape[-1], activation=activation, dtype=kind)
        dense.build(e.shape)
        dense.kernel.assign(w)
        dense.bias.assign(b)
        e = dense(e)
    return keras.layers.Multiply(dtype=kind)([x, e])


# inception_resnet_block


@variant("inception_resnet_block")
def inception_resnet_of_keras_ops(x, weights, scale=1.0):
    """keras.ops."""
    ops = keras.ops

    def conv(x, w):
        return ops.conv(x, w, padding="same")

    one, a, b, c, d, e, up = weights
    first, second = ops.relu(conv(x, one)), ops.relu(conv(ops.relu(conv(x, a)), b))
    third = ops.relu(conv(ops.relu(conv(ops.relu(conv(x, c)), d)), e))
    return ops.relu(x + conv(ops.concatenate([first, second, third], -1), up) * scale)


@variant("inception_resnet_block")
def inception_resnet_without_concatenation(x, weights, scale=1.0):
    """The last convolution is cut into three, one for each path, and their results are summed."""
    one, a, b, c, d, e, up = weights
    total = x
    cuts = tf.split(up, [one.shape[-1], b.shape[-1], e.shape[-1]], axis=2)
    for path, cut in zip(((one,), (a, b), (c, d, e)), cuts):
        y = x
        for w in path:
            y = tf.nn.relu(tf.nn.conv2d(y, w, 1, "SAME"))
        total += tf.nn.conv2d(y, scale * cut, 1, "SAME")
    return tf.maximum(total, 0)


@variant("inception_resnet_block")
def inception_resnet_in_a_graph(x, weights, scale=1.0):
    """Traced; the reductions computed at once."""

    @tf.function
    def block(x, one, a, b, c, d, e, up):
        def conv(x, w):
            return tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME"))

        p, q, r = tf.split(conv(x, tf.concat([one, a, c], 3)), [one.shape[3], a.shape[3], c.shape[3]], axis=3)
        joined = tf.concat([p, conv(q, b), conv(conv(r, d), e)], 3)
        return tf.nn.relu(x + scale * tf.einsum("nhwc,co->nhwo", joined, up[0, 0]))

    return block(x, *weights)


@oracle("inception_resnet_block")
def inception_resnet_of_keras(x, weights, scale=1.0):
    one, a, b, c, d, e, up = weights
    kind, paths = x.dtype.name, []
    for path in ((one,), (a, b), (c, d, e)):
        y = x
        for w in path:
            y = _layer(y, w, activation="relu")
        paths.append(y)
    deviation = _layer(keras.layers.Concatenate(dtype=kind)(paths), up)
    return keras.layers.ReLU(dtype=kind)(keras.layers.Add(dtype=kind)([x, scale * deviation]))


# reduction_a


@variant("reduction_a")
def reduction_of_keras_ops(x, wk, wl, wm, wn):
    """keras.ops."""
    ops = keras.ops
    long = ops.relu(ops.conv(x, wk, padding="same"))
    long = ops.relu(ops.conv(long, wl, padding="same"))
    found = [
        ops.max_pool(x, 3, 2, "valid"),
        ops.relu(ops.conv(x, wn, 2, "valid")),
        ops.relu(ops.conv(long, wm, 2, "valid")),
    ]
    return ops.concatenate(found, axis=3)


@variant("reduction_a")
def reduction_after_the_fact(x, wk, wl, wm, wn):
    """Stride 1 everywhere, then every second pixel."""

    def conv(x, w, padding):
        return tf.nn.relu(tf.nn.conv2d(x, w, 1, padding))

    found = tf.concat(
        [
            tf.nn.max_pool2d(x, 3, 1, "VALID"),
            conv(x, wn, "VALID"),
            conv(conv(conv(x, wk, "SAME"), wl, "SAME"), wm, "VALID"),
        ],
        axis=-1,
    )
    return found[:, ::2, ::2]


@variant("reduction_a")
def reduction_by_windows(x, wk, wl, wm, wn):
    """Patches of 3x3 pixels for the two convolutions and the maximum."""

    def windows(x):
        patches = tf.image.extract_patches(x, (1, 3, 3, 1), (1, 2, 2, 1), (1, 1, 1, 1), "VALID")
        return tf.reshape(patches, (*patches.shape[:3], 9, x.shape[-1]))

    def conv(x, w):
        return tf.nn.relu(tf.einsum("nhwpc,pco->nhwo", windows(x), tf.reshape(w, (9, *w.shape[2:]))))

    long = tf.nn.relu(tf.nn.conv2d(tf.nn.relu(x @ wk[0, 0]), wl, 1, "SAME"))
    return tf.concat([tf.reduce_max(windows(x), axis=3), conv(x, wn), conv(long, wm)], axis=-1)


@oracle("reduction_a")
def reduction_of_keras(x, wk, wl, wm, wn):
    kind = x.dtype.name
    pooled = keras.layers.MaxPooling2D(3, 2, dtype=kind)(x)
    short = _layer(x, wn, 2, "valid", "relu")
    long = _layer(_layer(_layer(x, wk, activation="relu"), wl, activation="relu"), wm, 2, "valid", "relu")
    return keras.layers.Concatenate(dtype=kind)([pooled, short, long])

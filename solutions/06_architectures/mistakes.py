"""Architectures: wrong implementations. Each docstring is the hint a student reads."""

from functools import partial

import keras
import numpy as np
import tensorflow as tf

from autograder.question import mistake

layers = keras.layers

# top_k_error


def _at_least(scores, labels):
    """How many classes score as high as the right one, or higher; it is one of them."""
    own = tf.gather(scores, labels, axis=1, batch_dims=1)[:, None]
    return tf.reduce_sum(tf.cast(scores >= own, tf.int32), axis=1)


@mistake("top_k_error")
def ties_count_for_you(scores, labels, k):
    """Ties count for the network: only classes with a higher score are counted.

    Then a network that gives all classes the same score is never wrong. Count the other classes with a score as high, too.
    """
    own = tf.gather(scores, labels, axis=1, batch_dims=1)[:, None]
    higher = tf.reduce_sum(tf.cast(scores > own, tf.int32), axis=1)
    return tf.reduce_mean(tf.cast(higher >= k, scores.dtype))


@mistake("top_k_error")
def accuracy_instead_of_error(scores, labels, k):
    """This is the share of images that are right. The error is the share that is wrong."""
    return tf.reduce_mean(tf.cast(_at_least(scores, labels) <= k, scores.dtype))


@mistake("top_k_error")
def one_more_may_be_named(scores, labels, k):
    """One class more than k may be named. If the right class is among those you count, it may be at place k, not at k + 1."""
    return tf.reduce_mean(tf.cast(_at_least(scores, labels) > k + 1, scores.dtype))


@mistake("top_k_error")
def one_less_may_be_named(scores, labels, k):
    """Only k - 1 classes may be named: the right class counts itself as one that is as high. Compare it with the others alone."""
    return tf.reduce_mean(tf.cast(_at_least(scores, labels) >= k, scores.dtype))


@mistake("top_k_error")
def only_the_best_counts(scores, labels, k):
    """Only the best class is looked at, whatever k is. k of them may be named."""
    return tf.reduce_mean(tf.cast(_at_least(scores, labels) > 1, scores.dtype))


@mistake("top_k_error")
def lowest_scores_first(scores, labels, k):
    """The k *lowest* scores are taken: most sorting functions begin with the smallest. Take the other end."""
    return tf.reduce_mean(tf.cast(_at_least(-scores, labels) > k, scores.dtype))


@mistake("top_k_error")
def errors_counted(scores, labels, k):
    """The wrong images are counted. The error is their share: divide by the number of images."""
    return tf.reduce_sum(tf.cast(_at_least(scores, labels) > k, scores.dtype))


@mistake("top_k_error")
def error_in_percent(scores, labels, k):
    """The error is given in percent. Give it as a share, from 0 to 1."""
    return 100 * tf.reduce_mean(tf.cast(_at_least(scores, labels) > k, scores.dtype))


# ensemble


@mistake("ensemble")
def logits_averaged(scores):
    """The logits are averaged before the softmax, so the network with the largest numbers decides.

    Make probabilities of each network's logits first, then take their mean.
    """
    return tf.nn.softmax(tf.reduce_mean(scores, axis=0), axis=-1)


@mistake("ensemble")
def logits_summed(scores):
    """The logits are summed before the softmax: that multiplies the probabilities, and one network can overrule all others.

    Make probabilities of each network's logits first, then take their mean.
    """
    return tf.nn.softmax(tf.reduce_sum(scores, axis=0), axis=-1)


@mistake("ensemble")
def probabilities_summed(scores):
    """The probabilities are summed over the networks, so a row sums to their number. Take the mean."""
    return tf.reduce_sum(tf.nn.softmax(scores, axis=-1), axis=0)


@mistake("ensemble")
def softmax_over_networks(scores):
    """The softmax runs over axis 0, so networks compete instead of classes. The classes are the last axis."""
    return tf.reduce_mean(tf.nn.softmax(scores, axis=0), axis=0)


@mistake("ensemble")
def softmax_over_images(scores):
    """The softmax runs over axis 1, so images compete instead of classes. The classes are the last axis."""
    return tf.reduce_mean(tf.nn.softmax(scores, axis=1), axis=0)


@mistake("ensemble")
def surest_network_wins(scores):
    """For each class the largest probability of all networks is taken, so a row sums to more than 1. Take the mean."""
    return tf.reduce_max(tf.nn.softmax(scores, axis=-1), axis=0)


@mistake("ensemble")
def networks_vote(scores):
    """Each network has one vote, for its best class. How sure it is gets lost, and the gradient, too. Average probabilities."""
    votes = tf.one_hot(tf.argmax(scores, axis=-1), scores.shape[-1], dtype=scores.dtype)
    return tf.reduce_mean(votes, axis=0)


@mistake("ensemble")
def exponentials_overflow(scores):
    """The exponentials overflow for large logits. `tf.nn.softmax` takes the largest logit off first."""
    powers = tf.exp(scores)
    return tf.reduce_mean(powers / tf.reduce_sum(powers, axis=-1, keepdims=True), axis=0)


# layer_table


def _size(n, size, stride, pad):
    return (n + 2 * pad - size) // stride + 1


def _table(
    layers, input_shape, *, conv_size=_size, pool_size=_size, weights_of=None, bias=True, dense_bias=True, norm=2,
    places_before=False, flatten=True, count=1, dtype=np.int64,
):  # fmt: skip
    """A right table, in which each mistake changes one thing. `bias` True: as the layer says; "always"; or False: never."""
    weights_of = weights_of or (lambda size, c, groups, filters: size * size * c // groups * filters)
    height, width, channels = input_shape
    shapes, parameters, products = [], [], []
    for kind, *numbers in layers:
        before = height * width
        weights = others = places = 0
        if kind == "conv":
            filters, size, stride, pad, groups, own = numbers
            height, width = (conv_size(n, size, stride, pad) for n in (height, width))
            weights, places = weights_of(size, channels, groups, filters), before if places_before else height * width
            others = filters * (own if bias is True else bias == "always")
            channels = filters
        elif kind == "pool":
            height, width = (pool_size(n, *numbers) for n in (height, width))
        elif kind == "batch norm":
            others = norm * channels
        elif kind == "dense":
            weights, places = (before if flatten else 1) * channels * numbers[0], 1
            others = numbers[0] * dense_bias
            height, width, channels = 1, 1, numbers[0]
        shapes.append((height, width, channels))
        parameters.append(weights + others)
        products.append(weights * places * count)
    return np.array(shapes, np.int64), np.array(parameters, np.int64), np.array(products, np.int64).astype(dtype)


def _rounded_up(n, size, stride, pad):
    return -(-(n + 2 * pad - size) // stride) + 1


@mistake("layer_table")
def pooling_rounded_up(layers, input_shape):
    """The size after a pooling is rounded up, as Caffe did. Frameworks of today round down, as for a convolution."""
    return _table(layers, input_shape, pool_size=_rounded_up)


@mistake("layer_table")
def sizes_rounded_up(layers, input_shape):
    """Sizes are rounded up, so a window reaches over the edge. Round down: `//` on whole numbers."""
    return _table(layers, input_shape, pool_size=_rounded_up, conv_size=_rounded_up)


@mistake("layer_table")
def padding_on_one_side(layers, input_shape):
    """The padding is added once. There are `pad` zeros on *each* side: n + 2p."""

    def size(n, size, stride, pad):
        return (n + pad - size) // stride + 1

    return _table(layers, input_shape, conv_size=size, pool_size=size)


@mistake("layer_table")
def stride_ignored_by_pooling(layers, input_shape):
    """A pooling moves by its own stride, not by its size. AlexNet's are 3x3 with stride 2: the windows overlap."""
    return _table(layers, input_shape, pool_size=lambda n, size, stride, pad: (n + 2 * pad - size) // size + 1)


@mistake("layer_table")
def groups_ignored(layers, input_shape):
    """Groups are ignored. A filter sees only the channels of its group: c / g of them."""
    return _table(layers, input_shape, weights_of=lambda size, c, groups, filters: size * size * c * filters)


@mistake("layer_table")
def groups_divide_twice(layers, input_shape):
    """Both the channels and the filters are divided by the groups. There are still k filters in all; each has c / g channels."""
    return _table(
        layers,
        input_shape,
        weights_of=lambda size, c, groups, filters: size * size * (c // groups) * (filters // groups),
    )


@mistake("layer_table")
def filters_in_one_dimension(layers, input_shape):
    """A filter of f x f has f times f weights per channel, not f."""
    return _table(layers, input_shape, weights_of=lambda size, c, groups, filters: size * c // groups * filters)


@mistake("layer_table")
def filters_of_one_channel(layers, input_shape):
    """A filter has a slice for every channel that comes in. Multiply by the channels of its group."""
    return _table(layers, input_shape, weights_of=lambda size, c, groups, filters: size * size * filters)


@mistake("layer_table")
def biases_forgotten(layers, input_shape):
    """The biases are forgotten: one for each filter, where the layer has them, and one for each unit of a dense layer."""
    return _table(layers, input_shape, bias=False, dense_bias=False)


@mistake("layer_table")
def biases_everywhere(layers, input_shape):
    """Every convolution gets biases. The last entry of its tuple says whether it has any; before a batch normalization it has none."""
    return _table(layers, input_shape, bias="always")


@mistake("layer_table")
def dense_biases_forgotten(layers, input_shape):
    """The biases of the dense layers are forgotten: one for each unit."""
    return _table(layers, input_shape, dense_bias=False)


@mistake("layer_table")
def moving_statistics_counted(layers, input_shape):
    """Batch normalization is counted with four numbers per channel, but no gradient moves the moving mean and variance.

    Trainable are gamma and beta: two per channel.
    """
    return _table(layers, input_shape, norm=4)


@mistake("layer_table")
def products_at_the_input(layers, input_shape):
    """The products of a convolution are counted at the places of its input. Every *output* pixel costs one pass of the filter."""
    return _table(layers, input_shape, places_before=True)


@mistake("layer_table")
def additions_counted_too(layers, input_shape):
    """Multiplications and additions are both counted. Here, as on the slide, a multiply-accumulate is one."""
    return _table(layers, input_shape, count=2)


@mistake("layer_table")
def dense_layer_forgets_the_map(layers, input_shape):
    """A dense layer after an image sees every pixel of every channel: height x width x channels inputs, not only the channels."""
    return _table(layers, input_shape, flatten=False)


@mistake("layer_table")
def products_in_int32(layers, input_shape):
    """The products overflow int32, which ends at 2,147,483,647. Count in Python's own integers, or in int64."""
    return _table(layers, input_shape, dtype=np.int32)


# without_layers


def _totals(layers, input_shape):
    _, parameters, products = layer_table(layers, input_shape)  # noqa: F821 - the notebook's
    return np.array([parameters.sum(), products.sum()])


def _saved(layers, input_shape, kept):
    return tuple(map(int, _totals(layers, input_shape) - _totals(kept, input_shape)))


@mistake("without_layers")
def rows_added_up(layers, input_shape, removed):
    """The rows of the removed layers are added up, as if the others stayed as they are.

    The next layer gets other inputs, so it grows or shrinks: make the table of what is left, and subtract.
    """
    _, parameters, products = layer_table(layers, input_shape)  # noqa: F821 - the notebook's
    return tuple(int(sum(column[i] for i in removed)) for column in (parameters, products))


@mistake("without_layers")
def positions_counted_from_one(layers, input_shape, removed):
    """The positions are taken as if they began at 1, so the layer before goes. They are counted from 0."""
    return _saved(layers, input_shape, [layer for i, layer in enumerate(layers, 1) if i not in removed])


@mistake("without_layers")
def saved_with_the_wrong_sign(layers, input_shape, removed):
    """After less before has the wrong sign: what is saved is before less after."""
    kept = [layer for i, layer in enumerate(layers) if i not in removed]
    return tuple(-n for n in _saved(layers, input_shape, kept))


@mistake("without_layers")
def what_is_left(layers, input_shape, removed):
    """These are the totals of what is left. The question is how many fewer that is: subtract them from the totals before."""
    return tuple(map(int, _totals([layer for i, layer in enumerate(layers) if i not in removed], input_shape)))


@mistake("without_layers")
def removed_one_after_another(layers, input_shape, removed):
    """The layers are deleted one after another, and each deletion moves what comes after it by one.

    Choose what is kept from the original list instead.
    """
    kept = list(layers)
    for position in removed:
        del kept[min(position, len(kept) - 1)]
    return _saved(layers, input_shape, kept)


@mistake("without_layers")
def only_one_removed(layers, input_shape, removed):
    """Only the first of the positions is taken out. `removed` is a list."""
    return _saved(layers, input_shape, [layer for i, layer in enumerate(layers) if i != removed[0]])


@mistake("without_layers")
def products_given_first(layers, input_shape, removed):
    """The two numbers are in the wrong order: parameters first, then products."""
    return _saved(layers, input_shape, [layer for i, layer in enumerate(layers) if i not in removed])[::-1]


# grouped_conv2d


def _pieces(x, filters, groups):
    return list(zip(tf.split(x, groups, axis=-1), tf.split(filters, groups, axis=-1)))


def _convolved(pieces, strides, padding):
    return tf.concat([tf.nn.conv2d(piece, own, strides, padding) for piece, own in pieces], axis=-1)


@mistake("grouped_conv2d")
def first_piece_for_all(x, filters, groups, strides=1, padding="SAME"):
    """All filters look at the first piece of the input. The i-th group of filters belongs to the i-th piece."""
    return tf.nn.conv2d(x[..., : x.shape[-1] // groups], filters, strides, padding)


@mistake("grouped_conv2d")
def groups_reversed(x, filters, groups, strides=1, padding="SAME"):
    """The pieces and the filters are paired in opposite order. The first piece belongs to the first filters."""
    xs, ws = tf.split(x, groups, axis=-1), tf.split(filters, groups, axis=-1)
    return _convolved(zip(xs[::-1], ws), strides, padding)


@mistake("grouped_conv2d")
def channels_dealt_like_cards(x, filters, groups, strides=1, padding="SAME"):
    """Channel i goes to group i % g, as in dealing cards. A piece is a run of neighbouring channels.

    A reshape to (..., c / g, g) does this; (..., g, c / g) is the right one, or `tf.split`.
    """
    ws = tf.split(filters, groups, axis=-1)
    return _convolved([(x[..., i::groups], ws[i]) for i in range(groups)], strides, padding)


@mistake("grouped_conv2d")
def filters_dealt_like_cards(x, filters, groups, strides=1, padding="SAME"):
    """Filter i goes to group i % g, as in dealing cards. The first c_out / g filters belong to the first group."""
    xs = tf.split(x, groups, axis=-1)
    return _convolved([(xs[i], filters[..., i::groups]) for i in range(groups)], strides, padding)


@mistake("grouped_conv2d")
def outputs_shuffled(x, filters, groups, strides=1, padding="SAME"):
    """The groups' outputs are interleaved: stacked on a new last axis and flattened. Put them side by side: concatenate."""
    found = [tf.nn.conv2d(piece, own, strides, padding) for piece, own in _pieces(x, filters, groups)]
    stacked = tf.stack(found, axis=-1)
    return tf.reshape(stacked, (*stacked.shape[:3], -1))


@mistake("grouped_conv2d")
def groups_added(x, filters, groups, strides=1, padding="SAME"):
    """The groups' outputs are added up, as channels are within a group. Groups do not see each other: concatenate."""
    return tf.add_n([tf.nn.conv2d(piece, own, strides, padding) for piece, own in _pieces(x, filters, groups)])


@mistake("grouped_conv2d")
def group_strides_ignored(x, filters, groups, strides=1, padding="SAME"):
    """The strides are not passed on to the convolution of the pieces."""
    return _convolved(_pieces(x, filters, groups), 1, padding)


@mistake("grouped_conv2d")
def groups_always_same(x, filters, groups, strides=1, padding="SAME"):
    """The padding is always "SAME". Pass on the one that is asked for."""
    return _convolved(_pieces(x, filters, groups), strides, "SAME")


@mistake("grouped_conv2d")
def strides_taken_by_one_axis(x, filters, groups, strides=1, padding="SAME"):
    """Only the first stride of a pair is used. `tf.nn.conv2d` takes a pair as it is."""
    first = strides if isinstance(strides, int) else strides[0]
    return _convolved(_pieces(x, filters, groups), first, padding)


@mistake("grouped_conv2d")
def filters_split_on_the_input_axis(x, filters, groups, strides=1, padding="SAME"):
    """The filters are split on axis 2, which holds the channels that a filter sees: it is a group's already. Split the last axis."""
    return _convolved(zip(tf.split(x, groups, axis=-1), tf.split(filters, groups, axis=2)), strides, padding)


# build_alexnet


def _alexnet(
    width, classes, input_shape, groups, *, pool=(3, 2, "valid"), pooling=layers.MaxPooling2D, second="same", dropout=0.5,
    everywhere=False, bias=True, end=None, dense_width=None, flatten=layers.Flatten, hidden=2, relu="relu",
):  # fmt: skip
    """AlexNet, in which each mistake changes one thing."""
    size, stride, padding = pool

    def conv(filters, size, grouped=False, **settings):
        g = groups if grouped or everywhere else 1
        return layers.Conv2D(int(width * filters), size, activation=relu, groups=g, use_bias=bias, **settings)

    found = [
        keras.Input(input_shape), conv(96, 11, strides=4), pooling(size, stride, padding),
        conv(256, 5, True, padding=second), pooling(size, stride, padding),
        conv(384, 3, padding="same"), conv(384, 3, True, padding="same"), conv(256, 3, True, padding="same"),
        pooling(size, stride, padding), flatten(),
    ]  # fmt: skip
    if everywhere:
        found[5] = layers.Conv2D(int(width * 384), 3, padding="same", activation=relu, groups=groups)
        found[1] = layers.Conv2D(int(width * 96), 11, 4, activation=relu)
    for _ in range(hidden):
        found.append(layers.Dense(int((width if dense_width is None else dense_width) * 4096), activation="relu"))
        if dropout:
            found.append(layers.Dropout(dropout))
    return keras.Sequential([*found, layers.Dense(classes, activation=end)])


@mistake("build_alexnet")
def alexnet_pools_2x2(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """The poolings are 2x2. AlexNet's are 3x3 with stride 2: overlapping windows."""
    return _alexnet(width, classes, input_shape, groups, pool=(2, 2, "valid"))


@mistake("build_alexnet")
def alexnet_rounds_up(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """The poolings are padded ("same"), which rounds the size up. The slide's 55 → 27 → 13 → 6 is without padding, rounded down."""
    return _alexnet(width, classes, input_shape, groups, pool=(3, 2, "same"))


@mistake("build_alexnet")
def alexnet_second_convolution_unpadded(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """The 5x5 convolution is not padded, so the map shrinks. "pad 2" keeps its size: padding="same"."""
    return _alexnet(width, classes, input_shape, groups, second="valid")


@mistake("build_alexnet")
def alexnet_averages(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """The poolings average. AlexNet takes the maximum."""
    return _alexnet(width, classes, input_shape, groups, pooling=layers.AveragePooling2D)


@mistake("build_alexnet")
def alexnet_without_dropout(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """There is no dropout: 0.5 after each of the two hidden dense layers."""
    return _alexnet(width, classes, input_shape, groups, dropout=0)


@mistake("build_alexnet")
def alexnet_ignores_groups(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """`groups` is not used. The second, fourth and fifth convolution get it."""
    return _alexnet(width, classes, input_shape, 1)


@mistake("build_alexnet")
def alexnet_groups_in_the_third_too(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """The third convolution has groups, too. There both halves are looked at: only the second, fourth and fifth have groups."""
    return _alexnet(width, classes, input_shape, groups, everywhere=True)


@mistake("build_alexnet")
def alexnet_ends_in_softmax(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """The model ends in a softmax. It must give logits: no activation at the end."""
    return _alexnet(width, classes, input_shape, groups, end="softmax")


@mistake("build_alexnet")
def alexnet_linear(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """The convolutions have no ReLU: a `Conv2D` is linear unless told otherwise."""
    return _alexnet(width, classes, input_shape, groups, relu=None)


@mistake("build_alexnet")
def alexnet_one_hidden_layer(width=1, classes=1000, input_shape=(227, 227, 3), groups=1):
    """There is one hidden dense layer. AlexNet has two of 4096, and the logits: three dense layers."""
    return _alexnet(width, classes, input_shape, groups, hidden=1)


# build_vgg


def _vgg(
    depth, width, classes, input_shape, *, padding="same", pooling=layers.MaxPooling2D, filters=(64, 128, 256, 512, 512), size=3,
    relu="relu", dropout=0.5, end=None, flatten=layers.Flatten, pool_each=False, bias=True, last_pool=True,
):  # fmt: skip
    """VGG, in which each mistake changes one thing."""
    stages = VGG_STAGES[depth]  # noqa: F821 - the notebook's
    model = keras.Sequential([keras.Input(input_shape)])
    for stage, (count, number) in enumerate(zip(stages, filters), 1):
        for i in range(count):
            model.add(layers.Conv2D(int(width * number), size, padding=padding, activation=relu, use_bias=bias))
            if i == count - 1 and (stage < len(stages) or last_pool):
                model.add(pooling(2, padding="same") if pool_each else pooling(2))
    model.add(flatten())
    for _ in range(2):
        model.add(layers.Dense(int(width * 4096), activation="relu"))
        if dropout:
            model.add(layers.Dropout(dropout))
    model.add(layers.Dense(classes, activation=end))
    return model


@mistake("build_vgg")
def vgg_unpadded(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The convolutions are not padded, so every one takes a border away. VGG's keep the size: padding="same"."""
    return _vgg(depth, width, classes, input_shape, padding="valid")


@mistake("build_vgg")
def vgg_averages(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The poolings average. VGG takes the maximum."""
    return _vgg(depth, width, classes, input_shape, pooling=layers.AveragePooling2D)


@mistake("build_vgg")
def vgg_never_doubles(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """All stages have 64 filters. After each pooling their number is doubled, up to 512."""
    return _vgg(depth, width, classes, input_shape, filters=(64,) * 5)


@mistake("build_vgg")
def vgg_with_large_filters(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The filters are 5x5. VGG's idea is to use 3x3 only: two in a row see as far."""
    return _vgg(depth, width, classes, input_shape, size=5)


@mistake("build_vgg")
def vgg_linear(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The convolutions have no ReLU: a `Conv2D` is linear unless told otherwise, and two linear layers are one."""
    return _vgg(depth, width, classes, input_shape, relu=None)


@mistake("build_vgg")
def vgg_without_dropout(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """There is no dropout: 0.5 after each of the two hidden dense layers."""
    return _vgg(depth, width, classes, input_shape, dropout=0)


@mistake("build_vgg")
def vgg_averages_at_the_end(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The last map is averaged. That is what later networks do; VGG flattens it, and pays with 100 million weights."""
    return _vgg(depth, width, classes, input_shape, flatten=layers.GlobalAveragePooling2D)


@mistake("build_vgg")
def vgg_without_the_last_pooling(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The last stage is not closed by a pooling. Every stage is."""
    return _vgg(depth, width, classes, input_shape, last_pool=False)


@mistake("build_vgg")
def vgg_without_biases(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The convolutions have no biases. With no batch normalization after them, they need theirs."""
    return _vgg(depth, width, classes, input_shape, bias=False)


@mistake("build_vgg")
def vgg_ends_in_softmax(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The model ends in a softmax. It must give logits: no activation at the end."""
    return _vgg(depth, width, classes, input_shape, end="softmax")


# inception_block


def _conv(x, filters, stride=1, padding="SAME"):
    return tf.nn.conv2d(x, filters, stride, padding)


def _rconv(x, filters, stride=1, padding="SAME"):
    return tf.nn.relu(_conv(x, filters, stride, padding))


def _max(x):
    return tf.nn.max_pool2d(x, 3, 1, "SAME")


def _inception(x, weights, *, first=_rconv, last=_rconv, pool=_max, pool_conv=_rconv, order=(0, 1, 2, 3)):
    """An Inception block, in which each mistake changes one thing."""
    one, three_reduce, three, five_reduce, five, pooled = weights
    paths = (
        last(x, one),
        last(first(x, three_reduce), three),
        last(first(x, five_reduce), five),
        pool_conv(pool(x), pooled),
    )
    return tf.concat([paths[i] for i in order], axis=-1)


@mistake("inception_block")
def inception_reductions_linear(x, weights):
    """The 1x1 reductions have no ReLU, so each is one linear layer with the convolution after it. Every convolution has a ReLU."""
    return _inception(x, weights, first=_conv)


@mistake("inception_block")
def inception_ends_linear(x, weights):
    """The convolutions at the ends of the paths have no ReLU. Every convolution has one."""
    return _inception(x, weights, last=_conv, pool_conv=_conv)


@mistake("inception_block")
def inception_pool_path_linear(x, weights):
    """The 1x1 convolution after the pooling has no ReLU. Every convolution has one."""
    return _inception(x, weights, pool_conv=_conv)


@mistake("inception_block")
def inception_without_any_relu(x, weights):
    """There is no ReLU at all. Every convolution has one."""
    return _inception(x, weights, first=_conv, last=_conv, pool_conv=_conv)


@mistake("inception_block")
def inception_averages(x, weights):
    """The fourth path averages. It takes the maximum."""
    return _inception(x, weights, pool=lambda x: tf.nn.avg_pool2d(x, 3, 1, "SAME"))


@mistake("inception_block")
def inception_pools_over_zeros(x, weights):
    """The pooling pads with zeros, which win over every number below zero at the border. Pad with minus infinity: "SAME" does."""

    def pool(x):
        return tf.nn.max_pool2d(tf.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), 3, 1, "VALID")

    return _inception(x, weights, pool=pool)


@mistake("inception_block")
def inception_does_not_pool(x, weights):
    """The fourth path has no pooling, so it is a second first path."""
    return _inception(x, weights, pool=lambda x: x)


@mistake("inception_block")
def inception_pools_afterwards(x, weights):
    """The fourth path convolves first and pools then. The pooling comes first."""
    one, three_reduce, three, five_reduce, five, pooled = weights
    paths = (
        _rconv(x, one),
        _rconv(_rconv(x, three_reduce), three),
        _rconv(_rconv(x, five_reduce), five),
        _max(_rconv(x, pooled)),
    )
    return tf.concat(paths, axis=-1)


@mistake("inception_block")
def inception_in_another_order(x, weights):
    """The paths are concatenated in another order: 1x1, 3x3, 5x5, pooling. The next layer's weights count on it."""
    return _inception(x, weights, order=(0, 2, 1, 3))


@mistake("inception_block")
def inception_pool_path_first(x, weights):
    """The pooling path comes first. The order is 1x1, 3x3, 5x5, pooling: the next layer's weights count on it."""
    return _inception(x, weights, order=(3, 0, 1, 2))


@mistake("inception_block")
def inception_pool_path_forgotten(x, weights):
    """The fourth path is missing: 3x3 max pooling with stride 1, then a 1x1 convolution."""
    return _inception(x, weights, order=(0, 1, 2))


# factorized


def _composed(first, second):
    sh, sw = second.shape[:2]
    moved = [
        tf.pad(tf.tensordot(first, second[p, q], 1), ((p, sh - 1 - p), (q, sw - 1 - q), (0, 0), (0, 0)))
        for p in range(sh)
        for q in range(sw)
    ]
    return tf.add_n(moved)


def _share(first, second, both):
    return tf.constant((np.prod(first.shape) + np.prod(second.shape)) / np.prod(both.shape), first.dtype)


@mistake("factorized")
def second_filter_flipped(first, second):
    """The second filter is turned by 180 degrees before it is laid on the first. The offsets add up: a = u + p, b = v + q."""
    both = _composed(first, second[::-1, ::-1])
    return both, _share(first, second, both)


@mistake("factorized")
def offsets_of_height_only(first, second):
    """The columns are in the wrong order: only the rows' offsets are added as they are. Both are: a = u + p, b = v + q."""
    both = _composed(first, second[:, ::-1])
    return both, _share(first, second, both)


@mistake("factorized")
def share_upside_down(first, second):
    """The share is upside down: the two filters' weights over the one's, 18/25 for two 3x3."""
    both = _composed(first, second)
    return both, 1 / _share(first, second, both)


@mistake("factorized")
def share_that_is_saved(first, second):
    """This is what is saved, 7/25 for two 3x3. The question is what share of the weights is left: 18/25."""
    both = _composed(first, second)
    return both, 1 - _share(first, second, both)


@mistake("factorized")
def share_of_sizes_only(first, second):
    """The share is counted per channel, as if all layers had as many. Count all weights: the products of the whole shapes."""
    both = _composed(first, second)
    area = [int(np.prod(w.shape[:2])) for w in (first, second, both)]
    return both, tf.constant((area[0] + area[1]) / area[2], first.dtype)


@mistake("factorized")
def channels_in_between_averaged(first, second):
    """The channels in between are averaged. A convolution sums over its input channels."""
    both = _composed(first, second)
    return both / first.shape[-1], _share(first, second, both)


@mistake("factorized")
def one_pixel_too_large(first, second):
    """The filter is one row and one column too large. Two filters of a and b pixels see a + b - 1: they share one."""
    both = tf.pad(_composed(first, second), ((0, 1), (0, 1), (0, 0), (0, 0)))
    return both, _share(first, second, both)


# build_googlenet


def _googlenet(
    width, classes, input_shape, blocks, *, five=5, bias=True, relu="relu", dropout=0.4, end=None, order=(0, 1, 2, 3), reduce=True,
    pool=layers.MaxPooling2D, padding="same", norm=False, stem_reduce=True, head=layers.GlobalAveragePooling2D,
):  # fmt: skip
    """GoogLeNet, in which each mistake changes one thing."""

    def conv(x, filters, size, strides=1):
        if norm:
            x = layers.Conv2D(int(width * filters), size, strides, "same", use_bias=False)(x)
            return layers.ReLU()(layers.BatchNormalization()(x))
        return layers.Conv2D(int(width * filters), size, strides, "same", activation=relu, use_bias=bias)(x)

    def down(x):
        return layers.MaxPooling2D(3, 2, padding)(x)

    inputs = keras.Input(input_shape)
    x = down(conv(inputs, 64, 7, 2))
    x = down(conv(conv(x, 64, 1) if stem_reduce else x, 192, 3))
    for block in blocks:
        if block == "pool":
            x = down(x)
            continue
        one, a, b, c, d, pooled = block
        threes, fives = (conv(x, a, 1), conv(x, c, 1)) if reduce else (x, x)
        paths = (conv(x, one, 1), conv(threes, b, 3), conv(fives, d, five), conv(pool(3, 1, "same")(x), pooled, 1))
        x = layers.Concatenate()([paths[i] for i in order])
    x = head()(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(classes, activation=end)(x))


@mistake("build_googlenet")
def googlenet_with_3x3_for_5x5(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """The third path has a 3x3 convolution. So has torchvision's GoogLeNet, by a well-known slip; the paper's is 5x5."""
    return _googlenet(width, classes, input_shape, blocks, five=3)


@mistake("build_googlenet")
def googlenet_without_biases(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """The convolutions have no biases. This network has no batch normalization that would take their place."""
    return _googlenet(width, classes, input_shape, blocks, bias=False)


@mistake("build_googlenet")
def googlenet_with_batch_norm(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """There is batch normalization, which came a year later. Inception v1 has biases and ReLUs."""
    return _googlenet(width, classes, input_shape, blocks, norm=True)


@mistake("build_googlenet")
def googlenet_without_reductions(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """The 3x3 and 5x5 convolutions see all channels: the 1x1 reductions before them are missing."""
    return _googlenet(width, classes, input_shape, blocks, reduce=False)


@mistake("build_googlenet")
def googlenet_without_dropout(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """There is no dropout: 0.4 between the global average and the dense layer."""
    return _googlenet(width, classes, input_shape, blocks, dropout=0)


@mistake("build_googlenet")
def googlenet_in_another_order(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """The paths are concatenated in another order: 1x1, 3x3, 5x5, pooling. Weights from elsewhere would not fit."""
    return _googlenet(width, classes, input_shape, blocks, order=(0, 2, 1, 3))


@mistake("build_googlenet")
def googlenet_averages_in_the_blocks(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """The blocks' fourth path averages. In GoogLeNet it takes the maximum."""
    return _googlenet(width, classes, input_shape, blocks, pool=layers.AveragePooling2D)


@mistake("build_googlenet")
def googlenet_pools_unpadded(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """The poolings with stride 2 are not padded, so the map becomes too small. 112 → 56 → 28 is "same"."""
    return _googlenet(width, classes, input_shape, blocks, padding="valid")


@mistake("build_googlenet")
def googlenet_stem_too_short(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """The 1x1 convolution of the stem is missing: 7x7, pooling, 1x1, 3x3, pooling."""
    return _googlenet(width, classes, input_shape, blocks, stem_reduce=False)


@mistake("build_googlenet")
def googlenet_flattens(width=1, classes=1000, input_shape=(224, 224, 3), blocks=GOOGLENET):  # noqa: F821
    """The last map is flattened. GoogLeNet averages it, so its last layer has 1,024 inputs instead of 50,176."""
    return _googlenet(width, classes, input_shape, blocks, head=layers.Flatten)


# gradient_norms


def _chain_gradients(x, weights, dy, residual, *, relu_last=False):
    with tf.GradientTape() as tape:
        tape.watch(weights)
        h, seen = x, []
        for filters in tf.unstack(weights):
            path = _conv(h, filters)
            path = path if relu_last else tf.nn.relu(path)
            h = h + path if residual else path
            h = tf.nn.relu(h) if relu_last else h
            seen.append(h)
    return tape.gradient(h, weights, output_gradients=dy)


def _norms(gradient):
    return tf.sqrt(tf.reduce_sum(gradient**2, axis=(1, 2, 3, 4)))


@mistake("gradient_norms")
def norms_squared(x, weights, dy, residual):
    """These are the squares of the norms. Take the root of the sum of squares."""
    return tf.reduce_sum(_chain_gradients(x, weights, dy, residual) ** 2, axis=(1, 2, 3, 4))


@mistake("gradient_norms")
def norms_averaged(x, weights, dy, residual):
    """The squares are averaged. The norm is the root of their *sum*: a long gradient in a large layer is long."""
    return tf.sqrt(tf.reduce_mean(_chain_gradients(x, weights, dy, residual) ** 2, axis=(1, 2, 3, 4)))


@mistake("gradient_norms")
def norms_by_absolute_values(x, weights, dy, residual):
    """The absolute values are added up. The norm is the root of the sum of *squares*: (3, 4) has norm 5, not 7."""
    return tf.reduce_sum(tf.abs(_chain_gradients(x, weights, dy, residual)), axis=(1, 2, 3, 4))


@mistake("gradient_norms")
def shortcuts_left_out(x, weights, dy, residual):
    """The chain is plain, whatever `residual` says. With shortcuts, the layer's input is added to what comes out of the ReLU."""
    return _norms(_chain_gradients(x, weights, dy, False))


@mistake("gradient_norms")
def shortcuts_always(x, weights, dy, residual):
    """There are shortcuts, whatever `residual` says. Without them, a layer's output is what comes out of the ReLU."""
    return _norms(_chain_gradients(x, weights, dy, True))


@mistake("gradient_norms")
def relu_after_the_sum(x, weights, dy, residual):
    """The ReLU comes after the sum. Here it is on the path, so that the shortcut stays linear: h + relu(h * w)."""
    return _norms(_chain_gradients(x, weights, dy, residual, relu_last=True))


@mistake("gradient_norms")
def gradient_at_the_end_ignored(x, weights, dy, residual):
    """`dy` is not used: this is the gradient of the sum of all outputs. Give it to the tape as `output_gradients`."""
    return _norms(_chain_gradients(x, weights, tf.ones_like(dy), residual))


@mistake("gradient_norms")
def last_layer_first(x, weights, dy, residual):
    """The norms are in reverse order. The first one belongs to `weights[0]`, the layer that sees the input."""
    return _norms(_chain_gradients(x, weights, dy, residual))[::-1]


# residual_block


def _needs(x, path, stride, option):
    return option == "C" or stride != 1 or x.shape[-1] != path.shape[-1]


def _residual(
    x, weights, stride, option, *, inner=tf.nn.relu, outer=tf.nn.relu, needs=_needs, join=tf.add, shortcut=_conv
):
    """A residual block, in which each mistake changes one thing."""
    first, second, projection = weights
    path = _conv(inner(_conv(x, first, stride)), second)
    aside = shortcut(x, projection, stride) if needs(x, path, stride, option) else x
    return outer(join(path, aside))


@mistake("residual_block")
def residual_relu_before_the_sum(x, weights, stride=1, option="B"):
    """The ReLU comes before the sum, so the shortcut is added after the activation, and what is added is never below zero.

    First the sum, then the ReLU.
    """
    return _residual(x, weights, stride, option, outer=tf.identity, join=lambda path, aside: tf.nn.relu(path) + aside)


@mistake("residual_block")
def residual_relu_before_and_after(x, weights, stride=1, option="B"):
    """There is a ReLU before the sum, too, so the path can only add. The path's second convolution stays linear."""
    return _residual(x, weights, stride, option, join=lambda path, aside: tf.nn.relu(path) + aside)


@mistake("residual_block")
def residual_without_the_last_relu(x, weights, stride=1, option="B"):
    """The ReLU after the sum is missing."""
    return _residual(x, weights, stride, option, outer=tf.identity)


@mistake("residual_block")
def residual_without_the_inner_relu(x, weights, stride=1, option="B"):
    """The ReLU between the two convolutions is missing: two linear layers are one."""
    return _residual(x, weights, stride, option, inner=tf.identity)


@mistake("residual_block")
def residual_without_a_shortcut(x, weights, stride=1, option="B"):
    """There is no shortcut: this is a plain block. Add the input (or its projection) before the last ReLU."""
    return _residual(x, weights, stride, option, join=lambda path, aside: path)


@mistake("residual_block")
def residual_always_projects(x, weights, stride=1, option="B"):
    """The shortcut is always projected, also where the shape stays. Variant B projects only where it has to; the identity is better."""
    return _residual(x, weights, stride, option, needs=lambda *_: True)


@mistake("residual_block")
def residual_never_projects_for_c(x, weights, stride=1, option="B"):
    """Variant C is not there: with `option="C"` the shortcut is projected everywhere."""
    return _residual(x, weights, stride, option, needs=lambda x, path, stride, option: _needs(x, path, stride, "B"))


@mistake("residual_block")
def residual_projects_for_strides_alone(x, weights, stride=1, option="B"):
    """The projection is used only where the stride is not 1. Another number of channels needs it, too."""
    return _residual(x, weights, stride, option, needs=lambda x, path, stride, option: option == "C" or stride != 1)


@mistake("residual_block")
def residual_projects_for_channels_alone(x, weights, stride=1, option="B"):
    """Where only the stride changes the shape, the shortcut takes every second pixel instead of the projection. Project there, too."""
    first, second, projection = weights
    path = _conv(tf.nn.relu(_conv(x, first, stride)), second)
    project = option == "C" or x.shape[-1] != path.shape[-1]
    return tf.nn.relu(path + (_conv(x, projection, stride) if project else x[:, ::stride, ::stride]))


@mistake("residual_block")
def residual_projection_with_relu(x, weights, stride=1, option="B"):
    """The projection has a ReLU of its own. The shortcut is linear."""
    return _residual(x, weights, stride, option, shortcut=_rconv)


@mistake("residual_block")
def residual_projects_a_pooled_map(x, weights, stride=1, option="B"):
    """The shortcut is pooled before it is projected. The projection itself has the stride."""

    def shortcut(x, projection, stride):
        return _conv(tf.nn.avg_pool2d(x, stride, stride, "SAME"), projection)

    return _residual(x, weights, stride, option, shortcut=shortcut)


@mistake("residual_block")
def residual_stride_in_the_second(x, weights, stride=1, option="B"):
    """The second convolution has the stride. It belongs to the first: the second then works on the smaller map."""
    first, second, projection = weights
    path = _conv(tf.nn.relu(_conv(x, first)), second, stride)
    return tf.nn.relu(path + (_conv(x, projection, stride) if _needs(x, path, stride, option) else x))


@mistake("residual_block")
def residual_gradient_stopped(x, weights, stride=1, option="B"):
    """No gradient goes through the shortcut, though that is what it is for. No stop_gradient, NumPy or constants on it."""
    return _residual(x, weights, stride, option, join=lambda path, aside: path + tf.stop_gradient(aside))


@mistake("residual_block")
def residual_multiplied(x, weights, stride=1, option="B"):
    """Path and shortcut are multiplied. They are added: "identity + some deviation from it"."""
    return _residual(x, weights, stride, option, join=tf.multiply)


# bottleneck_block


def _bottleneck(
    x, weights, stride, stride_on, groups, *, first_relu=tf.nn.relu, second_relu=tf.nn.relu, before=tf.identity, after=tf.nn.relu,
    always=False, shortcut=True,
):  # fmt: skip
    """A bottleneck block, in which each mistake changes one thing."""
    reduce, middle, expand, projection = weights
    first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
    path = first_relu(_conv(x, reduce, first))
    path = second_relu(_convolved(_pieces(path, middle, groups), second, "SAME"))
    path = before(_conv(path, expand))
    if not shortcut:
        return after(path)
    return after(path + (_conv(x, projection, stride) if always or _needs(x, path, stride, "B") else x))


@mistake("bottleneck_block")
def bottleneck_stride_always_on_the_3x3(x, weights, stride=1, stride_on="3x3", groups=1):
    """The stride is always on the 3x3 convolution. With `stride_on="1x1"` the first convolution has it, as in the paper."""
    return _bottleneck(x, weights, stride, "3x3", groups)


@mistake("bottleneck_block")
def bottleneck_stride_always_on_the_1x1(x, weights, stride=1, stride_on="3x3", groups=1):
    """The stride is always on the first 1x1 convolution, as in the paper. With `stride_on="3x3"`, the default, the 3x3 has it."""
    return _bottleneck(x, weights, stride, "1x1", groups)


@mistake("bottleneck_block")
def bottleneck_stride_on_the_last(x, weights, stride=1, stride_on="3x3", groups=1):
    """The last 1x1 convolution has the stride, so the 3x3 works on the large map. It belongs to the one that `stride_on` names."""
    reduce, middle, expand, projection = weights
    path = _convolved(_pieces(_rconv(x, reduce), middle, groups), 1, "SAME")
    path = _conv(tf.nn.relu(path), expand, stride)
    return tf.nn.relu(path + (_conv(x, projection, stride) if _needs(x, path, stride, "B") else x))


@mistake("bottleneck_block")
def bottleneck_first_linear(x, weights, stride=1, stride_on="3x3", groups=1):
    """There is no ReLU after the first 1x1 convolution."""
    return _bottleneck(x, weights, stride, stride_on, groups, first_relu=tf.identity)


@mistake("bottleneck_block")
def bottleneck_middle_linear(x, weights, stride=1, stride_on="3x3", groups=1):
    """There is no ReLU after the 3x3 convolution."""
    return _bottleneck(x, weights, stride, stride_on, groups, second_relu=tf.identity)


@mistake("bottleneck_block")
def bottleneck_relu_before_the_sum(x, weights, stride=1, stride_on="3x3", groups=1):
    """The ReLU comes before the sum, so the shortcut is added after the activation. First the sum, then the ReLU."""
    return _bottleneck(x, weights, stride, stride_on, groups, before=tf.nn.relu, after=tf.identity)


@mistake("bottleneck_block")
def bottleneck_relu_before_and_after(x, weights, stride=1, stride_on="3x3", groups=1):
    """There is a ReLU before the sum, too, so the path can only add. The last convolution of the path stays linear."""
    return _bottleneck(x, weights, stride, stride_on, groups, before=tf.nn.relu)


@mistake("bottleneck_block")
def bottleneck_without_the_last_relu(x, weights, stride=1, stride_on="3x3", groups=1):
    """The ReLU after the sum is missing."""
    return _bottleneck(x, weights, stride, stride_on, groups, after=tf.identity)


@mistake("bottleneck_block")
def bottleneck_always_projects(x, weights, stride=1, stride_on="3x3", groups=1):
    """The shortcut is always projected, also where the shape stays. There it is the identity."""
    return _bottleneck(x, weights, stride, stride_on, groups, always=True)


@mistake("bottleneck_block")
def bottleneck_without_a_shortcut(x, weights, stride=1, stride_on="3x3", groups=1):
    """There is no shortcut. Add the input (or its projection) before the last ReLU."""
    return _bottleneck(x, weights, stride, stride_on, groups, shortcut=False)


@mistake("bottleneck_block")
def bottleneck_all_groups_see_the_first(x, weights, stride=1, stride_on="3x3", groups=1):
    """All groups of the 3x3 convolution look at the first piece of the channels. Call your `grouped_conv2d`."""
    reduce, middle, expand, projection = weights
    first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
    path = _rconv(x, reduce, first)
    path = _conv(_rconv(path[..., : path.shape[-1] // groups], middle, second), expand)
    return tf.nn.relu(path + (_conv(x, projection, stride) if _needs(x, path, stride, "B") else x))


# build_resnet


def _resnet(
    depth, width, classes, input_shape, stride_on, groups, inner, gate, *, bias=False, always=False, projection_norm=True, norm=True,
    stem_pool=True, first_stride=1, shortcut=True, expansion=4, before=False, after=True, late_norm=False, head=None, swap=False,
    every_block=False, end=None,
):  # fmt: skip
    """A ResNet, in which each mistake changes one thing."""
    kind, stages = RESNET_STAGES[depth]  # noqa: F821 - the notebook's
    gate = gate or (lambda path: path)
    if swap:
        stride_on = "3x3" if stride_on == "1x1" else "1x1"

    def conv(x, filters, size, strides=1, groups=1, norm=norm, relu=False):
        x = layers.Conv2D(filters, size, strides, "same", groups=groups, use_bias=bias)(x)
        if late_norm and relu:
            return layers.BatchNormalization()(layers.ReLU()(x))
        x = layers.BatchNormalization()(x) if norm else x
        return layers.ReLU()(x) if relu else x

    def path_of(x, stage, stride):
        if kind == "basic":
            filters = int(width * 64) * 2**stage
            return conv(conv(x, filters, 3, stride, relu=True), filters, 3)
        middle = int(width * inner) * 2**stage
        first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
        path = conv(conv(x, middle, 1, first, relu=True), middle, 3, second, groups, relu=True)
        return conv(path, int(width * 64 * expansion) * 2**stage, 1)

    inputs = keras.Input(input_shape)
    x = conv(inputs, int(width * 64), 7, 2, relu=True)
    if stem_pool:
        x = layers.MaxPooling2D(3, 2, "same")(x)
    for stage, count in enumerate(stages):
        for number in range(count):
            stride = 2 if stage and (every_block or not number) else 1
            stride = first_stride if not stage and not number else stride
            path = gate(path_of(x, stage, stride))
            path = layers.ReLU()(path) if before else path
            if shortcut:
                if always or path.shape != x.shape:
                    x = conv(x, path.shape[-1], 1, stride, norm=norm and projection_norm)
                path = layers.Add()([path, x])
            x = layers.ReLU()(path) if after else path
    x = (head or layers.GlobalAveragePooling2D)()(x)
    return keras.Model(inputs, layers.Dense(classes, activation=end)(x))


@mistake("build_resnet")
def resnet_with_useless_biases(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The convolutions have biases, and the batch normalization after each one subtracts the bias again.

    So does Keras's own ResNet-50, which has 26,560 useless parameters by that. Set `use_bias=False`.
    """
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, bias=True)


@mistake("build_resnet")
def resnet_stride_in_the_other_place(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The strides of the bottleneck blocks are in the other convolution than `stride_on` says: the 3x3 by default, the first 1x1 if asked."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, swap=True)


@mistake("build_resnet")
def resnet_stride_always_in_the_3x3(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """`stride_on` is not used: with "1x1" the first convolution of a bottleneck block has the stride."""
    return _resnet(depth, width, classes, input_shape, "3x3", groups, inner, gate)


@mistake("build_resnet")
def resnet_relu_before_the_sum(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The shortcut is added after the activation. The sum comes first: after the path's last normalization, before the ReLU."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, before=True, after=False)


@mistake("build_resnet")
def resnet_relu_before_and_after(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """A block's path ends in a ReLU, so it can only add to the shortcut. Its last normalization is followed by the sum."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, before=True)


@mistake("build_resnet")
def resnet_without_the_last_relu(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """There is no ReLU after the sums. The block ends with one."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, after=False)


@mistake("build_resnet")
def resnet_projects_everywhere(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """Every shortcut has a projection (variant C). Variant B has one only where the shape changes; elsewhere it is the identity."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, always=True)


@mistake("build_resnet")
def resnet_projection_without_norm(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The projections have no batch normalization. It comes after *each* convolution."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, projection_norm=False)


@mistake("build_resnet")
def resnet_without_norm(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """There is no batch normalization. It comes after each convolution and before the activation."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, norm=False, bias=True)


@mistake("build_resnet")
def resnet_norm_after_the_relu(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """Batch normalization comes after the ReLU. It comes after the convolution and *before* the activation."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, late_norm=True)


@mistake("build_resnet")
def resnet_without_the_pooling(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The stem's max pooling is missing: 3x3 with stride 2, after the first ReLU."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, stem_pool=False)


@mistake("build_resnet")
def resnet_strides_in_the_first_stage(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The first stage begins with stride 2. The stem has made the map small enough: only the later stages do."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, first_stride=2)


@mistake("build_resnet")
def resnet_plain(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """There are no shortcuts: this is the plain network that the paper compares with. Add each block's input to its path."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, shortcut=False)


@mistake("build_resnet")
def resnet_does_not_widen(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The bottleneck blocks end with as many filters as they have in the middle. They end with four times as many."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, expansion=1)


@mistake("build_resnet")
def resnet_flattens(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The last map is flattened. ResNet averages it, so its last layer is small."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, head=layers.Flatten)


@mistake("build_resnet")
def resnet_ends_in_softmax(
    depth, width=1, classes=1000, input_shape=(224, 224, 3), stride_on="3x3", groups=1, inner=64, gate=None
):
    """The model ends in a softmax. It must give logits: no activation at the end."""
    return _resnet(depth, width, classes, input_shape, stride_on, groups, inner, gate, end="softmax")


# build_resnext


@mistake("build_resnext")
def resnext_as_narrow_as_resnet(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The blocks are as narrow as ResNet's, 64 channels. 32 groups of 4 are 128 inner channels."""
    return _resnet(depth, width, classes, input_shape, "3x3", int(width * 32), 64, None)


@mistake("build_resnext")
def resnext_without_groups(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The 3x3 convolutions have no groups: this is a ResNet of twice the inner width. Pass on `groups`."""
    return _resnet(depth, width, classes, input_shape, "3x3", 1, 128, None)


@mistake("build_resnext")
def resnext_with_half_the_groups(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """There are too few groups, each with too many channels: "32x4d" is 32 groups of 4 channels, `int(width * 32)` of 4 in a small copy."""
    return _resnet(depth, width, classes, input_shape, "3x3", max(1, int(width * 16)), 128, None)


@mistake("build_resnext")
def resnext_depthwise(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """Every channel is a group of its own: a depthwise convolution. A group has 4 channels in the first stage."""
    return _resnet(depth, width, classes, input_shape, "3x3", int(width * 128), 128, None)


@mistake("build_resnext")
def resnext_stride_in_the_1x1(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The stride is in the first 1x1 convolution. ResNeXt has it in the 3x3."""
    return _resnet(depth, width, classes, input_shape, "1x1", int(width * 32), 128, None)


@mistake("build_resnext")
def resnext_keeps_32_groups(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """There are 32 groups whatever `width` is. The number of groups is scaled, `int(width * 32)`, and each keeps its channels."""
    return _resnet(depth, width, classes, input_shape, "3x3", 32, 128, None)


# dense_block


def _dense(x, weights, *, before=tf.nn.relu, after=tf.identity, new_first=False):
    for filters in weights:
        new = after(_conv(before(x), filters))
        x = tf.concat([new, x] if new_first else [x, new], axis=-1)
    return x


@mistake("dense_block")
def dense_without_relu(x, weights):
    """There is no ReLU. Each layer applies it to what it gets, before the convolution."""
    return _dense(x, weights, before=tf.identity)


@mistake("dense_block")
def dense_relu_after_the_convolution(x, weights):
    """The ReLU comes after the convolution. In a dense block it comes before: relu(x) * w."""
    return _dense(x, weights, before=tf.identity, after=tf.nn.relu)


@mistake("dense_block")
def dense_relu_twice(x, weights):
    """There is a ReLU after the convolution, too. New channels may be below zero; the next layer's ReLU comes soon enough."""
    return _dense(x, weights, after=tf.nn.relu)


@mistake("dense_block")
def dense_newest_first(x, weights):
    """The new channels are put before the old ones. What came in stays first, the newest come last."""
    return _dense(x, weights, new_first=True)


@mistake("dense_block")
def dense_relu_kept(x, weights):
    """The ReLU's result is handed on in place of the input: what is below zero is lost. Concatenate the input itself."""
    for filters in weights:
        x = tf.nn.relu(x)
        x = tf.concat([x, _conv(x, filters)], axis=-1)
    return x


@mistake("dense_block")
def dense_forgets_the_input(x, weights):
    """Only the new channels are returned. What came in belongs to the output, at its beginning."""
    return _dense(x, weights)[..., x.shape[-1] :]


@mistake("dense_block")
def dense_returns_the_newest(x, weights):
    """Only the last layer's channels are returned. The output holds all: what came in, and what every layer added."""
    return _dense(x, weights)[..., -weights[-1].shape[-1] :]


@mistake("dense_block")
def dense_adds(x, weights):
    """The new channels are added to the last old ones, as in a residual block. Concatenate: then nothing old is lost."""
    for filters in weights:
        c = filters.shape[-1]
        new = _conv(tf.nn.relu(x), filters)
        x = tf.concat([x, x[..., -c:] + new if x.shape[-1] >= c else new], axis=-1)
    return x


@mistake("dense_block")
def dense_layers_see_the_input_twice(x, weights):
    """A layer sees the block's input again where it should see the newest channels. Each gets everything before it, in order."""
    start = x
    for filters in weights:
        seen = x if x is start else tf.concat([x[..., : -start.shape[-1]], start], axis=-1)
        x = tf.concat([x, _conv(tf.nn.relu(seen), filters)], axis=-1)
    return x


# build_densenet


def _densenet(
    depth, width, classes, input_shape, *, bottleneck=4, compression=2, down=layers.AveragePooling2D, bias=False, new_first=False,
    last_norm=True, late=False, transition_norm=True, add=False, every_transition=False, growth=32,
):  # fmt: skip
    """A DenseNet, in which each mistake changes one thing."""
    growth = int(width * growth)
    stages = DENSENET_STAGES[depth]  # noqa: F821 - the notebook's

    def activated(x):
        return layers.ReLU()(layers.BatchNormalization()(x))

    def conv(x, filters, size, strides=1):
        return layers.Conv2D(filters, size, strides, "same", use_bias=bias)(x)

    def unit(x, filters, size):
        return activated(conv(x, filters, size)) if late else conv(activated(x), filters, size)

    def transition(x):
        channels = x.shape[-1] // compression
        return down(2)(unit(x, channels, 1) if transition_norm else conv(x, channels, 1))

    inputs = keras.Input(input_shape)
    x = layers.MaxPooling2D(3, 2, "same")(activated(conv(inputs, int(width * 64), 7, 2)))
    for stage, count in enumerate(stages):
        x = transition(x) if stage else x
        for _ in range(count):
            new = unit(unit(x, bottleneck * growth, 1) if bottleneck else x, x.shape[-1] if add else growth, 3)
            x = layers.Add()([x, new]) if add else layers.Concatenate()([new, x] if new_first else [x, new])
    x = transition(x) if every_transition else x
    x = layers.GlobalAveragePooling2D()(activated(x) if last_norm else x)
    return keras.Model(inputs, layers.Dense(classes)(x))


@mistake("build_densenet")
def densenet_adds(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """Input and output of a layer are added, as in ResNet. DenseNet concatenates them."""
    return _densenet(depth, width, classes, input_shape, add=True)


@mistake("build_densenet")
def densenet_without_bottlenecks(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The 1x1 convolutions of the layers are missing: norm, ReLU, 1x1 to 4k channels, norm, ReLU, 3x3 to k."""
    return _densenet(depth, width, classes, input_shape, bottleneck=0)


@mistake("build_densenet")
def densenet_bottleneck_too_narrow(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The 1x1 convolutions have k filters. They have 4k."""
    return _densenet(depth, width, classes, input_shape, bottleneck=1)


@mistake("build_densenet")
def densenet_without_compression(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The transitions keep all channels. They keep half of them."""
    return _densenet(depth, width, classes, input_shape, compression=1)


@mistake("build_densenet")
def densenet_transition_by_maximum(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The transitions take the maximum. They average, 2x2 with stride 2; the maximum is in the stem alone."""
    return _densenet(depth, width, classes, input_shape, down=layers.MaxPooling2D)


@mistake("build_densenet")
def densenet_conv_first(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The layers go convolution, norm, ReLU. In DenseNet norm and ReLU come *before* the convolution."""
    return _densenet(depth, width, classes, input_shape, late=True)


@mistake("build_densenet")
def densenet_without_the_last_norm(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """Norm and ReLU before the global average are missing: the last convolution's output is used as it is."""
    return _densenet(depth, width, classes, input_shape, last_norm=False)


@mistake("build_densenet")
def densenet_transition_without_norm(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The transitions begin with the convolution. Before it come norm and ReLU, as before every convolution but the first."""
    return _densenet(depth, width, classes, input_shape, transition_norm=False)


@mistake("build_densenet")
def densenet_one_transition_too_many(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """There is a transition after the last block. Transitions are *between* two blocks."""
    return _densenet(depth, width, classes, input_shape, every_transition=True)


@mistake("build_densenet")
def densenet_newest_first(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The new channels are put before the old ones. The input comes first: weights from elsewhere would not fit."""
    return _densenet(depth, width, classes, input_shape, new_first=True)


@mistake("build_densenet")
def densenet_with_biases(depth, width=1, classes=1000, input_shape=(224, 224, 3)):
    """The convolutions have biases. None of them needs one: a batch normalization follows, sooner or later. Set `use_bias=False`."""
    return _densenet(depth, width, classes, input_shape, bias=True)


# squeeze_excite


def _squeezed(
    x, w1, b1, w2, b2, *, squeeze=partial(tf.reduce_mean, axis=(1, 2), keepdims=True), first=tf.nn.relu, second=tf.sigmoid,
    apply=tf.multiply,
):  # fmt: skip
    """Squeeze and excitation, in which each mistake changes one thing."""
    s = squeeze(x)
    return apply(x, second(first(s @ w1 + b1) @ w2 + b2))


@mistake("squeeze_excite")
def gate_without_sigmoid(x, w1, b1, w2, b2):
    """The second activation is missing: the gate may be any number, and turn signs. A sigmoid keeps it between 0 and 1."""
    return _squeezed(x, w1, b1, w2, b2, second=tf.identity)


@mistake("squeeze_excite")
def gate_with_two_relus(x, w1, b1, w2, b2):
    """The second activation is a ReLU, like the first. It is a sigmoid."""
    return _squeezed(x, w1, b1, w2, b2, second=tf.nn.relu)


@mistake("squeeze_excite")
def gate_with_two_sigmoids(x, w1, b1, w2, b2):
    """The first activation is a sigmoid, like the second. It is a ReLU."""
    return _squeezed(x, w1, b1, w2, b2, first=tf.sigmoid)


@mistake("squeeze_excite")
def gate_without_relu(x, w1, b1, w2, b2):
    """The ReLU between the dense layers is missing: two linear layers are one."""
    return _squeezed(x, w1, b1, w2, b2, first=tf.identity)


@mistake("squeeze_excite")
def gate_by_softmax(x, w1, b1, w2, b2):
    """The gate is a softmax, so the channels compete and only one can be open. Several may count: a sigmoid for each."""
    return _squeezed(x, w1, b1, w2, b2, second=partial(tf.nn.softmax, axis=-1))


@mistake("squeeze_excite")
def squeeze_by_maximum(x, w1, b1, w2, b2):
    """The squeeze takes the maximum over the map. It takes the mean."""
    return _squeezed(x, w1, b1, w2, b2, squeeze=partial(tf.reduce_max, axis=(1, 2), keepdims=True))


@mistake("squeeze_excite")
def squeeze_by_sum(x, w1, b1, w2, b2):
    """The squeeze sums over the map, so it grows with the image. Take the mean."""
    return _squeezed(x, w1, b1, w2, b2, squeeze=partial(tf.reduce_sum, axis=(1, 2), keepdims=True))


@mistake("squeeze_excite")
def squeeze_over_the_batch(x, w1, b1, w2, b2):
    """The mean runs over the batch, too, so all images share one gate. Each image has its own: axes 1 and 2."""
    return _squeezed(x, w1, b1, w2, b2, squeeze=partial(tf.reduce_mean, axis=(0, 1, 2), keepdims=True))


@mistake("squeeze_excite")
def squeeze_left_out(x, w1, b1, w2, b2):
    """Every pixel has a gate of its own: the squeeze is missing. First the mean over height and width."""
    return _squeezed(x, w1, b1, w2, b2, squeeze=tf.identity)


@mistake("squeeze_excite")
def gate_added(x, w1, b1, w2, b2):
    """The gate is added to the channels. It scales them: multiply."""
    return _squeezed(x, w1, b1, w2, b2, apply=tf.add)


@mistake("squeeze_excite")
def gate_with_a_shortcut(x, w1, b1, w2, b2):
    """The input is added to what comes out of the gate. The block only scales; the shortcut is the residual block's."""
    return _squeezed(x, w1, b1, w2, b2, apply=lambda x, gate: x + x * gate)


@mistake("squeeze_excite")
def gate_without_biases(x, w1, b1, w2, b2):
    """The biases are not added."""
    return _squeezed(x, w1, 0 * b1, w2, 0 * b2)


# build_senet


def _senet(depth, width, classes, input_shape, ratio, *, first="relu", second="sigmoid", bias=True, merge=layers.Multiply,
           squeeze=layers.GlobalAveragePooling2D, **resnet):  # fmt: skip
    """SE-ResNet, in which each mistake changes one thing."""

    def gate(x):
        channels = x.shape[-1]
        e = squeeze(keepdims=True)(x)
        e = layers.Dense(channels // ratio, activation=first, use_bias=bias)(e)
        return merge()([x, layers.Dense(channels, activation=second, use_bias=bias)(e)])

    return _resnet(depth, width, classes, input_shape, "3x3", 1, 64, gate, **resnet)


@mistake("build_senet")
def senet_without_sigmoid(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """The gates have no sigmoid, so they may be any number."""
    return _senet(depth, width, classes, input_shape, ratio, second=None)


@mistake("build_senet")
def senet_without_relu(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """There is no ReLU between the gates' dense layers: two linear layers are one."""
    return _senet(depth, width, classes, input_shape, ratio, first=None)


@mistake("build_senet")
def senet_gates_added(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """The gates are added to the path. They scale it: `layers.Multiply`."""
    return _senet(depth, width, classes, input_shape, ratio, merge=layers.Add)


@mistake("build_senet")
def senet_without_biases(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """The gates' dense layers have no biases. No batch normalization comes after them: they need theirs."""
    return _senet(depth, width, classes, input_shape, ratio, bias=False)


@mistake("build_senet")
def senet_takes_the_maximum(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """The squeeze takes the maximum. It takes the mean: `GlobalAveragePooling2D`."""
    return _senet(depth, width, classes, input_shape, ratio, squeeze=layers.GlobalMaxPooling2D)


@mistake("build_senet")
def senet_with_half_the_ratio(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """The gates' first dense layer is too wide. It has `c // ratio` units, c being the channels where the gate stands."""
    return _senet(depth, width, classes, input_shape, ratio // 2)


@mistake("build_senet")
def senet_without_gates(depth, width=1, classes=1000, input_shape=(224, 224, 3), ratio=16):
    """There is no squeeze and excitation: this is a ResNet. Pass your gate on to `build_resnet`."""
    return _resnet(depth, width, classes, input_shape, "3x3", 1, 64, None)


# inception_resnet_block


def _inception_resnet(
    x, weights, scale, *, act=tf.nn.relu, up_act=tf.identity, join=None, last=tf.nn.relu, order=(0, 1, 2)
):
    """An Inception-ResNet block, in which each mistake changes one thing."""
    one, two_reduce, two, three_reduce, three_a, three_b, up = weights

    def conv(x, *filters):
        for w in filters:
            x = act(_conv(x, w))
        return x

    paths = (conv(x, one), conv(x, two_reduce, two), conv(x, three_reduce, three_a, three_b))
    deviation = up_act(_conv(tf.concat([paths[i] for i in order], axis=-1), up))
    return last(join(x, deviation) if join else x + scale * deviation)


@mistake("inception_resnet_block")
def deviation_after_a_relu(x, weights, scale=1.0):
    """The last 1x1 convolution has a ReLU, so the block can only add. It is linear."""
    return _inception_resnet(x, weights, scale, up_act=tf.nn.relu)


@mistake("inception_resnet_block")
def scale_left_out(x, weights, scale=1.0):
    """The scale is not used. It makes the deviation small before it is added."""
    return _inception_resnet(x, weights, 1.0)


@mistake("inception_resnet_block")
def sum_scaled(x, weights, scale=1.0):
    """The sum is scaled, the shortcut with it, so the input fades from block to block. Only the deviation is scaled."""
    return _inception_resnet(x, weights, scale, join=lambda x, deviation: scale * (x + deviation))


@mistake("inception_resnet_block")
def shortcut_scaled(x, weights, scale=1.0):
    """The shortcut is scaled instead of the deviation."""
    return _inception_resnet(x, weights, scale, join=lambda x, deviation: scale * x + deviation)


@mistake("inception_resnet_block")
def inception_resnet_without_a_shortcut(x, weights, scale=1.0):
    """The input is not added: this is an Inception block. The deviation is added to x."""
    return _inception_resnet(x, weights, scale, join=lambda x, deviation: scale * deviation)


@mistake("inception_resnet_block")
def inception_resnet_without_the_last_relu(x, weights, scale=1.0):
    """The ReLU after the sum is missing."""
    return _inception_resnet(x, weights, scale, last=tf.identity)


@mistake("inception_resnet_block")
def inception_resnet_paths_linear(x, weights, scale=1.0):
    """The convolutions of the paths have no ReLU, so three layers in a row are one."""
    return _inception_resnet(x, weights, scale, act=tf.identity)


@mistake("inception_resnet_block")
def inception_resnet_in_another_order(x, weights, scale=1.0):
    """The paths are concatenated in another order, so the last convolution's weights meet the wrong channels: 1, 2, 3."""
    return _inception_resnet(x, weights, scale, order=(2, 1, 0))


# reduction_a


def _max_2(x):
    return tf.nn.max_pool2d(x, 3, 2, "VALID")


def _reduction(x, k, l, m, n, *, pool=_max_2, conv=_rconv, order=(0, 1, 2), early=False):
    """Reduction-A, in which each mistake changes one thing."""
    long = conv(x, k)
    long = conv(conv(long, l, 2, "VALID"), m) if early else conv(conv(long, l), m, 2, "VALID")
    paths = (pool(x), conv(x, n, 2, "VALID"), long)
    return tf.concat([paths[i] for i in order], axis=-1)


@mistake("reduction_a")
def reduction_averages(x, k, l, m, n):
    """The first path averages. It takes the maximum."""
    return _reduction(x, k, l, m, n, pool=lambda x: tf.nn.avg_pool2d(x, 3, 2, "VALID"))


@mistake("reduction_a")
def reduction_linear(x, k, l, m, n):
    """The convolutions have no ReLU. Each has one."""
    return _reduction(x, k, l, m, n, conv=_conv)


@mistake("reduction_a")
def reduction_in_another_order(x, k, l, m, n):
    """The paths are concatenated in another order: the pooling, then n, then m."""
    return _reduction(x, k, l, m, n, order=(1, 2, 0))


@mistake("reduction_a")
def reduction_by_letters(x, k, l, m, n):
    """The paths are concatenated in the order of the letters, m before n: the pooling, then n, then m."""
    return _reduction(x, k, l, m, n, order=(0, 2, 1))


@mistake("reduction_a")
def reduction_strides_too_early(x, k, l, m, n):
    """In the third path l has the stride. The last one, m, has it: the others work on the large map."""
    return _reduction(x, k, l, m, n, early=True)


@mistake("reduction_a")
def reduction_padded(x, k, l, m, n):
    """The layers with stride 2 are padded ("SAME"), so 35 becomes 18. They are "VALID": 35 → 17."""
    pooled, short = tf.nn.max_pool2d(x, 3, 2, "SAME"), _rconv(x, n, 2)
    return tf.concat([pooled, short, _rconv(_rconv(_rconv(x, k), l), m, 2)], axis=-1)


@mistake("reduction_a")
def reduction_unpadded_inside(x, k, l, m, n):
    """The 3x3 convolution l is "VALID", and m "SAME": it is the other way round. Only the layers with stride 2 are "VALID"."""
    long = _rconv(_rconv(_rconv(x, k), l, 1, "VALID"), m, 2, "SAME")
    pooled, short = _max_2(x), _rconv(x, n, 2, "VALID")
    return tf.concat([pooled, short, long[:, : pooled.shape[1], : pooled.shape[2]]], axis=-1)

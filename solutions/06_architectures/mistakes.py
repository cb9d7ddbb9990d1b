"""Architectures: wrong implementations. Each docstring is the hint a student reads."""

import tensorflow as tf

from autograder.question import mistake


def _conv(x, filters, stride=1, padding="SAME"):
    return tf.nn.conv2d(x, filters, stride, padding)


def _rconv(x, filters, stride=1, padding="SAME"):
    return tf.nn.relu(_conv(x, filters, stride, padding))


# top_k_error


@mistake("top_k_error", replace="scores >= own, tf.int32), axis=1)", by="scores > own, tf.int32), axis=1) + 1")
def ties_count_for_you():
    """Ties count for the network: only classes with a higher score are counted.

    Then a network that gives all classes the same score is never wrong. Count the other classes with a score as high, too.
    """


@mistake("top_k_error", replace="at_least > k", by="at_least <= k")
def accuracy_instead_of_error():
    """This is the share of images that are right. The error is the share that is wrong."""


@mistake("top_k_error", replace="at_least > k", by="at_least > k + 1")
def one_more_may_be_named():
    """One class more than k may be named. If the right class is among those you count, it may be at place k, not at k + 1."""


@mistake("top_k_error", replace="at_least > k", by="at_least >= k")
def one_less_may_be_named():
    """Only k - 1 classes may be named: the right class counts itself as one that is as high. Compare it with the others alone."""


@mistake("top_k_error", replace="at_least > k", by="at_least > 1")
def only_the_best_counts():
    """Only the best class is looked at, whatever k is. k of them may be named."""


@mistake("top_k_error", replace="scores >= own", by="scores <= own")
def lowest_scores_first():
    """The k *lowest* scores are taken: most sorting functions begin with the smallest. Take the other end."""


@mistake("top_k_error", replace="tf.reduce_mean", by="tf.reduce_sum")
def errors_counted():
    """The wrong images are counted. The error is their share: divide by the number of images."""


@mistake("top_k_error", replace="return tf", by="return 100 * tf")
def error_in_percent():
    """The error is given in percent. Give it as a share, from 0 to 1."""


# ensemble


@mistake(
    "ensemble",
    replace="tf.reduce_mean(tf.nn.softmax(scores, axis=-1), axis=0)",
    by="tf.nn.softmax(tf.reduce_mean(scores, axis=0), axis=-1)",
)
def logits_averaged():
    """The logits are averaged before the softmax, so the network with the largest numbers decides.

    Make probabilities of each network's logits first, then take their mean.
    """


@mistake(
    "ensemble",
    replace="tf.reduce_mean(tf.nn.softmax(scores, axis=-1), axis=0)",
    by="tf.nn.softmax(tf.reduce_sum(scores, axis=0), axis=-1)",
)
def logits_summed():
    """The logits are summed before the softmax: that multiplies the probabilities, and one network can overrule all others.

    Make probabilities of each network's logits first, then take their mean.
    """


@mistake("ensemble", replace="tf.reduce_mean", by="tf.reduce_sum")
def probabilities_summed():
    """The probabilities are summed over the networks, so a row sums to their number. Take the mean."""


@mistake("ensemble", replace="axis=-1", by="axis=0")
def softmax_over_networks():
    """The softmax runs over axis 0, so networks compete instead of classes. The classes are the last axis."""


@mistake("ensemble", replace="axis=-1", by="axis=1")
def softmax_over_images():
    """The softmax runs over axis 1, so images compete instead of classes. The classes are the last axis."""


@mistake("ensemble", replace="tf.reduce_mean", by="tf.reduce_max")
def surest_network_wins():
    """For each class the largest probability of all networks is taken, so a row sums to more than 1. Take the mean."""


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


@mistake("layer_table", replace="2 * pad - size)", by='2 * pad - size + (stride - 1) * (kind == "pool"))')
def pooling_rounded_up():
    """The size after a pooling is rounded up, as Caffe did. Frameworks of today round down, as for a convolution."""


@mistake("layer_table", replace="2 * pad - size)", by="2 * pad - size + stride - 1)")
def sizes_rounded_up():
    """Sizes are rounded up, so a window reaches over the edge. Round down: `//` on whole numbers."""


@mistake("layer_table", replace="2 * pad", by="pad")
def padding_on_one_side():
    """The padding is added once. There are `pad` zeros on *each* side: n + 2p."""


@mistake("layer_table", replace="// stride", by='// (size if kind == "pool" else stride)')
def stride_ignored_by_pooling():
    """A pooling moves by its own stride, not by its size. AlexNet's are 3x3 with stride 2: the windows overlap."""


@mistake("layer_table", replace="channels // groups * filters", by="channels * filters")
def groups_ignored():
    """Groups are ignored. A filter sees only the channels of its group: c / g of them."""


@mistake("layer_table", replace="channels // groups * filters", by="(channels // groups) * (filters // groups)")
def groups_divide_twice():
    """Both the channels and the filters are divided by the groups. There are still k filters in all; each has c / g channels."""


@mistake("layer_table", replace="size * size", by="size")
def filters_in_one_dimension():
    """A filter of f x f has f times f weights per channel, not f."""


@mistake("layer_table", replace="size * channels // groups", by="size")
def filters_of_one_channel():
    """A filter has a slice for every channel that comes in. Multiply by the channels of its group."""


@mistake("layer_table", replace="weights + others", by='weights + others * (kind == "batch norm")')
def biases_forgotten():
    """The biases are forgotten: one for each filter, where the layer has them, and one for each unit of a dense layer."""


@mistake("layer_table", replace="filters * bias", by="filters")
def biases_everywhere():
    """Every convolution gets biases. The last entry of its tuple says whether it has any; before a batch normalization it has none."""


@mistake("layer_table", replace="numbers[0], numbers[0], 1", by="numbers[0], 0, 1")
def dense_biases_forgotten():
    """The biases of the dense layers are forgotten: one for each unit."""


@mistake("layer_table", replace="2 * channels", by="4 * channels")
def moving_statistics_counted():
    """Batch normalization is counted with four numbers per channel, but no gradient moves the moving mean and variance.

    Trainable are gamma and beta: two per channel.
    """


@mistake("layer_table", replace="2 * channels", by="0")
def norms_not_counted():
    """Batch normalization is counted without parameters. It has two per channel that training changes, gamma and beta."""


@mistake("layer_table", replace="bias, height * width", by="bias, int(np.prod([input_shape, *shapes][-1][:2]))")
def products_at_the_input():
    """The products of a convolution are counted at the places of its input. Every *output* pixel costs one pass of the filter."""


@mistake("layer_table", replace="weights * places", by="2 * weights * places")
def additions_counted_too():
    """Multiplications and additions are both counted. Here, as on the slide, a multiply-accumulate is one."""


@mistake("layer_table", replace="height * width * channels", by="channels")
def dense_layer_forgets_the_map():
    """A dense layer after an image sees every pixel of every channel: height x width x channels inputs, not only the channels."""


@mistake("layer_table", replace="np.array(column, np.int64)", by="np.array(column, np.int64).astype(np.int32)")
def products_in_int32():
    """The products overflow int32, which ends at 2,147,483,647. Count in Python's own integers, or in int64."""


# without_layers


@mistake("without_layers", replace="before[column].sum() - after[column].sum()", by="before[column][removed].sum()")
def rows_added_up():
    """The rows of the removed layers are added up, as if the others stayed as they are.

    The next layer gets other inputs, so it grows or shrinks: make the table of what is left, and subtract.
    """


@mistake("without_layers", replace="enumerate(layers)", by="enumerate(layers, 1)")
def positions_counted_from_one():
    """The positions are taken as if they began at 1, so the layer before goes. They are counted from 0."""


@mistake(
    "without_layers",
    replace="before[column].sum() - after[column].sum()",
    by="after[column].sum() - before[column].sum()",
)
def saved_with_the_wrong_sign():
    """This is after minus before; it is before minus after."""


@mistake("without_layers", replace="before[column].sum() - after", by="after")
def what_is_left():
    """These are the totals of what is left. The question is how many fewer that is: subtract them from the totals before."""


@mistake(
    "without_layers",
    replace="kept = [layer for position, layer in enumerate(layers) if position not in removed]",
    by="kept = list(layers)\n    for position in removed:\n        del kept[min(position, len(kept) - 1)]",
)
def removed_one_after_another():
    """The layers are deleted one after another, and each deletion moves what comes after it by one.

    Choose what is kept from the original list instead.
    """


@mistake("without_layers", replace="position not in removed", by="position != removed[0]")
def only_one_removed():
    """Only the first of the positions is taken out. `removed` is a list."""


@mistake("without_layers", replace="(1, 2)", by="(2, 1)")
def products_given_first():
    """The two numbers are in the wrong order: parameters first, then products."""


# grouped_conv2d


@mistake("grouped_conv2d", replace="tf.split(x, groups, axis=-1)", by="[x[..., : x.shape[-1] // groups]] * groups")
def first_piece_for_all():
    """All filters look at the first piece of the input. The i-th group of filters belongs to the i-th piece."""


@mistake("grouped_conv2d", replace="tf.split(x, groups, axis=-1)", by="tf.split(x, groups, axis=-1)[::-1]")
def groups_reversed():
    """The pieces and the filters are paired in opposite order. The first piece belongs to the first filters."""


@mistake("grouped_conv2d", replace="tf.split(x, groups, axis=-1)", by="[x[..., i::groups] for i in range(groups)]")
def channels_dealt_like_cards():
    """Channel i goes to group i % g, as in dealing cards. A piece is a run of neighbouring channels.

    A reshape to (..., c / g, g) does this; (..., g, c / g) is the right one, or `tf.split`.
    """


@mistake(
    "grouped_conv2d",
    replace="tf.split(filters, groups, axis=-1)",
    by="[filters[..., i::groups] for i in range(groups)]",
)
def filters_dealt_like_cards():
    """Filter i goes to group i % g, as in dealing cards. The first c_out / g filters belong to the first group."""


@mistake("grouped_conv2d")
def outputs_shuffled(x, filters, groups, strides=1, padding="SAME"):
    """The groups' outputs are interleaved: stacked on a new last axis and flattened. Put them side by side: concatenate."""
    pieces = zip(tf.split(x, groups, axis=-1), tf.split(filters, groups, axis=-1))
    stacked = tf.stack([tf.nn.conv2d(piece, own, strides, padding) for piece, own in pieces], axis=-1)
    return tf.reshape(stacked, (*stacked.shape[:3], -1))


@mistake(
    "grouped_conv2d",
    replace="tf.concat([tf.nn.conv2d(piece, own, strides, padding) for piece, own in pieces], axis=-1)",
    by="tf.add_n([tf.nn.conv2d(piece, own, strides, padding) for piece, own in pieces])",
)
def groups_added():
    """The groups' outputs are added up, as channels are within a group. Groups do not see each other: concatenate."""


@mistake("grouped_conv2d", replace="own, strides", by="own, 1")
def group_strides_ignored():
    """The strides are not passed on to the convolution of the pieces."""


@mistake("grouped_conv2d", replace="strides, padding)", by='strides, "SAME")')
def groups_always_same():
    """The padding is always "SAME". Pass on the one that is asked for."""


@mistake("grouped_conv2d", replace="own, strides", by="own, strides if isinstance(strides, int) else strides[0]")
def strides_taken_by_one_axis():
    """Only the first stride of a pair is used. `tf.nn.conv2d` takes a pair as it is."""


@mistake("grouped_conv2d", replace="filters, groups, axis=-1", by="filters, groups, axis=2")
def filters_split_on_the_input_axis():
    """The filters are split on axis 2, which holds the channels that a filter sees: it is a group's already. Split the last axis."""


# build_alexnet


@mistake("build_alexnet", replace="layers.MaxPooling2D(3, 2)", by="layers.MaxPooling2D(2, 2)")
def alexnet_pools_2x2():
    """The poolings are 2x2. AlexNet's are 3x3 with stride 2: overlapping windows."""


@mistake("build_alexnet", replace="layers.MaxPooling2D(3, 2)", by='layers.MaxPooling2D(3, 2, "same")')
def alexnet_rounds_up():
    """The poolings are padded ("same"), which rounds the size up. The slide's 55 → 27 → 13 → 6 is without padding, rounded down."""


@mistake("build_alexnet", replace='256, 5, padding="same"', by="256, 5")
def alexnet_second_convolution_unpadded():
    """The 5x5 convolution is not padded, so the map shrinks. "pad 2" keeps its size: padding="same"."""


@mistake("build_alexnet", replace="MaxPooling2D", by="AveragePooling2D")
def alexnet_averages():
    """The poolings average. AlexNet takes the maximum."""


@mistake("build_alexnet", replace=", layers.Dropout(0.5)", by="")
def alexnet_without_dropout():
    """There is no dropout: 0.5 after each of the two hidden dense layers."""


@mistake("build_alexnet", replace="return layers.Conv2D", by='settings.pop("groups", 1)\n        return layers.Conv2D')
def alexnet_ignores_groups():
    """`groups` is not used. The second, fourth and fifth convolution get it."""


@mistake("build_alexnet", replace="int(width * 4096)", by="4096")
def alexnet_hidden_layers_not_scaled():
    """The hidden dense layers have 4096 units whatever `width` is. Every number of filters and hidden units is multiplied by it."""


@mistake("build_alexnet", replace='conv(384, 3, padding="same")', by='conv(384, 3, padding="same", groups=groups)')
def alexnet_groups_in_the_third_too():
    """The third convolution has groups, too. There both halves are looked at: only the second, fourth and fifth have groups."""


@mistake("build_alexnet", replace="layers.Dense(classes)", by='layers.Dense(classes, activation="softmax")')
def alexnet_ends_in_softmax():
    """The model ends in a softmax. It must give logits: no activation at the end."""


@mistake("build_alexnet", replace='size, activation="relu"', by="size")
def alexnet_linear():
    """The convolutions have no ReLU: a `Conv2D` is linear unless told otherwise."""


@mistake("build_alexnet", replace="*dense(),\n            *dense(),", by="*dense(),")
def alexnet_one_hidden_layer():
    """There is one hidden dense layer. AlexNet has two of 4096, and the logits: three dense layers."""


# build_vgg


@mistake("build_vgg", replace=', padding="same"', by="")
def vgg_unpadded():
    """The convolutions are not padded, so every one takes a border away. VGG's keep the size: padding="same"."""


@mistake("build_vgg", replace="MaxPooling2D", by="AveragePooling2D")
def vgg_averages():
    """The poolings average. VGG takes the maximum."""


@mistake("build_vgg", replace="(64, 128, 256, 512, 512)", by="(64,) * 5")
def vgg_never_doubles():
    """All stages have 64 filters. After each pooling their number is doubled, up to 512."""


@mistake("build_vgg", replace="filters), 3", by="filters), 5")
def vgg_with_large_filters():
    """The filters are 5x5. VGG's idea is to use 3x3 only: two in a row see as far."""


@mistake("build_vgg", replace='"same", activation="relu"', by='"same"')
def vgg_linear():
    """The convolutions have no ReLU: a `Conv2D` is linear unless told otherwise, and two linear layers are one."""


@mistake("build_vgg", replace="model.add(layers.Dropout(0.5))", by="pass")
def vgg_without_dropout():
    """There is no dropout: 0.5 after each of the two hidden dense layers."""


@mistake("build_vgg", replace="Flatten", by="GlobalAveragePooling2D")
def vgg_averages_at_the_end():
    """The last map is averaged. That is what later networks do; VGG flattens it, and pays with 100 million weights."""


@mistake("build_vgg", replace="model.add(layers.Flatten())", by="model.pop()\n    model.add(layers.Flatten())")
def vgg_without_the_last_pooling():
    """The last stage is not closed by a pooling. Every stage is."""


@mistake("build_vgg", replace='padding="same"', by='padding="same", use_bias=False')
def vgg_without_biases():
    """The convolutions have no biases. With no batch normalization after them, they need theirs."""


@mistake("build_vgg", replace="layers.Dense(classes)", by='layers.Dense(classes, activation="softmax")')
def vgg_ends_in_softmax():
    """The model ends in a softmax. It must give logits: no activation at the end."""


# inception_block


@mistake(
    "inception_block",
    replace='return tf.nn.relu(tf.nn.conv2d(x, filters, 1, "SAME"))',
    by='y = tf.nn.conv2d(x, filters, 1, "SAME")\n        return y if filters is three_reduce or filters is five_reduce else tf.nn.relu(y)',
)
def inception_reductions_linear():
    """The 1x1 reductions have no ReLU, so each is one linear layer with the convolution after it. Every convolution has a ReLU."""


@mistake(
    "inception_block",
    replace='return tf.nn.relu(tf.nn.conv2d(x, filters, 1, "SAME"))',
    by='y = tf.nn.conv2d(x, filters, 1, "SAME")\n        return tf.nn.relu(y) if filters is three_reduce or filters is five_reduce else y',
)
def inception_ends_linear():
    """The convolutions at the ends of the paths have no ReLU. Every convolution has one."""


@mistake("inception_block", replace="conv(pooled, pool)", by='tf.nn.conv2d(pooled, pool, 1, "SAME")')
def inception_pool_path_linear():
    """The 1x1 convolution after the pooling has no ReLU. Every convolution has one."""


@mistake("inception_block", replace="tf.nn.relu", by="")
def inception_without_any_relu():
    """There is no ReLU at all. Every convolution has one."""


@mistake("inception_block", replace="max_pool2d", by="avg_pool2d")
def inception_averages():
    """The fourth path averages. It takes the maximum."""


@mistake(
    "inception_block",
    replace='tf.nn.max_pool2d(x, 3, 1, "SAME")',
    by='tf.nn.max_pool2d(tf.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), 3, 1, "VALID")',
)
def inception_pools_over_zeros():
    """The pooling pads with zeros, which win over every number below zero at the border. Pad with minus infinity: "SAME" does."""


@mistake("inception_block", replace='tf.nn.max_pool2d(x, 3, 1, "SAME")', by="x")
def inception_does_not_pool():
    """The fourth path has no pooling, so it is a second first path."""


@mistake("inception_block", replace="x, 3, 1", by="x, 2, 1")
def inception_pools_2x2():
    """The fourth path pools over 2x2 pixels. Its windows are 3x3."""


@mistake("inception_block", replace="conv(pooled, pool)", by='tf.nn.max_pool2d(conv(x, pool), 3, 1, "SAME")')
def inception_pools_afterwards():
    """The fourth path convolves first and pools then. The pooling comes first."""


@mistake("inception_block", replace="concat(paths", by="concat([paths[i] for i in (0, 2, 1, 3)]")
def inception_in_another_order():
    """The paths are concatenated in another order: 1x1, 3x3, 5x5, pooling. The next layer's weights count on it."""


@mistake("inception_block", replace="concat(paths", by="concat([paths[i] for i in (3, 0, 1, 2)]")
def inception_pool_path_first():
    """The pooling path comes first. The order is 1x1, 3x3, 5x5, pooling: the next layer's weights count on it."""


@mistake("inception_block", replace="concat(paths", by="concat(paths[:3]")
def inception_pool_path_forgotten():
    """The fourth path is missing: 3x3 max pooling with stride 1, then a 1x1 convolution."""


# factorized


@mistake("factorized", replace="second[p, q]", by="second[-1 - p, -1 - q]")
def second_filter_flipped():
    """The second filter is turned by 180 degrees before it is laid on the first. The offsets add up: a = u + p, b = v + q."""


@mistake("factorized", replace="second[p, q]", by="second[p, -1 - q]")
def offsets_of_height_only():
    """The columns are in the wrong order: only the rows' offsets are added as they are. Both are: a = u + p, b = v + q."""


@mistake("factorized", replace="constant(share", by="constant(1 / share")
def share_upside_down():
    """The share is upside down: the two filters' weights over the one's, 18/25 for two 3x3."""


@mistake("factorized", replace="constant(share", by="constant(1 - share")
def share_that_is_saved():
    """This is what is saved, 7/25 for two 3x3. The question is what share of the weights is left: 18/25."""


@mistake(
    "factorized",
    replace="(np.prod(first.shape) + np.prod(second.shape)) / np.prod(both.shape)",
    by="(np.prod(first.shape[:2]) + np.prod(second.shape[:2])) / np.prod(both.shape[:2])",
)
def share_of_sizes_only():
    """The share is counted per channel, as if all layers had as many. Count all weights: the products of the whole shapes."""


@mistake("factorized", replace="tf.add_n(moved)", by="tf.add_n(moved) / first.shape[-1]")
def channels_in_between_averaged():
    """The channels in between are averaged. A convolution sums over its input channels."""


@mistake("factorized", replace="tf.add_n(moved)", by="tf.pad(tf.add_n(moved), ((0, 1), (0, 1), (0, 0), (0, 0)))")
def one_pixel_too_large():
    """The filter is one row and one column too large. Two filters of a and b pixels see a + b - 1: they share one."""


# build_googlenet


@mistake("build_googlenet", replace="five, 5", by="five, 3")
def googlenet_with_3x3_for_5x5():
    """The third path has a 3x3 convolution. So has torchvision's GoogLeNet, by a well-known slip; the paper's is 5x5."""


@mistake("build_googlenet", replace='activation="relu"', by='activation="relu", use_bias=False')
def googlenet_without_biases():
    """The convolutions have no biases. This network has no batch normalization that would take their place."""


@mistake(
    "build_googlenet",
    replace='return layers.Conv2D(int(width * filters), size, strides, "same", activation="relu")(x)',
    by='x = layers.Conv2D(int(width * filters), size, strides, "same", use_bias=False)(x)\n        return layers.ReLU()(layers.BatchNormalization()(x))',
)
def googlenet_with_batch_norm():
    """There is batch normalization, which came a year later. Inception v1 has biases and ReLUs."""


@mistake(
    "build_googlenet",
    replace="conv(conv(x, three_reduce, 1), three, 3),\n            conv(conv(x, five_reduce, 1), five, 5)",
    by="conv(x, three, 3),\n            conv(x, five, 5)",
)
def googlenet_without_reductions():
    """The 3x3 and 5x5 convolutions see all channels: the 1x1 reductions before them are missing."""


@mistake("build_googlenet", replace="layers.Dropout(0.4)", by="")
def googlenet_without_dropout():
    """There is no dropout: 0.4 between the global average and the dense layer."""


@mistake("build_googlenet", replace="Dropout(0.4)", by="Dropout(0.5)")
def googlenet_with_alexnets_dropout():
    """The dropout has AlexNet's rate, 0.5. GoogLeNet's is 0.4."""


@mistake("build_googlenet", replace="(paths)", by="([paths[i] for i in (0, 2, 1, 3)])")
def googlenet_in_another_order():
    """The paths are concatenated in another order: 1x1, 3x3, 5x5, pooling. Weights from elsewhere would not fit."""


@mistake("build_googlenet", replace="pool(x, 1)", by='layers.AveragePooling2D(3, 1, "same")(x)')
def googlenet_averages_in_the_blocks():
    """The blocks' fourth path averages. In GoogLeNet it takes the maximum."""


@mistake("build_googlenet", replace='3, strides, "same"', by='3, strides, "same" if strides == 1 else "valid"')
def googlenet_pools_unpadded():
    """The poolings with stride 2 are not padded, so the map becomes too small. 112 → 56 → 28 is "same"."""


@mistake("build_googlenet", replace="conv(conv(x, 64, 1), 192, 3)", by="conv(x, 192, 3)")
def googlenet_stem_too_short():
    """The 1x1 convolution of the stem is missing: 7x7, pooling, 1x1, 3x3, pooling."""


@mistake("build_googlenet", replace="GlobalAveragePooling2D", by="Flatten")
def googlenet_flattens():
    """The last map is flattened. GoogLeNet averages it, so its last layer has 1,024 inputs instead of 50,176."""


# gradient_norms


@mistake("gradient_norms", replace="tf.sqrt", by="")
def norms_squared():
    """These are the squares of the norms. Take the root of the sum of squares."""


@mistake("gradient_norms", replace="reduce_sum", by="reduce_mean")
def norms_averaged():
    """The squares are averaged. The norm is the root of their *sum*: a long gradient in a large layer is long."""


@mistake(
    "gradient_norms",
    replace="tf.sqrt(tf.reduce_sum(gradient**2, axis=(1, 2, 3, 4)))",
    by="tf.reduce_sum(tf.abs(gradient), axis=(1, 2, 3, 4))",
)
def norms_by_absolute_values():
    """The absolute values are added up. The norm is the root of the sum of *squares*: (3, 4) has norm 5, not 7."""


@mistake("gradient_norms", replace="h + path if residual else path", by="path")
def shortcuts_left_out():
    """The chain is plain, whatever `residual` says. With shortcuts, the layer's input is added to what comes out of the ReLU."""


@mistake("gradient_norms", replace="h + path if residual else path", by="h + path")
def shortcuts_always():
    """There are shortcuts, whatever `residual` says. Without them, a layer's output is what comes out of the ReLU."""


@mistake(
    "gradient_norms",
    replace='tf.nn.relu(tf.nn.conv2d(h, filters, 1, "SAME"))\n            h = h + path if residual else path',
    by='tf.nn.conv2d(h, filters, 1, "SAME")\n            h = tf.nn.relu(h + path if residual else path)',
)
def relu_after_the_sum():
    """The ReLU comes after the sum. Here it is on the path, so that the shortcut stays linear: h + relu(h * w)."""


@mistake("gradient_norms", replace=", output_gradients=dy", by="")
def gradient_at_the_end_ignored():
    """`dy` is not used: this is the gradient of the sum of all outputs. Give it to the tape as `output_gradients`."""


@mistake("gradient_norms", replace="=dy", by="=dy / tf.cast(tf.size(dy), dy.dtype)")
def loss_averaged():
    """The mean of h * dy is differentiated, so every norm is divided by the number of entries. It is their sum whose gradient is `dy` at the end."""


@mistake("gradient_norms")
def norms_at_the_activations(x, weights, dy, residual):
    """These are the gradients that arrive at the layers' outputs. Differentiate with respect to the *filters* of each layer."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        h, outputs = x, []
        for filters in tf.unstack(weights):
            path = _rconv(h, filters)
            h = h + path if residual else path
            outputs.append(h)
    return tf.stack([tf.norm(gradient) for gradient in tape.gradient(h, outputs, output_gradients=dy)])


@mistake("gradient_norms", replace="tape.watch(weights)", by="pass")
def weights_not_watched():
    """The tape does not watch the weights, so it gives None. They are constants: `tape.watch` them before you use them."""


@mistake("gradient_norms", replace="axis=(1, 2, 3, 4)))", by="axis=(1, 2, 3, 4)))[::-1]")
def last_layer_first():
    """The norms are in reverse order. The first one belongs to `weights[0]`, the layer that sees the input."""


# residual_block


@mistake("residual_block", replace="tf.nn.relu(path + shortcut)", by="tf.nn.relu(path) + shortcut")
def residual_relu_before_the_sum():
    """The ReLU comes before the sum, so the shortcut is added after the activation, and what is added is never below zero.

    First the sum, then the ReLU.
    """


@mistake("residual_block", replace="path + shortcut", by="tf.nn.relu(path) + shortcut")
def residual_relu_before_and_after():
    """There is a ReLU before the sum, too, so the path can only add. The path's second convolution stays linear."""


@mistake("residual_block", replace="tf.nn.relu(path + shortcut)", by="path + shortcut")
def residual_without_the_last_relu():
    """The ReLU after the sum is missing."""


@mistake(
    "residual_block",
    replace='tf.nn.relu(tf.nn.conv2d(x, first, stride, "SAME"))',
    by='tf.nn.conv2d(x, first, stride, "SAME")',
)
def residual_without_the_inner_relu():
    """The ReLU between the two convolutions is missing: two linear layers are one."""


@mistake("residual_block", replace="path + shortcut", by="path")
def residual_without_a_shortcut():
    """There is no shortcut: this is a plain block. Add the input (or its projection) before the last ReLU."""


@mistake("residual_block", replace='option == "C" or stride != 1 or x.shape[-1] != path.shape[-1]', by="True")
def residual_always_projects():
    """The shortcut is always projected, also where the shape stays. Variant B projects only where it has to; the identity is better."""


@mistake("residual_block", replace='option == "C" or ', by="")
def residual_never_projects_for_c():
    """Variant C is not there: with `option="C"` the shortcut is projected everywhere."""


@mistake("residual_block", replace=" or x.shape[-1] != path.shape[-1]", by="")
def residual_projects_for_strides_alone():
    """The projection is used only where the stride is not 1. Another number of channels needs it, too."""


@mistake(
    "residual_block",
    replace='shortcut = x\n    if option == "C" or stride != 1 or',
    by='shortcut = x[:, ::stride, ::stride]\n    if option == "C" or',
)
def residual_projects_for_channels_alone():
    """Where only the stride changes the shape, the shortcut takes every second pixel instead of the projection. Project there, too."""


@mistake(
    "residual_block",
    replace='tf.nn.conv2d(x, projection, stride, "SAME")',
    by='tf.nn.relu(tf.nn.conv2d(x, projection, stride, "SAME"))',
)
def residual_projection_with_relu():
    """The projection has a ReLU of its own. The shortcut is linear."""


@mistake(
    "residual_block", replace="x, projection, stride", by='tf.nn.avg_pool2d(x, stride, stride, "SAME"), projection, 1'
)
def residual_projects_a_pooled_map():
    """The shortcut is pooled before it is projected. The projection itself has the stride."""


@mistake(
    "residual_block",
    replace='first, stride, "SAME"))\n    path = tf.nn.conv2d(path, second, 1',
    by='first, 1, "SAME"))\n    path = tf.nn.conv2d(path, second, stride',
)
def residual_stride_in_the_second():
    """The second convolution has the stride. It belongs to the first: the second then works on the smaller map."""


@mistake("residual_block", replace="path + shortcut", by="path + tf.stop_gradient(shortcut)")
def residual_gradient_stopped():
    """No gradient goes through the shortcut, though that is what it is for. No stop_gradient, NumPy or constants on it."""


@mistake("residual_block", replace="path + shortcut", by="path * shortcut")
def residual_multiplied():
    """Path and shortcut are multiplied. They are added: "identity + some deviation from it"."""


# bottleneck_block


@mistake("bottleneck_block", replace='(stride, 1) if stride_on == "1x1" else (1, stride)', by="1, stride")
def bottleneck_stride_always_on_the_3x3():
    """With `stride_on="1x1"` the stride is on the 3x3 convolution. Then the first 1x1 convolution has it, as in the paper."""


@mistake("bottleneck_block", replace='(stride, 1) if stride_on == "1x1" else (1, stride)', by="stride, 1")
def bottleneck_stride_always_on_the_1x1():
    """With `stride_on="3x3"`, the default, the stride is on the first 1x1 convolution. Then the 3x3 convolution has it."""


@mistake("bottleneck_block", replace='(stride, 1) if stride_on == "1x1" else (1, stride)', by="stride, stride")
def bottleneck_stride_on_both():
    """Both convolutions have the stride, so the path shrinks twice. Only the one that `stride_on` names has it."""


@mistake("bottleneck_block")
def bottleneck_stride_on_the_last(x, weights, stride=1, stride_on="3x3", groups=1):
    """The last 1x1 convolution has the stride, so the 3x3 works on the large map. It belongs to the one that `stride_on` names."""
    reduce, middle, expand, projection = weights
    path = grouped_conv2d(_rconv(x, reduce), middle, groups)  # noqa: F821 - the notebook's
    path = _conv(tf.nn.relu(path), expand, stride)
    same = stride == 1 and x.shape[-1] == path.shape[-1]
    return tf.nn.relu(path + (x if same else _conv(x, projection, stride)))


@mistake(
    "bottleneck_block",
    replace='tf.nn.relu(tf.nn.conv2d(x, reduce, first, "SAME"))',
    by='tf.nn.conv2d(x, reduce, first, "SAME")',
)
def bottleneck_first_linear():
    """There is no ReLU after the first 1x1 convolution."""


@mistake("bottleneck_block", replace="tf.nn.relu(grouped", by="(grouped")
def bottleneck_middle_linear():
    """There is no ReLU after the 3x3 convolution."""


@mistake("bottleneck_block", replace="tf.nn.relu(path + shortcut)", by="tf.nn.relu(path) + shortcut")
def bottleneck_relu_before_the_sum():
    """The ReLU comes before the sum, so the shortcut is added after the activation. First the sum, then the ReLU."""


@mistake("bottleneck_block", replace="path + shortcut", by="tf.nn.relu(path) + shortcut")
def bottleneck_relu_before_and_after():
    """There is a ReLU before the sum, too, so the path can only add. The last convolution of the path stays linear."""


@mistake("bottleneck_block", replace="tf.nn.relu(path + shortcut)", by="path + shortcut")
def bottleneck_without_the_last_relu():
    """The ReLU after the sum is missing."""


@mistake("bottleneck_block", replace="stride != 1 or x.shape[-1] != path.shape[-1]", by="True")
def bottleneck_always_projects():
    """The shortcut is always projected, also where the shape stays. There it is the identity."""


@mistake("bottleneck_block", replace="path + shortcut", by="path")
def bottleneck_without_a_shortcut():
    """There is no shortcut. Add the input (or its projection) before the last ReLU."""


@mistake(
    "bottleneck_block",
    replace="grouped_conv2d(path, middle, groups, second",
    by="tf.nn.conv2d(path[..., : path.shape[-1] // groups], middle, second",
)
def bottleneck_all_groups_see_the_first():
    """All groups of the 3x3 convolution look at the first piece of the channels. Call your `grouped_conv2d`."""


# build_resnet


@mistake("build_resnet", replace="use_bias=False", by="use_bias=True")
def resnet_with_useless_biases():
    """The convolutions have biases, and the batch normalization after each one subtracts the bias again.

    So does Keras's own ResNet-50, which has 26,560 useless parameters by that. Set `use_bias=False`.
    """


@mistake("build_resnet", replace='stride_on == "1x1"', by='stride_on != "1x1"')
def resnet_stride_in_the_other_place():
    """The strides of the bottleneck blocks are in the other convolution than `stride_on` says: the 3x3 by default, the first 1x1 if asked."""


@mistake("build_resnet", replace='(stride, 1) if stride_on == "1x1" else (1, stride)', by="1, stride")
def resnet_stride_always_in_the_3x3():
    """`stride_on` is not used: with "1x1" the first convolution of a bottleneck block has the stride."""


@mistake("build_resnet", replace="int(width * inner)", by="int(width * 64)")
def resnet_ignores_inner():
    """`inner` is not used: the 1x1 and 3x3 convolutions in the middle of a bottleneck block have `int(width * inner)` filters, doubled per stage."""


@mistake("build_resnet", replace=", second, groups", by=", second")
def resnet_ignores_groups():
    """`groups` is not used. The 3x3 convolutions of the bottleneck blocks get it."""


@mistake("build_resnet", replace="gate(path)", by="path")
def resnet_ignores_the_gate():
    """`gate` is not used. Each block's path goes through it, after its last normalization and before the sum."""


@mistake("build_resnet", replace="layers.Add()([gate(path), x])", by="gate(layers.Add()([path, x]))")
def resnet_gate_after_the_sum():
    """The gate comes after the sum, so it acts on the shortcut, too. The path alone goes through it, before the sum."""


@mistake(
    "build_resnet",
    replace="layers.ReLU()(layers.Add()([gate(path), x]))",
    by="layers.Add()([layers.ReLU()(gate(path)), x])",
)
def resnet_relu_before_the_sum():
    """The shortcut is added after the activation. The sum comes first: after the path's last normalization, before the ReLU."""


@mistake("build_resnet", replace="[gate(path), x]", by="[layers.ReLU()(gate(path)), x]")
def resnet_relu_before_and_after():
    """A block's path ends in a ReLU, so it can only add to the shortcut. Its last normalization is followed by the sum."""


@mistake("build_resnet", replace="layers.ReLU()(layers.Add()", by="(layers.Add()")
def resnet_without_the_last_relu():
    """There is no ReLU after the sums. The block ends with one."""


@mistake("build_resnet", replace="if path.shape != x.shape:", by="if True:")
def resnet_projects_everywhere():
    """Every shortcut has a projection (variant C). Variant B has one only where the shape changes; elsewhere it is the identity."""


@mistake(
    "build_resnet",
    replace="conv(x, path.shape[-1], 1, stride, relu=False)",
    by='layers.Conv2D(path.shape[-1], 1, stride, "same", use_bias=False)(x)',
)
def resnet_projection_without_norm():
    """The projections have no batch normalization. It comes after *each* convolution."""


@mistake(
    "build_resnet", replace="use_bias=False)(x)\n        x = layers.BatchNormalization()(x)", by="use_bias=True)(x)"
)
def resnet_without_norm():
    """There is no batch normalization. It comes after each convolution and before the activation."""


@mistake(
    "build_resnet",
    replace="x = layers.BatchNormalization()(x)\n        return layers.ReLU()(x) if relu else x",
    by="return layers.BatchNormalization()(layers.ReLU()(x) if relu else x)",
)
def resnet_norm_after_the_relu():
    """Batch normalization comes after the ReLU. It comes after the convolution and *before* the activation."""


@mistake("build_resnet", replace='layers.MaxPooling2D(3, 2, "same")', by="")
def resnet_without_the_pooling():
    """The stem's max pooling is missing: 3x3 with stride 2, after the first ReLU."""


@mistake("build_resnet", replace="2 if stage and not number", by="2 if not number")
def resnet_strides_in_the_first_stage():
    """The first stage begins with stride 2. The stem has made the map small enough: only the later stages do."""


@mistake("build_resnet", replace="layers.Add()([gate(path), x])", by="gate(path)")
def resnet_plain():
    """There are no shortcuts: this is the plain network that the paper compares with. Add each block's input to its path."""


@mistake("build_resnet", replace="* 4 * 2**stage", by="* 2**stage")
def resnet_does_not_widen():
    """The bottleneck blocks end with as many filters as they have in the middle. They end with four times as many."""


@mistake("build_resnet", replace="GlobalAveragePooling2D", by="Flatten")
def resnet_flattens():
    """The last map is flattened. ResNet averages it, so its last layer is small."""


@mistake("build_resnet", replace="layers.Dense(classes)", by='layers.Dense(classes, activation="softmax")')
def resnet_ends_in_softmax():
    """The model ends in a softmax. It must give logits: no activation at the end."""


# build_resnext


@mistake("build_resnext", replace="inner=128", by="inner=64")
def resnext_as_narrow_as_resnet():
    """The blocks are as narrow as ResNet's, 64 channels. 32 groups of 4 are 128 inner channels."""


@mistake("build_resnext", replace="inner=128", by="inner=int(width * 128)")
def resnext_scales_inner_twice():
    """`inner` is scaled twice: `build_resnet` multiplies it by `width` itself. Pass the number for the full width."""


@mistake("build_resnext", replace="groups=int(width * 32), ", by="")
def resnext_without_groups():
    """The 3x3 convolutions have no groups: this is a ResNet of twice the inner width. Pass on `groups`."""


@mistake("build_resnext", replace="int(width * 32)", by="max(1, int(width * 16))")
def resnext_with_half_the_groups():
    """There are too few groups, each with too many channels: "32x4d" is 32 groups of 4 channels, `int(width * 32)` of 4 in a small copy."""


@mistake("build_resnext", replace="int(width * 32)", by="int(width * 128)")
def resnext_depthwise():
    """Every channel is a group of its own: a depthwise convolution. A group has 4 channels in the first stage."""


@mistake("build_resnext", replace="input_shape,", by='input_shape, "1x1",')
def resnext_stride_in_the_1x1():
    """The stride is in the first 1x1 convolution. ResNeXt has it in the 3x3."""


@mistake("build_resnext", replace="int(width * 32)", by="32")
def resnext_keeps_32_groups():
    """There are 32 groups whatever `width` is. The number of groups is scaled, `int(width * 32)`, and each keeps its channels."""


# dense_block


@mistake("dense_block", replace="tf.nn.relu(x)", by="x")
def dense_without_relu():
    """There is no ReLU. Each layer applies it to what it gets, before the convolution."""


@mistake(
    "dense_block",
    replace='tf.nn.conv2d(tf.nn.relu(x), filters, 1, "SAME")',
    by='tf.nn.relu(tf.nn.conv2d(x, filters, 1, "SAME"))',
)
def dense_relu_after_the_convolution():
    """The ReLU comes after the convolution. In a dense block it comes before: relu(x) * w."""


@mistake(
    "dense_block",
    replace='tf.nn.conv2d(tf.nn.relu(x), filters, 1, "SAME")',
    by='tf.nn.relu(tf.nn.conv2d(tf.nn.relu(x), filters, 1, "SAME"))',
)
def dense_relu_twice():
    """There is a ReLU after the convolution, too. New channels may be below zero; the next layer's ReLU comes soon enough."""


@mistake("dense_block", replace="[x, new]", by="[new, x]")
def dense_newest_first():
    """The new channels are put before the old ones. What came in stays first, the newest come last."""


@mistake("dense_block", replace="[x, new]", by="[tf.nn.relu(x), new]")
def dense_relu_kept():
    """The ReLU's result is handed on in place of the input: what is below zero is lost. Concatenate the input itself."""


@mistake("dense_block", replace="return x", by="return x[..., weights[0].shape[2] :]")
def dense_forgets_the_input():
    """Only the new channels are returned. What came in belongs to the output, at its beginning."""


@mistake("dense_block", replace="return x", by="return new")
def dense_returns_the_newest():
    """Only the last layer's channels are returned. The output holds all: what came in, and what every layer added."""


@mistake(
    "dense_block",
    replace="x = tf.concat",
    by="c = filters.shape[-1]\n        new = x[..., -c:] + new if x.shape[-1] >= c else new\n        x = tf.concat",
)
def dense_adds():
    """The new channels are added to the last old ones, as in a residual block. Concatenate: then nothing old is lost."""


@mistake("dense_block")
def dense_layers_see_the_input_twice(x, weights):
    """A layer sees the block's input again where it should see the newest channels. Each gets everything before it, in order."""
    start = x
    for filters in weights:
        seen = x if x is start else tf.concat([x[..., : -start.shape[-1]], start], axis=-1)
        x = tf.concat([x, _conv(tf.nn.relu(seen), filters)], axis=-1)
    return x


# build_densenet


@mistake(
    "build_densenet",
    replace="growth, 3)\n            x = layers.Concatenate()",
    by="x.shape[-1], 3)\n            x = layers.Add()",
)
def densenet_adds():
    """Input and output of a layer are added, as in ResNet. DenseNet concatenates them."""


@mistake(
    "build_densenet",
    replace="conv(activated(conv(activated(x), 4 * growth, 1)), growth, 3)",
    by="conv(activated(x), growth, 3)",
)
def densenet_without_bottlenecks():
    """The 1x1 convolutions of the layers are missing: norm, ReLU, 1x1 to 4k channels, norm, ReLU, 3x3 to k."""


@mistake("build_densenet", replace="4 * growth", by="growth")
def densenet_bottleneck_too_narrow():
    """The 1x1 convolutions have k filters. They have 4k."""


@mistake("build_densenet", replace="x.shape[-1] // 2", by="x.shape[-1]")
def densenet_without_compression():
    """The transitions keep all channels. They keep half of them."""


@mistake("build_densenet", replace="AveragePooling2D(2", by="MaxPooling2D(2")
def densenet_transition_by_maximum():
    """The transitions take the maximum. They average, 2x2 with stride 2; the maximum is in the stem alone."""


@mistake("build_densenet", replace=', padding="same"', by="")
def densenet_transition_unpadded():
    """The poolings of the transitions are not padded, so of an odd map a row or column is lost. Everything is "same" here."""


@mistake(
    "build_densenet",
    replace="conv(activated(conv(activated(x), 4 * growth, 1)), growth, 3)",
    by="activated(conv(activated(conv(x, 4 * growth, 1)), growth, 3))",
)
def densenet_conv_first():
    """The layers go convolution, norm, ReLU. In DenseNet norm and ReLU come *before* the convolution."""


@mistake("build_densenet", replace="GlobalAveragePooling2D()(activated(x))", by="GlobalAveragePooling2D()(x)")
def densenet_without_the_last_norm():
    """Norm and ReLU before the global average are missing: the last convolution's output is used as it is."""


@mistake("build_densenet", replace="activated(x), x.shape", by="x, x.shape")
def densenet_transition_without_norm():
    """The transitions begin with the convolution. Before it come norm and ReLU, as before every convolution but the first."""


@mistake(
    "build_densenet",
    replace="x = layers.GlobalAveragePooling2D",
    by='x = layers.AveragePooling2D(2, padding="same")(conv(activated(x), x.shape[-1] // 2, 1))\n    x = layers.GlobalAveragePooling2D',
)
def densenet_one_transition_too_many():
    """There is a transition after the last block. Transitions are *between* two blocks."""


@mistake("build_densenet", replace="[x, new]", by="[new, x]")
def densenet_newest_first():
    """The new channels are put before the old ones. The input comes first: weights from elsewhere would not fit."""


@mistake("build_densenet", replace="use_bias=False", by="use_bias=True")
def densenet_with_biases():
    """The convolutions have biases. None of them needs one: a batch normalization follows, sooner or later. Set `use_bias=False`."""


# squeeze_excite


@mistake("squeeze_excite", replace="tf.sigmoid", by="")
def gate_without_sigmoid():
    """The second activation is missing: the gate may be any number, and turn signs. A sigmoid keeps it between 0 and 1."""


@mistake("squeeze_excite", replace="tf.sigmoid", by="tf.nn.relu")
def gate_with_two_relus():
    """The second activation is a ReLU, like the first. It is a sigmoid."""


@mistake("squeeze_excite", replace="tf.nn.relu", by="tf.sigmoid")
def gate_with_two_sigmoids():
    """The first activation is a sigmoid, like the second. It is a ReLU."""


@mistake("squeeze_excite", replace="tf.nn.relu", by="")
def gate_without_relu():
    """The ReLU between the dense layers is missing: two linear layers are one."""


@mistake("squeeze_excite", replace="tf.sigmoid", by="tf.nn.softmax")
def gate_by_softmax():
    """The gate is a softmax, so the channels compete and only one can be open. Several may count: a sigmoid for each."""


@mistake("squeeze_excite", replace="reduce_mean", by="reduce_max")
def squeeze_by_maximum():
    """The squeeze takes the maximum over the map. It takes the mean."""


@mistake("squeeze_excite", replace="reduce_mean", by="reduce_sum")
def squeeze_by_sum():
    """The squeeze sums over the map, so it grows with the image. Take the mean."""


@mistake("squeeze_excite", replace="axis=(1, 2))", by="axis=(0, 1, 2))[None]")
def squeeze_over_the_batch():
    """The mean runs over the batch, too, so all images share one gate. Each image has its own: axes 1 and 2."""


@mistake("squeeze_excite")
def squeeze_left_out(x, w1, b1, w2, b2):
    """Every pixel has a gate of its own: the squeeze is missing. First the mean over height and width."""
    return x * tf.sigmoid(tf.nn.relu(x @ w1 + b1) @ w2 + b2)


@mistake("squeeze_excite", replace="x * excited", by="x + excited")
def gate_added():
    """The gate is added to the channels. It scales them: multiply."""


@mistake("squeeze_excite", replace="x * excited[:, None, None, :]", by="x + x * excited[:, None, None, :]")
def gate_with_a_shortcut():
    """The input is added to what comes out of the gate. The block only scales; the shortcut is the residual block's."""


@mistake("squeeze_excite", replace="w1 + b1) @ w2 + b2", by="w1 + 0 * b1) @ w2 + 0 * b2")
def gate_without_biases():
    """The biases are not added."""


# build_senet


@mistake("build_senet", replace=', activation="sigmoid"', by="")
def senet_without_sigmoid():
    """The gates have no sigmoid, so they may be any number."""


@mistake("build_senet", replace=', activation="relu"', by="")
def senet_without_relu():
    """There is no ReLU between the gates' dense layers: two linear layers are one."""


@mistake("build_senet", replace="layers.Multiply", by="layers.Add")
def senet_gates_added():
    """The gates are added to the path. They scale it: `layers.Multiply`."""


@mistake(
    "build_senet",
    replace='"relu")(e)\n        e = layers.Dense(channels, ',
    by='"relu", use_bias=False)(e)\n        e = layers.Dense(channels, use_bias=False, ',
)
def senet_without_biases():
    """The gates' dense layers have no biases. No batch normalization comes after them: they need theirs."""


@mistake("build_senet", replace="GlobalAveragePooling2D", by="GlobalMaxPooling2D")
def senet_takes_the_maximum():
    """The squeeze takes the maximum. It takes the mean: `GlobalAveragePooling2D`."""


@mistake("build_senet", replace="// ratio", by="// (ratio // 2)")
def senet_with_half_the_ratio():
    """The gates' first dense layer is too wide. It has `c // ratio` units, c being the channels where the gate stands."""


@mistake("build_senet", replace="// ratio", by="// 16")
def senet_ignores_the_ratio():
    """`ratio` is not used: the gates' first dense layer has `c // ratio` units, not always `c // 16`."""


@mistake("build_senet", replace="gate=gate", by="gate=None")
def senet_without_gates():
    """There is no squeeze and excitation: this is a ResNet. Pass your gate on to `build_resnet`."""


# inception_resnet_block


@mistake(
    "inception_resnet_block",
    replace='tf.nn.conv2d(tf.concat(paths, axis=-1), up, 1, "SAME")',
    by='tf.nn.relu(tf.nn.conv2d(tf.concat(paths, axis=-1), up, 1, "SAME"))',
)
def deviation_after_a_relu():
    """The last 1x1 convolution has a ReLU, so the block can only add. It is linear."""


@mistake("inception_resnet_block", replace="scale * deviation", by="deviation")
def scale_left_out():
    """The scale is not used. It makes the deviation small before it is added."""


@mistake("inception_resnet_block", replace="x + scale * deviation", by="scale * (x + deviation)")
def sum_scaled():
    """The sum is scaled, the shortcut with it, so the input fades from block to block. Only the deviation is scaled."""


@mistake("inception_resnet_block", replace="x + scale * deviation", by="scale * x + deviation")
def shortcut_scaled():
    """The shortcut is scaled instead of the deviation."""


@mistake("inception_resnet_block", replace="x + scale", by="scale")
def inception_resnet_without_a_shortcut():
    """The input is not added: this is an Inception block. The deviation is added to x."""


@mistake("inception_resnet_block", replace="tf.nn.relu(x + scale * deviation)", by="x + scale * deviation")
def inception_resnet_without_the_last_relu():
    """The ReLU after the sum is missing."""


@mistake("inception_resnet_block", replace="tf.nn.relu(tf.nn.conv2d", by="(tf.nn.conv2d")
def inception_resnet_paths_linear():
    """The convolutions of the paths have no ReLU, so three layers in a row are one."""


@mistake("inception_resnet_block", replace="concat(paths", by="concat(paths[::-1]")
def inception_resnet_in_another_order():
    """The paths are concatenated in another order, so the last convolution's weights meet the wrong channels: 1, 2, 3."""


# reduction_a


@mistake("reduction_a", replace="max_pool2d", by="avg_pool2d")
def reduction_averages():
    """The first path averages. It takes the maximum."""


@mistake("reduction_a", replace="tf.nn.relu", by="")
def reduction_linear():
    """The convolutions have no ReLU. Each has one."""


@mistake("reduction_a", replace="[pooled, short, long]", by="[short, long, pooled]")
def reduction_in_another_order():
    """The paths are concatenated in another order: the pooling, then n, then m."""


@mistake("reduction_a", replace="[pooled, short, long]", by="[pooled, long, short]")
def reduction_by_letters():
    """The paths are concatenated in the order of the letters, m before n: the pooling, then n, then m."""


@mistake("reduction_a", replace='wl, 1, "SAME"), wm, 2, "VALID"', by='wl, 2, "VALID"), wm, 1, "SAME"')
def reduction_strides_too_early():
    """In the third path l has the stride. The last one, m, has it: the others work on the large map."""


@mistake("reduction_a")
def reduction_padded(x, wk, wl, wm, wn):
    """The layers with stride 2 are padded ("SAME"), so 35 becomes 18. They are "VALID": 35 → 17."""
    pooled, short = tf.nn.max_pool2d(x, 3, 2, "SAME"), _rconv(x, wn, 2)
    return tf.concat([pooled, short, _rconv(_rconv(_rconv(x, wk), wl), wm, 2)], axis=-1)


@mistake(
    "reduction_a",
    replace='wl, 1, "SAME"), wm, 2, "VALID")',
    by='wl, 1, "VALID"), wm, 2, "SAME")[:, : pooled.shape[1], : pooled.shape[2]]',
)
def reduction_unpadded_inside():
    """The 3x3 convolution l is "VALID", and m "SAME": it is the other way round. Only the layers with stride 2 are "VALID"."""

"""What goes wrong with generalization: each function is a plausible wrong answer, and its docstring is the hint for it."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

from itertools import count

import keras
import numpy as np
import tensorflow as tf

from autograder.question import mistake

CALLS = count(10**6)
"""What is drawn without a seed differs in each run; here it differs in each call, so that a release is always the same."""

# polynomial_fit


@mistake("polynomial_fit", replace="if k not in zeros", by="if True")
def known_zeros_ignored():
    """All weights are fitted, also those that are known to be zero. Give least squares only the columns of the free weights."""


@mistake("polynomial_fit")
def zeros_set_after_the_fit(x, y, degree, zeros):
    """All weights are fitted, and then some are set to zero. The others are the best only *together* with those. Leave the columns of
    the known weights out of the fit."""
    powers = np.stack([x**k for k in range(degree + 1)], axis=1)
    weights = np.linalg.lstsq(powers, y, rcond=None)[0]
    weights[list(zeros)] = 0
    return weights


@mistake("polynomial_fit", replace="return weights", by="return weights[::-1]")
def highest_power_first():
    """The weights stand in the wrong order, the highest power first, as `np.polyfit` returns them. Entry k belongs to x to the power
    of k."""


@mistake("polynomial_fit", replace="return weights", by="return weights[free]")
def known_weights_left_out():
    """The weights that are known to be zero are missing in the result. There are `degree + 1` entries: put zeros at their places."""


@mistake("polynomial_fit", replace="if k not in zeros", by="if k + 1 not in zeros")
def powers_counted_from_one():
    """The wrong weights are zero: each is one power too low. The powers in `zeros` are counted from 0, and 0 is the constant."""


@mistake("polynomial_fit", replace="if k not in zeros", by="if degree - k not in zeros")
def zeros_from_the_highest():
    """`zeros` is read from the highest power downwards. A 0 in it means the constant, a 1 the weight of x."""


@mistake("polynomial_fit", replace="np.stack([x**k for k in free]", by="np.stack([x**k for k in range(len(free))]")
def lowest_powers_fitted():
    """The right number of weights is fitted, but with the columns of the *lowest* powers. Each free weight needs the column of its own
    power."""


@mistake("polynomial_fit")
def without_a_constant(x, y, degree, zeros):
    """There is no constant: the power 0 is missing among the columns. x to the power of 0 is a column of ones."""
    free = [k for k in range(1, degree + 1) if k not in zeros]
    weights = np.zeros(degree + 1, x.dtype)
    if free:
        weights[free] = np.linalg.lstsq(np.stack([x**k for k in free], axis=1), y, rcond=None)[0]
    return weights


@mistake("polynomial_fit")
def zeros_set_after_polyfit(x, y, degree, zeros):
    """`np.polyfit` fits all weights, and then some are set to zero. The others are the best only *together* with those. Leave the columns of
    the known weights out of the fit."""
    weights = np.polyfit(x, y, degree)[::-1].copy()
    weights[list(zeros)] = 0
    return weights


# patchy_layer


@mistake("patchy_layer", replace="weights[:, :, a, b]", by="weights[:1, :1, a, b] + 0 * weights[:, :, a, b]")
def first_place_for_all():
    """All places use the weights of the first one. That is a convolution; here every place has weights of its own."""


@mistake("patchy_layer", replace="weights[:, :, a, b]", by="weights[:, :, kh - 1 - a, kw - 1 - b]")
def patches_turned():
    """The weights of each patch are turned by 180 degrees. Nothing is flipped here: entry (a, b) of the weights belongs to entry (a, b) of
    the patch."""


@mistake("patchy_layer", replace="weights[:, :, a, b]", by="weights[::-1, ::-1, a, b]")
def places_turned():
    """The weights of the last place are used at the first one, and the other way round. Place (i, j) uses `weights[i, j]`."""


@mistake(
    "patchy_layer",
    replace="weights[:, :, a, b]",
    by="tf.reduce_mean(weights[:, :, a, b], axis=(0, 1), keepdims=True) + 0 * weights[:, :, a, b]",
)
def mean_of_all_places():
    """All places use the mean of the weights. Do not average over the first two axes: they say which place is meant."""


@mistake("patchy_layer", replace="return y", by="return y / (kh * kw)")
def mean_for_sum():
    """The result is divided by the number of pixels in a patch. It is the sum of the products, not their mean."""


@mistake("patchy_layer", replace="y +=", by="y =")
def last_entry_of_the_patch():
    """Only the last pixel of each patch counts: the sum is overwritten in each round. Add to it."""


@mistake("patchy_layer", replace='"nijc,ijco->nijo", seen', by='"nij,ijco->nijo", seen[..., 0]')
def first_channel_only():
    """Of the image only the first channel is used, with the weights of all. Multiply each channel by its own weights, and sum."""


@mistake("patchy_layer", replace="return y", by="return tf.nn.relu(y)")
def rectified():
    """Negative results are cut off. The layer is linear: leave the ReLU out."""


@mistake("patchy_layer", replace="return y", by="return tf.constant(y.numpy())")
def patchy_without_gradient():
    """The numbers are right, but there is no gradient: a result was taken out of TensorFlow. Use tensor operations only."""


@mistake("patchy_layer", replace="weights[:, :, a, b]", by="tf.reverse(weights, [2])[:, :, a, b]")
def patches_upside_down():
    """The weights of each patch are upside down: its first row is multiplied by the last row of the weights."""


# standardize


@mistake("standardize")
def own_statistics(images, train):
    """The mean and the deviation are those of the images themselves. Use those of the training images, whatever comes in: test images must not
    influence anything."""
    mean, deviation = tf.reduce_mean(images, axis=(0, 1, 2)), tf.math.reduce_std(images, axis=(0, 1, 2))
    return (images - mean) / deviation


@mistake("standardize")
def all_channels_together(images, train):
    """There is one mean and one deviation for all channels. Each channel has its own: leave the last axis out of the means."""
    return (images - tf.reduce_mean(train)) / tf.math.reduce_std(train)


@mistake("standardize", replace="reduce_std", by="reduce_variance")
def divided_by_variance():
    """The images are divided by the variance. Divide by its square root, the standard deviation."""


@mistake("standardize", replace="(images - mean) / deviation", by="images - mean")
def only_centred():
    """The mean is subtracted, but nothing is divided. Divide by the standard deviation of each channel."""


@mistake("standardize", replace="(images - mean) / deviation", by="images / deviation")
def only_scaled():
    """The images are divided, but the mean is still in them. Subtract it first."""


@mistake("standardize", replace="(images - mean) / deviation", by="images / deviation - mean")
def mean_after_the_division():
    """The mean is subtracted after the division. First subtract, then divide the difference."""


@mistake("standardize", replace="return (images - mean) / deviation", by="return (images - mean) * deviation")
def multiplied_by_deviation():
    """The difference is multiplied by the standard deviation. Divide by it."""


@mistake("standardize")
def each_image_by_itself(images, train):
    """Every image is standardized by its own mean and deviation. Use one mean and one deviation per channel, of all training images."""
    mean = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
    variance = tf.reduce_mean((images - mean) ** 2, axis=(1, 2), keepdims=True)
    return (images - mean) * tf.math.rsqrt(variance + 1e-6)


@mistake(
    "standardize",
    replace="tf.math.reduce_std(train, axis=(0, 1, 2))",
    by="tf.math.reduce_std(train, axis=(0, 1, 2)) * float(1 - 1 / train[..., 0].shape.num_elements()) ** -0.5",
)
def one_less_in_the_variance():
    """The sum of squares is divided by the number of pixels minus 1 (`ddof=1`). Divide by the number of pixels."""


# random_crop


@mistake("random_crop", replace="height - size + 1, n", by="height - size + 1, 1).repeat(n")
def one_row_for_all():
    """All crops of a call start in the same row. Draw one for each image, e.g. with `size=n`, and start the generator once."""


@mistake("random_crop", replace="width - size + 1, n", by="width - size + 1, 1).repeat(n")
def one_column_for_all():
    """All crops of a call start in the same column. Draw one for each image, e.g. with `size=n`, and start the generator once."""


@mistake("random_crop")
def one_place_for_all(images, size, seed):
    """All crops of a call are cut at the same place. Draw a row and a column for each image, and start the generator once, before the first
    image."""
    rng = np.random.default_rng(seed)
    top, left = (rng.integers(0, side - size + 1) for side in images.shape[1:3])
    return images[:, top : top + size, left : left + size]


@mistake(
    "random_crop",
    replace="for image, t, l in zip(images, top, left, strict=True)]",
    by="for image, t, l in zip(images * 1.0, top, left, strict=True)]",
)
def crops_of_floats():
    """The places are right, but the dtype is another one. Results have the dtype of the images: create an array with `dtype=images.dtype`, or
    stack the crops."""


@mistake("random_crop", replace="height - size + 1, n", by="max(height - size, 1), n")
def last_row_never():
    """The last place along the height never occurs. There are `height - size + 1` places, and the upper end of `integers` and `range` is not
    included."""


@mistake("random_crop", replace="width - size + 1, n", by="max(width - size, 1), n")
def last_column_never():
    """The last place along the width never occurs. There are `width - size + 1` places, and the upper end of `integers` and `range` is not
    included."""


@mistake("random_crop")
def last_places_never(images, size, seed):
    """The last places never occur, neither in rows nor in columns. There are `height - size + 1` of them, and the upper end of `integers` and
    `range` is not included."""
    n, height, width = images.shape[:3]
    rng = np.random.default_rng(seed)
    top, left = rng.integers(0, max(height - size, 1), n), rng.integers(0, max(width - size, 1), n)
    return np.stack([image[t : t + size, l : l + size] for image, t, l in zip(images, top, left, strict=True)])


@mistake("random_crop", replace="default_rng(seed)", by="default_rng(0)")
def crops_with_a_fixed_seed():
    """The crops are the same for every seed. Start the generator with `seed`: each epoch needs crops of its own."""


@mistake("random_crop", replace="default_rng(seed)", by="default_rng(next(CALLS))")
def crops_without_a_seed():
    """The same seed gives other crops each time. Start a generator with `seed`, so that a run can be repeated."""


@mistake("random_crop")
def crops_in_the_centre(images, size, seed):
    """All crops are in the centre. Draw the place at random, for each image."""
    top, left = (images.shape[1] - size) // 2, (images.shape[2] - size) // 2
    return images[:, top : top + size, left : left + size]


@mistake("random_crop")
def crops_at_the_top_left(images, size, seed):
    """All crops are at the top left. Draw the place at random, for each image."""
    return images[:, :size, :size]


@mistake("random_crop")
def same_number_for_row_and_column(images, size, seed):
    """The row and the column of a crop depend on each other: the same number decides both. Draw two numbers for each image."""
    n, height, width = images.shape[:3]
    u = np.random.default_rng(seed).random(n)
    top, left = (u * (height - size + 1)).astype(int), (u * (width - size + 1)).astype(int)
    return np.stack([image[t : t + size, l : l + size] for image, t, l in zip(images, top, left, strict=True)])


@mistake("random_crop")
def crops_of_random_images(images, size, seed):
    """Some crops are not from their own image: the images are chosen at random, too. The result has the order of the images, a crop of each."""
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, len(images), len(images))
    n, height, width = images.shape[:3]
    top, left = rng.integers(0, height - size + 1, n), rng.integers(0, width - size + 1, n)
    return np.stack([images[i, t : t + size, l : l + size] for i, t, l in zip(chosen, top, left, strict=True)])


# flip


@mistake("flip", replace="random(len(images))", by="random(1)")
def all_or_none():
    """Either all images of a call are mirrored or none. Draw a number for each image, and start the generator once, before the first image."""


@mistake(
    "flip",
    replace="np.random.default_rng(seed).random(len(images)) < rate",
    by="np.random.default_rng(seed).permutation(len(images)) < round(rate * len(images))",
)
def exactly_the_share():
    """Exactly the share `rate` is mirrored, for every seed, so the choices depend on each other. Decide for each image by itself."""


@mistake("flip", replace="images[:, :, ::-1], images)", by="images[:, :, ::-1], images * 1.0)")
def flips_of_floats():
    """The choices are right, but the dtype is another one. Results have the dtype of the images: create an array with `dtype=images.dtype`."""


@mistake("flip", replace="images[:, :, ::-1]", by="images[:, ::-1]")
def upside_down():
    """The images are turned upside down. Mirror left to right: reverse the axis of the columns, not that of the rows."""


@mistake("flip", replace="images[:, :, ::-1]", by="images[:, ::-1, ::-1]")
def turned_half_round():
    """The images are turned by 180 degrees: both axes are reversed. Reverse only that of the columns."""


@mistake("flip", replace="images[:, :, ::-1]", by="images[..., ::-1]")
def channels_reversed():
    """The channels are reversed, not the columns: the last axis is that of the channels. Reverse the one before it."""


@mistake("flip", replace="< rate", by=">= rate")
def rate_turned_round():
    """The share of mirrored images is 1 - rate. `rate` is the probability with which an image is mirrored, not that it is kept."""


@mistake("flip", replace="< rate", by="< 0.5")
def always_a_half():
    """Half of the images are mirrored, whatever `rate` is. Compare with `rate`."""


@mistake("flip", replace="default_rng(seed)", by="default_rng(0)")
def flips_with_a_fixed_seed():
    """The same images are mirrored for every seed. Start the generator with `seed`."""


@mistake("flip", replace="default_rng(seed)", by="default_rng(next(CALLS))")
def flips_without_a_seed():
    """The same seed gives other choices each time. Start a generator with `seed`, so that a run can be repeated."""


@mistake("flip", replace="np.random.default_rng(seed).random(len(images))", by="np.arange(len(images)) / len(images)")
def the_first_ones():
    """The first images are mirrored, and the others never. Decide at random, for each image by itself."""


@mistake("flip", replace="np.random.default_rng(seed).random(len(images))", by="np.arange(len(images)) % 10 / 10")
def in_turn():
    """Images are mirrored in a fixed turn. Decide at random, for each image by itself."""


@mistake(
    "flip",
    replace="return np.where(chosen[:, None, None, None], images[:, :, ::-1], images)",
    by="return images[:, :, ::-1]",
)
def all_mirrored():
    """All images are mirrored. Mirror each with the probability `rate`, and leave the others as they are."""


# augment


@mistake("augment", replace="labels[order]", by="np.repeat(labels, copies)")
def labels_left_behind():
    """The labels are not in the order of their images: only the images were shuffled. Use the same order for both."""


@mistake("augment", replace="labels[order]", by="rng.permutation(np.repeat(labels, copies))")
def labels_shuffled_again():
    """The labels were shuffled by an order of their own. Shuffle *indices* once, and use them for the images and for the labels."""


@mistake(
    "augment",
    replace="rng.permutation(np.repeat(np.arange(len(images)), copies))",
    by="np.repeat(np.arange(len(images)), copies)",
)
def unshuffled_copies():
    """Nothing is shuffled: the copies of an image come one after the other. Put everything in random order."""


@mistake(
    "augment",
    replace="rng.permutation(np.repeat(np.arange(len(images)), copies))",
    by="rng.integers(0, len(images), len(images) * copies)",
)
def images_drawn_with_replacement():
    """Some images occur too often, others too rarely. Every image occurs exactly `copies` times: shuffle the indices instead of drawing
    them."""


@mistake("augment")
def one_crop_copied(images, labels, size, copies, seed, rate=0.5):
    """All copies of an image are the same: it was cropped once, and then copied. Copy first, then crop and mirror every copy anew."""
    rng = np.random.default_rng(seed)
    crops = flip(random_crop(images, size, rng.integers(2**31)), rng.integers(2**31), rate)
    order = rng.permutation(np.repeat(np.arange(len(images)), copies))
    return crops[order], labels[order]


@mistake("augment", replace="return flip(crops, second, rate), labels", by="return crops, labels")
def never_mirrored():
    """No crop is mirrored. Mirror each with the probability `rate`."""


@mistake("augment", replace="flip(crops, second, rate)", by="flip(crops, second)")
def rate_not_passed_on():
    """Half of the crops are mirrored, whatever `rate` is. Pass `rate` on to `flip`."""


@mistake("augment", replace="default_rng(seed)", by="default_rng(0)")
def augmented_with_a_fixed_seed():
    """The result is the same for every seed. Start the generator with `seed`."""


@mistake("augment", replace="default_rng(seed)", by="default_rng(next(CALLS))")
def augmented_without_a_seed():
    """The same seed gives another result each time. Start the generator with `seed`, so that a run can be repeated."""


@mistake("augment", replace="np.repeat(np.arange(len(images)), copies)", by="np.arange(len(images))")
def copies_ignored():
    """Every image occurs once. It should occur `copies` times, each time cropped and mirrored anew."""


@mistake("augment", replace="random_crop(images[order], size, first)", by="images[order][:, :size, :size]")
def cut_at_the_top_left():
    """All crops are cut at the top left. Call your `random_crop`."""


@mistake("augment")
def given_ones_kept(images, labels, size, copies, seed, rate=0.5):
    """One copy of each image is its centre, not mirrored. All copies are cropped and mirrored at random."""
    rng = np.random.default_rng(seed)
    top, left = (images.shape[1] - size) // 2, (images.shape[2] - size) // 2
    found = [images[:, top : top + size, left : left + size]]
    for _ in range(copies - 1):
        found.append(flip(random_crop(images, size, rng.integers(2**31)), rng.integers(2**31), rate))
    order = rng.permutation(len(images) * copies)
    return np.concatenate(found)[order], np.tile(labels, copies)[order]


@mistake("augment")
def labels_tiled(images, labels, size, copies, seed, rate=0.5):
    """With more than one copy, the labels are not those of their images: the images were repeated in one order (0, 0, 1, 1), the labels in
    another (0, 1, 0, 1). Repeat *indices*, and use them for both."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images) * copies)
    crops = random_crop(np.repeat(images, copies, axis=0)[order], size, rng.integers(2**31))
    return flip(crops, rng.integers(2**31), rate), np.tile(labels, copies)[order]


@mistake(
    "augment",
    replace="rng.permutation(np.repeat(np.arange(len(images)), copies))",
    by="np.repeat(rng.permutation(len(images)), copies)",
)
def shuffled_before_copying():
    """The images were shuffled and then copied, so the copies of an image are neighbours. Copy first, then shuffle."""


@mistake(
    "augment",
    replace="rng.permutation(np.repeat(np.arange(len(images)), copies))",
    by="np.tile(rng.permutation(len(images)), copies)",
)
def same_order_in_each_copy():
    """The images were shuffled once, and each copy has the same order. Copy first, then shuffle everything."""


@mistake("augment")
def cropped_before_copying(images, labels, size, copies, seed, rate=0.5):
    """All copies of an image are cut at the same place, and only mirrored anew. Copy first, then crop and mirror every copy."""
    rng = np.random.default_rng(seed)
    crops = random_crop(images, size, rng.integers(2**31))
    order = rng.permutation(np.repeat(np.arange(len(images)), copies))
    return flip(crops[order], rng.integers(2**31), rate), labels[order]


@mistake("augment")
def mirrored_before_copying(images, labels, size, copies, seed, rate=0.5):
    """All copies of an image are mirrored, or none is; only the crops are new. Copy first, then crop and mirror every copy."""
    rng = np.random.default_rng(seed)
    straight = flip(images, rng.integers(2**31), rate)
    order = rng.permutation(np.repeat(np.arange(len(images)), copies))
    return random_crop(straight[order], size, rng.integers(2**31)), labels[order]


@mistake("augment", replace="images[order], size, first", by="images[order], size, 0")
def places_with_a_fixed_seed():
    """The places of the crops are the same for every seed. Give `random_crop` a seed that is drawn anew."""


@mistake("augment", replace="crops, second, rate", by="crops, 0, rate")
def mirrored_with_a_fixed_seed():
    """Which crops are mirrored does not depend on the seed. Give `flip` a seed that is drawn anew."""


@mistake(
    "augment", replace="flip(crops, second, rate), labels[order]", by="flip(crops, second, rate) * 1.0, labels[order]"
)
def augmented_to_floats():
    """All is right but the dtype. The crops have the dtype of the images."""


# resize_shorter


@mistake("resize_shorter", replace="min(height, width)", by="max(height, width)")
def longer_side_resized():
    """The *longer* side has the length s. The shorter one should have it."""


@mistake("resize_shorter", replace="round(old * s / shorter)", by="s")
def square_result():
    """Both sides have the length s, so the image is distorted. Only the shorter side gets it; the other keeps the ratio."""


@mistake("resize_shorter", replace="round(old * s / shorter)", by="int(old * s / shorter)")
def longer_side_cut_off():
    """The longer side is rounded down. Round it to the *nearest* whole number."""


@mistake("resize_shorter", replace="round(old * s / shorter)", by="-int(-old * s // shorter)")
def longer_side_rounded_up():
    """The longer side is rounded up. Round it to the *nearest* whole number."""


@mistake("resize_shorter", replace="min(height, width)", by="height")
def height_resized():
    """The height has the length s even if the image is taller than wide. The *shorter* side should have it."""


@mistake("resize_shorter")
def nearest_pixels(image, s):
    """Each new pixel is a copy of the nearest old one. Bilinear interpolation is asked for: a mean of the neighbours, by their distance."""
    height, width = image.shape[:2]
    sides = [round(side * s / min(height, width)) for side in (height, width)]
    return tf.image.resize(image, sides, method="nearest")


@mistake("resize_shorter", replace="(np.arange(new) + 0.5) * old / new - 0.5", by="np.arange(new) * old / new")
def corner_of_the_pixel():
    """The places are those of the pixels' corners, so everything is shifted. The centre of the new pixel i is at (i + 1/2) of its width."""


@mistake(
    "resize_shorter",
    replace="(np.arange(new) + 0.5) * old / new - 0.5",
    by="np.arange(new) * (old - 1) / max(new - 1, 1)",
)
def corners_on_corners():
    """The first and the last pixels are laid exactly onto the old ones. The *borders* of the image should coincide, not the centres of its
    end pixels."""


@mistake("resize_shorter")
def smoothed_before(image, s):
    """The image is smoothed when it is made smaller (`antialias=True`). Each new pixel is a mean of its neighbouring old pixels alone."""
    height, width = image.shape[:2]
    sides = [round(side * s / min(height, width)) for side in (height, width)]
    return tf.image.resize(image, sides, antialias=True)


# ten_crop


@mistake("ten_crop", replace="axis=[2]", by="axis=[1]")
def reflected_upside_down():
    """The reflections are upside down. Mirror left to right: with the crops in one tensor, the columns are its axis 2."""


@mistake("ten_crop", replace="return tf.concat([crops, tf.reverse(crops, axis=[2])], axis=0)", by="return crops")
def five_crops():
    """The reflections are missing: there should be ten crops."""


@mistake("ten_crop", replace="tf.reverse(crops, axis=[2])", by="crops")
def five_crops_twice():
    """The five crops are there twice, but the second five are not mirrored."""


@mistake(
    "ten_crop",
    replace="(0, 0), (0, right), (bottom, 0), (bottom, right)",
    by="(0, 0), (bottom, 0), (0, right), (bottom, right)",
)
def corners_by_columns():
    """Two corners are exchanged. The order is top left, top right, bottom left, bottom right."""


@mistake("ten_crop", replace="(bottom // 2, right // 2)]", by="((bottom + 1) // 2, (right + 1) // 2)]")
def centre_rounded_up():
    """Where the centre is between two pixels, the crop starts one too far. Take the upper or left one: round down."""


@mistake("ten_crop")
def corners_of_the_mirrored_image(image, size):
    """The whole image was mirrored and then cut, so the reflections come in another order: its top left is the *top right* of the image. Mirror
    the five crops."""
    turned = tf.reverse(image, axis=[1])
    bottom, right = image.shape[0] - size, image.shape[1] - size
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom // 2, right // 2)]
    return tf.stack([each[t : t + size, l : l + size] for each in (image, turned) for t, l in corners])


@mistake("ten_crop")
def each_beside_its_reflection(image, size):
    """Each crop is followed by its own reflection. First come all five crops, then their five reflections."""
    bottom, right = image.shape[0] - size, image.shape[1] - size
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom // 2, right // 2)]
    crops = [image[t : t + size, l : l + size] for t, l in corners]
    return tf.stack([each for crop in crops for each in (crop, crop[:, ::-1])])


@mistake("ten_crop")
def centre_first(image, size):
    """The centre comes first. It is the fifth, after the four corners."""
    bottom, right = image.shape[0] - size, image.shape[1] - size
    corners = [(bottom // 2, right // 2), (0, 0), (0, right), (bottom, 0), (bottom, right)]
    crops = tf.stack([image[t : t + size, l : l + size] for t, l in corners])
    return tf.concat([crops, tf.reverse(crops, axis=[2])], axis=0)


@mistake(
    "ten_crop",
    replace="image.shape[0] - size, image.shape[1] - size",
    by="image.shape[1] - size, image.shape[0] - size",
)
def sides_exchanged():
    """The height and the width are exchanged. The first axis of an image is its height."""


# googlenet_crops


@mistake(
    "googlenet_crops",
    replace="found += [crops[:5], whole, crops[5:], tf.reverse(whole, axis=[2])]",
    by="found += [crops]",
)
def without_the_whole_square():
    """The sixth crop is missing: "the whole scaled-down square". There are 4 corners, the middle, and the whole square."""


@mistake(
    "googlenet_crops", replace="((0, 0), (down // 2, across // 2), (down, across))", by="((down // 2, across // 2),)"
)
def only_the_centre_square():
    """There is only the square in the centre. "The left, center and right square was considered": three for each scale."""


@mistake(
    "googlenet_crops",
    replace="((0, 0), (down // 2, across // 2), (down, across))",
    by="((down // 2, across // 2), (0, 0), (down, across))",
)
def centre_square_first():
    """The squares are in another order. It is left, centre, right; or upper, centre, lower."""


@mistake("googlenet_crops", replace="(down // 2, across // 2)", by="(-(-down // 2), -(-across // 2))")
def centre_square_rounded_up():
    """Where the rest is odd, the centre square starts one pixel too far. Round down."""


@mistake(
    "googlenet_crops",
    replace="crops[:5], whole, crops[5:], tf.reverse(whole, axis=[2])",
    by="crops, whole, tf.reverse(whole, axis=[2])",
)
def whole_squares_at_the_end():
    """The whole square stands after the ten other crops. It is the *sixth* crop, before the reflections: six crops, then their six
    reflections."""


@mistake("googlenet_crops", replace="tf.reverse(whole, axis=[2])", by="whole")
def whole_square_not_mirrored():
    """The whole square is there twice, but its second copy is not mirrored."""


@mistake("googlenet_crops", replace="for scale in scales:", by="for scale in sorted(scales)[::-1]:")
def largest_scale_first():
    """The scales are in another order. Take them in the order in which they are given."""


@mistake("googlenet_crops", replace="resize_shorter(square, size)[None]", by="square[None, :size, :size]")
def corner_for_the_whole():
    """The sixth crop is a part of the square. It should be the *whole* square, resized to `size`."""


@mistake("googlenet_crops")
def squares_of_the_given_image(image, size=224, scales=(256, 288, 320, 352)):
    """The squares are cut from the image as it came, and then resized. First resize the image, then cut the squares."""
    found = []
    shorter = min(image.shape[:2])
    down, across = image.shape[0] - shorter, image.shape[1] - shorter
    for scale in scales:
        for top, left in ((0, 0), (down // 2, across // 2), (down, across)):
            square = resize_shorter(image[top : top + shorter, left : left + shorter], scale)
            crops, whole = ten_crop(square, size), resize_shorter(square, size)[None]
            found += [crops[:5], whole, crops[5:], tf.reverse(whole, axis=[2])]
    return tf.concat(found, axis=0)


# average_scores


@mistake("average_scores")
def mean_before_softmax(model, crops):
    """The logits are averaged, and the softmax comes afterwards. One crop with large logits then decides alone. First the softmax of each crop,
    then the mean."""
    return tf.nn.softmax(tf.reduce_mean(model(crops), axis=0))


@mistake("average_scores", replace="tf.nn.softmax(model(crops), axis=-1)", by="model(crops)")
def mean_of_logits():
    """These are mean logits. The softmax of each crop is missing."""


@mistake("average_scores", replace="axis=-1", by="axis=0")
def softmax_over_the_crops():
    """The softmax runs over the crops. It should run over the classes, the last axis."""


@mistake("average_scores", replace="tf.reduce_mean(shares, axis=0)", by="tf.reduce_sum(shares, axis=0)")
def sum_of_shares():
    """The probabilities are added up, so they sum to the number of crops. Take their mean."""


@mistake("average_scores", replace="tf.reduce_mean(shares, axis=0)", by="tf.reduce_max(shares, axis=0)")
def largest_share():
    """Of each class the largest probability over the crops is taken. Take the mean."""


@mistake("average_scores", replace="tf.reduce_mean(shares, axis=0)", by="tf.reduce_mean(shares, axis=1)")
def mean_over_the_classes():
    """The mean is taken over the classes. Take it over the crops, axis 0."""


@mistake("average_scores", replace="tf.reduce_mean(shares, axis=0)", by="shares[0]")
def first_crop_only():
    """Only the first crop counts. Take the mean over all crops."""


@mistake("average_scores", replace="tf.reduce_mean(shares, axis=0)", by="tf.nn.softmax(tf.reduce_mean(shares, axis=0))")
def softmax_twice():
    """There is a second softmax after the mean. The mean of probabilities is a probability already."""


@mistake("average_scores", replace="tf.nn.softmax(model(crops), axis=-1)", by="tf.nn.sigmoid(model(crops))")
def sigmoids_for_softmax():
    """Each logit went through a sigmoid by itself. The classes exclude each other: use the softmax, whose probabilities sum to 1."""


@mistake("average_scores", replace="tf.reduce_mean(shares, axis=0)", by="tf.constant(shares.numpy().mean(axis=0))")
def average_without_gradient():
    """The numbers are right, but NumPy computed them, so there is no gradient. Use tensor operations."""


@mistake(
    "average_scores",
    replace="shares = tf.nn.softmax(model(crops), axis=-1)",
    by="shares = tf.nn.softmax(model(tf.reduce_mean(crops, axis=0, keepdims=True)))",
)
def mean_of_the_crops():
    """The crops themselves are averaged, and the model sees one blurred image. Ask the model about every crop, then average the probabilities."""


@mistake("average_scores")
def median_of_shares(model, crops):
    """The median of the probabilities is taken. Take their mean."""
    shares = tf.sort(tf.nn.softmax(model(crops), axis=-1), axis=0)
    return (shares[(crops.shape[0] - 1) // 2] + shares[crops.shape[0] // 2]) / 2


# label_smoothing


@mistake("label_smoothing", replace="on_value=1 - alpha + rest", by="on_value=1 - alpha")
def true_class_without_its_part():
    """The true class has 1 - alpha, so the rows do not sum to 1. It gets its part of alpha, too: alpha is spread over *all* classes."""


@mistake("label_smoothing")
def spread_over_the_others(labels, classes, alpha=0.1):
    """alpha is spread over the *other* classes alone. Spread it over all of them, the true one included: divide by `classes`."""
    return tf.one_hot(labels, classes, on_value=1 - alpha, off_value=alpha / (classes - 1))


@mistake("label_smoothing", replace="on_value=1 - alpha + rest, off_value=rest", by="on_value=1.0, off_value=0.0")
def not_smoothed():
    """These are plain labels: 1 for the true class, 0 for the others. Take alpha of it away, and spread it."""


@mistake("label_smoothing", replace="alpha / classes", by="alpha")
def alpha_not_divided():
    """Each class gets the whole alpha. Divide it by the number of classes."""


@mistake("label_smoothing", replace="on_value=1 - alpha + rest", by="on_value=1 + rest")
def nothing_taken_away():
    """The true class has more than 1: alpha was spread, but not taken away from the true class before."""


@mistake("label_smoothing", replace="alpha / classes", by="alpha / 10")
def always_ten_classes():
    """alpha is divided by 10, whatever `classes` is. Divide by `classes`."""


@mistake("label_smoothing", replace="rest = alpha / classes", by="alpha = 0.1; rest = alpha / classes")
def always_a_tenth():
    """alpha is 0.1, whatever was given. 0.1 is only the default."""


@mistake("label_smoothing", replace="tf.one_hot(labels, classes", by="tf.one_hot(labels - 1, classes")
def classes_counted_from_one():
    """The large number is one class too low. Classes are counted from 0: no 1 needs to be subtracted."""


@mistake("label_smoothing", replace="1 - alpha + rest", by="alpha + (1 - alpha) / classes")
def alpha_for_the_true_class():
    """alpha and 1 - alpha are exchanged for the true class. It keeps 1 - alpha, and alpha is what is spread."""


# smoothed_cross_entropy


@mistake("smoothed_cross_entropy", replace="return tf.reduce_mean(", by="return tf.reduce_sum(")
def sum_over_the_images():
    """The losses of the images are added up. Take their mean, so that the loss does not depend on the number of images."""


@mistake("smoothed_cross_entropy", replace="(1 - alpha) * true + alpha * spread", by="true")
def loss_not_smoothed():
    """The labels are not smoothed: alpha is not used. Give the true class 1 - alpha, and spread alpha over all classes."""


@mistake("smoothed_cross_entropy", replace="(1 - alpha) * true + alpha * spread", by="true + alpha * spread")
def true_class_in_full():
    """The true class counts in full, and alpha comes on top: the probabilities sum to more than 1. Multiply its part by 1 - alpha."""


@mistake(
    "smoothed_cross_entropy", replace="(1 - alpha) * true + alpha * spread", by="alpha * true + (1 - alpha) * spread"
)
def alpha_exchanged():
    """alpha and 1 - alpha are exchanged. The *true* class keeps 1 - alpha."""


@mistake("smoothed_cross_entropy", replace="tf.reduce_mean(surprise, axis=1)", by="tf.reduce_sum(surprise, axis=1)")
def alpha_for_each_class():
    """Each class gets the whole alpha. Spread it: each of the K classes gets alpha / K."""


@mistake("smoothed_cross_entropy", replace="surprise = -tf", by="surprise = tf")
def sign_forgotten():
    """The sign is wrong: the loss is *minus* the sum of q log p."""


@mistake(
    "smoothed_cross_entropy",
    replace="-tf.nn.log_softmax(logits, axis=-1)",
    by="-tf.math.log(tf.nn.softmax(logits, axis=-1))",
)
def logarithm_of_zero():
    """For large logits this is infinite or not a number: the softmax is rounded to 0, and then its logarithm is taken. Use
    `tf.nn.log_softmax`."""


@mistake(
    "smoothed_cross_entropy",
    replace="-tf.nn.log_softmax(logits, axis=-1)",
    by="-tf.nn.log_softmax(tf.nn.softmax(logits))",
)
def loss_of_probabilities():
    """The softmax is applied twice. `tf.nn.log_softmax` takes the logits themselves."""


@mistake("smoothed_cross_entropy", replace="surprise, labels, batch_dims=1", by="surprise, 0 * labels, batch_dims=1")
def first_class_for_true():
    """The first class is taken as the true one for every image. Pick each image's own label."""


@mistake("smoothed_cross_entropy")
def minus_the_entropy(logits, labels, alpha=0.1):
    """The entropy of the smoothed labels is subtracted: this is the Kullback-Leibler divergence. Its gradient is the same, but the cross-entropy
    was asked for."""
    k = logits.shape[1]
    wanted = tf.one_hot(labels, k, dtype=logits.dtype) * (1 - alpha) + alpha / k
    logs = tf.math.log(tf.maximum(wanted, 1e-30))
    return tf.reduce_mean(tf.reduce_sum(wanted * (logs - tf.nn.log_softmax(logits)), axis=1))


@mistake(
    "smoothed_cross_entropy",
    replace="(1 - alpha) * true + alpha * spread)",
    by="((1 - alpha) * true + alpha * spread) / logits.shape[1])",
)
def mean_over_the_classes_too():
    """The loss is too small by the number of classes: the mean runs over the classes, too. *Add up* over the classes, and average over the
    images."""


@mistake("smoothed_cross_entropy", replace="(1 - alpha) * true + alpha * spread", by="0.9 * true + 0.1 * spread")
def alpha_not_passed_on():
    """alpha is 0.1, whatever was given. Pass `alpha` on to `label_smoothing`."""


# dropout


@mistake("dropout", replace="x / (1 - rate)", by="x")
def not_divided():
    """What is kept is not divided by 1 - rate, so the mean falls. Divide in training; then nothing has to be done at inference."""


@mistake("dropout", replace="x / (1 - rate)", by="x / rate if rate else x")
def divided_by_rate():
    """What is kept is divided by `rate`, the probability of being *dropped*. Divide by the probability of being kept, 1 - rate."""


@mistake("dropout", replace="x / (1 - rate)", by="x * (1 - rate)")
def multiplied_by_kept():
    """What is kept is multiplied by 1 - rate, so it becomes even smaller. Divide by it."""


@mistake("dropout", replace="noise < rate", by="noise >= rate")
def kept_and_dropped_exchanged():
    """Units are kept where they should be dropped, and the other way round. A unit is dropped where its noise is *below* the rate."""


@mistake("dropout", replace="noise < rate", by="noise <= rate")
def dropped_at_the_rate():
    """A unit whose noise is exactly the rate is dropped, but it should be kept: dropped is what is *below*."""


@mistake("dropout", replace="noise < rate", by="noise < 1 - rate")
def rate_of_keeping():
    """`rate` is read as the probability of being kept. It is that of being dropped."""


@mistake("dropout", replace="tf.where(noise < rate, tf.zeros_like(x), x / (1 - rate))", by="x * noise")
def multiplied_by_the_noise():
    """The inputs are multiplied by the noise. The noise only decides: compare it with the rate, and drop or keep."""


@mistake(
    "dropout",
    replace="x / (1 - rate))",
    by="x * tf.cast(tf.size(x), x.dtype) / tf.reduce_sum(tf.cast(noise >= rate, x.dtype)))",
)
def divided_by_the_share_that_is_kept():
    """What is kept is divided by the share that *happens* to be kept. Divide by the probability, 1 - rate, which is the same for every draw."""


@mistake("dropout", replace="tf.zeros_like(x)", by="x")
def nothing_dropped():
    """Nothing is dropped: where a zero should stand, the input passes."""


@mistake("dropout")
def dropout_without_gradient(x, rate, noise):
    """The numbers are right, but NumPy computed them, so there is no gradient. Use tensor operations."""
    return tf.constant(np.where(noise.numpy() < rate, 0, x.numpy() / (1 - rate)), x.dtype)


# dropout_layer


@mistake("dropout_layer", replace="if not training:", by="if False:")
def drops_at_inference():
    """Units are dropped at inference, too. When `training` is False, the inputs pass unchanged."""


@mistake("dropout_layer", replace="return x\n", by="return x * (1 - rate)\n")
def scales_at_inference():
    """At inference the inputs are multiplied by 1 - rate. That belongs to plain dropout; inverted dropout scales in training, and does nothing
    at inference."""


@mistake("dropout_layer", replace="if not training:", by="if training:")
def training_turned_round():
    """It drops at inference and not in training: the condition is the wrong way round."""


@mistake("dropout_layer", replace="tf.shape(x), seed", by="(x.shape[0], 1), seed")
def one_draw_for_each_example():
    """All units of an example are dropped together: there is one random number for each. Draw one for every entry."""


@mistake("dropout_layer", replace="tf.shape(x), seed", by="(1, x.shape[1]), seed")
def one_draw_for_each_unit():
    """A unit is dropped in all examples of the batch together. Draw a number for every entry of every example."""


@mistake("dropout_layer", replace="seed=(seed, 0)", by="seed=(0, 0)")
def noise_with_a_fixed_seed():
    """The same entries are dropped for every seed. Use `seed`: each step of training needs another noise."""


@mistake("dropout_layer", replace="seed=(seed, 0)", by="seed=(next(CALLS), 0)")
def noise_without_a_seed():
    """The same seed drops other entries each time. `tf.random.uniform(shape, seed=seed)` alone gives other numbers at each call: use
    `tf.random.stateless_uniform(shape, (seed, 0))`."""


@mistake(
    "dropout_layer", replace="return dropout(x, rate, noise)", by="return tf.where(noise < rate, tf.zeros_like(x), x)"
)
def layer_does_not_divide():
    """What is kept in training is not divided by 1 - rate. Call your `dropout`, or divide."""


@mistake("dropout_layer", replace="dropout(x, rate, noise)", by="dropout(x, 1 - rate, noise) if rate else x")
def layer_drops_the_others():
    """Too many or too few entries are dropped: `rate` is the probability of being dropped, not of being kept."""


@mistake("dropout_layer", replace="stateless_uniform", by="stateless_normal")
def normal_noise():
    """The noise is normally distributed, so the share that is dropped is wrong. It must be uniform between 0 and 1 to be below `rate` with just
    this probability."""


@mistake(
    "dropout_layer", replace="return dropout(x, rate, noise)", by="return tf.constant(dropout(x, rate, noise).numpy())"
)
def layer_without_gradient():
    """The numbers are right, but they were taken out of TensorFlow, so there is no gradient."""


@mistake("dropout_layer", replace="return dropout(x, rate, noise)", by="return dropout(x, rate, noise) / (1 - rate)")
def layer_divides_twice():
    """What is kept is divided by 1 - rate twice. Your `dropout` does it already."""


@mistake(
    "dropout_layer",
    replace="return dropout(x, rate, noise)",
    by="return tf.where(noise < rate, tf.zeros_like(x), x * (1 - rate))",
)
def layer_multiplies():
    """What is kept is multiplied by 1 - rate. Divide by it: call your `dropout`."""


@mistake(
    "dropout_layer",
    replace="return dropout(x, rate, noise)",
    by="return tf.where(noise < rate, tf.zeros_like(x), x / rate if rate else x)",
)
def layer_divides_by_rate():
    """What is kept is divided by `rate`, the probability of being *dropped*. Divide by 1 - rate: call your `dropout`."""


# divide_on_plateau


@mistake("divide_on_plateau", replace="best, waited = error, 0", by="best, waited = error, waited - 1")
def counting_goes_on():
    """The counting goes on after an improvement. It is about epochs *in a row*: start again at 0."""


@mistake("divide_on_plateau", replace="error < best", by="error <= best")
def equal_is_better():
    """An error equal to the best one counts as an improvement. It is none: the error must be below all before it."""


@mistake("divide_on_plateau", replace="rate, waited = rate / 10, 0", by="rate = rate / 10; best = np.inf; waited = 0")
def best_forgotten():
    """After a division the best error is forgotten. It stays the one to beat."""


@mistake("divide_on_plateau")
def compared_with_the_last(errors, rate=0.01, patience=3):
    """Each error is compared with the one just before it. Compare it with the *best* so far: after a bad epoch, "better than the last" is
    easy."""
    rates, last, waited = [rate], np.inf, 0
    for error in errors:
        waited = 0 if error < last else waited + 1
        last = error
        if waited == patience:
            rate, waited = rate / 10, 0
        rates.append(rate)
    return np.array(rates)


@mistake("divide_on_plateau", replace="rate, waited = rate / 10, 0", by="rate = rate / 10")
def divides_only_once():
    """There is no second division on a long plateau: the counting does not start again at 0 after the first one."""


@mistake("divide_on_plateau")
def divides_in_every_epoch(errors, rate=0.01, patience=3):
    """After the patience is used up, every epoch divides. Start the counting again at 0 after each division."""
    rates, best, waited = [rate], np.inf, 0
    for error in errors:
        waited = 0 if error < best else waited + 1
        best = min(best, error)
        if waited >= patience:
            rate = rate / 10
        rates.append(rate)
    return np.array(rates)


@mistake("divide_on_plateau", replace="waited == patience", by="waited > patience")
def one_epoch_too_patient():
    """The rate is divided one epoch too late. `patience` epochs without improvement are enough."""


@mistake("divide_on_plateau", replace="rate / 10", by="rate / 2")
def halved():
    """The rate is halved. Divide it by 10."""


@mistake("divide_on_plateau", replace="return np.array(rates)", by="return np.array(rates[1:])")
def first_rate_missing():
    """The rate of the first epoch is missing. There is one rate more than there are errors."""


@mistake("divide_on_plateau", replace="return np.array(rates)", by="return np.array(rates[:-1])")
def next_rate_missing():
    """The rate of the epoch to come is missing. There is one rate more than there are errors."""


@mistake("divide_on_plateau", replace="waited == patience", by="waited == max(patience - 1, 1)")
def one_epoch_too_early():
    """The rate is divided one epoch too early. An epoch that improves does not count as waiting: `patience` epochs *without* improvement are
    needed."""


# every_eight_epochs and every_two_epochs


@mistake("every_eight_epochs", replace="epoch // 8", by="epoch / 8")
def falls_in_every_epoch():
    """The rate falls a little in every epoch. It stays the same for 8 epochs and then falls by 4 %: count whole eights."""


@mistake("every_eight_epochs", replace="0.96 **", by="0.04 **")
def four_percent_left():
    """Only 4 % is left after each decrease. Take 4 % *away*: 96 % is left."""


@mistake("every_eight_epochs", replace="rate * 0.96 ** (epoch // 8)", by="rate * (1 - 0.04 * (epoch // 8))")
def four_percent_of_the_first():
    """Each time, 4 % of the *first* rate is subtracted, so the rate reaches 0 eventually. Take 4 % of the rate at that time: multiply by 0.96 each time."""


@mistake("every_eight_epochs", replace="(epoch // 8)", by="((epoch + 1) // 8)")
def eight_counted_from_one():
    """The rate falls one epoch too early. Epochs are counted from 0: the first eight are 0 to 7."""


@mistake("every_eight_epochs", replace="(epoch // 8)", by="epoch")
def every_single_epoch():
    """The rate falls by 4 % in every epoch. It falls every 8 epochs."""


@mistake("every_eight_epochs", replace="0.96 ** (epoch // 8)", by="0.94 ** (epoch // 2)")
def inceptions_schedule():
    """This is the schedule of Inception-v3: 6 % every two epochs. GoogLeNet's is 4 % every 8 epochs."""


@mistake("every_eight_epochs", replace="0.96 **", by="1.04 **")
def rises():
    """The rate rises. Multiply by 0.96, not by 1.04."""


@mistake("every_two_epochs", replace="epoch // 2", by="epoch / 2")
def falls_in_between():
    """The rate falls a little in every epoch. It stays the same for 2 epochs and then falls by 6 %: count whole pairs."""


@mistake("every_two_epochs", replace="0.94 **", by="0.06 **")
def six_percent_left():
    """Only 6 % is left after each decrease. Take 6 % *away*: 94 % is left."""


@mistake("every_two_epochs", replace="rate * 0.94 ** (epoch // 2)", by="rate * (1 - 0.06 * (epoch // 2))")
def six_percent_of_the_first():
    """Each time, 6 % of the *first* rate is subtracted, so the rate even becomes negative. Take 6 % of the rate at that time: multiply by 0.94 each
    time."""


@mistake("every_two_epochs", replace="(epoch // 2)", by="((epoch + 1) // 2)")
def two_counted_from_one():
    """The rate falls one epoch too early. Epochs are counted from 0: the first two are 0 and 1."""


@mistake("every_two_epochs", replace="(epoch // 2)", by="epoch")
def each_epoch():
    """The rate falls by 6 % in every epoch. It falls every second epoch."""


@mistake("every_two_epochs", replace="0.94 ** (epoch // 2)", by="0.96 ** (epoch // 8)")
def googlenets_schedule():
    """This is the schedule of GoogLeNet: 4 % every 8 epochs. Inception-v3's is 6 % every two epochs."""


@mistake("every_two_epochs", replace="rate * 0.94", by="0.045 * 0.94")
def always_the_default():
    """The first rate is always 0.045. It is only the default: use the argument `rate`."""


@mistake("every_eight_epochs", replace="rate * 0.96", by="0.01 * 0.96")
def always_the_first_default():
    """The first rate is always 0.01. It is only the default: use the argument `rate`."""


@mistake("every_eight_epochs", replace="(epoch // 8)", by="(epoch // 8 + 1)")
def eight_one_decrease_too_many():
    """There is one decrease too many: the first eight epochs have the full rate."""


@mistake("every_two_epochs", replace="(epoch // 2)", by="(epoch // 2 + 1)")
def two_one_decrease_too_many():
    """There is one decrease too many: the first two epochs have the full rate."""


# rmsprop_step


@mistake("rmsprop_step", replace="tf.sqrt(r + epsilon)", by="(tf.sqrt(r) + epsilon)")
def epsilon_outside():
    """epsilon is added after the root. It stands *below* the root here; with epsilon = 1 that is a large difference."""


@mistake("rmsprop_step", replace="tf.sqrt(r + epsilon)", by="(r + epsilon)")
def without_the_root():
    """The root is missing: divide by the square root of r + epsilon."""


@mistake("rmsprop_step", replace="beta * r + (1 - beta) * gradient**2", by="(1 - beta) * r + beta * gradient**2")
def beta_exchanged():
    """beta and 1 - beta are exchanged. Of the old mean beta is *kept*."""


@mistake("rmsprop_step", replace="gradient**2", by="gradient")
def not_squared():
    """The running mean is that of the gradients. It should be that of their *squares*."""


@mistake("rmsprop_step", replace="theta - rate", by="theta + rate")
def uphill():
    """The step goes uphill: it is added. Subtract it."""


@mistake("rmsprop_step")
def old_mean_in_the_step(theta, r, gradient, rate, beta=0.9, epsilon=1.0):
    """The step uses the *old* r. Compute the new one first, and divide by its root."""
    return theta - rate * gradient / tf.sqrt(r + epsilon), beta * r + (1 - beta) * gradient**2


@mistake("rmsprop_step", replace="(1 - beta) * gradient**2", by="gradient**2")
def sum_for_mean():
    """The factor 1 - beta before the squared gradient is missing, so r grows to ten times the mean."""


@mistake("rmsprop_step", replace="tf.sqrt(r + epsilon)", by="tf.sqrt(r + 1e-7)")
def kerass_epsilon():
    """epsilon is 1e-7, whatever was given. That is Keras's default; use the argument, which is 1.0 for Inception-v3."""


@mistake("rmsprop_step", replace="(1 - beta) * gradient**2", by="(1 - beta) * tf.reduce_mean(gradient**2)")
def one_mean_for_all():
    """All parameters share one running mean. Each entry has its own."""


@mistake("rmsprop_step", replace="rate * gradient /", by="gradient /")
def without_the_rate():
    """The learning rate is missing. Multiply the step by `rate`."""


@mistake(
    "rmsprop_step",
    replace="return theta - rate * gradient / tf.sqrt(r + epsilon), r",
    by="return r, theta - rate * gradient / tf.sqrt(r + epsilon)",
)
def r_before_theta():
    """The two results are exchanged. Return theta first, then r."""


# clip_by_norm


@mistake("clip_by_norm")
def each_by_its_own_norm(gradients, threshold=2.0):
    """Each gradient is clipped by its own norm, so the direction of the step changes. Use one norm, that of all gradients together."""
    return [
        g
        * tf.minimum(
            1.0,
            tf.math.divide_no_nan(tf.cast(threshold, g.dtype), tf.norm(g)) + 1e9 * tf.cast(tf.norm(g) == 0, g.dtype),
        )
        for g in gradients
    ]


@mistake(
    "clip_by_norm",
    replace="[g * factor for g in gradients]",
    by="[tf.clip_by_value(g, -threshold, threshold) for g in gradients]",
)
def clipped_entry_by_entry():
    """Each entry is clipped by itself. That changes the direction. Multiply all gradients by one factor."""


@mistake("clip_by_norm", replace="tf.minimum(1.0, threshold / norm)", by="threshold / tf.maximum(norm, 1e-12)")
def lengthened():
    """Short gradients are made *longer*. The factor is at most 1: gradients below the threshold stay as they are."""


@mistake("clip_by_norm", replace="tf.minimum(1.0, threshold / norm)", by="tf.minimum(1.0, 1 / norm)")
def clipped_to_one():
    """The norm is clipped to 1. Clip it to the threshold."""


@mistake("clip_by_norm", replace="tf.sqrt(tf.add_n", by="(tf.add_n")
def squared_norm():
    """The root is missing: this is the square of the norm."""


@mistake("clip_by_norm", replace="tf.reduce_sum(g**2)", by="tf.reduce_mean(g**2)")
def mean_of_squares():
    """The squares are averaged within each gradient. Add them up."""


@mistake("clip_by_norm", replace="tf.reduce_sum(g**2)", by="tf.reduce_sum(tf.abs(g)) ** 2")
def absolute_values():
    """The norm is computed from absolute values. Square the entries, add them up, and take the root at the end."""


@mistake(
    "clip_by_norm",
    replace="tf.sqrt(tf.add_n([tf.reduce_sum(g**2) for g in gradients]))",
    by="tf.add_n([tf.norm(g) for g in gradients])",
)
def sum_of_norms():
    """The norms of the gradients are added up. Add their *squares*, and take the root of the sum."""


@mistake("clip_by_norm", replace="tf.minimum(1.0, threshold / norm)", by="tf.minimum(1.0, 2.0 / norm)")
def always_two():
    """The threshold is 2, whatever was given. 2.0 is only the default."""


@mistake("clip_by_norm")
def by_tensorflows_function(gradients, threshold=2.0):
    """TensorFlow's function did the work. Here it is yours: squares, sums and a root are enough."""
    return tf.clip_by_global_norm(gradients, threshold)[0]


# freeze_all_but_head


@mistake("freeze_all_but_head", replace="body.trainable = False", by="body.trainable = True")
def nothing_frozen():
    """The body is not frozen: all its weights are trainable. Set its `trainable` to False."""


@mistake("freeze_all_but_head")
def everything_frozen(model, classes):
    """The head is frozen, too, so nothing can be learned. Freeze the body only."""
    new = keras.Sequential([keras.Model(model.inputs, model.layers[-2].output), keras.layers.Dense(classes)])
    new.trainable = False
    return new


@mistake("freeze_all_but_head", replace="model.layers[-2].output", by="model.layers[-1].output")
def head_on_the_old_head():
    """The new head stands on top of the old one. Take the output of the layer *before* the last."""


@mistake("freeze_all_but_head", replace="Dense(classes)", by='Dense(classes, activation="softmax")')
def head_with_softmax():
    """The head ends in a softmax. It should give logits: no activation."""


@mistake("freeze_all_but_head", replace="Dense(classes)", by="Dense(classes, use_bias=False)")
def head_without_bias():
    """The head has no bias. A plain `Dense(classes)` has one."""


@mistake(
    "freeze_all_but_head",
    replace="body = keras.Model(model.inputs, model.layers[-2].output)",
    by="model = keras.models.clone_model(model)\n    body = keras.Model(model.inputs, model.layers[-2].output)",
)
def body_forgotten():
    """The body has lost its weights: `clone_model` copies the layers, but starts with new weights. Use the given layers, or copy the weights."""


@mistake("freeze_all_but_head", replace="model.layers[-2].output", by="model.layers[-3].output")
def one_layer_too_few():
    """One layer too many was taken away. Only the last one is replaced."""


@mistake("freeze_all_but_head")
def normalization_not_frozen(model, classes):
    """Only layers with kernels are frozen, and the batch normalization goes on learning. Freeze all layers of the body."""
    body = keras.Model(model.inputs, model.layers[-2].output)
    for each in body.layers:
        each.trainable = not hasattr(each, "kernel")
    return keras.Sequential([body, keras.layers.Dense(classes)])


@mistake("freeze_all_but_head")
def last_hidden_layer_not_frozen(model, classes):
    """The layer before the head is not frozen. Only the new head is trained."""
    body = keras.Model(model.inputs, model.layers[-2].output)
    for each in body.layers[:-1]:
        each.trainable = False
    return keras.Sequential([body, keras.layers.Dense(classes)])


@mistake("freeze_all_but_head")
def old_head_kept(model, classes):
    """If there are as many classes as before, the old head is kept. A new task needs a new head."""
    body = keras.Model(model.inputs, model.layers[-2].output)
    body.trainable = False
    head = model.layers[-1] if model.output_shape[-1] == classes else keras.layers.Dense(classes)
    return keras.Sequential([body, head])


@mistake("freeze_all_but_head", replace="Dense(classes)", by='Dense(classes, activation="relu")')
def head_with_relu():
    """The head ends in a ReLU: negative logits are cut off. It should give logits: no activation."""


# accuracy_under


@mistake("accuracy_under", replace="model(change(images))", by="model(images)")
def nothing_changed():
    """The images are not changed. Call `change` on them before the model sees them."""


@mistake("accuracy_under", replace="model(change(images))", by="model(change(change(images)))")
def changed_twice():
    """The images are changed twice. Call `change` once."""


@mistake(
    "accuracy_under", replace="np.argmax(model(change(images)), axis=1)", by="np.argmin(model(change(images)), axis=1)"
)
def smallest_logit():
    """The class with the *smallest* logit is taken as the answer. Take the largest."""


@mistake("accuracy_under", replace="guesses == np.asarray(labels)", by="guesses != np.asarray(labels)")
def share_of_errors():
    """This is the share of errors. The accuracy is the share of right answers."""


@mistake(
    "accuracy_under",
    replace="float(np.mean(guesses == np.asarray(labels)))",
    by="float(np.sum(guesses == np.asarray(labels)))",
)
def number_of_right_ones():
    """This is the number of right answers. Divide it by the number of images."""


@mistake(
    "accuracy_under",
    replace="float(np.mean(guesses == np.asarray(labels)))",
    by="100 * float(np.mean(guesses == np.asarray(labels)))",
)
def in_percent():
    """This is a percentage. The share goes from 0 to 1."""


@mistake("accuracy_under")
def agreement_with_the_unchanged(model, images, labels, change):
    """This is how often the answer is the same as before the change. Compare with the labels: the answer before may be wrong."""
    before, after = (np.argmax(model(x), axis=1) for x in (images, change(images)))
    return float(np.mean(before == after))


@mistake("accuracy_under")
def change_of_the_scores(model, images, labels, change):
    """The accuracy on changed images is divided by that on the unchanged ones. Return the accuracy itself."""
    before, after = (
        float(np.mean(np.argmax(model(x), axis=1) == np.asarray(labels))) for x in (images, change(images))
    )
    return after / before if before else 0.0


@mistake("accuracy_under", replace="model(change(images))", by="change(model(images))")
def scores_changed():
    """The change is applied to the scores. Change the images before the model sees them."""

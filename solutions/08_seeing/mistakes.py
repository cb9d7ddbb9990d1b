"""What goes wrong when networks are questioned: each function is a plausible wrong answer, and its docstring is the hint for it."""
# ruff: noqa: F821 - this file runs after the solved notebook, so its functions are in scope

import numpy as np
import tensorflow as tf

from autograder.question import mistake

# gabor


@mistake("gabor", replace="(size - 1) / 2", by="size // 2")
def centre_on_a_pixel():
    """With an even size, the filter is not centred: the middle lies *between* two pixels. The coordinates run from -(size - 1) / 2 to
    (size - 1) / 2."""


@mistake("gabor", replace="place[None, :], place[:, None]", by="place[:, None], place[None, :]")
def axes_swapped():
    """x and y are swapped: the filter is transposed. x counts columns, to the right; y counts rows."""


@mistake(
    "gabor", replace="along = x * tf.cos(angle) + y * tf.sin(angle)", by="along = x * tf.cos(angle) - y * tf.sin(angle)"
)
def turned_the_other_way():
    """The wave runs in another direction than the bell: its coordinate is x cos(angle) + y sin(angle), with a plus."""


@mistake("gabor")
def rows_upwards(size, wavelength, angle, phase, sigma, aspect):
    """The filter is turned the other way: y was counted upwards. Rows are counted *down*, as in every image array."""
    return gabor_with(size, wavelength, -angle, phase, sigma, aspect)


@mistake("gabor", replace="aspect**2 * across**2", by="aspect * across**2")
def aspect_not_squared():
    """The aspect is not squared. It scales the coordinate across the wave, before that is squared."""


@mistake("gabor", replace="aspect**2 * across**2", by="across**2 / aspect**2")
def aspect_the_other_way():
    """The aspect acts the wrong way round. Below 1, it makes the bell *longer* across the wave: multiply the squared coordinate by it."""


@mistake("gabor", replace="(along**2 + aspect**2 * across**2)", by="(aspect**2 * along**2 + across**2)")
def aspect_along_the_wave():
    """The aspect scales the bell along the wave. It belongs to the coordinate across the wave."""


@mistake("gabor", replace="/ (2 * sigma**2)", by="/ sigma**2")
def bell_without_the_two():
    """The bell is too narrow: the exponent is divided by twice the squared sigma."""


@mistake("gabor", replace="/ (2 * sigma**2)", by="/ (2 * sigma)")
def sigma_not_squared():
    """Sigma is not squared in the exponent of the bell."""


@mistake("gabor", replace="2 * np.pi * along / wavelength", by="along / wavelength")
def without_two_pi():
    """The wave is far too long: 2 pi is missing. After one wavelength, the cosine must have gone once around."""


@mistake("gabor", replace="2 * np.pi * along / wavelength", by="2 * np.pi * along * wavelength")
def wavelength_as_frequency():
    """The wavelength is used as a frequency. Divide by it: a longer wave changes more slowly."""


@mistake("gabor", replace="wavelength + phase", by="wavelength - phase")
def phase_subtracted():
    """The phase has the wrong sign. It is added within the cosine."""


@mistake("gabor", replace="bell * tf.cos(", by="bell * tf.sin(")
def sine_for_cosine():
    """The wave is a sine. It is a cosine: with phase 0 it is largest in the centre."""


@mistake("gabor", replace="return bell * ", by="return bell / tf.reduce_sum(bell) * ")
def bell_normalised():
    """The bell was normalized to sum to 1. Here it is not: in the centre the bell is 1."""


@mistake("gabor")
def angle_in_degrees(size, wavelength, angle, phase, sigma, aspect):
    """The angle was taken for degrees and converted. It is in radians already."""
    return gabor_with(size, wavelength, angle * np.pi / 180, phase, sigma, aspect)


@mistake("gabor")
def gabor_by_numpy(size, wavelength, angle, phase, sigma, aspect):
    """The values are right, but the gradients are lost: NumPy (or `float`, `.numpy()`) cuts them. Use TensorFlow from the parameters to the
    result."""
    return tf.constant(gabor_with(size, wavelength, angle, phase, sigma, aspect).numpy())


def gabor_with(size, wavelength, angle, phase, sigma, aspect):
    """A right one."""
    place = tf.range(size, dtype=wavelength.dtype) - (size - 1) / 2
    along = place[None, :] * tf.cos(angle) + place[:, None] * tf.sin(angle)
    across = place[:, None] * tf.cos(angle) - place[None, :] * tf.sin(angle)
    bell = tf.exp(-(along**2 + aspect**2 * across**2) / (2 * sigma**2))
    return bell * tf.cos(2 * np.pi * along / wavelength + phase)


# orientation_energy


@mistake("orientation_energy", replace='1, "VALID")', by='1, "SAME")')
def energy_padded():
    """The image was padded. Without padding the result is smaller than the image by `size - 1` rows and columns."""


@mistake("orientation_energy", replace="pairs**2", by="pairs")
def answers_not_squared():
    """The two answers were added without squaring them. Only the sum of their *squares* does not depend on the phase of the line."""


@mistake(
    "orientation_energy", replace="tf.reduce_sum(pairs**2, axis=-1)", by="tf.sqrt(tf.reduce_sum(pairs**2, axis=-1))"
)
def root_of_the_energy():
    """This is the square root of the energy. Leave the sum of squares as it is."""


@mistake("orientation_energy", replace="tf.reduce_sum(pairs**2, axis=-1)", by="tf.reduce_sum(pairs, axis=-1) ** 2")
def square_of_the_sum():
    """The answers were added first and squared then. Square each of the two by itself, then add."""


@mistake("orientation_energy", replace="tf.reduce_sum(pairs**2, axis=-1)", by="tf.reduce_mean(pairs**2, axis=-1)")
def mean_of_squares():
    """This is the mean of the two squares, half of the energy. Add them."""


@mistake("orientation_energy", replace="tf.reduce_sum(pairs**2, axis=-1)", by="pairs[..., 0] ** 2")
def one_phase_alone():
    """Only the first phase of each pair counts. The energy needs both: where one answer is 0, the other one is large."""


@mistake("orientation_energy", replace="tf.reduce_sum(pairs**2, axis=-1)", by="tf.reduce_sum(tf.abs(pairs), axis=-1)")
def absolute_answers():
    """Absolute values were added. The energy is the sum of the *squares*."""


@mistake("orientation_energy", replace="(*answers.shape[:2], n, 2)", by="(*answers.shape[:2], 2, n)")
def wrong_pairs():
    """Answers of different directions were paired. In `bank` the phases are the last axis, so after flattening the last two axes, the two phases
    of one direction are neighbours."""


@mistake("orientation_energy", replace="tf.reshape(bank, ", by="tf.reshape(bank[::-1, ::-1], ")
def filters_turned():
    """The filters were turned by 180 degrees, as for a true convolution. Use them as they are, as `tf.nn.conv2d` does."""


@mistake("orientation_energy", replace="tf.reshape(bank, ", by="tf.reshape(tf.transpose(bank, (1, 0, 2, 3)), ")
def filters_transposed():
    """The rows and columns of the filters are swapped."""


# saliency


@mistake("saliency", replace="tf.reduce_max(tf.abs(gradient), axis=-1)", by="tf.reduce_max(gradient, axis=-1)")
def signs_kept():
    """The largest gradient was taken with its sign, so pixels that lower the score count as nothing. Take absolute values first."""


@mistake("saliency", replace="tf.reduce_max(tf.abs(gradient), axis=-1)", by="tf.abs(tf.reduce_max(gradient, axis=-1))")
def absolute_too_late():
    """The absolute value was taken after the maximum over the channels. A large negative gradient has lost by then: take it first."""


@mistake("saliency", replace="tf.reduce_max(tf.abs(gradient), axis=-1)", by="tf.reduce_sum(tf.abs(gradient), axis=-1)")
def channels_summed():
    """The channels were added up. The map holds the *largest* of them."""


@mistake("saliency", replace="tf.reduce_max(tf.abs(gradient), axis=-1)", by="tf.reduce_mean(tf.abs(gradient), axis=-1)")
def channels_averaged():
    """The channels were averaged. The map holds the *largest* of them."""


@mistake("saliency", replace="tf.reduce_max(tf.abs(gradient), axis=-1)", by="tf.norm(gradient, axis=-1)")
def channels_as_length():
    """This is the length of the gradient over the channels. The map holds the largest absolute value instead."""


@mistake("saliency", replace="tf.reduce_max(tf.abs(gradient), axis=-1)", by="tf.abs(gradient)")
def channels_kept():
    """The channels are still there. Take the largest over the last axis, so that there is one number for each pixel."""


@mistake(
    "saliency",
    replace="tf.reduce_max(tf.abs(gradient), axis=-1)",
    by="tf.reduce_max(tf.abs(gradient * image), axis=-1)",
)
def gradient_times_input():
    """The gradient was multiplied by the image. That is another method; here the gradient alone counts."""


@mistake(
    "saliency", replace="tf.reduce_max(tf.abs(gradient), axis=-1)", by="tf.reduce_max(tf.nn.relu(gradient), axis=-1)"
)
def positive_gradients_alone():
    """Negative gradients were set to 0. A pixel that lowers the score when it gets brighter matters just as much: take absolute values."""


@mistake("saliency", replace="model(image[None])[0, label]", by="tf.nn.softmax(model(image[None]))[0, label]")
def after_the_softmax():
    """This is the gradient of a probability. Use the score *before* the softmax: `model` gives it, so leave the softmax out."""


@mistake("saliency", replace="model(image[None])[0, label]", by="tf.reduce_sum(model(image[None]))")
def all_scores_together():
    """The scores of all classes were added up. Choose the one of `label`, before the gradient is taken."""


@mistake("saliency", replace="model(image[None])[0, label]", by="tf.reduce_max(model(image[None]))")
def the_best_class():
    """This is the saliency of the class with the highest score. Use the class that was asked for, `label`."""


@mistake("saliency", replace="model(image[None])[0, label]", by="tf.nn.log_softmax(model(image[None]))[0, label]")
def gradient_of_the_loss():
    """This is the gradient of the cross-entropy (or of the log-probability). Other classes have a part in it: use the score itself."""


@mistake("saliency", replace="model(image[None])[0, label]", by="model(image[None])[0, 0]")
def always_the_first_class():
    """This is always the saliency of class 0. Use `label`."""


# occlusion_map


@mistake("occlusion_map", replace="= 0.5", by="= 0.0")
def black_square():
    """The square is black. It is to be grey: 0.5."""


@mistake("occlusion_map", replace="= 0.5", by="= original.mean()")
def square_of_the_mean():
    """The square has the mean colour of the image. It is to be grey: 0.5."""


@mistake("occlusion_map", replace="= 0.5", by="*= 0.5")
def square_made_darker():
    """The square makes the image darker instead of covering it. Assign 0.5, do not multiply by it."""


@mistake("occlusion_map", replace="tf.reshape(before - after, ", by="tf.reshape(after - before, ")
def rise_for_drop():
    """The sign is the wrong way round: the map holds the score of the image *minus* the score with the square. Large means important."""


@mistake("occlusion_map", replace="tf.reshape(before - after, ", by="tf.reshape(after, ")
def scores_for_drops():
    """These are the scores with the square, not the drops. Subtract them from the score of the image."""


@mistake("occlusion_map", replace="tf.reshape(before - after, ", by="tf.reshape(tf.abs(before - after), ")
def absolute_drops():
    """The map holds absolute values. A negative drop says something: without that part, the class looks more likely. Keep the sign."""


@mistake(
    "occlusion_map",
    replace="            changed = original.copy()\n",
    by="            changed = covered[-1].copy() if covered else original.copy()\n",
)
def squares_add_up():
    """Each square is put on an image that already has the ones before. Begin with the original every time: copy it."""


@mistake("occlusion_map", replace="original.copy()", by="np.full_like(original, 0.5)")
def everything_grey():
    """The whole image is grey. Only the square is; around it, the image stays."""


@mistake("occlusion_map", replace="left : left + patch] = 0.5", by="left : left + patch, 0] = 0.5")
def one_channel_covered():
    """Only one channel was covered. The square is grey in all channels."""


@mistake("occlusion_map")
def probabilities_for_scores(model, image, label, patch, stride):
    """These are drops of the probability. Use the scores as `model` gives them, without a softmax."""
    return score_drops(lambda x: tf.nn.softmax(model(x)), image, label, patch, stride)


@mistake("occlusion_map")
def last_squares_missing(model, image, label, patch, stride):
    """The last row and column of squares are missing, where they fit exactly. The last corner is at `height - patch`, and a Python range stops
    *before* its end."""
    height, width, _ = image.shape
    return score_drops(
        model, image, label, patch, stride, range(0, height - patch, stride), range(0, width - patch, stride)
    )


@mistake("occlusion_map")
def squares_that_stick_out(model, image, label, patch, stride):
    """There are too many squares: the last ones stick out of the image. Only those that lie inside count."""
    height, width, _ = image.shape
    return score_drops(model, image, label, patch, stride, range(0, height, stride), range(0, width, stride))


@mistake("occlusion_map")
def squares_side_by_side(model, image, label, patch, stride):
    """The squares are side by side, `patch` pixels apart. They are `stride` pixels apart: they may overlap, or leave gaps."""
    return score_drops(model, image, label, patch, patch)


@mistake("occlusion_map")
def a_square_at_every_pixel(model, image, label, patch, stride):
    """The stride is not used: there is a square at every pixel. The corners are `stride` pixels apart."""
    return score_drops(model, image, label, patch, 1)


@mistake("occlusion_map")
def map_transposed(model, image, label, patch, stride):
    """The map is transposed. Its rows belong to the rows of the image."""
    return tf.transpose(score_drops(model, image, label, patch, stride))


@mistake("occlusion_map")
def squares_from_the_centre(model, image, label, patch, stride):
    """The squares lie half a patch too far up and left: they were centred on the places where their corner belongs."""
    height, width, _ = image.shape
    half = patch // 2
    tops, lefts = range(0, height - patch + 1, stride), range(0, width - patch + 1, stride)
    return score_drops(model, image, label, patch, stride, [t - half for t in tops], [left - half for left in lefts])


def score_drops(model, image, label, patch, stride, tops=None, lefts=None):
    """Right ones, or with squares elsewhere."""
    height, width, _ = image.shape
    tops = range(0, height - patch + 1, stride) if tops is None else tops
    lefts = range(0, width - patch + 1, stride) if lefts is None else lefts
    after = []
    for top in tops:
        for left in lefts:
            changed = image.numpy().copy()
            changed[max(top, 0) : top + patch, max(left, 0) : left + patch] = 0.5
            after.append(model(tf.constant(changed[None]))[0, label])
    return (
        tf.reshape(model(image[None])[0, label] - tf.stack(after), (len(tops), len(lefts)))
        if after
        else tf.zeros((len(tops), len(lefts)), image.dtype)
    )


# receptive_patch


@mistake("receptive_patch", replace="reversed(layers)", by="layers")
def layers_forwards():
    """The layers were taken in the order of the network. From the unit back to the image, the *last* layer comes first."""


@mistake(
    "receptive_patch",
    replace="bottom, right = (bottom - 1) * stride - padding + size, (right - 1) * stride - padding + size",
    by="bottom, right = bottom * stride - padding + size, right * stride - padding + size",
)
def one_step_too_large():
    """The window is too large by one stride per layer. The last row inside is `bottom - 1`: start from it, not from `bottom`."""


@mistake("receptive_patch", replace="top * stride - padding, left * stride - padding", by="top * stride, left * stride")
def padding_at_the_end_alone():
    """The padding was not subtracted from the first row and column. Output 0 starts `padding` rows *before* the image."""


@mistake("receptive_patch")
def padding_ignored(layers, y, x):
    """The padding is ignored, so the window is too far down and right. Padding shifts every window up and left."""
    return window([(size, stride, 0) for size, stride, _ in layers], y, x)


@mistake("receptive_patch")
def padding_added(layers, y, x):
    """The padding was added. It is subtracted: rows of padding come before the image, so they have negative numbers."""
    return window([(size, stride, -padding) for size, stride, padding in layers], y, x)


@mistake("receptive_patch")
def strides_ignored(layers, y, x):
    """The strides are ignored. A step of one unit is a step of `stride` units in the layer below."""
    return window([(size, 1, padding) for size, _, padding in layers], y, x)


@mistake("receptive_patch")
def window_clipped(layers, y, x):
    """Negative rows or columns were cut to 0. Here they stay: the window may reach beyond the image."""
    return tuple(max(value, 0) for value in window(layers, y, x))


@mistake("receptive_patch")
def last_row_included(layers, y, x):
    """`bottom` and `right` are the last row and column *inside* the window. They are to be one further, as in a slice."""
    top, bottom, left, right = window(layers, y, x)
    return top, bottom - 1, left, right - 1


@mistake("receptive_patch")
def rows_and_columns_swapped(layers, y, x):
    """Rows and columns are swapped: `y` is the row."""
    return window(layers, x, y)


@mistake("receptive_patch")
def corners_in_pairs(layers, y, x):
    """The order is wrong: top, *bottom*, left, right. These are top, left, bottom, right."""
    top, bottom, left, right = window(layers, y, x)
    return top, left, bottom, right


@mistake("receptive_patch")
def height_for_bottom(layers, y, x):
    """The second and fourth number are the height and the width of the window. They are to be where it ends."""
    top, bottom, left, right = window(layers, y, x)
    return top, bottom - top, left, right - left


@mistake("receptive_patch")
def padding_once(layers, y, x):
    """The paddings of all layers were added up without the strides between them. Padding in a deep layer counts in steps of that layer."""
    top, bottom, left, right = window([(size, stride, 0) for size, stride, _ in layers], y, x)
    shift = sum(padding for _, _, padding in layers)
    return top - shift, bottom - shift, left - shift, right - shift


def window(layers, y, x):
    """A right one."""
    top, bottom, left, right = y, y + 1, x, x + 1
    for size, stride, padding in layers[::-1]:
        top, left = top * stride - padding, left * stride - padding
        bottom, right = (bottom - 1) * stride - padding + size, (right - 1) * stride - padding + size
    return top, bottom, left, right


# top_patches


@mistake("top_patches", replace="np.argsort(-flat.max(axis=1)", by="np.argsort(flat.max(axis=1)")
def smallest_first():
    """These are the images that the unit likes least. Sort in decreasing order."""


@mistake(
    "top_patches",
    replace='np.argsort(-flat.max(axis=1), kind="stable")[:k]',
    by='np.sort(np.argsort(-flat.max(axis=1), kind="stable")[:k])',
)
def in_the_order_of_images():
    """The right images, but in the order of their indices. The largest activation comes first."""


@mistake("top_patches", replace="flat.max(axis=1)", by="flat.mean(axis=1)")
def by_mean_activation():
    """The images were chosen by their mean activation. Use the largest one of each image."""


@mistake("top_patches", replace="-flat.max(axis=1)", by="-np.abs(flat).max(axis=1)")
def by_absolute_activation():
    """The images were chosen by absolute values. A large negative activation is what a unit likes least."""


@mistake(
    "top_patches",
    replace='np.argsort(-flat.max(axis=1), kind="stable")[:k]',
    by='np.argsort(-flat, axis=None, kind="stable")[:k] // flat.shape[1]',
)
def images_more_than_once():
    """The same image was taken several times, with neighbouring places. Take each image at most once: first the largest activation of each."""


@mistake(
    "top_patches",
    replace="divmod(int(flat[which].argmax()), columns)",
    by="divmod(int(flat[which].argmax()), columns)[::-1]",
)
def row_for_column():
    """Row and column of the unit are swapped. In reading order, the index divided by the number of *columns* is the row, and the rest the
    column."""


@mistake(
    "top_patches", replace="divmod(int(flat[which].argmax()), columns)", by="divmod(int(flat[which].argmin()), columns)"
)
def weakest_place():
    """The patch is cut out where the activation is smallest. Use the place of the largest one."""


@mistake(
    "top_patches",
    replace="receptive_patch(layers, ",
    by="receptive_patch([(size, stride, 0) for size, stride, _ in layers], ",
)
def patches_without_padding():
    """The patches are too far down and right: the padding of the layers was left out when the window was computed."""


@mistake("top_patches", replace="patch[rows.start - top :, across.start - left :]", by="patch")
def patch_in_the_corner():
    """Where the window reaches beyond the image, the pixels were moved into the top left corner of the patch. Keep them where they are, and put the
    zeros outside."""


@mistake(
    "top_patches",
    replace="        patches.append(patch)\n",
    by='        patch = np.pad(images[which], ((99, 99), (99, 99), (0, 0)), "edge")[top + 99 : bottom + 99, left + 99 : right + 99]\n        patches.append(patch)\n',
)
def edges_repeated():
    """Outside of the image, the pixels of its edge were repeated. There are to be zeros."""


@mistake("top_patches", replace="images[which, rows, across]", by="images[0, rows, across]")
def always_the_first_image():
    """All patches are cut from the first image. Cut each from its own."""


@mistake(
    "top_patches",
    replace="        patches.append(patch)\n",
    by="        patches.append(patch * 0 + flat[which].max())\n",
)
def activations_for_pixels():
    """The patches hold activations. They are to be cut out of the images."""


# dissection_iou


@mistake("dissection_iou", replace="activation > threshold", by="activation >= threshold")
def threshold_included():
    """Where the activation equals the threshold, the unit counts as active. It must *exceed* it: if all activations are equal, nothing is active."""


@mistake("dissection_iou", replace="activation > threshold", by="activation < threshold")
def below_the_threshold():
    """The unit counts as active where it is weak. Take the places where the activation is above the threshold."""


@mistake("dissection_iou", replace="np.quantile(activation, quantile)", by="np.quantile(activation, 1 - quantile)")
def other_end():
    """The quantile was taken from the other end. `quantile` is the share that stays *below* the threshold: near 1, only few places are active."""


@mistake(
    "dissection_iou",
    replace="np.quantile(activation, quantile)",
    by="np.quantile(activation, quantile, axis=(1, 2), keepdims=True)",
)
def threshold_of_each_image():
    """Each image has a threshold of its own. There is one for all images: in an image without the concept, a good unit is active nowhere."""


@mistake("dissection_iou", replace="np.quantile(activation, quantile)", by="quantile * np.max(activation)")
def share_of_the_maximum():
    """The threshold is a share of the largest activation. It is a *quantile*: the value below which that share of all activations lies."""


@mistake("dissection_iou", replace="np.quantile(activation, quantile)", by="quantile")
def quantile_as_threshold():
    """The quantile was used as the threshold itself. Compute the threshold from all activations."""


@mistake("dissection_iou", replace="union = np.sum(active | mask)", by="union = np.sum(active)")
def share_of_the_active():
    """This is the share of the active pixels that belong to the concept (precision). Divide by the union of both."""


@mistake("dissection_iou", replace="union = np.sum(active | mask)", by="union = np.sum(mask)")
def share_of_the_mask():
    """This is the share of the concept's pixels that are active (recall). Divide by the union of both."""


@mistake("dissection_iou", replace="union = np.sum(active | mask)", by="union = np.sum(active) + np.sum(mask)")
def intersection_twice():
    """The pixels in both count twice in the union. Count a pixel once that is in at least one of them."""


@mistake(
    "dissection_iou",
    replace="np.sum(active & mask) / union",
    by="2 * np.sum(active & mask) / (np.sum(active) + np.sum(mask))",
)
def dice_for_iou():
    """This is the Dice coefficient: twice the intersection over the sum of both sizes. Divide the intersection by the *union*."""


@mistake("dissection_iou", replace="np.sum(active & mask) / union", by="np.mean(active == mask)")
def accuracy_for_iou():
    """This is the share of pixels that agree. Where both say no they agree too, and most pixels are like that: that is why intersection over
    union is used."""


@mistake("dissection_iou")
def mean_over_images(activation, mask, quantile):
    """The IoU was computed for each image and averaged. Count the pixels of all images together."""
    active = as_blocks(activation > np.quantile(activation, quantile), mask)
    both, either = (np.sum(value, axis=(1, 2)) for value in (active & mask, active | mask))
    return float(np.mean(both / np.maximum(either, 1)))


@mistake("dissection_iou")
def tiled_for_enlarged(activation, mask, quantile):
    """The map was repeated as a whole, side by side. Each of its *values* becomes a block."""
    _, rows, columns = activation.shape
    active = np.tile(
        activation > np.quantile(activation, quantile), (1, mask.shape[1] // rows, mask.shape[2] // columns)
    )
    return float(np.sum(active & mask) / max(1, np.sum(active | mask)))


@mistake("dissection_iou")
def mask_made_smaller(activation, mask, quantile):
    """The mask was made as small as the map, by taking every second (third, ...) pixel. Enlarge the map instead, and compare all pixels."""
    _, rows, columns = activation.shape
    mask = mask[:, :: mask.shape[1] // rows, :: mask.shape[2] // columns]
    active = activation > np.quantile(activation, quantile)
    return float(np.sum(active & mask) / max(1, np.sum(active | mask)))


@mistake(
    "dissection_iou",
    replace="float(np.sum(active & mask) / union) if union else 0.0",
    by="float(np.float64(np.sum(active & mask)) / union)",
)
def nothing_over_nothing():
    """Where neither the unit nor the concept has a pixel, this is 0 / 0, NaN. Return 0."""


def as_blocks(active, mask):
    """Each value as a block."""
    return active.repeat(mask.shape[1] // active.shape[1], axis=1).repeat(mask.shape[2] // active.shape[2], axis=2)


# maximize_activation


@mistake("maximize_activation", replace="image + rate *", by="image - rate *")
def downhill():
    """The image goes downhill. To maximize, *add* the gradient."""


@mistake("maximize_activation", replace="range(steps)", by="range(1)")
def one_step_alone():
    """Only one step was taken. Repeat it `steps` times."""


@mistake("maximize_activation", replace="range(steps)", by="range(steps + 1)")
def one_step_too_many():
    """There is one step too many. With `steps=0` the image stays as it is."""


@mistake("maximize_activation", replace="rate * tape.gradient(value, image)", by="tape.gradient(value, image)")
def rate_not_used():
    """The learning rate is not used. Multiply the gradient by it."""


@mistake(
    "maximize_activation",
    replace="rate * tape.gradient(value, image)",
    by="rate * tf.sign(tape.gradient(value, image))",
)
def signs_of_the_gradient():
    """Only the sign of the gradient was used. Use the gradient itself."""


@mistake(
    "maximize_activation",
    replace="rate * tape.gradient(value, image)",
    by="rate * tf.math.l2_normalize(tape.gradient(value, image))",
)
def gradient_normalised():
    """The gradient was divided by its length. Many programs do that; here the plain gradient is asked for."""


@mistake("maximize_activation", replace="    return image", by="    return tf.clip_by_value(image, 0.0, 1.0)")
def image_clipped():
    """The image was cut to the range from 0 to 1. Leave it as it is: `f` takes care of that if it matters."""


@mistake("maximize_activation", replace="    return image", by="    return f(image)")
def value_for_image():
    """This is the value of f. Return the *image*."""


@mistake("maximize_activation")
def gradient_of_the_start(f, image, steps, rate):
    """The gradient was computed once, at the start, and used for every step. Compute it anew in every step, at the image as it is then."""
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = f(image)
    return image + steps * rate * tape.gradient(value, image)


@mistake("maximize_activation")
def with_momentum(f, image, steps, rate):
    """Steps add up: the earlier gradients go on pushing, as with momentum. Use the plain gradient of the current image."""
    velocity = tf.zeros_like(image)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(image)
            value = f(image)
        velocity = 0.9 * velocity + rate * tape.gradient(value, image)
        image = image + velocity
    return image


# gram_matrix


@mistake("gram_matrix", replace="tf.matmul(flat, flat, transpose_a=True)", by="tf.matmul(flat, flat, transpose_b=True)")
def places_for_channels():
    """This compares places with each other. A Gram matrix compares *channels*: its shape is (channels, channels), and the sum runs over the places."""


@mistake(
    "gram_matrix",
    replace="tf.matmul(flat, flat, transpose_a=True)",
    by="tf.matmul(flat, flat, transpose_a=True) / len(flat)",
)
def mean_over_places():
    """The sum was divided by the number of places. Here it is a sum, as in the lecture."""


@mistake(
    "gram_matrix",
    replace="tf.matmul(flat, flat, transpose_a=True)",
    by="tf.matmul(flat, flat, transpose_a=True) / (len(flat) * flat.shape[1])",
)
def mean_over_places_and_channels():
    """The sum was divided by the number of places and of channels. Here it is a plain sum, as in the lecture."""


@mistake(
    "gram_matrix",
    replace="flat = tf.reshape(features, (-1, features.shape[-1]))",
    by="flat = tf.reshape(features, (-1, features.shape[-1]))\n    flat -= tf.reduce_mean(flat, axis=0)",
)
def covariance():
    """The mean of each channel was subtracted: this is a covariance. The Gram matrix uses the features as they are."""


@mistake(
    "gram_matrix",
    replace="flat = tf.reshape(features, (-1, features.shape[-1]))",
    by="flat = tf.transpose(tf.reshape(features, (features.shape[-1], -1)))",
)
def reshaped_for_transposed():
    """Numbers of different channels were mixed: a reshape to (channels, places) does not move the channels to the front. Flatten the *places* to rows, with
    the channels as columns, and transpose if you need to."""


@mistake(
    "gram_matrix",
    replace="flat = tf.reshape(features, (-1, features.shape[-1]))",
    by="flat = tf.math.l2_normalize(tf.reshape(features, (-1, features.shape[-1])), axis=0)",
)
def cosines():
    """The channels were divided by their length, so these are cosines. The Gram matrix uses the features as they are."""


@mistake("gram_matrix", replace="tf.matmul(flat, flat, transpose_a=True)", by="tf.reduce_sum(flat**2, axis=0)")
def diagonal_alone():
    """This is only the diagonal, each channel with itself. Style is in the other entries: which channels occur *together*."""


@mistake(
    "gram_matrix",
    replace="flat = tf.reshape(features, (-1, features.shape[-1]))",
    by="flat = tf.reduce_sum(features, axis=0)",
)
def rows_summed_first():
    """The rows were added up before the products. First multiply the two channels at each place, then sum over the places."""


@mistake(
    "gram_matrix",
    replace="return tf.matmul(flat, flat, transpose_a=True)",
    by="gram = tf.matmul(flat, flat, transpose_a=True)\n    return tf.linalg.band_part(gram, 0, -1)",
)
def upper_triangle():
    """The lower half is zero. A Gram matrix is symmetric: G_ij = G_ji, and both are there."""


# content_loss


@mistake("content_loss", replace=" / 2", by="")
def half_forgotten():
    """The half in front of the sum is missing."""


@mistake(
    "content_loss", replace="tf.reduce_sum((features - target) ** 2)", by="tf.reduce_mean((features - target) ** 2)"
)
def content_averaged():
    """This is a mean. The content loss is a sum over all channels and places."""


@mistake(
    "content_loss", replace="tf.reduce_sum((features - target) ** 2)", by="tf.reduce_sum(tf.abs(features - target))"
)
def content_absolute():
    """Absolute differences were added. Square them."""


@mistake("content_loss", replace="tf.reduce_sum((features - target) ** 2)", by="tf.reduce_sum(features - target) ** 2")
def differences_summed_first():
    """The differences were added up before squaring, so they cancel. Square each one."""


@mistake("content_loss", replace="tf.reduce_sum((features - target) ** 2) / 2", by="tf.norm(features - target) / 2")
def root_of_the_sum():
    """This is the root of the sum of squares. Leave the root out."""


@mistake("content_loss", replace="tf.reduce_sum((features - target) ** 2)", by="tf.reduce_sum(features**2 - target**2)")
def squares_subtracted():
    """The squares were subtracted from each other. Subtract first, then square."""


@mistake(
    "content_loss",
    replace="tf.reduce_sum((features - target) ** 2)",
    by="tf.reduce_sum((tf.stop_gradient(features) - target) ** 2)",
)
def content_without_gradient():
    """The value is right, but no gradient reaches the features: something cut it (`stop_gradient`, `.numpy()`, NumPy)."""


@mistake(
    "content_loss",
    replace="tf.reduce_sum((features - target) ** 2)",
    by="tf.reduce_sum((features - target) ** 2, axis=-1)",
)
def one_loss_per_place():
    """There is still one number for each place. Sum over all axes: the loss is a single number."""


# style_loss


@mistake(
    "style_loss",
    replace="tf.reduce_sum((gram_matrix(features) - gram) ** 2)",
    by="tf.reduce_mean((gram_matrix(features) - gram) ** 2)",
)
def style_averaged():
    """This is the mean over the entries of the Gram matrix. The lecture's E_L is a sum."""


@mistake(
    "style_loss",
    replace="tf.reduce_sum((gram_matrix(features) - gram) ** 2)",
    by="tf.reduce_sum((gram_matrix(features) - gram) ** 2) / 2",
)
def style_halved():
    """There is a half too many: it belongs to the content loss."""


@mistake(
    "style_loss",
    replace="tf.reduce_sum((gram_matrix(features) - gram) ** 2)",
    by="tf.reduce_sum(tf.abs(gram_matrix(features) - gram))",
)
def style_absolute():
    """Absolute differences were added. Square them."""


@mistake(
    "style_loss",
    replace="tf.reduce_sum((gram_matrix(features) - gram) ** 2)",
    by="tf.reduce_sum((gram_matrix(features) - gram) ** 2) / (4.0 * features.shape[-1] ** 2 * (features.shape[0] * features.shape[1]) ** 2)",
)
def factor_of_the_paper():
    """This has the paper's factor, 1 / (4 N² M²). We follow the lecture, which has none."""


@mistake(
    "style_loss",
    replace="gram_matrix(features) - gram",
    by="gram_matrix(features) - tf.matmul(gram, gram, transpose_a=True)",
)
def gram_of_the_gram():
    """A Gram matrix was computed of the second argument as well. It *is* a Gram matrix already: use it as it is."""


@mistake(
    "style_loss",
    replace="tf.reduce_sum((gram_matrix(features) - gram) ** 2)",
    by="tf.reduce_sum(gram_matrix(features) - gram) ** 2",
)
def entries_summed_first():
    """The differences were added up before squaring, so they cancel. Square each entry."""


@mistake(
    "style_loss",
    replace="tf.reduce_sum((gram_matrix(features) - gram) ** 2)",
    by="tf.norm(gram_matrix(features) - gram)",
)
def length_of_the_difference():
    """This is the root of the sum of squares. Leave the root out."""


@mistake(
    "style_loss",
    replace="(gram_matrix(features) - gram) ** 2",
    by="tf.linalg.band_part((gram_matrix(features) - gram) ** 2, 0, -1)",
)
def pairs_once():
    """Every pair of channels was counted once. The sum runs over all i and j, so (i, j) and (j, i) both count."""


# total_loss


@mistake(
    "total_loss",
    replace="alpha * content_loss(features[-1], content) + beta * style",
    by="beta * content_loss(features[-1], content) + alpha * style",
)
def weights_swapped():
    """alpha and beta are swapped: alpha belongs to the content, beta to the style."""


@mistake("total_loss", replace="content_loss(features[-1], content)", by="2 * content_loss(features[-1], content)")
def content_twice_as_heavy():
    """The content weighs twice as much as it should. Is the half in its formula missing?"""


@mistake(
    "total_loss",
    replace="tf.add_n([style_loss(each, gram) for each, gram in zip(features, grams, strict=True)])",
    by="style_loss(features[-1], grams[-1])",
)
def style_of_the_last_layer():
    """The style is compared in the last layer only. Sum over *all* layers."""


@mistake(
    "total_loss",
    replace="tf.add_n([style_loss(each, gram) for each, gram in zip(features, grams, strict=True)])",
    by="style_loss(features[0], grams[0])",
)
def style_of_the_first_layer():
    """The style is compared in the first layer only. Sum over *all* layers."""


@mistake(
    "total_loss",
    replace="tf.add_n([style_loss(each, gram) for each, gram in zip(features, grams, strict=True)])",
    by="tf.add_n([style_loss(each, gram) for each, gram in zip(features, grams, strict=True)]) / len(grams)",
)
def layers_averaged():
    """The layers' style losses were averaged. Add them up."""


@mistake(
    "total_loss",
    replace="return alpha * content_loss(features[-1], content) + beta * style",
    by="return content_loss(features[-1], content) + beta * style",
)
def alpha_forgotten():
    """alpha is not used. Multiply the content loss by it."""


@mistake("total_loss", replace="+ beta * style", by="+ style")
def beta_forgotten():
    """beta is not used. Multiply the style loss by it."""


@mistake("total_loss", replace="+ beta * style", by="- beta * style")
def style_subtracted():
    """The style loss was subtracted, so the image would run away from the style. Add it."""


@mistake(
    "total_loss",
    replace="alpha * content_loss(features[-1], content) + beta * style",
    by="alpha * content_loss(features[-1], content) + alpha * beta * style",
)
def alpha_in_front_of_both():
    """alpha multiplies the style, too. It belongs to the content alone."""


@mistake("total_loss", replace="extract(image[None])", by="extract(tf.stop_gradient(image)[None])")
def image_without_gradient():
    """The value is right, but no gradient reaches the image: something cut it (`stop_gradient`, `tf.constant`, `.numpy()`). The image is the variable here."""


@mistake("total_loss", replace="extract(image[None])", by="extract(image)")
def image_without_a_batch():
    """extract was given one image without a batch axis. Add the axis, as in `image[None]`, and take it off again."""


# deep_prior_loss


@mistake("deep_prior_loss", replace="mask * (output - image) ** 2", by="(output - image) ** 2")
def mask_only_in_the_divisor():
    """The lost pixels are part of the sum. Multiply the squared differences by the mask first."""


@mistake("deep_prior_loss", replace="(tf.reduce_sum(mask) * output.shape[-1])", by="tf.reduce_sum(mask)")
def channels_not_counted():
    """The sum was divided by the number of known *pixels*. Each of them has several channels: divide by the number of known values."""


@mistake(
    "deep_prior_loss",
    replace="tf.reduce_sum(squares) / (tf.reduce_sum(mask) * output.shape[-1])",
    by="tf.reduce_mean(squares)",
)
def mean_over_all_pixels():
    """The sum was divided by the number of *all* values. Divide by the known ones, or pictures with large holes seem better than they are."""


@mistake(
    "deep_prior_loss",
    replace="return tf.reduce_sum(squares) / (tf.reduce_sum(mask) * output.shape[-1])",
    by="return tf.reduce_sum(squares)",
)
def prior_loss_summed():
    """This is the sum. Divide by the number of known values."""


@mistake("deep_prior_loss", replace="mask * (output - image) ** 2", by="(1 - mask) * (output - image) ** 2")
def mask_inverted():
    """The lost pixels count, and the known ones do not. The mask is 1 where a pixel is *known*."""


@mistake("deep_prior_loss")
def everything_counts(output, image, mask):
    """The mask is not used at all: this is the mean over all pixels. Only the known ones count."""
    return tf.reduce_mean((output - image) ** 2)


@mistake("deep_prior_loss", replace="mask * (output - image) ** 2", by="(mask * output - image) ** 2")
def output_masked_alone():
    """Only the output was multiplied by the mask. Then lost pixels of the image count as errors: mask the difference."""


@mistake("deep_prior_loss", replace="mask * (output - image) ** 2", by="mask * tf.abs(output - image)")
def prior_absolute():
    """Absolute differences were averaged. Square them."""


@mistake("deep_prior_loss", replace="return tf.reduce_sum(squares) /", by="return 0.5 * tf.reduce_sum(squares) /")
def prior_halved():
    """There is a half too many. The loss is the mean of the squares."""


@mistake(
    "deep_prior_loss",
    replace="tf.reduce_sum(squares) / (tf.reduce_sum(mask) * output.shape[-1])",
    by="tf.sqrt(tf.reduce_sum(squares) / (tf.reduce_sum(mask) * output.shape[-1]))",
)
def root_of_the_mean():
    """This is the root of the mean squared error. Leave the root out."""


# deep_prior_input


@mistake("deep_prior_input", replace='indexing="ij"', by='indexing="xy"')
def meshgrid_transposed():
    """The meshgrid is transposed: `np.meshgrid` swaps the first two axes, unless it is told not to. Its result must have as many rows as the image."""


@mistake(
    "deep_prior_input",
    replace='np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)',
    by='np.stack(np.meshgrid(rows, columns, indexing="ij")[::-1], axis=-1)',
)
def columns_before_rows():
    """The two channels are swapped: channel 0 is the row, channel 1 the column."""


@mistake(
    "deep_prior_input",
    replace="np.linspace(0, 1, height), np.linspace(0, 1, width)",
    by="np.arange(height) / height, np.arange(width) / width",
)
def end_not_reached():
    """The last row and column do not reach 1. Divide by the number of steps, which is one less than the number of rows."""


@mistake(
    "deep_prior_input",
    replace="np.linspace(0, 1, height), np.linspace(0, 1, width)",
    by="np.linspace(-1, 1, height), np.linspace(-1, 1, width)",
)
def from_minus_one():
    """The meshgrid runs from -1 to 1. Here it runs from 0 to 1."""


@mistake(
    "deep_prior_input",
    replace="np.linspace(0, 1, height), np.linspace(0, 1, width)",
    by="np.arange(height) * 1.0, np.arange(width) * 1.0",
)
def pixels_for_shares():
    """The meshgrid counts pixels. Rows and columns run from 0 to 1, whatever the size."""


@mistake("deep_prior_input", replace="uniform(0, 0.1, shape)", by="uniform(0, 1, shape)")
def noise_up_to_one():
    """The noise is ten times too strong: it is uniform on [0, 1/10]."""


@mistake("deep_prior_input", replace="uniform(0, 0.1, shape)", by="normal(0, 0.1, shape)")
def normal_noise():
    """The noise is normal. It is to be uniform on [0, 1/10], never negative."""


@mistake("deep_prior_input", replace="uniform(0, 0.1, shape)", by="uniform(-0.1, 0.1, shape)")
def noise_of_both_signs():
    """The noise has both signs. It is uniform on [0, 1/10]."""


@mistake("deep_prior_input", replace="default_rng(seed)", by="default_rng(0)")
def noise_without_its_seed():
    """The noise is the same for every seed. Use `seed`."""


@mistake("deep_prior_input", replace="default_rng(seed)", by="default_rng()")
def noise_anew():
    """The noise is another one in every call, although the seed is the same. The network's input must stay fixed: use `seed`."""


@mistake(
    "deep_prior_input",
    replace="uniform(0, 0.1, shape)",
    by="uniform(0, 0.1, (height, width, 1)).repeat(shape[2], axis=2)",
)
def channels_all_alike():
    """All channels hold the same noise. Draw every number by itself."""


@mistake("deep_prior_input", replace="values[None]", by="values")
def input_without_a_batch():
    """The batch axis is missing. A network takes a batch: the shape is (1, height, width, channels)."""


# deep_prior_step


@mistake(
    "deep_prior_step",
    replace="deep_prior_loss(network(z), image, mask)",
    by="deep_prior_loss(network(z), image, tf.ones_like(mask))",
)
def step_without_mask():
    """The lost pixels are trained on, too. Pass the mask on to the loss."""


@mistake("deep_prior_step", replace="    return loss", by="    return deep_prior_loss(network(z), image, mask)")
def loss_after_the_step():
    """This is the loss *after* the step. Return the one that was differentiated, from before."""


@mistake(
    "deep_prior_step",
    replace="gradients = tape.gradient(loss, network.trainable_variables)",
    by="gradients = [-g for g in tape.gradient(loss, network.trainable_variables)]",
)
def step_uphill():
    """The weights go uphill, and the loss grows. The optimizer subtracts gradients by itself: give it the gradients as they are."""


@mistake(
    "deep_prior_step",
    replace="    optimizer.apply_gradients(zip(gradients, network.trainable_variables, strict=True))\n",
    by="",
)
def nothing_applied():
    """The weights do not change: the gradients were computed, but not applied."""


@mistake("deep_prior_step")
def last_layer_alone(network, z, image, mask, optimizer):
    """Only the last layer is trained. All trainable weights of the network are to change."""
    return prior_step(network, z, image, mask, optimizer, network.layers[-1].trainable_variables)


@mistake("deep_prior_step")
def two_steps_at_once(network, z, image, mask, optimizer):
    """The gradients were applied twice. A call is one step."""
    return prior_step(network, z, image, mask, optimizer, network.trainable_variables, times=2)


@mistake("deep_prior_step")
def input_for_image(network, z, image, mask, optimizer):
    """The network was applied to the damaged image, as if it were to clean its input. Its input is the fixed `z`."""
    return prior_step(
        network,
        image[..., : z.shape[-1]] if image.shape[-1] >= z.shape[-1] else z * 0,
        image,
        mask,
        optimizer,
        network.trainable_variables,
    )


@mistake("deep_prior_step")
def fresh_noise(network, z, image, mask, optimizer):
    """The input was changed: noise was added in every step. That is a trick of the paper's program, but here the input stays as it is."""
    noise = tf.cast(tf.random.normal(z.shape, stddev=0.03), z.dtype)
    return prior_step(network, z + noise, image, mask, optimizer, network.trainable_variables)


@mistake("deep_prior_step")
def optimizer_made_anew(network, z, image, mask, optimizer):
    """The first step is right, but the optimizer's memory, its momentum, is lost before the second. Was a new optimizer made, or were the weights
    changed by hand? Let the one that is passed apply the gradients."""
    fresh = type(optimizer).from_config(optimizer.get_config())
    return prior_step(network, z, image, mask, fresh, network.trainable_variables)


@mistake("deep_prior_step")
def frozen_layers_trained(network, z, image, mask, optimizer):
    """Frozen layers change, too. Only `network.trainable_variables` are to be trained, not all weights."""
    return prior_step(network, z, image, mask, optimizer, network.weights)


def prior_step(network, z, image, mask, optimizer, variables, times=1):
    """A right step, or one on other variables."""
    with tf.GradientTape() as tape:
        loss = deep_prior_loss(network(z), image, mask)
    gradients = tape.gradient(loss, variables)
    for _ in range(times):
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return loss

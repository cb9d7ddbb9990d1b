# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7. Generalization
#
# A network with enough weights can learn any training set by heart. What counts is what it does with images that it has not seen. This notebook
# is about everything that helps there and is not a new kind of layer. You will
#
# - fit polynomials, and see that knowing something beforehand is worth more than many points, if it is true;
# - go from a dense layer to a convolution in two steps, and measure each;
# - cut, mirror and standardize images: more training images from the ones you have;
# - show a network ten crops of a test image, or 144, and average;
# - smooth labels, drop units, lower the learning rate, clip gradients;
# - keep the body of a trained network and train a new head;
# - measure how much a network minds shifted, turned, resized and darkened images;
# - and finally train **the same small network on 100 images, with and without each measure**.
#
# Statements marked **[E]** are from the EPFL lecture (Artificial Neural Networks 8), **[P]** from the UFAL lecture (NPFL114, lecture 4), **[B]** from the Brown
# lecture.
#
# **Builds on** notebook [1](../01_neurons/01_neurons.ipynb) (steps with momentum, weight decay), [2](../02_convolution/02_convolution.ipynb) (convolution and its weights)
# and [5](../05_keras_cnn/05_keras_cnn.ipynb) (a Keras model, the loss, a training run), but uses none of their functions.
#
# **NumPy or TensorFlow?** Where gradients matter, you get tensors and use TensorFlow. Where images are only cut and counted, you get NumPy arrays. Each docstring says
# which. Results have the dtype of the inputs. Where a function gets float tensors, the check compares gradients, too: NumPy, `float()` and `.numpy()` cut them, so stay with
# tensor operations. In section 12, training runs in a `tf.function`, in which NumPy on tensors raises an error.
#
# Functions that choose at random are judged by counts. Among the arguments of these cases you find `bounds`: between which numbers the counts of a right function are.
#
# **Predict, then look.** Write your answer down before you run a cell that asks for one. Our answers are folded away below.

# %%
from contextlib import suppress

from autograder import check
from autograder.datasets import load_data
from autograder.datasets.photographs import photograph
import keras
import matplotlib.pyplot as plt
import numpy as np
import scipy
import tensorflow as tf

# %% [markdown]
# ## 1. No free lunch: `polynomial_fit`
#
# "Inductive bias = prior preference of rules (functions)" [E]. No learning rule is better than all others on all problems. A rule is good
# where its preferences fit the problem. The lecture's example is a polynomial
#
# $$f(x) = w_0 + w_1 x + w_2 x^2 + \dots + w_d x^d$$
#
# and the statement "for radioactive decay I know that $w_3 = w_4 = w_5 = 0$" [E]. Then only $w_0, w_1, w_2$ must be learned, and three points may be enough.
#
# Fit by least squares: choose the *free* weights such that $\sum_i (f(x_i) - y_i)^2$ is smallest, **while** the known ones are zero. That is not the same as
# fitting all of them and setting some to zero afterwards. Take $x = (1, 2)$, $y = (2, 8)$ and degree 2. With $w_0 = w_1 = 0$ known, the best $w_2$ is
#
# $$w_2 = \frac{1 \cdot 2 + 4 \cdot 8}{1 \cdot 1 + 4 \cdot 4} = \frac{34}{17} = 2 .$$
#
# `np.linalg.lstsq` solves least squares; give it one column for each free weight.


# %%
def polynomial_fit(x, y, degree, zeros):
    """The weights of the polynomial with the least squared error, some of which are known to be zero.

    Args:
        x: a float64 array of shape `(n,)`. There are at least as many different entries as free weights.
        y: a float64 array of shape `(n,)`, the values to fit.
        degree: the highest power, an int.
        zeros: the powers whose weights are zero, a tuple of ints; `()` if nothing is known. At least one weight is free.

    Returns:
        The weights, a float64 array of shape `(degree + 1,)`. Entry `k` belongs to `x**k`.

    Example:

    >>> polynomial_fit(np.array([1., 2.]), np.array([2., 8.]), 2, (0, 1)).round(6).tolist()
    [0.0, 0.0, 2.0]
    """
    ### BEGIN SOLUTION
    free = [k for k in range(degree + 1) if k not in zeros]
    powers = np.stack([x**k for k in free], axis=1)
    weights = np.zeros(degree + 1, x.dtype)
    weights[free] = np.linalg.lstsq(powers, y, rcond=None)[0]
    return weights
    ### END SOLUTION


# %%
check("polynomial_fit")

# %% [markdown]
# Seven noisy points of $1 - x + x^2 / 2$, the beginning of a decay. Three students fit a polynomial of degree 5. The first knows nothing, the second knows that $w_3 = w_4 = w_5 = 0$,
# the third is sure that $w_1 = 0$, and wrong.
#
# **Predict, then look.** Sort the three by their error on new points. And with 1000 training points?

# %%
with suppress(NotImplementedError):  # draws once polynomial_fit is written
    rng, grid = np.random.default_rng(1), np.linspace(-1, 1, 200)
    knowledge = {"nothing known": (), "w3 = w4 = w5 = 0, true": (3, 4, 5), "w1 = 0, wrong": (1,)}

    def decay(x):
        """The rule behind the points."""
        return 1 - x + x**2 / 2

    def powers_of(x):
        """One column for each power up to the fifth."""
        return np.stack([x**k for k in range(6)], axis=1)

    counts, errors = (7, 10, 20, 50, 200, 1000), {name: [] for name in knowledge}
    for count in counts:
        runs = {name: [] for name in knowledge}
        for _ in range(200):
            x = rng.uniform(-1, 1, count)
            y = decay(x) + rng.normal(0, 0.3, count)
            for name, zeros in knowledge.items():
                gap = powers_of(grid) @ polynomial_fit(x, y, 5, zeros) - decay(grid)
                runs[name].append(np.mean(gap**2))
        for name, found in runs.items():
            errors[name].append(np.median(found))
    _, panels = plt.subplots(1, 2, figsize=(10, 3.2), layout="constrained")
    x = np.linspace(-0.9, 0.9, 7)
    y = decay(x) + rng.normal(0, 0.3, 7)
    panels[0].plot(grid, decay(grid), color="black", linestyle="--", label="the rule")
    panels[0].plot(x, y, "o", color="black")
    for name, zeros in knowledge.items():
        panels[0].plot(grid, powers_of(grid) @ polynomial_fit(x, y, 5, zeros), label=name)
        panels[1].loglog(counts, errors[name], marker=".", label=name)
    panels[0].set(title="seven points", ylim=(-0.5, 4), xlabel="x")
    panels[0].legend(fontsize=8)
    panels[1].set(title="median error on new points, 200 runs", xlabel="training points", ylabel="squared error")
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# True prior knowledge wins everywhere, and by the largest margin where there are few points. The student who knows nothing needs more points, but gets there. The wrong
# knowledge is different: with seven points it is even second best, because five weights are fitted instead of six, but then its error stops falling. With 1000 points it is by far the worst, because what it excludes is the truth. "With a strong inductive bias the test error will always be
# low" is a false sentence of the lecture's quiz [E]; "with a strong inductive bias one can reach a low test error with very little training data" is a true one.
#
# </details>
#
# ## 2. From dense to convolution: `patchy_layer`
#
# For images, two things are known beforehand [E]: "only local interactions matter", and "a feature detector that's useful in one part of the image is probably useful in another part". A dense
# layer knows neither. A convolution knows both. In between stands the lecture's *patchy connectivity*: every output sees only a small patch, but each place has weights **of its own**:
#
# $$y_{nijo} = \sum_{a, b, c} x_{n,\, i + a,\, j + b,\, c} \; w_{ijabco} .$$
#
# For an image of $h \times w$ with $c$ channels, patches of $k_h \times k_w$, and $o$ outputs at each of the $r \times s$ places, where $r = h - k_h + 1$ and $s = w - k_w + 1$:
#
# | layer | number of weights | 20 x 20 x 1, patches of 5 x 5, 8 outputs per place |
# |---|---|---|
# | dense | $h w c \cdot r s o$ | 819,200 |
# | patchy | $r s \cdot k_h k_w c o$ | 51,200 |
# | convolution | $k_h k_w c o$ | 200 |
#
# An example with one channel, one output and patches of 1 x 2. The row $x = (1, 2, 3)$ has two patches, with the weights $(1, 0)$ and $(10, 1)$. The outputs are
# $1 \cdot 1 + 0 \cdot 2 = 1$ and $10 \cdot 2 + 1 \cdot 3 = 23$.
#
# There is no padding, the stride is 1, and nothing is flipped. A loop over the $k_h k_w$ entries of a patch is much faster than one over the places.


# %%
def patchy_layer(x, weights):
    """A convolution without shared weights: every place has its own.

    Args:
        x: a tensor of shape `(n, h, w, c_in)`.
        weights: a tensor of shape `(h - kh + 1, w - kw + 1, kh, kw, c_in, c_out)`: for each place the weights of its patch.

    Returns:
        A tensor of shape `(n, h - kh + 1, w - kw + 1, c_out)` with the dtype of `x`.

    Example:

    >>> x = tf.reshape(tf.constant([1., 2., 3.]), (1, 1, 3, 1))
    >>> weights = tf.reshape(tf.constant([1., 0., 10., 1.]), (1, 2, 1, 2, 1, 1))
    >>> patchy_layer(x, weights).numpy().ravel().tolist()
    [1.0, 23.0]
    """
    ### BEGIN SOLUTION
    rows, columns, kh, kw = weights.shape[:4]
    y = 0
    for a in range(kh):
        for b in range(kw):
            seen = x[:, a : a + rows, b : b + columns]
            y += tf.einsum("nijc,ijco->nijo", seen, weights[:, :, a, b])
    return y
    ### END SOLUTION


# %%
check("patchy_layer")

# %% [markdown]
# ## 3. The same scale for all: `standardize`
#
# Networks learn best from numbers around 0 of size about 1. So subtract the mean of each colour channel, and divide by its standard deviation:
#
# $$\hat{x}_{nijc} = \frac{x_{nijc} - \mu_c}{\sigma_c} .$$
#
# The mean $\mu_c$ and the standard deviation $\sigma_c$ of a channel are taken over all **training** images and all their pixels, and used for every image, whether for training or test. Statistics of the test images
# would be a leak: the network would know something about images it is supposed not to have seen.
#
# Two training pixels of one channel with the values 2 and 6 have $\mu = 4$ and $\sigma = 2$. A test pixel of 8 becomes $(8 - 4) / 2 = 2$.


# %%
def standardize(images, train):
    """Subtracts the mean of each channel and divides by its standard deviation, both of the training images.

    Args:
        images: a float tensor of shape `(n, height, width, channels)`, any images.
        train: a float tensor of shape `(m, height, width, channels)`, the training images. No channel is constant.

    Returns:
        A tensor with the shape and dtype of `images`.

    Example:

    >>> train = tf.reshape(tf.constant([2., 6.]), (2, 1, 1, 1))
    >>> standardize(tf.constant([[[[8.]]]]), train).numpy().ravel().tolist()
    [2.0]
    """
    ### BEGIN SOLUTION
    mean = tf.reduce_mean(train, axis=(0, 1, 2))
    deviation = tf.math.reduce_std(train, axis=(0, 1, 2))
    return (images - mean) / deviation
    ### END SOLUTION


# %%
check("standardize")

# %% [markdown]
# ## 4. More images from the ones you have
#
# "Data augmentation using translations and horizontal reflections (choosing random 224 x 224 patches from 256 x 256 images)" [P]. The label stays the same. Your functions get NumPy arrays
# and choose at random, so yours and ours will not choose alike. The check calls them many times and counts.
#
# ### 4.1 `random_crop`
#
# Every image gets a place **of its own**, and every place has the same chance. How many places are there? A crop of 3 in an image of 5 rows can start in row 0, 1 or 2: $5 - 3 + 1 = 3$ places.
#
# **Predict, then look.** The AlexNet paper says that patches of 224 from images of 256, with their reflections, make the training set larger by a factor of 2048. Is that right?
#
# <details>
# <summary>Our answer</summary>
#
# $2048 = 32 \cdot 32 \cdot 2$, but there are $256 - 224 + 1 = 33$ places along each axis, so there are $33 \cdot 33 \cdot 2 = 2178$ patches. It is a famous off-by-one. (Most of them are nearly the same image, so "a factor of 2048" promises too much anyway.)
#
# </details>
#
# What the check counts, on images whose pixels tell where they were:
#
# | in the panel | what it is | right |
# |---|---|---|
# | `size` | the shape of the result | |
# | `dtype_kept` | 1 if the crops have the dtype of the images | 1 |
# | `not_cut_out` | 1 if some crop is not a part of its own image | 0 |
# | `one_for_all` | 1 if all crops of a call have the same row, 2 if they have the same column, 3 if both, though another call has another; then nothing more is counted there: -9 | 0 |
# | `rows`, `columns` | for each place of the crop's corner: 0 if it was chosen about as often as chance allows, -1 if too rarely; if no place was chosen too rarely, 1 if too often | 0, 0, ... |
# | `together` | the same for each pair of row and column | 0, 0, ... |
# | `seed_obeyed` | 1 if the same seed gives the same crops | 1 |
# | `seed_matters` | 1 if other seeds give other crops | 1 |
#
# "About as often as chance allows" is generous: a right function falls outside less than once in ten million counts.


# %%
def random_crop(images, size, seed):
    """Cuts a square out of each image, at a place chosen at random for each.

    Args:
        images: an array of shape `(n, height, width, channels)`.
        size: the side of the square, an int, at most `height` and `width`.
        seed: of the random choices, an int.

    Returns:
        An array of shape `(n, size, size, channels)` with the dtype of `images`, in the same order.

    Example:

    >>> random_crop(np.zeros((5, 8, 6, 3), np.uint8), 4, seed=0).shape
    (5, 4, 4, 3)
    """
    ### BEGIN SOLUTION
    n, height, width = images.shape[:3]
    rng = np.random.default_rng(seed)
    top = rng.integers(0, height - size + 1, n)
    left = rng.integers(0, width - size + 1, n)
    return np.stack([image[t : t + size, l : l + size] for image, t, l in zip(images, top, left, strict=True)])
    ### END SOLUTION


# %%
check("random_crop")

# %% [markdown]
# ### 4.2 `flip`
#
# Mirrors each image with the probability `rate`: left becomes right, and what was above stays above. The choice for one image tells nothing about the next.
#
# The check counts: `otherwise`, 1 if some image is neither as before nor mirrored left to right; `how_often`, 0 if about a share of `rate` was mirrored, -1 if too few, 1 if too many; `first_half` and `second_half`, the same for
# half the images; `runs`, 0 if neighbours are chosen alike about as often as chance allows. These four are 2 if all images of a call are treated alike, but not those of every call. If `how_often` is wrong, the next three are -9: not counted. `exact_share` is 1 if exactly the
# same number of images is mirrored for every seed: then the choices are not independent. The last panels are `dtype_kept`, and whether seeds are obeyed and matter.


# %%
def flip(images, seed, rate=0.5):
    """Mirrors some of the images left to right.

    Args:
        images: an array of shape `(n, height, width, channels)`.
        seed: of the random choices, an int.
        rate: the probability with which an image is mirrored, a float from 0 to 1.

    Returns:
        An array with the shape and dtype of `images`, in the same order.

    Example:

    >>> flip(np.array([[[[1], [2], [3]]]]), seed=0, rate=1.0).ravel().tolist()
    [3, 2, 1]
    """
    ### BEGIN SOLUTION
    chosen = np.random.default_rng(seed).random(len(images)) < rate
    return np.where(chosen[:, None, None, None], images[:, :, ::-1], images)
    ### END SOLUTION


# %%
check("flip")

# %% [markdown]
# ### 4.3 `augment`
#
# A training set that is `copies` times as large: every image occurs `copies` times, each time cropped anew and mirrored anew, everything in random order. **The labels move with their images.** Call your
# `random_crop` and `flip`, each with a seed of its own. Draw these seeds from a generator that you start with `seed`.
#
# | in the panel | what it is | right |
# |---|---|---|
# | `size` | the shape of the crops, and that of the labels | |
# | `dtypes_kept` | 1 if the crops have the dtype of the images, and the labels are whole numbers | 1 |
# | `strangers` | 1 if some crop is not a part of any given image | 0 |
# | `wrong_labels` | 1 if some crop does not have the label of its image | 0 |
# | `too_rarely_too_often` | 1 if some image occurs fewer than `copies` times; 1 if some occurs more often | 0, 0 |
# | `in_order` | 1 if the crops came out in the order in which they were given, 2 if all copies of an image are side by side, 3 if every copy has the same order; 1 if the labels came out in the given order | 0, 0 |
# | `alike` | 1 if all copies of each image are cut at the same place; 1 if they are all mirrored or all not, though the images differ | 0, 0 |
# | `mirrored` | 0 if about a share of `rate` is mirrored, -1 if less, 1 if more | 0 |
# | `rows`, `together` | as above: for each row of the corner; for each pair of (not mirrored, mirrored) and row | 0, 0, ... |
# | `seed_obeyed` | as above | 1 |
# | `seed_matters` | three digits, 1 if other seeds give another order; other places; other choices of what is mirrored | 111; 0 where there is no choice |
#
# A -9 means: not counted, because of another panel. If a label is wrong, nothing after `in_order` is counted.


# %%
def augment(images, labels, size, copies, seed, rate=0.5):
    """Several crops of each image, some of them mirrored, in random order.

    Args:
        images: an array of shape `(n, height, width, channels)`.
        labels: whole numbers of shape `(n,)`.
        size: the side of the crops, an int.
        copies: how many crops of each image, an int.
        seed: of all random choices, an int.
        rate: the probability with which a crop is mirrored.

    Returns:
        A tuple of the crops, shape `(copies * n, size, size, channels)`, and their labels, shape `(copies * n,)`, with the dtypes of `images` and `labels`.

    Example:

    >>> crops, known = augment(np.zeros((3, 8, 6, 1)), np.array([7, 8, 9]), size=4, copies=2, seed=0)
    >>> crops.shape, sorted(known.tolist())
    ((6, 4, 4, 1), [7, 7, 8, 8, 9, 9])
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.repeat(np.arange(len(images)), copies))
    first, second = rng.integers(2**31, size=2)
    crops = random_crop(images[order], size, first)
    return flip(crops, second, rate), labels[order]
    ### END SOLUTION


# %%
check("augment")

# %%
with suppress(NotImplementedError):  # draws once random_crop, flip and augment are written
    picture = photograph("flower")[::4, ::4][None, :104, :156]
    crops, _ = augment(picture, np.array([0]), 80, 9, seed=3)
    _, panels = plt.subplots(2, 5, figsize=(10, 4.2), layout="constrained")
    for panel, shown in zip(panels.flat, [picture[0], *crops], strict=True):
        panel.imshow(shown)
        panel.axis("off")
    panels[0, 0].set_title("one image", fontsize=9)
    panels[0, 1].set_title("nine crops of it", fontsize=9)
    plt.show()

# %% [markdown]
# Augmentation is prior knowledge too: "in data augmentation there is an inductive bias in the form of our assumptions about reasonable transformations" [E]. A mirrored flower is a flower. A mirrored 3 is no digit.
#
# ## 5. Crops when testing
#
# ### 5.1 `resize_shorter`
#
# VGG and GoogLeNet resize an image such that its **shorter** side has a given length [P]. The other side keeps the ratio: an image of 40 x 60 with $s = 20$ becomes 20 x 30. Round its length to the nearest whole
# number. (Our cases never end in exactly one half.)
#
# The new pixels are *bilinear* means of the old ones. The centre of the new pixel $i$, of $m$ along an axis, lies at $(i + \frac12) \frac{n}{m} - \frac12$ among the $n$ old ones, and is moved to the border if it is outside. At 2.25 it has
# three quarters of pixel 2 and one quarter of pixel 3. Two pixels $(0, 4)$ stretched to four: the places are $-0.25, 0.25, 0.75, 1.25$, so the values are $0, 1, 3, 4$.
#
# This is what `tf.image.resize` does by default. You may use it. It is a linear map, so you can also write it with one matrix for the rows and one for the columns.


# %%
def resize_shorter(image, s):
    """Resizes an image, by bilinear interpolation, such that its shorter side is `s` long and the ratio of the sides stays.

    Args:
        image: a float32 tensor of shape `(height, width, channels)`.
        s: the new length of the shorter side, an int.

    Returns:
        A tensor of shape `(new_height, new_width, channels)` with the dtype of `image`. The length of the longer side is rounded to the
        nearest whole number.

    Example:

    >>> resize_shorter(tf.zeros((40, 60, 3)), 20).shape
    TensorShape([20, 30, 3])
    >>> resize_shorter(tf.constant([[[0.], [4.]]]), 2)[0, :, 0].numpy().tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    ### BEGIN SOLUTION
    height, width = image.shape[:2]
    shorter = min(height, width)

    def shares(old):  # (new, old): how much of each old pixel is in a new one
        new = round(old * s / shorter)
        place = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        return tf.constant(np.maximum(1 - np.abs(place[:, None] - np.arange(old)), 0), image.dtype)

    return tf.einsum("jw,iwc->ijc", shares(width), tf.einsum("ih,hwc->iwc", shares(height), image))
    ### END SOLUTION


# %%
check("resize_shorter")

# %% [markdown]
# ### 5.2 `ten_crop`
#
# "During inference, 10 patches are used (four corner patches and a center patch, as well as their reflections)" [P]. The order is: top left, top right, bottom left, bottom right, centre, and then the reflections of these five **in the same order**.
# If the centre is between two pixels, take the upper or left one: it starts in row $\lfloor (h - \text{size}) / 2 \rfloor$.


# %%
def ten_crop(image, size):
    """The four corners and the centre of an image, and their reflections.

    Args:
        image: a tensor of shape `(height, width, channels)`.
        size: the side of the crops, an int, at most `height` and `width`.

    Returns:
        A tensor of shape `(10, size, size, channels)` with the dtype of `image`: top left, top right, bottom left, bottom right,
        centre, then these five mirrored left to right.

    Example:

    >>> ten_crop(tf.constant([[[1.], [2.], [3.]]]), 1).numpy().ravel().tolist()
    [1.0, 3.0, 1.0, 3.0, 2.0, 1.0, 3.0, 1.0, 3.0, 2.0]
    """
    ### BEGIN SOLUTION
    bottom, right = image.shape[0] - size, image.shape[1] - size
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom // 2, right // 2)]
    crops = tf.stack([image[top : top + size, left : left + size] for top, left in corners])
    return tf.concat([crops, tf.reverse(crops, axis=[2])], axis=0)
    ### END SOLUTION


# %%
check("ten_crop")

# %% [markdown]
# ### 5.3 `googlenet_crops`
#
# GoogLeNet goes further [P]:
#
# 1. The image is resized four times, so that its shorter side is 256, 288, 320 and 352.
# 2. Of each, "the left, center and right square was considered": squares as high as the image. Of an image that is taller than wide, these are the upper, the centre and the lower one.
# 3. From each square come six crops of 224 x 224: "4 corners, middle crop and the whole scaled-down square".
# 4. All of them also mirrored: $4 \cdot 3 \cdot 6 \cdot 2 = 144$.
#
# The order is that of this list: the scales from outside, then the squares, and for each square its six crops followed by the six reflections. The crops come in the order of `ten_crop`, the whole square is
# the sixth. The centre square starts at $\lfloor \text{rest} / 2 \rfloor$, where the rest is the difference between the sides.


# %%
def googlenet_crops(image, size=224, scales=(256, 288, 320, 352)):
    """GoogLeNet's crops of a test image: for each scale three squares, of each square six crops and their reflections.

    Args:
        image: a float32 tensor of shape `(height, width, channels)`.
        size: the side of the crops, an int.
        scales: the lengths of the shorter side, a tuple of ints, none below `size`.

    Returns:
        A tensor of shape `(36 * len(scales), size, size, channels)` with the dtype of `image`.

    Example:

    >>> googlenet_crops(tf.zeros((12, 20, 3)), size=4, scales=(5, 6, 7, 8)).shape
    TensorShape([144, 4, 4, 3])
    """
    ### BEGIN SOLUTION
    found = []
    for scale in scales:
        resized = resize_shorter(image, scale)
        down, across = resized.shape[0] - scale, resized.shape[1] - scale
        for top, left in ((0, 0), (down // 2, across // 2), (down, across)):
            square = resized[top : top + scale, left : left + scale]
            crops, whole = ten_crop(square, size), resize_shorter(square, size)[None]
            found += [crops[:5], whole, crops[5:], tf.reverse(whole, axis=[2])]
    return tf.concat(found, axis=0)
    ### END SOLUTION


# %%
check("googlenet_crops")

# %%
with suppress(NotImplementedError):  # draws once googlenet_crops is written
    picture = tf.constant(photograph("china")[::4, ::4] / 255, tf.float32)
    crops = googlenet_crops(picture, 56, (64, 72, 80, 88)).numpy().reshape(12, 12, 56, 56, 3)
    sheet = np.pad(crops, ((0, 0), (0, 0), (0, 4), (0, 4), (0, 0)), constant_values=1)
    _, panel = plt.subplots(figsize=(8, 8), layout="constrained")
    panel.imshow(sheet.transpose(0, 2, 1, 3, 4).reshape(12 * 60, 12 * 60, 3))
    panel.set(xticks=[], yticks=np.arange(12) * 60 + 28)
    panel.set_yticklabels([f"{scale}, {side}" for scale in (64, 72, 80, 88) for side in ("left", "centre", "right")])
    panel.set_title("144 crops: a row per square; six crops, then their reflections", fontsize=10)
    plt.show()

# %% [markdown]
# ### 5.4 `average_scores`
#
# The network gives scores for each crop. What is averaged are the **probabilities**: first the softmax of each crop, then the mean over the crops. One crop with enormous logits then counts no more than any other.
#
# Two crops, two classes, logits $(0, 10)$ and $(2, 0)$. The probabilities of the first class are 0.00005 and 0.881, so the mean is 0.440. The mean of the logits is $(1, 5)$, of which the softmax gives 0.018: the first crop alone would have decided.


# %%
def average_scores(model, crops):
    """The mean over the crops of the probabilities of the classes.

    Args:
        model: a function from images, `(m, height, width, channels)`, to logits, `(m, classes)`.
        crops: a tensor of shape `(m, height, width, channels)`.

    Returns:
        The mean probabilities, a tensor of shape `(classes,)`.

    Example:

    >>> crops = tf.reshape(tf.constant([0., 10., 2., 0.]), (2, 1, 2, 1))
    >>> [round(float(share), 3) for share in average_scores(lambda x: x[:, 0, :, 0], crops)]
    [0.44, 0.56]
    """
    ### BEGIN SOLUTION
    shares = tf.nn.softmax(model(crops), axis=-1)
    return tf.reduce_mean(shares, axis=0)
    ### END SOLUTION


# %%
check("average_scores")

# %% [markdown]
# ## 6. Do not be too sure: `label_smoothing` and `smoothed_cross_entropy`
#
# A network reaches the loss 0 only with infinite logits, so it gets more and more sure of its training images. Inception-v3 asks for less: "label smoothing was first used in this paper, with $\alpha = 0.1$" [P]. A part
# $\alpha$ of the probability is spread evenly over **all** $K$ classes, the true one included:
#
# $$q_k = (1 - \alpha)\,[k = t] + \frac{\alpha}{K} .$$
#
# With four classes and $\alpha = 0.1$, the true class has $0.9 + 0.025 = 0.925$ and each other class 0.025. They sum to 1.


# %%
def label_smoothing(labels, classes, alpha=0.1):
    """The smoothed probabilities that the network is asked for.

    Args:
        labels: a tensor of whole numbers of shape `(n,)`, the true classes.
        classes: how many classes there are, an int.
        alpha: the part of the probability that is spread over all classes.

    Returns:
        A float32 tensor of shape `(n, classes)`. Each row sums to 1.

    Example:

    >>> [round(float(share), 3) for share in label_smoothing(tf.constant([2]), 4)[0]]
    [0.025, 0.025, 0.925, 0.025]
    """
    ### BEGIN SOLUTION
    rest = alpha / classes
    return tf.one_hot(labels, classes, on_value=1 - alpha + rest, off_value=rest)
    ### END SOLUTION


# %%
check("label_smoothing")

# %% [markdown]
# The loss is the cross-entropy with these probabilities, averaged over the images:
#
# $$L = -\frac1n \sum_i \sum_k q_{ik} \log p_{ik}, \qquad p_i = \operatorname{softmax}(\text{logits}_i) .$$
#
# It must stay finite for logits such as 1000: use `tf.nn.log_softmax`, not the logarithm of a softmax (notebook 5). The gradient is $(p - q) / n$, so it is zero where the network is as sure as $q$, and *positive* for the true class where it is surer.


# %%
def smoothed_cross_entropy(logits, labels, alpha=0.1):
    """The mean cross-entropy between smoothed labels and the softmax of the logits.

    Args:
        logits: a tensor of shape `(n, classes)`.
        labels: a tensor of whole numbers of shape `(n,)`.
        alpha: as in `label_smoothing`.

    Returns:
        A scalar tensor with the dtype of `logits`.

    Example:

    >>> round(float(smoothed_cross_entropy(tf.constant([[2., 0.]]), tf.constant([0]))), 4)
    0.2269
    """
    ### BEGIN SOLUTION
    surprise = -tf.nn.log_softmax(logits, axis=-1)
    true = tf.gather(surprise, labels, batch_dims=1)
    spread = tf.reduce_mean(surprise, axis=1)
    return tf.reduce_mean((1 - alpha) * true + alpha * spread)
    ### END SOLUTION


# %%
check("smoothed_cross_entropy")

# %%
with suppress(NotImplementedError):  # draws once smoothed_cross_entropy is written
    margin, true = tf.linspace(-4.0, 10.0, 200), tf.constant([0])
    _, panel = plt.subplots(figsize=(6, 3), layout="constrained")
    for alpha in (0.0, 0.1, 0.3):
        loss = [smoothed_cross_entropy(tf.stack([[m, 0.0]]), true, alpha) for m in margin]
        panel.plot(margin, loss, label=f"alpha = {alpha}")
        if alpha:
            panel.axvline(np.log((1 - alpha / 2) / (alpha / 2)), color="grey", linewidth=0.7, linestyle=":")
    panel.set(title="the loss of one image, two classes", xlabel="logit of the true class minus the other", ylim=(0, 3))
    panel.legend()
    plt.show()

# %% [markdown]
# Without smoothing the loss goes on falling for ever, so the logits grow for ever. With smoothing it has a minimum, at $\log \frac{1 - \alpha / 2}{\alpha / 2}$ for two classes (dotted).
#
# ## 7. Dropout
#
# ### 7.1 `dropout`
#
# "Dropout with rate 0.5 on the fully-connected layers (except for the output layer)" [P]. In each training step every unit is set to zero with the probability `rate`. So that the next layer gets inputs of the same size on average,
# what is left is **divided by the probability of being kept**, $1 - \text{rate}$. This is called inverted dropout:
#
# $$y = \begin{cases} 0 & \text{noise} < \text{rate} \\ \dfrac{x}{1 - \text{rate}} & \text{otherwise} \end{cases} \qquad \operatorname{E}[y] = \text{rate} \cdot 0 + (1 - \text{rate}) \frac{x}{1 - \text{rate}} = x .$$
#
# The noise, uniform between 0 and 1, is an argument here, so there is exactly one right answer. With the rate 0.75, $x = (3, 3)$ and the noise $(0.1, 0.8)$, the result is $(0, 12)$.


# %%
def dropout(x, rate, noise):
    """Inverted dropout with given noise.

    Args:
        x: a float tensor.
        rate: the probability with which a unit is dropped, a float from 0 to below 1.
        noise: a tensor with the shape of `x`, entries from 0 to below 1. A unit is dropped where its noise is below `rate`.

    Returns:
        A tensor with the shape and dtype of `x`.

    Example:

    >>> dropout(tf.constant([3., 3.]), 0.75, tf.constant([0.1, 0.8])).numpy().tolist()
    [0.0, 12.0]
    """
    ### BEGIN SOLUTION
    return tf.where(noise < rate, tf.zeros_like(x), x / (1 - rate))
    ### END SOLUTION


# %%
check("dropout")

# %% [markdown]
# ### 7.2 `dropout_layer`
#
# Now draw the noise yourself, a separate number for **every entry** of every example, from `seed`: `tf.random.stateless_uniform(shape, (seed, 0))`. (The `seed=` of `tf.random.uniform` alone gives other numbers
# at each call.) At inference nothing is dropped and nothing is scaled: the inputs pass unchanged. (That is what the division in training is for.)
#
# What the check counts on a large input: `inference`, what comes out when `training` is False; `neither`, 1 if some entry is neither 0 nor $x / (1 - \text{rate})$; `factor`, by what the kept entries were multiplied; `how_often`, 0 if a share of about `rate` was dropped, -1 if fewer, 1 if more;
# `by_example` and `by_unit`, the same for each row and each column, or 2 if whole rows (columns) are dropped together; `cut`, 1 if the gradient is not that of dropout; and the seeds.
# If something is dropped at inference, `inference` shows zeros, and whatever passes changed there, the panels after `how_often` are -9: not counted. As before, a right function is outside less than once in ten million counts.


# %%
def dropout_layer(x, rate, training, seed):
    """Dropout as a layer: it drops in training, and does nothing at inference.

    Args:
        x: a float tensor.
        rate: the probability with which an entry is dropped, a float from 0 to below 1.
        training: True in training, False at inference.
        seed: of the noise, an int.

    Returns:
        A tensor with the shape and dtype of `x`.

    Example:

    >>> dropout_layer(tf.constant([1., 2.]), 0.5, training=False, seed=0).numpy().tolist()
    [1.0, 2.0]
    """
    ### BEGIN SOLUTION
    if not training:
        return x
    noise = tf.random.stateless_uniform(tf.shape(x), seed=(seed, 0), dtype=x.dtype)
    return dropout(x, rate, noise)
    ### END SOLUTION


# %%
check("dropout_layer")

# %% [markdown]
# **Predict, then look.** The mean of many outputs of dropout on $x = 1$ tends to 1. What happens to its *variance* as the rate grows?

# %%
with suppress(NotImplementedError):  # draws once dropout_layer is written
    rates = np.linspace(0, 0.9, 10)
    drawn = [dropout_layer(tf.ones(20000), float(rate), True, 1).numpy() for rate in rates]
    _, panel = plt.subplots(figsize=(5, 2.8), layout="constrained")
    panel.plot(rates, [each.mean() for each in drawn], marker=".", label="mean")
    panel.plot(rates, [each.var() for each in drawn], marker=".", label="variance")
    panel.plot(rates, rates / (1 - rates), color="grey", linestyle=":", label="rate / (1 - rate)")
    panel.set(xlabel="rate", title="20,000 draws of dropout on x = 1")
    panel.legend()
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# It grows like $\frac{\text{rate}}{1 - \text{rate}}$: from $\operatorname{E}[y^2] = (1 - \text{rate}) / (1 - \text{rate})^2 = 1 / (1 - \text{rate})$ follows the variance $1 / (1 - \text{rate}) - 1$. Dropout is multiplication with noise of mean 1.
#
# </details>
#
# ## 8. Learning rates that fall
#
# Large steps find the valley, small steps its floor. The lectures' networks have three recipes [P].
#
# ### 8.1 `divide_on_plateau`
#
# AlexNet and VGG: "initial learning rate 0.01, manually divided by 10 when validation error rate stopped improving". ResNet starts with 0.1 and does the same "when error plateaus". To leave the "manually" out, we need a rule for "stopped improving":
#
# - An epoch *improves* if its error is below **all** errors before it. An equal error is no improvement.
# - After `patience` epochs in a row without improvement, the rate is divided by 10, and the counting starts again at 0. The best error so far stays the one to beat.
#
# With the patience 2 and the errors 5, 4, 4, 6, 3:
#
# | epoch | 0 | 1 | 2 | 3 | 4 | 5 |
# |---|---|---|---|---|---|---|
# | rate in this epoch | 0.01 | 0.01 | 0.01 | 0.01 | **0.001** | 0.001 |
# | its error | 5 | 4 | 4 | 6 | 3 | |
# | epochs without improvement | 0 | 0 | 1 | 2 | 0 | |
#
# The last rate is for the epoch to come.


# %%
def divide_on_plateau(errors, rate=0.01, patience=3):
    """The learning rates of a training run that divides by 10 when the validation error stops improving.

    Args:
        errors: an array of shape `(n,)`, the validation error after each epoch.
        rate: the rate of the first epoch, a float.
        patience: how many epochs in a row without improvement are enough, an int from 1.

    Returns:
        The rates, an array of shape `(n + 1,)`: of the first epoch, and of the one after each error.

    Example:

    >>> divide_on_plateau(np.array([5., 4., 4., 6., 3.]), patience=2).tolist()
    [0.01, 0.01, 0.01, 0.01, 0.001, 0.001]
    """
    ### BEGIN SOLUTION
    rates, best, waited = [rate], np.inf, 0
    for error in errors:
        waited += 1
        if error < best:
            best, waited = error, 0
        if waited == patience:
            rate, waited = rate / 10, 0
        rates.append(rate)
    return np.array(rates)
    ### END SOLUTION


# %%
check("divide_on_plateau")

# %% [markdown]
# ### 8.2 `every_eight_epochs` and `every_two_epochs`
#
# GoogLeNet: a "fixed learning rate schedule of decreasing the learning rate by 4% each 8 epochs" [P]. Inception-v3: "initial learning rate of 0.045, decayed by 6% every two epochs" [P]. Epochs are counted from 0, and the rate stays the same within
# eight (two) epochs. Each decrease is a percentage of the rate *at that time*: after 16 epochs GoogLeNet has $0.96 \cdot 0.96 = 0.9216$ of its first rate.


# %%
def every_eight_epochs(epoch, rate=0.01):
    """GoogLeNet's learning rate: 4 % less every 8 epochs.

    Args:
        epoch: counted from 0, an int.
        rate: the rate in the first epochs, a float.

    Returns:
        The learning rate in this epoch, a float.

    Example:

    >>> [round(every_eight_epochs(epoch, 1.0), 6) for epoch in (0, 7, 8, 16)]
    [1.0, 1.0, 0.96, 0.9216]
    """
    ### BEGIN SOLUTION
    return rate * 0.96 ** (epoch // 8)
    ### END SOLUTION


# %%
check("every_eight_epochs")


# %%
def every_two_epochs(epoch, rate=0.045):
    """Inception-v3's learning rate: 6 % less every 2 epochs.

    Args:
        epoch: counted from 0, an int.
        rate: the rate in the first epochs, a float.

    Returns:
        The learning rate in this epoch, a float.

    Example:

    >>> [round(every_two_epochs(epoch), 6) for epoch in (0, 1, 2, 4)]
    [0.045, 0.045, 0.0423, 0.039762]
    """
    ### BEGIN SOLUTION
    return rate * 0.94 ** (epoch // 2)
    ### END SOLUTION


# %%
check("every_two_epochs")

# %%
with suppress(NotImplementedError):  # draws once the three schedules are written
    epochs = np.arange(100)
    errors = 0.2 + 0.8 * np.exp(-epochs / 12) + np.random.default_rng(0).normal(0, 0.02, 100)
    _, panel = plt.subplots(figsize=(7, 3), layout="constrained")
    panel.step(
        np.arange(101), divide_on_plateau(errors, 0.1, 8), where="post", label="divide by 10 on a plateau (ResNet)"
    )
    panel.step(
        epochs, [every_eight_epochs(e) for e in epochs], where="post", label="4 % less every 8 epochs (GoogLeNet)"
    )
    panel.step(
        epochs, [every_two_epochs(e) for e in epochs], where="post", label="6 % less every 2 epochs (Inception-v3)"
    )
    panel.set(yscale="log", xlabel="epoch", title="learning rate")
    panel.legend(fontsize=8)
    plt.show()

# %% [markdown]
# **Predict, then look.** What part of its first rate does GoogLeNet still have in the last of 100 epochs, and what part Inception-v3?
#
# <details>
# <summary>Our answer</summary>
#
# In epoch 99: $0.96^{12} = 0.61$ and $0.94^{49} = 0.048$. "4 %" and "6 %" sound alike; one schedule hardly moves, the other divides by twenty.
#
# </details>
#
# ## 9. Steps
#
# ### 9.1 `rmsprop_step`
#
# Inception-v3 was trained by "RMSProp with momentum of $\beta = 0.9$ and $\varepsilon = 1.0$" [P]. RMSProp keeps a running mean $r$ of the **squared** gradients and divides by its root, so weights with large gradients do not take larger steps:
#
# $$r \leftarrow \beta\, r + (1 - \beta)\, g^2, \qquad \theta \leftarrow \theta - \frac{\eta\, g}{\sqrt{r + \varepsilon}} .$$
#
# Everything is done entry by entry. The step uses the *new* $r$.
#
# - **An error on the slide.** $\beta$ is the *decay* of the running mean, as the paper says ("RMSProp with decay of 0.9"). Momentum is something else: a velocity as in `sgd_momentum_step` of notebook 1.
# - **Inside or outside?** Usually $\varepsilon$ is tiny and only prevents a division by zero, and it does not matter whether it stands below the root. Here it is 1.0, and it matters: for $r = 1$, $\sqrt{1 + 1} = 1.41$, but $\sqrt{1} + 1 = 2$.
#   We put it inside, as TensorFlow and Keras do.
#
# Take $\theta = 5$, $r = 0$, $g = 3$, $\eta = 1$, $\beta = 2/3$ and $\varepsilon = 1$. Then $r = \frac13 \cdot 9 = 3$ and $\theta = 5 - 3 / \sqrt{4} = 3.5$.


# %%
def rmsprop_step(theta, r, gradient, rate, beta=0.9, epsilon=1.0):
    """One step of RMSProp.

    Args:
        theta: the parameters, a tensor of any shape.
        r: the running mean of squared gradients, a tensor like `theta`.
        gradient: the gradient of the loss, a tensor like `theta`.
        rate: the learning rate, a float.
        beta: how much of `r` is kept, a float.
        epsilon: added to `r` below the root, a float.

    Returns:
        A tuple `(theta, r)` of new tensors.

    Example:

    >>> theta, r = rmsprop_step(tf.constant([5.]), tf.constant([0.]), tf.constant([4.]), rate=1.0, beta=0.5, epsilon=1.0)
    >>> round(float(theta[0]), 4), float(r[0])
    (3.6667, 8.0)
    """
    ### BEGIN SOLUTION
    r = beta * r + (1 - beta) * gradient**2
    return theta - rate * gradient / tf.sqrt(r + epsilon), r
    ### END SOLUTION


# %%
check("rmsprop_step")

# %% [markdown]
# ### 9.2 `clip_by_norm`
#
# "Gradient clipping with threshold 2.0 was used to stabilize the training" [P]. One strange batch can have an enormous gradient, and a single step then destroys what was learned. So the length of the step is limited, **but not its direction**: the norm is
# that of all gradients together, as if they were one long vector, and all are multiplied by the same factor
#
# $$\min\left(1, \frac{\text{threshold}}{\sqrt{\sum_g \sum_i g_i^2}}\right) .$$
#
# The gradients $(3)$ and $(0, 4)$ have the norm 5 together. With the threshold 2 both are multiplied by 0.4. With the threshold 10 nothing happens.
#
# `tf.clip_by_global_norm` does this, and `tf.linalg.global_norm` computes the norm; both are off limits here. Gradients that are all zero must stay zero.


# %%
def clip_by_norm(gradients, threshold=2.0):
    """Shortens gradients whose norm, over all of them together, is above a threshold.

    Args:
        gradients: a list of tensors of any shapes.
        threshold: the largest norm, a float.

    Returns:
        A list of tensors with the shapes of `gradients`.

    Example:

    >>> [g.numpy().round(3).tolist() for g in clip_by_norm([tf.constant([5.]), tf.constant([0., 12.])], 6.5)]
    [[2.5], [0.0, 6.0]]
    """
    ### BEGIN SOLUTION
    norm = tf.sqrt(tf.add_n([tf.reduce_sum(g**2) for g in gradients]))
    factor = tf.minimum(1.0, threshold / norm)
    return [g * factor for g in gradients]
    ### END SOLUTION


# %%
check("clip_by_norm")

# %% [markdown]
# ## 10. Transfer learning: `freeze_all_but_head`
#
# DeepFace was trained on 4 million faces of 4000 people, and then: "retrain fully-connected layers at the top" [E] on another, smaller data set. What the lower layers see (edges, textures, parts) is useful for many tasks. So
# take a trained network, replace its last layer by a new one with as many outputs as there are new classes, and train **only that**.
#
# - The *body* is everything before the last layer. It keeps its weights and is frozen (`trainable = False`).
# - The *head* is a new `Dense(classes)` without activation: it gives logits.
# - A frozen batch normalization of Keras uses its moving statistics, even in training, and leaves them alone.
#
# `model.inputs[0]` is the input of the model (`model.input` raises an error for a `Sequential` model), and `model.layers[-2].output` is the output of the layer before the last. A new model may share its layers with the
# old one. If you make a new `Sequential` model of layers, begin it with `keras.Input(model.input_shape[1:])`: otherwise it has no weights until it is called.


# %%
def freeze_all_but_head(model, classes):
    """A model with the body of a given one, frozen, and a new head.

    Args:
        model: a Keras model, a chain of layers whose last one is its head, a dense layer.
        classes: how many classes the new head tells apart, an int.

    Returns:
        A Keras model that gives logits, `(n, classes)`. Only the kernel and the bias of its last layer, a new `Dense`, are trainable.

    Example:

    >>> old = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, "relu"), keras.layers.Dense(2)])
    >>> new = freeze_all_but_head(old, 3)
    >>> [tuple(weight.shape) for weight in new.trainable_weights]
    [(5, 3), (3,)]
    """
    ### BEGIN SOLUTION
    body = keras.Model(model.inputs, model.layers[-2].output)
    body.trainable = False
    return keras.Sequential([body, keras.layers.Dense(classes)])
    ### END SOLUTION


# %%
check("freeze_all_but_head")

# %% [markdown]
# ## 11. How much does it mind? `accuracy_under`
#
# "CNNs don't do well with big changes in size, pose, or lighting" [B]. Measure it: change all test images in the same way, and count how many are still classified right. The labels stay: a turned 4 is still a 4.
# (`tf.argmax` gives int64 and the labels are int32: cast, or compare in NumPy.)


# %%
def accuracy_under(model, images, labels, change):
    """The accuracy on changed images.

    Args:
        model: a function from images to logits, `(n, classes)`.
        images: a tensor of shape `(n, height, width, channels)`.
        labels: a tensor of whole numbers of shape `(n,)`.
        change: a function from images to images.

    Returns:
        The share of changed images whose largest logit is that of their label, a float from 0 to 1.

    Example:

    >>> images = tf.reshape(tf.constant([1., 0., 0., 1.]), (2, 1, 2, 1))
    >>> accuracy_under(lambda x: x[:, 0, :, 0], images, tf.constant([0, 0]), lambda x: -x)
    0.5
    """
    ### BEGIN SOLUTION
    guesses = np.argmax(model(change(images)), axis=1)
    return float(np.mean(guesses == np.asarray(labels)))
    ### END SOLUTION


# %%
check("accuracy_under")

# %% [markdown]
# ## 12. The experiment
#
# All the pieces are in place. The data: the digits of notebook 5, made smaller and put at a random place of a larger background, **100 of them to learn from**, ten per digit. There are 360 test images.

# %%
CLASSES, SIDE = 10, 20  # the network sees 20 x 20 pixels


def scattered(digits, seed):
    """Digits of 14 x 14 pixels at random places of a background of 24 x 24, pixels from 0 to 1."""
    small = digits.reshape(-1, 14, 2, 14, 2, 1).mean(axis=(2, 4)) / 255
    places = np.random.default_rng(seed).integers(2, 9, (len(small), 2))
    ground = np.zeros((len(small), 24, 24, 1), np.float32)
    for image, digit, (top, left) in zip(ground, small, places, strict=True):
        image[top : top + 14, left : left + 14] = digit
    return ground


def few(images, labels, seed, classes=range(CLASSES), count=10):
    """As many images of each class, chosen by a seed."""
    rng = np.random.default_rng(seed)
    chosen = np.concatenate([rng.choice(np.flatnonzero(labels == k), count, replace=False) for k in classes])
    return images[chosen], labels[chosen]


def centre(images):
    """The crops in the middle."""
    return images[:, 2 : 2 + SIDE, 2 : 2 + SIDE]


def unseen(images, count=200):
    """Images of the pool that are not among the given ones, and their labels."""
    given = {image.tobytes() for image in images}
    fresh = [k for k, image in enumerate(x_pool) if image.tobytes() not in given][:count]
    return x_pool[fresh], y_pool[fresh]


def written():
    """Whether all functions that the experiment calls are written. Only a stub counts: errors in what is written show."""
    image, one = np.zeros((1, 2, 2, 1), np.float32), tf.ones((1, 1))
    old = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1), keras.layers.Dense(1)])
    try:
        augment(image, np.zeros(1, int), 1, 1, 0)
        patchy_layer(tf.constant(image), tf.zeros((2, 2, 1, 1, 1, 1)))
        ten_crop(tf.constant(image), 1)
        average_scores(lambda x: x, one)
        smoothed_cross_entropy(one, tf.constant([0]))
        dropout(one, 0.5, one)
        divide_on_plateau(np.ones(1))
        clip_by_norm([one])
        rmsprop_step(one, one, one, 1.0)
        freeze_all_but_head(old, 1)
        accuracy_under(lambda x: x, one, tf.constant([0]), lambda x: x)
    except NotImplementedError:
        return False
    return True


READY = written()
if READY:  # nothing is loaded before the exercises are done
    (x_pool, y_pool), (x_test, y_test) = load_data("digits")
    x_pool, x_test = scattered(x_pool, 0), scattered(x_test, 1)
    x_few, y_few = few(x_pool, y_pool, 0)
    _, panels = plt.subplots(1, 11, figsize=(11, 1.3), layout="constrained")
    for panel, image in zip(panels, x_few[::10], strict=False):
        panel.imshow(image, cmap="gray")
    panels[10].imshow(random_crop(x_few[:1], SIDE, 0)[0], cmap="gray")
    panels[10].set_title("a crop", fontsize=8)
    for panel in panels:
        panel.axis("off")
    plt.show()

# %% [markdown]
# The network is that of notebook 5, smaller: two convolutions with pooling, a hidden layer, and a head. `learn` trains it, with any of the measures switched on. Without measures it takes 300 steps of plain
# gradient descent with momentum, on batches of 20.
#
# The steps run in a `tf.function`. If one of your functions applies NumPy, `.numpy()` or `float()` to a tensor, there is an error here (e.g. "Cannot convert a symbolic tf.Tensor to a numpy array"), although the check passed: use tensor operations.


# %%
class Dropping(keras.layers.Layer):
    """Your dropout as a Keras layer. The noise comes from TensorFlow's own generator."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def call(self, x, training=False):
        return dropout(x, self.rate, tf.random.uniform(tf.shape(x))) if training else x


def small_network(rate=0.0, classes=CLASSES, hidden=True):
    """Two blocks of convolution and pooling, a hidden layer and dropout if wanted, a head."""
    layers = [keras.Input((SIDE, SIDE, 1))]
    for filters in (8, 16):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu"), keras.layers.MaxPooling2D()]
    layers.append(keras.layers.Flatten())
    if hidden:
        layers += [keras.layers.Dense(64, activation="relu"), Dropping(rate)]
    return keras.Sequential([*layers, keras.layers.Dense(classes)])


def seen_as_is(x):
    """No change."""
    return x


def accuracy(model, images, labels, change=seen_as_is):
    """Your `accuracy_under`, on the crops in the middle."""
    return accuracy_under(model, tf.constant(centre(images)), tf.constant(labels, tf.int32), change)


def learn(model, images, labels, seed, crops=False, mirrored=0.0, alpha=0.0, decay=0.0, patience=0, rmsprop=False):
    """Trains a model for 60 epochs; each argument after the seed switches a measure on."""
    first = 0.5 if rmsprop else 0.05  # without momentum, and with epsilon = 1, steps are about ten times as short
    weights, rate = model.trainable_variables, tf.Variable(first)
    memory = [tf.Variable(tf.zeros_like(weight)) for weight in weights]

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = smoothed_cross_entropy(model(x, training=True), y, alpha)
        gradients = tape.gradient(loss, [weight.value for weight in weights])
        if rmsprop:
            gradients = clip_by_norm(gradients, 2.0)
        for weight, m, gradient in zip(weights, memory, gradients, strict=True):
            if rmsprop:
                theta, r = rmsprop_step(tf.convert_to_tensor(weight), m, gradient, rate)
                m.assign(r)
            else:
                m.assign(0.9 * m - rate * gradient - decay * rate * weight)
                theta = weight + m
            weight.assign(theta)

    rng, errors, held_out = np.random.default_rng(seed), [], unseen(images) if patience else ()
    for epoch in range(60):
        if crops:
            x, y = augment(images, labels, SIDE, 1, 1000 * seed + epoch, mirrored)
        else:
            order = rng.permutation(len(images))
            x, y = centre(images[order]), labels[order]
        for start in range(0, len(x), 20):
            step(tf.constant(x[start : start + 20]), tf.constant(y[start : start + 20], tf.int32))
        if patience:
            errors.append(1 - accuracy(model, *held_out))  # 200 more labels, which no other measure gets
            rate.assign(divide_on_plateau(np.array(errors), first, patience)[-1])


def interval(values):
    """The mean and half of its 95 % confidence interval, from Student's t distribution."""
    half = scipy.stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{np.mean(values):7.1%} +- {half:5.1%}"


# %% [markdown]
# ### 12.1 From dense to convolution, measured
#
# One layer with patches of 5 x 5 and eight outputs per place, maxima over 4 x 4 places, and a head. Only the connections of the first layer differ.
#
# **Predict, then look.** Which of the five rows is best, and where do the patchy ones stand?


# %%
class Patchy(keras.layers.Layer):
    """Your patchy layer as a Keras layer."""

    def build(self, shape):
        rows, columns = shape[1] - 4, shape[2] - 4
        self.weights_of_places = self.add_weight(
            shape=(rows, columns, 5, 5, 1, 8), initializer=keras.initializers.RandomNormal(stddev=0.2)
        )

    def call(self, x):
        return patchy_layer(x, tf.convert_to_tensor(self.weights_of_places))


def first_layer(kind):
    """A network with one hidden layer of a kind."""
    kinds = {
        "dense": [
            keras.layers.Flatten(),
            keras.layers.Dense(16 * 16 * 8, use_bias=False),
            keras.layers.Reshape((16, 16, 8)),
        ],
        "patchy": [Patchy()],
        "convolution": [keras.layers.Conv2D(8, 5, use_bias=False)],
    }
    after = [keras.layers.ReLU(), keras.layers.MaxPooling2D(4), keras.layers.Flatten(), keras.layers.Dense(CLASSES)]
    return keras.Sequential([keras.Input((SIDE, SIDE, 1)), *kinds[kind], *after])


if READY:  # takes about half a minute
    print(f"{'first layer':28}{'weights in it':>14}{'test accuracy':>18}")
    for kind, crops in (
        ("dense", False),
        ("patchy", False),
        ("patchy", True),
        ("convolution", False),
        ("convolution", True),
    ):
        found = []
        for seed in range(3):
            keras.utils.set_random_seed(seed)
            model = first_layer(kind)
            learn(model, *few(x_pool, y_pool, seed), seed, crops=crops)
            found.append(accuracy(model, x_test, y_test))
        name = kind + ", augmented" * crops
        print(f"{name:28}{model.count_params() - model.layers[-1].count_params():14,}{interval(found):>18}")

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# In our runs, the convolution with random crops came out best, with about 66 %, and the patchy layer with crops second, with about 60 %. Without crops all three kinds are between 35 % and 55 %. Each number is the mean of only three runs: look at
# the intervals before you trust an order among the last three.
#
# Seeing only a patch is not enough: the patchy layer has 51,200 weights, and each place must learn from what 100 images happen to show there. Random crops show every place what its neighbours saw. So "patchy connectivity & data augmentation" [E] comes
# close to a convolution, but needs 256 times as many weights, and has to *learn* from many crops what the convolution knows from the start.
#
# </details>
#
# ### 12.2 Every measure
#
# Five runs of each, each run with other training images and other first weights. The same five for every measure, so the last column, the *difference* to the run without any measure, is paired: what two runs have in common cancels in it, so its interval is
# often smaller. Compare the columns. "Divided on a plateau" sees 200 labels more than the others, the validation images. The intervals are 95 % confidence intervals from Student's $t$ distribution with four degrees of freedom.
#
# **Predict, then look.** Which measure helps most? Is there one that hurts?

# %%
MEASURES = {
    "nothing": {},
    "crops": {"crops": True},
    "crops, mirrored": {"crops": True, "mirrored": 0.5},
    "label smoothing": {"alpha": 0.1},
    "dropout": {"rate": 0.5},
    "weight decay": {"decay": 0.005},
    "divided on a plateau": {"patience": 8},
    "RMSProp, clipped": {"rmsprop": True},
    "crops, dropout, smoothing": {"crops": True, "alpha": 0.1, "rate": 0.5},
}

if READY:  # takes about two minutes
    reached, kept = {}, {}
    many = tf.stack([ten_crop(tf.constant(image), SIDE) for image in x_test])
    for name, chosen in MEASURES.items():
        for seed in range(5):
            keras.utils.set_random_seed(seed)
            settings = dict(chosen)
            model = small_network(settings.pop("rate", 0.0))
            learn(model, *few(x_pool, y_pool, seed), seed, **settings)
            reached.setdefault(name, []).append(accuracy(model, x_test, y_test))
            if name == "crops":
                for title, count in (("crops, five when testing", 5), ("crops, ten when testing", 10)):
                    shares = [average_scores(model, crops[:count]) for crops in many]
                    reached.setdefault(title, []).append(np.mean(np.argmax(shares, axis=1) == y_test))
            kept.setdefault(name, []).append(model)
    print(f"{'measure':28}{'test accuracy':>18}{'difference':>20}")
    for name, found in reached.items():
        gap = np.array(found) - reached["nothing"]
        print(f"{name:28}{interval(found):>18}{interval(gap) if name != 'nothing' else '':>20}")

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# Your numbers will differ from ours by several points: 100 images and five runs are few. What was the same in all our runs is the order.
#
# - Without any measure, about half of the test images are classified correctly.
# - **Crops** help by far the most: 18 to 23 points more. They say something true about these images: a digit that has moved is the same digit. Averaging over **five** crops of each test image is best of all; it adds 6 to 9 points.
# - **Mirrored** crops take most of that back: only 6 to 8 points more than nothing. The averages over *ten* crops, five of them mirrored, are worse than those over five. Flips helped AlexNet, because a mirrored dog is a dog. For digits they are
#   the wrong prior knowledge of section 1.
# - **Dropout** does not help: 300 steps may be too few for it, and 64 hidden units are few to drop half of.
# - Label smoothing, weight decay, the schedule and RMSProp change little. Whether an interval of yours excludes 0 there is partly luck. The training images were learned anyway, and what is missing is not a better minimum.
#
# That is not the last word on dropout: AlexNet has 4096 units in such a layer, and trained for 90 epochs on a million images. It is a reason to measure instead of switching everything on: the three measures together, in the last row, are worse than crops alone.
#
# </details>
#
# ### 12.3 A frozen body
#
# Now a smaller task: tell the digits 5 to 9 apart, with **two or five images of each**. There are many images of 0 to 4, with which a body can be trained before: 100 of each. The network has no
# hidden layer here, so its body is the convolutions.
#
# **Predict, then look.** Which will be better: all weights learned from 10 images, or a new head on top of convolutions that have never seen these digits? And with 25?

# %%
if READY:  # takes about half a minute
    high, found = y_test >= 5, {}
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        before = small_network(classes=5, hidden=False)
        learn(before, *few(x_pool, y_pool, seed, range(5), 100), seed, crops=True)
        for count in (2, 5):
            task = few(x_pool, y_pool - 5, seed, range(5), count)
            models = {
                "from scratch": small_network(classes=5, hidden=False),
                "frozen body, new head": freeze_all_but_head(before, 5),
            }
            for name, model in models.items():
                learn(model, *task, seed, crops=True)
                share = accuracy(model, x_test[high], y_test[high] - 5)
                found.setdefault((5 * count, name), []).append(share)
    print(f"{'images, training':32}{'test accuracy':>18}{'difference':>20}")
    for (count, name), values in found.items():
        gap = np.array(values) - found[count, "from scratch"]
        print(f"{count:2} {name:29}{interval(values):>18}{interval(gap) if np.any(gap) else '':>20}")

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# In our runs, the frozen body was ahead every time: by 7 to 11 points with 10 images, and by 5 to 12 with 25. The intervals are about as large, so five runs alone would hardly prove it. Edges and curves of 0 to 4 serve 5 to 9 as well. The more
# images of its own a task has, the less there should be to gain; five runs cannot show that. And there is a limit to what can be kept: with a hidden layer in the body, trained to tell 0 to 4 apart, the advantage was gone when we tried it.
#
# </details>
#
# ### 12.4 Shift, rotation, size, light
#
# Finally, three kinds of network from above, the mean of the five runs of each, and test images that are changed more and more.
#
# **Predict, then look.** Crops show the network shifted digits. Does that also help against rotations, other sizes, other light?


# %%
def placed(images, matrix=((1, 0), (0, 1)), shift=(0, 0)):
    """The images seen through a linear map around their centre, bilinear; what lies outside is black."""
    images, matrix = np.asarray(images), np.asarray(matrix, float)
    middle = (np.array(images.shape[1:3]) - 1) / 2
    whole = np.eye(4)
    whole[1:3, 1:3] = matrix
    offset = np.zeros(4)
    offset[1:3] = middle - matrix @ (middle + shift)
    return scipy.ndimage.affine_transform(images, whole, offset, order=1)


def turned(angle):
    """The matrix of a rotation, in degrees."""
    angle = np.deg2rad(angle)
    return [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]


CHANGES = {
    "shift (pixels to the right)": (range(0, 9), lambda amount: lambda x: placed(x, shift=(0, amount))),
    "rotation (degrees)": (range(0, 91, 10), lambda amount: lambda x: placed(x, turned(amount))),
    "size (factor)": (np.linspace(0.4, 1.6, 9), lambda amount: lambda x: placed(x, np.eye(2) / amount)),
    "light (added to each pixel)": (np.linspace(-0.8, 0.8, 9), lambda amount: lambda x: np.clip(x + amount, 0, 1)),
}

if READY:  # draws once the experiment of 12.2 has run; takes about half a minute
    _, panels = plt.subplots(1, 4, figsize=(12, 2.8), layout="constrained", sharey=True)
    for panel, (title, (amounts, change)) in zip(panels, CHANGES.items(), strict=True):
        for name in ("nothing", "crops", "crops, dropout, smoothing"):
            found = [
                np.mean([accuracy(model, x_test, y_test, change(amount)) for model in kept[name]]) for amount in amounts
            ]
            panel.plot(amounts, found, marker=".", label=name)
        panel.set_xlabel(title)
        panel.axhline(0.1, color="grey", linewidth=0.7, linestyle=":")
    panels[0].set(ylabel="accuracy", ylim=(0, 1))
    panels[0].legend(fontsize=7)
    plt.show()

# %% [markdown]
# <details>
# <summary>Our answer</summary>
#
# Trained with crops, the network holds longest against small shifts, the change it was shown. It is ahead under small rotations and most sizes, too, since it is better altogether; but at 40 degrees it is not much better than guessing, like the others, and
# strongly changed light costs it its lead. A network learns to ignore what it was shown to be irrelevant, and nothing else: "have to show the network examples of everything under different poses, lighting, etc." [B].
#
# Be careful with the first panel. Many digits lie near the border, so a shift by more than a few pixels pushes a part of them out of the picture. All curves fall there, whatever the networks have learned.
#
# </details>
#
# ## What you have
#
# Everything in this notebook is prior knowledge, put into different places:
#
# - into the **architecture**: zeros in a polynomial, patches, shared weights;
# - into the **data**: crops and flips, when training and when testing;
# - into the **loss**: smoothed labels, weight decay;
# - into the **training**: dropout, schedules, clipped steps;
# - into the **first weights**: a body that has seen other images.
#
# It helps if it is true. Whether it is, the test images decide, and an interval tells whether you may believe them.

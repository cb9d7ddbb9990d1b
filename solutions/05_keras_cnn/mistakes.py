"""A Keras CNN: wrong implementations. Each docstring is the hint a student reads."""

import keras
import numpy as np
import tensorflow as tf

from autograder.datasets import load_data
from autograder.question import mistake

# Every mistake is complete in itself, as a student would have handed it in.

layers = keras.layers


# softmax_cross_entropy


@mistake("softmax_cross_entropy")
def loss_overflows(logits, labels):
    """The exponentials overflow: exp(89) is infinite in float32.

    Subtract the largest logit of each image from all of its logits first; the loss stays the same.
    """
    chances = tf.exp(logits) / tf.reduce_sum(tf.exp(logits), axis=1, keepdims=True)
    return tf.reduce_mean(-tf.math.log(tf.gather(chances, labels, axis=1, batch_dims=1)))


@mistake("softmax_cross_entropy")
def loss_of_clipped_softmax(logits, labels):
    """The probabilities are clipped (or a small number is added) before the logarithm.

    That hides the infinity, but it also limits the loss and removes its gradient exactly where the network is most wrong. Work with logits
    to the end: the logarithm of the sum of exponentials, minus the logit of the right class.
    """
    chances = tf.clip_by_value(tf.nn.softmax(logits, axis=1), 1e-7, 1.0)
    return tf.reduce_mean(-tf.math.log(tf.gather(chances, labels, axis=1, batch_dims=1)))


@mistake("softmax_cross_entropy")
def loss_summed(logits, labels):
    """The losses of the batch are summed, not averaged.

    Then the gradient, and with it the size of a step, grows with the batch size: take the mean.
    """
    shifted = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    right = tf.gather(shifted, labels, axis=1, batch_dims=1)
    return tf.reduce_sum(tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1)) - right)


@mistake("softmax_cross_entropy")
def loss_over_the_batch_axis(logits, labels):
    """The softmax runs over axis 0, the images, so the images compete with each other instead of the classes.

    The classes are the last axis.
    """
    shifted = logits - tf.reduce_max(logits, axis=0, keepdims=True)
    chances = shifted - tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=0, keepdims=True))
    return -tf.reduce_mean(tf.gather(chances, labels, axis=1, batch_dims=1))


@mistake("softmax_cross_entropy")
def loss_with_one_maximum(logits, labels):
    """One maximum is taken over the whole batch, so for an image with small logits all exponentials become 0.

    Each image needs its own maximum: `axis=1, keepdims=True`.
    """
    shifted = logits - tf.reduce_max(logits)
    right = tf.gather(shifted, labels, axis=1, batch_dims=1)
    return tf.reduce_mean(tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1)) - right)


@mistake("softmax_cross_entropy")
def loss_of_softmax_twice(logits, labels):
    """The softmax is applied twice: the formula gets probabilities instead of logits.

    Probabilities differ by at most 1, so the loss can no longer become small.
    """
    chances = tf.nn.softmax(logits, axis=1)
    right = tf.gather(chances, labels, axis=1, batch_dims=1)
    return tf.reduce_mean(tf.math.log(tf.reduce_sum(tf.exp(chances), axis=1)) - right)


@mistake("softmax_cross_entropy")
def loss_averaged_over_classes(logits, labels):
    """The mean is taken over images and classes, so the loss is too small by the number of classes.

    Only the logarithm of the right class counts: sum over the classes (with one-hot labels), then average over the images.
    """
    shifted = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    log_chances = shifted - tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1, keepdims=True))
    return -tf.reduce_mean(tf.one_hot(labels, logits.shape[1], dtype=logits.dtype) * log_chances)


@mistake("softmax_cross_entropy")
def loss_wants_one_hot(logits, labels):
    """The labels are multiplied as if they were one-hot vectors, but they are class indices (sparse labels).

    Pick the logit of the right class with tf.gather(..., batch_dims=1), or make them one-hot with tf.one_hot.
    """
    shifted = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    log_chances = shifted - tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1, keepdims=True))
    picked = tf.cast(labels, logits.dtype)[:, None] * log_chances
    return -tf.reduce_mean(tf.reduce_sum(picked, axis=1))


@mistake("softmax_cross_entropy")
def loss_with_wrong_sign(logits, labels):
    """This is the logarithm of the probability, which training would make smaller. The loss is minus that."""
    shifted = logits - tf.reduce_max(logits, axis=1, keepdims=True)
    right = tf.gather(shifted, labels, axis=1, batch_dims=1)
    return tf.reduce_mean(right - tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=1)))


@mistake("softmax_cross_entropy")
def loss_by_the_library(logits, labels):
    """This is the library's loss. Here you write the formula yourself: subtract the largest logit, then log(sum(exp))."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


# MyConv2D


class _Conv(layers.Layer):
    """What the wrong layers have in common; each changes one thing."""

    def __init__(self, filters, kernel_size, strides=1, padding="valid", **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides, self.padding = filters, tuple(kernel_size), strides, padding

    def build(self, input_shape):
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, x):
        return tf.nn.bias_add(tf.nn.conv2d(x, self.kernel, self.strides, self.padding.upper()), self.bias)

    def get_config(self):
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
        }
        return super().get_config() | own


@mistake("MyConv2D")
class ConvWithoutBias(_Conv):
    """The bias is created, but not added to the convolution. Add `self.bias` in `call`."""

    def call(self, x):
        return tf.nn.conv2d(x, self.kernel, self.strides, self.padding.upper())


@mistake("MyConv2D")
class ConvIgnoresStrides(_Conv):
    """The convolution always moves by one pixel. Use `self.strides` in `call`."""

    def call(self, x):
        return tf.nn.bias_add(tf.nn.conv2d(x, self.kernel, 1, self.padding.upper()), self.bias)


@mistake("MyConv2D")
class ConvAlwaysSame(_Conv):
    """The padding is always "SAME". Use `self.padding`, in capitals."""

    def call(self, x):
        return tf.nn.bias_add(tf.nn.conv2d(x, self.kernel, self.strides, "SAME"), self.bias)


@mistake("MyConv2D")
class ConvConfigForgets(_Conv):
    """`get_config` leaves out strides and padding, so a saved layer comes back with the defaults.

    It must contain every argument of `__init__`.
    """

    def get_config(self):
        config = super().get_config()
        del config["strides"], config["padding"]
        return config


@mistake("MyConv2D")
class ConvConfigWithoutBase(_Conv):
    """`get_config` leaves out what the base class was given: the name, the dtype. Start from `super().get_config()`."""

    def get_config(self):
        names = ("filters", "kernel_size", "strides", "padding")
        return {name: getattr(self, name) for name in names}


@mistake("MyConv2D")
class ConvStartsAtZero(_Conv):
    """The kernel starts at 0. Then all filters get the same gradient and remain identical: use "glorot_uniform"."""

    def build(self, input_shape):
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="zeros", name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")


@mistake("MyConv2D")
class ConvBiasDrawn(_Conv):
    """The bias starts with random numbers. It should start at 0: `initializer="zeros"`."""

    def build(self, input_shape):
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), name="bias")


@mistake("MyConv2D")
class ConvFrozen(_Conv):
    """The kernel is created with `trainable=False`, so it never learns. Leave that argument out."""

    def build(self, input_shape):
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", trainable=False, name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")


@mistake("MyConv2D")
class ConvChannelsSwapped(_Conv):
    """The kernel's last two axes are swapped: TensorFlow wants (kh, kw, c_in, filters)."""

    def build(self, input_shape):
        shape = (*self.kernel_size, self.filters, input_shape[-1])
        self.kernel = self.add_weight(shape=shape, initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, x):
        kernel = tf.transpose(self.kernel, (0, 1, 3, 2))
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, self.strides, self.padding.upper()), self.bias)


@mistake("MyConv2D")
class ConvFlipped(_Conv):
    """The kernel is turned by 180 degrees: a true convolution. Layers do not flip it."""

    def call(self, x):
        kernel = self.kernel[::-1, ::-1]
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, self.strides, self.padding.upper()), self.bias)


@mistake("MyConv2D")
class ConvOfNumpy(_Conv):
    """The weights go through NumPy, which cuts the gradient: nothing would be learned. Use `self.kernel` itself."""

    def call(self, x):
        kernel, bias = np.asarray(self.kernel), np.asarray(self.bias)
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, self.strides, self.padding.upper()), bias)


@mistake("MyConv2D")
class ConvWithActivation(_Conv):
    """There is a ReLU inside the layer. Here the layer is linear; the activation is a separate layer."""

    def call(self, x):
        return tf.nn.relu(super().call(x))


# MyBatchNorm


class _Norm(layers.Layer):
    """What the wrong layers have in common; each changes one thing."""

    def __init__(self, momentum=0.99, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape):
        shape = (input_shape[-1],)
        self.gamma = self.add_weight(shape=shape, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=shape, initializer="zeros", name="beta")
        self.moving_mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="moving_mean")
        self.moving_variance = self.add_weight(shape=shape, initializer="ones", trainable=False, name="moving_variance")

    def moments(self, x):
        return tf.nn.moments(x, axes=list(range(len(x.shape) - 1)))

    def update(self, mean, variance):
        self.moving_mean.assign(self.momentum * self.moving_mean + (1 - self.momentum) * mean)
        self.moving_variance.assign(self.momentum * self.moving_variance + (1 - self.momentum) * variance)

    def normalized(self, x, mean, variance):
        return self.gamma * (x - mean) / tf.sqrt(variance + self.epsilon) + self.beta

    def call(self, x, training=False):
        if training:
            mean, variance = self.moments(x)
            self.update(mean, variance)
            return self.normalized(x, mean, variance)
        return self.normalized(x, self.moving_mean, self.moving_variance)

    def get_config(self):
        return super().get_config() | {"momentum": self.momentum, "epsilon": self.epsilon}


@mistake("MyBatchNorm")
class NormAlwaysTraining(_Norm):
    """`training` is ignored: at inference the layer still uses the batch's statistics and updates the moving ones."""

    def call(self, x, training=False):
        return super().call(x, training=True)


@mistake("MyBatchNorm")
class NormAlwaysInference(_Norm):
    """The layer uses its moving statistics in training too, and never updates them. Check `training`."""

    def call(self, x, training=False):
        return super().call(x, training=False)


@mistake("MyBatchNorm")
class NormNeverMoves(_Norm):
    """In training the batch's statistics are used, but the moving ones are not updated, so inference uses their initial values.

    Assign the new values: `self.moving_mean.assign(...)`.
    """

    def update(self, mean, variance):
        pass


@mistake("MyBatchNorm")
class NormMovesAtInference(_Norm):
    """The moving statistics are updated at inference too. Leave them unchanged there: test images must not affect the model."""

    def call(self, x, training=False):
        mean, variance = self.moments(x)
        if training:
            self.update(mean, variance)
            return self.normalized(x, mean, variance)
        y = self.normalized(x, tf.identity(self.moving_mean), tf.identity(self.moving_variance))
        self.update(mean, variance)
        return y


@mistake("MyBatchNorm")
class NormMomentumReversed(_Norm):
    """The momentum multiplies the batch's statistics instead of the old ones: new = momentum * old + (1 - momentum) * batch."""

    def update(self, mean, variance):
        self.moving_mean.assign((1 - self.momentum) * self.moving_mean + self.momentum * mean)
        self.moving_variance.assign((1 - self.momentum) * self.moving_variance + self.momentum * variance)


@mistake("MyBatchNorm")
class NormByNewMovingStatistics(_Norm):
    """In training the batch is normalized by the moving statistics, freshly updated. Use the batch's own statistics."""

    def call(self, x, training=False):
        if training:
            self.update(*self.moments(x))
        return self.normalized(x, self.moving_mean, self.moving_variance)


@mistake("MyBatchNorm")
class NormLearnsStatistics(_Norm):
    """The moving statistics are trainable, so the optimizer would change them. Create them with `trainable=False`."""

    def build(self, input_shape):
        for name, start in (
            ("gamma", "ones"),
            ("beta", "zeros"),
            ("moving_mean", "zeros"),
            ("moving_variance", "ones"),
        ):
            setattr(self, name, self.add_weight(shape=(input_shape[-1],), initializer=start, name=name))


@mistake("MyBatchNorm")
class NormEpsilonOutside(_Norm):
    """Epsilon is added to the standard deviation; it belongs to the variance, inside the root."""

    def normalized(self, x, mean, variance):
        return self.gamma * (x - mean) / (tf.sqrt(variance) + self.epsilon) + self.beta


@mistake("MyBatchNorm")
class NormSampleVariance(_Norm):
    """The variance is divided by m - 1. Keras divides by m, in the output and in the moving variance."""

    def moments(self, x):
        mean, variance = super().moments(x)
        count = int(np.prod(x.shape[:-1]))
        return mean, variance * count / (count - 1)


@mistake("MyBatchNorm")
class NormPerImage(_Norm):
    """Each image is normalized by itself. The statistics run over the batch as well: all axes but the last."""

    def call(self, x, training=False):
        if training and len(x.shape) == 4:
            mean, variance = tf.nn.moments(x, axes=[1, 2], keepdims=True)
            self.update(tf.reduce_mean(mean, (0, 1, 2)), tf.reduce_mean(variance, (0, 1, 2)))
            return self.normalized(x, mean, variance)
        return super().call(x, training=training)


@mistake("MyBatchNorm")
class NormConfigForgets(_Norm):
    """`get_config` leaves out momentum and epsilon, so a saved layer comes back with the defaults."""

    def get_config(self):
        config = super().get_config()
        del config["momentum"], config["epsilon"]
        return config


@mistake("MyBatchNorm")
class NormConfigWithoutBase(_Norm):
    """`get_config` leaves out what the base class was given: the name, the dtype. Start from `super().get_config()`."""

    def get_config(self):
        return {"momentum": self.momentum, "epsilon": self.epsilon}


@mistake("MyBatchNorm")
class NormStopsGradients(_Norm):
    """The statistics are taken as constants, so no gradient flows through the mean and the variance.

    Use no stop_gradient, no NumPy and no assigned variable between the input and the output.
    """

    def moments(self, x):
        return tuple(tf.stop_gradient(value) for value in super().moments(x))


@mistake("MyBatchNorm")
class NormStartsAtZero(_Norm):
    """The moving variance starts at 0, so at inference a new layer divides by almost nothing. It should start at 1."""

    def build(self, input_shape):
        super().build(input_shape)
        self.moving_variance.assign(tf.zeros_like(self.moving_variance))


# build_model


def _net(input_shape, num_classes, *, before=(layers.Rescaling, 1 / 255), norm=0.9, activation="relu", end=()):
    """A usual network, in which each mistake changes one thing."""
    kind, *settings = before
    found = [keras.Input(input_shape), kind(*settings)]
    for filters in (8, 16):
        found.append(layers.Conv2D(filters, 3, use_bias=norm is None))
        if norm is not None:
            found.append(layers.BatchNormalization(momentum=norm))
        found += [layers.Activation(activation), layers.MaxPooling2D()]
    return keras.Sequential([*found, layers.Flatten(), layers.Dense(num_classes), *end])


@mistake("build_model")
def model_ends_in_softmax(input_shape, num_classes):
    """The softmax is applied twice: in the model, and in the loss, which takes logits. Remove it from the model."""
    return _net(input_shape, num_classes, end=[layers.Softmax()])


@mistake("build_model")
def model_with_softmax_over_the_batch(input_shape, num_classes):
    """The softmax runs over axis 0, the batch, so images compete with each other. Leave it out: the loss takes logits."""
    return _net(input_shape, num_classes, end=[layers.Softmax(axis=0)])


@mistake("build_model")
def model_ends_in_sigmoid(input_shape, num_classes):
    """A sigmoid answers yes or no for each class separately, but here exactly one class is right. Return the logits."""
    return _net(input_shape, num_classes, end=[layers.Activation("sigmoid")])


@mistake("build_model")
def model_with_relu_at_the_end(input_shape, num_classes):
    """The logits go through a ReLU, so none can be negative, and where all are 0 nothing is learned. Return them as they are."""
    return _net(input_shape, num_classes, end=[layers.ReLU()])


@mistake("build_model")
def model_with_argmax(input_shape, num_classes):
    """The model returns a class instead of logits. An argmax has no gradient, so nothing can be learned: take it afterwards."""
    model = _net(input_shape, num_classes)
    return keras.Model(model.inputs, keras.ops.argmax(model.outputs[0], axis=-1))


@mistake("build_model")
def model_without_nonlinearity(input_shape, num_classes):
    """The convolutions have no activation: `Conv2D` is linear unless told otherwise. Add a ReLU after each."""
    return _net(input_shape, num_classes, activation="linear")


@mistake("build_model")
def model_without_scaling(input_shape, num_classes):
    """Pixels up to 255 go straight into the first convolution. Start with `Rescaling(1 / 255)`."""
    return _net(input_shape, num_classes, before=(layers.Identity,), norm=None)


@mistake("build_model")
def model_with_frozen_layers(input_shape, num_classes):
    """The convolutions are frozen (`trainable = False`): only the last layer would learn."""
    model = _net(input_shape, num_classes)
    for layer in model.layers:
        layer.trainable = not isinstance(layer, layers.Conv2D)
    return model


@mistake("build_model")
def model_with_slow_statistics(input_shape, num_classes):
    """The momentum is Keras's default of 0.99: the moving statistics need about 300 steps to follow. Use 0.9."""
    return _net(input_shape, num_classes, norm=0.99)


@mistake("build_model")
def model_with_training_fixed(input_shape, num_classes):
    """Batch normalization is called with `training=False`, so it never looks at the batch. Leave the argument out."""
    x = inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(x)
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x, training=False)
        x = layers.MaxPooling2D()(layers.ReLU()(x))
    return keras.Model(inputs, layers.Dense(num_classes)(layers.Flatten()(x)))


@mistake("build_model")
def model_flattens_first(input_shape, num_classes):
    """The image is flattened before the convolution, so pixels above and below each other are no longer neighbours. Flatten after the last pooling."""
    height, width, channels = input_shape
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Reshape((width, height, channels)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Reshape((-1,)),
            layers.Dense(num_classes),
        ]
    )


@mistake("build_model")
def model_without_convolution(input_shape, num_classes):
    """There are only dense layers: every pixel has its own weights, so a stroke learned in one place is unknown in another."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(num_classes),
        ]
    )


@mistake("build_model")
def model_without_pooling(input_shape, num_classes):
    """There is no max pooling: the pattern is [[conv → relu] → max pool] → dense."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, strides=2, activation="relu"),
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(num_classes),
        ]
    )


@mistake("build_model")
def model_too_large(input_shape, num_classes):
    """The first dense layer gets large feature maps and has most of the weights. Pool more before it."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(12, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(num_classes),
        ]
    )


@mistake("build_model")
def model_one_class_short(input_shape, num_classes):
    """The last layer has one unit too few. Labels run from 0 to num_classes - 1: these are num_classes labels."""
    return _net(input_shape, num_classes - 1)


@mistake("build_model")
def model_not_returned(input_shape, num_classes):
    """The model is built, but not returned."""
    _net(input_shape, num_classes)


# build_lenet5


def _lenet(
    *, filters=(6, 16, 120), padding="valid", pool=layers.AveragePooling2D, activation="tanh", units=84, bias=True
):
    """LeNet-5, in which each mistake changes one thing."""
    first, second, third = filters
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(first, 5, padding=padding, activation=activation, use_bias=bias),
            pool(2),
            layers.Conv2D(second, 5, activation=activation, use_bias=bias),
            pool(2),
            layers.Conv2D(third, 5, activation=activation, use_bias=bias),
            layers.Flatten(),
            layers.Dense(units, activation=activation),
            layers.Dense(10),
        ]
    )


@mistake("build_lenet5")
def lenet_padded():
    """The first convolution is padded, so it keeps 32x32. LeNet-5's convolutions are not padded: 32 - 5 + 1 = 28."""
    return _lenet(padding="same")


@mistake("build_lenet5")
def lenet_max_pooled():
    """The pooling takes the maximum. LeNet-5 averages."""
    return _lenet(pool=layers.MaxPooling2D)


@mistake("build_lenet5")
def lenet_with_relu():
    """The activations are ReLUs, which became common fourteen years later. LeNet-5 uses tanh."""
    return _lenet(activation="relu")


@mistake("build_lenet5")
def lenet_without_biases():
    """The convolutions have no biases: C1 has 5·5·1·6 weights and 6 biases, 156 parameters."""
    return _lenet(bias=False)


@mistake("build_lenet5")
def lenet_with_filters_in_another_order():
    """The numbers of filters do not follow the table: 6, 16, then 120."""
    return _lenet(filters=(16, 6, 120))


@mistake("build_lenet5")
def lenet_without_c5():
    """C5 is missing: after S4 come 120 filters of 5x5, then the dense layers."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            layers.Conv2D(6, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(84, activation="tanh"),
            layers.Dense(10),
        ]
    )


# train_step


def _step(model, x, y, optimizer, *, training=True, weights=None, sign=1, loss=None):
    """One right step, in which each mistake changes one thing."""
    with tf.GradientTape() as tape:
        value = (loss or softmax_cross_entropy)(model(x, training=training), y)  # noqa: F821 - the notebook's
    weights = model.trainable_variables if weights is None else weights
    gradients = [sign * gradient for gradient in tape.gradient(value, weights)]
    optimizer.apply_gradients(zip(gradients, weights))
    return value


@mistake("train_step")
def step_not_applied(model, x, y, optimizer):
    """The gradients are computed but not used: no weight changes. Call `optimizer.apply_gradients(zip(...))`."""
    with tf.GradientTape() as tape:
        loss = softmax_cross_entropy(model(x, training=True), y)  # noqa: F821 - the notebook's
    tape.gradient(loss, model.trainable_variables)
    return loss


@mistake("train_step")
def step_in_inference_mode(model, x, y, optimizer):
    """`training=True` is not passed to the model, so batch normalization and dropout behave as at inference."""
    return _step(model, x, y, optimizer, training=False)


@mistake("train_step")
def step_uphill(model, x, y, optimizer):
    """The step increases the loss: the gradient has the wrong sign. The optimizer subtracts it, so pass it on unchanged."""
    return _step(model, x, y, optimizer, sign=-1)


@mistake("train_step")
def step_with_softmax_first(model, x, y, optimizer):
    """The logits go through a softmax before the loss, which applies it again. Pass the model's output to the loss as it is."""
    return _step(model, x, y, optimizer, loss=lambda logits, y: softmax_cross_entropy(tf.nn.softmax(logits), y))  # noqa: F821


@mistake("train_step")
def step_on_the_sum(model, x, y, optimizer):
    """The loss is the sum over the batch, so the step grows with the number of images. Take the mean."""
    return _step(model, x, y, optimizer, loss=lambda logits, y: softmax_cross_entropy(logits, y) * len(y))  # noqa: F821


@mistake("train_step")
def step_of_the_last_layer(model, x, y, optimizer):
    """Only the last layer is updated. Differentiate with respect to all of `model.trainable_variables`."""
    return _step(model, x, y, optimizer, weights=model.layers[-1].trainable_variables)


@mistake("train_step")
def step_of_frozen_layers_too(model, x, y, optimizer):
    """A frozen layer changes. Update `model.trainable_variables`, not every variable a gradient reaches."""
    weights = [w for layer in model.layers for w in layer.weights if "moving" not in w.path]
    with tf.GradientTape() as tape:
        tape.watch([w.value for w in weights])
        loss = softmax_cross_entropy(model(x, training=True), y)  # noqa: F821 - the notebook's
    gradients = tape.gradient(loss, [w.value for w in weights])
    optimizer.apply_gradients(zip(gradients, weights))
    return loss


@mistake("train_step")
def step_with_one_hot_labels(model, x, y, optimizer):
    """The labels are made one-hot, but the loss takes class indices (sparse labels). Pass them on as they are."""
    return _step(model, x, tf.one_hot(y, model.output_shape[-1]), optimizer)


@mistake("train_step")
def step_twice(model, x, y, optimizer):
    """The gradients are applied twice. One call is one step."""
    _step(model, x, y, optimizer)
    return _step(model, x, y, optimizer)


@mistake("train_step")
def step_with_a_new_optimizer(model, x, y, optimizer):
    """Every step creates a new optimizer, which has no momentum yet. Use the one that is passed in."""
    return _step(model, x, y, keras.optimizers.SGD(0.5, momentum=0.9))


@mistake("train_step")
def step_returns_the_loss_after(model, x, y, optimizer):
    """The loss is computed again after the step. Return the one that was differentiated: a second forward pass costs extra time."""
    _step(model, x, y, optimizer)
    return softmax_cross_entropy(model(x, training=True), y)  # noqa: F821 - the notebook's


@mistake("train_step")
def step_returns_nothing(model, x, y, optimizer):
    """The loss is not returned."""
    _step(model, x, y, optimizer)


@mistake("train_step")
def step_outside_the_tape(model, x, y, optimizer):
    """The model is called outside of the tape, which then has nothing to differentiate. Put the forward pass inside."""
    logits = model(x, training=True)
    with tf.GradientTape() as tape:
        loss = softmax_cross_entropy(logits, y)  # noqa: F821 - the notebook's
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss


# train


def _run(model, x, y, seed, *, shuffle=True, steps=120, rate=0.005, training=True, weights=None):
    """A usual run, in which each mistake changes one thing."""
    optimizer = keras.optimizers.Adam(rate)
    weights = model.trainable_variables if weights is None else weights
    optimizer.build(weights)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = softmax_cross_entropy(model(x, training=training), y)  # noqa: F821 - the notebook's
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return loss

    rng, losses, n = np.random.default_rng(seed), [], len(x)
    order = rng.permutation(n) if shuffle else np.arange(n)
    per_pass = n // 32
    for number in range(steps):
        chosen = order[(number % per_pass) * 32 :][:32]
        losses.append(float(step(tf.constant(x[chosen], tf.float32), tf.constant(y[chosen], tf.int32))))
    return losses


@mistake("train")
def run_on_sorted_labels(model, x, y, seed):
    """The images are used in the order in which they come, sorted by label, so the network remembers only the last classes.

    Shuffle: `rng.permutation(len(x))`.
    """
    return _run(model, x, y, seed, shuffle=False)


@mistake("train")
def run_in_inference_mode(model, x, y, seed):
    """The model is called without `training=True`: batch normalization's moving statistics keep their initial values."""
    return _run(model, x, y, seed, training=False)


@mistake("train")
def run_without_steps(model, x, y, seed):
    """The loss is computed again and again, but no gradient is applied: the weights never change."""
    return [float(softmax_cross_entropy(model(x[:32].astype("float32")), y[:32])) for _ in range(3)]  # noqa: F821


@mistake("train")
def run_scales_pixels_again(model, x, y, seed):
    """The pixels are divided by 255 before the model gets them, and the model divides them again.

    It is trained on nearly black images and tested on normal ones. Pass the pixels on as they are.
    """
    return _run(model, x / 255, y, seed)


@mistake("train")
def run_returns_tensors(model, x, y, seed):
    """The losses are tensors. The docstring promises Python floats: `float(loss)`."""
    return [tf.constant(loss) for loss in _run(model, x, y, seed)]


@mistake("train")
def run_of_the_last_layer(model, x, y, seed):
    """Only the last layer is trained. Update all of `model.trainable_variables`."""
    return _run(model, x, y, seed, weights=model.layers[-1].trainable_variables)


@mistake("train")
def run_diverges(model, x, y, seed):
    """The learning rate is so large that the weights leave the range of float32. For Adam, 0.001 to 0.01 works well."""
    optimizer = keras.optimizers.SGD(1e6)
    losses = []
    for _ in range(12):
        with tf.GradientTape() as tape:
            loss = softmax_cross_entropy(model(x[::8].astype("float32"), training=True), y[::8])  # noqa: F821
        weights = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        losses.append(float(loss))
    return losses


@mistake("train")
def run_on_the_test_images(model, x, y, seed):
    """The run does not use the images that are passed in, but the notebook's test images.

    Train on `x` and `y`. Test images are for the very end: a network that has seen them proves nothing.
    """
    _, (x_test, y_test) = load_data("digits")  # what the notebook holds under these names
    return _run(model, x_test, y_test, seed)


@mistake("train")
def run_for_a_few_steps(model, x, y, seed):
    """The run stops after a few steps. Go through the images again and again until the budget of steps is used up."""
    return _run(model, x, y, seed, steps=4)

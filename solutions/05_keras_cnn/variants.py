"""A Keras CNN: right implementations in other styles, and oracles the references are audited against.

Those of `build_model` and `train` are also the students of docs/gates.md: their accuracies set the gates.
"""

import keras
import numpy as np
import tensorflow as tf

from autograder.question import family, oracle, variant

layers = keras.layers


# softmax_cross_entropy


@variant("softmax_cross_entropy")
def loss_by_logsumexp(logits, labels):
    """The named function, and one-hot labels."""
    right = tf.reduce_sum(tf.one_hot(labels, logits.shape[1], dtype=logits.dtype) * logits, axis=1)
    return tf.reduce_mean(tf.reduce_logsumexp(logits, axis=1) - right)


@variant("softmax_cross_entropy")
def loss_image_by_image(logits, labels):
    """One image after the other."""
    losses = []
    for i in range(logits.shape[0]):
        z = logits[i] - tf.reduce_max(logits[i])
        losses.append(tf.math.log(tf.reduce_sum(tf.exp(z))) - tf.gather(z, labels[i]))
    return tf.add_n(losses) / len(losses)


@variant("softmax_cross_entropy")
def loss_against_the_right_one(logits, labels):
    """log(1 + sum of exp of the differences to the right logit), each shifted by the largest."""
    right = tf.gather_nd(logits, tf.stack([tf.range(tf.shape(logits)[0]), tf.cast(labels, tf.int32)], axis=1))
    difference = logits - right[:, None]
    most = tf.stop_gradient(tf.reduce_max(difference, axis=1))
    total = tf.reduce_sum(tf.math.exp(difference - most[:, None]), axis=-1)
    return tf.reduce_sum(tf.math.log(total) + most) / tf.cast(tf.shape(logits)[0], logits.dtype)


@oracle("softmax_cross_entropy")
def loss_of_tensorflow(logits, labels):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


# MyConv2D


@variant("MyConv2D")
class ConvByOps(layers.Layer):
    """keras.ops, a Variable made by hand, and an activation argument nobody asked for."""

    def __init__(self, filters, kernel_size, strides=1, padding="valid", activation=None, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides, self.padding = filters, strides, padding
        self.kernel_size = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        kh, kw = self.kernel_size
        self.kernel = self.add_weight(name="kernel", shape=(kh, kw, int(input_shape[3]), self.filters))
        self.bias = keras.Variable(np.zeros(self.filters), dtype=self.variable_dtype, name="bias")
        self.built = True

    def call(self, inputs):
        y = keras.ops.conv(inputs, self.kernel, strides=self.strides, padding=self.padding)
        return self.activation(y + keras.ops.reshape(self.bias, (1, 1, 1, -1)))

    def get_config(self):
        config = super().get_config()
        config.update(filters=self.filters, kernel_size=self.kernel_size, strides=self.strides, padding=self.padding)
        config["activation"] = keras.activations.serialize(self.activation)
        return config


@variant("MyConv2D")
class ConvByPatches(layers.Layer):
    """Cuts windows and multiplies matrices; strides as a list of four."""

    def __init__(self, filters, kernel_size, strides=1, padding="valid", **kwargs):
        super().__init__(**kwargs)
        self.given = {"filters": filters, "kernel_size": list(kernel_size), "strides": strides, "padding": padding}
        self.steps = [1, strides, strides, 1] if isinstance(strides, int) else [1, *strides, 1]

    def build(self, input_shape):
        shape = [*self.given["kernel_size"], input_shape[-1], self.given["filters"]]
        self.kernel = self.add_weight(shape=shape, initializer=keras.initializers.GlorotUniform())
        self.bias = self.add_weight(shape=shape[-1:], initializer=keras.initializers.Zeros())

    def call(self, x, training=None):
        kh, kw, c_in, c_out = self.kernel.shape
        patches = tf.image.extract_patches(x, [1, kh, kw, 1], self.steps, [1, 1, 1, 1], self.given["padding"].upper())
        return patches @ tf.reshape(self.kernel, (kh * kw * c_in, c_out)) + self.bias

    def get_config(self):
        return {**super().get_config(), **self.given}


@variant("MyConv2D")
class ConvInAGraph(layers.Layer):
    """The sum over taps, traced."""

    def __init__(self, filters, kernel_size, strides=1, padding="valid", **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides, self.padding = filters, kernel_size, strides, padding

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(*self.kernel_size, input_shape[-1], self.filters))
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros")

    @tf.function
    def convolved(self, x, kernel):
        return tf.nn.convolution(x, kernel, self.strides, self.padding.upper())

    def call(self, x):
        return tf.nn.bias_add(self.convolved(x, tf.convert_to_tensor(self.kernel)), self.bias)

    def get_config(self):
        names = ("filters", "kernel_size", "strides", "padding")
        return super().get_config() | {name: getattr(self, name) for name in names}


@oracle("MyConv2D")
class ConvOfKeras(keras.layers.Conv2D):
    pass


# MyBatchNorm


@variant("MyBatchNorm")
class NormByReduction(layers.Layer):
    """Mean of squares less square of mean; a step towards the batch's statistics; `training=None`."""

    def __init__(self, momentum=0.99, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, input_shape):
        def weight(name, start, learns=True):
            return self.add_weight(shape=input_shape[-1:], initializer=start, trainable=learns, name=name)

        self.gamma, self.beta = weight("gamma", "ones"), weight("beta", "zeros")
        self.moving_mean, self.moving_variance = weight("mean", "zeros", False), weight("variance", "ones", False)

    def call(self, x, training=None):
        if training:
            axes = list(range(x.shape.rank - 1))
            mean = tf.reduce_mean(x, axes)
            variance = tf.reduce_mean(tf.square(x - mean), axes)
            for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign_sub((1 - self.momentum) * (moving - value))
        else:
            mean, variance = tf.convert_to_tensor(self.moving_mean), tf.convert_to_tensor(self.moving_variance)
        return self.gamma * (x - mean) * tf.math.rsqrt(variance + self.epsilon) + self.beta

    def get_config(self):
        return {**super().get_config(), "momentum": self.momentum, "epsilon": self.epsilon}


@variant("MyBatchNorm")
class NormByKerasOps(layers.Layer):
    """keras.ops all the way, and a line through the points."""

    def __init__(self, momentum=0.99, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.config = {"momentum": momentum, "epsilon": epsilon}

    def build(self, input_shape):
        channels = input_shape[-1]
        self.gamma = self.add_weight(shape=(channels,), initializer="ones")
        self.beta = self.add_weight(shape=(channels,), initializer="zeros")
        self.moving_mean = self.add_weight(shape=(channels,), initializer="zeros", trainable=False)
        self.moving_variance = self.add_weight(shape=(channels,), initializer="ones", trainable=False)

    def call(self, inputs, training=False):
        ops, momentum = keras.ops, self.config["momentum"]
        mean, variance = ops.convert_to_tensor(self.moving_mean), ops.convert_to_tensor(self.moving_variance)
        if training:
            mean, variance = ops.moments(inputs, axes=tuple(range(len(inputs.shape) - 1)))
            self.moving_mean.assign(self.moving_mean * momentum + mean * (1 - momentum))
            self.moving_variance.assign(self.moving_variance * momentum + variance * (1 - momentum))
        slope = self.gamma / ops.sqrt(variance + self.config["epsilon"])
        return inputs * slope + (self.beta - mean * slope)

    def get_config(self):
        return super().get_config() | self.config


@variant("MyBatchNorm")
class NormByTwoFunctions(layers.Layer):
    """The two functions of assignment 4, called by the layer."""

    def __init__(self, momentum=0.99, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape):
        for name, start in (
            ("gamma", "ones"),
            ("beta", "zeros"),
            ("moving_mean", "zeros"),
            ("moving_variance", "ones"),
        ):
            learns = not name.startswith("moving")
            setattr(self, name, self.add_weight((input_shape[-1],), start, trainable=learns, name=name))

    def train_mode(self, x):
        axes = tf.range(tf.rank(x) - 1)
        mean = tf.reduce_mean(x, axes)
        variance = tf.math.reduce_variance(x, axes)
        new_mean = self.momentum * self.moving_mean + (1.0 - self.momentum) * mean
        new_variance = self.momentum * self.moving_variance + (1.0 - self.momentum) * variance
        return self.inference(x, mean, variance), new_mean, new_variance

    def inference(self, x, mean, variance):
        return (x - mean) / tf.sqrt(variance + self.epsilon) * self.gamma + self.beta

    def call(self, x, training=False):
        if not training:
            return self.inference(x, self.moving_mean, self.moving_variance)
        y, new_mean, new_variance = self.train_mode(x)
        self.moving_mean.assign(new_mean)
        self.moving_variance.assign(new_variance)
        return y

    def get_config(self):
        config = super().get_config()
        config.update({"momentum": self.momentum, "epsilon": self.epsilon})
        return config


@oracle("MyBatchNorm")
class NormOfKeras(keras.layers.BatchNormalization):
    def __init__(self, momentum=0.99, epsilon=1e-3, **kwargs):
        super().__init__(momentum=momentum, epsilon=epsilon, **kwargs)


# build_model


@variant("build_model")
def model_without_norm(input_shape, num_classes):
    """The functional API, activations inside the convolutions, no batch normalization."""
    inputs = keras.Input(shape=input_shape, name="pixels")
    x = layers.Rescaling(1.0 / 255, offset=-0.3)(inputs)
    x = layers.Conv2D(16, 3, activation="relu", name="first")(x)
    x = layers.MaxPooling2D(2, name="smaller")(x)
    x = layers.Conv2D(24, 3, activation="relu", padding="same")(x)
    x = layers.MaxPool2D()(x)
    x = layers.Flatten()(x)
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs=inputs, outputs=layers.Dense(num_classes, name="logits")(x))


@variant("build_model")
def model_with_dropout(input_shape, num_classes):
    """Wider, elu, batch normalization after the activation, dropout, a global average at the end."""
    model = keras.Sequential(name="mine")
    model.add(keras.Input(input_shape))
    model.add(layers.Rescaling(1 / 127.5, offset=-1))
    for filters in (16, 32):
        model.add(layers.Conv2D(filters, (3, 3), padding="same", kernel_initializer="he_normal"))
        model.add(layers.ELU())
        model.add(layers.BatchNormalization(momentum=0.8))
        model.add(layers.MaxPooling2D())
    model.add(layers.Conv2D(32, 3, activation="elu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.2))
    model.add(layers.Dense(num_classes))
    return model


class Subclassed(keras.Model):
    """A model as in the Keras guides, with keras.ops in `call`."""

    def __init__(self, num_classes):
        super().__init__()
        self.a = layers.Conv2D(12, 5, use_bias=False)
        self.b = layers.Conv2D(20, 3, use_bias=False)
        self.norms = [layers.BatchNormalization(momentum=0.9), layers.BatchNormalization(momentum=0.9)]
        self.pool = layers.MaxPooling2D(2)
        self.out = layers.Dense(num_classes)

    def call(self, x, training=None):
        x = x / 255.0
        x = self.pool(keras.ops.relu(self.norms[0](self.a(x), training=training)))
        x = self.pool(keras.ops.relu(self.norms[1](self.b(x), training=training)))
        return self.out(keras.ops.reshape(x, (-1, x.shape[1] * x.shape[2] * x.shape[3])))


@variant("build_model")
def model_by_subclassing(input_shape, num_classes):
    """A subclass whose layers are made before the shape is known."""
    model = Subclassed(num_classes)
    model.build((None, *input_shape))
    return model


@variant("build_model")
def model_with_a_shortcut(input_shape, num_classes):
    """A block with a residual connection, built as a model in the model."""
    block_input = keras.Input((None, None, 12))
    y = layers.Conv2D(12, 3, padding="same", use_bias=False)(block_input)
    y = layers.BatchNormalization(momentum=0.9)(y)
    block = keras.Model(block_input, layers.ReLU()(layers.Add()([block_input, y])))
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(12, 3, activation="relu")(layers.Rescaling(1 / 255)(inputs))
    x = block(layers.MaxPooling2D()(x))
    x = layers.Conv2D(16, 3, activation="relu")(layers.MaxPooling2D()(x))
    return keras.Model(inputs, layers.Dense(num_classes)(layers.Flatten()(x)))


@variant("build_model")
def model_of_the_lecture(input_shape, num_classes):
    """[[conv -> relu] x 2 -> max pool] x 2 -> dense, small filters."""
    stack = [keras.Input(input_shape), layers.Rescaling(1 / 255)]
    for filters in (8, 16):
        stack += [
            layers.Conv2D(filters, 3),
            layers.ReLU(),
            layers.Conv2D(filters, 3),
            layers.ReLU(),
            layers.MaxPooling2D(),
        ]
    return keras.Sequential([*stack, layers.Flatten(), layers.Dense(num_classes)])


# build_lenet5


@variant("build_lenet5")
def lenet_functional():
    """The functional API, activations as layers."""
    x = inputs = keras.Input((32, 32, 1))
    for filters in (6, 16):
        x = layers.Activation("tanh")(layers.Conv2D(filters, (5, 5))(x))
        x = layers.AveragePooling2D((2, 2), strides=2)(x)
    x = layers.Flatten()(layers.Activation("tanh")(layers.Conv2D(120, 5)(x)))
    x = layers.Activation("tanh")(layers.Dense(84)(x))
    return keras.Model(inputs, layers.Dense(10)(x))


class SubclassedLeNet(keras.Model):
    def __init__(self):
        super().__init__()
        self.convolutions = [layers.Conv2D(n, 5, activation="tanh") for n in (6, 16, 120)]
        self.pool = layers.AveragePooling2D(2)
        self.flatten, self.f6, self.out = layers.Flatten(), layers.Dense(84), layers.Dense(10)

    def call(self, x):
        c1, c3, c5 = self.convolutions
        x = self.pool(c3(self.pool(c1(x))))
        return self.out(keras.ops.tanh(self.f6(self.flatten(c5(x)))))


@variant("build_lenet5")
def lenet_by_subclassing():
    """A subclass, with the tanh of keras.ops."""
    return SubclassedLeNet()


@variant("build_lenet5")
def lenet_with_scaled_pixels():
    """A model in a model, with scaled pixels before it and a softmax after."""
    inner = keras.Sequential()
    for filters in (6, 16):
        inner.add(layers.Conv2D(filters, 5, activation=keras.activations.tanh))
        inner.add(layers.AveragePooling2D(2))
    inner.add(layers.Conv2D(120, 5, activation="tanh"))
    inner.add(layers.GlobalAveragePooling2D())
    inner.add(layers.Dense(84, activation="tanh"))
    inner.add(layers.Dense(10))
    return keras.Sequential([keras.Input((32, 32, 1)), layers.Rescaling(1 / 255), inner])


# train_step


@variant("train_step")
def step_by_variables(model, x, y, optimizer):
    """The gradients of the variables one by one, applied by `optimizer.apply`."""
    with tf.GradientTape(persistent=True) as tape:
        logits = model(x, training=True)
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    optimizer.apply([tape.gradient(loss, weight) for weight in model.trainable_variables], model.trainable_variables)
    return loss


@variant("train_step")
def step_in_a_graph(model, x, y, optimizer):
    """Traced, with tf.cast labels, a loss that is named otherwise."""
    optimizer.build(model.trainable_variables)

    @tf.function
    def one(x, y):
        with tf.GradientTape() as tape:
            tape.watch(x)
            cost = softmax_cross_entropy(model(x, training=True), tf.cast(y, tf.int64))  # noqa: F821 - the notebook's
        optimizer.apply_gradients(zip(tape.gradient(cost, model.trainable_weights), model.trainable_weights))
        return cost

    return one(x, y)


@variant("train_step")
def step_over_named_weights(model, x, y, optimizer):
    """The trainable weights collected layer by layer, the forward pass as well."""
    weights = [weight for layer in model.layers for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        h = x
        for layer in model.layers:
            h = layer(h, training=True) if isinstance(layer, layers.BatchNormalization) else layer(h)
        loss = softmax_cross_entropy(h, y)  # noqa: F821 - the notebook's
    optimizer.apply_gradients(list(zip(tape.gradient(loss, weights), weights)))
    return loss


@oracle("train_step")
def step_with_the_librarys_loss(model, x, y, optimizer):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(x, training=True)))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss


# train


@variant("train")
def run_by_fit(model, x, y, seed):
    """compile and fit."""
    keras.utils.set_random_seed(seed)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss)
    model.optimizer.learning_rate = 0.005
    model.fit(x, y, batch_size=32, epochs=10, verbose=0)
    return model.history.history["loss"]


@variant("train")
def run_with_momentum(model, x, y, seed):
    """Gradient descent with momentum, larger batches, with replacement."""
    optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
    optimizer.build(model.trainable_variables)
    step, rng, losses = tf.function(train_step), np.random.default_rng(seed), []  # noqa: F821 - the notebook's
    for _ in range(120):
        chosen = rng.integers(0, len(x), 48)
        losses.append(step(model, tf.constant(x[chosen], tf.float32), tf.constant(y[chosen]), optimizer))
    return [float(loss) for loss in losses]


@variant("train")
def run_with_rmsprop(model, x, y, seed):
    """RMSprop, a rate that falls, small batches, a tf.data pipeline."""
    rates = keras.optimizers.schedules.ExponentialDecay(0.004, 40, 0.8)
    optimizer = keras.optimizers.RMSprop(rates)
    optimizer.build(model.trainable_variables)
    step, losses = tf.function(train_step), []  # noqa: F821 - the notebook's
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=seed).repeat().batch(24).take(180)
    for images, labels in data:
        losses.append(float(step(model, tf.cast(images, tf.float32), labels, optimizer)))
    return losses


@variant("train")
def run_with_weight_decay(model, x, y, seed):
    """AdamW with a gentler rate, and train_on_batch."""
    model.compile(keras.optimizers.AdamW(0.003), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    rng, losses = np.random.default_rng(seed), []
    for _ in range(5):
        order = rng.permutation(len(x))
        for start in range(0, len(x), 32):
            chosen = order[start : start + 32]
            losses.append(float(model.train_on_batch(x[chosen], y[chosen])))
    return losses


# Families of honest networks and training runs, for `autograder gates`: what a student may well write, drawn at random.


@family("build_model")
def honest_networks(seed):
    """Depth, width, kernel, pooling or strides, the way to the dense layers, normalization, dropout, start and activation."""
    rng = np.random.default_rng(seed)
    depth, width = int(rng.integers(2, 4)), int(rng.choice([8, 12, 16, 24]))
    kernel, growing = int(rng.choice([3, 5])), bool(rng.integers(2))
    shrink = rng.choice(["max", "average", "strides"], p=[0.6, 0.15, 0.25])
    end = rng.choice(["flatten", "flatten and dense", "global average", "global max"], p=[0.4, 0.3, 0.15, 0.15])
    norm, dropout = bool(rng.random() < 0.5), float(rng.choice([0.0, 0.2, 0.4], p=[0.6, 0.2, 0.2]))
    activation = str(rng.choice(["relu", "elu", "gelu", "leaky_relu", "tanh"], p=[0.6, 0.1, 0.1, 0.1, 0.1]))
    start = str(rng.choice(["glorot_uniform", "he_normal", "he_uniform", "lecun_normal"]))
    scale, offset = [(1 / 255, 0.0), (1 / 127.5, -1.0)][int(rng.integers(2))]

    def network(input_shape, num_classes):
        stack = [keras.Input(input_shape), layers.Rescaling(scale, offset)]
        for level in range(depth):
            filters = width * 2**level if growing else width
            strides = 2 if shrink == "strides" else 1
            stack.append(
                layers.Conv2D(
                    filters, kernel, strides=strides, padding="same", use_bias=not norm, kernel_initializer=start
                )
            )
            if norm:
                stack.append(layers.BatchNormalization(momentum=0.9))
            stack.append(layers.Activation(activation))
            if shrink != "strides":
                stack.append(layers.MaxPooling2D() if shrink == "max" else layers.AveragePooling2D(2))
        if shrink == "strides":
            stack.append(layers.MaxPooling2D())
        if end == "global average":
            stack.append(layers.GlobalAveragePooling2D())
        elif end == "global max":
            stack.append(layers.GlobalMaxPooling2D())
        else:
            stack.append(layers.Flatten())
        if end == "flatten and dense":
            stack.append(layers.Dense(32, activation=activation, kernel_initializer=start))
        if dropout:
            stack.append(layers.Dropout(dropout))
        return keras.Sequential([*stack, layers.Dense(num_classes)])

    return network


@family("train")
def honest_runs(seed):
    """Optimizer, rate, batch size, with or without replacement, and `fit` or the loop of `train_step`."""
    rng = np.random.default_rng(seed)
    kind = str(rng.choice(["adam", "sgd", "rmsprop", "nadam"], p=[0.5, 0.2, 0.2, 0.1]))
    rate = {"adam": 0.004, "sgd": 0.06, "rmsprop": 0.003, "nadam": 0.004}[kind] * float(rng.uniform(0.7, 1.4))
    batch, steps = int(rng.choice([24, 32, 48, 64])), int(rng.integers(140, 201))
    replace, by_fit = bool(rng.integers(2)), bool(rng.random() < 0.4)

    def made():
        return {
            "adam": keras.optimizers.Adam,
            "sgd": lambda r: keras.optimizers.SGD(r, momentum=0.9),
            "rmsprop": keras.optimizers.RMSprop,
            "nadam": keras.optimizers.Nadam,
        }[kind](rate)

    def run(model, x, y, seed):
        optimizer, order = made(), np.random.default_rng(seed)
        if by_fit:
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile(optimizer, loss=loss)
            epochs = max(1, steps * batch // len(x))
            return model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0).history["loss"]
        optimizer.build(model.trainable_variables)
        step, losses, waiting = tf.function(train_step), [], np.zeros(0, int)  # noqa: F821 - the notebook's
        for _ in range(steps):
            if replace:
                chosen = order.integers(0, len(x), batch)
            else:
                if len(waiting) < batch:
                    waiting = order.permutation(len(x))
                chosen, waiting = waiting[:batch], waiting[batch:]
            losses.append(float(step(model, tf.constant(x[chosen], tf.float32), tf.constant(y[chosen]), optimizer)))
        return losses

    return run

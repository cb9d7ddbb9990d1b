"""Sixteen questions, from the length of a vector to automatic differentiation: what is called, on what, for how many points."""

import numpy as np

from autograder.question import (
    AUTODIFF,
    Ban,
    Case,
    Question,
    Rung,
    array,
    code,
    integer,
    labels,
    normal,
    probe,
    uniform,
)

INFINITY = float("inf")

BY_HAND = Ban(ops=(), names=AUTODIFF, instead="the chain rule, worked out on paper")


# Probes: what is called in the place of the student's function. Only their source travels, so they import what they use.


@probe
def norms(p_norm, x, p):
    """One norm, or of a tuple of p all norms one below the other: the count for p = 0 has no gradient of its own."""
    import tensorflow as tf

    if not isinstance(p, tuple):
        return p_norm(x, p)
    found = [tf.convert_to_tensor(p_norm(x, each)) for each in p]
    for each, norm in zip(p, found, strict=True):
        if norm.dtype != x.dtype:
            raise ValueError(f"p_norm(x, {each}) should be {x.dtype.name} like x, but it is {norm.dtype.name}.")
    return tf.stack(found)


@probe
def with_labels(function, t, **arguments):
    """Hands the labels over in the dtype of `z`. They are kept as whole numbers: a check that nudges numbers leaves them."""
    import inspect

    import tensorflow as tf

    arguments["t"] = tf.cast(t, arguments["z"].dtype)
    bound = inspect.signature(function).bind(**arguments)
    return function(*bound.args, **bound.kwargs)


@probe
def of_sizes(mlp_params, sizes=(), **drawn):
    """The sizes as one list: those written down, and those drawn one by one, in the order of their names."""
    return mlp_params([*sizes, *(drawn[name] for name in sorted(drawn))])


@probe
def properties(minibatches, count, batch_size, seed):
    """What must hold of any order: the sizes, the indices in order, and how orders with other seeds differ."""
    import numpy as np

    def batches(seed):
        found = minibatches(count, batch_size, seed)
        if not isinstance(found, (list, tuple)):
            found = list(found)
        return [np.asarray(batch).reshape(-1) for batch in found]

    first, again = batches(seed), batches(seed)
    others = [batches(seed + k) for k in range(1, 30)]

    def order(found):
        return tuple(np.concatenate(found).tolist()) if found else ()

    def in_one_piece(batch):  # neighbours in the data, as a block that was cut out without shuffling
        return set(batch) in [{(start + k) % count for k in range(len(batch))} for start in range(count)]

    runs = (first, *others)
    indices = np.sort(np.concatenate(first)) if first else np.zeros(0, np.int64)
    return (
        np.array([len(batch) for batch in first], np.int64),
        indices,
        int(order(first) == order(again)),
        int(any(order(first) != order(other) for other in others)),
        int(all(order(found) == tuple(range(count)) for found in runs)),
        int(all(in_one_piece(found[0]) for found in runs if found)),
    )


@probe
def differentiated(Tracker, x, y, f=None, weights=None, expression=None):
    """A given function of two trackers, or a random expression; its value and both gradients."""
    import numpy as np
    import tensorflow as tf

    x, y = Tracker(x), Tracker(y)
    if f is None:
        # Seven of these steps in random order, on values that were made so far: used twice, broadcast, matrices.
        generator = np.random.default_rng(expression)
        recipes = [
            lambda u, v: (u + v) * 0.5,
            lambda u, v: u - v,
            lambda u, v: u.sin() * v.sin(),
            lambda u, v: u / (v * v + 1.0),
            lambda u, v: (u * u + 1.5) ** -0.5 + v,
            lambda u, v: (v.sin() - 1.0).exp() * u,
            lambda u, v: (u * u + 0.5).log() - v,
            lambda u, v: (u @ y).sin() + v,
            lambda u, v: u * v.sum(axis=0).sin(),
            lambda u, v: u - v.sum() * 0.1,
            lambda u, v: (u - v).sum(axis=1).sum() * 0.1 + u,
            lambda u, v: (u / (u * u + 1.0)) ** 3 - v,
        ]
        made = [x, (x @ y) * 0.5]
        for k in generator.permutation(len(recipes))[:7]:
            u, v = (made[i] for i in generator.choice(len(made), 2, replace=False))
            made.append(recipes[k](u, v))
        result = made[0]
        for each in made[1:]:
            result = result + each
    else:
        result = f(x, y)
    if weights is not None:
        result = (result * weights).sum()
    result.backward()

    def gradient_of(name, leaf):
        if leaf.gradient is None:
            raise ValueError(f"After backward, the gradient of {name} is None, but the result was computed from it.")
        return tf.convert_to_tensor(leaf.gradient)

    return tf.convert_to_tensor(result.value), gradient_of("x", x), gradient_of("y", y)


@probe
def gradients_of(gradient, f, **arguments):
    """The gradients of `f` at the arguments, joined in one row. The arguments come by name, and in no certain order."""
    import inspect

    import tensorflow as tf

    arguments = {name: arguments[name] for name in inspect.signature(f).parameters}
    found = gradient(f, *arguments.values())
    if not isinstance(found, (tuple, list)):
        raise ValueError(
            f"gradient should return a tuple, one tensor per argument, but it returned a {type(found).__name__}."
        )
    if len(found) != len(arguments):
        raise ValueError(
            f"gradient should return {len(arguments)} tensors here, one per argument, but it returned {len(found)}."
        )
    for number, (each, argument) in enumerate(zip(found, arguments.values(), strict=True), 1):
        if not isinstance(each, tf.Tensor):
            raise ValueError(
                f"The gradient for argument {number} should be a tensor, but it is a {type(each).__name__}."
            )
        if each.shape != argument.shape:
            raise ValueError(
                f"The gradient for argument {number} should have its shape {tuple(argument.shape)}, but it has {tuple(each.shape)}."
            )
    return (tf.concat([tf.reshape(each, [-1]) for each in found], 0),)


def zeros_and_ones(*entries):
    """Labels that are written down."""
    return np.asarray(entries, np.int32)


def examples(count, inputs, std=1.0):
    """Drawn inputs `(count, 1 + inputs)` with a first column of ones."""
    return normal(count, 1 + inputs, mean=(1.0, *[0.0] * inputs), std=(0.0, *[std] * inputs))


# What the functions promise to take.


def integers(rng, low, high, count):
    return [int(value) for value in rng.integers(low, high + 1, count)]


def drawn_examples(rng, strongest=1.0):
    """Inputs, labels and the number of weights; some activations are as large as `strongest` and more."""
    count, inputs = *integers(rng, 1, 8, 1), *integers(rng, 0, 5, 1)
    std = float(10 ** rng.uniform(-1, np.log10(strongest)))
    return examples(count, inputs, std=std), labels(count, 2), 1 + inputs


def any_vectors(rng):
    shape = integers(rng, 1, 5, int(rng.integers(1, 4)))
    p = (0.5, 1, 1.5, 2, 3, 4, INFINITY, (1, 0), (2, 0), (INFINITY, 0))[rng.integers(10)]
    zeros = isinstance(p, tuple) and p[0] != INFINITY
    std = rng.choice([0.0, 1.0, 10.0], shape[-1]) if zeros else np.full(shape[-1], 3.0)
    std[rng.integers(shape[-1])] = 1.0  # the root has no slope at zero
    return {"x": normal(*shape, std=tuple(std)), "p": p}


def any_classifier(rng):
    n, d, classes = integers(rng, 1, 6, 3)
    return {"x": normal(n, d), "weights": normal(classes, d), "bias": normal(classes)}


def any_neuron(rng):
    z, _, count = drawn_examples(rng, strongest=300)
    return {"z": z, "w": normal(count)}


def any_loss(rng):
    z, t, count = drawn_examples(rng, strongest=300)
    return {"w": normal(count), "z": z, "t": t, "alpha": float(rng.choice([0, rng.uniform(0, 4)]))}


def any_training(rng):
    z, t, _ = drawn_examples(rng, strongest=3)
    (steps,) = integers(rng, 1, 6, 1)
    return {"z": z, "t": t, "eta": float(rng.uniform(0.01, 0.3)), "steps": steps, "alpha": float(rng.uniform(0, 2))}


def any_network(rng):
    n, d, neurons = integers(rng, 1, 6, 3)
    return {"z": normal(n, d), "hidden": normal(neurons, d), "output": normal(neurons, std=2.0)}


def any_network_loss(rng):
    drawn = any_network(rng)
    return {**drawn, "t": labels(drawn["z"].shape[0], 2), "alpha": float(rng.choice([0, rng.uniform(0, 3)]))}


def any_sizes(rng):
    sizes = integers(rng, 1, int(10 ** rng.uniform(0, 6)), int(rng.integers(1, 6)))
    return {"sizes": sizes}


def any_logits(rng):
    shape = integers(rng, 1, 5, int(rng.integers(1, 4)))
    return {"logits": normal(*shape, mean=float(rng.choice([-1000, 0, 0, 1000])), std=float(10 ** rng.uniform(-1, 2)))}


def any_labelled_logits(rng):
    n, classes = integers(rng, 1, 6, 2)
    mean, std = float(rng.choice([0, 0, 1000])), float(rng.uniform(0.3, 3))
    return {"logits": normal(n, classes, mean=mean, std=std), "labels": labels(n, classes)}


def any_batches(rng):
    return dict(
        zip(("count", "batch_size", "seed"), (*integers(rng, 1, 60, 2), *integers(rng, 0, 10**6, 1)), strict=True)
    )


def any_step(rng):
    shape = integers(rng, 1, 4, int(rng.integers(0, 4)))
    given = {"rate": float(rng.uniform(0.01, 3))}
    if rng.random() < 0.7:
        given |= {"momentum": float(rng.uniform(0, 1)), "decay": float(rng.choice([0, rng.uniform(0, 1)]))}
    return {"theta": normal(*shape, std=30.0), "v": normal(*shape), "gradient": normal(*shape), **given}


def any_expression(rng):
    rows, columns = integers(rng, 1, 5, 2)
    return {
        "x": normal(rows, columns),
        "y": normal(columns, columns, std=0.7),
        "weights": normal(rows, columns),
        "expression": int(rng.integers(10**6)),
    }


def any_function(rng):
    n, d, classes = integers(rng, 1, 4, 3)
    given = {"x": normal(n, d), "y": normal(d, classes), "z": normal(classes)}
    functions = (
        "lambda x, y, z: ((x @ y + z) ** 2).sum()",
        "lambda x, y, z: ((x @ y).sin() * z.exp()).sum()",
        "lambda x, y, z: x.sum() / (z * z + 1.0).sum() - x.exp().sum()",
        "lambda x, y, z: (z * z).sum()",
    )
    return {"f": code(functions[rng.integers(4)]), **given}


def any_chain(rng):
    return {"depth": int(rng.integers(0, 8)), "x": normal(*integers(rng, 1, 4, int(rng.integers(0, 4))), std=3.0)}


THREE_FOUR = array([3, -4, 0])

QUESTIONS = (
    Question(
        "p_norm",
        points=1,
        wrt=("x",),
        probe=norms,
        ban=Ban(
            ops=("EuclideanNorm",),
            names=("norm", "vector_norm", "reduce_euclidean_norm", "lp_normalize", "l2_normalize"),
            instead="tf.abs, powers, tf.reduce_sum and tf.reduce_max",
        ),
        ladder=(
            Rung("p = 1", x=THREE_FOUR, p=1),
            Rung("p = 2", x=THREE_FOUR, p=2),
            Rung("two vectors", x=array([[3, -4, 0], [1, 2, -2]]), p=2),
            Rung("p = 3", x=array([3, 4, -5]), p=3),
            Rung("p = infinity", x=THREE_FOUR, p=INFINITY),
            Rung("p = 0", x=THREE_FOUR, p=0),
        ),
        cases=(
            Case("three drawn vectors, p = 1", public=True, x=normal(3, 4), p=1),
            Case("p = 2 and p = 0, two columns of zeros", public=True, x=normal(2, 5, std=(1, 0, 1, 1, 0)), p=(2, 0)),
            Case("three axes, p = 2", x=normal(2, 3, 4), p=2),
            Case("four drawn vectors, p = 3", x=normal(4, 5), p=3),
            Case("p = 1.5 and p = infinity", x=normal(3, 6), p=(1.5, INFINITY)),
            Case(
                "p = 3 and p = 0, zeros in three columns of seven", x=normal(3, 7, std=(0, 1, 2, 0, 1, 0, 1)), p=(3, 0)
            ),
            Case("one vector, p = infinity", x=normal(6, std=3), p=INFINITY),
            Case("float64", public=True, dtype="float64", x=normal(3, 4), p=(3, INFINITY, 0)),
        ),
        domain=any_vectors,
    ),
    Question(
        "linear_scores",
        points=1,
        wrt=("x", "weights", "bias"),
        ladder=(
            Rung("one image of two pixels, one class", x=array([[1, 2]]), weights=array([[3, 4]]), bias=array([0])),
            Rung("a bias", x=array([[1, 2]]), weights=array([[3, 4]]), bias=array([5])),
            Rung("two classes", x=array([[1, 2]]), weights=array([[3, 4], [1, -1]]), bias=array([5, 0])),
            Rung("two images", x=array([[1, 2], [0, 3]]), weights=array([[3, 4], [1, -1]]), bias=array([5, 0])),
            Rung(
                "four pixels and three classes",
                x=array([[5, 0, 1, 2]]),
                weights=array([[1, 0, 2, -1], [0, 1, 1, 3], [-1, 2, 0, 1]]),
                bias=array([1, -2, 3]),
            ),
        ),
        cases=(
            Case("five images, three classes", public=True, x=normal(5, 4), weights=normal(3, 4), bias=normal(3)),
            Case("as many classes as pixels", public=True, x=normal(2, 3), weights=normal(3, 3), bias=normal(3)),
            Case("more classes than pixels", x=normal(4, 3), weights=normal(6, 3), bias=normal(6)),
            Case("two classes of five pixels", x=normal(3, 5), weights=normal(2, 5), bias=normal(2)),
            Case("as many images as classes", x=normal(4, 6), weights=normal(4, 6), bias=normal(4)),
            Case("one image of 48 numbers", x=normal(1, 48), weights=normal(10, 48), bias=normal(10)),
            Case("float64", public=True, dtype="float64", x=normal(3, 4), weights=normal(2, 4), bias=normal(2)),
        ),
        domain=any_classifier,
    ),
    Question(
        "neuron",
        points=1,
        wrt=("z", "w"),
        ban=Ban(
            ops=("Sigmoid",),
            names=("sigmoid", "expit", "log_sigmoid", "hard_sigmoid", "sigmoid_v2"),
            instead="tf.exp or tf.tanh",
        ),
        ladder=(
            Rung("activation 0", z=array([[1, 2, -1]]), w=array([3, -1, 1])),
            Rung("activation 2", z=array([[1, 1, 1]]), w=array([-1, 1, 2])),
            Rung("activation -1", z=array([[1, 2]]), w=array([3, -2])),
            Rung("two examples", z=array([[1, 2, -1], [1, 4, 1]]), w=array([-1, 1, 1])),
            Rung("activations of -1000 and 1000", z=array([[1, -1000], [1, 1000]]), w=array([0, 1])),
        ),
        cases=(
            Case("five drawn examples", public=True, z=examples(5, 3), w=normal(4)),
            Case(
                "activations of -1000, 1000 and about 0",
                public=True,
                z=array([[1, -1000], [1, 1000], [1, 0.25]]),
                w=array([0.5, 1]),
            ),
            Case("one input beside the bias", z=examples(6, 1, std=2.0), w=normal(2, std=1.5)),
            Case("many inputs", z=examples(4, 9), w=normal(10, std=0.7)),
            Case("a strong bias", z=examples(5, 2), w=normal(3, mean=(-3.0, 1.0, -1.0), std=0.3)),
            Case(
                "drawn activations of several hundred",
                z=normal(4, 3, mean=(1.0, 0.0, 0.0), std=(0.0, 1.0, 400.0)),
                w=normal(3, mean=(0.0, 0.5, 2.0), std=0.2),
            ),
            Case("float64", public=True, dtype="float64", z=examples(4, 2), w=normal(3)),
        ),
        domain=any_neuron,
    ),
    Question(
        "neuron_loss",
        points=1,
        wrt=("w", "z"),
        probe=with_labels,
        ban=Ban(
            ops=(),
            names=(
                "sigmoid_cross_entropy_with_logits",
                "weighted_cross_entropy_with_logits",
                "sigmoid_cross_entropy",
                "binary_crossentropy",
                "BinaryCrossentropy",
                "log_loss",
            ),
            instead="the formula above, simplified on paper",
        ),
        ladder=(
            Rung("a neuron that knows nothing", w=array([0, 0]), z=array([[1, 5]]), t=zeros_and_ones(1), alpha=0.0),
            Rung(
                "three examples",
                w=array([0, 0]),
                z=array([[1, 5], [1, 2], [1, -3]]),
                t=zeros_and_ones(1, 0, 0),
                alpha=0.0,
            ),
            Rung("activation 2, label 1", w=array([0, 1]), z=array([[1, 2]]), t=zeros_and_ones(1), alpha=0.0),
            Rung("activation 2, label 0", w=array([0, 1]), z=array([[1, 2]]), t=zeros_and_ones(0), alpha=0.0),
            Rung("weight decay", w=array([3, -1]), z=array([[1, 3]]), t=zeros_and_ones(1), alpha=2.0),
            Rung(
                "weight decay and two examples",
                w=array([3, -1]),
                z=array([[1, 3], [1, 3]]),
                t=zeros_and_ones(1, 0),
                alpha=1.0,
            ),
            Rung("confident and mistaken", w=array([0, 1]), z=array([[1, -1000]]), t=zeros_and_ones(1), alpha=0.0),
            Rung("confident and right", w=array([0, 1]), z=array([[1, -1000]]), t=zeros_and_ones(0), alpha=0.0),
        ),
        cases=(
            Case("six examples, weak decay", public=True, w=normal(4), z=examples(6, 3), t=labels(6, 2), alpha=0.1),
            Case(
                "activations of -1000 and 1000",
                public=True,
                w=array([0.5, 1]),
                z=array([[1, -1000], [1, 1000], [1, -1000], [1, 0.25]]),
                t=zeros_and_ones(1, 1, 0, 1),
                alpha=0.5,
            ),
            Case("no decay", w=normal(3), z=examples(7, 2), t=labels(7, 2), alpha=0.0),
            Case(
                "strong decay, a large bias",
                w=normal(3, mean=(3.0, 0.0, 0.0)),
                z=examples(5, 2),
                t=labels(5, 2),
                alpha=3.0,
            ),
            Case("twenty examples", w=normal(6, std=0.6), z=examples(20, 5), t=labels(20, 2), alpha=1.0),
            Case(
                "drawn activations far below zero, label 1",
                w=normal(2, mean=(1.0, 5.0), std=0.2),
                z=normal(3, 2, mean=(1.0, -150.0), std=(0.0, 10.0)),
                t=zeros_and_ones(1, 0, 1),
                alpha=0.2,
            ),
            Case("float64", public=True, dtype="float64", w=normal(3), z=examples(5, 2), t=labels(5, 2), alpha=0.3),
        ),
        domain=any_loss,
    ),
    Question(
        "neuron_gradient",
        points=2,
        probe=with_labels,
        ban=BY_HAND,
        ladder=(
            Rung("one example, label 1", w=array([0, 0]), z=array([[1, 2]]), t=zeros_and_ones(1), alpha=0.0),
            Rung("one example, label 0", w=array([0, 0]), z=array([[1, 2]]), t=zeros_and_ones(0), alpha=0.0),
            Rung("two examples", w=array([0, 0]), z=array([[1, 2], [1, -4]]), t=zeros_and_ones(1, 0), alpha=0.0),
            Rung("activation 2", w=array([0, 1]), z=array([[1, 2]]), t=zeros_and_ones(0), alpha=0.0),
            Rung("weight decay", w=array([3, -1]), z=array([[1, 3]]), t=zeros_and_ones(1), alpha=2.0),
            Rung(
                "weight decay and two examples",
                w=array([3, -1]),
                z=array([[1, 3], [1, 3]]),
                t=zeros_and_ones(1, 0),
                alpha=1.0,
            ),
            Rung("confident and mistaken", w=array([0, 1]), z=array([[1, -1000]]), t=zeros_and_ones(1), alpha=0.0),
        ),
        cases=(
            Case("six examples, weak decay", public=True, w=normal(4), z=examples(6, 3), t=labels(6, 2), alpha=0.1),
            Case("no decay", w=normal(3), z=examples(7, 2), t=labels(7, 2), alpha=0.0),
            Case(
                "strong decay, a large bias",
                w=normal(3, mean=(3.0, 0.0, 0.0)),
                z=examples(5, 2),
                t=labels(5, 2),
                alpha=3.0,
            ),
            Case("as many inputs as examples", w=normal(4), z=examples(4, 3), t=labels(4, 2), alpha=0.5),
            Case("twenty examples", w=normal(6, std=0.6), z=examples(20, 5), t=labels(20, 2), alpha=1.0),
            Case(
                "drawn activations far below zero",
                w=normal(2, mean=(1.0, 5.0), std=0.2),
                z=normal(3, 2, mean=(1.0, -150.0), std=(0.0, 10.0)),
                t=zeros_and_ones(1, 0, 1),
                alpha=0.2,
            ),
            Case("float64", dtype="float64", w=normal(3), z=examples(5, 2), t=labels(5, 2), alpha=0.3),
        ),
        domain=any_loss,
    ),
    Question(
        "train_neuron",
        points=1,
        probe=with_labels,
        ladder=(
            Rung("one step, one example", z=array([[1, 2]]), t=zeros_and_ones(1), eta=1.0, steps=1, alpha=0.0),
            Rung("a larger step", z=array([[1, 2]]), t=zeros_and_ones(1), eta=4.0, steps=1, alpha=0.0),
            Rung("two examples", z=array([[1, 2], [1, -4]]), t=zeros_and_ones(1, 0), eta=1.0, steps=1, alpha=0.0),
            Rung("two steps", z=array([[1, 1], [1, -1]]), t=zeros_and_ones(1, 0), eta=1.0, steps=2, alpha=0.0),
            Rung(
                "two steps with weight decay",
                z=array([[1, 1], [1, -1]]),
                t=zeros_and_ones(1, 0),
                eta=1.0,
                steps=2,
                alpha=0.5,
            ),
        ),
        cases=(
            Case("five steps", public=True, z=examples(6, 2), t=labels(6, 2), eta=0.2, steps=5, alpha=0.1),
            Case("eight steps, no decay", z=examples(5, 3), t=labels(5, 2), eta=0.3, steps=8, alpha=0.0),
            Case("a drawn number of steps", z=examples(8, 2), t=labels(8, 2), eta=0.1, steps=integer(3, 9), alpha=0.5),
            Case("strong decay", z=examples(4, 4), t=labels(4, 2), eta=0.1, steps=6, alpha=2.0),
            Case("one step", z=examples(9, 3), t=labels(9, 2), eta=0.5, steps=1, alpha=1.0),
            Case(
                "float64", public=True, dtype="float64", z=examples(5, 2), t=labels(5, 2), eta=0.2, steps=4, alpha=0.3
            ),
        ),
        domain=any_training,
    ),
    Question(
        "mlp_forward",
        points=1,
        wrt=("z", "hidden", "output"),
        ladder=(
            Rung("hidden weights of zero", z=array([[1, 3]]), hidden=array([[0, 0], [0, 0]]), output=array([2, 2])),
            Rung(
                "output weights that cancel", z=array([[1, 3]]), hidden=array([[0, 0], [0, 0]]), output=array([4, -4])
            ),
            Rung("one hidden neuron", z=array([[1, 2]]), hidden=array([[-1, 1]]), output=array([1])),
            Rung("two hidden neurons", z=array([[1, 2]]), hidden=array([[-1, 1], [0, -1]]), output=array([1, 2])),
            Rung(
                "two examples of three inputs",
                z=array([[1, 2, 0], [1, 0, -1]]),
                hidden=array([[-1, 1, 0], [0, -1, 2]]),
                output=array([1, 2]),
            ),
        ),
        cases=(
            Case(
                "five examples, four hidden neurons", public=True, z=normal(5, 3), hidden=normal(4, 3), output=normal(4)
            ),
            Case(
                "as many hidden neurons as inputs", public=True, z=normal(2, 3), hidden=normal(3, 3), output=normal(3)
            ),
            Case("two hidden neurons, five inputs", z=normal(4, 5), hidden=normal(2, 5), output=normal(2, std=2)),
            Case("ten hidden neurons", z=examples(6, 2), hidden=normal(10, 3), output=normal(10)),
            Case("as many examples as hidden neurons", z=normal(4, 2), hidden=normal(4, 2), output=normal(4)),
            Case("float64", public=True, dtype="float64", z=normal(4, 3), hidden=normal(2, 3), output=normal(2)),
        ),
        domain=any_network,
    ),
    Question(
        "mlp_backward",
        points=2,
        returns=("dW", "dw"),
        probe=with_labels,
        ban=BY_HAND,
        ladder=(
            Rung(
                "one weight each",
                z=array([[1]]),
                t=zeros_and_ones(1),
                hidden=array([[0]]),
                output=array([0]),
                alpha=0.0,
            ),
            Rung(
                "an output weight of 4",
                z=array([[1]]),
                t=zeros_and_ones(0),
                hidden=array([[0]]),
                output=array([4]),
                alpha=0.0,
            ),
            Rung(
                "two hidden neurons",
                z=array([[1]]),
                t=zeros_and_ones(1),
                hidden=array([[0], [0]]),
                output=array([4, -4]),
                alpha=0.0,
            ),
            Rung(
                "two inputs",
                z=array([[1, 2]]),
                t=zeros_and_ones(1),
                hidden=array([[0, 0], [0, 0]]),
                output=array([4, -4]),
                alpha=0.0,
            ),
            Rung(
                "a hidden activation of 1",
                z=array([[1, 2]]),
                t=zeros_and_ones(1),
                hidden=array([[-1, 1], [0, 0]]),
                output=array([4, -4]),
                alpha=0.0,
            ),
            Rung(
                "two examples",
                z=array([[1, 2], [1, -4]]),
                t=zeros_and_ones(1, 1),
                hidden=array([[0, 0], [0, 0]]),
                output=array([4, -4]),
                alpha=0.0,
            ),
            Rung(
                "weight decay",
                z=array([[1, 1]]),
                t=zeros_and_ones(1),
                hidden=array([[2, -2], [3, -3]]),
                output=array([4, -4]),
                alpha=1.0,
            ),
        ),
        cases=(
            Case(
                "five examples, four hidden neurons",
                public=True,
                z=normal(5, 3),
                t=labels(5, 2),
                hidden=normal(4, 3),
                output=normal(4),
                alpha=0.3,
            ),
            Case("no decay", z=examples(6, 2), t=labels(6, 2), hidden=normal(4, 3), output=normal(4), alpha=0.0),
            Case(
                "equally many hidden neurons and inputs",
                z=normal(4, 3),
                t=labels(4, 2),
                hidden=normal(3, 3),
                output=normal(3),
                alpha=0.5,
            ),
            Case(
                "a single hidden neuron",
                z=normal(5, 4),
                t=labels(5, 2),
                hidden=normal(1, 4),
                output=normal(1, std=2),
                alpha=0.2,
            ),
            Case("strong decay", z=examples(3, 4), t=labels(3, 2), hidden=normal(6, 5), output=normal(6), alpha=2.0),
            Case(
                "as many examples as hidden neurons",
                z=normal(5, 2),
                t=labels(5, 2),
                hidden=normal(5, 2),
                output=normal(5),
                alpha=1.0,
            ),
            Case(
                "float64",
                dtype="float64",
                z=normal(4, 3),
                t=labels(4, 2),
                hidden=normal(2, 3),
                output=normal(2),
                alpha=0.4,
            ),
        ),
        domain=any_network_loss,
    ),
    Question(
        "mlp_params",
        points=1,
        probe=of_sizes,
        ladder=(
            Rung("one neuron", sizes=[2, 1]),
            Rung("one layer", sizes=[3, 2]),
            Rung("two layers", sizes=[2, 3, 1]),
            Rung("inputs and no layer", sizes=[5]),
            Rung("a linear classifier for CIFAR-10", sizes=[3072, 10]),
            Rung("the lecture's digits", sizes=[784, 16, 12, 10]),
        ),
        cases=(
            Case("a megapixel, and as many hidden neurons", public=True, sizes=[10**6, 10**6]),
            Case("a drawn layer", n0=integer(100, 999), n1=integer(2, 9)),
            Case("two drawn layers", n0=integer(100, 999), n1=integer(20, 60), n2=integer(2, 9)),
            Case(
                "four drawn layers",
                n0=integer(50, 99),
                n1=integer(30, 49),
                n2=integer(10, 29),
                n3=integer(100, 200),
                n4=integer(2, 9),
            ),
            Case(
                "a wide layer in the middle",
                n0=integer(2, 9),
                n1=integer(10**6, 2 * 10**6),
                n2=integer(2000, 3000),
            ),
        ),
        domain=any_sizes,
    ),
    Question(
        "softmax",
        points=1,
        wrt=("logits",),
        ban=Ban(
            ops=("Softmax", "LogSoftmax"),
            names=("softmax", "log_softmax", "softmax_v2", "softmax_cross_entropy_with_logits"),
            instead="tf.exp, tf.reduce_sum and tf.reduce_max",
        ),
        ladder=(
            Rung("two equal logits", logits=array([[3, 3]])),
            Rung("four equal logits", logits=array([[1, 1, 1, 1]])),
            Rung("one larger", logits=array([[1, 0]])),
            Rung("the lecture's logits", logits=array([[1.2, 0.9, 0.4]])),
            Rung("two examples", logits=array([[2, 1, 1], [0, 0, 5]])),
            Rung("a vector, without a batch", logits=array([2, 1, 1])),
            Rung("powers whose sum overflows", logits=array([[88, 88, 88], [87, 87, 87]])),
            Rung("a logit of a thousand", logits=array([[1000, 0]])),
            Rung("far above 0, and far below in another example", logits=array([[1000, 0], [-1000, -2000]])),
        ),
        cases=(
            Case("four drawn examples", public=True, logits=normal(4, 3, std=2)),
            Case("as many examples as classes, far apart", public=True, logits=normal(3, 3, mean=(100, 101, 99))),
            Case("three axes", logits=normal(2, 3, 4)),
            Case("one vector", logits=normal(5, std=2)),
            Case("logits around -120", logits=normal(4, 6, mean=-120.0, std=2)),
            Case("ten classes", logits=normal(6, 10, std=3)),
            Case(
                "a column of zeros beside large logits",
                logits=normal(5, 5, mean=(0, 110, 111, 109, 110), std=(0, 1, 1, 1, 1)),
            ),
            Case("float64", public=True, dtype="float64", logits=normal(3, 4, std=2)),
        ),
        domain=any_logits,
    ),
    Question(
        "mean_squared_error_of_softmax",
        points=1,
        wrt=("logits",),
        ladder=(
            Rung("two equal logits", logits=array([[0, 0]]), labels=zeros_and_ones(0)),
            Rung("four equal logits", logits=array([[0, 0, 0, 0]]), labels=zeros_and_ones(2)),
            Rung("confident and right", logits=array([[100, 0]]), labels=zeros_and_ones(0)),
            Rung("confident and mistaken", logits=array([[100, 0]]), labels=zeros_and_ones(1)),
            Rung("two examples", logits=array([[0, 0], [100, 0]]), labels=zeros_and_ones(0, 1)),
            Rung("the lecture's logits", logits=array([[1.2, 0.9, 0.4]]), labels=zeros_and_ones(1)),
        ),
        cases=(
            Case("five examples, three classes", public=True, logits=normal(5, 3), labels=labels(5, 3)),
            Case("four examples, six classes", logits=normal(4, 6, std=2), labels=labels(4, 6)),
            Case("one example, ten classes", logits=normal(1, 10), labels=labels(1, 10)),
            Case("as many classes as examples", logits=normal(4, 4), labels=labels(4, 4)),
            Case("logits around a thousand", logits=normal(3, 5, mean=1000.0), labels=labels(3, 5)),
            Case("float64", public=True, dtype="float64", logits=normal(3, 4), labels=labels(3, 4)),
        ),
        domain=any_labelled_logits,
    ),
    Question(
        "minibatches",
        points=1,
        returns=(
            "sizes",
            "indices_in_order",
            "same_seed_same_order",
            "other_seed_other_order",
            "always_in_given_order",
            "always_neighbours",
        ),
        probe=properties,
        # Not fewer examples: without a seed, two orders of four are alike once in 24 times.
        ladder=(
            Rung("one batch of one", count=1, batch_size=1, seed=0),
            Rung("one batch", count=8, batch_size=8, seed=0),
            Rung("two batches", count=8, batch_size=4, seed=1),
            Rung("a shorter last batch", count=7, batch_size=3, seed=2),
            Rung("more room than examples", count=7, batch_size=9, seed=3),
        ),
        cases=(
            Case("ten in batches of four", public=True, count=10, batch_size=4, seed=4),
            Case("a drawn count that divides evenly", count=48, batch_size=8, seed=integer(0, 10**6)),
            Case("a drawn count in batches of seven", count=integer(30, 60), batch_size=7, seed=integer(0, 10**6)),
            Case("batches of a drawn size", count=61, batch_size=integer(9, 25), seed=integer(0, 10**6)),
            Case("batches of one", count=integer(12, 20), batch_size=1, seed=integer(0, 10**6)),
        ),
        domain=any_batches,
    ),
    Question(
        "sgd_momentum_step",
        points=1,
        returns=("theta", "v"),
        ladder=(
            Rung(
                "a plain step", theta=array([4]), v=array([0]), gradient=array([2]), rate=1.0, momentum=0.0, decay=0.0
            ),
            Rung("a rate of 3", theta=array([4]), v=array([0]), gradient=array([2]), rate=3.0, momentum=0.0, decay=0.0),
            Rung("momentum", theta=array([4]), v=array([10]), gradient=array([2]), rate=1.0, momentum=0.5, decay=0.0),
            Rung(
                "weight decay", theta=array([4]), v=array([0]), gradient=array([2]), rate=3.0, momentum=0.0, decay=0.5
            ),
            Rung(
                "all at once", theta=array([4]), v=array([10]), gradient=array([2]), rate=2.0, momentum=0.5, decay=0.25
            ),
            Rung("the lecture's 0.9 and 0.0005", theta=array([2000]), v=array([10]), gradient=array([3]), rate=2.0),
        ),
        cases=(
            Case(
                "a drawn matrix",
                public=True,
                theta=normal(3, 2),
                v=normal(3, 2),
                gradient=normal(3, 2),
                rate=0.1,
                decay=0.2,
            ),
            Case("default momentum and decay", theta=normal(4, std=200), v=normal(4), gradient=normal(4), rate=0.5),
            Case(
                "a small rate", theta=normal(2, 3), v=normal(2, 3), gradient=normal(2, 3, std=30), rate=0.01, decay=2.0
            ),
            Case(
                "another momentum",
                theta=normal(5),
                v=normal(5, std=3),
                gradient=normal(5),
                rate=0.3,
                momentum=0.6,
                decay=0.1,
            ),
            Case("three axes", theta=normal(2, 2, 3), v=normal(2, 2, 3), gradient=normal(2, 2, 3), rate=0.2, decay=0.5),
            Case(
                "float64",
                dtype="float64",
                theta=normal(3, 2),
                v=normal(3, 2),
                gradient=normal(3, 2),
                rate=0.3,
                decay=0.7,
            ),
        ),
        domain=any_step,
    ),
    Question(
        "Tracker",
        points=3,
        seconds=20,
        returns=("value", "dx", "dy"),
        probe=differentiated,
        ban=Ban(
            ops=(), names=AUTODIFF, instead="the pulls of the operations, and the chain rule from the result backward"
        ),
        ladder=(
            Rung("x + y, which is written already", x=array(3), y=array(2), f=code("lambda x, y: x + y")),
            Rung("x - y", x=array(3), y=array(2), f=code("lambda x, y: x - y")),
            Rung("x * y", x=array(3), y=array(2), f=code("lambda x, y: x * y")),
            Rung("x / y", x=array(6), y=array(2), f=code("lambda x, y: x / y")),
            Rung("x ** 3", x=array(2), y=array(5), f=code("lambda x, y: x ** 3 + y")),
            Rung("exp", x=array(0), y=array(3), f=code("lambda x, y: x.exp() * y")),
            Rung("log", x=array(1), y=array(3), f=code("lambda x, y: x.log() * y")),
            Rung("sin", x=array(0), y=array(3), f=code("lambda x, y: x.sin() * y")),
            Rung(
                "a plain number on the right", x=array(3), y=array(2), f=code("lambda x, y: (x * 4.0 - 2.0) / 2.0 + y")
            ),
            Rung("x used twice", x=array(3), y=array(2), f=code("lambda x, y: x * x + y")),
            Rung("a sum over a vector", x=array([1, 2]), y=array([3, 4]), f=code("lambda x, y: (x * y).sum()")),
            Rung("a product of matrices", x=array([[1, 2]]), y=array([[3], [4]]), f=code("lambda x, y: x @ y")),
            Rung(
                "a product of square matrices",
                x=array([[1, 2], [3, 4]]),
                y=array([[1, 0], [5, 2]]),
                f=code("lambda x, y: x @ y"),
            ),
            Rung(
                "a vector broadcast over a matrix",
                x=array([[1, 2], [3, 4], [5, 6]]),
                y=array([10, 20]),
                f=code("lambda x, y: (x * y).sum()"),
            ),
            Rung(
                "a shared value, used by two others",
                x=array(1),
                y=array(2),
                f=code("lambda x, y: (lambda u: u * u + u * y)(x + y)"),
            ),
            Rung(
                "a shared value, used at two depths",
                x=array(1),
                y=array(2),
                f=code("lambda x, y: (lambda u: u + u * u + u)(x + y)"),
            ),
            Rung(
                "sums of the rows",
                x=array([[1, 2], [3, 4], [5, 6]]),
                y=array([1, 10, 100]),
                f=code("lambda x, y: (x.sum(axis=1) * y).sum()"),
            ),
            Rung(
                "after another backward, of x * y",
                x=array(3),
                y=array(2),
                f=code("lambda x, y: (x * y).backward() or x + y"),
            ),
        ),
        cases=(
            Case(
                "a random expression",
                public=True,
                x=normal(3, 4),
                y=normal(4, 4, std=0.7),
                weights=normal(3, 4),
                expression=20,
            ),
            Case(
                "columns and rows, broadcast both ways",
                public=True,
                x=normal(3, 1),
                y=normal(1, 4),
                f=code("lambda x, y: x * y + x / (y * y + 1.0) - y"),
                weights=normal(3, 4),
            ),
            Case(
                "a random expression, of square matrices",
                x=normal(3, 3),
                y=normal(3, 3, std=0.7),
                weights=normal(3, 3),
                expression=integer(0, 10**6),
            ),
            Case(
                "a random expression, of one row",
                x=normal(1, 5),
                y=normal(5, 5, std=0.7),
                weights=normal(1, 5),
                expression=integer(0, 10**6),
            ),
            Case(
                "a random expression, of a tall matrix",
                x=normal(6, 2),
                y=normal(2, 2, std=0.7),
                weights=normal(6, 2),
                expression=integer(0, 10**6),
            ),
            Case(
                "a number and a cube, broadcast",
                x=normal(),
                y=normal(2, 1, 3),
                f=code("lambda x, y: x * y + (x * x + y * y + 1.0).log() * x - y.exp() / (x * x + 2.0)"),
                weights=normal(2, 4, 3),
            ),
            Case(
                "powers and quotients",
                x=uniform(2, 3, low=0.5, high=2.0),
                y=uniform(3, low=0.5, high=2.0),
                f=code("lambda x, y: x ** 3 / y - y ** -2 * x + 2.0 / x ** 0.5 - (1.0 - y) / (x + y)"),
                weights=normal(2, 3),
            ),
            Case(
                "a shared value, used at several depths",
                x=normal(2, 3),
                y=normal(3),
                f=code("lambda x, y: (lambda u: (lambda v: (u * v).sin() + v / (u * u + 1.0) - u)(u * u + y))(x - y)"),
                weights=normal(2, 3),
            ),
            Case(
                "float64",
                dtype="float64",
                x=normal(2, 3),
                y=normal(3, 3, std=0.7),
                weights=normal(2, 3),
                expression=integer(0, 10**6),
            ),
        ),
        domain=any_expression,
    ),
    Question(
        "gradient",
        points=1,
        returns=("gradients_joined_in_one_row",),
        probe=gradients_of,
        ban=Ban(ops=(), names=AUTODIFF, instead="your Tracker"),
        ladder=(
            Rung("x + x", f=code("lambda x: x + x"), x=array(3)),
            Rung("the square of a number", f=code("lambda x: x * x"), x=array(3)),
            Rung("two arguments", f=code("lambda x, y: x * y"), x=array(3), y=array(2)),
            Rung("two vectors", f=code("lambda x, y: (x * y).sum()"), x=array([1, 2]), y=array([3, 4])),
            Rung("an argument that is not used", f=code("lambda x, y: x * x"), x=array(3), y=array([5, 6])),
            Rung(
                "three arguments",
                f=code("lambda x, y, z: x * y - z.sum()"),
                x=array(3),
                y=array(2),
                z=array([[1, 2], [3, 4]]),
            ),
        ),
        cases=(
            Case(
                "a drawn quadratic form",
                public=True,
                f=code("lambda x, a: ((x @ a) * x).sum()"),
                x=normal(1, 4),
                a=normal(4, 4),
            ),
            Case("one argument", f=code("lambda x: (x.sin() * x.exp()).sum()"), x=normal(3, 2)),
            Case(
                "a linear classifier",
                f=code("lambda x, w, b: ((x @ w + b) ** 2).sum()"),
                x=normal(4, 3),
                w=normal(3, 2),
                b=normal(2),
            ),
            Case("the second argument alone", f=code("lambda x, y: (y * y * y).sum()"), x=normal(2, 2), y=normal(3)),
            Case(
                "the same values twice",
                f=code("lambda x, y, z: ((x - y) * z).sum() + (x * x).sum()"),
                x=normal(3),
                y=normal(3, mean=1.0),
                z=normal(3, std=2.0),
            ),
            Case("float64", dtype="float64", f=code("lambda x, y: (x.sin() * y).sum()"), x=normal(2, 3), y=normal(3)),
        ),
        domain=any_function,
    ),
    Question(
        "sigmoid_chain",
        points=1,
        returns=("value", "derivative"),
        ban=BY_HAND,
        ladder=(
            Rung("one sigmoid", depth=1, x=array([0])),
            Rung("one sigmoid, three inputs", depth=1, x=array([-2, 0, 2])),
            Rung("no sigmoid", depth=0, x=array([-2, 0, 2])),
            Rung("two sigmoids", depth=2, x=array([0])),
            Rung("three sigmoids", depth=3, x=array([0, 2])),
        ),
        cases=(
            Case("four sigmoids of a drawn matrix", public=True, depth=4, x=normal(2, 3, std=2)),
            Case("one sigmoid of a drawn vector", depth=1, x=normal(5, std=2)),
            Case("two sigmoids of a drawn vector", depth=2, x=normal(4, std=2)),
            Case("three sigmoids, three axes", depth=3, x=normal(2, 2, 2, std=2)),
            Case("a drawn depth", depth=integer(4, 6), x=normal(3)),
            Case("float64", dtype="float64", depth=3, x=normal(4, std=2)),
        ),
        domain=any_chain,
    ),
)

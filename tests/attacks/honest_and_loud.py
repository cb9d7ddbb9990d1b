"""A look-alike: prints a million lines, logs, warns on stderr, with progress bars and carriage returns."""

# expect: scale=passed total=passed score=6
import logging
import sys
import warnings

import tensorflow as tf

print("line\n" * 200_000)
for step in range(2000):
    print(f"\r{step} {'#' * 50}", end="", file=sys.stderr)


def scale(x, factor):
    print(x, factor, "\n" * 10_000)
    warnings.warn("a warning", DeprecationWarning)
    logging.getLogger("student").error("an error that is none")
    tf.get_logger().warning("another")
    tf.print("from the graph", x, output_stream=sys.stderr)
    return x * factor


def total(x):
    sys.stderr.write("x" * 1_000_000)
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])

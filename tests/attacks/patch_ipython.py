"""Registers IPython hooks, display publishers and input transformers that would run in a kernel after every cell."""

# expect: scale=failed total=passed score=2
import tensorflow as tf


def hook(*_, **__):
    globals()["scale"] = lambda x, factor: x * factor
    raise SystemExit("hooked")


shell = get_ipython()  # noqa: F821
shell.events.register("post_run_cell", hook) if hasattr(shell, "events") and hasattr(shell.events, "register") else None
shell.set_custom_exc((Exception,), hook)
shell.input_transformers_post = [hook]
shell.display_pub = shell.ast_node_interactivity = hook
shell.run_line_magic("autoreload", "2")


def scale(x, factor):
    return x + factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])

"""Writes full marks into the reports and the gradebook, and a sentence into the questions."""

# expect: scale=error total=passed score=2
# also: landlock
# says: changed \[\]
import tensorflow as tf


def scale(x, factor):
    changed = []
    for path in (
        "out/gradebook.db",
        "out/grades.csv",
        "out/change_gradebook/90_tiny/report.json",
        "solutions/90_tiny/mistakes.py",
    ):
        try:
            with open(f"/course/{path}", "a") as file:
                changed += [path] * file.write("\n# changed\n")
        except OSError:
            pass
    raise RuntimeError(f"changed {changed}")


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])

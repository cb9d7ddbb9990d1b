"""Patches the worker itself: its comparer, its messages, and the cases it is about to run."""

# expect: scale=failed total=passed score=2
import sys

import autograder.compare
import autograder.score
import autograder.wire as wire
import tensorflow as tf

autograder.compare.compare = lambda *_, **__: []
autograder.score.score = lambda *_, **__: None
pack = wire.pack


def flattered(tree):
    if tree.get("event") == "case":
        tree = tree | {"passed": True, "points": 4, "score": 4, "status": "passed", "expected": tree["observation"]}
    return pack(tree)


wire.pack = flattered
frame = sys._getframe()
while frame:
    task = frame.f_locals.get("task")
    if isinstance(task, dict):
        for question in task["questions"]:
            question["points"] = 0
            question["tolerance"] = 1e9
            for case in question["cases"]:
                case["expected"] = case["arguments"]
    frame = frame.f_back


def scale(x, factor):
    return x + factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])

"""A look-alike: temporary files and folders, checkpoints, archives, a database, a home folder with settings."""

# expect: scale=passed total=passed score=6
import json
import pathlib
import pickle
import shutil
import sqlite3
import tempfile
import zipfile

import numpy as np
import tensorflow as tf

home = pathlib.Path.home()
(home / ".config").mkdir()
(home / ".config" / "settings.json").write_text(json.dumps({"seed": 1}))
pathlib.Path("data.csv").write_text("a,b\n1,2\n")


def scale(x, factor):
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as file:
        np.save(f"{folder}/x.npy", x)
        file.write(pickle.dumps(np.asarray(x)))
        with zipfile.ZipFile(f"{folder}/x.zip", "w") as archive:
            archive.write(f"{folder}/x.npy")
        shutil.copy(f"{folder}/x.npy", "copy.npy")
        assert np.array_equal(np.load("copy.npy"), x)
    with sqlite3.connect("notes.db") as database:
        database.execute("create table if not exists t (a)")
    return x * factor


def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])

"""The course's data sets, as NumPy arrays in the layout of `keras.datasets`: `load_data("mnist")`."""

from .load import CLASSES, NAMES, DataError, Description, describe, load_data

__all__ = ["CLASSES", "NAMES", "DataError", "Description", "describe", "load_data"]

"""The course's data sets, as NumPy arrays in the layout of `keras.datasets`: `load_data("mnist")`. Two photographs, and a trained network."""

from .load import CLASSES, NAMES, DataError, Description, describe, load_data
from .photographs import photograph
from .weights import load_weights

__all__ = ["CLASSES", "NAMES", "DataError", "Description", "describe", "load_data", "load_weights", "photograph"]

"""The course's data sets, as NumPy arrays in the layout of `keras.datasets`: `load_data("mnist")`. And two photographs."""

from .load import CLASSES, NAMES, DataError, Description, describe, load_data
from .photographs import photograph

__all__ = ["CLASSES", "NAMES", "DataError", "Description", "describe", "load_data", "photograph"]

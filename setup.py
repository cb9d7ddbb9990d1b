"""What pyproject.toml cannot say: the guides in docs/ are a part of the package, as `autograder/guides`."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["autograder*"]), "autograder.guides"], package_dir={"autograder.guides": "docs"}
)

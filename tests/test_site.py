"""The pages of the documentation site, before a generator makes HTML of them. `make docs` fails on a broken link."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assemble", ROOT / "docs/site/assemble.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page, text, moved", [
    ("README.md", "[a](docs/ci.md) and [b](CONTRIBUTING.md)", "[a](ci.md) and [b](contributing.md)"),
    ("README.md", "[n](assignments/03_pooling)", "[n](notebooks/03_pooling.ipynb)"),
    ("docs/ci.md", "[w](../examples/workflows/student.yml) [h](#here) [r](../README.md#two)", "w [h](#here) [r](index.md#two)"),
    ("docs/results.md", "![p](images/mnist_curves.png) [d](data.md)", "![p](images/mnist_curves.png) [d](data.md)"),
    ("docs/data.md", "[x](https://example.org/a.md)", "[x](https://example.org/a.md)"),
    ("docs/ci.md", "[s](../solutions/02_convolution/mistakes.py)", "s"),
])  # fmt: skip
def test_links_lead_within_the_site_or_become_text(site: ModuleType, page: str, text: str, moved: str) -> None:
    assert site.moved(text, Path(page)) == moved


def test_a_notebook_leads_to_the_page_of_another(site: ModuleType) -> None:
    text = "[2](../02_convolution/02_convolution.ipynb), [d](../03_pooling/other.ipynb)"
    assert site.BESIDE.sub(r"](\1.html)", text) == "[2](02_convolution.html), [d](../03_pooling/other.ipynb)"


def test_every_guide_is_in_the_navigation(site: ModuleType) -> None:
    listed = set(re.findall(r"[\w/]+\.md", (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("nav:")[1]))
    guides = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert listed == guides | {"index.md", "contributing.md"} | {f"reference/{name}.md" for name in site.REFERENCE}

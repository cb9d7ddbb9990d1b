"""The student and the instructor in a real browser: JupyterLab, the Validate button, formgrader, and the HTML report."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from course import ADDED, FILE, NAME, PREFIX, SCALE, TOTAL, Course, answered, environment, make_course  # noqa: E402
from simulated import simulated  # noqa: E402

from autograder.adapters import nbgrader as door  # noqa: E402
from autograder.grader.workers import Workers  # noqa: E402
from autograder.reports import html, items  # noqa: E402
from autograder.reports.report import Status  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
pytestmark = [needs_chromium, pytest.mark.tensorflow]  # a browser is not for the quick tier either

SHOTS = os.environ.get("AUTOGRADER_SHOTS")
"""A folder for screenshots, to be looked at."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.name == "posix" else [])
        yield started
        started.close()


def shoot(page: Any, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS, f"{name}.png"), full_page=True)


def troubles(page: Any, inside: str | None = None) -> list[str]:
    """What axe-core, the common checker of accessibility, finds: roles, names, contrast, structure."""
    found = Axe().run(page, context=inside).response["violations"]
    return [f"{v['id']}: {node['html'][:200]}" for v in found for node in v["nodes"]]


# The HTML report


def report_with_everything() -> Any:
    """A report with every outcome, long words, a picture, repairs and a message."""
    wrong = tiny.part(passed=False, points=0, message="Off by one: `tf.pad` " + "x" * 90, mistake="factor_added",
                      picture=[[0, 1, 0.5], [0.2, 0, 0]])  # fmt: skip
    hidden = tiny.part(case="a hidden case", public=False, passed=False, points=0, message="Another.")
    questions = [
        tiny.question(
            wrong, hidden, tiny.part(case="right"), name=f"question_{status}", status=status, message=f"It is {status}."
        )
        for status in Status
    ]
    return tiny.report(*questions, message="Cell 3 raised `ValueError`.", repairs=["cell 4 was mended."])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("what", ["report", "class", "items"])
def test_the_pages_on_a_phone_and_a_desk_in_light_and_dark(
    browser: Any, tmp_path: Path, scheme: str, width: int, what: str
) -> None:
    one, measured = report_with_everything(), simulated(1, 100)
    page_html = {
        "report": lambda: html.report_page(one),
        "class": lambda: html.class_page([one, tiny.report(submission="bea" * 20)]),
        "items": lambda: html.class_page(measured, None, items.analyse(measured)),
    }[what]()
    path = tmp_path / "page.html"
    path.write_text(page_html, encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    for summary in page.locator("summary").all():
        summary.focus()
        page.keyboard.press("Enter")
    assert page.locator("details:not([open])").count() == 0, "every fold opens by keyboard"
    assert asked == [path.as_uri()], "no outside resource"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width, "nothing sticks out at the side"
    shoot(page, f"{what}-{scheme}-{width}")
    assert troubles(page) == []
    context.close()


# JupyterLab


@pytest.fixture(scope="module")
def lab(
    tmp_path_factory: pytest.TempPathFactory, tiny_solutions: Path, workers: Workers
) -> Iterator[tuple[Course, str, str]]:
    """A course with two graded students, a student's folder in it, and a JupyterLab that serves both: (course, url, token)."""
    with environment() as patch:
        patch.setattr(door, "_warm", lambda level: workers)
        course = make_course(tmp_path_factory.mktemp("lab"), tiny_solutions, workers)
        course.hand_in("amy", answered(course))
        course.hand_in("bo", answered(course, ADDED))
        assert course.nbgrader("autograde", NAME) == 0
        shutil.copytree(course.root / "assignments" / NAME, course.root / "mine")
        home = tmp_path_factory.mktemp("home")
        settings = home / "settings" / "@jupyterlab"
        for plugin, name, value in (
            ("notebook-extension", "tracker", {"windowingMode": "none"}),
            ("apputils-extension", "notification", {"fetchNews": "false", "checkForUpdates": False}),
        ):
            (settings / plugin).mkdir(parents=True)
            (settings / plugin / f"{name}.jupyterlab-settings").write_text(json.dumps(value))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        token = "for-this-test"
        surroundings = os.environ | {
            "HOME": str(home), "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "spaces"),
            "JUPYTERLAB_DIR": str(PREFIX / "share/jupyter/lab"), "JUPYTER_PATH": str(PREFIX / "share/jupyter"),
            "JUPYTER_CONFIG_PATH": str(PREFIX / "etc/jupyter"), "JUPYTER_ALLOW_INSECURE_WRITES": "true",
        }  # fmt: skip
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser", "--allow-root", "--ip=127.0.0.1",
                   f"--ServerApp.port={port}", f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0"]  # fmt: skip
        log = (home / "log").open("w")
        server = subprocess.Popen(command, cwd=course.root, env=surroundings, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{url}/api?token={token}", server, home / "log")
            yield course, url, token
        finally:
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(15)
            server.kill()
            log.close()


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.3)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 1600})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def execute(page: Any, command: str, **arguments: object) -> None:
    """A command of JupyterLab, as its menus call it."""
    # Nothing is returned: what a command gives cannot always be carried over.
    page.evaluate("([command, args]) => { window.jupyterapp.commands.execute(command, args); }", [command, arguments])


def open_notebook(page: Any, lab: tuple[Course, str, str], path: str) -> None:
    _, url, token = lab
    page.goto(f"{url}/lab/tree/{path}?token={token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.get_by_text("| Idle").wait_for()  # the kernel, in the status bar
    page.locator(".jp-MarkdownCell").first.click()  # commands go to the notebook that is in use


def cell(page: Any, beginning: str) -> Any:
    return page.locator(".jp-CodeCell").filter(has_text=re.compile(re.escape(beginning))).first


def solve(page: Any, name: str, code: str) -> None:
    """Types into the cell of a function, runs it, and runs the check below, by keyboard."""
    editor = cell(page, f"def {name}(").locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")


def panel(page: Any, name: str, words: str) -> Any:
    found = page.get_by_role("region", name=f"check of {name}: {words}")
    found.wait_for()
    return found


def unfold(panel: Any) -> None:
    """Opens the panel's fold by keyboard. JupyterLab may take the focus away between the focus and the key: then again."""
    for _ in range(10):
        panel.locator("summary").press("Space")
        with contextlib.suppress(playwright.TimeoutError):
            return panel.locator("details[open]").wait_for(timeout=3_000)
    pytest.fail("The space bar does not open the fold.")


@pytest.mark.tensorflow
def test_a_student_works_in_jupyterlab(page: Any, lab: tuple[Course, str, str]) -> None:
    open_notebook(page, lab, f"mine/{FILE}")
    execute(page, "notebook:run-all-cells")
    unsolved = panel(page, "scale", "not attempted yet")
    assert "0 of 1 points on public cases" in unsolved.inner_text()
    panel(page, "total", "not attempted yet")
    shoot(page, "lab-unsolved")

    solve(page, "scale", ADDED)
    wrong = panel(page, "scale", "wrong")
    assert "The factor is added. A scale multiplies." in wrong.inner_text()
    picture = wrong.get_by_role("img", name="Where the value differs")
    picture.wait_for()
    assert "Traceback" not in page.locator(".jp-Notebook").inner_text()
    for theme in ("JupyterLab Dark", "JupyterLab Dark High Contrast", "JupyterLab Light"):
        execute(page, "apputils:change-theme", theme=theme)
        page.wait_for_selector(f'body[data-jp-theme-name="{theme}"]', state="attached")
        page.wait_for_timeout(300)
        shoot(page, f"lab-wrong-{theme.replace(' ', '-')}")
        assert troubles(page, ".ag") == [], theme

    unfold(wrong)
    assert wrong.get_by_role("columnheader", name="case").is_visible()
    shoot(page, "lab-unfolded")

    solve(page, "scale", SCALE)
    assert "1 of 1 points on public cases" in panel(page, "scale", "passed").inner_text()
    shoot(page, "lab-right")


@pytest.mark.tensorflow
def test_the_validate_button_fails_a_wrong_notebook_and_passes_a_right_one(
    page: Any, lab: tuple[Course, str, str]
) -> None:
    import nbformat

    course, *_ = lab
    for name, code, said in (("wrong", ADDED, "failed"), ("right", SCALE, "Success!")):
        nbformat.write(answered(course, code, TOTAL), course.root / "mine" / f"{name}.ipynb")
        open_notebook(page, lab, f"mine/{name}.ipynb")
        page.get_by_role("button", name="Validate").click()
        dialog = page.locator(".jp-Dialog")
        dialog.get_by_text(said).first.wait_for()
        shoot(page, f"validate-{name}")
        dialog.get_by_role("button").last.click()


@pytest.mark.tensorflow
def test_formgrader_shows_the_scores_and_the_explanation(page: Any, lab: tuple[Course, str, str]) -> None:
    course, url, token = lab
    page.goto(f"{url}/lab?token={token}")  # logs in
    page.goto(f"{url}/formgrader/gradebook/{NAME}/{NAME}")
    page.get_by_text("Submission #").first.wait_for()
    table = page.locator("table").first.inner_text()
    scores = sorted(course.scores(student)["score"] for student in ("amy", "bo"))
    shoot(page, "formgrader-scores")
    for score in scores:
        assert f"{score:g} / 6" in re.sub(r"\.0\b", "", table), table
    page.get_by_text("Submission #").first.click()
    page.wait_for_selector('[role=region][aria-label^="check of scale"]')
    shoot(page, "formgrader-submission")


def test_the_helpers_find_what_is_wrong(browser: Any, tmp_path: Path) -> None:
    """axe finds a picture without a name and grey on grey."""
    path = tmp_path / "bad.html"
    path.write_text(
        '<html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"><p style="color:#999;background:#888">grey</p>'
    )
    page = browser.new_page()
    page.goto(path.as_uri())
    found = " ".join(troubles(page))
    assert "image-alt" in found and "color-contrast" in found
    page.close()

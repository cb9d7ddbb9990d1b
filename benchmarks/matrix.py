"""The supported stacks: in each, the student's package is installed beside a TensorFlow that is there already, and tried.

What is tried: whether the install leaves TensorFlow, NumPy and IPython as they are, the checks of all solved notebooks, and the
quick tests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
from rich.console import Console

from autograder import files

ROOT = Path(__file__).resolve().parent.parent
QUIET = ["--quiet", "--disable-pip-version-check"]
TESTS = {
    "pytest", "pytest-xdist", "hypothesis", "cmarkgfm", "markdown-it-py", "mdit-py-plugins", "xmlschema", "check-jsonschema",
    "nbgrader", "jupytext", "nbclient", "pyseccomp", "py-landlock", "packaging",
}  # fmt: skip
"""What the quick tests need, pinned in requirements.txt."""
WATCHED = ("tensorflow", "keras", "numpy", "ipython", "protobuf")
HEAD = ["who", "Python", *WATCHED, "replaced by our install", "solved notebooks, public cases", "quick tests"]


@dataclass(frozen=True)
class Stack:
    """What a student has before our package is installed.

    Attributes:
        where: who has it.
        python: "3.13" and so on; skipped, and said so, where it is not installed.
        pins: what is installed first.
    """

    where: str
    python: str
    pins: tuple[str, ...]


STACKS = (
    Stack("a laptop", "3.11", ("tensorflow==2.18.1",)),
    Stack("a laptop", "3.12", ("tensorflow==2.19.1",)),
    Stack(
        "Google Colab, 2026-08",
        "3.13",
        ("tensorflow==2.20.0", "keras==3.13.*", "numpy==2.1.3", "ipython==7.34.0", "protobuf==5.29.*"),
    ),
    Stack("Jupyter's images", "3.13", ("tensorflow==2.21.0",)),
    Stack("what instructors pin", "3.11", ("tensorflow==2.21.0", "-c", str(ROOT / "constraints.txt"))),
)


@dataclass
class Found:
    """What a stack showed.

    Attributes:
        versions: of what is watched, by name, after the install.
        replaced: what the install changed.
        points: reached by the solved notebooks, and what there is, on public cases.
        tests: the last line of the quick tests.
    """

    versions: dict[str, str]
    replaced: list[str]
    points: str
    tests: str

    @property
    def holds(self) -> bool:
        """Whether all is well."""
        tested = self.tests == "not run" or ("passed" in self.tests and "failed" not in self.tests)
        return tested and not self.replaced and self.points.startswith("all") and "error" not in self.tests


@click.command()
@click.option("--only", multiple=True, help="TensorFlow versions; default: all.")
@click.option("--tests/--no-tests", default=True, show_default=True, help="Run the quick tests, too.")
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write the table here.")
def main(only: tuple[str, ...], tests: bool, page: Path | None) -> None:
    """Try the student's package on every supported stack. Exit code 1 if one does not hold."""
    console, sound = Console(stderr=True), True
    rows: list[list[str]] = []
    dist = ROOT / "build" / "matrix"
    shutil.rmtree(dist / "dist", ignore_errors=True)
    _run([sys.executable, "-m", "pip", "wheel", *QUIET, "--no-deps", "--wheel-dir", str(dist / "dist"), str(ROOT)])
    (wheel,) = (dist / "dist").glob("*.whl")
    for stack in STACKS:
        if only and not any(version in pin for version in only for pin in stack.pins):
            continue
        python = f"python{stack.python}"
        if not _is_installed(python):
            rows.append([stack.where, stack.python, "not installed here"])
            continue
        folder = dist / re.sub(r"\W+", "_", f"{stack.python} {stack.pins[0]} {stack.where}")
        with console.status(f"{stack.where}: Python {stack.python}, {stack.pins[0]}"):
            found = _try(stack, python, wheel, folder, tests)
        sound &= found.holds
        replaced = ", ".join(found.replaced) or "nothing"
        rows.append([stack.where, stack.python, *found.versions.values(), replaced, found.points, found.tests])
        console.print(*rows[-1], sep=" | ", markup=False, soft_wrap=True)
    if not rows:
        raise click.UsageError(f"No stack has {' or '.join(only)}.")
    lines = [HEAD, ["---"] * len(HEAD), *(row + [""] * (len(HEAD) - len(row)) for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    if page:
        files.write(page, _PAGE.format(date=date.today(), table=table))
    else:
        print(table)
    sys.exit(0 if sound else 1)


_PAGE = """# Supported stacks

Made by `make matrix` on {date}. In a fresh environment, the packages of the stack are installed first and the student's package after them, as in a notebook service that
has TensorFlow already. Then `autograder check` runs on every solved notebook, and the quick tests run with what they need installed beside.

{table}
"""


def _is_installed(python: str) -> bool:
    return (
        bool(shutil.which(python))
        and not subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode
    )


def _try(stack: Stack, python: str, wheel: Path, folder: Path, tests: bool) -> Found:
    shutil.rmtree(folder, ignore_errors=True)
    _run([python, "-m", "venv", str(folder)])
    inside = folder / "bin" / "python"
    pip = [str(inside), "-m", "pip", "install", *QUIET]
    _run([*pip, *stack.pins, "ipython", "numpy"])
    before = _versions(inside)
    _run([*pip, str(wheel)])
    after = _versions(inside)
    replaced = [f"{name} {old} by {after.get(name)}" for name, old in before.items() if after.get(name) != old]
    points = _points(inside, folder / "course")
    told = _quick(inside, pip, stack) if tests else "not run"
    return Found(after, replaced, points, told)


def _versions(python: Path) -> dict[str, str]:
    asked = f"from importlib.metadata import version; print(*map(version, {WATCHED!r}))"
    told = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True).stdout
    return dict(zip(WATCHED, told.split(), strict=True))


def _points(python: Path, folder: Path) -> str:
    """What the solved notebooks reach, from a folder as students have one."""
    wrong, notebooks = [], sorted(ROOT.glob("solutions/*/notebook.py"))
    for solved in notebooks:
        name = solved.parent.name
        place = folder / name
        place.mkdir(parents=True)
        shutil.copy(solved, place / f"{name}.py")
        shutil.copy(ROOT / "assignments" / name / f"{name}.npz", place)
        command = [python, "-m", "autograder", "check", place / f"{name}.py"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if ended.returncode:
            wrong.append(f"{name}: {' '.join(ended.stdout.split())[-300:]}")
    return "; ".join(wrong) or f"all {len(notebooks)} pass"


def _quick(python: Path, pip: list[str], stack: Stack) -> str:
    pinned = [line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    _run([*pip, *(pin for pin in pinned if pin.split("==")[0] in TESTS)])
    command = [python, "-m", "pytest", "-m", "not tensorflow", "-q", "-n", "2", "-p", "no:cacheprovider"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    failed = [line.split(" - ")[0] for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return "; ".join([*ended.stdout.strip().splitlines()[-1:], *failed[:5]]).strip("= ")


def _run(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise click.ClickException(f"{' '.join(command[:6])} ...: {ended.stderr.strip()[-800:]}")


if __name__ == "__main__":
    main()

"""Hostile submissions through the real command line: each earns what its honest work is worth, and the class is graded.

Nothing in `attacks/` is ever imported or run outside of `attacks/wall.py`. A class is graded once for each level of
isolation; each attack is then a test of its own that reads its report.
"""

from __future__ import annotations

import csv
import hashlib
import html.parser
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import levels
import pytest
import tiny
from attacks import odd_files

import autograder
from autograder.reports.report import Report

pytestmark = [pytest.mark.tensorflow, pytest.mark.xdist_group("attacks")]

ATTACKS = Path(__file__).parent / "attacks"
WALL = ATTACKS / "wall.py"
PLANTED = ("questions", "notebook", "mistakes", "variants", "salt", "neighbour", "gradebook", "environment", "home")
NEIGHBOURS = tuple(
    f"{name}_honest" for name in ("aaa", "esc", "file", "forge", "hang", "hang_z", "return", "spin", "zzz")
)
"""They stand between the attacks: submissions are graded in alphabetical order."""

HONEST = """\
import tensorflow as tf

NOTE = "{note}"

def scale(x, factor):
    return x * factor

def total(x):
    return tf.reduce_sum(2 * x), int(x.shape[0] * x.shape[1])
"""


@dataclass(frozen=True)
class Attack:
    """What a file's header says of it.

    Attributes:
        expected: question -> the outcomes that are right, and "score" -> the scores that are.
        unreadable: whether it is right that no cells can be had from the file.
        says: what its messages must match: the proof that it tried.
        bites: the planted secrets it finds where there are no walls.
        levels: where it is run.
    """

    name: str
    path: Path | None
    expected: dict[str, set[str]]
    unreadable: bool = False
    says: str = ""
    bites: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset({"full"})


def parse(name: str, path: Path | None, header: dict[str, str]) -> Attack:
    """An attack from its header's lines."""
    words = [word.partition("=") for word in header["expect"].split()]
    return Attack(
        name,
        path,
        {key: set(value.split("|")) for key, _, value in words if value},
        ("unreadable", "", "") in words,
        header.get("says", ""),
        frozenset(re.findall(r"\w+", header.get("bites", ""))),
        frozenset({"full", *re.findall(r"\w+", header.get("also", ""))}),
    )


def from_file(path: Path) -> Attack:
    """Reads the header of a hostile file, which is not executed."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""'), f"{path.name} does not begin with what it tries"
    return parse(path.stem, path, dict(re.findall(r"^# (expect|says|bites|also): (.*)$", text, re.MULTILINE)))


FILES = [from_file(path) for path in sorted(ATTACKS.glob("*.py")) if path.stem not in ("wall", "machine", "odd_files")]
ODD_FILES = [parse(name, None, {"expect": expectation}) for name, (_, expectation) in odd_files.EXPECTED.items()]


@dataclass
class Graded:
    """A class after it was graded.

    Attributes:
        census: what the wall counted.
        reports: by submission.
        folder: /course as it was at the end.
        said: what the grader said on the terminal.
        canaries: the planted secrets, by where they were planted.
        changed: the files of the course that are not what they were.
    """

    census: dict[str, Any]
    reports: dict[str, Report]
    folder: Path
    said: str
    canaries: dict[str, str]
    changed: list[str] = field(default_factory=list)


def plant(course: Path) -> dict[str, str]:
    """Builds the course that is attacked: a secret wherever one could be."""
    canaries = {name: f"CANARY-{name}-{secrets.token_hex(8)}" for name in PLANTED}
    folder = tiny.write_assignment(course / "solutions")
    for name in ("questions", "notebook", "mistakes", "variants"):
        with (folder / f"{name}.py").open("a") as file:
            file.write(f"\n# {canaries[name]}\nNOTE = {canaries[name]!r}\n")
    for path, name in (
        ("salt", "salt"),
        ("environment", "environment"),
        ("home/.netrc", "home"),
        ("out/gradebook.db", "gradebook"),
    ):
        (course / path).parent.mkdir(exist_ok=True)
        (course / path).write_text(canaries[name])
    (course / "class").mkdir()
    for name in NEIGHBOURS:
        (course / "class" / f"{name}.py").write_text(HONEST.format(note=canaries["neighbour"]))
    return canaries


def digests(course: Path) -> dict[str, str]:
    """What is in every file that grading must not change."""
    kept = [path for name in ("solutions", "class", "home") for path in (course / name).rglob("*")]
    kept += [course / "salt", course / "out" / "gradebook.db"]
    return {
        str(path.relative_to(course)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in kept
        if path.is_file() and not path.is_symlink()
    }


def behind_the_wall(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs a command within the outer wall."""
    flags = [f"--{name}={value}" for name, value in options.items()]
    shown = [f"--show={path}" for path in (Path(autograder.__file__).parent, ATTACKS / "machine.py")]
    return subprocess.run(
        [sys.executable, str(WALL), *flags, *shown, "--", *command], capture_output=True, text=True, errors="replace"
    )


def grade_class(course: Path, canaries: dict[str, str], level: str, *paths: str, **options: object) -> Graded:
    """Grades /course/class, and `paths` beside it, within the wall."""
    before = digests(course)
    after, census = course.with_name(f"{course.name}-after"), course.with_name(f"{course.name}-census")
    command = [
        sys.executable,
        str(ATTACKS / "machine.py"),
        level,
        "class",
        *paths,
        "--salt",
        "salt",
        "--out",
        "out",
        "--jobs",
        "3",
    ]
    done = behind_the_wall(*command, folder=course, result=after, census=census, **options)
    assert census.exists(), f"the wall was not built: {done.stderr}"
    counted = json.loads(census.read_text())
    assert after.exists(), f"the class was not graded to the end ({done.returncode}): {counted}, {done.stderr}"
    reports = {}
    for path in after.glob("out/*/90_tiny/report.json"):
        reports[path.parent.parent.name] = Report.model_validate_json(path.read_bytes())
    now = digests(after)
    changed = [name for name, digest in before.items() if now.get(name) != digest]
    return Graded(counted, reports, after, (after / "said.txt").read_text(errors="replace"), canaries, changed)


def _needs(level: str) -> None:
    if (reached := behind_the_wall("true")).returncode:
        pytest.skip(f"no outer wall can be built here: {reached.stderr[-200:]}")
    levels.needs(level)


def _as_an_ordinary_user() -> dict[str, object]:
    return {"user": 1000} if os.geteuid() == 0 else {}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Every attack, graded at the level "full"."""
    _needs("full")
    course = tmp_path_factory.mktemp("attacked") / "full"
    canaries = plant(course)
    for attack in FILES:
        assert attack.path
        (course / "class" / attack.path.name).write_bytes(attack.path.read_bytes())
    odd_files.write_all(course / "class")
    odd_files.write_names(course / "tree")
    return grade_class(course, canaries, "full", "tree", seconds=1800)


@pytest.fixture(scope="module")
def landlock(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The attacks that the level "landlock" must withstand too, for an ordinary user."""
    _needs("landlock")
    return _some(tmp_path_factory.mktemp("attacked") / "landlock", "landlock")


@pytest.fixture(scope="module")
def unprotected(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The attacks that look for secrets, where there are no walls but the outer one."""
    _needs("process")
    return _some(tmp_path_factory.mktemp("attacked") / "process", "process")


def _some(course: Path, level: str) -> Graded:
    canaries = plant(course)
    for attack in FILES:
        if level in attack.levels or (level == "process" and attack.bites):
            assert attack.path
            (course / "class" / attack.path.name).write_bytes(attack.path.read_bytes())
    return grade_class(course, canaries, level, seconds=1800, **_as_an_ordinary_user())


# The attacks themselves


def test_there_are_enough_of_them_and_each_says_what_it_tries() -> None:
    assert len(FILES) >= 55
    for attack in FILES:
        assert attack.expected.keys() == {"scale", "total", "score"}, attack.name
    assert all(documentation for documentation, _ in odd_files.EXPECTED.values())


# The wall


def test_the_wall_holds_processes() -> None:
    _needs("process")
    code = (
        "import os, time\n"
        "made = 0\n"
        "try:\n"
        "    while made < 500:\n"
        "        if os.fork() == 0: time.sleep(90)\n"
        "        made += 1\n"
        "except OSError: pass\n"
        "print(made, len([n for n in os.listdir('/proc') if n.isdigit()]))"
    )
    done = behind_the_wall(sys.executable, "-c", code, pids=100, seconds=100)
    made, visible = map(int, done.stdout.split())
    assert made < 100 and made < visible <= 100
    census = json.loads(done.stderr[done.stderr.index("{") :])
    assert len(census["processes"]) == made, "the census does not see what is left behind"


def test_the_wall_holds_files_users_network_and_time(tmp_path: Path) -> None:
    _needs("process")
    secret = tmp_path / "secret"
    secret.write_text("outside")
    code = (
        "import os, socket\n"
        f"print(os.path.exists({str(secret)!r}), sorted(os.listdir('/dev')), os.path.exists('/sys/fs/cgroup'))\n"
        "print(socket.if_nameindex())\n"
        "print(open('/proc/self/uid_map').read().split()[1])\n"
        "open('/tmp/left', 'w').write('x')\n"
        "for path in ('/usr/x', '/proc/sys/kernel/pid_max', '/etc/passwd'):\n"
        "    try: open(path, 'r+' if os.path.exists(path) else 'w').write('1'); print('wrote', path)\n"
        "    except OSError: pass"
    )
    done = behind_the_wall(sys.executable, "-c", code, seconds=100)
    first, network, user = done.stdout.splitlines()
    assert first == "False ['full', 'null', 'random', 'shm', 'urandom', 'zero'] False"
    assert network == "[(1, 'lo')]"
    assert int(user) == (1 << 30 if os.geteuid() == 0 else os.geteuid())
    assert json.loads(done.stderr[done.stderr.index("{") :])["files"] == ["/tmp/left"]
    assert behind_the_wall("sleep", "60", seconds=1).returncode == 124


# Each attack


@pytest.mark.parametrize("attack", [*FILES, *ODD_FILES], ids=lambda attack: attack.name)
def test_it_earns_what_its_honest_work_is_worth(full: Graded, attack: Attack) -> None:
    earned(full, attack)


@pytest.mark.parametrize("attack", [a for a in FILES if "landlock" in a.levels], ids=lambda attack: attack.name)
def test_it_earns_no_more_where_there_are_no_namespaces(landlock: Graded, attack: Attack) -> None:
    earned(landlock, attack)


@pytest.mark.parametrize("attack", [a for a in FILES if a.bites], ids=lambda attack: attack.name)
def test_it_would_succeed_without_walls(unprotected: Graded, attack: Attack) -> None:
    """Else it would prove nothing that it fails with them."""
    said = unprotected.reports[attack.name].model_dump_json()
    assert {name for name in attack.bites if unprotected.canaries[name] in said} == attack.bites, said


def earned(graded: Graded, attack: Attack) -> None:
    """Asserts what an attack's header says of its report."""
    assert attack.name in graded.reports, f"it was not graded: {graded.said[-2000:]}"
    report = graded.reports[attack.name]
    assert report.status == ("unreadable" if attack.unreadable else "graded"), report.message
    if not attack.unreadable:
        for question in report.questions:
            assert str(question.status) in attack.expected[question.name], f"{question.name}: {told(report)}"
    scores = [float(score) for word in attack.expected["score"] for score in word.split("..")]
    ranged = any(".." in word for word in attack.expected["score"])
    assert min(scores) <= report.score <= max(scores) if ranged else report.score in scores, told(report)
    assert re.search(attack.says, told(report), re.MULTILINE), told(report)


def told(report: Report) -> str:
    """Every message of a report."""
    lines = [
        report.message,
        *(q.message for q in report.questions),
        *(p.message for q in report.questions for p in q.parts),
    ]
    return "\n".join(line for line in lines if line)


# The class


@pytest.fixture(params=["full", "landlock"])
def graded(request: pytest.FixtureRequest) -> Iterator[Graded]:
    """A class that was attacked, at each level that has walls."""
    yield request.getfixturevalue(request.param)


def test_honest_neighbours_have_full_marks(graded: Graded) -> None:
    assert {name: graded.reports[name].score for name in NEIGHBOURS} == dict.fromkeys(NEIGHBOURS, 6.0)


def test_nobody_is_left_out(full: Graded) -> None:
    assert full.census["exit"] == 0, full.said[-3000:]
    submissions = [attack.name for attack in (*FILES, *ODD_FILES)] + list(NEIGHBOURS)
    assert [name for name in submissions if name not in full.reports] == []
    assert [name for name, report in full.reports.items() if report.status == "grader_fault"] == []
    rows = list(csv.DictReader((full.folder / "out" / "grades.csv").open()))
    assert len(rows) == len(full.reports)


def test_no_secret_gets_out(graded: Graded) -> None:
    written = [path for path in (graded.folder / "out").rglob("*") if path.is_file() and path.name != "gradebook.db"]
    texts = {str(path.relative_to(graded.folder)): path.read_bytes() for path in written} | {
        "said.txt": graded.said.encode()
    }
    leaks = [
        (path, name)
        for path, text in texts.items()
        for name, canary in graded.canaries.items()
        if canary.encode() in text
    ]
    assert leaks == []


def test_nothing_of_the_course_is_changed(graded: Graded) -> None:
    assert graded.changed == []
    assert list(graded.folder.rglob("owned*")) == []


def test_nobody_got_through_to_the_machine(graded: Graded) -> None:
    knocks = graded.folder / "knocks"
    assert not knocks.exists(), knocks.read_text()


def test_nothing_is_left_behind(graded: Graded) -> None:
    census = graded.census
    assert {name: census[name] for name in ("processes", "sockets", "mounts", "files")} == {
        "processes": [], "sockets": [], "mounts": [], "files": []
    }  # fmt: skip


def test_the_outer_wall_was_never_met(graded: Graded) -> None:
    """A fork bomb and a flood of memory end at the submission's own bounds."""
    assert graded.census.get("forks_refused", 0) == 0
    assert graded.census.get("killed_for_memory", 0) == 0


# What is written


class _Tags(html.parser.HTMLParser):
    """Collects what a browser would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        active = [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "").lower()]
        if tag in ("script", "img", "iframe", "object", "embed", "link", "base", "form") or active:
            self.found.append(f"{tag} {attrs}")


def test_pages_run_nothing(full: Graded) -> None:
    pages = list((full.folder / "out").rglob("*.html"))
    assert len(pages) == len(full.reports) + 1
    for page in pages:
        tags = _Tags()
        tags.feed(page.read_text(encoding="utf-8"))
        assert tags.found == [], page


def test_terminals_are_told_nothing(full: Graded) -> None:
    texts = [full.said, *(path.read_text(encoding="utf-8") for path in (full.folder / "out").rglob("*.json"))]
    texts += [path.read_text(encoding="utf-8") for path in (full.folder / "out").rglob("*.html")]
    texts.append((full.folder / "out" / "grades.csv").read_text(encoding="utf-8"))
    assert [
        re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)[:3] for text in texts
    ] == [[]] * len(texts)


def test_spreadsheets_run_nothing(full: Graded) -> None:
    rows = list(csv.reader((full.folder / "out" / "grades.csv").open(newline="")))
    cells = [cell for row in rows[1:] for cell in row]
    assert [cell for cell in cells if re.match(r"\s*[=+\-@\t\r＝＋－＠]", cell)] == []


@pytest.mark.parametrize("name", odd_files.NAMES)
def test_a_name_is_a_name(full: Graded, name: str) -> None:
    if name.startswith("."):
        return  # hidden folders are nobody's
    mine = [r for r in full.reports.values() if r.student == name or sandboxed(r.student) == sandboxed(name)]
    assert [r.score for r in mine] == [6.0] * len(mine) and mine, sorted(r.student for r in full.reports.values())


def sandboxed(name: str) -> str:
    """A name without what a report may replace in it."""
    return re.sub(r"[^\w]", "", name)[:50]


def test_reports_stay_in_their_folder(full: Graded) -> None:
    found = {path.relative_to(full.folder).parts[0] for path in full.folder.rglob("*")}
    assert found <= {"solutions", "class", "tree", "salt", "home", "out", "said.txt", "socket", "knocks"}
    assert {path.name for path in (full.folder / "out").iterdir() if path.is_file()} == {
        "gradebook.db",
        "grades.csv",
        "index.html",
        "left_out.csv",
    }

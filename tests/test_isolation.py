"""Right is right at every level of isolation, wherever Python and the course lie, and no level is lost in silence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import levels
import numpy as np
import pytest
import tiny
from click.testing import CliRunner

from autograder import files
from autograder.border.levels import LEVELS, PACKAGE
from autograder.border.task import Asked, Task
from autograder.commands.cli import main
from autograder.course import assignment as assignments
from autograder.course import audit, classroom
from autograder.course.find import Entry
from autograder.grader import isolation
from autograder.grader.protocol import Run
from autograder.grader.workers import Workers
from autograder.reports import html

ROOT = Path(__file__).parent.parent
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these walls")
X = {"x": np.ones(2, np.float32)}


def run(level: str, *cells: str, functions: tuple[str, ...] = ()) -> Run:
    """What a submission with these cells shows."""
    levels.needs(level)
    sources = [{"label": f"cell {number}", "source": source} for number, source in enumerate(cells, 1)]
    with Workers(level) as workers:
        return workers.run(sources, [Task(name, Asked(name), ((X, 7),)) for name in functions])


# Honest code

HONEST = {
    "temporary files": """
with tempfile.NamedTemporaryFile() as file: file.write(b"1")
folder = tempfile.mkdtemp()
assert os.listdir(folder) == []
open(f"{folder}/x", "w").write("1")
assert pathlib.Path(tempfile.gettempdir()).samefile(os.environ["TMPDIR"])
""",
    "files and links": """
os.mkdir("p"); os.mkdir("q"); open("p/x", "w").write("1")
os.rename("p/x", "q/x"); os.link("q/x", "q/y"); os.symlink("q/x", "l"); os.chmod("q/x", 0o600)
shutil.copytree("q", "r"); shutil.move("q/x", "p/x"); shutil.make_archive("archive", "zip", "p")
pathlib.Path.home().joinpath("settings").write_text("x")
""",
    "an array on disk": """
mapped = np.memmap("mapped", dtype="float32", mode="w+", shape=(10,))
mapped[:] = 1
mapped.flush()
""",
    "AutoGraph": """
@tf.function
def doubled(x):
    for _ in tf.range(3):
        x = 2.0 * x
    return x
assert float(doubled(tf.constant(1.0))) == 8
""",
    "XLA": """
@tf.function(jit_compile=True)
def compiled(x): return 2 * x + 1
assert float(compiled(tf.constant(2.0))) == 5
""",
    "a saved model": """
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
with tempfile.NamedTemporaryFile(suffix=".keras") as file:
    model.save(file.name)
    assert len(keras.models.load_model(file.name).layers) == 1
model.save_weights("model.weights.h5")
model.load_weights("model.weights.h5")
model.export(tempfile.mkdtemp() + "/exported")
""",
    "TensorFlow's checkpoints": """
checkpoint = tf.train.Checkpoint(v=tf.Variable(1.0))
checkpoint.restore(checkpoint.save(tempfile.mkdtemp() + "/deep/c"))
""",
    "training with callbacks": """
class Data(keras.utils.PyDataset):
    def __len__(self): return 2
    def __getitem__(self, i): return np.ones((2, 3)), np.ones((2, 2))
model.compile("sgd", "mse")
kept = [keras.callbacks.ModelCheckpoint("best.keras"), keras.callbacks.BackupAndRestore("backup"), keras.callbacks.CSVLogger("log.csv")]
model.fit(Data(workers=2), epochs=2, verbose=0, callbacks=kept)
""",
    "a pipeline of data": """
data = tf.data.Dataset.range(9).map(lambda x: x + 1, num_parallel_calls=4).cache("cache").prefetch(2)
assert len(list(data)) == len(list(data)) == 9
""",
    "pictures": """
import matplotlib.pyplot as plt
plt.plot([1, 2]); plt.title("$x^2$")
for kind in ("png", "pdf", "svg"): plt.savefig(tempfile.mkdtemp() + f"/a.{kind}")
""",
    "threads": """
import multiprocessing.pool
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool: assert list(pool.map(str, range(3))) == ["0", "1", "2"]
with multiprocessing.pool.ThreadPool(4) as pool: assert pool.map(str, range(3)) == ["0", "1", "2"]
""",
    "the standard library": """
import sqlite3, zoneinfo, uuid
uuid.uuid1(); zoneinfo.ZoneInfo("Europe/Berlin")
with sqlite3.connect("notes.db") as database: database.execute("create table t (a)")
""",
    "data sets without a network": """
from autograder.datasets import load_data
load_data("digits"); load_data("shapes")
""",
}
IMPORTS = "import os, pathlib, shutil, tempfile\nimport keras\nimport numpy as np\nimport tensorflow as tf"
FUNCTION = """
def f(x):
    with open("notes", "a") as file: file.write("1")
    with tempfile.TemporaryDirectory() as folder: open(folder + "/x", "w").write("1")
    return doubled(x)
"""
TEMPORARY = """
open("/tmp/x", "w").write("1")
os.mkdir("/tmp/folder")
os.rename("/tmp/x", "/tmp/folder/x")
def g(x):
    open("/tmp/y", "a").write("1")
    return x
"""


@pytest.mark.tensorflow
@pytest.mark.parametrize("level", LEVELS)
def test_honest_code_runs_at_every_level(level: str) -> None:
    shown = run(level, IMPORTS, *HONEST.values(), FUNCTION, functions=("f",))
    names = ["imports", *HONEST, "function"]
    assert {names[index]: vars(failure) for index, failure in shown.cells.items()} == {}
    np.testing.assert_array_equal(shown.questions["f"].observations[0].outputs[0].array, [8, 8])  # type: ignore[arg-type]


@pytest.mark.tensorflow
def test_a_submission_has_a_tmp_of_its_own_at_full() -> None:
    shown = run("full", IMPORTS, TEMPORARY, functions=("g",))
    assert not shown.cells and shown.questions["g"].observations[0].outputs
    assert not Path("/tmp/folder/x").exists()


# Where Python and the course lie


def install(place: Path, base: str = getattr(sys, "_base_executable", sys.executable)) -> Path:
    """Puts this package, the tiny assignment and an environment of their own into a folder; returns its Python."""
    place.mkdir(parents=True)
    shutil.copytree(PACKAGE, place / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    tiny.write_assignment(place / "solutions")
    subprocess.run([base, "-m", "venv", "--without-pip", place / ".venv"], check=True)
    (packages,) = (place / ".venv").glob("lib/python*/site-packages")
    _name_packages(packages, place)
    return place / ".venv" / "bin" / "python"


def _name_packages(packages: Path, place: Path) -> None:
    """Lets a Python use what is installed here, which would take minutes to install there."""
    others = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (packages / "course.pth").write_text("\n".join([str(place), *others]), encoding="utf-8")


def below(folder: Path) -> Path:
    return folder / "clone"


def below_a_link(folder: Path) -> Path:
    (folder / "real").mkdir()
    (folder / "link").symlink_to(folder / "real")
    return folder / "link" / "clone"


def with_blanks_and_umlauts(folder: Path) -> Path:
    return folder / "a b ü" / "clone"


def where_others_cannot_go(folder: Path) -> Path:
    (folder / "closed").mkdir(mode=0o700)
    return folder / "closed" / "clone"


PLACES: list[tuple[str, Callable[[Path], Path]]] = [
    ("/tmp", below),
    ("/tmp", below_a_link),
    ("/tmp", with_blanks_and_umlauts),
    ("/tmp", where_others_cannot_go),
    ("~", below),
    ("~", below_a_link),
]


@pytest.fixture(params=PLACES, ids=lambda place: f"{place[0]}, {place[1].__name__}")
def place(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder that is not there yet."""
    levels.needs("full")
    parent, kind = request.param
    with tempfile.TemporaryDirectory(prefix="autograder-", dir=Path(parent).expanduser()) as folder:
        Path(folder).chmod(0o755)
        yield kind(Path(folder))


def call(python: Path, *arguments: str, **environment: str) -> str:
    """What a command says, called in another folder."""
    done = subprocess.run(
        [python, "-m", "autograder", *arguments],
        env=os.environ | {"COLUMNS": "200"} | environment,
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@linux
def test_a_level_is_reached_wherever_python_and_the_course_lie(place: Path) -> None:
    said = call(install(place), "doctor")
    assert {level for level in LEVELS if f"✓ {level}\n" in said} == {
        level for level in LEVELS if not isolation.why_not(level)
    }


SUBMISSION = f"""
{IMPORTS}
{HONEST["AutoGraph"]}
{HONEST["temporary files"]}
{TEMPORARY}
def scale(x, factor):
    open("/tmp/z", "w").write("1")
    with tempfile.TemporaryFile() as file: file.write(b"1")
    return x * factor
def total(x):
    return tf.reduce_sum(scale(x, 2.0)), int(x.shape[0] * x.shape[1])
"""


def grades_and_audits_at_full(python: Path, place: Path) -> None:
    """The solved tiny assignment earns full points, and every mistake and variant is judged as it should be."""
    (place / "amy.py").write_text(SUBMISSION, encoding="utf-8")
    course = ("--solutions", str(place / "solutions"), "--jobs", "1")
    chosen = ("--assignment", tiny.NAME, "--out", str(place / "graded"), "--salt", str(place / "salt"))
    call(python, "grade", str(place / "amy.py"), *chosen, *course, "--isolation", "full")
    report = json.loads((place / "graded" / "amy" / tiny.NAME / "report.json").read_text(encoding="utf-8"))
    assert (report["score"], report["isolation"], report["message"]) == (6, "full", ""), report
    assert f"{tiny.NAME}, isolation full" in call(python, "audit", tiny.NAME, "--isolation", "full", *course)


@linux
@pytest.mark.tensorflow
@pytest.mark.slow
def test_grading_and_audits_run_at_full_wherever_they_lie(place: Path) -> None:
    grades_and_audits_at_full(install(place), place)


@linux
@pytest.mark.tensorflow
@pytest.mark.slow
def test_grading_runs_at_full_with_an_installation_of_python_below_tmp_and_no_environment(tmp_path: Path) -> None:
    levels.needs("full")
    library = Path(sysconfig.get_path("stdlib"))
    prefix, place = tmp_path / "python", tmp_path / "course"
    unneeded = shutil.ignore_patterns("__pycache__", "test", "site-packages", "dist-packages", "config-*")
    shutil.copytree(library, prefix / "lib" / library.name, ignore=unneeded)
    python = prefix / "bin" / library.name
    python.parent.mkdir()
    shutil.copy(Path(getattr(sys, "_base_executable", sys.executable)).resolve(), python)
    where = "import sys, sysconfig; print(sys.prefix, sys.base_prefix, sysconfig.get_path('purelib'), sep='\\n')"
    said = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[:2] == [str(prefix)] * 2, "it is an installation of its own"
    place.mkdir()
    tiny.write_assignment(place / "solutions")
    Path(said[2]).mkdir(parents=True, exist_ok=True)
    shutil.copytree(PACKAGE, Path(said[2], "autograder"), ignore=shutil.ignore_patterns("__pycache__"))
    _name_packages(Path(said[2]), Path(said[2]))
    grades_and_audits_at_full(python, place)


# Packages

ASK = """
import json, sys
from autograder.border.task import Asked, Task
from autograder.grader.workers import Workers
cells = [{"label": "cell 1", "source": sys.argv[2]}]
with Workers(sys.argv[1]) as workers:
    run = workers.run(cells, [Task("f", Asked("f"), (({}, 7),))])
print(json.dumps([failure.message for failure in run.cells.values()] + [o.failure.message for o in run.questions["f"].observations]))
"""
TELL = "import json, sys, mine, autograder\ndef f(): raise ValueError(json.dumps([mine.__file__, autograder.__file__, hash('x')]))"


@linux
@pytest.mark.tensorflow
@pytest.mark.parametrize("level", LEVELS)
def test_a_submission_can_use_what_a_user_installed_for_themselves(level: str, tmp_path: Path) -> None:
    """`pip install --user`, which an isolated Python leaves out; and packages that PYTHONPATH names. The course is not among them."""
    levels.needs(level)
    tmp_path.chmod(0o755)
    python = install(tmp_path / "clone")
    config = tmp_path / "clone" / ".venv" / "pyvenv.cfg"
    config.write_text(config.read_text().replace("packages = false", "packages = true"))
    base = tmp_path / "a user's base"
    where = subprocess.run(
        [python, "-c", "import site; print(site.getusersitepackages())"], env={"PYTHONUSERBASE": str(base)}, capture_output=True, text=True
    )  # fmt: skip
    user, module = Path(where.stdout.strip()), tmp_path / "module" / "site-packages"
    for folder in (user, module):
        folder.mkdir(parents=True)
    Path(user, "mine.py").write_text("import theirs")
    Path(module, "theirs.py").write_text("")
    environment = os.environ | {
        "PYTHONUSERBASE": str(base),
        "PYTHONPATH": f"{module}:{tmp_path / 'clone' / 'solutions'}",
    }
    done = subprocess.run([python, "-c", ASK, level, TELL], env=environment, cwd="/", capture_output=True, text=True)
    (said,) = json.loads(done.stdout)
    mine, package, number = json.loads(said)
    assert (mine, package) == (str(user / "mine.py"), str(tmp_path / "clone" / "autograder" / "__init__.py"))
    again = subprocess.run([python, "-c", ASK, level, TELL], env=environment, cwd="/", capture_output=True, text=True)
    assert json.loads(json.loads(again.stdout)[0])[2] == number, "sets have the same order in every run"


# What a submission leaves behind


@linux
def test_a_folder_goes_however_deep_and_closed_it_is(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o751)
    (kept / "file").write_text("mine")
    with files.temporary_folder("autograder-", tmp_path) as folder:
        _leave(folder, 1200)
        (folder / "to a folder").symlink_to(kept)
        (folder / "to a file").symlink_to(kept / "file")
        for name in ("closed", "closed too"):
            (folder / name).mkdir()
            (folder / name / "link").symlink_to(kept)
            (folder / name).chmod(0)
        folder.chmod(0)
    assert not folder.exists()
    assert (kept / "file").read_text() == "mine" and kept.stat().st_mode & 0o777 == 0o751
    files.remove(tmp_path / "never there")


def _leave(folder: Path, depth: int) -> None:
    """Folder in folder: deeper than Python recurses, and than a path can be long."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deeper", dir_fd=here)
        below = os.open("deeper", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


@linux
@pytest.mark.tensorflow
@pytest.mark.parametrize("level", ["process", "landlock"])
def test_what_a_submission_leaves_never_ends_the_grading(level: str) -> None:
    levels.needs(level)
    leave = """
import os
for _ in range(3000):
    os.mkdir("deeper")
    os.chdir("deeper")
os.mkdir("closed", 0)
def f(x): return x
"""
    with Workers(level) as workers:
        for _ in range(2):
            shown = workers.run([{"label": "cell 1", "source": leave}], [Task("f", Asked("f"), ((X, 7),))])
            assert not shown.cells and shown.questions["f"].observations[0].outputs
        assert not [path for path in workers._folder.iterdir() if path.name.startswith("autograder-")]
    assert not workers._folder.exists()


# No level is lost in silence


def below_full(monkeypatch: pytest.MonkeyPatch) -> str:
    """Takes the level "full" away; returns the strongest one left."""
    known = isolation.why_not
    monkeypatch.setattr(isolation, "why_not", lambda level: "no [namespaces] here" if level == "full" else known(level))
    return isolation.strongest()


@pytest.mark.tensorflow
def test_the_last_line_and_the_class_page_say_that_a_level_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels.needs("full")
    tiny.write_assignment(tmp_path / "solutions")
    submission = tmp_path / "amy.py"
    submission.write_text("\n".join(tiny.SOLVED))
    out = tmp_path / "out"
    command = [
        "grade",
        str(submission),
        "--solutions",
        str(tmp_path / "solutions"),
        "--assignment",
        tiny.NAME,
        "--out",
        str(out),
    ]
    command += ["--salt", str(tmp_path / "salt"), "--jobs", "1", "--isolation", "process"]

    graded = CliRunner().invoke(main, command)
    assert graded.exit_code == 0 and "isolation" not in graded.output
    assert "isolation level" not in (out / "index.html").read_text(encoding="utf-8")

    level = below_full(monkeypatch)
    for _ in range(2):  # when it is graded, and when nothing has changed
        graded = CliRunner().invoke(main, command)
        assert graded.exit_code == 0, graded.output
        last = " ".join(graded.output[graded.output.rindex("\n!") :].split())
        assert last == f"! Student code ran at the isolation level {level}, not full: no [namespaces] here"
        assert f"isolation level <strong>{level}</strong>, not full" in (out / "index.html").read_text(encoding="utf-8")


def test_the_class_page_names_the_submissions_that_ran_below_full() -> None:
    full, other = (
        tiny.report(submission=name, isolation=level) for name, level in (("amy", "full"), ("bea", "landlock"))
    )
    assert "isolation level" not in html.class_page([full])
    assert "isolation level <strong>landlock</strong>, not full, in 1 of 2 submissions: bea." in html.class_page(
        [full, other]
    )
    assert "isolation level <strong>landlock</strong>, not full, in every submission." in html.class_page([other])
    evil = tiny.report(submission="<b>", isolation="<i>")
    assert "<b>" not in html.class_page([full, evil]) and "<i>" not in html.class_page([full, evil])


# Deadlines

BUSY = """
import time
def f(x):
    start = time.process_time()
    while time.process_time() < start + 0.3: pass
    return x
def g(x): return x
"""


@pytest.mark.tensorflow
def test_a_worker_tells_the_processor_time_of_a_question(workers: Workers) -> None:
    tasks = [Task(name, Asked(name), ((X, 7), (X, 7)), public=1) for name in ("f", "g")]
    shown = workers.run([{"label": "cell 1", "source": BUSY}], tasks)
    assert shown.questions["g"].seconds > 0
    assert shown.questions["f"].seconds >= 0.3


def test_the_audit_says_where_a_slow_machine_could_cost_points(capsys: pytest.CaptureFixture[str]) -> None:
    from autograder.commands.authoring import _show_audit

    enough = audit.QuestionAudit("scale", slowest=(0.5, "by_multiply"), seconds=10)
    close = audit.QuestionAudit("total", slowest=(0.6, "by_rows"), seconds=10)
    none = audit.QuestionAudit("other", seconds=10)
    _show_audit("90_tiny", [enough, close, none])
    said = capsys.readouterr().out
    assert "! total: the right variant by_rows took 0.60 s of 10 s" in " ".join(said.split())
    assert "! scale" not in said and "! other" not in said


# The course


@pytest.mark.tensorflow
@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "solutions").iterdir() if path.is_dir()))
def test_a_solved_assignment_is_right_at_every_level(
    name: str, level: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    levels.needs(level)
    item = assignments.load(ROOT / "solutions" / name)
    cells = [source for kind, source in item.notebook if kind == "code"]
    written = {
        "notebook": tiny.write_notebook(tmp_path / f"{name}.ipynb", cells),
        "script": Path(shutil.copy(item.folder / "notebook.py", tmp_path / f"{name}.py")),
    }
    entries = [Entry(path, name, kind, kind) for kind, path in written.items()]
    graded = classroom.grade_class(
        entries, ROOT / "solutions", tmp_path / "out", salt=tiny.SALT, jobs=1, isolation=level
    )
    scores = {one.entry.submission: (one.report.score, one.report.isolation, one.report.message) for one in graded}
    assert scores == dict.fromkeys(written, (item.max_score, level, ""))

"""Makes this folder an nbgrader course. docs/nbgrader.md says how it is used; delete nothing below without reading it there."""

import os
import sys
from pathlib import Path

# nbgrader starts `alembic`, which lies beside it and is on the PATH only if the environment is activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "other_course"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
# `solutions/` is authored, and no folder of nbgrader's: `autograder export nbgrader` makes `source/` from it.
c.CourseDirectory.release_directory = "assignments"
# c.CourseDirectory.db_url = "postgresql+psycopg://user@host/gradebook"  # instead of gradebook.db

# Submissions are graded in the sandbox; no student kernel starts.
c.Autograde.exporter_class = "autograder.adapters.nbgrader.SubmissionExporter"
c.Autograde.sanitize_preprocessors = [
    "autograder.adapters.nbgrader.RestoreCells",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.adapters.nbgrader.GradeInSandbox",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

"""The published schema is the one the code has."""

import json
from pathlib import Path

from autograder.reports.report import Report

SCHEMA = Path(__file__).parent.parent / "docs" / "report.schema.json"


def test_the_published_schema_is_the_codes() -> None:
    assert json.loads(SCHEMA.read_text()) == Report.model_json_schema()

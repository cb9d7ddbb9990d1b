"""The published schema is the one the code has."""

import json
from pathlib import Path

from autograder.reports.report import Report

SCHEMA = Path(__file__).parent.parent / "docs" / "report.schema.json"


def test_the_published_schema_is_the_codes() -> None:
    published = json.dumps(Report.model_json_schema(), indent=2) + "\n"
    assert SCHEMA.read_text() == published, (
        "write docs/report.schema.json anew from Report.model_json_schema(), indent 2"
    )

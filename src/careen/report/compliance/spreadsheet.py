"""Writer of an assessment's items as CSV, one line for each item of each framework."""

import csv
import io

from careen.formats.csv_text import is_formula
from careen.formats.printable import printable_line
from careen.model.compliance.assessment import Assessment, FrameworkResult, ItemResult
from careen.model.compliance.result import Result
from careen.model.runs.masking import masked

HEAD = (
    *("framework", "content", "item", "title", "severity", "result", "reason", "rest"),
    *("checks", "fix", "controls", "cci", "criteria", "image", "digest", "tool", "assessed"),
)
_LONGEST = 2000  # characters of a cell; a spreadsheet takes 32,767


def to_csv(assessment: Assessment) -> bytes:
    """Return the table. No cell is a formula, whatever an image's names begin with."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for framework in assessment.frameworks:
        for item in framework.items:
            writer.writerow([cell(text) for text in _row(assessment, framework, item)])
    return out.getvalue().encode("utf-8", "replace")


def _row(assessment: Assessment, framework: FrameworkResult, item: ItemResult) -> tuple[str, ...]:
    fixes = ""
    if item.result is Result.FAIL:
        fixes = " ".join(
            each.fix for each in assessment.checks if each.check in item.checks and each.fix
        )
    return (
        *(framework.id, framework.content, item.id, item.title, item.severity.value),
        *(item.result.value, item.reason, item.rest, ", ".join(item.checks), fixes),
        *(", ".join(item.controls), ", ".join(item.cci), ", ".join(item.criteria)),
        *(assessment.subject, assessment.digest, assessment.tool, assessment.ended),
    )


def cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    shown = printable_line(masked(text)[:_LONGEST])
    return f"'{shown}" if is_formula(shown) else shown

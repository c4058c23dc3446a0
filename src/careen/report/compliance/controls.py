"""Writer of a table by control of NIST SP 800-53: which items show something of it, and what."""

import csv
import io
from collections import defaultdict

from careen.model.compliance.assessment import Assessment, FrameworkResult, ItemResult, coverage_of
from careen.report.compliance.spreadsheet import cell

HEAD = (
    *("control", "items", "pass", "fail", "not applicable", "not evaluable", "inherited"),
    *("manual", "passed", "failed", "open", "image", "digest", "tool", "assessed"),
)


def controls_csv(assessment: Assessment) -> bytes:
    """Return the table. A control is never called satisfied: an image shows only a part of it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    found = by_control(assessment)
    for control in sorted(found, key=_order):
        writer.writerow([cell(text) for text in _row(assessment, control, found[control])])
    return out.getvalue().encode("utf-8", "replace")


def by_control(
    assessment: Assessment,
) -> dict[str, list[tuple[FrameworkResult, ItemResult]]]:
    """Return the items of all frameworks by control."""
    found: dict[str, list[tuple[FrameworkResult, ItemResult]]] = defaultdict(list)
    for framework in assessment.frameworks:
        for item in framework.items:
            for control in item.controls:
                found[control].append((framework, item))
    return found


def _row(
    assessment: Assessment, control: str, items: list[tuple[FrameworkResult, ItemResult]]
) -> tuple[str, ...]:
    numbers = coverage_of(item.result for _, item in items)
    names: dict[str, list[str]] = defaultdict(list)
    for framework, item in items:
        word = item.result.value
        names[word if word in ("pass", "fail") else "open"].append(f"{framework.id} {item.id}")
    return (
        *(control, str(numbers.items), str(numbers.passed), str(numbers.failed)),
        *(str(numbers.not_applicable), str(numbers.not_evaluable), str(numbers.inherited)),
        str(numbers.manual),
        *("; ".join(names[word]) for word in ("pass", "fail", "open")),
        *(assessment.subject, assessment.digest, assessment.tool, assessment.ended),
    )


def _order(control: str) -> tuple[str, int, str]:
    family, _, rest = control.partition("-")
    number = "".join(char for char in rest.partition("(")[0] if char in "0123456789")
    return family, int(number[:6] or 0), rest

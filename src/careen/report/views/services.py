"""View of the services of one `careen harden --compose`."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from careen.model.summary import Summary
from careen.report.documents.document import to_json
from careen.report.documents.summary import summary_json
from careen.report.terminal_output.figures import change, size
from careen.report.terminal_output.screen import shown, signs_of
from careen.report.terminal_output.tables import section, table
from careen.report.terminal_output.terminal import final_line, print_summary

FORMAT = "careen-services"
VERSION = 1
Result = tuple[tuple[str, ...], Summary | None, str]
"""Names of services, and their summary or the failure."""


def print_services(console: Console, results: Sequence[Result], file: str) -> None:
    """Print each summary, then a table of all services, then the file that names the images."""
    signs = signs_of(console)
    for _, summary, _ in results:
        if summary is not None:
            print_summary(console, summary)
            console.print()
    rows = [
        (
            shown(", ".join(names), signs),
            size(summary.hardened.size_bytes),
            Text(
                change(
                    summary.original.size_bytes,
                    summary.hardened.size_bytes,
                    minus=signs.minus,
                    unknown=signs.unknown,
                ),
                style="green",
            ),
        )
        for names, summary, _ in results
        if summary is not None
    ]
    if rows:
        section(console, "Services", table(rows, right=(1, 2)))
    for names, summary, failure in results:
        if summary is None:
            console.print(shown(f"{signs.cross} {', '.join(names)}: {failure}", signs))
    if file:
        console.print(f"override  {file}")


def services_lines(results: Sequence[Result]) -> list[str]:
    """Return one line for each result."""
    return [
        f"{', '.join(names)}: {failure if summary is None else final_line(summary)}"
        for names, summary, failure in results
    ]


def services_json(results: Sequence[Result], file: str) -> bytes:
    """Return the results as one document (docs/schema/services-1.schema.json)."""
    return to_json({
        "format": FORMAT,
        "version": VERSION,
        "override": file or None,
        "services": [
            {
                "names": list(names),
                "summary": json.loads(summary_json(summary)) if summary is not None else None,
                "failure": failure or None,
            }
            for names, summary, failure in results
        ],
    })  # fmt: skip

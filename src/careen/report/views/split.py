"""View of the images of `careen harden --split`, and their sizes."""

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
from careen.report.terminal_output.terminal import print_summary

FORMAT = "careen-split"
VERSION = 1


def print_split(console: Console, summaries: Sequence[Summary], together: int) -> None:
    """Print each summary, then a table of the sizes.

    `together` is the size in bytes of one image for all workloads.
    """
    signs = signs_of(console)
    for summary in summaries:
        print_summary(console, summary)
        console.print()
    rows = [
        (
            shown(", ".join(summary.workloads), signs),
            size(summary.hardened.size_bytes),
            _beside(summary, together, signs.minus, signs.unknown),
        )
        for summary in summaries
    ]
    rows.append(("one image for all", size(together), Text("")))
    section(console, "What each costs", table(rows, right=(1, 2)))


def _beside(summary: Summary, together: int, minus: str, unknown: str) -> Text:
    return Text(
        change(together, summary.hardened.size_bytes, minus=minus, unknown=unknown),
        style="green" if summary.hardened.size_bytes < together else "",
    )


def split_json(summaries: Sequence[Summary], together: int) -> bytes:
    """Return the summaries as one document (docs/schema/split-1.schema.json)."""
    return to_json({
        "format": FORMAT,
        "version": VERSION,
        "together_bytes": together,
        "images": [json.loads(summary_json(summary)) for summary in summaries],
    })  # fmt: skip

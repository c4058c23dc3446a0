"""Changelogs of all images in a state directory, one as JSON and one as Markdown for each."""

import json
from pathlib import Path

from careen.model.catalog.refresh import BaseState
from careen.pipeline.refreshing.state import (
    ADVICE,
    SUFFIX,
    event_row,
    key_of,
    read_state,
)
from careen.report.catalog.changelog import changelog_markdown
from careen.report.directory import write_report

FOLDER = "changelog"
FORMAT = "careen.base-changelog"


def states_in(directory: Path) -> tuple[BaseState, ...]:
    """Return the states of all images in a directory, by name. Raises ConfigError."""
    return tuple(read_state(path) for path in sorted(directory.glob(f"*{SUFFIX}")))


def write_changelogs(directory: Path) -> tuple[BaseState, ...]:
    """Write them from the states, and return these. Raises InputError or ConfigError."""
    files: dict[str, bytes] = {}
    states = states_in(directory)
    for state in states:
        key = key_of(state.entry, state.variant)
        document = {
            "format": FORMAT,
            "version": 1,
            "entry": state.entry,
            "variant": state.variant,
            "events": [event_row(each) for each in reversed(state.events)],
        }
        files[f"{key}.json"] = (json.dumps(document, indent=1) + "\n").encode("ascii")
        files[f"{key}.md"] = changelog_markdown(state)
    write_report(directory / FOLDER, files, ADVICE)
    return states

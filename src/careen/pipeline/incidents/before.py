"""What an image's state was before its incident, for a roll-back."""

from pathlib import Path

from careen.pipeline.incidents.state import incident_file
from careen.pipeline.watching.state import MAX_STATE, state_name
from careen.report.directory import clear_report, write_report
from careen.tools.read_file import read_file

_ADVICE = "name another place with --state"


def keep_before(state: Path, identifier: str, key: str) -> None:
    """Keep the state file of an image, unless it was kept already. Raises InputError."""
    kept = _folder(state, identifier) / state_name(key)
    now = state / state_name(key)
    if not kept.exists() and now.is_file():
        write_report(kept.parent, {kept.name: read_file(now, MAX_STATE)}, _ADVICE)


def restore_before(state: Path, identifier: str, key: str) -> None:
    """Make the kept state the current one; without one, forget the image. Raises InputError."""
    kept = _folder(state, identifier) / state_name(key)
    if kept.is_file():
        write_report(state, {kept.name: read_file(kept, MAX_STATE)}, _ADVICE)
    else:
        clear_report(state, (state_name(key),))


def _folder(state: Path, identifier: str) -> Path:
    return incident_file(state, identifier).with_suffix("")

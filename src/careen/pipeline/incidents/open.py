"""Open an incident: fix which images it is about, and in which order."""

from pathlib import Path

from careen.errors import InputError
from careen.model.incident import Incident
from careen.pipeline.incidents.affected import Exposure, in_waves
from careen.pipeline.incidents.state import incident_file, write_incident
from careen.pipeline.watching.lock import only_pass


def open_incident(identifier: str, exposure: Exposure, state: Path, now: str) -> Incident:
    """Write the file of a new incident and return it. Raises InputError if it is open already."""
    file = incident_file(state, identifier)
    with only_pass(file.with_suffix(""), now):
        if file.exists():
            msg = (
                f"incident {identifier} is open already ({file}): work it off with `careen fleet"
                f" incident run {identifier}`, or remove that file to begin again"
            )
            raise InputError(msg)
        unlisted = sorted({each.name for each in exposure.affected if each.watched is None})
        incident = Incident(
            identifier.upper(),
            now,
            in_waves(exposure.affected),
            tuple(unlisted),
            exposure.unanswered,
            exposure.unknown,
        )
        write_incident(state, incident)
    return incident

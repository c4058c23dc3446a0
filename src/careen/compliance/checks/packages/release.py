"""Whether the release of the distribution still gets security updates."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from careen.compliance.check import Check, Decision, failed, not_evaluable, passed
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence

_LIKE_RHEL = frozenset({"rhel", "rocky", "almalinux", "ol"})


@cache
def _table() -> Mapping[str, Any]:
    text = resources.files("careen.compliance").joinpath("data", "releases.toml").read_text("utf-8")
    return tomllib.loads(text)


def _supported(subject: Subject) -> Decision:
    system = subject.inventory.distribution
    if system is None or not system.id:
        return not_evaluable("the image does not say which release it is (os-release)")
    ends = _table().get("rhel" if system.id in _LIKE_RHEL else system.id)
    end = _end(ends, system.version_id) if isinstance(ends, Mapping) else None
    if end is None:
        return not_evaluable(
            f"careen's table of {_table()['dated']} does not have {system.id} {system.version_id}"
        )
    seen = [Evidence(system.path or "/etc/os-release", f"{system.id} {system.version_id}")]
    if end < subject.today:
        return failed(f"{system.id} {system.version_id} gets no updates since {end}", seen)
    return passed(f"{system.id} {system.version_id} gets security updates until {end}", seen)


def _end(ends: Mapping[str, dt.date], version: str) -> dt.date | None:
    """Return the end of the release, by its whole version, its first two parts, or its first."""
    parts = version.split(".")
    names = (version, ".".join(parts[:2]), parts[0])
    return next((ends[name] for name in names if name in ends), None)


CHECKS = (
    Check(
        id="release-supported",
        title="The release of the distribution gets security updates",
        reads="/etc/os-release; careen's table of releases",
        fix="Build on a release that is supported.",
        command="grep -E '^(ID|VERSION_ID)=' etc/os-release",
        decide=_supported,
    ),
)

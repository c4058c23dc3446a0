"""States of a catalog as passes leave them."""

from pathlib import Path

from careen.model.catalog.lock import Lock, LockedPackage, Step
from careen.model.catalog.refresh import (
    ADVISORIES,
    BUILT,
    BaseEvent,
    BaseState,
    OpenFinding,
    PackageStep,
)
from careen.model.failure import Failure
from careen.pipeline.refreshing.state import StateFile

DIGEST = "sha256:" + "ab" * 32
OPEN = OpenFinding("CVE-2026-1111", "libssl3t64", "3.5.9-1", "high", True, "2026-11-20")
NEWER = OpenFinding("CVE-2026-2222", "zlib1g", "1.3", "unknown", False, "2026-12-01")
HOSTILE = OpenFinding('<script src="//x">', "a`b|c", "1\x1b[31m", "low", False, "2026-12-01")


def lock_with(version: str, entry: str = "debian:trixie", *more: str) -> Lock:
    names = ("libssl3t64", *more)
    rows = tuple(LockedPackage(name, "amd64", version, "0" * 64) for name in names)
    return Lock(
        entry,
        "runtime",
        "amd64",
        "2026-12-01T00:00:00Z",
        ("deb https://deb.example.org/debian trixie main",),
        (Step(entry, rows),),
    )


def state_of(entry: str = "debian:trixie", *, hostile: bool = False) -> BaseState:
    """A state of two builds and a day with other findings."""
    found = (NEWER, HOSTILE) if hostile else (NEWER,)
    tags = ("13-20261201", "trixie", "13", "13.4")
    first = BaseEvent(
        "2026-11-20T08:00:00Z", BUILT, DIGEST, ("13-20261120", *tags[1:]), 26_000_000, 40,
        (("high", 1),), 1, (), (), (OPEN,),
    )  # fmt: skip
    noted = BaseEvent(
        "2026-11-30T08:00:00Z", ADVISORIES, DIGEST, (), 26_000_000, 40,
        (("high", 1), ("unknown", len(found))), 1, (), (), found,
    )  # fmt: skip
    last = BaseEvent(
        "2026-12-01T08:00:00Z", BUILT, DIGEST, tags, 25_000_000, 40,
        (("unknown", len(found)),), 0,
        (PackageStep("libssl3t64", "3.5.9-1", "3.5.9-2"), PackageStep("gone", "1", ""),
         PackageStep("fresh", "", "2")),
        (OPEN,), (),
    )  # fmt: skip
    return BaseState(
        entry=entry,
        variant="runtime",
        definition="d",
        judged_by="j",
        digest=DIGEST,
        served=DIGEST,
        names=tuple(f"registry.example/bases/debian:{tag}" for tag in tags),
        lock=lock_with("3.5.9-2", entry),
        findings=found,
        events=(first, noted, last),
        setback=Failure("i", 3, "the test fails", 1, "2026-12-01T09:00:00Z", 1),
    )


def write_states(directory: Path) -> None:
    """Write states of two entries, one with text of an attacker."""
    StateFile(directory, "debian:trixie", "runtime").write(state_of())
    other = "python:3.13-debian-13"
    StateFile(directory, other, "runtime").write(state_of(other, hostile=True))

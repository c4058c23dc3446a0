"""The exact text of an entry in each shape of allow-list, and of what `careen ignore` prints.

A wanted change of a text is made in the file under `tests/golden/lists/` too; the assertion shows
both.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from careen.model.findings.exceptions import (
    EntryVerdict,
    IgnoreProposal,
    IgnorePruning,
    ProposedException,
)
from careen.report.views.ignore import proposal_lines, pruning_line, pruning_lines
from careen.triage.ignore.load import shape_of
from careen.triage.ignore.shape import NewEntry

EXPECTED = Path(__file__).parent / "lists"
FILES = (
    ".careenignore",
    ".trivyignore",
    ".trivyignore.yaml",
    ".grype.yaml",
    "list.yaml",
    "list.json",
)
REASON = (
    "ours: \"behind\" a proxy (executed: mapped by /usr/bin/python3.11 in workload 'serve'; that"
    " program listens on 8000; careen, 2026-11-30)"
)
ENTRIES = tuple(
    NewEntry("CVE-2026-0001", ("GHSA-aaaa-bbbb-cccc",), name, purl, REASON, dt.date(2027, 3, 1))
    for name, purl in (
        ("libssl3", "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64"),
        ("cryptography", "pkg:pypi/cryptography@42.0.0"),
    )
)
PROPOSAL = IgnoreProposal(
    "app:1",
    "",
    "CVE-2026-0001",
    "careen's list",
    ".careenignore",
    tuple(
        ProposedException(one.identifier, one.name, one.purl, one.reason, "2027-03-01")
        for one in ENTRIES
    ),
    "",
    (".careenignore:3",),
    (".careenignore:7",),
)
PRUNING = IgnorePruning(
    "app:1",
    "",
    "careen's list",
    ".careenignore",
    12,
    (EntryVerdict(".careenignore:2", "CVE-2025-1", "torch 2.6.0 is not affected: 2.6.0 is fixed"),),
    (
        EntryVerdict(".careenignore:4", "CVE-2025-2", "due for review since 2026-11-20"),
        EntryVerdict(
            ".careenignore:5", "CVE-2025-3", "not known: the database has no record of it"
        ),
    ),
)
PRINTED: Mapping[str, Callable[[], list[str]]] = {
    "proposed": lambda: proposal_lines(PROPOSAL),
    "written": lambda: proposal_lines(replace(PROPOSAL, written=True)),
    "present": lambda: proposal_lines(replace(PROPOSAL, entries=(), replaced=())),
    "pruning": lambda: pruning_lines(PRUNING),
    "pruned": lambda: pruning_lines(replace(PRUNING, written=True)),
    "nothing": lambda: [pruning_line(replace(PRUNING, removed=()))],
}


@pytest.mark.parametrize("name", FILES)
def test_a_written_list_is_exactly_this(name: str) -> None:
    found = shape_of(name, b"", name).add(b"", ENTRIES, name)
    assert found == (EXPECTED / name.removeprefix(".")).read_bytes()


@pytest.mark.parametrize("name", PRINTED)
def test_the_text_is_exactly_this(name: str) -> None:
    assert "\n".join(PRINTED[name]()) + "\n" == (EXPECTED / f"{name}.txt").read_text()

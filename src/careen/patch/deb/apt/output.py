"""Parsers for apt's output in the C locale: version tables and simulated installations.

Lines in another form are skipped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from careen.patch.credentials import without_credentials

MAX_LINES = 400_000
"""Most lines read from one output; a simulated upgrade of a whole large image has some thousand."""

_PACKAGE = re.compile(r"([A-Za-z0-9][A-Za-z0-9+.:-]*):")
_CANDIDATE = re.compile(r"  Candidate: (\S+)")
_VERSION = re.compile(r" (?:\*\*\*|   ) (\S+)(?: (-?[0-9]{1,9}))?(?: \(phased [0-9]+%\))?")
_ORIGIN = re.compile(r" {8,}-?[0-9]{1,9} (\S+)(?: (\S+))?(?: \S+)*")
_INSTALL = re.compile(
    r"Inst (\S+) (?:\[(\S+)\] )?\(([^\s\[\]()]++) ?+([^\[\]()]*+)\[([^\s\[\]]++)\]\)"
)
_REMOVE = re.compile(r"(?:Remv|Purg) (\S+)(?: \[(\S+)\])?")
_UNMET = re.compile(r"([a-z0-9][a-z0-9+.:-]*) : (\S.*)")
_MORE = re.compile(r" {3,}(?:Depends|PreDepends|Pre-Depends|Breaks|Conflicts): \S.*")
_UNMET_HEAD = "The following packages have unmet dependencies:"
_INDEX_WORDS = 4  # priority, URI, suite with component, and what it is


@dataclass(frozen=True, slots=True)
class Offer:
    """Version in apt's table, with its pin priority and its origins as `URI SUITE/COMPONENT`.

    `origins` is empty for a version that is only installed.
    """

    version: str
    priority: int
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """apt's knowledge of one package: the candidate ("" for none) and versions, newest first."""

    candidate: str
    offers: tuple[Offer, ...]

    def offer(self, version: str) -> Offer | None:
        """Return the entry of a version, or None."""
        return next((offer for offer in self.offers if offer.version == version), None)


@dataclass(frozen=True, slots=True)
class Step:
    """Package that apt would unpack.

    `name` is as apt writes it, with the architecture if that is foreign; `installed` is "" if new.
    """

    name: str
    installed: str
    target: str
    architecture: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """What an installation would do. `problem` is apt's reason to refuse it, "" if none."""

    steps: tuple[Step, ...] = ()
    removed: tuple[str, ...] = ()
    problem: str = ""


def read_policy(output: str) -> Mapping[str, Table]:
    """Parse `apt-cache policy NAME…`; map each name as apt writes it to its table."""
    out: dict[str, Table] = {}
    name, candidate = "", ""
    offers: list[Offer] = []
    for line in output.split("\n", MAX_LINES)[:MAX_LINES]:
        if found := _PACKAGE.fullmatch(line):
            name, candidate, offers = found[1], "", []
            out[name] = Table("", ())
            continue
        if not name:
            continue
        if found := _CANDIDATE.fullmatch(line):
            candidate = "" if found[1] == "(none)" else found[1]
        elif found := _ORIGIN.fullmatch(line):
            if offers and found[2]:
                last = offers.pop()
                offers.append(
                    Offer(
                        last.version,
                        last.priority,
                        (*last.origins, f"{without_credentials(found[1])} {found[2]}"),
                    )
                )
        elif found := _VERSION.fullmatch(line):
            offers.append(Offer(found[1], int(found[2] or 500), ()))
        else:
            continue
        out[name] = Table(candidate, tuple(offers))
    return out


def read_releases(output: str) -> Mapping[str, tuple[str, str]]:
    """Parse `apt-cache policy` without names.

    Maps `URI SUITE/COMPONENT` to origin and codename of its Release file.
    """
    out: dict[str, tuple[str, str]] = {}
    index = ""
    for line in output.split("\n", MAX_LINES)[:MAX_LINES]:
        words = line.split()
        if line.startswith("     release ") and index:
            said = dict(
                word.partition("=")[::2] for word in line[len("     release ") :].split(",")
            )
            out[index] = (said.get("o", ""), said.get("n", ""))
        elif len(words) >= _INDEX_WORDS and re.fullmatch(r"-?[0-9]+", words[0]):
            index = f"{without_credentials(words[1])} {words[2]}"
    return out


def read_simulation(status: int | None, output: str) -> Simulation:
    """Parse the output of `apt-get -s install …`."""
    lines = output.split("\n", MAX_LINES)[:MAX_LINES]
    steps: list[Step] = []
    removed: list[str] = []
    for line in lines:
        if line.startswith("Inst ") and (found := _INSTALL.match(line)):
            steps.append(Step(found[1], found[2] or "", found[3], found[5]))
        elif found := _REMOVE.match(line):
            removed.append(" ".join(filter(None, (found[1], found[2]))))
    return Simulation(tuple(steps), tuple(removed), "" if status == 0 else _problem(lines))


def _problem(lines: list[str]) -> str:
    """Return the unmet dependencies that apt lists, or else its error."""
    unmet: list[str] = []
    within = False
    for line in lines:
        if line.startswith(_UNMET_HEAD):
            within = True
        elif within and (found := _UNMET.fullmatch(line.strip())):
            unmet.append(f"{found[1]}: {found[2]}")
        elif within and unmet and _MORE.fullmatch(line):
            unmet.append(f"{unmet[-1].partition(':')[0]}: {line.strip()}")
        elif line.startswith("E: "):
            within = False
    if unmet:
        return "; ".join(unmet[:3])
    errors = [
        line.strip()
        for i, line in enumerate(lines)
        if line.startswith("E: ")
        or (i and lines[i - 1].startswith("E: ") and line.startswith("   "))
    ]
    return without_credentials(" ".join(errors[:3]).removeprefix("E: ")) or "apt gave no reason"

"""Parsers for the output of rpm, dnf 4 and 5, and microdnf."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.patch.credentials import without_credentials
from careen.patch.distribution.resolving import Step, StepAction

MAX_LINES = 200_000
KEYS = "gpg-pubkey"
_DETAIL = 300
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,254}")
_EVR = re.compile(r"(?:[0-9]{1,10}:)?[A-Za-z0-9._+~^]{1,255}-[A-Za-z0-9._+~^]{1,255}")
_NEVRA = re.compile(
    r"(?P<name>\S+)-(?P<evr>(?:[0-9]+:)?[^\s:-]+-[^\s:-]+)\.(?P<arch>[A-Za-z0-9_]+)"
)
_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<arch>[a-z0-9_]+)\s+(?P<evr>\S+)\s+(?P<repo>\S+)\s+[0-9][0-9.]*\s*(?:[kMGT]?i?B?)?"
)
_MICRO_ROW = re.compile(r"(?P<nevra>\S+)\s+(?P<repo>\S+)\s+[0-9][0-9.]*\s*\S*")
_REPLACING = re.compile(r"replacing\s+(?P<rest>\S.*)")
_SCRIPTLET = re.compile(
    r"(?<![^\s:])[^\s:]*+: %\w+\([^)]{1,300}\) scriptlet failed.*|(?:Non-critical e|E)rror in \S+"
    r" scriptlet.*"
)
_BESIDE = re.compile(r"(?:created|saved) as (/[^\s]{1,1000}\.rpm(?:new|save|orig))")
_CAUSE = re.compile(r"nothing provides|is filtered out by")
_PACKAGE = re.compile(r"\bpackage \S+ ")
_RELATION = re.compile(r"\b(?:requires|conflicts with|obsoletes)\b")
_CAUSES = 2
_NOISE = re.compile(
    r"\(try to add|Last metadata expiration|Updating and loading|Repositories loaded|Unable to"
    r" detect release"
)
_SECTIONS: tuple[tuple[str, StepAction | None], ...] = (
    ("Installing", StepAction.INSTALL),
    ("Upgrading", StepAction.UPGRADE),
    ("Removing", StepAction.REMOVE),
    ("Skipping", None),
    ("Reinstalling", StepAction.OTHER),
    ("Downgrading", StepAction.OTHER),
    ("Obsoleting", StepAction.REMOVE),
    ("Changing", StepAction.OTHER),
    ("Enabling", None),
    ("Transaction Summary", None),
)


@dataclass(frozen=True, slots=True)
class Nevra:
    """Package of an rpm system: name, `[epoch:]version-release` and architecture.

    An epoch of 0 is left out.
    """

    name: str
    evr: str
    arch: str

    @property
    def key(self) -> str:
        return f"{self.name}.{self.arch}"


def is_name(text: str) -> bool:
    """Return whether a text is a safe package name, without special meaning to a shell or dnf."""
    return _NAME.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Return whether a text is a valid `[epoch:]version-release`."""
    return _EVR.fullmatch(text) is not None


def plain(evr: str) -> str:
    """Return a version without an epoch of 0."""
    return evr.removeprefix("0:")


def argument(key: str, evr: str) -> str:
    """Return the argument that selects exactly one package: `name-epoch:version-release.arch`."""
    name, _, arch = key.rpartition(".")
    return f"{name}-{evr if ':' in evr else f'0:{evr}'}.{arch}"


def read_nevra(text: str) -> Nevra | None:
    """Parse `name-[epoch:]version-release.arch`, None for any other text."""
    read = _NEVRA.fullmatch(text.strip())
    return (
        Nevra(read["name"], plain(read["evr"]), read["arch"])
        if read and is_name(read["name"]) and is_version(read["evr"])
        else None
    )


def read_packages(output: str) -> Iterator[tuple[Nevra, str]]:
    """Parse lines of `name|epoch|version|release|arch|more`; yield package and last field.

    Other lines are skipped.
    """
    for line in output.splitlines()[:MAX_LINES]:
        fields = line.strip().split("|")
        if len(fields) != 6:  # noqa: PLR2004 — as asked for
            continue
        name, epoch, version, release, arch, more = fields
        evr = (
            f"{version}-{release}"
            if epoch in ("", "0", "(none)")
            else f"{epoch}:{version}-{release}"
        )
        if is_name(name) and is_version(evr):
            yield Nevra(name, evr, arch), more


def read_steps(output: str, installed: Mapping[str, str]) -> tuple[Step, ...] | None:
    """Parse the table of a transaction, None if the output has none.

    `installed` maps `name.arch` to a version. A package that another obsoletes counts as removed.
    """
    out: list[Step] = []
    doing: StepAction | None = None
    started, held = False, ""
    for line in output.splitlines()[:MAX_LINES]:
        text = line.strip()
        section = next(
            (each for each in _SECTIONS if text.startswith(each[0]) and not line.startswith(" ")),
            None,
        )
        if section is not None:
            doing, held = section[1], ""
            started = started or section[1] is not None
            if text.startswith("Transaction Summary"):
                break
            continue
        if doing is None or not text or not line.startswith(" "):
            continue
        replaced = _REPLACING.fullmatch(text)
        if replaced is not None:
            gone = _replaced(replaced["rest"])
            if gone is None or not out or gone.name != out[-1].name:
                name, evr = (gone.name, gone.evr) if gone else (replaced["rest"][:80], "")
                out.append(Step(StepAction.REMOVE, gone.key if gone else name, name, evr, ""))
            continue
        step = _row(f"{held} {text}".strip(), doing, installed)
        held = "" if step is not None else text  # dnf wraps a row after a long name
        if step is not None:
            out.append(step)
    return tuple(out) if started else None


def _replaced(rest: str) -> Nevra | None:
    """Parse the package that is replaced, None if it cannot be parsed.

    microdnf prints one word (`foo-1.0-1.noarch`), dnf 4 two (`foo.noarch 1.0-1`), dnf 5 more
    (`foo noarch 0:1.0-1 …`).
    """
    words = rest.split()
    match len(words):
        case 1:
            return read_nevra(words[0])
        case 2:
            name, _, arch = words[0].rpartition(".")
            found = Nevra(name, plain(words[1]), arch)
        case _:
            found = Nevra(words[0], plain(words[2]), words[1])
    return found if is_name(found.name) and is_version(found.evr) else None


def _row(text: str, doing: StepAction, installed: Mapping[str, str]) -> Step | None:
    row = _ROW.fullmatch(text)
    if row is not None and is_version(row["evr"]):
        found: Nevra | None = Nevra(row["name"], plain(row["evr"]), row["arch"])
        origin = row["repo"]
    else:
        short = _MICRO_ROW.fullmatch(text)
        found, origin = (
            (read_nevra(short["nevra"]), short["repo"]) if short is not None else (None, "")
        )
    if found is None:
        return None
    if doing is StepAction.REMOVE:
        return Step(doing, found.key, found.name, found.evr, "")
    before = installed.get(found.key, "")
    if not before and doing is StepAction.UPGRADE:  # its architecture changed: noarch became x86_64
        before = next(
            (evr for key, evr in installed.items() if key.rpartition(".")[0] == found.name), ""
        )
    return Step(doing, found.key, found.name, before, found.evr, origin.removeprefix("@"))


def refusal(output: str) -> str:
    """Return the manager's reason for a refusal, on one line.

    Prefers the resolver's statements about packages.
    """
    lines = [
        line.strip(" -")
        for line in output.splitlines()[:MAX_LINES]
        if line.strip() and not _NOISE.search(line)
    ]
    start = next(
        (
            number
            for number, line in enumerate(lines)
            if "Problem" in line or line.startswith(("Error", "error"))
        ),
        0,
    )
    causes = list(
        dict.fromkeys(line.partition("Problem: ")[2] or line for line in lines if _is_cause(line))
    )
    told = causes[:_CAUSES] or [line for line in lines[start:] if line not in ("Error:", "error:")]
    return without_credentials("; ".join(told))[:_DETAIL] or "it gave no reason"


def _is_cause(line: str) -> bool:
    """Return whether a line states a cause."""
    package = _PACKAGE.search(line)
    # A relation only counts after the first package's name.
    related = package is not None and _RELATION.search(line, package.end()) is not None
    return related or _CAUSE.search(line) is not None


def beside(output: str) -> tuple[str, ...]:
    """Return the files that rpm placed next to changed configuration (`.rpmnew`, `.rpmsave`)."""
    return tuple(
        sorted(
            {
                read[1]
                for line in output.splitlines()[:MAX_LINES]
                if (read := _BESIDE.search(line)) is not None
            }
        )
    )


def failed_scriptlets(output: str) -> tuple[str, ...]:
    """Return the lines that report a failed scriptlet; rpm exits with 0 after most of them."""
    return tuple(
        read[0].strip()[:_DETAIL]
        for line in output.splitlines()[:MAX_LINES]
        if (read := _SCRIPTLET.search(line)) is not None
    )

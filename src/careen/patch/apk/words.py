"""Parsers for the output of apk 2 and 3, and for the world file (apk-world(5))."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from careen.patch.credentials import without_credentials
from careen.patch.distribution.resolving import Step, StepAction

MAX_LINES = 200_000
_DETAIL = 300
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,254}")
_VERSION = re.compile(r"[0-9][A-Za-z0-9._~-]{0,254}")
_STEP = re.compile(
    r"\(\s*[0-9]+/[0-9]+\) ([A-Z][a-z]+) ([^\s@]+)(?:@\S+)? \((\S+?)(?: -> (\S+))?\)"
)
_WORLD = re.compile(r"([^<>=~@!\s]+)([<>=~@].*)?")
_DOING: Mapping[str, StepAction] = {
    "Installing": StepAction.INSTALL,
    "Upgrading": StepAction.UPGRADE,
    "Purging": StepAction.REMOVE,
}


@dataclass(frozen=True, slots=True)
class Offered:
    """Version of a package, and the repositories or apk databases that have it.

    Tagged repositories (`@edge`) are left out.
    """

    version: str
    places: tuple[str, ...]


def is_name(text: str) -> bool:
    """Return whether a text is a safe package name, without special meaning on a command line."""
    return _NAME.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Return whether a text is a valid version."""
    return _VERSION.fullmatch(text) is not None


def read_policy(output: str) -> dict[str, tuple[Offered, ...]]:
    """Parse the output of `apk policy`.

    Package names are not indented, versions are indented by two spaces, and places by four or more.
    """
    found: dict[str, list[tuple[str, list[str]]]] = {}
    versions: list[tuple[str, list[str]]] | None = None
    for line in output.splitlines()[:MAX_LINES]:
        text = line.strip()
        if line.endswith(" policy:") and not line.startswith(" "):
            versions = found.setdefault(text.removesuffix(" policy:"), [])
        elif versions is None:
            continue
        elif line.startswith("    ") and versions:
            versions[-1][1].append(text)
        elif line.startswith("  ") and text.endswith(":"):
            versions.append((text[:-1], []))
    return {
        name: tuple(
            Offered(version, kept)
            for version, places in versions
            if is_version(version) and (kept := _untagged(places))
        )
        for name, versions in found.items()
        if is_name(name)
    }


def _untagged(places: list[str]) -> tuple[str, ...]:
    # apk uses a tagged repository only for packages that the world file requests from it.
    return tuple(place for place in places if not place.startswith("@"))


def read_steps(output: str) -> tuple[Step, ...]:
    """Parse the numbered lines that a commit prints, simulated or not."""
    out = []
    for line in output.splitlines()[:MAX_LINES]:
        read = _STEP.fullmatch(line.strip())
        if read is None:
            continue
        verb, name, first, second = read.groups()
        doing = _DOING.get(verb, StepAction.OTHER)
        installed, target = ("", first) if doing is StepAction.INSTALL else (first, second or "")
        out.append(Step(doing, name, name, installed, target))
    return tuple(out)


def refusal(output: str) -> str:
    """Return apk's reason for selecting no packages, on one line.

    For example `strict-1.1-r0 breaks: tight-1.0-r0[strict=1.0-r0]`.
    """
    lines = [
        line.strip()
        for line in output.splitlines()
        if line.strip() and not line.startswith(("WARNING:", "fetch "))
    ]
    start = next(
        (
            number
            for number, line in enumerate(lines)
            if line.endswith("unable to select packages:")
        ),
        None,
    )
    told = lines[start + 1 :] if start is not None else lines
    told = [
        line.removesuffix(":")
        if not line.startswith(("breaks:", "required by:", "satisfies:"))
        else line
        for line in told
        if not line.startswith("satisfies:")
    ]
    return without_credentials(" ".join(told))[:_DETAIL] or "apk gave no reason"


def read_world(text: str) -> dict[str, str]:
    """Return the packages that the world file constrains, with the lines (`foo<2`, `foo@edge`)."""
    pins = {}
    for word in text.split():
        read = _WORLD.fullmatch(word)
        if read is not None and read[2] is not None:
            pins[read[1]] = word
    return pins


def complaints(output: str) -> tuple[str, ...]:
    """Return apk's warnings and errors, such as for sources that do not answer."""
    return tuple(
        line.strip()
        for line in output.splitlines()[:MAX_LINES]
        if line.startswith(("WARNING:", "ERROR:"))
    )

"""Known container escapes that this machine's runtime may have, by its version.

A version is only a hint: distributions backport fixes without a new number. A package changelog
that names a fix decides.
"""

import contextlib
import gzip
import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from careen.engines.client.client import DOCKER, PODMAN
from careen.engines.leftovers import RUNTIME
from careen.tools.process import run

FIXES = Path(__file__).parent.parent / "data" / "runtime_fixes.toml"
DOCUMENTS = Path("/usr/share/doc")
DOCKERS = "docker"
PODMANS = "podman"
_SECONDS = 10.0
_CHANGELOG = 4 * 1024 * 1024
_NUMBER = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:[-~]rc\.?(\d+))?")
_SHOWN = re.compile(r"[\w.+~-]{1,100}")
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_FINAL = 1 << 30

Version = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Fix:
    """Upstream's fix of some CVEs: the first good version of each branch."""

    runtime: str
    cves: tuple[str, ...]
    what: str
    fixed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuntimeReport:
    """A runtime, its owner ("": the embedded engine), its version and the fixes it lacks.

    `open` are fixes that neither the version nor the package's changelog has.
    """

    runtime: str
    of: str
    version: str
    open: tuple[Fix, ...]
    patched: tuple[str, ...]
    """CVEs that the package's changelog names although the version is older than upstream's fix."""


def runtime_reports() -> tuple[RuntimeReport, ...]:
    """Return reports on the embedded engine's runtime, and on the engines' if they differ."""
    own = tuple(map(_report, filter(None, (RUNTIME.path(),))))
    known = {(each.runtime, each.version) for each in own}
    others = [pair for pair in _dockers() if pair not in known]
    return (
        *own,
        *(report(runtime, version, "", DOCKERS) for runtime, version in others),
        *(_report(path, PODMANS) for path in _podmans() if path != RUNTIME.path()),
    )


def _report(path: str, of: str = "") -> RuntimeReport:
    name = Path(path).name
    return report(name, _version_of(path), _changelog(name, Path(path)), of)


def _podmans() -> list[str]:
    """Return the path of podman's default runtime, empty if it is unknown or another program."""
    program = PODMAN.program.path()
    if program is None:
        return []
    done = run((program, "info", "--format", "{{.Host.OCIRuntime.Path}}"), timeout=_SECONDS)
    path = done.text.strip()
    return [path] if path.startswith("/") and Path(path).name in RUNTIME.names else []


def _dockers() -> list[tuple[str, str]]:
    """Return names and versions of the daemon's runtimes, empty if it does not report them."""
    program = DOCKER.program.path()
    if program is None:
        return []
    words = (program, "version", "--format", "{{json .Server.Components}}")
    done = run(words, timeout=_SECONDS)
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        found = [(str(item["Name"]), str(item["Version"])) for item in json.loads(done.stdout)]
        return [pair for pair in found if pair[0] in RUNTIME.names and _SHOWN.fullmatch(pair[1])]
    return []


def report(runtime: str, version: str, changelog: str, of: str = "") -> RuntimeReport:
    """Compare a version ("" if unknown) with upstream's fixes and the package's changelog."""
    named = set(_CVE.findall(changelog))
    older = [fix for fix in fixes() if fix.runtime == runtime and not has_fix(version, fix.fixed)]
    left = ((fix, tuple(cve for cve in fix.cves if cve not in named)) for fix in older)
    return RuntimeReport(
        runtime,
        of,
        version,
        tuple(Fix(runtime, cves, fix.what, fix.fixed) for fix, cves in left if cves),
        tuple(cve for fix in older for cve in fix.cves if cve in named),
    )


@cache
def fixes() -> tuple[Fix, ...]:
    """Return the known fixes."""
    document: dict[str, Any] = tomllib.loads(FIXES.read_text(encoding="utf-8"))
    return tuple(
        Fix(item["runtime"], tuple(item["cves"]), item["what"], tuple(item["fixed"]))
        for item in document["fix"]
    )


def has_fix(version: str, fixed: Sequence[str]) -> bool:
    """Return whether a version has a fix; `fixed` has one version for each upstream branch."""
    mine = _order(version)
    if mine is None:
        return False
    goods = sorted(filter(None, map(_order, fixed)))
    same = [good for good in goods if good[:2] == mine[:2]]
    return mine >= same[0] if same else mine > goods[-1]


def lowest_fixed_versions(found: Iterable[Fix]) -> str:
    """Return the lowest version of each branch that has all the fixes, as one text."""
    branches: dict[tuple[int, int], tuple[Version, str]] = {}
    items = tuple(found)
    for text in (text for fix in items for text in fix.fixed):
        order = _order(text)
        if order is not None and all(has_fix(text, fix.fixed) for fix in items):
            branches[order[:2]] = max(branches.get(order[:2], (order, text)), (order, text))
    return ", ".join(text for _, text in sorted(branches.values()))


def _order(version: str) -> Version | None:
    found = _NUMBER.match(version)
    if found is None:
        return None
    major, minor, patch, candidate = found.groups()
    return int(major), int(minor), int(patch or 0), int(candidate) if candidate else _FINAL


def _version_of(path: str) -> str:
    """Return the word after `version` in the program's first line, or ""."""
    done = run((path, "--version"), timeout=_SECONDS)
    first = done.text.partition("\n")[0] if done.status == 0 else ""
    found = _SHOWN.search(first.partition("version")[2])
    return found[0] if found else ""


def _changelog(name: str, path: Path) -> str:
    """Return the changelog of the Debian package, or "" for a program from elsewhere."""
    if not {Path("/usr/bin"), Path("/usr/sbin")}.intersection((path.parent, path.resolve().parent)):
        return ""
    with (
        contextlib.suppress(OSError, EOFError),
        gzip.open(DOCUMENTS / name / "changelog.Debian.gz") as stream,
    ):
        return stream.read(_CHANGELOG).decode("utf-8", "replace")
    return ""

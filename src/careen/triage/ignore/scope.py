"""Conditions that Trivy's and Grype's entries put on the package of a finding."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache

from careen.errors import InputError
from careen.model.findings.advisory import VendorStatus
from careen.model.findings.finding import Finding
from careen.model.packages.package import Package
from careen.model.packages.purls import matches, read_purl
from careen.model.paths import ROOT
from careen.model.runs.linear_pattern import LinearPattern, linear_pattern

_SPECIAL = re.compile(r"[\^$*+?\[\](){}|\\]")  # what makes Grype take a name for an expression


@dataclass(frozen=True, slots=True)
class Scope:
    """What a finding must meet; empty fields are no condition.

    `purls`: any of these, without a version for all versions. `paths`: any of these globs matches
    the package's record or file. `name` and `source`: Grype's expressions. `version`: exactly.
    `kinds`: purl types. `fix`: Grype's state of the fix.
    """

    purls: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    name: str = ""
    source: str = ""
    version: str = ""
    kinds: tuple[str, ...] = ()
    fix: str = ""

    @property
    def words(self) -> str:
        """The conditions in words: `name torch, version 2.5.1`."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return ", ".join(
            f"{name} {' or '.join(value) if isinstance(value, tuple) else value}"
            for name, value in values
            if value
        )

    def holds(self, finding: Finding, package: Package | None) -> bool:
        """Return whether a finding meets all conditions; `package` is what it is about."""
        return all(self._each(finding, package))

    def _each(self, finding: Finding, package: Package | None) -> Iterator[bool]:
        read = read_purl(finding.package)
        if self.purls:
            stated = filter(None, map(read_purl, self.purls))
            yield read is not None and any(matches(one, read) for one in stated)
        if self.paths:
            yield package is not None and any(
                _glob(glob).search(path) is not None
                for glob in self.paths
                for path in _places(package, absolute=glob.startswith("/"))
            )
        if self.name:
            names = {finding.name, *(() if read is None else (read.name,))}
            yield any(_is_named(self.name, name) for name in names)
        if self.source:
            yield package is not None and _is_named(self.source, package.source)
        if self.version:
            yield finding.version == self.version
        if self.kinds:
            yield read is not None and read.type in self.kinds
        if self.fix:
            yield self.fix == _fix_state(finding)


def _places(package: Package, *, absolute: bool) -> Iterator[str]:
    """Yield where scanners say that a package is: its record, or the file that contains it."""
    for path in (package.record, *package.metadata[:50], *package.files[:1]):
        if path != ROOT:
            yield path if absolute else path.removeprefix("/")


def _is_named(wanted: str, name: str) -> bool:
    if _SPECIAL.search(wanted) is None:
        return wanted == name
    return linear(f"^(?:{wanted})$").search(name) is not None


def _fix_state(finding: Finding) -> str:
    if finding.fixable:
        return "fixed"
    if finding.status is VendorStatus.WONT_FIX:
        return "wont-fix"
    return "unknown" if finding.status is VendorStatus.UNDETERMINED else "not-fixed"


@lru_cache(4096)
def linear(text: str) -> LinearPattern:
    """Return a compiled expression that matches in linear time. Raises InputError."""
    return linear_pattern(text)


def _glob(glob: str) -> LinearPattern:
    return linear(path_pattern(glob))


def path_pattern(glob: str) -> str:
    """Return the expression for a path glob as Trivy and Grype read it.

    `*` and `?` stay inside one component, `**` is any number of components, `{a,b}` are
    alternatives, `[abc]` is one character.
    """
    out: list[str] = []
    at, open_braces = 0, 0
    while at < len(glob):
        char = glob[at]
        at += 1
        if glob.startswith("**/", at - 1):
            out.append("(?:[^/]*/)*")
            at += 2
        elif glob.startswith("**", at - 1):
            out.append(".*")
            at += 1
        elif char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and (end := glob.find("]", at + 1)) > 0:
            inner = glob[at:end]
            negated = inner[:1] in ("!", "^")
            escaped = re.sub(r"([\\\[^])", r"\\\1", inner[negated:])
            out.append(f"[{'^' if negated else ''}{escaped}]")
            at = end + 1
        elif char == "{":
            out.append("(?:")
            open_braces += 1
        elif char == "}" and open_braces:
            out.append(")")
            open_braces -= 1
        elif char == "," and open_braces:
            out.append("|")
        elif char == "\\" and at < len(glob):
            out.append(re.escape(glob[at]))
            at += 1
        else:
            out.append(re.escape(char))
    return f"(?s)^(?:{''.join(out)})$"


def check_scope(scope: Scope, longest: int) -> str:
    """Return why a scope cannot be matched, or ""."""
    for text in (*scope.purls, *scope.paths, scope.name, scope.source, scope.version):
        if len(text) > longest:
            return f"a condition has at most {longest} characters, got {text[:80]!r}"
    for purl in scope.purls:
        if read_purl(purl) is None:
            return f"not a purl: {purl[:80]!r}"
    try:
        for glob in scope.paths:
            _glob(glob)
        for name in (scope.name, scope.source):
            _is_named(name, "")
    except InputError as error:
        return str(error)
    return ""

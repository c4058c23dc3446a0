"""VEX statements about a hardened image, by the rule of docs/vex.md.

Only verified facts are stated. Absence is verified by files, not by package databases: a finding
whose record is gone but whose files remain is still a finding. That no execution was observed is no
proof; it is stated as `under_investigation` with a note.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from careen.evidence.vex.purls import scanner_purls
from careen.evidence.vex.subject import Scan, VexSubject
from careen.model.findings.advisory import ImportedCode, VendorStatus
from careen.model.findings.finding import Finding
from careen.model.findings.triage import ObservedBy, Tier, Triaged
from careen.model.findings.vex import Justification, VexProduct, VexStatement, VexStatus
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ImagePath

CodeFiles = Callable[[Package, tuple[ImportedCode, ...]], Collection[ImagePath]]
"""Return the files of a package with the code that an advisory names.

Returns all of them, or none if any part of that code was not found.
"""

Lacking = Callable[[Package, Finding], str]
"""Return why the hardened image lacks the code of a finding of an embedded part, or ""."""

_EXAMPLES = 3
_OPEN = (VexStatus.AFFECTED, VexStatus.UNDER_INVESTIGATION)  # nothing is left to ask of the others


@dataclass(frozen=True, slots=True)
class Hardening:
    """Facts read back from a hardened image.

    `kept` are all paths of the hardened image; `after` are its findings. `observed` describes the
    runs behind the original's tiers, None without observation. `code_files` finds code that an
    advisory names; `lacking` tells a part of a distribution from all of it.
    """

    original: Inventory
    hardened: Inventory
    kept: Collection[ImagePath]
    after: Collection[Finding]
    observed: ObservedBy | None = None
    code_files: CodeFiles = field(default=lambda _package, _code: ())
    lacking: Lacking = field(default=lambda _package, _finding: "")


@dataclass(frozen=True, slots=True)
class _Verdict:
    status: VexStatus
    justification: Justification | None
    note: str
    action: str
    package: Package


def statements(
    before: Iterable[Triaged], hardening: Hardening, subject: VexSubject, scan: Scan = Scan.REGISTRY
) -> tuple[VexStatement, ...]:
    """Return one statement for each finding of the original image, in the order of `before`.

    Each is about one package in the hardened image `subject`. Findings that the vendor calls not
    affected are omitted, and those of packages that the original's inventory lacks.
    """
    facts = _Facts(hardening)
    out = []
    for triaged in before:
        package = hardening.original.packages.get(triaged.finding.package)
        if package is None or triaged.finding.status is VendorStatus.NOT_AFFECTED:
            continue
        verdict = facts.verdict(triaged, package)
        finding = triaged.finding
        out.append(
            VexStatement(
                vulnerability=finding.id,
                status=verdict.status,
                products=tuple(_products(verdict.package, facts, subject, scan)),
                aliases=finding.aliases,
                justification=verdict.justification,
                note=verdict.note,
                action=verdict.action,
                questions=triaged.questions if verdict.status in _OPEN else None,
            )
        )
    return tuple(out)


def _products(
    package: Package, facts: "_Facts", subject: VexSubject, scan: Scan
) -> Iterator[VexProduct]:
    purls = scanner_purls(package, facts.alike(package))
    for identifier in subject.product_ids(scan):
        yield VexProduct(identifier, purls)
    if scan is Scan.LOCAL:
        yield from (VexProduct(purl) for purl in purls)


class _Facts:
    """Facts of both images that the rule depends on."""

    def __init__(self, hardening: Hardening) -> None:
        self._hardening = hardening
        self._kept = (
            hardening.kept
            if isinstance(hardening.kept, set | frozenset | dict)
            else frozenset(hardening.kept)
        )
        self._after = {
            (finding.package, name): finding
            for finding in hardening.after
            for name in finding.identifiers
        }
        self._named: dict[tuple[str, str, str], list[Package]] = {}
        self._now: dict[tuple[str, str, str], list[Package]] = {}
        for inventory, by_name in (
            (hardening.original, self._named),
            (hardening.hardened, self._now),
        ):
            for package in inventory.packages.values():
                by_name.setdefault(_key(package), []).append(package)
                if package.architecture:
                    by_name.setdefault((package.ecosystem.value, package.name, ""), []).append(
                        package
                    )

    def alike(self, package: Package) -> tuple[Package, ...]:
        """Return the packages of either image with the same ecosystem and name."""
        key = (package.ecosystem.value, package.name, "")
        return tuple(
            {
                other.purl: other
                for by_name in (self._named, self._now)
                for other in by_name.get(key, ())
            }.values()
        )

    def verdict(self, triaged: Triaged, package: Package) -> _Verdict:
        """Apply the rule: upgraded, removed, vulnerable code not there, else as observed."""
        finding = triaged.finding
        new = self._upgraded(package)
        if new is not None and not self._left(package, new):
            return self._upgrade(triaged, package, new)
        gone = self._gone(finding, package)
        if gone is None:
            return self._observed(triaged, package)
        staying = [each for each in self._copies(package) if self._gone(finding, each) is None]
        if not staying:
            return gone
        note = (
            f"{gone.note}; but another {package.name} {package.version} is in this image"
            f" ({staying[0].record}), which scanners know by the same name"
        )
        return _Verdict(VexStatus.UNDER_INVESTIGATION, None, note, "", package)

    def _gone(self, finding: Finding, package: Package) -> _Verdict | None:
        """Return what is stated of a package that is gone, or whose vulnerable code is, or None."""
        code, left = _code(package), self._left(package, None)
        if code and not left:
            aside = (
                " but its record and licences"
                if any(path in self._kept for path in package.files)
                else ""
            )
            files = "the only file" if len(code) == 1 else f"all {len(code)} files"
            are = "is" if len(code) == 1 else "are"
            note = (
                f"{files} of {package.name} {package.version}{aside} {are} removed from this image"
                f"{_examples(code)}"
            )
            return _absent(Justification.COMPONENT_NOT_PRESENT, note, package)
        if why := self._hardening.lacking(package, finding):
            return _absent(Justification.VULNERABLE_CODE_NOT_PRESENT, why, package)
        if finding.code:
            named = tuple(self._hardening.code_files(package, finding.code))
            if named and not any(path in self._kept for path in named):
                note = (
                    f"the vulnerable code that the advisory names ({_modules(finding.code)}) is"
                    f" removed from this image{_examples(named)}"
                )
                return _absent(Justification.VULNERABLE_CODE_NOT_PRESENT, note, package)
        return None

    def _copies(self, package: Package) -> Iterator[Package]:
        """Yield the hardened image's other packages that scanners know by the same name."""
        alike = self.alike(package)
        mine = set(scanner_purls(package, alike))
        for other in self._now.get((package.ecosystem.value, package.name, ""), ()):
            if other.purl != package.purl and not mine.isdisjoint(scanner_purls(other, alike)):
                yield self._hardening.original.packages.get(other.purl, other)

    def _left(self, package: Package, new: Package | None) -> Collection[ImagePath]:
        """Return the package's code that is still there.

        Files listed by either image's inventory count, except those of `new`.
        """
        theirs = frozenset(new.files) if new is not None else frozenset[ImagePath]()
        again = self._hardening.hardened.packages.get(package.purl)
        listed = (*_code(package), *(_code(again) if again is not None else ()))
        return [path for path in listed if path in self._kept and path not in theirs]

    def _upgraded(self, package: Package) -> Package | None:
        """Return the package that replaced this one, or None.

        It has the same name and architecture and another version, and is new in this image, while
        the old one is gone. Of several candidates, only one with the same record counts.
        """
        if package.purl in self._hardening.hardened.packages:
            return None
        new = [
            other
            for other in self._now.get(_key(package), ())
            if other.purl not in self._hardening.original.packages
        ]
        # npm may hold many versions of one name.
        same = [other for other in new if other.record == package.record] if len(new) > 1 else new
        return same[0] if len(same) == 1 else None

    def _upgrade(self, triaged: Triaged, old: Package, new: Package) -> _Verdict:
        still = next(
            (
                self._after[new.purl, name]
                for name in triaged.finding.identifiers
                if (new.purl, name) in self._after
            ),
            None,
        )
        if still is not None:
            return self._observed(replace(triaged, finding=still), new)
        note = (
            f"upgraded from {old.version} to {new.version}; the version was read back from"
            f" {new.record}, and no advisory matches it"
        )
        return _Verdict(VexStatus.FIXED, None, note, "", new)

    def _observed(self, triaged: Triaged, package: Package) -> _Verdict:
        finding = triaged.finding
        note = "; ".join(
            part for part in (_tier_words(triaged), _observation(self._hardening.observed)) if part
        )
        if triaged.tier is Tier.EXECUTED and finding.status is not VendorStatus.UNDETERMINED:
            return _Verdict(VexStatus.AFFECTED, None, note, _action(finding), package)
        return _Verdict(VexStatus.UNDER_INVESTIGATION, None, note, "", package)


def _absent(justification: Justification, note: str, package: Package) -> _Verdict:
    return _Verdict(VexStatus.NOT_AFFECTED, justification, note, "", package)


def _key(package: Package) -> tuple[str, str, str]:
    return package.ecosystem.value, package.name, package.architecture


def _code(package: Package) -> tuple[ImagePath, ...]:
    """Return a package's files without its record, metadata and licences."""
    # These stay when the rest is removed. The record of a jar is its code, and so are the record
    # and metadata of an embedded package: a wheel in another package's files, a module.
    telling = {*package.licences}
    if package.presence is not Presence.EMBEDDED:
        telling |= {*package.metadata}
        if package.ecosystem is not Ecosystem.MAVEN:
            telling.add(package.record)
    return tuple(path for path in package.files if path not in telling)


def _examples(paths: Collection[ImagePath]) -> str:
    shown = ", ".join(sorted(paths)[:_EXAMPLES])
    return f": {shown}" + (f" and {len(paths) - _EXAMPLES} more" if len(paths) > _EXAMPLES else "")


def _modules(code: tuple[ImportedCode, ...]) -> str:
    return ", ".join(one.path for one in code[:_EXAMPLES]) + (
        " and more" if len(code) > _EXAMPLES else ""
    )


_TIER: Mapping[Tier, str] = {
    Tier.EXECUTED: "its code was executed",
    Tier.LOADED: "its code was loaded into a process; nothing shows that it ran",
    Tier.OPENED: "its files were opened, by nothing that runs them",
    Tier.LOOKED_UP: "no code of it was opened",
    Tier.PRESENT: "it was not seen to be used, which does not show that it cannot be",
    Tier.REMOVED: "it was called removed, but files of it are in this image",
    Tier.NOT_PROFILED: "its use was not observed",
}


def _tier_words(triaged: Triaged) -> str:
    words = _TIER[triaged.tier]
    witness = triaged.witnesses[0] if triaged.witnesses else None
    if witness is None:
        return words
    by = f" by {witness.executable}" if witness.executable else ""
    checked = " in the image's health check only" if triaged.health_check_only else ""
    return f"{words}: {witness.path} was {witness.use}{by}{checked}"


def _observation(observed: ObservedBy | None) -> str:
    if observed is None:
        return ""
    names = ", ".join(repr(name) for name in observed.workloads[:8]) or "none"
    whose = "" if observed.exact else ", on another image"
    seen = (
        "0 events lost"
        if observed.completeness.complete
        else f"incomplete: {observed.completeness.sentence()}"
    )
    return f"observed in workloads {names} for {observed.seconds:.0f} s, {seen}{whose}"


def _action(finding: Finding) -> str:
    if finding.fixed:
        return (
            f"update {finding.name} from {finding.version} to {finding.fixed[0]} or a later fixed"
            " version"
        )
    match finding.status:
        case VendorStatus.WONT_FIX | VendorStatus.END_OF_LIFE:
            return (
                f"no fix will come ({finding.status.value}): replace {finding.name}, or keep what"
                " reaches it from untrusted input"
            )
        case _:
            return f"no fixed version of {finding.name} is known yet: follow the advisory"

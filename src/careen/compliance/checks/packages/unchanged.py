"""Whether files are as their packages delivered them."""

from dataclasses import dataclass, field

from careen.compliance.check import SHOWN, Check, Decision, not_evaluable, passed
from careen.compliance.recorded import (
    configuration_files,
    digest_of,
    protected_by_apk,
    recorded_digests,
)
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence, Result
from careen.model.packages.file_digest import FileDigest
from careen.model.packages.package import Ecosystem, Presence
from careen.model.paths import ImagePath

_BYTES = 32 << 30  # bytes that are hashed; a file that is listed many times counts once
_NAMED = 3  # files that a reason names
# rpm's reader yields what its database leaves without a digest; dpkg and apk just do not list it.
_LISTING = frozenset({Ecosystem.DEB, Ecosystem.APK})


@dataclass(slots=True)
class _Seen:
    """What was compared. `left` are the bytes that may still be hashed, -1 if too few."""

    left: int = _BYTES
    digests: dict[tuple[int, str], str] = field(default_factory=dict)  # by inode and algorithm
    covered: set[ImagePath] = field(default_factory=set)
    without: dict[str, None] = field(default_factory=dict)  # paths that have no usable digest
    changed: dict[str, str] = field(default_factory=dict)  # the first SHOWN
    found: int = 0

    def compare(self, subject: Subject, each: FileDigest) -> None:
        """Compare a file with its digest, as long as bytes are left."""
        if not each.digest:
            self.without[str(each.path)] = None
            return
        actual = self._actual(subject, each)
        self.covered.add(each.path)
        if actual and actual != each.digest:
            self.found += 1
            if len(self.changed) < SHOWN:
                told = f"{each.algorithm} {actual}, its package says {each.digest}"
                self.changed[str(each.path)] = told

    def _actual(self, subject: Subject, each: FileDigest) -> str:
        entry = subject.rootfs[each.path]
        key = entry.inode, each.algorithm
        if key not in self.digests:
            self.left = self.left - entry.size if self.left >= entry.size else -1
            self.digests[key] = digest_of(subject, each) if self.left >= 0 else ""
        return self.digests[key]


def _unchanged(subject: Subject) -> Decision:
    seen, own = _Seen(_BYTES), protected_by_apk(subject)
    for each in recorded_digests(subject):
        if each.path in own:
            continue
        seen.compare(subject, each)
        if seen.left < 0:
            break
    if seen.found:
        reason = f"{seen.found} of {len(seen.covered)} files are not as their packages delivered"
        shown = tuple(Evidence(path, told) for path, told in seen.changed.items())
        return Decision(Result.FAIL, f"{reason} them", shown, seen.found)
    if seen.left < 0:
        return not_evaluable(f"the packages have more than {_BYTES} bytes of files")
    if not seen.covered and not seen.without:
        return not_evaluable("no package database of the image has digests that careen reads")
    _add_unlisted(subject, seen)
    if seen.without:
        named = ", ".join(list(seen.without)[:_NAMED])
        return not_evaluable(
            f"{len(seen.without)} files of packages have no digest that careen reads: {named}"
            f"{', …' if len(seen.without) > _NAMED else ''}; {len(seen.covered)} others are as"
            " delivered"
        )
    return passed(f"all {len(seen.covered)} files are as their packages delivered them")


def _add_unlisted(subject: Subject, seen: _Seen) -> None:
    """Add the files of packages whose list of digests does not have them.

    Configuration files have none by design, and byte code is written by the interpreter.
    """
    passed_over = configuration_files(subject) | protected_by_apk(subject)
    for package in subject.inventory.packages.values():
        if package.ecosystem not in _LISTING or package.presence is not Presence.INSTALLED:
            continue
        for path in package.files:
            if path in seen.covered or path in passed_over or path.endswith((".pyc", ".pyo")):
                continue
            if subject.rootfs[path].is_file:
                seen.without[str(path)] = None


CHECKS = (
    Check(
        id="package-files-unchanged",
        title="Files of packages are as the packages delivered them",
        reads="digests that dpkg, apk and rpm record; contents of these files",
        fix="Install the package again, or remove the change.",
        command="(cd ROOT; cat var/lib/dpkg/info/*.md5sums | md5sum --quiet -c)",
        decide=_unchanged,
    ),
)

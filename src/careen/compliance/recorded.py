"""The digests of files as package databases record them: dpkg's md5sums, apk's, rpm's."""

import base64
import hashlib
import re
from collections.abc import Iterator

from careen.compliance.subject import Subject
from careen.model.packages.file_digest import FileDigest
from careen.model.packages.package import Ecosystem
from careen.model.paths import ROOT, ImagePath
from careen.oci.tree.rootfs import Rootfs

_SUMS = re.compile(r"^([0-9a-f]{32})  (\S.{0,4094})$")
_APK = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
_SHA1 = "Q1"  # apk's mark of a SHA-1 in base64
_LIMIT = 64 << 20  # bytes of one list
_CHUNK = 1 << 20


def recorded_digests(subject: Subject) -> Iterator[FileDigest]:
    """Yield the files that exist and have a recorded digest. Raises ImageError.

    One without a digest is what rpm's database should have one for: a file, or a damaged record.
    """
    yield from _dpkg(subject)
    yield from _apk(subject)
    yield from subject.recorded()


def digest_of(subject: Subject, recorded: FileDigest) -> str:
    """Return the digest of the content that is there, by the same algorithm (hex)."""
    return digest_in(subject.rootfs, recorded)


def digest_in(rootfs: Rootfs, recorded: FileDigest) -> str:
    """Return the digest of a file's content, by the algorithm of the recorded one (hex).

    That of a link is of where it leads to, as apk records it.
    """
    # Neither database has a better digest; they show accidents, not attacks on the list itself.
    hasher = hashlib.new(recorded.algorithm, usedforsecurity=False)
    entry = rootfs[recorded.path]
    if entry.is_symlink:
        hasher.update(entry.target.encode("utf-8", "surrogateescape"))
        return hasher.hexdigest()
    with rootfs.open(recorded.path) as stream:
        while chunk := stream.read(_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def configuration_files(subject: Subject) -> frozenset[ImagePath]:
    """Return the files that dpkg leaves to the administrator, and records no digest of."""
    lists = sorted(_metadata(subject, ".conffiles"))
    return frozenset(
        subject.rootfs.walk(line.split()[0], ROOT).end
        for path in lists
        for line in _text(subject, path).splitlines()
        if line.startswith("/")
    )


def protected_by_apk(subject: Subject) -> frozenset[ImagePath]:
    """Return the files that apk leaves to the administrator, though it has their digests.

    They are those below /etc but for services (apk-tools: the paths that it protects by itself).
    """
    return frozenset(
        path
        for package in subject.inventory.packages.values()
        if package.ecosystem is Ecosystem.APK
        for path in package.files
        if path.startswith("/etc/") and not path.startswith("/etc/init.d/")
    )


def _metadata(subject: Subject, suffix: str) -> set[ImagePath]:
    return {
        path
        for package in subject.inventory.packages.values()
        if package.ecosystem is Ecosystem.DEB
        for path in package.metadata
        if path.endswith(suffix)
    }


def _dpkg(subject: Subject) -> Iterator[FileDigest]:
    for path in sorted(_metadata(subject, ".md5sums")):
        for line in _text(subject, path).splitlines():
            match = _SUMS.match(line)
            entry = subject.rootfs.walk(match[2], ROOT).final if match else None
            if match and entry is not None and entry.is_file:
                yield FileDigest(entry.path, "md5", match[1])


def _apk(subject: Subject) -> Iterator[FileDigest]:
    path = next((each for each in _APK if subject.rootfs.walk(each).final is not None), "")
    folder = name = ""
    for line in _text(subject, path).splitlines() if path else ():
        key, value = line[:2], line[2:]
        if key == "F:":
            folder, name = value, ""
        elif key == "R:":
            name = f"/{folder}/{value}"
        elif key == "Z:" and name:
            entry, digest = subject.rootfs.walk(name, follow=False).final, _sha1(value)
            if digest and entry is not None and (entry.is_file or entry.is_symlink):
                yield FileDigest(entry.path, "sha1", digest)


def _sha1(text: str) -> str:
    if not text.startswith(_SHA1):
        return ""
    try:
        return base64.b64decode(text[len(_SHA1) :], validate=True).hex()
    except ValueError:  # also for a text that is not ASCII
        return ""


def _text(subject: Subject, path: str) -> str:
    entry = subject.rootfs.walk(path).final
    if entry is None or not entry.is_file:
        return ""
    return subject.rootfs.read(entry.path, _LIMIT).decode("utf-8", "surrogateescape")

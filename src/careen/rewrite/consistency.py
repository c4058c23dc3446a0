"""Check that the package databases match the files of an image.

Corresponds to `dpkg -V`, `dpkg --audit`, `apk audit` and importlib.metadata.
"""

import base64
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from careen.errors import ImageError
from careen.formats.dpkg_status import MAX_STATUS, split_status
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ROOT, ImagePath, name, parent
from careen.oci.tree.real_paths import RealPaths
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.apk_installed import MAX_INSTALLED, listed
from careen.rewrite.databases import STATUS
from careen.rewrite.dpkg_diversions import name_on_disk, read_diversions
from careen.rewrite.dpkg_info import INFO, MAX_INFO, MD5_LINE, STATUS_D, absolute, info_files
from careen.rewrite.lines import decode, split_lines
from careen.rewrite.python_records import MAX_RECORD, record_hash, record_rows

MAX_BREACHES = 1000
_CHUNK = 1 << 20
_SHA1_BYTES = 20
_RECORD_HASH = re.compile(r"(sha256|sha384|sha512)=[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class _Claim:
    """Path that a database lists; `digest` (`algorithm=…`, MD5 in hex) and `size` may be ""."""

    database: ImagePath
    text: str
    path: ImagePath | None
    digest: str = ""
    size: str = ""


def check_databases(
    rootfs: Rootfs, inventory: Inventory, original: Rootfs | None = None
) -> tuple[str, ...]:
    """Return a sentence for each missing path, wrong checksum, and package without its lists.

    With `original`, breaches that the original image also has are left out. At most 1000 are
    returned, then one that counts the rest.
    """
    apks = sorted(
        {
            package.record
            for package in inventory.packages.values()
            if package.ecosystem is Ecosystem.APK
        }
    )
    found = [*_audit(rootfs, inventory), *_claims_broken(rootfs, apks)]
    # Images are built without documentation and with changed configuration.
    if original is not None and found:
        # Only the broken claims are checked again, so most of the original is not read.
        suspects = frozenset(key for key, _ in found)
        known = {
            (key, text)
            for key, text in [*_audit(original, None), *_claims_broken(original, apks, suspects)]
        }
        found = [item for item in found if item not in known]
    texts = [text for _, text in found]
    return (
        tuple(texts)
        if len(texts) <= MAX_BREACHES
        else (*texts[:MAX_BREACHES], f"… and {len(texts) - MAX_BREACHES} more")
    )


_Key = tuple[ImagePath, str]


def _audit(rootfs: Rootfs, inventory: Inventory | None) -> Iterator[tuple[_Key, str]]:
    """Yield installed packages without file lists, and packages whose record is missing."""
    entry = rootfs.get(STATUS)
    if entry is not None and entry.is_file:
        try:
            parts = split_status(rootfs.read(STATUS, MAX_STATUS), STATUS)
        except ImageError as error:
            parts = ()
            yield (STATUS, ""), str(error)
        for part in parts:
            if part.get("status").endswith(" installed"):
                package = part.get("package")
                for suffix in ("list", "md5sums"):
                    stems = (package, f"{package}:{part.get('architecture')}")
                    if not any(ImagePath(f"{INFO}/{stem}.{suffix}") in rootfs for stem in stems):
                        yield (
                            (STATUS, f"{package}.{suffix}"),
                            (
                                f"{STATUS}: {package} is installed but its file"
                                f" info/{package}.{suffix} is missing"
                            ),
                        )
    for purl, package_found in inventory.packages.items() if inventory is not None else ():
        if package_found.record not in rootfs:
            yield (
                (package_found.record, purl),
                f"{package_found.record}: the record of {purl} is missing",
            )


def _claims_broken(
    rootfs: Rootfs, apks: Iterable[ImagePath], only: frozenset[_Key] | None = None
) -> Iterator[tuple[_Key, str]]:
    for claim in itertools.chain(
        _dpkg_claims(rootfs), _apk_claims(rootfs, apks), _python_claims(rootfs)
    ):
        key = (claim.database, claim.text)
        if only is None or key in only:
            trouble = _trouble(rootfs, claim)
            if trouble:
                yield key, f"{claim.database}: {claim.text!r} {trouble}"


def _trouble(rootfs: Rootfs, claim: _Claim) -> str:
    if claim.path is None:
        return "is listed but not there"
    if not claim.digest and not claim.size:
        return ""
    final = rootfs.walk(claim.path).final
    if final is None or not final.is_file:
        return (
            ""
            if final is None and rootfs[claim.path].is_symlink
            else "has a checksum but is not a regular file"
        )
    if claim.size and claim.size != str(final.size):
        return f"has {final.size} bytes, {claim.size} are recorded"
    return _digest_trouble(rootfs, final.path, claim.digest)


def _digest_trouble(rootfs: Rootfs, path: ImagePath, recorded: str) -> str:
    if not recorded:
        return ""
    algorithm = recorded.partition("=")[0]
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with rootfs.open(path) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    actual = (
        f"md5={digest.hexdigest()}"
        if algorithm == "md5"
        else record_hash(algorithm, digest.digest())
    )
    return "" if actual == recorded else f"has the checksum {actual}, {recorded} is recorded"


def _dpkg_claims(rootfs: Rootfs) -> Iterator[_Claim]:
    real = RealPaths(rootfs)
    diversions = read_diversions(rootfs)
    for path, package in info_files(rootfs, ".list"):
        for line in split_lines(decode(rootfs.read(path, MAX_INFO))):
            text = line.removesuffix("\n")
            if text:
                yield _Claim(path, text, real.find(name_on_disk(text, package, diversions)))
    sums = [*info_files(rootfs, ".md5sums")]
    sums += [
        (path, name(path).removesuffix(".md5sums"))
        for path in rootfs.children(STATUS_D)
        if path.endswith(".md5sums") and rootfs[path].is_file
    ]
    for path, package in sums:
        for line in split_lines(decode(rootfs.read(path, MAX_INFO))):
            found = MD5_LINE.fullmatch(line.removesuffix("\n"))
            if found is not None:
                yield _Claim(
                    path,
                    found[3],
                    real.find(name_on_disk(absolute(found[3]), package, diversions)),
                    f"md5={found[1]}",
                )


def _apk_claims(rootfs: Rootfs, databases: Iterable[ImagePath]) -> Iterator[_Claim]:
    real = RealPaths(rootfs)
    for path in (each for each in databases if each in rootfs):
        for found in listed(decode(rootfs.read(path, MAX_INSTALLED))):
            there = real.find(f"/{found.text}")
            linked = (
                there is not None and rootfs[there].is_symlink
            )  # its checksum is that of the target's name
            yield _Claim(path, found.text, there, "" if linked else _sha1(found.checksum))


def _sha1(checksum: str) -> str:
    """Return apk's checksum in the form of this module, "" unless it is SHA-1."""
    try:
        digest = (
            base64.b64decode(checksum.removeprefix("Q1"), validate=True)
            if checksum.startswith("Q1")
            else b""
        )
    except ValueError:
        return ""
    return record_hash("sha1", digest) if len(digest) == _SHA1_BYTES else ""


def _python_claims(rootfs: Rootfs) -> Iterator[_Claim]:
    real = RealPaths(rootfs)
    for entry in rootfs:
        if (
            not entry.is_file
            or name(entry.path) != "RECORD"
            or not parent(entry.path).endswith(".dist-info")
        ):
            continue
        base = parent(parent(entry.path)) or ROOT
        for _, row in record_rows(decode(rootfs.read(entry.path, MAX_RECORD))) or ():
            if row and row[0]:
                digest, size = (*row[1:3], "", "")[:2]
                yield _Claim(
                    entry.path,
                    row[0],
                    real.find(row[0], base),
                    digest if _RECORD_HASH.fullmatch(digest) else "",
                    size if size.isdecimal() else "",
                )

"""The FIPS provider that a new image gets: the image's own, or a file of the user."""

import datetime as dt
import hashlib
import posixpath
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from careen.cryptography.budget import SearchBudget
from careen.cryptography.mac import module_mac
from careen.cryptography.search import search
from careen.cryptography.signatures import signatures
from careen.errors import InputError
from careen.formats.elf.file import ElfFile
from careen.formats.elf.program import ElfInfo, Unreadable, elf_info
from careen.formats.elf.sections import elf_tables
from careen.model.cryptography.certificate import Certificate, Certificates
from careen.model.cryptography.fips import Provider
from careen.model.cryptography.module import CryptoInventory, Origin, Purpose
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.tools.read_file import read_file

KIND = "openssl-fips"
NAME = "fips.so"
MAX_MODULE = 64 << 20  # Debian's has 3 MB
DEFAULT_DIRECTORY = "/usr/lib/ossl-modules"
_MACHINES = {"amd64": (62, 64), "arm64": (183, 64), "386": (3, 32), "arm": (40, 32)}
_MACHINES |= {"riscv64": (243, 64), "ppc64le": (21, 64), "s390x": (22, 64)}


def own_provider(rootfs: Rootfs, inventory: CryptoInventory) -> tuple[Provider, bytes] | None:
    """Return the provider that the image has, where its OpenSSL looks for it or elsewhere.

    None without one. Raises ImageError for a file that is too large for a provider.
    """
    wanted = f"{modules_directory(inventory)}/{NAME}"
    found = {
        each.module.path: each.module
        for each in inventory.modules
        if each.module.purpose is Purpose.PROVIDER
    }
    entry = rootfs.find(wanted)
    module = found.get(entry.path) if entry is not None else next(iter(found.values()), None)
    if module is None:
        return None
    data = rootfs.read(module.path, MAX_MODULE)
    owner = module.owners[0] if module.owners else "no package"
    place = rootfs.walk(wanted).end
    mac = module_mac(BytesIO(data))
    found_in = f"the image has it ({owner})"
    return Provider(place, module.version, module.sha256, mac, found_in), data


def modules_directory(inventory: CryptoInventory) -> str:
    """Return where the system's OpenSSL looks for providers, else a directory of careen's."""
    places = (
        each.module.modules
        for each in inventory.modules
        if each.module.kind == "openssl" and each.module.origin is Origin.SYSTEM
    )
    return next(
        (posixpath.normpath(each) for each in places if each.startswith("/")), DEFAULT_DIRECTORY
    )


def given_provider(
    path: Path, architecture: str, rootfs: Rootfs, inventory: CryptoInventory
) -> tuple[Provider, bytes]:
    """Return the provider in a file of the user, and its bytes.

    Raises InputError unless it is a FIPS provider for the architecture.
    """
    data = read_file(path, MAX_MODULE)
    version = _version(str(path), BytesIO(data), len(data), architecture)
    _require_libraries(str(path), data, rootfs)
    place = rootfs.walk(f"{modules_directory(inventory)}/{NAME}").end
    digest = hashlib.sha256(data).hexdigest()
    return Provider(place, version, digest, module_mac(BytesIO(data)), "--fips-module"), data


def _require_libraries(name: str, data: bytes, rootfs: Rootfs) -> None:
    """Raise InputError for a file that is linked with what the image does not have."""
    info = elf_info(BytesIO(data))
    wanted = set(info.needed) if isinstance(info, ElfInfo) else set()
    # A provider for glibc is of no use to musl: OpenSSL could not load it, and would fail closed.
    lacks = wanted - {entry.path.rpartition("/")[2] for entry in rootfs} if wanted else wanted
    if lacks:
        msg = (
            f"--fips-module {name!r}: it is linked with {', '.join(sorted(lacks))[:200]}, which the"
            " image does not have; give a fips.so that is built for the image's C library"
        )
        raise InputError(msg)


def _version(name: str, stream: BinaryIO, size: int, architecture: str) -> str:
    tables = elf_tables(stream, size)
    if isinstance(tables, Unreadable):
        msg = f"--fips-module {name!r}: not an ELF file ({tables.reason}); give OpenSSL's fips.so"
        raise InputError(msg)
    wanted = _MACHINES.get(architecture)
    if wanted is not None and (tables.machine, tables.bits) != wanted:
        msg = (
            f"--fips-module {name!r}: it is for another processor (ELF machine {tables.machine}),"
            f" and the image is for {architecture}"
        )
        raise InputError(msg)
    seen = search(ElfFile(ImagePath("/"), stream, tables), signatures(), SearchBudget())
    signature = next(each for each in signatures().modules if each.kind == KIND)
    if not seen.has(signature):
        msg = f"--fips-module {name!r}: not a FIPS provider of OpenSSL; give its fips.so"
        raise InputError(msg)
    return next(iter(seen.versions.get(KIND, {})), "")


def check_certificate(
    number: int, provider: Provider, known: Certificates, today: dt.date
) -> Certificate:
    """Return the active certificate that the user names for a provider. Raises InputError."""
    found = known.number(number)
    if found is None:
        msg = (
            f"--fips-cert {number}: the list of {known.date} does not have it; add it to a list of"
            " your own, and give --fips-certificates FILE"
        )
        raise InputError(msg)
    if found.kind != KIND or provider.version not in found.versions:
        covered = ", ".join(found.versions)
        msg = (
            f"--fips-cert {number}: it covers {found.module} {covered}, and the provider is version"
            f" {provider.version or 'unknown'}"
        )
        raise InputError(msg)
    if not found.is_active(today):
        msg = (
            f"--fips-cert {number}: it is not active on {today} ({found.standard},"
            f" {found.status.value} in the list of {known.date}); take a provider that has one"
        )
        raise InputError(msg)
    return found

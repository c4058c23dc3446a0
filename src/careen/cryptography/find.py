"""Inventory of an image's cryptography: each file is opened once, and judged at the end."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO, cast

from careen.cryptography.budget import SearchBudget
from careen.cryptography.go_program import KIND as GO
from careen.cryptography.go_program import BadBuildInfoError, go_crypto, with_environment
from careen.cryptography.named import listed_crates, named_by_path, of_packages
from careen.cryptography.origin import origin_of, owned_version
from careen.cryptography.ran import Ran
from careen.cryptography.routing import STEERING, Router
from careen.cryptography.search import Seen, search
from careen.cryptography.seen_modules import Found, modules_of
from careen.cryptography.signatures import signatures
from careen.cryptography.standing import Judge
from careen.errors import BudgetError, CareenError
from careen.formats.elf.file import ElfFile
from careen.formats.elf.program import Unreadable
from careen.formats.elf.sections import elf_tables
from careen.model.cryptography.module import (
    CryptoInventory,
    CryptoModule,
    Purpose,
    Routing,
)
from careen.model.entry import Entry
from careen.model.machines import MAGIC as ELF
from careen.model.packages.package import Inventory, Unknown
from careen.model.paths import ImagePath
from careen.model.rbom import RuntimeBom
from careen.oci.tree.rootfs import Rootfs

CAVEATS = (
    "the host's kernel: whether it is in FIPS mode, and whether its entropy source is validated",
    "the tested operating environment of a certificate: the host's processor and system count",
    "low-level calls: a program can call deprecated functions of libcrypto past every provider",
    "scripts and byte code that compute cryptography themselves, beyond packages that careen knows",
)
_HEAD = 4
_MIN_SIZE = 512
_PIECE = 1 << 20
_MANY_FILES = ("pycryptodome", "python-hashes", "krb5")
_KERNEL_DECIDES = ("pkg:rpm/", "pkg:deb/ubuntu/")


@dataclass(slots=True)
class _Search:
    """The state of one search."""

    rootfs: Rootfs
    inventory: Inventory
    crates: Mapping[ImagePath, Mapping[tuple[str, str], str]]
    budget: SearchBudget = field(default_factory=SearchBudget)
    found: list[CryptoModule] = field(default_factory=list)
    grouped: set[tuple[str, str]] = field(default_factory=set)
    unknowns: list[Unknown] = field(default_factory=list)


def find_cryptography(
    rootfs: Rootfs,
    inventory: Inventory,
    environment: Mapping[str, str],
    judge: Judge,
    bom: RuntimeBom | None = None,
) -> CryptoInventory:
    """Return the cryptographic modules of an image, judged.

    `environment` is the image's. Nothing is executed. What cannot be read is an `Unknown`.
    """
    state = _Search(rootfs, inventory, listed_crates(inventory))
    for entry in _each_once(rootfs):
        try:
            _look(state, entry)
        except BudgetError:
            raise
        except CareenError as error:
            state.unknowns.append(Unknown(entry.path, str(error)))
    for each in of_packages(inventory):
        _add(state, each)
    providers = [each.path for each in state.found if each.purpose is Purpose.PROVIDER]
    router = Router(rootfs, environment, providers)
    ran = None if bom is None else Ran(rootfs, inventory, bom)
    routed = [_by_kernel(router.route(ran.of(each) if ran else each)) for each in state.found]
    routed = [_by_variable(router.shared(each), environment) for each in routed]
    modules = sorted(routed, key=lambda each: (each.path, each.kind, each.version))
    steering = tuple((name, environment[name]) for name in STEERING if name in environment)
    return CryptoInventory(
        tuple(judge.judge(each, provider_used=router.loads(each.path)) for each in modules),
        tuple(state.unknowns),
        steering,
        CAVEATS,
    )


def _each_once(rootfs: Rootfs) -> Iterator[Entry]:
    seen: set[int] = set()
    for entry in rootfs:
        if entry.is_file and entry.size >= _MIN_SIZE and entry.inode not in seen:
            seen.add(entry.inode)
            yield entry


def _look(state: _Search, entry: Entry) -> None:
    with state.rootfs.open(entry.path) as stream:
        # A plain read would fill the whole buffer, for each of 60,000 files.
        is_elf = cast("Any", stream).read1(_HEAD) == ELF
        found = list(_inside(state, entry, stream)) if is_elf else []
        named = named_by_path(entry.path, is_elf=is_elf)
        # What the bytes say counts more than the path.
        if named is not None and all(each.kind != named.kind for each in found):
            found.append(named)
        found = [each for each in found if _is_first(state, each)]
        if found:
            digest = _digest(state, entry, stream)
            for each in found:
                _add(state, replace(each, sha256=digest))


def _is_first(state: _Search, found: Found) -> bool:
    """Return whether it is the first file of its directory or package, for kinds of many files."""
    if found.kind not in _MANY_FILES:
        return True
    owners = state.inventory.owners.get(found.path, ())
    key = (found.kind, owners[0] if owners else found.path.rpartition("/")[0])
    is_first = key not in state.grouped
    state.grouped.add(key)
    return is_first


def _inside(state: _Search, entry: Entry, stream: BinaryIO) -> Iterator[Found]:
    tables = elf_tables(stream, entry.size)
    if isinstance(tables, Unreadable):
        reason = f"an ELF file whose cryptography cannot be looked for: {tables.reason}"
        state.unknowns.append(Unknown(entry.path, reason))
        return
    elf = ElfFile(entry.path, stream, tables)
    try:
        go = go_crypto(elf, state.budget)
    except BadBuildInfoError as error:
        state.unknowns.append(Unknown(entry.path, f"Go build info that cannot be read: {error}"))
        go = None
    if go is not None:
        yield Found.of_go(entry.path, go)
    seen: Seen = search(elf, signatures(), state.budget)
    if not seen.searched:
        reason = "cryptography inside: only a part was searched, as the limit is reached"
        state.unknowns.append(Unknown(entry.path, reason))
    seen.crates.update(state.crates.get(entry.path, {}))
    yield from modules_of(entry.path, seen, signatures())


def _digest(state: _Search, entry: Entry, stream: BinaryIO) -> str:
    """Return the SHA-256 digest of a file, "" past the limit."""
    if not state.budget.may_hash(entry.size):
        state.unknowns.append(Unknown(entry.path, "not hashed, as the limit is reached"))
        return ""
    digest = hashlib.sha256()
    stream.seek(0)
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _add(state: _Search, found: Found) -> None:
    owners = found.owners or state.inventory.owners.get(found.path, ())
    state.found.append(
        CryptoModule(
            kind=found.kind,
            name=found.name,
            version=found.version or owned_version(state.inventory, found, owners),
            path=found.path,
            sha256=found.sha256,
            owners=tuple(owners),
            origin=origin_of(found, owners),
            purpose=found.purpose,
            evidence=found.evidence,
            configuration=found.configuration,
            modules=found.modules,
            settings=found.settings,
        )
    )


def _by_variable(module: CryptoModule, environment: Mapping[str, str]) -> CryptoModule:
    """Return a Go program with what the image's GODEBUG says of its mode."""
    if module.kind != GO:
        return module
    return replace(module, settings=with_environment(module.settings, environment))


def _by_kernel(module: CryptoModule) -> CryptoModule:
    """Return UNKNOWN for a distribution whose OpenSSL follows the kernel's mode."""
    follows = any(owner.startswith(_KERNEL_DECIDES) for owner in module.owners)
    if module.routing is not Routing.OPEN or not follows:
        return module
    return replace(
        module,
        routing=Routing.UNKNOWN,
        detail=f"{module.detail}; this distribution's OpenSSL takes the host kernel's mode, too",
    )

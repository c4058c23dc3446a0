"""What the sights of one file amount to: one module for each implementation."""

from collections.abc import Iterator
from dataclasses import dataclass

from careen.cryptography.go_program import BORING_KIND, GoCrypto
from careen.cryptography.search import Seen
from careen.cryptography.signatures import Signature, Signatures
from careen.model.cryptography.module import Purpose
from careen.model.paths import ImagePath

_NAMES = {
    "ring": ("ring", Purpose.PRIMITIVES),
    "aws-lc": ("AWS-LC", Purpose.TLS),
    "aws-lc-fips": ("AWS-LC FIPS", Purpose.TLS),
    "rustls": ("rustls", Purpose.PROTOCOL),
    "openssl": ("OpenSSL", Purpose.TLS),
    "rustcrypto": ("RustCrypto crates", Purpose.PRIMITIVES),
}
_SHOWN = 12  # crates in an evidence


@dataclass(frozen=True, slots=True)
class Found:
    """An implementation in a file, before its owners and routing are known."""

    kind: str
    name: str
    purpose: Purpose
    path: ImagePath
    version: str
    evidence: str
    configuration: str = ""
    modules: str = ""
    settings: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    sha256: str = ""

    @classmethod
    def of_go(cls, path: ImagePath, go: GoCrypto) -> "Found":
        """Return the cryptography of a Go program."""
        name = "BoringCrypto (in Go)" if go.kind == BORING_KIND else "Go Cryptographic Module"
        made = f"; made by {go.toolchain}" if go.toolchain else ""
        return cls(
            go.kind,
            name,
            Purpose.TLS,
            path,
            go.version,
            f"{go.evidence}{made}",
            settings=go.settings,
        )


def modules_of(path: ImagePath, seen: Seen, known: Signatures) -> Iterator[Found]:
    """Yield the implementations in one file."""
    kinds: set[str] = set()
    for signature in known.modules:
        evidence = seen.has(signature)
        if not evidence or _is_part(signature, seen, known):
            continue
        kinds.add(signature.kind)
        yield _module(path, signature, seen, evidence)
    yield from _crates(path, seen, known, kinds)


def _is_part(signature: Signature, seen: Seen, known: Signatures) -> bool:
    """Return whether another implementation of the file explains this one."""
    fork = signature.prefer
    others = [each for each in known.modules if fork and each.kind.startswith(fork)]
    return any(seen.has(each) or seen.versions.get(each.kind) for each in others)


def _module(path: ImagePath, signature: Signature, seen: Seen, evidence: str) -> Found:
    versions = seen.versions.get(signature.kind, {})
    version = next(iter(versions)) if len(versions) == 1 else ""
    is_openssl = signature.kind == "openssl"
    return Found(
        signature.kind,
        signature.name,
        signature.purpose,
        path,
        version,
        versions[version] if version else evidence,
        configuration=seen.configuration if is_openssl else "",
        modules=seen.modules if is_openssl else "",
    )


def _crates(path: ImagePath, seen: Seen, known: Signatures, kinds: set[str]) -> Iterator[Found]:
    """Yield the crates with cryptography: one module for all of RustCrypto, one for each other."""
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for name, version in sorted(seen.crates):
        if kind := known.crates.get(name):
            by_kind.setdefault(kind, []).append((name, version))
    for kind, crates in by_kind.items():
        if kind in kinds:
            continue
        name, purpose = _NAMES[kind]
        listed = ", ".join(f"{crate}-{version}" for crate, version in crates[:_SHOWN])
        more = f" and {len(crates) - _SHOWN} more" if len(crates) > _SHOWN else ""
        own = crates[0][1] if len(crates) == 1 and kind in ("ring", "rustls") else ""
        yield Found(
            kind, name, purpose, path, own, f"crates whose sources it names: {listed}{more}"
        )

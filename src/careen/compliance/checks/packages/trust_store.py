"""The certificate authorities that programs of the image trust."""

import base64
import hashlib
from collections.abc import Iterator, Sequence

from careen.compliance.check import Check, Decision, manual, not_applicable, passed
from careen.compliance.checks.files.evidence import shown
from careen.compliance.recorded import digest_of, recorded_digests
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.entry import Entry
from careen.model.paths import ImagePath

_STORES = (
    *("/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"),
    *("/etc/pki/tls/certs", "/etc/pki/tls/cert.pem"),
    *(f"/etc/pki/ca-trust/extracted/{kind}" for kind in ("pem", "openssl", "java")),
)
_DELIVERED = ("/usr/share/ca-certificates", "/usr/share/pki/ca-trust-source")
_ADDED = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors")
_LIMIT = 16 << 20  # bytes of one store; Mozilla's have 250 kB
_FILES = 5000  # files of all stores; Debian has 450, most of them links
_NO_STORES = ("README", ".cnf")


def _files(subject: Subject, places: tuple[str, ...]) -> Iterator[Entry]:
    """Yield the files that these paths and those below lead to, each once."""
    seen: set[ImagePath] = set()
    for place in places:
        found = subject.rootfs.walk(place).final
        if found is None:
            continue
        for each in subject.rootfs.below(found.path) if found.is_dir else (found,):
            final = subject.rootfs.walk(each.path).final
            if final is not None and final.is_file and final.path not in seen:
                seen.add(final.path)
                yield final


def _certificates(subject: Subject, entry: Entry) -> set[str]:
    """Return the SHA-256 of each certificate in a file in PEM."""
    text = subject.rootfs.read(entry.path, _LIMIT).decode("ascii", "replace")
    _, *blocks = text.split("-----BEGIN ")
    found = set()
    for block in blocks:
        label, _, rest = block.partition("-----")
        if label.endswith("CERTIFICATE"):
            found.add(_digest("".join(rest.partition("-----END")[0].split())))
    return found


def _digest(body: str) -> str:
    try:
        data = base64.b64decode(body, validate=True)
    except ValueError:
        data = body.encode()
    return hashlib.sha256(data[: _length(data)]).hexdigest()


def _length(data: bytes) -> int:
    """Return the length of the DER value that data begins with: OpenSSL writes trust behind it."""
    first = data[1] if len(data) > 1 else 0
    more = first - 0x80 if first > 0x80 else 0  # noqa: PLR2004 — the length of a long length
    return 2 + more + (int.from_bytes(data[2 : 2 + min(more, 4)]) if more else first)


def _beyond(subject: Subject, stores: Sequence[Entry]) -> Iterator[Evidence]:
    """Yield the certificates in the stores that no package delivered, and stores without any."""
    sources = tuple(_files(subject, _DELIVERED))
    whole = _unchanged(subject, {entry.path for entry in (*sources, *stores)})
    delivered: set[str] = set()
    for entry in sources:
        if entry.path in whole:
            delivered |= _certificates(subject, entry)
    for entry in stores:
        if entry.path in whole or not entry.size:
            continue
        found = _certificates(subject, entry)
        if not found and not entry.path.endswith(_NO_STORES):
            yield Evidence(str(entry.path), "a trust store that careen cannot compare")
        for each in sorted(found - delivered):
            yield Evidence(str(entry.path), f"certificate with SHA-256 {each}")


def _unchanged(subject: Subject, paths: set[ImagePath]) -> set[ImagePath]:
    """Return those of the paths that are as their packages delivered them."""
    return {
        each.path
        for each in recorded_digests(subject)
        if each.path in paths and each.digest and digest_of(subject, each) == each.digest
    }


def _added(subject: Subject) -> Decision:
    added = [shown(entry) for entry in _files(subject, _ADDED)]
    stores = list(_files(subject, _STORES))
    if len(stores) > _FILES:
        return manual(f"the trust stores have {len(stores)} files", map(shown, stores))
    added += _beyond(subject, stores)
    if added:
        return manual(f"{len(added)} certificates or stores are not the distribution's", added)
    if not stores:
        return not_applicable("the image has no trust store of the system")
    return passed(
        f"each certificate in {len(stores)} files of the trust stores is the distribution's",
        map(shown, stores),
    )


CHECKS = (
    Check(
        id="no-added-certificates",
        title="No certificate was added to the system's trust store",
        reads="trust stores; certificates that packages delivered; folders for local ones",
        fix="Remove the certificate, or record who approved it.",
        command="ls usr/local/share/ca-certificates etc/pki/ca-trust/source/anchors; for c in"
        " $(find etc/ssl/certs etc/pki -type f); do grep -c BEGIN $c; done",
        decide=_added,
    ),
)

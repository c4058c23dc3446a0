"""Repositories that the user names by a base URL: addresses checked, credentials kept out of what is said, and whom to trust."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from careen.errors import InputError
from careen.oci.rootfs import Rootfs
from careen.patch.bench import Bench

BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem")
_MAX_BUNDLE = 16 << 20
_URL = re.compile(r"(?:(?:https?|ftp|file)://|/)[!-~]{1,2000}")
_SECRET = re.compile(r"://[^/@\s]+@")


def urls(sources: Sequence[str], manager: str) -> tuple[str, ...]:
    """Return the addresses; raise InputError for what is none (a line of apt, for example)."""
    for source in sources:
        if _URL.fullmatch(source.strip()) is None:
            msg = f"--source {clean(source)[:80]!r}: {manager} takes the base URL of a repository (https://…, or a directory of the image)"
            raise InputError(msg)
    return tuple(source.strip() for source in sources)


def clean(text: str) -> str:
    """Return a text without the credentials of addresses in it, on one line."""
    return " ".join(_SECRET.sub("://", text).split())


def trust(bench: Bench, rootfs: Rootfs, certificates: str) -> Mapping[str, str]:
    """Return the environment with which OpenSSL trusts `certificates` (a PEM file of this machine, "" for none) besides those of the image."""
    if not certificates:
        return {}
    try:
        added = Path(certificates).read_bytes()
    except OSError as error:
        msg = f"--ca {certificates}: {error.strerror}"
        raise InputError(msg) from error
    entries = (rootfs.find(path) for path in BUNDLES)
    own = next((rootfs.read(entry.path, _MAX_BUNDLE) for entry in entries if entry is not None and entry.is_file and entry.size <= _MAX_BUNDLE), b"")
    bench.directory("trust")
    return {"SSL_CERT_FILE": bench.put("trust/bundle.pem", own.rstrip(b"\n") + b"\n" + added)}

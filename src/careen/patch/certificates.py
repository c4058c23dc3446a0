"""Additional certificate authorities (`--ca`) for careen and the programs that it runs."""

import ssl
from pathlib import Path

from careen.errors import ConfigError, InputError
from careen.oci.tree.rootfs import Rootfs
from careen.patch.sandbox import Sandbox
from careen.tools.read_file import read_file

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)
"""Paths where images keep the authorities that they trust."""

UNTRUSTED = (
    "UnknownIssuer",
    "CERTIFICATE_VERIFY_FAILED",
    "self-signed certificate",
    "self signed certificate",
    "unable to get local issuer certificate",
)
"""Phrases by which programs report an untrusted certificate."""

TRUST = (
    "the certificate is not signed by a trusted CA; add the CA certificate (of an index or a"
    " proxy) with --ca FILE"
)

_MAX_BUNDLE = 16 << 20


def trusting_context(certificates: str) -> ssl.SSLContext:
    """Return a TLS context that trusts this machine's authorities and those of a PEM file.

    `certificates` is its path, "" for none. Raises InputError if it cannot be read.
    """
    context = ssl.create_default_context()
    if certificates:
        try:
            context.load_verify_locations(cafile=certificates)
        except (OSError, ssl.SSLError) as error:
            msg = f"--ca {certificates}: no certificates in PEM can be read: {error}"
            raise InputError(msg) from error
    return context


def with_machine_authorities(certificates: str) -> bytes:
    """Return this machine's authorities and the given ones as PEM. Raises InputError."""
    # Programs take one file in place of their own.
    own = "".join(
        ssl.DER_cert_to_PEM_cert(der) for der in trusting_context("").get_ca_certs(binary_form=True)
    )
    return own.encode() + b"\n" + _given(certificates)


def put_image_bundle(sandbox: Sandbox, rootfs: Rootfs, certificates: str) -> str:
    """Write the image's authorities and the given ones as one PEM file into the sandbox.

    Returns its path in the container. Raises InputError.
    """
    entries = (rootfs.find(path) for path in BUNDLES)
    own = next(
        (
            rootfs.read(entry.path, _MAX_BUNDLE)
            for entry in entries
            if entry is not None and entry.is_file and entry.size <= _MAX_BUNDLE
        ),
        b"",
    )
    sandbox.directory("trust")
    return sandbox.put("trust/bundle.pem", own.rstrip(b"\n") + b"\n" + _given(certificates))


def _given(certificates: str) -> bytes:
    try:
        return read_file(Path(certificates), _MAX_BUNDLE)
    except ConfigError as error:
        msg = f"--ca {error}"
        raise InputError(msg) from error

"""Whom to trust besides: the certificates of `--ca`, added to those that are trusted anyway."""

import ssl
from pathlib import Path

from careen.errors import ConfigError, InputError
from careen.oci.rootfs import Rootfs
from careen.patch.bench import Bench
from careen.tools.read_file import read_file

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)
"""Where images keep the authorities that they trust."""

UNTRUSTED = (
    "UnknownIssuer",
    "CERTIFICATE_VERIFY_FAILED",
    "self-signed certificate",
    "self signed certificate",
    "unable to get local issuer certificate",
)
"""How programs say that they do not trust who signed a certificate."""

TRUST = (
    "nobody that is trusted has signed the certificate; name your authority's (of an index or a"
    " proxy) with --ca FILE"
)

_MAX_BUNDLE = 16 << 20


def trusting_context(certificates: str) -> ssl.SSLContext:
    """Return a context for what careen itself fetches: it trusts this machine's authorities and
    those in a PEM file ("" for none). Raises InputError for a file that is none.
    """
    context = ssl.create_default_context()
    if certificates:
        try:
            context.load_verify_locations(cafile=certificates)
        except (OSError, ssl.SSLError) as error:
            msg = f"--ca {certificates}: no certificates in PEM can be read: {error}"
            raise InputError(msg) from error
    return context


def beside_machines(certificates: str) -> bytes:
    """Return one PEM file with this machine's authorities and the given ones, for programs that
    take one file in place of their own. Raises InputError.
    """
    own = "".join(
        ssl.DER_cert_to_PEM_cert(der) for der in trusting_context("").get_ca_certs(binary_form=True)
    )
    return own.encode() + b"\n" + _given(certificates)


def beside_images(bench: Bench, rootfs: Rootfs, certificates: str) -> str:
    """Put one PEM file with the image's own authorities and the given ones on the bench, and return
    its path in the container. Raises InputError.
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
    bench.directory("trust")
    return bench.put("trust/bundle.pem", own.rstrip(b"\n") + b"\n" + _given(certificates))


def _given(certificates: str) -> bytes:
    try:
        return read_file(Path(certificates), _MAX_BUNDLE)
    except ConfigError as error:
        msg = f"--ca {error}"
        raise InputError(msg) from error

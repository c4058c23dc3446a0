"""Repositories that the user names by a base URL, and the certificates to trust."""

import re
from collections.abc import Iterable, Mapping, Sequence

from careen.errors import InputError
from careen.oci.tree.rootfs import Rootfs
from careen.patch.certificates import put_image_bundle
from careen.patch.credentials import without_credentials
from careen.patch.sandbox import Sandbox

_URL = re.compile(r"(?:(?:https?|ftp|file)://|/)[!-~]{1,2000}")


def urls(sources: Sequence[str], manager: str) -> tuple[str, ...]:
    """Return the base URLs. Raises InputError for any other text (a line of apt, for example)."""
    for source in sources:
        if _URL.fullmatch(source.strip()) is None:
            msg = (
                f"--source {clean(source)[:80]!r}: {manager} takes the base URL of a repository"
                " (https://…, or a directory of the image)"
            )
            raise InputError(msg)
    return tuple(source.strip() for source in sources)


def is_local(addresses: Iterable[str]) -> bool:
    """Return whether all addresses are local directories."""
    return all(address.startswith(("/", "file:")) for address in addresses)


def clean(text: str) -> str:
    """Return a text on one line, without the credentials of addresses in it."""
    return " ".join(without_credentials(text).split())


def trust(sandbox: Sandbox, rootfs: Rootfs, certificates: str) -> Mapping[str, str]:
    """Return the environment that makes OpenSSL trust `certificates` and the image's own.

    `certificates` is a PEM file of this machine, "" for none.
    """
    return (
        {"SSL_CERT_FILE": put_image_bundle(sandbox, rootfs, certificates)} if certificates else {}
    )

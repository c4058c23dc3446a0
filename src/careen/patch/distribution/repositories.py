"""Repositories that the user names by a base URL: addresses checked, credentials kept out of what
is said, and whom to trust.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from careen.errors import InputError
from careen.oci.rootfs import Rootfs
from careen.patch.bench import Bench
from careen.patch.certificates import beside_images
from careen.patch.credentials import without_credentials

_URL = re.compile(r"(?:(?:https?|ftp|file)://|/)[!-~]{1,2000}")


def urls(sources: Sequence[str], manager: str) -> tuple[str, ...]:
    """Return the addresses; raise InputError for what is none (a line of apt, for example)."""
    for source in sources:
        if _URL.fullmatch(source.strip()) is None:
            msg = (
                f"--source {clean(source)[:80]!r}: {manager} takes the base URL of a repository"
                " (https://…, or a directory of the image)"
            )
            raise InputError(msg)
    return tuple(source.strip() for source in sources)


def is_local(addresses: Iterable[str]) -> bool:
    """Say whether all are directories, for which no network is needed."""
    return all(address.startswith(("/", "file:")) for address in addresses)


def clean(text: str) -> str:
    """Return a text without the credentials of addresses in it, on one line."""
    return " ".join(without_credentials(text).split())


def trust(bench: Bench, rootfs: Rootfs, certificates: str) -> Mapping[str, str]:
    """Return the environment with which OpenSSL trusts `certificates` (a PEM file of this machine,
    "" for none) besides those of the image.
    """
    return {"SSL_CERT_FILE": beside_images(bench, rootfs, certificates)} if certificates else {}

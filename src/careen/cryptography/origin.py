"""Whose implementation a module is: the distribution's, or one program's own."""

from careen.cryptography.seen_modules import Found
from careen.model.cryptography.module import Origin, Purpose
from careen.model.packages.package import Inventory

_DISTRIBUTIONS = ("pkg:deb/", "pkg:rpm/", "pkg:apk/")
_DIRECTORIES = ("/usr/lib/", "/lib/", "/usr/lib64/", "/lib64/")
_LIBRARIES = (
    "libcrypto",
    "libgnutls",
    "libgcrypt",
    "libnettle",
    "libhogweed",
    "libsoftokn3",
    "libfreebl",
    "libk5crypto",
    "libsodium",
    "libmbedcrypto",
    "libwolfssl",
)
_STATE_THEIRS = ("openssl", "openssl-fips", "go", "ring", "rustcrypto")  # versions of their own


def origin_of(found: Found, owners: tuple[str, ...]) -> Origin:
    """Return SYSTEM for a provider, and for a shared library of the distribution."""
    if found.purpose is Purpose.PROVIDER:
        return Origin.SYSTEM
    owned = any(owner.startswith(_DISTRIBUTIONS) for owner in owners)
    # An image without a package database has no owners: a library's usual directory counts then.
    loose = (
        not owners
        and found.path.startswith(_DIRECTORIES)
        and "-packages/" not in found.path
        and ".libs/" not in found.path
    )
    is_library = found.path.rpartition("/")[2].startswith(_LIBRARIES)
    return Origin.SYSTEM if is_library and (owned or loose) else Origin.PRIVATE


def owned_version(inventory: Inventory, found: Found, owners: tuple[str, ...]) -> str:
    """Return the version of the distribution's package that owns a file, "" for none."""
    if found.kind in _STATE_THEIRS:
        return ""
    of_distribution = (owner for owner in owners if owner.startswith(_DISTRIBUTIONS))
    packages = (inventory.packages.get(owner) for owner in of_distribution)
    return next((package.version for package in packages if package is not None), "")

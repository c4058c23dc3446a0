"""What a variant changes of an upstream image: accounts, links, and the settings of containers."""

from collections.abc import Mapping
from typing import Any

from careen.catalog import recipe as recipes
from careen.catalog.accounts import with_users
from careen.catalog.added import Additions, added_layer
from careen.catalog.contract.accounts import names
from careen.catalog.contract.shells import is_shell
from careen.catalog.recipe import Recipe
from careen.model.catalog.entry import AddedFile, Entry, User, Variant
from careen.model.image import ImageConfig
from careen.oci.tree.rootfs import Rootfs

_PASSWD, _GROUP = "/etc/passwd", "/etc/group"
_MAX_ACCOUNTS = 4 << 20


def variant_layer(rootfs: Rootfs, wanted: Recipe, chain: tuple[Entry, ...], seconds: int) -> bytes:
    """Return the tar of what the variant adds to an upstream image: accounts, homes, links.

    Raises InputError for an account whose name or number another one has.
    """
    users = _users(rootfs, chain) if wanted.variant is not Variant.COMPAT else ()
    links = tuple(
        link
        for link in recipes.links(chain)
        if rootfs.walk(link.path, follow=False).final is None and rootfs.find(link.target)
    )
    files = _accounts(rootfs, users) if users else ()
    return added_layer(rootfs, Additions(users, links, files=files), seconds)


def variant_settings(
    config: ImageConfig, wanted: Recipe, labels: Mapping[str, str]
) -> Mapping[str, Any]:
    """Return the members of the configuration that the variant sets; upstream's variables win."""
    env = {**wanted.environment, **config.env}
    said = (config.document.get("config") or {}).get("Labels") or {}
    out: dict[str, Any] = {
        "Env": [f"{name}={value}" for name, value in env.items()],
        "Labels": {**said, **labels},
    }
    if wanted.user:
        out["User"] = wanted.user
    if wanted.variant.is_cut and config.cmd and is_shell(config.cmd[0]):
        out["Cmd"] = list(wanted.cmd)  # nothing, if the entry starts nothing
    return out


def _users(rootfs: Rootfs, chain: tuple[Entry, ...]) -> tuple[User, ...]:
    """Return the accounts that upstream does not have as the entries name them."""
    known = names(rootfs, _PASSWD)
    return tuple(x for x in recipes.users(chain) if known.get(x.name) != str(x.uid))


def _accounts(rootfs: Rootfs, users: tuple[User, ...]) -> tuple[AddedFile, ...]:
    passwd, group = (_read(rootfs, path) for path in (_PASSWD, _GROUP))
    made = zip((_PASSWD, _GROUP), with_users(passwd, group, users), strict=True)
    return tuple(AddedFile(path, data.decode("utf-8", "surrogateescape")) for path, data in made)


def _read(rootfs: Rootfs, path: str) -> bytes:
    entry = rootfs.find(path)
    return b"" if entry is None or not entry.is_file else rootfs.read(entry.path, _MAX_ACCOUNTS)

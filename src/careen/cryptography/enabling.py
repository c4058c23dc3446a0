"""What turns FIPS mode on in an image: configurations, and a provider for each copy of OpenSSL.

A provider's file is loaded once in a process, and works for one OpenSSL alone: if two share it, the
second gets no algorithm. So each private copy gets a file of its own, where it looks for one, and
`OPENSSL_MODULES`, which would lead all to the same file, is not set.
"""

import posixpath
from collections.abc import Iterator, Mapping

from careen.cryptography.configuration import fips_module, with_fips
from careen.cryptography.provider_file import NAME
from careen.cryptography.routing import CONF, MODULES
from careen.errors import ImageError
from careen.model.cryptography.fips import FipsChanges, Provider
from careen.model.cryptography.module import CryptoInventory, CryptoModule, Origin
from careen.model.entry import Entry
from careen.model.paths import ImagePath, ancestors, image_path
from careen.model.rewriting.other_user import OwnedPath
from careen.oci.tree.rootfs import Rootfs

DEFAULT_DIRECTORY = "/etc/ssl"
MAX_CONFIGURATION = 1 << 20
MAX_COPIES = 24  # of a provider of 3 MB; an image with 30 common AI wheels needs 3
MODULE_FILE, CONFIG_FILE = "fipsmodule.cnf", "openssl.cnf"
_MODE = 0o644
_OTHERS_WRITE = 0o022
# Whoever may write there at run time would choose the provider; the kernel's are no files.
_UNFIT = ("/tmp", "/var/tmp", "/dev", "/proc", "/sys", "/run", "/var/run")  # noqa: S108


def fips_changes(
    rootfs: Rootfs,
    inventory: CryptoInventory,
    environment: Mapping[str, str],
    provider: Provider,
    content: bytes,
) -> FipsChanges:
    """Return the changes that turn FIPS mode on with a provider, whose bytes are `content`.

    The configuration of the system's OpenSSL is changed, so that a program that starts without
    variables is in FIPS mode, too. Raises ImageError for a configuration that cannot be read.
    """
    made = _Changes(rootfs, provider, content)
    system, unfit = _system_configuration(rootfs, inventory, environment)
    made.notes += [
        f"{path}: OpenSSL looks for its configuration there, where others can write at run time;"
        f" FIPS mode is configured in {system} instead"
        for path in unfit
    ]
    if not _is_fit(provider.path):
        msg = f"{provider.path}: OpenSSL looks for its provider there, where others can write"
        raise ImageError(msg)
    made.module_file = image_path(
        posixpath.join(posixpath.dirname(system), MODULE_FILE), "the provider's configuration"
    )
    made.write(made.module_file, fips_module(provider.mac), "the MAC of the FIPS provider")
    made.configure(system)
    made.provide(provider.path)
    for module in _private_copies(inventory):
        made.serve(module)
    for name in (CONF, MODULES):
        if name in environment and not (name == CONF and environment[name] == system):
            made.notes.append(f"{name} was {environment[name]}, and is not any more")
    return FipsChanges(
        provider,
        tuple(made.files[path] for path in sorted(made.files)),
        {CONF: str(system)},
        tuple(name for name in (MODULES,) if name in environment),
        tuple(made.notes),
        _links(rootfs, inventory),
    )


def _links(rootfs: Rootfs, inventory: CryptoInventory) -> tuple[ImagePath, ...]:
    """Return the symlinks on the way to what each copy of OpenSSL reads."""
    found: set[ImagePath] = set()
    for each in inventory.modules:
        if each.module.kind == "openssl":
            places = (each.module.configuration, CONFIG_FILE), (each.module.modules, NAME)
            for directory, name in places:
                if directory.startswith("/"):
                    found.update(rootfs.walk(f"{directory}/{name}").links)
    return tuple(sorted(found))


class _Changes:
    """Files to write, by path, and what the user must know."""

    def __init__(self, rootfs: Rootfs, provider: Provider, content: bytes) -> None:
        self.files: dict[ImagePath, OwnedPath] = {}
        self.notes: list[str] = []
        self.module_file = ImagePath("/")
        self._rootfs = rootfs
        self._provider = provider
        self._content = content
        self._users: dict[ImagePath, list[str]] = {}

    def write(self, path: ImagePath, data: bytes, reason: str) -> None:
        entry = self._rootfs.get(path)
        if entry is not None and not _is_guarded(entry):
            self.notes.append(
                f"{path}: was of user {entry.uid} with mode {entry.mode:04o}, and is root's with"
                f" mode {_MODE:04o}: whoever writes there can turn FIPS mode off"
            )
        above = (self._rootfs.get(each) for each in ancestors(path))
        for folder in above:
            if folder is not None and not _is_guarded(folder):
                self.notes.append(
                    f"{path}: others than root can write in {folder.path}, and replace it"
                )
        self.files[path] = OwnedPath(path, 0, 0, _MODE, reason, data)

    def configure(self, path: ImagePath) -> None:
        """Turn FIPS mode on in a configuration, which may be new."""
        entry = self._rootfs.get(path)
        if entry is not None and not entry.is_file:
            msg = f"{path}: an OpenSSL configuration that is no regular file; FIPS mode needs one"
            raise ImageError(msg)
        original = self._rootfs.read(path, MAX_CONFIGURATION) if entry is not None else b""
        self.write(path, with_fips(original, self.module_file), "OpenSSL's configuration")

    def provide(self, path: ImagePath) -> None:
        """Place the provider, unless the image has just this file there."""
        entry = self._rootfs.get(path)
        is_same = entry is not None and entry.is_file and entry.size == len(self._content)
        if entry is not None and is_same and _is_guarded(entry):
            with self._rootfs.open(path) as stream:
                if stream.read(len(self._content) + 1) == self._content:
                    return
        self.write(path, self._content, "the FIPS provider")

    def serve(self, module: CryptoModule) -> None:
        """Let a private copy of OpenSSL find a configuration, and a provider of its own."""
        configuration, modules = self._place(module.configuration), self._place(module.modules)
        if configuration is None or modules is None or len(self._users) >= MAX_COPIES:
            self.notes.append(
                f"{module.path}: its OpenSSL looks for its files in {module.configuration or '?'}"
                f" and {module.modules or '?'}, where careen places none; it fails closed"
            )
            return
        config = image_path(posixpath.join(configuration, CONFIG_FILE), module.path)
        config = self._rootfs.walk(config).end
        if config not in self.files:
            self.configure(config)
        path = self._rootfs.walk(posixpath.join(modules, NAME)).end
        users = self._users.setdefault(path, [])
        if users or path == self._provider.path:
            other = users[0] if users else "the system's OpenSSL"
            self.notes.append(
                f"{module.path}: looks for its provider where {other} does, {path}; in a process"
                " that loads both, the second gets no algorithm"
            )
        else:
            self.provide(path)
        users.append(module.path)

    def _place(self, text: str) -> ImagePath | None:
        """Return a directory, after links, where a file may be placed; None for any other text."""
        try:
            path = self._rootfs.walk(image_path(text, "a directory")).end
        except ImageError:
            return None
        if not text.startswith("/") or not _is_fit(path):
            return None
        found = (self._rootfs.get(each) for each in (path, *ancestors(path)))
        return path if all(entry is None or entry.is_dir for entry in found) else None


def _is_fit(path: ImagePath) -> bool:
    return not any(path == each or path.startswith(f"{each}/") for each in _UNFIT)


def _is_guarded(entry: Entry) -> bool:
    """Return whether root alone can change a file, or replace what is in a directory."""
    return entry.uid == 0 and not entry.mode & _OTHERS_WRITE


def _system_configuration(
    rootfs: Rootfs, inventory: CryptoInventory, environment: Mapping[str, str]
) -> tuple[ImagePath, tuple[ImagePath, ...]]:
    """Return the configuration that the image's OpenSSL reads, after links, and those before it
    where no file should be placed.
    """
    system = [
        f"{each.module.configuration}/{CONFIG_FILE}"
        for each in inventory.modules
        if each.module.kind == "openssl"
        and each.module.origin is Origin.SYSTEM
        and each.module.configuration.startswith("/")
    ]
    stated = environment.get(CONF, "")
    texts = [*system, *([stated] if stated.startswith("/") else [])]
    unfit: dict[ImagePath, None] = {}
    for text in (*texts, f"{DEFAULT_DIRECTORY}/{CONFIG_FILE}"):
        path = image_path(posixpath.normpath(text), "an OpenSSL configuration")
        if _is_fit(end := rootfs.walk(path).end):
            return end, tuple(unfit)
        unfit[end] = None
    msg = f"{DEFAULT_DIRECTORY}: leads to a place where others can write at run time"
    raise ImageError(msg)


def _private_copies(inventory: CryptoInventory) -> Iterator[CryptoModule]:
    for each in inventory.modules:
        if each.module.origin is Origin.PRIVATE and each.module.can_be_routed:
            yield each.module

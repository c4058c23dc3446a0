"""Where each copy of OpenSSL 3 of an image gets its algorithms from.

A copy reads `OPENSSL_CONF`, else `openssl.cnf` in the directory that was compiled in; it looks for
providers in `OPENSSL_MODULES`, else in the other directory that was compiled in. A copy that reads
no FIPS configuration fails open: everything works, approved or not. One that reads it, and finds no
provider, fails closed: nothing works.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from careen.cryptography.mac import module_mac, same_mac
from careen.cryptography.openssl_config import OpensslConfig, read_config
from careen.errors import ImageError
from careen.model.cryptography.module import CryptoModule, Routing
from careen.model.entry import Entry
from careen.model.paths import ImagePath, image_path
from careen.oci.tree.rootfs import Rootfs

CONF, MODULES = "OPENSSL_CONF", "OPENSSL_MODULES"
STEERING = (CONF, MODULES)
PROVIDER = "fips.so"
_TAKES_PROVIDERS = 3  # the first major version
_MAJOR = re.compile(r"(\d{1,3})\.")
MAX_MODULE = 64 << 20  # bytes of a provider; Debian's has 3 MB
_SIDE = frozenset({"base"})  # encoders alone: no algorithm comes from there


class Router:
    """Follows copies of OpenSSL through the configuration of one image.

    `providers` are the paths of its FIPS providers.
    """

    def __init__(
        self, rootfs: Rootfs, environment: Mapping[str, str], providers: Iterable[ImagePath]
    ) -> None:
        self._rootfs = rootfs
        self._environment = environment
        self._configs: dict[str, OpensslConfig | None] = {}
        found = (rootfs.get(path) for path in providers)
        self._providers = {entry.inode for entry in found if entry is not None}
        self._macs: dict[int, str] = {}
        self._users: dict[int, list[ImagePath]] = {}
        self._routed: dict[ImagePath, int] = {}
        self._loaded: set[int] = set()

    def route(self, module: CryptoModule) -> CryptoModule:
        """Return a copy of OpenSSL with its routing and why; other modules as they are."""
        major = _MAJOR.match(module.version)
        if module.kind != "openssl":
            return module
        if major is None:
            return _with(module, Routing.UNKNOWN, "its version is not known")
        if int(major[1]) < _TAKES_PROVIDERS:
            return _with(module, Routing.IMPOSSIBLE, f"OpenSSL {module.version} takes no providers")
        config_path, by = self._config_path(module)
        if by == CONF and not config_path:
            return _with(module, Routing.OPEN, f"{CONF} is empty: it reads no configuration")
        if not config_path:
            return _with(module, Routing.UNKNOWN, "it does not state its OPENSSLDIR")
        config = self._config(config_path)
        if config is None:
            return _with(module, Routing.OPEN, f"{by} {config_path} is not in the image")
        if config.unknown:
            return _with(module, Routing.UNKNOWN, f"{config_path}: {config.unknown}")
        if not config.wants_fips:
            return _with(module, Routing.OPEN, f"{by} {config_path} does not turn FIPS mode on")
        return self._provided(module, config)

    def _config_path(self, module: CryptoModule) -> tuple[str, str]:
        if (path := self._environment.get(CONF)) is not None:
            return path, CONF
        if not module.configuration:
            return "", ""
        return posixpath.join(module.configuration, "openssl.cnf"), "its"

    def _config(self, path: str) -> OpensslConfig | None:
        if path not in self._configs:
            self._configs[path] = read_config(self._rootfs, path)
        return self._configs[path]

    def _provided(self, module: CryptoModule, config: OpensslConfig) -> CryptoModule:
        """Return the routing of a copy that reads a configuration with FIPS mode."""
        path, where = self._provider_path(module, config)
        if not path.startswith("/"):
            return _with(module, Routing.UNKNOWN, f"{path} ({where}) is no absolute path")
        entry = self._entry(path)
        if entry is None:
            return _with(
                module,
                Routing.CLOSED,
                f"{config.path} turns FIPS mode on, and {path} ({where}) is not in the image",
            )
        stated = config.fips.get("module-mac", "")
        if not stated:
            return _with(module, Routing.CLOSED, f"{config.path} states no module-mac for {path}")
        if entry.size > MAX_MODULE:
            why = f"{path}: larger than the {MAX_MODULE} bytes that are read of a provider"
            return _with(module, Routing.UNKNOWN, why)
        if not same_mac(stated, self._mac(entry)):
            return _with(module, Routing.CLOSED, f"the module-mac is not that of {path}")
        if entry.inode not in self._providers:
            return _with(module, Routing.UNKNOWN, f"{path} is not known to be a FIPS provider")
        self._loaded.add(entry.inode)
        others = sorted(config.activated - {"fips"} - _SIDE)
        if others or not config.only_fips:
            beside = f"providers {', '.join(others)} are active, too" if others else "no fips=yes"
            return _with(module, Routing.MIXED, f"{config.path}: {beside}")
        self._users.setdefault(entry.inode, []).append(module.path)
        self._routed[module.path] = entry.inode
        return _with(module, Routing.ROUTED, f"{config.path} and {path}")

    def _provider_path(self, module: CryptoModule, config: OpensslConfig) -> tuple[str, str]:
        """Return the path of the provider that a copy loads, and what decides about it."""
        named = config.fips.get("module") or PROVIDER
        if named.startswith("/"):
            return named, config.path
        if (directory := self._environment.get(MODULES)) is not None:
            return f"{directory}/{named}", MODULES  # an empty one is `/` to OpenSSL
        return posixpath.join(module.modules, named), "its MODULESDIR"

    def loads(self, path: ImagePath) -> bool:
        """Return whether a copy that was routed loads this provider."""
        entry = self._rootfs.get(path)
        return entry is not None and entry.inode in self._loaded

    def shared(self, module: CryptoModule) -> CryptoModule:
        """Add which other copies of OpenSSL load the same provider, once all are routed."""
        if module.routing is not Routing.ROUTED:
            return module
        users = self._users[self._routed[module.path]]
        # One alone is named: a list of thousands is not looked through for each of them.
        other = next((path for path in users[:2] if path != module.path), None)
        if other is None:
            return module
        left = len(users) - 2
        more = f" and {left} more" if left else ""
        # Measured with OpenSSL 3.5 and 4.0: the second finds no algorithm, and fails closed.
        detail = (
            f"{module.detail}; {other}{more} load the same file: in a process with both, the"
            " second gets no algorithm"
        )
        return replace(module, detail=detail)

    def _mac(self, entry: Entry) -> str:
        if entry.inode not in self._macs:
            with self._rootfs.open(entry.path) as stream:
                self._macs[entry.inode] = module_mac(stream)
        return self._macs[entry.inode]

    def _entry(self, path: str) -> Entry | None:
        try:
            entry = self._rootfs.find(image_path(posixpath.normpath(path), "a provider"))
        except ImageError:
            return None
        return entry if entry is not None and entry.is_file else None


def _with(module: CryptoModule, routing: Routing, detail: str) -> CryptoModule:
    return replace(module, routing=routing, detail=detail)

"""Where Python packages come from: the user's word, else what the environment variables and the configuration files of the image say."""

import configparser
import ipaddress
import re
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from careen.errors import InputError, ToolError
from careen.formats.json_document import items
from careen.model.patching import PatchChoices
from careen.model.paths import ImagePath, join
from careen.oci.rootfs import Rootfs
from careen.patch.credentials import without_credentials
from careen.patch.web import proxies_of

_SMALL = 1 << 20
_PIP = ("/etc/pip.conf", "/etc/xdg/pip/pip.conf", "/root/.pip/pip.conf", "/root/.config/pip/pip.conf")  # later ones win, as with pip
_UV = ("/etc/uv/uv.toml", "/root/.config/uv/uv.toml")
_NO_INDEX = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True)
class Sources:
    """`indexes` are simple indexes, the first one that knows a project is asked alone for it, so that nobody can slip a newer one in from a public index;
    `find_links` are URLs of pages with links, `directories` wheel houses of this machine. URLs may hold credentials: none is told as it is.
    """

    indexes: tuple[str, ...] = field(repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    directories: tuple[Path, ...] = ()
    certificates: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    guarded: bool = False
    """The image itself named one of them, and may not make this machine ask itself."""

    @property
    def origin(self) -> str:
        """For people: the index, or the directories."""
        return (
            without_credentials(self.indexes[0])
            if self.indexes
            else ", ".join([*map(without_credentials, self.find_links), *map(str, self.directories)]) or "no index"
        )


def sources_of(choices: PatchChoices, rootfs: Rootfs, prefix: ImagePath, variables: Mapping[str, str]) -> Sources:
    """Return the sources of one environment. `variables` are those of the container (PIP_*, UV_*). Raises InputError for a wheel house that is not there."""
    said = {**{key.upper(): value for key, value in variables.items()}, **_words(choices)}
    settings = _settings(rootfs, prefix)
    index = choices.python_index or _first(said, "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL") or settings.get("index-url", "")
    extra = "" if choices.python_index else f"{said.get('UV_INDEX', '')} {said.get('UV_EXTRA_INDEX_URL', '')} {said.get('PIP_EXTRA_INDEX_URL', '')}"
    if not choices.python_index and not extra.strip():
        extra = settings.get("extra-index-url", "")
    links = choices.find_links or tuple(f"{said.get('UV_FIND_LINKS', '').replace(',', ' ')} {said.get('PIP_FIND_LINKS', '')}".split())
    no_index = choices.no_index or said.get("PIP_NO_INDEX", "").lower() in _NO_INDEX or said.get("UV_NO_INDEX", "").lower() in _NO_INDEX
    no_index = no_index or (not choices.python_index and settings.get("no-index", "").lower() in _NO_INDEX)
    extras = tuple(url.partition("=")[2] if re.match(r"[\w-]+=https?:", url) else url for url in extra.split())
    indexes = () if no_index or not choices.online else (*extras, index or public_index())
    pages = tuple(link for link in links if link.startswith(("http://", "https://")))
    directories = tuple(Path(link.removeprefix("file://")) for link in links if link not in pages)
    for directory in directories:
        if choices.find_links and not directory.is_dir():
            msg = f"--find-links: not a directory or a URL: {str(directory)!r}"
            raise InputError(msg)
    kept = directories if choices.find_links else tuple(each for each in directories if each.is_dir() and str(each) in _hosts(choices))
    theirs = bool(settings or variables) and not choices.python_index and not choices.host_network
    return Sources(indexes, pages if choices.online else (), kept, choices.certificates, proxies_of(choices), theirs)


def public_index() -> str:
    """The index that pip itself asks when nobody says otherwise."""
    from pip._internal.models.index import PyPI

    return str(PyPI.simple_url)


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """Split `https://user:word@host/…` in the address and the credentials."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    host = parts.netloc.rpartition("@")[2]
    from urllib.parse import unquote

    return urlunsplit((parts.scheme, host, parts.path, parts.query, "")), (unquote(parts.username), unquote(parts.password or ""))


def refuse_own_machine(host: str) -> None:
    """Raise ToolError for a host that is this machine or its nearest surroundings (cloud metadata): an image's own words must not lead there."""
    try:
        found = {item[4][0] for item in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return  # nobody by that name: the connection says so
    for text in found:
        address = ipaddress.ip_address(str(text).partition("%")[0])
        if address.is_loopback or address.is_link_local or address.is_unspecified:
            msg = f"{host}: the image's own settings name an index on this machine; name it with --index-url, or allow it with --host-network"
            raise ToolError(msg)


def _words(choices: PatchChoices) -> dict[str, str]:
    return {key.upper(): value for key, value in (word.split("=", 1) for word in choices.environment if "=" in word)}


def _hosts(choices: PatchChoices) -> str:
    """Only the user may name a directory of this machine; the image's variables may not."""
    words = _words(choices)
    return f"{words.get('UV_FIND_LINKS', '')} {words.get('PIP_FIND_LINKS', '')}"


def _first(said: Mapping[str, str], *names: str) -> str:
    return next((said[name].strip() for name in names if said.get(name, "").strip()), "")


def _settings(rootfs: Rootfs, prefix: ImagePath) -> dict[str, str]:
    """What pip's and uv's configuration files of the image say, pip's last."""
    out: dict[str, str] = {}
    for path in _UV:
        if text := _text(rootfs, path):
            out.update(_uv(text))
    for path in (*_PIP, join(prefix, "pip.conf")):
        if text := _text(rootfs, path):
            parser = configparser.RawConfigParser(strict=False)
            try:
                parser.read_string(text)
            except configparser.Error:
                continue
            for section in ("global", "install"):
                if parser.has_section(section):
                    out.update({key.replace("_", "-"): " ".join(value.split()) for key, value in parser.items(section) if value})
    return out


def _uv(text: str) -> dict[str, str]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
    pip = document.get("pip", {}) if isinstance(document.get("pip"), dict) else {}
    merged = {**document, **pip}
    out = {key: str(merged[key]) for key in ("index-url",) if isinstance(merged.get(key), str)}
    if extra := [word for word in items(merged.get("extra-index-url")) if isinstance(word, str)]:
        out["extra-index-url"] = " ".join(extra)
    for index in items(merged.get("index")):
        if isinstance(index, dict) and isinstance(index.get("url"), str):
            key = "index-url" if index.get("default") is True else "extra-index-url"
            out[key] = f"{out.get(key, '')} {index['url']}".strip() if key == "extra-index-url" else index["url"]
    if merged.get("no-index") is True:
        out["no-index"] = "true"
    return out


def _text(rootfs: Rootfs, path: str) -> str:
    entry = rootfs.find(path)
    if entry is None or not entry.is_file or entry.size > _SMALL:
        return ""
    return rootfs.read(entry.path, _SMALL).decode("utf-8", "replace")

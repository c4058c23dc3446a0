"""Sources of Python packages: the user's, else those that the image configures."""

import configparser
import functools
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from careen.errors import InputError, ToolError
from careen.formats.json_document import items
from careen.model.patching import PatchChoices
from careen.model.paths import ImagePath, join
from careen.oci.tree.rootfs import Rootfs
from careen.patch.credentials import without_credentials
from careen.patch.web import permit_of, proxies_of
from careen.tools.addresses import Permit
from careen.tools.process import check

_SMALL = 1 << 20
_PIP = (
    "/etc/pip.conf",
    "/etc/xdg/pip/pip.conf",
    "/root/.pip/pip.conf",
    "/root/.config/pip/pip.conf",
)  # later ones win, as with pip
_UV = ("/etc/uv/uv.toml", "/root/.config/uv/uv.toml")
_NO_INDEX = ("1", "true", "yes", "on")
_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
_EXTRA_INDEXES = ("UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL")
_PIP_SECONDS = 60.0
_DEFAULT_INDEX = re.compile(r"--index-url <url> [^(]{0,200}\(default (https?://[^\s)]{1,200})\)")
_FIND_LINKS = ("UV_FIND_LINKS", "PIP_FIND_LINKS")


@dataclass(frozen=True, slots=True)
class Sources:
    """Indexes and wheel directories of one environment; URLs may contain credentials.

    `indexes` are simple indexes; only the first one that knows a project is asked for it.
    `find_links` are URLs of pages with links, `directories` wheel directories of this machine.
    """

    # Asking only one prevents dependency confusion: a foreign package from a public index.
    indexes: tuple[str, ...] = field(repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    directories: tuple[Path, ...] = ()
    certificates: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    permit: Permit = field(default_factory=Permit)
    """What the user named; other addresses of this machine or a private network are refused."""

    @property
    def origin(self) -> str:
        """Name of the index or the directories in messages."""
        return (
            without_credentials(self.indexes[0])
            if self.indexes
            else ", ".join(
                [*map(without_credentials, self.find_links), *map(str, self.directories)]
            )
            or "no index"
        )


def sources_of(
    choices: PatchChoices, rootfs: Rootfs, prefix: ImagePath, variables: Mapping[str, str]
) -> Sources:
    """Return the sources of one environment; `variables` are the container's PIP_* and UV_*.

    If the user names an index, the image's indexes, pages and directories do not count.
    Raises InputError if a directory does not exist.
    """
    words = _words(choices)
    named = bool(choices.python_index) or any(words.get(name, "").strip() for name in _INDEXES)
    image = {key.upper(): value for key, value in variables.items()}
    said = words if named else {**image, **words}
    settings = {} if named else _settings(rootfs, prefix)
    return Sources(
        _indexes(choices, said, settings),
        tuple(link for link in _links(choices, said) if _is_url(link)) if choices.online else (),
        _directories(choices, words),
        choices.certificates,
        proxies_of(choices),
        permit_of(choices),
    )


def _indexes(
    choices: PatchChoices, said: Mapping[str, str], settings: Mapping[str, str]
) -> tuple[str, ...]:
    flags = (
        said.get("PIP_NO_INDEX", ""),
        said.get("UV_NO_INDEX", ""),
        settings.get("no-index", ""),
    )
    if not choices.online or choices.no_index or any(flag.lower() in _NO_INDEX for flag in flags):
        return ()
    if choices.python_index:
        return (choices.python_index,)
    extra = " ".join(said.get(name, "") for name in _EXTRA_INDEXES)
    extra = extra if extra.strip() else settings.get("extra-index-url", "")
    extras = (
        url.partition("=")[2] if re.match(r"[\w-]+=https?:", url) else url for url in extra.split()
    )
    return (
        *extras,
        _first(said, *_INDEXES)
        or settings.get("index-url", "")
        or choices.python_default
        or public_index(),
    )


def _links(choices: PatchChoices, said: Mapping[str, str]) -> tuple[str, ...]:
    return choices.find_links or tuple(
        link for name in _FIND_LINKS for link in _words_of(name, said)
    )


def _directories(choices: PatchChoices, words: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the wheel directories that the user named; the image may not name any."""
    named = [
        Path(link.removeprefix("file://")) for link in _links(choices, words) if not _is_url(link)
    ]
    for directory in named:
        if choices.find_links and not directory.is_dir():
            msg = f"--find-links: not a directory or a URL: {str(directory)!r}"
            raise InputError(msg)
    return tuple(directory for directory in named if directory.is_dir())


def _is_url(link: str) -> bool:
    return link.startswith(("http://", "https://"))


def _words_of(name: str, said: Mapping[str, str]) -> list[str]:
    value = said.get(name, "")
    return (value.replace(",", " ") if name.startswith("UV_") else value).split()


@functools.cache
def public_index() -> str:
    """Return pip's default index, as `pip install --help` states it.

    Raises ToolError if it does not.
    """
    doing = "asking pip for its default index"
    argv = [sys.executable, "-m", "pip", "--isolated", "install", "--help"]
    told = check(argv, timeout=_PIP_SECONDS, doing=doing).stdout.decode("utf-8", "replace")
    found = _DEFAULT_INDEX.search(" ".join(told.split()))
    if found is None:
        msg = f"{doing}: `pip install --help` names none; name one with --index-url"
        raise ToolError(msg)
    return found[1]


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """Split `https://user:word@host/…` into the address and the credentials.

    Raises InputError for text that is no address.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        msg = f"not an address of a Python index: {without_credentials(url)[:200]!r}: {error}"
        raise InputError(msg) from error
    if parts.username is None:
        return url, None
    host = parts.netloc.rpartition("@")[2]
    from urllib.parse import unquote

    return urlunsplit((parts.scheme, host, parts.path, parts.query, "")), (
        unquote(parts.username),
        unquote(parts.password or ""),
    )


def _words(choices: PatchChoices) -> dict[str, str]:
    return {
        key.upper(): value
        for key, value in (word.split("=", 1) for word in choices.environment if "=" in word)
    }


def _first(said: Mapping[str, str], *names: str) -> str:
    return next((said[name].strip() for name in names if said.get(name, "").strip()), "")


def _settings(rootfs: Rootfs, prefix: ImagePath) -> dict[str, str]:
    """Return the settings of the image's uv and pip configuration files; pip's win."""
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
                    out.update(
                        {
                            key.replace("_", "-"): " ".join(value.split())
                            for key, value in parser.items(section)
                            if value
                        }
                    )
    return out


def _uv(text: str) -> dict[str, str]:
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError):  # ValueError also for a number of 5,000 digits
        return {}
    pip = document.get("pip", {}) if isinstance(document.get("pip"), dict) else {}
    merged = {**document, **pip}
    out = {key: str(merged[key]) for key in ("index-url",) if isinstance(merged.get(key), str)}
    if extra := [word for word in items(merged.get("extra-index-url")) if isinstance(word, str)]:
        out["extra-index-url"] = " ".join(extra)
    for index in items(merged.get("index")):
        if isinstance(index, dict) and isinstance(index.get("url"), str):
            key = "index-url" if index.get("default") is True else "extra-index-url"
            out[key] = (
                f"{out.get(key, '')} {index['url']}".strip()
                if key == "extra-index-url"
                else index["url"]
            )
    if merged.get("no-index") is True:
        out["no-index"] = "true"
    return out


def _text(rootfs: Rootfs, path: str) -> str:
    entry = rootfs.find(path)
    if entry is None or not entry.is_file or entry.size > _SMALL:
        return ""
    return rootfs.read(entry.path, _SMALL).decode("utf-8", "replace")

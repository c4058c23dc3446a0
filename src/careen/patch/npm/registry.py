"""Client of the npm registry, through npm in the image or the tooling container.

npm itself handles registry, credentials and proxies. Its cache and logs are in the sandbox. Answers
are JSON with limits, and addresses lose their credentials.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from careen.errors import ToolError
from careen.formats.json_document import items, mapping, parse, text
from careen.model.patching import PatchChoices
from careen.patch.credentials import bare_address, without_credentials
from careen.patch.sandbox import LONG, SHORT, Sandbox

MAX_ARCHIVE = 256 << 20
MAX_ANSWER = 16 << 20
MAX_VERSIONS = 50_000
_NAME = re.compile(r"(?:@[A-Za-z0-9._~-]+/)?[A-Za-z0-9_~][A-Za-z0-9._~-]{0,213}\Z")
_DEPENDENCIES = (
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "bundleDependencies",
)
_FIELDS = (
    "name",
    "version",
    *_DEPENDENCIES,
    "engines",
    "os",
    "cpu",
    "libc",
    "bin",
    "dist",
    "scripts",
    "gypfile",
    "license",
    "funding",
    "deprecated",
)
_SIDE_BY_SIDE = 4  # concurrent questions to npm, each a process
_AT_ONCE = 50  # archives that one run of npm fetches
_RANGE = re.compile(r"[0-9A-Za-z.+~^<>=|* -]{1,500}\Z")
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,256}\Z")
_SECRET = re.compile(r"(?i)(_auth\w{0,200}|_password|token)([=:]\s*)\S+")
_DIGESTS = ("sha512", "sha384", "sha256", "sha1")


@dataclass(frozen=True, slots=True)
class Published:
    """One version in the registry.

    `manifest` is the registry's, `resolved` the archive's address without credentials,
    `integrity` its checksum in the form of SRI.
    """

    manifest: Mapping[str, Any]
    resolved: str
    integrity: str


@dataclass(slots=True)
class Memory:
    """Answers and archives of npm for one project."""

    # A plan is made once, and tried several times.
    published: dict[tuple[str, str], Published] = field(default_factory=dict)
    offers: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    archives: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)
    listed: dict[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    fetched: int = 0


class Registry:
    """npm, as a client of the registry.

    Every method raises ToolError if the registry does not answer as one does.
    """

    def __init__(
        self, sandbox: Sandbox, choices: PatchChoices, settings: bytes, memory: Memory
    ) -> None:
        self._sandbox = sandbox
        inside = sandbox.directory("npm")
        inside_project = sandbox.directory("npm/settings")
        sandbox.put("npm/settings/package.json", b"{}\n")
        sandbox.put("npm/settings/.npmrc", settings)
        self._prefix = ("--prefix", inside_project)
        self._env = _environment(inside)
        if choices.npm_registry:
            self._env["npm_config_registry"] = choices.npm_registry
        self._in_tooling = False
        self.memory = memory

    def close(self) -> None:
        """Delete the project's settings, which may hold credentials."""
        self._sandbox.put("npm/settings/.npmrc", b"")

    def works(self) -> bool:
        """Return whether an npm runs: the image's, else the tooling container's."""
        for in_tooling in (False, True):
            if in_tooling and self._sandbox.tooling is None:
                break
            try:
                done = self._sandbox.run(
                    ("npm", "--version"),
                    doing="looking for npm",
                    env=self._env,
                    check=False,
                    in_tooling=in_tooling,
                )
            except ToolError:
                continue
            if done.status == 0 and re.match(r"\d+\.\d+", done.output.strip()):
                self._in_tooling = in_tooling
                return True
        return False

    def npm(self, *words: str, doing: str, timeout: float = SHORT) -> tuple[int | None, Any]:
        """Run npm; return its status and its JSON output (None if it is not JSON)."""
        done = self._sandbox.run(
            ("npm", *self._prefix, *words),
            doing=doing,
            timeout=timeout,
            env=self._env,
            check=False,
            in_tooling=self._in_tooling,
        )
        return done.status, _document(done.output, doing)

    def node(self, *words: str, doing: str) -> None:
        """Run Node where npm runs; raise ToolError if it fails."""
        self._sandbox.run(("node", *words), doing=doing, env=self._env, in_tooling=self._in_tooling)

    def offers(self, name: str, wanted: str) -> tuple[str, ...]:
        """Return the versions on offer within a range; empty if the package does not exist."""
        key = name, wanted
        if key not in self.memory.offers:
            self._remember(name, wanted, self._view(name, wanted))
        return self.memory.offers[key]

    def prefetch(self, wanted: Sequence[tuple[str, str]]) -> None:
        """Ask for the versions of several packages, a few at a time.

        Stops at the first failure; `offers` then asks again and raises its error.
        """
        # npm takes one package in each question, and most of its time is npm's start.
        missing = [key for key in dict.fromkeys(wanted) if key not in self.memory.offers]
        for start in range(0, len(missing), _SIDE_BY_SIDE):
            part = missing[start : start + _SIDE_BY_SIDE]
            with ThreadPoolExecutor(len(part)) as pool:
                asked = [(key, pool.submit(self._view, *key)) for key in part]
            try:
                for key, answer in asked:
                    self._remember(*key, answer.result())
            except ToolError:
                return

    def _view(self, name: str, wanted: str) -> Any:
        doing = _asking(name)
        if not askable(name, wanted):
            msg = f"{doing}: no name and range that a registry is asked for: {wanted[:80]!r}"
            raise ToolError(msg)
        return self._asked("view", f"{name}@{wanted}", *_FIELDS, "--json", doing=doing)

    def _remember(self, name: str, wanted: str, said: Any) -> None:
        found = [
            published
            for item in [said]
            if isinstance(item, dict)
            for published in self._read(name, item)
        ]
        found += [
            published
            for item in items(said)[:MAX_VERSIONS]
            for published in self._read(name, mapping(item))
        ]
        if not found and said:
            msg = f"{_asking(name)}: the registry answered without {name}, or without checksums"
            raise ToolError(msg)
        self.memory.offers[name, wanted] = tuple(text(each.manifest["version"]) for each in found)

    def published(self, name: str, version: str) -> Published:
        """Return what the registry states of a version; raise ToolError if it lacks it."""
        key = name, version
        if key not in self.memory.published and (
            not _VERSION.match(version) or version not in self.offers(name, version)
        ):
            msg = f"asking npm for {name}@{version[:80]}: the registry does not have it"
            raise ToolError(msg)
        return self.memory.published[key]

    def archive(self, name: str, version: str) -> bytes:
        """Return a version's archive."""
        self.fetch([(name, version)])
        return self.memory.archives[name, version]

    def fetch(self, wanted: Sequence[tuple[str, str]]) -> None:
        """Fetch archives, at most 256 MiB each; check each against the registry's checksum."""
        missing = [key for key in dict.fromkeys(wanted) if key not in self.memory.archives]
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            published = {
                f"{name}@{version}": self.published(name, version) for name, version in part
            }
            # as many as fit on a line
            shown = ", ".join([*published][:3]) + (" …" if len(part) > 3 else "")  # noqa: PLR2004
            doing = f"fetching {shown} with npm"
            self.memory.fetched += 1
            place = f"npm/packed-{self.memory.fetched}"
            inside = self._sandbox.directory(place)
            status, said = self.npm(
                "pack",
                *published,
                "--json",
                "--pack-destination",
                inside,
                doing=doing,
                timeout=LONG,
            )
            _refuse(status, said, doing)
            names = [
                name for name in self._sandbox.names(place, 2 * _AT_ONCE) if name.endswith(".tgz")
            ]
            archives = [self._sandbox.take(f"{place}/{name}", MAX_ARCHIVE) for name in names]
            for key in part:
                integrity = published[f"{key[0]}@{key[1]}"].integrity
                data = next(
                    (data for data in archives if data is not None and matches(data, integrity)),
                    None,
                )
                if data is None:
                    msg = (
                        f"fetching {key[0]}@{key[1]} with npm: no archive has the registry's"
                        f" checksum {integrity[:100]}; nothing was changed"
                    )
                    raise ToolError(msg)
                self.memory.archives[key] = data

    def _read(self, name: str, manifest: Mapping[str, Any]) -> Iterator[Published]:
        """Remember and yield one version, if it has a valid name, version and checksum."""
        dist, version = mapping(manifest.get("dist")), text(manifest.get("version"))
        integrity = text(dist.get("integrity")) or _sri(text(dist.get("shasum")))
        if text(manifest.get("name")) == name and _VERSION.match(version) and integrity:
            published = Published(
                manifest, bare_address(text(dist.get("tarball"))[:2000]), integrity
            )
            self.memory.published[name, version] = published
            yield published

    def _asked(self, *words: str, doing: str) -> Any:
        status, said = self.npm(*words, doing=doing)
        if status == 0:
            if said is None:
                msg = f"{doing}: the registry's answer is not what npm understands"
                raise ToolError(msg)
            return said
        if text(mapping(mapping(said).get("error")).get("code")) == "E404":
            return []
        return _refuse(status, said, doing)


def _asking(name: str) -> str:
    return f"asking npm for the versions of {name[:80]}"


def _environment(inside: str) -> dict[str, str]:
    return {
        "npm_config_cache": f"{inside}/cache",
        "npm_config_logs_max": "0",
        "npm_config_loglevel": "silent",
        "npm_config_update_notifier": "false",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
        "npm_config_ignore_scripts": "true",
        "npm_config_fetch_retries": "1",
        "npm_config_fetch_timeout": "30000",
        "NODE_NO_WARNINGS": "1",
        "NODE_DISABLE_COMPILE_CACHE": "1",
    }


def askable(name: str, wanted: str) -> bool:
    """Return whether a name and a range are valid questions for a registry."""
    # Both go to a command line.
    return _NAME.match(name) is not None and _RANGE.match(wanted) is not None


def matches(data: bytes, integrity: str) -> bool:
    """Return whether data has a checksum in the form of SRI (`sha512-…`).

    There can be several with spaces between; only the strongest kind counts.
    """
    stated: dict[str, list[bytes]] = {}
    for word in integrity.split()[:20]:
        kind, _, value = word.partition("?")[0].partition("-")
        try:
            stated.setdefault(kind, []).append(base64.b64decode(value, validate=True))
        except (ValueError, binascii.Error):
            continue
    kind = next((kind for kind in _DIGESTS if kind in stated), "")
    return bool(kind) and hashlib.new(kind, data, usedforsecurity=False).digest() in stated[kind]


def sha256_of(integrity: str) -> str:
    """Return the SHA-256 digest in hex if the registry states it, else ""."""
    kind, _, value = integrity.partition("-")
    try:
        return base64.b64decode(value, validate=True).hex() if kind == "sha256" else ""
    except (ValueError, binascii.Error):
        return ""


def _sri(shasum: str) -> str:
    return (
        f"sha1-{base64.b64encode(bytes.fromhex(shasum)).decode()}"
        if re.fullmatch(r"[0-9a-f]{40}", shasum)
        else ""
    )


def _document(output: str, doing: str) -> Any:
    """Return the JSON in npm's output, from the first line that starts a value.

    Text after the value is left out.
    """
    lines = output[-MAX_ANSWER:].splitlines()
    start = next((i for i, line in enumerate(lines) if line[:1] in ("{", "[", '"')), None)
    if start is None:
        return None
    found = "\n".join(lines[start:])
    try:
        return _parsed(found, doing)
    except ToolError:
        pass
    try:
        # npm's notices come over the same stream, and may follow.
        _, end = json.JSONDecoder().raw_decode(found)
        return _parsed(found[:end], doing)
    except (ToolError, ValueError, RecursionError):
        return None


def _parsed(found: str, doing: str) -> Any:
    return parse(found.encode("utf-8", "replace"), doing, ToolError)


def _refuse(status: int | None, said: Any, doing: str) -> Any:
    if status == 0:
        return said
    error = mapping(mapping(said).get("error"))
    code, summary = text(error.get("code")), text(error.get("summary"))
    words = " ".join((f"{code} {summary}".strip() or f"npm ended with {status}").split())
    shown = _SECRET.sub(r"\1\2…", without_credentials(words))[:300]
    msg = (
        f"{doing}: {shown}; nothing was changed. Check that the registry is reachable from a"
        " container (--npm-registry)"
    )
    raise ToolError(msg)

"""Client of a Maven repository: a directory in its layout, or a URL.

Fetched jars are compared with the checksum beside them.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from careen.errors import ToolError
from careen.model.patching import PatchChoices
from careen.patch.certificates import trusting_context
from careen.patch.credentials import bare_address, without_credentials
from careen.tools.addresses import RefusedAddressError
from careen.tools.read_file import read_file

MAX_JAR = 256 << 20
MAX_TEXT = 8 << 20
MAX_VERSIONS = 20_000
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}\Z")
_CHECKSUMS = (("sha512", 128), ("sha256", 64), ("sha1", 40))
_SECONDS = 30.0
_ALL_SECONDS = 600.0
_OK, _ABSENT = 200, (404, 410)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """One version of an artifact."""

    group: str
    artifact: str
    version: str

    @property
    def name(self) -> str:
        return f"{self.group}:{self.artifact}"

    @property
    def is_plain(self) -> bool:
        """Whether a repository can have it."""
        # The parts become a path.
        return all(
            _PART.match(part) and ".." not in part
            for part in (*self.group.split("."), self.artifact, self.version)
        )

    def path(self, extension: str) -> str:
        """Return its path in a repository; raise ToolError if no repository can have it."""
        if not self.is_plain:
            msg = f"no coordinates of Maven's: {f'{self.name}:{self.version}'[:120]!r}"
            raise ToolError(msg)
        folder = f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}"
        return f"{folder}/{self.artifact}-{self.version}.{extension}"


@dataclass(frozen=True, slots=True)
class Jar:
    """A jar of the repository.

    `checked` is the kind of its checksum ("" for a directory without one), `signed` whether it
    has a signature file.
    """

    content: bytes
    sha256: str
    origin: str
    checked: str
    signed: bool


@dataclass(slots=True)
class Repository:
    """The repository that `--maven` names; it remembers answers."""

    choices: PatchChoices
    _texts: dict[str, bytes | None] = field(default_factory=dict)

    @property
    def is_remote(self) -> bool:
        return self.choices.maven.startswith(("http://", "https://"))

    @property
    def shown(self) -> str:
        """Its location without credentials."""
        return bare_address(self.choices.maven)

    @property
    def no_means(self) -> str:
        """Why it cannot be asked, "" if it can."""
        if not self.choices.maven:
            return "no Maven repository is named (--maven DIRECTORY-OR-URL)"
        if self.is_remote and not self.choices.online:
            return f"{self.shown} needs the network, and --offline forbids it"
        return ""

    def versions(self, group: str, artifact: str) -> tuple[str, ...]:
        """Return the versions on offer; empty for names that no repository can have.

        Those of a directory whose jar exists, else those that maven-metadata.xml lists.
        """
        if not Coordinates(group, artifact, "0").is_plain:
            return ()
        folder = Coordinates(group, artifact, "0").path("jar").rsplit("/", 2)[0]
        if self.is_remote:
            data = self._text(f"{folder}/maven-metadata.xml")
            return tuple(_listed(data, f"{self.shown}/{folder}")) if data is not None else ()
        base = Path(self.choices.maven) / folder
        try:
            found = sorted(
                item.name
                for item in base.iterdir()
                if _PART.match(item.name) and (item / f"{artifact}-{item.name}.jar").is_file()
            )
        except OSError:
            return ()
        return tuple(found[:MAX_VERSIONS])

    def jar(self, wanted: Coordinates) -> Jar:
        """Fetch a jar; raise ToolError if it is missing or its checksum differs."""
        path = wanted.path("jar")
        content = self._get(path, MAX_JAR)
        if content is None:
            msg = (
                f"{self.shown}/{path}: not there, though the version is listed; nothing was changed"
            )
            raise ToolError(msg)
        checked = ""
        for kind, length in _CHECKSUMS:
            stated = self._text(f"{path}.{kind}")
            if stated is None:
                continue
            digest = stated.decode("ascii", "replace").split()[:1]
            if not digest or not re.fullmatch(rf"[0-9a-fA-F]{{{length}}}", digest[0]):
                msg = f"{self.shown}/{path}.{kind}: not a checksum; nothing was changed"
                raise ToolError(msg)
            if hashlib.new(kind, content, usedforsecurity=False).hexdigest() != digest[0].lower():
                msg = (
                    f"{self.shown}/{path}: its {kind} does not match its checksum file,"
                    f" {digest[0][:16]}…; nothing was changed"
                )
                raise ToolError(msg)
            checked = kind
            break
        if not checked and self.is_remote:
            msg = (
                f"{self.shown}/{path}: no checksum file next to it (.sha512, .sha256, .sha1);"
                " nothing was changed"
            )
            raise ToolError(msg)
        return Jar(
            content,
            hashlib.sha256(content).hexdigest(),
            f"{self.shown.rstrip('/')}/{path}",
            checked,
            self._text(f"{path}.asc") is not None,
        )

    def pom(self, wanted: Coordinates) -> bytes | None:
        """Return an artifact's pom, or None if the repository has none."""
        return self._text(wanted.path("pom")) if wanted.is_plain else None

    def _text(self, path: str) -> bytes | None:
        if path not in self._texts:
            self._texts[path] = self._get(path, MAX_TEXT)
        return self._texts[path]

    def _get(self, path: str, limit: int) -> bytes | None:
        if not self.is_remote:
            file = Path(self.choices.maven) / path
            return read_file(file, limit) if file.is_file() else None
        return _fetched(
            f"{self.choices.maven.rstrip('/')}/{path}",
            f"{self.shown.rstrip('/')}/{path}",
            limit,
            self.choices,
        )


def _fetched(address: str, shown: str, limit: int, choices: PatchChoices) -> bytes | None:
    import httpx

    from careen.patch.web import ADVICE, open_client, permit_of, proxies_of
    from careen.tools.http_answer import opened

    trust = trusting_context(choices.certificates)
    deadline = time.monotonic() + _ALL_SECONDS
    try:
        with (
            open_client(
                trust, proxies_of(choices), httpx.Timeout(_SECONDS), permit_of(choices)
            ) as client,
            opened(client, address, {}) as answer,
        ):
            if answer.status_code in _ABSENT:
                return None
            if answer.status_code != _OK:
                msg = (
                    f"{shown}: the repository answered with {answer.status_code}; nothing was"
                    " changed. Try again, or name another (--maven)"
                )
                raise ToolError(msg)
            out = bytearray()
            for chunk in answer.iter_raw():
                out += chunk
                if len(out) > limit or time.monotonic() > deadline:
                    msg = (
                        f"{shown}: more than {limit} bytes, or than {_ALL_SECONDS:g} s; nothing was"
                        " changed"
                    )
                    raise ToolError(msg)
    except RefusedAddressError as error:
        msg = f"{shown}: {error}; {ADVICE}"
        raise ToolError(msg) from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        said = without_credentials(str(error))[:200] or type(error).__name__
        msg = (
            f"{shown}: cannot be fetched: {said}; nothing was changed. Check that the repository"
            " is reachable (--maven)"
        )
        raise ToolError(msg) from error
    return bytes(out)


def _listed(data: bytes, where: str) -> list[str]:
    """Return the versions in a maven-metadata.xml; refuse a document type."""
    stack: list[str] = []
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        msg = "a document type"
        raise ValueError(msg)

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        if not stack and name != "metadata":
            msg = f"the document is <{name[:20]}>, and not <metadata>"
            raise ValueError(msg)
        stack.append(name)
        if stack == ["metadata", "versioning", "versions", "version"] and len(found) < MAX_VERSIONS:
            found.append("")

    def text(part: str) -> None:
        if (
            stack == ["metadata", "versioning", "versions", "version"]
            and found
            and len(found[-1]) < 256  # noqa: PLR2004
        ):
            found[-1] += part.strip()

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: stack.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)  # noqa: FBT003 — expat's own signature
    except (expat.ExpatError, ValueError, LookupError) as error:
        msg = (
            f"{where}/maven-metadata.xml: not what a Maven repository answers: {str(error)[:100]};"
            " nothing was changed"
        )
        raise ToolError(msg) from error
    return [version for version in found if _PART.match(version)]

"""Fingerprints of an image's configuration and of the advisories that judge it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from careen import __version__
from careen.advisories.database.store import open_store
from careen.pipeline.watching.image_list import Watched
from careen.tools.read_file import read_file
from careen.triage.ignore.careen_lines import NAME
from careen.workload.configuration.project import ProjectConfig, load_config

MAX_NAMED = 256 << 20  # bytes; a vendor's VEX document may be large


@dataclass(frozen=True, slots=True)
class Inputs:
    """Digest of an image's source, and fingerprints of its configuration and advisories."""

    upstream: str
    configuration: str
    judged_by: str

    @property
    def fingerprint(self) -> str:
        """One fingerprint of all inputs."""
        return fingerprint(
            (self.upstream.encode(), self.configuration.encode(), self.judged_by.encode())
        )


def configuration_of(watched: Watched) -> tuple[str, ProjectConfig]:
    """Return the fingerprint of how an image is hardened, and its careen.toml.

    It covers the careen.toml, the files that it names, the list's entry, and careen's version.
    Raises ConfigError.
    """
    project = load_config(watched.config)
    named = (
        path for path in dict.fromkeys(_named(project, watched.config)) if path.is_file()
    )  # a missing one is reported where it is used
    entry = repr((__version__, watched.source, watched.tag, watched.patch)).encode()
    parts = [entry, read_file(watched.config, MAX_NAMED)]
    for path in named:
        parts += [str(path).encode("utf-8", "surrogateescape"), _of_file(path)]
    return fingerprint(parts), project


def _named(project: ProjectConfig, config: Path) -> Iterator[Path]:
    """Yield the files that a careen.toml names, and the .careenignore beside it."""
    # Files that the tests need are not known.
    yield from (*project.keep_from, *project.rules, *project.findings.vex, *project.patch.keys)
    single = (
        project.findings.ignore_file or config.parent / NAME,
        project.patch.policy,
        project.patch.certificates,
    )
    yield from (path for path in single if path is not None)


class DatabaseFingerprints:
    """Fingerprints of advisory databases; each is read once in a pass."""

    def __init__(self) -> None:
        self._feeds: dict[Path, str] = {}

    def of(self, database: Path, watched: Watched) -> str:
        """Return the fingerprint of a database's feeds with their dates and of the conditions.

        Raises ConfigError.
        """
        if database not in self._feeds:
            self._feeds[database] = feeds_of(database)
        return fingerprint(
            (
                self._feeds[database].encode(),
                *(condition.text.encode() for condition in watched.when),
            )
        )


def feeds_of(database: Path) -> str:
    """Return the fingerprint of a database's feeds with their dates. Raises ConfigError."""
    with open_store(database) as store:
        return fingerprint(
            repr((feed.name, feed.date, feed.imported, feed.records, feed.refused)).encode()
            for feed in store.feeds()
        )


def _of_file(path: Path) -> bytes:
    return hashlib.sha256(read_file(path, MAX_NAMED)).digest()


def fingerprint(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of a list of bytes."""
    digest = hashlib.sha256()
    for part in parts:
        # The length keeps two different lists from giving the same bytes.
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()

"""The fingerprints that a pass goes by: of an image's configuration, and of what its findings are
judged by.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from careen import __version__
from careen.advisories.store import open_store
from careen.pipeline.watching.image_list import Watched
from careen.tools.read_file import read_file
from careen.triage.ignore_file import NAME
from careen.workload.config import ProjectConfig, load_config

MAX_NAMED = 256 << 20  # a vendor's VEX document


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an image is hardened and judged by, as fingerprints, beside the digest of its source."""

    upstream: str
    configuration: str
    judged_by: str

    @property
    def fingerprint(self) -> str:
        """One for all."""
        return _sha256(
            (self.upstream.encode(), self.configuration.encode(), self.judged_by.encode())
        )


def configuration_of(watched: Watched) -> tuple[str, ProjectConfig]:
    """Return the fingerprint of all that says how the image is hardened (the careen.toml, the files
    that it names, the entry of the list, careen itself), and the careen.toml. Raises ConfigError.
    """
    project = load_config(watched.config)
    named = (
        path for path in dict.fromkeys(_named(project, watched.config)) if path.is_file()
    )  # one that is missing is told by who needs it
    entry = repr((__version__, watched.source, watched.tag, watched.patch)).encode()
    parts = [entry, read_file(watched.config, MAX_NAMED)]
    for path in named:
        parts += [str(path).encode("utf-8", "surrogateescape"), _of_file(path)]
    return _sha256(parts), project


def _named(project: ProjectConfig, config: Path) -> Iterator[Path]:
    """Name the files that a careen.toml names, and the .careenignore beside it; what the tests need
    is not known.
    """
    yield from (*project.keep_from, *project.rules, *project.findings.vex, *project.patch.keys)
    single = (
        project.findings.ignore_file or config.parent / NAME,
        project.patch.policy,
        project.patch.certificates,
    )
    yield from (path for path in single if path is not None)


class Judges:
    """The fingerprints of advisory databases, each looked at once in a pass."""

    def __init__(self) -> None:
        self._feeds: dict[Path, str] = {}

    def of(self, database: Path, watched: Watched) -> str:
        """Return the fingerprint of a database's feeds, with their dates, and of the entry's
        conditions. Raises ConfigError.
        """
        if database not in self._feeds:
            with open_store(database) as store:
                feeds = [
                    repr((feed.name, feed.date, feed.imported, feed.records, feed.refused)).encode()
                    for feed in store.feeds()
                ]
            self._feeds[database] = _sha256(feeds)
        return _sha256(
            (
                self._feeds[database].encode(),
                *(condition.text.encode() for condition in watched.when),
            )
        )


def _of_file(path: Path) -> bytes:
    return hashlib.sha256(read_file(path, MAX_NAMED)).digest()


def _sha256(parts: Iterable[bytes]) -> str:
    """Each part with its length: two lists never give the same bytes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()

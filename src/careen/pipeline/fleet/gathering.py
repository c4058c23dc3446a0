"""What `careen fleet index` is given: paths, images of registries, and lists of `careen watch`."""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from threading import Event

from careen.errors import CareenError, InputError, VerificationError
from careen.oci.reference import EngineImage, RegistryImage, in_registry, parse_reference
from careen.pipeline.fleet.attached import MOST_BYTES
from careen.pipeline.fleet.images import Content, Found
from careen.pipeline.fleet.registry_image import ImageOnItsWay, RegistryReading
from careen.pipeline.fleet.scanning import scan_documents
from careen.pipeline.fleet.side_by_side import Room, read_in_order
from careen.pipeline.fleet.sources import Source, is_watch_list, sources
from careen.pipeline.fleet.trust import Trust, UnsignedError
from careen.pipeline.run.session import Session
from careen.pipeline.verify_evidence import EvidenceRequest, verify_evidence
from careen.pipeline.watching.image_list import load_list
from careen.registries.catalog import image_tags, repositories_below, tags_of

TRANSPORT = "docker://"
_FILES = (".json", ".toml")
_LABEL = "[A-Za-z0-9-]+"
_HOST = re.compile(
    rf"(?:localhost|{_LABEL}(?:\.{_LABEL})+)(?::[0-9]{{1,5}})?\Z|{_LABEL}:[0-9]{{1,5}}\Z"
)

IsKnown = Callable[[Source], bool]


def names_registry(text: str) -> bool:
    """Return whether a word names images of a registry, and no path that is there."""
    if text.startswith(TRANSPORT):
        return True
    host, slash, _ = text.partition("/")
    return (
        bool(slash and _HOST.match(host)) and not text.endswith(_FILES) and not Path(text).exists()
    )


def needs_session(words: Sequence[str]) -> bool:
    """Return whether one of the words names images of a registry or a list of `careen watch`.

    Raises ConfigError for a list that cannot be read.
    """
    return any(map(_is_remote, words))


@dataclass(frozen=True, slots=True)
class Gathering:
    """How images of registries and of lists are read.

    `trust` is who must have signed, None for anybody. With `database` (advisories) an image without
    an SBOM is scanned. `jobs` images of registries are read at once.
    """

    session: Session
    trust: Trust | None = None
    database: Path | None = None
    jobs: int = 1

    def found(self, words: Sequence[str], is_known: IsKnown) -> Generator[Found, None, None]:
        """Yield the sources that words name; of images of registries with their documents.

        `is_known` tells of an image whether the store has it as it is. What cannot be read is a
        source with its problem. Close it: threads end with it. Raises InputError for a path that is
        missing, or a bad list.
        """
        for is_remote, group in groupby(words, _is_remote):
            if is_remote:
                yield from self._read(group, is_known)
            else:
                yield from sources([Path(word) for word in group])

    def check_report(self, source: Source) -> None:
        """Check the attestations of a report by the signer. Raises VerificationError."""
        if self.trust is None:
            return
        request = EvidenceRequest(Path(source.where), self.trust.given)
        try:
            found = verify_evidence(request, self.session)
        except InputError as error:
            raise UnsignedError(str(error)) from error
        if not found.passed:
            wrong = [*found.problems, *(each.problem for each in found.checked if each.problem)]
            msg = f"{source.where}: {wrong[0]}"
            raise VerificationError(msg)

    def _read(self, words: Iterable[str], is_known: IsKnown) -> Iterator[Found]:
        """Yield what words name that is no file: `jobs` of them are read at once."""
        ended = Event()
        skopeo = replace(self.session.skopeo, pause=ended.wait, ended=ended.is_set)
        trust = None if self.trust is None else replace(self.trust, ended=ended.is_set)
        how = RegistryReading(self.session, trust, self.database, skopeo)
        asked = (each for word in words for each in self._asked(word, how))
        read = read_in_order(
            asked, lambda each: each.is_wanted(is_known), self.jobs, Room(MOST_BYTES), ended
        )
        with closing(read):
            for each in read:
                if (found := each.found()) is not None:
                    yield found

    def _asked(self, word: str, how: RegistryReading) -> "Iterator[ImageOnItsWay | _Plain]":
        """Yield the images that a word names, in order: of a registry, or of a list."""
        if names_registry(word):
            yield from self._named(word.removeprefix(TRANSPORT), how)
            return
        for watched in load_list(Path(word)):
            result = in_registry(watched.tag) if watched.push else EngineImage(watched.tag)
            for reference in (watched.reference, result):
                if isinstance(reference, RegistryImage):
                    yield ImageOnItsWay(reference, how)
                else:
                    yield _Local(Source(str(reference), (), name=str(reference), bare=True), self)

    def _named(self, name: str, how: RegistryReading) -> "Iterator[ImageOnItsWay | _Plain]":
        """Yield the images of a name, of a repository, or of all repositories below a prefix."""
        try:
            repositories = self._repositories(name)
            image = None if repositories else _image(name)
        except CareenError as error:
            yield _Plain(Source(f"{TRANSPORT}{name}", (), problem=str(error)))
            return
        if image is not None and _is_whole(name):
            repositories = (image.repository,)
        elif image is not None:
            yield ImageOnItsWay(image, how)
        for repository in repositories:
            try:
                tags = tags_of(RegistryImage(repository), self.session.skopeo)
            except CareenError as error:
                yield _Plain(Source(f"{TRANSPORT}{repository}", (), problem=str(error)))
                continue
            for tag in image_tags(tags):
                yield ImageOnItsWay(RegistryImage(f"{repository}:{tag}"), how, tags)

    def _repositories(self, name: str) -> tuple[str, ...]:
        if not name.endswith("/"):
            return ()
        return repositories_below(RegistryImage(name), self.session.skopeo)


@dataclass(frozen=True, slots=True)
class _Plain:
    """A source of which a registry is asked nothing."""

    source: Source

    def begin(self) -> None:
        """Do nothing."""

    def read(self, take: Callable[[int], None]) -> None:
        """Read nothing."""

    def is_wanted(self, is_known: IsKnown) -> bool:  # noqa: ARG002
        """Return whether it is to be indexed."""
        return True

    def found(self) -> Found | None:
        """Return the source."""
        return self.source


@dataclass(frozen=True, slots=True)
class _Local(_Plain):
    """An image that is in no registry: nothing is attached to it."""

    how: Gathering

    def is_wanted(self, is_known: IsKnown) -> bool:
        """Return whether it is scanned, or new."""
        return self.how.database is not None or not is_known(self.source)

    def found(self) -> Found | None:
        """Return the image, with what a scan finds if there is a database."""
        source, how = self.source, self.how
        if how.database is None:
            return source, Content({})
        try:
            known, files = scan_documents(source.name, how.database, how.session.settings)
        except CareenError as error:
            return replace(source, problem=str(error))
        scanned = replace(source, known=known, bare=False, live=True, scanned=True)
        return scanned, Content(files)


def _is_remote(word: str) -> bool:
    return names_registry(word) or is_watch_list(Path(word))


def _image(name: str) -> RegistryImage:
    image = parse_reference(f"{TRANSPORT}{name}")
    if not isinstance(image, RegistryImage):
        msg = f"{name!r}: not a name of a registry"
        raise InputError(msg)
    return image


def _is_whole(name: str) -> bool:
    """Return whether a name is that of a repository, without tag and digest."""
    return "@" not in name and ":" not in name.rpartition("/")[2]

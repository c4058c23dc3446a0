"""What `careen fleet index` is given: paths, images of registries, and lists of `careen watch`."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.errors import CareenError, InputError, VerificationError
from careen.oci.manifest import NoImageError
from careen.oci.reference import EngineImage, RegistryImage, in_registry, parse_reference
from careen.pipeline.fleet.attached import Attached
from careen.pipeline.fleet.images import Content
from careen.pipeline.fleet.scanning import scan_documents
from careen.pipeline.fleet.sources import Source, is_watch_list, sources
from careen.pipeline.fleet.trust import Trust, UnsignedError
from careen.pipeline.run.session import Session
from careen.pipeline.verify_evidence import EvidenceRequest, verify_evidence
from careen.pipeline.watching.image_list import Watched, load_list
from careen.registries.catalog import image_tags, repositories_below, tags_of

TRANSPORT = "docker://"
_FILES = (".json", ".toml")
_LABEL = "[A-Za-z0-9-]+"
_HOST = re.compile(
    rf"(?:localhost|{_LABEL}(?:\.{_LABEL})+)(?::[0-9]{{1,5}})?\Z|{_LABEL}:[0-9]{{1,5}}\Z"
)

IsKnown = Callable[[Source], bool]
Found = Source | tuple[Source, Content]


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
    return any(names_registry(word) or is_watch_list(Path(word)) for word in words)


@dataclass(frozen=True, slots=True)
class Gathering:
    """How images of registries and of lists are read.

    `trust` is who must have signed, None for anybody. With `database` (advisories) an image without
    an SBOM is scanned.
    """

    session: Session
    trust: Trust | None = None
    database: Path | None = None

    def found(self, words: Sequence[str], is_known: IsKnown) -> Iterator[Found]:
        """Yield the sources that words name; of images of registries with their documents.

        `is_known` tells of an image whether the store has it as it is. What cannot be read is a
        source with its problem. Raises InputError for a path that is missing, or a bad list.
        """
        for word in words:
            if names_registry(word):
                yield from self._named(word.removeprefix(TRANSPORT), is_known)
            elif is_watch_list(Path(word)):
                for watched in load_list(Path(word)):
                    yield from self._watched(watched, is_known)
            else:
                yield from sources((Path(word),))

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

    def _named(self, name: str, is_known: IsKnown) -> Iterator[Found]:
        """Yield the images of a name, of a repository, or of all repositories below a prefix."""
        try:
            repositories = self._repositories(name)
            image = None if repositories else _image(name)
        except CareenError as error:
            yield Source(f"{TRANSPORT}{name}", (), problem=str(error))
            return
        if image is not None and _is_whole(name):
            repositories = (image.repository,)
        elif image is not None:
            yield from self._image(image, is_known)
        for repository in repositories:
            yield from self._repository(repository, is_known)

    def _repositories(self, name: str) -> tuple[str, ...]:
        if not name.endswith("/"):
            return ()
        return repositories_below(RegistryImage(name), self.session.skopeo)

    def _repository(self, name: str, is_known: IsKnown) -> Iterator[Found]:
        try:
            tags = tags_of(RegistryImage(name), self.session.skopeo)
        except CareenError as error:
            yield Source(f"{TRANSPORT}{name}", (), problem=str(error))
            return
        for tag in image_tags(tags):
            yield from self._image(RegistryImage(f"{name}:{tag}"), is_known, tags)

    def _watched(self, watched: Watched, is_known: IsKnown) -> Iterator[Found]:
        """Yield the original and the result of an entry of a list of `careen watch`."""
        result = in_registry(watched.tag) if watched.push else EngineImage(watched.tag)
        for reference in (watched.reference, result):
            if isinstance(reference, RegistryImage):
                yield from self._image(reference, is_known)
            else:
                yield from self._local(str(reference), is_known)

    def _local(self, name: str, is_known: IsKnown) -> Iterator[Found]:
        """Yield an image that is in no registry: nothing is attached to it."""
        source = Source(name, (), name=name, bare=True)
        if self.database is None:
            if not is_known(source):
                yield source, Content({})
            return
        try:
            known, files = scan_documents(name, self.database, self.session.settings)
        except CareenError as error:
            yield replace(source, problem=str(error))
            return
        yield replace(source, known=known, bare=False, live=True, scanned=True), Content(files)

    def _image(
        self, image: RegistryImage, is_known: IsKnown, tags: Collection[str] | None = None
    ) -> Iterator[Found]:
        source = Source(str(image), (), name=image.name, live=True)
        files: dict[Path, bytes] = {}
        made: dict[Path, bytes] = {}
        try:
            attached = Attached(image, self.session, self.trust, tags)
            # What was left without a scan is not as it is with one.
            state = f"{attached.print} {'scan' if self.database is not None else ''}".rstrip()
            source = replace(source, print=state, digest=str(attached.remote.digest))
            if is_known(source):
                return
            source = replace(source, known=attached.known())
            files = attached.documents()
            source = replace(source, unread=attached.refused, forged=attached.forged)
            if self.database is not None and not attached.has_sbom:
                settings = self.session.settings
                _, made = scan_documents(str(attached.pinned), self.database, settings)
                source = replace(source, print="", scanned=True)
        except NoImageError:
            return  # a chart, a module: nothing that a fleet runs
        except CareenError as error:
            problem, forged = str(error), isinstance(error, VerificationError)
            if source.known is None:
                yield replace(source, problem=problem, forged=forged)
                return
            # The image is there, and what it has is not known.
            unread = (*source.unread, problem)
            source = replace(source, unread=unread, forged=source.forged or forged)
        bare = not files and not made and not source.unread
        signer = "" if self.trust is None else self.trust.signer
        yield replace(source, bare=bare), Content({**files, **made}, signer, frozenset(made))


def _image(name: str) -> RegistryImage:
    image = parse_reference(f"{TRANSPORT}{name}")
    if not isinstance(image, RegistryImage):
        msg = f"{name!r}: not a name of a registry"
        raise InputError(msg)
    return image


def _is_whole(name: str) -> bool:
    """Return whether a name is that of a repository, without tag and digest."""
    return "@" not in name and ":" not in name.rpartition("/")[2]

"""Entries of a list that stand for many images of a registry, and which images these are now."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from careen.errors import CareenError, ConfigError, InputError, ToolError
from careen.oci.reference import RegistryImage, full_name
from careen.pipeline.watching.image_list import MAX_IMAGES, Pattern, Watched, chosen
from careen.pipeline.watching.upstream import ask_all
from careen.registries.catalog import image_tags, repositories_below, tags_of
from careen.registries.skopeo import Skopeo
from careen.report.terminal_output.figures import counted
from careen.report.terminal_output.progress import Progress, Stage

_TOLD = 100  # repositories between two lines of progress
_WILD = re.compile(r"[*?\[]")
MOST_UNANSWERED = 100
"""Repositories of one entry that may fail before the rest of it is not asked for."""
LONGEST_MINUTES = 15
"""Time for the repositories of one entry."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Images of an entry that are left out, and why.

    `source` is one image, a repository, or with a slash at its end the begin of several. `tag` is
    the name of a result, with `{repository}` and `{tag}` where they are not known.
    """

    source: str
    tag: str
    error: CareenError

    def may_be(self, glob: str) -> bool:
        """Return whether the name of a result of these may match a glob."""
        begin = _WILD.split(glob, maxsplit=1)[0]
        if "{" not in self.tag:
            return fnmatchcase(self.tag, glob)
        if begin == glob:
            return fnmatchcase(glob, self.tag.replace("{repository}", "*").replace("{tag}", "*"))
        fixed = self.tag.partition("{")[0]
        return fixed.startswith(begin) or begin.startswith(fixed)


@dataclass(frozen=True, slots=True)
class Expanded:
    """The images of a list, in its order, and what is left out."""

    images: tuple[Watched, ...]
    failed: tuple[Unlisted, ...] = ()

    def only(self, globs: Sequence[str]) -> "Expanded":
        """Return what has a tag that matches, or may match, one of `globs`; all without globs.

        Raises InputError for a glob that matches none, or why its images are not known.
        """
        failed = tuple(each for each in self.failed if not globs or any(map(each.may_be, globs)))
        for glob in globs:
            if not any(fnmatchcase(image.tag, glob) for image in self.images):
                for each in failed:
                    if each.may_be(glob):
                        raise each.error
        return Expanded(chosen(self.images, globs), failed)


@dataclass(slots=True)
class _Gap:
    """Images that an entry may stand for: those in `place`, whose tags are not known.

    `held` are images that are known and may be among them, or be results of them.
    """

    entry: Pattern
    place: str
    error: CareenError
    held: set[str] = field(default_factory=set)
    makes: str = field(init=False)

    def __post_init__(self) -> None:
        self.makes = self.entry.results_of(self.place)

    def may_have(self, name: str) -> bool:
        """Return whether an image of a registry may be one of these."""
        repository, _, tag = name.rpartition(":")
        inside = (
            repository.startswith(self.place)
            if self.place.endswith("/")
            else repository == self.place
        )
        return inside and fnmatchcase(tag, self.entry.tags)

    def unlisted(self) -> Unlisted:
        """Return what is said of it."""
        error = self.error
        if self.held:
            msg = (
                f"{error}; left out until then, as they may be of this entry or results of it:"
                f" {len(self.held):,} images"
            )
            error = CareenError(msg)
            error.exit_status = self.error.exit_status
        return Unlisted(f"docker://{self.place}", self.entry.tag, error)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a registry says of one entry: its images, those without a result, and what it hides."""

    found: tuple[Watched | Unlisted, ...] = ()
    gaps: tuple[_Gap, ...] = ()


def expand(entries: Sequence[Watched | Pattern], skopeo: Skopeo, progress: Progress) -> Expanded:
    """Ask registries which images the entries stand for.

    An image is of the first entry that it matches, of its own before all. The result of one image
    is not another one to harden. Where a registry does not answer, what may be so is left out.
    Raises InputError for more images than a list may have.
    """
    patterns = [each for each in entries if isinstance(each, Pattern)]
    answers = _answers(patterns, skopeo, progress) if patterns else ()
    single = [each for each in entries if isinstance(each, Watched)]
    taken = {str(each.reference) for each in single}
    found: list[Watched | Unlisted] = []
    gaps: list[_Gap] = []
    for answer in answers:
        if isinstance(answer, CareenError):
            raise answer
        for each in answer.found:
            if each.source not in taken and not _held(each, gaps):
                taken.add(each.source)
                found.append(each)
        gaps += answer.gaps
    images, failed = _without_results(single, found, gaps)
    if len(images) > MAX_IMAGES:
        raise _too_many(len(images))
    return Expanded(images, (*(gap.unlisted() for gap in gaps), *failed))


def _answers(
    patterns: Sequence[Pattern], skopeo: Skopeo, progress: Progress
) -> Sequence[_Answer | CareenError]:
    with progress.stage("list") as stage:
        stage.say(f"the images of {counted(len(patterns), 'entry', 'entries')}")
        return ask_all(patterns, lambda each: _answer(each, skopeo, stage))


def _held(image: Watched | Unlisted, gaps: Sequence[_Gap]) -> bool:
    name = _name(image)
    holds = [gap for gap in gaps if gap.may_have(name)]
    for gap in holds:
        gap.held.add(name)
    return bool(holds)


def _without_results(
    single: Sequence[Watched], found: Sequence[Watched | Unlisted], gaps: Sequence[_Gap]
) -> tuple[tuple[Watched, ...], tuple[Unlisted, ...]]:
    """Return the images that are the result of no other, and those that have no result."""
    out = {full_name(each.tag): each for each in single}
    failed: list[Unlisted] = []
    results = {*out, *(full_name(each.tag) for each in found if isinstance(each, Watched))}
    for each in found:
        name = _name(each)
        if name in results:
            continue
        holds = [gap for gap in gaps if fnmatchcase(name, gap.makes)]
        for gap in holds:
            gap.held.add(name)
        if holds:
            continue
        if isinstance(each, Unlisted):
            failed.append(each)
        elif (other := out.setdefault(full_name(each.tag), each)) is not each:
            failed.append(_same_name(each, other))
    return tuple(out.values()), tuple(failed)


def _same_name(image: Watched, other: Watched) -> Unlisted:
    msg = (
        f"{image.source}: its result would have the name of that of {other.source}, {other.tag!r};"
        " change the tag of one of their entries"
    )
    return Unlisted(image.source, image.tag, ConfigError(msg))


def _name(image: Watched | Unlisted) -> str:
    return image.source.removeprefix("docker://")


def _answer(entry: Pattern, skopeo: Skopeo, stage: Stage) -> _Answer:
    """Ask which images an entry stands for. Raises InputError for too many."""
    try:
        repositories = (
            repositories_below(RegistryImage(entry.source), skopeo)
            if entry.source.endswith("/")
            else (entry.source,)
        )
    except CareenError as error:
        return _Answer(gaps=(_Gap(entry, entry.source, error),))
    found: list[Watched | Unlisted] = []
    gaps: list[_Gap] = []
    end = time.monotonic() + LONGEST_MINUTES * 60
    for number, repository in enumerate(repositories):
        if number and number % _TOLD == 0:
            stage.say(f"{number:,} of {len(repositories):,} repositories of {entry.source}")
        late = time.monotonic() > end
        if late or len(gaps) >= MOST_UNANSWERED:
            gaps.append(
                _Gap(entry, entry.source, _given_up(entry, repositories, number, late=late))
            )
            break
        try:
            tags = image_tags(tags_of(RegistryImage(repository), skopeo))
        except CareenError as error:
            gaps.append(_Gap(entry, repository, error))
            continue
        found += (_one(entry, repository, tag) for tag in tags if fnmatchcase(tag, entry.tags))
        if len(found) > MAX_IMAGES:
            raise _too_many(len(found))
    if not found and not gaps:
        msg = f"docker://{entry.source}: no tag matches {entry.tags!r}"
        found.append(Unlisted(f"docker://{entry.source}", entry.tag, InputError(msg)))
    return _Answer(tuple(found), tuple(gaps))


def _one(entry: Pattern, repository: str, tag: str) -> Watched | Unlisted:
    try:
        return entry.image(repository, tag)
    except CareenError as error:
        source = f"docker://{repository}:{tag}"
        problem = InputError(f"{source}: {error}")
        return Unlisted(source, entry.named(entry.tag, repository, tag), problem)


def _given_up(entry: Pattern, all_of: Sequence[str], asked: int, *, late: bool) -> ToolError:
    why = f"{LONGEST_MINUTES} minutes are over" if late else f"{MOST_UNANSWERED} did not answer"
    return ToolError(
        f"docker://{entry.source}: {why} after {asked:,} of {len(all_of):,} repositories; name a"
        " longer begin, or each repository"
    )


def _too_many(number: int) -> InputError:
    return InputError(f"{number:,} images are more than the {MAX_IMAGES:,} that one list may have")

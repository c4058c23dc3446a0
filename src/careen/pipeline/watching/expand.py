"""Entries of a list that stand for many images of a registry, and which images these are now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from careen.errors import CareenError, InputError
from careen.oci.reference import RegistryImage, full_name
from careen.pipeline.watching.image_list import MAX_IMAGES, Pattern, Watched
from careen.pipeline.watching.upstream import ask_all
from careen.registries.catalog import image_tags, repositories_below, tags_of
from careen.registries.skopeo import Skopeo


@dataclass(frozen=True, slots=True)
class Expanded:
    """The images of a list, in its order, and the entries of which they are not known, and why."""

    images: tuple[Watched, ...]
    failed: tuple[tuple[Pattern, CareenError], ...] = ()


def expand(entries: Sequence[Watched | Pattern], skopeo: Skopeo) -> Expanded:
    """Ask registries which images the entries stand for.

    An image is of the first entry that it matches, of its own before all. The result of one image
    is not another one to harden. Raises InputError for more images than a list may have.
    """
    patterns = [each for each in entries if isinstance(each, Pattern)]
    answers = ask_all(patterns, lambda each: _images(each, skopeo))
    single = [each for each in entries if isinstance(each, Watched)]
    out: dict[str, Watched] = {full_name(each.tag): each for each in single}
    taken = {str(each.reference) for each in single}
    found: list[Watched] = []
    failed: list[tuple[Pattern, CareenError]] = []
    for entry, answer in zip(patterns, answers, strict=True):
        if isinstance(answer, CareenError):
            failed.append((entry, answer))
            continue
        for each in answer:
            if str(each.reference) not in taken:
                taken.add(str(each.reference))
                found.append(each)
    results = {*out, *(full_name(each.tag) for each in found)}
    for each in found:
        name = each.reference.name if isinstance(each.reference, RegistryImage) else ""
        if name not in results:
            out.setdefault(full_name(each.tag), each)
    if len(out) > MAX_IMAGES:
        msg = f"{len(out):,} images are more than the {MAX_IMAGES:,} that one list may have"
        raise InputError(msg)
    return Expanded(tuple(out.values()), tuple(failed))


def _images(pattern: Pattern, skopeo: Skopeo) -> tuple[Watched, ...]:
    found = tuple(_matching(pattern, skopeo))
    if not found:
        msg = f"docker://{pattern.source}: no tag matches {pattern.tags!r}"
        raise InputError(msg)
    return found


def _matching(pattern: Pattern, skopeo: Skopeo) -> Iterator[Watched]:
    name = RegistryImage(pattern.source)
    repositories = (
        repositories_below(name, skopeo) if pattern.source.endswith("/") else (name.repository,)
    )
    for repository in repositories:
        for tag in image_tags(tags_of(RegistryImage(repository), skopeo)):
            if fnmatchcase(tag, pattern.tags):
                yield pattern.image(repository, tag)

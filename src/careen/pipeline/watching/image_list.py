"""IMAGES.toml, the list of images of `careen watch` (docs/watch.md).

[[image]]
source = "docker://registry.example/team/embed:2"
tag = "registry.example/team/embed:2-hardened"
config = "embed/careen.toml"
when = "high,kev"
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from careen.errors import ConfigError, InputError
from careen.oci.reference import (
    DockerArchive,
    EngineImage,
    OciArchive,
    OciLayout,
    Reference,
    RegistryImage,
    StorageImage,
    StoredImage,
    full_name,
    parse_reference,
)
from careen.pipeline.run.destination_guard import refuse_original
from careen.pipeline.run.settings import Destination
from careen.tools.toml.file import load_toml
from careen.tools.toml.table import Table
from careen.triage.conditions import Condition, parse_conditions

MAX_BYTES = 8 << 20
MAX_IMAGES = 20_000
_KEYS = ("config", "patch", "push", "source", "tag", "tags", "when")
_OTHER = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60
_REGISTRY = "docker://"


@dataclass(frozen=True, slots=True)
class Watched:
    """One `[[image]]` of the list.

    `reference` has an absolute path, if it has one. `config` is absolute. A finding must meet one
    of the conditions `when` to have the image hardened again; without conditions any finding does.
    """

    source: str
    reference: Reference
    tag: str
    config: Path
    patch: bool = True
    push: bool = False
    when: tuple[Condition, ...] = ()

    @property
    def name(self) -> str:
        """The image as careen's other commands name it."""
        return str(self.reference)

    @property
    def key(self) -> str:
        """A file name that is unique to the tag."""
        plain = _OTHER.sub("-", self.tag)[-_LONGEST:].strip("-._")
        return f"{plain}-{hashlib.sha256(full_name(self.tag).encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One `[[image]]` for many images of a registry: those whose tag matches the glob `tags`.

    `source` is a repository with its registry, or with a slash at its end the begin of several.
    `tag` and `config` have `{repository}` (without the registry) and `{tag}` for those of an image.
    """

    source: str
    tags: str
    tag: str
    config: str
    directory: Path
    patch: bool = True
    push: bool = False
    when: tuple[Condition, ...] = ()

    def image(self, repository: str, tag: str) -> Watched:
        """Return one image. Raises InputError for a name that a result cannot have."""
        reference = RegistryImage(f"{repository}:{tag}")
        named = self.named(self.tag, repository, tag)
        _check_tag(named)
        refuse_original(Destination(named), str(reference))
        return Watched(
            source=str(reference),
            reference=reference,
            tag=named,
            config=self.directory / self.named(self.config, repository, tag),
            patch=self.patch,
            push=self.push,
            when=self.when,
        )

    def results_of(self, place: str) -> str:
        """Return a glob that matches the full names of all results that a place may have.

        `place` is a repository, or with a slash at its end the begin of several.
        """
        begin = f"{place}*" if place.endswith("/") else place
        return full_name(self.named(self.tag, begin, "{tag}")).replace("{tag}", self.tags)

    def named(self, template: str, repository: str, tag: str) -> str:
        """Return `tag` or `config` for one image."""
        path = repository.partition("/")[2]
        return template.replace("{repository}", path).replace("{tag}", tag)


def load_list(path: Path) -> tuple[Watched, ...]:
    """Read and check a list of single images.

    Raises ConfigError: `images.toml:7: image[1].tag: …`, and for an entry of many images.
    """
    entries = load_entries(path)
    for entry in entries:
        if isinstance(entry, Pattern):
            msg = (
                f"{path}: {entry.source!r} stands for many images, and only `careen watch` asks"
                f" which; `careen watch {path} --list` writes a list with each of them"
            )
            raise ConfigError(msg)
    return tuple(entry for entry in entries if isinstance(entry, Watched))


def load_entries(path: Path) -> tuple[Watched | Pattern, ...]:
    """Read and check a list. Raises ConfigError: `images.toml:7: image[1].tag: …`."""
    root = load_toml(path, MAX_BYTES)
    root.only(("image",))
    tables = root.array("image")
    if not tables:
        root.fail("image", "no image: expected one [[image]] table or more")
    if len(tables) > MAX_IMAGES:
        root.fail(
            "image",
            f"{len(tables):,} images are more than the {MAX_IMAGES:,} that one list may have",
        )
    out: dict[str, Watched | Pattern] = {}
    for table in tables:
        table.only(_KEYS)
        directory = path.absolute().parent
        entry = _pattern(table, directory) if "tags" in table.values else _watched(table, directory)
        name = full_name(entry.tag) if isinstance(entry, Watched) else repr(entry)
        if name in out:
            table.fail("tag", f"another image of the list has {entry.tag!r} already")
        out[name] = entry
    return tuple(out.values())


def chosen(images: Sequence[Watched], globs: Sequence[str]) -> tuple[Watched, ...]:
    """Return the images whose tag matches one of `globs`; all without globs.

    Raises InputError for a glob that matches none.
    """
    for glob in globs:
        if not any(fnmatchcase(image.tag, glob) for image in images):
            few = images[:5]  # enough for a hint
            tags = ", ".join(image.tag for image in few) + (" …" if len(images) > len(few) else "")
            msg = f"--only {glob!r}: no image of the list has such a tag; it has {tags}"
            raise InputError(msg)
    return tuple(
        image
        for image in images
        if not globs or any(fnmatchcase(image.tag, glob) for glob in globs)
    )


def _watched(table: Table, directory: Path) -> Watched:
    source, tag, config = (_required(table, key) for key in ("source", "tag", "config"))
    reference = table.parsed("source", source, parse_reference)
    if isinstance(reference, StorageImage):
        table.fail("source", "containers-storage: is not watched; name the image in its registry")
    if not isinstance(reference, EngineImage | RegistryImage):
        reference = _absolute(reference, directory)
    table.parsed("tag", tag, _check_tag)
    table.parsed("tag", tag, lambda text: refuse_original(Destination(text), str(reference)))
    return Watched(
        source=source,
        reference=reference,
        tag=tag,
        config=directory / config,
        patch=table.flag("patch") if "patch" in table.values else True,
        push=table.flag("push"),
        when=_when(table),
    )


def _pattern(table: Table, directory: Path) -> Pattern:
    source, tags, tag, config = (
        _required(table, key) for key in ("source", "tags", "tag", "config")
    )
    name = source.removeprefix(_REGISTRY)
    host, _, below = name.partition("/")
    is_host = "." in host or ":" in host or host == "localhost"
    if not (source.startswith(_REGISTRY) and is_host and below) or ":" in below or "@" in below:
        table.fail(
            "source",
            "with tags it is a repository (docker://registry.example/team/embed), or a slash ends"
            " it for all that begin so",
        )
    table.parsed("source", f"{_REGISTRY}{name.rstrip('/')}", parse_reference)
    for word in ("{tag}", *(("{repository}",) if name.endswith("/") else ())):
        if word not in tag:
            table.fail("tag", f"results of many images need names of their own: write {word} in it")
    # A single image is looked for by this name, too: `docker.io/debian` is `…/library/debian`.
    full = full_name(f"{name}x" if name.endswith("/") else name).rpartition(":")[0]
    entry = Pattern(
        source=full[:-1] if name.endswith("/") else full,
        tags=tags,
        tag=tag,
        config=config,
        directory=directory,
        patch=table.flag("patch") if "patch" in table.values else True,
        push=table.flag("push"),
        when=_when(table),
    )
    table.parsed("tag", tag, lambda _: entry.image(full, "1"))
    return entry


def _when(table: Table) -> tuple[Condition, ...]:
    when = table.text("when")
    conditions = (
        table.parsed("when", when, lambda text: parse_conditions(text, "when")) if when else ()
    )
    if any(condition.tier is not None for condition in conditions):
        table.fail(
            "when",
            "what runs is known only when the image has run: name severities, kev, priorities or"
            " fixable",
        )
    return conditions


def _required(table: Table, key: str) -> str:
    value = table.text(key)
    if value is None:
        what = {
            "source": "the image to harden",
            "tags": "which tags, as a glob",
            "tag": "the name of the result",
            "config": "the careen.toml with its workloads: without tests nothing could be verified",
        }
        table.fail(key, f"is missing: {what[key]}")
    return value


def _absolute(reference: StoredImage, directory: Path) -> StoredImage:
    path = directory / reference.path
    match reference:
        case DockerArchive(_, ref):
            return DockerArchive(path, ref)
        case OciLayout(_, tag):
            return OciLayout(path, tag)
        case OciArchive(_, tag):
            return OciArchive(path, tag)


def _check_tag(text: str) -> None:
    if (
        not isinstance(parse_reference(text), EngineImage)
        or "@" in text
        or text.startswith("sha256:")
    ):
        msg = f"{text!r} is not a name for docker's store; expected NAME or NAME:TAG"
        raise InputError(msg)

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

from careen.errors import InputError
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
_KEYS = ("config", "patch", "push", "source", "tag", "when")
_OTHER = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60


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


def load_list(path: Path) -> tuple[Watched, ...]:
    """Read and check the list. Raises ConfigError: `images.toml:7: image[1].tag: …`."""
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
    out: dict[str, Watched] = {}
    for table in tables:
        watched = _watched(table, path.absolute().parent)
        if full_name(watched.tag) in out:
            table.fail("tag", f"another image of the list has {watched.tag!r} already")
        out[full_name(watched.tag)] = watched
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
    table.only(_KEYS)
    source, tag, config = (_required(table, key) for key in ("source", "tag", "config"))
    reference = table.parsed("source", source, parse_reference)
    if isinstance(reference, StorageImage):
        table.fail("source", "containers-storage: is not watched; name the image in its registry")
    if not isinstance(reference, EngineImage | RegistryImage):
        reference = _absolute(reference, directory)
    table.parsed("tag", tag, _check_tag)
    table.parsed("tag", tag, lambda text: refuse_original(Destination(text), str(reference)))
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
    return Watched(
        source=source,
        reference=reference,
        tag=tag,
        config=directory / config,
        patch=table.flag("patch") if "patch" in table.values else True,
        push=table.flag("push"),
        when=conditions,
    )


def _required(table: Table, key: str) -> str:
    value = table.text(key)
    if value is None:
        what = {
            "source": "the image to harden",
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

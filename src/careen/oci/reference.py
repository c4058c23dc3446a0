"""Image references: a name in the engine's store, an archive or a layout.

See containers-transports(5).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError

_NAME = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/)?"  # registry host
    r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?\Z"
)
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{12,64}\Z")
_PULL = (
    "careen pulls no images yet: `docker pull {name}` and name it so, or `skopeo copy"
    " docker://{name} oci:image` and name oci:image"
)
_PODMAN = (
    "podman's store is not read yet: `podman save --format oci-archive -o image.tar {name}`, then"
    " name oci-archive:image.tar"
)
_ELSEWHERE = {
    "docker://": _PULL,
    "registry:": _PULL,
    "podman:": _PODMAN,
    "containers-storage:": _PODMAN,
    "docker-daemon:": "type {name} alone",
}
_TRANSPORTS = (
    "docker://",
    "docker-daemon:",
    "containers-storage:",
    "dir:",
    "ostree:",
    "sif:",
    "tarball:",
)
HINT = (
    "give a name in the engine's store, docker-archive:FILE[:REF], oci:DIR[:TAG] or"
    " oci-archive:FILE[:TAG]"
)


@dataclass(frozen=True, slots=True)
class EngineImage:
    """An image in the engine's own store: a name with optional tag or digest, or an image ID."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class DockerArchive:
    """An archive of `docker save`.

    `ref` selects one of several images: a tag, or `@N` for the Nth in manifest.json, from 0.
    """

    path: Path
    ref: str | None = None

    def __str__(self) -> str:
        return f"docker-archive:{self.path}" + (f":{self.ref}" if self.ref else "")


@dataclass(frozen=True, slots=True)
class OciLayout:
    """An OCI image layout directory; `tag` is the annotation org.opencontainers.image.ref.name."""

    path: Path
    tag: str | None = None

    def __str__(self) -> str:
        return f"oci:{self.path}" + (f":{self.tag}" if self.tag else "")


@dataclass(frozen=True, slots=True)
class OciArchive:
    """A tar file of an OCI image layout."""

    path: Path
    tag: str | None = None

    def __str__(self) -> str:
        return f"oci-archive:{self.path}" + (f":{self.tag}" if self.tag else "")


StoredImage = DockerArchive | OciLayout | OciArchive
Reference = EngineImage | StoredImage

_STORED: dict[str, type[StoredImage]] = {
    "docker-archive": DockerArchive,
    "oci": OciLayout,
    "oci-archive": OciArchive,
}


def parse_reference(text: str) -> Reference:
    """Return the image reference that the user typed, or raise InputError.

    As in containers-transports(5), a path cannot contain a colon.
    """
    transport, colon, rest = text.partition(":")
    if colon and transport in _STORED:
        path, _, name = rest.partition(":")
        if not path or "\0" in rest:
            msg = f"image {text!r}: no path after {transport + ':'!r}; {HINT}"
            raise InputError(msg)
        return _STORED[transport](Path(path), name or None)
    advice = elsewhere(text)
    if text.startswith(_TRANSPORTS):
        msg = f"image {text!r}: careen does not read this transport; {advice or HINT}"
        raise InputError(msg)
    if not _NAME.match(text) and not _ID.match(text):
        if advice:
            msg = f"image {text!r}: {advice}"
            raise InputError(msg)
        msg = f"image {text!r}: not an image name; {HINT}"
        raise InputError(msg)
    return EngineImage(text)


def elsewhere(text: str) -> str:
    """Return advice for an image in a registry or in podman's store, which careen does not read.

    Returns "" for any other. `registry:2` and `podman:5` can also be names in docker's store.
    """
    for prefix, advice in _ELSEWHERE.items():
        name = text.removeprefix(prefix)
        if name != text and name:
            return advice.format(name=name)
    return ""


def full_name(name: str) -> str:
    """Return a docker image name with registry, namespace and tag.

    `alpine` gives `docker.io/library/alpine:latest`.
    """
    first, slash, rest = name.partition("/")
    if slash and first in ("docker.io", "index.docker.io"):
        name = f"docker.io/{rest if '/' in rest else 'library/' + rest}"
    elif not slash or not ("." in first or ":" in first or first == "localhost"):
        name = f"docker.io/{name if slash else 'library/' + name}"
    if "@" not in name and ":" not in name.rpartition("/")[2]:
        name += ":latest"
    return name

"""Image references: a name in an engine's store or a registry, an archive or a layout.

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
_OTHER_NAMES = {
    "registry:": "docker://{name}",
    "podman:": "containers-storage:{name}",
    "docker-daemon:": "{name} alone",
}
_TRANSPORTS = ("docker-daemon:", "dir:", "ostree:", "sif:", "tarball:")
_STORE = re.compile(r"\[[^\[\]\0]+\]")  # containers-storage:[DRIVER@ROOT+RUN]NAME
_ID_LENGTH = 64
HINT = (
    "give a name, docker://NAME, containers-storage:NAME, docker-archive:FILE[:REF],"
    " oci:DIR[:TAG] or oci-archive:FILE[:TAG]"
)


@dataclass(frozen=True, slots=True)
class EngineImage:
    """A plain name with optional tag or digest, or an image ID, as docker's command takes it.

    It is an image of the engine's store, else of a registry.
    """

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


@dataclass(frozen=True, slots=True)
class RegistryImage:
    """An image in a registry; `name` is complete: registry, namespace, and a tag or a digest."""

    name: str

    def __str__(self) -> str:
        return f"docker://{self.name}"

    @property
    def host(self) -> str:
        """The registry, with its port if one is named."""
        return self.name.partition("/")[0]

    @property
    def repository(self) -> str:
        """The name without tag and digest."""
        plain = self.name.partition("@")[0]
        head, slash, last = plain.rpartition("/")
        return f"{head}{slash}{last.partition(':')[0]}"

    @property
    def digest(self) -> str:
        """The digest in the name, or ""."""
        return self.name.partition("@")[2]

    def at(self, digest: object) -> "RegistryImage":
        """Return the image with this digest in the same repository."""
        return RegistryImage(f"{self.repository}@{digest}")


@dataclass(frozen=True, slots=True)
class StorageImage:
    """An image in containers-storage, the store of podman, buildah and CRI-O.

    `name` may begin with `[DRIVER@ROOT+RUN]`, which selects a store.
    """

    name: str

    def __str__(self) -> str:
        return f"containers-storage:{self.name}"


StoredImage = DockerArchive | OciLayout | OciArchive
Reference = EngineImage | RegistryImage | StorageImage | StoredImage

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
    if text.startswith("docker://"):
        return in_registry(_checked(text.removeprefix("docker://"), text))
    if transport == "containers-storage":
        name = _STORE.sub("", rest, count=1) if rest.startswith("[") else rest
        _checked(name, text)
        return StorageImage(rest)
    advice = other_name(text)
    if text.startswith(_TRANSPORTS):
        msg = f"image {text!r}: careen does not read this transport; {advice or HINT}"
        raise InputError(msg)
    if not _ID.match(text):
        _checked(text, text, advice)
    return EngineImage(text)


def _checked(name: str, text: str, advice: str = "") -> str:
    """Return an image's name; raise InputError if it is none."""
    if not _NAME.match(name):
        msg = f"image {text!r}: {advice or f'not an image name; {HINT}'}"
        raise InputError(msg)
    return name


def other_name(text: str) -> str:
    """Return how careen names an image that the user named by a word of another tool, or "".

    `registry:2` and `podman:5` can also be names in docker's store.
    """
    for prefix, written in _OTHER_NAMES.items():
        name = text.removeprefix(prefix)
        if name != text and name:
            return f"type {written.format(name=name)}"
    return ""


def in_registry(name: str) -> RegistryImage:
    """Return the registry's image of a docker image name."""
    # docker takes a tag beside a digest and ignores it.
    full, at, digest = full_name(name).partition("@")
    return RegistryImage(full).at(digest) if at else RegistryImage(full)


def is_image_id(text: str) -> bool:
    """Return whether a plain name is an image ID, as docker prints it in full."""
    return text.startswith("sha256:") or (len(text) == _ID_LENGTH and bool(_ID.match(text)))


def full_name(name: str) -> str:
    """Return a docker image name with registry, namespace and tag.

    `alpine` gives `docker.io/library/alpine:latest`.
    """
    first, slash, rest = name.partition("/")
    if slash and first in ("docker.io", "index.docker.io"):
        name = f"docker.io/{rest if '/' in rest else 'library/' + rest}"
    elif not slash or not ("." in first or ":" in first or first == "localhost"):
        name = f"docker.io/{name if slash else 'library/' + name}"
    return f"{name}:latest" if is_untagged(name) else name


def is_untagged(name: str) -> bool:
    """Return whether a docker image name has neither a tag nor a digest."""
    return "@" not in name and ":" not in name.rpartition("/")[2]

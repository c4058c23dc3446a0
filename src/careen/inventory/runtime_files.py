"""Runtimes that state their version in a file: Java's `release`, the Go toolchain's `VERSION`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from packageurl import PackageURL

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath, join, parent
from careen.oci.tree.rootfs import Rootfs

MAX_FILE = 64 << 10
# What an application may load of a Java runtime, by whichever program: the virtual machine itself,
# its launcher, its class library (one file since Java 9) and its list of virtual machines.
_OF_JAVA = (
    "bin/java",
    "jre/bin/java",
    *(
        f"{root}lib/{path}"
        for root in ("", "jre/")
        for path in (
            "server/libjvm.so",
            "client/libjvm.so",
            "minimal/libjvm.so",
            "amd64/server/libjvm.so",
            "aarch64/server/libjvm.so",
            "libjli.so",
            "jli/libjli.so",
            "modules",
            "rt.jar",
            "jvm.cfg",
        )
    ),
)
_PROPERTY = re.compile(r'^(\w++)="?+([^"\n]{0,200}+)"?+[^\S\n]*+$', re.MULTILINE)
_GO_VERSION = re.compile(r"go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)\s")


@dataclass(frozen=True, slots=True)
class Stated:
    """Name and version of a runtime, and the text that states them."""

    name: str
    version: str
    said: str


# What a file states, and the paths of the runtime that are there.
_Found = tuple[Stated, tuple[ImagePath, ...]]


def runtime_file(rootfs: Rootfs, entry: Entry, text: str) -> Package | None:
    """Return the runtime that a file states, or None; `text` is the start of the file.

    The package's `files` are what the runtime runs from, and this file.
    """
    reader = _READERS.get(entry.path.rpartition("/")[2])
    found = reader(rootfs, entry.path, text) if reader is not None else None
    if found is None:
        return None
    stated, parts = found
    purl = PackageURL("generic", None, stated.name, stated.version).to_string()
    return Package(
        Ecosystem.GENERIC,
        stated.name,
        stated.version,
        purl,
        entry.path,
        (*parts, entry.path),
        presence=Presence.INSTALLED,
        evidence=stated.said,
    )


def names() -> frozenset[str]:
    """Return the names of the files that state a runtime."""
    return frozenset(_READERS)


def _java(rootfs: Rootfs, path: ImagePath, text: str) -> _Found | None:
    """Return the runtime of a JDK's or JRE's `release` file (JEP 223), or None."""
    home = parent(path)
    parts = tuple(path for part in _OF_JAVA if (path := join(home, part)) in rootfs)
    properties = dict(_PROPERTY.findall(text))
    version = properties.get("JAVA_VERSION", "")
    if not parts or not re.match(r"[\d._+-]+\Z", version):
        return None
    # The full version includes the build, if the vendor states it.
    full = properties.get("JAVA_RUNTIME_VERSION") or properties.get("FULL_VERSION") or version
    implementor = properties.get("IMPLEMENTOR", "")
    name = "graalvm" if "GRAALVM_VERSION" in properties else "openjdk"
    who = f", IMPLEMENTOR {implementor[:60]!r}" if implementor else ""
    return Stated(
        name,
        full if re.match(r"[\w.+-]+\Z", full) else version,
        f"JAVA_VERSION {version!r} in the file release{who}",
    ), parts


def _go(rootfs: Rootfs, path: ImagePath, text: str) -> _Found | None:
    program = join(parent(path), "bin", "go")
    match = _GO_VERSION.match(f"{text}\n")
    return (
        (Stated("go", match[1], f"{match[0].strip()!r} in the file VERSION"), (program,))
        if match is not None and program in rootfs
        else None
    )


_Reader = Callable[[Rootfs, ImagePath, str], _Found | None]
_READERS: Mapping[str, _Reader] = {"release": _java, "VERSION": _go}

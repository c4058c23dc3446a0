"""Editor of npm's lock files; what no upgrade changes stays byte for byte.

Versions 2 and 3 map places to packages; versions 1 and 2 nest `dependencies`. Keys are in npm's
order: values before objects, in each npm's list of keys first, then by name.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from careen.errors import ImageError
from careen.formats.json_document import mapping, parse_object, text

MAX_LOCK = 64 << 20
_FIRST = (
    "name",
    "version",
    "lockfileVersion",
    "resolved",
    "integrity",
    "requires",
    "packages",
    "dependencies",
)
_TAKEN = (
    "license",
    "engines",
    "os",
    "cpu",
    "libc",
    "bin",
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "funding",
    "deprecated",
)
_MARKS = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_Collated = tuple[tuple[int, ...], str]
_INDENT = re.compile(rb"\A\{\r?\n([ \t]+)")


class Lock:
    """One lock file; `dump` writes it with its own indent and line ends."""

    def __init__(self, data: bytes, where: str) -> None:
        self._document: dict[str, Any] = dict(parse_object(data, where, ImageError))
        indent = _INDENT.match(data)
        self._indent = indent[1].decode() if indent else None
        self._end = "\r\n" if b"\r\n" in data[:200] else "\n"
        self._last = "\n" if data.endswith(b"\n") else ""

    @property
    def packages(self) -> Mapping[str, Any]:
        return mapping(self._document.get("packages"))

    def holds(self, place: str) -> bool:
        """Return whether it has an entry for a place."""
        return place in self.packages or self._nested(place) is not None

    def version(self, place: str) -> str:
        """Return the version stated for a place, or "" if none is stated."""
        found = mapping(self.packages.get(place)) or (self._nested(place) or {})
        return text(found.get("version"))

    def put(self, place: str, manifest: Mapping[str, Any], resolved: str, integrity: str) -> None:
        """Record the package at a place; `manifest` is the registry's.

        Flags (`dev`, `optional`, …) stay; a new place gets those of the package around it.
        """
        packages = self._document.get("packages")
        if isinstance(packages, dict):
            known = place if place in packages else place.rpartition("/node_modules/")[0]
            old = mapping(packages.get(known))
            address = _address(
                text(old.get("resolved")),
                text(old.get("name")) or known.rpartition("node_modules/")[2],
                resolved,
                text(manifest.get("name")),
            )
            entry = _ordered(
                {
                    **_flags(old),
                    **_entry(
                        manifest, old if known == place else {**old, "name": ""}, address, integrity
                    ),
                }
            )
            self._document["packages"] = _inserted(packages, place, entry)
        nested = self._nested(place, make=True)
        if nested is not None:
            wants = {
                **mapping(manifest.get("dependencies")),
                **mapping(manifest.get("optionalDependencies")),
            }
            kept = {
                key: value
                for key, value in nested.items()
                if key in ("dev", "optional", "devOptional", "dependencies")
            }
            name = text(manifest.get("name"))
            address = (
                _address(text(nested.get("resolved")), name, resolved, name)
                if not nested or text(nested.get("resolved"))
                else ""
            )
            stated = {
                "version": text(manifest.get("version")),
                "resolved": address,
                "integrity": integrity,
                "requires": wants,
            }
            fresh = _ordered({**kept, **{key: value for key, value in stated.items() if value}})
            nested.clear()
            nested.update(fresh)

    def bundle(self, place: str, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the entries below a package with those that its archive brings.

        `documents` are package.json files by place below it.
        """
        packages = self._document.get("packages")
        if not isinstance(packages, dict):
            return
        packages = {
            other: stated
            for other, stated in packages.items()
            if not other.startswith(f"{place}/node_modules/")
        }
        flags = _flags(mapping(packages.get(place)))
        for inner, document in sorted(documents.items()):
            entry = {**flags, **_entry(document, {"resolved": ""}, "", ""), "inBundle": True}
            packages = _inserted(
                packages,
                f"{place}/{inner}",
                _ordered({key: value for key, value in entry.items() if value != ""}),
            )
        self._document["packages"] = packages

    def drop(self, place: str) -> None:
        """Remove the entry of a place."""
        packages = self._document.get("packages")
        if isinstance(packages, dict):
            packages.pop(place, None)
        head, _, name = place.rpartition("node_modules/")
        holder = self._nested(head.rstrip("/")) if head else self._document
        if holder is not None and isinstance(inner := holder.get("dependencies"), dict):
            inner.pop(name, None)
            if not inner and head:
                holder.pop("dependencies")

    def dump(self) -> bytes:
        """Return the file's bytes."""
        separators = (",", ": ") if self._indent else (",", ":")
        body = json.dumps(
            self._document, indent=self._indent, ensure_ascii=False, separators=separators
        )
        return f"{body}{self._last}".replace("\n", self._end).encode("utf-8", "surrogatepass")

    def _nested(self, place: str, *, make: bool = False) -> dict[str, Any] | None:
        """Return the entry in the nested `dependencies` (versions 1 and 2)."""
        names = [step.strip("/") for step in f"/{place}".split("/node_modules/")[1:]]
        here: dict[str, Any] = self._document
        if (
            not names
            or not isinstance(here.get("dependencies"), dict)
            or not isinstance(here.get("lockfileVersion"), int)
        ):
            return None
        for i, name in enumerate(names):
            inner = here.get("dependencies")
            if make and i == len(names) - 1:
                inner = here.setdefault("dependencies", {}) if inner is None else inner
                if isinstance(inner, dict):
                    inner.setdefault(name, {})
            found = inner.get(name) if isinstance(inner, dict) else None
            if not isinstance(found, dict):
                return None
            here = found
        return here


def _flags(old: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: old[key]
        for key in ("dev", "optional", "devOptional", "peer", "extraneous")
        if old.get(key) is True
    }


def _entry(
    manifest: Mapping[str, Any], old: Mapping[str, Any], resolved: str, integrity: str
) -> dict[str, Any]:
    """Return npm's record of a package of the registry."""
    out: dict[str, Any] = {"version": text(manifest.get("version")), "integrity": integrity}
    # npm can be configured to record no addresses.
    if not old or text(old.get("resolved")):
        out["resolved"] = resolved
    if text(old.get("name")):  # installed by another name
        out["name"] = text(manifest.get("name"))
    optional = mapping(manifest.get("optionalDependencies"))
    for key in _TAKEN:
        value = manifest.get(key)
        if key == "dependencies":
            value = {name: spec for name, spec in mapping(value).items() if name not in optional}
        if key == "license":
            value = text(value) or text(mapping(value).get("type"))
        if key == "bin" and isinstance(value, str):
            value = {text(manifest.get("name")).rpartition("/")[2]: value}
        if key == "funding" and isinstance(value, str):
            value = {"url": value}
        if value:
            out[key] = _sorted(value)
    if has_install_script(manifest):
        out["hasInstallScript"] = True
    return out


def _address(old: str, old_name: str, new: str, new_name: str) -> str:
    """Return the archive's address at the registry that the lock file already names."""
    # A mirror that was asked today must not get into the lock file.
    base, found, _ = old.partition(f"/{old_name}/-/")
    file = new.rpartition("/-/")[2]
    return f"{base}/{new_name}/-/{file}" if found and "/-/" in new and old_name else new


def has_install_script(manifest: Mapping[str, Any]) -> bool:
    """Return whether npm would run a script when it installs the package."""
    scripts = mapping(manifest.get("scripts"))
    return (
        manifest.get("hasInstallScript") is True
        or manifest.get("gypfile") is True
        or any(key in scripts for key in ("preinstall", "install", "postinstall"))
    )


def _sorted(value: Any) -> Any:
    return (
        dict(sorted(value.items(), key=lambda item: _collated(item[0])))
        if isinstance(value, dict)
        else value
    )


def _ordered(entry: Mapping[str, Any]) -> dict[str, Any]:
    def place(item: tuple[str, Any]) -> tuple[bool, bool, int, _Collated]:
        key, value = item
        known = key in _FIRST
        return isinstance(value, dict), not known, _FIRST.index(key) if known else 0, _collated(key)

    return dict(sorted(entry.items(), key=place))


def _inserted(packages: Mapping[str, Any], place: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the packages with an entry set; a new one goes to its sorted position."""
    if place in packages:
        return {**packages, place: entry}
    out: dict[str, Any] = {}
    key = _collated(place)
    for other, stated in packages.items():
        if place not in out and _collated(other) > key:
            out[place] = entry
        out[other] = stated
    out.setdefault(place, entry)
    return out


def _collated(text: str) -> _Collated:
    """Return a sort key that orders package names as localeCompare('en') does.

    Marks come before digits, these before letters regardless of case.
    """
    return tuple(_rank(character) for character in text.lower()), text.swapcase()


def _rank(character: str) -> int:
    mark = _MARKS.find(character)
    return mark if mark >= 0 else ord(character) + 256

"""`manifest.json`: what made an evidence directory, and the SHA-256 of every file in it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from careen.errors import ConfigError
from careen.evidence.directory.layout import format_of
from careen.formats.json_document import Strict, parse_object
from careen.model.history import Named

FORMAT, VERSION = "careen.manifest", 1
MAX_MANIFEST = 64 << 20
_READ = Strict(ConfigError, "manifest")
_KEYS = frozenset(
    {
        "format",
        "version",
        "careen",
        "image",
        "result",
        "promoted",
        "started",
        "finished",
        "policy",
        "databases",
        "files",
    }
)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of the directory, by its path below it; `format` is "" for one that careen does not
    know.
    """

    path: str
    sha256: str
    size: int
    format: str = ""

    @classmethod
    def of(cls, path: str, data: bytes) -> "FileRecord":
        """Return the record of a file's bytes."""
        return cls(path, hashlib.sha256(data).hexdigest(), len(data), format_of(path))


@dataclass(frozen=True, slots=True)
class Manifest:
    """One run: the images, the times (RFC 3339), the choices and the databases.

    `careen` is the version that ran. `policy` has the user's choices and their SHA-256.
    `databases` have name, date and time of import of each feed, () without a database.
    """

    careen: str
    image: Named
    result: Named
    promoted: tuple[str, ...]
    started: str
    finished: str
    policy: Mapping[str, Any]
    databases: tuple[Mapping[str, Any], ...] = ()
    files: tuple[FileRecord, ...] = field(default=())

    def with_files(self, records: Mapping[str, FileRecord]) -> "Manifest":
        """Return it with these files, by their paths, and no others."""
        return replace(self, files=tuple(records[path] for path in sorted(records)))

    def object(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "careen": self.careen,
            "image": {"reference": self.image.reference, "digest": self.image.digest},
            "result": {"reference": self.result.reference, "digest": self.result.digest},
            "promoted": list(self.promoted),
            "started": self.started,
            "finished": self.finished,
            "policy": dict(self.policy),
            "databases": [dict(each) for each in self.databases],
            "files": [
                {
                    "path": each.path,
                    "sha256": each.sha256,
                    "size": each.size,
                    "format": each.format or None,
                }
                for each in self.files
            ],
        }

    def written(self) -> bytes:
        """Return the file's bytes, the same for equal values."""
        return (json.dumps(self.object(), indent=2, sort_keys=True) + "\n").encode()


def read_manifest(data: bytes) -> Manifest:
    """Return a manifest. Raises ConfigError with the place of the mistake."""
    document = parse_object(data, "manifest", ConfigError)
    _READ.check_format(document, "", FORMAT, VERSION)
    _READ.members(document, "", _KEYS)
    return Manifest(
        _READ.text(document["careen"], "", "careen"),
        read_named(document, "image"),
        read_named(document, "result"),
        tuple(_texts(document, "promoted")),
        _READ.text(document["started"], "", "started"),
        _READ.text(document["finished"], "", "finished"),
        _READ.mapping(document["policy"], "", "policy"),
        tuple(each for _, each in _READ.objects(document["databases"], "databases")),
        tuple(_files(document)),
    )


def policy_of(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user's choices with the SHA-256 of their JSON (sorted keys, no spaces)."""
    written = json.dumps(choices, separators=(",", ":"), sort_keys=True).encode()
    return {"sha256": hashlib.sha256(written).hexdigest(), "choices": dict(choices)}


def read_named(document: Mapping[str, Any], key: str) -> Named:
    """Return an image that a document names. Raises ConfigError with the place."""
    found = _READ.members(document[key], key, {"reference", "digest"})
    return Named(
        _READ.text(found["reference"], key, "reference"),
        _READ.text(found["digest"], key, "digest"),
    )


def _texts(document: Mapping[str, Any], key: str) -> Iterator[str]:
    for number, each in enumerate(_READ.items(document[key], "", key)):
        yield _READ.text(each, key, number)


def _files(document: Mapping[str, Any]) -> Iterator[FileRecord]:
    for place, each in _READ.objects(document["files"], "files"):
        _READ.members(each, place, {"path", "sha256", "size", "format"})
        size = each["size"]
        if type(size) is not int or size < 0:
            raise _READ.wrong(place, "a size in bytes", size, "size")
        yield FileRecord(
            _READ.text(each["path"], place, "path"),
            _READ.text(each["sha256"], place, "sha256"),
            size,
            "" if each["format"] is None else _READ.text(each["format"], place, "format"),
        )

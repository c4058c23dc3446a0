"""Strict decoder of an RBOM document, version 1 (docs/rbom.md)."""

import marshal
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from packageurl import PackageURL

from careen.errors import ConfigError, ImageError
from careen.formats.json_document import Strict
from careen.model.digest import Digest
from careen.model.entry import EntryKind
from careen.model.packages.purls import read_purl
from careen.model.paths import ImagePath, image_path
from careen.model.rbom import FileUse, ImageRef, MissedPath, Run, RunKind, RuntimeBom, UsedFile
from careen.model.rfc3339 import parse_time
from careen.model.runs.trace import Endpoint, Phase, SensorInfo, SensorKind, Use
from careen.rbom.encode import FORMAT, VERSION
from careen.rbom.origins import ambiguous_origins

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_MAX_PORT = 65535
_READ = Strict(ConfigError, "rbom")
_T = TypeVar("_T")
_TOP = frozenset(
    {
        "format",
        "version",
        "image",
        "outside",
        "unresolved",
        "runs",
        "syscalls",
        "endpoints",
        "executables",
        "origins",
        "layers",
        "packages",
        "files",
        "missed",
    }
)
_IMAGE = frozenset({"reference", "manifest_digest", "config_digest", "diff_ids", "platform"})
_RUN = frozenset(
    {"workload", "command", "started", "seconds", "tests", "checked", "engine", "sensor"}
)
_RUN_MORE = frozenset({"kind", "adequacy"})
_SENSOR = frozenset(
    {"kind", "kernel", "architecture", "programs", "evidence", "losses", "events", "notes"}
)
_ENDPOINT = frozenset({"direction", "family", "address", "port", "phases"})
_PACKAGE = frozenset({"purl", "name", "version", "ecosystem"})
_FILE = frozenset({"path", "kind", "layer", "uses"})
_FILE_MORE = frozenset({"sha256", "size", "target", "packages"})
_USE = frozenset({"use", "phases", "executable", "origin"})
_MISSED = frozenset({"path", "errno", "phases", "executable", "origin"})


@dataclass(frozen=True, slots=True)
class _Tables:
    executables: tuple[str, ...]
    origins: tuple[str, ...]
    layers: tuple[str, ...]
    packages: tuple[str, ...]
    uses: dict[bytes, FileUse] = field(default_factory=dict)
    # Each different use, by its bytes: ten thousands of files share a hundred.


def decode(document: Any) -> RuntimeBom:
    """Return the RBOM of a parsed JSON document.

    Raises ConfigError with the place in the document.
    """
    _check_version(document)
    top = _READ.members(document, "", _TOP)
    packages = _packages(top["packages"])
    tables = _Tables(
        _READ.texts(top["executables"], "executables"),
        _READ.texts(top["origins"], "origins"),
        _READ.texts(top["layers"], "layers"),
        tuple(packages),
    )
    files = tuple(
        _file(item, f"files[{i}]", tables)
        for i, item in enumerate(_READ.items(top["files"], "files"))
    )
    _check_order(files)
    runs = tuple(
        _run(item, f"runs[{i}]") for i, item in enumerate(_READ.items(top["runs"], "runs"))
    )
    _check_origins(runs)
    return RuntimeBom(
        image=_image(top["image"], "image"),
        runs=runs,
        files=files,
        missed=tuple(
            _missed(item, f"missed[{i}]", tables)
            for i, item in enumerate(_READ.items(top["missed"], "missed"))
        ),
        syscalls={}
        if top["syscalls"] is None
        else {
            _READ.member(Phase, name, "syscalls", name): _READ.texts(calls, "syscalls", name)
            for name, calls in _READ.mapping(top["syscalls"], "syscalls").items()
        },
        endpoints=tuple(
            _endpoint(item, f"endpoints[{i}]")
            for i, item in enumerate(_READ.items(top["endpoints"], "endpoints"))
        ),
        packages=packages,
        outside=_READ.count(top["outside"], "outside"),
        unresolved=_READ.count(top["unresolved"], "unresolved"),
    )


def _check_version(document: Any) -> None:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else type(document).__name__
        msg = (
            f"format: expected {FORMAT!r}, got {found!r}: not an rbom; `careen profile` writes one"
        )
        raise ConfigError(msg)
    version = document.get("version")
    if version != VERSION or isinstance(version, bool):
        msg = (
            f"version: this careen reads version {VERSION}, the rbom has {version!r}; use the"
            " careen that wrote it, or profile the image again"
        )
        raise ConfigError(msg)


def _check_order(files: tuple[UsedFile, ...]) -> None:
    """Raise ConfigError unless the paths ascend, each present once."""
    for i in range(1, len(files)):
        if files[i - 1].path >= files[i].path:
            msg = (
                f"files[{i}].path: expected paths in ascending order, each once, got"
                f" {files[i].path!r} after {files[i - 1].path!r}"
            )
            raise ConfigError(msg)


def _check_origins(runs: tuple[Run, ...]) -> None:
    names = ambiguous_origins(runs)
    if names:
        msg = (
            f"runs: {names[0]!r} names an exploration and a run of another kind, so nobody can tell"
            " whose its uses are: profile again under another name"
        )
        raise ConfigError(msg)


def _entry(table: Sequence[_T], name: str, value: Any, place: str, key: str | int) -> _T:
    """Return the item of a table of the document at this index."""
    index = _READ.count(value, place, key)
    if index >= len(table):
        expected = f"an index into {name}, which has {len(table)} items"
        raise _READ.wrong(place, expected, value, key)
    return table[index]


def _digest(value: Any, place: str) -> str:
    try:
        return str(Digest.parse(_READ.text(value, place), place))
    except ImageError as error:
        raise ConfigError(str(error)) from error


def _path(value: Any, holder: str) -> ImagePath:
    place = f"{holder}.path"
    raw = _READ.text(value, place)
    try:
        path = image_path(raw, place)
    except ImageError as error:
        raise ConfigError(str(error)) from error
    if path != raw:
        raise _READ.wrong(place, "an absolute, normalised path", raw)
    return path


def _image(value: Any, place: str) -> ImageRef:
    item = _READ.members(value, place, _IMAGE)
    manifest, diff_ids = item["manifest_digest"], _READ.items(item["diff_ids"], place, "diff_ids")
    return ImageRef(
        reference=_READ.text(item["reference"], place, "reference"),
        manifest_digest=None if manifest is None else _digest(manifest, f"{place}.manifest_digest"),
        config_digest=_digest(item["config_digest"], f"{place}.config_digest"),
        diff_ids=tuple(_digest(one, f"{place}.diff_ids[{i}]") for i, one in enumerate(diff_ids)),
        platform=_READ.text(item["platform"], place, "platform"),
    )


def _time(value: Any, place: str) -> str:
    raw = _READ.text(value, place)
    if parse_time(raw) is None:
        raise _READ.wrong(place, "a time as in RFC 3339 (2026-03-01T10:00:00Z)", raw)
    return raw


def _share(value: Any, place: str) -> float:
    share = _READ.number(value, place)
    if share > 1:
        raise _READ.wrong(place, "a share from 0 to 1", value)
    return share


def _run(value: Any, place: str) -> Run:
    item = _READ.members(value, place, _RUN, _RUN_MORE)
    return Run(
        workload=_READ.text(item["workload"], place, "workload"),
        command=_READ.texts(item["command"], place, "command"),
        started=_time(item["started"], f"{place}.started"),
        seconds=_READ.number(item["seconds"], place, "seconds"),
        tests=_READ.texts(item["tests"], place, "tests"),
        checked=_READ.text(item["checked"], place, "checked"),
        sensor=_sensor(item["sensor"], f"{place}.sensor"),
        engine=_READ.text(item["engine"], place, "engine"),
        kind=(
            _READ.member(RunKind, item["kind"], place, "kind")
            if "kind" in item
            else RunKind.WORKLOAD
        ),
        adequacy=_share(item["adequacy"], f"{place}.adequacy") if "adequacy" in item else None,
    )


def _sensor(value: Any, place: str) -> SensorInfo:
    item = _READ.members(value, place, _SENSOR, frozenset({"emulated"}))
    events, losses = item["events"], f"{place}.losses"
    return SensorInfo(
        kind=_READ.member(SensorKind, item["kind"], place, "kind"),
        kernel=_READ.text(item["kernel"], place, "kernel"),
        architecture=_READ.text(item["architecture"], place, "architecture"),
        programs=_READ.texts(item["programs"], place, "programs"),
        evidence=_READ.set_of(Use, item["evidence"], place, "evidence"),
        losses={
            name: _READ.count(one, losses, name)
            for name, one in _READ.mapping(item["losses"], losses).items()
        },
        events=None if events is None else _READ.count(events, place, "events"),
        notes=_READ.texts(item["notes"], place, "notes"),
        emulated=_emulated(item, place),
    )


def _emulated(item: Mapping[str, Any], place: str) -> bool:
    if "emulated" in item and item["emulated"] is not True:
        raise _READ.wrong(place, "true, or no such member", item["emulated"], "emulated")
    return "emulated" in item


def _phases(value: Any, place: str) -> frozenset[Phase]:
    found = _READ.set_of(Phase, value, place, "phases")
    if not found:
        raise _READ.wrong(place, "at least one phase", value, "phases")
    return found


def _endpoint(value: Any, place: str) -> Endpoint:
    item = _READ.members(value, place, _ENDPOINT, frozenset({"executable"}))
    port = _READ.count(item["port"], place, "port")
    if port > _MAX_PORT:
        raise _READ.wrong(place, "a port from 0 to 65535", port, "port")
    return Endpoint(
        _READ.text(item["direction"], place, "direction"),
        _READ.text(item["family"], place, "family"),
        _READ.text(item["address"], place, "address"),
        port,
        _phases(item["phases"], place),
        _READ.text(item.get("executable", ""), place, "executable"),
    )


def _is_purl(text: str) -> bool:
    if read_purl(text) is not None:  # RBOMs of a fleet have most purls in common
        return True
    try:
        PackageURL.from_string(text)  # also a long one
    except ValueError:
        return False
    return True


def _packages(value: Any) -> dict[str, tuple[str, str, str]]:
    out: dict[str, tuple[str, str, str]] = {}
    for i, one in enumerate(_READ.items(value, "packages")):
        place = f"packages[{i}]"
        item = _READ.members(one, place, _PACKAGE)
        purl = _READ.text(item["purl"], place, "purl")
        if not _is_purl(purl):
            raise _READ.wrong(place, "a package URL", purl, "purl")
        if purl in out:
            raise _READ.wrong(place, "each purl once", purl, "purl")
        out[purl] = (
            _READ.text(item["name"], place, "name"),
            _READ.text(item["version"], place, "version"),
            _READ.text(item["ecosystem"], place, "ecosystem"),
        )
    return out


def _file(value: Any, place: str, tables: _Tables) -> UsedFile:
    item = _READ.members(value, place, _FILE, _FILE_MORE)
    kind = _READ.member(EntryKind, item["kind"], place, "kind")
    if (kind is EntryKind.FILE) != ("sha256" in item) or ("size" in item) != ("sha256" in item):
        raise _READ.wrong(place, "sha256 and size for a file, and for nothing else", item)
    sha256 = _READ.text(item.get("sha256", ""), place, "sha256")
    if "sha256" in item and not _SHA256.match(sha256):
        raise _READ.wrong(place, "64 lower-case hex characters", sha256, "sha256")
    packages, uses = item.get("packages", []), _READ.items(item["uses"], place, "uses")
    return UsedFile(
        path=_path(item["path"], place),
        kind=kind.value,
        sha256=sha256,
        size=_READ.count(item.get("size", 0), place, "size"),
        layer=_entry(tables.layers, "layers", item["layer"], place, "layer"),
        packages=tuple(
            _entry(tables.packages, "packages", one, f"{place}.packages", i)
            for i, one in enumerate(_READ.items(packages, place, "packages"))
        ),
        uses=tuple(_use(one, f"{place}.uses[{i}]", tables) for i, one in enumerate(uses)),
        target=_READ.text(item.get("target", ""), place, "target"),
    )


def _use(value: Any, place: str, tables: _Tables) -> FileUse:
    written = marshal.dumps(value, 2)  # differs if a value or its type differs
    known = tables.uses.get(written)
    if known is None:
        item = _READ.members(value, place, _USE)
        known = tables.uses[written] = FileUse(
            use=_READ.member(Use, item["use"], place, "use"),
            phases=_phases(item["phases"], place),
            executable=_entry(
                tables.executables, "executables", item["executable"], place, "executable"
            ),
            origin=_entry(tables.origins, "origins", item["origin"], place, "origin"),
        )
    return known


def _missed(value: Any, place: str, tables: _Tables) -> MissedPath:
    item = _READ.members(value, place, _MISSED)
    return MissedPath(
        path=_path(item["path"], place),
        errno=_READ.count(item["errno"], place, "errno"),
        phases=_phases(item["phases"], place),
        executable=_entry(
            tables.executables, "executables", item["executable"], place, "executable"
        ),
        origin=_entry(tables.origins, "origins", item["origin"], place, "origin"),
    )

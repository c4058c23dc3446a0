"""Strict decoder of an RBOM document, version 1 (docs/rbom.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packageurl import PackageURL

from careen.errors import ConfigError, ImageError
from careen.model.digest import Digest
from careen.model.entry import EntryKind
from careen.model.paths import ImagePath, image_path
from careen.model.rbom import FileUse, ImageRef, MissedPath, Run, RunKind, RuntimeBom, UsedFile
from careen.model.rfc3339 import parse_time
from careen.model.runs.trace import Endpoint, Phase, SensorInfo, SensorKind, Use
from careen.rbom.encode import FORMAT, VERSION
from careen.rbom.node import Node
from careen.rbom.origins import ambiguous_origins

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class _Tables:
    executables: tuple[str, ...]
    origins: tuple[str, ...]
    layers: tuple[str, ...]
    packages: tuple[str, ...]


def decode(document: Any) -> RuntimeBom:
    """Return the RBOM of a parsed JSON document.

    Raises ConfigError with the place in the document.
    """
    _check_version(document)
    top = Node(document, "").object(
        (
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
        )
    )
    packages = _packages(top["packages"])
    tables = _Tables(
        top["executables"].strings(),
        top["origins"].strings(),
        top["layers"].strings(),
        tuple(packages),
    )
    files = tuple(_file(node, tables) for node in top["files"].items())
    _check_order(files)
    runs = tuple(_run(node) for node in top["runs"].items())
    _check_origins(runs)
    return RuntimeBom(
        image=_image(top["image"]),
        runs=runs,
        files=files,
        missed=tuple(_missed(node, tables) for node in top["missed"].items()),
        syscalls=_syscalls(top["syscalls"]),
        endpoints=tuple(_endpoint(node) for node in top["endpoints"].items()),
        packages=packages,
        outside=top["outside"].integer(),
        unresolved=top["unresolved"].integer(),
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


def _digest(node: Node) -> str:
    try:
        return str(Digest.parse(node.string(), node.where))
    except ImageError as error:
        raise ConfigError(str(error)) from error


def _path(node: Node) -> ImagePath:
    raw = node.string()
    try:
        path = image_path(raw, node.where)
    except ImageError as error:
        raise ConfigError(str(error)) from error
    if path != raw:
        raise node.refuse("an absolute, normalised path")
    return path


def _image(node: Node) -> ImageRef:
    item = node.object(("reference", "manifest_digest", "config_digest", "diff_ids", "platform"))
    return ImageRef(
        reference=item["reference"].string(),
        manifest_digest=item["manifest_digest"].optional(_digest),
        config_digest=_digest(item["config_digest"]),
        diff_ids=tuple(_digest(one) for one in item["diff_ids"].items()),
        platform=item["platform"].string(),
    )


def _time(node: Node) -> str:
    raw = node.string()
    if parse_time(raw) is None:
        raise node.refuse("a time as in RFC 3339 (2026-03-01T10:00:00Z)")
    return raw


def _purl(node: Node) -> str:
    raw = node.string()
    try:
        PackageURL.from_string(raw)
    except ValueError:
        raise node.refuse("a package URL") from None
    return raw


def _run(node: Node) -> Run:
    item = node.object(
        ("workload", "command", "started", "seconds", "tests", "checked", "engine", "sensor"),
        ("kind", "adequacy"),
    )
    return Run(
        workload=item["workload"].string(),
        command=item["command"].strings(),
        started=_time(item["started"]),
        seconds=item["seconds"].number(),
        tests=item["tests"].strings(),
        checked=item["checked"].string(),
        sensor=_sensor(item["sensor"]),
        engine=item["engine"].string(),
        kind=item["kind"].one_of(RunKind) if "kind" in item else RunKind.WORKLOAD,
        adequacy=item["adequacy"].share() if "adequacy" in item else None,
    )


def _sensor(node: Node) -> SensorInfo:
    item = node.object(
        ("kind", "kernel", "architecture", "programs", "evidence", "losses", "events", "notes")
    )
    return SensorInfo(
        kind=item["kind"].one_of(SensorKind),
        kernel=item["kernel"].string(),
        architecture=item["architecture"].string(),
        programs=item["programs"].strings(),
        evidence=frozenset(one.one_of(Use) for one in item["evidence"].items()),
        losses={name: one.integer() for name, one in item["losses"].members()},
        events=item["events"].optional(Node.integer),
        notes=item["notes"].strings(),
    )


def _syscalls(node: Node) -> Mapping[Phase, tuple[str, ...]]:
    return {
        phase: one.strings()
        for name, one in node.members()
        for phase in (Node(name, f"{node.where}.{name}").one_of(Phase),)
    }


def _phases(node: Node) -> frozenset[Phase]:
    found = frozenset(one.one_of(Phase) for one in node.items())
    if not found:
        raise node.refuse("at least one phase")
    return found


def _endpoint(node: Node) -> Endpoint:
    item = node.object(("direction", "family", "address", "port", "phases"), ("executable",))
    port = item["port"].integer()
    if port > _MAX_PORT:
        raise item["port"].refuse("a port from 0 to 65535")
    executable = item["executable"].string() if "executable" in item else ""
    return Endpoint(
        item["direction"].string(),
        item["family"].string(),
        item["address"].string(),
        port,
        _phases(item["phases"]),
        executable,
    )


def _packages(node: Node) -> dict[str, tuple[str, str, str]]:
    out: dict[str, tuple[str, str, str]] = {}
    for one in node.items():
        item = one.object(("purl", "name", "version", "ecosystem"))
        purl = _purl(item["purl"])
        if purl in out:
            raise item["purl"].refuse("each purl once")
        out[purl] = (item["name"].string(), item["version"].string(), item["ecosystem"].string())
    return out


def _file(node: Node, tables: _Tables) -> UsedFile:
    item = node.object(("path", "kind", "layer", "uses"), ("sha256", "size", "target", "packages"))
    kind = item["kind"].one_of(EntryKind)
    if (kind is EntryKind.FILE) != ("sha256" in item) or ("size" in item) != ("sha256" in item):
        raise node.refuse("sha256 and size for a file, and for nothing else")
    sha256 = item["sha256"].string() if "sha256" in item else ""
    if "sha256" in item and not _SHA256.match(sha256):
        raise item["sha256"].refuse("64 lower-case hex characters")
    return UsedFile(
        path=_path(item["path"]),
        kind=kind.value,
        sha256=sha256,
        size=item["size"].integer() if "size" in item else 0,
        layer=item["layer"].entry_of(tables.layers, "layers"),
        packages=(
            tuple(one.entry_of(tables.packages, "packages") for one in item["packages"].items())
            if "packages" in item
            else ()
        ),
        uses=tuple(_use(one, tables) for one in item["uses"].items()),
        target=item["target"].string() if "target" in item else "",
    )


def _use(node: Node, tables: _Tables) -> FileUse:
    item = node.object(("use", "phases", "executable", "origin"))
    return FileUse(
        use=item["use"].one_of(Use),
        phases=_phases(item["phases"]),
        executable=item["executable"].entry_of(tables.executables, "executables"),
        origin=item["origin"].entry_of(tables.origins, "origins"),
    )


def _missed(node: Node, tables: _Tables) -> MissedPath:
    item = node.object(("path", "errno", "phases", "executable", "origin"))
    return MissedPath(
        path=_path(item["path"]),
        errno=item["errno"].integer(),
        phases=_phases(item["phases"]),
        executable=item["executable"].entry_of(tables.executables, "executables"),
        origin=item["origin"].entry_of(tables.origins, "origins"),
    )

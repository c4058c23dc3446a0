"""CDI devices (Container Device Interface, specification 0.3 to 1.0) as edits of a container.

The files describe this machine's own devices and name programs that run as root, so only files are
read that root alone can write.
"""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.engines.embedded.yaml_document import read_yaml
from careen.errors import ImageError, ToolError
from careen.oci.documents import as_list, as_object, as_text, read_json

SPEC_DIRECTORIES = (Path("/etc/cdi"), Path("/var/run/cdi"))
_READERS = {".json": read_json, ".yaml": read_yaml}
_MAX_FILES = 100
_LARGEST = 1 << 20
_OTHERS_MAY_WRITE = 0o022
_HOOKS = frozenset(
    ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")
)
_TYPES = {stat.S_IFCHR: "c", stat.S_IFBLK: "b", stat.S_IFIFO: "p"}


@dataclass(frozen=True, slots=True)
class Edits:
    """What devices add to a container, in the words of the OCI runtime specification."""

    env: tuple[str, ...] = ()
    mounts: tuple[Mapping[str, Any], ...] = ()
    devices: tuple[Mapping[str, Any], ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    hooks: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    groups: tuple[int, ...] = ()

    def variables(self) -> dict[str, str]:
        """Return the environment by name."""
        pairs = (word.partition("=") for word in self.env)
        return {name: value for name, equals, value in pairs if name and equals}


NO_EDITS = Edits()


def device_edits(names: Sequence[str]) -> Edits:
    """Return the edits of CDI devices. Raises ToolError that says what is missing."""
    try:
        specs = list(_specs())
        chosen: list[Mapping[str, Any]] = []
        for name in names:
            kind, _, device = name.partition("=")
            chosen += _edits_of(kind, device, specs)
        return _merged(list({id(item): item for item in chosen}.values()))
    except (ImageError, OSError) as error:  # of the readers, and of a device
        msg = f"--gpus {','.join(names)}: a CDI specification of this machine: {error}"
        raise ToolError(msg) from error


def _edits_of(
    kind: str, device: str, specs: Sequence[tuple[Path, Mapping[str, Any]]]
) -> list[Mapping[str, Any]]:
    """Return the edits of the first specification that has the device, common ones first."""
    for path, spec in specs:
        if spec.get("kind") != kind:
            continue
        for item in as_list(spec.get("devices"), f"{path}: devices"):
            found = as_object(item, f"{path}: devices")
            if found.get("name") == device:
                return [
                    as_object(each.get("containerEdits", {}), f"{path}: containerEdits")
                    for each in (spec, found)
                ]
    folders = " or ".join(str(folder) for folder in SPEC_DIRECTORIES)
    msg = (
        f"--gpus: no CDI device {kind}={device} in {folders}; for NVIDIA, `nvidia-ctk cdi generate"
        f" --output {SPEC_DIRECTORIES[0]}/nvidia.yaml` describes the GPUs"
    )
    raise ToolError(msg)


def _specs() -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the specifications; those of the last directory win."""
    for folder in reversed(SPEC_DIRECTORIES):
        paths = sorted(path for suffix in _READERS for path in folder.glob(f"*{suffix}"))
        for path in paths[:_MAX_FILES]:
            yield path, _read(path)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        for place in (path.parent, path):
            seen = place.stat()
            if seen.st_uid != 0 or seen.st_mode & _OTHERS_MAY_WRITE:
                msg = f"{place}: not read, as others than root can write it"
                raise ToolError(msg)
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            msg = f"{path}: not read, as it is larger than {_LARGEST} bytes"
            raise ToolError(msg)
        return as_object(_READERS[path.suffix](data, str(path)), str(path))
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise ToolError(msg) from error


def _merged(edits: Sequence[Mapping[str, Any]]) -> Edits:
    nodes = [_node(item) for item in _items(edits, "deviceNodes")]
    hooks: dict[str, list[Mapping[str, Any]]] = {}
    for item in _items(edits, "hooks"):
        name = as_text(item.get("hookName"), "hooks.hookName")
        if name not in _HOOKS:
            msg = f"unknown hook {name[:100]!r}"
            raise ToolError(msg)
        known = ("path", "args", "env", "timeout")
        hooks.setdefault(name, []).append({key: item[key] for key in known if key in item})
    groups = (each for edit in edits for each in as_list(edit.get("additionalGids", []), "gids"))
    return Edits(
        env=tuple(
            as_text(word, "env") for edit in edits for word in as_list(edit.get("env", []), "env")
        ),
        mounts=tuple(_mount(item) for item in _items(edits, "mounts")),
        devices=tuple(device for device, _ in nodes),
        rules=tuple(rule for _, rule in nodes),
        hooks=hooks or None,
        groups=tuple(group for group in groups if isinstance(group, int)),
    )


def _items(edits: Sequence[Mapping[str, Any]], key: str) -> Iterator[Mapping[str, Any]]:
    for edit in edits:
        for item in as_list(edit.get(key, []), key):
            yield as_object(item, key)


def _mount(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "destination": as_text(item.get("containerPath"), "mounts.containerPath"),
        "type": as_text(item.get("type", "bind"), "mounts.type"),
        "source": as_text(item.get("hostPath"), "mounts.hostPath"),
        "options": [as_text(word, "mounts.options") for word in item.get("options", ["rbind"])],
    }


def _node(item: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return a device of the specification and the rule that allows it."""
    path = as_text(item.get("path"), "deviceNodes.path")
    seen = Path(as_text(item.get("hostPath") or path, "deviceNodes.hostPath")).stat()
    kind = item.get("type") or _TYPES.get(stat.S_IFMT(seen.st_mode))
    if kind is None:
        msg = f"{path}: not a device"
        raise ToolError(msg)
    numbers = (
        {"major": os.major(seen.st_rdev), "minor": os.minor(seen.st_rdev)} if kind != "p" else {}
    )
    optional = {key: item[key] for key in ("fileMode", "uid", "gid") if key in item}
    device = {"path": path, "type": kind, "fileMode": stat.S_IMODE(seen.st_mode), **numbers}
    rule = {"allow": True, "type": kind, "access": item.get("permissions") or "rwm", **numbers}
    return {**device, **optional}, rule

"""Parser of image configs; it checks the fields that careen uses and keeps unknown ones."""

from collections.abc import Callable, Mapping
from typing import Any

from careen.errors import ImageError
from careen.model.image import ImageConfig
from careen.oci.documents import as_list, as_object, as_size, as_text, as_texts, read_json
from careen.oci.limits import MAX_LAYERS

Check = Callable[[Any, str], object]
_MAX_HISTORY = 10 * MAX_LAYERS


def _list_of_texts(value: Any, where: str) -> None:
    for i, item in enumerate(as_list(value, where)):
        as_text(item, f"{where}[{i}]")


def _environment(value: Any, where: str) -> None:
    for i, item in enumerate(as_list(value, where)):
        text = as_text(item, f"{where}[{i}]")
        if "\0" in text or text.startswith("="):
            msg = f"{where}[{i}]: not NAME=VALUE: {text[:80]!r}"
            raise ImageError(msg)


def _healthcheck(value: Any, where: str) -> None:
    doc = as_object(value, where)
    _list_of_texts(doc.get("Test"), f"{where}.Test")
    for key in ("Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"):
        as_size(doc.get(key) or 0, f"{where}.{key}")


def _flag(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        msg = f"{where}: expected true or false, got {value!r}"
        raise ImageError(msg)


_RUN: Mapping[str, Check] = {
    "Cmd": _list_of_texts,
    "Entrypoint": _list_of_texts,
    "Env": _environment,
    "ExposedPorts": as_object,
    "Healthcheck": _healthcheck,
    "Labels": as_texts,
    "StopSignal": as_text,
    "User": as_text,
    "Volumes": as_object,
    "WorkingDir": as_text,
}
_TOP: Mapping[str, Check] = {
    "architecture": as_text,
    "config": as_object,
    "created": as_text,
    "os": as_text,
    "rootfs": as_object,
    "variant": as_text,
}
_HISTORY: Mapping[str, Check] = {
    "author": as_text,
    "comment": as_text,
    "created": as_text,
    "created_by": as_text,
    "empty_layer": _flag,
}


def _check(document: Mapping[str, Any], checks: Mapping[str, Check], where: str) -> None:
    for key, check in checks.items():
        if document.get(key) is not None:
            check(document[key], f"{where}.{key}")


def parse_config(data: bytes, where: str) -> ImageConfig:
    """Return an image config, or raise ImageError that names the invalid field."""
    document = as_object(read_json(data, where), where)
    _check(document, _TOP, where)
    _check(document.get("config") or {}, _RUN, f"{where}.config")
    rootfs = as_object(document.get("rootfs"), f"{where}.rootfs")
    if rootfs.get("type", "layers") != "layers":
        msg = f"{where}.rootfs.type: expected 'layers', got {rootfs.get('type')!r}"
        raise ImageError(msg)
    as_list(rootfs.get("diff_ids"), f"{where}.rootfs.diff_ids")
    history = as_list(document.get("history"), f"{where}.history")
    if len(history) > _MAX_HISTORY:
        msg = (
            f"{where}.history: {len(history)} entries are more than the {_MAX_HISTORY} that are"
            " read"
        )
        raise ImageError(msg)
    for i, item in enumerate(history):
        _check(as_object(item, f"{where}.history[{i}]"), _HISTORY, f"{where}.history[{i}]")
    config = ImageConfig(document)
    if config.platform.os != "linux":
        msg = f"{where}.os: careen reads linux images, this one is for {config.platform.os!r}"
        raise ImageError(msg)
    _ = config.diff_ids
    return config


def layer_histories(config: ImageConfig, layers: int) -> tuple[Mapping[str, Any] | None, ...]:
    """Return each layer's history entry; all None if the history does not match the layers."""
    stated = tuple(item for item in config.history if not item.get("empty_layer"))
    return stated if len(stated) == layers else (None,) * layers

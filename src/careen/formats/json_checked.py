"""Checked access to documents that careen wrote.

Errors name the place of the value (`plan.keep[3].paths[0]: …`).
"""

import enum
import json
from collections.abc import Set as AbstractSet
from typing import Any, NoReturn, TypeVar

from careen.errors import ConfigError
from careen.model.rbom import ImageRef

Member = TypeVar("Member", bound=enum.Enum)


def load(data: bytes, name: str, limit: int) -> Any:
    """Return the JSON document in at most `limit` bytes.

    Raises ConfigError that names the kind of document.
    """
    if len(data) > limit:
        fail(name, f"larger than {limit} bytes")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"{name}: not JSON: {error}"
        raise ConfigError(msg) from error


def fail(place: str, problem: str) -> NoReturn:
    """Raise ConfigError."""
    msg = f"{place}: {problem}"
    raise ConfigError(msg)


def check_format(document: Any, name: str, expected: str, version: int) -> None:
    """Raise ConfigError for another format or version; a missing field is left to `members`."""
    if not isinstance(document, dict) or not {"format", "version"} <= document.keys():
        return
    given, number = document["format"], document["version"]
    if given != expected or type(number) is not int or number != version:
        fail(
            f"{name}.format",
            f"expected {expected!r} version {version}, got {given!r:.80} version {number!r:.80}",
        )


def members(
    value: Any, place: str, required: AbstractSet[str], optional: AbstractSet[str] = frozenset()
) -> dict[str, Any]:
    """Return an object that has all `required` keys, and no others than `optional` ones."""
    if not isinstance(value, dict):
        fail(place, f"expected an object, got {value!r:.80}")
    if missing := sorted(required - value.keys()):
        fail(place, f"key {missing[0]!r} is missing")
    if unknown := sorted(value.keys() - required - optional):
        fail(place, f"unknown key {unknown[0]!r}")
    return value


def items(value: Any, place: str) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        fail(place, f"expected a list, got {value!r:.80}")
    return value


def text(value: Any, place: str) -> str:
    """Return a string."""
    if not isinstance(value, str):
        fail(place, f"expected a text, got {value!r:.80}")
    return value


def texts(value: Any, place: str) -> tuple[str, ...]:
    """Return a list of strings."""
    return tuple(text(item, f"{place}[{i}]") for i, item in enumerate(items(value, place)))


def count(value: Any, place: str) -> int:
    """Return an integer that is not negative."""
    if type(value) is not int or value < 0:
        fail(place, f"expected a number from 0, got {value!r:.80}")
    return value


def member(kind: type[Member], value: Any, place: str) -> Member:
    """Return the enumeration member with this value."""
    try:
        return kind(value)
    except ValueError:
        fail(place, f"expected one of {', '.join(item.value for item in kind)}, got {value!r:.80}")


def image_object(image: ImageRef) -> dict[str, Any]:
    """Return the JSON object of an image."""
    return {
        "reference": image.reference,
        "manifest_digest": image.manifest_digest,
        "config_digest": image.config_digest,
        "diff_ids": list(image.diff_ids),
        "platform": image.platform,
    }


def read_image(value: Any, place: str) -> ImageRef:
    """Return the image of an object that `image_object` returned."""
    table = members(
        value, place, {"reference", "manifest_digest", "config_digest", "diff_ids", "platform"}
    )
    manifest = table["manifest_digest"]
    return ImageRef(
        reference=text(table["reference"], f"{place}.reference"),
        manifest_digest=None if manifest is None else text(manifest, f"{place}.manifest_digest"),
        config_digest=text(table["config_digest"], f"{place}.config_digest"),
        diff_ids=texts(table["diff_ids"], f"{place}.diff_ids"),
        platform=text(table["platform"], f"{place}.platform"),
    )

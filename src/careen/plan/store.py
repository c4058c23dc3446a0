"""Plans as JSON: format `careen.plan`, version 1, schema in docs/schema/plan-1.schema.json.

Paths that share a reason are written together, so 70,000 paths stay readable and small. Written bytes are the same for the same plan.
"""

import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from careen.errors import ConfigError, ImageError
from careen.model.paths import ImagePath, image_path
from careen.model.plan import Level, Outcome, PackagePlan, Plan, Reason
from careen.model.rbom import ImageRef
from careen.tools.read_file import parse_file

FORMAT = "careen.plan"
VERSION = 1
MAX_PLAN = 512 << 20
_HEX = frozenset("0123456789abcdef")
_SHA256_LENGTH = 64
_E = TypeVar("_E", Level, Outcome)


def write_plan(plan: Plan) -> bytes:
    """Return the document of a plan: UTF-8 JSON (names that are not UTF-8 as lone surrogates, escaped), one group a line, ends with a line feed."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "image": {
            "reference": plan.image.reference,
            "manifest_digest": plan.image.manifest_digest,
            "config_digest": plan.image.config_digest,
            "diff_ids": list(plan.image.diff_ids),
            "platform": plan.image.platform,
        },
        "level": plan.level.value,
        "rbom_sha256": plan.rbom_sha256,
        "keep_sha256": plan.keep_sha256,
        "notes": list(plan.notes),
        **({} if plan.applied is None else {"applied": list(plan.applied)}),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    lines.append(f'"keep": {_lines(_groups(plan.keep))}')
    lines.append(f'"remove": {_lines(_groups(plan.remove))}')
    lines.append(f'"packages": {_lines(_package(plan.packages[purl]) for purl in sorted(plan.packages))}')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def _lines(items: Iterable[Mapping[str, Any]]) -> str:
    body = ",\n".join("  " + json.dumps(item, separators=(",", ":")) for item in items)
    return f"[\n{body}\n]" if body else "[]"


def _groups(reasons: Mapping[ImagePath, Reason]) -> Iterable[Mapping[str, Any]]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for path in sorted(reasons):
        reason = reasons[path]
        groups.setdefault((reason.code, reason.detail, reason.because or ""), []).append(path)
    for code, detail, because in sorted(groups):
        yield {"code": code, "detail": detail, **({"because": because} if because else {}), "paths": groups[code, detail, because]}


def _package(package: PackagePlan) -> Mapping[str, Any]:
    return {
        "purl": package.purl,
        "outcome": package.outcome.value,
        "kept_files": package.kept_files,
        "removed_files": package.removed_files,
        "kept_bytes": package.kept_bytes,
        "removed_bytes": package.removed_bytes,
        "broken": list(package.broken),
    }


def load_plan(path: Path) -> Plan:
    """Read the plan in a file. Raises ConfigError that names the file."""
    return parse_file(path, MAX_PLAN, read_plan)


def read_plan(data: bytes) -> Plan:
    """Read a plan document. Raises ConfigError with the place in the document; unknown keys are refused, a path twice too."""
    if len(data) > MAX_PLAN:
        _fail("plan", f"larger than {MAX_PLAN} bytes")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"plan: not JSON: {error}"
        raise ConfigError(msg) from error
    top = _object(document, "plan", {"format", "version", "image", "level", "rbom_sha256", "notes", "keep", "remove", "packages"}, {"applied", "keep_sha256"})
    if top["format"] != FORMAT or type(top["version"]) is not int or top["version"] != VERSION:
        _fail("plan.format", f"expected {FORMAT!r} version {VERSION}, got {top['format']!r} version {top['version']!r}")
    digest = _text(top["rbom_sha256"], "plan.rbom_sha256")
    if len(digest) != _SHA256_LENGTH or not set(digest) <= _HEX:
        _fail("plan.rbom_sha256", f"expected 64 hex characters, got {digest!r}")
    keep = _reasons(top["keep"], "plan.keep", {})
    remove = _reasons(top["remove"], "plan.remove", keep)
    packages = [_read_package(item, f"plan.packages[{i}]") for i, item in enumerate(_list(top["packages"], "plan.packages"))]
    plan = Plan(
        image=_image(top["image"]),
        level=_member(Level, top["level"], "plan.level"),
        keep=keep,
        remove=remove,
        packages={package.purl: package for package in packages},
        rbom_sha256=digest,
        notes=_texts(top["notes"], "plan.notes"),
        applied=_texts(top["applied"], "plan.applied") if "applied" in top else None,
    )
    if top.get("keep_sha256", plan.keep_sha256) != plan.keep_sha256:
        _fail("plan.keep_sha256", f"is not the digest of the paths in plan.keep, which is {plan.keep_sha256}")
    return plan


def _image(value: Any) -> ImageRef:
    table = _object(value, "plan.image", {"reference", "manifest_digest", "config_digest", "diff_ids", "platform"})
    manifest = table["manifest_digest"]
    return ImageRef(
        reference=_text(table["reference"], "plan.image.reference"),
        manifest_digest=None if manifest is None else _text(manifest, "plan.image.manifest_digest"),
        config_digest=_text(table["config_digest"], "plan.image.config_digest"),
        diff_ids=_texts(table["diff_ids"], "plan.image.diff_ids"),
        platform=_text(table["platform"], "plan.image.platform"),
    )


def _reasons(value: Any, place: str, taken: Mapping[ImagePath, Reason]) -> dict[ImagePath, Reason]:
    out: dict[ImagePath, Reason] = {}
    for number, item in enumerate(_list(value, place)):
        here = f"{place}[{number}]"
        group = _object(item, here, {"code", "detail", "paths"}, {"because"})
        because = _path(group["because"], f"{here}.because") if "because" in group else None
        reason = Reason(_text(group["code"], f"{here}.code"), _text(group["detail"], f"{here}.detail"), because)
        for position, raw in enumerate(_list(group["paths"], f"{here}.paths")):
            path = _path(raw, f"{here}.paths[{position}]")
            if path in out or path in taken:
                _fail(f"{here}.paths[{position}]", f"this path was already decided: {path!r}")
            out[path] = reason
    return dict(sorted(out.items()))


def _read_package(value: Any, place: str) -> PackagePlan:
    counts = ("kept_files", "removed_files", "kept_bytes", "removed_bytes")
    table = _object(value, place, {"purl", "outcome", "broken", *counts})
    numbers = [_count(table[key], f"{place}.{key}") for key in counts]
    purl, outcome = _text(table["purl"], f"{place}.purl"), _member(Outcome, table["outcome"], f"{place}.outcome")
    return PackagePlan(purl, outcome, numbers[0], numbers[1], numbers[2], numbers[3], _texts(table["broken"], f"{place}.broken"))


def _fail(place: str, problem: str) -> NoReturn:
    msg = f"{place}: {problem}"
    raise ConfigError(msg)


def _object(value: Any, place: str, required: set[str], optional: AbstractSet[str] = frozenset()) -> dict[str, Any]:
    if not isinstance(value, dict):
        _fail(place, f"expected an object, got {value!r:.80}")
    if missing := sorted(required - value.keys()):
        _fail(place, f"key {missing[0]!r} is missing")
    if unknown := sorted(value.keys() - required - optional):
        _fail(place, f"unknown key {unknown[0]!r}")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        _fail(place, f"expected a list, got {value!r:.80}")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        _fail(place, f"expected a text, got {value!r:.80}")
    return value


def _texts(value: Any, place: str) -> tuple[str, ...]:
    return tuple(_text(item, f"{place}[{i}]") for i, item in enumerate(_list(value, place)))


def _count(value: Any, place: str) -> int:
    if type(value) is not int or value < 0:
        _fail(place, f"expected a number from 0, got {value!r:.80}")
    return value


def _member(kind: type[_E], value: Any, place: str) -> _E:
    try:
        return kind(value)
    except ValueError:
        _fail(place, f"expected one of {', '.join(item.value for item in kind)}, got {value!r:.80}")


def _path(value: Any, place: str) -> ImagePath:
    text = _text(value, place)
    try:
        path = image_path(text, place)
    except ImageError as error:
        msg = str(error)
        raise ConfigError(msg) from error
    if path != text:
        _fail(place, f"expected an absolute, normalised path, got {text!r:.80}")
    return path

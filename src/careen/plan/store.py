"""Plans as JSON: format `careen.plan`, version 1, schema in docs/schema/plan-1.schema.json.

Paths with the same reason are grouped, so that 70,000 paths stay readable and small. The same plan
gives the same bytes.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, ImageError
from careen.formats.image_object import image_object, read_image
from careen.formats.json_document import Strict, parse
from careen.model.paths import ImagePath, image_path
from careen.model.plan import Basis, Level, Outcome, PackagePlan, Plan, Reason, Symbols
from careen.tools.read_file import parse_file

FORMAT = "careen.plan"
VERSION = 1
MAX_PLAN = 512 << 20
_HEX = frozenset("0123456789abcdef")
_SHA256_LENGTH = 64
_READ = Strict(ConfigError, "plan")


def write_plan(plan: Plan, patch: Mapping[str, Any] | None = None) -> bytes:
    """Return the JSON document of a plan, with one group per line and a final line feed.

    Names that are not UTF-8 are written as escaped lone surrogates. `patch` is the patch plan's
    object if the image was patched before; it is for readers and not part of the plan.
    """
    head = {
        "format": FORMAT,
        "version": VERSION,
        "image": image_object(plan.image),
        "level": plan.level.value,
        "rbom_sha256": plan.rbom_sha256,
        "keep_sha256": plan.keep_sha256,
        "notes": list(plan.notes),
        **({} if plan.applied is None else {"applied": list(plan.applied)}),
        **({} if plan.basis is Basis.NATIVE else {"basis": plan.basis.value}),
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    lines.append(f'"keep": {_lines(_groups(plan.keep))}')
    lines.append(f'"remove": {_lines(_groups(plan.remove))}')
    lines.append(
        f'"packages": {_lines(_package(plan.packages[purl]) for purl in sorted(plan.packages))}'
    )
    if plan.symbols is not None:
        lines.append(
            f'"symbols": {{"dropped": {_lines(_dropped(plan.symbols))}, "left":'
            f" {_lines(_left(plan.symbols))}}}"
        )
    if patch is not None:
        lines.append(f'"patch": {json.dumps(patch)}')
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
        yield {
            "code": code,
            "detail": detail,
            **({"because": because} if because else {}),
            "paths": groups[code, detail, because],
        }


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
    """Read the plan in a file; raise ConfigError that names the file."""
    return parse_file(path, MAX_PLAN, read_plan)


def read_plan(data: bytes) -> Plan:
    """Read a plan document.

    Raises ConfigError with the place in the document, also for an unknown key and for a path that
    occurs twice.
    """
    document = parse(data, "plan", ConfigError, limit=MAX_PLAN)
    _READ.check_format(document, "plan", FORMAT, VERSION)
    top = _READ.members(
        document,
        "plan",
        {
            "format",
            "version",
            "image",
            "level",
            "rbom_sha256",
            "notes",
            "keep",
            "remove",
            "packages",
        },
        {"applied", "basis", "keep_sha256", "patch", "symbols"},
    )
    if not isinstance(top.get("patch", {}), dict):
        raise _READ.wrong("plan", "an object", top["patch"], "patch")
    digest = _READ.text(top["rbom_sha256"], "plan", "rbom_sha256")
    if len(digest) != _SHA256_LENGTH or not set(digest) <= _HEX:
        raise _READ.wrong("plan", "64 hex characters", digest, "rbom_sha256")
    keep = _reasons(top["keep"], "plan.keep", {})
    remove = _reasons(top["remove"], "plan.remove", keep)
    packages = [
        _read_package(item, f"plan.packages[{i}]")
        for i, item in enumerate(_READ.items(top["packages"], "plan", "packages"))
    ]
    plan = Plan(
        image=read_image(top["image"], "plan.image"),
        level=_READ.member(Level, top["level"], "plan", "level"),
        keep=keep,
        remove=remove,
        packages={package.purl: package for package in packages},
        rbom_sha256=digest,
        notes=_READ.texts(top["notes"], "plan", "notes"),
        applied=_READ.texts(top["applied"], "plan", "applied") if "applied" in top else None,
        symbols=_read_symbols(top["symbols"], "plan.symbols", keep) if "symbols" in top else None,
        basis=_READ.member(Basis, top["basis"], "plan", "basis")
        if "basis" in top
        else Basis.NATIVE,
    )
    if top.get("keep_sha256", plan.keep_sha256) != plan.keep_sha256:
        _READ.fail(
            "plan.keep_sha256",
            f"is not the digest of the paths in plan.keep, which is {plan.keep_sha256}",
        )
    return plan


def _reasons(value: Any, place: str, taken: Mapping[ImagePath, Reason]) -> dict[ImagePath, Reason]:
    out: dict[ImagePath, Reason] = {}
    for number, item in enumerate(_READ.items(value, place)):
        here = f"{place}[{number}]"
        group = _READ.members(item, here, {"code", "detail", "paths"}, {"because"})
        because = _path(group["because"], f"{here}.because") if "because" in group else None
        reason = Reason(
            _READ.text(group["code"], here, "code"),
            _READ.text(group["detail"], here, "detail"),
            because,
        )
        for position, raw in enumerate(_READ.items(group["paths"], here, "paths")):
            path = _path(raw, f"{here}.paths[{position}]")
            if path in out or path in taken:
                _READ.fail(f"{here}.paths[{position}]", f"this path was already decided: {path!r}")
            out[path] = reason
    return dict(sorted(out.items()))


def _dropped(symbols: Symbols) -> Iterable[Mapping[str, Any]]:
    for path in sorted(symbols.dropped):
        yield {"path": path, "bytes": symbols.dropped[path]}


def _left(symbols: Symbols) -> Iterable[Mapping[str, Any]]:
    groups: dict[str, list[str]] = {}
    for path in sorted(symbols.left):
        groups.setdefault(symbols.left[path], []).append(path)
    for reason in sorted(groups):
        yield {"reason": reason, "paths": groups[reason]}


def _read_symbols(value: Any, place: str, keep: Mapping[ImagePath, Reason]) -> Symbols:
    table = _READ.members(value, place, {"dropped", "left"})
    dropped: dict[ImagePath, int] = {}
    left: dict[ImagePath, str] = {}

    def kept(raw: Any, here: str) -> ImagePath:
        path = _path(raw, here)
        if path not in keep or path in dropped or path in left:
            raise _READ.wrong(here, "a kept path, each once", path)
        return path

    for number, item in enumerate(_READ.items(table["dropped"], place, "dropped")):
        here = f"{place}.dropped[{number}]"
        row = _READ.members(item, here, {"path", "bytes"})
        dropped[kept(row["path"], f"{here}.path")] = _READ.count(row["bytes"], here, "bytes")
    for number, item in enumerate(_READ.items(table["left"], place, "left")):
        here = f"{place}.left[{number}]"
        group = _READ.members(item, here, {"reason", "paths"})
        reason = _READ.text(group["reason"], here, "reason")
        for position, raw in enumerate(_READ.items(group["paths"], here, "paths")):
            left[kept(raw, f"{here}.paths[{position}]")] = reason
    return Symbols(dict(sorted(dropped.items())), dict(sorted(left.items())))


def _read_package(value: Any, place: str) -> PackagePlan:
    counts = ("kept_files", "removed_files", "kept_bytes", "removed_bytes")
    table = _READ.members(value, place, {"purl", "outcome", "broken", *counts})
    numbers = [_READ.count(table[key], place, key) for key in counts]
    purl, outcome = (
        _READ.text(table["purl"], place, "purl"),
        _READ.member(Outcome, table["outcome"], place, "outcome"),
    )
    return PackagePlan(
        purl,
        outcome,
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        _READ.texts(table["broken"], place, "broken"),
    )


def _path(value: Any, place: str) -> ImagePath:
    stated = _READ.text(value, place)
    try:
        path = image_path(stated, place)
    except ImageError as error:
        msg = str(error)
        raise ConfigError(msg) from error
    if path != stated:
        raise _READ.wrong(place, "an absolute, normalised path", stated)
    return path

"""Patch plans as JSON: format `careen.patch-plan`, version 1.

The schema is docs/schema/patch-plan-1.schema.json. The same plan gives the same bytes. In the
`plan.json` of a hardening the same object is the member `patch`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from careen.errors import ConfigError
from careen.formats.image_object import image_object, read_image
from careen.formats.json_document import Strict, parse
from careen.model.findings.advisory import Severity
from careen.model.packages.package import Ecosystem
from careen.model.patching import Blocked, BlockReason, PatchPlan, Rating, Reach, Upgrade
from careen.tools.read_file import parse_file

FORMAT = "careen.patch-plan"
VERSION = 1
MAX_PATCH_PLAN = 64 << 20
MAX_PLAN = 512 << 20  # a hardening's plan, which contains one
_LISTS = ("upgrades", "blocked", "ratings")
_HEX = frozenset("0123456789abcdef")
_SHA256_LENGTH = 64
_READ = Strict(ConfigError, "patch plan")


def patch_plan_object(plan: PatchPlan) -> dict[str, Any]:
    """Return the plan as a JSON object."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "image": image_object(plan.image),
        "reach": plan.reach.value,
        "upgrades": [_upgrade(upgrade) for upgrade in plan.upgrades],
        "blocked": [_blocked(blocked) for blocked in plan.blocked],
        "notes": list(plan.notes),
        "ratings": [
            {"id": rating.id, "severity": rating.severity.word, "kev": rating.kev}
            for rating in plan.ratings
        ],
    }


def write_patch_plan(plan: PatchPlan) -> bytes:
    """Return a plan's document: ASCII JSON, one upgrade, obstacle or rating a line.

    It ends with a line feed.
    """
    lines = [
        f"{json.dumps(key)}: {_lines(value) if key in _LISTS else json.dumps(value)}"
        for key, value in patch_plan_object(plan).items()
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def _lines(values: Iterable[Mapping[str, Any]]) -> str:
    body = ",\n".join("  " + json.dumps(value, separators=(",", ":")) for value in values)
    return f"[\n{body}\n]" if body else "[]"


def _upgrade(upgrade: Upgrade) -> dict[str, Any]:
    return {
        "purl": upgrade.purl,
        "name": upgrade.name,
        "ecosystem": upgrade.ecosystem.value,
        "installed": upgrade.installed,
        "target": upgrade.target,
        "manager": upgrade.manager,
        "group": upgrade.group,
        "closes": list(upgrade.closes),
        "pulled_by": list(upgrade.pulled_by),
        "origin": upgrade.origin,
        "sha256": upgrade.sha256,
        **({"inside": upgrade.inside} if upgrade.inside else {}),
    }


def _blocked(blocked: Blocked) -> dict[str, Any]:
    return {
        "purl": blocked.purl,
        "name": blocked.name,
        "installed": blocked.installed,
        "findings": list(blocked.findings),
        "barrier": blocked.barrier.value,
        "detail": blocked.detail,
    }


def find_patch_plan(path: Path) -> PatchPlan | None:
    """Read the patch plan in a file or in a hardening's `plan.json`; None if it has none.

    Raises ConfigError that names the file.
    """
    return parse_file(path, MAX_PLAN, _patch_plan_in)


def read_patch_plan(data: bytes) -> PatchPlan:
    """Read a document; refuse unknown keys. Raises ConfigError with the place in it."""
    return read_patch_plan_object(
        parse(data, "patch plan", ConfigError, limit=MAX_PATCH_PLAN), "patch plan"
    )


def _patch_plan_in(data: bytes) -> PatchPlan | None:
    if FORMAT.encode() not in data:  # avoids parsing a plan of 70,000 paths
        return None
    document = parse(data, "plan", ConfigError, limit=MAX_PLAN)
    if isinstance(document, dict) and "patch" in document:
        return read_patch_plan_object(document["patch"], "plan.patch")
    return read_patch_plan_object(document, "patch plan")


def read_patch_plan_object(value: Any, place: str) -> PatchPlan:
    """Read an object of `patch_plan_object`. Raises ConfigError."""
    _READ.check_format(value, place, FORMAT, VERSION)
    top = _READ.members(
        value,
        place,
        {"format", "version", "image", "reach", "upgrades", "blocked", "notes", "ratings"},
    )
    return PatchPlan(
        image=read_image(top["image"], f"{place}.image"),
        reach=_READ.member(Reach, top["reach"], place, "reach"),
        upgrades=tuple(
            _read_upgrade(item, f"{place}.upgrades[{i}]")
            for i, item in enumerate(_READ.items(top["upgrades"], place, "upgrades"))
        ),
        blocked=tuple(
            _read_blocked(item, f"{place}.blocked[{i}]")
            for i, item in enumerate(_READ.items(top["blocked"], place, "blocked"))
        ),
        notes=_READ.texts(top["notes"], place, "notes"),
        ratings=tuple(
            _read_rating(item, f"{place}.ratings[{i}]")
            for i, item in enumerate(_READ.items(top["ratings"], place, "ratings"))
        ),
    )


def _read_upgrade(value: Any, place: str) -> Upgrade:
    table = _READ.members(
        value, place, {item.name for item in fields(Upgrade)} - {"inside"}, {"inside"}
    )
    words = {
        key: _READ.text(table[key], place, key)
        for key in ("purl", "name", "installed", "target", "manager", "group", "origin", "sha256")
    }
    if words["sha256"] and (
        len(words["sha256"]) != _SHA256_LENGTH or not set(words["sha256"]) <= _HEX
    ):
        raise _READ.wrong(place, "64 hex characters or nothing", words["sha256"], "sha256")
    return Upgrade(
        **words,
        ecosystem=_READ.member(Ecosystem, table["ecosystem"], place, "ecosystem"),
        closes=_READ.texts(table["closes"], place, "closes"),
        pulled_by=_READ.texts(table["pulled_by"], place, "pulled_by"),
        inside=_READ.text(table.get("inside", ""), place, "inside"),
    )


def _read_blocked(value: Any, place: str) -> Blocked:
    table = _READ.members(value, place, {item.name for item in fields(Blocked)})
    return Blocked(
        purl=_READ.text(table["purl"], place, "purl"),
        name=_READ.text(table["name"], place, "name"),
        installed=_READ.text(table["installed"], place, "installed"),
        findings=_READ.texts(table["findings"], place, "findings"),
        barrier=_READ.member(BlockReason, table["barrier"], place, "barrier"),
        detail=_READ.text(table["detail"], place, "detail"),
    )


def _read_rating(value: Any, place: str) -> Rating:
    table = _READ.members(value, place, {item.name for item in fields(Rating)})
    severity = next((each for each in Severity if each.word == table["severity"]), None)
    if severity is None:
        words = ", ".join(each.word for each in Severity)
        raise _READ.wrong(place, f"one of {words}", table["severity"], "severity")
    if not isinstance(table["kev"], bool):
        raise _READ.wrong(place, "true or false", table["kev"], "kev")
    return Rating(_READ.text(table["id"], place, "id"), severity, table["kev"])

"""The schemas of what the verbs print with `--json`, and of some documents of a report, derived
from their values: `make docs` writes them to docs/schema.

They hold the names and types; what a field means stands in the description of its object. Documents
that careen reads back (plan, RBOM) and most of those of a scan and a report have schemas written by
hand.
"""

import dataclasses
import datetime as dt
import enum
import inspect
import json
import types
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path, PurePath
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from careen.advisories.database.export import Exported
from careen.model.adequacy import Adequacy
from careen.model.catalog.base_diff import BaseDiff
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.contract import Contract
from careen.model.catalog.curated import CuratedBase
from careen.model.catalog.listing import EntryRow, EntryText
from careen.model.catalog.migration import Migration
from careen.model.catalog.refresh import RefreshResult
from careen.model.comparing.imagediff import ImageDiff
from careen.model.compliance.assessment import Compliance
from careen.model.compliance.catalogue import Catalogue
from careen.model.cryptography.fips import FipsReport
from careen.model.explanation import Explanation
from careen.model.findings.advisory import Severity
from careen.model.findings.exceptions import IgnoreProposal, IgnorePruning
from careen.model.findings.finding_explanation import FindingExplanation
from careen.model.findings.imported import ImportResult
from careen.model.fleet.exported import ExportedFleet
from careen.model.fleet.indexed import Forgotten, Indexed
from careen.model.fleet.question import Answer
from careen.model.fleet.trends import Trends
from careen.model.history import History
from careen.model.packages.package_explanation import PackagesExplained
from careen.model.patching import PatchResult
from careen.model.policies.policy import Policy
from careen.model.rulebook import Rulebook
from careen.model.watching import WatchResult
from careen.pipeline.export_evidence import ExportedEvidence
from careen.pipeline.init import Written
from careen.pipeline.strip import Applied
from careen.report.comparison.changes import RunComparison
from careen.report.finished.document import RunReport
from careen.report.views.database import CheckRow, DatabaseStatus
from careen.report.views.doctor import DoctorRow

FOLDER = Path(__file__).parents[2] / "docs" / "schema"

PRINTED: Mapping[str, Any] = {
    "comparison": RunComparison,
    "base-build": BuiltBase | CuratedBase,
    "base-diff": BaseDiff,
    "base-list": tuple[EntryRow, ...],
    "base-migrate": Migration,
    "base-refresh": RefreshResult,
    "base-show": EntryText,
    "base-verify": Contract,
    "comply-list": Catalogue,
    "db-export": Exported,
    "db-import": ImportResult,
    "db-status": DatabaseStatus,
    "db-verify": tuple[CheckRow, ...],
    "diff": ImageDiff,
    "doctor": tuple[DoctorRow, ...],
    "evidence-export": ExportedEvidence,
    "fleet-export": ExportedFleet,
    "fleet-forget": Forgotten,
    "fleet-index": Indexed,
    "fleet-trends": Trends,
    "fleet-who-has": Answer,
    "history": tuple[History, ...],
    "ignore": IgnoreProposal,
    "ignore-prune": IgnorePruning,
    "init": Written,
    "report": RunReport,
    "rules": Rulebook,
    "strip": Applied,
    "watch": WatchResult,
    "why-finding": FindingExplanation,
    "why-package": PackagesExplained,
    "why-path": Explanation,
}
REPORTED: Mapping[str, Any] = {
    "adequacy": Adequacy,
    "comply": Compliance,
    "contract": Contract,
    "fips": FipsReport,
    "patch": PatchResult,
    "policy": Policy,
}
"""Documents of a report: the fields of a value beside `format` and `version`."""

_VERBS = {
    "comply-list": "careen comply --list",
    "db-import": "careen db import` and `careen db update",
    "ignore": "careen ignore IMAGE VULNERABILITY",
    "ignore-prune": "careen ignore IMAGE --prune",
    "why-finding": "careen why IMAGE VULNERABILITY",
    "why-package": "careen why IMAGE PACKAGE",
    "why-path": "careen why IMAGE PATH",
}
_WRITTEN = {
    "comparison": "careen report --compare DIR DIR -f json",
    "report": "careen report DIR -f json",
}
"""Documents that a verb writes by an option of its own."""
_SCALARS = {str: "string", bool: "boolean", int: "integer", float: "number"}


def file_of(name: str) -> Path:
    return FOLDER / f"{name}-1.schema.json"


def document(name: str) -> str:
    """Return the schema of what a verb prints or a report holds, as it stands in its file."""
    objects: dict[str, Any] = {}
    if name in REPORTED:
        return _reported(name, objects)
    verb = _VERBS.get(name, f"careen {name.replace('-', ' ')}")
    title = (
        f"What `{_WRITTEN[name]}` writes"
        if name in _WRITTEN
        else f"What `{verb}` prints with --json"
    )
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:careen:schema:{name}:1",
        "title": f"{title}, version 1",
        **schema_of(PRINTED[name], objects),
        "$defs": dict(sorted(objects.items())),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _reported(name: str, objects: dict[str, Any]) -> str:
    schema_of(REPORTED[name], objects)
    root = objects.pop(REPORTED[name].__name__)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:careen:schema:{name}:1",
        "title": f"`{name}.json` of a report, version 1",
        **root,
        "required": ["format", "version", *root["required"]],
        "properties": {
            "format": {"const": f"careen-{name}"},
            "version": {"const": 1},
            **root["properties"],
        },
        "$defs": dict(sorted(objects.items())),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def schema_of(kind: Any, objects: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type; those of the dataclasses in it are added to `objects`."""
    if isinstance(kind, NewType):
        return schema_of(kind.__supertype__, objects)
    if kind is dt.date:
        return {"type": "string", "format": "date"}
    if kind in _SCALARS:
        return {"type": _SCALARS[kind]}
    if kind is type(None):
        return {"type": "null"}
    if dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"):
        return _object(kind, objects)
    if isinstance(kind, type) and issubclass(kind, Severity):
        return {"enum": [severity.word for severity in Severity]}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"enum": [member.value for member in kind]}
    if isinstance(kind, type) and issubclass(kind, str | PurePath):
        return {"type": "string"}
    return _composed(kind, objects)


def _composed(kind: Any, objects: dict[str, Any]) -> dict[str, Any]:
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(part, objects) for part in parts]}
    if origin is tuple and parts[-1] is not Ellipsis:
        return {
            "type": "array",
            "prefixItems": [schema_of(part, objects) for part in parts],
            "items": False,
        }
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(parts[1], objects)}
    if origin is not None and issubclass(origin, tuple | list | AbstractSet):
        return {"type": "array", "items": schema_of(parts[0], objects)}
    msg = f"no schema for {kind!r}"
    raise TypeError(msg)


def _object(kind: Any, objects: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in objects:
        objects[name] = {}  # a value may hold others of its kind
        hints = get_type_hints(kind)
        properties = {each: schema_of(hints[each], objects) for each in _printed(kind)}
        objects[name] = {
            # a test holds that each has one
            "description": " ".join(inspect.getdoc(kind).split()),  # type: ignore[union-attr]
            "type": "object",
            "additionalProperties": False,
            "required": list(properties),
            "properties": properties,
        }
    return {"$ref": f"#/$defs/{name}"}


def _printed(kind: Any) -> list[str]:
    """Return the names of what `to_json` prints of a dataclass or named tuple."""
    if not dataclasses.is_dataclass(kind):
        return list(kind._fields)
    fields = dataclasses.fields(kind)
    return [field.name for field in fields if field.metadata.get("printed", True)]

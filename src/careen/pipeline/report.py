"""Make a page or a text of a report directory, for people to read; no image is opened."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from careen.errors import ConfigError, InputError
from careen.formats.json_document import parse_object
from careen.inventory.index import load_index
from careen.model.packages.package import Inventory
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.oci.tree.rootfs import Rootfs
from careen.plan.store import load_plan, write_plan
from careen.rbom.store import load_rbom
from careen.report.finished.facts import ReportFacts
from careen.tools.read_file import read_file

PAGE = "report.html"
MAX_DOCUMENT = 1 << 30
_PLAN, _RBOM, _INDEX = "plan.json", "rbom.json", "index.json"
_SUMMARY = "summary.json"
_FINDINGS = "findings-hardened.json"
_FORMATS = {
    _SUMMARY: "careen-summary",
    "verify.json": "careen-verify",
    "adequacy.json": "careen-adequacy",
    _FINDINGS: "careen.scan",
}


def read_report(directory: Path) -> ReportFacts:
    """Return the documents of a report that `careen harden` wrote.

    Raises InputError if the directory is none of a finished run, or holds documents of different
    runs; ConfigError for a damaged document.
    """
    if not (directory / _SUMMARY).is_file():
        msg = (
            f"{str(directory)!r} is not the report of a finished `careen harden`: it has no"
            f" {_SUMMARY}; name the directory that --report-dir named, or a newer one in"
            " careen-out/"
        )
        raise InputError(msg)
    plan, bom = load_plan(directory / _PLAN), load_rbom(directory / _RBOM)
    index = load_index(directory / _INDEX)
    if not plan.image.config_digest == bom.image.config_digest == index.ref.config_digest:
        msg = f"{str(directory)!r}: plan, RBOM and index are of different images; harden it again"
        raise InputError(msg)
    facts = facts_of(directory, plan, bom, index.rootfs, index.inventory)
    if facts.summary.get("plan_sha256") != hashlib.sha256(write_plan(plan)).hexdigest():
        msg = f"{str(directory)!r}: {_PLAN} is not the one that {_SUMMARY} names; harden it again"
        raise InputError(msg)
    return facts


def facts_of(
    directory: Path, plan: Plan, bom: RuntimeBom, rootfs: Rootfs, inventory: Inventory
) -> ReportFacts:
    """Return what a page shows, with the other documents of the directory.

    Raises ConfigError for a damaged document.
    """
    documents = {
        name: found
        for name, kind in _FORMATS.items()
        if (found := _document(directory / name, kind)) is not None
    }
    return ReportFacts(
        documents[_SUMMARY],
        documents["verify.json"],
        documents["adequacy.json"],
        documents.get(_FINDINGS),
        plan,
        bom,
        rootfs,
        inventory,
        {
            name: hashlib.sha256(read_file(directory / name, MAX_DOCUMENT)).hexdigest()
            for name in (*documents, _PLAN, _RBOM, _INDEX)
        },
    )


def _document(path: Path, kind: str) -> Mapping[str, Any] | None:
    if path.name == _FINDINGS and not path.is_file():
        return None
    found = parse_object(read_file(path, MAX_DOCUMENT), str(path), ConfigError)
    if found.get("format") != kind or found.get("version") != 1:
        msg = f"{path}: not a document of the format {kind}, version 1"
        raise ConfigError(msg)
    return found

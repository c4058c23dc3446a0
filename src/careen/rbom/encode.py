"""Encoder of an RBOM as a JSON document, version 1 (docs/rbom.md)."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from careen.model.rbom import FileUse, MissedPath, Run, RunKind, RuntimeBom, UsedFile
from careen.model.runs.trace import Endpoint, Phase, SensorInfo
from careen.rbom.order import phases_in_order, use_rank

FORMAT = "careen.rbom"
VERSION = 1

Json = dict[str, Any]


class Tables:
    """String tables: strings that many files share are written once and referenced by index."""

    def __init__(self, bom: RuntimeBom) -> None:
        uses = [use for file in bom.files for use in file.uses]
        self.executables = _table(
            [*(use.executable for use in uses), *(missed.executable for missed in bom.missed)]
        )
        self.origins = _table(
            [*(use.origin for use in uses), *(missed.origin for missed in bom.missed)]
        )
        self.layers = _table(file.layer for file in bom.files)
        self.packages = _table(
            [*bom.packages, *(purl for file in bom.files for purl in file.packages)]
        )


def _table(texts: Iterable[str]) -> Mapping[str, int]:
    return {text: i for i, text in enumerate(sorted(set(texts)))}


def encode(bom: RuntimeBom) -> Json:
    """Return the document of an RBOM: plain dicts, lists, strings and numbers, in a fixed order."""
    tables = Tables(bom)
    return {
        "format": FORMAT,
        "version": VERSION,
        "image": {
            "reference": bom.image.reference,
            "manifest_digest": bom.image.manifest_digest,
            "config_digest": bom.image.config_digest,
            "diff_ids": list(bom.image.diff_ids),
            "platform": bom.image.platform,
        },
        "outside": bom.outside,
        "unresolved": bom.unresolved,
        "runs": [_run(run) for run in bom.runs],
        # Unknown, which is not the same as none.
        "syscalls": None
        if bom.syscalls_unknown
        else {phase.value: list(bom.syscalls[phase]) for phase in phases_in_order(bom.syscalls)},
        "endpoints": [_endpoint(endpoint) for endpoint in bom.endpoints],
        "executables": list(tables.executables),
        "origins": list(tables.origins),
        "layers": list(tables.layers),
        "packages": [_package(purl, bom) for purl in tables.packages],
        "files": [_file(file, tables) for file in bom.files],
        "missed": [_missed(missed, tables) for missed in bom.missed],
    }


def run_text(run: Run) -> str:
    """Return a run as one line of JSON; equal runs give equal text."""
    return json.dumps(_run(run), sort_keys=True)


def _run(run: Run) -> Json:
    out: Json = {
        "workload": run.workload,
        "command": list(run.command),
        "started": run.started,
        "seconds": float(run.seconds),
        "tests": list(run.tests),
        "checked": run.checked,
        "engine": run.engine,
        "sensor": _sensor(run.sensor),
    }
    # Absent for workloads: older versions wrote no kind.
    if run.kind is not RunKind.WORKLOAD:
        out["kind"] = run.kind.value
    if run.adequacy is not None:
        out["adequacy"] = float(run.adequacy)
    return out


def _sensor(sensor: SensorInfo) -> Json:
    out: Json = {
        "kind": sensor.kind.value,
        "kernel": sensor.kernel,
        "architecture": sensor.architecture,
        "programs": list(sensor.programs),
        "evidence": [use.value for use in sorted(sensor.evidence, key=use_rank)],
        "losses": dict(sorted(sensor.losses.items())),
        "events": sensor.events,
        "notes": list(sensor.notes),
    }
    # Absent for native runs: older versions wrote none.
    return {**out, "emulated": True} if sensor.emulated else out


def _phases(phases: Iterable[Phase]) -> list[str]:
    return [phase.value for phase in phases_in_order(phases)]


def _endpoint(endpoint: Endpoint) -> Json:
    out: Json = {
        "direction": endpoint.direction,
        "family": endpoint.family,
        "address": endpoint.address,
        "port": endpoint.port,
        "phases": _phases(endpoint.phases),
    }
    # The path itself, not an index: another row in the table would shift the indices in older
    # documents.
    if endpoint.executable:
        out["executable"] = endpoint.executable
    return out


def _package(purl: str, bom: RuntimeBom) -> Json:
    name, version, ecosystem = bom.packages[purl]
    return {"purl": purl, "name": name, "version": version, "ecosystem": ecosystem}


def _file(file: UsedFile, tables: Tables) -> Json:
    out: Json = {"path": file.path, "kind": file.kind, "layer": tables.layers[file.layer]}
    if file.sha256:
        out |= {"sha256": file.sha256, "size": file.size}
    if file.target:
        out["target"] = file.target
    if file.packages:
        out["packages"] = [tables.packages[purl] for purl in file.packages]
    out["uses"] = [_use(use, tables) for use in file.uses]
    return out


def _use(use: FileUse, tables: Tables) -> Json:
    return {
        "use": use.use.value,
        "phases": _phases(use.phases),
        "executable": tables.executables[use.executable],
        "origin": tables.origins[use.origin],
    }


def _missed(missed: MissedPath, tables: Tables) -> Json:
    return {
        "path": missed.path,
        "errno": missed.errno,
        "phases": _phases(missed.phases),
        "executable": tables.executables[missed.executable],
        "origin": tables.origins[missed.origin],
    }

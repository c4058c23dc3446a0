"""An RBOM as a CycloneDX 1.6 document (ECMA-424)."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any
from urllib.parse import quote_from_bytes

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
from cyclonedx.model.tool import ToolRepository
from cyclonedx.schema.schema import SchemaVersion1Dot6
from packageurl import PackageURL

from careen import __version__
from careen.formats.oci_purl import oci_purl
from careen.model.rbom import FileUse, ImageRef, Run, RunKind, RuntimeBom, UsedFile
from careen.model.runs.trace import Endpoint, Phase
from careen.rbom.order import phases_in_order, use_rank

_NO_TIME = dt.datetime.fromtimestamp(0, dt.UTC)
_NO_SERIAL = uuid.UUID(int=0)


def to_cyclonedx(bom: RuntimeBom) -> bytes:
    """Return the RBOM as a CycloneDX JSON file; equal RBOMs give equal bytes.

    The serial number comes from the content, the timestamp is the start of the last run. Packages
    contain their used files. A file of two packages is in the first, and an occurrence in both; a
    file without a package stands beside them. Facts that CycloneDX has no field for are `careen:…`
    properties (docs/rbom.md). Uses by exploration are never listed as uses by a workload.
    """
    explored = frozenset(run.workload for run in bom.runs if run.kind is RunKind.EXPLORATION)
    used: dict[str, list[UsedFile]] = {}
    for file in bom.files:
        for purl in file.packages:
            used.setdefault(purl, []).append(file)
    model = Bom(
        serial_number=_NO_SERIAL,
        metadata=_metadata(bom),
        components=[_package(bom, purl) for purl in used],
    )
    document = _with_files(_document(model), bom, used, explored)
    if bom.runs:
        document["metadata"]["timestamp"] = max(run.started for run in bom.runs)
    else:
        del document["metadata"]["timestamp"]
    document["compositions"] = [{"aggregate": "incomplete", "assemblies": [bom.image.digest]}]
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'careen.rbom/{digest}')}"
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def _document(model: Bom) -> dict[str, Any]:
    """Return a model as the library's own JSON output does, without its consistency checks."""
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
    }
    # The library's output also searches for duplicate references and missing dependencies, in
    # quadratic time; the references are unique here. `as_json` comes from the library's class
    # decorator.
    document |= json.loads(model.as_json(view_=SchemaVersion1Dot6))  # type: ignore[attr-defined]
    return document


def _with_files(
    document: dict[str, Any],
    bom: RuntimeBom,
    used: Mapping[str, list[UsedFile]],
    explored: frozenset[str],
) -> dict[str, Any]:
    """Add the files to a serialised model, in the library's form and order."""
    # The library needs ten seconds to sort ten thousands of files as its own objects.
    packages: list[dict[str, Any]] = document.pop("components", [])
    for package in packages:
        files = used[package["bom-ref"]]
        occurrences = [
            {"additionalContext": _summary(file, explored), "location": _text(file.path)}
            for file in files
        ]
        own = [_file(file, explored) for file in files if file.packages[0] == package["bom-ref"]]
        package |= {
            "evidence": {"occurrences": sorted(occurrences, key=itemgetter("location"))},
            **({"components": _sorted(own)} if own else {}),
        }
    unowned = [_file(file, explored) for file in bom.files if not file.packages]
    components = [
        *_sorted(unowned),
        *({key: package[key] for key in sorted(package)} for package in packages),
    ]
    head = {key: document.pop(key) for key in ("$schema", "bomFormat", "specVersion")}
    return {**head, **({"components": components} if components else {}), **document}


def _sorted(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(files, key=itemgetter("name", "bom-ref"))


def _text(raw: str) -> str:
    r"""Return text in which bytes that are not UTF-8 are written as `\xff`."""
    # Other readers refuse lone surrogates.
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _property(name: str, value: object) -> Property:
    return Property(name=f"careen:{name}", value=_text(str(value)))


def _metadata(bom: RuntimeBom) -> BomMetaData:
    return BomMetaData(
        timestamp=_NO_TIME,
        lifecycles=[PredefinedLifecycle(LifecyclePhase.OPERATIONS)],
        tools=ToolRepository(
            components=[
                Component(type=ComponentType.APPLICATION, name="careen", version=__version__)
            ]
        ),
        component=_image(bom.image),
        properties=[
            _property("complete", str(bom.completeness.complete).lower()),
            *(_property(f"incomplete:{gap.reason}", gap.count) for gap in bom.completeness.gaps),
            _property("outside", bom.outside),
            _property("unresolved", bom.unresolved),
            _property("missed", len({missed.path for missed in bom.missed})),
            *(one for i, run in enumerate(bom.runs) for one in _run(i, run)),
            *((_property("syscalls", "unknown"),) if bom.syscalls_unknown else ()),
            *(
                _property(f"syscalls:{phase.value}", " ".join(bom.syscalls[phase]))
                for phase in phases_in_order(bom.syscalls)
            ),
            *(_property("endpoint", _endpoint(endpoint)) for endpoint in bom.endpoints),
        ],
    )


def _image(image: ImageRef) -> Component:
    return Component(
        type=ComponentType.CONTAINER,
        bom_ref=image.digest,
        name=_text(image.reference),
        version=image.digest,
        purl=oci_purl(image.reference, image.manifest_digest or ""),
        properties=[
            _property("config-digest", image.config_digest),
            _property("platform", image.platform),
            *(_property(f"layer:{i}", diff_id) for i, diff_id in enumerate(image.diff_ids)),
        ],
    )


def _run(number: int, run: Run) -> Iterable[Property]:
    facts: Mapping[str, object] = {
        "workload": run.workload,
        "kind": run.kind.value,
        "command": json.dumps(run.command),
        "started": run.started,
        "seconds": f"{run.seconds:.3f}",
        "tests": json.dumps(run.tests),
        "checked": run.checked,
        "engine": run.engine,
        "sensor": run.sensor.kind.value,
        "kernel": run.sensor.kernel,
        "evidence": ", ".join(use.value for use in sorted(run.sensor.evidence, key=use_rank)),
        "events-lost": run.sensor.completeness.lost,
        **({} if run.adequacy is None else {"adequacy": run.adequacy}),
        **({"emulated": "true"} if run.sensor.emulated else {}),
    }
    return [_property(f"run:{number}:{name}", value) for name, value in facts.items()]


def _phases(phases: Iterable[Phase]) -> str:
    return ", ".join(phase.value for phase in phases_in_order(phases))


def _endpoint(endpoint: Endpoint) -> str:
    port = f" port {endpoint.port}" if endpoint.family != "unix" else ""
    program = f" by {endpoint.executable}" if endpoint.executable else ""
    return (
        f"{endpoint.direction} {endpoint.family} {endpoint.address}{port}{program}"
        f" ({_phases(endpoint.phases)})"
    )


def _package(bom: RuntimeBom, purl: str) -> Component:
    name, version, _ = bom.packages[purl]
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=purl,
        name=_text(name),
        version=_text(version),
        purl=PackageURL.from_string(purl),
    )


def _summary(file: UsedFile, explored: frozenset[str]) -> str:
    worked = ", ".join(
        dict.fromkeys(use.use.value for use in file.uses if use.origin not in explored)
    )
    return (
        worked
        or f"by exploration alone: {', '.join(dict.fromkeys(use.use.value for use in file.uses))}"
    )


def _file(file: UsedFile, explored: frozenset[str]) -> dict[str, Any]:
    properties = {
        ("kind", file.kind),
        *([("size", str(file.size))] if file.sha256 else []),
        *([("target", file.target)] if file.target else []),
        *([("layer", file.layer)] if file.layer else []),
        *_uses(tuple(use for use in file.uses if use.origin not in explored)),
        *_explored(tuple(use for use in file.uses if use.origin in explored)),
    }
    return {
        "bom-ref": f"file:{quote_from_bytes(file.path.encode('utf-8', 'surrogateescape'))}",
        **({"hashes": [{"alg": "SHA-256", "content": file.sha256}]} if file.sha256 else {}),
        "name": _text(file.path),
        "properties": [
            {"name": f"careen:{name}", "value": value}
            for name, value in sorted({(name, _text(value)) for name, value in properties})
        ],
        "type": "file",
    }


def _uses(uses: tuple[FileUse, ...]) -> Iterable[tuple[str, str]]:
    yield from (("use", use.use.value) for use in uses)
    if uses:
        yield "phase", _phases(phase for item in uses for phase in item.phases)
    yield from (("executable", item.executable) for item in uses if item.executable)
    yield from (("workload", item.origin) for item in uses)


def _explored(uses: tuple[FileUse, ...]) -> Iterable[tuple[str, str]]:
    yield from (("explored", use.use.value) for use in uses)
    yield from (("experiment", item.origin) for item in uses)

"""An RBOM as a CycloneDX 1.6 document (ECMA-424), for tools that read no careen format.

The document is made as plain JSON: a model library needs seconds for what thousands of files take here, and changes its order of things with its
version. The tests hold the result against the official schema.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_from_bytes

from packageurl import PackageURL

from careen import __version__
from careen.model.rbom import FileUse, ImageRef, Run, RuntimeBom, UsedFile
from careen.model.trace import Endpoint, Phase
from careen.rbom.order import phases_in_order, use_rank

Json = dict[str, Any]

_REGISTRY_NAME = re.compile(r"(?P<repository>(?:[a-z0-9.-]+(?::\d+)?/)?[a-z0-9._/-]+?)(?::(?P<tag>[\w.-]+))?(?:@sha256:[0-9a-f]{64})?\Z")
_TRANSPORTS = ("oci:", "oci-archive:", "docker-archive:")


def to_cyclonedx(bom: RuntimeBom) -> bytes:
    """Return the JSON file. Equal RBOMs give the same bytes: the serial number is made from the content, the time is that of the last run's start.

    Packages hold the files of theirs that were used; a file of two packages is in the first and an occurrence in both; files of no package follow.
    What has no place of its own in CycloneDX is a property `careen:…` (docs/rbom.md lists them).
    """
    document: Json = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "",
        "version": 1,
        "metadata": _metadata(bom),
        "components": [*_packages(bom), *(_file(file) for file in bom.files if not file.packages)],
        "compositions": [{"aggregate": "incomplete", "assemblies": [bom.image.digest]}],
    }
    digest = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'careen.rbom/{digest}')}"
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def _text(raw: str) -> str:
    """Bytes that are not UTF-8 become `\\xff`: other readers refuse the lone surrogates that stand for them."""  # noqa: D301 — what the reader sees
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _property(name: str, value: object) -> Json:
    return {"name": f"careen:{name}", "value": _text(str(value))}


def _metadata(bom: RuntimeBom) -> Json:
    properties = [
        _property("complete", str(bom.complete).lower()),
        _property("outside", bom.outside),
        _property("unresolved", bom.unresolved),
        _property("missed", len({missed.path for missed in bom.missed})),
        *(one for i, run in enumerate(bom.runs) for one in _run(i, run)),
        *(_property(f"syscalls:{phase.value}", " ".join(bom.syscalls[phase])) for phase in phases_in_order(bom.syscalls)),
        *(_property("endpoint", _endpoint(endpoint)) for endpoint in bom.endpoints),
    ]
    out: Json = {"timestamp": max(run.started for run in bom.runs)} if bom.runs else {}
    return out | {
        "lifecycles": [{"phase": "operations"}],
        "tools": {"components": [{"type": "application", "name": "careen", "version": __version__}]},
        "component": _image(bom.image),
        "properties": properties,
    }


def _image(image: ImageRef) -> Json:
    purl = _oci_purl(image)
    return {
        "type": "container",
        "bom-ref": image.digest,
        "name": _text(image.reference),
        "version": image.digest,
        **({"purl": purl} if purl else {}),
        "properties": [
            _property("config-digest", image.config_digest),
            _property("platform", image.platform),
            *(_property("diff-id", diff_id) for diff_id in image.diff_ids),
        ],
    }


def _oci_purl(image: ImageRef) -> str:
    """`pkg:oci/NAME@sha256:…` needs a manifest's digest and a name in a registry; else ""."""
    match = _REGISTRY_NAME.match(image.reference)
    if image.manifest_digest is None or match is None or image.reference.startswith(_TRANSPORTS):
        return ""
    repository, tag = match.group("repository"), match.group("tag")
    qualifiers = {"tag": tag} if tag else {}
    host = repository.partition("/")[0]
    if host != repository and ("." in host or ":" in host):  # else the name says nothing of where it is stored
        qualifiers["repository_url"] = repository
    return PackageURL("oci", None, repository.rpartition("/")[2], image.manifest_digest, qualifiers).to_string()


def _run(number: int, run: Run) -> Iterable[Json]:
    facts: Mapping[str, object] = {
        "workload": run.workload,
        "command": json.dumps(run.command),
        "started": run.started,
        "seconds": f"{run.seconds:.3f}",
        "tests": json.dumps(run.tests),
        "checked": run.checked,
        "engine": run.engine,
        "sensor": run.sensor.kind.value,
        "kernel": run.sensor.kernel,
        "evidence": ", ".join(use.value for use in sorted(run.sensor.evidence, key=use_rank)),
        "events-lost": run.sensor.lost,
    }
    return [_property(f"run:{number}:{name}", value) for name, value in facts.items()]


def _phases(phases: Iterable[Phase]) -> str:
    return ", ".join(phase.value for phase in phases_in_order(phases))


def _endpoint(endpoint: Endpoint) -> str:
    port = f" port {endpoint.port}" if endpoint.family != "unix" else ""
    return f"{endpoint.direction} {endpoint.family} {endpoint.address}{port} ({_phases(endpoint.phases)})"


def _packages(bom: RuntimeBom) -> Iterable[Json]:
    files: dict[str, list[UsedFile]] = {}
    for file in bom.files:
        for purl in file.packages:
            files.setdefault(purl, []).append(file)
    for purl in sorted(files):
        name, version, _ = bom.packages[purl]
        own = [_file(file) for file in files[purl] if file.packages[0] == purl]
        occurrences = [{"location": _text(file.path), "additionalContext": _summary(file)} for file in files[purl]]
        component: Json = {"type": "library", "bom-ref": purl, "name": _text(name), "version": _text(version), "purl": purl}
        yield component | ({"components": own} if own else {}) | {"evidence": {"occurrences": occurrences}}


def _summary(file: UsedFile) -> str:
    return ", ".join(dict.fromkeys(use.use.value for use in file.uses))


def _file(file: UsedFile) -> Json:
    out: Json = {"type": "file", "bom-ref": f"file:{quote_from_bytes(file.path.encode('utf-8', 'surrogateescape'))}", "name": _text(file.path)}
    if file.sha256:
        out["hashes"] = [{"alg": "SHA-256", "content": file.sha256}]
    out["properties"] = [
        _property("kind", file.kind),
        *([_property("size", file.size)] if file.sha256 else []),
        *([_property("target", file.target)] if file.target else []),
        *([_property("layer", file.layer)] if file.layer else []),
        *_uses(file.uses),
    ]
    return out


def _uses(uses: tuple[FileUse, ...]) -> Iterable[Json]:
    for use in dict.fromkeys(item.use for item in uses):
        yield _property("use", use.value)
    phases = _phases(phase for item in uses for phase in item.phases)
    yield _property("phase", phases)
    for program in sorted({item.executable for item in uses if item.executable}):
        yield _property("executable", program)
    for origin in sorted({item.origin for item in uses}):
        yield _property("workload", origin)

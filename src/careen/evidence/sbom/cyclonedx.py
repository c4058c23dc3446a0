"""Writer of CycloneDX 1.6 SBOMs."""

import json
from collections.abc import Iterable, Mapping

from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle

from careen.evidence.cyclonedx.component import (
    model_component,
    model_ref,
    package_components,
    subject_component,
    subject_ref,
    system_component,
    system_ref,
)
from careen.evidence.cyclonedx.document import (
    NO_SERIAL,
    NO_TIME,
    Contents,
    careen_property,
    document_bytes,
    tools,
)
from careen.evidence.sbom.package_relations import dependencies_of
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath

_SYSTEM = (Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM)


def to_cyclonedx_sbom(
    subject: str, digest: str, inventory: Inventory, *, created: str, files: bool = True
) -> bytes:
    """Return the JSON document. Equal inventories give the same bytes.

    `digest` is `sha256:…` or ""; `created` is RFC 3339. Packages have the purl that scanners match;
    embedded ones name their holder. Model files are `machine-learning-model`s; unreadable files are
    `careen:unknown`. With `files`, packages have their paths as `evidence.occurrences`. Anything
    else is a property (docs/sbom.md lists them).
    """
    # Trivy, Grype and Syft must match this SBOM as they match the image.
    system = inventory.distribution
    model = Bom(
        serial_number=NO_SERIAL,
        metadata=BomMetaData(
            timestamp=NO_TIME,
            lifecycles=[PredefinedLifecycle(LifecyclePhase.POST_BUILD)],
            tools=tools(),
            component=subject_component(subject, digest),
            properties=[
                *(
                    careen_property(
                        "unknown", json.dumps({"path": item.path, "reason": item.reason})
                    )
                    for item in inventory.unknowns
                ),
                *(
                    careen_property(
                        "marker", json.dumps({"path": item.path, "effect": item.effect})
                    )
                    for item in inventory.markers
                ),
            ],
        ),
    )
    components = [
        *([system_component(system)] if system is not None else []),
        *package_components(inventory),
        *(model_component(item) for item in inventory.models),
    ]
    places: dict[str, tuple[ImagePath, ...]] = {
        model_ref(item): (item.path,) for item in inventory.models
    }
    if files:
        places |= {purl: package.files for purl, package in inventory.packages.items()}
    dependencies = _dependencies(subject_ref(subject, digest), inventory)
    return document_bytes(model, Contents(components, places, dependencies), created, "sbom")


def _dependencies(root: str, inventory: Inventory) -> Mapping[str, Iterable[str]]:
    """Return the dependencies of the image, its distribution and its packages.

    The image depends on the distribution, the distribution on its packages, and a package on what
    its record names, but not on what is embedded in it.
    """
    # Trivy reads packages below the distribution. It skips a language package on which a
    # distribution package depends.
    system = inventory.distribution
    managed = (
        [purl for purl, package in inventory.packages.items() if package.ecosystem in _SYSTEM]
        if system is not None
        else []
    )
    others = sorted(set(inventory.packages) - set(managed))
    return {
        root: [*([system_ref(system)] if system is not None else []), *others],
        **({system_ref(system): managed} if system is not None else {}),
        **dependencies_of(inventory),
    }

"""CycloneDX components for the contents of an image."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote_from_bytes

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License

from careen.evidence.cyclonedx.document import careen_property, plain
from careen.evidence.scanners.purl import scanner_purl, trivy_properties
from careen.formats.oci_purl import oci_purl
from careen.model.packages.distribution import Distribution
from careen.model.packages.model_file import ModelFile
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.paths import ROOT, name

_LICENCES = LicenseFactory()


def subject_ref(subject: str, digest: str) -> str:
    """Return the bom-ref of the component that a document describes."""
    return digest or f"subject:{plain(subject)}"


def subject_component(subject: str, digest: str) -> Component:
    """Return the image as a component, with a purl if its name and digest form one."""
    return Component(
        type=ComponentType.CONTAINER,
        bom_ref=subject_ref(subject, digest),
        name=plain(subject) or "unnamed",
        version=digest or None,
        purl=oci_purl(subject, digest),
    )


def system_component(distribution: Distribution) -> Component:
    """Return the distribution as a component, named by os-release's ID and VERSION_ID."""
    facts = {
        "os:codename": distribution.codename,
        "os:like": " ".join(distribution.like),
        "os:path": distribution.path,
    }
    # Scanners choose advisories by name and version.
    return Component(
        type=ComponentType.OPERATING_SYSTEM,
        bom_ref=system_ref(distribution),
        name=plain(distribution.id) or "unknown",
        version=plain(distribution.version_id) or None,
        description=plain(distribution.name) or None,
        properties=[
            *(careen_property(key, value) for key, value in facts.items() if value),
            Property(name="aquasecurity:trivy:Class", value="os-pkgs"),
            Property(name="aquasecurity:trivy:Type", value=plain(distribution.id)),
        ],
    )


def system_ref(distribution: Distribution) -> str:
    """Return the bom-ref of the distribution's component."""
    return f"os:{plain(distribution.id)}@{plain(distribution.version_id)}"


def package_components(inventory: Inventory) -> list[Component]:
    """Return the packages sorted by purl.

    An embedded package is listed beside the others. Its property `careen:holder` names the package
    that contains it.
    """
    # Trivy ignores components nested in a component.
    packages = (inventory.packages[purl] for purl in sorted(inventory.packages))
    return [_component(package, inventory) for package in packages]


def holder_of(package: Package, inventory: Inventory) -> str:
    """Return the purl of the installed package whose file contains an embedded one, or ""."""
    if package.presence is not Presence.EMBEDDED:
        return ""
    owners = (inventory.owners.get(path, ()) for path in (package.record, *package.files[:1]))
    return next(
        (
            purl
            for found in owners
            for purl in found
            if purl != package.purl and purl in inventory.packages
        ),
        "",
    )


def _component(package: Package, inventory: Inventory) -> Component:
    purl = scanner_purl(package, inventory.distribution)
    return Component(
        type=_kind(package),
        bom_ref=package.purl,
        group=purl.namespace if package.ecosystem in (Ecosystem.MAVEN, Ecosystem.NPM) else None,
        name=plain(
            purl.name if package.ecosystem in (Ecosystem.MAVEN, Ecosystem.NPM) else package.name
        ),
        version=plain(package.version),
        purl=purl,
        licenses=[licence] if (licence := _licence(package.licence)) is not None else (),
        properties=_properties(package, purl.to_string(), inventory),
    )


def _kind(package: Package) -> ComponentType:
    """Return APPLICATION for a runtime that no package manager knows, else LIBRARY."""
    # Such runtimes are Python, Node or Java built from source.
    runtime = package.ecosystem is Ecosystem.GENERIC and package.presence is Presence.INSTALLED
    return ComponentType.APPLICATION if runtime else ComponentType.LIBRARY


@lru_cache(maxsize=4096)
def _licence(declared: str) -> License | None:
    """Return an SPDX identifier or expression, or else the declared name, as a licence."""
    text = plain(" ".join(declared.split()))
    return _LICENCES.make_from_string(text) if text else None


def _properties(package: Package, written: str, inventory: Inventory) -> list[Property]:
    facts: Mapping[str, str] = {
        "purl": package.purl if package.purl != written else "",
        "ecosystem": package.ecosystem.value,
        "presence": package.presence.value,
        "holder": holder_of(package, inventory),
        "record": package.record if package.record != ROOT else "",
        "source": package.source,
        "evidence": package.evidence,
        "module": package.module,
        "essential": "true" if package.essential else "",
    }
    lists: Mapping[str, tuple[str, ...]] = {
        "import": package.modules,
        "depends": package.depends,
        "provides": package.provides,
    }
    return [
        *(careen_property(key, value) for key, value in facts.items() if value),
        *(careen_property(key, value) for key, values in lists.items() for value in values),
        *(
            Property(name=f"aquasecurity:trivy:{key}", value=plain(value))
            for key, value in trivy_properties(package, inventory.distribution)
            if value
        ),
    ]


def model_ref(model: ModelFile) -> str:
    """Return the bom-ref of a model file's component."""
    return f"model:{quote_from_bytes(model.path.encode('utf-8', 'surrogateescape'))}"


def model_component(model: ModelFile) -> Component:
    """Return a model file as a component.

    Its facts are properties; `careen:model:dangerous` lists what loading it can run.
    """
    facts = {
        "path": model.path,
        "format": model.format.value,
        "size": model.size,
        "problem": model.problem,
    }
    return Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=model_ref(model),
        name=plain(name(model.path)),
        properties=[
            *(
                careen_property(f"model:{key}", value)
                for key, value in facts.items()
                if value != ""
            ),
            *(careen_property(f"model:fact:{key}", value) for key, value in model.facts),
            *(careen_property("model:dangerous", what) for what in model.dangerous),
        ],
    )

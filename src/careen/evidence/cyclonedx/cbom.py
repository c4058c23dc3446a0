"""Writer of the cryptography inventory as a CycloneDX 1.6 CBOM.

A module is a `library` with the file that it is in. What it implements is a `cryptographic-asset`
that it provides: which algorithms these are is not known, so the asset stands for all of them, and
its certification level is stated for a validated module alone.
"""

import json
from collections.abc import Iterator

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.crypto import (
    AlgorithmProperties,
    CryptoAssetType,
    CryptoCertificationLevel,
    CryptoExecutionEnvironment,
    CryptoPrimitive,
    CryptoProperties,
    ProtocolProperties,
    ProtocolPropertiesType,
)
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle

from careen.evidence.cyclonedx.component import subject_component, subject_ref
from careen.evidence.cyclonedx.document import (
    NO_SERIAL,
    NO_TIME,
    Contents,
    careen_property,
    document_bytes,
    plain,
    tools,
)
from careen.model.cryptography.module import CryptoInventory, Judged, Purpose, Standing

_LEVELS = {
    "FIPS 140-2": CryptoCertificationLevel.FIPS140_2_L1,
    "FIPS 140-3": CryptoCertificationLevel.FIPS140_3_L1,
}
_PROTOCOLS = (Purpose.TLS, Purpose.PROTOCOL)


def to_cbom(subject: str, digest: str, inventory: CryptoInventory, *, created: str) -> bytes:
    """Return the JSON document. Equal inventories give the same bytes.

    `digest` is `sha256:…` or ""; `created` is RFC 3339. Facts that CycloneDX has no member for are
    properties (docs/fips.md lists them).
    """
    model = Bom(
        serial_number=NO_SERIAL,
        metadata=BomMetaData(
            timestamp=NO_TIME,
            lifecycles=[PredefinedLifecycle(LifecyclePhase.POST_BUILD)],
            tools=tools(),
            component=subject_component(subject, digest),
            properties=list(_facts(inventory)),
        ),
    )
    components: list[Component] = []
    provides: dict[str, tuple[str, ...]] = {}
    for judged in inventory.modules:
        assets = list(_assets(judged))
        components += [_module(judged), *assets]
        provides[_ref(judged)] = tuple(each.bom_ref.value or "" for each in assets)
    places = {_ref(each): (each.module.path,) for each in inventory.modules}
    dependencies = {subject_ref(subject, digest): tuple(provides), **dict.fromkeys(provides, ())}
    contents = Contents(components, places, dependencies, provides)
    return document_bytes(model, contents, created, "cbom")


def _facts(inventory: CryptoInventory) -> Iterator[Property]:
    for item in inventory.unknowns:
        text = json.dumps({"path": item.path, "reason": item.reason})
        yield careen_property("unknown", text)
    for text in inventory.caveats:
        yield careen_property("crypto:not-known", text)
    for name, value in inventory.environment:
        yield careen_property(f"crypto:environment:{name}", value)


def _ref(judged: Judged) -> str:
    module = judged.module
    # A jar can have two packages of one kind and version inside.
    owner = "".join(f":{each}" for each in module.owners[:1])
    return plain(f"crypto:{module.kind}:{module.version}:{module.path}{owner}")


def _module(judged: Judged) -> Component:
    module = judged.module
    executed = {None: "", True: "true", False: "false"}[module.executed]
    facts = {
        "kind": module.kind,
        "standing": judged.standing.value,
        "reason": judged.reason,
        "origin": module.origin.value,
        "purpose": module.purpose.value,
        "routing": module.routing.value if module.can_be_routed else "",
        "can-be-routed": "true" if module.can_be_routed else "false",
        "executed": executed,
        "evidence": module.evidence,
        "configuration-directory": module.configuration,
        "modules-directory": module.modules,
        "certificate": str(judged.certificate.number) if judged.certificate else "",
        "certificate-source": judged.certificate.source if judged.certificate else "",
    }
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=_ref(judged),
        name=plain(module.name),
        version=plain(module.version) or None,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=module.sha256)]
        if module.sha256
        else [],
        properties=[
            *(careen_property(f"crypto:{key}", value) for key, value in facts.items() if value),
            *(careen_property("crypto:owner", owner) for owner in module.owners),
            *(careen_property("crypto:setting", text) for text in module.settings),
        ],
    )


def _assets(judged: Judged) -> Iterator[Component]:
    """Yield what a module provides: its algorithms, and TLS."""
    ref, purpose = _ref(judged), judged.module.purpose
    if purpose is not Purpose.PROTOCOL:
        hashes = CryptoPrimitive.HASH if purpose is Purpose.HASHES else CryptoPrimitive.UNKNOWN
        yield Component(
            type=ComponentType.CRYPTOGRAPHIC_ASSET,
            bom_ref=f"{ref}#algorithms",
            name=plain(f"algorithms of {judged.module.name}"),
            crypto_properties=CryptoProperties(
                asset_type=CryptoAssetType.ALGORITHM,
                algorithm_properties=AlgorithmProperties(
                    primitive=hashes,
                    execution_environment=CryptoExecutionEnvironment.SOFTWARE_PLAIN_RAM,
                    certification_levels=[_level(judged)],
                ),
            ),
        )
    if purpose in _PROTOCOLS:
        yield Component(
            type=ComponentType.CRYPTOGRAPHIC_ASSET,
            bom_ref=f"{ref}#tls",
            name="TLS",
            crypto_properties=CryptoProperties(
                asset_type=CryptoAssetType.PROTOCOL,
                protocol_properties=ProtocolProperties(type=ProtocolPropertiesType.TLS),
            ),
        )


def _level(judged: Judged) -> CryptoCertificationLevel:
    if judged.standing is not Standing.VALIDATED or judged.certificate is None:
        return CryptoCertificationLevel.NONE
    return _LEVELS.get(judged.certificate.standard, CryptoCertificationLevel.UNKNOWN)

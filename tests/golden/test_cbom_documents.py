"""The CBOM follows CycloneDX 1.6, says what is not known, and never more than the ladder does."""

import json
from dataclasses import replace
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from careen.evidence.cyclonedx.cbom import to_cbom
from careen.model.cryptography.module import CryptoInventory
from tests.support import crypto_images as made
from tests.support.elf_bytes import elf
from tests.support.trees import tree

DIGEST = "sha256:" + "a" * 64


def written(inventory: CryptoInventory) -> bytes:
    return to_cbom("shop/app:1", DIGEST, inventory, created="2026-11-30T00:00:00Z")


def document(inventory: CryptoInventory) -> dict[str, Any]:
    data = written(inventory)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(data.decode()) is None
    read: dict[str, Any] = json.loads(data)
    return read


def facts(component: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in component["properties"]}


def test_modules_and_what_they_provide() -> None:
    read = document(made.inspect(made.fips_root(), made.CONF_AND_MODULES))
    by_ref = {each["bom-ref"]: each for each in read["components"]}
    wheel = by_ref[f"crypto:openssl:4.0.3:{made.WHEEL}"]
    assert wheel["evidence"] == {"occurrences": [{"location": made.WHEEL}]}
    assert len(wheel["hashes"][0]["content"]) == 64
    assert facts(wheel)["careen:crypto:standing"] == "routed to the system's provider"
    assert facts(wheel)["careen:crypto:can-be-routed"] == "true"
    assert "careen:crypto:executed" not in facts(wheel)
    (row,) = (each for each in read["dependencies"] if each["ref"] == wheel["bom-ref"])
    assert row["provides"] == [f"{wheel['bom-ref']}#algorithms", f"{wheel['bom-ref']}#tls"]
    levels = {
        level
        for each in read["components"]
        if each["type"] == "cryptographic-asset"
        for level in each["cryptoProperties"]
        .get("algorithmProperties", {})
        .get("certificationLevel", [])
    }
    assert levels == {"none"}


def test_same_inventory_gives_the_same_bytes() -> None:
    assert written(made.inspect(made.fips_root())) == written(made.inspect(made.fips_root()))


def test_hostile_names_and_what_is_not_known() -> None:
    hostile = made.openssl("3.5.9", '/x\\"]}<script>', "=cmd|' /C calc'!A0")
    files = {
        "/opt/\udcff\n<b>.so": hostile,
        "/opt/broken.so": b"\x7fELF" + b"\xff" * 600,
        "/opt/rust.so": elf({".rodata": made.PADDING + b"ring_core_0_17_14_\0" + made.PADDING}),
    }
    read = document(made.inspect(tree(files)))
    known = {each["name"] for each in read["metadata"]["properties"]}
    assert {"careen:unknown", "careen:crypto:not-known"} <= known


def test_image_without_cryptography() -> None:
    read = document(made.inspect(tree({"/etc/os-release": "ID=debian\n"})))
    assert "components" not in read


def test_two_packages_of_one_jar_have_names_of_their_own() -> None:
    found = made.inspect(tree({made.WHEEL: made.openssl("4.0.3", "/a", "/b")}))
    (judged,) = found.modules
    jars = ("pkg:maven/org.bouncycastle/bcprov@1.80", "pkg:maven/org.bouncycastle/bctls@1.80")
    both = tuple(replace(judged, module=replace(judged.module, owners=(purl,))) for purl in jars)
    read = document(replace(found, modules=both))
    refs = [each["bom-ref"] for each in read["components"]]
    assert len(refs) == len(set(refs)) == 6

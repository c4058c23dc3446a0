"""What a run in FIPS mode says: the documents follow their schema, and the summary is honest."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from careen.cryptography.provider_file import own_provider
from careen.errors import VerificationError
from careen.model.cryptography.fips import Expected, FipsProbe, FipsProof, FipsReport
from careen.model.cryptography.module import Purpose
from careen.model.paths import ImagePath
from careen.pipeline.hardening.fips_first import require_shown
from careen.pipeline.hardening.fips_report import fips_documents, fips_words
from tests.support import crypto_images as made

SCHEMA = Path(__file__).parents[3] / "docs" / "schema" / "fips-1.schema.json"
GOOD = FipsProbe("a", "SHA-256", Expected.WORKS, "works", passed=True, stage="x")
BAD = FipsProbe("b", "MD5", Expected.BLOCKED, "works", passed=False, stage="x")
SHOWN = FipsProbe("c", "own MD5", Expected.SHOWN, "works", passed=None, stage="x")


def report(*probes: FipsProbe, environment: dict[str, str] | None = None) -> FipsReport:
    root = made.fips_root()
    found = made.inspect(root, environment)
    own = own_provider(root, found)
    assert own is not None
    proof = FipsProof("docker", probes, ("the image has no openssl",))
    return FipsReport(
        *("app:1", "sha256:" + "a" * 64, "2026-11-30", "7 certificates", "b" * 64),
        *(own[0], {"OPENSSL_CONF": made.CONF}, found, proof),
    )


def test_document_follows_its_schema() -> None:
    written = json.loads(fips_documents(report(GOOD, SHOWN))["fips.json"])
    jsonschema.validate(written, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert written["certificate"] is None
    assert written["provider"]["mac"].count(":") == 31


def test_summary_names_what_stays_outside() -> None:
    words = "\n".join(fips_words(report(GOOD, SHOWN)))
    assert "1 of 1 probes passed" in words
    assert "the provider is: provider active but not validated" in words
    assert f"outside the provider, private and not validated: OpenSSL in {made.WHEEL}" in words
    assert "the image has no openssl" in words
    assert "not known: the host's kernel" in words


def test_run_ends_unless_fips_mode_is_shown() -> None:
    where = Path("fips.json")
    require_shown(report(GOOD, SHOWN), where)
    with pytest.raises(VerificationError, match="MD5: expected that it is blocked, found works"):
        require_shown(report(GOOD, BAD), where)
    with pytest.raises(VerificationError, match="no tool of the image can show it"):
        require_shown(report(SHOWN), where)


def test_provider_of_the_run_is_judged_and_no_other() -> None:
    found = report(GOOD)
    judged = next(
        each for each in found.inventory.modules if each.module.purpose is Purpose.PROVIDER
    )
    other = replace(
        judged, module=replace(judged.module, path=ImagePath("/a/fips.so")), reason="another"
    )
    both = replace(found.inventory, modules=(other, *found.inventory.modules))
    words = "\n".join(fips_words(replace(found, inventory=both, certificate=4985)))
    assert f"the provider is: {judged.standing.value}; {judged.reason}" in words
    assert "the certificate that you stated for it: 4985" in words


def test_provider_that_the_plan_removed_is_told() -> None:
    found = report(GOOD)
    gone = replace(found, inventory=replace(found.inventory, modules=()))
    assert "the provider was not judged" in "\n".join(fips_words(gone))

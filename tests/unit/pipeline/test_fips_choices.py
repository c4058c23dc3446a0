"""What the user chose for FIPS mode is told, kept, and never skipped."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from careen.cryptography.certificates import load_certificates
from careen.errors import VerificationError
from careen.model.cryptography.fips import FipsChanges, Provider
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.hardening import judged
from careen.pipeline.hardening.choices import stated_choices
from careen.pipeline.hardening.fips_first import FipsFirst
from careen.pipeline.hardening.fips_options import FipsOptions
from careen.pipeline.run.settings import PlanChoices, ProofChoices
from tests.support import crypto_images as made


def fips_of(options: FipsOptions | None) -> dict[str, Any]:
    told = stated_choices(
        PlanChoices(Level.CLOSURE), ProofChoices(), FindingPolicy(), patch=False, fips=options
    )
    return {key: value for key, value in told.items() if key.startswith("fips")}


def test_choices_have_the_module_the_certificate_and_the_list(tmp_path: Path) -> None:
    module, known = tmp_path / "fips.so", tmp_path / "list.toml"
    module.write_bytes(b"module")
    known.write_bytes(b"list")
    assert fips_of(None) == {}
    assert fips_of(FipsOptions()) == {"fips": True}
    assert fips_of(FipsOptions(module, 4985, known)) == {
        "fips": True,
        "fips_module": hashlib.sha256(b"module").hexdigest(),
        "fips_certificate": 4985,
        "fips_certificates": hashlib.sha256(b"list").hexdigest(),
    }


def first() -> FipsFirst:
    provider = Provider(ImagePath("/m/fips.so"), "3.1.2", "a" * 64, "AA", "the image has it")
    link = ImagePath("/usr/lib/ssl/openssl.cnf")
    image: Any = None
    return FipsFirst(
        image,
        FipsChanges(provider, (), {}, links=(link,)),
        load_certificates(None, made.TODAY),
        made.TODAY,
    )


def test_links_to_the_configuration_are_kept() -> None:
    assert first().kept == ("/m/fips.so", "/usr/lib/ssl/openssl.cnf")


def test_image_that_was_not_run_is_no_proof() -> None:
    case: Any = SimpleNamespace(
        planned=SimpleNamespace(fips=first()),
        proven=SimpleNamespace(proof=SimpleNamespace(prepared=None)),
    )
    nothing: Any = None
    with pytest.raises(VerificationError, match="FIPS mode is not shown"):
        judged._prove_fips(nothing, case, nothing)

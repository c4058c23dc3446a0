"""The framework fips: each check fails for what it asks about, and is never a pass without it."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.compliance.assess import map_items, run_checks
from careen.compliance.frameworks import load_frameworks
from careen.model.compliance.result import Result
from careen.model.cryptography.module import CryptoInventory
from careen.model.packages.package import Unknown
from careen.model.paths import ImagePath
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from tests.support import compliance
from tests.support import crypto_images as made
from tests.support.elf_bytes import elf
from tests.support.trees import tree
from tests.support.triage import bom, use

MODE, VALIDATED = "crypto-fips-mode", "crypto-provider-validated"
COPIES, PRIVATE = "crypto-copies-routed", "crypto-no-private"
RAN, LIBRARIES, HASHES = (
    "crypto-private-not-executed",
    "crypto-system-libraries",
    "crypto-hashes",
)


def results(
    tmp_path: Path, found: CryptoInventory | None, rbom: RuntimeBom | None = None
) -> dict[str, Result]:
    """Return the result of each check and item of the framework."""
    with compliance.subject(tmp_path) as subject:
        frameworks = load_frameworks(("fips",), compliance.TODAY)
        checks = run_checks(replace(subject, cryptography=found, rbom=rbom), frameworks)
    items = map_items(frameworks, checks)[0].items
    return {each.check: each.result for each in checks} | {each.id: each.result for each in items}


def of(
    tmp_path: Path, root: Rootfs, environment: dict[str, str] | None = None
) -> dict[str, Result]:
    return results(tmp_path, made.inspect(root, environment))


def test_nothing_known_is_never_a_pass(tmp_path: Path) -> None:
    found = results(tmp_path, None)
    assert Result.PASS not in found.values()
    assert found[MODE] is Result.NOT_EVALUABLE
    assert (found["kernel"], found["environment"]) == (Result.INHERITED, Result.MANUAL)


def test_image_without_cryptography(tmp_path: Path) -> None:
    found = of(tmp_path, tree({"/etc/os-release": "ID=debian\n"}))
    assert {found[MODE], found[COPIES], found[PRIVATE]} == {Result.NOT_APPLICABLE}


def test_what_could_not_be_read_is_not_evaluable(tmp_path: Path) -> None:
    broken = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\xff" * 600
    found = of(tmp_path, tree({"/opt/broken.so": broken}))
    assert {found[MODE], found[PRIVATE], found["crypto-listed"]} == {Result.NOT_EVALUABLE}


def test_fips_mode_with_a_copy_that_fails_open(tmp_path: Path) -> None:
    found = of(tmp_path, made.fips_root())
    assert (found[MODE], found[COPIES], found[PRIVATE]) == (Result.PASS, Result.FAIL, Result.PASS)
    assert found[VALIDATED] is Result.FAIL
    assert found[RAN] is Result.NOT_EVALUABLE


def test_copy_that_fails_closed_and_one_that_is_routed(tmp_path: Path) -> None:
    closed = of(tmp_path / "a", made.fips_root(), {"OPENSSL_CONF": made.CONF})
    routed = of(tmp_path / "b", made.fips_root(), made.CONF_AND_MODULES)
    assert (closed[COPIES], routed[COPIES]) == (Result.FAIL, Result.PASS)


def test_openssl_outside_fips_mode(tmp_path: Path) -> None:
    root = tree({made.SYSTEM: made.openssl("3.5.9", "/usr/lib/ssl", made.MODULES)})
    found = of(tmp_path, root)
    assert (found[MODE], found[VALIDATED]) == (Result.FAIL, Result.FAIL)


def test_version_of_a_certificate_is_for_a_person(tmp_path: Path) -> None:
    root = made.fips_root(provider=made.provider("3.1.2"))
    assert of(tmp_path, root)[VALIDATED] is Result.MANUAL


def test_private_code_libraries_and_hashes(tmp_path: Path) -> None:
    files = {
        "/opt/rust.so": elf({".rodata": made.PADDING + b"ring_core_0_17_14_\0" + made.PADDING}),
        "/usr/lib/x86_64-linux-gnu/libgnutls.so.30": elf({".text": bytes(600)}),
        "/usr/bin/python3": elf({".rodata": made.PADDING + b"_sha2.SHA256Type\0" + made.PADDING}),
    }
    found = of(tmp_path, tree(files))
    assert (found[PRIVATE], found[LIBRARIES]) == (Result.FAIL, Result.FAIL)
    assert (found[HASHES], found[COPIES]) == (Result.MANUAL, Result.NOT_APPLICABLE)


def test_unread_file_is_no_pass_of_another_question(tmp_path: Path) -> None:
    complete = made.inspect(made.fips_root(), made.CONF_AND_MODULES)
    unread = (Unknown(ImagePath("/app/lib.so"), "an ELF file that cannot be read"),)
    found = results(tmp_path, replace(complete, unknowns=unread))
    assert Result.PASS not in found.values()
    for check in (MODE, COPIES, PRIVATE, LIBRARIES, HASHES):
        assert found[check] is Result.NOT_EVALUABLE


@pytest.mark.parametrize(("lost", "expected"), [(0, Result.PASS), (3, Result.NOT_EVALUABLE)])
def test_incomplete_rbom_shows_no_absence(tmp_path: Path, lost: int, expected: Result) -> None:
    rbom = bom({}, lost=lost)
    found = made.inspect(made.fips_root(), made.CONF_AND_MODULES, bom=rbom)
    assert results(tmp_path, found, rbom)[RAN] is expected


@pytest.mark.parametrize(
    ("how", "expected"), [(Use.OPENED, Result.NOT_EVALUABLE), (Use.LOOKED_UP, Result.PASS)]
)
def test_code_that_another_program_reads_may_have_run(
    tmp_path: Path, how: Use, expected: Result
) -> None:
    path = "/usr/lib/jvm/java-21/conf/security/java.security"
    rbom = bom({path: use(how, "/usr/lib/jvm/java-21/bin/java")})
    found = made.inspect(tree({path: b"security.provider.1=SUN\n" * 40}), bom=rbom)
    assert results(tmp_path, found, rbom)[RAN] is expected

"""Which idle entries are needed no longer: proof, and never missing data."""

from dataclasses import replace

from careen.model.findings.finding import Uncovered
from careen.model.findings.finding_explanation import UnaffectedPackage
from careen.model.packages.package import Ecosystem, Unknown
from careen.model.paths import ImagePath
from careen.triage.ignore.careen_lines import parse_ignore_file
from careen.triage.ignore.grype_yaml import parse_grype_yaml
from careen.triage.ignore.needed import Compared, Need, need_of, packages_of, unread_of
from careen.triage.ignore.rule import Rule
from tests.support.made_records import advisory, entry
from tests.support.triage import inventory, package

TORCH = package("torch", ecosystem=Ecosystem.PYPI, purl="pkg:pypi/torch@2.6.0", version="2.6.0")
LIBSSL = package("libssl3", source="openssl", purl="pkg:deb/debian/libssl3@3.0.17")
BUNDLED = package(
    "openssl", ecosystem=Ecosystem.GENERIC, purl="pkg:generic/openssl@3.2.0", version="3.2.0"
)
STOCK = inventory(TORCH, LIBSSL, BUNDLED)
OF_TORCH = advisory("CVE-2025-1", entry("PyPI", "torch", "+0 -2.6.0"), feed="osv:PyPI")
OF_OPENSSL = advisory("CVE-2025-1", entry("Debian:12", "openssl", "+0 -3.0.17"))
FIXED = UnaffectedPackage(TORCH.purl, "CVE-2025-1", "osv:PyPI", "2.6.0 is in no affected range")
PATCHED = UnaffectedPackage(LIBSSL.purl, "CVE-2025-1", "debian-tracker", "3.0.17 is fixed")


def line(text: str) -> Rule:
    (rule,) = parse_ignore_file(f"{text} reason=x".encode(), "list")
    return rule


def need(rule: Rule, compared: Compared) -> Need:
    return need_of(rule, tuple(packages_of(rule, STOCK).packages.values()), compared)


def test_a_fixed_version_is_proof() -> None:
    found = need(line("CVE-2025-1"), Compared([OF_TORCH], [FIXED]))
    assert found == Need(
        needless=True, why="torch 2.6.0 is not affected: 2.6.0 is in no affected range"
    )


def test_every_package_that_the_records_name_must_be_settled() -> None:
    found = need(line("CVE-2025-1"), Compared([OF_OPENSSL], [PATCHED]))
    assert found == Need(
        needless=False, why="not known: openssl 3.2.0 was not compared with its records"
    )
    assert need(line("CVE-2025-1 libssl3"), Compared([OF_OPENSSL], [PATCHED])).needless


def test_no_package_of_it_is_proof() -> None:
    other = advisory("CVE-2025-1", entry("PyPI", "flask", "+0"))
    assert need(line("CVE-2025-1"), Compared([other])) == Need(
        needless=True, why="no package that it affects is in the image (flask)"
    )
    assert need(line("CVE-2025-1 flask"), Compared([other])) == Need(
        needless=True, why="no package that it names is in the image"
    )


def test_missing_data_is_no_proof() -> None:
    nothing = need(line("CVE-2025-1"), Compared())
    assert nothing == Need(needless=False, why="not known: the database has no record of it")
    gap = Uncovered("Debian 12", 1, "no feed of it is in the database")
    found = need(line("CVE-2025-1"), Compared([OF_TORCH], [FIXED], [gap]))
    assert found == Need(
        needless=False,
        why=(
            "not known: packages of Debian 12 were not compared: no feed of it is in the database"
        ),
    )
    assert not need(line("* torch"), Compared()).needless


def test_an_image_that_was_not_read_as_a_whole_is_no_proof() -> None:
    broken = Unknown(ImagePath("var/lib/dpkg/status"), "not a list of packages")
    unread = unread_of(replace(STOCK, unknowns=(broken, broken)))
    why = "not known: 2 places in the image could not be read (var/lib/dpkg/status)"
    for rule, compared in (
        (line("CVE-2025-1"), Compared([OF_TORCH], [FIXED], unread=unread)),
        (line("CVE-2025-1 flask"), Compared(unread=unread)),
    ):
        assert need(rule, compared) == Need(needless=False, why=why)
    gap = Uncovered("Debian 12", 1, "no feed")
    found = need(line("CVE-2025-1"), Compared([OF_TORCH], [FIXED], [gap], unread))
    assert "Debian 12" in found.why
    assert unread_of(inventory()) == "no package was found in the image"
    assert unread_of(STOCK) == ""


def test_conditions_of_other_shapes_choose_the_packages() -> None:
    text = b"ignore:\n  - {vulnerability: CVE-2025-1, package: {name: torch, version: 2.5.1}}"
    (rule,) = parse_grype_yaml(text, "list").rules
    assert need(rule, Compared()).why == "no package that it names is in the image"

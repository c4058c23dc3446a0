"""What is stated of a hardened image, and what is not."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from careen.evidence.vex.statements import Hardening, statements
from careen.evidence.vex.subject import Scan
from careen.model.findings.advisory import ImportedCode, VendorStatus
from careen.model.findings.triage import Tier, Triaged
from careen.model.findings.vex import Justification, VexStatement, VexStatus
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ImagePath
from careen.model.runs.completeness import Completeness, Gap
from tests.support import hardenings
from tests.support.hardenings import (
    BEFORE,
    DIGEST,
    GO_YAML,
    HARDENING,
    IDNA,
    PERL,
    SSL,
    SUBJECT,
    TORCH,
    ZLIB,
    ZLIB_NEW,
    deb,
    finding,
    inventory,
    triaged,
)

IMAGE = f"pkg:oci/app@{DIGEST.replace(':', '%3A')}"


def stated(
    before: Iterable[Triaged] = BEFORE, hardening: Hardening = HARDENING
) -> dict[str, VexStatement]:
    return {
        statement.vulnerability: statement for statement in statements(before, hardening, SUBJECT)
    }


def verdicts(
    before: Iterable[Triaged] = BEFORE, hardening: Hardening = HARDENING
) -> dict[str, tuple[VexStatus, Justification | None]]:
    return {
        name: (one.status, one.justification) for name, one in stated(before, hardening).items()
    }


def test_each_fate_is_stated_as_what_was_verified() -> None:
    assert verdicts() == {
        "CVE-2024-0001": (VexStatus.NOT_AFFECTED, Justification.COMPONENT_NOT_PRESENT),
        "CVE-2024-0002": (VexStatus.NOT_AFFECTED, Justification.VULNERABLE_CODE_NOT_PRESENT),
        "CVE-2024-0003": (VexStatus.FIXED, None),
        "CVE-2024-0004": (VexStatus.UNDER_INVESTIGATION, None),
        "CVE-2024-0005": (VexStatus.AFFECTED, None),
        "CVE-2024-0006": (VexStatus.NOT_AFFECTED, Justification.COMPONENT_NOT_PRESENT),
    }


def test_code_that_a_part_never_had_is_not_present() -> None:
    facts = replace(
        HARDENING,
        lacking=lambda _package, item: "no such module" if item.id == "CVE-2024-0005" else "",
    )
    found = stated(BEFORE, facts)["CVE-2024-0005"]
    assert (found.status, found.justification, found.note) == (
        VexStatus.NOT_AFFECTED,
        Justification.VULNERABLE_CODE_NOT_PRESENT,
        "no such module",
    )


def test_the_notes_say_what_was_seen() -> None:
    found = stated()
    assert (
        found["CVE-2024-0001"].note
        == "all 2 files of perl-base 5.36.0-7 but its record and licences are removed from this"
        " image: /usr/bin/perl, /usr/lib/perl/strict.pm"
    )
    assert (
        found["CVE-2024-0002"].note
        == "the vulnerable code that the advisory names (torch.jit.unpickle) is removed from this"
        " image: /site/torch/jit/unpickle.py"
    )
    assert (
        found["CVE-2024-0003"].note
        == "upgraded from 1:1.2.13-1 to 1:1.2.13-1+deb12u1; the version was read back from"
        " /var/lib/dpkg/status, and no advisory matches it"
    )
    assert (
        found["CVE-2024-0004"].note
        == "it was not seen to be used, which does not show that it cannot be; observed in"
        " workloads 'serve', 'train' for 421 s, 0 events lost"
    )
    assert (
        found["CVE-2024-0005"].note
        == "its code was executed: /usr/lib/libssl.so.3 was mapped by /usr/bin/python3.11; observed"
        " in workloads 'serve', 'train' for 421 s, 0 events lost"
    )
    assert (
        found["CVE-2024-0005"].action
        == "update libssl3 from 3.0.15-1~deb12u1 to 3.0.20-1 or a later fixed version"
    )


def test_products_are_the_image_with_the_package_as_every_scanner_spells_it() -> None:
    found = stated()
    assert [(product.id, product.subcomponents) for product in found["CVE-2024-0005"].products] == [
        (IMAGE, ("pkg:deb/debian/libssl3@3.0.15-1~deb12u1",))
    ]
    assert found["CVE-2024-0003"].products[0].subcomponents == (
        "pkg:deb/debian/zlib1g@1:1.2.13-1+deb12u1",
        "pkg:deb/debian/zlib1g@1.2.13-1+deb12u1?epoch=1",
    )
    assert found["CVE-2024-0006"].products[0].subcomponents == (
        "pkg:golang/gopkg.in/yaml.v2@v2.2.0",
        "pkg:golang/gopkg.in/yaml.v2@2.2.0",
    )
    assert found["CVE-2024-0002"].aliases == ("GHSA-5555-5555-5555",)


def test_an_architecture_is_stated_where_it_alone_tells_two_packages_apart() -> None:
    other = replace(SSL, purl=SSL.purl.replace("amd64", "i386"), architecture="i386")
    both = replace(HARDENING, original=inventory(SSL, other), hardened=inventory(SSL, other))
    assert stated(BEFORE, both)["CVE-2024-0005"].products[0].subcomponents == (
        "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64",
    )


def test_for_a_local_scan_tag_and_package_are_products_too() -> None:
    (one,) = statements(BEFORE[:1], HARDENING, SUBJECT, Scan.LOCAL)
    perl = "pkg:deb/debian/perl-base@5.36.0-7"
    assert [(product.id, product.subcomponents) for product in one.products] == [
        (IMAGE, (perl,)),
        ("pkg:oci/app?tag=hardened", (perl,)),
        ("pkg:oci/registry.example.org%2Fteam%2Fapp?tag=hardened", (perl,)),
        (perl, ()),
    ]


@pytest.mark.parametrize("tier", [tier for tier in Tier if tier is not Tier.EXECUTED])
def test_what_was_merely_not_seen_running_is_never_not_affected(tier: Tier) -> None:
    assert verdicts([triaged(finding(IDNA, "CVE-1"), tier)]) == {
        "CVE-1": (VexStatus.UNDER_INVESTIGATION, None)
    }


def test_deleting_the_record_alone_states_nothing() -> None:
    gone = replace(HARDENING, hardened=inventory(SSL))
    assert verdicts([triaged(finding(IDNA, "CVE-1"))], gone) == {
        "CVE-1": (VexStatus.UNDER_INVESTIGATION, None)
    }


def test_one_file_that_is_left_is_a_package_that_is_left() -> None:
    left = replace(
        HARDENING, kept=frozenset({*HARDENING.kept, ImagePath("/usr/lib/perl/strict.pm")})
    )
    assert verdicts(BEFORE[:1], left) == {"CVE-2024-0001": (VexStatus.UNDER_INVESTIGATION, None)}


def test_a_copy_that_the_hardened_image_still_has_is_a_package_that_is_left() -> None:
    moved = replace(IDNA, files=(ImagePath("/opt/idna/core.py"), *IDNA.metadata))
    facts = replace(
        HARDENING,
        hardened=inventory(moved),
        kept=frozenset({*HARDENING.kept, ImagePath("/opt/idna/core.py")} - set(IDNA.files)),
    )
    assert verdicts([triaged(finding(IDNA, "CVE-1"))], facts) == {
        "CVE-1": (VexStatus.UNDER_INVESTIGATION, None)
    }


def vendored(record: str, *files: str) -> Package:
    at = ImagePath(record)
    return Package(
        Ecosystem.PYPI,
        TORCH.name,
        TORCH.version,
        f"{TORCH.purl}?location={record}",
        at,
        tuple(ImagePath(each) for each in (*files, record)),
        presence=Presence.EMBEDDED,
    )


def test_a_copy_that_is_gone_does_not_speak_for_one_of_the_same_name_that_stays() -> None:
    copy = vendored("/site/pip/_vendor/vendor.txt", "/site/pip/_vendor/torch/core.py")
    facts = replace(
        HARDENING,
        original=inventory(TORCH, copy),
        hardened=inventory(TORCH),
        kept=frozenset(TORCH.files),
    )
    found = stated([triaged(finding(copy, "CVE-1")), triaged(finding(TORCH, "CVE-2"))], facts)
    assert {name: one.status for name, one in found.items()} == {
        "CVE-1": VexStatus.UNDER_INVESTIGATION,
        "CVE-2": VexStatus.UNDER_INVESTIGATION,
    }
    assert found["CVE-1"].note == (
        "all 2 files of torch 2.5.1 are removed from this image: /site/pip/_vendor/torch/core.py,"
        f" /site/pip/_vendor/vendor.txt; but another torch 2.5.1 is in this image ({TORCH.record}),"
        " which scanners know by the same name"
    )


def test_a_copy_that_is_gone_is_not_present_if_the_code_of_the_others_is_gone_too() -> None:
    copy = vendored("/site/pip/_vendor/vendor.txt", "/site/pip/_vendor/torch/core.py")
    facts = replace(HARDENING, original=inventory(TORCH, copy))
    item = finding(copy, "CVE-1", code=(ImportedCode("torch.jit.unpickle"),))
    assert verdicts([triaged(item)], facts) == {
        "CVE-1": (VexStatus.NOT_AFFECTED, Justification.COMPONENT_NOT_PRESENT)
    }


def test_a_copy_of_another_architecture_is_another_package() -> None:
    other = replace(PERL, purl=PERL.purl.replace("amd64", "i386"), architecture="i386")
    other = replace(other, files=(ImagePath("/usr/bin/i386/perl"), *PERL.licences))
    facts = replace(
        HARDENING,
        original=inventory(PERL, other),
        hardened=inventory(other),
        kept=frozenset(other.files),
    )
    assert verdicts(BEFORE[:1], facts) == {
        "CVE-2024-0001": (VexStatus.NOT_AFFECTED, Justification.COMPONENT_NOT_PRESENT)
    }


def test_a_package_without_code_of_its_own_cannot_be_seen_to_be_removed() -> None:
    empty = deb("meta", "1")
    facts = replace(HARDENING, original=inventory(empty), hardened=inventory(), kept=frozenset())
    assert verdicts([triaged(finding(empty, "CVE-1"))], facts) == {
        "CVE-1": (VexStatus.UNDER_INVESTIGATION, None)
    }


def test_vulnerable_code_that_was_not_all_found_is_not_stated_as_removed() -> None:
    code = (ImportedCode("torch.jit.unpickle"), ImportedCode("torch.somewhere"))
    unknown = replace(HARDENING, code_files=lambda _package, _code: ())
    assert verdicts([triaged(finding(TORCH, "CVE-1", code=code))], unknown) == {
        "CVE-1": (VexStatus.UNDER_INVESTIGATION, None)
    }


def test_an_upgrade_that_advisories_still_match_is_no_fix() -> None:
    again = finding(ZLIB_NEW, "CVE-2024-0003", fixed=("1:1.3",))
    found = stated(
        [triaged(finding(ZLIB, "CVE-2024-0003"), Tier.EXECUTED)], replace(HARDENING, after=(again,))
    )
    assert found["CVE-2024-0003"].status is VexStatus.AFFECTED
    assert (
        found["CVE-2024-0003"].action
        == "update zlib1g from 1:1.2.13-1+deb12u1 to 1:1.3 or a later fixed version"
    )
    assert (
        found["CVE-2024-0003"].products[0].subcomponents[0]
        == "pkg:deb/debian/zlib1g@1:1.2.13-1+deb12u1"
    )


def test_another_version_that_was_there_before_is_no_upgrade() -> None:
    def module(version: str, folder: str) -> Package:
        return replace(
            IDNA,
            version=version,
            purl=f"pkg:npm/semver@{version}",
            record=ImagePath(f"{folder}/package.json"),
            files=(ImagePath(f"{folder}/index.js"),),
        )

    old, other = module("5.7.1", "/a/semver"), module("6.3.0", "/b/semver")
    facts = replace(
        HARDENING,
        original=inventory(old, other),
        hardened=inventory(other),
        kept=frozenset({ImagePath("/b/semver/index.js")}),
    )
    found = stated([triaged(finding(old, "CVE-1"))], facts)["CVE-1"]
    assert (found.status, found.justification) == (
        VexStatus.NOT_AFFECTED,
        Justification.COMPONENT_NOT_PRESENT,
    )


def test_files_of_the_old_version_that_the_new_one_does_not_own_are_no_fix() -> None:
    left = ImagePath("/usr/lib/libz-old.so")
    old = deb("zlib1g", "1:1.2.13-1", "/usr/lib/libz.so.1", str(left))
    facts = replace(HARDENING, original=inventory(old), kept=frozenset({*HARDENING.kept, left}))
    assert verdicts([triaged(finding(old, "CVE-1"))], facts) == {
        "CVE-1": (VexStatus.UNDER_INVESTIGATION, None)
    }


def test_executed_code_of_which_nobody_has_decided_is_under_investigation() -> None:
    found = replace(finding(SSL, "CVE-1"), status=VendorStatus.UNDETERMINED)
    assert verdicts([triaged(found, Tier.EXECUTED)]) == {
        "CVE-1": (VexStatus.UNDER_INVESTIGATION, None)
    }


def test_no_fix_is_said_as_such() -> None:
    ended = replace(finding(SSL, "CVE-1"), status=VendorStatus.END_OF_LIFE)
    found = stated([triaged(ended, Tier.EXECUTED), triaged(finding(SSL, "CVE-2"), Tier.EXECUTED)])
    assert (
        found["CVE-1"].action
        == "no fix will come (end of life): replace libssl3, or keep what reaches it from untrusted"
        " input"
    )
    assert found["CVE-2"].action == "no fixed version of libssl3 is known yet: follow the advisory"


def test_losses_and_another_images_profile_are_said() -> None:
    thin = replace(
        hardenings.OBSERVED, completeness=Completeness((Gap("ring_full", 7),)), exact=False
    )
    note = stated(BEFORE, replace(HARDENING, observed=thin))["CVE-2024-0004"].note
    assert note.endswith(
        "for 421 s, incomplete: 7 events were lost (7 ring_full), on another image"
    )
    unseen = stated(
        [triaged(finding(IDNA, "CVE-1"), Tier.NOT_PROFILED)], replace(HARDENING, observed=None)
    )
    assert unseen["CVE-1"].note == "its use was not observed"


def test_the_vendors_own_not_affected_and_unknown_packages_are_not_restated() -> None:
    own = replace(finding(IDNA, "CVE-1"), status=VendorStatus.NOT_AFFECTED)
    stranger = finding(deb("stranger", "1"), "CVE-2")
    assert stated([triaged(own), triaged(stranger)]) == {}


def test_an_embedded_module_goes_with_its_binary() -> None:
    there = replace(
        HARDENING, kept=frozenset({*HARDENING.kept, GO_YAML.record}), hardened=inventory(GO_YAML)
    )
    assert verdicts(BEFORE[5:], there) == {"CVE-2024-0006": (VexStatus.UNDER_INVESTIGATION, None)}


def test_licences_and_records_that_stay_do_not_keep_a_package() -> None:
    assert {*PERL.licences, *PERL.metadata} <= set(HARDENING.kept)
    assert verdicts(BEFORE[:1])["CVE-2024-0001"] == (
        VexStatus.NOT_AFFECTED,
        Justification.COMPONENT_NOT_PRESENT,
    )


def test_a_wheel_in_another_packages_files_goes_with_its_one_file() -> None:
    wheel = vendored("/usr/lib/python3/ensurepip/_bundled/torch.whl")
    wheel = replace(wheel, metadata=(wheel.record,))
    facts = replace(HARDENING, original=inventory(wheel), hardened=inventory())
    one = stated([triaged(finding(wheel, "CVE-1"))], facts)["CVE-1"]
    assert (one.status, one.justification, one.note) == (
        VexStatus.NOT_AFFECTED,
        Justification.COMPONENT_NOT_PRESENT,
        f"the only file of torch 2.5.1 is removed from this image: {wheel.record}",
    )
    left = replace(facts, hardened=inventory(wheel), kept=frozenset({wheel.record}))
    assert verdicts([triaged(finding(wheel, "CVE-1"))], left) == {
        "CVE-1": (VexStatus.UNDER_INVESTIGATION, None)
    }

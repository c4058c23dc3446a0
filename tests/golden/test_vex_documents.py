"""VEX documents that careen writes: valid by the official schemas, the same bytes each time, every
document of the corpus read or refused with a reason.
"""

import json
import tarfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from careen.errors import InputError
from careen.evidence.vex.json_access import MAX_DOCUMENT
from careen.evidence.vex.read import read_vex
from careen.evidence.vex.statements import statements
from careen.evidence.vex.subject import Scan, VexSubject
from careen.evidence.vex.write_cyclonedx import BomLink, to_cyclonedx_vex
from careen.evidence.vex.write_openvex import Authorship, to_openvex
from careen.model.findings.questions import Answer, Answered, FourQuestions
from careen.model.findings.vex import VexProduct, VexStatement, VexStatus
from tests.support.hardenings import BEFORE, DIGEST, HARDENING, SUBJECT

AUTHOR = Authorship("Example <vex@example.org>", "2026-01-02T03:04:05Z", 3, "Document Creator")
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "vuln" / "vex-corpus.tar.gz"
MEMBERS = 2000
"""The corpus has 419; more is another file."""

ONE = VexStatement("CVE-1", VexStatus.FIXED, (VexProduct("pkg:pypi/a"),))


def corpus() -> dict[str, bytes]:
    """Read the archive in memory: regular files only, no more and no larger than such a file can
    be.
    """
    out: dict[str, bytes] = {}
    with tarfile.open(CORPUS) as archive:
        for member in archive:
            assert len(out) < MEMBERS
            stream = (
                archive.extractfile(member)
                if member.isfile() and member.size <= MAX_DOCUMENT
                else None
            )
            if stream is not None:
                out[member.name] = stream.read(MAX_DOCUMENT)
    return out


@pytest.mark.shared
@pytest.mark.parametrize("scan", list(Scan))
def test_openvex_is_valid_by_the_official_schema(scan: Scan) -> None:
    schema = json.loads(corpus()["openvex-spec/openvex_json_schema.json"])
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(
        json.loads(to_openvex(statements(BEFORE, HARDENING, SUBJECT, scan), SUBJECT, AUTHOR))
    )


@pytest.mark.parametrize("linked", [False, True], ids=["standing alone", "into an SBOM"])
def test_cyclonedx_is_valid_by_the_official_schema(linked: bool) -> None:
    sbom = (
        BomLink(
            "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
            1,
            {"pkg:pypi/idna@3.6": "pkg:pypi/idna@3.6"},
        )
        if linked
        else None
    )
    written = to_cyclonedx_vex(statements(BEFORE, HARDENING, SUBJECT), SUBJECT, AUTHOR, sbom)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written.decode()) is None
    assert linked == ("urn:cdx:" in written.decode())


def test_what_is_open_answers_the_four_questions() -> None:
    questions = FourQuestions(
        exposed=Answered(Answer.YES, "RBOM: it listens on 80"),
        automatable=Answered(Answer.UNKNOWN, "no assessment"),
        total_control=Answered(Answer.NO, "CVSS: limited impact"),
        exploited=Answered(Answer.UNKNOWN, "the KEV list is not asked"),
    )
    before = [replace(item, questions=questions) for item in BEFORE]
    stated = statements(before, HARDENING, SUBJECT)
    written = to_cyclonedx_vex(stated, SUBJECT, AUTHOR).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    asked = [f"careen:bod-26-04:{name.replace(' ', '_')}" for name, _ in questions.rows]
    is_open = (VexStatus.AFFECTED, VexStatus.UNDER_INVESTIGATION)
    for statement, found in zip(stated, json.loads(written)["vulnerabilities"], strict=True):
        names = [item["name"] for item in found.get("properties", ())]
        assert names == (asked if statement.status in is_open else [])
    values = {
        item["name"]: json.loads(item["value"])
        for found in json.loads(written)["vulnerabilities"]
        for item in found.get("properties", ())
    }
    assert [values[name] for name in asked] == [
        {"answer": "yes", "source": "RBOM: it listens on 80"},
        {"answer": "unknown", "source": "no assessment"},
        {"answer": "no", "source": "CVSS: limited impact"},
        {"answer": "unknown", "source": "the KEV list is not asked"},
    ]
    assert {statement.status in is_open for statement in stated} == {True, False}


def test_an_image_without_a_digest_is_valid_and_each_package_is_one_component() -> None:
    subject = VexSubject("team/app", tag="1")
    written = to_cyclonedx_vex(
        statements(BEFORE, HARDENING, subject, Scan.LOCAL), subject, AUTHOR
    ).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    document = json.loads(written)
    assert document["metadata"]["component"] == {
        "type": "container",
        "bom-ref": "team/app",
        "name": "team/app",
    }
    assert [one["purl"] for one in document["components"]] == [
        "pkg:deb/debian/libssl3@3.0.15-1~deb12u1",
        "pkg:deb/debian/perl-base@5.36.0-7",
        "pkg:deb/debian/zlib1g@1:1.2.13-1+deb12u1",
        "pkg:golang/gopkg.in/yaml.v2@v2.2.0",
        "pkg:pypi/idna@3.6",
        "pkg:pypi/torch@2.5.1",
    ]


def test_the_same_facts_give_the_same_bytes() -> None:
    one, two = (
        to_openvex(statements(BEFORE, HARDENING, SUBJECT), SUBJECT, AUTHOR) for _ in range(2)
    )
    assert one == two
    assert to_cyclonedx_vex((ONE,), SUBJECT, AUTHOR) == to_cyclonedx_vex((ONE,), SUBJECT, AUTHOR)


def test_another_content_has_another_identifier() -> None:
    def identifier(*stated: VexStatement) -> Any:
        return json.loads(to_openvex(stated, SUBJECT, AUTHOR))["@id"]

    assert identifier(ONE) != identifier(ONE, VexStatement("CVE-2", VexStatus.FIXED, ONE.products))


def test_what_a_whole_document_looks_like() -> None:
    written = json.loads(to_openvex(statements(BEFORE[:1], HARDENING, SUBJECT), SUBJECT, AUTHOR))
    digest = "a" * 64
    assert written == {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": written["@id"],
        "author": "Example <vex@example.org>",
        "role": "Document Creator",
        "timestamp": "2026-01-02T03:04:05Z",
        "version": 3,
        "tooling": written["tooling"],
        "statements": [
            {
                "@id": written["statements"][0]["@id"],
                "vulnerability": {"name": "CVE-2024-0001"},
                "products": [
                    {
                        "@id": f"pkg:oci/app@sha256%3A{digest}",
                        "identifiers": {
                            "purl": (
                                f"pkg:oci/app@sha256%3A{digest}?arch=amd64&repository_url=registry.example.org/team/app&tag=hardened"
                            )
                        },
                        "hashes": {"sha-256": digest},
                        "subcomponents": [
                            {
                                "@id": "pkg:deb/debian/perl-base@5.36.0-7",
                                "identifiers": {"purl": "pkg:deb/debian/perl-base@5.36.0-7"},
                            },
                        ],
                    }
                ],
                "status": "not_affected",
                "justification": "component_not_present",
                "impact_statement": (
                    "all 2 files of perl-base 5.36.0-7 but its record and licences are removed from"
                    " this image: /usr/bin/perl, /usr/lib/perl/strict.pm"
                ),
            }
        ],
    }
    assert written["@id"].startswith("urn:uuid:")
    assert written["tooling"].startswith("careen ")


def test_what_is_written_is_read_back() -> None:
    stated = statements(BEFORE, HARDENING, SUBJECT)
    document = read_vex(to_openvex(stated, SUBJECT, AUTHOR), "x.json")
    assert (document.author, document.timestamp, document.format, document.problems) == (
        AUTHOR.author,
        AUTHOR.timestamp,
        "OpenVEX 0.2.0",
        (),
    )
    assert [
        (one.vulnerability, one.aliases, one.status, one.justification, one.note, one.action)
        for one in document.statements
    ] == [
        (one.vulnerability, one.aliases, one.status, one.justification, one.note, one.action)
        for one in stated
    ]


@pytest.mark.parametrize(
    ("stated", "authorship", "reason"),
    [
        ((), AUTHOR, "there is nothing to state, and OpenVEX has no empty document"),
        ((ONE,), Authorship("x", "yesterday"), "timestamp is not RFC 3339: 'yesterday'"),
        (
            (VexStatement("CVE-1", VexStatus.NOT_AFFECTED, ONE.products),),
            AUTHOR,
            "CVE-1 is stated as not_affected without a justification",
        ),
        (
            (VexStatement("CVE-1", VexStatus.AFFECTED, ONE.products),),
            AUTHOR,
            "CVE-1 is stated as affected without an action",
        ),
    ],
)
def test_what_openvex_has_no_document_for_is_refused(
    stated: tuple[VexStatement, ...], authorship: Authorship, reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        to_openvex(stated, SUBJECT, authorship)


@pytest.mark.parametrize(
    ("repository", "digests", "reason"),
    [
        ("", (), "got '' and"),
        ("app", ("sha256:x",), "'sha256:x'"),
        ("app", (f"sha512:{'a' * 64}",), "expected a repository and sha256 digests"),
    ],
)
def test_a_product_that_no_image_can_be_called_by_is_refused(
    repository: str, digests: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        VexSubject(repository, digests)


def test_an_image_with_neither_digest_nor_tag_cannot_be_spoken_of() -> None:
    for scan in Scan:
        with pytest.raises(InputError, match="has neither a digest nor a tag"):
            VexSubject("app").product_ids(scan)
    assert VexSubject("app", tag="1").product_ids(Scan.REGISTRY) == ("pkg:oci/app?tag=1",)
    assert VexSubject("app", (DIGEST,)).product_ids(Scan.LOCAL) == (
        f"pkg:oci/app@sha256%3A{'a' * 64}",
    )


@pytest.mark.parametrize(
    ("repository", "purl"),
    [
        ("alpine", "repository_url=docker.io/library/alpine"),
        ("team/App", "repository_url=docker.io/team/app"),
        ("localhost:5000/app", "repository_url=localhost%3A5000/app"),
    ],
)
def test_the_full_purl_names_the_whole_repository(repository: str, purl: str) -> None:
    assert VexSubject(repository, (DIGEST,)).full_purl(DIGEST).endswith(f"?{purl}")


EXPECTED = {
    ("aqua-vexhub", "OpenVEX 0.2.0"): (59, 15304),
    ("claircore", "CSAF 2.0"): (7, 33),
    ("csaf", "CSAF 2.0"): (13, 68),
    ("csaf", "CSAF 2.1"): (13, 68),
    ("cyclonedx", "CycloneDX 1.4"): (24, 111),
    ("dhi", "OpenVEX 0.2.0"): (107, 6705),
    ("grype", "CSAF 2.0"): (5, 6),
    ("grype", "OpenVEX 0.2.0"): (8, 12),
    ("node", "OpenVEX 0.2.0"): (1, 183),
    ("rancher-vexhub", "OpenVEX 0.2.0"): (38, 2874),
    ("trivy", "CSAF 2.0"): (2, 2),
    ("trivy", "CycloneDX 1.5"): (1, 2),
    ("trivy", "OpenVEX 0.0.1"): (1, 2),
    ("trivy", "OpenVEX 0.2.0"): (11, 37),
    ("vexctl", "CSAF 2.0"): (1, 1),
    ("vexctl", "OpenVEX 0.0.1"): (4, 6),
    ("vexctl", "OpenVEX 0.2.0"): (11, 13),
    ("vunnel", "OpenVEX 0.2.0"): (4, 6),
}
"""Documents and statements by source and format, as docs/vex.md has them."""

REASONS = ("not valid JSON", "no VEX document", "document with no vulnerabilities", "has withdrawn")


@pytest.mark.shared
def test_every_document_of_the_corpus_is_read_or_refused_with_a_reason() -> None:
    documents, stated = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    refused: dict[str, str] = {}
    problems: dict[str, tuple[str, ...]] = {}
    found = corpus()
    for name, data in found.items():
        try:
            document = read_vex(data, name)
        except InputError as error:
            refused[name] = str(error)
            continue
        key = (name.partition("/")[0], document.format)
        documents[key] += 1
        stated[key] += len(document.statements)
        if document.problems:
            problems[name] = document.problems
    assert {key: (documents[key], stated[key]) for key in documents} == EXPECTED
    assert len(found) == sum(documents.values()) + len(refused)
    assert [
        reason
        for reason in refused.values()
        if not any(known in reason for known in REASONS) or "\n" in reason
    ] == []
    # No document that is VEX by its name is among the refused, but for two that their publisher
    # withdrew.
    assert sorted(
        name
        for name in refused
        if name.endswith((".vex.json", "openvex.json"))
        or "/csaf_vex/" in name
        or "claircore" in name
    ) == [
        "claircore/rhel/vex/testdata/delete_CVE-2023-0030.json",
        "claircore/rhel/vex/testdata/delete_CVE-2023-0031.json",
    ]
    assert list(problems) == [
        "vexctl/pkg/ctl/testdata/test.vex.json"
    ]  # its two statements have no products


@pytest.mark.shared
def test_every_statement_of_the_corpus_says_of_what_and_by_whom() -> None:
    for name, data in corpus().items():
        try:
            document = read_vex(data, name)
        except InputError:
            continue
        for one in document.statements:
            assert one.vulnerability, name
            assert one.products, name
            assert all(product.id for product in one.products), name
            assert one.author == document.author, name
            assert (one.justification is None) or one.status is VexStatus.NOT_AFFECTED, name

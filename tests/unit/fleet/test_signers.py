"""Who signed what is known of an image: stored, printed, and asked for."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.attest.attestation import Attestation
from careen.fleet.store import migrate
from careen.fleet.store.migrate import versions
from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.model.fleet.facts import Known
from careen.model.fleet.question import Filters
from careen.model.runs.trace import Use
from careen.pipeline.fleet.facts import facts_of
from careen.pipeline.fleet.forget import ForgetRequest, forget
from careen.pipeline.fleet.gathering import Gathering
from careen.pipeline.fleet.images import Content, images_of
from careen.pipeline.fleet.index import index
from careen.pipeline.fleet.sources import Source
from careen.pipeline.fleet.trust import Trust, stored_signer
from careen.report.terminal_output.progress import SilentProgress
from careen.signing.identity import TrustedIdentity
from careen.signing.key import PublicKey
from tests.support.fleet import JAVA, LOG4J, Fleet, digest, index_alone, rbom, sbom, scan, used

OURS, OTHER = "key SHA256:ours", "ci@shop.example of https://issuer.example"
WHY = (
    "what is known of it is not signed, or not all of it, by key SHA256:ours, as its signatures"
    " were last checked"
)
BOM = rbom(1, [used("/x.jar", Use.MAPPED, LOG4J)], [(8080, JAVA)])


def signers(fleet: Fleet) -> dict[str, str]:
    return {hit.name: hit.signer for hit in fleet.ask(LOG4J).hits}


def test_only_what_a_signer_signed_answers_and_the_rest_is_not_known(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), signer=OURS)
    fleet.attach("b:1", 2, sbom(2, [LOG4J]), signer=OTHER)
    fleet.attach("c:1", 3, sbom(3, [LOG4J]))
    fleet.attach("d:1", 4, sbom(4, []))
    fleet.attach("e:1", 5, sbom(5, []), signer=OURS)
    assert signers(fleet) == {"a:1": OURS, "b:1": OTHER, "c:1": ""}
    found = fleet.ask(LOG4J, Filters(signer=OURS))
    assert [hit.name for hit in found.hits] == ["a:1"]
    assert [(each.why, each.images) for each in found.not_known] == [(WHY, 3)]
    assert found.unknown_images == set(map(digest, (2, 3, 4)))
    assert fleet.ask(LOG4J, Filters(signer="nobody")).affected == 0


def test_all_that_an_answer_says_must_be_signed(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), signer=OURS)
    fleet.attach("a:1", 1, BOM)
    assert signers(fleet) == {"a:1": ""}
    fleet.attach("a:1", 1, BOM, signer=OURS)
    assert signers(fleet) == {"a:1": OURS}
    # The other one signed the profile alone.
    fleet.attach("a:1", 1, BOM, signer=OTHER)
    assert signers(fleet) == {"a:1": OURS}
    assert fleet.ask(LOG4J, Filters(signer=OTHER)).affected == 0
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), signer=OTHER)
    assert signers(fleet) == {"a:1": f"{OTHER}, {OURS}"}
    for signer in (OURS, OTHER):
        assert fleet.ask(LOG4J, Filters(signer=signer)).affected == 1


def test_what_two_signers_signed_in_part_is_signed_by_neither(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), signer=OURS)
    fleet.attach("a:1", 1, BOM, signer=OTHER)
    assert signers(fleet) == {"a:1": ""}
    for signer in (OURS, OTHER):
        assert [each.why for each in fleet.ask(LOG4J, Filters(signer=signer)).not_known]
        assert fleet.ask(LOG4J, Filters(signer=signer)).affected == 0


def test_an_unsigned_scan_beside_a_signed_index_proves_no_absence(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.attach("a:1", 1, index_alone(1), BOM, signer=OURS)
    assert fleet.ask(LOG4J, Filters(signer=OURS)).unknown_images == {digest(1)}
    fleet.attach("a:1", 1, scan(1, "2026-11-01", []))
    assert fleet.ask(LOG4J).unknown_images == set()
    assert fleet.ask(LOG4J, Filters(signer=OURS)).unknown_images == {digest(1)}
    fleet.attach("a:1", 1, scan(1, "2026-11-01", []), signer=OURS)
    assert fleet.ask(LOG4J, Filters(signer=OURS)).unknown_images == set()


def test_findings_beside_a_signed_sbom_need_no_signature(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), signer=OURS)
    fleet.attach("a:1", 1, scan(1, "2026-11-01", []))
    assert signers(fleet) == {"a:1": OURS}


def test_an_index_beside_a_signed_sbom_says_the_layers_and_must_be_signed(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), signer=OURS)
    fleet.attach("a:1", 1, index_alone(1, ("sha256:" + "a" * 64,)))
    assert signers(fleet) == {"a:1": ""}


def test_a_signature_stays_when_the_same_document_is_read_without_it(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), BOM, signer=OURS)
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), BOM)
    assert signers(fleet) == {"a:1": OURS}
    fleet.attach("a:1", 1, sbom(1, [LOG4J], timestamp="2026-11-02T00:00:00Z"))
    assert signers(fleet) == {"a:1": ""}


def test_what_careen_scanned_beside_signed_documents_is_not_signed(tmp_path: Path) -> None:
    scanned, attached = tmp_path / "sbom.cdx.json", tmp_path / "rbom.json"
    content = Content({scanned: sbom(1, [LOG4J]), attached: BOM}, OURS, frozenset({scanned}))
    documents = [content.parsed(path) for path in content.files]
    assert [each.signers for each in documents] == [set(), {OURS}]
    assert facts_of(Known((digest(1),), ("a:1",)), documents).signers == set()
    assert facts_of(Known((digest(1),), ("a:1",)), documents[1:]).signers == {OURS}


def test_an_image_without_documents_is_signed_by_nobody(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.attach("a:1", 1, signer=OURS)
    assert [each.why for each in fleet.ask(LOG4J, Filters(signer=OURS)).not_known] == [WHY]


def statement(numbers: Sequence[int], predicate: bytes) -> bytes:
    """Return a statement about images, with an SBOM."""
    subjects = [
        {
            "name": f"{chr(96 + number)}:1",
            "digest": {"sha256": digest(number).removeprefix("sha256:")},
        }
        for number in numbers
    ]
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": subjects,
            "predicateType": "https://cyclonedx.org/bom",
            "predicate": json.loads(predicate),
        }
    ).encode()


def signers_of_entry(content: bytes, **entry: Any) -> list[tuple[tuple[str, ...], list[str]]]:
    """Return digests and signers of an image of a list's entry, all of which is signed."""
    name = "sbom.cdx.json" if entry.get("report") else "a.json"
    source = Source("images.toml", (), **entry)
    images = images_of(source, Content({Path(name): content}, OURS))
    return [
        (each.known.digests, [", ".join(one.signers) for one in each.documents]) for each in images
    ]


def test_a_signature_is_of_the_image_that_the_signed_documents_name() -> None:
    one, two = statement([1], sbom(1, [])), statement([1, 2], sbom(1, []))
    assert signers_of_entry(one, name="a:1") == [((digest(1),), [OURS])]
    assert signers_of_entry(two, digest=digest(2)) == [((digest(2),), [OURS])]
    assert signers_of_entry(two, name="a:1") == [(("name:a:1",), [""])]


def test_a_signed_report_of_another_image_is_refused() -> None:
    report = {"report": True, "name": "a:1"}
    assert signers_of_entry(sbom(1, []), **report) == [((digest(1),), [OURS])]
    assert signers_of_entry(sbom(1, []), digest=digest(1), **report)[0][1] == [OURS]
    with pytest.raises(InputError, match="the signed report does not name sha256:0"):
        signers_of_entry(sbom(1, []), digest=digest(9), **report)


class Signer(Trust):
    """Signed everything."""

    def signed(self, attestation: Attestation, where: str) -> bool:  # noqa: ARG002
        return True


def test_a_file_that_is_there_is_read_again_for_its_signature(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    envelope = {
        "payloadType": "application/vnd.in-toto+json",
        "payload": base64.b64encode(statement([1], sbom(1, [LOG4J]))).decode(),
        "signatures": [{"sig": "c2ln"}],
    }
    path = fleet.write("a.json", json.dumps(envelope).encode())
    assert (fleet.index().images, signers(fleet)) == (1, {"a:1": ""})
    session: Any = None
    trust = Gathering(session, Signer(PublicKey("cosign.pub", "ours"), tmp_path))
    again = [index(fleet.store, [path], SilentProgress(), 1, trust) for _ in range(2)]
    assert [(done.images, done.unchanged) for done in again] == [(1, 0), (0, 1)]
    assert signers(fleet) == {"a:1": OURS}
    assert fleet.index().unchanged == 1
    assert signers(fleet) == {"a:1": OURS}


def test_a_second_signer_of_the_same_documents_is_checked_once_and_kept(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    ours, theirs = (Trust(PublicKey(f"{name}.pub", name), tmp_path) for name in ("ours", "theirs"))

    def load(name: str, trust: Trust) -> tuple[int, int]:
        state = f"state, signed by {trust.fingerprint}"
        document = sbom(1, [LOG4J])
        done = fleet.attach(name, 1, document, trust=trust, digest=digest(1), print=state)
        return done.images, done.unchanged

    assert load("a:1", ours) == (1, 0)
    assert load("a:1", ours) == (0, 1)
    assert load("a:1", theirs) == (1, 0)
    assert load("a:1", ours) == (0, 1)
    assert load("a:1", theirs) == (0, 1)
    for name in ("ours", "theirs"):
        assert fleet.ask(LOG4J, Filters(signer=f"key SHA256:{name}")).affected == 1


def test_an_image_that_was_forgotten_is_signed_by_whoever_is_checked_again(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    ours, theirs = (Trust(PublicKey(f"{name}.pub", name), tmp_path) for name in ("ours", "theirs"))
    for trust in (ours, theirs):
        fleet.attach("a:1", 1, sbom(1, [LOG4J]), trust=trust, digest=digest(1), print="state")
    forget(fleet.store, ForgetRequest((digest(1),)))
    fleet.attach("a:1", 1, sbom(1, [LOG4J]), trust=theirs, digest=digest(1), print="state")
    assert fleet.ask(LOG4J, Filters(signer=OURS)).affected == 0
    done = fleet.attach("a:1", 1, sbom(1, [LOG4J]), trust=ours, digest=digest(1), print="state")
    assert (done.images, fleet.ask(LOG4J, Filters(signer=OURS)).affected) == (1, 1)


def test_a_key_has_one_name_wherever_it_is(tmp_path: Path) -> None:
    pem = "-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----\n"
    names = set()
    for name in ("a.pub", "b.pub"):
        (tmp_path / name).write_text(pem)
        names.add(stored_signer(str(tmp_path / name)))
    assert names == {"key SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}


@pytest.mark.parametrize("key", ["", "/nosuch/cosgin.pub", "C:", "awskms:"])
def test_a_key_that_is_neither_a_file_nor_a_uri_is_a_mistake(key: str) -> None:
    with pytest.raises(InputError, match="neither a file nor the URI of a key"):
        stored_signer(key)


def test_a_key_without_a_hint_is_known_by_its_file(tmp_path: Path) -> None:
    names = set()
    for name in ("a.pub", "b.pub"):
        (tmp_path / name).write_text("-----BEGIN RSA PUBLIC KEY-----\nYWJj\n")
        names.add(stored_signer(str(tmp_path / name)))
    assert names == {"key SHA256:UcL/Hs5Zl3KNTbs0e/tn7CzTaWaT2sbJ7zOWpCxUs7E="}


@pytest.mark.parametrize(
    ("signer", "name"),
    [
        ("awskms:///alias/key", "key awskms:///alias/key"),
        ("pkcs11:token=a?pin-value=1234", "key pkcs11:token=a?pin-value=…"),
        (TrustedIdentity("ci@shop.example", "https://issuer.example", None, ()), OTHER),
    ],
)
def test_how_the_store_names_other_signers(signer: str | TrustedIdentity, name: str) -> None:
    assert stored_signer(signer) == name


def test_an_identity_is_another_one_by_another_root(tmp_path: Path) -> None:
    root = json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "certificateAuthorities": [{}],
            "tlogs": [{}],
        }
    )
    names = []
    for name, text in (("a.json", root), ("b.json", root), ("c.json", root + " ")):
        (tmp_path / name).write_text(text)
        by = TrustedIdentity.given("ci@shop.example", "https://issuer.example", tmp_path / name)
        names.append(stored_signer(by))
    assert names[0] == names[1] != names[2]
    assert names[0].startswith(f"{OTHER} by the root SHA256:")


def test_a_store_of_single_signers_keeps_keys_and_has_identities_checked_again(
    tmp_path: Path,
) -> None:
    fleet = Fleet(tmp_path)
    every = versions()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "versions", lambda: every[:8])
        with opened(fleet.store, write=True) as database:
            for number, signer in ((1, OURS), (2, OTHER), (3, f"{OTHER}, {OURS}"), (4, "")):
                database.rows(
                    "INSERT INTO image (id, digest, name, platform, original, inventory, profile,"
                    " unseen, unreadable, partial, distribution, verdict, policy, indexed, signer)"
                    " VALUES (?, ?, '', '', '', '', '', '', 0, '', '', '', '', '', ?)",
                    (number, digest(number), signer),
                )
                database.rows(
                    "INSERT INTO image_document (image, document, kind, current, signer)"
                    " VALUES (?, 1, 'sbom', 1, ?)",
                    (number, signer.rpartition(", ")[2]),
                )
    with opened(fleet.store, write=True) as database:
        rows = database.rows("SELECT image, signer FROM document_signer ORDER BY image")
        assert rows == [(1, OURS), (3, OURS)]
        assert Reader(database).signed_by(OURS) == {1}
        texts = database.rows("SELECT id, signer FROM image ORDER BY id")
        assert texts == [(1, OURS), (2, ""), (3, ""), (4, "")]


def test_all_signers_of_a_document_are_known_of_images_that_become_one(
    tmp_path: Path,
) -> None:
    fleet = Fleet(tmp_path)
    for number, signer in ((1, OURS), (2, ""), (3, OTHER), (4, "")):
        fleet.attach(f"{number}:1", number, BOM, signer=signer)
    with opened(fleet.store, write=False) as database:
        found = Reader(database).document_digests(map(digest, (1, 2, 4)))
        both = Reader(database).document_digests(map(digest, (1, 3)))
    assert list(found.values()) == [{OURS}]
    assert list(both.values()) == [{OURS, OTHER}]

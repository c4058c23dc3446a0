"""What a registry is asked about an image that was signed, and what it means if it does not answer."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from careen.model.attestations.ended import EndedKind
from careen.model.digest import Digest
from careen.oci.manifest import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, Manifest, parse_manifest
from careen.oci.reference import in_registry
from careen.registries.ended import registry_documents
from careen.registries.manifests import Remote
from careen.registries.skopeo import Skopeo

pytestmark = pytest.mark.skopeo

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
PREDICATE = "dev.sigstore.bundle.predicateType"
SLSA = "https://slsa.dev/provenance/v1"


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def descriptor(data: bytes, kind: str = OCI_MANIFEST, **more: Any) -> dict[str, Any]:
    return {"mediaType": kind, "digest": digest_of(data), "size": len(data), **more}


def manifest(*layers: dict[str, Any], config: str = OCI_CONFIG) -> bytes:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(b"{}", config),
            "layers": list(layers),
        }
    ).encode()


def index(*items: dict[str, Any]) -> bytes:
    return json.dumps(
        {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(items)}
    ).encode()


IMAGE = manifest()
DIGEST = Digest(digest_of(IMAGE).removeprefix("sha256:"))
TAG = f"sha256-{DIGEST.hex}"
SIGNATURE = descriptor(b"signed", "application/vnd.dev.cosign.simplesigning.v1+json")
ATTESTED = [
    descriptor(each, "application/vnd.dsse.envelope.v1+json", annotations={"predicateType": kind})
    for each, kind in ((b"one", SLSA), (b"two", "https://cyclonedx.org/bom"))
]


@dataclass
class Served:
    """A registry of some manifests by tag and digest; `referrers` are pages, or a status."""

    manifests: dict[str, bytes] = field(default_factory=dict)
    referrers: Any = 404
    refused: Mapping[str, int] = field(default_factory=dict)
    host: str = ""

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        _, kind, name = path.partition("?")[0].rsplit("/", 2)
        if path.rstrip("/") == "/v2":
            return 200, {}, b"{}"
        if name in self.refused:
            return self.refused[name], {}, b"{}"
        if kind == "referrers":
            if isinstance(self.referrers, int):
                return self.referrers, {}, b""
            at = int(path.partition("page=")[2] or 0)
            more = {"Link": f'<{path.partition("?")[0]}?page={at + 1}>; rel="next"'}
            body = index(*self.referrers[at])
            return 200, more if at + 1 < len(self.referrers) else {}, body
        data = self.manifests.get(name)
        if data is None:
            return 404, {}, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'
        kind = OCI_INDEX if b'"manifests"' in data else OCI_MANIFEST
        return 200, {"Content-Type": kind, "Docker-Content-Digest": digest_of(data)}, data

    def remote(self, named: bytes = IMAGE) -> Remote:
        parsed = parse_manifest(IMAGE, OCI_MANIFEST, "image")
        assert isinstance(parsed, Manifest)
        image = in_registry(f"{self.host}/team/web:1")
        top = Digest(digest_of(named).removeprefix("sha256:"))
        self.manifests[str(top)] = named
        return Remote(image, top, DIGEST, parsed, IMAGE, OCI_MANIFEST)


@pytest.fixture
def served() -> Iterator[Served]:
    registry = Served()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = registry.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        registry.host = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield registry
        server.shutdown()
        thread.join()


@pytest.fixture
def skopeo(served: Served) -> Skopeo:
    made = Skopeo(pause=lambda _: None)
    made._plain.add(served.host)
    return made


def test_cosigns_tags_are_listed_one_by_one(served: Served, skopeo: Skopeo) -> None:
    served.manifests |= {
        f"{TAG}.sig": manifest(SIGNATURE),
        f"{TAG}.att": manifest(*ATTESTED),
        f"{TAG}.sbom": manifest(descriptor(b"sbom", "text/spdx+json"), config="text/plain"),
    }
    found = registry_documents(served.remote(), skopeo)
    assert found.unknown == ()
    assert [(each.kind, each.digest, each.type) for each in found.documents] == [
        (EndedKind.SIGNATURE, SIGNATURE["digest"], SIGNATURE["mediaType"]),
        (EndedKind.ATTESTATION, ATTESTED[0]["digest"], SLSA),
        (EndedKind.ATTESTATION, ATTESTED[1]["digest"], "https://cyclonedx.org/bom"),
        (EndedKind.SBOM, digest_of(b"sbom"), "text/spdx+json"),
    ]
    assert found.documents[0].place == f"docker://{served.host}/team/web:{TAG}.sig"
    assert {each.about for each in found.documents} == {str(DIGEST)}


def test_all_pages_of_referrers_and_the_list_under_the_tag_are_read_once(
    served: Served, skopeo: Skopeo
) -> None:
    one = descriptor(b"1", artifactType=BUNDLE, annotations={PREDICATE: SLSA})
    two = descriptor(b"2", artifactType="application/vnd.cncf.notary.signature")
    three = descriptor(b"3", artifactType="application/spdx+json")
    alone = "https://sigstore.dev/cosign/sign/v1"
    four = descriptor(b"4", artifactType=BUNDLE, annotations={PREDICATE: alone})
    five = descriptor(b"5", artifactType="application/x-note")
    served.referrers = [[one, two], [three]]
    served.manifests[TAG] = index(three, four, five)
    found = registry_documents(served.remote(), skopeo)
    assert found.unknown == ()
    assert [(each.kind, each.digest) for each in found.documents] == [
        (EndedKind.ATTESTATION, one["digest"]),
        (EndedKind.SIGNATURE, two["digest"]),
        (EndedKind.SBOM, three["digest"]),
        (EndedKind.SIGNATURE, four["digest"]),
        (EndedKind.OTHER, five["digest"]),
    ]


def test_what_is_about_the_index_and_in_it_ends_as_well(served: Served, skopeo: Skopeo) -> None:
    predicate = {"in-toto.io/predicate-type": "https://spdx.dev/Document"}
    layer = descriptor(b"statement", "application/vnd.in-toto+json", annotations=predicate)
    built = manifest(layer)
    notes = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": str(DIGEST),
    }
    amd64 = {"os": "linux", "architecture": "amd64"}
    unknown = {"os": "unknown", "architecture": "unknown"}
    top = index(
        descriptor(IMAGE, platform=amd64), descriptor(built, platform=unknown, annotations=notes)
    )
    served.manifests |= {
        digest_of(built): built,
        f"sha256-{digest_of(top).removeprefix('sha256:')}.sig": manifest(SIGNATURE),
    }
    # as a referrer it is the same document
    served.referrers = [[descriptor(built, artifactType="application/x")]]
    found = registry_documents(served.remote(top), skopeo)
    assert found.unknown == ()
    assert found.documents[0].type == "https://spdx.dev/Document"
    assert [(each.kind, each.digest, each.about) for each in found.documents] == [
        (EndedKind.ATTESTATION, digest_of(built), str(DIGEST)),
        (EndedKind.SIGNATURE, SIGNATURE["digest"], digest_of(top)),
    ]


def test_a_registry_without_anything_has_nothing_and_knows_it(
    served: Served, skopeo: Skopeo
) -> None:
    found = registry_documents(served.remote(), skopeo)
    assert (found.documents, found.unknown) == ((), ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"referrers": 500}, "it answers with status 500"),
        ({"referrers": 403}, "it answers with status 403"),
        ({"refused": {f"{TAG}.att": 403}}, "denies this account"),
        ({"manifests": {f"{TAG}.att": b"<html>"}}, "not valid JSON"),
        ({"manifests": {f"{TAG}.att": index()}}, "expected a manifest of cosign"),
        ({"manifests": {TAG: b'{"schemaVersion": 2, "manifests": 3}'}}, "expected an array"),
    ],
)
def test_no_answer_is_unknown_and_what_was_answered_stays(
    served: Served, skopeo: Skopeo, change: Mapping[str, Any], said: str
) -> None:
    for name, value in change.items():
        setattr(served, name, value)
    served.manifests[f"{TAG}.sig"] = manifest(SIGNATURE)
    found = registry_documents(served.remote(), skopeo)
    assert [each.digest for each in found.documents] == [SIGNATURE["digest"]]
    (line,) = found.unknown
    assert said in line


def test_a_next_page_on_another_server_is_not_asked(served: Served, skopeo: Skopeo) -> None:
    plain = served.answer

    def elsewhere(path: str) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = plain(path)
        if "/referrers/" in path:
            headers = {"Link": '<https://127.0.0.1:9/v2/next>; rel="next"'}
        return status, headers, body

    served.referrers = [[descriptor(b"1", artifactType=BUNDLE)]]
    served.answer = elsewhere  # type: ignore[method-assign]
    found = registry_documents(served.remote(), skopeo)
    assert found.documents == ()
    assert "the next page is on another server" in found.unknown[0]

"""What stays under the tag of an image's attestations, and what is not fetched from there."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ImageError, ToolError
from careen.model.digest import Digest
from careen.oci.documents import dump_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.reference import in_registry
from careen.registries.attestation_tag import Envelope, tag_envelopes, tag_of
from careen.registries.failures import Failure, SkopeoFailure
from careen.registries.referrers import Subject
from careen.registries.skopeo import Call, Skopeo
from careen.tools.process import Finished

SUBJECT = Subject(in_registry("r.example/team/web:1"), Digest("a" * 64), 7)
VERDICT, TESTS = "urn:test:verdict", "urn:test:tests"


@dataclass(slots=True)
class Held(Skopeo):
    """A registry with one tag; `meanwhile` is called after each push."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    tagged: bytes | None = None
    calls: list[str] = field(default_factory=list)
    meanwhile: Callable[["Held"], None] = lambda _: None

    def attempt(self, call: Call) -> Finished | SkopeoFailure:
        self.calls.append(call.verb + call.side)
        if call.verb == "inspect":
            assert call.words[-1] == str(tag_of(SUBJECT))
            if self.tagged is None:
                return SkopeoFailure(Failure.ABSENT, "manifest unknown")
            return Finished(0, self.tagged, b"")
        source, target = call.words[-2:]
        if call.side == "src-":
            assert self.tagged is not None
            assert source.endswith(f"@{digest_of_bytes(self.tagged)}")
            shared = Path(call.words[call.words.index("--dest-shared-blob-dir") + 1])
            for layer in json.loads(self.tagged)["layers"]:
                name = layer["digest"].removeprefix("sha256:")
                (shared / "sha256" / name).write_bytes(self.blobs[layer["digest"]])
        else:
            assert target == str(tag_of(SUBJECT))
            self._take(Path(source.removeprefix("oci:").removesuffix(":list")))
            self.meanwhile(self)
        return Finished(0, b"", b"")

    def _take(self, layout: Path) -> None:
        (named,) = json.loads((layout / "index.json").read_text())["manifests"]
        blobs = {f"sha256:{each.name}": each for each in (layout / "blobs" / "sha256").iterdir()}
        self.tagged = blobs[named["digest"]].read_bytes()
        for layer in json.loads(self.tagged)["layers"]:
            self.blobs[layer["digest"]] = blobs[layer["digest"]].read_bytes()

    def put(self, *items: tuple[str, bytes], size: int | None = None) -> None:
        """Replace the list by one of these predicate types and envelopes."""
        layers = []
        for kind, data in items:
            digest = str(digest_of_bytes(data))
            self.blobs[digest] = data
            stated = len(data) if size is None else size
            layers.append(
                {"digest": digest, "size": stated, "annotations": {"predicateType": kind}}
            )
        config: Any = {"digest": str(digest_of_bytes(b"{}")), "size": 2}
        self.tagged = dump_json({"schemaVersion": 2, "config": config, "layers": layers})

    def list(self) -> list[tuple[str, bytes]]:
        layers = json.loads(self.tagged or b"{}").get("layers", ())
        return [
            (layer["annotations"]["predicateType"], self.blobs[layer["digest"]]) for layer in layers
        ]


def by_us(envelope: bytes) -> bool:
    return envelope.startswith(b"ours")


def tag(registry: Held, folder: Path, *envelopes: Envelope) -> None:
    tag_envelopes(SUBJECT, envelopes, by_us, folder, registry)


def test_the_first_list_has_what_was_signed(tmp_path: Path) -> None:
    registry = Held()
    tag(registry, tmp_path, Envelope(VERDICT, b"ours 1"), Envelope(TESTS, b"ours 2"))
    assert registry.list() == [(VERDICT, b"ours 1"), (TESTS, b"ours 2")]


def test_only_own_statements_of_the_same_types_are_replaced(tmp_path: Path) -> None:
    registry = Held()
    registry.put((VERDICT, b"theirs"), (VERDICT, b"ours 1"), (TESTS, b"ours 2"))
    tag(registry, tmp_path, Envelope(VERDICT, b"ours 3"))
    assert registry.list() == [(VERDICT, b"theirs"), (TESTS, b"ours 2"), (VERDICT, b"ours 3")]


def test_a_list_that_another_writer_replaced_is_written_again(tmp_path: Path) -> None:
    def replaced_once(registry: Held) -> None:
        if registry.calls.count("copydest-") == 1:
            registry.put((VERDICT, b"theirs"))

    registry = Held(meanwhile=replaced_once)
    tag(registry, tmp_path, Envelope(VERDICT, b"ours 1"))
    assert registry.list() == [(VERDICT, b"theirs"), (VERDICT, b"ours 1")]


def test_a_list_that_is_always_replaced_is_one_line(tmp_path: Path) -> None:
    registry = Held(meanwhile=lambda held: held.put((VERDICT, b"theirs")))
    with pytest.raises(ToolError, match="another program keeps replacing this list; try again"):
        tag(registry, tmp_path, Envelope(VERDICT, b"ours 1"))


@pytest.mark.parametrize(
    ("count", "size", "said"),
    [(65, None, "has 65 statements, more than the 64"), (2, 1 << 29, "has 1,073,741,826 bytes")],
)
def test_a_large_list_is_not_fetched(
    tmp_path: Path, count: int, size: int | None, said: str
) -> None:
    registry = Held()
    registry.put(*((TESTS, b"theirs %d" % number) for number in range(count)), size=size)
    with pytest.raises(ImageError, match=said):
        tag(registry, tmp_path, Envelope(VERDICT, b"ours"))
    assert registry.calls == ["inspect"]


def test_a_full_list_is_not_pushed(tmp_path: Path) -> None:
    registry = Held()
    registry.put(*((TESTS, b"theirs %d" % number) for number in range(64)))
    with pytest.raises(ImageError, match="has more than 64 statements"):
        tag(registry, tmp_path, Envelope(VERDICT, b"ours"))
    assert len(registry.list()) == 64


def test_a_statement_of_another_size_is_refused(tmp_path: Path) -> None:
    registry = Held()
    registry.put((VERDICT, b"theirs"), size=3)
    with pytest.raises(ImageError, match="not as its list says"):
        tag(registry, tmp_path, Envelope(VERDICT, b"ours"))

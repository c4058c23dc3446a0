"""Which words name images of a registry, and which name paths."""

from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from careen.errors import ConfigError, InputError
from careen.model.fleet.facts import Known
from careen.oci.manifest import NoImageError
from careen.oci.reference import RegistryImage
from careen.pipeline.fleet import gathering, registry_image
from careen.pipeline.fleet.gathering import names_registry, needs_session
from careen.pipeline.fleet.sources import Source, is_watch_list
from careen.pipeline.fleet.trust import Trust
from careen.registries.skopeo import Skopeo
from careen.signing.key import PublicKey
from tests.support.fleet import Fleet, digest


@pytest.mark.parametrize(
    "word",
    [
        "docker://team/embed",
        "registry.example/team/",
        "registry.example/team/embed:1",
        "localhost/embed",
        "localhost:5000/embed",
        "host:5000/embed",
        "127.0.0.1:5000/",
    ],
)
def test_words_that_name_a_registry(word: str) -> None:
    assert names_registry(word)
    assert needs_session([word])


@pytest.mark.parametrize(
    "word",
    [
        "sboms",
        "./out",
        "../out/x",
        "/var/out",
        "team/embed:1",
        "v1.2/sbom.json",
        "a.b/images.toml",
        "",
        "x:y/z",
        ".hidden/x",
    ],
)
def test_words_that_name_a_path(word: str) -> None:
    assert not names_registry(word)


def test_what_is_there_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("r.example/team").mkdir(parents=True)
    assert not names_registry("r.example/team")
    assert names_registry("r.example/other")


def test_the_two_kinds_of_lists(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    watched = fleet.write("a.toml", b'[[image]]\nsource = "docker://r.example/a:1"\ntag = "x:1"\n')
    documents = fleet.write("b.toml", b'[[image]]\nname = "a:1"\ndocuments = ["a.json"]\n')
    assert is_watch_list(watched)
    assert not is_watch_list(documents)
    assert not is_watch_list(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"c\.toml:1: not valid TOML"):
        is_watch_list(fleet.write("c.toml", b"[["))
    with pytest.raises(InputError, match="No such file"):
        fleet.index(tmp_path / "none.toml")


class Attached:
    """An image of a registry: `chart` is none, `bad` cannot be found, of `odd` nothing is read.

    Two of them meet before they are found.
    """

    meeting = Barrier(2)
    print, has_sbom, refused, forged = "1", False, (), False

    trusts: ClassVar[list[Trust]] = []

    def __init__(
        self, image: RegistryImage, _session: object, trust: Trust | None, *_: object
    ) -> None:
        if trust is not None:
            self.trusts.append(trust)
        self.meeting.wait(20.0)
        self.tag = image.name.rpartition(":")[2]
        self.remote = SimpleNamespace(digest=digest(len(self.tag)))
        if self.tag == "chart":
            raise NoImageError(self.tag)
        if self.tag == "bad":
            msg = "no such image"
            raise InputError(msg)

    def known(self) -> Known:
        return Known((self.remote.digest,), (self.tag,), closed=True)

    def documents(self, _take: object) -> dict[Path, bytes]:
        if self.tag == "odd":
            msg = "too many artifacts"
            raise InputError(msg)
        return {Path(self.tag): b"{}"} if self.tag == "full" else {}


def test_images_of_a_repository_are_read_at_once_and_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = ["a", "bad", "chart", "full", "known", "odd"]
    monkeypatch.setattr(gathering, "tags_of", lambda *_: frozenset(tags))
    monkeypatch.setattr(registry_image, "Attached", Attached)
    session: Any = SimpleNamespace(skopeo=Skopeo())
    asked: list[str] = []

    def is_known(source: Source) -> bool:
        asked.append(source.name)
        return source.name.endswith(":known")

    trust = Trust(PublicKey("cosign.pub", "ours"), tmp_path)
    found = gathering.Gathering(session, trust, jobs=2).found(["r.example/shop"], is_known)
    seen = [each if isinstance(each, tuple) else (each, None) for each in found]
    assert [source.name.rpartition(":")[2] for source, _ in seen] == ["a", "bad", "full", "odd"]
    (bare, _), (bad, _), (full, content), (odd, _) = seen
    assert bare.bare
    assert (bad.problem, bad.known) == ("no such image", None)
    assert content is not None
    assert (full.bare, list(content.files)) == (False, [Path("full")])
    assert (odd.unread, odd.bare) == (("too many artifacts",), False)
    assert [name.rpartition(":")[2] for name in asked] == ["a", "full", "known", "odd"]
    ends = [each.ended for each in Attached.trusts if each.ended is not None]
    assert [ended() for ended in ends] == [True] * len(tags)

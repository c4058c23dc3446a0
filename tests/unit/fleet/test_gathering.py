"""Which words name images of a registry, and which name paths."""

from pathlib import Path

import pytest

from careen.errors import ConfigError, InputError
from careen.pipeline.fleet.gathering import names_registry, needs_session
from careen.pipeline.fleet.sources import is_watch_list
from tests.support.fleet import Fleet


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

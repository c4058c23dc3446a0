"""Repositories below a prefix: pages, names that are none, and lists without an end."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from careen.errors import InputError, ToolError
from careen.oci.reference import RegistryImage
from careen.registries import catalog
from careen.registries.catalog import image_tags, repositories_below, tags_of
from careen.registries.skopeo import Call, Skopeo
from careen.tools.process import Finished

TEAM = RegistryImage("r.example/team/")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pages that a registry answers with."""
    pages: list[Any] = []

    def answer(*_: object) -> Iterator[Mapping[str, Any]]:
        return ({"repositories": page} for page in pages)

    monkeypatch.setattr(catalog, "pages", answer)
    return pages


def test_all_pages_count_and_only_names_below(listed: list[Any]) -> None:
    listed += [["team/b", "teams/x", "other"], ["team/a", "team/b", "team/a/deep"]]
    assert repositories_below(TEAM, Skopeo()) == (
        "r.example/team/a",
        "r.example/team/a/deep",
        "r.example/team/b",
    )
    assert len(repositories_below(RegistryImage("r.example/"), Skopeo())) == 5


def test_names_that_no_repository_has_are_left_out(listed: list[Any]) -> None:
    listed.append(
        ["team/ok", "team/../x", "team/\x1b[31m", "team/A", "team//x", "team/" + "a" * 300]
    )
    assert repositories_below(TEAM, Skopeo()) == ("r.example/team/ok",)


def test_a_registry_without_a_catalog_is_one_line(listed: list[Any]) -> None:
    with pytest.raises(InputError, match="name each repository"):
        repositories_below(TEAM, Skopeo())
    listed.append(["other/x"])
    with pytest.raises(
        InputError, match=r"none of the 1 that it lists is below 'r\.example/team/'"
    ):
        repositories_below(TEAM, Skopeo())


def test_a_list_without_an_end_is_left(listed: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    listed += [["team/a"], [], []]
    with pytest.raises(ToolError, match="name a repository"):
        repositories_below(TEAM, Skopeo())
    listed[:] = [[f"team/{number}" for number in range(11)]]
    monkeypatch.setattr(catalog, "MOST_REPOSITORIES", 10)
    with pytest.raises(ToolError, match="more than 10"):
        repositories_below(TEAM, Skopeo())


def test_tags_without_documents_about_images(monkeypatch: pytest.MonkeyPatch) -> None:
    about = f"sha256-{'a' * 64}"
    tags = ["2", "1", about, f"{about}.att", f"{about}.sig", "sha256-short", "-bad", "a b"]

    def answer(_skopeo: Skopeo, call: Call) -> Finished:
        assert (call.verb, call.words) == ("list-tags", ("docker://r.example/team/a",))
        return Finished(0, json.dumps({"Tags": tags}).encode(), b"")

    monkeypatch.setattr(Skopeo, "call", answer)
    found = tags_of(RegistryImage("r.example/team/a"), Skopeo())
    assert image_tags(found) == ["1", "2", "sha256-short"]
    assert f"{about}.att" in found
    monkeypatch.setattr(catalog, "MOST_TAGS", 3)
    with pytest.raises(ToolError, match="more than 3"):
        tags_of(RegistryImage("r.example/team/a"), Skopeo())

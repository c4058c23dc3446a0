"""Entries that stand for many images of a registry."""

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from careen.errors import CareenError, ConfigError, InputError, ToolError
from careen.oci.reference import RegistryImage
from careen.pipeline.watching import expand as module
from careen.pipeline.watching.expand import Expanded, expand
from careen.pipeline.watching.image_list import load_entries, load_list
from careen.pipeline.watching.written_list import list_text
from careen.report.terminal_output.progress import PlainProgress, SilentProgress

HOST = "registry.example"
EMBED = f"""
[[image]]
source = "docker://{HOST}/team/embed"
tags = "2.*"
tag = "{HOST}/team/embed:{{tag}}-hardened"
config = "embed/careen.toml"
push = true
when = "high,kev"
"""
TEAM = f"""
[[image]]
source = "docker://{HOST}/team/"
tags = "*"
tag = "{HOST}/hardened/{{repository}}:{{tag}}"
config = "{{repository}}/careen.toml"
patch = false
"""


LLM = EMBED.replace("team/embed", "team/llm").replace("2.*", "1")
EMBED_SOURCE = f"docker://{HOST}/team/embed"


@dataclass
class Registry:
    """The tags of each repository; those in `away` do not answer, with `once` the first time."""

    tags: Mapping[str, Collection[str]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    below_away: set[str] = field(default_factory=set)
    once: bool = False

    def tags_of(self, repository: RegistryImage, _skopeo: object) -> frozenset[str]:
        if repository.name in self.away:
            self.away -= {repository.name} if self.once else set()
            msg = f"{repository}: the registry does not answer"
            raise ToolError(msg)
        return frozenset(self.tags[repository.name])

    def below(self, prefix: RegistryImage, _skopeo: object) -> tuple[str, ...]:
        if prefix.name in self.below_away:
            msg = f"{prefix}: the registry does not answer"
            raise ToolError(msg)
        return tuple(sorted(name for name in self.tags if name.startswith(prefix.name)))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    found = Registry(
        {
            f"{HOST}/team/embed": ("2.0", "2.1", "2.0-hardened", "3.0", "sha256-" + "a" * 64),
            f"{HOST}/team/llm": ("1",),
            f"{HOST}/other/x": ("1",),
        }
    )
    monkeypatch.setattr(module, "tags_of", found.tags_of)
    monkeypatch.setattr(module, "repositories_below", found.below)
    return found


def of(folder: Path, text: str) -> Expanded:
    (folder / "images.toml").write_text(text)
    return expand(load_entries(folder / "images.toml"), cast("Any", None), SilentProgress())


def names(found: Expanded) -> dict[str, str]:
    return {each.source.removeprefix(f"docker://{HOST}/"): each.tag for each in found.images}


@pytest.mark.usefixtures("registry")
def test_each_tag_that_matches_is_an_image_and_results_are_none(tmp_path: Path) -> None:
    found = of(tmp_path, EMBED)
    assert names(found) == {
        "team/embed:2.0": f"{HOST}/team/embed:2.0-hardened",
        "team/embed:2.1": f"{HOST}/team/embed:2.1-hardened",
    }
    first = found.images[0]
    assert (first.push, first.patch, [each.text for each in first.when]) == (
        True,
        True,
        ["high", "kev"],
    )
    assert first.config == tmp_path / "embed/careen.toml"


@pytest.mark.usefixtures("registry")
def test_a_prefix_has_a_configuration_for_each_repository(tmp_path: Path) -> None:
    found = of(tmp_path, TEAM)
    assert names(found)["team/llm:1"] == f"{HOST}/hardened/team/llm:1"
    assert len(found.images) == 5
    assert found.images[-1].config == tmp_path / "team/llm/careen.toml"
    assert not found.images[-1].patch


@pytest.mark.usefixtures("registry")
def test_an_image_with_an_entry_of_its_own_is_in_no_other(tmp_path: Path) -> None:
    own = (
        f'[[image]]\nsource = "docker://{HOST}/team/embed:2.1"\ntag = "special:2.1"\n'
        'config = "special.toml"\n'
    )
    found = of(tmp_path, f"{EMBED}{own}{TEAM}")
    assert names(found)["team/embed:2.1"] == "special:2.1"
    # The entry that comes first has an image that two of them match.
    assert names(found)["team/embed:2.0"] == f"{HOST}/team/embed:2.0-hardened"
    assert [each.source for each in found.images].count(f"docker://{HOST}/team/embed:2.0") == 1


def test_a_source_in_docker_hub_has_its_full_name(registry: Registry, tmp_path: Path) -> None:
    hub = "docker.io/library/debian"
    registry.tags = {hub: ("12", "13"), "docker.io/team/app": ("1",)}
    own = '[[image]]\nsource = "docker://debian:12"\ntag = "special:12"\nconfig = "special.toml"\n'
    hubs = EMBED.replace(f'docker://{HOST}/team/embed"', 'docker://docker.io/debian"')
    found = of(tmp_path, hubs.replace("2.*", "*") + own)
    assert {str(each.reference): each.tag for each in found.images} == {
        f"docker://{hub}:12": "special:12",
        f"docker://{hub}:13": f"{HOST}/team/embed:13-hardened",
    }
    found = of(tmp_path, TEAM.replace(f"docker://{HOST}/", "docker://index.docker.io/"))
    assert [each.source for each in found.images] == ["docker://docker.io/team/app:1"]


def test_a_registry_that_does_not_answer_fails_its_entry_alone(
    registry: Registry, tmp_path: Path
) -> None:
    registry.away.add(f"{HOST}/team/embed")
    other = EMBED.replace("/embed", "/llm").replace("2.*", "1")
    found = of(tmp_path, EMBED + other)
    assert list(names(found)) == ["team/llm:1"]
    (left_out,) = found.failed
    assert left_out.source == f"docker://{HOST}/team/embed"
    assert str(left_out.error).endswith("the registry does not answer")


@pytest.mark.usefixtures("registry")
def test_a_glob_that_matches_nothing_is_told(tmp_path: Path) -> None:
    (left_out,) = of(tmp_path, EMBED.replace("2.*", "9.*")).failed
    assert str(left_out.error) == f"docker://{HOST}/team/embed: no tag matches '9.*'"


def test_a_result_never_takes_the_name_of_its_original(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"images.toml:5: image\[0\].tag: .* of the original"):
        of(tmp_path, EMBED.replace("{tag}-hardened", "{tag}"))


def test_an_image_of_an_entry_that_fails_falls_to_no_other(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ask_all", lambda asked, ask: list(map(ask, asked)))
    registry.away.add(f"{HOST}/team/embed")
    registry.once = True
    found = of(tmp_path, EMBED + TEAM)
    # What the first entry may stand for or have made is left to it; 3.0 is none of both.
    assert names(found) == {
        "team/embed:3.0": f"{HOST}/hardened/team/embed:3.0",
        "team/llm:1": f"{HOST}/hardened/team/llm:1",
    }
    (left_out,) = found.failed
    assert (left_out.source, left_out.tag) == (
        f"docker://{HOST}/team/embed",
        f"{HOST}/team/embed:{{tag}}-hardened",
    )
    assert str(left_out.error).endswith("may be of this entry or results of it: 3 images")
    assert left_out.error.exit_status == ToolError.exit_status


def test_results_of_an_entry_that_fails_are_not_hardened_by_one_before_it(
    registry: Registry, tmp_path: Path
) -> None:
    registry.tags = {**registry.tags, f"{HOST}/hardened/team/llm": ("1", "2")}
    registry.below_away.add(f"{HOST}/team/")
    before = EMBED.replace("team/embed", "hardened/team/llm").replace("2.*", "*")
    found = of(tmp_path, before + TEAM)
    assert names(found) == {}
    assert [each.source for each in found.failed] == [f"docker://{HOST}/team/"]


def test_a_repository_that_does_not_answer_fails_alone(registry: Registry, tmp_path: Path) -> None:
    registry.away.add(f"{HOST}/team/embed")
    found = of(tmp_path, TEAM)
    assert list(names(found)) == ["team/llm:1"]
    assert [each.source for each in found.failed] == [f"docker://{HOST}/team/embed"]


def test_an_image_whose_result_cannot_have_its_name_fails_alone(
    registry: Registry, tmp_path: Path
) -> None:
    long, shorter = "2." + "x" * 126, "2." + "x" * 115
    # The result of the shorter one is in the repository, and is no image to harden.
    registry.tags = {f"{HOST}/team/embed": (long, shorter, f"{shorter}-hardened", "2.0")}
    found = of(tmp_path, EMBED)
    assert list(names(found)) == ["team/embed:2.0", f"team/embed:{shorter}"]
    (left_out,) = found.failed
    assert left_out.source == f"docker://{HOST}/team/embed:{long}"
    assert "not an image name" in str(left_out.error)


@pytest.mark.usefixtures("registry")
def test_a_second_result_of_the_same_name_is_told(tmp_path: Path) -> None:
    same = f'tag = "{HOST}/hardened:{{tag}}"'
    one, two = (
        f'[[image]]\nsource = "docker://{HOST}/{name}"\ntags = "1"\nconfig = "a.toml"\n{same}\n'
        for name in ("team/llm", "other/x")
    )
    found = of(tmp_path, one + two)
    assert names(found) == {"team/llm:1": f"{HOST}/hardened:1"}
    (left_out,) = found.failed
    assert left_out.source == f"docker://{HOST}/other/x:1"
    assert (
        f"{HOST}/other/x:1: its result would have the name of that of docker://{HOST}/team/llm:1,"
        in str(left_out.error)
    )


@pytest.mark.parametrize(
    ("only", "failed"),
    [
        ((), [EMBED_SOURCE]),
        (("*:1-hardened",), [EMBED_SOURCE]),
        ((f"{HOST}/team/l*", f"{HOST}/team/llm:1-hardened"), []),
        ((f"{HOST}/team/llm:1-hardened", f"{HOST}/team/embed:*"), None),
        ((f"{HOST}/team/embed:2.0-hardened",), None),
    ],
)
def test_only_chooses_among_what_is_left_out_too(
    registry: Registry, tmp_path: Path, only: tuple[str, ...], failed: list[str] | None
) -> None:
    registry.away.add(f"{HOST}/team/embed")
    found = of(tmp_path, EMBED + LLM)
    if failed is None:
        with pytest.raises(ToolError, match="the registry does not answer"):
            found.only(only)
    else:
        assert [each.source for each in found.only(only).failed] == failed
        assert list(names(found.only(only))) == ["team/llm:1"]


def test_only_of_nothing_names_what_the_list_has(registry: Registry, tmp_path: Path) -> None:
    registry.away.add(f"{HOST}/other/x")
    found = of(tmp_path, EMBED + EMBED.replace("team/embed", "other/x"))
    with pytest.raises(InputError, match="--only 'job:1': no image of the list has such a tag"):
        found.only(["job:1"])


def test_an_entry_is_given_up_when_too_many_repositories_fail(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.tags = {f"{HOST}/team/{number}": ("1",) for number in range(9)}
    registry.away |= set(registry.tags)
    monkeypatch.setattr(module, "MOST_UNANSWERED", 2)
    found = of(tmp_path, TEAM)
    assert [each.source for each in found.failed] == [
        f"docker://{HOST}/team/0",
        f"docker://{HOST}/team/1",
        f"docker://{HOST}/team/",
    ]
    assert "2 did not answer after 2 of 9 repositories" in str(found.failed[-1].error)


@pytest.mark.usefixtures("registry")
def test_an_entry_has_a_limit_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_MINUTES", -1)
    found = of(tmp_path, TEAM)
    assert (names(found), len(found.failed)) == ({}, 1)
    assert "minutes are over after 0 of 2 repositories" in str(found.failed[0].error)


def test_more_images_than_a_list_may_have(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.tags = {f"{HOST}/team/embed": [f"2.{number}" for number in range(11)]}
    monkeypatch.setattr(module, "MAX_IMAGES", 10)
    with pytest.raises(InputError, match="11 images are more than the 10"):
        of(tmp_path, EMBED)


@pytest.mark.usefixtures("registry")
def test_what_is_asked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TOLD", 1)
    stream = io.StringIO()
    (tmp_path / "images.toml").write_text(TEAM)
    entries = load_entries(tmp_path / "images.toml")
    expand(entries, cast("Any", None), PlainProgress(stream))
    assert [line.partition("list: ")[2] for line in stream.getvalue().splitlines()[:-1]] == [
        "start",
        "the images of 1 entry…",
        f"1 of 2 repositories of {HOST}/team/…",
    ]


@pytest.mark.usefixtures("registry")
def test_what_is_written_is_the_same_list(tmp_path: Path) -> None:
    found = of(tmp_path, EMBED + TEAM)
    (tmp_path / "today.toml").write_text(list_text(found.images, tmp_path))
    assert load_list(tmp_path / "today.toml") == found.images


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("docker://registry", "registry", "images.toml:3: image[0].source: with tags it is a"),
        ('/team/embed"', '/team/embed:2"', "image[0].source: with tags it is a repository"),
        ("docker://registry.example/", "docker://", "image[0].source: with tags it is a"),
        ('/team/embed"', '/team/em bed"', "image[0].source: "),
        ("{tag}-hardened", "hardened", "image[0].tag: results of many images need names"),
        ('/team/embed"', '/team/"', "write {repository} in it"),
        ('"high,kev"', '"loaded"', "image[0].when: what runs is known only"),
        ("tags", "tages", "image[0].tages: unknown key; did you mean 'tag"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = tmp_path / "images.toml"
    path.write_text(EMBED.replace(before, after, 1))
    with pytest.raises(CareenError) as caught:
        load_entries(path)
    assert said in str(caught.value)


def test_other_verbs_ask_for_a_written_list(tmp_path: Path) -> None:
    path = tmp_path / "images.toml"
    path.write_text(EMBED)
    with pytest.raises(ConfigError, match="--list` writes a list"):
        load_list(path)

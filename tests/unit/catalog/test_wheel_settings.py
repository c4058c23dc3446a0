"""Where wheels come from: the entry's index, and what the settings of the user's pip say."""

import os
import sys
from pathlib import Path

import pytest

from careen.catalog.debian import sources
from careen.catalog.entries import load_catalog
from careen.catalog.port import PackageSources
from careen.catalog.recipe import recipe
from careen.catalog.wheels.constraints import constraints
from careen.catalog.wheels.fetch import fetch
from careen.catalog.wheels.index import require_index
from careen.catalog.wheels.target import Target
from careen.errors import ConfigError, InputError, ToolError
from careen.evidence.attest.base import base_provenance
from careen.model.catalog.built import BuiltBase
from careen.model.catalog.entry import Variant
from careen.model.catalog.lock import Lock
from careen.model.measure import Measure
from careen.pipeline.catalog.listing import show_base
from careen.pipeline.catalog.roots import sources_of
from careen.pipeline.catalog.wheel_steps import wheel_indexes
from tests.support.tiny_wheels import write_wheel

TARGET = Target(11, 36, "x86_64")
OWN = """schema = 1
[[entry]]
name = "own:1"
title = "Own"
unproven = "never built"
inherits = "python:3.13-debian-13"
pip = ["idna"]
"""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that the user's pip takes for its only source."""
    found = tmp_path / "index"
    found.mkdir()
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(found))
    return found


def versions(requirements: list[str], place: Path, url: str = "") -> list[str]:
    place.mkdir()
    return [f"{x.name} {x.version}" for x in fetch(requirements, (), TARGET, place, url)]


def test_constraints_are_read_for_the_roots_python(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.0", "2.0"):
        for name in ("one", "two", "three"):
            write_wheel(index, name, version)
    (tmp_path / "nested.txt").write_text("three<2  # everywhere\n")
    (tmp_path / "constraints.txt").write_text(
        'one<2; python_version == "3.11"\ntwo<2; python_version == "3.13"\n-c nested.txt\n'
    )
    monkeypatch.setenv("PIP_CONSTRAINT", str(tmp_path / "constraints.txt"))
    assert constraints(TARGET, os.environ) == ("one<2", "three<2")
    found = versions(["one", "two", "three"], tmp_path / "a")
    assert found == ["one 1.0", "three 1.0", "two 2.0"]


def test_constraints_of_which_none_holds_are_not_left_to_pip(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("1.0", "2.0"):
        write_wheel(index, "one", version)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    other = Target(sys.version_info.minor + 1, 36, "x86_64")
    path = tmp_path / "constraints.txt"
    path.write_text(f'one<2; python_version == "{here}"\n')
    monkeypatch.setenv("PIP_CONSTRAINT", str(path))
    assert constraints(other, os.environ) == ()
    into = tmp_path / "a"
    into.mkdir()
    assert [each.version for each in fetch(["one"], (), other, into)] == ["2.0"]


def test_without_a_file_of_constraints_there_are_none(index: Path) -> None:
    assert index.is_dir()
    assert constraints(TARGET, os.environ) is None


def test_constraints_of_a_file_of_settings_hold_unless_the_environment_has_some(
    tmp_path: Path,
) -> None:
    (tmp_path / "all.txt").write_text("one<3\n")
    (tmp_path / "download.txt").write_text("one<2\n")
    settings = tmp_path / "pip.conf"
    settings.write_text(
        f"[global]\nconstraint = {tmp_path}/all.txt\n"
        f"[download]\nconstraint = {tmp_path}/download.txt {tmp_path}/gone.txt\n"
    )
    environment = {"PIP_CONFIG_FILE": str(settings)}
    assert constraints(TARGET, environment) == ("one<2", f"--constraint {tmp_path}/gone.txt")
    environment["PIP_CONSTRAINT"] = f"https://index.example/c.txt {tmp_path}/all.txt"
    assert constraints(TARGET, environment) == (
        "--constraint https://index.example/c.txt",
        "one<3",
    )


def test_what_pip_reads_in_a_file_of_constraints_is_read_as_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAREEN_TEST_PLACE", str(tmp_path / "far"))
    monkeypatch.delenv("CAREEN_TEST_NONE", raising=False)
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "x.txt").write_text("one<2\n")
    (tmp_path / "far" / "a b.txt").write_text('two<2; python_version == "3.13"\nthree<2\n')
    (tmp_path / "near").mkdir()
    (tmp_path / "c.txt").write_text(
        "-c ${CAREEN_TEST_PLACE}/x.txt\n"
        f"-c {(tmp_path / 'far' / 'a b.txt').as_uri()}\n"
        "--find-links ./near\n-f=gone\n-f ${CAREEN_TEST_NONE}\n"
    )
    named = {"PIP_CONFIG_FILE": os.devnull, "PIP_CONSTRAINT": str(tmp_path / "c.txt")}
    assert constraints(TARGET, named) == (
        "one<2",
        "three<2",
        f"--find-links {tmp_path}/near",
        "--find-links gone",
        "--find-links ${CAREEN_TEST_NONE}",
    )


def test_a_file_of_constraints_that_names_itself_ends(tmp_path: Path) -> None:
    path = tmp_path / "self.txt"
    path.write_text("-c self.txt\none<2\n")
    found = constraints(TARGET, {"PIP_CONFIG_FILE": os.devnull, "PIP_CONSTRAINT": str(path)})
    assert found is not None
    assert found[0] == f"--constraint {path}"
    assert set(found[1:]) == {"one<2"}


def test_a_relative_place_of_wheels_is_one_where_the_user_stands(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(index, "one", "1.0")
    monkeypatch.setenv("PIP_FIND_LINKS", "index")
    monkeypatch.chdir(tmp_path)
    assert versions(["one"], tmp_path / "a") == ["one 1.0"]


def test_the_index_of_the_entry_is_asked_beside_the_users_places(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert os.environ["PIP_NO_INDEX"] == "1"  # does not hold for an index that is named
    monkeypatch.setenv("PIP_INDEX_URL", "https://nowhere.invalid/simple")
    write_wheel(index, "one", "1.0", requires=["two"])
    simple = tmp_path / "simple" / "two"
    simple.mkdir(parents=True)
    wheel = write_wheel(simple, "two", "2.0")
    (simple / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    (tmp_path / "simple" / "one").mkdir()
    (tmp_path / "simple" / "one" / "index.html").write_text("")
    url = (tmp_path / "simple").as_uri()
    assert versions(["one"], tmp_path / "a", url) == ["one 1.0", "two 2.0"]
    with pytest.raises(ToolError, match="fetching wheels"):
        versions(["three"], tmp_path / "b", url)


@pytest.mark.parametrize("url", ["index.example", "--pre", "ftp://x/y", "https://a b", ""])
def test_what_is_no_index_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="--wheel-index: expected the URL of an index"):
        require_index(url, "--wheel-index")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("x", r"pip_index: expected the URL of an index"),
        ("https://u:secret@index.example/simple", "without a password"),
    ],
)
def test_an_entry_names_the_url_of_an_index(tmp_path: Path, url: str, said: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'{OWN}pip_index = "{url}"\n')
    with pytest.raises(ConfigError, match=said) as caught:
        load_catalog((path,))
    assert "secret" not in str(caught.value)
    assert str(caught.value).count("pip_index") == 1


def test_a_step_has_the_index_of_its_entry(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'{OWN}pip_index = "https://index.example/cpu"\n')
    catalog = load_catalog((path,))
    made = recipe(catalog, catalog.find("own:1"), Variant.RUNTIME)
    assert [step.index for step in made.steps] == ["", "", "https://index.example/cpu"]


MORE = """
[[entry]]
name = "more:1"
title = "More"
inherits = "own:1"
"""


def test_an_index_is_that_of_the_wheels_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'{OWN}pip_index = "https://index.example/cpu"\n{MORE}pip = ["certifi"]\n')
    catalog = load_catalog((path,))
    made = recipe(catalog, catalog.find("more:1"), Variant.RUNTIME)
    assert [step.index for step in made.steps] == ["", "", "https://index.example/cpu", ""]
    assert sources_of(made, (), None).public
    assert show_base("more:1", (path,)).pip_index == "https://index.example/cpu"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("", ["https://index.example/cpu", "the settings of pip"]),
        ("https://u:secret@mirror.example/simple", ["https://mirror.example/simple"] * 2),
        ("file:///home/me/simple", ["file:simple"] * 2),
    ],
)
def test_the_provenance_names_the_index_of_each_step(
    tmp_path: Path, given: str, named: list[str]
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f'{OWN}pip_index = "https://index.example/cpu"\n{MORE}pip = ["certifi"]\n')
    catalog = load_catalog((path,))
    made = recipe(catalog, catalog.find("more:1"), Variant.RUNTIME)
    figures = Measure("x", "sha256:" + "1" * 64, 1, 1, {}, 0, 0, 0, 0, 0)
    lock = Lock("more:1", "runtime", "amd64", "2026-11-30T00:00:00Z", (), ())
    found = wheel_indexes(made, given)
    built = BuiltBase("more:1", "runtime", figures, (), lock, (), wheel_indexes=found)
    said = base_provenance(built, "a", "b", "0.1")["buildDefinition"]["internalParameters"]
    assert said["wheelIndexes"] == dict(zip(("own:1", "more:1"), named, strict=True))


def test_unproven_wheels_below_an_entry_need_an_index_and_no_sources(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f"{OWN}{MORE}")
    catalog = load_catalog((path,))
    made = recipe(catalog, catalog.find("more:1"), Variant.RUNTIME)
    with pytest.raises(InputError, match=r"never built; name an index .*--wheel-index"):
        sources_of(made, (), None)
    assert sources_of(made, (), None, "https://index.example/simple").public


def test_wheels_do_not_prove_the_packages_below_them(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace("python:3.13-debian-13", "ubuntu:24.04"))
    catalog = load_catalog((path,))
    made = recipe(catalog, catalog.find("own:1"), Variant.RUNTIME)
    with pytest.raises(InputError, match="give them with --source"):
        sources_of(made, (), None, "https://index.example/simple")


def test_the_catalog_names_no_index() -> None:
    catalog = load_catalog()
    assert [each.name for each in catalog if each.pip_index] == []


def test_unproven_wheels_are_built_from_an_index_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = PackageSources((), ("deb https://mirror.test/debian trixie main",))
    monkeypatch.setattr(sources, "of_this_machine", lambda *_, **__: apt)
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    catalog = load_catalog((path,))
    own = recipe(catalog, catalog.find("own:1"), Variant.RUNTIME)
    with pytest.raises(InputError, match=r"never built; name an index .*--wheel-index"):
        sources_of(own, (), None)
    assert sources_of(own, (), None, "https://index.example/simple").public
    path.write_text(f'{OWN}pip_index = "https://index.example/cpu"\n')
    catalog = load_catalog((path,))
    named = recipe(catalog, catalog.find("own:1"), Variant.RUNTIME)
    assert sources_of(named, (), None).public

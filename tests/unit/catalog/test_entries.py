"""The catalog's files: careen's own are sound, mistakes name file, line and key."""

from pathlib import Path

import pytest

from careen.catalog.entries import load_catalog
from careen.catalog.families import family_of
from careen.catalog.recipe import FIPS_PACKAGES, RecipeStep, recipe
from careen.errors import ConfigError, InputError
from careen.model.catalog.entry import Variant

ENTRY = 'schema = 1\n[[entry]]\nname = "own:1"\ntitle = "Own"\n'


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    load_catalog((path,))


def test_each_entry_can_be_built_and_says_if_it_is_unproven() -> None:
    catalog = load_catalog()
    names = set()
    for entry in catalog:
        chain = catalog.chain(entry)
        assert entry.title
        for variant in (Variant.RUNTIME, Variant.COMPAT, Variant.DEV):
            made = recipe(catalog, entry, variant)
            assert made.distribution == "debian" or made.unproven
            assert family_of(made.distribution).distribution == made.distribution
            assert made.release
            assert made.steps[0].packages
            assert made.environment["PATH"]
            assert bool(made.user) == (variant is Variant.RUNTIME)
        names.add(entry.name)
        assert any(each.support for each in chain)
    assert {"debian:trixie", "debian:bookworm", "python:3.13-debian-13"} <= names


def test_a_name_of_an_upstream_image_is_replaced_by_one_entry() -> None:
    names = [name for entry in load_catalog() for name in entry.replaces]
    assert len(names) == len(set(names))


def test_an_entry_builds_on_the_steps_of_what_it_inherits() -> None:
    catalog = load_catalog()
    entry = catalog.find("python-3.13:debian-13")
    made = recipe(catalog, entry, Variant.DEV)
    assert [step.name for step in made.steps] == ["debian:trixie", entry.name, "dev"]
    assert "gcc" in made.steps[2].packages
    assert made.steps[2].pip == ("pip",)
    assert made.environment["PIP_BREAK_SYSTEM_PACKAGES"] == "1"
    base = recipe(catalog, catalog.find("debian:13"), Variant.DEV)
    assert base.steps[0] == made.steps[0]


def test_fips_is_refused_with_what_turns_it_on() -> None:
    catalog = load_catalog()
    with pytest.raises(InputError, match="careen harden IMAGE --fips"):
        recipe(catalog, catalog.find("java:21-debian-13"), Variant.FIPS)  # it has no OpenSSL
    with pytest.raises(InputError, match="no variant fips"):
        recipe(catalog, catalog.find("debian:bookworm"), Variant.FIPS)  # Debian 12 has no provider


def test_fips_is_runtime_with_the_provider_and_what_shows_it() -> None:
    catalog = load_catalog()
    entry = catalog.find("python:3.13-debian-13")
    plain, fips = (recipe(catalog, entry, each) for each in (Variant.RUNTIME, Variant.FIPS))
    assert fips.steps == (*plain.steps, RecipeStep("fips", FIPS_PACKAGES))
    assert (fips.user, fips.cmd, fips.tests) == (plain.user, plain.cmd, plain.tests)
    assert fips.tests


def test_an_unknown_name_leads_to_the_nearest() -> None:
    with pytest.raises(InputError, match=r"did you mean debian:trixie\?"):
        load_catalog().find("debian:trixi")
    with pytest.raises(InputError, match="careen base list"):
        load_catalog().find("zzzzzzzz")
    some = (
        r"did you mean python:3\.13-debian-13 or python:3\.11-debian-12 or python:3\.11-debian-13"
    )
    with pytest.raises(InputError, match=some):
        load_catalog().find("python")
    with pytest.raises(InputError, match=r"an image that python:3\.13-debian-13 stands in for"):
        load_catalog().find("python:3.13-slim")
    with pytest.raises(InputError, match="no base 'debian'"):  # abstract
        load_catalog().find("debian")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"own\.toml:1: schema: expected 1"),
        ("schema = 2\n", r"own\.toml:1: schema: expected 1"),
        ("schema = 1\n", r"entry: expected 1 to"),
        (ENTRY + 'titel = "x"\n', r"own\.toml:5: .*titel: unknown key; did you mean 'title'"),
        (ENTRY.replace("own:1", "Own 1"), r"own\.toml:3: .*name: expected a name"),
        (ENTRY + 'packages = ["a; rm -rf /"]\n', r"own\.toml:5: .*packages: expected names"),
        (ENTRY + 'packages = ["-o=x"]\n', r"packages: expected names of packages"),
        (ENTRY + 'unowned = ["/etc/../x"]\n', r"unowned: expected absolute paths"),
        (ENTRY + 'major_upgrades = ["pypi:*"]\n', r"major_upgrades: expected packages like"),
        (ENTRY + 'user = "root"\n', r"user: expected UID or UID:GID"),
        (ENTRY + 'variants = ["big"]\n', r"variants: expected some of runtime"),
        (ENTRY + '[entry.support]\nsource = "x"\n', r"until: is missing"),
        (ENTRY + '[entry.environment]\n"A=B" = "x"\n', r"is not a name of a variable"),
        (ENTRY + '[[entry.users]]\nname = "a"\nuid = 0\nhome = "/h"\n', r"uid: expected a number"),
        (ENTRY + '[[entry.users]]\nname = "a:b"\nuid = 1\nhome = "/h"\n', r"name: expected a name"),
        (ENTRY + '[[entry.omitted]]\nnames = ["x"]\n', r"reason: is missing"),
        (ENTRY + '[[entry.files]]\ntext = "x"\n', r"path: expected one path"),
        (ENTRY + '[[entry.files]]\npath = "/x"\n', r"text: is missing"),
        (ENTRY + 'directories = ["x"]\n', r"directories: expected absolute paths"),
        (ENTRY + '[[entry.tests]]\nargv = []\ncontains = "x"\n', r"argv: is empty"),
        (ENTRY + 'aliases = ["debian:13"]\n', r"debian:13 is a name of debian:trixie already"),
        (ENTRY + 'inherits = "none:1"\n', r"own:1: 'none:1', from which it inherits, is in no"),
        (ENTRY + 'inherits = "own:1"\n', r"inherits in a circle"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load(tmp_path, text)


STEPS = """schema = 1
[[entry]]
name = "hidden"
title = "Hidden"
abstract = true
inherits = "debian:trixie"
files = [{ path = "/usr/local/pyvenv.cfg", text = "a" }]
[[entry]]
name = "below:1"
title = "Below"
inherits = "hidden"
files = [{ path = "/usr/local/build", text = "a", build = true }]
[[entry]]
name = "above:1"
title = "Above"
inherits = "below:1"
files = [{ path = "/usr/local/later", text = "a" }]
"""


def test_a_step_has_the_files_of_abstract_entries_and_none_of_later_ones(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(STEPS)
    catalog = load_catalog((tmp_path / "own.toml",))

    def added(variant: Variant) -> dict[str, frozenset[str]]:
        steps = recipe(catalog, catalog.find("above:1"), variant).steps
        return {step.name: step.added for step in steps if step.entry}

    first, second = "/usr/local/pyvenv.cfg", "/usr/local/later"
    assert added(Variant.RUNTIME) == {
        "debian:trixie": frozenset(),
        "below:1": {first},
        "above:1": {first, second},
    }
    assert added(Variant.COMPAT)["below:1"] == {first, "/usr/local/build"}

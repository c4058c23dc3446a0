"""The `pip` step of a definition: what it may say, and what a lock keeps of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from careen.catalog.definition import definition
from careen.catalog.entries import load_catalog
from careen.catalog.lock_file import parsed, written
from careen.catalog.recipe import recipe
from careen.errors import ConfigError
from careen.model.catalog.entry import Entry, Variant
from careen.model.catalog.lock import Lock, LockedPackage, LockedWheel, Step
from careen.pipeline.catalog.wheel_steps import wheel_indexes

OWN = """schema = 1
[[entry]]
name = "own:1"
title = "Own"
inherits = "python:3.13-debian-13"
"""
WHEEL = LockedWheel("idna", "3.11", "idna-3.11-py3-none-any.whl", "a" * 64)


def load(tmp_path: Path, text: str) -> Entry:
    path = tmp_path / "own.toml"
    path.write_text(OWN + text)
    return load_catalog((path,)).find("own:1")


def test_a_step_has_the_requirements_of_its_entry(tmp_path: Path) -> None:
    entry = load(tmp_path, 'pip = ["idna>=3", "httpx[http2]"]\n')
    catalog = load_catalog((tmp_path / "own.toml",))
    made = recipe(catalog, entry, Variant.DEV)
    wheels = [(), (), ("idna>=3", "httpx[http2]")]
    assert [step.pip for step in made.steps] == [*wheels, ("pip",)]
    assert [step.pip for step in recipe(catalog, entry, Variant.RUNTIME).steps] == wheels


def test_wheels_of_compat_are_those_of_all_entries(tmp_path: Path) -> None:
    entry = load(tmp_path, 'compat_pip = ["hatch"]\n')
    catalog = load_catalog((tmp_path / "own.toml",))
    made = recipe(catalog, entry, Variant.COMPAT)
    assert [step.pip for step in made.steps] == [(), (), (), ("pip", "hatch")]
    assert "/usr/local/pyvenv.cfg" in made.steps[-1].added
    # An index that is named is that of the entry's wheels, and it may have no pip.
    assert not made.has_wheels
    assert wheel_indexes(made, "https://x.example/whl") == {"compat": "the settings of pip"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('pip = ["idna @ https://x.example/idna.whl"]', "without URL or marker"),
        ('pip = ["idna; python_version < \\"3\\""]', "without URL or marker"),
        ('pip = ["--index-url=https://x.example"]', "expected requirements like"),
        ('pip = ["./local"]', "expected requirements like"),
        ('compat_pip = ["./local"]', "compat_pip: expected requirements like"),
        ('upstream = "oci:"', "upstream"),
    ],
)
def test_what_is_no_requirement_or_reference_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load(tmp_path, text)


def test_a_key_that_an_entry_does_not_have_leaves_its_digest() -> None:
    plain = Entry("a:1", "A")
    # the digest of the same entry before these keys existed
    assert definition([plain]) == "eca15c5cf13a823f47696907a9d726e65a014f4116d73dbf9ba37b1aa38f61fc"
    assert definition([plain]) != definition([replace(plain, pip=("idna",))])
    assert definition([plain]) != definition([replace(plain, compat_pip=("idna",))])
    assert definition([plain]) != definition([replace(plain, upstream="debian:13")])


def lock(*wheels: LockedWheel) -> Lock:
    package = LockedPackage("a", "amd64", "1", "0" * 64)
    return Lock(
        "e", "runtime", "amd64", "2026-12-01T00:00:00Z", (), (Step("e", (package,), "", wheels),)
    )


def test_a_lock_keeps_its_wheels() -> None:
    made = lock(WHEEL)
    assert parsed(written(made), "lock") == made
    assert made.wheels == (WHEEL,)
    assert b"wheels" not in written(lock())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"idna-3.11-py3-none-any.whl"', b'"../idna-3.11.whl"'),
        (b'"3.11"', b'"3.11 --hash"'),
        (b'"' + b"a" * 64, b'"' + b"b" * 63),
        (b'"idna"', b'"-r x"'),
    ],
)
def test_a_lock_with_another_wheel_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(ConfigError, match=r"steps\[0\]\.wheels\[0\]"):
        parsed(written(lock(WHEEL)).replace(old, new, 1), "lock")

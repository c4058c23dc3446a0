"""An image or a root must be of the distribution and release that its entry states."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from careen.catalog.entries import load_catalog
from careen.catalog.recipe import Recipe, recipe
from careen.catalog.release import other_release
from careen.errors import InputError
from careen.model.catalog.entry import Variant
from careen.model.packages.distribution import Distribution
from careen.pipeline.catalog.curate import require_same_release
from careen.pipeline.catalog.roots import require_release, sources_of


def wanted(name: str) -> Recipe:
    catalog = load_catalog(())
    return recipe(catalog, catalog.find(name), Variant.RUNTIME)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("debian:trixie", Distribution("debian", "13", "trixie")),
        ("ubuntu:24.04", Distribution("ubuntu", "24.04", "noble")),
        ("alpine:3.23", Distribution("alpine", "3.23.4")),
        ("ubi:9-micro", Distribution("rhel", "9.6")),
    ],
)
def test_an_image_of_the_entrys_release_is_taken(entry: str, found: Distribution) -> None:
    assert other_release(wanted(entry), found) == ""


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("debian:trixie", Distribution("debian", "12", "bookworm")),
        ("debian:trixie", Distribution("ubuntu", "13", "trixie")),
        ("debian:trixie", Distribution("alpine", "3.23.4")),
        ("debian:trixie", Distribution("debian")),
        ("debian:trixie", None),
        ("alpine:3.23", Distribution("alpine", "3.2.3")),
        ("ubi:9-micro", Distribution("rhel", "90.1")),
    ],
)
def test_an_image_of_another_release_is_refused(entry: str, found: Distribution | None) -> None:
    upstream: Any = SimpleNamespace(inventory=SimpleNamespace(distribution=found))
    with pytest.raises(InputError, match=rf"base {entry}: the image is of .*; name an image of"):
        require_same_release(wanted(entry), upstream)


def test_an_entry_without_a_release_takes_each_of_its_distribution() -> None:
    free = replace(wanted("debian:trixie"), release="")
    assert other_release(free, Distribution("debian", "12", "bookworm")) == ""


@pytest.mark.parametrize("found", [None, Distribution("alpine", "3.22.1"), Distribution("debian")])
def test_a_root_of_another_release_or_of_none_is_refused(found: Distribution | None) -> None:
    with pytest.raises(InputError, match=r"base alpine:3\.23: the sources are of .*--source"):
        require_release(wanted("alpine:3.23"), found)
    require_release(wanted("alpine:3.23"), Distribution("alpine", "3.23.0"))
    require_release(wanted("debian:trixie"), None)  # apt asks for the suite by its name


def test_an_entry_with_unproven_wheels_is_not_told_to_give_sources() -> None:
    with pytest.raises(InputError, match=r"never built: .*; name an index") as at:
        sources_of(wanted("vllm-cpu:debian-13"), (), None)
    assert "--source" not in str(at.value)
    with pytest.raises(InputError, match="give them with --source"):
        sources_of(wanted("alpine:3.23"), (), None)

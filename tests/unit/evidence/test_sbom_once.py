"""A component that equals one of another document is read once, and counts each time."""

import json
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.sbom import collect, read_cyclonedx
from careen.evidence.sbom.read import read_sbom
from careen.model.packages.package import Inventory


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_cyclonedx, "_KNOWN", {})


def component(name: str, **more: Any) -> dict[str, Any]:
    """Return a component that is a package."""
    return {"type": "library", "name": name, "purl": f"pkg:deb/debian/{name}@1", **more}


def read(*components: dict[str, Any]) -> Inventory:
    """Return the inventory of a document."""
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}
    return read_sbom(json.dumps(document).encode(), "x").inventory


def with_property(value: Any) -> dict[str, Any]:
    """Return a component whose record is a property."""
    return component("curl", properties=[{"name": "careen:record", "value": value}])


def test_two_documents_have_one_package_in_common() -> None:
    one, other = read(component("curl"), component("git")), read(component("curl"))
    assert other.packages["pkg:deb/debian/curl@1"] is one.packages["pkg:deb/debian/curl@1"]
    assert list(other.packages) == ["pkg:deb/debian/curl@1"]


def test_another_value_or_type_is_another_component() -> None:
    records = [
        read(with_property(value)).packages["pkg:deb/debian/curl@1"].record
        for value in ("/a", "/b", 1, True, "1", None)
    ]
    assert records == ["/a", "/b", "/", "/", "/1", "/"]


def test_one_that_cannot_be_used_is_told_each_time() -> None:
    bad = component("bad", purl="pkg:deb/debian/bad")
    assert [len(read(bad, bad).unknowns) for _ in range(2)] == [2, 2]


def test_a_package_in_two_places_is_two_in_each_document() -> None:
    for _ in range(2):
        assert len(read(with_property("/a"), with_property("/b")).packages) == 2


def test_the_distribution_that_packages_name_is_counted_each_time() -> None:
    named = component("curl", purl="pkg:deb/debian/curl@1?distro=debian-12")
    for _ in range(2):
        found = read(named).distribution
        assert found is not None
        assert found.version_id == "12"


def test_the_limit_on_paths_counts_those_of_a_known_component(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collect, "MAX_LISTED", 3)
    places = {"occurrences": [{"location": "/a"}, {"location": "/b"}]}
    curl = component("curl", evidence=places)
    assert len(read(curl).packages) == 1
    with pytest.raises(InputError, match="more than 3 files"):
        read(curl, curl)


def test_components_inside_a_known_one_are_read_each_time() -> None:
    for inner in ("a", "b"):
        assert set(read(component("curl", components=[component(inner)])).packages) == {
            "pkg:deb/debian/curl@1",
            f"pkg:deb/debian/{inner}@1",
        }


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_cyclonedx, "_MOST_KNOWN", 3)
    read(*(component(f"p{number}") for number in range(20)))
    read(component("large", description="x" * 5000))
    assert 0 < len(read_cyclonedx._KNOWN) <= 3
    assert not any(len(key) > 5000 for key in read_cyclonedx._KNOWN)

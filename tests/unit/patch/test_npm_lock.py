"""npm's lock files: one upgrade changes its own entries, and nothing else by a byte."""

import json
from typing import Any

import pytest

from careen.errors import ImageError
from careen.patch.npm.lock import Lock, has_install_script

BASE = "https://registry.example"


def entry(name: str, version: str, **more: Any) -> dict[str, Any]:
    base = name.rpartition("/")[2]
    return {
        "version": version,
        "resolved": f"{BASE}/{name}/-/{base}-{version}.tgz",
        "integrity": f"sha512-{name}{version}",
        **more,
    }


V3: dict[str, Any] = {
    "name": "app",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "app", "dependencies": {"a": "^1"}},
        "node_modules/a": entry("a", "1.0.0", dev=True, license="MIT"),
        "node_modules/a/node_modules/c": entry("c", "1.0.0"),
        "node_modules/d": entry("d", "1.0.0"),
    },
}
V1: dict[str, Any] = {
    "name": "app",
    "lockfileVersion": 1,
    "dependencies": {
        "a": {
            **entry("a", "1.0.0", dev=True),
            "requires": {"c": "^1"},
            "dependencies": {"c": entry("c", "1.0.0")},
        },
        "d": entry("d", "1.0.0"),
    },
}


def lock(document: dict[str, Any], *, indent: str | None = "  ", end: str = "\n") -> Lock:
    text = json.dumps(
        document, indent=indent, separators=None if indent else (",", ":"), ensure_ascii=False
    )
    return Lock((text + "\n").replace("\n", end).encode(), "package-lock.json")


def document(found: Lock) -> dict[str, Any]:
    return dict(json.loads(found.dump()))


def raise_a(found: Lock, **manifest: Any) -> None:
    found.put(
        "node_modules/a",
        {"name": "a", "version": "1.1.0", **manifest},
        f"{BASE}/a/-/a-1.1.0.tgz",
        "sha512-new",
    )


@pytest.mark.parametrize("indent", [None, " ", "  ", "    ", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_that_is_not_changed_keeps_its_bytes(indent: str | None, end: str) -> None:
    text = json.dumps(V3, indent=indent, separators=None if indent else (",", ":"))
    data = (text + "\n").replace("\n", end if indent else "\n").encode()
    assert Lock(data, "x").dump() == data
    assert Lock(data.rstrip(), "x").dump() == data.rstrip()


def test_other_scripts_stay_unescaped() -> None:
    data = '{\n  "name": "日本",\n  "description": "caf\\u00e9"\n}\n'.encode()
    assert Lock(data, "x").dump().decode() == data.decode().replace("\\u00e9", "é")


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_lock_file_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"package-lock\.json"):
        Lock(data, "package-lock.json")


def test_an_entry_is_replaced_and_keeps_its_flags() -> None:
    found = lock(V3)
    raise_a(found, license={"type": "ISC"}, dependencies={"z": "1", "b": "2"})
    after = document(found)
    assert after["packages"]["node_modules/a"] == {
        "version": "1.1.0",
        "resolved": f"{BASE}/a/-/a-1.1.0.tgz",
        "integrity": "sha512-new",
        "dev": True,
        "license": "ISC",
        "dependencies": {"b": "2", "z": "1"},
    }
    assert list(after["packages"]) == list(V3["packages"])
    assert {key: value for key, value in after.items() if key != "packages"} == {
        key: value for key, value in V3.items() if key != "packages"
    }
    assert found.version("node_modules/a") == "1.1.0"


def test_a_new_place_is_sorted_in_and_takes_the_flags_of_the_package_around_it() -> None:
    found = lock(V3)
    found.put(
        "node_modules/a/node_modules/b",
        {"name": "b", "version": "2.0.0"},
        f"{BASE}/b/-/b-2.0.0.tgz",
        "sha512-b",
    )
    after = document(found)["packages"]
    assert list(after) == [
        "",
        "node_modules/a",
        "node_modules/a/node_modules/b",
        "node_modules/a/node_modules/c",
        "node_modules/d",
    ]
    assert after["node_modules/a/node_modules/b"]["dev"] is True


def test_fields_are_written_in_npm_s_form() -> None:
    found = lock(V3)
    raise_a(
        found,
        bin="cli.js",
        funding="https://example.org",
        dependencies={"x": "1", "y": "1"},
        optionalDependencies={"y": "1"},
        scripts={"install": "node-gyp rebuild"},
    )
    after = document(found)["packages"]["node_modules/a"]
    assert after["bin"] == {"a": "cli.js"}
    assert after["funding"] == {"url": "https://example.org"}
    assert after["dependencies"] == {"x": "1"}
    assert after["optionalDependencies"] == {"y": "1"}
    assert after["hasInstallScript"] is True


@pytest.mark.parametrize(
    ("manifest", "runs"),
    [
        ({}, False),
        ({"scripts": {"test": "x"}}, False),
        ({"scripts": "install"}, False),
        ({"scripts": {"postinstall": "x"}}, True),
        ({"hasInstallScript": True}, True),
        ({"hasInstallScript": "yes"}, False),
    ],
)
def test_install_scripts_are_recognised(manifest: dict[str, Any], runs: bool) -> None:
    assert has_install_script(manifest) is runs


def test_the_registry_of_the_file_stays() -> None:
    """Careen may ask a mirror, whose address must not get into the file."""
    found = lock(V3)
    found.put(
        "node_modules/a",
        {"name": "a", "version": "1.1.0"},
        "https://mirror.example/cache/a/-/a-1.1.0.tgz",
        "sha512-new",
    )
    assert document(found)["packages"]["node_modules/a"]["resolved"] == f"{BASE}/a/-/a-1.1.0.tgz"


def test_a_file_without_addresses_gets_none() -> None:
    bare = {key: value for key, value in entry("a", "1.0.0").items() if key != "resolved"}
    found = lock({**V3, "packages": {"node_modules/a": bare}})
    raise_a(found)
    assert "resolved" not in document(found)["packages"]["node_modules/a"]


def test_a_package_under_another_name_keeps_both_names() -> None:
    alias = {**entry("real", "1.0.0"), "name": "real"}
    found = lock({**V3, "packages": {"node_modules/alias": alias}})
    found.put(
        "node_modules/alias",
        {"name": "real", "version": "1.1.0"},
        f"{BASE}/real/-/real-1.1.0.tgz",
        "sha512-new",
    )
    after = document(found)["packages"]["node_modules/alias"]
    assert after["name"] == "real"
    assert after["resolved"] == f"{BASE}/real/-/real-1.1.0.tgz"


def test_nested_dependencies_of_version_1_are_replaced_in_place() -> None:
    found = lock(V1)
    assert found.holds("node_modules/a/node_modules/c")
    assert found.version("node_modules/a/node_modules/c") == "1.0.0"
    raise_a(found, dependencies={"c": "^1"}, optionalDependencies={"o": "1"})
    after = document(found)["dependencies"]["a"]
    assert after == {
        "version": "1.1.0",
        "resolved": f"{BASE}/a/-/a-1.1.0.tgz",
        "integrity": "sha512-new",
        "dev": True,
        "requires": {"c": "^1", "o": "1"},
        "dependencies": V1["dependencies"]["a"]["dependencies"],
    }


def test_a_new_place_in_version_1_makes_the_level_that_it_needs() -> None:
    found = lock(V1)
    found.put(
        "node_modules/d/node_modules/b",
        {"name": "b", "version": "2.0.0"},
        f"{BASE}/b/-/b-2.0.0.tgz",
        "sha512-b",
    )
    assert document(found)["dependencies"]["d"]["dependencies"] == {
        "b": {
            "version": "2.0.0",
            "resolved": f"{BASE}/b/-/b-2.0.0.tgz",
            "integrity": "sha512-b",
        }
    }


def test_version_2_has_both_forms_and_both_change() -> None:
    found = lock({**V3, "lockfileVersion": 2, "dependencies": V1["dependencies"]})
    raise_a(found)
    after = document(found)
    assert after["packages"]["node_modules/a"]["version"] == "1.1.0"
    assert after["dependencies"]["a"]["version"] == "1.1.0"


def test_an_entry_is_dropped_with_the_level_that_it_leaves_empty() -> None:
    found = lock({**V3, "lockfileVersion": 2, "dependencies": V1["dependencies"]})
    found.drop("node_modules/a/node_modules/c")
    found.drop("node_modules/d")
    found.drop("node_modules/never")
    after = document(found)
    assert list(after["packages"]) == ["", "node_modules/a"]
    assert list(after["dependencies"]) == ["a"]
    assert "dependencies" not in after["dependencies"]["a"]
    assert not found.holds("node_modules/d")


def test_the_last_entry_leaves_an_empty_list() -> None:
    found = lock({**V1, "dependencies": {"d": entry("d", "1.0.0")}})
    found.drop("node_modules/d")
    assert document(found)["dependencies"] == {}


def test_what_an_archive_brings_takes_the_place_of_what_was_below() -> None:
    found = lock(V3)
    found.bundle(
        "node_modules/a",
        {"node_modules/e": {"name": "e", "version": "5.0.0", "license": "MIT"}},
    )
    after = document(found)["packages"]
    assert "node_modules/a/node_modules/c" not in after
    assert after["node_modules/a/node_modules/e"] == {
        "version": "5.0.0",
        "dev": True,
        "inBundle": True,
        "license": "MIT",
    }


HOSTILE: list[dict[str, Any]] = [
    {},
    {"packages": []},
    {"packages": {"node_modules/a": 7}},
    {"packages": {"node_modules/a": {"version": ["1"], "resolved": 3, "name": {}}}},
    {"lockfileVersion": 1, "dependencies": {"a": []}},
    {"lockfileVersion": 1, "dependencies": {"a": {"dependencies": 3}}},
    {"lockfileVersion": "1", "dependencies": {"a": {}}},
]


@pytest.mark.parametrize("stated", HOSTILE)
def test_values_of_other_types_end_in_no_error(stated: dict[str, Any]) -> None:
    found = lock(stated)
    for place in ("", "node_modules/a", "node_modules/a/node_modules/b", "a", "node_modules/"):
        found.holds(place)
        assert isinstance(found.version(place), str)
    raise_a(found, dependencies=[], bin=[3], license=5)
    found.bundle("node_modules/a", {"node_modules/b": {}})
    found.drop("node_modules/a")
    json.loads(found.dump())

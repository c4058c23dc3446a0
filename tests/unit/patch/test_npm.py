"""Node packages in their places: what is upgraded, what else goes along or away, what is left alone
and why, and that lock files stay true.
"""

import base64
import hashlib
import io
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from careen.errors import ToolError
from careen.model.patching import Blocked, BlockReason
from careen.model.paths import ImagePath
from careen.patch.guard import apply_policy
from careen.patch.policy import Policy, PolicyRule
from careen.patch.port import Proposal
from tests.support.npm_project import Try
from tests.support.npm_registry import NpmPackages
from tests.support.trees import Exec, Link

FIX: Mapping[str, tuple[str, ...]] = {"CVE-1": ("1.2.3",)}
OTHER = "https://registry.example.org"


def package_json(name: str, version: str, **stated: Any) -> str:
    return json.dumps({"name": name, "version": version, **stated})


def app(**stated: Any) -> str:
    return package_json("app", "1.0.0", **stated)


def lock(packages: Mapping[str, Mapping[str, Any]], **stated: Any) -> str:
    return (
        json.dumps(
            {
                "name": "app",
                "version": "1.0.0",
                "lockfileVersion": 3,
                "requires": True,
                "packages": packages,
                **stated,
            },
            indent=2,
        )
        + "\n"
    )


def integrity(data: bytes) -> str:
    return f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"


def simple(tmp_path: Path, wanted: str = "^1.0.0", **choices: Any) -> Try:
    packages = NpmPackages()
    packages.add("lib", "1.2.3")
    packages.add("lib", "1.2.4", bin={"lib": "cli.js"}, files={"cli.js": b"#!/usr/bin/env node\n"})
    packages.add("lib", "2.0.0")
    old = {
        "version": "1.0.0",
        "resolved": f"{OTHER}/lib/-/lib-1.0.0.tgz",
        "integrity": "sha512-old",
        "license": "MIT",
    }
    files: dict[str, bytes | str | Link | None] = {
        "/app/package.json": app(dependencies={"lib": wanted}),
        "/app/package-lock.json": lock(
            {"": {"name": "app", "dependencies": {"lib": wanted}}, "node_modules/lib": old}
        ),
        "/app/node_modules/.package-lock.json": lock({"node_modules/lib": old}),
        "/app/node_modules/lib/package.json": package_json("lib", "1.0.0", bin={"old": "old.js"}),
        "/app/node_modules/lib/index.js": "old",
        "/app/node_modules/lib/gone.js": "old",
        "/app/node_modules/.bin/old": Link("../lib/old.js"),
        "/app/server.js": "require('lib')",
    }
    return Try(files, packages, tmp_path, **choices)


def test_a_package_its_commands_and_its_lock_entries_change_and_nothing_else(
    tmp_path: Path,
) -> None:
    run = simple(tmp_path)
    (upgrade,), applied, after = run.patch({"lib": FIX})
    assert (upgrade.installed, upgrade.target, upgrade.closes, upgrade.manager) == (
        "1.0.0",
        "1.2.4",
        ("CVE-1",),
        "npm /app",
    )
    assert json.loads(after["/app/node_modules/lib/package.json"])["version"] == "1.2.4"
    assert after["/app/node_modules/lib/index.js"] == "module.exports='1.2.4'\n"
    assert "/app/node_modules/lib/gone.js" not in after
    assert "/app/node_modules/.bin/old" not in after
    assert after["/app/node_modules/.bin/lib"] == "../lib/cli.js"
    assert (
        next(
            item.entry.mode
            for item in applied.placed
            if item.entry.path == "/app/node_modules/lib/cli.js"
        )
        == 0o755
    )
    fresh: dict[str, Any] = {
        "version": "1.2.4",
        "resolved": f"{OTHER}/lib/-/lib-1.2.4.tgz",
        "integrity": integrity(run.npm.packages.archives["lib"]["1.2.4"]),
        "license": "MIT",
        "bin": {"lib": "cli.js"},
    }
    wanted: dict[str, dict[str, Any]] = {
        "": {"name": "app", "dependencies": {"lib": "^1.0.0"}},
        "node_modules/lib": fresh,
    }
    assert after["/app/package-lock.json"] == lock(wanted)  # the order and the form of npm's own
    assert after["/app/node_modules/.package-lock.json"] == lock({"node_modules/lib": fresh})
    assert after["/app/package.json"] == app(dependencies={"lib": "^1.0.0"})
    assert applied.versions == {"npm /app:lib": "1.2.4"}
    assert (tmp_path / "npm/settings/.npmrc").read_bytes() == b""  # it may have held credentials


@pytest.mark.parametrize(
    ("wanted", "fixes", "barrier", "detail"),
    [
        (
            "1.0.0",
            ("1.2.3",),
            BlockReason.PINNED,
            "1.2.4 is not allowed: app@1.0.0 depends on lib 1.0.0",
        ),
        (
            "*",
            ("2.0.0",),
            BlockReason.MAJOR,
            "fixed in 2.0.0; on offer is 2.0.0, another major version than 1.0.0",
        ),
        ("*", ("3.0.0",), BlockReason.UNAVAILABLE, "fixed in 3.0.0; the newest on offer is 2.0.0"),
    ],
)
def test_what_blocks_a_fix_is_named(
    tmp_path: Path, wanted: str, fixes: tuple[str, ...], barrier: BlockReason, detail: str
) -> None:
    upgrades, (blocked,), _ = simple(tmp_path, wanted).propose({"lib": {"CVE-1": fixes}})
    assert (upgrades, blocked.barrier, blocked.detail, blocked.findings) == (
        [],
        barrier,
        detail,
        ("CVE-1",),
    )


def test_a_dependency_that_is_left_out_of_the_image_keeps_its_word_in_the_lock(
    tmp_path: Path,
) -> None:
    packages = NpmPackages()
    packages.add("lib", "1.2.3")
    stated: dict[str, dict[str, Any]] = {
        "": {"name": "app"},
        "node_modules/lib": {"version": "1.0.0"},
        "node_modules/tester": {"version": "5.0.0", "dev": True, "dependencies": {"lib": "~1.0.0"}},
    }
    files = {
        "/app/package.json": app(dependencies={"lib": "^1.0.0"}, devDependencies={"tester": "5"}),
        "/app/package-lock.json": lock(stated),
        "/app/node_modules/lib/package.json": package_json("lib", "1.0.0"),
    }
    _, (blocked,), _ = Try(files, packages, tmp_path).propose({"lib": FIX})
    assert (blocked.barrier, blocked.detail) == (
        BlockReason.PINNED,
        "1.2.3 is not allowed: tester@5.0.0 depends on lib ~1.0.0",
    )


def test_a_nested_copy_goes_its_own_way_and_what_it_newly_needs_is_placed_beside_it(
    tmp_path: Path,
) -> None:
    packages = NpmPackages()
    for version in ("1.2.3", "2.0.1"):
        packages.add("lib", version, dependencies={"dep": "^2.0.0"})
    packages.add("dep", "2.5.0", dependencies={"leaf": "^1.0.0"})
    files = {
        "/app/package.json": app(
            dependencies={"lib": "^2.0.0", "user": "1.0.0", "dep": "^1.0.0", "leaf": "^1.0.0"}
        ),
        "/app/node_modules/lib/package.json": package_json("lib", "2.0.0"),
        "/app/node_modules/dep/package.json": package_json("dep", "1.0.0"),
        "/app/node_modules/leaf/package.json": package_json("leaf", "1.1.0"),
        "/app/node_modules/user/package.json": package_json(
            "user", "1.0.0", dependencies={"lib": "^1.0.0"}
        ),
        "/app/node_modules/user/node_modules/lib/package.json": package_json("lib", "1.0.0"),
    }
    upgrades, _, after = Try(files, packages, tmp_path).patch(
        {"lib": {"CVE-1": ("1.2.3", "2.0.1")}}
    )
    assert sorted((each.name, each.installed, each.target) for each in upgrades) == [
        ("dep", "", "2.5.0"),
        ("dep", "", "2.5.0"),
        ("lib", "1.0.0", "1.2.3"),
        ("lib", "2.0.0", "2.0.1"),
    ]
    assert (
        json.loads(after["/app/node_modules/user/node_modules/lib/package.json"])["version"]
        == "1.2.3"
    )
    assert (
        json.loads(after["/app/node_modules/user/node_modules/dep/package.json"])["version"]
        == "2.5.0"
    )
    assert json.loads(after["/app/node_modules/dep/package.json"])["version"] == "1.0.0"
    assert not any("leaf" in each.name for each in upgrades)


def test_what_nobody_asks_for_any_more_goes(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("lib", "1.2.3")
    places = {
        "node_modules/lib": {"version": "1.0.0"},
        "node_modules/limiter": {"version": "1.0.1"},
    }
    files = {
        "/app/package.json": app(dependencies={"lib": "^1.0.0"}),
        "/app/package-lock.json": lock(places),
        "/app/node_modules/lib/package.json": package_json(
            "lib", "1.0.0", dependencies={"limiter": "1"}
        ),
        "/app/node_modules/limiter/package.json": package_json("limiter", "1.0.1"),
        "/app/node_modules/limiter/index.js": "x",
    }
    upgrades, applied, after = Try(files, packages, tmp_path).patch(
        {"lib": FIX, "limiter": {"CVE-9": ("2.0.0",)}}
    )
    assert applied.removed == ("/app/node_modules/limiter",)
    assert [*json.loads(after["/app/package-lock.json"])["packages"]] == ["node_modules/lib"]
    assert [(each.name, each.target, each.closes) for each in upgrades] == [
        ("lib", "1.2.3", ("CVE-1",)),
        ("limiter", "gone", ("CVE-9",)),
    ]
    assert len({each.group for each in upgrades}) == 1


def test_what_comes_in_a_package_s_own_archive_is_upgraded_with_it(tmp_path: Path) -> None:
    packages = NpmPackages()
    tar = package_json("tar", "6.2.1").encode()
    packages.add(
        "npm",
        "10.9.0",
        {"node_modules/tar/package.json": tar},
        bundleDependencies=["tar"],
        dependencies={"tar": "^6.0.0"},
    )
    packages.add(
        "npm", "11.0.0", {"node_modules/tar/package.json": tar}, bundleDependencies=["tar"]
    )
    files = {
        "/usr/local/lib/node_modules/npm/package.json": package_json(
            "npm", "10.2.0", bundleDependencies=["tar"], dependencies={"tar": "^6.0.0"}
        ),
        "/usr/local/lib/node_modules/npm/node_modules/tar/package.json": package_json(
            "tar", "6.2.0"
        ),
        "/usr/local/lib/node_modules/npm/node_modules/old/package.json": package_json(
            "old", "1.0.0"
        ),
        "/usr/local/bin/npm": Link("../lib/node_modules/npm/bin/npm-cli.js"),
    }
    upgrades, _, after = Try(files, packages, tmp_path).patch({"tar": {"CVE-1": ("6.2.1",)}})
    assert [(each.name, each.target, each.closes) for each in upgrades] == [
        ("npm", "10.9.0", ()),
        ("tar", "6.2.1", ("CVE-1",)),
    ]
    assert (
        json.loads(after["/usr/local/lib/node_modules/npm/node_modules/tar/package.json"])[
            "version"
        ]
        == "6.2.1"
    )
    assert "/usr/local/lib/node_modules/npm/node_modules/old/package.json" not in after


@pytest.mark.parametrize(("bundled", "target"), [(("lib",), "1.2.3"), ((), "gone")])
def test_what_a_newer_version_brings_in_its_archive_is_upgraded_with_it(
    tmp_path: Path, bundled: tuple[str, ...], target: str
) -> None:
    packages = NpmPackages()
    packages.add(
        "a",
        "1.2.3",
        {
            f"node_modules/{name}/package.json": package_json(name, "1.2.3").encode()
            for name in ("other", *bundled)
        },
        bundleDependencies=["other", *bundled],
        dependencies=dict.fromkeys(("other", *bundled), "^1.0.0"),
    )
    files = {
        "/app/package.json": app(dependencies={"a": "^1.0.0"}),
        "/app/node_modules/a/package.json": package_json(
            "a", "1.0.0", dependencies={"lib": "^1.0.0"}
        ),
        "/app/node_modules/a/node_modules/lib/package.json": package_json("lib", "1.0.0"),
    }
    upgrades, _, after = Try(files, packages, tmp_path).patch({"a": FIX, "lib": FIX})
    assert [(each.name, each.target, each.closes) for each in upgrades] == [
        ("a", "1.2.3", ("CVE-1",)),
        ("lib", target, ("CVE-1",)),
    ]
    assert len({each.group for each in upgrades}) == 1
    inner = after.get("/app/node_modules/a/node_modules/lib/package.json")
    assert (json.loads(inner)["version"] if inner else "gone") == target


def test_a_bundle_that_another_upgrade_removes_takes_what_is_in_it_along(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("user", "1.2.3")
    files = {
        "/app/package.json": app(dependencies={"user": "^1.0.0"}),
        "/app/node_modules/user/package.json": package_json(
            "user", "1.0.0", dependencies={"bundle": "1.0.0"}
        ),
        "/app/node_modules/bundle/package.json": package_json(
            "bundle", "1.0.0", bundleDependencies=["lib"], dependencies={"lib": "1.0.0"}
        ),
        "/app/node_modules/bundle/node_modules/lib/package.json": package_json("lib", "1.0.0"),
    }
    upgrades, blocked, _ = Try(files, packages, tmp_path).propose({"user": FIX, "lib": FIX})
    assert blocked == []
    assert [(each.name, each.target, each.closes) for each in upgrades] == [
        ("lib", "gone", ("CVE-1",)),
        ("user", "1.2.3", ("CVE-1",)),
    ]


def test_a_bundle_that_another_upgrade_needs_newer_is_credited_with_what_it_closes(
    tmp_path: Path,
) -> None:
    packages = NpmPackages()
    packages.add("a", "1.2.3", dependencies={"bundle": "2.0.0"})
    packages.add(
        "bundle",
        "2.0.0",
        {"node_modules/lib/package.json": package_json("lib", "1.2.3").encode()},
        bundleDependencies=["lib"],
        dependencies={"lib": "1.2.3"},
    )
    files = {
        "/app/package.json": app(dependencies={"a": "^1.0.0"}),
        "/app/node_modules/a/package.json": package_json(
            "a", "1.0.0", dependencies={"bundle": "1.0.0"}
        ),
        "/app/node_modules/bundle/package.json": package_json(
            "bundle", "1.0.0", bundleDependencies=["lib"], dependencies={"lib": "1.0.0"}
        ),
        "/app/node_modules/bundle/node_modules/lib/package.json": package_json("lib", "1.0.0"),
    }
    run = Try(files, packages, tmp_path, allow_major=True)
    upgrades, blocked, _ = run.propose({"a": FIX, "lib": FIX})
    assert blocked == []
    assert {each.name: (each.target, each.closes) for each in upgrades} == {
        "a": ("1.2.3", ("CVE-1",)),
        "bundle": ("2.0.0", ()),
        "lib": ("1.2.3", ("CVE-1",)),
    }


def test_upgrades_that_hold_only_together_are_one_group(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("core", "1.2.3")
    packages.add("plugin", "1.2.3", dependencies={"core": "^1.2.0"})
    files = {
        "/app/package.json": app(dependencies={"core": "^1.0.0", "plugin": "^1.0.0"}),
        "/app/node_modules/core/package.json": package_json("core", "1.0.0"),
        "/app/node_modules/plugin/package.json": package_json(
            "plugin", "1.0.0", dependencies={"core": "^1.0.0"}
        ),
    }
    upgrades, _, _ = Try(files, packages, tmp_path).propose({"core": FIX, "plugin": FIX})
    assert [each.target for each in upgrades] == ["1.2.3", "1.2.3"]
    assert len({each.group for each in upgrades}) == 1


def test_what_is_pinned_is_free_once_what_pins_it_is_upgraded(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("lib", "1.2.3")
    packages.add("user", "1.2.3", dependencies={"lib": "1.2.3"})
    files = {
        "/app/package.json": app(dependencies={"user": "^1.0.0"}),
        "/app/node_modules/lib/package.json": package_json("lib", "1.0.0"),
        "/app/node_modules/user/package.json": package_json(
            "user", "1.0.0", dependencies={"lib": "1.0.0"}
        ),
    }
    upgrades, _, after = Try(files, packages, tmp_path).patch({"lib": FIX, "user": FIX})
    assert [(each.name, each.installed, each.target, each.closes) for each in upgrades] == [
        ("lib", "1.0.0", "1.2.3", ("CVE-1",)),
        ("user", "1.0.0", "1.2.3", ("CVE-1",)),
    ]
    assert len({each.group for each in upgrades}) == 1
    assert sorted(path for path in after if "lib/package.json" in path) == [
        "/app/node_modules/lib/package.json"
    ]


def pinned(
    *, lib: str, between: bool = False, newer: bool = True
) -> tuple[Mapping[str, bytes | str | Link | None], NpmPackages]:
    """A package with a finding, and one without that pins it and whose newer version has another
    range; `between`: that one is pinned, too.
    """
    packages = NpmPackages()
    packages.add("lib", "1.2.3")
    packages.add("lib", "1.2.9")
    if newer:
        packages.add("user", "1.1.0", dependencies={"lib": "1.0.0"})
        packages.add("user", "1.2.0", dependencies={"lib": lib})
        packages.add("user", "1.9.0", dependencies={"lib": lib})
    packages.add("top", "1.5.0", dependencies={"user": "1.2.0"})
    above: dict[str, bytes | str | Link | None] = {}
    if between:
        above = {
            "/app/node_modules/top/package.json": package_json(
                "top", "1.0.0", dependencies={"user": "1.0.0"}
            )
        }
    return {
        "/app/package.json": app(dependencies={"top" if between else "user": "^1.0.0"}),
        "/app/node_modules/lib/package.json": package_json("lib", "1.0.0"),
        "/app/node_modules/user/package.json": package_json(
            "user", "1.0.0", dependencies={"lib": "1.0.0"}
        ),
        **above,
    }, packages


@pytest.mark.parametrize(
    ("lib", "between", "expected"),
    [
        ("1.2.3", False, {"lib": "1.2.3", "user": "1.2.0"}),  # its one version comes along
        (
            "^1.0.0",
            False,
            {"lib": "1.2.9", "user": "1.2.0"},
        ),  # the old one would still do: it is upgraded besides
        ("1.2.3", True, {"lib": "1.2.3", "user": "1.2.0", "top": "1.5.0"}),
    ],
)
def test_what_pins_another_is_upgraded_as_little_as_frees_it(
    tmp_path: Path, lib: str, between: bool, expected: dict[str, str]
) -> None:
    files, packages = pinned(lib=lib, between=between)
    upgrades, _, after = Try(files, packages, tmp_path).patch({"lib": FIX})
    assert {each.name: each.target for each in upgrades} == expected
    assert [each.closes for each in upgrades if each.name == "lib"] == [("CVE-1",)]
    assert len({each.group for each in upgrades}) == 1
    found = {
        path.split("/")[-2]: json.loads(text)["version"]
        for path, text in after.items()
        if "node_modules" in path and path.endswith("package.json")
    }
    assert found == expected


@pytest.mark.parametrize(("lib", "newer"), [("1.0.0", True), ("1.2.3", False)])
def test_a_pin_without_a_version_that_frees_it_stays(tmp_path: Path, lib: str, newer: bool) -> None:
    files, packages = pinned(lib=lib, newer=newer)
    if not newer:
        packages.add("user", "2.0.0", dependencies={"lib": "1.2.3"})
    upgrades, (blocked,), _ = Try(files, packages, tmp_path).propose({"lib": FIX})
    assert upgrades == []
    assert (blocked.barrier, blocked.detail) == (
        BlockReason.PINNED,
        "1.2.9 is not allowed: user@1.0.0 depends on lib 1.0.0",
    )


def ruled(name: str, **said: Any) -> Policy:
    return Policy((PolicyRule((f"npm:{name}",), "as the team wishes", "policy.toml:1", **said),))


def planned_within(
    there: Try, fixes: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> tuple[dict[str, str], list[Blocked]]:
    """Return what is planned, which the guard must have nothing against, and what stays."""
    upgrades, blocked, _ = there.propose(fixes)
    proposal = Proposal(tuple(upgrades), tuple(blocked))
    assert (
        apply_policy(proposal, there.inventory, there.ground.choices, there.ground.policy)
        == proposal
    )
    return {each.name: each.target for each in upgrades}, blocked


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("!=1.2.0", {"lib": "1.2.9", "user": "1.9.0"}), ("<1.2", {})],
)
def test_a_limit_on_what_is_raised_is_heeded_in_choosing(
    tmp_path: Path, limit: str, expected: dict[str, str]
) -> None:
    files, packages = pinned(lib="^1.0.0")
    planned, blocked = planned_within(
        Try(files, packages, tmp_path, policy=ruled("user", limit=limit)), {"lib": FIX}
    )
    assert planned == expected
    assert [each.barrier for each in blocked] == ([] if expected else [BlockReason.PINNED])


def test_what_is_needed_in_place_goes_no_further_than_its_limit(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("lib", "1.2.3", dependencies={"part": "^1.1.0"})
    packages.add("part", "1.1.0")
    packages.add("part", "1.9.0")
    files = {
        "/app/package.json": app(dependencies={"lib": "^1.0.0"}),
        "/app/node_modules/lib/package.json": package_json(
            "lib", "1.0.0", dependencies={"part": "^1.0.0"}
        ),
        "/app/node_modules/part/package.json": package_json("part", "1.0.0"),
    }
    there = Try(files, packages, tmp_path, policy=ruled("part", limit="<1.9"))
    assert planned_within(there, {"lib": FIX})[0] == {"lib": "1.2.3", "part": "1.1.0"}
    fixed = {"lib": {"CVE-1": ("1.0.1",)}}
    packages.add("lib", "1.1.9")
    planned, _ = planned_within(Try(files, packages, tmp_path, exclude=("part",)), fixed)
    assert (
        planned == {}
    )  # the newest of the line that closes the most would change, or remove, what is to stay


def test_what_is_to_stay_costs_no_version_that_does_without_it(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("lib", "1.2.3", dependencies={"part": "^1.0.0"})
    packages.add("lib", "1.2.4", dependencies={"part": "^1.1.0"})
    packages.add("lib", "1.2.5")
    packages.add("part", "1.1.0")
    files = {
        "/app/package.json": app(dependencies={"lib": "^1.0.0"}),
        "/app/node_modules/lib/package.json": package_json(
            "lib", "1.0.0", dependencies={"part": "^1.0.0"}
        ),
        "/app/node_modules/part/package.json": package_json("part", "1.0.0"),
    }
    planned, blocked = planned_within(
        Try(files, packages, tmp_path, exclude=("part",)), {"lib": FIX}
    )
    assert planned == {"lib": "1.2.3"}
    assert blocked == []


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (ruled("npm", limit="<10.9"), {"npm": "10.8.0", "tar": "6.2.1"}),
        (ruled("npm", hold=True), {}),
    ],
)
def test_the_user_s_word_on_what_brings_others_is_heeded_in_choosing(
    tmp_path: Path, policy: Policy, expected: dict[str, str]
) -> None:
    packages = NpmPackages()
    stated: dict[str, Any] = {"bundleDependencies": ["tar"], "dependencies": {"tar": "^6.0.0"}}
    for version in ("10.8.0", "10.9.0"):
        packages.add(
            "npm",
            version,
            {"node_modules/tar/package.json": package_json("tar", "6.2.1").encode()},
            **stated,
        )
    files = {
        "/usr/local/lib/node_modules/npm/package.json": package_json("npm", "10.2.0", **stated),
        "/usr/local/lib/node_modules/npm/node_modules/tar/package.json": package_json(
            "tar", "6.2.0"
        ),
    }
    planned, blocked = planned_within(
        Try(files, packages, tmp_path, policy=policy), {"tar": {"CVE-1": ("6.2.1",)}}
    )
    assert planned == expected
    assert [each.barrier for each in blocked] == ([] if expected else [BlockReason.EXCLUDED])


def test_packages_are_asked_for_side_by_side(tmp_path: Path) -> None:
    packages = NpmPackages()
    names = [f"lib{number}" for number in range(4)]
    for name in names:
        packages.add(name, "1.2.3")
    files = {
        f"/app/node_modules/{name}/package.json": package_json(name, "1.0.0") for name in names
    }
    there = Try(
        {"/app/package.json": app(dependencies=dict.fromkeys(names, "^1.0.0")), **files},
        packages,
        tmp_path,
    )
    together = threading.Barrier(len(names), timeout=20)
    there.npm.viewing = together.wait  # each waits for all the others
    upgrades, blocked, _ = there.propose(dict.fromkeys(names, FIX))
    assert [each.target for each in upgrades] == ["1.2.3"] * len(names)
    assert blocked == []
    assert len([argv for argv in there.npm.asked if "view" in argv]) == len(names)


def test_what_is_free_by_another_upgrade_s_wider_range_is_applied_after_it(tmp_path: Path) -> None:
    files, packages = pinned(lib="^1.0.0")
    _, _, after = Try(files, packages, tmp_path).patch({"lib": FIX, "user": {"CVE-2": ("1.2.0",)}})
    assert json.loads(after["/app/node_modules/lib/package.json"])["version"] == "1.2.9"


@pytest.mark.parametrize("allow_major", [False, True])
def test_a_bundle_goes_to_the_newest_that_the_image_s_node_runs(
    tmp_path: Path, allow_major: bool
) -> None:
    packages = NpmPackages()
    tar = package_json("tar", "6.2.1").encode()
    stated: dict[str, Any] = {"bundleDependencies": ["tar"], "dependencies": {"tar": "^6.0.0"}}
    for version, node_version in (
        ("10.2.9", ">=18"),
        ("10.9.0", ">=18"),
        ("11.0.0", ">=22"),
        ("12.0.0", ">=22"),
    ):
        old = package_json("tar", "6.2.0").encode()
        packages.add(
            "npm",
            version,
            {"node_modules/tar/package.json": old if version == "10.2.9" else tar},
            engines={"node": node_version},
            **stated,
        )
    files = {
        "/usr/local/lib/node_modules/npm/package.json": package_json("npm", "10.2.0", **stated),
        "/usr/local/lib/node_modules/npm/node_modules/tar/package.json": package_json(
            "tar", "6.2.0"
        ),
    }
    upgrades, _, _ = Try(files, packages, tmp_path, allow_major=allow_major).propose(
        {"tar": {"CVE-1": ("6.2.1",)}}
    )
    assert [(each.name, each.target) for each in upgrades] == [("npm", "10.9.0"), ("tar", "6.2.1")]


def test_many_versions_for_a_newer_node_hide_no_older_one(tmp_path: Path) -> None:
    run = simple(tmp_path)
    for last in range(10, 30):
        run.npm.packages.add("lib", f"1.2.{last}", engines={"node": ">=22"})
    (upgrade,), _, _ = run.propose({"lib": FIX})
    assert upgrade.target == "1.2.4"


def test_copies_that_are_not_needed_in_the_end_are_not_made(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("web", "1.2.3", dependencies={"body": "2.0.0", "errors": "2.0.0"})
    packages.add("body", "2.0.0", dependencies={"errors": "2.0.0"})
    packages.add("errors", "2.0.0")
    old = {"errors": "1.0.0"}
    files = {
        "/app/package.json": app(dependencies={"web": "^1.0.0"}),
        "/app/node_modules/web/package.json": package_json(
            "web", "1.0.0", dependencies={"body": "1.0.0", **old}
        ),
        "/app/node_modules/body/package.json": package_json("body", "1.0.0", dependencies=old),
        "/app/node_modules/errors/package.json": package_json("errors", "1.0.0"),
    }
    upgrades, _, after = Try(files, packages, tmp_path, allow_major=True).patch({"web": FIX})
    assert [(each.name, each.installed, each.target) for each in upgrades] == [
        ("body", "1.0.0", "2.0.0"),
        ("errors", "1.0.0", "2.0.0"),
        ("web", "1.0.0", "1.2.3"),
    ]
    assert [path for path in after if "errors/package.json" in path] == [
        "/app/node_modules/errors/package.json"
    ]


def family(*, other: str) -> tuple[Mapping[str, bytes | str | Link | None], NpmPackages]:
    """A framework whose parts share others, and all pin each other; `other` is what a stranger
    needs of what is shared.
    """
    packages = NpmPackages()
    packages.add("web", "1.2.3", dependencies={"body": "1.1.0", "send": "1.1.0", "errors": "1.1.0"})
    packages.add("body", "1.1.0", dependencies={"errors": "1.1.0", "codes": "1.1.0"})
    packages.add("send", "1.1.0", dependencies={"errors": "1.1.0", "codes": "1.1.0"})
    packages.add("errors", "1.1.0", dependencies={"codes": "1.1.0"})
    packages.add("codes", "1.1.0")
    old = {"errors": "1.0.0", "codes": "1.0.0"}
    stated = {
        "web": {"body": "1.0.0", "send": "1.0.0", "errors": "1.0.0"},
        "body": old,
        "send": old,
        "errors": {"codes": "1.0.0"},
        "codes": {},
        "stranger": {"codes": other},
    }
    modules = {
        f"/app/node_modules/{name}/package.json": package_json(name, "1.0.0", dependencies=needs)
        for name, needs in stated.items()
    }
    return {
        "/app/package.json": app(dependencies={"web": "^1.0.0", "stranger": "1.0.0"}),
        **modules,
    }, packages


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        ("^1.0.0", {"codes": "1.1.0"}),
        (
            "1.0.0",
            {
                "codes": "1.0.0",
                "body/node_modules/codes": "1.1.0",
                "errors/node_modules/codes": "1.1.0",
                "send/node_modules/codes": "1.1.0",
            },
        ),
    ],
)
def test_packages_that_pin_each_other_go_together_in_their_places(
    tmp_path: Path, other: str, codes: dict[str, str]
) -> None:
    files, packages = family(other=other)
    upgrades, _, after = Try(files, packages, tmp_path).patch(
        {"web": FIX, "body": {"CVE-2": ("1.1.0",)}}
    )
    closed = {each.name: each.closes for each in upgrades if each.closes}
    assert closed == {"web": ("CVE-1",), "body": ("CVE-2",)}
    assert len({each.group for each in upgrades}) == 1
    places = {
        path[len("/app/node_modules/") : -len("/package.json")]: json.loads(text)["version"]
        for path, text in after.items()
        if path.endswith("/package.json") and path != "/app/package.json"
    }
    found = {
        place: version for place, version in places.items() if place.rpartition("/")[2] == "codes"
    }
    assert found == codes
    assert {place: places[place] for place in ("web", "body", "send", "errors")} == {
        "web": "1.2.3",
        "body": "1.1.0",
        "send": "1.1.0",
        "errors": "1.1.0",
    }


def test_what_is_newly_needed_by_many_is_placed_once(tmp_path: Path) -> None:
    packages = NpmPackages()
    names = [f"new{number}" for number in range(12)]
    for number, name in enumerate(names):
        packages.add(name, "1.0.0", dependencies=dict.fromkeys(names[number + 1 :], "^1.0.0"))
    packages.add("lib", "1.2.3", dependencies=dict.fromkeys(names, "^1.0.0"))
    files = {
        "/app/package.json": app(dependencies={"lib": "^1.0.0"}),
        "/app/node_modules/lib/package.json": package_json("lib", "1.0.0"),
    }
    upgrades, blocked, _ = Try(files, packages, tmp_path).propose({"lib": FIX})
    assert blocked == []
    assert sorted(each.name for each in upgrades) == ["lib", *sorted(names)]


def test_what_is_not_npms_to_change_says_whose_it_is(tmp_path: Path) -> None:
    packages = NpmPackages()
    packages.add("lib", "1.2.3")
    cases: tuple[tuple[dict[str, str | bytes], BlockReason, str], ...] = (
        (
            {"/app/package.json": app(), "/app/yarn.lock": ""},
            BlockReason.NO_MEANS,
            "/app was installed with yarn, whose lock file careen does not write",
        ),
        (
            {"/app/package.json": app(), "/app/pnpm-lock.yaml": ""},
            BlockReason.NO_MEANS,
            "installed with pnpm",
        ),
        (
            {"/app/node_modules/lib/build/lib.node": Exec(b"\x7fELF")},
            BlockReason.REBUILD,
            "lib@1.0.0 was built or fetched by its install script",
        ),
    )
    for files, barrier, words in cases:
        given: dict[str, bytes | str | Link | None] = {
            **files,
            "/app/node_modules/lib/package.json": package_json(
                "lib", "1.0.0", scripts={"install": "node-gyp rebuild"}
            ),
        }
        _, (blocked,), _ = Try(given, packages, tmp_path).propose({"lib": FIX})
        assert blocked.barrier is barrier
        assert words in blocked.detail
    elsewhere = {
        "/usr/lib/python3/site-packages/driver/node_modules/lib/package.json": (
            "part of the Python package in driver",
            {},
        ),
        "/srv/lib/package.json": ("/srv/lib is not in a node_modules", {}),
        "/app/node_modules/next/dist/lib/package.json": ("is built into the package around it", {}),
        "/usr/share/nodejs/lib/package.json": (
            "belongs to pkg:deb/debian/node-lib@1",
            {ImagePath("/usr/share/nodejs/lib/package.json"): ("pkg:deb/debian/node-lib@1",)},
        ),
    }
    for path, (words, owners) in elsewhere.items():
        around = {"/app/node_modules/next/package.json": package_json("next", "1.0.0")}
        _, (blocked,), _ = Try(
            {path: package_json("lib", "1.0.0"), **around}, packages, tmp_path, owners=owners
        ).propose({"lib": FIX})
        assert blocked.barrier is BlockReason.FOREIGN
        assert words in blocked.detail


def test_a_version_that_the_image_s_node_does_not_run_gives_way_to_one_that_it_does(
    tmp_path: Path,
) -> None:
    run = simple(tmp_path)
    run.npm.packages.add("lib", "1.2.9", engines={"node": ">=22"})
    (upgrade,), _, _ = run.propose({"lib": FIX})
    assert upgrade.target == "1.2.4"


@pytest.mark.parametrize(
    "notice", ["\nnpm notice\nnpm notice New major version: {11}\n", "npm notice ]"]
)
def test_a_notice_after_the_registry_s_answer_is_not_part_of_it(
    tmp_path: Path, notice: str
) -> None:
    run = simple(tmp_path)
    run.npm.notice = notice
    (upgrade,), _, _ = run.propose({"lib": FIX})
    assert upgrade.target == "1.2.4"


def test_an_archive_that_is_not_the_registry_s_changes_nothing(tmp_path: Path) -> None:
    run = simple(tmp_path)
    upgrades, _, patcher = run.propose({"lib": FIX})
    run.npm.packages.archives["lib"]["1.2.4"] += b"x"
    assert patcher is not None
    with pytest.raises(
        ToolError, match=r"lib@1\.2\.4 with npm: no archive has the registry's checksum sha512-"
    ):
        patcher.apply(upgrades, run.sandbox)


def test_what_npm_ls_complains_of_afterwards_and_not_before_stops_the_upgrade(
    tmp_path: Path,
) -> None:
    run = simple(tmp_path)
    upgrades, _, patcher = run.propose({"lib": FIX})
    run.npm.complaint = "lib@1.2.4"
    assert patcher is not None
    with pytest.raises(
        ToolError, match=r"npm ls finds the project broken after the upgrade: invalid: lib@1\.2\.4"
    ):
        patcher.apply(upgrades, run.sandbox)


def test_a_link_that_the_image_puts_on_the_sandbox_leads_nowhere(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / ".npmrc").write_text("mine")
    scratch = tmp_path / "scratch"
    (scratch / "npm").mkdir(parents=True)
    (scratch / "npm/settings").symlink_to(victim)
    with pytest.raises(ToolError, match="a link replaces a directory or file of the patch sandbox"):
        simple(scratch).propose({"lib": FIX})
    assert [(file.name, file.read_text()) for file in victim.iterdir()] == [(".npmrc", "mine")]


def test_no_network_and_no_npm_are_said(tmp_path: Path) -> None:
    _, (blocked,), _ = simple(tmp_path, online=False).propose({"lib": FIX})
    assert (blocked.barrier, blocked.detail) == (
        BlockReason.NO_MEANS,
        "a registry needs the network, and --offline forbids it",
    )


def test_an_archive_that_leads_out_of_its_package_is_refused(tmp_path: Path) -> None:
    import tarfile

    run = simple(tmp_path)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo("package/../../../etc/passwd")
        tar.addfile(info, io.BytesIO(b""))
    run.npm.packages.archives["lib"]["1.2.4"] = out.getvalue()
    upgrades, _, patcher = run.propose({"lib": FIX})
    assert patcher is not None
    with pytest.raises(
        ToolError,
        match=r"lib@1\.2\.4: the package's archive cannot be read: .*leaves the image root",
    ):
        patcher.apply(upgrades, run.sandbox)

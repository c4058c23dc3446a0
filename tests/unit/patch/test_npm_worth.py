"""How far a Node package goes for the findings of what it pins."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from careen.model.patching import Reach
from careen.patch.policy import Policy, PolicyRule
from tests.support.npm_project import Try
from tests.support.npm_registry import NpmPackages

FIXES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "web": {"CVE-W": ("4.19.2",)},
    "cookie": {"CVE-C": ("1.7.0",)},
    "router": {"CVE-R1": ("0.1.10",), "CVE-R2": ("0.1.12",)},
}
WEB = {  # each pins what it needs, as express does
    "4.18.0": ("1.5.0", "0.1.7"),
    "4.19.2": ("1.6.0", "0.1.7"),
    "4.20.0": ("1.6.0", "0.1.10"),
    "4.21.0": ("1.6.0", "0.1.10"),
    "4.21.1": ("1.7.1", "0.1.10"),
    "4.21.2": ("1.7.1", "0.1.12"),
    "4.22.0": ("1.7.1", "0.1.12"),
    "5.0.0": ("1.7.1", "0.1.12"),
}


def shop(folder: Path, *others: str, web: str = "^4.18.0", **choices: Any) -> Try:
    """A project with `web` 4.18.0 and what that pins; each of `others` pins the cookie, too."""
    packages = NpmPackages()
    for version, (cookie, router) in WEB.items():
        packages.add("web", version, dependencies={"cookie": cookie, "router": router})
        packages.add("cookie", cookie)
        packages.add("router", router)
    installed: dict[str, dict[str, Any]] = {
        "web": {"version": "4.18.0", "dependencies": {"cookie": "1.5.0", "router": "0.1.7"}},
        "cookie": {"version": "1.5.0"},
        "router": {"version": "0.1.7"},
        **{name: {"version": "1.0.0", "dependencies": {"cookie": "1.5.0"}} for name in others},
    }
    wanted = {"web": web, **dict.fromkeys(others, "^1.0.0")}
    files = {
        "/app/package.json": json.dumps({"name": "app", "version": "1.0.0", "dependencies": wanted})
    }
    for name, stated in installed.items():
        files[f"/app/node_modules/{name}/package.json"] = json.dumps({"name": name, **stated})
    return Try(files, packages, folder, **choices)


def targets(found: Sequence[Any]) -> dict[str, str]:
    return {each.name: each.target for each in found}


@pytest.mark.parametrize(
    ("names", "reach", "target"),
    [
        (("web", "cookie", "router"), Reach.SECURITY, "4.21.2"),
        (("web", "cookie", "router"), Reach.MINIMAL, "4.21.2"),
        (("web", "cookie", "router"), Reach.LATEST, "4.22.0"),
        (("web", "cookie"), Reach.MINIMAL, "4.21.1"),
        (("web",), Reach.SECURITY, "4.19.2"),
        (("cookie", "router"), Reach.SECURITY, "4.21.2"),  # `web` has no findings itself
        (("cookie",), Reach.SECURITY, "4.21.1"),
        (("router",), Reach.SECURITY, "4.21.2"),
    ],
)
def test_a_package_goes_to_a_version_that_frees_what_it_pins(
    tmp_path: Path, names: Sequence[str], reach: Reach, target: str
) -> None:
    upgrades, blocked, _ = shop(tmp_path, reach=reach).propose(
        {name: FIXES[name] for name in names}
    )
    assert targets(upgrades)["web"] == target
    assert blocked == []
    closed = {finding for each in upgrades for finding in each.closes}
    assert closed == {finding for name in names for finding in FIXES[name]}


def test_what_frees_the_most_is_applied(tmp_path: Path) -> None:
    _, _, after = shop(tmp_path).patch(FIXES)
    found = {
        path.split("/")[-2]: json.loads(text)["version"]
        for path, text in after.items()
        if path.endswith("package.json") and "node_modules" in path
    }
    assert found == {"web": "4.21.2", "cookie": "1.7.1", "router": "0.1.12"}


def test_what_another_pins_as_well_takes_a_package_no_further(tmp_path: Path) -> None:
    fixes = {name: FIXES[name] for name in ("web", "cookie")}
    upgrades, blocked, _ = shop(tmp_path, "other").propose(fixes)
    assert targets(upgrades)["web"] == "4.19.2"
    assert [each.name for each in blocked] == ["cookie"]


def test_a_package_goes_no_further_than_the_user_allows(tmp_path: Path) -> None:
    rule = PolicyRule(("npm:web",), "as the team wishes", "policy.toml:1", limit="<4.21")
    upgrades, blocked, _ = shop(tmp_path, policy=Policy((rule,))).propose(FIXES)
    assert targets(upgrades)["web"] == "4.20.0"
    assert {finding for each in blocked for finding in each.findings} == {"CVE-C", "CVE-R2"}


@pytest.mark.parametrize(("allow_major", "target"), [(False, "4.19.2"), (True, "5.0.0")])
def test_a_new_major_version_is_chosen_for_what_it_frees_if_it_is_allowed(
    tmp_path: Path, allow_major: bool, target: str
) -> None:
    fixes = {"web": FIXES["web"], "router": {"CVE-R3": ("0.1.13",)}}
    tried = shop(tmp_path, web=">=4", allow_major=allow_major)
    tried.npm.packages.add("router", "0.1.13")
    pins = {"cookie": "1.7.1", "router": "0.1.13"}
    tried.npm.packages.add("web", "5.0.0", dependencies=pins)
    upgrades, _, _ = tried.propose(fixes)
    assert targets(upgrades)["web"] == target

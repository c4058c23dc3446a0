"""Node packages of an image."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any, BinaryIO

import pytest

from careen.inventory.allowance import Allowance
from careen.inventory.node import find as node
from careen.inventory.node.locks import locked
from careen.inventory.port import Found
from careen.model.entry import Entry
from careen.model.packages.package import Package, Presence
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Link, tree

Files = dict[str, bytes | str | Link | None]


def manifest(name: object, version: object, **more: Any) -> str:
    return json.dumps({"name": name, "version": version, **more})


def clean(files: Files) -> dict[str, Package]:
    found = node.find(tree(files))
    assert found.unknowns == ()
    out = {package.record: package for package in found.packages}
    assert len(out) == len(found.packages)
    return {str(path): package for path, package in out.items()}


def reasons(found: Found) -> list[str]:
    return [unknown.reason for unknown in found.unknowns]


def test_installed_packages_scoped_and_nested_have_their_own_trees() -> None:
    found = clean(
        {
            "/app/package.json": manifest(
                "my-app", "1.0.0", dependencies={"a": "^1", "@s/b": "*"}, license="MIT"
            ),
            "/app/index.js": "",
            "/app/node_modules/a/package.json": manifest("a", "v1.2.3", license={"type": "ISC"}),
            "/app/node_modules/a/lib/a.js": "",
            "/app/node_modules/a/node_modules/c/package.json": manifest("c", "0.1.0"),
            "/app/node_modules/a/node_modules/c/c.js": "",
            "/app/node_modules/@s/b/package.json": manifest(
                "@s/b", "2.0.0-rc.1", licenses=[{"type": "MIT"}, {"type": "GPL-2.0"}]
            ),
        }
    )
    a = found["/app/node_modules/a/package.json"]
    assert (a.purl, a.licence, a.presence, a.evidence) == (
        "pkg:npm/a@1.2.3",
        "ISC",
        Presence.INSTALLED,
        "",
    )
    assert a.files == ("/app/node_modules/a/package.json", "/app/node_modules/a/lib/a.js")
    scoped = found["/app/node_modules/@s/b/package.json"]
    assert (scoped.name, scoped.purl, scoped.licence) == (
        "@s/b",
        "pkg:npm/%40s/b@2.0.0-rc.1",
        "MIT OR GPL-2.0",
    )
    assert found["/app/node_modules/a/node_modules/c/package.json"].files == (
        "/app/node_modules/a/node_modules/c/c.js",
        "/app/node_modules/a/node_modules/c/package.json",
    )
    app = found["/app/package.json"]
    assert (app.presence, app.depends) == (Presence.INSTALLED, ("@s/b", "a"))
    assert (
        app.evidence
        == "package.json outside of node_modules: an application, or installed without npm"
    )
    assert app.files == ("/app/index.js", "/app/package.json")
    assert len(found) == 4


def test_what_a_package_brings_along_is_embedded_and_its_own_copies_are_not_counted() -> None:
    found = clean(
        {
            "/n/node_modules/a/package.json": manifest("a", "1.0.0"),
            "/n/node_modules/a/dist/package.json": manifest("a", "1.0.0"),
            "/n/node_modules/a/esm/package.json": '{"type": "module"}',
            "/n/node_modules/a/vendored/b/package.json": manifest("b", "3.0.0"),
            "/usr/lib/python3/dist-packages/web/static/package.json": manifest("ui", "7.0.0"),
        }
    )
    assert set(found) == {
        "/n/node_modules/a/package.json",
        "/n/node_modules/a/vendored/b/package.json",
        "/usr/lib/python3/dist-packages/web/static/package.json",
    }
    b = found["/n/node_modules/a/vendored/b/package.json"]
    assert (b.presence, b.evidence, b.files) == (
        Presence.EMBEDDED,
        "package.json inside /n/node_modules/a",
        ("/n/node_modules/a/vendored/b/package.json",),
    )
    assert (
        found["/usr/lib/python3/dist-packages/web/static/package.json"].presence
        is Presence.EMBEDDED
    )


def test_a_pnpm_tree_counts_each_package_once_where_it_lies() -> None:
    found = clean(
        {
            "/app/node_modules/a": Link(".pnpm/a@1.0.0/node_modules/a"),
            "/app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json": manifest("a", "1.0.0"),
            "/app/node_modules/.pnpm/a@1.0.0/node_modules/b": Link("../../b@2.0.0/node_modules/b"),
            "/app/node_modules/.pnpm/b@2.0.0/node_modules/b/package.json": manifest("b", "2.0.0"),
            "/home/app/.local/share/pnpm/store/v3/files/aa/bb": manifest("a", "1.0.0"),
        }
    )
    assert sorted(package.purl for package in found.values()) == [
        "pkg:npm/a@1.0.0",
        "pkg:npm/b@2.0.0",
    ]


def test_a_manifest_in_a_directory_of_the_system_owns_itself_alone() -> None:
    found = clean(
        {
            "/package.json": manifest("x", "1"),
            "/etc/passwd": "",
            "/usr/lib/node_modules/npm/package.json": manifest("npm", "9.0.0"),
        }
    )
    assert found["/package.json"].files == ("/package.json",)
    assert found["/usr/lib/node_modules/npm/package.json"].presence is Presence.INSTALLED


def test_yarn_archives_are_read_in_place() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("node_modules/@s/p/lib/package.json", "{}")
        archive.writestr(
            "node_modules/@s/p/package.json", manifest("@s/p", "4.5.6", dependencies={"q": "1"})
        )
    path = "/app/.yarn/cache/@s-p-npm-4.5.6-0123456789-abcdef.zip"
    found = clean({path: out.getvalue(), "/app/.pnp.cjs": ""})
    assert (found[path].purl, found[path].files, found[path].depends) == (
        "pkg:npm/%40s/p@4.5.6",
        (path,),
        ("q",),
    )
    broken = node.find(tree({path: b"PK"}))
    assert broken.packages == ()
    assert reasons(broken) == [f"{path}: cannot be read as a zip archive: File is not a zip file"]


LOCKS = {
    "package-lock.json": json.dumps(
        {
            "lockfileVersion": 3,
            "packages": {
                "": {"name": "app", "version": "1"},
                "node_modules/a": {"version": "1.0.0"},
                "node_modules/a/node_modules/@s/b": {"version": "2.0.0"},
                "node_modules/x": {"name": "real", "version": "3.0.0"},
                "node_modules/linked": {"link": True, "resolved": "lib"},
            },
        }
    ),
    "npm-shrinkwrap.json": json.dumps(
        {
            "lockfileVersion": 1,
            "dependencies": {
                "a": {"version": "1.0.0", "dependencies": {"@s/b": {"version": "2.0.0"}}},
                "x": {"version": "npm:real@3.0.0"},
            },
        }
    ),
    "yarn.lock": (
        """# yarn lockfile v1

a@^1, a@^1.0:
  version "1.0.0"
  dependencies:
    b "*"

"@s/b@*":
  version "2.0.0"

"x@npm:real@3":
  version "3.0.0"
"""
    ),
    "berry/yarn.lock": (
        """__metadata:
  version: 8

"a@npm:^1":
  version: 1.0.0
  resolution: "a@npm:1.0.0"

"@s/b@npm:*":
  version: 2.0.0

"x@npm:real@3":
  version: 3.0.0

"app@workspace:.":
  version: 0.0.0-use.local
"""
    ),
    "v5/pnpm-lock.yaml": (
        """lockfileVersion: 5.4
packages:

  /a/1.0.0:
    dev: false

  /@s/b/2.0.0_react@17.0.0:
    dev: true

  /real/3.0.0:
    resolution: {integrity: x}
"""
    ),
    "v6/pnpm-lock.yaml": (
        """lockfileVersion: '6.0'
packages:

  /a@1.0.0:
    dev: false

  /@s/b@2.0.0(react@17.0.0):
    dev: true

  /real@3.0.0:
    resolution: {integrity: x}
"""
    ),
    "v9/pnpm-lock.yaml": (
        """lockfileVersion: '9.0'
packages:

  a@1.0.0:
    resolution: {integrity: x}

  '@s/b@2.0.0':
    engines: {node: '>=4'}

  real@3.0.0:
    resolution: {integrity: x}

snapshots:

  a@1.0.0: {}

  other@9.9.9: {}
"""
    ),
}


@pytest.mark.parametrize("name", LOCKS)
def test_every_generation_of_lock_file_says_what_it_declares(name: str) -> None:
    assert locked(LOCKS[name].encode(), f"/app/{name}") == {
        ("a", "1.0.0"),
        ("@s/b", "2.0.0"),
        ("real", "3.0.0"),
    }


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line",
    [
        "  a@1" + "1" * 3_000_000 + ": x:",
        '"a@' + "@npm:" * 1_000_000,
        "  version " + '"' * 3_000_000,
        "  " + "/" * 3_000_000 + ":",
    ],
)
def test_a_lock_file_of_one_endless_line_ends(line: str) -> None:
    for name in ("yarn.lock", "pnpm-lock.yaml"):
        assert locked(f"packages:\n{line}\n".encode(), f"/app/{name}") == frozenset()


def test_what_is_only_declared_is_counted_and_is_no_package() -> None:
    found = node.find(
        tree(
            {
                "/app/yarn.lock": LOCKS["yarn.lock"],
                "/app/node_modules/a/package.json": manifest("a", "1.0.0"),
            }
        )
    )
    assert [package.purl for package in found.packages] == ["pkg:npm/a@1.0.0"]
    (reason,) = reasons(found)
    assert reason.startswith(
        "declares 3 packages, 2 of which are not installed below /app/ (@s/b@2.0.0, real@3.0.0, …):"
        " they are not counted"
    )
    inner = node.find(tree({"/app/node_modules/a/yarn.lock": LOCKS["yarn.lock"]}))
    assert inner == Found()


def test_a_package_json_of_two_gigabytes_is_not_read() -> None:
    class Unread:
        def open(self, entry: Entry) -> BinaryIO:
            raise AssertionError(entry)

    path = ImagePath("/node_modules/a/package.json")
    entries = {entry.path: entry for entry in tree({str(path): "x"})}
    entries[path] = replace(entries[path], size=2 << 30)
    found = node.find(Rootfs(entries, Unread()))
    assert found.packages == ()
    assert reasons(found) == [f"{path}: larger than the 4194304 bytes that are read of such a file"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (manifest(["a"], "1"), "the package's name is no text but 'list'"),
        (manifest("a", {"x": 1}), "the package's version is no text but 'dict'"),
        (manifest("a", 1), "the package's version is no text but 'int'"),
        (manifest("a\n\x1b[31m", "1"), r"no usable package name: 'a\n\x1b[31m'"),
        (manifest("a", "1\0"), r"no usable package version: '1\x00'"),
        (manifest("a/b/c", "1"), "no npm package has this name: 'a/b/c'"),
        (manifest("\u202egnp.a", "1"), "no usable package name"),
        (manifest("a", "1" * 300), "no usable package version"),
        ("[]", "expected a JSON object, got 'list'"),
        ('{"a":' * 100_000, "JSON nested deeper than 200 levels"),
        ("{", "not valid JSON"),
        ('{"name": "a", "version": ' + "9" * 10_000 + "}", "not valid JSON: Exceeds the limit"),
        (b"\xff\xfe", "not valid JSON"),
        ("{}", "an installed package that states no name or no version"),
        ('{"name": "a"}', "an installed package that states no name or no version"),
    ],
)
def test_a_wrong_manifest_is_an_unknown(content: str | bytes, reason: str) -> None:
    found = node.find(
        tree(
            {
                "/node_modules/a/package.json": content,
                "/node_modules/b/package.json": manifest("b", "1.0.0"),
            }
        )
    )
    assert [package.purl for package in found.packages] == ["pkg:npm/b@1.0.0"]
    (unknown,) = found.unknowns
    assert unknown.path == "/node_modules/a/package.json"
    assert reason in unknown.reason


def test_wrong_types_elsewhere_in_a_manifest_cost_only_themselves() -> None:
    found = clean(
        {
            "/node_modules/a/package.json": manifest(
                "a", "1.0.0", license=[3], licenses={"a": 1}, dependencies=["x"]
            )
        }
    )
    package = found["/node_modules/a/package.json"]
    assert (package.licence, package.depends) == ("", ())


@pytest.mark.parametrize("name", ["package-lock.json", "yarn.lock", "pnpm-lock.yaml"])
def test_a_broken_lock_file_never_raises(name: str) -> None:
    found = node.find(
        tree(
            {
                f"/app/{name}": (
                    '{"packages": 3, "dependencies": {"a": {"version": ["x"], "dependencies": 5}}}'
                )
            }
        )
    )
    assert found == Found()
    deep = node.find(tree({f"/app/{name}": '{"dependencies":{"a":' * 50_000}))
    assert deep.packages == ()
    assert len(deep.unknowns) == (name == "package-lock.json")


def test_a_thousand_manifests_within_each_other_end_at_the_allowance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files: Files = {}
    at = "/node_modules/r"
    for number in range(100):
        files[f"{at}/package.json"] = manifest(f"p{number}", "1.0.0")
        at += "/d"
    monkeypatch.setattr(
        "careen.inventory.node.find.Allowance", lambda rootfs: Allowance(rootfs, max_listed=2000)
    )
    found = node.find(tree(files))
    assert (
        len(found.packages) == 100
    )  # each is reported, past the allowance with its manifest as the only file
    assert any("list more than 2000 files" in reason for reason in reasons(found))

"""What the variant `runtime` keeps of a root."""

from dataclasses import replace

import pytest

from careen.catalog.accounts import with_users
from careen.catalog.debian.family import DEBIAN
from careen.catalog.globs import matches
from careen.catalog.junk import is_junk
from careen.catalog.runtime.closure import runtime_packages
from careen.catalog.runtime.paths import Selection, runtime_paths
from careen.catalog.runtime.plan import catalog_plan
from careen.errors import InputError
from careen.inventory.scan import scan
from careen.model.catalog.entry import Left, User
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Outcome
from careen.model.rbom import ImageRef
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Exec, Link, tree

STATUS = """Package: app
Status: install ok installed
Version: 1
Architecture: amd64
Depends: lib (>= 1), shell | othershell, tool

Package: lib
Status: install ok installed
Version: 2
Architecture: amd64

Package: shell
Status: install ok installed
Version: 3
Architecture: amd64
Depends: extra

Package: extra
Status: install ok installed
Version: 4
Architecture: amd64

Package: realtool
Status: install ok installed
Version: 5
Architecture: amd64
Provides: tool

Package: alone
Status: install ok installed
Version: 6
Architecture: amd64
"""
LISTS = {
    "app": "/.\n/usr\n/usr/bin\n/usr/bin/app\n/usr/share/doc/app\n/usr/share/doc/app/copyright\n"
    "/usr/share/doc/app/changelog\n/var/lib/app\n",
    "lib": "/usr/lib/lib.so.1.0\n",
    "shell": "/usr/bin/sh\n",
    "extra": "/usr/lib/extra\n",
    "realtool": "/usr/bin/tool\n",
    "alone": "/usr/bin/alone\n",
}
LEFT = (Left(("shell",), "no shell"),)


@pytest.fixture(scope="module")
def root() -> Rootfs:
    files: dict[str, bytes | str | Link | None] = {
        "/var/lib/dpkg/status": STATUS,
        "/var/lib/dpkg/info/app.postinst": Exec(b"#!/bin/sh\n"),
        "/usr/bin/app": Exec(b"app"),
        "/usr/share/doc/app/copyright": "licence",
        "/usr/share/doc/app/changelog": "changes",
        "/usr/lib/lib.so.1.0": b"lib",
        "/usr/lib/lib.so.1": Link("lib.so.1.0"),
        "/usr/lib/lib.so": Link("lib.so.1"),
        "/usr/bin/sh": Exec(b"sh"),
        "/usr/bin/shell": Link("sh"),
        "/usr/lib/extra": b"extra",
        "/usr/bin/tool": Exec(b"tool"),
        "/usr/bin/alone": Exec(b"alone"),
        "/var/lib/app": None,
        "/etc/passwd": "root:x:0:0::/root:/bin/sh\n",
        "/etc/made": "by a script",
    }
    for name, text in LISTS.items():
        files[f"/var/lib/dpkg/info/{name}.list"] = text
    return tree(files)


@pytest.fixture(scope="module")
def inventory(root: Rootfs) -> Inventory:
    return scan(root)


def names(inventory: Inventory, purls: frozenset[str]) -> set[str]:
    return {inventory.packages[purl].name for purl in purls}


def test_dependencies_stay_and_omitted_packages_go_with_theirs(inventory: Inventory) -> None:
    kept = runtime_packages(inventory, ["app"], LEFT, Ecosystem.DEB)
    assert names(inventory, kept) == {"app", "lib", "realtool"}
    assert names(inventory, runtime_packages(inventory, ["app"], (), Ecosystem.DEB)) == {
        *("app", "lib", "realtool", "shell", "extra")
    }


def test_a_package_that_the_entry_names_stays_even_if_it_is_omitted(inventory: Inventory) -> None:
    kept = runtime_packages(inventory, ["app", "shell"], LEFT, Ecosystem.DEB)
    assert {"shell", "extra"} <= names(inventory, kept)


def test_a_named_package_that_is_not_installed_is_an_error(inventory: Inventory) -> None:
    with pytest.raises(InputError, match="'missing'"):
        runtime_packages(inventory, ["missing"], (), Ecosystem.DEB)


@pytest.fixture(scope="module")
def kept(root: Rootfs, inventory: Inventory) -> frozenset[ImagePath]:
    chosen = Selection(
        runtime_packages(inventory, ["app"], LEFT, Ecosystem.DEB),
        ("/etc/passwd", "/var/lib/dpkg/status"),
        (Left(("/usr/share/doc/**",), "documentation"),),
        records=DEBIAN.records,
    )
    return runtime_paths(root, inventory, chosen)


def test_files_of_kept_packages_stay_with_licences_and_empty_directories(
    kept: frozenset[ImagePath],
) -> None:
    assert {"/usr/bin/app", "/usr/share/doc/app/copyright", "/var/lib/app"} <= kept
    assert "/var/lib/dpkg/info/app.list" in kept
    gone = {"/usr/share/doc/app/changelog", "/usr/bin/sh", "/usr/lib/extra", "/etc/made"}
    assert gone.isdisjoint(kept)
    assert "/var/lib/dpkg/info/app.postinst" not in kept  # nothing is left that runs it


def test_what_a_variant_needs_stays_whatever_is_dropped(root: Rootfs, inventory: Inventory) -> None:
    packages = runtime_packages(inventory, ["app"], LEFT, Ecosystem.DEB)
    dropped = (Left(("/usr/bin/**",), "programs"),)
    chosen = Selection(packages, (), dropped, DEBIAN.records)
    needed = replace(chosen, needed=("/usr/bin/app",))
    more = runtime_paths(root, inventory, needed) - runtime_paths(root, inventory, chosen)
    assert more == {"/usr/bin/app"}


def test_links_without_a_package_stay_where_they_lead_to_something_kept(
    kept: frozenset[ImagePath],
) -> None:
    assert {"/usr/lib/lib.so.1", "/usr/lib/lib.so", "/etc/passwd"} <= kept
    assert "/usr/bin/shell" not in kept


def test_the_plan_holds_each_path_once_and_each_package_with_its_fate(
    root: Rootfs, inventory: Inventory, kept: frozenset[ImagePath]
) -> None:
    packages = runtime_packages(inventory, ["app"], LEFT, Ecosystem.DEB)
    plan = catalog_plan(ImageRef("test", None, "sha256:0", (), ""), root, inventory, kept, packages)
    assert plan.keep.keys() | plan.remove.keys() == {entry.path for entry in root}
    assert plan.keep.keys().isdisjoint(plan.remove.keys())
    outcomes = {inventory.packages[purl].name: x.outcome for purl, x in plan.packages.items()}
    assert outcomes["app"] is Outcome.PARTIAL  # its change log went
    assert outcomes["lib"] is Outcome.KEPT
    assert outcomes["shell"] is Outcome.REMOVED


@pytest.mark.parametrize(
    ("glob", "path", "found"),
    [
        ("/usr/share/doc/**", "/usr/share/doc", True),
        ("/usr/share/doc/**", "/usr/share/doc/a/b", True),
        ("/usr/share/doc/**", "/usr/share/document", False),
        ("/usr/lib/python3*/**/__pycache__/**", "/usr/lib/python3.13/a/b/__pycache__/c.pyc", True),
        ("/usr/lib/python3*/**/__pycache__/**", "/usr/lib/python3.13/__pycache__", True),
        ("/etc/*.d/x", "/etc/a.d/x", True),
        ("/etc/*", "/etc/a/b", False),
        ("/etc/?", "/etc/a", True),
        ("/etc/a.b", "/etc/aXb", False),
    ],
)
def test_globs(glob: str, path: str, found: bool) -> None:
    assert matches((glob,), path) is found
    assert not matches((), path)


def test_marks_of_the_machine_are_junk() -> None:
    for path in ("/etc/machine-id", "/var/lib/apt/lists/x_Packages", "/etc/passwd-", "/dev/null"):
        assert is_junk(path), path
    assert is_junk("/usr/sbin/start-stop-daemon.REAL")
    for path in (
        "/usr/sbin/start-stop-daemon",
        "/etc/passwd",
        "/var/lib/apt/lists",
        "/var/lib/dpkg/status",
        "/dev",
    ):
        assert not is_junk(path), path


def test_accounts_are_added_at_the_end() -> None:
    user = User("nonroot", 65532, "/home/nonroot")
    passwd, group = with_users(b"root:x:0:0::/root:/bin/sh", b"root:x:0:\n", (user,))
    assert passwd.splitlines()[1] == (
        b"nonroot:x:65532:65532:nonroot:/home/nonroot:/usr/sbin/nologin"
    )
    assert group == b"root:x:0:\nnonroot:x:65532:\n"


@pytest.mark.parametrize("user", [User("root", 9, "/h"), User("other", 0, "/h")])
def test_an_account_that_is_there_already_is_an_error(user: User) -> None:
    said = r"/etc/passwd of the root has root \(0\) already; give the entry's account another name"
    with pytest.raises(InputError, match=said):
        with_users(b"root:x:0:0::/root:/bin/sh\n", b"root:x:0:\n", (user,))


def test_a_group_that_is_there_already_is_named() -> None:
    user = User("nonroot", 65532, "/h")
    with pytest.raises(InputError, match=r"/etc/group of the root has app \(65532\) already"):
        with_users(b"root:x:0:0::/root:/bin/sh\n", b"app:x:65532:\n", (user,))

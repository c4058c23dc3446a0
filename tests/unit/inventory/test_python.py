"""Python distributions of an image."""

import pytest

from careen.formats.python_metadata import egg_requirements, unconditional
from careen.inventory.python import find as python
from careen.inventory.scan import scan
from careen.model.packages.package import Package
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from tests.support.trees import Exec, Link, tree

SITE = "/usr/local/lib/python3.11/site-packages"
METADATA = """Metadata-Version: 2.1
Name: Foo.Bar
Version: 1.0+cpu
License: a text
        Name: folded
Requires-Dist: NumPy>=1
Requires-Dist: tomli; python_version < "3.11"
Requires-Dist: exceptiongroup; python_version >= "3.11"
Requires-Dist: pytest; extra == "test"
Requires-Dist: winreg-x; sys_platform == "win32"
Requires-Dist: nvidia-x; platform_machine == "x86_64"

Name: not-a-header
"""
INFO = f"{SITE}/foo_bar-1.0+cpu.dist-info"
RECORD = """foo_bar/__init__.py,sha256=x,3
foo_bar/sub/deep.py,,
foo_bar/_c.cpython-311-x86_64-linux-gnu.so,,
"foo_bar/with,comma.txt",,
single.py,,
../../../bin/foo,,
/etc/foo.conf,,
foo_bar/gone.py,,
foo_bar-1.0+cpu.dist-info/METADATA,,
foo_bar-1.0+cpu.dist-info/RECORD,,
foo_bar.libs/libz.so.1,,
"""
FILES: dict[str, bytes | str | Link | None] = {
    f"{INFO}/METADATA": METADATA,
    f"{INFO}/RECORD": RECORD,
    f"{INFO}/INSTALLER": "pip",
    f"{INFO}/licenses/vendored/MIT": "",
    f"{SITE}/foo_bar/__init__.py": "",
    f"{SITE}/foo_bar/__pycache__/__init__.cpython-311.pyc": b"",
    f"{SITE}/foo_bar/__pycache__/__init__.cpython-311.opt-1.pyc": b"",
    f"{SITE}/foo_bar/__pycache__/other.cpython-311.pyc": b"",
    f"{SITE}/foo_bar/sub/deep.py": "",
    f"{SITE}/foo_bar/_c.cpython-311-x86_64-linux-gnu.so": b"",
    f"{SITE}/foo_bar/with,comma.txt": "",
    f"{SITE}/foo_bar.libs/libz.so.1": b"",
    f"{SITE}/single.py": "",
    "/usr/local/bin/foo": Exec(b"#!"),
    "/etc/foo.conf": "",
}


def only(rootfs: Rootfs) -> Package:
    found = python.find(rootfs)
    assert found.unknowns == ()
    (package,) = found.packages
    return package


def test_a_distribution_is_what_its_dist_info_says() -> None:
    package = only(tree(FILES))
    assert (package.name, package.version, package.purl) == (
        "foo-bar",
        "1.0+cpu",
        "pkg:pypi/foo-bar@1.0%2Bcpu",
    )
    assert package.record == f"{INFO}/RECORD"
    assert package.modules == ("foo_bar", "single")
    assert package.depends == ("numpy", "exceptiongroup", "nvidia-x")
    assert package.licences == (f"{INFO}/licenses/vendored/MIT",)
    assert package.metadata == (
        f"{INFO}/INSTALLER",
        f"{INFO}/METADATA",
        f"{INFO}/RECORD",
        f"{INFO}/licenses/vendored/MIT",
    )


def test_files_are_those_of_record_that_exist_with_their_byte_code() -> None:
    assert only(tree(FILES)).files == (
        f"{SITE}/foo_bar/__init__.py",
        f"{SITE}/foo_bar/__pycache__/__init__.cpython-311.opt-1.pyc",
        f"{SITE}/foo_bar/__pycache__/__init__.cpython-311.pyc",
        f"{SITE}/foo_bar/sub/deep.py",
        f"{SITE}/foo_bar/_c.cpython-311-x86_64-linux-gnu.so",
        f"{SITE}/foo_bar/with,comma.txt",
        f"{SITE}/single.py",
        "/usr/local/bin/foo",
        "/etc/foo.conf",
        f"{INFO}/METADATA",
        f"{INFO}/RECORD",
        f"{SITE}/foo_bar.libs/libz.so.1",
        f"{INFO}/INSTALLER",
        f"{INFO}/licenses/vendored/MIT",
    )


def test_top_level_txt_is_believed_before_record() -> None:
    assert only(
        tree(FILES | {f"{INFO}/top_level.txt": "foo_bar\n_private\n\nfoo_bar\n"})
    ).modules == ("foo_bar", "_private")


def test_a_listed_path_that_leaves_the_root_is_an_unknown_and_owns_nothing() -> None:
    evil = (
        "../../../../../../etc/foo.conf\nfoo_bar/__init__.py\n"
        + "x/../" * 3000
        + "y\n"
        + "../" * 9
        + "z\n"
    )
    found = python.find(tree(FILES | {f"{INFO}/RECORD": evil}))
    assert "/etc/foo.conf" not in found.packages[0].files
    assert f"{SITE}/foo_bar/__init__.py" in found.packages[0].files
    assert [unknown.reason.partition(":")[0] for unknown in found.unknowns] == [
        "a listed path is none inside the image"
    ] * 3


def test_a_million_bad_paths_are_five_unknowns() -> None:
    found = python.find(tree(FILES | {f"{INFO}/RECORD": "../../../../../../../x\n" * 1000}))
    assert len(found.unknowns) == 5


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {f"{INFO}/METADATA": "Version: 1\n"},
            f"{INFO}/METADATA: no usable Name and Version: '' '1'",
        ),
        (
            {f"{INFO}/METADATA": "Name: ../../x\nVersion: 1\n"},
            f"{INFO}/METADATA: no usable Name and Version: '../../x' '1'",
        ),
        (
            {f"{INFO}/METADATA": b"\0\xff" * 100},
            f"{INFO}/METADATA: no usable Name and Version: '' ''",
        ),
        (
            {f"{INFO}/METADATA": "x" * (4 << 20) + "y"},
            f"{INFO}/METADATA: larger than the 4194304 bytes that are read of such a file",
        ),
        ({f"{INFO}/INSTALLER": "pip"}, "a distribution without METADATA"),
        ({f"{INFO}/METADATA": None}, "a distribution without METADATA"),
    ],
)
def test_broken_metadata_is_an_unknown(
    files: dict[str, bytes | str | Link | None], reason: str
) -> None:
    found = python.find(tree(files))
    assert found.packages == ()
    assert [unknown.reason for unknown in found.unknowns] == [reason]


def test_a_record_that_is_not_csv_is_an_unknown_and_the_package_stays() -> None:
    found = python.find(tree(FILES | {f"{INFO}/RECORD": '"' + "a" * 200_000}))
    assert [package.name for package in found.packages] == ["foo-bar"]
    assert (
        found.unknowns[0].reason
        == f"{INFO}/RECORD: line 1: not CSV: field larger than field limit (131072)"
    )


def test_an_egg_info_directory_names_modules_and_requirements() -> None:
    place = "/usr/lib/python3/dist-packages"
    package = only(
        tree(
            {
                f"{place}/Baz-2.egg-info/PKG-INFO": "Name: Baz\nVersion: 2\n",
                f"{place}/Baz-2.egg-info/top_level.txt": "baz\n_baz\n",
                f"{place}/Baz-2.egg-info/requires.txt": (
                    "six\n\n[:python_version<'3']\nenum34\n\n[doc]\nsphinx\n"
                ),
                f"{place}/baz/__init__.py": "",
                f"{place}/baz/__pycache__/__init__.cpython-313.pyc": "",
                f"{place}/_baz.cpython-313-x86_64-linux-gnu.so": b"",
                f"{place}/bazaar/__init__.py": "",
                "/usr/bin/python3": Link("python3.13"),
                "/usr/bin/python3.13": Exec(b"\x7fELF"),
            }
        )
    )
    assert package.depends == ("six",)
    assert package.record == f"{place}/Baz-2.egg-info/PKG-INFO"
    assert package.files[:3] == (
        f"{place}/_baz.cpython-313-x86_64-linux-gnu.so",
        f"{place}/baz/__init__.py",
        f"{place}/baz/__pycache__/__init__.cpython-313.pyc",
    )
    assert not any("bazaar" in path for path in package.files)


def test_a_single_file_egg_info_is_a_distribution_with_the_module_of_its_name() -> None:
    package = only(
        tree({"/opt/x/my_mod-1.egg-info": "Name: my-mod\nVersion: 1\n", "/opt/x/my_mod.py": ""})
    )
    assert package.files == ("/opt/x/my_mod.py", "/opt/x/my_mod-1.egg-info")
    assert package.modules == ("my_mod",)


def test_the_same_version_in_two_environments_is_two_packages() -> None:
    twin = {
        f"/venv/lib/python3.12/site-packages/foo_bar-1.0+cpu.dist-info/{name}": FILES[
            f"{INFO}/{name}"
        ]
        for name in ("METADATA", "RECORD")
    }
    inventory = scan(tree(FILES | twin))
    assert inventory.count() == {"pypi": 2}
    assert list(inventory.packages) == [
        "pkg:pypi/foo-bar@1.0%2Bcpu",
        "pkg:pypi/foo-bar@1.0%2Bcpu?location=/venv/lib/python3.12/site-packages/foo_bar-1.0%2Bcpu.dist-info/RECORD",
    ]
    assert all(purl == package.purl for purl, package in inventory.packages.items())
    assert inventory.owners[package_file(inventory.packages["pkg:pypi/foo-bar@1.0%2Bcpu"])] == (
        "pkg:pypi/foo-bar@1.0%2Bcpu",
    )


def package_file(package: Package) -> ImagePath:
    return package.files[0]


def test_modules_below_very_deep_directories_do_not_exhaust_the_stack() -> None:
    deep = "/s/deep/" + "d/" * 1500 + "m.py"
    package = only(tree({"/s/deep-1.egg-info/PKG-INFO": "Name: deep\nVersion: 1\n", deep: ""}))
    assert deep in package.files


def test_requirements_hold_by_the_image_not_by_the_host() -> None:
    lines = (
        "a; python_version < '3.9'",
        "b; python_full_version >= '3.11.4'",
        "c; sys_platform == 'darwin'",
        "d; extra == 'x' and python_version > '3'",
        "not a requirement !!",
        "e",
    )
    assert unconditional(lines, "3.11") == ("b", "e")
    assert unconditional(lines, "") == ("a", "b", "e")


def test_sections_of_requires_txt_become_markers() -> None:
    assert egg_requirements(
        "a\n[x]\nb\n[y:python_version<'3']\nc\n[:sys_platform=='linux']\nd\n"
    ) == (
        "a",
        'b ; extra == "x"',
        "c ; (python_version<'3') and extra == \"y\"",
        "d ; (sys_platform=='linux')",
    )


def test_installed_files_txt_is_relative_to_the_egg_info() -> None:
    files: dict[str, bytes | str | Link | None] = {
        "/s/old-1.egg-info/PKG-INFO": "Name: old\nVersion: 1\n",
        "/s/old-1.egg-info/installed-files.txt": (
            "../old/__init__.py\nPKG-INFO\n../../usr/bin/old\n"
        ),
        "/s/old/__init__.py": "",
        "/s/old/unlisted.py": "",
        "/usr/bin/old": Exec(b"#!"),
    }
    assert only(tree(files)).files == (
        "/s/old/__init__.py",
        "/s/old-1.egg-info/PKG-INFO",
        "/usr/bin/old",
        "/s/old-1.egg-info/installed-files.txt",
    )


def test_a_distribution_that_lists_nothing_that_exists_is_told() -> None:
    found = python.find(tree({"/s/ghost-1.dist-info/METADATA": "Name: ghost\nVersion: 1\n"}))
    assert [package.files for package in found.packages] == [("/s/ghost-1.dist-info/METADATA",)]
    assert [unknown.reason for unknown in found.unknowns] == [
        "the distribution lists neither files nor modules that exist"
    ]

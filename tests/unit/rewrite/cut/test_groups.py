"""What lies in which layer, and that a change of one unit changes few of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath
from careen.oci.changes.cut import LayerGroup
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.cut.groups import MAX_LAYERS, layer_groups
from careen.rewrite.cut.units import Units
from tests.support.plans import package
from tests.support.trees import Link, MemoryContent, tree

MB = 1_000_000
SITE = "/usr/local/lib/python3.11/site-packages"


def sized(files: Mapping[str, Any], sizes: Mapping[str, int]) -> Rootfs:
    """A tree whose files only state their sizes, in bytes."""
    entries = {entry.path: entry for entry in tree({**files, **dict.fromkeys(sizes, b"")})}
    for path, size in sizes.items():
        entries[ImagePath(path)] = replace(entries[ImagePath(path)], size=size)
    return Rootfs(entries, MemoryContent({}))


def inventory(**owned: tuple[str, ...]) -> Inventory:
    """Packages by `kind_name`, each with its files."""
    found = []
    for key, files in owned.items():
        kind, _, name = key.partition("_")
        found.append(package(Ecosystem(kind), name, files))
    owners: dict[ImagePath, tuple[str, ...]] = {}
    for each in found:
        for path in each.files:
            owners[path] = (*owners.get(path, ()), each.purl)
    return Inventory({each.purl: each for each in found}, owners)


def groups_of(rootfs: Rootfs, known: Inventory, *removed: str) -> tuple[LayerGroup, ...]:
    keep = {entry.path for entry in rootfs if entry.path not in removed}
    return layer_groups(rootfs, keep, Units(known))


def titles(groups: tuple[LayerGroup, ...]) -> list[str]:
    return [group.title.removeprefix("careen layer: ") for group in groups]


def layer_of(groups: tuple[LayerGroup, ...], path: str) -> str:
    (found,) = (group for group in groups if path in group.paths)
    return found.title.removeprefix("careen layer: ")


def test_each_kind_of_path_has_its_layer_in_a_fixed_order() -> None:
    rootfs = sized(
        {"/bin": Link("usr/bin"), "/srv/empty": None},
        {
            f"{SITE}/torch/big.so": 400 * MB,
            f"{SITE}/torch/a.py": 5 * MB,
            f"{SITE}/six.py": 30_000,
            f"{SITE}/__pycache__/six.cpython-311.pyc": 30_000,
            "/usr/lib/libc.so.6": 5 * MB,
            "/usr/bin/sed": 100_000,
            "/usr/local/lib/python3.11/os.py": 6 * MB,
            "/usr/local/bin/python3.11": 10_000,
            "/models/weights.bin": 900 * MB,
            "/models/config.json": 100,
            "/srv/index.faiss": 20 * MB,
            "/app/main.py": 100,
            "/etc/passwd": 100,
            "/var/lib/dpkg/status": 100,
            "/var/lib/dpkg/info/sed.list": 100,
        },
    )
    known = inventory(
        pypi_torch=(f"{SITE}/torch/big.so", f"{SITE}/torch/a.py"),
        pypi_six=(f"{SITE}/six.py",),
        deb_glibc=("/usr/lib/libc.so.6",),
        deb_sed=("/usr/bin/sed", "/var/lib/dpkg/info/sed.list"),
    )
    groups = groups_of(rootfs, known)
    assert titles(groups) == [
        "python torch, large files",
        "python torch",
        "deb glibc",
        "python standard library",
        "data /models/weights.bin",
        "data /srv",
        "base",
        *(title for title in titles(groups) if " packages " in title),
        "databases and configuration",
        "application",
    ]
    assert layer_of(groups, "/var/lib/dpkg/info/sed.list") == "databases and configuration"
    assert layer_of(groups, "/bin") == "base"
    assert layer_of(groups, "/srv/empty") == layer_of(groups, "/app/main.py") == "application"
    assert layer_of(groups, f"{SITE}/six.py") == layer_of(
        groups, f"{SITE}/__pycache__/six.cpython-311.pyc"
    )


def test_packages_of_one_source_are_one_unit() -> None:
    rootfs = sized({}, {"/usr/lib/libssl.so.3": 3 * MB, "/usr/bin/openssl": 2 * MB})
    known = inventory(deb_libssl3=("/usr/lib/libssl.so.3",), deb_openssl=("/usr/bin/openssl",))
    packages = {purl: replace(each, source="openssl@3.5") for purl, each in known.packages.items()}
    groups = groups_of(rootfs, replace(known, packages=packages))
    assert titles(groups) == ["deb openssl"]


def test_the_bin_of_a_unit_does_not_depend_on_the_others() -> None:
    files = {f"p{number}": (f"{SITE}/p{number}.py",) for number in range(60)}
    sizes = dict.fromkeys((path for paths in files.values() for path in paths), 1000)
    everything = inventory(**{f"pypi_{name}": paths for name, paths in files.items()})
    before = groups_of(sized({}, sizes), everything)
    after = groups_of(sized({}, sizes), everything, *(f"{SITE}/p{n}.py" for n in range(0, 60, 3)))
    assert 2 < len(before) <= 8
    for number in range(1, 60, 3):
        path = f"{SITE}/p{number}.py"
        assert layer_of(before, path) == layer_of(after, path)


def test_a_large_database_is_no_data() -> None:
    groups = groups_of(sized({}, {"/var/lib/rpm/rpmdb.sqlite": 90 * MB}), inventory())
    assert titles(groups) == ["databases and configuration"]


def test_the_history_shows_hostile_names_harmlessly() -> None:
    name = "/\x1b[2J\udcff" + "x" * 250
    groups = groups_of(sized({}, {f"{name}/w.bin": 90 * MB}), inventory())
    assert titles(groups) == ["data /?[2J?" + "x" * 189]


def test_hard_links_go_with_their_first_name() -> None:
    rootfs = sized({}, {"/usr/bin/a": 100, f"{SITE}/x/again": 100})
    first, again = ImagePath("/usr/bin/a"), ImagePath(f"{SITE}/x/again")
    entries: dict[ImagePath, Entry] = {entry.path: entry for entry in rootfs}
    entries[again] = replace(entries[again], inode=entries[first].inode)
    groups = groups_of(
        Rootfs(entries, MemoryContent({})), inventory(deb_a=(first,), pypi_x=(again,))
    )
    assert layer_of(groups, again) == layer_of(groups, first)


@pytest.mark.parametrize("units", [40, 70, 300])
def test_there_are_never_too_many_layers(units: int) -> None:
    """Thresholds double until the layers fit."""
    files = {f"p{number}": f"{SITE}/p{number}/x.py" for number in range(units)}
    sizes = {path: (5 + number % 7) * MB for number, path in enumerate(files.values())}
    sizes |= {f"/models/{number}.bin": (70 + number) * MB for number in range(units)}
    known = inventory(**{f"pypi_{name}": (path,) for name, path in files.items()})
    groups = groups_of(sized({}, sizes), known)
    assert 2 < len(groups) <= MAX_LAYERS
    assert {path for group in groups for path in group.paths} == set(sizes)

"""Volumes of the embedded engine: the directories that are made, and the mounts."""

from pathlib import Path

import pytest

from careen.engines.embedded.volumes import (
    Bind,
    Volume,
    parse_volume,
    volume_mounts,
    wanted_volumes,
)
from careen.errors import InputError
from tests.support.trees import Link, tree


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Return the folders of anonymous and of named volumes."""
    folders = tmp_path / "anonymous", tmp_path / "named"
    for folder in folders:
        folder.mkdir()
    return folders


def test_two_slashes_in_front_name_the_same_directory() -> None:
    """POSIX keeps two leading slashes in normpath, and the kernel does not."""
    assert parse_volume("/host://data") == Bind("/host", "/data", ())
    found = wanted_volumes(("/host://data",), ("//cache:size=1m",), ("/data", "/cache"))
    assert found == (Bind("/host", "/data", ()),)


def test_each_mount_is_private_unless_the_user_says_otherwise(
    tmp_path: Path, places: tuple[Path, Path]
) -> None:
    wanted = (
        Bind(str(tmp_path), "/a", ("ro",)),
        Bind(str(tmp_path), "/b", ("rshared", "ro")),
    )
    mounts = volume_mounts(wanted, tree({}), *places)
    assert [mount["options"] for mount in mounts] == [
        ["rbind", "rprivate", "ro"],
        ["rbind", "rshared", "ro"],
    ]
    assert [(mount["destination"], mount["source"]) for mount in mounts] == [
        ("/a", str(tmp_path)),
        ("/b", str(tmp_path)),
    ]


def test_a_host_directory_that_is_missing_is_made_as_docker_does(
    tmp_path: Path, places: tuple[Path, Path]
) -> None:
    source = tmp_path / "not" / "there"
    volume_mounts((Bind(str(source), "/a", ()),), tree({}), *places)
    assert source.is_dir()


def test_a_host_directory_that_cannot_be_made_is_named(
    tmp_path: Path, places: tuple[Path, Path]
) -> None:
    (tmp_path / "file").touch()
    source = tmp_path / "file" / "below"
    with pytest.raises(InputError, match="Not a directory") as caught:
        volume_mounts((Bind(str(source), "/a", ()),), tree({}), *places)
    assert str(caught.value).startswith(f"-v {source}:/a: ")


def test_named_volumes_are_shared_and_anonymous_ones_are_not(places: tuple[Path, Path]) -> None:
    anonymous, named = places
    wanted = (Volume("data", "/a", ()), Volume("data", "/b", ()), Volume("", "/c", ()))
    sources = [mount["source"] for mount in volume_mounts(wanted, tree({}), *places)]
    assert sources == [str(named / "data"), str(named / "data"), str(anonymous / "2")]
    assert all(Path(source).stat().st_mode & 0o777 == 0o755 for source in sources)


def test_a_named_volume_with_content_is_not_filled_again(places: tuple[Path, Path]) -> None:
    (places[1] / "data").mkdir()
    (places[1] / "data" / "own").touch()
    rootfs = tree({"/a": "a file, which would be refused"})
    volume_mounts((Volume("data", "/a", ()),), rootfs, *places)
    assert [path.name for path in (places[1] / "data").iterdir()] == ["own"]


@pytest.mark.parametrize(
    ("rootfs", "there"),
    [
        ({"/data": "text"}, "file '/data'"),
        ({"/data": Link("etc/passwd"), "/etc/passwd": ""}, "file '/etc/passwd'"),
        ({"/data": Link("/")}, "directory '/'"),
        ({"/data": Link("../../..")}, "directory '/'"),
    ],
)
def test_a_volume_over_something_else_than_a_directory_is_refused(
    rootfs: dict[str, str], there: str, places: tuple[Path, Path]
) -> None:
    with pytest.raises(InputError) as caught:
        volume_mounts((Volume("", "/data", ()),), tree(rootfs), *places)
    assert str(caught.value) == (f"volume '/data': the image has {there} there, not a directory")


def test_nocopy_needs_nothing_of_the_image(places: tuple[Path, Path]) -> None:
    wanted = (Volume("data", "/data", (), copy=False), Volume("", "/loop", ()))
    rootfs = tree({"/data": "text", "/loop": Link("loop")})
    assert len(volume_mounts(wanted, rootfs, *places)) == 2
    assert list((places[1] / "data").iterdir()) == []

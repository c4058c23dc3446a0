"""Where a result may go: a place that can be written to, and never the original's own."""

import re
import shutil
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.pipeline.run.destination_guard import refuse_original
from careen.pipeline.run.outputs import check_output
from careen.pipeline.run.settings import Destination, parse_output, parse_place
from tests.support.images import docker_archive, file, layer, oci_layout


def outputs(*texts: str) -> Destination:
    return Destination(None, tuple(parse_place(text) for text in texts))


@pytest.mark.parametrize(
    ("original", "tag"),
    [
        ("newcomer/web:1", "newcomer/web:1"),
        ("newcomer/web", "docker.io/newcomer/web:latest"),
        ("docker.io/alpine", "alpine"),
        ("docker://r.example/web:1", "r.example/web:1"),
        ("containers-storage:web:1", "web:1"),
        (f"web:1@sha256:{'a' * 64}", "web:1"),
    ],
)
def test_the_original_keeps_its_name(original: str, tag: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_original(Destination(tag), original)
    assert (
        str(caught.value)
        == f"-t {tag}: is the name of the original, which careen never replaces; choose another"
        " tag"
    )


@pytest.mark.parametrize(
    ("original", "tag"),
    [
        ("newcomer/web:1", "newcomer/web:1-hardened"),
        (f"web@sha256:{'a' * 64}", "web"),
        ("host:5000/web", "web"),
        ("docker-archive:web.tar:web:1", "web:1"),
    ],
)
def test_another_name_is_free(original: str, tag: str) -> None:
    refuse_original(Destination(tag), original)


@pytest.mark.parametrize(
    ("original", "output"),
    [
        ("r.example/web:1", "docker://r.example/web:1"),
        ("docker://r.example/web:1", "docker://r.example/web:1"),
        ("containers-storage:web:1", "containers-storage:web:1"),
    ],
)
def test_the_original_keeps_its_name_in_a_registry(original: str, output: str) -> None:
    with pytest.raises(InputError, match=re.escape("is the name of the original")):
        refuse_original(outputs(output), original)


def test_the_original_keeps_its_file(tmp_path: Path) -> None:
    archive = docker_archive(tmp_path / "image.tar", [layer(file("a", "a"))])
    (tmp_path / "link.tar").symlink_to(archive)
    for place in ("image.tar", "link.tar:other:1", "../" + tmp_path.name + "/image.tar"):
        output = f"docker-archive:{tmp_path}/{place}"
        with pytest.raises(
            InputError,
            match=re.escape(
                f"-o {output}: is the original's own file, which must stay as it is; choose another"
                " file"
            ),
        ):
            refuse_original(outputs(output), f"docker-archive:{archive}")
    refuse_original(outputs(f"docker-archive:{tmp_path}/new.tar"), f"docker-archive:{archive}")
    refuse_original(outputs(f"docker-archive:{archive}"), "some:image")


@pytest.mark.parametrize(
    ("original", "output", "refused"),
    [
        (":v1", ":v1", True),
        ("", ":v1", True),
        (":v1", ":v1-hardened", False),
        ("", ":v1-hardened", False),
        (":v1", "", False),
    ],
)
def test_the_original_keeps_its_place_in_a_layout(
    tmp_path: Path, original: str, output: str, *, refused: bool
) -> None:
    oci_layout(tmp_path / "layout", [layer(file("a", "a"))], tag="v1")
    destination, source = (
        outputs(f"oci:{tmp_path}/layout{output}"),
        f"oci:{tmp_path}/layout{original}",
    )
    if not refused:
        refuse_original(destination, source)
        return
    with pytest.raises(
        InputError,
        match=r"is the original's own place in its layout, .* choose another tag or directory",
    ):
        refuse_original(destination, source)


def test_a_place_that_takes_no_files_is_found_out_early() -> None:
    with pytest.raises(
        InputError,
        match=(
            r"output 'oci:/proc/x': directory '/proc' cannot be written to \(.+\); name another"
            r" place"
        ),
    ):
        check_output(parse_output("oci:/proc/x"))


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_looking_leaves_nothing(tmp_path: Path) -> None:
    oci_layout(tmp_path / "layout", [layer(file("a", "a"))])
    shutil.copytree(tmp_path / "layout", tmp_path / "before")
    check_output(parse_output(f"oci:{tmp_path}/layout:new"))
    check_output(parse_output(f"oci:{tmp_path}/absent"))
    check_output(parse_output(f"docker-archive:{tmp_path}/absent.tar"))
    assert names(tmp_path) == ["before", "layout"]
    assert names(tmp_path / "layout") == names(tmp_path / "before")

"""Names through a process's own links of proc(5)."""

import pytest

from careen.model.runs.process_links import ProcessLink, Start, process_link


@pytest.mark.parametrize(
    "path",
    [
        "/proc/self/root/opt/x",
        "/proc/1/root/opt/x",
        "//proc/./thread-self//root/opt/x",
        "/proc/self/task/7/root/opt/x",
        "/proc/1/../self/root/opt/x",
    ],
)
def test_the_root_of_a_process(path: str) -> None:
    assert process_link(path) == ProcessLink(Start.ROOT, "opt/x")


@pytest.mark.parametrize(
    "path",
    [
        "/proc/self/cwd/x",
        "/proc/12/fd/3/x",
        "/dev/fd/3/x",
        "/dev/stdin/x",
        "/proc/thread-self/cwd/./x",
        "/proc/self/task/7/fd/3/x",
    ],
)
def test_a_directory_that_a_process_holds(path: str) -> None:
    assert process_link(path) == ProcessLink(Start.DIRECTORY, "x")


def test_what_stands_before_the_last_link_does_not_matter() -> None:
    assert process_link("/proc/self/root/proc/1/root/dev/fd/4/a/../b") == ProcessLink(
        Start.DIRECTORY, "a/../b"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/proc/self/root",
        "/proc/self/fd/3",
        "/proc/self/exe",
        "/proc/self/maps",
        "/dev/null",
        "/opt/proc/self/root/x",
        "/proc/self/fd/x/y",
        "/proc/self/../x",
        "/x",
    ],
)
def test_other_names_have_none(path: str) -> None:
    assert process_link(path) is None

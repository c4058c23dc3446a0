"""How long a container waited for a processor: the longest wait of a thread."""

from pathlib import Path

import pytest

from careen.engines.processor_wait import longest_wait


def thread(proc: Path, pid: int, number: int, text: str | None) -> None:
    folder = proc / str(pid) / "task" / str(number)
    folder.mkdir(parents=True)
    if text is not None:
        (folder / "schedstat").write_text(text)


def test_the_longest_wait_of_all_threads_counts(tmp_path: Path) -> None:
    thread(tmp_path, 7, 7, "9000000000 1500000000 12\n")
    thread(tmp_path, 7, 8, "10 2500000000 3\n")
    thread(tmp_path, 9, 9, "10 20 3\n")
    assert longest_wait([9, 7], tmp_path) == 2.5
    assert longest_wait([9], tmp_path) == 2e-8


@pytest.mark.parametrize("text", [None, "", "1\n", "many words here\n"])
def test_what_the_kernel_does_not_count_is_unknown(text: str | None, tmp_path: Path) -> None:
    thread(tmp_path, 7, 7, text)
    assert longest_wait([7], tmp_path) is None
    thread(tmp_path, 7, 8, "0 0 0\n")
    assert longest_wait([7], tmp_path) == 0.0


def test_a_process_that_has_ended_is_unknown(tmp_path: Path) -> None:
    assert longest_wait([7], tmp_path) is None
    assert longest_wait([], tmp_path) is None

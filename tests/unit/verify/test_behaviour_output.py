"""Error lines and libraries: what the new image's container printed and loaded, and the original's
did not.
"""

from collections.abc import Sequence

import pytest

from careen.model.runs.behaviour import Deviation
from careen.model.runs.trace import Trace, Use
from careen.verify.libraries import family
from tests.support.behaviours import (
    between_runs,
    compared,
    explored,
    images,
    missed,
    side,
    told,
    touch,
    trace,
    worked,
)

pytestmark = pytest.mark.slow

TRACEBACK = """\
Traceback (most recent call last):
  File "/app/serve.py", line 12, in plugin
    import plugins.extra
{last}
INFO: going on
"""
LOST_MODULE = TRACEBACK.format(last="ModuleNotFoundError: No module named 'plugins.extra'")


def printed(
    before: str, after: str, *gone: str, seen: Trace | None = None
) -> tuple[Deviation, ...]:
    return between_runs(worked(logs=before), worked(logs=after), seen, images(*gone))


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-02 03:04:05 ERROR no words",
        "[critical] CRITICAL: lost",
        "FATAL could not go on",
        "panic: runtime error",
        "sh: 1: curl: not found",
        "cat: /etc/words: No such file or directory",
        '{"level": "error", "message": "no words"}',
        "time=x level=error msg=lost",
        "app: error: no words",
    ],
)
def test_a_new_error_line_is_a_warning(line: str) -> None:
    assert told(*printed("ready\n", f"ready\n{line}\n")) == [
        ("error-log", "warning", "serve", "not printed", repr(line))
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "2026-01-02 03:04:05 ERROR worker 12 lost 0x7f0012345678",
            "2026-03-04 13:14:15 ERROR worker 99 lost 0x7f99aabbccdd",
        ),
        ("ERROR [pid 17] 10.0.0.1:4242 closed", "\x1b[31mERROR\x1b[0m [pid 4] 10.0.0.2:1 closed"),
        ("ready", "GET /missing HTTP/1.1 404 Not Found"),
        ("ready", "0 errors, no error"),
        (
            TRACEBACK.format(last="ValueError: 17 is too much"),
            TRACEBACK.format(last="ValueError: 4 is too much"),
        ),
    ],
)
def test_lines_that_differ_by_times_and_numbers_are_known(before: str, after: str) -> None:
    assert printed(before, after) == ()


def test_an_error_that_is_gone_is_no_difference() -> None:
    assert printed("ERROR no words\n", "ready\n") == ()


@pytest.mark.parametrize(
    "last",
    [
        "ModuleNotFoundError: No module named 'plugins.extra'",
        "ImportError: cannot import name 'extra' from 'plugins'",
        "FileNotFoundError: [Errno 2] No such file or directory: '/usr/share/words.txt'",
        "ImportError: libz.so.1: cannot open shared object file: No such file or directory",
    ],
)
def test_a_traceback_about_what_is_missing_is_a_failure(last: str) -> None:
    assert told(*printed("", TRACEBACK.format(last=last))) == [
        ("error-log", "failure", "serve", "not printed", repr(last))
    ]


def test_a_traceback_that_the_original_prints_elsewhere_is_a_warning() -> None:
    """It depends on a condition, such as the time, and not on what was removed."""
    before = side(worked(), None, [explored(logs=LOST_MODULE)])
    found = compared(
        before, side(worked(logs=LOST_MODULE), None, [explored(logs=LOST_MODULE)])
    ).deviations
    assert [(item.kind, item.weight.value, item.where) for item in found] == [
        ("error-log", "warning", "serve")
    ]


def test_a_traceback_names_the_removed_file() -> None:
    (found,) = printed("", LOST_MODULE, "/app/plugins/extra.py", "/usr/share/words.txt")
    assert found.cause == ("/app/plugins/extra.py",)
    (found,) = printed(
        "",
        TRACEBACK.format(
            last="FileNotFoundError: [Errno 2] No such file or directory: '/usr/share/words.txt'"
        ),
        "/app/plugins/extra.py",
        "/usr/share/words.txt",
    )
    assert found.cause == ("/usr/share/words.txt",)


def test_a_library_that_cannot_be_loaded_fails_without_a_traceback() -> None:
    line = (
        "app: error while loading shared libraries: libz.so.1.2: cannot open shared object file: No"
        " such file or directory"
    )
    (found,) = printed("", line, "/usr/lib/libz.so.1.2")
    assert (found.weight.value, found.cause) == ("failure", ("/usr/lib/libz.so.1.2",))


def test_another_new_traceback_is_a_warning_and_so_is_a_caught_error_that_is_only_mentioned() -> (
    None
):
    assert told(*printed("", TRACEBACK.format(last="ValueError: too much"))) == [
        ("error-log", "warning", "serve", "not printed", "'ValueError: too much'"),
    ]
    assert [item.weight.value for item in printed("", "falling back after ImportError\n")] == [
        "warning"
    ]


def test_a_flood_of_error_lines_is_counted_with_the_failures_first() -> None:
    flood = "".join(f"ERROR in {chr(97 + i % 26)}{chr(97 + i // 26)}\n" for i in range(100))
    found = printed("", flood + LOST_MODULE)
    assert len(found) == 21
    assert found[0].weight.value == "failure"
    assert found[-1].after == "81 more error lines"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "chunk",
    [
        "ERROR " + "x" * 100 + "\n",
        "e" * 1000,
        "Traceback (most recent call last)\n",
        "not found\n",
        "1" * 50 + " ERROR\n",
    ],
)
def test_megabytes_of_output_are_read_in_bounded_time(chunk: str) -> None:
    logs = chunk * ((4 << 20) // len(chunk))
    assert len(printed("", logs)) <= 21
    assert printed(logs, logs) == ()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/usr/lib/libssl.so.3", "libssl"),
        ("/usr/lib/libssl.so.1.1", "libssl"),
        ("/x/libgfortran-040039e1.so.5.0.0", "libgfortran"),
        ("/x/libopenblasp-r0-2ecf2e90.3.23.so", "libopenblasp-r"),
        ("/x/_ssl.cpython-311-x86_64-linux-gnu.so", "_ssl"),
        ("/x/_cffi.abi3.so", "_cffi"),
        ("/usr/lib/libpython3.11.so.1.0", "libpython"),
        ("/lib64/ld-linux-x86-64.so.2", "ld-linux-x86-64"),
        ("/usr/bin/app", None),
        ("/x/notes.sox", None),
        ("/x/.so", None),
        ("/x/7.so", "7"),
    ],
)
def test_the_family_of_a_library(path: str, name: str | None) -> None:
    assert (family(path) or "").rstrip("-648") == (name or "").rstrip("-648")
    assert (family(path) is None) == (name is None)


OLD, NEW = "/usr/lib/libz.so.1.2", "/usr/lib/libz.so.1.3"


def loads(*paths: str) -> Trace:
    return trace(*(touch(path, Use.MAPPED) for path in paths))


def libraries(
    before: Sequence[Trace], after: Sequence[Trace], *gone: str
) -> list[tuple[str, str, str, str, str]]:
    one, two = (
        side(worked(), seen[0], [explored(trace=each) for each in seen[1:]])
        for seen in (before, after)
    )
    return told(*compared(one, two, images(*gone)).deviations)


def test_another_version_of_a_library_is_a_failure() -> None:
    assert libraries([loads(OLD)], [loads(NEW)], OLD) == [
        ("library", "failure", "serve", f"{OLD} loaded", NEW)
    ]
    assert compared(side(worked(), loads(OLD)), side(worked(), loads(NEW)), images(OLD)).deviations[
        0
    ].cause == (OLD,)


def test_a_second_version_beside_the_first_is_a_warning() -> None:
    assert libraries([loads(OLD)], [loads(OLD, NEW)]) == [
        ("library", "warning", "serve", "not loaded by any container", f"{NEW} loaded")
    ]


def test_a_version_that_the_original_loads_elsewhere_is_none() -> None:
    assert libraries([loads(OLD), loads(NEW)], [loads(NEW), loads(OLD)]) == []


def test_a_library_that_nobody_loads_any_more_is_a_warning_and_timing_is_none() -> None:
    assert libraries([loads(OLD), loads()], [loads(), loads()]) == [
        ("library", "warning", "serve", f"{OLD} loaded", "not loaded by any container"),
    ]
    assert libraries([loads(OLD), loads()], [loads(), loads(OLD)]) == []


def test_what_failed_to_load_what_a_program_wrote_and_what_is_only_opened_do_not_count() -> None:
    seen = trace(
        missed(OLD, Use.MAPPED), touch("/tmp/native123.so", Use.MAPPED), touch(OLD, Use.OPENED)
    )
    assert libraries([loads()], [seen]) == []

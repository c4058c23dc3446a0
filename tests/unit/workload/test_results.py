"""The single cases of a test: from reports in JUnit XML, from TAP, from what test programs
print.
"""

import datetime as dt
import shlex
import sys
import textwrap
import time
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.model.runs.workload import CaseResult, Outcome, TestCommand, TestPlace, TestResult
from careen.workload.cases import count_cases
from careen.workload.junit import MAX_CASES, Window, read_junit
from careen.workload.results import count, find_results
from careen.workload.testing import TestRun, run_test
from careen.workload.text_results import read_text_results
from tests.support.local_container import LocalContainer

pytestmark = pytest.mark.slow

PYTEST = f"{shlex.quote(sys.executable)} -m pytest -q -p no:cacheprovider"
NOON = dt.datetime(2026, 3, 1, 12, 0, 0, tzinfo=dt.UTC).timestamp()
RAN = Window(begun=1000.0, ended=1060.0, wall=NOON - 1000.0)  # it began at noon


def brief(results: object) -> list[tuple[str, str]]:
    assert isinstance(results, tuple)
    return [(case.name, case.outcome.value) for case in results]


SUREFIRE = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="org.example.EmbedTest" time="4.5" timestamp="2026-03-01T12:00:10Z" tests="4">
  <properties><property name="java.version" value="17"/></properties>
  <testcase classname="org.example.EmbedTest" name="one" time="1.5"/>
  <testcase classname="org.example.EmbedTest" name="two" time="1,0.0"><failure message="expected 200&#10;but was 500" type="A">at X</failure></testcase>
  <testcase classname="org.example.EmbedTest" name="three" time="2.0"><error>
      java.net.ConnectException: refused
  </error><system-out>noise</system-out></testcase>
  <testcase classname="org.example.EmbedTest" name="four" time="1.0"><skipped/></testcase>
</testsuite>
"""


def test_a_report_tells_each_case_with_its_outcome_time_and_first_line() -> None:
    results = read_junit(SUREFIRE.replace(b"1,0.0", b"0.0"), RAN)
    assert [
        (case.name.rpartition("::")[2], case.outcome, case.seconds, case.begun, case.message)
        for case in results
    ] == [
        ("one", Outcome.PASSED, 1.5, 1010.0, ""),
        ("two", Outcome.FAILED, 0.0, 1011.5, "expected 200"),
        ("three", Outcome.ERROR, 2.0, 1011.5, "java.net.ConnectException: refused"),
        ("four", Outcome.SKIPPED, 1.0, 1013.5, ""),
    ]
    assert results[0].name == "org.example.EmbedTest::one"
    assert count(results, "") == 3


def suite(attributes: str, *times: float) -> bytes:
    cases = "".join(f'<testcase name="t{i}" time="{seconds}"/>' for i, seconds in enumerate(times))
    return f"<testsuite {attributes}>{cases}</testsuite>".encode()


def test_pytest_counts_its_collection_as_time_of_the_suite() -> None:
    """Ten seconds of import before the first case: the cases end with the suite."""
    results = read_junit(
        suite('name="pytest" time="13" timestamp="2026-03-01T12:00:20+00:00"', 1, 2), RAN
    )
    assert [(case.name, case.begun) for case in results] == [("t0", 1030.0), ("t1", 1031.0)]


@pytest.mark.parametrize(
    "attributes",
    [
        'time="3"',
        'time="3" timestamp="yesterday"',
        'time="3" timestamp="2026-03-02T12:00:20Z"',
        'time="1" timestamp="2026-03-01T12:00:20Z"',
        'timestamp="9999"',
    ],
    ids=["no timestamp", "no time", "another day", "in parallel", "a year"],
)
def test_when_a_case_began_is_unknown_rather_than_wrong(attributes: str) -> None:
    assert [case.begun for case in read_junit(suite(attributes, 2, 2), RAN)] == [None, None]


def test_a_case_that_its_report_says_did_not_run_is_skipped() -> None:
    """As gtest says of `DISABLED_` cases, and ctest of those it left out: with no `skipped`."""
    document = b"""<testsuites><testsuite name="Tokens">
    <testcase name="Ran" status="run" result="completed" time="0.5" classname="Tokens"/>
    <testcase name="DISABLED_Later" status="notrun" result="suppressed" time="0" classname="Tokens"/>
    <testcase name="Off" status="disabled" classname="Tokens"/>
    <testcase name="Broken" status="notrun"><failure message="no program"/></testcase>
    </testsuite></testsuites>"""
    results = read_junit(document, RAN)
    assert brief(results) == [
        ("Tokens::Ran", "passed"),
        ("Tokens::DISABLED_Later", "skipped"),
        ("Tokens::Off", "skipped"),
        ("Tokens::Broken", "failed"),
    ]
    assert count(results, "") == 2


def test_a_time_stamp_of_a_case_counts_before_that_of_its_suite() -> None:
    document = (
        b'<testsuite timestamp="2026-03-01T12:00:00Z"><testcase name="a" time="1"'
        b' timestamp="2026-03-01T12:00:40.5Z"/></testsuite>'
    )
    assert [case.begun for case in read_junit(document, RAN)] == [1040.5]


def test_nested_suites_and_name_spaces_are_read() -> None:
    document = b"""<j:testsuites xmlns:j="urn:x"><j:testsuite name="outer"><j:testsuite name="inner"><j:testcase name="a"/></j:testsuite>
    <j:testcase name="b"><j:skipped type="pytest.xfail" message="known"/></j:testcase></j:testsuite></j:testsuites>"""
    assert brief(read_junit(document, RAN)) == [("inner::a", "passed"), ("outer::b", "passed")]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b'
    b' "&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a SYSTEM'
    b' "file:///etc/passwd">]><testsuite><testcase'
    b' name="x"><failure>&a;</failure></testcase></testsuite>'
)


@pytest.mark.parametrize(
    "document",
    [
        BOMB,
        OUTSIDE,
        b"",
        b"<testsuite>",
        b"<testsuite><testcase name='a'></testsuite>",
        b"<html><body/></html>",
        b"<testsuite>" + b"<testsuite>" * 100_000,
        b"<testsuite>\x01</testsuite>",
        b'<?xml version="1.0" encoding="no-such"?><testsuite/>',
        b'<?xml version="1.0" encoding="utf-8"?><testsuite name="\xff"/>',
        b"<testsuite>" + b"<p/>" * 1_000_000 + b"</testsuite>",
    ],
    ids=[
        "entities",
        "external entity",
        "nothing",
        "cut off",
        "not closed",
        "another document",
        "deep",
        "control character",
        "encoding",
        "not UTF-8",
        "wide",
    ],
)
def test_hostile_and_broken_reports_are_refused(document: bytes) -> None:
    with pytest.raises(InputError, match="not a report in JUnit XML") as error:
        read_junit(document, RAN)
    assert "\n" not in str(error.value)


def test_a_report_without_end_is_cut() -> None:
    document = b"<testsuite>" + b'<testcase name="a"/>' * (MAX_CASES + 500) + b"</testsuite>"
    assert len(read_junit(document, RAN)) == MAX_CASES


def test_names_cannot_steer_a_terminal_and_are_told_apart() -> None:
    document = (
        b'<testsuite><testcase name="a&#xA;b"/><testcase name="same"/><testcase'
        b' name="same"><failure/></testcase></testsuite>'
    )
    assert brief(find_results([document], "", RAN)) == [
        ("a b", "passed"),
        ("same", "passed"),
        ("same #2", "failed"),
    ]


def test_one_report_that_cannot_be_read_leaves_the_word_to_the_output() -> None:
    assert brief(
        find_results([suite("", 1), b"<testsuite"], "1..1\nok 1 - from the output\n", RAN)
    ) == [("from the output", "passed")]


TAP = """TAP version 13
1..6
ok 1 - starts
  ---
  duration_ms: 12.5
  ...
not ok 2 - embeds \x1b[31mtext\x1b[0m
  ---
  duration_ms: 3
  message: 'expected 384 numbers'
  ...
    ok 1 - a point of a subtest
ok 3 - late # SKIP no GPU
not ok 4 - known # todo later
ok 5
okay this is a line of its own
"""


def test_tap() -> None:
    results = read_text_results(TAP)
    assert brief(results) == [
        ("starts", "passed"),
        ("embeds text", "failed"),
        ("late", "skipped"),
        ("known", "passed"),
        ("test 5", "passed"),
    ]
    assert (results[0].seconds, results[1].seconds) == (0.0125, 0.003)
    assert results[1].message == "expected 384 numbers"
    assert results[0].begun is None
    assert read_text_results("ok 1 - without a plan it may be anything\n") == ()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            (
                "tests/test_a.py::test_x[a b] PASSED           [ 33%]\ntests/test_a.py::test_y"
                " FAILED [ 66%]\ntests/test_a.py::test_z SKIPPED (no GPU)  [100%]\nFAILED"
                " tests/test_a.py::test_y - assert 1 == 2\n"
            ),
            [
                ("tests/test_a.py::test_x[a b]", "passed", ""),
                ("tests/test_a.py::test_y", "failed", "assert 1 == 2"),
                ("tests/test_a.py::test_z", "skipped", ""),
            ],
        ),
        (
            "[gw0] [ 50%] PASSED tests/t.py::a \n[gw1] [100%] ERROR tests/t.py::b \n",
            [("tests/t.py::a", "passed", ""), ("tests/t.py::b", "error", "")],
        ),
        (
            "=== RUN   TestA\n--- PASS: TestA (0.02s)\n    --- FAIL: TestB/one (1.50s)\n",
            [("TestA", "passed", ""), ("TestB/one", "failed", "")],
        ),
        (
            (
                "test_a (pkg.T.test_a) ... ok\ntest_b (pkg.T.test_b)\nSays something ... ok\ntest_c"
                " (pkg.T.test_c) ... skipped 'no'\ntest_d (t.T) ... FAIL\n"
            ),
            [
                ("test_a (pkg.T.test_a)", "passed", ""),
                ("test_c (pkg.T.test_c)", "skipped", ""),
                ("test_d (t.T)", "failed", ""),
            ],
        ),
        ("all good\n", []),
    ],
    ids=["pytest -v", "xdist -v", "go", "unittest", "none"],
)
def test_what_test_programs_print(output: str, expected: list[tuple[str, str, str]]) -> None:
    assert [
        (case.name, case.outcome.value, case.message) for case in read_text_results(output)
    ] == expected


@pytest.mark.timeout(60)
def test_reading_an_output_is_linear() -> None:
    hostile = (
        "x.py::"
        + "a PASSED " * 400_000
        + "\n"
        + "ok " * 1_000_000
        + "\n"
        + "1..2\n"
        + "--- PASS: " * 300_000
        + "(" * 300_000
    )
    read_text_results(hostile)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line",
    [
        "x.py::" * 340 + " PASSED (" * 200 + ")" * 10 + " z",
        "FAILED " + "x.py::" * 680,
        "[gw0] PASSED " + "x.py::" * 300 + " " * 2000 + "x",
        "a [" * 1300,
    ],
    ids=["endings", "files", "white space", "brackets"],
)
def test_hostile_lines_take_no_longer_than_others(line: str) -> None:
    """Each of them once took up to a third of a second."""
    assert len(read_text_results(f"{line}\n" * 4000)) <= 1


def test_numbers_without_end_are_no_numbers() -> None:
    endless = "9" * 5000
    assert read_text_results(f"--- PASS: a (.s)\n--- PASS: b ({endless}s)\n") == (
        made("a"),
        made("b"),
    )
    assert count_cases(f"{endless} passed in 1s\nRan {endless} tests in 1s\n") is None
    assert count_cases("3 passed in 1s\n") == 3


def made(name: str) -> CaseResult:
    return CaseResult(name, Outcome.PASSED, 0.0, None, "")


# --- commands that are really run


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(text))
    return path


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tests run in a folder of their own, as a user's do, and not under the options of this
    repository.
    """
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    write(
        folder,
        "test_first.py",
        "import time\ndef test_quick(): pass\ndef test_slow(): time.sleep(0.4)\n",
    )
    write(folder, "test_second.py", "def test_wrong(): assert 1 == 2, 'one is not two'\n")
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


def tried(command: str, scratch: Path | None) -> TestResult:
    with LocalContainer(["/bin/sleep", "120"]) as container:
        container.start()
        return run_test(
            TestCommand(TestPlace.HOST, command), container, TestRun({}, 120, scratch=scratch)
        )


def test_each_pytest_of_a_command_tells_its_cases(scratch: Path) -> None:
    """The second must not overwrite the first, and the user's output is as it would be without
    careen.
    """
    before = time.monotonic()
    result = tried(f"{PYTEST} test_first.py; {PYTEST} test_second.py", scratch)
    assert brief(result.results) == [
        ("test_first::test_quick", "passed"),
        ("test_first::test_slow", "passed"),
        ("test_second::test_wrong", "failed"),
    ]
    assert result.results[2].message.startswith("AssertionError: one is not two")
    assert result.cases == 3
    assert "generated xml file" not in result.output
    quick, slow, wrong = (case.begun for case in result.results)
    assert quick is not None
    assert slow is not None
    assert wrong is not None
    assert before <= result.begun <= quick <= slow < wrong <= time.monotonic()
    assert 0.35 < result.results[1].seconds < 5
    assert wrong - slow > 0.35


def test_the_users_own_options_of_pytest_stand(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k quick")
    assert brief(tried(f"{PYTEST} test_first.py", scratch).results) == [
        ("test_first::test_quick", "passed")
    ]


@pytest.mark.parametrize("where", ["command", "variable", "file", "switched off"])
def test_where_the_user_has_a_report_written_it_is_written(
    where: str, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "variable":
        monkeypatch.setenv("PYTEST_ADDOPTS", "--junitxml=own.xml")
    if where == "file":
        write(Path.cwd(), "pytest.ini", "[pytest]\naddopts = -v --junit-xml own.xml\n")
    option = {"command": "--junitxml=own.xml", "switched off": "-p no:junitxml"}.get(where, "")
    result = tried(f"{PYTEST} {option} -vv test_first.py", scratch)
    assert result.passed, result.output
    assert (Path.cwd() / "own.xml").exists() is (where != "switched off")
    assert brief(result.results) == [
        ("test_first.py::test_quick", "passed"),
        ("test_first.py::test_slow", "passed"),
    ]  # of its output


def test_a_command_leaves_reports_of_its_own(scratch: Path) -> None:
    result = tried(
        'mkdir "$CAREEN_RESULTS/deep"; printf \'<testsuite><testcase name="a"/></testsuite>\' >'
        ' "$CAREEN_RESULTS/deep/x.xml"',
        scratch,
    )
    assert brief(result.results) == [("a", "passed")]
    assert tried("ls -A $CAREEN_RESULTS", scratch).output == ""  # of no use to the next one


def test_reports_that_are_no_files_are_passed_over(scratch: Path) -> None:
    result = tried(
        'cd "$CAREEN_RESULTS" && mkfifo a.xml && ln -s /dev/zero b.xml && mkdir c.xml && ln -s'
        " nowhere d.xml && echo fine",
        scratch,
    )
    assert (result.passed, result.results) == (True, ())


def test_a_large_report_does_not_hold_up_its_writer(scratch: Path) -> None:
    write(
        Path.cwd(),
        "test_many.py",
        "import pytest\n@pytest.mark.parametrize('i', range(800))\ndef test_it(i, record_property):"
        " record_property('x', 'y' * 500)\n",
    )
    result = tried(f"{PYTEST} test_many.py", scratch)
    assert (len(result.results), result.cases) == (800, 800)


def test_a_pytest_that_crashes_has_no_report_and_nobody_waits_for_one(scratch: Path) -> None:
    write(
        Path.cwd(),
        "test_crashes.py",
        "import os\ndef test_first(): pass\ndef test_crashes(): os._exit(9)\n",
    )
    result = tried(f"{PYTEST} -vv test_crashes.py", scratch)
    assert result.exit_status == 9
    assert brief(result.results) == [("test_crashes.py::test_first", "passed")]


def test_without_scratch_the_output_has_to_do(scratch: Path) -> None:
    result = tried("echo $CAREEN_RESULTS; echo 1..1; echo ok 1 - a", None)
    assert brief(result.results) == [("a", "passed")]
    assert result.output.startswith("\n")

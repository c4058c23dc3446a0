"""The harness of the cold-path corpus: how subjects are read and answers are judged (the corpus
itself is no part of these tests).
"""

import contextlib
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from careen.errors import InputError
from tests.cold import __main__ as program
from tests.cold.ask import Answer, Outcome, looked_for_in_vain, wrong_with
from tests.cold.build import image_of
from tests.cold.judge import Hardening, Verdict, ask_concurrently, judge
from tests.cold.memory import Memory
from tests.cold.subject import READY_SECONDS, Case, Expected, Subject, read_subject

CORPUS = Path(__file__).parents[1] / "cold"
GOOD = """port = 80
ready = "/health"
profile = "true"
[[case]]
name = "asked"
exercises = "a route"
request = { path = "/x" }
contains = "y"
[[case]]
name = "another user"
exercises = "no passwd entry"
exec = ["id"]
options = ["--user", "7", "-v", "$FOLDER/a:/a"]
same = true
"""


def subject_of(folder: Path, text: str) -> Subject:
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return read_subject(folder, folder)


def test_a_subject_is_read_with_its_defaults(tmp_path: Path) -> None:
    subject = subject_of(tmp_path, GOOD)
    asked, other = subject.cases
    assert (subject.image, subject.port, subject.ready, subject.profile_folder) == (
        "",
        80,
        "/health",
        tmp_path,
    )
    assert asked.request is not None
    assert (asked.request.method, asked.expected.status, asked.expected.contains, asked.own) == (
        "GET",
        200,
        ("y",),
        False,
    )
    assert (other.options[-1], other.own, other.expected) == (
        f"{tmp_path}/a:/a",
        True,
        Expected(0, (), (), same=True),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD.replace("exec =", "run = ['x']\nexec ="),
            "expected 'name', 'exercises' and one of request, exec, run, host",
        ),
        (GOOD.replace("contains", "contain"), "unknown key 'contain'"),
        (GOOD.replace("another user", "asked"), "two cases have one name: 'asked'"),
        ("port = [", "not readable"),
    ],
)
def test_a_wrong_subject_is_refused_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=r"case\.toml") as caught:
        subject_of(tmp_path, text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("expected", "answer", "reference", "wrong"),
    [
        (Expected(0), Answer(0, "x"), None, ""),
        (Expected(0), Answer(None, "late"), None, "no answer in time"),
        (Expected(422), Answer(500, "x"), None, "expected status 422, got 500"),
        (Expected(0, contains=("a", "b")), Answer(0, "a"), None, "expected 'b'"),
        (Expected(0, absent=("error",)), Answer(0, "an error"), None, "did not expect 'error'"),
        (Expected(0, same=True), Answer(0, "a"), Answer(0, "b"), "what the original answers"),
        (Expected(0, same=True), Answer(0, "a"), Answer(0, "a"), ""),
    ],
)
def test_an_answer_is_judged(
    expected: Expected, answer: Answer, reference: Answer | None, wrong: str
) -> None:
    said = wrong_with(expected, answer, reference)
    assert wrong in said if wrong else said == ""


def test_a_failure_says_what_was_looked_for_in_vain() -> None:
    outcome = Outcome("a job", Answer(127, ""), "expected status 0, got 127", ("jq", "bc"))
    assert outcome.failure == "a job: expected status 0, got 127; looked for in vain: jq, bc"
    assert Outcome("late", Answer(None, ""), "no answer").failure == "late: no answer"


def test_cases_with_their_own_container_are_asked_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others share one, in their order; the outcomes have the subject's order."""
    shared: list[list[str]] = []
    both = threading.Barrier(2, timeout=20)

    class Fake(contextlib.nullcontext[Any]):
        def __init__(self, *_: object) -> None:
            super().__init__(self)
            self.asked: list[str] = []
            shared.append(self.asked)

        def ask(self, case: Case, reference: Answer | None) -> Outcome:
            self.asked.append(case.name)
            if case.name in ("another user", "asked"):
                both.wait()
            return Outcome(case.name, reference or Answer(0, ""), "")

    monkeypatch.setattr("tests.cold.judge.Asker", Fake)
    text = f"{GOOD}[[case]]\nname = 'later'\nexercises = 'a file'\nexec = ['true']\n"
    known = {"later": Answer(3, "as before")}
    outcomes = ask_concurrently(subject_of(tmp_path, text), "image", known, 2)
    assert [one.case for one in outcomes] == ["asked", "another user", "later"]
    assert outcomes[2].answer == known["later"]
    assert sorted(shared) == [["another user"], ["asked", "later"]]


def test_what_was_looked_for_in_vain_is_found_in_messages() -> None:
    log = """ModuleNotFoundError: No module named 'jinja2.ext'
OSError: libsndfile.so.1: cannot open shared object file: No such file or directory
FileNotFoundError: [Errno 2] No such file or directory: '/usr/share/zoneinfo/Asia'
/app/start.sh: line 3: nproc: command not found
OCI runtime exec failed: exec: "curl": executable file not found in $PATH
Error: Cannot find module './lib/late'
LookupError: unknown encoding: gb18030
INFO: no module is missing here
"""
    assert looked_for_in_vain(log) == (
        "jinja2.ext",
        "libsndfile.so.1",
        "/usr/share/zoneinfo/Asia",
        "nproc",
        "curl",
        "./lib/late",
        "gb18030",
    )


def test_an_originals_answer_is_forgotten_when_the_case_or_its_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "subject"
    folder.mkdir()
    (folder / "probe.py").write_text("1")
    subject = subject_of(folder, GOOD)
    case = Case("late", "a module", "run", ("python", "-"), stdin="probe.py")
    monkeypatch.setattr(
        "tests.cold.memory.check", lambda *_, **__: type("Done", (), {"text": "sha256:" + "a" * 64})
    )
    Memory(tmp_path, subject, "image").keep(case, Answer(0, "fine"))
    assert Memory(tmp_path, subject, "image").recall(case) == Answer(0, "fine")
    patient = replace(case, timeout=case.timeout * 4)
    assert Memory(tmp_path, subject, "image").recall(patient) == Answer(0, "fine")
    (folder / "probe.py").write_text("2")
    assert Memory(tmp_path, subject, "image").recall(case) is None


def test_two_processes_that_ask_one_subject_keep_the_answers_of_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.cold.memory.check", lambda *_, **__: type("Done", (), {"text": "sha256:" + "a" * 64})
    )
    subject = subject_of(tmp_path, GOOD)
    both = [Memory(tmp_path, subject, "image") for _ in range(2)]
    for memory, case in zip(both, subject.cases, strict=True):
        memory.keep(case, Answer(0, case.name))
    later = Memory(tmp_path, subject, "image")
    assert [later.recall(case) for case in subject.cases] == [
        Answer(0, "asked"),
        Answer(0, "another user"),
    ]


@pytest.mark.parametrize("image", ["", "given:1"])
def test_an_image_is_left_alone_until_the_process_before_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: str
) -> None:
    """Its end takes the tags away under which the other one asks."""
    monkeypatch.setattr("tests.cold.build._build", lambda *_: None)
    monkeypatch.setattr("tests.cold.build.run", lambda *_, **__: SimpleNamespace(status=0))
    subject = replace(subject_of(tmp_path, GOOD), image=image)
    waiting, begun = threading.Event(), threading.Event()

    def second() -> None:
        waiting.set()
        with image_of(subject):
            begun.set()

    other = threading.Thread(target=second)
    with image_of(subject):
        other.start()
        assert waiting.wait(20)
        assert not begun.wait(0.3)
    other.join(20)
    assert begun.is_set()


def test_patience_multiplies_the_time_limits_and_nothing_else(tmp_path: Path) -> None:
    subject = subject_of(tmp_path, GOOD)
    patient = subject.with_patience(2.5)
    assert [case.timeout for case in patient.cases] == [
        case.timeout * 2.5 for case in subject.cases
    ]
    assert patient.with_patience(0.4) == subject


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("", ["docker image rm -f careen-cold/a:closure"]),
        ("mine/a:small", ["docker tag given mine/a:small-original"]),
    ],
)
def test_a_kept_image_has_its_original_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str, expected: list[str]
) -> None:
    said: list[str] = []

    def noted(words: list[str], **_: Any) -> None:
        said.append(" ".join(words))

    for name, stand_in in {
        "image_of": lambda _: contextlib.nullcontext("given"),
        "ask_original": lambda *_: {},
        "harden": lambda *_: None,
        "size_of": lambda _: 1,
        "ask_all": lambda *_: (),
        "run": noted,
        "check": noted,
    }.items():
        monkeypatch.setattr(f"tests.cold.judge.{name}", stand_in)
    subject = replace(subject_of(tmp_path, GOOD), name="a")
    judge(subject, Hardening("closure"), lambda _: None, kept)
    assert said == expected


def test_every_subject_of_the_corpus_can_be_read() -> None:
    subjects = [
        read_subject(path.parent, CORPUS.parents[1]) for path in sorted(CORPUS.glob("*/case.toml"))
    ]
    assert len(subjects) >= 5
    for subject in subjects:
        assert subject.cases, subject.name
        assert subject.profile or subject.ready == "exit", subject.name
        assert [
            case.name
            for case in subject.cases
            if case.stdin and not (subject.folder / case.stdin).is_file()
        ] == []


def test_another_image_stands_in_for_that_of_one_subject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, float, float]] = []

    def judged(subject: Subject, *_: Any) -> Verdict:
        seen.append((subject.image, subject.cases[0].timeout, subject.ready_seconds))
        return Verdict(subject.name, "closure", 2, 1, 0.0, ())

    monkeypatch.setattr(program, "HERE", tmp_path)
    monkeypatch.setattr(program, "judge", judged)
    (tmp_path / "one").mkdir()
    subject_of(tmp_path / "one", GOOD)
    words = ["--image", "one:swapped", "--patience", "2"]
    assert CliRunner().invoke(program.main, ["one", *words]).exit_code == 0
    assert seen == [("one:swapped", 240.0, 2 * READY_SECONDS)]
    refused = CliRunner().invoke(program.main, words)
    assert (refused.exit_code, len(seen)) == (2, 1)
    assert "--image: expected the name of one subject, got 0" in refused.output

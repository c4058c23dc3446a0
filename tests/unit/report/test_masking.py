"""What looks like a secret is not stored with a command line."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.model.rbom import Run
from careen.model.repair import Flaky
from careen.model.runs.behaviour import Deviation, Weight
from careen.model.runs.masking import MASK, masked, masked_words
from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.model.verdict import Verdict
from careen.report.documents.document import masked_json
from careen.report.documents.summary import summary_json
from careen.report.documents.verify import verify_json
from careen.tools.log_directory import write_logs
from tests.support.boms import SENSOR
from tests.support.summaries import SUMMARY

pytestmark = pytest.mark.slow

SECRETS = [
    "curl -H 'Authorization: Bearer HDRSECRET456' http://127.0.0.1:8080/",
    'curl -H "authorization: Basic SECRET=="',
    "curl -H 'Proxy-Authorization: SECRET' -H 'Accept: text/plain'",
    "curl -H 'Cookie: session=SECRET; b=SECRET'",
    "curl -H 'X-Api-Key: SECRET'",
    "curl 'http://127.0.0.1/?api_key=QUERYSECRET789&a=b'",
    "curl http://127.0.0.1/?a=b&token=SECRET",
    "psql postgres://user:SECRET@127.0.0.1:5432/base",
    "redis-cli -u redis://:SECRET@127.0.0.1",
    "client user:SECRET@db.example/base",
    "curl -u admin:SECRET http://127.0.0.1/",
    "curl --user 'admin:SECRET' http://127.0.0.1/",
    "PGPASSWORD=SECRET psql",
    "PASSWORD='SECRET with spaces' ./test.sh",
    'SECRET_KEY="SECRET" ./test.sh',
    """PASSWORD='SECRET both' TOKEN="SECRET both" curl""",
    "./test.sh --token=SECRET",
    "./test.sh --auth-token SECRET -v",
    "./test.sh --password 'SECRET words'",
    """curl -d '{"password": "SECRET", "user": "me"}'""",
    r"""curl -d "{\"api_key\":\"SECRET\",\"user\":\"me\"}" """,
]
PLAIN = [
    "curl http://127.0.0.1:8080/health?page=2",
    "docker run python:3.12@sha256:0123456789abcdef /bin/true",
    "ssh user@host.example:path",
    "curl -H 'Authorization: Bearer $TOKEN' http://127.0.0.1/",
    'curl -H "X-Api-Key: ${KEY}"',
    "PASSWORD=$WORD ./test.sh --token $TOKEN",
    "pytest tests/test_keys.py -k 'token and not secret'",
    "./test.sh --tokenizer fast --keyboard us",
    "python -c 'import keyword; print(keyword.kwlist)'",
]


@pytest.mark.parametrize("command", SECRETS)
def test_a_secret_is_masked_and_once_is_enough(command: str) -> None:
    shown = masked(command)
    assert "SECRET" not in shown.replace("SECRET_KEY", "")
    assert MASK in shown
    assert masked(shown) == shown


def test_the_rest_of_a_command_stays() -> None:
    assert masked(SECRETS[0]) == "curl -H 'Authorization: ***' http://127.0.0.1:8080/"
    assert masked(SECRETS[5]) == "curl 'http://127.0.0.1/?api_key=***&a=b'"
    assert masked(SECRETS[7]) == "psql postgres://user:***@127.0.0.1:5432/base"
    assert masked(SECRETS[13]) == "PASSWORD='***' ./test.sh"
    assert masked(SECRETS[19]) == """curl -d '{"password": "***", "user": "me"}'"""


@pytest.mark.parametrize("command", PLAIN)
def test_what_is_no_secret_stays(command: str) -> None:
    assert masked(command) == command


def test_the_word_after_an_option_is_masked() -> None:
    words = ("/app", "--db-password", "SECRET", "--token", "$TOKEN", "--port", "80", "KEY=SECRET")
    assert masked_words(words) == (
        *("/app", "--db-password", MASK, "--token", "$TOKEN", "--port", "80", f"KEY={MASK}"),
    )
    assert masked_words(masked_words(words)) == masked_words(words)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "part", ["a", "a:", "a@", "x://", "x://a:", "-u a:", "key=", "--a-", "token", '"', "\\", "x-"]
)
def test_a_long_hostile_command_costs_little(part: str) -> None:
    assert masked(part * 200_000 + "\n") is not None


def test_no_run_holds_a_secret() -> None:
    run = Run(
        workload="main",
        command=("/app", "--token=SECRET"),
        started="2026-01-01T00:00:00Z",
        seconds=1.0,
        tests=("curl -H 'Authorization: Bearer SECRET'",),
        checked="tests",
        sensor=SENSOR,
        engine="docker",
    )
    assert run.command == ("/app", "--token=***")
    assert run.tests == ("curl -H 'Authorization: ***'",)


def failing(command: str) -> WorkloadResult:
    test = TestResult(
        test=TestCommand(TestPlace.HOST, command),
        passed=False,
        exit_status=1,
        seconds=1.0,
        cases=None,
        output="",
        reason=f"--test {command!r} failed (exit status 1)",
    )
    return WorkloadResult("main", False, test.reason, "tests", (test,), 1.0, 2.0, "", 0)


@pytest.mark.parametrize("command", SECRETS)
def test_no_document_of_the_report_holds_a_secret(command: str) -> None:
    result = failing(command)
    flaky = (Flaky("main", command, 1, 2),)
    deviation = Deviation("case", Weight.FAILURE, f"main: {command}", "passed", result.reason)
    verdict = Verdict((result,), (result,), deviations=(deviation,), flaky=flaky)
    summary = replace(SUMMARY, verdict=verdict, flaky=flaky, notes=(result.reason,))
    for document in (verify_json(verdict), summary_json(summary)):
        assert b"SECRET" not in document.replace(b"SECRET_KEY", b"")
        assert MASK.encode() in document


def test_what_names_a_file_is_not_masked() -> None:
    document = {"path": "/data/key=5/part", "paths": ["/data/key=6"], "reason": "key=5"}
    assert json.loads(masked_json(document)) == {**document, "reason": "key=***"}


def test_logs_are_for_their_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "report" / "logs" / "original"
    write_logs(directory, {"a.log": "one"})
    write_logs(directory, {"b.log": "two"})
    for private in (directory, directory.parent):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert sorted(path.name for path in directory.iterdir()) == ["a.log", "b.log"]


def test_logs_of_an_older_run_are_made_private(tmp_path: Path) -> None:
    directory = tmp_path / "logs" / "original"
    directory.mkdir(parents=True)
    write_logs(directory, {"a.log": "one"})
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_log_that_cannot_be_written_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(ToolError, match="writing the logs to"):
        write_logs(tmp_path / "logs" / "original", {"a.log": "one"})

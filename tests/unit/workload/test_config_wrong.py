"""Every wrong careen.toml ends in one line that names file, line, key and what was expected."""

from pathlib import Path

import pytest

from careen.errors import ConfigError
from careen.workload.configuration.project import load_config

KNOWN_TIMEOUT = "known keys: ready, stop, test"

WRONG: list[tuple[str, str, str]] = [
    (
        "text-as-number",
        "[workload.serve]\n\nready = 5\n",
        "3: workload.serve.ready: expected text, got 5 (integer)",
    ),
    (
        "boolean-as-text",
        '[workload.a]\nread_only = "yes"\n',
        '2: workload.a.read_only: expected true or false, got "yes" (text)',
    ),
    (
        "boolean-test",
        "[workload.a]\ntest = true\n",
        "2: workload.a.test: expected text or an array of texts, got true (boolean)",
    ),
    (
        "number-among-tests",
        '[workload.a]\ntest = [\n  "one", # fine\n\n  2,\n]\n',
        "5: workload.a.test[1]: expected text, got 2 (integer)",
    ),
    (
        "array-in-array",
        '[workload.a]\ntest = ["a",\n["b"]]\n',
        "3: workload.a.test[1]: expected text, got an array",
    ),
    (
        "unknown-key-near",
        '[workload.a]\nready = "exit"\ntests = "x"\n',
        "3: workload.a.tests: unknown key; did you mean 'test'?",
    ),
    (
        "dashes-for-underscores",
        "[workload.a]\nread-only = true\n",
        "2: workload.a.read-only: unknown key; did you mean 'read_only'?",
    ),
    ("unknown-top-level", 'imag = "x"\n', "1: imag: unknown key; did you mean 'image'?"),
    (
        "unknown-far",
        "# c\n[workload.a.timeout]\nzzz = 1\n",
        f"3: workload.a.timeout.zzz: unknown key; {KNOWN_TIMEOUT}",
    ),
    (
        "unknown-table",
        "[workload.a]\n\n[wrkload.b]\n",
        "3: wrkload: unknown key; did you mean 'workload'?",
    ),
    (
        "unknown-in-report",
        "[report]\nformat = 'x'\n",
        "2: report.format: unknown key; known keys: dir",
    ),
    (
        "bad-duration",
        '[workload.a]\nobserve = "soon"\n',
        (
            "2: workload.a.observe: not a duration: 'soon'; expected a number with ms, s, m or h,"
            " like '60s', or a bare number of seconds"
        ),
    ),
    (
        "negative-duration",
        "[workload.a]\nobserve = -1\n",
        "2: workload.a.observe: expected a number of seconds from 0 to 7 days, got -1 (integer)",
    ),
    (
        "nan",
        "[workload.a]\nobserve = nan\n",
        "2: workload.a.observe: expected a number of seconds from 0 to 7 days, got nan (float)",
    ),
    (
        "too-long",
        '[workload.a]\ntimeout.test = "1000h"\n',
        "2: workload.a.timeout.test: duration is too long: '1000h'; at most 7 days",
    ),
    (
        "duration-as-boolean",
        "[workload.a]\ntimeout = {test = true}\n",
        '2: workload.a.timeout.test: expected a duration like "60s", got true (boolean)',
    ),
    (
        "zero-limit",
        "[workload.a]\ntimeout = { stop = 0,\tready = 0 }\n",
        "2: workload.a.timeout.ready: must be longer than 0 s",
    ),
    (
        "timeout-not-a-table",
        "[workload.a]\ntimeout = 60\n",
        "2: workload.a.timeout: expected a table ([workload.a.timeout]), got 60 (integer)",
    ),
    (
        "bad-ready",
        "[workload.a]\nready = 'port 80'\n",
        (
            "2: workload.a.ready: not a readiness check: 'port 80'; expected a URL or path"
            " (/health), tcp:PORT, log:REGEX, cmd:COMMAND or exit"
        ),
    ),
    (
        "bad-tcp-port",
        "[workload.a]\nready = 'tcp:70000'\n",
        (
            "2: workload.a.ready: not a port: 'tcp:70000'; expected tcp:PORT with a port of the"
            " container, 1 to 65535"
        ),
    ),
    (
        "bad-regex",
        "[workload.a]\nready = 'log:(up'\n",
        (
            "2: workload.a.ready: not a regular expression: '(up': missing ): (up (RE2: no"
            " look-around, no back-references, \\w and \\d are ASCII)"
        ),
    ),
    (
        "other-machine",
        "[workload.a]\nready = 'http://example.com:80/'\n",
        (
            "2: workload.a.ready: readiness URL of another machine: 'http://example.com:80/'; "
            "expected http://localhost:PORT/… with a port of the container, or a path like /health"
        ),
    ),
    (
        "bad-port",
        '[workload.a]\nports = ["80:80", "eighty"]\n',
        (
            "2: workload.a.ports[1]: not a port to publish: 'eighty'; expected"
            " [[ip:]host:]container[/tcp], like '8080:80'"
        ),
    ),
    (
        "port-out-of-range",
        "[workload.a]\nports = [\n80,\n0]\n",
        "4: workload.a.ports[1]: port out of range: '0'; expected 1 to 65535",
    ),
    (
        "port-range-mismatch",
        "[workload.a]\nports = '1-3:10-19'\n",
        "2: workload.a.ports: port ranges differ in length: '1-3:10-19'",
    ),
    (
        "port-as-boolean",
        "[workload.a]\nports = false\n",
        "2: workload.a.ports: expected a port or text like '8080:80', got boolean",
    ),
    (
        "bad-variable",
        '[workload.a]\nenv = ["A=1",\n"=2"]\n',
        "3: workload.a.env[1]: not a variable: '=2'; expected NAME=value",
    ),
    (
        "boolean-variable",
        "[workload.a.env]\nA = 1\nB = true\n",
        "3: workload.a.env.B: expected text or a number, got boolean",
    ),
    (
        "quoted-variable",
        '[workload.a.env]\n"A B" = []\n',
        '2: workload.a.env."A B": expected text or a number, got array',
    ),
    (
        "variable-name",
        '[workload.a]\nenv = { "A=B" = "c" }\n',
        '2: workload.a.env."A=B": not a variable\'s name',
    ),
    (
        "bad-volume",
        '[workload.a]\nvolumes = ["data"]\n',
        "2: workload.a.volumes[0]: not a volume: 'data'; expected source:/path[:options]",
    ),
    (
        "bad-tmpfs",
        '[workload.a]\ntmpfs = "tmp"\n',
        "2: workload.a.tmpfs[0]: not a path in the container: 'tmp'; expected /path[:options]",
    ),
    (
        "bad-size",
        '[workload.a]\nshm_size = "1 GX"\n',
        "2: workload.a.shm_size: not a size: '1 GX': expected a size such as 64m or 1g",
    ),
    (
        "bad-network",
        '[workload.a]\nnetwork = "host"\n',
        "2: workload.a.network: expected 'none', got 'host'",
    ),
    (
        "args-as-text",
        "[workload.a]\nargs = '--port 80'\n",
        '2: workload.a.args: expected an array of texts, got text; write ["--flag", "value"]',
    ),
    (
        "number-among-args",
        "[workload.a]\nargs = ['--port',\n\n80]\n",
        "4: workload.a.args[1]: expected text, got integer",
    ),
    ("empty-text", 'image = ""\n', "1: image: is empty"),
    ("nul", '[workload.a]\nuser = "a\\u0000b"\n', "2: workload.a.user: holds a NUL character"),
    (
        "date",
        "tag = 2024-01-01 10:00:00\n",
        "1: tag: expected text, got 2024-01-01 10:00:00 (date or time)",
    ),
    (
        "bad-level",
        '\nlevel = "all"\n',
        "2: level: expected one of observed, closure, package, got 'all'",
    ),
    (
        "bad-sensor",
        'sensor = "dtrace"\n',
        "1: sensor: expected one of auto, ebpf, fanotify, got 'dtrace'",
    ),
    (
        "bad-engine",
        'engine = "rkt"\n',
        "1: engine: expected one of auto, docker, podman, embedded, got 'rkt'",
    ),
    (
        "workload-not-a-table",
        "workload = 3\n",
        "1: workload: expected a table ([workload]), got 3 (integer)",
    ),
    (
        "workload-as-array",
        "[[workload]]\nready = 'exit'\n",
        "1: workload: expected a table ([workload]), got an array",
    ),
    (
        "workload-key-without-a-name",
        "[workload]\nready = 'exit'\n",
        '2: workload.ready: expected a table ([workload.ready]), got "exit" (text)',
    ),
    (
        "workload-name",
        '[workload.ok]\n[workload."../up"]\n',
        (
            "2: workload.\"../up\": not a workload name; expected letters, digits, '_', '.' and"
            " '-', 64 at most"
        ),
    ),
    (
        "after-strings-that-look-like-tables",
        '[workload.a]\nenv = { A = "[workload.b]\\n" }\ntest = """\nuser = 1\n"""\ngpus = false\n',
        "6: workload.a.gpus: expected text, got false (boolean)",
    ),
    (
        "after-a-literal-block",
        "[workload.a]\ntest = '''\n\\''quoted'''''\nuser = 1.5\n",
        "4: workload.a.user: expected text, got 1.5 (float)",
    ),
    (
        "escaped-key",
        '[workload.a]\n"te\\u0073t" = 1\n',
        "2: workload.a.test: expected text or an array of texts, got 1 (integer)",
    ),
    (
        "dotted-key",
        "workload.a.timeout.ready = []\n",
        '1: workload.a.timeout.ready: expected a duration like "60s", got an array',
    ),
    (
        "inline-tables",
        "workload = { a = { test = 'x', user = 2.0 } }\n",
        "1: workload.a.user: expected text, got 2.0 (float)",
    ),
    (
        "spaces-in-headers",
        "\n[ workload . a ] # here\nuser = {}\n",
        "3: workload.a.user: expected text, got a table",
    ),
    (
        "windows-lines",
        "[workload.a]\r\n\r\nuser = {}\r\n",
        "3: workload.a.user: expected text, got a table",
    ),
    ("syntax", "[workload.a]\nready = \n", "2: not valid TOML: invalid value"),
    (
        "syntax-at-end",
        'image = "x"\n[workload',
        "2: not valid TOML: expected ']' at the end of a table declaration",
    ),
    ("twice", "image = 'a'\nimage = 'b'\n", "2: not valid TOML: cannot overwrite a value"),
    ("deep", "keep = " + "[" * 5000 + "]" * 5000, "1: not valid TOML: nested too deep"),
]


@pytest.mark.parametrize(
    ("text", "expected"), [pytest.param(text, expected, id=name) for name, text, expected in WRONG]
)
def test_the_message_names_line_key_and_expectation(
    text: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("careen.toml").write_bytes(text.encode())
    with pytest.raises(ConfigError) as error:
        load_config(Path("careen.toml"))
    assert str(error.value) == f"careen.toml:{expected}"


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "careen.toml"
    path.write_bytes(b"image = 'x'\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"careen\.toml:2: not UTF-8: byte 0xe9$"):
        load_config(path)


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "careen.toml"
    path.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(ConfigError, match="larger than the 1048576 bytes"):
        load_config(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"nowhere\.toml: cannot be read: No such file or directory$"
    ):
        load_config(tmp_path / "nowhere.toml")


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path)

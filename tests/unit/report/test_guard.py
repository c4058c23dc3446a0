"""What a guard writes: lines that their schema accepts, lines for people, metrics."""

import io
import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.errors import ConfigError, InputError
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.model.runs.drift import Counted, Deviation, Drift, DriftKind, Guarded
from careen.plan.eventfile import read_events
from careen.report.guard.metrics import Watched, metrics
from careen.report.guard.sinks import Sinks
from careen.report.guard.words import verdict_line
from tests.support.boms import IMAGE

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "schema" / "guard-1.schema.json").read_text()
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
GUARDED = Guarded("web", IMAGE, IMAGE, 1_700_000_000.25, ("a note",))
GONE = Reason("unused", "not used", ImagePath("/x"))
REMOVED = Deviation(
    DriftKind.REMOVED, "/usr/bin/\udcffperl", "/bin/a", 7, 1.5, "do", True, "opened", 2, GONE
)
NEW = Deviation(DriftKind.EXECUTABLE, "/tmp/\x1b[31mx", "", 8, 2.5, "do", False, "executed")
CALL = Deviation(DriftKind.SYSCALL, "ptrace", "", None, 3.5, "do")
NOTHING = Drift((), {}, {"ring_full": 0}, {})
SOME = Drift(
    (Counted(REMOVED, 4), Counted(NEW, None), Counted(CALL, None)),
    {DriftKind.EXECUTABLE: 5},
    {"ring_full": 2, "names_full": 0},
    {DriftKind.LIBRARY: "why"},
)


def written(folder: Path, people: io.StringIO | None = None) -> list[dict[str, Any]]:
    sinks = Sinks(folder / "e.jsonl", folder / "m.prom", people)
    sinks.started(GUARDED, SOME)
    for each in (REMOVED, NEW, CALL):
        sinks.deviated(each)
    sinks.lost(SOME)
    sinks.ended(SOME, "the time is over")
    sinks.close()
    return [json.loads(line) for line in (folder / "e.jsonl").read_text().splitlines()]


def test_each_line_is_valid_by_the_schema(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    lines = written(tmp_path)
    assert [line["event"] for line in lines] == ["start", *["deviation"] * 3, "lost", "end"]
    for line in lines:
        assert [error.message for error in VALIDATOR.iter_errors(line)] == []
        assert not VALIDATOR.is_valid({**line, "more": 1})
        assert not VALIDATOR.is_valid({key: line[key] for key in line if key != "profiled"})
    assert lines[1]["subject"] == "/usr/bin/\udcffperl"
    assert lines[1]["removed_by"] == {"code": "unused", "detail": "not used", "because": "/x"}
    assert lines[1]["time"] == "1970-01-01T00:00:01.500Z"
    assert lines[-1]["deviations"][1]["count"] is None
    assert lines[-1]["losses"] == {"ring_full": 2}


def test_a_file_of_events_is_added_to(tmp_path: Path) -> None:
    assert len(written(tmp_path)) * 2 == len(written(tmp_path))


def test_losses_without_end_are_told_in_bounds(tmp_path: Path) -> None:
    sinks = Sinks(tmp_path / "e.jsonl", None, None)
    sinks.started(GUARDED, NOTHING)
    for _ in range(100):
        sinks.lost(SOME)
    sinks.close()
    events = [json.loads(line)["event"] for line in (tmp_path / "e.jsonl").read_text().splitlines()]
    assert events == ["start", "lost"]


def test_lines_for_people_cannot_steer_a_terminal(tmp_path: Path) -> None:
    people = io.StringIO()
    written(tmp_path, people)
    text = people.getvalue()
    assert "\x1b" not in text
    assert "unknown executable /tmp/\\x1b[31mx (process 8); do" in text
    assert "removed as unused: not used; do" in text
    assert "watching web (wl/app:1), by the RBOM of wl/app:1; Ctrl-C ends it" in text
    assert "library is not compared: why" in text
    assert "2 events lost so far (ring_full 2)" in text


@pytest.mark.parametrize(
    ("drift", "said"),
    [
        (NOTHING, "no drift; end"),
        (
            Drift((), {}, {"ring_full": 1}, {}),
            "nothing unknown was seen, but not everything was seen; 1 events lost; end",
        ),
        (
            SOME,
            (
                "drift: unknown executable: 1, unknown system call: 1, removed path: 1, 5 sights of"
                " others that are not listed; 2 events lost; library not compared; end"
            ),
        ),
    ],
)
def test_the_verdict_never_takes_what_was_lost_for_nothing(drift: Drift, said: str) -> None:
    assert verdict_line(drift, "end") == said


def test_metrics_are_prometheus_text_with_escaped_labels() -> None:
    text = metrics(Watched('a"\n\\', "img", 1.0, 2.5, up=True), SOME).decode()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    sample = re.compile(
        r'careen_guard_\w+\{container="a\\"\\n\\\\",image="img"(,\w+="\w+")?\} \d+(\.\d+)?\Z'
    )
    assert [line for line in samples if not sample.match(line)] == []
    values = dict(line.rsplit(" ", 1) for line in samples)
    labels = 'container="a\\"\\n\\\\",image="img"'
    assert values[f"careen_guard_up{{{labels}}}"] == "1"
    assert values[f'careen_guard_deviations{{{labels},kind="removed"}}'] == "1"
    assert values[f'careen_guard_deviations{{{labels},kind="endpoint"}}'] == "0"
    assert values[f'careen_guard_compared{{{labels},kind="library"}}'] == "0"
    assert values[f'careen_guard_lost_events_total{{{labels},reason="ring_full"}}'] == "2"
    families = re.findall(r"^# TYPE (\w+) (?:gauge|counter)$", text, re.MULTILINE)
    assert len(families) == len(set(families)) == text.count("# HELP ")
    assert {line.partition("{")[0] for line in samples} == set(families)


def test_the_metrics_say_at_the_end_that_nobody_watches(tmp_path: Path) -> None:
    written(tmp_path)
    assert re.search(r"^careen_guard_up\{.*\} 0$", (tmp_path / "m.prom").read_text(), re.MULTILINE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.jsonl", "m.prom"]


def test_the_metrics_say_so_too_when_the_watch_fails(tmp_path: Path) -> None:
    sinks = Sinks(tmp_path / "e.jsonl", tmp_path / "m.prom", None)
    sinks.started(GUARDED, NOTHING)
    sinks.tick(lambda: SOME)
    assert re.search(r"^careen_guard_up\{.*\} 1$", (tmp_path / "m.prom").read_text(), re.MULTILINE)
    sinks.close()
    assert re.search(r"^careen_guard_up\{.*\} 0$", (tmp_path / "m.prom").read_text(), re.MULTILINE)


def test_the_metrics_say_so_when_the_watch_fails_before_its_first_reading(tmp_path: Path) -> None:
    sinks = Sinks(tmp_path / "e.jsonl", tmp_path / "m.prom", None)
    sinks.started(GUARDED, NOTHING)
    sinks.close()
    assert re.search(r"^careen_guard_up\{.*\} 0$", (tmp_path / "m.prom").read_text(), re.MULTILINE)


def test_a_watch_that_never_began_leaves_no_file(tmp_path: Path) -> None:
    Sinks(tmp_path / "e.jsonl", tmp_path / "m.prom", None).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["file/e.jsonl", "/dev/full"])
def test_a_file_that_cannot_be_written_is_told_with_its_option(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sinks = Sinks(tmp_path / name, tmp_path / "m.prom", None)
    said = f"writing events to '.*{name}': .*; name another file with -o"
    with pytest.raises(InputError, match=said), closing(sinks):
        sinks.started(GUARDED, NOTHING)


def test_the_events_are_read_back_as_paths_of_the_image(tmp_path: Path) -> None:
    written(tmp_path)
    (one,) = read_events(tmp_path / "e.jsonl")
    assert one.path == "/usr/bin/\udcffperl"
    assert one.why == "missed by /bin/a in container web at 1970-01-01T00:00:01.500Z"
    assert one.profiled == IMAGE.config_digest


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x", "Expecting value"),
        ("[1]", "indices"),
        ("{}", "no 'format'"),
        ('{"format":"careen.guard","version":2}', "found 'careen.guard' 2"),
        ('{"format":"careen.plan","version":1}', "found 'careen.plan' 1"),
        ('{"format":"careen.guard","version":1,"event":"deviation"}', "no 'kind'"),
        ("[" * 100_000, ""),
    ],
)
def test_a_line_that_is_no_event_is_refused_with_its_number(
    tmp_path: Path, line: str, said: str
) -> None:
    written(tmp_path)
    file = tmp_path / "e.jsonl"
    file.write_text(f"{file.read_text()}\n{line}\n")
    with pytest.raises(ConfigError, match=r"e\.jsonl:8: is no event") as error:
        read_events(file)
    assert said in str(error.value)


def test_the_root_is_refused_as_it_would_keep_the_whole_image(tmp_path: Path) -> None:
    written(tmp_path)
    file = tmp_path / "e.jsonl"
    event = json.loads(file.read_text().splitlines()[1])
    for subject in ("/", "//", "."):
        file.write_text(json.dumps({**event, "subject": subject}))
        with pytest.raises(ConfigError, match=r"e\.jsonl:1: .*would keep the whole image"):
            read_events(file)


def test_a_long_format_is_cut_in_the_message(tmp_path: Path) -> None:
    file = tmp_path / "e.jsonl"
    file.write_text(json.dumps({"format": "x" * 3_000_000, "version": ["y"] * 100_000}))
    with pytest.raises(ConfigError, match=r"expected careen\.guard 1, found 'xxx") as error:
        read_events(file)
    assert len(str(error.value)) < 1000


def test_a_path_that_leaves_the_image_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    file = tmp_path / "e.jsonl"
    file.write_text(file.read_text().replace("/usr/bin/", "/../"))
    with pytest.raises(ConfigError, match=r"e\.jsonl:2: .*leaves the image root"):
        read_events(file)

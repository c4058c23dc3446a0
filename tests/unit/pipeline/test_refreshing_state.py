"""States of `careen base refresh`, its changelogs and its page, without a build."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from careen.errors import ConfigError, InputError
from careen.model.catalog.refresh import BaseState, PackageStep
from careen.pipeline.refreshing.changelog import write_changelogs
from careen.pipeline.refreshing.page import catalog_page
from careen.pipeline.refreshing.state import StateFile
from tests.support.base_states import state_of, write_states

MADE = "2026-12-01T10:00:00Z"


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = StateFile(tmp_path, "debian:trixie", "runtime")
    assert file.read() == BaseState("debian:trixie", "runtime")
    file.write(state_of(hostile=True))
    assert file.read() == state_of(hostile=True)
    assert [each.name for each in tmp_path.iterdir()] == ["debian_trixie.runtime.base.json"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("version", 2, "expected 'careen.base-state' version 1"),
        ("names", [1], "names[0]: expected a string"),
        ("events", [{}], "events[0]: key"),
        ("findings", [{"id": 1}], "findings[0]: key"),
        ("setback", {}, "setback: key"),
        ("lock", {}, "lock: not a lock"),
        ("digest", None, "digest: expected a string"),
    ],
)
def test_a_damaged_state_is_one_line(tmp_path: Path, key: str, value: object, said: str) -> None:
    file = StateFile(tmp_path, "debian:trixie", "runtime")
    file.write(state_of())
    path = tmp_path / f"{file.key}.base.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(ConfigError) as raised:
        file.read()
    assert said in str(raised.value)
    assert str(path) in str(raised.value)
    assert str(raised.value).endswith("; remove the file, and the image is built again")
    assert "\n" not in str(raised.value)


def test_a_state_of_another_image_is_refused(tmp_path: Path) -> None:
    StateFile(tmp_path, "debian:trixie", "runtime").write(state_of("debian:bookworm"))
    with pytest.raises(ConfigError, match="is about debian:bookworm, runtime"):
        StateFile(tmp_path, "debian:trixie", "runtime").read()


def test_changelogs(tmp_path: Path) -> None:
    write_states(tmp_path)
    write_changelogs(tmp_path)
    text = (tmp_path / "changelog/debian_trixie.runtime.md").read_text()
    newest, noted, first = text.split("\n## ")[1:]
    assert newest.startswith("2026-12-01: 13-20261201\n")
    assert "- libssl3t64 3.5.9-1 → 3.5.9-2\n- removed gone 1\n- added fresh 2\n" in newest
    assert "- closed: CVE-2026-1111 in libssl3t64 3.5.9-1 (high, open since 2026-11-20)" in newest
    assert noted.startswith("2026-11-30: advisories\n")
    assert "- new: CVE-2026-2222 in zlib1g 1.3 (unknown)" in noted
    assert "- 1 open finding, 1 with a fix\n" in first
    assert ", 26.0 MB, 40 packages\n" in first
    hostile = (tmp_path / "changelog/python_3.13-debian-13.runtime.md").read_text()
    assert "<script" not in hostile
    assert "\x1b" not in hostile
    document = json.loads((tmp_path / "changelog/debian_trixie.runtime.json").read_text())
    assert [each["kind"] for each in document["events"]] == ["built", "advisories", "built"]


def test_the_page_shows_what_is_known(tmp_path: Path) -> None:
    write_states(tmp_path)
    page = catalog_page(tmp_path, (), MADE).decode()
    assert page == catalog_page(tmp_path, (), MADE).decode()
    assert "3 open findings" in page
    assert "registry.example/bases/debian:13-20261201" in page
    assert '<script src="//x">' not in page
    assert "Unproven: " in page


def test_what_was_never_counted_is_no_zero(tmp_path: Path) -> None:
    none = catalog_page(tmp_path / "none", (), MADE).decode()
    assert "open finding" not in none
    # `careen base build` may have built it: the page knows what `refresh` promoted.
    assert "<code>careen base refresh</code> has not built it here" in none
    state = state_of()
    event = state.events[0]
    unknown = type(event)(*(event.date, event.kind, event.digest, event.tags, 1, 1, None, None))
    StateFile(tmp_path, "debian:trixie", "runtime").write(
        BaseState("debian:trixie", "runtime", names=("r/debian:13",), events=(unknown,))
    )
    page = catalog_page(tmp_path, (), MADE).decode()
    assert "not known: there was no advisory database" in page
    assert "<rect" not in page
    write_changelogs(tmp_path)
    text = (tmp_path / "changelog/debian_trixie.runtime.md").read_text()
    assert "- findings: not known, there was no advisory database" in text


def test_a_state_that_cannot_be_written_names_the_option(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="name another place with --state"):
        StateFile(tmp_path / "file", "debian:trixie", "runtime").write(state_of())


def test_what_a_page_leaves_out_is_counted(tmp_path: Path) -> None:
    state = state_of()
    steps = tuple(PackageStep(f"p{number}", "1", "2") for number in range(45))
    last = replace(state.events[-1], changed=steps, closed=())
    StateFile(tmp_path, "debian:trixie", "runtime").write(
        replace(state, events=(*state.events[:1] * 70, last))
    )
    page = catalog_page(tmp_path, (), MADE).decode()
    assert "p39 1 → 2" in page
    assert "p40 1 → 2" not in page
    assert "5 more changes; the changelog has all" in page
    assert "11 older ones are in the changelog" in page

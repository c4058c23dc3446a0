"""What `careen doctor` says that this user can do, and where work can be put."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from careen.catalog.alpine.family import ALPINE
from careen.catalog.debian.family import DEBIAN
from careen.pipeline.doctor import (
    base_row,
    compose_row,
    printing_row,
    signing_row,
    space_row,
    verbs_row,
)
from careen.report.views.doctor import Health
from careen.tools.process import Program

FILES = (
    "scan, plan, strip, rules, why, ignore, policy, comply, report, attest, verify-evidence, evidence,"
    " history, base, diff, fleet, db, init"
)


@pytest.mark.parametrize(
    ("has", "said"),
    [
        ((True, True, True), "can run all of them"),
        (
            (True, True, False),
            (
                f"can run {FILES}, patch, harden, profile, watch, ci; not profile --attach of another"
                " user's container (no CAP_SYS_PTRACE)"
            ),
        ),
        (
            (True, False, False),
            f"can run {FILES}, patch; not harden, profile, watch and ci (no sensor)",
        ),
        (
            (False, True, True),
            (
                f"can run {FILES}; not patch (no engine), not harden, profile, watch and ci (no engine)"
            ),
        ),
        (
            (False, False, False),
            (
                f"can run {FILES}; not patch (no engine), not harden, profile, watch and ci (no engine"
                " and no sensor)"
            ),
        ),
    ],
)
def test_each_verb_is_told_with_what_it_lacks(has: tuple[bool, bool, bool], said: str) -> None:
    runs, watches, attaches = has
    row = verbs_row(1000, runs=runs, watches=watches, attaches=attaches)
    assert row.detail == f"this user (uid 1000) {said}"
    assert (row.health, bool(row.remedy)) == (
        (Health.GOOD, False) if all(has) else (Health.LIMITED, True)
    )


def test_a_work_directory_of_another_user_is_not_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert space_row(tmp_path / "later" / "work").health is not Health.MISSING
    monkeypatch.setattr(os, "geteuid", lambda: 4321)
    row = space_row(tmp_path)
    assert row.health is Health.MISSING
    assert row.detail.endswith(" GB free, of another user")
    assert "--work-dir" in row.remedy


def test_a_work_directory_that_cannot_be_reached_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Path.stat

    def stat(path: Path, **more: bool) -> os.stat_result:
        if path.name == "secret":
            raise PermissionError
        return seen(path, **more)

    monkeypatch.setattr(Path, "stat", stat)
    row = space_row(tmp_path / "secret")
    assert row.health is Health.MISSING
    assert row.detail.endswith(" GB free, not readable by this user")


def test_a_pdf_needs_chromium() -> None:
    assert printing_row("/usr/bin/chromium").health is Health.GOOD
    row = printing_row(None)
    assert row.health is Health.LIMITED
    assert "careen report -f pdf" in row.detail
    assert row.remedy == "apt-get install chromium"


def test_compose_files_need_the_plug_in() -> None:
    assert compose_row("2.26.1").health is Health.GOOD
    row = compose_row("")
    assert (row.health, "docker-compose" in row.remedy) == (Health.LIMITED, True)


def test_attestations_need_cosign() -> None:
    assert signing_row("/usr/bin/cosign").health is Health.GOOD
    row = signing_row(None)
    assert (row.health, row.remedy) == (Health.LIMITED, "apt-get install cosign")


def test_base_images_need_root_and_each_program() -> None:
    there, gone = Program(("sh",), "dash"), Program(("careen-none",), "none-such")
    assert base_row(replace(DEBIAN, programs=(there,)), "").health is Health.GOOD
    row = base_row(replace(DEBIAN, programs=(there,)), "unshare: no line in /etc/subuid")
    assert row.health is Health.LIMITED
    assert row.detail.startswith("unshare: no line in /etc/subuid: `careen base build` cannot")
    assert "root or user ids" in row.detail
    assert "docs/privileges.md" in row.remedy
    row = base_row(replace(DEBIAN, programs=(there, gone, gone)), "")
    assert row.remedy == "apt-get install none-such"
    assert "careen-none" in row.detail
    row = base_row(replace(ALPINE, programs=(gone,)), "")
    assert "apk.static" in row.remedy  # Debian has no package of it
    assert row.name == "bases of Alpine"

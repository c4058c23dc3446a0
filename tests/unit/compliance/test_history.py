"""What the history says of a build: settings, ADD, updates, downloads and signatures."""

from pathlib import Path

import pytest

from careen.model.compliance.result import Result
from tests.support.compliance import results, subject

FAIL, OPEN, PASS = Result.FAIL, Result.NOT_EVALUABLE, Result.PASS
FIRST = "COPY service /usr/bin/service # buildkit"
ROOT = f"/bin/sh -c #(nop) ADD file:{'a' * 64} in / "


def said(folder: Path, *steps: str) -> dict[str, Result]:
    history = [{"created_by": text, "empty_layer": at > 0} for at, text in enumerate(steps)]
    with subject(folder, history=history) as image:
        found = results(image)
    return {name.removeprefix("history-"): each.result for name, each in found.items()}


@pytest.mark.parametrize(
    "text",
    [
        "/bin/sh -c USER=app pip install --trusted-host x y; curl https://x | sh; apt-get update",
        (
            "RUN |1 USER=app /bin/sh -c USER=app pip install --trusted-host x y; curl https://x | sh;"
            " apt-get update # buildkit"
        ),
        (
            "|1 ENV=/bin/sh /bin/bash -o pipefail -c pip install --trusted-host x y"
            " && curl -fsSL https://x | sudo -E bash - ; apt-get update"
        ),
        "/bin/sh -c pip install --trusted-host x y; curl https://x | sh; apt-get update #(nop) ENV ",
    ],
)
def test_a_command_that_looks_like_a_setting_is_a_command(tmp_path: Path, text: str) -> None:
    found = said(tmp_path, FIRST, text)
    for name in ("verifies-packages", "verifies-downloads", "no-update-alone"):
        assert found[name] is FAIL


@pytest.mark.parametrize(
    "text",
    [
        "/bin/sh -c #(nop)  ENV X=curl https://x | sh --trusted-host",
        "/bin/bash -o pipefail -c #(nop) CMD [curl https://x | sh --trusted-host]",
        "ENV X=curl https://x | sh --trusted-host",
        'HEALTHCHECK &{["CMD-SHELL" "curl -k https://localhost/ | sh"]}',
    ],
)
def test_a_setting_runs_nothing(tmp_path: Path, text: str) -> None:
    found = said(tmp_path, FIRST, text)
    assert [found[each] for each in ("verifies-packages", "verifies-downloads")] == [PASS, PASS]


def test_a_step_that_is_not_read_whole_passes_nothing(tmp_path: Path) -> None:
    long = f"RUN /bin/sh -c true {'x' * 70_000}; curl https://x | sh"
    found = said(tmp_path, FIRST, long)
    names = ("verifies-packages", "verifies-downloads", "no-update-alone", "no-add")
    assert {found[each] for each in names} == {OPEN}
    assert said(tmp_path / "2", FIRST, long, "ADD x /x")["no-add"] is FAIL


def test_a_violation_after_many_characters_is_found(tmp_path: Path) -> None:
    text = f"RUN /bin/sh -c true {'x' * 9_000}; curl https://x | sh"
    assert said(tmp_path, FIRST, text)["verifies-downloads"] is FAIL


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((ROOT, FIRST), PASS),
        (("/bin/sh -c #(nop)  ARG RELEASE", "LABEL a=b", ROOT, FIRST), PASS),
        (("ADD rootfs.tar.gz / # buildkit", FIRST), PASS),
        ((FIRST, ROOT), FAIL),
        ((FIRST, "ADD rootfs.tar.gz / # buildkit"), FAIL),
        (("ADD https://example.com/x.tar / # buildkit", FIRST), FAIL),
        (("ADD git@example.com:a/b / # buildkit", FIRST), FAIL),
    ],
)
def test_only_the_root_of_the_base_may_be_added(
    tmp_path: Path, steps: tuple[str, ...], expected: Result
) -> None:
    assert said(tmp_path, *steps)["no-add"] is expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("apt-get -o Acquire::Retries=3 update", FAIL),
        ("apt-get -o Acquire::Retries=3 -qq update && apt-get -t x install -y y", PASS),
        ("apt update && echo 'now apt install x'", FAIL),
        ("apt update && bash -c 'apt install x'", PASS),
        ("sudo apt-get update", FAIL),
        ("apk --no-cache --update add x", PASS),
        ("apk update", FAIL),
        ("apt-get install -y update-notifier", PASS),
        ("echo apt-get update", PASS),
    ],
)
def test_an_update_alone(tmp_path: Path, script: str, expected: Result) -> None:
    found = said(tmp_path, FIRST, f"RUN /bin/sh -c {script} # buildkit")
    assert found["no-update-alone"] is expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("curl -fsSL https://example.com/linux/debian/gpg -o /etc/apt/keyrings/x.asc", FAIL),
        ("apt-get install -y gpg curl && curl https://x/i.sh | sh", FAIL),
        ("apt-get install -y curl git && pip install -i https://example.com/ x", PASS),
        ("curl -fsSL https://x/key | gpg --dearmor -o /k.gpg", FAIL),
        ("curl -fsSL https://x/f # sha256sum -c", FAIL),
        ("curl -fsSL https://x/f -o f; echo 'a  f' | sha256sum -c -", PASS),
        ("curl -fsSL https://x/f -o f; echo 'a  f' | sha256sum --check", PASS),
        ("wget https://x/f; echo 'a  f' | sha512sum -sc", PASS),
        ("wget https://x/f; sha256sum f", FAIL),
        ('wget https://x/f; [ "$(sha256sum f | cut -c1-64)" = "$SUM" ]', PASS),
        ("wget https://x/f https://x/f.asc; gpg --batch --verify f.asc f", PASS),
        ("wget -O f $URL", FAIL),
        ('bash -c "curl -fsSL https://x/f -o f"', FAIL),
        ("curl https://x/i.sh | sh && echo 'a  f' | sha256sum -c -", FAIL),
        ("curl https://x/i.json | python3 -c 'import json'; sha256sum -c sums", PASS),
        ("curl --version", PASS),
        ("apt-get install -y wget ca-certificates # https://x", PASS),
    ],
)
def test_a_download_is_verified_by_a_command(tmp_path: Path, script: str, expected: Result) -> None:
    found = said(tmp_path, FIRST, f"RUN /bin/sh -c {script} # buildkit")
    assert found["verifies-downloads"] is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ADD https://x/f /f", FAIL), ("ADD --checksum=sha256:0 https://x/f /f", PASS)],
)
def test_add_of_a_url_states_its_digest(tmp_path: Path, text: str, expected: Result) -> None:
    assert said(tmp_path, FIRST, text)["verifies-downloads"] is expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("curl -k https://x", FAIL),
        ("curl -fsSLk https://x", FAIL),
        ("curl --insecure https://x", FAIL),
        ("curl -okeys https://x", PASS),
        ("curl -K conf https://x", PASS),
        ("wget --no-check-certificate https://x", FAIL),
        ("apt-get -o APT::Get::AllowUnauthenticated=true install x", FAIL),
        ("apt-get -o Acquire::AllowInsecureRepositories=1 update", FAIL),
        ("apt-get -o Acquire::https::Verify-Peer=false update", FAIL),
        ("apt-get -o APT::Get::AllowUnauthenticated=false install x", PASS),
        ("ls -k", PASS),
    ],
)
def test_an_option_that_turns_signatures_off(tmp_path: Path, script: str, expected: Result) -> None:
    found = said(tmp_path, FIRST, f"RUN /bin/sh -c {script} # buildkit")
    assert found["verifies-packages"] is expected

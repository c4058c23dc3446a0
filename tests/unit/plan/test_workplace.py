"""The application's files where its working directory is one that others may share."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, package, plan_for
from tests.support.trees import Exec, Link

FILES: Files = {
    "/srv/app/main.py": b"import json\n",
    "/srv/models/b.bin": b"b",
    "/srv/names.txt": b"names",
    "/srv/pkg/x": b"x",
    "/words.zip": b"words",
    "/data/y.csv": b"y",
    "/root/.cache/z": b"z",
    "/nix/store/a": b"a",
    "/opt/tool/t": b"t",
    "/usr/lib/l": b"l",
    "/usr/bin/python3": Exec(b""),
}
ROOT = {"/data/y.csv", "/words.zip"}
SRV = {"/srv/models/b.bin", "/srv/names.txt"}


@pytest.mark.parametrize(
    ("working", "command", "kept"),
    [
        ("/srv", "app/main.py", SRV),
        ("/srv/app", "main.py", set()),
        ("/opt", "x", {"/opt/tool/t"}),
        ("/usr/lib", "x", set()),
        ("/", "words.zip", ROOT),
        ("", "./data/y.csv", ROOT),
        ("", "-m data.tool:app", ROOT),
        ("/", "/srv/app/main.py", set()),
        ("", "-m http.server", set()),
    ],
)
def test_what_lies_in_a_shared_working_directory_is_the_applications(
    working: str, command: str, kept: set[str]
) -> None:
    owned = package(Ecosystem.DEB, "pkg", ("/srv", "/srv/pkg", "/srv/pkg/x"))
    run = {
        "WorkingDir": working,
        "Cmd": command.split(),
        "Entrypoint": ["python3"],
        "User": "nobody",
    }
    keep = plan_for(
        Case(FILES, {"/srv/app/main.py": Use.OPENED}, (), packages=(owned,), run=run)
    ).keep
    assert {path for path in FILES if ImagePath(path) in keep} == {
        "/srv/app/main.py",
        "/usr/bin/python3",
        *kept,
    }


def test_the_home_of_another_account_stays_and_nothing_in_it() -> None:
    files: Files = {
        "/etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nann:x:9:9::/home/ann:/bin/sh\nbroken\n",
        "/root/.bashrc": b"",
        "/home/ann/.profile": b"",
        "/x": Exec(b""),
    }
    plan = plan_for(Case(files, {"/x": Use.EXECUTED}, (), run={"User": "ann"}))
    assert plan.keep[ImagePath("/root")].code == "state-directory"
    assert ImagePath("/root/.bashrc") in plan.remove
    assert ImagePath("/home/ann/.profile") in plan.keep


@pytest.mark.parametrize(
    ("home", "links", "end"),
    [
        ("/root", {"/root": "var/roothome"}, "/var/roothome"),
        ("/home/ann", {"/home": "/mnt/home"}, "/mnt/home/ann"),
        ("/home/ann", {"/home": "/mnt/a", "/mnt/a": "b"}, "/mnt/b/ann"),
        ("/home/ann", {"/home": "/mnt/home"}, None),
    ],
)
def test_the_links_that_lead_to_a_home_stay(
    home: str, links: dict[str, str], end: str | None
) -> None:
    files: Files = {
        "/etc/passwd": f"ann:x:9:9::{home}:/bin/sh\n",
        "/x": Exec(b""),
        "/unasked": Link("/opt"),
        "/opt/y": b"",
        **{path: Link(target) for path, target in links.items()},
        **({f"{end}/.profile": b""} if end else {}),
    }
    plan = plan_for(Case(files, {"/x": Use.EXECUTED}, ()))
    assert {path for path in links if ImagePath(path) not in plan.keep} == set()
    assert end is None or (
        ImagePath(end) in plan.keep and ImagePath(f"{end}/.profile") in plan.remove
    )
    assert ImagePath("/unasked") in plan.remove


def test_a_file_in_the_place_of_a_home_is_none() -> None:
    files: Files = {
        "/etc/passwd": b"ann:x:9:9::/opt/note:/bin/sh\n",
        "/opt/note": b"",
        "/x": Exec(b""),
    }
    assert ImagePath("/opt/note") in plan_for(Case(files, {"/x": Use.EXECUTED}, ())).remove

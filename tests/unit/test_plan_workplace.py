"""The application's files where its working directory is one that others may share."""

import pytest

from careen.model.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.trace import Use
from tests.support.plans import Case, Files, package, plan_for
from tests.support.trees import Exec

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
def test_what_lies_in_a_shared_working_directory_is_the_applications(working: str, command: str, kept: set[str]) -> None:
    owned = package(Ecosystem.DEB, "pkg", ("/srv", "/srv/pkg", "/srv/pkg/x"))
    run = {"WorkingDir": working, "Cmd": command.split(), "Entrypoint": ["python3"], "User": "nobody"}
    keep = plan_for(Case(FILES, {"/srv/app/main.py": Use.OPENED}, (), packages=(owned,), run=run)).keep
    assert {path for path in FILES if ImagePath(path) in keep} == {"/srv/app/main.py", "/usr/bin/python3", *kept}


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

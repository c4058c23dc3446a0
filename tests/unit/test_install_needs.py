"""`make wheel` installs what it compiles with, and no more."""

import re
from pathlib import Path

from careen.tools.process import run

ROOT = Path(__file__).resolve().parents[2]
ASKED = """#!/bin/sh
echo "$@" >>"$ASKED"
"""


def installed(tmp_path: Path, name: str) -> set[str]:
    """What a machine without any of it is asked to install: apt is a script that notes what it was
    told.
    """
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("apt-get", "sudo"):
        (programs / program).write_text(
            ASKED if program == "apt-get" else '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n'
        )
    (programs / "apt-cache").write_text("#!/bin/sh\necho there\n")
    (programs / "dpkg-query").write_text("#!/bin/sh\nexit 1\n")
    for program in ("bash", "sh", "env", "dirname", "id", "mktemp", "rm", "tail", "grep", "true"):
        place = next(
            folder / program
            for folder in (Path("/usr/bin"), Path("/bin"))
            if (folder / program).exists()
        )
        (programs / program).symlink_to(place)
    for script in programs.iterdir():
        if not script.is_symlink():
            script.chmod(0o755)
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    text = (ROOT / "scripts/install-needs.sh").read_text()
    (scripts / "install-needs.sh").write_text(text.replace(":/usr/local/sbin:/usr/sbin:/sbin", ""))
    for finder in ("find-clang.sh", "find-python.sh"):
        (scripts / finder).write_text("#!/bin/sh\nexit 1\n")
        (scripts / finder).chmod(0o755)
    asked = tmp_path / "asked"
    done = run(
        ["/bin/bash", str(scripts / "install-needs.sh"), name],
        timeout=60,
        env={"PATH": str(programs), "ASKED": str(asked), "TMPDIR": str(tmp_path), "LC_ALL": "C"},
    )
    assert done.status == 0, done.text
    line = next(line for line in asked.read_text().splitlines() if " install " in line)
    return {word for word in line.partition(" install ")[2].split() if not word.startswith("-")}


def test_a_wheel_needs_compilers_and_nothing_that_runs_containers(tmp_path: Path) -> None:
    asked = installed(tmp_path, "wheel")
    assert {"bpftool", "gcc", "libc6-dev", "libbpf-dev"} <= asked
    assert {re.sub(r"-\d+$", "", word) for word in asked if word.startswith(("clang", "llvm"))} == {
        "clang",
        "llvm",
    }
    assert asked.isdisjoint({"runc", "mmdebstrap", "docker.io", "skopeo"})


def test_the_demo_needs_that_and_runc(tmp_path: Path) -> None:
    assert {"bpftool", "gcc", "runc", "mmdebstrap"} <= installed(tmp_path, "demo")


def test_make_wheel_asks_for_it_first() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\nwheel:")[2].partition("\n\n")[0]
    assert recipe.index("install-needs.sh wheel") < recipe.index("setup.sh")

"""Trees that no package owns and that the application names only in part."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.scanners.base_directories import base_directories
from tests.support.plans import Case, Files, package, plan_for


def stays(
    tree: str,
    source: str,
    files: Files | None = None,
    *,
    used: tuple[str, ...] = (),
    owned: bool = False,
    **run: object,
) -> bool:
    """Whether a file of a tree stays, of an application with a source."""
    path = f"{tree}/config.json"
    everything: Files = {"/app/main.py": source, path: "{}", f"{tree}/m.bin": "", **(files or {})}
    packages = (package(Ecosystem.DEB, "owner", (path,)),) if owned else ()
    uses = dict.fromkeys(("/app/main.py", *used), Use.OPENED)
    plan = plan_for(
        Case(everything, uses, (), packages=packages, run={"WorkingDir": "/app", **run})
    )
    return ImagePath(path) in plan.keep


@pytest.mark.parametrize(
    ("tree", "source"),
    [
        ("/opt/voices", "BASE = '/opt'\np = f'{BASE}/voices/{name}'\n"),
        ("/opt/voices", "p = os.path.join(BASE, 'voices', name)\nBASE = '/opt/'\n"),
        ("/srv/voices", "BASE = Path('/srv')\np = BASE / 'voices'\n"),
        ("/usr/share/voices", "B = '/usr/share'\np = os.path.join(B, 'voices')\n"),
        ("/opt/voices", "p = f'/opt/{name}/config.json'\n"),
        ("/mnt/voices", "p = f'/mnt/{name}'\n"),
        ("/opt/voices", "glob.glob('/opt/*/config.json')\n"),
        ("/opt/voices", "os.listdir('/opt')\n"),
        ("/voices", "p = os.path.join('/', 'voices', name)\n"),
        ("/voices", "p = os.sep + 'voices'\n"),
        ("/voices", "p = Path('/') / 'voices' / name\n"),
        ("/voices", "p = Path(os.environ['VOICE_DIR']) / name\n"),
        ("/srv/my-voices", "class Settings:\n    my_voices_path: Path\n"),
    ],
)
def test_a_tree_that_is_named_in_part_stays_if_no_package_has_it(tree: str, source: str) -> None:
    assert stays(tree, source)
    assert not stays(tree, "p = 'voices'\n")
    assert not stays(tree, source, owned=True)


@pytest.mark.parametrize(
    ("tree", "source"),
    [
        ("/opt/voices", "BASE = '/opt'\np = f'{BASE}/others/{name}'\n"),
        ("/opt/voices", "p = f'/opt/{name}/other.json'\n"),
        ("/build", "p = os.environ['BUILD_DIR']\n"),
        ("/opt/voices", "os.listdir('/srv')\n"),
    ],
)
def test_another_tree_does_not(tree: str, source: str) -> None:
    assert not stays(tree, source)


def test_the_directory_may_be_in_another_file_or_in_a_variable() -> None:
    source = "p = BASE / 'voices'\n"
    assert stays("/opt/voices", source, {"/app/cfg.py": "BASE = Path('/opt')\n"})
    assert stays("/opt/voices", source, Env=["BASE=/opt"])
    assert not stays("/opt/voices", source)


@pytest.mark.parametrize("above", ["", "/opt", "/srv"])
def test_a_tree_with_the_same_names_in_it_as_one_that_is_used_stays(above: str) -> None:
    first = f"{above}/voice-a"
    files: Files = {f"{first}/config.json": "", f"{first}/m.bin": ""}
    source = "p = os.environ['CHOICE']\n"
    assert stays(f"{above}/voice-b", source, files, used=(f"{first}/config.json",))
    assert not stays(f"{above}/voice-b", source, files)
    other: Files = {f"{first}/x.json": "", f"{first}/m.bin": ""}
    assert not stays(f"{above}/voice-b", source, other, used=(f"{first}/x.json",))


def test_the_content_of_a_volume_stays() -> None:
    assert stays("/data", "", Volumes={"/data": {}})
    assert not stays("/data", "")


def test_a_source_names_the_home_of_an_account() -> None:
    files: Files = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nsvc:x:9:9::/home/svc:/bin/sh\n"}
    assert stays("/home/svc/models", "p = os.path.expanduser('~svc/models')\n", files)
    assert not stays("/home/svc/models", "p = os.path.expanduser('~/models')\n", files)


def test_what_a_source_says_of_directories() -> None:
    said = base_directories(b"A = '/opt'\nx = f'/srv/{a}/b.c'\nos.walk(A)\nhf_model_dir = 1\n")
    assert said.whole == {"/opt"}
    assert said.values == {("/srv", "/b.c")}
    assert said.lists
    assert said.places == {"hf_model", "model"}

"""Kernels of Jupyter: which distributions and commands stay for what people type."""

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.mechanisms.python.interactive_kernels import command_line
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import SetId

SITE = "/usr/local/lib/python3.11/site-packages"
KERNELS = "/usr/local/share/jupyter/kernels"
PYTHON: Files = {
    "/usr/local/lib/python3.11/os.py": "",
    "/usr/local/lib/python3.11/encodings/__init__.py": "",
    "/usr/local/bin/python": elf(),
    "/usr/bin/seq": elf(),
    "/usr/bin/su": SetId(b"\x7fELF"),
    "/usr/bin/extra": elf(),
    f"{SITE}/asked/a.py": "",
    f"{SITE}/dragged/a.py": "",
    f"{SITE}/needed/a.py": "",
    f"{SITE}/asked-1.dist-info/REQUESTED": "",
    "/usr/lib/python3/dist-packages/systems/a.py": "",
    f"{KERNELS}/python3/kernel.json": '{"argv": ["python", "-m", "kernel"]}',
    f"{KERNELS}/python3/logo.svg": "<svg/>",
    f"{KERNELS}/other/kernel.json": '{"argv": ["/opt/other/bin/other", "{connection_file}"]}',
    "/opt/other/bin/other": elf(),
}
DEBIAN = (
    package(Ecosystem.DEB, "coreutils", ("/usr/bin/seq", "/usr/bin/su"), essential=True),
    package(Ecosystem.DEB, "extra", ("/usr/bin/extra",)),
)
OPENED = {"/usr/local/bin/python": Use.EXECUTED, f"{KERNELS}/python3/kernel.json": Use.OPENED}


def dist(
    name: str, site: str = SITE, *, asked: bool = False, depends: tuple[str, ...] = ()
) -> Package:
    record = f"{site}/{name}-1.dist-info"
    metadata = (ImagePath(f"{record}/REQUESTED"),) if asked else ()
    files = (ImagePath(f"{site}/{name}/a.py"), *metadata)
    return Package(
        Ecosystem.PYPI,
        name,
        "1",
        f"pkg:pypi/{name}@1",
        ImagePath(f"{record}/RECORD"),
        files,
        metadata,
        depends=depends,
        modules=(name,),
    )


def kept(used: dict[str, Use], *, asked: bool = True, files: Files | None = None) -> set[str]:
    systems = dist("systems", "/usr/lib/python3/dist-packages")
    distributions = (
        dist("asked", asked=asked, depends=("needed",)),
        dist("needed"),
        dist("dragged"),
        systems,
    )
    return set(
        plan_for(
            Case({**PYTHON, **(files or {})}, used, (), packages=(*DEBIAN, *distributions))
        ).keep
    )


def test_what_was_asked_for_stays_with_what_it_requires_and_the_rest_goes() -> None:
    found = kept(OPENED)
    assert {f"{SITE}/asked/a.py", f"{SITE}/needed/a.py"} <= found
    assert {f"{SITE}/dragged/a.py", "/usr/lib/python3/dist-packages/systems/a.py"}.isdisjoint(found)


def test_where_no_installer_wrote_down_what_was_asked_for_all_of_that_interpreter_stays() -> None:
    found = kept(OPENED, asked=False)
    assert {f"{SITE}/asked/a.py", f"{SITE}/dragged/a.py"} <= found
    assert "/usr/lib/python3/dist-packages/systems/a.py" not in found


def test_kernels_beside_it_stay_with_their_programs() -> None:
    assert {
        f"{KERNELS}/python3/logo.svg",
        f"{KERNELS}/other/kernel.json",
        "/opt/other/bin/other",
    } <= kept(OPENED)


def test_commands_of_essential_packages_stay_and_setuid_ones_and_those_of_others_go() -> None:
    found = kept(OPENED)
    assert "/usr/bin/seq" in found
    assert {"/usr/bin/su", "/usr/bin/extra"}.isdisjoint(found)


def test_a_kernel_that_nobody_looked_at_keeps_nothing() -> None:
    used = {"/usr/local/bin/python": Use.EXECUTED}
    assert {f"{SITE}/asked/a.py", "/usr/bin/seq", "/opt/other/bin/other"}.isdisjoint(kept(used))
    looked_up = {**used, f"{KERNELS}/python3/kernel.json": Use.LOOKED_UP}
    assert f"{SITE}/asked/a.py" not in kept(looked_up)


def test_a_specification_that_is_broken_keeps_no_distribution() -> None:
    for text in (
        "{",
        "[" * 100_000,
        '{"argv": 7}',
        '{"argv": [7, null]}',
        '{"argv": ["nothing-there"]}',
        "[]",
    ):
        assert f"{SITE}/asked/a.py" not in kept(
            OPENED, files={f"{KERNELS}/python3/kernel.json": text}
        ), text[:40]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"argv": ["python", "-m", "x", 3]}', ("python", "-m", "x")),
        (b'{"argv": "python"}', ()),
        (b"\xff", ()),
        (b"[" * 100_000, ()),
        (b'{"argv": [' + b'"x",' * 5000 + b'"y"]}', ("x",) * 100),
    ],
)
def test_command_lines_are_read_within_bounds(data: bytes, words: tuple[str, ...]) -> None:
    assert command_line(data) == words

"""Libraries of the system that a wheel names, and of which it may have a renamed copy."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, elf, package, plan_for

SITE = "/usr/lib/python3.11/site-packages"
TYPE = f"{SITE}/pictures.libs/libtype-0123abcd.so.6"
SHAPE = "/usr/lib/libshape.so.0"


@pytest.mark.parametrize(
    ("copy", "names", "stays"),
    [
        ("libshape-172d1f63.so.0.61421.0", b"libshape.so.0", False),
        ("libshape-172d1f63.so.0", b"libshape.so.0", False),
        ("libshape-172d1f63.so.0.61421.0", b"libshape.so", False),
        ("libshape-172d1f63.so.1.0", b"libshape.so.0", True),  # another version
        ("libshape-172d1f63.so.01", b"libshape.so.0", True),
        ("libshapes-172d1f63.so.0", b"libshape.so.0", True),
        ("libshape-more.so.0", b"libshape.so.0", True),
    ],
)
def test_a_library_of_which_the_wheel_has_a_copy_goes(copy: str, names: bytes, stays: bool) -> None:
    files: Files = {
        TYPE: elf(text=b"\0" + names + b"\0"),
        f"{SITE}/pictures.libs/{copy}": elf(),
        SHAPE: elf(("libglow.so.0",)),
        "/usr/lib/libshape.so": elf(),
        "/usr/lib/libglow.so.0": elf(),
    }
    wheel = package(Ecosystem.PYPI, "pictures", (TYPE, f"{SITE}/pictures.libs/{copy}"))
    plan = plan_for(Case(files, {TYPE: Use.MAPPED}, (), packages=(wheel,)))
    assert f"{SITE}/pictures.libs/{copy}" in plan.keep
    assert bool({SHAPE, "/usr/lib/libshape.so"} & plan.keep.keys()) is stays
    assert ("/usr/lib/libglow.so.0" in plan.keep) is stays


def test_the_copy_of_another_wheel_does_not_count() -> None:
    copy = f"{SITE}/other.libs/libshape-172d1f63.so.0"
    files: Files = {
        TYPE: elf(text=b"\0libshape.so.0\0"),
        copy: elf(text=b"\0libshape.so.0\0"),
        SHAPE: elf(),
    }
    wheels = (
        package(Ecosystem.PYPI, "pictures", (TYPE,)),
        package(Ecosystem.PYPI, "other", (copy,)),
    )
    assert SHAPE in plan_for(Case(files, {TYPE: Use.MAPPED}, (), packages=wheels)).keep


def test_what_the_application_opens_or_what_was_used_stays() -> None:
    copy = f"{SITE}/pictures.libs/libshape-172d1f63.so.0"
    files: Files = {
        TYPE: elf(text=b"\0libshape.so.0\0"),
        copy: elf(),
        SHAPE: elf(),
        "/bin/x": elf(),
        "/app/main.py": "import ctypes\nctypes.CDLL('libshape.so.0')\n",
    }
    wheel = package(Ecosystem.PYPI, "pictures", (TYPE, copy))
    uses = {TYPE: Use.MAPPED, "/bin/x": Use.EXECUTED}
    for more in ({"/app/main.py": Use.OPENED}, {SHAPE: Use.MAPPED}):
        case = Case(files, {**uses, **more}, (), packages=(wheel,), run={"WorkingDir": "/app"})
        assert SHAPE in plan_for(case).keep

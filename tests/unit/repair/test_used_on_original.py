"""What a failing test used on the original: by when it was seen, and by how it was used."""

from collections.abc import Mapping

from careen.model.paths import ImagePath
from careen.model.runs.trace import Phase, SensorInfo, SensorKind, Touch, Trace, Use
from careen.repair.removed import Removed
from careen.repair.suspect import Strength
from careen.repair.used_on_original import Window, used_on_original
from tests.support.trees import Link, tree

FILES: Mapping[str, str | Link | None] = {
    "/bin": Link("usr/bin"),
    "/usr/bin/cut": Link("cut.real"),
    "/usr/bin/cut.real": "",
    "/etc/late": "",
    "/etc/early": "",
    "/etc/asked": "",
    "/kept": "",
    "/lib/__pycache__/a.cpython-311.pyc": "",
    "/lib/a.py": "",
    "/var/state": None,
}
ROOTFS = tree(FILES)
REMOVED = Removed(
    ROOTFS,
    (
        entry.path
        for entry in ROOTFS
        if entry.path
        not in (
            "/kept",
            "/usr",
            "/usr/bin",
            "/etc",
            "/lib",
            "/lib/__pycache__",
            "/var",
            "/",
        )
    ),
)


def seen(
    given: str, first: float | None, use: Use = Use.OPENED, *, errno: int = 0, on_image: bool = True
) -> Touch:
    return Touch(
        use, given, "/", None, on_image, errno, frozenset({Phase.SERVING}), "/bin/sh", first
    )


def used(
    *touches: Touch, windows: tuple[Window, ...] | None = (Window(100.0, 2.0),)
) -> dict[str, Strength]:
    trace = Trace(
        SensorInfo(SensorKind.EBPF, "6.1", "x86_64", (), frozenset(Use), {}), touches, {}, ()
    )
    return {
        suspect.path: suspect.strength for suspect in used_on_original([trace], windows, REMOVED)
    }


def test_what_a_test_executed_and_read_is_strong_with_the_links_that_lead_there() -> None:
    assert used(
        seen("bin/cut", 101.0, Use.EXECUTED), seen("etc/late", 101.5), seen("kept", 101.0)
    ) == dict.fromkeys(("/bin", "/usr/bin/cut", "/usr/bin/cut.real", "/etc/late"), Strength.STRONG)


def test_what_it_only_asked_for_is_weak() -> None:
    assert used(seen("etc/asked", 101.0, Use.LOOKED_UP)) == {"/etc/asked": Strength.WEAK}


def test_the_source_of_byte_code_comes_with_it() -> None:
    code = "lib/__pycache__/a.cpython-311.pyc"
    assert used(seen(code, 101.0), seen("lib/a.py", 101.0, Use.LOOKED_UP)) == dict.fromkeys(
        (f"/{code}", "/lib/a.py"), Strength.STRONG
    )


def test_what_was_read_before_it_may_have_been_read_again_and_what_came_after_it_was_not_its() -> (
    None
):
    assert used(
        seen("etc/early", 50.0), seen("etc/asked", 50.0, Use.LOOKED_UP), seen("etc/late", 103.0)
    ) == {"/etc/early": Strength.WEAK}
    assert used(seen("etc/early", 50.0), seen("etc/late", 103.0), windows=None) == {
        "/etc/early": Strength.STRONG,
        "/etc/late": Strength.STRONG,
    }


def test_a_container_of_the_tests_own_tells_when_it_looked_too() -> None:
    other = Trace(
        SensorInfo(SensorKind.EBPF, "6.1", "x86_64", (), frozenset(Use), {}),
        (seen("etc/late", 101.0),),
        {},
        (),
    )
    first = Trace(other.sensor, (seen("etc/late", 90.0),), {}, ())
    (suspect,) = used_on_original([first, other], (Window(100.0, 2.0),), REMOVED)
    assert (suspect.path, suspect.strength) == (ImagePath("/etc/late"), Strength.STRONG)


def test_what_failed_there_and_what_lay_on_a_volume_is_nothing() -> None:
    assert used(seen("etc/late", 101.0, errno=13), seen("etc/early", 101.0, on_image=False)) == {}


def test_where_something_was_made_the_directory_is_needed() -> None:
    assert used(seen("var/state/lock", 101.0, Use.WRITTEN), seen("var/state/none", 101.0)) == {
        "/var/state": Strength.STRONG
    }


def test_what_stands_in_a_directory_that_was_listed_is_faint_and_what_is_below_it_is_not_meant() -> (
    None
):
    assert used(seen("etc", 101.0, Use.LISTED)) == dict.fromkeys(
        ("/etc/late", "/etc/early", "/etc/asked"), Strength.FAINT
    )
    assert used(seen("var", 101.0, Use.LISTED), seen("etc", 50.0, Use.LISTED)) == {
        "/var/state": Strength.FAINT
    }


def test_what_was_read_in_a_directory_that_was_listed_stays_strong() -> None:
    assert (
        used(seen("etc", 101.0, Use.LISTED), seen("etc/late", 101.5))["/etc/late"]
        is Strength.STRONG
    )

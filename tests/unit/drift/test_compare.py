"""From what a sensor saw to deviations: programs, code, addresses, calls, and removed paths."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from careen.drift.compare import Comparison, subject_of
from careen.drift.known import Known
from careen.model.paths import ImagePath
from careen.model.plan import Reason
from careen.model.runs.drift import Deviation, DriftKind
from careen.model.runs.news import Connected, News, Sighted
from careen.model.runs.trace import Endpoint, Phase, Touch, Use
from tests.support.plans import elf
from tests.support.trees import Exec, Link, tree

NOW = frozenset({Phase.SERVING})
ROOTFS = tree(
    {
        "/bin": Link("usr/bin"),
        "/usr/bin/app": elf(interpreter="/lib64/ld.so"),
        "/usr/bin/other": Exec(b"x"),
        "/usr/bin/script": Exec(b"#!/usr/bin/perl -w\n"),
        "/usr/bin/plain": Exec(b"#!/usr/bin/other\n"),
        "/usr/bin/cc": Link("/usr/bin/gcc-14"),
        "/usr/lib/known.so": b"",
    }
)
REMOVED: Mapping[ImagePath, Reason] = {
    ImagePath("/usr/bin/perl"): Reason("unused", "nobody used it"),
    ImagePath("/usr/bin/gcc-14"): Reason("rule:compilers", "not needed at run time"),
    ImagePath("/lib64/ld.so"): Reason("unused", "nobody used it"),
    ImagePath("/usr/bin/curl"): Reason("user-remove", "--remove /usr/bin/curl"),
}
KNOWN = Known(
    frozenset({"/usr/bin/app"}),
    frozenset({"/usr/bin/app", "/usr/lib/known.so"}),
    frozenset({("connect", "inet", "192.0.2.1", 443)}),
    frozenset({"read"}),
    REMOVED,
    {},
)


def unknown(_: ImagePath) -> bool | None:
    return None


def touch(use: Use, given: str, *, error: int = 0, on_image: bool | None = True) -> Touch:
    reached = None if error else given
    return Touch(use, given, "/", reached, on_image, error, NOW, "/usr/bin/app", 10.0)


def found(
    *touches: Touch,
    allowed: tuple[str, ...] = (),
    known: Known = KNOWN,
    same: Mapping[ImagePath, bool] = {},
    key: bytes = b"key",
) -> list[Deviation]:
    comparison = Comparison(known, ROOTFS, lambda at: at + 1000, same.get, allowed)
    news = News(tuple(Sighted(each, key, 7) for each in touches))
    return [seen.deviation for seen in comparison.deviations(news, 0.0)]


def named(*touches: Touch) -> list[tuple[DriftKind, str]]:
    return [(each.kind, each.subject) for each in found(*touches)]


def test_what_the_rbom_has_is_no_deviation() -> None:
    assert named(touch(Use.EXECUTED, "/usr/bin/app"), touch(Use.MAPPED, "/usr/lib/known.so")) == []


def test_a_file_of_the_image_that_was_never_executed_is_unknown() -> None:
    (one,) = found(touch(Use.EXECUTED, "/usr/bin/other"))
    assert (one.kind, one.subject) == (DriftKind.EXECUTABLE, "/usr/bin/other")
    assert (one.program, one.pid, one.at, one.in_image) == ("/usr/bin/app", 7, 1010.0, True)
    assert "--attach" in one.fix
    assert "--allow /usr/bin/other" in one.fix


def test_a_file_that_the_image_lacks_is_told_as_that() -> None:
    (one,) = found(touch(Use.EXECUTED, "/tmp/new file"))
    assert one.in_image is False
    assert one.fix.startswith("the image has no such file")
    assert "--allow '/tmp/new file'" in one.fix


def test_a_removed_file_that_is_there_again_is_told_as_that() -> None:
    (one,) = found(touch(Use.EXECUTED, "/usr/bin/perl"))
    assert one.kind is DriftKind.EXECUTABLE
    assert one.removed_by == REMOVED[ImagePath("/usr/bin/perl")]
    assert one.fix.startswith("the plan removed this file, and it is there again")


def test_code_that_was_never_mapped_is_unknown_on_any_file_system() -> None:
    assert named(
        touch(Use.MAPPED, "/usr/bin/other"), touch(Use.MAPPED, "/data/x.so", on_image=False)
    ) == [(DriftKind.LIBRARY, "/usr/bin/other"), (DriftKind.LIBRARY, "/data/x.so")]


def test_a_script_is_found_by_its_name_through_links() -> None:
    script = replace(touch(Use.EXECUTED, "/bin/script"), resolved=None)
    assert named(script) == [(DriftKind.EXECUTABLE, "/usr/bin/script")]


@pytest.mark.parametrize("use", [Use.OPENED, Use.EXECUTED, Use.LOOKED_UP])
@pytest.mark.parametrize("given", ["/usr/bin/perl", "/bin/perl", "/usr/bin/../bin/perl"])
def test_a_look_up_of_a_removed_path_names_the_entry_of_the_plan(use: Use, given: str) -> None:
    (one,) = found(touch(use, given, error=2, on_image=None))
    assert (one.kind, one.subject, one.errno) == (DriftKind.REMOVED, "/usr/bin/perl", 2)
    assert one.removed_by == REMOVED[ImagePath("/usr/bin/perl")]
    assert "--keep /usr/bin/perl" in one.fix


def test_a_link_to_a_removed_file_leads_to_it() -> None:
    assert named(touch(Use.EXECUTED, "/usr/bin/cc", error=2)) == [
        (DriftKind.REMOVED, "/usr/bin/gcc-14")
    ]


def test_what_the_user_removed_is_brought_back_by_that() -> None:
    (one,) = found(touch(Use.OPENED, "/usr/bin/curl", error=2))
    assert one.fix == "harden again without --remove /usr/bin/curl"


def test_a_program_whose_interpreter_is_gone_misses_the_interpreter() -> None:
    assert named(
        touch(Use.EXECUTED, "/usr/bin/script", error=2),
        touch(Use.EXECUTED, "/usr/bin/app", error=2),
    ) == [(DriftKind.REMOVED, "/usr/bin/perl"), (DriftKind.REMOVED, "/lib64/ld.so")]


@pytest.mark.parametrize(
    "ordinary",
    [
        touch(Use.OPENED, "/etc/never-there", error=2),
        touch(Use.OPENED, "/usr/bin/perl", error=13),
        touch(Use.OPENED, "/usr/bin/perl", error=2, on_image=False),
        touch(Use.EXECUTED, "/usr/bin/plain", error=2),
        touch(Use.LOOKED_UP, "/usr/bin/other", error=2),
    ],
    ids=["never there", "not allowed", "a volume's", "interpreter is there", "deleted at run time"],
)
def test_other_failures_are_ordinary(ordinary: Touch) -> None:
    assert found(ordinary) == []


def test_addresses_are_compared_exactly() -> None:
    ends = [
        Endpoint("connect", "inet", "192.0.2.1", 443, NOW, "/usr/bin/app"),
        Endpoint("connect", "inet", "192.0.2.1", 444, NOW, "/usr/bin/app"),
        Endpoint("bind", "inet6", "::1", 443, NOW),
        Endpoint("connect", "unix", "/run/x.sock", 0, NOW),
        Endpoint("connect", "unix", "", 0, NOW),  # an unnamed one
    ]
    comparison = Comparison(KNOWN, ROOTFS, float, unknown)
    news = News(connected=tuple(Connected(end, b"", 1.0) for end in ends))
    assert [seen.deviation.subject for seen in comparison.deviations(news, 0.0)] == [
        "connect inet 192.0.2.1:444",
        "bind inet6 [::1]:443",
        "connect unix /run/x.sock",
    ]


def test_system_calls_are_compared_unless_an_emulator_makes_them() -> None:
    comparison = Comparison(KNOWN, ROOTFS, lambda at: at, unknown)
    news = News(syscalls=frozenset({"read", "ptrace", "bpf"}))
    (one, two) = [seen.deviation for seen in comparison.deviations(news, 5.0)]
    assert (one.subject, two.subject, one.at, one.pid) == ("bpf", "ptrace", 5.0, None)
    assert list(comparison.deviations(replace(news, emulated=True), 5.0)) == []


@pytest.mark.parametrize("pattern", ["/tmp/*.so", "/tmp/a.so", "*"])
def test_what_is_allowed_is_no_deviation(pattern: str) -> None:
    assert found(touch(Use.MAPPED, "/tmp/a.so"), allowed=(pattern,)) == []
    assert len(found(touch(Use.MAPPED, "/tmp/a.so"), allowed=("/var/*", "a.so"))) == 1


def test_the_fix_of_an_address_with_brackets_allows_it() -> None:
    end = Endpoint("connect", "inet6", "::1", 80, NOW)
    comparison = Comparison(KNOWN, ROOTFS, float, unknown, (subject_of(end),))
    assert list(comparison.deviations(News(connected=(Connected(end, b"", 1.0),)), 0.0)) == []


def test_a_kind_that_is_not_compared_gives_no_deviation() -> None:
    known = replace(KNOWN, not_compared={DriftKind.LIBRARY: "why"})
    assert found(touch(Use.MAPPED, "/tmp/a.so"), known=known) == []


APP, LIBRARY = ImagePath("/usr/bin/app"), ImagePath("/usr/lib/known.so")


@pytest.mark.parametrize("same", [True, None])
def test_a_known_file_that_is_the_images_is_no_deviation(same: bool | None) -> None:
    contents = {} if same is None else {APP: same, LIBRARY: same}
    assert found(touch(Use.MAPPED, LIBRARY), same=contents) == []
    assert found(touch(Use.EXECUTED, APP), same=contents, key=b"") == []


def test_a_known_program_and_known_code_with_another_content_are_told() -> None:
    contents = {APP: False, LIBRARY: False}
    (one,) = found(touch(Use.MAPPED, LIBRARY), same=contents)
    assert (one.kind, one.subject, one.in_image) == (DriftKind.CHANGED, LIBRARY, True)
    assert one.fix.startswith("its content is not the image's")
    (two,) = found(touch(Use.EXECUTED, APP), same=contents, key=b"")
    assert (two.kind, two.subject) == (DriftKind.CHANGED, APP)


def test_the_content_is_looked_at_once_a_file_and_not_on_a_volume() -> None:
    contents = {APP: False, LIBRARY: False}
    assert found(touch(Use.EXECUTED, APP), same=contents, key=b"a name") == []
    assert found(touch(Use.MAPPED, LIBRARY, on_image=False), same=contents) == []

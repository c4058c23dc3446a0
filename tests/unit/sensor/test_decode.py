"""From the helper's frames to touches: paths, mounts, roots, phases, and streams that are cut
off.
"""

import io
import struct
import tracemalloc

import pytest

from careen.errors import ToolError
from careen.model.runs.trace import Phase, Touch, Use
from careen.sensor.decode import Decoder, endpoints, merge
from careen.sensor.mounts import Mounts, parse_mountinfo
from careen.sensor.recording import Recording, by_container, read_recording
from careen.sensor.syscall_names import name_of
from careen.sensor.wire import (
    ENDPOINT_KEY,
    FILE_KEY,
    FILE_TALLY,
    FRAME,
    KINDS,
    NAME_KEY,
    SIGHT,
    TALLY,
    FrameType,
    Kind,
    SightType,
)
from tests.support.frames import (
    NO_FILE,
    NO_NAME,
    ROOT_DEV,
    VOLUME_DEV,
    WHO,
    counters,
    file_key,
    frame,
    name_key,
    names,
    sight,
    stream_of,
)

pytestmark = pytest.mark.slow


def read(*parts: bytes, root: str = "/") -> Recording:
    return read_recording(stream_of(*parts, root=root))


def touch_of(*parts: bytes, root: str = "/") -> Touch:
    decoder = Decoder(read(*parts, root=root))
    (touch,) = merge(touch for part in (decoder.names(), decoder.files()) for touch in part)
    return touch


def test_an_opened_file_has_its_name_its_path_and_its_program() -> None:
    key = name_key(1, Kind.OPEN)
    touch = touch_of(
        sight(
            SightType.NAME,
            name=key,
            file=file_key(ROOT_DEV, 5),
            given="/etc/link",
            reached="/etc/real",
        ),
        names(key),
    )
    assert touch == Touch(
        Use.OPENED,
        "/etc/link",
        "/",
        "/etc/real",
        on_image=True,
        errno=0,
        phases=frozenset({Phase.START}),
        executable="/bin/app",
    )


def test_a_missing_relative_name_has_its_directory_and_its_error() -> None:
    key = name_key(1, Kind.STAT, -2)
    touch = touch_of(sight(SightType.NAME, name=key, given="lib/x.so", base="/opt/app"), names(key))
    assert (touch.use, touch.given, touch.base, touch.resolved, touch.on_image, touch.errno) == (
        Use.LOOKED_UP,
        "lib/x.so",
        "/opt/app",
        None,
        None,
        2,
    )


def test_a_path_on_a_volume_is_placed_where_it_is_mounted() -> None:
    key = name_key(1, Kind.OPEN)
    touch = touch_of(
        sight(
            SightType.NAME,
            name=key,
            file=file_key(VOLUME_DEV, 5),
            given="/data/x",
            reached="/srv/my data/x",
        ),
        names(key),
    )
    assert (touch.resolved, touch.on_image) == ("/data/x", False)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/proc/self/maps", False),
        ("/data", False),
        ("/database", None),
        ("/proc/../etc/x", None),
        ("/etc/x", None),
    ],
)
def test_an_unresolved_name_below_a_mount_is_off_the_image(
    given: str, expected: bool | None
) -> None:
    key = name_key(1, Kind.ACCESS)
    assert touch_of(sight(SightType.NAME, name=key, given=given), names(key)).on_image is expected


@pytest.mark.parametrize(
    "mounts", ["83 47 0:50 / / rw - overlay o rw\n84 83 0:39 / /proc rw - proc proc rw\n", None]
)
@pytest.mark.parametrize(("root", "expected"), [(50, None), (ROOT_DEV, True)])
def test_a_number_that_a_restart_gave_to_another_file_system_says_nothing(
    mounts: str | None, root: int, expected: bool | None
) -> None:
    key = name_key(1, Kind.OPEN)
    again = sight(SightType.START, file=file_key(root, 1), reached="/", pid=8)
    read_again = (
        b"" if mounts is None else frame(FrameType.MOUNTS, struct.pack("<I", 8) + mounts.encode())
    )
    seen = sight(
        SightType.NAME,
        name=key,
        file=file_key(ROOT_DEV, 5),
        given="/proc/1/status",
        reached="/1/status",
    )
    touch = touch_of(again, read_again if root != ROOT_DEV else b"", seen, names(key))
    assert touch.on_image is expected


def test_a_name_that_is_its_own_path_is_the_images_whatever_the_number_says() -> None:
    key = name_key(1, Kind.OPEN)
    again = sight(
        SightType.START, file=file_key(50, 1), reached="/", pid=8
    )  # and its mounts could not be read
    touch = touch_of(
        again,
        sight(
            SightType.NAME,
            name=key,
            file=file_key(ROOT_DEV, 5),
            given="/etc/file",
            reached="/etc/file",
        ),
        names(key),
    )
    assert touch.on_image is True


def test_the_prefix_of_a_plain_directory_as_root_is_stripped() -> None:
    key = name_key(1, Kind.OPEN)
    part = sight(
        SightType.NAME,
        name=key,
        file=file_key(ROOT_DEV, 5),
        given="x",
        reached="/srv/root/etc/x",
        base="/srv/root/etc",
    )
    touch = touch_of(part, names(key), root="/srv/root")
    assert (touch.base, touch.resolved, touch.on_image, touch.executable) == (
        "/etc",
        "/etc/x",
        True,
        "/bin/app",
    )


def test_a_neighbour_of_that_directory_is_not_the_image() -> None:
    key = name_key(1, Kind.OPEN)
    touch = touch_of(
        sight(
            SightType.NAME,
            name=key,
            file=file_key(ROOT_DEV, 5),
            given="/x",
            reached="/srv/rooted/x",
        ),
        names(key),
        root="/srv/root",
    )
    assert touch.on_image is False


def test_a_deleted_file_may_have_been_the_images() -> None:
    key = name_key(1, Kind.OPEN_WRITE)
    decoder = Decoder(
        read(
            sight(
                SightType.NAME,
                name=key,
                file=file_key(ROOT_DEV, 5),
                given="/tmp/x",
                reached="/tmp/#12",
                gone=True,
            ),
            names(key),
        )
    )
    assert {(touch.use, touch.on_image) for touch in decoder.names()} == {
        (Use.OPENED, None),
        (Use.WRITTEN, None),
    }


def test_one_file_reached_in_several_ways_and_phases() -> None:
    key = file_key(ROOT_DEV, 5)
    seen = bytearray(2 * KINDS)
    seen[Kind.MAP_EXEC] = seen[KINDS + Kind.MAP_EXEC] = seen[KINDS + Kind.STAT] = 1
    recording = read(
        sight(SightType.FILE, file=key, reached="/lib/a.so"),
        frame(FrameType.FILES, key + FILE_TALLY.pack(0, 3, bytes(seen))),
    )
    found = {touch.use: touch.phases for touch in Decoder(recording).files()}
    assert found == {Use.MAPPED: {Phase.START, Phase.SERVING}, Use.LOOKED_UP: {Phase.SERVING}}


def test_stat_and_access_of_one_name_are_one_lookup() -> None:
    first, second = name_key(1, Kind.STAT), name_key(1, Kind.ACCESS)
    touch = touch_of(
        sight(SightType.NAME, name=first, given="/a"),
        sight(SightType.NAME, name=second, given="/a"),
        names(first),
        names(second, serving=1),
    )
    assert touch.phases == {Phase.START, Phase.SERVING}


def test_names_that_are_not_utf_8_come_back_byte_for_byte() -> None:
    key = name_key(1, Kind.OPEN)
    raw = b"/etc/\xff\xfe".decode("utf-8", "surrogateescape")
    touch = touch_of(
        sight(SightType.NAME, name=key, file=file_key(ROOT_DEV, 5), given=raw, reached=raw),
        names(key),
    )
    assert touch.given.encode("utf-8", "surrogateescape") == b"/etc/\xff\xfe"
    assert touch.resolved == touch.given


def test_a_counted_key_whose_name_never_came_is_a_loss() -> None:
    assert read(names(name_key(1, Kind.OPEN))).losses["unnamed"] == 1


@pytest.mark.parametrize("cut", [1, FRAME.size, FRAME.size + 3])
def test_a_stream_that_is_cut_off_is_refused(cut: int) -> None:
    whole = counters() + frame(FrameType.END, b"")
    with pytest.raises(ToolError, match="ends before its end mark"):
        read_recording(io.BytesIO(whole[:-cut]))


def test_a_table_of_another_version_is_refused() -> None:
    with pytest.raises(ToolError, match="another version"):
        read_recording(io.BytesIO(frame(FrameType.NAMES, b"x" * 63)))


def test_endpoints_of_all_families() -> None:
    def row(family: int, port: int, direction: int, address: bytes, who: int = 0) -> bytes:
        return ENDPOINT_KEY.pack(
            who,
            family,
            int.from_bytes(port.to_bytes(2, "big"), "little"),
            direction,
            len(address),
            address,
        ) + TALLY.pack(0, 1, b"\0\1\0\0", 0)

    rows = (
        row(2, 443, 1, bytes((10, 0, 0, 1)))
        + row(10, 53, 3, bytes(15) + b"\1")
        + row(1, 0, 2, b"/run/x\0")
        + row(1, 0, 1, b"\0abstract")
        + row(16, 0, 2, b"")
    )
    found = endpoints(read(frame(FrameType.ENDPOINTS, rows)))
    assert [(e.direction, e.family, e.address, e.port) for e in found] == [
        ("bind", "unix", "/run/x", 0),
        ("connect", "inet", "10.0.0.1", 443),
        ("connect", "unix", "@abstract", 0),
        ("send", "inet6", "::1", 53),
    ]
    assert {e.phases for e in found} == {frozenset({Phase.SERVING})}


def test_an_endpoint_names_the_program_that_bound_it() -> None:
    def bound(who: int, *, serving: int) -> bytes:
        port = int.from_bytes((8000).to_bytes(2, "big"), "little")
        return ENDPOINT_KEY.pack(who, 2, port, 2, 4, bytes(4)) + TALLY.pack(
            0, 1, bytes((1 - serving, serving, 0, 0)), 0
        )

    found = endpoints(
        read(frame(FrameType.ENDPOINTS, bound(WHO, serving=0) + bound(1 << 16, serving=1)))
    )
    assert [(e.port, e.executable, e.phases) for e in found] == [
        (
            8000,
            "",
            frozenset({Phase.SERVING}),
        ),  # the container runtime, or a program that the table had no room for
        (8000, "/bin/app", frozenset({Phase.START})),
    ]


def test_mountinfo_without_our_container_falls_back_to_what_every_runtime_mounts() -> None:
    assert Mounts().covers("/proc/1/maps")
    assert not Mounts().covers("/process")
    assert parse_mountinfo("broken line\n84 83 0:44") == ()


@pytest.mark.parametrize("sign", ["\x0c", "\x1c", "\x85", "\u2028"])
def test_a_mount_point_with_what_python_takes_for_a_line_break(sign: str) -> None:
    (mount,) = parse_mountinfo(
        f"90 83 254:0 /srv /a{sign}b rw,relatime master:5 - ext4 /dev/vda rw\n"
    )
    assert (mount.dev, mount.point) == (VOLUME_DEV, f"/a{sign}b")


def test_system_call_names() -> None:
    assert [name_of("x86_64", number) for number in (0, 59, 257, 511)] == [
        "read",
        "execve",
        "openat",
        "syscall_511",
    ]
    assert name_of("vax", 3) == "syscall_3"


def test_the_health_check_has_a_phase_of_its_own() -> None:
    seen = bytearray(3 * KINDS)
    seen[2 * KINDS + Kind.MAP_EXEC] = 1
    file, name = file_key(ROOT_DEV, 5), name_key(6, Kind.STAT)
    parts = (
        sight(SightType.FILE, file=file, reached="/lib/a.so"),
        frame(FrameType.FILES, file + FILE_TALLY.pack(0, 1, bytes(seen))),
        sight(SightType.NAME, name=name, given="/etc/a"),
        frame(FrameType.NAMES, name + TALLY.pack(0, 1, bytes((0, 0, 1, 0)), 0)),
    )
    recording = read(*parts)
    touches = merge(iter((*Decoder(recording).names(), *Decoder(recording).files())))
    assert {touch.given: touch.phases for touch in touches} == {
        "/etc/a": frozenset({Phase.HEALTH}),
        "/lib/a.so": frozenset({Phase.HEALTH}),
    }


def test_touches_that_differ_in_their_phases_alone_are_one() -> None:
    def looked_up(given: str, phase: Phase) -> Touch:
        return Touch(
            Use.LOOKED_UP,
            given,
            "/",
            None,
            on_image=None,
            errno=2,
            phases=frozenset({phase}),
            executable="/bin/app",
        )

    joined = merge(
        iter(
            (
                looked_up("/b", Phase.SERVING),
                looked_up("/a", Phase.START),
                looked_up("/b", Phase.START),
            )
        )
    )
    assert [(touch.given, touch.phases) for touch in joined] == [
        ("/a", frozenset({Phase.START})),
        ("/b", frozenset({Phase.START, Phase.SERVING})),
    ]


def test_joined_touches_are_as_old_as_the_oldest_of_them() -> None:
    def looked_up(first: float | None) -> Touch:
        return Touch(
            Use.LOOKED_UP,
            "/a",
            "/",
            None,
            on_image=None,
            errno=2,
            phases=frozenset({Phase.START}),
            executable="/bin/app",
            first=first,
        )

    (joined,) = merge(iter((looked_up(7.5), looked_up(2.25), looked_up(None), looked_up(9.0))))
    assert joined.first == 2.25
    assert joined == looked_up(9.0)  # when something was seen is no part of what was seen


def test_times_come_in_seconds_with_nothing_cut_off_so_that_no_file_was_used_before_the_request_that_needed_it() -> (
    None
):
    key = name_key(1, Kind.OPEN)
    tally = frame(FrameType.NAMES, key + TALLY.pack(12_345_678_901, 1, b"\1\0\0\0", 0))
    assert touch_of(sight(SightType.NAME, name=key, given="/a"), tally).first == 12.345678901
    file = file_key(ROOT_DEV, 5)
    seen = bytes([1, *bytes(2 * KINDS - 1)])
    assert (
        touch_of(
            sight(SightType.FILE, file=file, reached="/b"),
            frame(FrameType.FILES, file + FILE_TALLY.pack(2_000_000_000, 1, seen)),
        ).first
        == 2.0
    )


@pytest.mark.no_cover
def test_a_full_map_of_names_is_decoded_in_less_than_500_megabytes() -> None:
    capacity, count = 512 << 10, 20_000  # the map's, and as many as a test has time for
    parts = []
    for number in range(count):
        given, missing = (
            f"/usr/lib/python3.13/site-packages/package/module_{number:07}.py",
            number % 2,
        )
        key = name_key(number, Kind.OPEN, -2 if missing else 0)
        file = NO_FILE if missing else file_key(ROOT_DEV, number)
        parts += [
            sight(
                SightType.NAME,
                name=key,
                file=file,
                given=given,
                reached=None if missing else f"/opt{given}",
            ),
            names(key),
        ]
    stream = stream_of(*parts)
    tracemalloc.start()
    try:
        recording = read_recording(stream)
        touches = merge(Decoder(recording).names())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(touches) == count
    assert peak / count * capacity < 500e6


def test_what_containers_did_is_told_apart_by_the_number_of_each() -> None:
    other = 2 << 16 | 1
    key = NAME_KEY.pack(other, ROOT_DEV + 1, 2, 5, 5, Kind.OPEN, -2)
    start = SIGHT.pack(
        SightType.START,
        2 << 16,
        FILE_KEY.pack(2 << 16, ROOT_DEV + 1, 1, 1, 1),
        NO_NAME,
        0,
        0o40755,
        8,
        0,
        0,
        0,
        False,
    )
    missing = (
        SIGHT.pack(SightType.NAME, other, NO_FILE, key, 0, 0, 8, len(b"/etc/two\0"), 0, 0, False)
        + b"/etc/two\0"
    )
    volume = frame(
        FrameType.MOUNTS, struct.pack("<I", 8) + b"91 83 254:0 / /etc/more rw - ext4 /dev/vda rw\n"
    )
    mine = name_key(4, Kind.OPEN, -2)
    stream = stream_of(
        sight(SightType.NAME, name=mine, given="/etc/one"),
        frame(FrameType.SIGHT, start),
        frame(FrameType.SIGHT, missing),
        volume,
        names(mine, key),
    )
    one, two = by_container(read_recording(stream)).values()
    assert [touch.given for touch in Decoder(one).names()] == ["/etc/one"]
    assert [touch.given for touch in Decoder(two).names()] == ["/etc/two"]
    assert Mounts(tuple(two.mounts)).covers("/etc/more/x")
    assert not Mounts(tuple(one.mounts)).covers("/etc/more/x")

"""A trace that is read while it is written: first sights, counts, bounds, and cut-off frames."""

import struct

import pytest

from careen.errors import ToolError
from careen.model.runs.trace import Endpoint, Use
from careen.sensor.live import DIRECTORIES, LiveDecoder
from careen.sensor.wire import (
    ENDPOINT_KEY,
    FRAME,
    MAX_FRAME,
    PHASES,
    SYSCALLS,
    TALLY,
    FrameFeed,
    FrameType,
    Kind,
    SightType,
)
from tests.support.frames import (
    ROOT_DEV,
    WHO,
    counters,
    file_key,
    frame,
    name_key,
    names,
    sight,
    stream_of,
)


def started(*interpreters: str) -> LiveDecoder:
    """A decoder that has seen the container's start and its program /bin/app."""
    decoder = LiveDecoder("x86_64", interpreters)
    whole = stream_of().read()
    news = decoder.take(FrameFeed().take(whole), final=False)
    assert [(each.touch.use, each.touch.resolved) for each in news.sighted] == [
        (Use.EXECUTED, "/bin/app")
    ]
    return decoder


def frames(*parts: bytes) -> list[tuple[FrameType, bytes]]:
    return list(FrameFeed().take(b"".join(parts)))


def syscalls(*numbers: int) -> bytes:
    seen = bytearray(PHASES * SYSCALLS)
    for number in numbers:
        seen[SYSCALLS + number] = 1
    return frame(FrameType.SYSCALLS, struct.pack("<I", 0) + bytes(seen))


def endpoints(address: bytes, port: int, count: int) -> bytes:
    key = ENDPOINT_KEY.pack(
        WHO, 2, int.from_bytes(port.to_bytes(2, "big"), "little"), 1, 4, address
    )
    return frame(FrameType.ENDPOINTS, key + TALLY.pack(5_000_000_000, count, bytes(4), 0))


def test_frames_come_out_whole_however_they_are_cut() -> None:
    whole = b"".join((sight(SightType.NAME, given="/a"), counters(), syscalls(0)))
    for size in (1, 7, 64, len(whole)):
        feed = FrameFeed()
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert [each for piece in pieces for each in feed.take(piece)] == frames(whole)


def test_a_frame_that_no_helper_writes_is_refused() -> None:
    with pytest.raises(ToolError, match="reinstall"):
        list(FrameFeed().take(FRAME.pack(1, MAX_FRAME + 1)))


def test_a_name_is_told_with_its_program_and_its_key() -> None:
    key = name_key(1, Kind.OPEN, -2)
    (one,) = (
        started()
        .take(frames(sight(SightType.NAME, name=key, given="/usr/bin/gcc", pid=99)), final=False)
        .sighted
    )
    assert (one.touch.given, one.touch.errno, one.touch.executable) == (
        "/usr/bin/gcc",
        2,
        "/bin/app",
    )
    assert (one.key, one.pid) == (key, 99)


def test_a_library_is_told_when_it_becomes_code_and_not_when_it_is_asked_for() -> None:
    file = file_key(ROOT_DEV, 5)
    decoder = started()
    asked = decoder.take(frames(sight(SightType.FILE, file=file, reached="/lib/x.so")), final=False)
    mapped = decoder.take(
        frames(sight(SightType.CODE, file=file, reached="/lib/x.so")), final=False
    )
    assert asked.sighted == ()
    assert [(each.touch.use, each.touch.resolved) for each in mapped.sighted] == [
        (Use.MAPPED, "/lib/x.so")
    ]


def test_counts_are_final_only_when_the_tables_were_emptied() -> None:
    key = name_key(1, Kind.OPEN)
    decoder = started()
    assert decoder.take(frames(names(key)), final=False).tallies == {}
    assert decoder.take(frames(names(key)), final=True).tallies == {key: 1}


def test_addresses_system_calls_and_losses_are_told_as_they_are_now() -> None:
    decoder = started()
    news = decoder.take(
        frames(endpoints(b"\xc0\x00\x02\x01", 443, 3), syscalls(0, 1), counters(ring_full=2)),
        final=False,
    )
    assert [(each.endpoint, each.first) for each in news.connected] == [
        (Endpoint("connect", "inet", "192.0.2.1", 443, frozenset(), "/bin/app"), 5.0)
    ]
    assert news.syscalls == {"read", "write"}
    assert news.losses["ring_full"] == 2
    assert decoder.take(iter(()), final=False).syscalls == {"read", "write"}


def test_an_address_is_told_once_until_the_tables_are_emptied() -> None:
    decoder, table = started(), endpoints(b"\xc0\x00\x02\x01", 443, 3)
    assert len(decoder.take(frames(table), final=False).connected) == 1
    assert decoder.take(frames(table), final=False).connected == ()
    assert decoder.take(frames(table), final=True).connected == ()
    assert len(decoder.take(frames(table), final=False).connected) == 1


def test_directories_are_kept_in_bounds() -> None:
    decoder = started()
    for number in range(DIRECTORIES + 10):
        raw = bytearray(
            sight(SightType.FILE, file=file_key(ROOT_DEV, 100 + number), reached=f"/d{number}")
        )
        mode = raw.index(struct.pack("<I", 0o100644))
        raw[mode : mode + 4] = struct.pack("<I", 0o040755)
        decoder.take(frames(bytes(raw)), final=False)
    assert len(decoder._base.files) == DIRECTORIES


def test_what_an_emulator_does_for_itself_is_left_out_and_its_calls_are_not_known() -> None:
    qemu = "/usr/bin/qemu-aarch64"
    decoder = started(qemu)
    runs = sight(
        SightType.NAME,
        name=name_key(2, Kind.EXEC, dev=77),
        file=file_key(77, 5),
        given=qemu,
        reached=qemu,
    )
    news = decoder.take(frames(runs, syscalls(0)), final=False)
    assert news.sighted == ()
    assert news.emulated
    assert decoder.take(iter(()), final=False).syscalls == frozenset()

"""Decoder from a recording to the touches and endpoints of a Trace.

It derives paths in the container, uses, phases and executables.
"""

import ipaddress
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from careen.model.runs.process_links import process_link
from careen.model.runs.trace import Endpoint, Phase, Touch, Use
from careen.sensor.mounts import Mounts
from careen.sensor.recording import FileTally, NameTally, Recording
from careen.sensor.wire import ENDPOINT_KEY, FILE_KEY, NAME_KEY, Kind, Sight

USES: dict[Kind, tuple[Use, ...]] = {
    Kind.OPEN: (Use.OPENED,),
    Kind.WRITE: (Use.WRITTEN,),
    Kind.OPEN_WRITE: (Use.OPENED, Use.WRITTEN),
    Kind.EXEC: (Use.EXECUTED,),
    Kind.MAP_EXEC: (Use.MAPPED,),
    Kind.STAT: (Use.LOOKED_UP,),
    Kind.ACCESS: (Use.LOOKED_UP,),
    Kind.LIST: (Use.LISTED,),
    Kind.READLINK: (Use.LOOKED_UP,),
    Kind.CHDIR: (Use.LOOKED_UP,),
    Kind.LOOKUP: (Use.LOOKED_UP,),
    Kind.CHANGE: (Use.WRITTEN,),
    Kind.LOADER: (Use.MAPPED,),
}
DIRECTIONS = {1: "connect", 2: "bind", 3: "send"}


@dataclass(frozen=True, slots=True)
class _Place:
    """A path in the container.

    `on_image` is False outside the image's root, None if unknown.
    """

    path: str
    on_image: bool | None


def _holds(place: _Place, sight: Sight) -> bool | None:
    """Return whether a file that was reached is on the image, or None if unknown."""
    if place.on_image is not False and sight.unhashed:
        return None  # a deleted file may have been the image's
    # With a reused device number, a name that equals its path was walked from the root; below a
    # mount point it would be longer.
    return True if place.on_image is None and place.path == sight.given else place.on_image


def _reused(recording: Recording) -> frozenset[int]:
    """Return the roots' device numbers that another start may have used for another file system."""
    # The kernel gives the number of an overlay that is gone to the next mount: after a restart,
    # /proc may have the number of the previous root.
    roots = frozenset(start.dev for start in recording.starts)
    if len(roots) == 1:
        return frozenset()
    out: set[int] = set()
    for start in recording.starts:
        mounts = recording.mounts_of.get(start.pid)
        if mounts is None:
            return roots
        out |= {mount.dev for mount in mounts if mount.point != "/"} & (roots - {start.dev})
    return frozenset(out)


class Decoder:
    """Decoder for one container, with the roots and mounts of all its starts."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        # A restart has another overlay; both are the image. If the root is a plain directory, its
        # path is a prefix to strip.
        self._roots = {(start.dev, start.reached or "/") for start in recording.starts}
        self._devices = frozenset(dev for dev, _ in self._roots)
        self._reused = _reused(recording)
        self._mounts = Mounts(tuple(recording.mounts))
        self._directories = {
            (sight.dev, FILE_KEY.unpack(sight.file)[2]): sight.reached
            for sight in recording.files.values()
            if stat.S_ISDIR(sight.mode)
        }

    def _strip(self, dev: int, path: str) -> str | None:
        """Return the path below one of the roots, or None if it is below no root."""
        for root_dev, prefix in self._roots:
            if root_dev != dev:
                continue
            if prefix == "/":
                return path
            if path == prefix or path.startswith(prefix + "/"):
                return path[len(prefix) :] or "/"
        return None

    def _place(self, dev: int, path: str) -> _Place:
        inside = self._strip(dev, path)
        if inside is None:
            return _Place(self._mounts.place(dev, path), on_image=False)
        return self._inside(dev, inside)

    def _inside(self, dev: int, path: str) -> _Place:
        return _Place(path, on_image=None if dev in self._reused else True)

    def executable(self, who: int) -> str:
        """Return the path of the program with this number; "" for the container runtime."""
        sight = self._recording.executables.get(who)
        return (
            ""
            if sight is None or sight.reached is None
            else self._place(sight.dev, sight.reached).path
        )

    def _base(self, sight: Sight) -> _Place:
        _, dev, directory, *_ = NAME_KEY.unpack(sight.name)
        # A call that changed the working directory gives the previous one by its number only.
        base = sight.base if sight.base is not None else self._directories.get((dev, directory))
        if base is not None:
            return self._place(dev, base)
        # The root of a file system has no name: it is the image's root, or that of a volume or of
        # /proc, for example.
        return self._inside(dev, "/") if dev in self._devices else self._place(dev, "/")

    def _in_proc(self, base: _Place, given: str) -> _Place:
        """Return the base below /proc if the name leads through a process link, else the base."""
        # Only for a base on an unknown file system: the link may lead back to the image.
        if base.on_image or self._mounts.mounts or given.startswith("/"):
            return base
        path = f"/proc{base.path}".rstrip("/")
        return replace(base, path=path) if process_link(f"{path}/{given}") is not None else base

    def _elsewhere(self, given: str, base: _Place) -> bool | None:
        """Return False if an unresolved name is clearly off the image, else None.

        For None the image's index decides.
        """
        # the base of an absolute name is the process's root
        path = f"{base.path.rstrip('/')}/{given.lstrip('/')}"
        if ".." in path.split("/") or process_link(path) is not None:
            return None
        return False if self._mounts.covers(path) or base.on_image is False else None

    def mount_points(self) -> tuple[str, ...]:
        """Return the mount points other than the root, sorted.

        Empty if the container ended before they could be read.
        """
        return tuple(sorted({mount.point for mount in self._recording.mounts} - {"/"}))

    def directories(self) -> frozenset[str]:
        """Return the image's directories that any call reached."""
        sights = (
            sight
            for part in (self._recording.files, self._recording.names)
            for sight in part.values()
        )
        places = {
            (sight.dev, sight.reached)
            for sight in sights
            if sight.reached is not None and stat.S_ISDIR(sight.mode)
        }
        return frozenset(
            place.path
            for dev, path in places
            if (place := self._place(dev, path)).on_image is not False
        )

    def names(self) -> Iterator[Touch]:
        """Yield a touch for each use of each name."""
        for key, tally in self._recording.name_tallies.items():
            sight = self._recording.names.get(key)
            if sight is not None:  # else it is counted as `unnamed`
                yield from self.name(sight, tally)

    def name(self, sight: Sight, tally: NameTally) -> Iterator[Touch]:
        """Yield a touch for each use of one name."""
        who, _, _, _, _, kind, error = NAME_KEY.unpack(sight.name)
        base = self._base(sight)
        if sight.reached is None:
            base = self._in_proc(base, sight.given)
            resolved, on_image = None, self._elsewhere(sight.given, base)
        else:
            place = self._place(sight.dev, sight.reached)
            resolved, on_image = place.path, _holds(place, sight)
        for use in USES[Kind(kind)]:
            yield Touch(
                use,
                sight.given,
                base.path,
                resolved,
                on_image,
                -error,
                tally.phases,
                self.executable(who),
                tally.first,
            )

    def files(self) -> Iterator[Touch]:
        """Yield a touch for each way in which a file was reached by descriptor."""
        for key, tally in self._recording.file_tallies.items():
            sight = self._recording.files.get(key)
            if sight is not None:  # else it is counted as `unnamed`
                yield from self.file(sight, tally)

    def file(self, sight: Sight, tally: FileTally) -> Iterator[Touch]:
        """Yield a touch for each way in which one file was reached."""
        if sight.reached is None:
            return
        place = self._place(sight.dev, sight.reached)
        for kind, phases in tally.kinds:
            for use in USES[kind]:
                yield Touch(
                    use,
                    place.path,
                    "/",
                    place.path,
                    _holds(place, sight),
                    0,
                    phases,
                    self.executable(sight.who),
                    tally.first,
                )


def _given(touch: Touch) -> str:
    return touch.given


def _order(touch: Touch) -> tuple[str, str, int, str, str, str]:
    return (
        touch.base,
        touch.use.value,
        touch.errno,
        touch.executable,
        touch.resolved or "",
        str(touch.on_image),
    )


def _earlier(one: float | None, other: float | None) -> float | None:
    return one if other is None else other if one is None else min(one, other)


def merge(touches: Iterator[Touch]) -> tuple[Touch, ...]:
    """Merge touches that differ only in phases and times, and sort them by name.

    For example, stat and access of one name are one lookup.
    """
    out: list[Touch] = []
    # By name first: half a million sort keys of six parts would take tens of megabytes.
    for touch in (
        touch
        for _, group in groupby(sorted(touches, key=_given), _given)
        for touch in sorted(group, key=_order)
    ):
        last = out[-1] if out else None
        if last is not None and replace(last, phases=touch.phases) == touch:
            out[-1] = replace(
                last, phases=last.phases | touch.phases, first=_earlier(last.first, touch.first)
            )
        else:
            out.append(touch)
    return tuple(out)


def _unix_name(raw: bytes) -> str:
    """Return a socket's path, `@name` for an abstract socket, or "" for an unnamed one."""
    if raw.startswith(b"\0"):
        return "@" + raw[1:].rstrip(b"\0").decode("utf-8", "replace") if len(raw) > 1 else ""
    return raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def endpoints(recording: Recording) -> tuple[Endpoint, ...]:
    """Return the socket addresses and their users, sorted.

    Only the families inet, inet6 and unix are endpoints.
    """
    found: dict[Endpoint, frozenset[Phase]] = {}
    decoder = Decoder(recording)
    for raw, phases in recording.endpoints.items():
        end = endpoint(raw, decoder)
        if end is not None:
            found[end] = found.get(end, frozenset()) | phases
    return tuple(
        replace(end, phases=phases) for end, phases in sorted(found.items(), key=_endpoint_order)
    )


def _endpoint_order(item: tuple[Endpoint, object]) -> tuple[str, str, str, int, str]:
    end = item[0]
    return end.direction, end.family, end.address, end.port, end.executable


def endpoint(raw: bytes, decoder: Decoder) -> Endpoint | None:
    """Return the endpoint of a map key without its phases, or None for another family."""
    who, family, port, direction, length, data = ENDPOINT_KEY.unpack(raw)
    address = data[:length]
    swapped = int.from_bytes(port.to_bytes(2, "little"), "big")  # stored as on the network
    match family:
        case 2:
            where = ("inet", str(ipaddress.IPv4Address(address)), swapped)
        case 10:
            where = ("inet6", str(ipaddress.IPv6Address(address)), swapped)
        case 1:
            where = ("unix", _unix_name(address), 0)
        case _:
            return None
    return Endpoint(DIRECTIONS[direction], *where, frozenset(), decoder.executable(who))

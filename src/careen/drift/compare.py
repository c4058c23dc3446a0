"""Comparison of what a container does with what is known of its image."""

import errno
import fnmatch
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from careen.drift.fixes import fix_of_name, fix_of_path
from careen.drift.interpreters import Interpreters
from careen.drift.known import Known, address_of
from careen.model.paths import ImagePath
from careen.model.runs.drift import Deviation, DriftKind
from careen.model.runs.news import Connected, News, Sighted
from careen.model.runs.trace import Endpoint, Touch, Use
from careen.oci.tree.rootfs import Rootfs, Walk

_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR})
_CODE = {Use.EXECUTED: DriftKind.EXECUTABLE, Use.MAPPED: DriftKind.LIBRARY}


@dataclass(frozen=True, slots=True)
class Seen:
    """A deviation, and the sensor's key by which its sights are counted (b"": they are not)."""

    deviation: Deviation
    key: bytes = b""


class Comparison:
    """Comparison with one image, in memory that does not grow with the time.

    `rootfs` is of the image that runs, `wall` turns a monotonic time into seconds since 1970, and
    `same` says whether a file of the container is the image's (None: it cannot be told). `allowed`
    are shell patterns of subjects that are expected.
    """

    def __init__(
        self,
        known: Known,
        rootfs: Rootfs,
        wall: Callable[[float], float],
        same: Callable[[ImagePath], bool | None],
        allowed: Sequence[str] = (),
    ) -> None:
        self._known, self._rootfs, self._wall, self._same = known, rootfs, wall, same
        self._interpreters = Interpreters(rootfs)
        # the brackets of an address would be a pattern's
        self._exactly = frozenset(allowed)
        self._allowed = re.compile("|".join(map(fnmatch.translate, allowed)) or r"(?!)")

    def deviations(self, news: News, now: float) -> Iterator[Seen]:
        """Yield what deviates, in the order in which it was seen; `now` is a monotonic time."""
        for sighted in news.sighted:
            yield from self._of_path(sighted)
        for connected in news.connected:
            yield from self._of_endpoint(connected)
        if DriftKind.SYSCALL not in self._known.not_compared and not news.emulated:
            for name in sorted(news.syscalls - self._known.syscalls):
                if self._wanted(DriftKind.SYSCALL, name):
                    fix = fix_of_name(name)
                    yield Seen(Deviation(DriftKind.SYSCALL, name, "", None, self._wall(now), fix))

    def _wanted(self, kind: DriftKind, subject: str) -> bool:
        return (
            kind not in self._known.not_compared
            and subject not in self._exactly
            and not self._allowed.match(subject)
        )

    def _of_path(self, sighted: Sighted) -> Iterator[Seen]:
        touch = sighted.touch
        if touch.errno in _NOT_THERE:
            if (gone := self._removed(touch)) and self._wanted(DriftKind.REMOVED, gone):
                yield self._seen(sighted, DriftKind.REMOVED, gone)
        elif touch.errno == 0 and touch.use in _CODE:
            kind, path = _CODE[touch.use], self._reached(touch)
            expected = (
                self._known.executables if kind is DriftKind.EXECUTABLE else self._known.libraries
            )
            if path not in expected:
                if self._wanted(kind, path):
                    yield self._seen(sighted, kind, path)
            elif self._is_changed(sighted, path) and self._wanted(DriftKind.CHANGED, path):
                yield self._seen(sighted, DriftKind.CHANGED, path)

    def _is_changed(self, sighted: Sighted, path: str) -> bool:
        # A name alone (EXECUTED with a key) may be given any number of times to one file.
        is_file = sighted.touch.use is Use.MAPPED or not sighted.key
        return (
            is_file
            and sighted.touch.on_image is True
            and ImagePath(path) in self._rootfs
            and self._same(ImagePath(path)) is False
        )

    def _seen(self, sighted: Sighted, kind: DriftKind, path: str) -> Seen:
        touch = sighted.touch
        reason = self._known.removed.get(ImagePath(path))
        in_image = reason is not None or ImagePath(path) in self._rootfs
        deviation = Deviation(
            kind,
            path,
            touch.executable,
            sighted.pid,
            self._wall(touch.first or 0.0),
            fix_of_path(kind, path, reason, in_image=in_image),
            in_image,
            touch.use.value,
            touch.errno,
            reason,
        )
        return Seen(deviation, sighted.key)

    def _walk(self, touch: Touch) -> Walk:
        if touch.given.startswith("/"):
            return self._rootfs.walk(touch.given, root=touch.base)
        return self._rootfs.walk(f"{touch.base}/{touch.given}")

    def _reached(self, touch: Touch) -> str:
        """Return the file that was reached; that of a script is known by its name alone."""
        return touch.resolved if touch.resolved is not None else self._walk(touch).end

    def _removed(self, touch: Touch) -> str:
        """Return the removed path on the way to the name, "" if there is none."""
        if touch.on_image is False or not self._known.removed:
            return ""
        walk = self._walk(touch)
        if walk.final is not None and touch.use is Use.EXECUTED:
            interpreter = self._interpreters.of(walk.final.path)
            walk = self._rootfs.walk(interpreter, root=touch.base) if interpreter else walk
        if walk.final is not None:
            return ""
        return next((path for path in (*walk.links, walk.end) if path in self._known.removed), "")

    def _of_endpoint(self, connected: Connected) -> Iterator[Seen]:
        end = connected.endpoint
        subject = subject_of(end)
        if (
            address_of(end) not in self._known.endpoints
            and end.address
            and self._wanted(DriftKind.ENDPOINT, subject)
        ):
            yield Seen(
                Deviation(
                    DriftKind.ENDPOINT,
                    subject,
                    end.executable,
                    None,
                    self._wall(connected.first),
                    fix_of_name(subject),
                ),
                connected.key,
            )


def subject_of(end: Endpoint) -> str:
    """Return an endpoint as one text, such as `connect inet 192.0.2.1:443`."""
    if end.family == "unix":
        return f"{end.direction} unix {end.address}"
    host = f"[{end.address}]" if end.family == "inet6" else end.address
    return f"{end.direction} {end.family} {host}:{end.port}"

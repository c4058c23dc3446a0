"""Images that are read at once come in their order, within one room, and end with the iterator."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import pytest

from careen.pipeline.fleet.side_by_side import Room, read_in_order

PATIENCE = 20.0


@dataclass
class Scene:
    """What images meet: how many are read at once; `full` are as many as let all go on."""

    wait: threading.Event = field(default_factory=threading.Event)
    full: int = 0
    inside: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Image:
    """Takes `size` bytes; its first step raises `error`; with `held` it waits for the scene."""

    number: int
    scene: Scene = field(default_factory=Scene)
    size: int = 0
    held: bool = False
    error: str = ""
    steps: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.steps.append("begin")
        if self.error:
            raise ValueError(self.error)

    def read(self, take: Callable[[int], None]) -> None:
        with self.scene.lock:
            self.scene.inside += 1
            self.scene.most = max(self.scene.most, self.scene.inside)
            if self.scene.inside == self.scene.full:
                self.scene.wait.set()
        take(self.size)
        if self.held:
            assert self.scene.wait.wait(PATIENCE)
        with self.scene.lock:
            self.scene.inside -= 1
        self.steps.append("read")


def numbers(images: Iterator[Image]) -> list[int]:
    return [image.number for image in images]


def even(image: Image) -> bool:
    return image.number % 2 == 0


@pytest.mark.parametrize("lanes", [1, 3, 20])
def test_images_keep_their_order(lanes: int) -> None:
    images = [Image(number) for number in range(20)]
    asked: list[tuple[int, bool]] = []

    def wanted(image: Image) -> bool:
        asked.append((image.number, threading.current_thread() is threading.main_thread()))
        return even(image)

    assert numbers(read_in_order(images, wanted, lanes, Room(100), threading.Event())) == list(
        range(0, 20, 2)
    )
    assert asked == [(number, True) for number in range(20)]
    assert [each.steps for each in images[:2]] == [["begin", "read"], ["begin"]]


def test_several_are_read_at_once_and_no_more_than_lanes() -> None:
    scene = Scene(full=4)
    images = [Image(number, scene, held=number < 4) for number in range(12)]
    found = read_in_order(images, lambda _: True, 4, Room(100), threading.Event())
    assert numbers(found) == list(range(12))
    assert scene.most == 4


def test_no_more_images_are_begun_than_are_read() -> None:
    begun: list[int] = []

    def endless() -> Iterator[Image]:
        for number in count():
            begun.append(number)
            yield Image(number)

    found = read_in_order(endless(), lambda _: True, 3, Room(100), threading.Event())
    assert [next(found).number for _ in range(5)] == [0, 1, 2, 3, 4]
    found.close()
    assert len(begun) <= 5 + 2 * 3


def test_what_is_in_memory_together_has_a_limit() -> None:
    room = Room(10)
    room.take(0, 8)
    third = threading.Thread(target=room.take, args=(2, 6))
    third.start()
    third.join(0.2)
    assert third.is_alive()
    room.hand_on(0)
    third.join(PATIENCE)
    assert not third.is_alive()


def test_the_first_image_finds_room_whatever_the_others_took() -> None:
    images = [Image(number, size=size) for number, size in enumerate((5, 30, 30, 5))]
    found: list[int] = []

    def read() -> None:
        found.extend(numbers(read_in_order(images, lambda _: True, 4, Room(10), threading.Event())))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(PATIENCE)
    assert found == [0, 1, 2, 3]


def test_an_image_that_is_read_does_not_wait_for_strangers() -> None:
    asked: list[int] = []

    def first(image: Image) -> bool:
        asked.append(image.number)
        if image.number == 1:
            assert read.wait(PATIENCE)
        return image.number == 0

    class Told(Image):
        def read(self, take: Callable[[int], None]) -> None:
            super().read(take)
            read.set()

    read = threading.Event()
    images = [Told(0), *(Image(number) for number in range(1, 1000))]
    found = read_in_order(images, first, 8, Room(10), threading.Event())
    assert next(found).number == 0
    assert len(asked) < 1000
    assert numbers(found) == []
    assert asked == list(range(1000))


@dataclass
class Stalled(Image):
    """Waits for the end, as a call of a registry that does not answer."""

    ended: threading.Event = field(default_factory=threading.Event)

    def read(self, take: Callable[[int], None]) -> None:
        take(0)
        assert self.ended.wait(PATIENCE)


def test_a_run_that_is_ended_does_not_wait_for_a_registry() -> None:
    def wanted(image: Image) -> bool:
        if image.number == 2:
            raise KeyboardInterrupt
        return True

    ended = threading.Event()
    images = [Stalled(number, ended=ended) for number in range(3)]
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        next(read_in_order(images, wanted, 3, Room(10), ended))
    assert time.monotonic() - begun < PATIENCE / 2


def test_a_closed_iterator_leaves_no_thread_and_nobody_waits() -> None:
    before = threading.active_count()
    images: Sequence[Image] = [Image(number, size=8) for number in range(9)]
    found = read_in_order(images, lambda _: True, 4, Room(10), threading.Event())
    assert next(found).number == 0
    found.close()
    assert threading.active_count() == before
    assert images[8].steps == []


def test_a_mistake_ends_the_threads_and_comes_out() -> None:
    before = threading.active_count()
    images = [Image(number, error="odd" if number == 3 else "") for number in range(9)]
    found = read_in_order(images, lambda _: True, 2, Room(10), threading.Event())
    with pytest.raises(ValueError, match="odd"):
        numbers(found)
    assert threading.active_count() == before

"""What an image contains of every ecosystem, searched for once, also while containers run."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from careen.inventory.inside import always
from careen.inventory.search_memory import SearchMemory
from careen.model.packages.package import Inventory
from careen.pipeline.run.known_images import KnownImages
from careen.pipeline.run.source import Examined
from careen.tools.beside import other_processors

_TURN = 0.0005  # seconds that the search may keep a test's relay waiting for the interpreter


@dataclass
class Contents:
    """The full inventory of an open image, from the cache if possible.

    `memory` has what was found in its files, for images made from it.
    """

    examined: Examined
    known: KnownImages
    memory: SearchMemory = field(init=False)
    _stock: Inventory | None = None

    def __post_init__(self) -> None:
        self.memory = SearchMemory(self.examined.rootfs)

    def stock(self, goes_on: Callable[[], bool] = always) -> Inventory:
        """Return the inventory; raise as `KnownImages.stock`."""
        if self._stock is None:
            image = self.examined
            self._stock = self.known.stock(
                image.image.ref, image.rootfs, image.inventory, self.memory, goes_on
            )
        return self._stock

    @contextmanager
    def searched_beside(self) -> Iterator[None]:
        """Search in another thread while the block runs; with a single processor do nothing.

        The block does not call `stock`, and ends when the search has. What that raises, the next
        call meets again. An exception of the block ends the search.
        """
        if not other_processors():
            yield
            return
        stopped = threading.Event()

        def search() -> None:
            with suppress(Exception):
                self.stock(lambda: not stopped.is_set())

        thread = threading.Thread(target=search, name="search")
        turn = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        thread.start()
        try:
            yield
        except BaseException:
            stopped.set()
            raise
        finally:
            thread.join()
            sys.setswitchinterval(turn)

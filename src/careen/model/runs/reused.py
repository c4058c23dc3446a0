"""What a run took from the caches of earlier runs."""

import threading


class Reused:
    """Counts of what earlier runs had done already. Thread-safe.

    `fetched`: bytes of blobs from registries; `images`: images whose content was known; `plans`:
    plans taken whole; `layers`: layers that were packed already; `answers`: what a plan asks about
    single files, of `asked` in all.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.fetched = self.images = self.plans = self.layers = self.answers = self.asked = 0

    def add(
        self,
        *,
        fetched: int = 0,
        images: int = 0,
        plans: int = 0,
        layers: int = 0,
        answers: int = 0,
        asked: int = 0,
    ) -> None:
        """Add to the counts."""
        with self._lock:
            self.fetched += fetched
            self.images += images
            self.plans += plans
            self.layers += layers
            self.answers += answers
            self.asked += asked

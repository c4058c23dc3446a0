"""An upgrade that cannot be, while others of the same package are still tried."""

from careen.model.patching import Barrier


class ForbiddenError(Exception):
    """Why: the barrier, and `detail` as `Blocked` has it."""

    def __init__(self, barrier: Barrier, detail: str) -> None:
        super().__init__(detail)
        self.barrier = barrier
        self.detail = detail

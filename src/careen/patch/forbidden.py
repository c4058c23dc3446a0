"""Error for an impossible upgrade, while others of the same package are still tried."""

from careen.model.patching import BlockReason


class ForbiddenError(Exception):
    """An upgrade is impossible; `barrier` and `detail` are as in `Blocked`."""

    def __init__(self, barrier: BlockReason, detail: str) -> None:
        super().__init__(detail)
        self.barrier = barrier
        self.detail = detail

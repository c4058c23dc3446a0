"""A request of exploration."""

from dataclasses import dataclass

from careen.tools.exchange import Request


@dataclass(frozen=True, slots=True)
class Try:
    """A request of exploration, with the id of its `Answer`.

    `plain` marks the request that shows an operation best, `works` other allowed ones that may
    cause work, `late` those that delete or end something.
    """

    id: str
    request: Request
    operation: str = ""
    plain: bool = False
    late: bool = False
    works: bool = False

"""One request of exploration."""

from dataclasses import dataclass

from careen.tools.exchange import Request


@dataclass(frozen=True, slots=True)
class Try:
    """One request of exploration: `id` as in `Answer.id`; `operation` as its name; `plain` marks
    the one that shows best what the operation does, `works` others that the document allows and the
    service may work on, `late` what deletes or ends something.
    """

    id: str
    request: Request
    operation: str = ""
    plain: bool = False
    late: bool = False
    works: bool = False

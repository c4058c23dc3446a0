"""Whether a result still has a vulnerability, by its inventory and today's advisories."""

from careen.advisories.database.store import open_store
from careen.advisories.matching.location import default_database
from careen.errors import ToolError
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.inputs import configuration_of
from careen.pipeline.watching.inventory import kept_inventory
from careen.pipeline.watching.state import ImageState
from careen.pipeline.watching.work import Work


def still_there(
    identifier: str, state: ImageState, work: Work, watched: Watched
) -> tuple[str, ...]:
    """Return the packages of a result that have the vulnerability and no exception for it.

    Raises ToolError if the inventory of the result is gone, ConfigError without a database.
    """
    from careen.pipeline.findings.finding_policy import hear
    from careen.pipeline.watching.verdict import judge

    inventory = kept_inventory(work.state, state.result)
    if inventory is None:
        msg = f"{watched.tag}: the inventory of its result is gone from {work.state}; use --again"
        raise ToolError(msg)
    _, project = configuration_of(watched)
    database = work.database or project.findings.database or default_database()
    with open_store(database.absolute()) as store:
        items = judge(inventory, store, hear(work.judgement(watched)), watched.tag)
    wanted = identifier.upper()
    return tuple(
        dict.fromkeys(
            f"{item.finding.name} {item.finding.version}"
            for item in items
            if any(name.upper() == wanted for name in item.finding.identifiers)
        )
    )

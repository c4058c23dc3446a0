"""Look at what is stored of an image: its fix, and the statement about its result."""

from careen.advisories.database.store import open_store
from careen.errors import CareenError
from careen.model.incident import Fix, IncidentImage, Remedy
from careen.pipeline.incidents.last_result import last_result
from careen.pipeline.incidents.remedy import remedy_of
from careen.pipeline.incidents.statement import statement_of
from careen.pipeline.incidents.update import Known
from careen.pipeline.integrating.request import CiRequest


def known_of(identifier: str, image: IncidentImage, request: CiRequest) -> Known:
    """Return what is stored of the result of a request, as one vulnerability is about it."""
    if request.database is None:
        return Known(Remedy(Fix.NOT_KNOWN, "there is no advisory database"))
    with open_store(request.database) as store:
        last = last_result(identifier, request, store)
        remedy = remedy_of(last, request.patch, image.refused)
        if isinstance(last, str):
            return Known(remedy)
        try:
            vex, document = statement_of(identifier, last, request.destination.describe()[0], store)
        except CareenError as error:
            return Known(remedy, f"not stated: {error}")
    return Known(remedy, vex, document)

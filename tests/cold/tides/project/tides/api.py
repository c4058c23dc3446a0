"""The API: its paths stand in openapi.yaml."""
import logging
from importlib.metadata import entry_points

import numpy as np
from connexion import AsyncApp
from connexion.exceptions import OAuthProblem

log = logging.getLogger("tides")


def health():
    return {"status": "ok"}


def who(apikey, required_scopes=None):
    if apikey != "tide":
        raise OAuthProblem("another key")
    return {"sub": "someone"}


def measure(name, body, by=None, more=()):
    found = entry_points(group="tides.measures", name=name)
    if not found:
        return {"error": f"no measure {name}"}, 404
    function = next(iter(found)).load()
    return {"answer": function(np.array(body["values"], dtype=float), **({"by": by} if by else {}), **dict(word.split(":") for word in more or ()))}


def wrong(request, error):
    from connexion.lifecycle import ConnexionResponse

    log.exception("measure", exc_info=error)
    return ConnexionResponse(status_code=500, body=f'{{"error": "{type(error).__name__}"}}', content_type="application/json")


app = AsyncApp("tides")
app.add_api("openapi.yaml", validate_responses=False)
app.add_error_handler(Exception, wrong)

"""`python -m serving`: the server. `python -m serving AREA WHAT [JSON]`: one chore, its result on standard output."""

import faulthandler
import importlib
import json
import logging
import os
import signal
import sys

from serving.shared import plain


def main(words: list[str]) -> int:
    if words:
        area, what, *given = words
        module = importlib.import_module(f"serving.areas.{area}")
        result = plain(getattr(module, what)(**json.loads(given[0] if given else "{}")))
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return 0
    import uvicorn

    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(name)s: %(message)s")
    faulthandler.register(signal.SIGUSR1)
    from serving.web import app, registry

    signal.signal(signal.SIGHUP, lambda *_: registry.read())
    uvicorn.run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8600")), log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

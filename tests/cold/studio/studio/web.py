"""The API: `POST /do/AREA/WHAT` calls a function of a module that is imported when it is first asked for."""

import asyncio
import importlib
import json
import traceback

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

app = FastAPI(title="studio")


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}


@app.post("/do/{area}/{what}")
async def do(area: str, what: str, request: Request) -> JSONResponse:
    given = json.loads(await request.body() or b"{}")
    try:
        module = importlib.import_module(f"studio.areas.{area}")
        return JSONResponse(await asyncio.to_thread(getattr(module, what), **given))
    except ModuleNotFoundError as error:
        if error.name == f"studio.areas.{area}":
            raise HTTPException(404, f"no area {area}") from error
        return JSONResponse({"error": repr(error)}, 500)
    except Exception as error:
        return JSONResponse({"error": type(error).__name__, "text": str(error)[:300], "last": traceback.format_exc().splitlines()[-1][:200]}, 500)

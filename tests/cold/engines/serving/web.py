"""The API over HTTP: the open inference protocol, as far as it is needed here, and chores by name."""

import asyncio
import importlib
import json
import os
import traceback
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

from serving.registry import Registry
from serving.shared import plain

registry = Registry()


@asynccontextmanager
async def _living(_: FastAPI):
    server = None
    if port := os.environ.get("GRPC_PORT"):
        from serving.rpc import serve

        server = serve(registry, int(port))
    yield
    if server:
        server.stop(1).wait()


app = FastAPI(title="serving", lifespan=_living)


class Asked(BaseModel):
    inputs: dict[str, Any]
    options: dict[str, Any] = Field(default_factory=dict)


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}


@app.get("/v2/models")
def models() -> list[str]:
    return registry.names()


@app.get("/v2/models/{name}")
def about(name: str) -> dict:
    return plain(_model(name).about())


@app.post("/v2/models/{name}/infer")
def infer(name: str, asked: Asked) -> JSONResponse:
    try:
        return JSONResponse({"model": name, "outputs": plain(_model(name).infer(asked.inputs, **asked.options))})
    except HTTPException:
        raise
    except Exception as error:
        return JSONResponse({"error": type(error).__name__, "text": " ".join(str(error).split())[:300]}, 400)


@app.post("/v2/repository/index")
def reload() -> list[str]:
    registry.read()
    return registry.names()


@app.post("/do/{area}/{what}")
async def do(area: str, what: str, request: Request) -> JSONResponse:
    given = json.loads(await request.body() or b"{}")
    try:
        module = importlib.import_module(f"serving.areas.{area}")
        return JSONResponse(plain(await asyncio.to_thread(getattr(module, what), **given)))
    except ModuleNotFoundError as error:
        if error.name == f"serving.areas.{area}":
            raise HTTPException(404, f"no area {area}") from error
        return JSONResponse({"error": repr(error)}, 500)
    except Exception as error:
        return JSONResponse({"error": type(error).__name__, "text": str(error)[:300], "last": traceback.format_exc().splitlines()[-1][:200]}, 500)


@app.get("/version")
def version() -> PlainTextResponse:
    return PlainTextResponse("0.4")


def _model(name: str):
    try:
        return registry.model(name)
    except KeyError as error:
        raise HTTPException(404, f"no model {name}") from error

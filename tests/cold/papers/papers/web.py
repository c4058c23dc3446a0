"""The API."""

import asyncio
import importlib
import json
import logging
import traceback

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from papers import __version__, indexes, logs, readers, store
from papers.settings import settings
from papers.texts import passages

logs.begin(settings().logging)
log = logging.getLogger("papers.web")
app = FastAPI(title="papers", version=__version__)


def _told(error: Exception) -> dict:
    return {
        "error": type(error).__name__,
        "text": str(error)[:200],
        "cause": type(error.__cause__).__name__,
        "last": traceback.format_exc().splitlines()[-1][:120],
    }


@app.get("/health")
def health() -> dict:
    return {"status": "ok", "database": store.alive()}


@app.post("/documents")
async def take(request: Request, name: str = "note.txt", reader: str = "") -> JSONResponse:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        form = await request.form()
        upload = form["file"]
        name, data = upload.filename or name, await upload.read()
    else:
        data = await request.body()
    try:
        chosen, text = await asyncio.to_thread(readers.read, data, name, reader)
    except readers.UnknownReader as error:
        raise HTTPException(415, str(error)) from error
    except Exception as error:
        log.exception("cannot read %s", name)
        return JSONResponse(_told(error), 422)
    count = await asyncio.to_thread(store.add, name, chosen, passages(text, settings().chunk))
    return JSONResponse({"name": name, "reader": chosen, "passages": count}, 201)


@app.delete("/documents/{name}")
def forget(name: str) -> dict:
    return {"removed": store.remove(name)}


@app.get("/search")
async def search(q: str, index: str = "", n: int = 3) -> JSONResponse:
    try:
        found = await asyncio.to_thread(indexes.search, q, store.passages(), index or settings().index, n)
    except indexes.UnknownIndex as error:
        raise HTTPException(404, str(error)) from error
    except Exception as error:
        return JSONResponse(_told(error), 500)
    return JSONResponse({"found": found})


@app.get("/samples")
def samples() -> list[str]:
    return sorted(path.name for path in settings().samples.iterdir())


@app.get("/samples/{name}")
async def sample(name: str, reader: str = "", length: int = 300) -> JSONResponse:
    path = settings().samples / name
    if not path.is_file():
        raise HTTPException(404, f"no sample {name}")
    try:
        chosen, text = await asyncio.to_thread(readers.read, path.read_bytes(), name, reader)
    except readers.UnknownReader as error:
        raise HTTPException(415, str(error)) from error
    except Exception as error:
        return JSONResponse(_told(error), 422)
    return JSONResponse({"reader": chosen, "text": text[:length], "length": len(text)})


@app.post("/tasks/{area}/{what}")
async def task(area: str, what: str, request: Request) -> JSONResponse:
    body = await request.body()
    try:
        given = json.loads(body) if body else {}
    except ValueError as error:
        raise HTTPException(400, f"not JSON: {error}") from error
    try:
        module = importlib.import_module(f"papers.tasks.{area}")
    except ModuleNotFoundError as error:
        if error.name == f"papers.tasks.{area}":
            raise HTTPException(404, f"no area {area}") from error
        return JSONResponse(_told(error), 500)
    try:
        return JSONResponse(await asyncio.to_thread(getattr(module, what), **given))
    except Exception as error:
        return JSONResponse(_told(error), 500)


@app.get("/page", response_class=HTMLResponse)
def page(language: str = "") -> str:
    from papers import pages

    return pages.overview(language or settings().language, store.passages())


@app.get("/metrics", response_class=PlainTextResponse)
def metrics() -> str:
    return f"papers_passages {len(store.passages())}\n"

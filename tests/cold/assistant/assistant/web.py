"""The API: `POST /do/AREA/WHAT` calls a function of a module that is imported when it is first asked for."""

import asyncio
import importlib
import inspect
import json
import traceback
from importlib.metadata import entry_points

from fastapi import FastAPI, HTTPException, Request, UploadFile, WebSocket
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.middleware.gzip import GZipMiddleware

app = FastAPI(title="assistant")
app.add_middleware(GZipMiddleware)


class Note(BaseModel):
    text: str = Field(min_length=1)
    mail: str | None = None


@app.get("/health")
def health() -> dict:
    return {"status": "ok"}


@app.post("/do/{area}/{what}")
async def do(area: str, what: str, request: Request) -> JSONResponse:
    body = await request.body()
    try:
        given = json.loads(body) if body else {}
    except ValueError as error:
        raise HTTPException(400, f"not JSON: {error}") from error
    try:
        module = importlib.import_module(f"assistant.areas.{area}")
        function = getattr(module, what)
        if inspect.iscoroutinefunction(function):
            return JSONResponse(await function(**given))
        return JSONResponse(await asyncio.to_thread(function, **given))
    except ModuleNotFoundError as error:
        if error.name == f"assistant.areas.{area}":
            raise HTTPException(404, f"no area {area}") from error
        return JSONResponse({"error": repr(error)}, 500)
    except Exception as error:
        return JSONResponse({"error": type(error).__name__, "text": str(error)[:200], "last": traceback.format_exc().splitlines()[-1][:200]}, 500)


@app.get("/skills/{name}")
def skill(name: str) -> dict:
    for point in entry_points(group="assistant.skills"):
        if point.name == name:
            return {"answer": point.load()()}
    raise HTTPException(404, f"no skill {name}")


@app.get("/events")
async def events(count: int = 3):
    from sse_starlette.sse import EventSourceResponse

    async def made():
        for number in range(count):
            yield {"event": "tick", "data": str(number)}

    return EventSourceResponse(made())


@app.post("/read")
async def read(file: UploadFile) -> JSONResponse:
    from assistant.areas import reading

    data = await file.read()
    try:
        return JSONResponse(await asyncio.to_thread(reading.parts, file.filename or "x", data))
    except Exception as error:
        return JSONResponse({"error": type(error).__name__, "text": str(error)[:200]}, 422)


@app.post("/notes")
def note(note: Note) -> dict:
    if note.mail:
        from email_validator import EmailNotValidError, validate_email

        try:
            return {"mail": validate_email(note.mail, check_deliverability=False).normalized}
        except EmailNotValidError as error:
            raise HTTPException(422, str(error)) from error
    return {"text": note.text}


@app.websocket("/talk")
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        word = await socket.receive_text()
        if word == "bye":
            await socket.close(1000)
            return
        await socket.send_text(word[::-1])


@app.get("/office/{path:path}")
async def office(path: str, request: Request) -> JSONResponse:
    """The office is a Django project, asked in its own way."""
    from assistant.office import asked

    status, text = await asyncio.to_thread(asked, "/" + path, request.url.query)
    return JSONResponse({"status": status, "text": text})

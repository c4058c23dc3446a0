"""The service: what a DICOM file says at once, everything else in a process of its own; a board of Dash below /board."""

import asyncio
import io
import json
import logging
import os
import re
import sys

import pydicom
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from pydicom.errors import InvalidDicomError

from plates.desk import NO_AREA

log = logging.getLogger("uvicorn.error")
app = FastAPI(title="Plates", version="2.4")


class Order(BaseModel):
    parts: list[str] = Field(default_factory=list, max_length=40)
    seconds: float = Field(default=500, gt=0, le=900)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/dicom/tags")
async def tags(request: Request) -> dict[str, object]:
    body = await request.body()
    if len(body) > 20_000_000:
        raise HTTPException(413, "too large")
    try:
        plate = pydicom.dcmread(io.BytesIO(body))
    except InvalidDicomError as error:
        raise HTTPException(415, "no DICOM file") from error
    return {
        "patient": str(plate.get("PatientName", "")),
        "modality": plate.get("Modality", ""),
        "size": [int(plate.get("Rows", 0)), int(plate.get("Columns", 0))],
    }


@app.post("/dicom/picture")
async def picture(request: Request) -> dict[str, object]:
    """The mean of the pixels, whatever they are compressed with."""
    plate = pydicom.dcmread(io.BytesIO(await request.body()), force=True)
    return {"syntax": plate.file_meta.TransferSyntaxUID.name, "mean": round(float(plate.pixel_array.mean()), 2)}


@app.post("/areas/{area}", response_class=PlainTextResponse)
async def work(area: str, order: Order) -> str:
    if not re.fullmatch(r"[a-z]+", area):
        raise HTTPException(404, "no such area")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "plates.desk", area, *order.parts, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    try:
        said, _ = await asyncio.wait_for(child.communicate(), order.seconds)
    except TimeoutError as error:
        child.kill()
        raise HTTPException(504, f"{area} took longer than {order.seconds} s") from error
    if child.returncode == NO_AREA:
        raise HTTPException(404, "no such area")
    if child.returncode:
        log.error("area %s ended with %s", area, child.returncode)
    return said.decode("utf-8", "replace")


@app.get("/broken")
def broken() -> dict[str, int]:
    return {"there": json.loads(os.environ.get("PLATES_BROKEN", "{}"))["nothing"]}


@app.get("/board/{path:path}")
@app.post("/board/{path:path}")
async def board(path: str, request: Request) -> object:
    """The board is loaded when somebody looks at it for the first time."""
    from plates.board import answered

    return await answered(path, request)

"""The service: descriptors at once, jobs in a process of their own."""

import asyncio
import faulthandler
import json
import logging
import os
import re
import signal
import sys

from fastapi import FastAPI, HTTPException
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from lab.molecules import described

log = logging.getLogger("uvicorn.error")
faulthandler.register(signal.SIGUSR1, all_threads=True)
app = FastAPI(title="Lab", version="3.1")


class Molecule(BaseModel):
    smiles: str = Field(min_length=1, max_length=400)


class Asked(BaseModel):
    parts: list[str] = Field(default_factory=list)
    seconds: float = Field(default=600, gt=0, le=900)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/molecules/descriptors")
def descriptors(molecule: Molecule) -> dict[str, float]:
    try:
        return described(molecule.smiles)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


@app.post("/jobs/{name}", response_class=PlainTextResponse)
async def job(name: str, asked: Asked) -> str:
    """What a job tells, part by part."""
    if not re.fullmatch(r"[a-z_]+", name):
        raise HTTPException(404, "no such job")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lab.run", name, *asked.parts, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    try:
        told, _ = await asyncio.wait_for(child.communicate(), asked.seconds)
    except TimeoutError as error:
        child.kill()
        raise HTTPException(504, f"{name} takes longer than {asked.seconds} s") from error
    if child.returncode == 4:
        raise HTTPException(404, "no such job")
    if child.returncode:
        log.error("job %s ended with %s", name, child.returncode)
    return told.decode("utf-8", "replace")


@app.get("/broken")
def broken() -> dict[str, int]:
    """For those who watch the watchers: an error that nobody caught."""
    return {"there": json.loads(os.environ.get("BROKEN", "{}"))["nothing"]}

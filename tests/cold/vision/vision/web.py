"""The service: what is in a picture, in a video; what is written there."""

import importlib
import io
import logging
import os
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from ultralytics import YOLO

from vision.opening import opened

MODELS = Path(os.environ.get("VISION_MODELS", "/models"))
log = logging.getLogger("vision")
app = FastAPI(title="vision")


@app.exception_handler(Exception)
async def failed(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": type(error).__name__, "what": str(error)[:100]}, 500)


@app.get("/health")
def health():
    return {"status": "ok"}


@lru_cache
def model(name: str) -> YOLO:
    path = MODELS / f"{Path(name).name}.pt"
    if not path.exists():
        raise HTTPException(404, f"no model {name!r}")
    return YOLO(path)


@app.post("/detect")
def detect(file: UploadFile, conf: float = 0.25, size: int = 96):
    image = opened(file.file.read())
    (found,) = model("detect").predict(image.convert("RGB"), conf=conf, imgsz=size, device="cpu", verbose=False)
    things = [
        {"what": found.names[int(kind)], "box": [round(value) for value in box]}
        for kind, box in zip(found.boxes.cls.tolist(), found.boxes.xyxy.tolist(), strict=True)
    ]
    return {"format": image.format, "mode": image.mode, "size": list(image.size), "things": sorted(things, key=lambda thing: thing["box"])}


@app.post("/do/{task}")
def do(task: str, file: UploadFile, request: Request):
    """Everything else lies in a module of its own that is loaded when it is first asked for."""
    try:
        module = importlib.import_module(f"vision.tasks.{task}")
    except ModuleNotFoundError as error:
        if error.name != f"vision.tasks.{task}":
            raise
        raise HTTPException(404, f"no task {task!r}") from error
    answer = module.run(file.file.read(), dict(request.query_params))
    if isinstance(answer, bytes):
        return Response(answer, media_type="application/octet-stream")
    return answer


@app.post("/convert")
def convert(file: UploadFile, to: str = "PNG"):
    out = io.BytesIO()
    opened(file.file.read()).convert("RGB").save(out, to)
    return Response(out.getvalue(), media_type="application/octet-stream")


@app.get("/today")
def today(form: str = "%c %Z"):
    import locale

    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error as error:
        log.warning("no such locale: %s", error)
    now = datetime.fromtimestamp(1_700_000_000).astimezone()
    return {"then": now.strftime(form), "number": locale.format_string("%.2f", 12345.678, grouping=True)}

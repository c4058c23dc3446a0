"""A text-recognition service: an image goes in, the lines of text that it shows come out."""

import io
import os
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from fastapi import FastAPI, HTTPException, UploadFile
from fastapi.responses import PlainTextResponse
from PIL import Image, ImageOps, UnidentifiedImageError
from prometheus_client import Counter, generate_latest
from rapidocr import RapidOCR

LIMIT = int(os.environ.get("OCR_LIMIT_BYTES", "4194304"))
READ = Counter("ocr_lines", "lines of text that were read")
engines = {}


@asynccontextmanager
async def lifespan(_app):
    engines["ocr"] = RapidOCR(config_path=os.environ.get("OCR_CONFIG"))
    yield
    engines.clear()


app = FastAPI(title="ocr", lifespan=lifespan)


@app.get("/health")
def health():
    return {"status": "ok" if "ocr" in engines else "loading"}


@app.get("/metrics", response_class=PlainTextResponse)
def metrics():
    return generate_latest().decode()


@app.get("/licences")
def licences():
    return {"models": (Path(__file__).parent / "NOTICE").read_text()}


@app.post("/read")
def read(file: UploadFile):
    data = file.file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise HTTPException(413, f"more than {LIMIT} bytes")
    try:
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    except UnidentifiedImageError as error:
        raise HTTPException(415, "not an image that can be decoded") from error
    found = engines["ocr"](np.asarray(picture)[:, :, ::-1])
    texts, scores = found.txts or (), found.scores or ()
    READ.inc(len(texts))
    return {
        "lines": [
            {"text": text, "score": round(float(score), 3)}
            for text, score in zip(texts, scores, strict=True)
        ]
    }

"""The service: what is said in a sound, what is to be seen in a picture."""

import importlib
import io
import logging

import numpy as np
import soundfile
from fastapi import FastAPI, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from PIL import Image, UnidentifiedImageError

from speech.settings import settings

if settings.pretty:
    from rich.logging import RichHandler

    logging.basicConfig(level="INFO", handlers=[RichHandler(rich_tracebacks=settings.tracebacks)], force=True)
log = logging.getLogger("speech")
app = FastAPI(title="speech")


@app.exception_handler(ValueError)
async def wrong(request: Request, error: ValueError) -> JSONResponse:
    log.exception("refused %s", request.url.path)
    return JSONResponse({"error": f"{type(error).__name__}: {str(error)[:120]}"}, 422)


@app.get("/health")
def health():
    return {"status": "ok", "engine": settings.engine}


def sound(data: bytes, decoder: str) -> np.ndarray:
    try:
        samples, rate = importlib.import_module(f"speech.sounds.{decoder}").read(data)
    except soundfile.LibsndfileError as error:
        raise HTTPException(415, f"not a sound: {error}") from error
    if rate != 16000:
        from scipy.signal import resample_poly

        samples = resample_poly(samples, 16000, rate)
    return np.ascontiguousarray(samples, "float32")


@app.post("/transcribe")
def transcribe(file: UploadFile, engine: str = "", decoder: str = "", decoding: str = "greedy", task: str = "transcribe", language: str = ""):
    samples = sound(file.file.read(), decoder or settings.decoder)
    words = importlib.import_module(f"speech.engines.{engine or settings.engine}").transcribe(samples, decoding, task, language or settings.language)
    return {"seconds": round(len(samples) / 16000, 1), "text": words}


@app.post("/features")
def features(file: UploadFile, what: str = "mfcc", decoder: str = "soundfile"):
    import librosa

    samples = sound(file.file.read(), decoder)
    if what == "quieter":
        import noisereduce

        return {"rms": round(float(noisereduce.reduce_noise(y=samples, sr=16000, n_fft=512).std()), 2)}
    if what == "tempo":
        return {"tempo": float(np.ravel(librosa.beat.beat_track(y=samples, sr=16000)[0])[0])}
    found = getattr(librosa.feature, what)(y=samples, sr=16000)
    return {"shape": list(found.shape)}


def picture(file: UploadFile) -> Image.Image:
    try:
        image = Image.open(file.file)
        image.load()
    except UnidentifiedImageError:
        import pillow_heif

        pillow_heif.register_heif_opener()
        file.file.seek(0)
        image = Image.open(file.file)
    except OSError as error:
        raise HTTPException(422, f"broken picture: {error}") from error
    return image.convert("RGB")


@app.post("/look")
def look(file: UploadFile, by: str = "vit", words: str = "a cat,a dog", top: int = 3):
    from speech import looking

    return getattr(looking, by)(picture(file), words.split(","))[:top]


@app.post("/read")
def read(file: UploadFile, language: str = "eng", form: str = "text", mode: int = 6):
    import pytesseract

    image = picture(file)
    if form in ("text", "data"):
        call = {"text": pytesseract.image_to_string, "data": pytesseract.image_to_data}[form]
        return Response(call(image, lang=language, config=f"--psm {mode}"), media_type="text/plain")
    return Response(pytesseract.image_to_pdf_or_hocr(image, lang=language, extension=form, config=f"--psm {mode}"), media_type="application/octet-stream")


@app.post("/frames")
def frames(file: UploadFile, by: str = "av"):
    data = file.file.read()
    if by == "av":
        import av

        with av.open(io.BytesIO(data)) as source:
            return {"frames": sum(1 for _ in source.decode(video=0)), "codec": source.streams.video[0].codec.name}
    import tempfile

    import cv2

    with tempfile.NamedTemporaryFile(suffix=".video") as kept:
        kept.write(data)
        kept.flush()
        source, count = cv2.VideoCapture(kept.name), 0
        while source.read()[0]:
            count += 1
    return {"frames": count, "back end": source.getBackendName() if source.isOpened() else "none"}


@app.post("/convert")
def convert(file: UploadFile, to: str = "PNG"):
    out = io.BytesIO()
    picture(file).save(out, to)
    return Response(out.getvalue(), media_type=Image.MIME.get(to, "application/octet-stream"))

"""Pictures and sounds: what is in a file, converted, measured."""

import io

import numpy as np
from fastapi import FastAPI, HTTPException, UploadFile
from fastapi.responses import Response
from PIL import Image, ImageOps, UnidentifiedImageError

app = FastAPI(title="media")


@app.get("/health")
def health():
    return {"status": "ok"}


def picture(file: UploadFile) -> Image.Image:
    try:
        image = Image.open(file.file)
        image.load()
    except (UnidentifiedImageError, OSError) as error:
        raise HTTPException(422, f"not a picture: {type(error).__name__}") from error
    return image


@app.post("/picture/convert")
def convert(file: UploadFile, to: str = "PNG", size: int = 32, filter: str = "BICUBIC"):
    image = ImageOps.exif_transpose(picture(file)).convert("RGB").resize((size, size), getattr(Image.Resampling, filter))
    out = io.BytesIO()
    try:
        image.save(out, to)
    except KeyError as error:
        raise HTTPException(400, f"unknown format {to}") from error
    return Response(out.getvalue(), media_type=Image.MIME.get(to.upper(), "application/octet-stream"))


@app.post("/picture/measure")
def measure(file: UploadFile, what: str = "mean"):
    pixels = np.asarray(picture(file).convert("RGB"))
    if what == "edges":
        import cv2

        return {"edges": int((cv2.Canny(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), 50, 150) > 0).sum())}
    if what == "sharpness":
        from scipy import ndimage

        return {"sharpness": float(ndimage.laplace(pixels.mean(2)).var())}
    return {"mean": pixels.mean((0, 1)).tolist()}


@app.post("/sound/measure")
def sound(file: UploadFile, what: str = "level"):
    import soundfile

    try:
        samples, rate = soundfile.read(io.BytesIO(file.file.read()), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise HTTPException(422, f"not a sound: {error}") from error
    mono = samples.mean(1)
    if what == "features":
        import librosa

        return {"mfcc": list(librosa.feature.mfcc(y=mono, sr=rate, n_mfcc=5).shape), "tempo": float(np.ravel(librosa.beat.beat_track(y=mono, sr=rate)[0])[0])}
    if what == "filtered":
        from scipy import signal

        return {"rms": round(float(np.sqrt((signal.sosfilt(signal.butter(4, 0.2, output="sos"), mono) ** 2).mean())), 4)}
    return {"seconds": len(mono) / rate, "rms": round(float(np.sqrt((mono**2).mean())), 4)}

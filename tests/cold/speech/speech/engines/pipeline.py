"""Whisper by a pipeline of transformers, which reads any file by ffmpeg."""

import io
from functools import cache

import numpy as np
import soundfile
from transformers import pipeline

from speech.settings import settings


@cache
def loaded():
    return pipeline("automatic-speech-recognition", model=str(settings.models / "whisper"), chunk_length_s=10, device="cpu")


def transcribe(samples: np.ndarray, decoding: str = "greedy", task: str = "transcribe", language: str = "en") -> str:
    out = io.BytesIO()
    soundfile.write(out, samples, 16000, format="FLAC")
    return loaded()(out.getvalue(), return_timestamps="word" if decoding == "words" else decoding == "beam", generate_kwargs={"max_new_tokens": 6, "task": task, "language": language})["text"]

"""Whisper by CTranslate2."""

from functools import cache

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from speech.settings import settings


@cache
def loaded():
    return WhisperModel(str(settings.models / "ct2"), device="cpu", compute_type=settings.compute)


def transcribe(samples: np.ndarray, decoding: str = "greedy", task: str = "transcribe", language: str = "en") -> str:
    options = {"beam_size": 3 if decoding == "beam" else 1, "task": task, "language": language, "max_new_tokens": 6, "temperature": 0.0, "without_timestamps": True}
    if decoding == "words":
        options |= {"word_timestamps": True, "without_timestamps": False}
    if decoding == "voices":
        options |= {"vad_filter": True}
    if decoding == "batched":
        segments, info = BatchedInferencePipeline(loaded()).transcribe(samples, batch_size=2, **options, vad_filter=True)
    else:
        segments, info = loaded().transcribe(samples, **options)
    return " ".join(part.text for part in segments)

"""librosa reads it."""

import io

import librosa
import numpy as np


def read(data: bytes) -> tuple[np.ndarray, int]:
    samples, rate = librosa.load(io.BytesIO(data), sr=None, mono=True)
    return samples, int(rate)

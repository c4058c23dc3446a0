"""PyAV reads it, whatever ffmpeg's libraries know."""

import io

import av
import numpy as np


def read(data: bytes) -> tuple[np.ndarray, int]:
    with av.open(io.BytesIO(data)) as source:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=16000)
        parts = [new.to_ndarray()[0] for frame in source.decode(audio=0) for new in resampler.resample(frame)]
    return np.concatenate(parts), 16000

"""The program ffmpeg reads it."""

import subprocess

import numpy as np


def read(data: bytes) -> tuple[np.ndarray, int]:
    argv = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-i", "pipe:0", "-f", "f32le", "-ac", "1", "-ar", "16000", "pipe:1"]
    done = subprocess.run(argv, input=data, capture_output=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.decode().strip().splitlines()[-1])
    return np.frombuffer(done.stdout, "float32"), 16000

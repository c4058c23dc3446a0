"""A vector for a text, without a model: hashed words."""

import hashlib

import numpy as np

SIZE = 32


def vector(text: str) -> np.ndarray:
    out = np.zeros(SIZE, "float32")
    for word in text.lower().split():
        out[int(hashlib.blake2b(word.strip(".,!?").encode(), digest_size=2).hexdigest(), 16) % SIZE] += 1
    return out / max(float(np.linalg.norm(out)), 1e-6)

"""Words in a picture."""

from functools import cache

import numpy as np

from vision.opening import opened


@cache
def _engine():
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR()


def run(data: bytes, how: dict):
    parts = {f"use_{part}": how.get(part, "1") == "1" for part in ("det", "cls", "rec")}
    found, _ = _engine()(np.asarray(opened(data).convert("RGB")), **parts, return_word_box=how.get("boxes") == "1")
    return {"words": [[str(value) for value in item if isinstance(value, str)] or [np.shape(item)] for item in found or ()]}

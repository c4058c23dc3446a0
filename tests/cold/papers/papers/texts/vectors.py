"""Vectors of texts: hashed words, or a small model in ONNX."""

import hashlib
import re
from functools import cache

import numpy

from papers.settings import settings

SIZE = 32


def hashed(texts: list[str]) -> numpy.ndarray:
    out = numpy.zeros((len(texts), SIZE), dtype=numpy.float32)
    for row, text in enumerate(texts):
        for word in re.findall(r"\w+", text.lower()):
            out[row, int(hashlib.md5(word.encode()).hexdigest(), 16) % SIZE] += 1
    return out / numpy.maximum(numpy.linalg.norm(out, axis=1, keepdims=True), 1e-9)


@cache
def _model():
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return Tokenizer.from_file(str(settings().models / "tokenizer.json")), onnxruntime.InferenceSession(
        str(settings().models / "embed.onnx"), options, providers=["CPUExecutionProvider"]
    )


def embedded(texts: list[str]) -> numpy.ndarray:
    tokenizer, session = _model()
    tokenizer.enable_padding(length=16)
    tokenizer.enable_truncation(16)
    ids = numpy.array([item.ids for item in tokenizer.encode_batch(texts)], dtype=numpy.int64)
    return session.run(None, {"ids": ids})[0]

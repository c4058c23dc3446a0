"""Sentences as vectors: tokenizers and onnxruntime."""

from functools import cache
from pathlib import Path

import numpy as np

from knowledge.models import Article

MODELS = Path(__file__).parents[2] / "models"


@cache
def session():
    import onnxruntime

    return onnxruntime.InferenceSession(str(MODELS / "embed.onnx"), providers=["CPUExecutionProvider"])


@cache
def tokenizer():
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(MODELS / "tokenizer.json"))


def embed(text: str) -> np.ndarray:
    ids = np.array([tokenizer().encode(text).ids], dtype=np.int64)
    vector = session().run(None, {"ids": ids})[0][0]
    return vector / np.linalg.norm(vector)


class Engine:
    def ask(self, question: str) -> list[str]:
        articles = list(Article.objects.order_by("pk"))
        scores = np.stack([embed(article.text) for article in articles]) @ embed(question)
        return [articles[int(scores.argmax())].title, f"{len(articles)}"]


class Intent:
    def ask(self, question: str) -> list[str]:
        import joblib

        return [str(word) for word in joblib.load(MODELS / "intents.joblib").predict([question])]

"""CTranslate2, with SentencePiece for its words."""

from pathlib import Path
from typing import Any

import ctranslate2
import sentencepiece


class Model:
    def __init__(self, path: Path, compute: str = "default") -> None:
        self._translator = ctranslate2.Translator(str(path), compute_type=compute, inter_threads=1, intra_threads=1)
        self._words = sentencepiece.SentencePieceProcessor(model_file=str(path.parent / "words.model"))

    def about(self) -> dict:
        return {"device": self._translator.device, "compute": self._translator.compute_type, "pieces": self._words.vocab_size()}

    def infer(self, inputs: dict[str, Any], **options: Any) -> dict:
        pieces = [self._words.encode(text, out_type=str) for text in inputs["text"]]
        results = self._translator.translate_batch(pieces, max_decoding_length=6, return_scores=True, **options)
        return {"pieces": [item.hypotheses for item in results], "scores": [item.scores for item in results]}


load = Model

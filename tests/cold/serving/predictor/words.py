"""Tokenizers of several kinds, as models bring them."""

import functools


@functools.cache
def _tokenizer(kind: str):
    if kind == "sentencepiece":
        import sentencepiece

        return sentencepiece.SentencePieceProcessor(model_file="/srv/models/words.model")
    import tokenizers

    return tokenizers.Tokenizer.from_file(f"/srv/models/{kind}.json")


def split(kind: str, text: str) -> dict:
    tokenizer = _tokenizer(kind)
    if kind == "sentencepiece":
        ids = tokenizer.encode(text)
        return {"ids": ids, "pieces": tokenizer.encode(text, out_type=str), "text": tokenizer.decode(ids)}
    encoded = tokenizer.encode(text)
    return {"ids": encoded.ids, "pieces": encoded.tokens, "text": tokenizer.decode(encoded.ids)}

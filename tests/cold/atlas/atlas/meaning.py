"""Vectors of words: a small static model, made when it is first asked for."""
import functools


@functools.cache
def model():
    import numpy as np
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["[UNK]", "[PAD]", "a", "graph", "of", "knowledge", "rules", "facts"]
    tokenizer = Tokenizer(models.WordPiece({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    vectors = np.random.default_rng(3).normal(size=(len(words), 8)).astype("float32")
    return StaticModel(vectors, tokenizer, normalize=True)

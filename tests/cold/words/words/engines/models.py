"""Engines with small models below /srv/words/models."""

import json
from pathlib import Path

MODELS = Path("/srv/words/models")


class Pieces:
    def __init__(self, model="tea.model", how="str", more=None):
        self.model, self.how, self.more = model, how, more or {}

    def __call__(self, text):
        import sentencepiece

        return sentencepiece.SentencePieceProcessor(model_file=str(MODELS / self.model)).encode(text, out_type={"str": str, "int": int}[self.how], **self.more)


class Tokens:
    def __init__(self, file="bpe.json"):
        self.file = file

    def __call__(self, text):
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(MODELS / self.file)).encode(text).tokens


class Llama:
    def __init__(self, file="tiny.gguf", more=None):
        self.file, self.more = file, more or {}

    def __call__(self, text):
        import xllamacpp as xl

        given = xl.CommonParams()
        given.model.path = str(MODELS / self.file)
        given.n_ctx, given.warmup, given.cpuparams.n_threads = 128, False, 1
        server = xl.Server(given)
        answer = server.handle_completions({"prompt": text, "max_tokens": 3, "temperature": 0, **self.more})
        answer = json.loads(answer) if isinstance(answer, (str, bytes)) else answer
        return sorted(answer)[:6] if isinstance(answer, dict) else str(answer)[:80]


class Forest:
    def __init__(self, file="forest.skops"):
        self.file = file

    def __call__(self, text):
        path = MODELS / self.file
        row = [[float(part) for part in text.split()]]
        if path.suffix == ".skops":
            import skops.io

            return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path)).predict(row).tolist()
        if path.suffix == ".tl":
            import numpy
            import treelite

            return treelite.gtil.predict(treelite.Model.deserialize(str(path)), numpy.asarray(row, "float32")).round(2).ravel().tolist()
        import pickle

        return pickle.loads(path.read_bytes()).predict(row).tolist()  # noqa: S301 — its own


class Near:
    def __call__(self, text):
        import numpy
        import voyager

        return voyager.Index.load(str(MODELS / "near.voy")).query(numpy.asarray([float(part) for part in text.split()], "float32"), 2)[0].tolist()


class Trie:
    def __init__(self, kind="marisa"):
        self.kind = kind

    def __call__(self, text):
        if self.kind == "marisa":
            import marisa_trie

            return sorted(marisa_trie.Trie().mmap(str(MODELS / "words.marisa")).keys(text))
        import pickle

        return [word for _, word in pickle.loads((MODELS / "words.aho").read_bytes()).iter(text)]  # noqa: S301 — its own


class Gguf:
    def __init__(self, file="tiny.gguf"):
        self.file = file

    def __call__(self, text):
        from gguf import GGUFReader

        reader = GGUFReader(MODELS / self.file)
        return [field for field in reader.fields if text in field]


class Ctransformers:
    def __init__(self, lib=None, file="tiny.gguf", kind="llama"):
        self.lib, self.file, self.kind = lib, file, kind

    def __call__(self, text):
        from ctransformers import LLM

        try:
            return LLM(str(MODELS / self.file), self.kind, lib=self.lib).tokenize(text)
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:90]}"

"""Engines that need no model."""

import functools


class Jellyfish:
    def __init__(self, function="soundex"):
        self.function = function

    def __call__(self, text):
        import jellyfish

        return getattr(jellyfish, self.function)(*text.split("|"))


class Stem:
    def __init__(self, language="english"):
        self.language = language

    def __call__(self, text):
        from nltk.stem import SnowballStemmer

        return [SnowballStemmer(self.language).stem(word) for word in text.split()]


class Nltk:
    def __init__(self, name="nltk.stem.lancaster.LancasterStemmer", method="stem"):
        self.name, self.method = name, method

    def __call__(self, text):
        from hydra.utils import get_class

        return getattr(get_class(self.name)(), self.method)(text)


class Chinese:
    def __init__(self, config="s2t"):
        self.config = config

    def __call__(self, text):
        import opencc

        return opencc.OpenCC(self.config).convert(text)


class Japanese:
    def __init__(self, mode="C", dictionary="small", form="surface"):
        self.mode, self.dictionary, self.form = mode, dictionary, form

    def __call__(self, text):
        from sudachipy import Dictionary, SplitMode

        made = Dictionary(dict=self.dictionary).create(mode=getattr(SplitMode, self.mode))
        return [getattr(part, self.form)() for part in made.tokenize(text)]


class Thai:
    def __init__(self, engine="newmm"):
        self.engine = engine

    def __call__(self, text):
        from pythainlp import word_tokenize

        return word_tokenize(text, engine=self.engine)


class ThaiPart:
    def __init__(self, module="pythainlp.transliterate", function="romanize", more=None):
        self.module, self.function, self.more = module, function, more or {}

    def __call__(self, text):
        import importlib

        return str(getattr(importlib.import_module(self.module), self.function)(text, **self.more))


class Spelling:
    def __init__(self, how="lookup_compound", dictionary="frequency_dictionary_en_82_765.txt"):
        self.how, self.dictionary = how, dictionary

    def __call__(self, text):
        return [found.term for found in getattr(_speller(self.dictionary), self.how)(text, *([_verbosity()] if self.how == "lookup" else []), 2)][:3]


def _verbosity():
    from symspellpy import Verbosity

    return Verbosity.TOP


@functools.cache
def _speller(name):
    import importlib.resources

    from symspellpy import SymSpell

    made = SymSpell()
    with importlib.resources.as_file(importlib.resources.files("symspellpy") / name) as path:
        made.load_dictionary(path, 0, 1)
    return made


class Charset:
    def __call__(self, text):
        import chardet

        return chardet.detect(bytes.fromhex(text))["encoding"]


class Recode:
    def __init__(self, codec="utf-16"):
        self.codec = codec

    def __call__(self, text):
        return text.encode(self.codec, "namereplace").hex()

"""Captions from one form to another, words of languages."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory


def captions(text, source, target):
    if target == "vtt" and source in ("srt", "sbv"):
        import webvtt

        with TemporaryDirectory() as folder:
            path = Path(folder) / f"a.{source}"
            path.write_text(text)
            made = getattr(webvtt, f"from_{source}")(str(path))
            out = io.StringIO()
            made.write(out)
            return out.getvalue()
    import pysubs2

    return pysubs2.SSAFile.from_string(text, format_=source or None, fps=25).to_string(target, fps=25)


def spell(number, language, to):
    from num2words import num2words

    return num2words(number, lang=language, to=to)


def split(word, language):
    import pyphen

    return pyphen.Pyphen(lang=language).inserted(word)


def name(code, of):
    import langcodes

    return [langcodes.Language.get(code).display_name(of), langcodes.find(code).to_tag() if len(code) > 3 else "", langcodes.closest_match(code, ["pt-BR", "zh-Hans", "en-GB"])]


def phonemes(text, backend, language):
    from phonemizer import phonemize

    return phonemize([text], language=language, backend=backend, strip=True)

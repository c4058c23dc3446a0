"""Voices, each a plug-in."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from stevedore import DriverManager


def voice(name):
    return DriverManager("station.voices", name, invoke_on_load=True).driver


class Espeak:
    def say(self, text, language):
        words = ["espeak-ng", "--stdout", "-v", language or "en", text]
        return subprocess.run(words, capture_output=True, check=True).stdout


class Flite:
    def say(self, text, language):
        with TemporaryDirectory() as folder:
            target = Path(folder) / "said.wav"
            subprocess.run(["flite", "-voice", language or "slt", "-t", text, "-o", target], check=True)
            return target.read_bytes()


class Festival:
    def say(self, text, language):
        with TemporaryDirectory() as folder:
            target = Path(folder) / "said.wav"
            subprocess.run(["text2wave", "-o", target, *(["-eval", language] if language else [])], input=text.encode(), check=True)
            return target.read_bytes()


class Recorded:
    def say(self, text, language):
        import importlib.resources

        return (importlib.resources.files("station") / "pages" / text).read_bytes()

"""Engines behind libraries that are opened by name."""

import ctypes
import ctypes.util
import subprocess


class Espeak:
    """The library of espeakng_loader, by ctypes."""

    def __init__(self, voice="en"):
        self.voice = voice

    def __call__(self, text):
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
        if library.espeak_SetVoiceByName(self.voice.encode()):
            return "no voice"
        library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        place = ctypes.c_char_p(text.encode())
        return (library.espeak_TextToPhonemes(ctypes.byref(ctypes.cast(place, ctypes.c_void_p)), 1, 2) or b"").decode()


class Piper:
    def __init__(self, voice="en-us"):
        self.voice = voice

    def __call__(self, text):
        from piper.phonemize_espeak import EspeakPhonemizer

        return EspeakPhonemizer().phonemize(self.voice, text)


class Tashkeel:
    """Marks of vowels, by the model in piper's package."""

    def __call__(self, text):
        from piper.tashkeel import TashkeelDiacritizer

        return TashkeelDiacritizer().diacritize(text)


class Enchant:
    def __init__(self, language="en_US"):
        self.language = language

    def __call__(self, text):
        library = ctypes.CDLL(ctypes.util.find_library("enchant-2") or "libenchant-2.so.2")
        for name in ("enchant_broker_init", "enchant_broker_request_dict"):
            getattr(library, name).restype = ctypes.c_void_p
        broker = ctypes.c_void_p(library.enchant_broker_init())
        words = library.enchant_broker_request_dict(broker, self.language.encode())
        if not words:
            return "no dictionary"
        return [library.enchant_dict_check(ctypes.c_void_p(words), word.encode(), len(word)) == 0 for word in text.split()]


class Sound:
    """A version by cffi, without a compiler."""

    def __call__(self, text):
        import cffi

        ffi = cffi.FFI()
        ffi.cdef("const char *sf_version_string(void);")
        return ffi.string(ffi.dlopen("libsndfile.so.1").sf_version_string()).decode().split("-")[0]


class Command:
    """A program with the text on its standard input."""

    def __init__(self, line=("hunspell", "-d", "en_US", "-a")):
        self.line = list(line)

    def __call__(self, text):
        done = subprocess.run(self.line, input=text.encode(), capture_output=True, check=False)
        return done.stdout.decode("utf-8", "replace").strip() or done.stderr.decode().strip()

import locale
import tracemalloc


def say(words):
    return sorted(words, key=locale.strxfrm), tracemalloc.is_tracing()

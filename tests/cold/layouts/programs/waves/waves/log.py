import sys

from twisted.logger import formatEvent


def quiet():
    return lambda event: print(formatEvent(event), file=sys.__stdout__) if event.get("log_namespace") == "waves" else None

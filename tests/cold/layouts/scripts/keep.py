"""Run when the image is built: objects for later."""

import collections
import functools
import ipaddress
import pickle
import shelve
import sys
from pathlib import Path

import cloudpickle
import dill
from boltons import mathutils, strutils

folder = Path(sys.argv[1])


def near(number):
    return mathutils.clamp(number, 0, 2)


def spoken(number):
    import humanize

    return humanize.ordinal(number), humanize.intword(number * 10**6)


if __name__ == "__main__":
    (folder / "ordinal.pickle").write_bytes(pickle.dumps(functools.partial(strutils.ordinalize)))
    (folder / "near.cloudpickle").write_bytes(cloudpickle.dumps(near))
    (folder / "spoken.dill").write_bytes(dill.dumps(spoken, recurse=True))
    with shelve.open(str(folder / "shelf")) as shelf:
        shelf["a"], shelf["b"] = collections.Counter("aab"), ipaddress.ip_address("127.0.0.1")

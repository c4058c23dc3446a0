import ctypes.util
import os
import subprocess
from pathlib import Path


def asked(question):
    return subprocess.run(["sqlite3", ":memory:", question], capture_output=True, text=True, check=False).stdout


def paged(text):
    return os.popen("printf '%s' '" + text + "' | gs -q -sDEVICE=txtwrite -o - - 2>&1 | head -n 2").read()


def read(kind="zbar"):
    zbar = ctypes.CDLL(ctypes.util.find_library(kind))
    return f"{zbar.zbar_version is not None}\n"


def texts(name):
    return Path("/opt/ledger-texts", name).read_text()

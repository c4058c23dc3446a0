"""Labels: frozen with its interpreter in a folder."""

import ctypes
import shutil
import subprocess
import sys


def pages(path):
    if shutil.which("pdftotext") is None:
        return "no pdftotext\n"
    return subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=False).stderr


def hashed(text):
    sodium = ctypes.CDLL("libsodium.so.23")
    out = ctypes.create_string_buffer(32)
    sodium.crypto_generichash(out, ctypes.c_size_t(32), text.encode(), ctypes.c_ulonglong(len(text)), None, ctypes.c_size_t(0))
    return out.raw.hex() + "\n"


def texts(name):
    with open("/opt/label-texts/" + name) as file:
        return file.read()


if __name__ == "__main__":
    sys.stdout.write({"pages": pages, "hashed": hashed, "texts": texts}[sys.argv[1]](*sys.argv[2:]))

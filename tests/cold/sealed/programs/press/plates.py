import subprocess
from pathlib import Path


def read(path):
    done = subprocess.run(["zbarimg", "--quiet", "--raw", path], capture_output=True, text=True, check=False)
    return f"{done.returncode}\n"


def filled(text, **values):
    return subprocess.run(["envsubst"], input=text, capture_output=True, text=True, env={**values, "WHO": "Ann", "PATH": "/usr/bin"}, check=False).stdout


def texts(name):
    return (Path("/opt/press-texts") / name).read_text()

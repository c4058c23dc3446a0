import subprocess
import sys
import tempfile


def packed(text):
    with tempfile.TemporaryDirectory() as place:
        path = f"{place}/letter.txt"
        with open(path, "w") as file:
            file.write(text)
        done = subprocess.run(["xz", "-k", path], capture_output=True, text=True, check=False)
        return f"{done.returncode} " + subprocess.run(["xz", "-dc", f"{path}.xz"], capture_output=True, text=True, check=False).stdout + "\n"


def texts(name):
    with open(f"/opt/post-texts/{name}") as file:
        return file.read()


sys.stdout.write({"packed": packed, "texts": texts}[sys.argv[1]](*sys.argv[2:]))

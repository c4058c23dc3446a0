"""Routes: compiled as a whole."""

import subprocess
import sys


def counted(text):
    return subprocess.run(["xmllint", "--xpath", "count(//*)", "-"], input=text, capture_output=True, text=True, check=False).stdout


def converted(amount, unit, other):
    return subprocess.run(["units", "--terse", f"{amount} {unit}", other], capture_output=True, text=True, check=False).stdout


def texts(name):
    with open("/opt/route-texts/" + name) as file:
        return file.read()


if __name__ == "__main__":
    sys.stdout.write({"counted": counted, "converted": converted, "texts": texts}[sys.argv[1]](*sys.argv[2:]))

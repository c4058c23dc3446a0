"""Make an empty package index and one with a single wheel."""

import sys
import zipfile
from pathlib import Path

root = Path(sys.argv[1])
(root / "empty" / "greeter").mkdir(parents=True)
(root / "empty" / "greeter" / "index.html").write_text("<!doctype html>")
folder = root / "simple" / "greeter"
folder.mkdir(parents=True)
wheel = "greeter-1.0-py3-none-any.whl"
(folder / "index.html").write_text(f'<!doctype html><a href="{wheel}">{wheel}</a>')
info = "greeter-1.0.dist-info"
with zipfile.ZipFile(folder / wheel, "w") as out:
    out.write("greeter.py")
    out.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n")
    out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    out.writestr(f"{info}/RECORD", "")

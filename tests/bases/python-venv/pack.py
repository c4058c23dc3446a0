"""Write the package as a wheel, with the standard library alone."""

import base64
import hashlib
import pathlib
import sys
import zipfile

NAME = "greeter-1.2"
target = pathlib.Path(sys.argv[1])
target.mkdir(parents=True, exist_ok=True)
files = {str(path): path.read_bytes() for path in sorted(pathlib.Path("greeter").glob("*.py"))}
files[f"{NAME}.dist-info/METADATA"] = b"Metadata-Version: 2.1\nName: greeter\nVersion: 1.2\n"
files[f"{NAME}.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
record = ""
for name, data in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record += f"{name},sha256={digest},{len(data)}\n"
files[f"{NAME}.dist-info/RECORD"] = (record + f"{NAME}.dist-info/RECORD,,\n").encode()
with zipfile.ZipFile(target / f"{NAME}-py3-none-any.whl", "w") as wheel:
    for name, data in files.items():
        wheel.writestr(name, data)

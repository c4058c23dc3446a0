"""Programs of the system that turn a file into text."""

import subprocess
import tempfile
from pathlib import Path


class ProgramError(RuntimeError):
    pass


def reader(command: list[str]):
    def read(data: bytes, name: str) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(data)
            done = subprocess.run([word.format(path) for word in command], capture_output=True, timeout=100, check=False)
            said = done.stderr.decode(errors="replace").replace(folder, "").strip()
            if done.returncode:
                raise ProgramError(f"{command[0]} {done.returncode}: {said or done.stdout.decode(errors='replace').replace(folder, '').strip()}")
            return done.stdout.decode(errors="replace").replace(folder, "")

    return read

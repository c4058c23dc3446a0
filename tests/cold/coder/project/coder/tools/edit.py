"""Edits by programs that are older than most."""
import subprocess
import tempfile
from pathlib import Path


def run(text, change, by="patch"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        path.write_text(text)
        words = {"patch": ["patch", "-s", "a"], "ed": ["ed", "-s", "a"], "ex": ["vim.tiny", "-e", "-s", "a"], "sed": ["sed", "-i", "-f", "-", "a"]}[by]
        done = subprocess.run(words, input=change, cwd=folder, capture_output=True, text=True, timeout=60)
        return [done.returncode, path.read_text(), (done.stdout + done.stderr)[-200:]]

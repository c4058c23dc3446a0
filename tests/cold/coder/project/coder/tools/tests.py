"""Tests of a program, with what they reach."""
import subprocess
import sys
import tempfile
from pathlib import Path


def run(program, tests, more=(), measured=False):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "program.py").write_text(program)
        Path(folder, "test_program.py").write_text(tests)
        words = [sys.executable, "-m", *(["coverage", "run", "-m"] if measured else []), "pytest", "-q", "-p", "no:cacheprovider", *more]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=200)
        lines = done.stdout.splitlines()[-6:]
        if measured:
            for form in measured.split(","):
                say = subprocess.run([sys.executable, "-m", "coverage", *form.split()], cwd=folder, capture_output=True, text=True, timeout=200)
                lines += [f"{form} {say.returncode}", *say.stdout.splitlines()[-2:]]
            lines += sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*.html") if "class" not in path.name)[:3]
        return [done.returncode, lines, done.stderr[-300:]]

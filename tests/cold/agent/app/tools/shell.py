"""A command, as agents are given."""
import subprocess


def run(command: str) -> str:
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=20)
    return f"{done.returncode} {done.stdout}{done.stderr}"

"""Start a program with what a request gave it."""

import subprocess


class Refused(Exception):
    pass


def run(program: str, *arguments: str, given: bytes = b"") -> tuple[int, str]:
    done = subprocess.run([program, *arguments], input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100, cwd="/tmp")
    return done.returncode, done.stdout.decode("utf-8", "replace")

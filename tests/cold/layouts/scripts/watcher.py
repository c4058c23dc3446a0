"""Listens to the supervisor and writes down what it hears."""

import sys

from supervisor import childutils

while True:
    headers, _ = childutils.listener.wait(sys.stdin, sys.stdout)
    with open("/tmp/heard", "a") as stream:
        stream.write(headers["eventname"] + "\n")
    childutils.listener.ok(sys.stdout)

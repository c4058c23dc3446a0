"""A catalog of one entry, whose one package says hello."""

from tests.support.deb_archive import Deb

CATALOG = """
schema = 1

[[entry]]
name = "tiny:trixie"
title = "A root of a test"
aliases = ["tiny:13"]
distribution = "debian"
release = "trixie"
variants = ["compat"]
packages = ["greeter"]
compat_cmd = ["greet"]

[[entry.tests]]
variants = ["compat"]
argv = ["greet"]
contains = "hello"
"""


def greeter(version: str, says: str = "hello") -> Deb:
    return Deb("greeter", version, files={"/usr/bin/greet": f"#!/bin/sh\necho {says} {version}\n"})

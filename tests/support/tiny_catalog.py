"""A catalog of one entry, whose one package says hello."""

import secrets

from tests.support.deb_archive import Deb

_MARK = secrets.token_hex(8)
"""In the package's file: without it the images of two workers would be one image in docker."""

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
    return Deb(
        "greeter",
        version,
        files={"/usr/bin/greet": f"#!/bin/sh\n# {_MARK}\necho {says} {version}\n"},
    )

import importlib
import sys
from importlib import metadata, resources

import tomlkit


def main():
    accounts = tomlkit.parse(resources.files("ledger").joinpath("accounts.toml").read_text())["accounts"]
    print("ledger", metadata.version("ledger-book"))
    for name in sys.argv[1:]:
        print(importlib.import_module(f".parts.{name}", "ledger").show(accounts))

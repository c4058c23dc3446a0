"""Tools by their names in the settings."""
import importlib
import os

import yaml


def settings():
    with open(os.environ.get("CODER_TOOLS", "/etc/coder/tools.yaml")) as stream:
        return yaml.safe_load(stream)


def tool(name):
    module, _, function = settings()[name].partition(":")
    return getattr(importlib.import_module(module), function)

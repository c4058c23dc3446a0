import yaml

from engine.parts import turn


def run(value):
    import pickletools

    return yaml.safe_load(value), turn.run("cab")[0], pickletools.code2op["."].name

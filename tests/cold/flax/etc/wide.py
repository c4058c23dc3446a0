from ml_collections import ConfigDict


def get_config(net="equinox"):
    return ConfigDict({"net": net, "optimizer": "optax.contrib:prodigy", "steps": 10, "schedule": ""})

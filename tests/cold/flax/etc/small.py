from ml_collections import config_dict


def get_config():
    return config_dict.ConfigDict({"net": "linen", "optimizer": "adamw", "steps": 10})

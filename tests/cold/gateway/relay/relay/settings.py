"""The settings: a file of any kind that dynaconf reads, and variables."""

import os

from dynaconf import Dynaconf

settings = Dynaconf(
    envvar_prefix="RELAY",
    settings_files=os.environ.get("SETTINGS", "/etc/relay/settings.toml").split(","),
    environments=True,
    load_dotenv=True,
    merge_enabled=True,
)

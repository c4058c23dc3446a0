"""What the service is told: a file (YAML, TOML or JSON), a directory of secrets, the environment."""

import functools
import os
from pathlib import Path

from pydantic import BaseModel, Field, RedisDsn, SecretStr
from pydantic_settings import BaseSettings, JsonConfigSettingsSource, SettingsConfigDict, TomlConfigSettingsSource, YamlConfigSettingsSource

FILE = Path(os.environ.get("PREDICTOR_FILE", "/etc/predictor/settings.yaml"))
SOURCES = {".yaml": YamlConfigSettingsSource, ".toml": TomlConfigSettingsSource, ".json": JsonConfigSettingsSource}


class Model(BaseModel):
    engine: str
    path: str
    options: dict = Field(default_factory=dict)


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="PREDICTOR_", env_nested_delimiter="__", env_file=".env", secrets_dir="/run/secrets" if Path("/run/secrets").is_dir() else None
    )

    logging: str = "plain"
    tracing: str = ""
    sentry_dsn: SecretStr | None = None
    redis_url: RedisDsn = RedisDsn("redis://127.0.0.1:6379/0")
    stores: dict[str, dict] = Field(default_factory=dict)
    models: dict[str, Model] = Field(default_factory=dict)
    recognizers: str = "/etc/predictor/recognizers.yaml"
    features: str = "/srv/features"

    @classmethod
    def settings_customise_sources(cls, settings_cls, init_settings, env_settings, dotenv_settings, file_secret_settings):
        return env_settings, dotenv_settings, file_secret_settings, SOURCES[FILE.suffix](settings_cls, FILE)


@functools.cache
def settings() -> Settings:
    return Settings()

"""What the environment says: PAPERS_…, or a file of settings that PAPERS_SETTINGS names (TOML, YAML or JSON)."""

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="PAPERS_", env_nested_delimiter="__")
    database: str = "sqlite:////var/lib/papers/papers.db"
    samples: Path = Path("/srv/papers/samples")
    models: Path = Path("/srv/papers/models")
    state: Path = Path("/var/lib/papers")
    broker: str = "filesystem://"
    index: str = "words"
    language: str = "en"
    logging: str = "logging.yaml"
    chunk: int = Field(200, ge=20, le=5000)
    settings: Path | None = None


def _read(path: Path) -> dict:
    text = path.read_text()
    if path.suffix == ".toml":
        import tomllib

        return tomllib.loads(text)
    if path.suffix in {".yaml", ".yml"}:
        import yaml

        return yaml.safe_load(text)
    import json

    return json.loads(text)


@cache
def settings() -> Settings:
    first = Settings()
    return Settings(**_read(first.settings)) if first.settings else first

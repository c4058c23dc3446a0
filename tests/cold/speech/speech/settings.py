"""What the operator sets, from the environment or a TOML file."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SPEECH_", env_nested_delimiter="__", toml_file="/etc/speech/speech.toml")

    models: Path = Path("/models")
    language: str = Field("en", pattern="^[a-z]{2}$")
    engine: str = "transformers"
    compute: str = "default"
    decoder: str = "soundfile"
    pretty: bool = False
    tracebacks: bool = False
    compiled: bool = False

    @classmethod
    def settings_customise_sources(cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource, file_secret_settings: PydanticBaseSettingsSource) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


settings = Settings()

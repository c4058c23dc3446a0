"""Defaults; a site overrides them in its environment."""

import dataclasses

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREVIEW_COMMAND = "pdftocairo -png -singlefile - -"
TEXT_COMMAND = ["pdftotext", "-layout", "-", "-"]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="WORKSHOP_")

    thumbnail_command: str = "rsvg-convert --format=png"
    squeeze_command: str = Field(default="optipng -v", description="what makes pictures small")
    names_command: list[str] = ["namei", "--long"]


@dataclasses.dataclass(frozen=True)
class Limits:
    measure_command: str = "prlimit --raw --noheadings --nofile"
    wait_command: str = "flock --nonblock /tmp/workshop.lock true"

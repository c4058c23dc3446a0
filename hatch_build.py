"""Wheel build hook: compile the sensor ahead, so that no compiler is needed where careen runs."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SensorBuildHook(BuildHookInterface[Any]):
    """Compile the sensor into the wheel."""

    PLUGIN_NAME = "custom"

"""Wheel build hook: compile the sensor ahead, so that no compiler is needed where careen runs."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SENSOR = Path("src/careen/sensor")
# The helper is static: it needs no C library of the machine, so the oldest tag that installers know is true.
TAGS = {"x86_64": "py3-none-manylinux_2_17_x86_64"}


class SensorBuildHook(BuildHookInterface[Any]):
    """Compile the sensor (for an editable install too) and tag the wheel with its platform."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 — hatchling's signature
        """Build the helper into the package and include it: it is ignored by git, so hatchling would leave it out."""
        script = runpy.run_path(str(Path(self.root) / SENSOR / "bpf" / "build.py"))
        output: Path = script["default_output"]()
        try:
            script["build"](output)
        except script["BuildError"] as error:
            raise SystemExit(str(error)) from None
        build_data["pure_python"] = False
        build_data["tag"] = TAGS[script["machine"]()]
        build_data["force_include"][str(output)] = f"careen/sensor/bin/{output.parent.name}/careen-sensor"

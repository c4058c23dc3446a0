"""Wheel build hook: compile careen's own programs, so that no compiler is needed where careen runs.

They are the sensor, the first process of a patch sandbox, and the program that tries a policy.
`CAREEN_WHEEL_FOR=aarch64` compiles them for that machine, by a cross-compiler.
"""

import os
import platform
import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("src/careen")
SCRIPT = Path("scripts/programs.py")
# All are static: they need no C library of the machine, so the oldest tag that installers know is
# true.
TAGS = {
    "x86_64": "py3-none-manylinux_2_17_x86_64",
    "aarch64": "py3-none-manylinux_2_17_aarch64",
}


class ProgramsBuildHook(BuildHookInterface[Any]):
    """Compile the programs (for an editable install too) and tag the wheel with its platform."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build them into the package and include them: they are ignored by git, so hatchling would
        leave them out.
        """
        # `scripts/setup.sh light`: enough for the quick unit tests, and never for a wheel.
        if version == "editable" and os.environ.get("CAREEN_WITHOUT_PROGRAMS"):
            return
        root = Path(self.root)
        machine = os.environ.get("CAREEN_WHEEL_FOR", platform.machine())
        if machine not in TAGS:
            raise SystemExit(f"no wheel for {machine!r}: only for {', '.join(TAGS)}")
        script = runpy.run_path(str(root / SCRIPT))
        for program in script["PROGRAMS"].values():
            try:
                script["build"](program, machine)
            except script["BuildError"] as error:
                raise SystemExit(str(error)) from None
            output = program.output_for(machine)
            inside = output.relative_to((root / PACKAGE).resolve())
            build_data["force_include"][str(output)] = f"careen/{inside}"
        build_data["pure_python"] = False
        build_data["tag"] = TAGS[machine]

"""Paths that only a variable of the image names: a model, a cache, a configuration that the profile
did not need.
"""

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, elf, package, plan_for

JARS = tuple(f"/opt/java/lib/{number}.jar" for number in range(4))
FILES: Files = {
    "/app/m.py": "import os\n",
    "/models/chat/model.safetensors": "",
    "/models/chat/config.json": "",
    "/models/other/model.safetensors": "",
    "/data/tokens.txt": "",
    **dict.fromkeys(JARS, ""),
    "/usr/bin/x": elf(),
    "/usr/share/big/y": "",
}
VARIABLES = [
    "PATH=/usr/bin",
    "MODEL=/models/chat",
    "FILES=/data/tokens.txt:/nowhere",
    "JAVA=/opt/java",
    "SHARE=/usr",
    "NOTE=see /usr/share/big",
]


def case(level: Level = Level.CLOSURE) -> Case:
    owned = tuple(package(Ecosystem.DEB, f"java{jar[-5]}", (jar,)) for jar in JARS)
    return Case(
        FILES,
        {"/app/m.py": Use.OPENED},
        (),
        packages=owned,
        run={"WorkingDir": "/app", "Env": VARIABLES},
        level=level,
    )


def test_what_a_variable_of_the_image_names_stays_with_what_is_below_it() -> None:
    kept = plan_for(case()).keep
    assert kept[ImagePath("/models/chat/model.safetensors")].code == "named-path"
    assert "MODEL" in kept[ImagePath("/models/chat/config.json")].detail
    assert ImagePath("/data/tokens.txt") in kept


def test_directories_of_many_and_of_many_packages_are_no_such_paths() -> None:
    gone = plan_for(case()).remove
    assert {
        "/usr/share/big/y",
        JARS[0],
        "/models/other/model.safetensors",
        "/usr/bin/x",
    } <= set(gone)


def test_only_the_closure_goes_by_names() -> None:
    assert ImagePath("/models/chat/model.safetensors") in plan_for(case(Level.OBSERVED)).remove

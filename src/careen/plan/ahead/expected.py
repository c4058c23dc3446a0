"""Files of an image that a plan will read because it keeps them."""

from careen.model.paths import ImagePath
from careen.plan.core.loader import OF_ELF
from careen.plan.core.scene import READ, Scene
from careen.plan.mechanisms.files.programs import may_be_elf


def expect(scene: Scene, path: ImagePath) -> None:
    """Note that a kept file will be read, if it is a module of Python or may be ELF."""
    entry = scene.rootfs[path]
    if not entry.is_file or not scene.wide:
        return
    if path.endswith(".py"):
        if "-packages/" in path:
            scene.readings.expect(entry, None)
    elif may_be_elf(entry):
        scene.readings.expect(entry, OF_ELF)


def expect_used(scene: Scene) -> None:
    """Note that the files that the workload used will be read: nearly all of them are kept."""
    for file in scene.observed:
        if file.path in scene.rootfs and scene.used_as(file.path, *READ):
            expect(scene, file.path)

"""What the application compiles at run time, for rule conditions with `compiles`."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.plan.core.compiler_wrappers import (
    asked,
    compiles_by_torch,
    folded_text,
    load_wrappers,
    of_the_image,
)
from careen.plan.core.scene import Scene
from careen.plan.mechanisms.application.offered_compilers import asked_of_libraries
from careen.plan.mechanisms.application.source import application_settings

MAX_LIBRARIES = 1 << 30
_COMPILERS = ("g++", "gcc", "c++", "cc", "clang++", "clang")
_FOR_A_GPU = ("**/libtorch_cuda*.so*", "**/libtorch_hip*.so*", "**/libtorch_xpu*.so*")
_NOT_LIBRARIES = frozenset(
    {"torch", "functorch", "torchgen", "setuptools", "pip", "numpy", "scipy", "pytest", "_pytest"}
)


class Compiling:
    """Kinds of code that the application compiles, each with the file that shows it.

    The answers are those of one scene, and do not change.
    """

    def __init__(self, scene: Scene, sources: Sequence[tuple[ImagePath, bytes]]) -> None:
        self._scene = scene
        self._sources = sources

    def __contains__(self, kind: object) -> bool:
        return kind in self._found

    def because(self, kind: str) -> ImagePath | None:
        """Return the application's file that asks for a kind, or None."""
        return self._found.get(kind)

    @cached_property
    def _found(self) -> Mapping[str, ImagePath | None]:
        scene = self._scene
        if not scene.wide:
            return {}
        found: dict[str, ImagePath | None] = {}
        gpu = any(scene.index.any(glob) for glob in _FOR_A_GPU)
        wrappers = of_the_image(load_wrappers(), self._installed, gpu=gpu)
        sources, settings = self._sources, list(application_settings(scene))
        with_torch = self._installed("torch")
        for path, text in (*sources, *settings):
            for kind, _ in asked(text, wrappers):
                found.setdefault(kind, path)
        for path, text in sources if with_torch else ():
            if compiles_by_torch(text):
                found.setdefault("torch", path)
        if with_torch and "torch" not in found and any(scene.command(word) for word in _COMPILERS):
            joined = (
                b"\n".join(text for _, text in sources),
                b"\n".join(text for _, text in settings),
            )
            for word, _ in asked_of_libraries(*joined, self._libraries()):
                speaks = (
                    path
                    for path, text in (*sources, *settings)
                    if folded_text(word.encode()) in folded_text(text)
                )
                found["torch"] = next(speaks, None)
                break
        return found

    def _installed(self, module: str) -> bool:
        return module in self._modules or self._scene.index.any(
            f"**/*-packages/{module}/__init__.py"
        )

    @cached_property
    def _modules(self) -> frozenset[str]:
        packages = self._scene.packages(Ecosystem.PYPI)
        return frozenset(
            module.partition(".")[0] for package in packages for module in package.modules
        )

    def _libraries(self) -> Iterator[tuple[ImagePath, str, bytes]]:
        """Yield the sources of the installed distributions, without torch and build tools."""
        scene, read = self._scene, 0
        for package in scene.packages(Ecosystem.PYPI):
            if _NOT_LIBRARIES.isdisjoint(package.modules):
                for path in package.files:
                    entry = scene.rootfs.get(path)
                    if (
                        path.endswith(".py")
                        and entry is not None
                        and entry.is_file
                        and read < MAX_LIBRARIES
                    ):
                        text = scene.text(entry)
                        read += len(text)
                        yield path, path.partition("-packages/")[2].partition("/")[0], text

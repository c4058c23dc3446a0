"""A container of a compose service, with a project of its own."""

from collections.abc import Callable
from typing import Any

from careen.engines.client.container import ClientContainer


class ComposedContainer(ClientContainer):
    """A container whose neighbours go with it."""

    def __init__(self, *given: Any, end_project: Callable[[], None], **more: Any) -> None:
        super().__init__(*given, **more)
        self._end_project = end_project

    def remove(self) -> None:
        """Remove it, then its neighbours with their networks and volumes."""
        super().remove()
        self._end_project()

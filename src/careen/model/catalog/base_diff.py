"""What differs between two base images."""

from dataclasses import dataclass

from careen.model.comparing.imagediff import PackageChange


@dataclass(frozen=True, slots=True)
class BaseDiff:
    """Figures of both, and the differences that somebody who builds on them notices.

    `shared_layers` and `shared_bytes` are of the layers that both begin with. `users` and `groups`
    are lines (`+ name`, `- name`); `config` has one line for each field.
    """

    before: str
    after: str
    bytes_before: int
    bytes_after: int
    files_before: int
    files_after: int
    layers_before: int
    layers_after: int
    shared_layers: int
    shared_bytes: int
    packages: tuple[PackageChange, ...]
    users: tuple[str, ...]
    groups: tuple[str, ...]
    config: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not (self.packages or self.users or self.groups or self.config)

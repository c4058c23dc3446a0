"""What spiders give."""

from dataclasses import dataclass, field


@dataclass
class Page:
    title: str = ""
    text: str = ""
    links: list[str] = field(default_factory=list)

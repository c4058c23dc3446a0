"""What is there at once in `shell`."""

from papers import readers, store  # noqa: F401
from papers.settings import settings

print(f"papers, {settings().index}")

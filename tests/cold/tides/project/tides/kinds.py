"""A kind of data of our own, for catalogues."""
from pathlib import Path

from kedro.io import AbstractDataset


class TextDataset(AbstractDataset):
    def __init__(self, filepath):
        self._path = Path(filepath)

    def _load(self):
        return self._path.read_text()

    def _save(self, data):
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(str(data))

    def _describe(self):
        return {"path": str(self._path)}

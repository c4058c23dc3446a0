"""Objects that were pickled when the image was built: only the pickles know of what."""

import pickle
import shutil
import tempfile
from pathlib import Path


def run(*names):
    folder = Path("/srv/desk/kept")
    for name in names:
        path = folder / name
        if path.suffix == ".pickle":
            kept = pickle.loads(path.read_bytes())
        elif path.suffix == ".dill":
            import dill

            kept = dill.loads(path.read_bytes())
        elif path.suffix == ".cloudpickle":
            import cloudpickle

            kept = cloudpickle.loads(path.read_bytes())
        else:
            import shelve

            with tempfile.TemporaryDirectory() as scratch, shelve.open(shutil.copy(path, scratch)) as shelf:
                kept = dict(shelf)
        print(name, type(kept).__module__, type(kept).__name__, kept(3) if callable(kept) else kept)

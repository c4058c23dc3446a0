import os
from pathlib import Path

HOME = Path(os.environ.get("VECTOR_HOME", "/var/lib/vector"))
DATA = HOME / "data"
DATABASE = os.environ.get("DATABASE_URL", f"sqlite:///{DATA}/catalogue.db")
BROKER = os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0")

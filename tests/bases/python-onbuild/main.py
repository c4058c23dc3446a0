import os
from pathlib import Path

print(os.environ["NAME"], "compiled", any(Path("/app/__pycache__").glob("main.*.pyc")))

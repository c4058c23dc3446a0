"""An environment that is made when somebody asks for it, with packages from a folder of the image."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def run(*packages):
    folder = Path(tempfile.mkdtemp())
    try:
        subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True, capture_output=True, text=True)
        pip = [folder / "env/bin/pip", "--disable-pip-version-check", "--no-cache-dir"]
        subprocess.run([*pip, "install", "--quiet", "--no-index", "--find-links", "/opt/wheelhouse", *packages], check=True, capture_output=True, text=True)
        print(subprocess.run([*pip, "list", "--format", "freeze"], check=True, capture_output=True, text=True).stdout)
        words = [
            folder / "env/bin/python",
            "-c",
            "import humanize; print(humanize.naturalsize(10**7), humanize.i18n.activate('de_DE') and humanize.apnumber(3))",
        ]
        print(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        print(subprocess.run([*pip, "uninstall", "--yes", "--quiet", *packages], check=True, capture_output=True, text=True).stdout)
    finally:
        shutil.rmtree(folder)

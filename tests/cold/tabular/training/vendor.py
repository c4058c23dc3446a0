"""vendor.py FOLDER: a module in an archive, and one without its source."""
import compileall
import sys
import zipfile
from pathlib import Path

folder = Path(sys.argv[1])
with zipfile.ZipFile(folder / "wording.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write(Path(__file__).with_name("wording.py"), "wording/__init__.py")
(folder / "closed").mkdir()
source = folder / "closed" / "secret_sauce.py"
source.write_text(Path(__file__).with_name("secret_sauce.py").read_text())
compileall.compile_dir(folder / "closed", legacy=True, quiet=1)
source.unlink()

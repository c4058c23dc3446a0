import configparser
import subprocess
import sys
import sysconfig
from pathlib import Path


def main():
    data = Path(sysconfig.get_path("data"))
    settings = configparser.ConfigParser()
    settings.read(data / "etc" / "gallery" / "gallery.ini")
    for wall in sys.argv[1:]:
        print(wall, (Path(sys.prefix) / "share" / "gallery" / "walls" / f"{wall}.txt").read_text().strip(), settings["walls"][wall])
    print(subprocess.run([Path(sysconfig.get_path("scripts")) / "gallery-hang", *sys.argv[1:]], check=True, capture_output=True, text=True).stdout)

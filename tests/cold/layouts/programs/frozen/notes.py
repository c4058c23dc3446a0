import importlib
import sqlite3
import sys
from pathlib import Path

import dateutil.zoneinfo
import yaml

base = sqlite3.connect(":memory:")
base.execute("create virtual table notes using fts5(text)")
base.executemany("insert into notes values (?)", [(word,) for word in sys.argv[1:]])
print([row[0] for row in base.execute("select text from notes where notes match 'tea'")])
print(yaml.safe_load("a: [1, 2]"), getattr(sys, "frozen", False), (Path(sys._MEIPASS) / "notes.txt").read_text().strip())
print(dateutil.zoneinfo.get_zonefile_instance().get("Asia/Tokyo").utcoffset(None) is not None)
print(importlib.import_module("notes_extra").extra())

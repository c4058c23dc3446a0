import sqlite3
import sys
import time

rows = sqlite3.connect(":memory:").execute("select 'a', 1").fetchall()
print(sys.version_info[:2], time.strftime("%Z", time.localtime(0)), rows)

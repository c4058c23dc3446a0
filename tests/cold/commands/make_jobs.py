import csv
import sqlite3
import sys

rows = list(csv.DictReader(open(sys.argv[1])))
with sqlite3.connect(sys.argv[2]) as store:
    store.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, name TEXT UNIQUE, command TEXT NOT NULL, note TEXT)")
    store.executemany("INSERT INTO jobs (name, command, note) VALUES (:name, :command, :note)", rows)

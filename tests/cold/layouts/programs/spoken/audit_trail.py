import bdb

STARTED = bdb.Breakpoint.next

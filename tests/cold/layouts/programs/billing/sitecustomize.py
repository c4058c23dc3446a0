import atexit
import sys

sys.dont_write_bytecode = True
atexit.register(lambda: print("the books are closed"))

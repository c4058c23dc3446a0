import sys
from importlib import import_module

from quotes import book

print(book.quote(int(sys.argv[1])))
print(import_module("quotes.shout").shout(book.quote(0)))

import sys

from ledger import books

sys.stdout.write(getattr(books, sys.argv[1])(*sys.argv[2:]))

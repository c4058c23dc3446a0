import sys

from press import plates

sys.stdout.write(getattr(plates, sys.argv[1])(*sys.argv[2:]))

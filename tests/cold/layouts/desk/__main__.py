"""`python -m desk JOB [ARGUMENT …]`: a job by hand."""

import sys

from desk import registry

if __name__ == "__main__":
    sys.stdout.write(registry.start(sys.argv[1], sys.argv[2:]))

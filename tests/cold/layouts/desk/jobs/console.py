"""A console for those who look after the desk: what is typed there is run."""

import code
import contextlib
import io
import subprocess
import sys


def run(*lines):
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        console = code.InteractiveConsole({"desk": __import__("desk")})
        for line in lines:
            console.push(line)
    print(told.getvalue().strip())
    import rlcompleter

    print(sorted(filter(None, (rlcompleter.Completer({"desk": 1}).complete("des", number) for number in range(1)))))
    done = subprocess.run(
        [sys.executable, "-q", "-i", "-c", "import readline; print(readline.backend)"], input="1 + 1\nhelp('for')\nexit()\n", capture_output=True, text=True
    )
    print(done.returncode, done.stdout[:80], "ImportError" in done.stderr)

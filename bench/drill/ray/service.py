"""A service that uses Ray; with an argument, one that logs through the log4j of Ray's jar."""

import http.server
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import ray

JAR = Path(ray.__file__).parent / "jars" / "ray_dist.jar"
LOGGER = "http://127.0.0.1:8081/"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with Ray's version."""
        if sys.argv[1:]:
            with urllib.request.urlopen(LOGGER, timeout=10) as answer:
                answer.read()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"ray {ray.__version__}\n".encode())


def log_with_java() -> None:
    """Start the logger in Java, and wait until it answers."""
    subprocess.Popen(["java", "-cp", f"/opt/app/classes:{JAR}", "Service", "8081"])
    for _ in range(300):
        try:
            urllib.request.urlopen(LOGGER, timeout=10).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the logger does not answer")


if sys.argv[1:]:
    log_with_java()
http.server.ThreadingHTTPServer(("", 8080), Answer).serve_forever()

"""Upgrade packages of a real Alpine image with its own apk, from a local signed repository, and
read the result with apk itself.

    python -m tests.patching.alpine alpine:3.22 [TOOLING]

With TOOLING apk is taken out of the image first, and that image's serves it. Any rootfs with apk 2
or 3 will do (`docker import`).
"""

import http.server
import json
import subprocess
import sys
import tempfile
import threading
import zipfile
from functools import partial
from pathlib import Path

from tests.support.apks import Apk, make_key, make_repository

NAME = "careen-patched-alpine"
SCRIPT = "#!/bin/sh\necho upgraded > /etc/foo.note\n"


class Quiet(http.server.SimpleHTTPRequestHandler):
    # the base class names it so
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def _foo(version: str) -> list[Apk]:
    library = Apk(
        "libfoo", version, {"usr/lib/libfoo.so.1": version, "etc/foo.conf": version}, origin="foo"
    )
    return [
        library,
        Apk(
            "foo",
            version,
            {"usr/bin/foo": version},
            depends=[f"libfoo={version}"],
            origin="foo",
            scripts={"post-upgrade": SCRIPT},
        ),
    ]


def _docker(*words: str) -> str:
    return subprocess.check_output(["docker", *words], text=True).strip()


def _advisories(path: Path, release: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(("foo", "pinned", "strict"), 1):
            ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1-r0"}]}]
            affected = [
                {"package": {"ecosystem": f"Alpine:v{release}", "name": name}, "ranges": ranges}
            ]
            record = {
                "schema_version": "1.6.0",
                "id": f"ALPINE-CVE-2026-000{number}",
                "modified": "2026-01-01T00:00:00Z",
                "affected": affected,
            }
            archive.writestr(f"{record['id']}.json", json.dumps(record))


def main(image: str, tooling: str = "") -> None:
    with tempfile.TemporaryDirectory() as text:
        work = Path(text)
        key = make_key(work)
        old = [
            *_foo("1.0-r0"),
            Apk("pinned", "1.0-r0"),
            Apk("strict", "1.0-r0"),
            Apk("tight", "1.0-r0", depends=["strict=1.0-r0"]),
        ]
        make_repository(work / "old", key, old)
        make_repository(
            work / "new",
            key,
            [*_foo("1.1-r0"), *_foo("1.2-r0"), Apk("pinned", "1.1-r0"), Apk("strict", "1.1-r0")],
        )
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=text))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        container = _docker(
            "run", "-d", "--network", "host", "--entrypoint", "", image, "sleep", "3600"
        )
        try:
            _docker("cp", f"{key}.pub", f"{container}:/etc/apk/keys/")
            inside = partial(_docker, "exec", container)
            inside(
                "apk",
                "add",
                "--no-cache",
                "--repositories-file",
                "/dev/null",
                "-X",
                f"{base}/old",
                "foo",
                "pinned=1.0-r0",
                "tight",
            )
            release = ".".join(
                inside("sh", "-c", ". /etc/os-release; echo $VERSION_ID").split(".")[:2]
            )
            inside("sh", "-c", "echo mine > /etc/foo.conf")
            if tooling:
                inside("rm", "-f", "/sbin/apk", "/usr/bin/apk")
            _docker("commit", "-c", 'CMD ["/bin/sh"]', container, f"{NAME}:before")
            (work / "feed").mkdir()
            _advisories(work / "feed" / "Alpine.zip", release)
            careen = partial(subprocess.check_call, cwd=text)
            careen(["careen", "db", "import", "feed", "--db", "db"])
            more = ["--tooling", tooling] if tooling else []
            careen(
                [
                    "careen",
                    "patch",
                    f"{NAME}:before",
                    "-t",
                    f"{NAME}:after",
                    "--db",
                    "db",
                    "--source",
                    f"{base}/new",
                    "--host-network",
                    *more,
                ]
            )
            after = partial(_docker, "run", "--rm", "--network", "none", f"{NAME}:after", "cat")
            assert (
                after("/usr/bin/foo")
                == after("/usr/lib/libfoo.so.1")
                == after("/etc/foo.conf.apk-new")
                == "1.2-r0"
            )
            assert after("/etc/foo.conf") == "mine"
            assert {"foo", "pinned=1.0-r0", "tight"} <= set(after("/etc/apk/world").split())
            assert tooling or after("/etc/foo.note") == "upgraded"
            if not tooling:
                said = _docker(
                    "run", "--rm", "--network", "none", f"{NAME}:after", "apk", "info", "-v"
                )
                assert {"foo-1.2-r0", "libfoo-1.2-r0", "pinned-1.0-r0", "strict-1.0-r0"} <= set(
                    said.split()
                )
        finally:
            _docker("rm", "-f", container)
            subprocess.call(
                ["docker", "rmi", "-f", f"{NAME}:before", f"{NAME}:after"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env bash
# The classes of the web application. Needs javac 17 or newer; the servlet API comes as a package of Debian, taken apart here.
set -euo pipefail
api=$(mktemp -d) && trap 'rm -rf "$api"' EXIT
(cd "$api" && apt-get download -q libtomcat10-java > /dev/null 2>&1 && dpkg-deb -x libtomcat10-java_*.deb tree)
mkdir -p webapp/WEB-INF/classes
javac --release 17 -cp "$(printf '%s:' "$api"/tree/usr/share/java/*.jar)" -d webapp/WEB-INF/classes $(find src -name '*.java')

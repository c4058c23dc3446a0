#!/bin/bash
# Two archives: the application, and a plugin that only ServiceLoader names.
set -e
out=$(mktemp -d)
mkdir -p lib
javac --release 17 -nowarn -d "$out" $(find src -name '*.java')
cp -r src/META-INF "$out/"
(cd "$out" && jar --create --date=2024-01-01T00:00:00Z --file app.jar app && jar --create --date=2024-01-01T00:00:00Z --file plug.jar plug META-INF)
mv "$out"/*.jar lib/
rm -r "$out"

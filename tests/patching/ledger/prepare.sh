#!/usr/bin/env bash
# Get what the build needs and no package manager of the image has:  prepare.sh DIRECTORY
# The jars are Debian 12's, as an application has them beside its own: no package of the image owns them. Needs apt and javac 11.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
mkdir -p lib classes jars
"$here/../jars.sh" bookworm jars libcommons-compress-java libcommons-configuration2-java libcommons-fileupload-java libcommons-io-java libcommons-lang3-java libcommons-logging-java \
  libcommons-text-java libguava-java libh2-java libjettison-java libservlet-api-java libxpp3-java libxstream-java
find jars -name '*.jar' ! -name 'commons-logging-*-*.jar' ! -name 'xpp3_*' -exec cp {} lib/ \;
javac --release 11 -cp 'lib/*' -d classes "$here/vault/Vault.java"
jar --create --file vault.jar -C classes .
rm -rf jars classes

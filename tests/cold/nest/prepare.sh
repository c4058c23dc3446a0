#!/bin/bash
# TypeScript becomes JavaScript where the image is built; the image gets what is needed in production, and the interpreter in /usr/local, as the official one has it.
set -e
(cd app && npm install --no-package-lock --no-audit --no-fund --silent && npx tsc -p tsconfig.json && npm prune --omit=dev --no-package-lock --no-audit --no-fund --silent && rm -rf node_modules/.package-lock.json src)
cp "$(readlink -f "$(command -v node)")" node

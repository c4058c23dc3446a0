#!/bin/bash
# Like the official image: the interpreter and npm in /usr/local, packages installed where they are built, without a lock (it would name a registry).
set -e
(cd app && npm install --omit=dev --no-package-lock --no-audit --no-fund --silent && rm -f node_modules/.package-lock.json)
cp "$(readlink -f "$(command -v node)")" node
mkdir -p npm && cp -r "$(npm root -g)/npm" "$(npm root -g)/corepack" npm/ 2>/dev/null || true

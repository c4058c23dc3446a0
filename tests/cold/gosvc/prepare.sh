#!/bin/bash
# A static program, built here as a first stage of a build would.
set -e
cd src && GOFLAGS=-mod=mod GOPROXY=off GOCACHE="$PWD/.cache" CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o ../gosvc . && rm -rf .cache

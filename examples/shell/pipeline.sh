#!/bin/sh
# Build the service, bring the hardened image up to date, and say what has to be decided.
# The directory careen-ci is what the next run needs.
set -eu
export CAREEN_CI_NAME="${CAREEN_CI_NAME:-service}"
docker build --build-arg BASE --tag service:build .
if [ "${CAREEN_UPDATE:-true}" = true ]; then careen db update --quiet; fi
status=0
rm -f "careen-ci/$CAREEN_CI_NAME/comment.md"
careen ci || status=$?
if [ -f "careen-ci/$CAREEN_CI_NAME/comment.md" ]; then cat "careen-ci/$CAREEN_CI_NAME/comment.md"; fi
exit "$status"

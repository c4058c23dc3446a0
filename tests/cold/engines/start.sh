#!/bin/sh
# The server; under instrumentation where a name for telemetry is given.
set -e
[ $# -eq 0 ] || exec "$@"
if [ -n "$OTEL_SERVICE_NAME" ]; then
    exec opentelemetry-instrument python -m serving
fi
exec python -m serving

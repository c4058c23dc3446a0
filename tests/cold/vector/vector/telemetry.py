"""Traces, errors, logs: what the operator's environment switches on."""

import logging
import os


def begin(app) -> None:
    form = os.environ.get("LOG_FORMAT", "plain")
    if form != "plain":
        import structlog

        last = {"json": structlog.processors.JSONRenderer(), "pretty": structlog.dev.ConsoleRenderer(colors=True)}[form]
        structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"), structlog.processors.dict_tracebacks if form == "json" else structlog.processors.StackInfoRenderer(), last])
        structlog.get_logger().info("started", form=form)
    if os.environ.get("SENTRY_DSN"):
        import sentry_sdk

        sentry_sdk.init(traces_sample_rate=1.0, default_integrations=True)
        logging.getLogger("vector").warning("sentry %s", sorted(sentry_sdk.get_client().integrations))
    if os.environ.get("OTEL_TRACES_EXPORTER"):
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

        FastAPIInstrumentor.instrument_app(app)

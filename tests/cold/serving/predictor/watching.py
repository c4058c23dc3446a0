"""Traces and errors, for those who have where to send them."""

from predictor.settings import Settings


def set_up(app, chosen: Settings) -> None:
    if chosen.tracing:
        trace(app, chosen.tracing)
    if chosen.sentry_dsn:
        import sentry_sdk

        sentry_sdk.init(
            chosen.sentry_dsn.get_secret_value(), traces_sample_rate=1.0, profiles_sample_rate=1.0, server_name="predictor", release="1", send_default_pii=True
        )


def trace(app, how: str) -> None:
    from opentelemetry import trace as traces
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    if how == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        processor = SimpleSpanProcessor(ConsoleSpanExporter())
    elif how == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        processor = SimpleSpanProcessor(OTLPSpanExporter(insecure=True))
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        processor = BatchSpanProcessor(OTLPSpanExporter(), schedule_delay_millis=200)
    provider = TracerProvider(resource=Resource.create({"service.name": "predictor"}))
    provider.add_span_processor(processor)
    traces.set_tracer_provider(provider)
    FastAPIInstrumentor.instrument_app(app)

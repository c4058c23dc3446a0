"""A formatter that settings name."""


def structured():  # noqa: ANN201
    import structlog  # noqa: PLC0415 — only where it is chosen

    return structlog.stdlib.ProcessorFormatter(processor=structlog.dev.ConsoleRenderer(colors=False))

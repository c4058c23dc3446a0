"""Where people are served."""

from config.settings.base import *  # settings are read as one module
from config.settings.base import env

SECURE_REFERRER_POLICY = "same-origin"
if env("SENTRY_DSN", default=""):
    import sentry_sdk

    sentry_sdk.init(dsn=env("SENTRY_DSN"), traces_sample_rate=1.0)

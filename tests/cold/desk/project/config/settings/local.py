"""Where developers look."""

from config.settings.base import *  # settings are read as one module
from config.settings.base import INSTALLED_APPS, MIDDLEWARE

DEBUG = True
INSTALLED_APPS += ["debug_toolbar", "django_extensions", "silk"]
MIDDLEWARE += ["debug_toolbar.middleware.DebugToolbarMiddleware", "silk.middleware.SilkyMiddleware"]
INTERNAL_IPS = ["127.0.0.1"]
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
DEBUG_TOOLBAR_CONFIG = {"SHOW_TOOLBAR_CALLBACK": "tickets.context.always"}

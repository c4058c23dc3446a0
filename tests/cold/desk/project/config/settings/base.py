"""What all places have in common; the environment may choose most of it."""

from pathlib import Path

import environ

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
STATE = Path(env("DESK_STATE", default="/var/lib/desk"))

SECRET_KEY = env("DESK_SECRET", default="only for tests, and long enough for a key")
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
SITE_ID = 1
INSTALLED_APPS = [
    "modeltranslation",
    "django.contrib.admin",
    "django.contrib.admindocs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.flatpages",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.redirects",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "axes",
    "corsheaders",
    "crispy_bootstrap5",
    "crispy_forms",
    "django_apscheduler",
    "django_celery_beat",
    "django_celery_results",
    "django_countries",
    "django_filters",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_q",
    "django_tables2",
    "djmoney",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "easy_thumbnails",
    "guardian",
    "haystack",
    "health_check",
    "health_check.cache",
    "health_check.db",
    "import_export",
    "mptt",
    "phonenumber_field",
    "rest_framework",
    "simple_history",
    "taggit",
    "accounts",
    "knowledge",
    "tickets",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tickets.context.desk",
            ]
        },
    },
    {"BACKEND": "django.template.backends.jinja2.Jinja2", "DIRS": [BASE_DIR / "letters"], "OPTIONS": {"environment": "tickets.letters.environment"}},
]
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{STATE}/desk.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("mysql"):
    import pymysql

    pymysql.install_as_MySQLdb()
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}
SESSION_ENGINE = env("SESSION_ENGINE", default="django.contrib.sessions.backends.db")
MESSAGE_STORAGE = env("MESSAGE_STORAGE", default="django.contrib.messages.storage.fallback.FallbackStorage")
EMAIL_BACKEND = env("EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_FILE_PATH = "/tmp/desk-mail"
ANYMAIL = {"MAILGUN_API_KEY": "none", "MAILGUN_API_URL": "http://127.0.0.1:9/v3", "SENDGRID_API_KEY": "none", "POSTMARK_SERVER_TOKEN": "none"}
STORAGES = {
    "default": {"BACKEND": env("DESK_STORAGE", default="django.core.files.storage.FileSystemStorage")},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français")]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
TIME_ZONE = env("DESK_ZONE", default="Europe/Berlin")
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
MEDIA_ROOT = STATE / "media"
MEDIA_URL = "media/"
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_RESULT_BACKEND = env("CELERY_RESULT_BACKEND", default="django-db")
CELERY_BEAT_SCHEDULER = env("CELERY_BEAT_SCHEDULER", default="django_celery_beat.schedulers:DatabaseScheduler")
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_EAGER", default=False)
CELERY_TASK_SERIALIZER = env("CELERY_SERIALIZER", default="json")
CELERY_ACCEPT_CONTENT = ["json", "pickle", "yaml"]
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"data_folder_in": "/tmp/desk-queue", "data_folder_out": "/tmp/desk-queue", "control_folder": "/tmp/desk-control"}
    if CELERY_BROKER_URL.startswith("filesystem")
    else {}
)
CHANNEL_LAYERS = {
    "default": {"BACKEND": env("DESK_LAYER", default="channels.layers.InMemoryChannelLayer")}
    | ({"CONFIG": {"hosts": ["redis://127.0.0.1:6379/1"]}} if "redis" in env("DESK_LAYER", default="") else {})
}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": env("HAYSTACK_ENGINE", default="haystack.backends.simple_backend.SimpleEngine"), "PATH": "/tmp/desk-whoosh"}}
Q_CLUSTER = {"name": "desk", "workers": 1, "orm": "default", "timeout": 30, "retry": 60}
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend", "rest_framework.filters.SearchFilter"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 20,
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication", "rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
        "rest_framework_xml.renderers.XMLRenderer",
        "rest_framework_yaml.renderers.YAMLRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework_xml.parsers.XMLParser",
        "rest_framework_yaml.parsers.YAMLParser",
    ],
}
SPECTACULAR_SETTINGS = {"TITLE": "desk", "SWAGGER_UI_DIST": "SIDECAR", "REDOC_DIST": "SIDECAR", "SWAGGER_UI_FAVICON_HREF": "SIDECAR"}
CRISPY_TEMPLATE_PACK = CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "django_tables2/bootstrap5.html"
THUMBNAIL_ALIASES = {"": {"small": {"size": (60, 60), "crop": "smart"}, "grey": {"size": (80, 0), "bw": True}}}
ACCOUNT_EMAIL_VERIFICATION = "none"
DESK_EXPORTS = {"xlsx": "tickets.exports.sheet.Book", "report": "tickets.exports.report.Report", "paper": "tickets.exports.paper.Paper", "fancy": "tickets.exports.fancy.Fancy"}
DESK_MARKDOWN = env.list("DESK_MARKDOWN", default=["extra", "pymdownx.superfences"])
DESK_ENGINE = env("DESK_ENGINE", default="knowledge.engines.fts.Engine")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{levelname} {name} {message}", "style": "{"},
        "json": {"()": "pythonjsonlogger.json.JsonFormatter", "format": "%(levelname)s %(name)s %(message)s"},
        "structured": {"()": "tickets.logs.structured"},
    },
    "filters": {"true": {"()": "django.utils.log.RequireDebugFalse"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": env("DESK_LOG", default="plain")},
        "mail": {"class": "django.utils.log.AdminEmailHandler", "filters": ["true"], "level": "ERROR"},
        "file": {"class": "logging.handlers.RotatingFileHandler", "filename": "/tmp/desk.log", "delay": True},
        "queue": {"class": "logging.handlers.QueueHandler", "handlers": ["file"], "respect_handler_level": True},
    },
    "root": {"handlers": [env("DESK_HANDLER", default="console")], "level": "INFO"},
}

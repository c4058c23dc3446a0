from shop.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

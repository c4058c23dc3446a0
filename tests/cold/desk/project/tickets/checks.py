"""A check for deployments."""

from django.conf import settings
from django.core.checks import Tags, Warning, register


@register(Tags.security, deploy=True)
def secret(app_configs, **kwargs):
    return [Warning("the secret is that of tests", id="desk.W001")] if settings.SECRET_KEY.startswith("only") else []

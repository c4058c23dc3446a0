"""The office: a Django project within the assistant."""

import io
import os
import threading

_LOCK = threading.Lock()


def _ready():
    with _LOCK:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.office.settings")
        import django
        from django.apps import apps

        if not apps.ready:
            django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)


def asked(path: str, query: str) -> tuple[int, str]:
    """Ask a view as a browser would; the first words of what it says."""
    _ready()
    from django.test import Client

    client = Client(raise_request_exception=False)
    if "login" in query:
        from django.contrib.auth import get_user_model

        user, _ = get_user_model().objects.get_or_create(username="root", is_staff=True, is_superuser=True)
        client.force_login(user)
    language = "de" if "de" in query else "en"
    reply = client.get(path, headers={"accept-language": language, "host": "localhost"})
    text = b"".join(reply.streaming_content) if reply.streaming else reply.content
    return reply.status_code, " ".join(text.decode("utf-8", "replace").split())[:3000]


def chores() -> str:
    """What an administrator does by hand."""
    _ready()
    from django.core.management import call_command

    out = io.StringIO()
    for words in (
        ("check",),
        ("showmigrations",),
        ("tally",),
        ("dumpdata", "office"),
        ("createsuperuser", "--noinput", "--username", "a", "--email", "a@example.org"),
        ("inspectdb",),
        ("sqlmigrate", "office", "0001"),
        ("diffsettings",),
    ):
        try:
            call_command(*words, stdout=out, stderr=out)
        except Exception as error:
            out.write(f"{words[0]}: {type(error).__name__}\n")
    return out.getvalue()

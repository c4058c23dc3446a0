from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import reverse

User.objects.filter(username="boss").delete()
boss = User.objects.create_superuser("boss", "b@example.invalid", "long-enough-7")
client = Client(raise_request_exception=False)
client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
pages = ["/admin/", "/admin/doc/", "/admin/doc/models/", "/admin/doc/tags/", "/admin/doc/filters/", "/admin/doc/models/tickets.ticket/", "/admin/jsi18n/", "/admin/password_change/", "/admin/tickets/ticket/1/history/", "/admin/tickets/ticket/1/delete/", "/admin/tickets/ticket/import/", "/admin/tickets/ticket/export/", "/admin/tickets/ticket/1/permissions/", "/admin/tickets/ticket/?q=pot&created__year=2026"]
for model in sorted(admin.site._registry, key=lambda m: m._meta.label):
    for what in ("changelist", "add"):
        pages.append(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}"))

for page in pages:
    print(page, client.get(page).status_code)

print(client.post("/admin/tickets/ticket/export/", {"format": "0", "resource": "0", "ticketresource_id": "on", "ticketresource_title": "on"}).status_code)
print(client.get("/admin/", headers={"accept-language": "fr"}).content.decode().count("Site d’administration"))

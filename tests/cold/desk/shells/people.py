from django.contrib.auth.models import User
from django.test import Client

User.objects.filter(username="ann").delete()
client = Client(raise_request_exception=False)
for page in ("signup", "login", "password/reset", "2fa", "social/connections", "email"):
    print(f"/accounts/{page}/", client.get(f"/accounts/{page}/").status_code)

print(client.post("/accounts/signup/", {"username": "ann", "email": "ann@example.com", "password1": "long-enough-7", "password2": "long-enough-7"}).status_code)
for page in ("2fa/", "2fa/totp/activate/", "2fa/recovery-codes/", "email/", "password/change/", "3rdparty/"):
    print(page, client.get(f"/accounts/{page}").status_code)

from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django_otp.plugins.otp_totp.models import TOTPDevice

print("totp", len(generate_totp_secret()) > 10)
from allauth.socialaccount.models import SocialApp
from django.contrib.sites.models import Site

for name in ("github", "google"):
    app, _ = SocialApp.objects.get_or_create(provider=name, name=name, client_id="a", secret="b")
    app.sites.add(Site.objects.get_current())
    print(name, Client(raise_request_exception=False).post(f"/accounts/{name}/login/").status_code)

print(TOTPDevice(user=User.objects.get(username="ann")).config_url[:16])
other = Client(raise_request_exception=False)
for _ in range(4):
    last = other.post("/admin/login/", {"username": "x", "password": "y"}).status_code

print(last)

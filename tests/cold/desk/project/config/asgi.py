"""HTTP by Django, websockets by channels."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings." + os.environ.get("DESK_SETTINGS", "production"))
http = get_asgi_application()

from tickets.consumers import Chat  # needs the apps

application = ProtocolTypeRouter({"http": http, "websocket": AuthMiddlewareStack(URLRouter([path("ws/chat/<room>/", Chat.as_asgi())]))})

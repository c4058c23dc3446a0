"""The same service for servers that speak ASGI."""

from a2wsgi import WSGIMiddleware

from desk.web import app as flask_app

app = WSGIMiddleware(flask_app)

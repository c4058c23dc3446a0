from django.apps import AppConfig


class Orders(AppConfig):
    name = "orders"

    def ready(self):
        from orders import signals  # noqa: F401

from django.urls import path
from django.views.generic import ListView

from orders.models import Order

urlpatterns = [path("", ListView.as_view(model=Order, ordering="id"))]

"""Where the office answers."""

from django.contrib import admin
from django.shortcuts import render
from django.urls import include, path
from rest_framework import routers, serializers, viewsets

from assistant.office.models import Cup


class CupSerializer(serializers.ModelSerializer):
    class Meta:
        model = Cup
        fields = ("id", "what")


class CupViewSet(viewsets.ModelViewSet):
    queryset = Cup.objects.order_by("id")
    serializer_class = CupSerializer


def page(request):
    from django.core.mail import send_mail
    from django.core.paginator import Paginator

    send_mail("tea", "x", "a@example.org", ["b@example.org"])
    return render(request, "office/page.html", {"number": 12345.678, "page": Paginator(range(30), 10).page(2)})


def fails(request):
    raise RuntimeError("no tea")


router = routers.DefaultRouter()
router.register("cups", CupViewSet)
urlpatterns = [path("admin/", admin.site.urls), path("api/", include(router.urls)), path("page", page), path("fails", fails)]

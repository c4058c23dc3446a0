from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("orders/", include("orders.urls")),
    path("sitemap.xml", sitemap, {"sitemaps": {}}),
]

"""The API."""

from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from django.utils.module_loading import import_string
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.viewsets import ModelViewSet
from rest_framework_nested.routers import NestedSimpleRouter

from tickets.models import Ticket, Topic
from tickets.serializers import TicketSerializer, TopicSerializer


class Topics(ModelViewSet):
    queryset = Topic.objects.all()
    serializer_class = TopicSerializer


class Tickets(ModelViewSet):
    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer
    filterset_fields = ("topic", "country")
    search_fields = ("title", "text")

    def get_queryset(self):
        found = super().get_queryset()
        return found.filter(topic=self.kwargs["topic_pk"]) if "topic_pk" in self.kwargs else found

    @action(detail=False)
    def export(self, request):
        made = import_string(settings.DESK_EXPORTS[request.query_params["kind"]])(self.get_queryset())
        return HttpResponse(made.content(), content_type=made.kind)

    @action(detail=True)
    def html(self, request, pk=None):
        from tickets.text import to_html

        return HttpResponse(to_html(self.get_object().text, request.query_params.getlist("with")))

    @action(detail=True)
    def label(self, request, pk=None):
        import io

        import qrcode
        from qrcode.image.svg import SvgPathImage

        made, out = qrcode.make(f"desk:{self.get_object().pk}", image_factory=SvgPathImage if "svg" in request.query_params else None), io.BytesIO()
        made.save(out)
        return HttpResponse(out.getvalue(), content_type="image/svg+xml" if "svg" in request.query_params else "image/png")


@api_view(["GET"])
def ask(request):
    engine = import_string(request.query_params.get("engine") or settings.DESK_ENGINE)()
    return Response(engine.ask(request.query_params["q"]))


router = DefaultRouter()
router.register("topics", Topics)
router.register("tickets", Tickets)
nested = NestedSimpleRouter(router, "topics", lookup="topic")
nested.register("tickets", Tickets, basename="topic-tickets")
urlpatterns = [*router.urls, *nested.urls, path("ask/", ask)]

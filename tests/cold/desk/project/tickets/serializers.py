"""Tickets for the API."""

from rest_framework import serializers
from taggit.serializers import TaggitSerializer, TagListSerializerField

from tickets.models import Ticket, Topic


class TopicSerializer(serializers.ModelSerializer):
    class Meta:
        model = Topic
        fields = ("id", "name", "parent")


class TicketSerializer(TaggitSerializer, serializers.ModelSerializer):
    tags = TagListSerializerField(required=False)
    country = serializers.CharField(required=False)

    class Meta:
        model = Ticket
        fields = ("id", "title", "text", "topic", "country", "phone", "price", "facts", "tags")

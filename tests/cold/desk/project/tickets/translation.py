"""Fields with one column for each language."""

from modeltranslation.translator import TranslationOptions, register

from tickets.models import Topic


@register(Topic)
class TopicOptions(TranslationOptions):
    fields = ("name",)

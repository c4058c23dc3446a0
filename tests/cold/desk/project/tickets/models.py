"""Topics in a tree, tickets with history, labels, money and pictures."""

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from djmoney.models.fields import MoneyField
from easy_thumbnails.fields import ThumbnailerImageField
from mptt.models import MPTTModel, TreeForeignKey
from phonenumber_field.modelfields import PhoneNumberField
from simple_history.models import HistoricalRecords
from taggit.managers import TaggableManager


class Topic(MPTTModel):
    name = models.CharField(_("name"), max_length=80)
    parent = TreeForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")

    class Meta:
        verbose_name = _("topic")

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True)
    topic = TreeForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL)
    country = CountryField(blank=True)
    phone = PhoneNumberField(blank=True)
    price = MoneyField(max_digits=10, decimal_places=2, default_currency="EUR", default=0)
    picture = ThumbnailerImageField(upload_to="pictures", blank=True)
    facts = models.JSONField(default=dict, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    tags = TaggableManager(blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")

    def __str__(self) -> str:
        return self.title

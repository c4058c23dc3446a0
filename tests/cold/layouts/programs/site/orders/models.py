from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Order(models.Model):
    what = models.CharField(_("what"), max_length=50, validators=[RegexValidator("^[a-z]+$")])
    count = models.PositiveIntegerField(_("count"), default=1)
    extra = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")

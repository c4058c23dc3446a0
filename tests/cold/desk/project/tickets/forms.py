"""The form for a ticket."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from tickets.models import Ticket


class TicketForm(forms.ModelForm):
    class Meta:
        model = Ticket
        fields = ("title", "text", "topic", "country", "phone", "price", "picture", "tags")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", "Save"))

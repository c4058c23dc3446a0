from django.core import mail
from django.test import TestCase

from orders.models import Order


class Orders(TestCase):
    fixtures = ["cakes"]

    def test_list(self):
        self.assertContains(self.client.get("/orders/", headers={"accept-language": "de"}), "Bestellungen")

    def test_mail(self):
        Order.objects.create(what="soup")
        self.assertEqual(mail.outbox[-1].body, "soup")

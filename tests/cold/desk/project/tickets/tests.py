"""Tests that a pipeline runs inside the image."""

from django.test import Client, TestCase
from rest_framework.test import APIClient


class Pages(TestCase):
    fixtures = ("demo.yaml", "more.json", "last.xml")

    def test_board(self) -> None:
        self.assertContains(Client().get("/de/board/"), "Tickets-Liste")

    def test_api(self) -> None:
        assert APIClient().get("/api/tickets/?search=pot").json()["count"] == 1

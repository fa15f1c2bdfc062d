"""Listens from the start: at the door, to accounts being made, to connections with the database."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class Config(AppConfig):
    """The app of accounts."""

    name = "almaz.web.accounts"

    def ready(self) -> None:
        """Join the record of sign-ins, and allauth's book of addresses, to the signals."""
        from almaz.web import letters_alike
        from almaz.web.accounts import doors
        from almaz.web.accounts.models import User

        doors.listen()
        letters_alike.listen()
        post_save.connect(known_address, sender=User, dispatch_uid="known_address")


def known_address(instance: Any, raw: bool = False, **_more: Any) -> None:
    """Who was invited has shown that the address is its own: allauth asks for no other proof before a second factor."""
    from allauth.account.models import EmailAddress

    if not raw and not EmailAddress.objects.filter(user=instance, email=instance.email, verified=True).exists():
        EmailAddress.objects.filter(user=instance).delete()
        EmailAddress.objects.create(user=instance, email=instance.email, verified=True, primary=True)

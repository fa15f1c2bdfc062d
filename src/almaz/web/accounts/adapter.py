"""How django-allauth behaves here."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.translation import get_language

from almaz.web.accounts.mail import deliver, speaking
from almaz.web.accounts.models import User


class Adapter(DefaultAccountAdapter):
    """Nobody registers alone: accounts are made by invitation. Letters are in the person's language and sent by the worker."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The workspace, in the person's language."""
        return str(translate_url(reverse("centre:home"), request.user.language))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Written in the language of the account of this address, or of the page for one that has none."""
        user = context.get("user") or User.objects.filter(email=email.lower()).first()
        with speaking(user.language if isinstance(user, User) else get_language() or "en"):
            letter = self.render_mail(template_prefix, email, {"request": self.request, **self._site(), **context})
        deliver.enqueue(letter.subject, f"{letter.body}\n", email)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """To the account's own address."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def _site(self) -> dict[str, Any]:
        return {"current_site": {"name": "Almaz", "domain": self.request.get_host()}}


class SecondFactor(DefaultMFAAdapter):
    """Secrets of second factors are kept encrypted with the installation's key, so a copy of the database alone is no use."""

    def encrypt(self, text: str) -> str:
        """What is kept."""
        return _cipher().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """What was given to `encrypt`; where the key is another, a secret that fits no code."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def _cipher() -> Fernet:
    key = hashlib.sha256(f"second factor {settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))

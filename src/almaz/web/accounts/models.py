"""The account of a person."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models

from almaz.language import NAMES
from almaz.web.language import lazy as _


class Accounts(BaseUserManager):
    """Makes accounts known by their e-mail."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **more: Any) -> User:
        """A new account; without a password nobody can sign in to it until one is set by an invitation."""
        made: User = self.model(email=self.normalize_email(email).lower(), **more)
        made.set_password(password)
        made.save()
        return made

    def create_superuser(self, email: str, password: str | None = None, **more: Any) -> User:
        """An administrator of everything."""
        return self.create_user(email, password, is_superuser=True, **more)


class User(AbstractUser):
    """A person who may sign in. is_superuser: an administrator, who may do everything in every cluster."""

    username = None
    first_name = None
    last_name = None
    is_staff = None
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), unique=True)
    language = models.CharField(_("language"), max_length=2, choices=list(NAMES.items()), default="en")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ("name",)
    objects = Accounts()

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name as the person writes it."""
        return self.name

    def get_short_name(self) -> str:
        """The same: names of many countries have no short form to guess."""
        return self.name

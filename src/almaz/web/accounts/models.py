"""The account of a person; invitations, by which accounts are made; the record of sign-ins; counts of requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from simple_history.models import HistoricalRecords

from almaz.language import NAMES
from almaz.web.centre.roles import NAMES as ROLES
from almaz.web.centre.roles import Role
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
    name = models.CharField(_("name and surname"), max_length=120)
    email = models.EmailField(_("e-mail"), unique=True)
    language = models.CharField(_("language"), max_length=2, choices=list(NAMES.items()), default="en")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ("name",)
    objects = Accounts()
    history = HistoricalRecords(excluded_fields=("password", "last_login"))

    def __str__(self) -> str:
        return self.name or self.email

    @cached_property
    def analyses(self) -> bool:
        """Whether the person may write studies: an analyst or manager of any cluster, or an administrator."""
        writers = (Role.ANALYST.value, Role.MANAGER.value)
        return bool(self.is_superuser) or self.memberships.filter(deleted=None, role__in=writers).exists()

    def get_full_name(self) -> str:
        """The name as the person writes it."""
        return self.name

    def get_short_name(self) -> str:
        """The same: names of many countries have no short form to guess."""
        return self.name


VALID = timedelta(days=14)
"""How long an invitation can be accepted after it was sent."""


class Invitation(models.Model):
    """Asks somebody to join a cluster in a role, or (cluster empty) to be an administrator. turn: which link is the valid one."""

    cluster = models.ForeignKey(
        "centre.Cluster", models.CASCADE, null=True, blank=True, related_name="invitations", verbose_name=_("cluster")
    )
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name and surname"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=16, choices=[(role.value, said) for role, said in ROLES.items()])
    organisation = models.ForeignKey(
        "participants.Organisation", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("organisation"),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=2, choices=list(NAMES.items()), default="en")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by"))
    turn = models.PositiveIntegerField(default=1, editable=False)
    sent = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    accepted = models.DateTimeField(_("accepted"), null=True, editable=False)
    revoked = models.DateTimeField(_("taken back"), null=True, editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ("-sent",)

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"

    @property
    def open(self) -> bool:
        """Whether it can still be accepted."""
        return not self.accepted and not self.revoked and timezone.now() < self.sent + VALID

    @property
    def administers(self) -> bool:
        """Whether it makes an administrator."""
        return self.role == Role.ADMINISTRATOR


class What(models.TextChoices):
    """What happened at the door."""

    IN = "in", _("signed in")
    OUT = "out", _("signed out")
    FAILED = "failed", _("failed to sign in")
    PASSWORD = "password", _("changed the password")
    SECOND = "second", _("changed the second factor")


class SignIn(models.Model):
    """One event at the door: who, when, from where; `typed` is the e-mail of a failed attempt."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sign_ins", verbose_name=_("person"))
    typed = models.CharField(_("e-mail typed"), max_length=254, blank=True)
    what = models.CharField(_("what"), max_length=12, choices=What.choices)
    when = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    address = models.GenericIPAddressField(_("network address"), null=True)
    browser = models.CharField(_("browser"), max_length=200, blank=True)

    class Meta:
        ordering = ("-when", "-pk")

    def __str__(self) -> str:
        return f"{self.user or self.typed} · {self.get_what_display()}"


class Hits(models.Model):
    """How many requests of a sort came from one source in one span of time."""

    key = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

"""A cluster as an undertaking, who belongs to it in which role, and what every record of the workspace has."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from simple_history.models import HistoricalRecords

from almaz.language import language
from almaz.web.centre.roles import GIVEN, Role
from almaz.web.language import lazy as _


class Living(models.Manager):
    """The rows that nobody deleted."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """Without what is in the bin."""
        return super().get_queryset().filter(deleted=None)


class Kept(models.Model):
    """What is typed in is kept: every state in the history, what is deleted in the bin."""

    created = models.DateTimeField(_("created"), auto_now_add=True, db_default=Now(), editable=False)
    changed = models.DateTimeField(_("changed"), auto_now=True, db_default=Now(), editable=False)
    deleted = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects = Living()
    everything = models.Manager()

    class Meta:
        abstract = True

    def bin(self) -> None:
        """Delete so that it can be taken back."""
        self.deleted = timezone.now()
        self.save()

    def restore(self) -> None:
        """Take it back from the bin."""
        self.deleted = None
        self.save()


class Cluster(Kept):
    """A cluster in a region as its coordination centre carries it; figures come from editions by the two codes."""

    slug = models.SlugField(_("short name in addresses"), unique=True)
    name_en = models.CharField(_("name in English"), max_length=160)
    name_ru = models.CharField(_("name in Russian"), max_length=160, blank=True)
    name_ky = models.CharField(_("name in Kyrgyz"), max_length=160, blank=True)
    study = models.CharField(
        _("study"), max_length=80, blank=True, help_text=_("The study whose newest edition gives the figures.")
    )
    region = models.CharField(_("region's code"), max_length=40, blank=True)
    cluster = models.CharField(_("cluster's code"), max_length=120, blank=True)
    authority = models.CharField(_("authority that founded the centre"), max_length=200, blank=True)
    start = models.PositiveSmallIntegerField(
        _("first year of the programme"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1990), MaxValueValidator(2100)],
    )
    horizon = models.PositiveSmallIntegerField(
        _("horizon, years"), default=7, validators=[MinValueValidator(1), MaxValueValidator(40)]
    )
    about = models.TextField(_("what it is"), blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ("name_en",)

    def __str__(self) -> str:
        return str(getattr(self, f"name_{language()}") or self.name_en)


class Membership(Kept):
    """A person in a cluster. One person may be in several clusters, and one organisation too."""

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="memberships", verbose_name=_("cluster"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.CharField(
        _("role"),
        max_length=16,
        choices=GIVEN,
        default=Role.MEMBER.value,
    )
    organisation = models.ForeignKey(
        "participants.Organisation",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="people_signed_in",
        verbose_name=_("organisation"),
    )
    history = HistoricalRecords()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("cluster", "user"), name="one_membership_of_a_person_in_a_cluster"),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.cluster}"


def folder(record: Any, name: str) -> str:
    """Where an attachment of a record is kept: under its cluster's folder. Give it to a FileField as `upload_to`."""
    return f"{record.cluster.slug}/{record._meta.model_name}/{name}"


class Record(Kept):
    """What the workspace keeps about a cluster. A record's class gives `__str__`, and a `Kind` says how it is shown."""

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="+", editable=False)
    history = HistoricalRecords(inherit=True)

    class Meta:
        abstract = True

    @classmethod
    def of(cls, cluster: Cluster) -> models.QuerySet[Self]:
        """The cluster's living records of this kind."""
        return cls.objects.filter(cluster=cluster)

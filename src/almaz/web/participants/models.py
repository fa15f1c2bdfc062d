"""Organisations and people of a cluster."""

from __future__ import annotations

from django.db import models

from almaz.web.centre.models import Record
from almaz.web.language import lazy as _


class Sort(models.TextChoices):
    """What an organisation is to the cluster (A1, A9)."""

    FIRM = "firm", _("firm")
    SUPPLIER = "supplier", _("supplier")
    SERVICE = "service", _("service provider")
    UNIVERSITY = "university", _("university or research organisation")
    STANDARDS = "standards", _("standards or testing body")
    ASSOCIATION = "association", _("association or chamber")
    AUTHORITY = "authority", _("authority")
    FINANCE = "finance", _("finance")


class Organisation(Record):
    """A participant of the cluster. It may take part in several clusters, each with its own record."""

    name = models.CharField(_("name"), max_length=200)
    sort = models.CharField(_("sort"), max_length=16, choices=Sort.choices)
    place = models.CharField(_("place"), max_length=160, blank=True)
    industry = models.CharField(_("industry's code"), max_length=20, blank=True)
    employment = models.PositiveIntegerField(_("employment"), null=True, blank=True)
    website = models.URLField(_("website"), blank=True)
    about = models.TextField(_("about"), blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Person(Record):
    """Somebody to speak to."""

    name = models.CharField(_("name"), max_length=160)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="people", verbose_name=_("organisation")
    )
    position = models.CharField(_("position"), max_length=160, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} ({self.organisation})"

"""Conflicts between members and their mediation; seen by the parties and managers alone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from almaz.web.centre.models import Record, folder
from almaz.web.language import lazy as _
from almaz.web.participants.models import Organisation
from almaz.web.uploads import checked


class Status(models.TextChoices):
    """How far a conflict is."""

    ENTERED = "entered", _("entered")
    ACCEPTED = "accepted", _("taken up")
    MEDIATION = "mediation", _("in mediation")
    SETTLED = "settled", _("settled")
    UNSETTLED = "unsettled", _("ended without settlement")
    WITHDRAWN = "withdrawn", _("withdrawn")


NEXT: dict[Any, tuple[Any, ...]] = {
    Status.ENTERED: (Status.ACCEPTED, Status.WITHDRAWN),
    Status.ACCEPTED: (Status.MEDIATION, Status.SETTLED, Status.WITHDRAWN),
    Status.MEDIATION: (Status.SETTLED, Status.UNSETTLED, Status.WITHDRAWN),
    Status.SETTLED: (Status.MEDIATION,),
    Status.UNSETTLED: (Status.MEDIATION,),
    Status.WITHDRAWN: (Status.ENTERED,),
}
"""What a conflict may become; what broke out again goes back into mediation."""
OPEN = (Status.ENTERED, Status.ACCEPTED, Status.MEDIATION)


class Sort(models.TextChoices):
    """What a step of mediation was."""

    TALK = "talk", _("talk with one party")
    MEETING = "meeting", _("meeting of the parties")
    PROPOSAL = "proposal", _("proposal")
    OPINION = "opinion", _("opinion of an expert")
    PAPERS = "papers", _("papers exchanged")
    NOTE = "note", _("note")


class Conflict(Record):
    """A matter between members."""

    title = models.CharField(_("subject"), max_length=200)
    about = models.TextField(_("what it is about"), blank=True)
    organisations = models.ManyToManyField(
        Organisation, related_name="+", blank=True, verbose_name=_("parties: organisations"),
        help_text=_("Everybody who signs in for one of them sees this record."),
    )  # fmt: skip
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, verbose_name=_("parties: people"),
        help_text=_("Each of them sees this record."),
    )  # fmt: skip
    mediator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("mediator"),
        help_text=_("A person of the cluster, who then sees this record too."),
    )  # fmt: skip
    entered = models.DateField(_("since"), default=timezone.localdate)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.ENTERED, editable=False
    )
    closed = models.DateField(_("ended on"), null=True, editable=False)
    outcome = models.TextField(_("outcome"), blank=True)
    agreement = models.FileField(_("settlement agreement"), upload_to=folder, blank=True, validators=[checked])
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("author")
    )
    _history_m2m_fields = ("organisations", "people")

    class Meta:
        ordering = ("-entered", "-pk")

    def __str__(self) -> str:
        return self.title


class Step(Record):
    """What was done to settle a conflict, and what was agreed."""

    conflict = models.ForeignKey(Conflict, models.CASCADE, related_name="steps", verbose_name=_("conflict"))
    day = models.DateField(_("day"), default=timezone.localdate)
    sort = models.CharField(_("sort"), max_length=10, choices=Sort.choices, default=Sort.NOTE)
    mediator = models.CharField(_("led by"), max_length=160, blank=True)
    said = models.TextField(_("what was said"), blank=True)
    agreed = models.TextField(_("what was agreed"), blank=True)
    next = models.CharField(_("what comes next"), max_length=300, blank=True)
    next_day = models.DateField(_("by when"), null=True, blank=True)
    file = models.FileField(_("file"), upload_to=folder, blank=True, validators=[checked])
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("author")
    )

    class Meta:
        ordering = ("-day", "-pk")

    def __str__(self) -> str:
        return f"{self.get_sort_display()} · {self.day:%Y-%m-%d}"

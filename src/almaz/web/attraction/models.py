"""Who could join the cluster: candidates on their way, and what was said with them (article A14, stage 2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from almaz.web.centre.models import Record
from almaz.web.language import lazy as _
from almaz.web.participants.models import Organisation


class Stage(models.TextChoices):
    """How far one has come, in this order; the last two end it."""

    IDENTIFIED = "identified", _("identified")
    CONTACTED = "contacted", _("contacted")
    MEETING = "meeting", _("meeting")
    OFFER = "offer", _("offer")
    JOINED = "joined", _("joined")
    DECLINED = "declined", _("declined")


ENDED = (Stage.JOINED, Stage.DECLINED)


class Why(models.TextChoices):
    """What speaks for it."""

    GAP = "gap", _("fills a supply gap")
    RELATED = "related", _("of a related industry")
    OTHER = "other", _("another reason")


class Candidate(Record):
    """An organisation that could take part, or a kind of firm still to be found."""

    name = models.CharField(_("name"), max_length=200)
    why = models.CharField(_("why it"), max_length=8, choices=Why.choices, default=Why.OTHER)
    reason = models.TextField(_("what speaks for it"), blank=True)
    industries = models.CharField(_("industries"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=160, blank=True)
    contact = models.CharField(_("whom to speak to"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    website = models.URLField(_("website"), blank=True)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices, default=Stage.IDENTIFIED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who sees to it"),
    )
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_date = models.DateField(_("by when"), null=True, blank=True)
    outcome = models.TextField(_("why it declined"), blank=True)
    organisation = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="candidates", editable=False,
        verbose_name=_("organisation"),
    )  # fmt: skip

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return str(self.name)

    @property
    def late(self) -> bool:
        """Whether its next step should have been made."""
        return self.stage not in ENDED and self.next_date is not None and self.next_date < timezone.localdate()


class Way(models.TextChoices):
    """How one spoke."""

    CALL = "call", _("call")
    LETTER = "letter", _("letter")
    MEETING = "meeting", _("meeting")
    VISIT = "visit", _("visit")


class Contact(Record):
    """What was said with a candidate."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="contacts", verbose_name=_("candidate"))
    day = models.DateField(_("day"))
    way = models.CharField(_("way"), max_length=8, choices=Way.choices)
    said = models.TextField(_("what was said"))

    class Meta:
        ordering = ("-day", "-pk")

    def __str__(self) -> str:
        return f"{self.candidate}: {self.get_way_display()}"

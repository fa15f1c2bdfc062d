"""Organisations of a cluster, their places, their people and the ties between them (article A1, A9)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from almaz.language import language
from almaz.measures.network import DIRECTED
from almaz.web.centre.models import Record
from almaz.web.language import lazy as _

CODES = RegexValidator(
    r"^[\w.\-]+(; [\w.\-]+)*$", _("Write codes of industries with a semicolon between them: 01.24; 10.32")
)
LATITUDE = (MinValueValidator(-90.0), MaxValueValidator(90.0))
LONGITUDE = (MinValueValidator(-180.0), MaxValueValidator(180.0))
YEARS = (MinValueValidator(1800), MaxValueValidator(2100))


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


class Size(models.TextChoices):
    """How large, where the number of people is not known; bounds as the country's law draws them."""

    MICRO = "micro", _("micro")
    SMALL = "small", _("small")
    MEDIUM = "medium", _("medium-sized")
    LARGE = "large", _("large")


class Status(models.TextChoices):
    """Whether it still takes part."""

    ACTIVE = "active", _("takes part")
    LEFT = "left", _("has left")


class Organisation(Record):
    """A participant of the cluster. It may take part in several clusters, each with its own record."""

    name = models.CharField(_("name"), max_length=200)
    name_ky = models.CharField(_("name in Kyrgyz"), max_length=200, blank=True)
    name_ru = models.CharField(_("name in Russian"), max_length=200, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    sort = models.CharField(_("sort"), max_length=16, choices=Sort.choices)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    joined = models.DateField(_("joined on"), null=True, blank=True)
    left = models.DateField(_("left on"), null=True, blank=True)
    tax_id = models.CharField(_("tax or register number"), max_length=40, blank=True)
    industries = models.CharField(
        _("industries"), max_length=200, blank=True, validators=[CODES],
        help_text=_("Codes with a semicolon between them, the main one first: 01.24; 10.32"),
    )  # fmt: skip
    employment = models.PositiveIntegerField(_("employment"), null=True, blank=True)
    size = models.CharField(_("size"), max_length=8, choices=Size.choices, blank=True)
    place = models.CharField(_("place"), max_length=160, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True, validators=LATITUDE)
    longitude = models.FloatField(_("longitude"), null=True, blank=True, validators=LONGITUDE)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    website = models.URLField(_("website"), blank=True)
    about = models.TextField(_("about"), blank=True)
    ties_told = models.DateField(
        _("told of its ties on"), null=True, blank=True,
        help_text=_("The day on which it was asked for its ties and answered. Empty: the network shows it as silent."),
    )  # fmt: skip
    public = models.BooleanField(
        _("agrees to be shown to the public"), default=False,
        help_text=_("Name, sort, place, industries and website; never people or ties."),
    )  # fmt: skip

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return str(getattr(self, f"name_{language()}") or self.name)

    @property
    def codes(self) -> list[str]:
        """The codes of its industries, the main one first."""
        return [code for code in str(self.industries).split("; ") if code]


class Place(Record):
    """A place of an organisation besides its seat: a workshop, an orchard, a laboratory."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="places", verbose_name=_("organisation")
    )
    name = models.CharField(_("what is there"), max_length=160)
    address = models.CharField(_("address"), max_length=200, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True, validators=LATITUDE)
    longitude = models.FloatField(_("longitude"), null=True, blank=True, validators=LONGITUDE)
    employment = models.PositiveIntegerField(_("employment"), null=True, blank=True)

    class Meta:
        ordering = ("organisation__name", "name")

    def __str__(self) -> str:
        return f"{self.name} ({self.organisation})"


class Person(Record):
    """Somebody to speak to."""

    name = models.CharField(_("full name"), max_length=160)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="people", verbose_name=_("organisation")
    )
    position = models.CharField(_("position"), max_length=160, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    initiative = models.BooleanField(
        _("in the initiative group"), default=False,
        help_text=_("Three to ten people of equal standing who begin the cluster."),
    )  # fmt: skip

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} ({self.organisation})"


class Layer(models.TextChoices):
    """The kinds of tie, as `almaz.measures.network.LAYERS` names them."""

    SUPPLY = "supply", _("supply")
    COOPERATION = "cooperation", _("cooperation")
    COMPETITION = "competition", _("competition")
    MEMBERSHIP = "membership", _("membership")
    KNOWLEDGE = "knowledge", _("knowledge")


class Strength(models.IntegerChoices):
    """How much the tie carries, as those tied see it."""

    WEAK = 1, _("weak")
    USUAL = 2, _("usual")
    STRONG = 3, _("strong")


class Tie(Record):
    """A tie of two participants: supplier → buyer, member → body, source of knowledge → user; without direction where they
    cooperate or compete."""

    source = models.ForeignKey(Organisation, models.CASCADE, related_name="ties_out", verbose_name=_("from whom"))
    target = models.ForeignKey(Organisation, models.CASCADE, related_name="ties_in", verbose_name=_("to whom"))
    layer = models.CharField(
        _("kind of tie"), max_length=12, choices=Layer.choices,
        help_text=_("Supply: from supplier to buyer. Membership: from member to body. Knowledge: from its source to its user."),
    )  # fmt: skip
    mutual = models.BooleanField(
        _("goes both ways"), default=False, help_text=_("Cooperation and competition always do.")
    )
    strength = models.PositiveSmallIntegerField(_("strength"), null=True, blank=True, choices=Strength.choices)
    since = models.PositiveSmallIntegerField(_("since the year"), null=True, blank=True, validators=YEARS)
    evidence = models.TextField(_("what shows it"), blank=True)

    class Meta:
        ordering = ("source__name", "target__name", "layer")

    def __str__(self) -> str:
        arrow = "↔" if self.both_ways else "→"
        return f"{self.source} {arrow} {self.target}: {self.get_layer_display()}"

    @property
    def both_ways(self) -> bool:
        """Whether it has no direction, or both."""
        return self.mutual or self.layer not in DIRECTED


class Distinct(Record):
    """Two organisations that look like one and are not: a person said so."""

    first = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("organisation"))
    second = models.ForeignKey(Organisation, models.CASCADE, related_name="+", verbose_name=_("other organisation"))

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"


class Wave(Record):
    """One round of the trust survey (A11). Once it is over it stays over: one answer more would show what it said."""

    title = models.CharField(_("title"), max_length=120)
    opens = models.DateField(_("open from"))
    closes = models.DateField(_("open until"))
    about = models.TextField(_("about"), blank=True)
    closed = models.DateField(_("closed on"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-opens", "-pk")

    def __str__(self) -> str:
        return str(self.title)

    @property
    def over(self) -> bool:
        """Whether no more answers are taken."""
        return self.closed is not None or timezone.localdate() > self.closes

    @property
    def open(self) -> bool:
        """Whether answers are taken."""
        return self.deleted is None and not self.over and timezone.localdate() >= self.opens

    @property
    def asked(self) -> int:
        """How many organisations are asked."""
        return int(self.invitations.count())

    @property
    def answered(self) -> int:
        """How many have answered."""
        return int(self.invitations.filter(answered=True).count())

    asked.fget.short_description = _("asked")  # type: ignore[attr-defined]
    answered.fget.short_description = _("answered")  # type: ignore[attr-defined]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep what was over over, whatever form or undo brings it; while it is open, ask whoever takes part."""
        was = Wave.everything.filter(pk=self.pk).first() if self.pk else None
        if was is not None and was.over:
            self.opens, self.closes, self.closed = was.opens, was.closes, was.closed
        super().save(*args, **kwargs)
        self.ask()

    def ask(self) -> None:
        """Ask every organisation that takes part and has not been asked, until the wave is over."""
        if self.over:
            return
        asked = self.invitations.values("organisation")
        missing = Organisation.of(self.cluster).filter(status=Status.ACTIVE).exclude(pk__in=asked)
        Invitation.objects.bulk_create(
            [Invitation(wave=self, organisation=one) for one in missing], ignore_conflicts=True
        )


class Invitation(models.Model):
    """An organisation that is asked in a wave, and whether it has answered; what it answered is not joined to it."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="invitations")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    answered = models.BooleanField(default=False)
    sent = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("wave", "organisation"), name="asked_once_in_a_wave"),)


class Answer(models.Model):
    """What one organisation answered, without its name, its time, its order or a history. values: item → 1 … 5."""

    id = models.UUIDField(primary_key=True, editable=False, default=uuid4)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="answers")
    values = models.JSONField()

"""Indicators with baseline, target and a series of what was measured; and those of a label of cluster management."""

from __future__ import annotations

from typing import Any

from django.db import models

from almaz.language import figure, text
from almaz.web.centre.models import Record
from almaz.web.language import lazy as _
from almaz.web.projects.models.evidenced import Evidenced
from almaz.web.projects.models.programme import YEAR
from almaz.web.projects.models.project import Project


class Wanted(models.TextChoices):
    """Which way is better."""

    UP = "up", _("more is better")
    DOWN = "down", _("less is better")


class Indicator(Evidenced, Record):
    """What is measured. code: an outcome of the edition's portfolio that its baseline was frozen from; of a project's own
    indicator the words are the catalogue's until somebody writes others."""

    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="indicators", verbose_name=_("project")
    )
    code = models.CharField(max_length=40, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=300, blank=True)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    wanted = models.CharField(_("which way is better"), max_length=4, choices=Wanted.choices, default=Wanted.UP)
    baseline_year = models.PositiveSmallIntegerField(_("year of the baseline"), null=True, blank=True, validators=YEAR)
    baseline = models.FloatField(_("baseline"), null=True, blank=True)
    baseline_low = models.FloatField(_("baseline, at least"), null=True, blank=True)
    baseline_high = models.FloatField(_("baseline, at most"), null=True, blank=True)
    target_year = models.PositiveSmallIntegerField(_("year of the target"), null=True, blank=True, validators=YEAR)
    target = models.FloatField(_("target"), null=True, blank=True)
    verification = models.TextField(_("means of verification"), blank=True)

    class Meta:
        ordering = ("project", "pk")

    def __str__(self) -> str:
        return self.get_name_display()

    def get_name_display(self) -> str:
        """Own words, the portfolio's, or the catalogue's, in the language in use."""
        return str(self.name) or self.from_catalogue("name") or text("an indicator without a name")

    def from_catalogue(self, name: str) -> str:
        """What the portfolio or the measure calls it."""
        from almaz.report.programme import baseline_words

        if name != "name":
            return ""
        return baseline_words(str(self.code)) if self.code else self.project.drawn("indicator") if self.project else ""

    def baseline_words(self) -> str:
        """The baseline with its bounds and its year; a dash where it is not known."""
        return interval(self.baseline, self.baseline_low, self.baseline_high, self.baseline_year)

    def target_words(self) -> str:
        """The target and its year; a dash where there is none."""
        return interval(self.target, None, None, self.target_year)

    def last(self) -> Reading | None:
        """The newest figure."""
        return Reading.objects.filter(indicator=self).exclude(value=None).order_by("-year").first()

    def last_words(self) -> str:
        """The newest figure and its year; a dash where nothing was measured."""
        newest = self.last()
        return interval(newest.value, newest.low, newest.high, newest.year) if newest else "—"

    baseline_words.short_description = _("baseline")  # type: ignore[attr-defined]
    target_words.short_description = _("target")  # type: ignore[attr-defined]
    last_words.short_description = _("newest figure")  # type: ignore[attr-defined]

    def picture(self) -> Any:
        """Baseline, figures and target."""
        from almaz.web.projects.pictured import indicator_of

        return indicator_of(self, list(Reading.objects.filter(indicator=self).order_by("year")), 440)

    def clean(self) -> None:
        """Bounds around the figure."""
        super().clean()
        ordered(self.baseline_low, self.baseline, self.baseline_high, "baseline_low")


class Reading(Evidenced, Record):
    """What an indicator was in a year; an interval where it is not known exactly, empty where it is not known."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="readings", verbose_name=_("indicator"))
    year = models.PositiveSmallIntegerField(_("year"), validators=YEAR)
    value = models.FloatField(_("value"), null=True, blank=True)
    low = models.FloatField(_("at least"), null=True, blank=True)
    high = models.FloatField(_("at most"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        ordering = ("indicator", "year")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "year"),
                condition=models.Q(deleted=None),
                name="one_figure_of_an_indicator_in_a_year",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}: {interval(self.value, self.low, self.high, self.year)}"

    def clean(self) -> None:
        """Bounds around the figure."""
        super().clean()
        ordered(self.low, self.value, self.high, "low")


class LabelIndicator(Evidenced, Record):
    """One indicator of an audit of cluster management, in the centre's own words: points, threshold and most points."""

    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("indicator, in your own words"), max_length=300, blank=True)
    points = models.DecimalField(_("points"), max_digits=6, decimal_places=2, null=True, blank=True)
    threshold = models.DecimalField(_("threshold"), max_digits=6, decimal_places=2, null=True, blank=True)
    most = models.DecimalField(_("most points"), max_digits=6, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ("number", "pk")

    def __str__(self) -> str:
        return f"{self.number}. {self.name}" if self.name else text("Indicator {number}", number=self.number)

    @property
    def above(self) -> bool | None:
        """Whether the points reach the threshold; None where either is not known."""
        return None if self.points is None or self.threshold is None else self.points >= self.threshold


def interval(value: float | None, low: float | None, high: float | None, year: int | None) -> str:
    """A figure with its bounds and its year, as the language writes them."""
    if value is None and low is None and high is None:
        return "—"
    said = "—" if value is None else figure(value)
    if low is not None and high is not None and low != high:
        said += f" ({figure(low)} – {figure(high)})"
    return said + (f", {year}" if year else "")


def ordered(low: float | None, value: float | None, high: float | None, field: str) -> None:
    """Raise ValidationError where bounds do not enclose the figure."""
    from django.core.exceptions import ValidationError

    known: list[Any] = [one for one in (low, value, high) if one is not None]
    if known != sorted(known):
        raise ValidationError({field: text("The bounds do not enclose the value.")})

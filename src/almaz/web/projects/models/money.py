"""The budget by line and source, and what was committed and spent. Money is exact (Decimal), in the programme's currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Sum
from django.utils.functional import lazy as lazily

from almaz.language import decimal
from almaz.programme.explained import line_words
from almaz.web.centre.models import Record
from almaz.web.language import lazy as _
from almaz.web.projects.models.evidenced import Evidenced
from almaz.web.projects.models.programme import YEAR
from almaz.web.projects.models.project import Project

_line = lazily(lambda line: line_words()[line], str)
LINES = [*((line, _line(line)) for line in ("people", "services", "equipment")), ("other", _("other costs"))]


def money(name: Any) -> models.DecimalField:
    """A field of money: unknown stays empty."""
    return models.DecimalField(
        name, max_digits=18, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )


class BudgetLine(Record):
    """A line of a project's budget. least, most: the cost class of the draft, until a figure is planned."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="budget", verbose_name=_("project"))
    line = models.CharField(_("line of the budget"), max_length=12, choices=LINES)
    source = models.CharField(_("source of the money"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True, validators=YEAR)
    planned = money(_("planned"))
    least = money(_("at least, by cost class"))
    most = money(_("at most, by cost class"))

    class Meta:
        ordering = ("project", "pk")

    def __str__(self) -> str:
        return f"{self.get_line_display()} · {self.project}" + (f" · {self.source}" if self.source else "")

    def _sum(self, sort: str) -> Decimal | None:
        found: Decimal | None = Entry.objects.filter(line=self, sort=sort).aggregate(all=Sum("amount"))["all"]
        return found

    def committed(self) -> str:
        """What is bound by contract, as the reader writes it; a dash where nothing was entered."""
        return amount(self._sum("commitment"))

    def spent(self) -> str:
        """What was paid, as the reader writes it; a dash where nothing was entered."""
        return amount(self._sum("payment"))

    committed.short_description = _("committed")  # type: ignore[attr-defined]
    spent.short_description = _("spent")  # type: ignore[attr-defined]


class Sort(models.TextChoices):
    """What an entry is."""

    COMMITMENT = "commitment", _("commitment")
    PAYMENT = "payment", _("payment")


class Entry(Evidenced, Record):
    """Money bound or paid on a day; a refund is a payment below zero."""

    line = models.ForeignKey(BudgetLine, models.CASCADE, related_name="entries", verbose_name=_("budget line"))
    sort = models.CharField(_("sort"), max_length=10, choices=Sort.choices)
    day = models.DateField(_("day"))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    what = models.CharField(_("for what"), max_length=200, blank=True)

    class Meta:
        ordering = ("-day", "-pk")

    def __str__(self) -> str:
        return f"{self.get_sort_display()}: {amount(self.amount)}"


def amount(value: Decimal | None) -> str:
    """An amount of money as the language writes it; a dash where it is not known. Whole where there is no fraction."""
    if value is None:
        return "—"
    return decimal(float(value), 0 if value == value.to_integral_value() else 2)

"""The programme as a whole: its money, its promise, where its draft came from, and what is told of each quarter."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from almaz.language import language
from almaz.web.centre.models import Cluster, Record
from almaz.web.language import lazy as _

YEAR = (MinValueValidator(1990), MaxValueValidator(2100))
"""Years that a programme may name."""
QUARTERS = [(1, "I"), (2, "II"), (3, "III"), (4, "IV")]


class Programme(Record):
    """What all projects share; one of a cluster. First year and horizon are the cluster's."""

    goal = models.TextField(_("goal"), blank=True)
    purpose = models.TextField(_("purpose"), blank=True)
    promised = models.PositiveSmallIntegerField(
        _("year of the first promised benefits"), null=True, blank=True, validators=YEAR
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="USD",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, as KGS."))],
    )  # fmt: skip
    rate = models.DecimalField(
        _("units of it for one U.S. dollar"), max_digits=14, decimal_places=4, default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.0001"))], help_text=_("Drafts give costs in U.S. dollars."),
    )  # fmt: skip
    edition = models.CharField(_("edition"), max_length=64, blank=True, editable=False)
    illustration = models.BooleanField(_("rests on made-up judgements"), default=False, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("cluster",), condition=models.Q(deleted=None), name="one_programme_of_a_cluster"
            ),
        )

    def __str__(self) -> str:
        return str(_("The programme as a whole"))

    @classmethod
    def at(cls, cluster: Cluster) -> Programme:
        """The cluster's programme; an unsaved one where there is none yet."""
        return cls.of(cluster).first() or cls(cluster=cluster)


class Draft(Record):
    """A draft programme as it came in: what was taken from it can always be traced."""

    source = models.CharField(_("source"), max_length=200)
    digest = models.CharField(_("SHA-256"), max_length=64)
    edition = models.CharField(_("edition"), max_length=64, blank=True)
    content = models.JSONField(editable=False)
    taken = models.DateTimeField(_("taken"), null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return str(self.source)

    def warning_words(self) -> list[str]:
        """What its makers warn of, in the language in use."""
        from almaz.programme.explained import warning_words

        return [warning_words(code) for code in self.content["warnings"]]


class QuarterlyReport(Record):
    """What the centre tells of a quarter; figures and pictures come from the records."""

    year = models.PositiveSmallIntegerField(_("year"), validators=YEAR)
    quarter = models.PositiveSmallIntegerField(_("quarter"), choices=QUARTERS)
    done = models.TextField(_("what was done"), blank=True)
    decisions = models.TextField(_("decisions"), blank=True)
    ahead = models.TextField(_("next quarter"), blank=True)

    class Meta:
        ordering = ("-year", "-quarter")

    def __str__(self) -> str:
        from almaz.language import text

        return text("Report: quarter {quarter} of {year}", quarter=dict(QUARTERS)[self.quarter], year=self.year)

    @property
    def first(self) -> date:
        """The first day of the quarter."""
        return date(self.year, 3 * self.quarter - 2, 1)

    @property
    def last(self) -> date:
        """The last day of the quarter."""
        return date(self.year + self.quarter // 4, 3 * self.quarter % 12 + 1, 1) - timedelta(days=1)

    @property
    def next_last(self) -> date:
        """The last day of the quarter after."""
        after = QuarterlyReport(year=self.year + self.quarter // 4, quarter=self.quarter % 4 + 1)
        return after.last


def in_language(says: dict[str, Any]) -> str:
    """A text of a draft in the language in use; of a file, which speaks one language, in that one."""
    return str(says.get(language()) or says.get("") or next(iter(says.values()), ""))

"""Stage gates: what must be shown, what shows it, who confirmed it and who passed the gate.

Stage 3 is our reconstruction (`programme.gates`), and says so wherever it is shown.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import lazy as lazily

from almaz.language import text
from almaz.programme.explained import gate_words, need_words
from almaz.programme.gates import GATES
from almaz.web.centre.models import Cluster, Record
from almaz.web.language import lazy as _
from almaz.web.projects.models.evidenced import Evidenced, Guarded, refused
from almaz.web.projects.models.programme import YEAR

CODES = [gate.code for gate in GATES]
STAGE = {gate.code: gate.stage for gate in GATES}
BACK = "G5"
"""The gate after which the loop may lead back to stage 1: the programme was evaluated and corrected."""
_gate = lazily(lambda code: f"{code}: {gate_words()[code]}", str)


class StageGate(Guarded, Record):
    """A gate in a round of the programme's life. It opens only when every criterion is confirmed and the gates before it are
    passed; no form, undo or bin gets round that."""

    code = models.CharField(_("gate"), max_length=2, choices=[(code, _gate(code)) for code in CODES])
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    year = models.PositiveSmallIntegerField(_("planned year"), null=True, blank=True, validators=YEAR)
    passed = models.DateField(_("passed on"), null=True, blank=True, editable=False)
    passed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False,
        verbose_name=_("passed by"),
    )  # fmt: skip

    class Meta:
        ordering = ("round", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("cluster", "round", "code"),
                condition=models.Q(deleted=None),
                name="one_gate_of_a_code_in_a_round",
            ),
        )

    def __str__(self) -> str:
        name = str(_gate(self.code))
        return name if self.round == 1 else text("{gate} (round {round})", gate=name, round=self.round)

    @property
    def stage(self) -> int:
        """Of the article's technology."""
        return STAGE[self.code]

    def lacking(self) -> list[Criterion]:
        """The criteria that are not shown and confirmed."""
        return [one for one in Criterion.objects.filter(gate=self) if not one.met]

    def before(self) -> models.QuerySet[Any]:
        """The gates that must be passed before it."""
        return StageGate.objects.filter(cluster=self.cluster, round=self.round, code__lt=self.code, passed=None)

    def after(self) -> models.QuerySet[Any]:
        """What was passed after it: later gates of its round, and any of later rounds."""
        rounds = StageGate.objects.filter(cluster=self.cluster).exclude(passed=None)
        return rounds.filter(models.Q(round=self.round, code__gt=self.code) | models.Q(round__gt=self.round))

    def guard(self) -> None:
        """A passed gate has its evidence and its predecessors; a gate on which later ones rest stays passed."""
        if self.passed and self.deleted:
            raise refused(text("This gate was passed. Take that back first."))
        if self.passed:
            lacking = self.lacking() if self.pk else []
            if lacking or not self.pk:
                names = "; ".join(map(str, lacking))
                raise refused(text("The gate stays closed: evidence is lacking for: {names}", names=names))
            first = self.before().first()
            if first:
                raise refused(text("The gate stays closed: {gate} comes before it.", gate=first))
        elif self.pk:
            later = self.after().first()
            if later and StageGate.everything.filter(pk=self.pk).exclude(passed=None).exists():
                raise refused(text("{gate} was passed after this one. Take that back first.", gate=later))

    def open(self, user: Any) -> None:
        """Pass it today. Raises ValidationError where something is lacking."""
        self.passed, self.passed_by = timezone.localdate(), user
        self.save()

    def close(self) -> None:
        """Take the passage back. Raises ValidationError where later gates rest on it."""
        self.passed = self.passed_by = None
        self.save()


class Criterion(Evidenced, Guarded, Record):
    """One thing that must be shown before a gate opens. need: a code of `need_words`, or own words."""

    gate = models.ForeignKey(StageGate, models.CASCADE, related_name="criteria", verbose_name=_("gate"))
    need = models.CharField(max_length=40, blank=True, editable=False)
    name = models.CharField(_("what must be shown"), max_length=300, blank=True)
    confirmed = models.DateField(_("confirmed on"), null=True, blank=True, editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False,
        verbose_name=_("confirmed by"),
    )  # fmt: skip

    class Meta:
        ordering = ("gate", "pk")

    def __str__(self) -> str:
        return self.get_name_display()

    def get_name_display(self) -> str:
        """Own words, or the need's in the language in use."""
        return str(self.name) or self.from_catalogue("name") or text("a criterion without words")

    def from_catalogue(self, name: str) -> str:
        """What the gate asks for."""
        return need_words().get(str(self.need), "") if name == "name" else ""

    @property
    def met(self) -> bool:
        """Whether it is shown by evidence that somebody confirmed."""
        return self.confirmed is not None and self.shown

    def guard(self) -> None:
        """What a passed gate rests on stays; what nobody showed cannot be confirmed; another evidence is confirmed anew."""
        if self.confirmed and not self.shown:
            raise refused(
                text("Without evidence there is nothing to confirm: attach a file, a link or a record first.")
            )
        was = Criterion.everything.filter(pk=self.pk).first() if self.pk else None
        if was and was.confirmed and was.confirmed == self.confirmed and was.evidence_state() != self.evidence_state():
            self.confirmed = self.confirmed_by = None
        if self.gate.passed and not self.gate.deleted and (not self.met or self.deleted):
            raise refused(text("The gate was passed on this. Take the passage back first."))

    def confirm(self, user: Any) -> None:
        """Confirm today that the evidence shows it."""
        self.confirmed, self.confirmed_by = timezone.localdate(), user
        self.save()


def begin_round(cluster: Cluster, first: int, number: int) -> list[StageGate]:
    """All gates of a round with their criteria, nothing shown yet. first: the year in which it begins."""
    made = []
    with transaction.atomic():
        for gate in GATES:
            one = StageGate.objects.create(cluster=cluster, code=gate.code, round=number, year=first + gate.year)
            for need in gate.needs:
                Criterion.objects.create(cluster=cluster, gate=one, need=need)
            made.append(one)
    return made

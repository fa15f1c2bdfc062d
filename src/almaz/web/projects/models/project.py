"""A project of the programme with its logical frame, milestones, tasks and risks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import lazy as lazily

from almaz.language import text
from almaz.programme.catalogue import Measure, catalogue
from almaz.programme.explained import actor_words, stage_words
from almaz.programme.frames import assumptions, impact
from almaz.web.centre.models import Record
from almaz.web.language import lazy as _
from almaz.web.projects.models.evidenced import Evidenced
from almaz.web.projects.models.programme import YEAR, in_language

if TYPE_CHECKING:
    from almaz.web.centre.access import Access

_stage = lazily(lambda stage: stage_words()[stage], str)
_actor = lazily(lambda actor: actor_words()[actor], str)
STAGES = [(stage, _stage(stage)) for stage in (1, 2, 3)]
ACTORS = [(actor, _actor(actor)) for actor in ("authority", "centre", "firms", "university", "association", "finance")]


@lru_cache
def measures() -> dict[str, Measure]:
    """The measures of the catalogue by their codes."""
    return {one.id: one for one in catalogue()}


class Status(models.TextChoices):
    """How far a project is."""

    PROPOSED = "proposed", _("proposed")
    AGREED = "agreed", _("agreed")
    RUNNING = "running", _("running")
    DONE = "done", _("completed")
    STOPPED = "stopped", _("stopped")


class Project(Record):
    """A project. What it has from the catalogue is held as the measure's code and said in the reader's language until somebody
    writes a text of their own. because: (id, says by language) of the findings that caused it."""

    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    measure = models.CharField(_("measure of the catalogue"), max_length=80, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=300, blank=True)
    stage = models.PositiveSmallIntegerField(_("stage"), choices=STAGES, default=2)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PROPOSED)
    actor = models.CharField(_("who should act"), max_length=12, choices=ACTORS, blank=True)
    owner = models.ForeignKey(
        "participants.Organisation", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    person = models.ForeignKey(
        "participants.Person", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("responsible person"),
    )  # fmt: skip
    start = models.DateField(_("start"), null=True, blank=True)
    end = models.DateField(_("end"), null=True, blank=True)
    outcome = models.PositiveSmallIntegerField(
        _("year in which its outcome is promised"), null=True, blank=True, validators=YEAR
    )
    progress = models.PositiveSmallIntegerField(
        _("done, per cent"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    standing = models.TextField(_("how it stands"), blank=True)
    because = models.JSONField(default=list, editable=False)
    source = models.CharField(_("draft that it came from"), max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ("number", "pk")

    def __str__(self) -> str:
        name = self.get_name_display()
        return f"{self.number}. {name}" if self.number else name

    @property
    def of_catalogue(self) -> Measure | None:
        """The measure that it was made from."""
        return measures().get(self.measure)

    def drawn(self, name: str) -> str:
        """What the catalogue says, in the language in use; nothing where it is not of the catalogue."""
        return str(getattr(self.of_catalogue, name)) if self.of_catalogue else ""

    def get_name_display(self) -> str:
        """Its own name, or the measure's in the language in use."""
        return str(self.name) or self.drawn("name") or text("a project without a name")

    def from_catalogue(self, name: str) -> str:
        """What a text of its own stands in place of."""
        return self.drawn(name)

    @property
    def codes(self) -> tuple[str, ...]:
        """What it answers: the codes of the findings that caused it."""
        parts = [one["id"].split(":") for one in self.because]
        return tuple(dict.fromkeys(part[1] for part in parts if len(part) > 1))

    @property
    def reasons(self) -> list[str]:
        """The findings that caused it, in words."""
        return [in_language(one["says"]) for one in self.because]

    @property
    def finds_out(self) -> bool:
        """Whether it only finds something out: its outcome is knowledge, which may come early."""
        known = self.of_catalogue
        return known is not None and (known.stage, known.cost) == (1, "low")

    @staticmethod
    def status_choices() -> list[tuple[str, Any]]:
        """Every status with its name."""
        return list(Status.choices)

    def owned_by(self, access: Access) -> bool:
        """Whether it is the person's own: of its organisation, or by its address as the responsible person."""
        mine = access.organisation is not None and self.owner_id == access.organisation.pk
        return mine or (self.person is not None and bool(self.person.email) and self.person.email == access.user.email)

    def warnings(self) -> list[str]:
        """What must be said of its promise."""
        from almaz.web.projects.warnings import early_outcome

        early = early_outcome(self, self.cluster.start)
        return [early] if early else []

    def clean(self) -> None:
        """Dates in their order, and a name."""
        from django.core.exceptions import ValidationError

        super().clean()
        if self.start and self.end and self.end < self.start:
            raise ValidationError({"end": text("The end is before the start.")})
        if not self.name and not self.of_catalogue:
            raise ValidationError({"name": text("Give it a name.")})


class Level(models.TextChoices):
    """The rows of a logical frame, from the top."""

    GOAL = "goal", _("goal")
    PURPOSE = "purpose", _("purpose")
    OUTPUT = "output", _("outputs")
    ACTIVITY = "activity", _("activities")


DRAWN: dict[tuple[str, str], Callable[[Project, int], str]] = {
    ("goal", "words"): lambda project, place: _nth(impact(project.codes), place),
    ("purpose", "words"): lambda project, _place: project.drawn("outcome"),
    ("output", "words"): lambda project, _place: project.drawn("output"),
    ("activity", "words"): lambda project, _place: project.drawn("activity"),
    ("purpose", "indicator"): lambda project, _place: project.drawn("indicator"),
    ("purpose", "assumption"): lambda project, _place: " ".join(map(str, assumptions(project.codes))),
}
"""What a line of the frame says where nobody wrote anything else: from the catalogue, by level and column."""


def _nth(texts: tuple[Any, ...], place: int) -> str:
    return str(texts[place]) if place < len(texts) else ""


class FrameLine(Record):
    """A line of a logical frame. drawn: its empty columns are said from the catalogue; place: which line of its level."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="frame", verbose_name=_("project"))
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    words = models.TextField(_("what"), blank=True)
    indicator = models.TextField(_("indicator"), blank=True)
    verification = models.TextField(_("means of verification"), blank=True)
    assumption = models.TextField(_("assumption"), blank=True)
    place = models.PositiveSmallIntegerField(default=0, editable=False)
    drawn = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("project", "pk")

    def __str__(self) -> str:
        return f"{self.get_level_display()}: {self.get_words_display()}"

    def from_catalogue(self, column: str) -> str:
        """What the catalogue says in this column."""
        said = DRAWN.get((str(self.level), column)) if self.drawn else None
        return said(self.project, self.place) if said and (column == "words" or self.place == 0) else ""

    def get_words_display(self) -> str:
        """What: own words, or the catalogue's."""
        return str(self.words) or self.from_catalogue("words")

    def get_indicator_display(self) -> str:
        """The indicator: own words, or the catalogue's."""
        return str(self.indicator) or self.from_catalogue("indicator")

    def get_assumption_display(self) -> str:
        """The assumption: own words, or the catalogue's."""
        return str(self.assumption) or self.from_catalogue("assumption")


class Point(models.TextChoices):
    """Milestones that every project of a draft has."""

    START = "start", _("work begins")
    OUTPUTS = "outputs", _("outputs are there")
    OUTCOMES = "outcomes", _("outcomes may be seen")


class Milestone(Evidenced, Record):
    """What is to be reached by when; when it was, and what shows it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="milestones", verbose_name=_("project"))
    point = models.CharField(max_length=10, choices=Point.choices, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    planned = models.DateField(_("planned"), null=True, blank=True)
    actual = models.DateField(_("reached"), null=True, blank=True)

    class Meta:
        ordering = ("planned", "pk")

    def __str__(self) -> str:
        return self.get_name_display()

    def get_name_display(self) -> str:
        """Its own name, or that of the point of the project which it is."""
        return str(self.name) or self.from_catalogue("name") or text("a milestone without a name")

    def from_catalogue(self, name: str) -> str:
        """What a point that every project of a draft has is called."""
        return str(self.get_point_display()) if name == "name" else ""

    def late(self, today: date) -> bool:
        """Whether it should have been reached before today and was not."""
        return self.actual is None and self.planned is not None and self.planned < today

    def state(self) -> str:
        """Reached, late, or ahead."""
        if self.actual:
            return text("reached")
        if self.planned is None:
            return text("no date")
        return text("late") if self.late(timezone.localdate()) else text("ahead")

    state.short_description = _("state")  # type: ignore[attr-defined]


class ProjectTask(Record):
    """Something to be done by somebody by some day."""

    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="tasks", verbose_name=_("project")
    )
    name = models.CharField(_("name"), max_length=300)
    person = models.ForeignKey(
        "participants.Person", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("responsible person"),
    )  # fmt: skip
    due = models.DateField(_("to be done by"), null=True, blank=True)
    done = models.DateField(_("done on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ("due", "pk")

    def __str__(self) -> str:
        return str(self.name)

    def owned_by(self, access: Access) -> bool:
        """Whether it is the person's own: by its address, or because the project is."""
        if self.person is not None:
            return bool(self.person.email) and self.person.email == access.user.email
        return self.project is not None and self.project.owned_by(access)


FIVE = (MinValueValidator(1), MaxValueValidator(5))
SCALE = [(1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5")]


class Risk(Record):
    """What may go wrong: likelihood and impact from 1 to 5, nothing where nobody has judged it."""

    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="risks", verbose_name=_("project")
    )
    name = models.CharField(_("what may happen"), max_length=300, blank=True)
    likelihood = models.PositiveSmallIntegerField(
        _("likelihood, 1 to 5"), null=True, blank=True, choices=SCALE, validators=FIVE
    )
    impact = models.PositiveSmallIntegerField(
        _("impact, 1 to 5"), null=True, blank=True, choices=SCALE, validators=FIVE
    )
    answer = models.TextField(_("answer to it"), blank=True)
    owner = models.ForeignKey(
        "participants.Person", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("watched by")
    )
    closed = models.DateField(_("closed on"), null=True, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.get_name_display()

    def get_name_display(self) -> str:
        """Its own words, or the catalogue's."""
        return str(self.name) or self.from_catalogue("name") or text("a risk without a name")

    def from_catalogue(self, name: str) -> str:
        """The risk that the measure is known for."""
        return self.project.drawn("risk") if self.project and name == "name" else ""

    @property
    def score(self) -> int | None:
        """Likelihood × impact; None where either is not judged."""
        return self.likelihood * self.impact if self.likelihood and self.impact else None

    def weight(self) -> str:
        """The score, or that nobody judged it."""
        return "—" if self.score is None else str(self.score)

    weight.short_description = _("likelihood × impact")  # type: ignore[attr-defined]

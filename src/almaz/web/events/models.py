"""Events, who came, what was decided, and the tasks that follow."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from almaz.language import text
from almaz.web.centre.models import Cluster, Record, folder
from almaz.web.language import lazy as _
from almaz.web.participants.models import Organisation, Person
from almaz.web.uploads import checked


class Repeats(models.TextChoices):
    """How often an event comes again."""

    ONCE = "", _("once")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")
    QUARTERLY = "quarterly", _("every quarter")


class Status(models.TextChoices):
    """Whether an event takes place."""

    PLANNED = "planned", _("planned")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


class Event(Record):
    """A meeting, a fair, a training. One that repeats is a series: each of its days that has papers of its own is an event too,
    which stands in that day's place (`series`, `original`)."""

    title = models.CharField(_("title"), max_length=200)
    start = models.DateTimeField(_("begins"))
    end = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link"), blank=True, help_text=_("Of the video call, or of the event's own page."))
    organiser = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("organiser")
    )
    agenda = models.TextField(_("agenda"), blank=True)
    repeats = models.CharField(_("repeats"), max_length=10, choices=Repeats.choices, blank=True, default=Repeats.ONCE)
    until = models.DateField(_("repeats until"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PLANNED)
    minutes = models.TextField(_("minutes"), blank=True)
    minutes_file = models.FileField(_("minutes, file"), upload_to=folder, blank=True, validators=[checked])
    series = models.ForeignKey("self", models.CASCADE, null=True, related_name="days", editable=False)
    original = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-start", "-pk")

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuses an end before the beginning, and a last day without repetition or before the first."""
        if self.start and self.end and self.end <= self.start:
            raise ValidationError({"end": text("The end comes before the beginning.")})
        if self.until and not self.repeats:
            raise ValidationError({"repeats": text("Say how often it repeats until then.")})
        if self.until and self.start and self.until < timezone.localtime(self.start).date():
            raise ValidationError({"until": text("The last day comes before the first.")})
        if self.series_id and self.repeats:
            raise ValidationError({"repeats": text("This is one day of a series: the series repeats.")})


class State(models.TextChoices):
    """Whether somebody came."""

    INVITED = "invited", _("invited")
    CAME = "came", _("came")
    EXCUSED = "excused", _("excused")
    ABSENT = "absent", _("did not come")


class Attendance(Record):
    """An organisation or a person at an event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="attendances", verbose_name=_("event of the cluster"))
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("organisation")
    )
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.INVITED)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.organisation or self.person or "—")

    def clean(self) -> None:
        """Refuses neither or both, and the same one twice."""
        if bool(self.organisation_id) == bool(self.person_id):
            raise ValidationError(text("Name an organisation or a person, one of the two."))
        twice = Attendance.objects.filter(event=self.event_id, organisation=self.organisation_id, person=self.person_id)
        if self.event_id and twice.exclude(pk=self.pk).exists():
            raise ValidationError(text("It is in the list already."))


class Decision(Record):
    """What an event decided."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="decisions", verbose_name=_("event of the cluster"))
    decided = models.CharField(_("decision"), max_length=300)
    more = models.TextField(_("in detail"), blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.decided


class Progress(models.TextChoices):
    """How far a task is."""

    OPEN = "open", _("open")
    DOING = "doing", _("in work")
    DONE = "done", _("done")
    DROPPED = "dropped", _("dropped")


UNFINISHED = (Progress.OPEN, Progress.DOING)


class Task(Record):
    """Who does what by when, from which decision."""

    title = models.CharField(_("task"), max_length=240)
    decision = models.ForeignKey(
        Decision, models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name=_("from the decision")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name=_("person")
    )
    organisation = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="tasks", verbose_name=_("organisation")
    )
    due = models.DateField(_("by when"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Progress.choices, default=Progress.OPEN)
    done_on = models.DateField(_("done on"), null=True, editable=False)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ("due", "pk")

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuses a task that is nobody's."""
        if not self.user_id and not self.organisation_id:
            raise ValidationError(text("Say who does it: a person or an organisation."))

    def save(self, **options: Any) -> None:
        """Keep the day on which it was done."""
        done = self.status == Progress.DONE
        self.done_on = (self.done_on or timezone.localdate()) if done else None
        super().save(**options)

    @property
    def overdue(self) -> bool:
        """Whether its day has passed and it is not done."""
        return self.status in UNFINISHED and self.due is not None and self.due < timezone.localdate()

    def who(self) -> str:
        """The person or the organisation, or both."""
        return ", ".join(str(one) for one in (self.user, self.organisation) if one)

    who.short_description = _("who")  # type: ignore[attr-defined]

    def state(self) -> str:
        """Its status, marked where it is overdue."""
        said = str(self.get_status_display())
        return f"{said} · {text('overdue')}" if self.overdue else said

    state.short_description = _("status")  # type: ignore[attr-defined]


def _token() -> str:
    return secrets.token_urlsafe(32)


class Feed(models.Model):
    """A person's private address of a cluster's calendar. Whoever has the address reads the calendar, until it is withdrawn."""

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    token = models.CharField(max_length=64, unique=True, default=_token)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("cluster", "user"), name="one_feed_of_a_person"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.cluster}"

"""A study as it is worked on in the site, and its runs. The figures are files in the home folder; the study file is kept here."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from almaz.web.centre.models import Kept
from almaz.web.language import lazy as _

SILENT = timedelta(seconds=30)
"""A run that has not been heard of for so long has lost its worker."""


class Study(Kept):
    """text: its study.toml, every state of which is kept. Without a cluster only administrators see it."""

    title = models.CharField(_("title"), max_length=200)
    cluster = models.ForeignKey(
        "centre.Cluster", models.CASCADE, null=True, blank=True, related_name="studies", verbose_name=_("cluster")
    )
    text = models.TextField(_("study file"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False)
    history = HistoricalRecords()

    class Meta:
        ordering = ("-changed",)

    def __str__(self) -> str:
        return self.title

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.HOME) / "studies" / str(self.pk)

    @property
    def last(self) -> Run | None:
        """Its newest run."""
        found: Run | None = self.runs.first()
        return found


class SourceFile(Kept):
    """A file of a study, as it was uploaded; an earlier one of the same name stays in the folder `past`."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="sources")
    name = models.CharField(_("name"), max_length=120)
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    history = HistoricalRecords()

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("study", "name"), name="one_file_of_a_name_in_a_study"),)

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    """How far a run is."""

    WAITING = "waiting", _("waiting for the worker")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("stopped by an error")
    CANCELLED = "cancelled", _("cancelled")


class Run(models.Model):
    """One check or run of a study. beat: when the worker was last heard of; stages: JSON, [name, seconds] each."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="runs")
    what = models.CharField(max_length=8, choices=[("check", _("check")), ("run", _("run"))])
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.WAITING)
    language = models.CharField(max_length=2, default="en")
    asked = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    beat = models.DateTimeField(null=True)
    cancel = models.BooleanField(default=False)
    stages = models.TextField(default="[]")
    outcome = models.TextField(default="{}")
    edition = models.CharField(max_length=200, blank=True)
    published = models.BooleanField(_("published"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    history = HistoricalRecords(excluded_fields=("beat", "stages"))

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.study} · {self.get_what_display()}"

    @property
    def lost(self) -> bool:
        """Whether the worker died on it."""
        return self.state == State.RUNNING and (self.beat is None or timezone.now() - self.beat > SILENT)

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state == State.WAITING or (self.state == State.RUNNING and not self.lost)

    @property
    def elapsed(self) -> int:
        """Seconds since it began."""
        if self.started is None:
            return 0
        until = self.ended or (self.beat if self.lost else timezone.now()) or self.started
        return max(int((until - self.started).total_seconds()), 0)

    @property
    def told(self) -> list[tuple[str, float]]:
        """The stages that it has told."""
        return [(str(name), float(at)) for name, at in json.loads(self.stages)]

    @property
    def result(self) -> dict[str, Any]:
        """Numbers of a check, or the error: problem, where, expected, advice."""
        held: dict[str, Any] = json.loads(self.outcome)
        return held

    @property
    def path(self) -> Path:
        """The edition that it made."""
        return self.study.folder / "editions" / self.edition

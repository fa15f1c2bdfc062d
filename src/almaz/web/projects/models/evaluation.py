"""Stage 3: what an evaluation suggests, and what the centre decided. Reconstructed (`impact.loop`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from almaz.language import text
from almaz.web.centre.models import Record
from almaz.web.language import lazy as _
from almaz.web.projects.models.project import Project, ProjectTask


class Action(models.TextChoices):
    """What a finding suggests."""

    CONTINUE = "continue", _("continue")
    STRENGTHEN = "strengthen", _("strengthen")
    CHANGE = "change", _("change")
    STOP = "stop", _("stop")
    MEASURE_BETTER = "measure_better", _("measure better")


class Decision(models.TextChoices):
    """What became of it."""

    PROPOSED = "proposed", _("to be decided")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")


class Amendment(Record):
    """A change of the programme that an evaluation suggests. finding: the edition's record of it; digest: what it rests on."""

    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="amendments", verbose_name=_("project")
    )
    about = models.CharField(_("about"), max_length=200)
    outcome = models.CharField(_("outcome"), max_length=120, blank=True)
    action = models.CharField(_("action"), max_length=16, choices=Action.choices)
    why = models.CharField(max_length=16, editable=False)
    years = models.PositiveSmallIntegerField(default=0, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, default=Decision.PROPOSED)
    decided = models.DateField(_("decided on"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False,
        verbose_name=_("decided by"),
    )  # fmt: skip
    note = models.TextField(_("note"), blank=True)
    task = models.ForeignKey(ProjectTask, models.SET_NULL, null=True, blank=True, related_name="+", editable=False)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return text("{action}: {about}", action=str(self.get_action_display()), about=self.about)

    def reason(self) -> str:
        """Why it is suggested, in words."""
        from almaz.impact.loop import why_in_words

        return why_in_words(self.why, self.years)

    reason.short_description = _("because")  # type: ignore[attr-defined]

"""Judgements of people who know the cluster: how far, how sure, why, and on what it rests."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from almaz.tables.expert_form import HIGHEST, LOWEST
from almaz.web.centre.models import Record, folder
from almaz.web.evidence.questions import asked
from almaz.web.language import lazy as _
from almaz.web.uploads import checked

LEVELS = [(level, str(level)) for level in range(LOWEST, HIGHEST + 1)]


class Certainty(models.IntegerChoices):
    """How sure somebody is, as the expert form counts it."""

    GUESS = 1, _("a guess")
    FAIRLY = 2, _("fairly sure")
    SURE = 3, _("sure")


class Judgement(Record):
    """One person's answer to one question, by its code; a change of mind changes it, and the history keeps what it was."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("expert")
    )
    question = models.CharField(_("question"), max_length=60)
    level = models.PositiveSmallIntegerField(_("level"), choices=LEVELS)
    confidence = models.PositiveSmallIntegerField(
        _("how sure"),
        choices=Certainty.choices,
        default=Certainty.GUESS,
        help_text=_("Without a reason it counts as a guess."),
    )
    why = models.TextField(_("why"), blank=True, help_text=_("What the answer rests on."))
    link = models.URLField(_("link"), blank=True)
    file = models.FileField(_("file"), upload_to=folder, blank=True, validators=[checked])
    day = models.DateField(_("day"), default=timezone.localdate)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("cluster", "user", "question"), name="one_judgement_of_a_person_on_a_question"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_question_display()}: {self.level}"

    def get_question_display(self) -> str:
        """The question in the language in use; its code where it is asked no more."""
        found = asked().get(self.question)
        return found.name if found else self.question

    @property
    def rests_on(self) -> str:
        """The reason, the link and the file's name in one line, as the expert form has it; empty where there is none."""
        named = self.file.name.rsplit("/", 1)[-1] if self.file else ""
        return " · ".join(" ".join(part.split()) for part in (self.why, self.link, named) if part)

"""The form of a judgement: the question's own words at the levels, and one judgement of a person on a question."""

from __future__ import annotations

from typing import Any

from django import forms

from almaz.language import text as _
from almaz.web.centre.forms import RecordForm
from almaz.web.evidence.models import LEVELS, Judgement
from almaz.web.evidence.questions import asked, code_names


class JudgementForm(RecordForm):
    """A judgement. Once the question is known it stays, and the levels say what they mean."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question"] = forms.ChoiceField(choices=code_names(), label=_("question"))
        chosen = self.instance.question or str(self.initial.get("question", "") or self.data.get("question", ""))
        found = asked().get(chosen)
        if found:
            self.initial["question"] = chosen
            self.fields["question"].widget = forms.HiddenInput()
            level = self.fields["level"]
            level.label, level.help_text = found.name, found.text
            level.choices = [
                (value, f"{said}. {found.anchors[value]}" if value in found.anchors else said) for value, said in LEVELS
            ]

    def clean_question(self) -> str:
        """The question, which an existing judgement keeps."""
        return self.instance.question if self.instance.pk else str(self.cleaned_data["question"])

    def clean(self) -> dict[str, Any]:
        """Refuses a second judgement of the person on the question."""
        cleaned = super().clean()
        if self.instance.pk is None:
            mine = Judgement.everything.filter(cluster=self.access.cluster, user=self.access.user)
            if mine.filter(question=cleaned.get("question", "")).exists():
                self.add_error(
                    None, _("You have judged this already: change that judgement, or take it back from the bin.")
                )
        return cleaned

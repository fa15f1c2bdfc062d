"""The form of a candidate."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from almaz.language import text as _
from almaz.web.accounts.models import User
from almaz.web.attraction.models import Stage
from almaz.web.centre.forms import RecordForm


class CandidateForm(RecordForm):
    """Whoever sees to it belongs to the cluster; joining is a step of its own, for it makes an organisation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = User.objects.filter(memberships__cluster=self.access.cluster, memberships__deleted=None)
        if "owner" in self.fields:
            self.fields["owner"].queryset = here.distinct().order_by("name")

    def clean(self) -> dict[str, Any]:
        """What was typed, if it hangs together."""
        cleaned = super().clean()
        if cleaned.get("stage") == Stage.JOINED and self.instance.organisation_id is None:
            self.add_error("stage", _("A candidate joins from the pipeline: there its organisation is made."))
        return cleaned


class ContactForm(RecordForm):
    """What was said: today, unless another day is given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial.setdefault("day", timezone.localdate())

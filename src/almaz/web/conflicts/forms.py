"""Forms of a conflict and its steps: people of the cluster alone can be named, and who enters a matter can see it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from almaz.language import text as _
from almaz.web.accounts.models import User
from almaz.web.centre.forms import RecordForm
from almaz.web.centre.roles import Role
from almaz.web.conflicts.parties import announce, leads


class ConflictForm(RecordForm):
    """A conflict: at least two parties, and the one who enters it among those who see it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fresh = self.instance.pk is None
        people = User.objects.filter(
            memberships__cluster=self.access.cluster, memberships__deleted=None, is_active=True
        ).distinct()
        self.fields["people"].queryset = people.order_by("name")
        self.fields["mediator"].queryset = people.order_by("name")
        if not self.access.covers(Role.MANAGER):  # who else may read is a manager's to say
            del self.fields["mediator"]
        if not leads(self.access, self.instance):
            del self.fields["outcome"], self.fields["agreement"]

    def clean(self) -> dict[str, Any]:
        """Refuses a conflict of one."""
        cleaned = super().clean()
        named = len(cleaned.get("organisations") or ()) + len(cleaned.get("people") or ())
        if named + self._missing(cleaned) < 2:
            raise ValidationError(_("A conflict has at least two parties."))
        if cleaned.get("mediator") in set(cleaned.get("people") or ()):
            self.add_error("mediator", _("A party cannot mediate."))
        return cleaned

    def _missing(self, cleaned: dict[str, Any]) -> bool:
        """Whether who enters the matter would not see it: not a manager, and no party by name or organisation."""
        if not self.fresh or self.access.covers(Role.MANAGER):
            return False
        return self.access.user not in set(cleaned.get("people") or ()) and self.access.organisation not in set(
            cleaned.get("organisations") or ()
        )

    def _save_m2m(self) -> None:
        super()._save_m2m()
        if self._missing(self.cleaned_data):
            self.instance.people.add(self.access.user)
        if self.fresh:
            announce(self.instance, self.access.user)


class StepForm(RecordForm):
    """A step: of a conflict that the person sees."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fresh = self.instance.pk is None
        if not self.fresh:  # a step stays with its conflict
            del self.fields["conflict"]

    def _save_m2m(self) -> None:
        super()._save_m2m()
        if self.fresh:
            announce(self.instance.conflict, self.access.user)

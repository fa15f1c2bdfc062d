"""Forms of records: choices from the same cluster only, and no change of another person overwritten unseen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models

from almaz.language import text as _
from almaz.web.centre.access import Access
from almaz.web.centre.kinds import Kind, kind_of
from almaz.web.centre.models import Record
from almaz.web.language import moment

WIDGETS: dict[type, Any] = {
    models.DateField: lambda: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    models.DateTimeField: lambda: forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    models.TextField: lambda: forms.Textarea(attrs={"rows": 4}),
}


class RecordForm(forms.ModelForm):
    """A form of one record. `seen` says which state the person began from: if another has changed it since, the form says so,
    keeps what was typed, and saves only when sent again."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, access: Access, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.data: Any
        self.access = access
        self.instance.cluster = access.cluster
        self.stale = False
        self.initial["seen"] = self.instance.changed.isoformat() if self.instance.pk else ""
        for field in self.fields.values():
            model = getattr(getattr(field, "queryset", None), "model", None)
            if model is not None and issubclass(model, Record):
                kind = kind_of(model)
                field.queryset = kind.rows(access) if kind and access.covers(kind.view) else model.of(access.cluster)

    def clean(self) -> dict[str, Any]:
        """What was typed, if the record is still as it was when the form was opened."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.instance.pk:
            now = type(self.instance).everything.get(pk=self.instance.pk)
            if cleaned.get("seen") and cleaned["seen"] != now.changed.isoformat():
                self.stale = True
                typed: Any = self.data.copy()
                typed[self.add_prefix("seen")] = now.changed.isoformat()
                self.data = typed
                latest = now.history.first()
                by = (latest and latest.history_user) or _("somebody")
                self.add_error(None, _overtaken(str(by), moment(now.changed)))
        return cleaned


def _overtaken(person: str, time: str) -> str:
    return _(
        "{person} changed this at {time}, after you opened it. See its history, or send again to save yours over it.",
        person=person,
        time=time,
    )


def form_class(kind: Kind) -> type[RecordForm]:
    """The form of a kind: its own, or one of its fields."""
    found: type[RecordForm] = forms.modelform_factory(
        kind.model,
        form=kind.form or RecordForm,
        fields=list(kind.fields),
        formfield_callback=form_field,
        widgets=kind.widgets or None,
    )
    return found


def form_field(field: Any, **options: Any) -> Any:
    widget = next((make() for known, make in WIDGETS.items() if type(field) is known), None)
    if widget is not None and "widget" not in options and not getattr(field, "choices", None):
        options["widget"] = widget
    return field.formfield(**options)

"""What the forms of participants ask beyond their fields: who may write for whom, no tie twice, codes written one way."""

from __future__ import annotations

import re
from typing import Any

from django.forms import ModelForm
from django.utils import timezone

from almaz.language import text as _
from almaz.measures.network import DIRECTED
from almaz.web.centre.forms import RecordForm
from almaz.web.centre.roles import Role
from almaz.web.participants.models import CODES, Organisation, Status, Tie


def _own_only(form: Any, *organisations: Organisation | None) -> None:
    """A member writes for its own organisation alone."""
    own = form.access.organisation
    if not form.access.covers(Role.ANALYST) and (own is None or own not in organisations):
        form.add_error(None, _("A member writes for its own organisation alone."))


class OrganisationForm(RecordForm):
    """Codes of industries with one separator; a place has both coordinates or none; who has left has a day of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["industries"].validators = []  # it is written one way first
        self.fields["status"].required = False

    def clean_status(self) -> str:
        """Who says nothing takes part."""
        return self.cleaned_data["status"] or str(Status.ACTIVE)

    def clean_industries(self) -> str:
        """Codes as typed, with any of the usual separators, as `01.24; 10.32`."""
        codes = [code for code in re.split(r"[;,\s]+", self.cleaned_data["industries"]) if code]
        written = "; ".join(dict.fromkeys(codes))
        if written:
            CODES(written)
        return written

    def clean(self) -> dict[str, Any]:
        """What was typed, if it hangs together."""
        cleaned = super().clean()
        _both_coordinates(self, cleaned)
        joined, left = cleaned.get("joined"), cleaned.get("left")
        if joined and left and left < joined:
            self.add_error("left", _("This is before it joined."))
        return cleaned


class PlaceForm(RecordForm):
    """A place of one's own organisation."""

    def clean(self) -> dict[str, Any]:
        """What was typed, if it may be."""
        cleaned = super().clean()
        _both_coordinates(self, cleaned)
        _own_only(self, cleaned.get("organisation"))
        return cleaned


def _both_coordinates(form: ModelForm, cleaned: dict[str, Any]) -> None:
    for one, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if cleaned.get(one) is not None and cleaned.get(other) is None and other not in form.errors:
            form.add_error(other, _("Give both coordinates or neither."))


class PersonForm(RecordForm):
    """A person of one's own organisation."""

    def clean(self) -> dict[str, Any]:
        """What was typed, if it may be."""
        cleaned = super().clean()
        _own_only(self, cleaned.get("organisation"))
        return cleaned


class TieForm(RecordForm):
    """A tie of two organisations, once; without direction it stands the same whichever is named first."""

    def clean(self) -> dict[str, Any]:
        """What was typed, if there is no such tie yet."""
        cleaned = super().clean()
        source, target, layer = (cleaned.get(name) for name in ("source", "target", "layer"))
        if not (source and target and layer):
            return cleaned
        _own_only(self, source, target)
        if source == target:
            self.add_error("target", _("An organisation has no tie with itself."))
        ends = [(source, target)] if layer in DIRECTED else [(source, target), (target, source)]
        for one, other in ends:
            there = Tie.of(self.access.cluster).filter(source=one, target=other, layer=layer)
            if there.exclude(pk=self.instance.pk).exists():
                self.add_error(None, _("This tie is here already."))
        if layer not in DIRECTED:
            cleaned["mutual"] = False
        return cleaned


class WaveForm(RecordForm):
    """A wave of the survey: it ends after it begins, not in the past; one that is over keeps its days."""

    def clean(self) -> dict[str, Any]:
        """What was typed, if it hangs together."""
        cleaned = super().clean()
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        was = self.instance.pk and type(self.instance).everything.get(pk=self.instance.pk)
        if was and was.over:
            if (opens, closes) != (was.opens, was.closes):
                self.add_error(None, _("This wave is over: its days stay as they are. Begin a new wave."))
        elif opens and closes and (closes < opens or closes < timezone.localdate()):
            self.add_error("closes", _("It must end after it begins, and not in the past."))
        return cleaned

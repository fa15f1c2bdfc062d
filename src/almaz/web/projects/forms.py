"""Forms of the programme: texts of the catalogue shown for editing, evidence by a record's address, early promises warned of."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from almaz.language import LANGUAGES, text, use
from almaz.web.centre.access import Access
from almaz.web.centre.forms import RecordForm
from almaz.web.centre.kinds import kinds
from almaz.web.language import lazy as _
from almaz.web.projects.warnings import early_outcome, early_promise

MOST_DRAFT = 2_000_000


class CatalogueForm(RecordForm):
    """A form in which an empty text is shown as the catalogue says it. What is sent back unchanged stays the catalogue's, and
    follows the reader's language; anything else becomes the user's own text."""

    drawn: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.drawn:
            if self.instance.pk and name in self.fields and not getattr(self.instance, name):
                self.initial[name] = self.instance.from_catalogue(name)

    def clean(self) -> dict[str, Any]:
        """Texts that are the catalogue's in any language are not kept as own texts."""
        cleaned = super().clean()
        if self.instance.pk:
            for name in self.drawn:
                if cleaned.get(name) and cleaned[name].strip() in self._in_all(name):
                    cleaned[name] = ""
        return cleaned

    def _in_all(self, name: str) -> set[str]:
        said = set()
        for spoken in LANGUAGES:
            with use(spoken):
                said.add(self.instance.from_catalogue(name).strip())
        return said


class ProjectForm(CatalogueForm):
    """A project; a promise earlier than clusters are known to keep is warned of, not refused."""

    drawn = ("name",)

    def __init__(self, access: Access, *args: Any, **kwargs: Any) -> None:
        super().__init__(access, *args, **kwargs)
        warning = early_outcome(self.instance, access.cluster.start)
        hint = text("Real benefits come no earlier than 5 to 7 years after the programme's start.")
        self.fields["outcome"].help_text = f"⚠ {warning}" if warning else hint


class ProgrammeForm(RecordForm):
    """The programme as a whole."""

    def __init__(self, access: Access, *args: Any, **kwargs: Any) -> None:
        super().__init__(access, *args, **kwargs)
        warning = early_promise(self.instance, access.cluster.start)
        hint = text("Real benefits come no earlier than 5 to 7 years after the programme's start.")
        self.fields["promised"].help_text = f"⚠ {warning}" if warning else hint


class FrameForm(CatalogueForm):
    """A line of the logical frame."""

    drawn = ("words", "indicator", "assumption")


class RiskForm(CatalogueForm):
    """A risk."""

    drawn = ("name",)


class EvidenceForm(CatalogueForm):
    """A record with evidence, which may be a record of the workspace, named by the address of its page; none that is
    confidential, for who may see the one may not see the other."""

    drawn: tuple[str, ...] = ("name",)
    record = forms.CharField(
        label=_("or a record of this workspace"),
        required=False,
        help_text=_("Paste the address of its page, for example of an organisation, a minute or a project."),
    )

    def __init__(self, access: Access, *args: Any, **kwargs: Any) -> None:
        super().__init__(access, *args, **kwargs)
        if "name" not in self.fields:
            self.drawn = ()
        if self.instance.record_kind and self.instance.record_pk:
            self.initial["record"] = f"{self.instance.record_kind}/{self.instance.record_pk}"

    def clean_record(self) -> str:
        """The record, if there is one of this address in the cluster that the person may see."""
        given: str = self.cleaned_data["record"].strip()
        if not given:
            self.instance.record_kind, self.instance.record_pk = "", None
            return ""
        kind, pk = _named(given, self.access.cluster.slug)
        known = kinds().get(kind)
        if (
            known is None
            or known.confidential
            or not self.access.covers(known.view)
            or not known.rows(self.access).filter(pk=pk).exists()
        ):
            raise ValidationError(text("There is no record of this cluster at this address."))
        self.instance.record_kind, self.instance.record_pk = kind, pk
        return given


def _named(given: str, slug: str) -> tuple[str, int]:
    """Kind and number of a record by the address of its page in any language, or by `kind/number`."""
    parts = urlsplit(given).path.strip("/").split("/")
    if len(parts) != 2 and parts[-4:-2] != ["centre", slug]:
        return "", 0
    kind, pk = parts[-2:]
    return (kind, int(pk)) if pk.isdecimal() and pk.isascii() and len(pk) < 18 else ("", 0)


class DraftForm(forms.Form):
    """A draft as a file."""

    file = forms.FileField(label=_("draft programme (TOML)"), widget=forms.FileInput(attrs={"accept": ".toml"}))

    def clean_file(self) -> Any:
        """No larger than any draft."""
        held = self.cleaned_data["file"]
        if held.size > MOST_DRAFT:
            raise ValidationError(text("the file is larger than 2 MB: it is no draft programme"))
        return held


class ProgressForm(RecordForm):
    """What the owner of a project tells of it."""


class ReachedForm(EvidenceForm):
    """When a milestone was reached, and what shows it."""

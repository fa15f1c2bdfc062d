"""Forms of studies: a new one with its files, more files, the study file as text."""

from __future__ import annotations

from typing import Any

from django import forms

from almaz.web.language import lazy as _
from almaz.web.studies.access import clusters_for_studies
from almaz.web.studies.models import Study
from almaz.web.uploads import checked_study_file


class SeveralFiles(forms.ClearableFileInput):
    """A field for files, several at once."""

    allow_multiple_selected = True


class Files(forms.FileField):
    """Files of a study, each checked."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file, checked and safely named. Raises ValidationError for the first that may not be."""
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        if not given and self.required:
            super().clean(None, initial)
        for one in given:
            checked_study_file(one)
        return list(given)


class NewStudy(forms.ModelForm):
    """What it is called, for which cluster, from which files."""

    uploads = Files(
        label=_("files"),
        help_text=_("XLSX, CSV or Parquet with the figures; also a study.toml, lists of regions, borders (GeoJSON)."),
    )

    class Meta:
        model = Study
        fields = ("title", "cluster")

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cluster"].queryset = clusters_for_studies(user)
        self.fields["cluster"].required = not user.is_superuser
        self.fields["cluster"].empty_label = "—" if user.is_superuser else None


class MoreFiles(forms.Form):
    """More files for a study; one of the same name takes the earlier one's place."""

    uploads = Files(label=_("files"))


class StudyText(forms.ModelForm):
    """The study file itself. seen: the state that the person began from."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Study
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 32, "class": "code", "spellcheck": "false"})}

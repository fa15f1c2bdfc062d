"""What shows that something is so: a file, a link, a record of the workspace, or the edition itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from almaz.web.centre.models import Record, folder
from almaz.web.language import lazy as _
from almaz.web.uploads import checked

if TYPE_CHECKING:
    from almaz.web.centre.access import Access


class Evidenced(models.Model):
    """A record with evidence. A note explains; only a file, a link, a living record or an edition counts as evidence."""

    note = models.TextField(_("what the evidence shows"), blank=True)
    link = models.URLField(_("link to the evidence"), max_length=500, blank=True)
    file = models.FileField(_("file with the evidence"), upload_to=folder, blank=True, validators=[checked])
    record_kind = models.CharField(max_length=40, blank=True, editable=False)
    record_pk = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    edition = models.CharField(_("edition that shows it"), max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True

    def from_catalogue(self, name: str) -> str:  # noqa: ARG002
        """What an empty text is said to be: nothing, where there is no catalogue of it."""
        return ""

    @property
    def linked(self) -> Record | None:
        """The living record that is the evidence, if one was named."""
        from almaz.web.centre.kinds import kinds

        kind = kinds().get(self.record_kind)
        if kind is None or self.record_pk is None:
            return None
        found: Record | None = kind.model.objects.filter(cluster=self.cluster, pk=self.record_pk).first()
        return found

    def linked_for(self, access: Access) -> Record | None:
        """The same, for who may see that record."""
        from almaz.web.centre.kinds import kinds

        kind = kinds().get(self.record_kind)
        if kind is None or not access.covers(kind.view) or self.linked is None:
            return None
        found: Record | None = kind.rows(access).filter(pk=self.record_pk).first()
        return found

    @property
    def shown(self) -> bool:
        """Whether there is evidence."""
        return bool(self.file or self.link or self.edition or (self.record_pk and self.linked))

    def has_evidence(self) -> bool:
        """The same for lists of records."""
        return self.shown

    has_evidence.short_description = _("evidence is attached")  # type: ignore[attr-defined]

    def evidence_state(self) -> tuple[Any, ...]:
        """What the evidence consists of: who confirmed it confirmed just this."""
        return (self.link, str(self.file), self.record_kind, self.record_pk, self.edition)


class Guarded(models.Model):
    """A record with a rule of its own: `guard` raises ValidationError, and nothing gets round it: form, undo, bin, code."""

    class Meta:
        abstract = True

    def guard(self) -> None:
        """Raise ValidationError where this state may not be."""
        raise NotImplementedError

    def clean(self) -> None:
        """What a form asks before it saves."""
        super().clean()
        self.guard()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save what the rule allows."""
        self.guard()
        super().save(*args, **kwargs)


def refused(words: str) -> ValidationError:
    """What a guard raises."""
    return ValidationError(words, code="guarded")

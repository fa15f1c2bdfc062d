"""Two records of one organisation made one: what refers to the one then refers to the other; undone as one change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from almaz.measures.network import DIRECTED
from almaz.web.accounts.models import Invitation
from almaz.web.centre.changes import new_mark, save
from almaz.web.centre.models import Kept, Membership
from almaz.web.participants.models import Distinct, Organisation, Tie


def merge(kept: Organisation, other: Organisation, values: Mapping[str, Any]) -> str:
    """Move what refers to `other` (people, places, ties and all else) to `kept`, which gets these values; bin `other`.

    A tie that would join the organisation with itself, or stand twice, goes into the bin too. Gives the mark to undo it by.
    """
    reason = new_mark(f"{other} ⇒ {kept}")
    with transaction.atomic():
        for relation in _relations():
            _moved(relation, kept, other, reason)
        for name, value in values.items():
            setattr(kept, name, value)
        save(kept, reason)
        other.deleted = timezone.now()
        save(other, reason)
    return reason[:12]


def signed_for(*organisations: Organisation) -> bool:
    """Whether people sign in for one of them, or are asked to: to merge these is for managers, for it changes who sees what."""
    belong = Membership.objects.filter(organisation__in=organisations)
    return belong.exists() or Invitation.objects.filter(organisation__in=organisations, accepted=None).exists()


def _relations() -> list[Any]:
    """Every field of another model that refers to an organisation, of whatever app; histories keep what they say."""
    every = Organisation._meta.get_fields(include_hidden=True)
    return [
        one
        for one in every
        if one.auto_created
        and not one.concrete
        and one.related_model is not Distinct
        and not one.related_model._meta.auto_created
        and not hasattr(one.related_model, "history_type")
    ]


def _moved(relation: Any, kept: Organisation, other: Organisation, reason: str) -> None:
    model, name = relation.related_model, relation.field.name
    if relation.many_to_many:
        for record in model._base_manager.filter(**{name: other}):
            getattr(record, name).add(kept)  # the other stays too, unseen while it lies in the bin
    elif not issubclass(model, Kept):
        _moved_rows(model, name, kept, other)
    elif model is not Tie:
        for record in model.everything.filter(**{name: other}):
            setattr(record, name, kept)
            save(record, reason)
    elif name == "source":
        _moved_ties(kept, other, reason)


def _moved_rows(model: Any, name: str, kept: Organisation, other: Organisation) -> None:
    """Rows without a history, an invitation to a survey say: moved unless `kept` has one of its own."""
    rules = [set(one.fields) - {name} for one in model._meta.constraints if name in getattr(one, "fields", ())]
    for row in model._base_manager.filter(**{name: other}):
        same = [{name: kept, **{field: getattr(row, field) for field in rule}} for rule in rules]
        if not any(model._base_manager.filter(**one).exists() for one in same):
            setattr(row, name, kept)
            row.save()


def _moved_ties(kept: Organisation, other: Organisation, reason: str) -> None:
    here = {_ends(tie) for tie in Tie.of(kept.cluster) if other.pk not in (tie.source_id, tie.target_id)}
    for tie in Tie.everything.filter(models.Q(source=other) | models.Q(target=other)):
        if tie.source_id == other.pk:
            tie.source = kept
        if tie.target_id == other.pk:
            tie.target = kept
        if tie.deleted is None and (tie.source_id == tie.target_id or _ends(tie) in here):
            tie.deleted = timezone.now()
        here.add(_ends(tie))
        save(tie, reason)


def _ends(tie: Tie) -> tuple[str, int, int]:
    ends = (tie.source_id, tie.target_id)
    return (str(tie.layer), *(ends if tie.layer in DIRECTED else (min(ends), max(ends))))

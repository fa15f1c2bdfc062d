"""Many records changed at once (an import, a merge of two records): they bear one mark in the history and are undone together."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from almaz.web.accounts.models import User
from almaz.web.centre.access import Access
from almaz.web.centre.kinds import kind_of
from almaz.web.centre.models import Kept, Record
from almaz.web.centre.roles import Role

MARK = re.compile(r"[0-9a-f]{12} ")
UNDONE = "undone "


@dataclass(frozen=True)
class Change:
    """What was done at once: words: its file, or what was merged; records: how many it touched; undone: brought back since."""

    mark: str
    words: str
    when: datetime
    who: str
    records: int
    undone: bool


def new_mark(words: str) -> str:
    """The reason that every record of one change bears: a mark of its own, and words."""
    return f"{secrets.token_hex(6)} {words}"


def save(record: Kept, reason: str) -> None:
    """Save a record as part of a change."""
    record._change_reason = reason
    record.save()


def changes(access: Access) -> list[Change]:
    """The changes of a cluster, the newest first."""
    found: dict[str, tuple[datetime, int, int | None]] = {}
    undone = set()
    for model in _models():
        states = model.history.filter(cluster=access.cluster).exclude(history_change_reason=None)
        grouped = states.values("history_change_reason").annotate(
            when=Max("history_date"), number=Count("history_id"), who=Max("history_user")
        )
        for row in grouped.order_by():
            reason = row["history_change_reason"]
            if reason.startswith(UNDONE):
                undone.add(reason.removeprefix(UNDONE))
            elif MARK.match(reason):
                when, number, who = found.get(reason, (row["when"], 0, row["who"]))
                found[reason] = (max(when, row["when"]), number + row["number"], who or row["who"])
    people = User.objects.in_bulk([who for _when, _number, who in found.values() if who])
    made = [
        Change(reason[:12], reason[13:], when, str(people.get(who, "")), number, reason[:12] in undone)
        for reason, (when, number, who) in found.items()
    ]
    return sorted(made, key=lambda one: one.when, reverse=True)


def undo(access: Access, mark: str) -> tuple[int, list[Any]]:
    """Bring every record of a change back to what it was before; what the change made goes into the bin.

    Gives how many were brought back, and the records that were changed again since: they stay as they are. Raises
    PermissionDenied where one of them may not be changed by this person; then nothing is undone.
    """
    back, kept = 0, []
    with transaction.atomic():
        for model in _models():
            for state in model.history.filter(cluster=access.cluster, history_change_reason__startswith=f"{mark} "):
                record = model.everything.get(pk=state.instance.pk)
                kind = kind_of(model)
                if kind is not None and not kind.changeable(access, record):
                    raise PermissionDenied
                if not isinstance(record, Record):
                    access.need(Role.MANAGER)  # who belongs to the cluster, and for whom
                if record.history.first().history_id != state.history_id:
                    kept.append(record)
                    continue
                before = state.prev_record
                restored = record if before is None else before.instance
                restored.deleted = timezone.now() if before is None else restored.deleted
                save(restored, f"{UNDONE}{mark}")
                back += 1
    return back, kept


def _models() -> list[Any]:
    """Every model whose rows belong to a cluster and have a history."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Kept) and any(field.name == "cluster" for field in model._meta.fields)
    ]

"""What a cluster's experts say together, and their judgements as the form files that a study reads."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.tables.expert_form import HIGHEST, Agreement, Place, Question, agreement, write_form
from almaz.tables.expert_form import Judgement as Answer
from almaz.web.centre.access import Access
from almaz.web.centre.models import Cluster
from almaz.web.centre.roles import Role
from almaz.web.evidence.models import Judgement
from almaz.web.evidence.questions import Asked, asked

FORMS = ("potential", "diamond")


@dataclass(frozen=True)
class Said:
    """What is said of one question. number: experts; mine: the person's own judgement; open: whether the person may see the
    others', which is after the own, so that everybody judges alone."""

    asked: Asked
    number: int
    low: int | None
    middle: float | None
    high: int | None
    mine: Judgement | None
    open: bool

    @property
    def severity(self) -> float | None:
        """Of an obstacle, 1 to 7: the more, the more it is in the way; the form's level counts the other way."""
        return None if self.middle is None else HIGHEST + 1 - self.middle


def said(access: Access) -> dict[str, Said]:
    """Every question with what was said of it, by its code."""
    held: dict[str, list[Judgement]] = {}
    for one in Judgement.of(access.cluster):
        held.setdefault(one.question, []).append(one)
    return {code: _of(access, question, held.get(code, [])) for code, question in asked().items()}


def _of(access: Access, question: Asked, held: list[Judgement]) -> Said:
    mine = next((one for one in held if one.user_id == access.user.pk), None)
    levels = sorted(one.level for one in held)
    seen = access.covers(Role.ANALYST) or mine is not None
    if not levels or not seen:
        return Said(question, len(levels), None, None, None, mine, seen)
    return Said(question, len(levels), levels[0], float(median(levels)), levels[-1], mine, seen)


def answers(cluster: Cluster) -> list[tuple[str, Answer]]:
    """The judgements as the expert form's, each with the form that it belongs to; two experts of one name are told apart."""
    known = asked()
    rows = [one for one in Judgement.of(cluster).select_related("user").order_by("user", "pk") if one.question in known]
    names = _names(rows)
    return [
        (
            known[one.question].form,
            Answer(
                names[one.user_id], cluster.region, one.question, one.day.year, float(one.level), one.confidence,
                one.rests_on, cluster.cluster if known[one.question].form == "potential" else None,
            ),
        )
        for one in rows
    ]  # fmt: skip


def _names(rows: Iterable[Judgement]) -> dict[int, str]:
    people = {one.user_id: one.user for one in rows}
    names = [str(user) for user in people.values()]
    return {key: str(user) if names.count(str(user)) == 1 else f"{user} <{user.email}>" for key, user in people.items()}


def agreements(cluster: Cluster) -> dict[str, Agreement]:
    """How far the experts agree, by form."""
    held = answers(cluster)
    return {form: agreement([one for which, one in held if which == form]) for form in FORMS}


def packed_forms(cluster: Cluster) -> bytes:
    """A ZIP of filled expert forms: one for each form, expert and year, as `almaz run` reads them.

    Raises AlmazError where the cluster is not tied to a region and a cluster of a study.
    """
    if not cluster.region or not cluster.cluster:
        raise AlmazError(
            _("this cluster is not tied to a region and a cluster of a study"),
            advice=_("name both codes in the settings"),
        )
    held: dict[tuple[str, str, int], list[Answer]] = {}
    for form, one in answers(cluster):
        held.setdefault((form, one.expert, one.year), []).append(one)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target, TemporaryDirectory() as folder:
        for place, ((form, expert, year), given) in enumerate(sorted(held.items()), start=1):
            file = write_form(
                Path(folder) / "form.xlsx",
                _questions(form),
                [_place(cluster, form)],
                year,
                expert=expert,
                answers=given,
            )
            when = zipfile.ZipInfo(f"{form}-{place:02d}-{year}.xlsx", (year, 1, 1, 0, 0, 0))
            target.writestr(when, file.read_bytes())
    return packed.getvalue()


def _place(cluster: Cluster, form: str) -> Place:
    if form == "potential":
        return Place(cluster.region, "", cluster.cluster, str(cluster))
    return Place(cluster.region, "")


def _questions(form: str) -> list[Question]:
    return [
        Question(one.code, f"{one.name}. {one.text}" if one.text else one.name, _anchors(one.anchors))
        for one in asked().values()
        if one.form == form
    ]


def _anchors(held: Mapping[int, str]) -> dict[str, str]:
    return {str(level): words for level, words in held.items()}

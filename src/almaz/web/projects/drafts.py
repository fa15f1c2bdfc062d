"""A draft programme as the workspace takes it in: from the TOML of `almaz draft`, or made on the spot from an edition.

Both come to the same content, which is kept: codes of the catalogue where its texts are unchanged, own texts where somebody
edited them, findings in every language that is known.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from almaz.errors import AlmazError, Where
from almaz.language import LANGUAGES, use
from almaz.language import text as _
from almaz.programme.catalogue import Measure
from almaz.programme.draft import DraftOptions, ProgrammeDraft
from almaz.programme.explained import actor_words, explained, warning_words
from almaz.programme.frames import assumptions, impact
from almaz.programme.writing import FORMAT
from almaz.study.drafting import draft_of
from almaz.study.edition import Edition
from almaz.study.programme import drafts
from almaz.web.projects.models.project import measures

LARGEST = 2_000_000
"""Bytes of a draft: many times what the catalogue's measures can fill."""
Content = dict[str, Any]
Text = Annotated[str, Field(max_length=4000)]
Year = Annotated[int, Field(ge=1990, le=2100)]
OWN = ("name", "activity", "output", "outcome", "indicator", "risk")
"""Texts of a measure that a project holds."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class _Place(_Part):
    code: Annotated[str, Field(max_length=120)]
    name: Text


class _Baseline(_Part):
    name: Annotated[str, Field(max_length=40)]
    year: Year
    value: float | None = None
    low: float | None = None
    high: float | None = None


class _Finding(_Part):
    id: Annotated[str, Field(max_length=300)]
    says: Text
    severity: float = 0.0
    certain: bool = False


class _Frame(_Part):
    inputs: Text = ""
    activities: Text = ""
    outputs: Text = ""
    outcomes: Text = ""
    impact: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    assumptions: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    indicator: Text = ""
    risk: Text = ""


class _Milestone(_Part):
    year: Year
    what: Literal["start", "outputs", "outcomes"]


Amount = Annotated[float, Field(ge=0, le=1e9)]


class _Project(_Part):
    number: Annotated[int, Field(ge=1, le=32767)]
    measure: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9_]+$")]
    name: Annotated[str, Field(min_length=1, max_length=300)]
    because: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    owner: Text = ""
    stage: Literal[1, 2, 3]
    logical_frame: _Frame
    milestone: Annotated[tuple[_Milestone, ...], Field(max_length=3)] = ()
    budget_million_usd: dict[Literal["people", "services", "equipment"], tuple[Amount, Amount]] = {}


class _Need(_Part):
    code: Annotated[str, Field(max_length=40)]
    shown: bool = False


class _Gate(_Part):
    code: Literal["G0", "G1", "G2", "G3", "G4", "G5", "G6"]
    year: Year
    need: Annotated[tuple[_Need, ...], Field(max_length=40)]


class _Programme(_Part):
    format: Literal["almaz-programme-1"]
    edition: Annotated[str, Field(max_length=64)]
    region: _Place
    cluster: _Place
    start: Year
    horizon: Annotated[int, Field(ge=1, le=40)]
    warnings: tuple[Text, ...] = ()
    baseline: Annotated[tuple[_Baseline, ...], Field(max_length=200)] = ()
    finding: Annotated[tuple[_Finding, ...], Field(max_length=1000)] = ()
    project: Annotated[tuple[_Project, ...], Field(min_length=1, max_length=200)]
    gate: Annotated[tuple[_Gate, ...], Field(max_length=7)] = ()


def from_toml(held: bytes, name: str) -> Content:
    """The content of a draft in a file. Raises AlmazError naming the file and the key."""
    if len(held) > LARGEST:
        raise AlmazError(_("the file is larger than 2 MB: it is no draft programme"), where=Where(file=name))
    try:
        read = _Programme.model_validate(tomllib.loads(held.decode("utf-8-sig")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as why:
        raise AlmazError(
            _("the file cannot be read: {why}", why=why), where=Where(file=name),
            expected=_("a draft programme in TOML, as `almaz draft` writes it"),
        ) from None  # fmt: skip
    except ValidationError as why:
        error = why.errors()[0]
        raise AlmazError(
            str(error["msg"]), where=Where(file=name, key=".".join(map(str, error["loc"]))),
            expected=_("a draft programme of the format {format}, as `almaz draft` writes it", format=FORMAT),
        ) from None  # fmt: skip
    _once(read, name)
    return _content(read)


def _once(read: _Programme, name: str) -> None:
    """Raise AlmazError where a measure or a gate stands twice."""
    gates: list[str] = [one.code for one in read.gate]
    for key, codes in (("project", [one.measure for one in read.project]), ("gate", gates)):
        for code in codes:
            if codes.count(code) > 1:
                raise AlmazError(_("«{id}» stands twice", id=code), where=Where(file=name, key=key))


def from_edition(edition: Edition, region: str, cluster: str, start: int, horizon: int) -> Content:
    """The content of a draft for one cluster: the one that the edition holds, else one drafted now from its tables.

    Raises AlmazError where the edition has no diagnosis, or no such candidate.
    """
    held = drafts(edition) if "programme_projects" in edition.tables else []
    options = DraftOptions(start, horizon)
    one = next((made for made in held if (made.region, made.cluster) == (region, cluster)), None)
    return from_draft(one or draft_of(edition, region, cluster, options), _names(edition, region, cluster))


def _names(edition: Edition, region: str, cluster: str) -> tuple[dict[str, str], dict[str, str]]:
    from almaz.report.programme import names

    return (
        _in_all(lambda: names(edition, "regions", "region", region)),
        _in_all(lambda: names(edition, "clusters", "cluster", cluster)),
    )


def from_draft(draft: ProgrammeDraft, named: tuple[dict[str, str], dict[str, str]]) -> Content:
    """The content of a draft that was just made; findings are explained in every language. named: region and cluster,
    by language."""
    findings = {
        one.id: {"severity": one.severity, "certain": one.certain, "says": _in_all(lambda one=one: explained(one))}
        for one in draft.findings
    }
    return {
        "edition": draft.edition,
        "region": {"code": draft.region, "name": named[0]},
        "cluster": {"code": draft.cluster, "name": named[1]},
        "start": draft.start,
        "horizon": draft.horizon,
        "warnings": list(draft.warnings),
        "findings": findings,
        "baselines": [vars(one) for one in draft.baselines],
        "projects": [
            {
                "number": one.number, "measure": one.measure.id, "stage": one.measure.stage, "actor": one.measure.actor,
                "because": [{"id": found, "says": findings[found]["says"]} for found in one.because],
                "own": {} if measures().get(one.measure.id) == one.measure else _texts_of(one.measure),
                "impact": [], "assumptions": [],
                "years": {
                    "start": draft.start + one.start, "outputs": draft.start + one.outputs,
                    "outcomes": draft.start + one.outcome,
                },
                "budget": {line: list(amounts) for line, amounts in one.lines.items()},
            }
            for one in draft.projects
        ],
        "gates": [
            {"code": gate.code, "year": draft.start + gate.year,
             "needs": [{"code": need, "shown": need in gate.shown} for need in gate.needs]}
            for gate in draft.gates
        ],
    }  # fmt: skip


def _in_all(said: Any) -> dict[str, str]:
    texts = {}
    for spoken in LANGUAGES:
        with use(spoken):
            texts[spoken] = said()
    return texts


def _texts_of(measure: Measure) -> dict[str, str]:
    """The texts of a measure of somebody's own catalogue, in the language in use."""
    return {name: str(getattr(measure, name)) for name in OWN}


def _content(read: _Programme) -> Content:
    ids = {one.says: one.id for one in read.finding}
    return {
        "edition": read.edition,
        "region": {"code": read.region.code, "name": {"": read.region.name}},
        "cluster": {"code": read.cluster.code, "name": {"": read.cluster.name}},
        "start": read.start,
        "horizon": read.horizon,
        "warnings": _warning_codes(read.warnings),
        "findings": {
            one.id: {"severity": one.severity, "certain": one.certain, "says": {"": one.says}} for one in read.finding
        },
        "baselines": [one.model_dump() for one in read.baseline],
        "projects": [_project(one, ids) for one in read.project],
        "gates": [
            {"code": one.code, "year": one.year, "needs": [need.model_dump() for need in one.need]} for one in read.gate
        ],
    }


def _warning_codes(said: tuple[str, ...]) -> list[str]:
    """The codes of warnings by their words in any language."""
    codes = ("illustration", "early_benefit", "short_horizon", "late_outcome", "many_unknown")
    known = {words: code for code in codes for words in _in_all(lambda code=code: warning_words(code)).values()}
    return [known[words] for words in said if words in known]


def _project(one: _Project, ids: Mapping[str, str]) -> Content:
    measure = measures().get(one.measure)
    because: list[Content] = [{"id": ids.get(words, ""), "says": {"": words}} for words in one.because]
    codes = tuple(dict.fromkeys(found["id"].split(":")[1] for found in because if ":" in found["id"]))
    frame = one.logical_frame
    given = dict(
        zip(OWN, (one.name, frame.activities, frame.outputs, frame.outcomes, frame.indicator, frame.risk), strict=True)
    )
    return {
        "number": one.number,
        "measure": one.measure,
        "stage": one.stage,
        "actor": _actor(one.owner),
        "because": because,
        "own": {name: said for name, said in given.items() if said and not _unchanged(said, measure, name)},
        "impact": _unless(frame.impact, impact(codes)),
        "assumptions": _unless(frame.assumptions, assumptions(codes)),
        "years": {milestone.what: milestone.year for milestone in one.milestone},
        "budget": {line: list(amounts) for line, amounts in one.budget_million_usd.items()},
    }


def _unchanged(said: str, measure: Measure | None, name: str) -> bool:
    """Whether a text is the catalogue's in any language."""
    return measure is not None and said in {getattr(getattr(measure, name), spoken) for spoken in LANGUAGES}


def _unless(said: tuple[str, ...], drawn: tuple[Any, ...]) -> list[str]:
    """The texts, or none where they are the catalogue's in some language."""
    same = any(tuple(getattr(one, spoken) for one in drawn) == said for spoken in LANGUAGES)
    return [] if same else list(said)


def _actor(said: str) -> str:
    """The code of who acts, by the words for it in any language."""
    for spoken in LANGUAGES:
        with use(spoken):
            for code, words in actor_words().items():
                if words == said:
                    return code
    return ""


def digest(content: Content) -> str:
    """SHA-256 of a content: the same draft is known again."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

"""Stage 3 of the technology: evaluate, find, amend the programme, and go back to stage 1.

The source article's text of stage 3 is missing from our copy; this loop is our reconstruction and is labelled so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal, TypeAlias

import pyarrow as pa

from almaz.errors import AlmazError
from almaz.impact.inference import Verdict
from almaz.language import text as _

Action: TypeAlias = Literal["continue", "strengthen", "change", "stop", "measure_better"]
Why: TypeAlias = Literal[
    "wanted", "opposite", "too_early", "not_shown", "nearly_shown", "no_claim"
]  # fmt: skip
Status: TypeAlias = Literal["proposed", "accepted", "rejected"]
STAGE: Final = 3
RECONSTRUCTED: Final = True
"""Said wherever the loop is shown."""


@dataclass(frozen=True)
class Finding:
    """What an evaluation says about one outcome.

    name: short and unique within the evaluation; outcome: what was measured; desired: "up" or "down"; effect, low, high, p,
    verdict, by, treated, untreated: as of `inference.Claim`; years: of the panel after the first unit joined;
    source: identity of the
    evaluation or edition (its SHA-256); detectable: the smallest effect that the design could have shown, NaN where none.
    """

    name: str
    outcome: str
    desired: Literal["up", "down"]
    effect: float
    low: float
    high: float
    p: float
    verdict: Verdict
    by: str
    treated: int
    untreated: int
    years: int
    source: str
    detectable: float = float("nan")


@dataclass(frozen=True)
class Amendment:
    """A change of the programme that follows from a finding.

    finding: its name; project: which project or measure it is about; action; why: a code of `why_in_words`;
    status: "proposed" until the
    centre decides; decided_by, decided_on: who and when (ISO date), None while proposed; source: hash of the finding that it
    rests on, so that nobody can say later that it rested on another; stage, reconstructed: where in the technology.
    """

    finding: str
    project: str
    action: Action
    why: Why
    source: str
    status: Status = "proposed"
    decided_by: str | None = None
    decided_on: str | None = None
    stage: int = STAGE
    reconstructed: bool = RECONSTRUCTED


def fingerprint(record: Finding | Amendment) -> str:
    """SHA-256 of a record, the same wherever and whenever it is computed."""
    written = json.dumps(asdict(record), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()


def propose(findings: Sequence[Finding], project: str, earliest: int = 5) -> tuple[Amendment, ...]:
    """What each finding suggests, for the coordination centre to decide on.

    An effect in the desired direction: continue; in the other one: change; none shown before year `earliest`: continue, it is
    too early; none shown after: change, or measure better where the effect seen is at least half of what could have been
    shown; no claim possible: measure better.
    """
    return tuple(_proposed(finding, project, earliest) for finding in findings)


def _proposed(finding: Finding, project: str, earliest: int) -> Amendment:
    action, why = _suggested(finding, earliest)
    return Amendment(finding.name, project, action, why, fingerprint(finding))


def _suggested(finding: Finding, earliest: int) -> tuple[Action, Why]:
    if finding.verdict == "cannot_say":
        return "measure_better", "no_claim"
    if finding.verdict != "not_shown":
        wanted = (finding.verdict == "raised") == (finding.desired == "up")
        return ("continue", "wanted") if wanted else ("change", "opposite")
    if finding.years < earliest:
        return "continue", "too_early"
    if abs(finding.effect) >= finding.detectable / 2:
        return "measure_better", "nearly_shown"
    return "change", "not_shown"


def why_in_words(why: Why, years: int) -> str:
    """Why an amendment is proposed, in the language in use; years: of the finding."""
    return {
        "wanted": _("the effect is shown and is the one wanted"),
        "opposite": _("the effect is shown and is the opposite of the one wanted"),
        "too_early": _("no effect is shown after {years} years, and none was to be expected so early", years=years),
        "not_shown": _("no effect is shown after {years} years", years=years),
        "nearly_shown": _(
            "no effect is shown after {years} years, but what is seen is more than half of the smallest effect that these data"
            " could show",
            years=years,
        ),
        "no_claim": _("no claim is possible with these data: units are too few"),
    }[why]


def decide(amendment: Amendment, status: Status, by: str, on: str, action: Action | None = None) -> Amendment:
    """The amendment as the centre decided it: accepted or rejected, by whom and when (ISO date), perhaps with another action.

    Raises AlmazError for an amendment already decided: a new finding makes a new amendment.
    """
    if amendment.status != "proposed":
        raise AlmazError(
            _("this amendment was decided on {date} already", date=amendment.decided_on),
            advice=_("a new evaluation makes a new amendment"),
        )
    return replace(amendment, status=status, decided_by=by, decided_on=on, action=action or amendment.action)


FINDINGS: Final = pa.schema(
    [("name", pa.string()), ("outcome", pa.string()), ("desired", pa.string()), ("effect", pa.float64()),
     ("low", pa.float64()), ("high", pa.float64()), ("p", pa.float64()), ("verdict", pa.string()), ("by", pa.string()),
     ("treated", pa.int32()), ("untreated", pa.int32()), ("years", pa.int32()), ("source", pa.string()),
     ("detectable", pa.float64()), ("fingerprint", pa.string())]
)  # fmt: skip
AMENDMENTS: Final = pa.schema(
    [("finding", pa.string()), ("project", pa.string()), ("action", pa.string()), ("why", pa.string()),
     ("source", pa.string()), ("status", pa.string()), ("decided_by", pa.string()), ("decided_on", pa.string()),
     ("stage", pa.int32()), ("reconstructed", pa.bool_()), ("fingerprint", pa.string())]
)  # fmt: skip


def findings_table(findings: Sequence[Finding]) -> pa.Table:
    """Findings as a table, each with its fingerprint; not-a-number is null."""
    return _table(findings, FINDINGS)


def amendments_table(amendments: Sequence[Amendment]) -> pa.Table:
    """Amendments as a table, each with its fingerprint."""
    return _table(amendments, AMENDMENTS)


def _table(records: Sequence[Finding | Amendment], schema: pa.Schema) -> pa.Table:
    rows: list[Mapping[str, object]] = [{**asdict(record), "fingerprint": fingerprint(record)} for record in records]
    clean = [{key: None if isinstance(v, float) and v != v else v for key, v in row.items()} for row in rows]  # noqa: PLR0124
    return pa.Table.from_pylist(clean, schema=schema)


def amendments_from(table: pa.Table) -> tuple[Amendment, ...]:
    """The amendments of a table.

    Raises AlmazError where one was changed after it was written.
    """
    found = []
    for row in table.to_pylist():
        written = row.pop("fingerprint")
        amendment = Amendment(**row)
        if fingerprint(amendment) != written:
            raise AlmazError(
                _("the amendment to «{project}» was changed after it was written", project=amendment.project)
            )
        found.append(amendment)
    return tuple(found)

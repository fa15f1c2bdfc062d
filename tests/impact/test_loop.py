"""Evaluation → finding → amendment: rules, decisions, and records that cannot be changed unseen."""

from __future__ import annotations

import pyarrow as pa
import pytest

from almaz.errors import AlmazError
from almaz.impact.loop import (
    Amendment,
    Finding,
    amendments_from,
    amendments_table,
    decide,
    findings_table,
    fingerprint,
    propose,
)


def finding(verdict: str, years: int = 8, desired: str = "up", effect: float = 0.1, detectable: float = 0.5) -> Finding:
    numbers = (effect, effect - 0.2, effect + 0.2, 0.3)
    return Finding("overall", "employment", desired, *numbers, verdict, "normal", 12, 30, years, "abc", detectable)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "action"),
    [
        (finding("raised"), "continue"), (finding("raised", desired="down"), "change"),
        (finding("lowered"), "change"), (finding("lowered", desired="down"), "continue"),
        (finding("not_shown", years=3), "continue"), (finding("not_shown", years=7), "change"),
        (finding("not_shown", years=7, effect=0.4), "measure_better"),
        (finding("not_shown", years=7, detectable=float("nan")), "change"),
        (finding("cannot_say"), "measure_better"),
    ],
)  # fmt: skip
def test_each_finding_suggests_what_to_do(found: Finding, action: str) -> None:
    (made,) = propose([found], "dairy")
    assert (made.action, made.status, made.project) == (action, "proposed", "dairy")
    assert made.source == fingerprint(found)
    assert made.stage == 3
    assert made.reconstructed


def test_a_decision_is_recorded_once() -> None:
    (made,) = propose([finding("lowered")], "dairy")
    decided = decide(made, "accepted", "coordination centre", "2031-03-01", action="stop")
    assert (decided.status, decided.decided_by, decided.action) == ("accepted", "coordination centre", "stop")
    with pytest.raises(AlmazError, match="decided on 2031-03-01"):
        decide(decided, "rejected", "somebody", "2031-04-01")


def test_tables_hold_the_records_and_a_changed_one_is_noticed() -> None:
    findings = [finding("raised"), finding("cannot_say")]
    amendments = propose(findings, "dairy")
    assert findings_table(findings)["fingerprint"].to_pylist() == [fingerprint(one) for one in findings]
    table = amendments_table(amendments)
    assert amendments_from(table) == amendments
    rows = table.to_pylist()
    rows[0]["action"] = "strengthen"
    with pytest.raises(AlmazError, match="changed after it was written"):
        amendments_from(pa.Table.from_pylist(rows, schema=table.schema))


def test_a_fingerprint_depends_on_every_field() -> None:
    one = Amendment("overall", "dairy", "continue", "wanted", "abc")
    assert fingerprint(one) == fingerprint(Amendment("overall", "dairy", "continue", "wanted", "abc"))
    assert fingerprint(one) != fingerprint(Amendment("overall", "dairy", "change", "wanted", "abc"))

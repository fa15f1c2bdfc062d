"""What a programme changed: the sections of an evaluation, from an edition of a study or of a panel by itself."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa

from almaz.impact.evaluation import spoken_verdict
from almaz.impact.loop import why_in_words
from almaz.language import count, decimal, language, percent, spoken_text
from almaz.language import text as _
from almaz.report import impact_charts as charts
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition


def sections(edition: Edition) -> list[Section]:
    """The evaluation of a programme; nothing where the edition holds none."""
    if "programme_claim" not in edition.tables:
        return []
    design = edition.table("programme_design").to_pylist()[0]
    claim = edition.table("programme_claim").to_pylist()[0]
    outcome = _title(edition, design["outcome"])
    figures = [_estimates(edition), _paths(edition, outcome), _events(edition), _before(edition), _cells(edition)]
    figures += [*_synthetic(edition, outcome), *_power(edition), _loop(edition, outcome)]
    return [
        Section(
            "impact-programme",
            _("What the programme changed"),
            f"{outcome}. {claim_words(claim)}",
            tuple(figures),
            tuple(_warnings(edition, claim)),
        )
    ]


def _title(edition: Edition, outcome: str) -> str:
    study = edition.manifest.get("study") or {}
    names = ((study.get("impact") or {}).get("programme") or {}).get("title") or {}
    return str(names.get(language()) or names.get("en") or outcome)


def number(value: float | None) -> str:
    """An effect with as many decimals as it needs."""
    if value is None or not math.isfinite(value):
        return "—"
    size = abs(value)
    return decimal(value, 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3)


def claim_words(claim: dict[str, Any]) -> str:
    """What may be claimed, in the language in use."""
    numbers = {"treated": count(claim["treated"]), "untreated": count(claim["untreated"])}
    if not claim["allowed"]:
        return _(
            "No claim is possible: with {treated} units in the programme and {untreated} outside the smallest chance that can"
            " come out is {smallest}. The effect seen is {effect}.",
            smallest=percent(claim["smallest_p"], 1),
            effect=number(claim["effect"]),
            **numbers,
        )
    chance = (
        "< " + percent(0.001, 1) if claim["p"] is not None and claim["p"] < 0.001 else percent(claim["p"] or 0.0, 1)
    )
    said = {
        "raised": _("The programme raised it by {effect} ({low} … {high}; chance without any effect {p})."),
        "lowered": _("The programme lowered it: {effect} ({low} … {high}; chance without any effect {p})."),
    }.get(claim["verdict"], _("No effect is shown: {effect} ({low} … {high}; chance without any effect {p})."))
    words = said.format(effect=number(claim["effect"]), low=number(claim["low"]), high=number(claim["high"]), p=chance)
    how = (
        _("Judged by normal theory: {treated} units in the programme, {untreated} outside.", **numbers)
        if claim["by"] == "normal"
        else _(
            "Units are too few for normal theory ({treated} in the programme, {untreated} outside): judged by shuffling who"
            " joined.",
            **numbers,
        )
    )
    return f"{words} {how}"


def _warnings(edition: Edition, claim: dict[str, Any]) -> list[str]:
    said = [
        _(
            "Every number rests on one assumption: without the programme both sides would have moved alike. Programmes choose"
            " regions that stand out, and what stands out by chance falls back by itself: look at the years before first."
        )
    ]
    before = edition.table("programme_pretrends").to_pylist()[0]
    if before["p"] is None:
        said.append(_("There is no year before joining to compare: nothing tests whether both sides were alike."))
    elif before["p"] < 0.05:
        said.append(
            _(
                "Both sides moved apart before the programme already (chance of such differences by luck {p}).",
                p=percent(before["p"], 1),
            )
        )
    summary = {
        row["estimator"]: row for row in edition.table("programme_summary").to_pylist() if row["kind"] == "simple"
    }
    if summary["two_way"]["negative_weight"] > 0.01:
        said.append(
            _(
                "Plain two-way fixed effects give negative weight ({share}) to some of the effects they average: units long in"
                " the programme serve as a yardstick for others. They are shown only to be seen failing.",
                share=percent(summary["two_way"]["negative_weight"], 0),
            )
        )
    if not claim["allowed"] or claim["by"] != "normal":
        said.append(
            _("With so few units no standard error is trustworthy: intervals come from shuffling, or are left out.")
        )
    return said + [spoken_text(note) for note in edition.table("programme_notes")["note"].to_pylist()]


def estimator_names() -> dict[str, str]:
    """Estimators as a reader sees them."""
    return {
        "group_time": _("group–time effects"),
        "imputation": _("imputation"),
        "two_way": _("two-way fixed effects (naive)"),
        "before_after": _("before and after (naive)"),
    }


def _estimates(edition: Edition) -> Figure:
    names = estimator_names()
    rows = [
        {**row, "estimator": names[row["estimator"]]}
        for row in edition.table("programme_summary").to_pylist()
        if row["kind"] == "simple"
    ]
    table = pa.Table.from_pylist(rows)
    return Figure(
        "programme-estimates",
        _("The effect, by four ways to compute it"),
        table,
        _headings("estimator", "effect", "error", "low", "high", "negative_weight"),
        charts.estimates(rows),
        {"negative_weight": "percent"} | dict.fromkeys(("effect", "error", "low", "high"), "fine"),
        _("Full: estimates of the effect. Hollow: what is often reported instead."),
    )


def _headings(*names: str) -> dict[str, str]:
    words = {
        "estimator": _("estimator"), "effect": _("effect"), "error": _("standard error"), "low": _("interval from"),
        "high": _("to"), "band_low": _("band from"), "band_high": _("band to"), "negative_weight": _("negative weight"),
        "label": _("years since joining"), "cohort": _("joined in"), "time": _("year"), "mean": _("mean"),
        "units": _("units"), "treated": _("in the programme"), "controls": _("compared with"), "group": _("group"),
        "unit": _("unit"), "donor": _("region in the mix"), "weight": _("weight"),
    }  # fmt: skip
    return {name: words[name] for name in names}


def _paths(edition: Edition, outcome: str) -> Figure:
    never = _("not in the programme")
    table = edition.table("programme_paths").to_pylist()
    rows = [
        {**row, "group": never if row["cohort"] is None else _("joined in {year}", year=row["cohort"])} for row in table
    ]
    cohorts = sorted({row["cohort"] for row in table if row["cohort"] is not None})
    groups = [_("joined in {year}", year=cohort) for cohort in cohorts] + [never]
    joined = [{"group": _("joined in {year}", year=cohort), "time": cohort} for cohort in cohorts]
    return Figure(
        "programme-paths",
        _("Means over time: look at the years before"),
        pa.Table.from_pylist(rows),
        _headings("group", "time", "mean", "units"),
        charts.paths(rows, groups, joined, outcome),
        {"mean": "fine", "time": "text"},
        _("Dashed: the year of joining."),
    )


def _events(edition: Edition) -> Figure:
    names = estimator_names()
    rows = [
        {**row, "estimator": names[row["estimator"]]}
        for row in edition.table("programme_effects").to_pylist()
        if row["kind"] == "dynamic"
    ]
    return Figure(
        "programme-events",
        _("Effects by years since joining"),
        pa.Table.from_pylist(rows),
        _headings("label", "estimator", "effect", "error", "low", "high", "band_low", "band_high"),
        charts.event_study(rows, [names["group_time"], names["imputation"]]),
        {"label": "text"} | dict.fromkeys(("effect", "error", "low", "high", "band_low", "band_high"), "fine"),
        _(
            "Hollow: before joining, where it should be 0. Thick bar: interval of one effect. Thin bar: band of all together."
        ),
    )


def _cells(edition: Edition) -> Figure:
    rows = [row for row in edition.table("programme_group_time").to_pylist() if row["effect"] is not None]
    widest = max((abs(row["effect"]) for row in rows), default=1.0)
    return Figure(
        "programme-cells",
        _("Effects by year of joining and year"),
        pa.Table.from_pylist(rows),
        _headings("cohort", "time", "effect", "error", "low", "high", "band_low", "band_high", "treated", "controls"),
        charts.cells(rows, 3 if widest < 1 else 1 if widest < 100 else 0),
        {"cohort": "text", "time": "text"}
        | dict.fromkeys(("effect", "error", "low", "high", "band_low", "band_high"), "fine"),
        _("Pale: before joining."),
        wide=len({row["time"] for row in rows}) > 8,
    )


def _synthetic(edition: Edition, outcome: str) -> list[Figure]:
    if "programme_synthetic" not in edition.tables:
        return []
    table = edition.table("programme_synthetic").to_pylist()
    tests = edition.table("programme_synthetic_tests").to_pylist()
    weights = edition.table("programme_synthetic_weights")
    figures = []
    for place, test in enumerate(tests):
        unit, start = test["unit"], test["start"]
        mine = [row for row in table if row["unit"] == unit]
        own = [row for row in mine if row["own"]]
        names = [unit, _("synthetic {unit}", unit=unit)]
        lines = [
            {"path": name, "time": row["time"], "value": row[key]}
            for name, key in zip(names, ("actual", "synthetic"), strict=True)
            for row in own
        ]
        mixed = weights.filter(pa.compute.equal(weights["unit"], unit)).sort_by([("weight", "descending")])
        figures.append(
            Figure(
                f"programme-twin-{place}",
                _("{unit} and its synthetic control", unit=unit),
                mixed,
                _headings("donor", "weight"),
                charts.twin(lines, names, start, outcome),
                {"weight": "percent"},
                _(
                    "The mix of other regions that moved like it before: fit error {error}, {share} of the path's own spread.",
                    error=number(test["error_before"]),
                    share=percent(test["relative_error"] or 0.0, 0),
                ),
            )
        )
        figures.append(_placebos(place, test, mine))
    return figures


def _placebos(place: int, test: dict[str, Any], rows: list[dict[str, Any]]) -> Figure:
    kept = [row for row in rows if row["close"]]
    left = len({row["placebo"] for row in rows}) - len({row["placebo"] for row in kept})
    said = _(
        "By the gap after against the gap before it ranks {rank} of {of}: chance {p}, and none below {smallest} can come out."
        " {left} regions without a good twin are not drawn, but ranked.",
        rank=count(test["rank"]),
        of=count(test["of"]),
        p=percent(test["p"], 1),
        smallest=percent(test["smallest_p"], 1),
        left=count(left),
    )
    span = _(
        "Leaving out one region of the mix at a time the effect goes from {low} to {high}.",
        low=number(test["effect_low"]),
        high=number(test["effect_high"]),
    )
    shown = pa.Table.from_pylist([{"unit": row["placebo"], "time": row["time"], "effect": row["gap"]} for row in rows])
    return Figure(
        f"programme-placebos-{place}",
        _("{unit} against placebos", unit=test["unit"]),
        shown,
        _headings("unit", "time", "effect"),
        charts.placebos([{key: row[key] for key in ("placebo", "time", "gap", "own")} for row in kept], test["start"]),
        {"time": "text", "effect": "fine"},
        f"{said} {span}",
    )


def _power(edition: Edition) -> list[Figure]:
    if "programme_power" not in edition.tables:
        return []
    found = edition.table("programme_detectable").to_pylist()[0]
    if found["effect"] is None:
        return []
    seen = edition.table("programme_claim").to_pylist()[0]["effect"]
    few = edition.table("programme_claim").to_pylist()[0]["by"] != "normal"
    table = edition.table("programme_power")
    marks = [
        {"at": found["effect"], "words": _("80 % from here: {effect}", effect=number(found["effect"]))},
    ]
    return [
        Figure(
            "programme-power",
            _("What such a comparison could show at all"),
            table,
            {"effect": _("true effect"), "power": _("chance to find it")},
            charts.power(table.to_pylist(), marks),
            {"power": "percent", "effect": "fine"},
            _(
                "From how figures move without a programme (deviation {deviation}, correlation {correlation}). The effect seen"
                " is {seen}.",
                deviation=number(found["deviation"]),
                correlation=decimal(found["correlation"], 2),
                seen=number(seen),
            )
            + (" " + _("By normal theory; with so few units the real chance is lower.") if few else ""),
        )
    ]


def _before(edition: Edition) -> Figure:
    row = edition.table("programme_pretrends").to_pylist()[0]
    lines = [
        (
            _("chance of such early differences, had both sides moved alike"),
            None if row["p"] is None else percent(row["p"], 1),
        ),
        (_("drift a year that the test would notice half of the time"), number(row["slope_half"])),
        (_("what such an unnoticed drift would add to the effect"), number(row["bias_half"])),
        (_("largest step seen before joining"), number(row["largest_step"])),
        (_("drift after joining that would overturn the finding, as a multiple of it"), number(row["drift_overturns"])),
    ]
    table = pa.table({"what": [line[0] for line in lines], "value": [line[1] or "—" for line in lines]})
    return Figure(
        "programme-before",
        _("Were both sides alike before?"),
        table,
        {"what": _("question"), "value": _("answer")},
        hint=_("A test that finds nothing proves nothing: the lines below it say how much it could have missed."),
    )


def _loop(edition: Edition, outcome: str) -> Figure:
    actions = {
        "continue": _("continue"), "strengthen": _("strengthen"), "change": _("change"), "stop": _("stop"),
        "measure_better": _("measure better"),
    }  # fmt: skip
    findings = {row["name"]: row for row in edition.table("evaluation_findings").to_pylist()}
    rows = [
        {
            "finding": f"{outcome}: {spoken_verdict(findings[row['finding']]['verdict'])}",
            "project": row["project"],
            "action": actions[row["action"]],
            "why": why_in_words(row["why"], findings[row["finding"]]["years"]),
            "source": row["source"][:12],
        }
        for row in edition.table("programme_amendments").to_pylist()
    ]
    return Figure(
        "programme-loop",
        _("From finding to amendment (stage 3, reconstructed)"),
        pa.Table.from_pylist(rows),
        {
            "finding": _("finding"), "project": _("project"), "action": _("proposed"), "why": _("why"),
            "source": _("rests on"),
        },
        hint=_("A proposal for the coordination centre to decide on; the code names the finding that it rests on."),
    )  # fmt: skip

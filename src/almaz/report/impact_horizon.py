"""The years ahead in the report: balances, break-even, what they hang on."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from almaz.language import count, decimal, percent
from almaz.language import text as _
from almaz.report import impact_charts as charts
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition


def section(edition: Edition) -> Section:
    """The section of the years ahead, with a warning for every benefit promised too early."""
    paths = edition.table("horizon").to_pylist()
    summary = edition.table("horizon_summary").to_pylist()[0]
    written = (
        ((edition.manifest.get("study") or {}).get("impact") or {}).get("horizon")
        or edition.manifest.get("parameters")
        or {}
    )
    money = str(written.get("currency") or "")
    years = sorted({row["year"] for row in paths})
    at = {(row["year"], row["percentile"]): row for row in paths}
    fan = [{"year": year, **{f"p{p}": at[year, p]["balance"] for p in (10, 25, 50, 75, 90)}} for year in years]
    names = [_("cost"), _("benefit")]
    yearly = [
        {"year": year, "path": name, "low": at[year, 10][key], "middle": at[year, 50][key], "high": at[year, 90][key]}
        for name, key in zip(names, ("cost", "benefit"), strict=True)
        for year in years
    ]
    even = summary["break_even_50"]
    turning = [{"at": even, "words": _("break-even: {year}", year=even)}] if even else []
    early = edition.table("horizon_early")["year"].to_pylist()
    return Section(
        "impact-horizon",
        _("The years ahead"),
        _horizon_lead(summary),
        (
            Figure(
                "horizon-fan", _("Benefits minus costs so far"), pa.Table.from_pylist(fan),
                {"year": _("year")} | {f"p{p}": f"{p} %" for p in (10, 25, 50, 75, 90)},
                charts.fan(fan, money, turning), {"year": "text"},
                _("Dark: half of the scenarios. Pale: four of five. Line: the middle one."),
            ),
            Figure(
                "horizon-yearly", _("Cost and benefit of each year"), pa.Table.from_pylist(yearly),
                {"year": _("year"), "path": " ", "low": "10 %", "middle": "50 %", "high": "90 %"},
                charts.yearly(yearly, names, money), {"year": "text"},
            ),
            _tornado(edition),
        ),
        tuple(
            _(
                "The plan promises a benefit in {year}, year {number} of the programme: real benefits come no earlier than 5 to"
                " 7 years after the start.", year=year, number=year - summary["start"] + 1,
            )
            for year in early
        ),
    )  # fmt: skip


def _horizon_lead(summary: dict[str, Any]) -> str:
    lead = _(
        "Scenarios over {years} years, not a forecast: every path follows from the assumptions below, above all from the years"
        " until the first benefit.",
        years=count(summary["years"]),
    )
    never = percent(summary["never"], 0)
    return lead + " " + _("In {share} of the scenarios costs are not recovered by then.", share=never)


def parameter_names() -> dict[str, str]:
    """The assumptions of a plan as a reader sees them."""
    return {
        "benefit": _("full benefit a year"),
        "lag": _("years to the first benefit"),
        "ramp": _("years from first to full benefit"),
        "overrun": _("cost overrun"),
        "attributable": _("share due to the programme"),
        "discount": _("discount rate"),
    }


def _tornado(edition: Edition) -> Figure:
    names = parameter_names()
    rows = [
        {
            "parameter": names[row["parameter"]],
            "low": row["balance_low"],
            "high": row["balance_high"],
            "span": f"{decimal(row['low'], 2)} … {decimal(row['high'], 2)}",
        }
        for row in edition.table("horizon_tornado").to_pylist()
    ]
    middle = edition.table("horizon_tornado")["balance_middle"][0].as_py()
    return Figure(
        "horizon-tornado",
        _("What it hangs on"),
        pa.Table.from_pylist(rows),
        {
            "parameter": _("assumption"), "span": _("from … to"), "low": _("balance at its low end"),
            "high": _("balance at its high end"),
        },
        charts.tornado(rows, middle),
        hint=_("One assumption at a time moved from its low to its high end, the others at their middle."),
    )  # fmt: skip

"""The codes of an edition in words: an edition stores codes, so that it is the same whoever ran it; readers see words."""

from __future__ import annotations

from almaz.language import text as _

CODED = ("rule", "verdict", "certainty", "reason", "missing", "class", "possible", "rivalry_basis", "kind")
"""Columns whose values are codes, alone or with commas between."""


def words() -> dict[str, str]:
    """Code → words in the language in use."""
    return _rules() | _verdicts() | _criteria() | _reasons() | _types()


def _rules() -> dict[str, str]:
    return {
        "us_cluster_mapping": _("U.S. Cluster Mapping"),
        "european_stars": _("European stars"),
        "european_stars_older": _("European stars, older rule"),
        "five_factors": _("five factors"),
    }


def _verdicts() -> dict[str, str]:
    return {
        "strong10": _("strong (top tenth)"),
        "strong": _("strong"),
        "significant": _("significant"),
        "qualifying": _("qualifying"),
        "all": _("under every filling"),
        "some": _("under some fillings"),
        "unknown": _("unknown"),
        "traded": _("traded"),
        "local": _("local"),
    }


def _criteria() -> dict[str, str]:
    return {
        "lq": _("location quotient"),
        "lq_minimum": _("location quotient of at least 1"),
        "size": _("size"),
        "establishments": _("number of establishments"),
        "productivity": _("wage per employee"),
        "growth": _("growth"),
        "competitive_growth": _("the region's own growth"),
        "value_added": _("value added"),
        "focus": _("share of the region"),
        "quotient": _("location quotient"),
        "firm_sizes": _("sizes of firms"),
    }


def _reasons() -> dict[str, str]:
    return {
        "few_regions": _("too few regions for a percentile; see the rank"),
        "size_not_published": _("a figure is not published"),
        "criteria_not_published": _("too few criteria are known"),
        "firms": _("firms"),
        "size_classes": _("size classes"),
    }


def _types() -> dict[str, str]:
    return {
        "cluster": _("cluster"),
        "hub_and_satellites": _("hub and satellites"),
        "territorial_production_complex": _("territorial production complex"),
        "sheltered_local": _("sheltered local concentration"),
        "emerging": _("emerging"),
    }


def in_words(code: str | None, none: str = "") -> str:
    """A code, or codes with commas between, in words; none: what "none" says here; nothing for nothing."""
    if not code:
        return ""
    known = words() | {"none": none or _("none")}
    return ", ".join(known.get(part, part) for part in code.split(","))


def rows_in_words(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Rows with their codes in words."""
    none = {"verdict": _("not strong"), "certainty": _("under no filling")}
    return [
        {
            name: in_words(value, none.get(name, "")) if name in CODED and isinstance(value, str) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def reason_in_words(reason: str | None, missing: str | None) -> str:
    """Why a verdict is unknown, or what could not be judged."""
    parts = [in_words(reason)] if reason else []
    if missing and reason != "few_regions":
        parts.append(_("not judged: {missing}", missing=in_words(missing)))
    return "; ".join(parts)

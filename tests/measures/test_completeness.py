"""Every measure that the methods name is a function of `almaz.measures`, says its formula's source, and is in the docs' table."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from almaz import measures

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "measures.md"
NAMED = [
    "location_quotient",
    "same_kind_quotient",
    "location_quotient_bounds",
    "delta_interval",
    "profile_interval",
    "probability_at_least",
    "probability_strong",
    "percentile_claim",
    "shares",
    "growth",
    "compound_growth",
    "shift_share",
    "shift_factors",
    "dynamic_shift_share",
    "krugman_index",
    "krugman_concentration",
    "herfindahl",
    "entropy",
    "hachman_index",
    "gini",
    "hoover_gini",
    "hoover_index",
    "theil",
    "locational_gini",
    "ellison_glaeser",
    "group_coagglomeration",
    "coagglomeration",
    "colocation",
    "litzenberger_sternberg",
]
NO_SOURCE_NEEDED = {"shares", "growth", "compound_growth", "location_quotient_bounds"}


@pytest.mark.parametrize("name", NAMED)
def test_the_measure_is_there_documented_and_tabled(name: str) -> None:
    function = getattr(measures, name)
    text = inspect.getdoc(function) or ""
    assert len(text) > 40
    assert re.search(r"Source|\((18|19|20)\d\d|(18|19|20)\d\d, p\.", text) or name in NO_SOURCE_NEEDED
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")

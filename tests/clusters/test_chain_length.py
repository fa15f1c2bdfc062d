from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from almaz.clusters.chain_length import fitted_line, industry_chains, length_relations
from almaz.tables.industry_system import IndustrySystem


def economy(seed: int, taxed: str, year: int = 2000) -> IndustrySystem:
    """Made up: thirty industries, taxed alike by output, by value added, or more the longer their chain."""
    draws = np.random.default_rng(seed)
    coefficients = draws.random((30, 30)) * draws.random(30) / 25
    output = draws.uniform(100, 1000, 30)
    added = 1 - coefficients.sum(axis=0)
    stages = np.linalg.inv(np.eye(30) - coefficients).sum(axis=0)
    taxes = {"output": np.full(30, 0.05), "value_added": 0.1 * added, "length": 0.02 * stages**2}[taxed]
    codes = tuple(f"i{number}" for number in range(30))
    return IndustrySystem(
        codes, {}, year, "", coefficients, coefficients, output, output * 3, {}, np.zeros(30),
        {"value_added": added, "taxes": taxes, "surplus": 0.3 * added}, np.zeros(30), 0.0,
    )  # fmt: skip


def relation(
    table: pa.Table, within: pa.Table | None = None, design: str = "across", outcome: str = "chain_taxes"
) -> dict[str, float]:
    rows = length_relations(table, within).to_pylist()
    return next(r for r in rows if (r["outcome"], r["length"], r["design"]) == (outcome, "stages", design))


def test_taxed_alike_by_output_the_slope_is_arithmetic() -> None:
    found = relation(industry_chains(economy(1, "output")))
    assert found["estimate"] == pytest.approx(0.05, rel=1e-9)
    assert found["alike_by_output"] == pytest.approx(0.05)


def test_taxed_alike_by_value_added_longer_chains_bring_nothing_more() -> None:
    table = industry_chains(economy(2, "value_added"))
    np.testing.assert_allclose(np.array(table["chain_value_added"]), 1.0, rtol=1e-10)
    assert relation(table)["estimate"] == pytest.approx(0.0, abs=1e-9)


def test_a_true_relation_is_found_across_and_within() -> None:
    years = pa.concat_tables([industry_chains(economy(3 + year, "length", 2000 + year)) for year in range(6)])
    for design in ("across", "within"):
        found = relation(industry_chains(economy(3, "length")), years, design)
        assert found["low"] > 0
    assert relation(industry_chains(economy(3, "length")), years, "within")["years"] == 6


def test_the_regression_is_that_of_numpy() -> None:
    table = industry_chains(economy(4, "length"))
    x, y = (np.array(table[name]) for name in ("stages", "own_taxes"))
    slope, constant = np.polyfit(x, y, 1)
    assert relation(table, outcome="own_taxes")["estimate"] == pytest.approx(slope)
    line = fitted_line(table, "own_taxes", "stages")
    for point in line:
        assert point["y"] == pytest.approx(constant + slope * point["x"])
        assert point["low"] <= point["y"] <= point["high"]


def test_a_table_without_taxes_gives_no_claim_about_them() -> None:
    system = economy(5, "output")
    plain = IndustrySystem(**{**system.__dict__, "intensities": {"value_added": system.intensities["value_added"]}})
    outcomes = {row["outcome"] for row in length_relations(industry_chains(plain), None).to_pylist()}
    assert outcomes == {"chain_value_added"}

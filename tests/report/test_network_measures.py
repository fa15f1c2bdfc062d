"""What the figures beside the network's picture say."""

from __future__ import annotations

import pytest
import vl_convert

from almaz.language import use
from almaz.measures import Network, coopetition, core_periphery, isolation, network
from almaz.report.network import layout
from almaz.report.network_measures import measured

NAMES = [f"f{number}" for number in range(6)] + ["uni", "alone", "far"]
KINDS = ["firm"] * 6 + ["science", "firm", "finance"]
TIES = [
    ("f0", "f1", "competition"), ("f1", "f2", "competition"), ("f0", "f1", "cooperation"), ("f2", "f3", "cooperation"),
    ("f0", "f3", "supply"), ("f3", "f4", "supply"), ("uni", "f5", "knowledge"), ("uni", "far", "knowledge"),
    ("f4", "f5", "supply"),
]  # fmt: skip


def small() -> Network:
    return network(NAMES, KINDS, *zip(*TIES, strict=True))


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_the_figures_are_the_measures(language: str) -> None:
    held = small()
    with use(language):
        found = {one.name: one for one in measured(held)}
    assert list(found) == ["network-chance", "network-core", "network-overlaps", "network-introductions"]
    rivals, science = found["network-chance"].table.to_pylist()
    assert (rivals["share"], rivals["of"]) == (coopetition(held).share, 2) == (0.5, 2)
    assert science["share"] == isolation(held).outside == 0.5
    core = found["network-core"].table.to_pylist()[0]
    assert core["fit"] == core_periphery(held).fit
    assert core["number"] == len(core["core"].split(", "))
    chart = found["network-chance"].chart
    assert chart is not None
    assert vl_convert.vegalite_to_svg({**chart, "width": 600}).startswith("<svg")


def test_a_network_too_small_or_without_ties_has_none() -> None:
    assert measured(network(["a", "b"], ["firm", "firm"], ["a"], ["b"], ["supply"])) == []
    assert measured(network(NAMES, KINDS, [], [], [])) == []


def test_who_has_no_tie_stands_at_the_foot() -> None:
    held = small()
    places = dict(zip(held.participants, layout(held), strict=True))
    assert places["alone"][1] == 0.0
    assert min(y for name, (_x, y) in places.items() if name != "alone") > 0.1
    assert all(0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 for x, y in places.values())

from __future__ import annotations

import pytest

from almaz.language import use
from almaz.web.observatory.reading import Reading
from almaz.web.observatory.search import find, folded


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ысык кол", "Ысык-Көл"),
        ("озгон", "Өзгөн"),
        ("тон", "Тоң"),
        ("уч коргон", "Үч-Коргон"),
        ("слезы", "Слёзы"),
        ("Sao Tome", "São Tomé"),
        ("ЖАЙЫЛ", "жайыл"),
    ],
)
def test_letters_that_a_keyboard_lacks_may_be_typed_without(typed: str, written: str) -> None:
    assert folded(typed) == folded(written)


def names(reading: Reading, asked: str) -> list[str]:
    return [one.name for one in find(reading, asked)]


def test_a_raion_is_found_in_each_language_and_without_its_letters(read_raions: Reading) -> None:
    with use("ky"):
        expected = names(read_raions, "Ысык-Көл")
        assert expected
        for asked in ("ысык кол", "Иссык", "issyk", "ысык"):
            assert set(expected) <= set(names(read_raions, asked)), asked


def test_the_best_comes_first_and_industries_lead_to_their_cluster(read_states: Reading) -> None:
    found = find(read_states, "automotive")
    assert (found[0].kind, found[0].code) == ("cluster", "Automotive")
    [mill] = [one for one in find(read_states, "336111") if one.code == "336111"]
    assert (mill.kind, mill.cluster) == ("industry", "Automotive")
    assert names(read_states, "new york")[0] == "New York"
    assert names(read_states, "york new") == ["New York"]


@pytest.mark.parametrize("asked", ["", "   ", "—", "%%%", "zzzzzz", "' OR 1=1", "\x00", "a" * 5000])
def test_what_is_not_there_finds_nothing_and_harms_nothing(read_states: Reading, asked: str) -> None:
    assert find(read_states, asked) == []

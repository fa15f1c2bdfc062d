from __future__ import annotations

import re
from pathlib import Path

import pytest

from almaz.errors import AlmazError
from almaz.programme.catalogue import Measure, catalogue
from almaz.programme.findings import codes

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
TEXTS = ("name", "activity", "output", "outcome", "indicator", "risk", "experience")


def test_there_are_at_least_sixty_measures_and_every_finding_is_answered() -> None:
    answered = [code for measure in catalogue() for code in measure.answers]
    assert len(catalogue()) >= 60
    assert set(answered) <= set(codes())
    assert {code for code in codes() if answered.count(code) < 2} == set()


@pytest.mark.parametrize("measure", catalogue(), ids=lambda measure: measure.id)
def test_a_measure_speaks_three_languages_and_names_its_source(measure: Measure) -> None:
    for name in TEXTS:
        names = getattr(measure, name)
        assert not CYRILLIC.search(names.en)
        assert CYRILLIC.search(names.ru)
        assert CYRILLIC.search(names.ky)
        assert names.ru != names.ky
    assert re.search(r"(19|20)\d\d", measure.source)
    assert measure.effect >= measure.lead


def test_every_element_can_be_found_out_cheaply_where_it_is_unknown() -> None:
    finds_out = {code for one in catalogue() if one.stage == 1 and one.cost == "low" for code in one.answers}
    from almaz.potential.elements import elements

    assert {element.id for element in elements()} - finds_out == set()


@pytest.mark.parametrize(
    ("text", "says"),
    [("[[measure]]\nid = 'x'\n", "the keys of a measure"), ("not toml", "cannot be read"), ("", "measure")],
)
def test_a_catalogue_that_cannot_be_read_says_where(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(AlmazError, match=says) as error:
        catalogue(file)
    assert "own.toml" in str(error.value)

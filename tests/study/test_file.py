"""Whatever is wrong in a study file is named with its key, its line and what was expected."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from almaz.errors import AlmazError
from almaz.language import use
from almaz.study.file import load

SAMPLES = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples"
STUDY = """\
[study]
name = "mine"
title = { en = "Mine" }

[[data]]
file = "raion_agriculture_2021.csv"
dimensions = { region = "region" }
constants = { year = 2021, measure = "production" }
[data.values]
wheat = { industry = "wheat" }
potatoes = { industry = "potatoes" }

[[data]]
file = "raion_agriculture_2021.csv"
dimensions = { region = "region" }
constants = { year = 2021, measure = "population" }
[data.values]
population = { industry = "total" }

[regions]
file = "regions.csv"

[portfolio]
measure = "production"
base = "population"
level = 0.95

[strength]
minimum_regions = 20
"""

CASES = [
    ('name = "mine"', 'name = "Mine!"', "study.name", "small Latin letters"),
    ('name = "mine"', "name = 7", "study.name", "a text in quotation marks"),
    ('title = { en = "Mine" }', 'title = "Mine"', "study.title", "a table"),
    ('title = { en = "Mine" }', 'title = { de = "Mine" }', "study.title", "'en', 'ru', 'ky'"),
    ("[study]", "[studie]", "study", "missing"),
    ("level = 0.95", "level = 95", "portfolio.level", "less than 1"),
    ("level = 0.95", 'level = "high"', "portfolio.level", "a number"),
    ("minimum_regions = 20", "minimum_regions = 1", "strength.minimum_regions", "at least 2"),
    ("minimum_regions = 20", "minimum_regions = 2.5", "strength.minimum_regions", "a whole number"),
    ("minimum_regions = 20", "minimal_regions = 20", "strength.minimal_regions", "did you mean «minimum_regions»"),
    ('file = "regions.csv"', 'file = "there/regions.csv"', "regions.file", "there/regions.csv"),
    (
        'potatoes = { industry = "potatoes" }',
        'potatoes = { industri = "potatoes" }',
        "data.0.values.potatoes",
        "did you mean «industry»",
    ),
    ('potatoes = { industry = "potatoes" }', "potatoes = 5", "data.0.values.potatoes", "a section with keys"),
    (
        'population = { industry = "total" }',
        "population = { years = 2021 }",
        "data.1.values.population",
        "one of: measure, year, industry",
    ),
    ('measure = "population" }', 'mesure = "population" }', "data.1.constants", "'region', 'industry'"),
]


@pytest.mark.parametrize(("old", "new", "key", "says"), CASES, ids=[case[1] for case in CASES])
def test_a_mistake_is_named_with_its_key_and_line(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))
    file = folder / "study.toml"
    file.write_text(STUDY, encoding="utf-8")
    load(file)
    assert old in STUDY
    file.write_text(STUDY.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AlmazError) as error:
        load(file)
    assert says in str(error.value)
    assert (error.value.where.key or "").startswith(key)
    if says != "missing":  # a section that is not there has no line
        assert error.value.where.line == STUDY[: STUDY.index(old)].count("\n") + 1


def test_a_missing_key_of_the_second_data_section_names_that_section(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))
    head, _middle, tail = STUDY.rpartition('file = "raion_agriculture_2021.csv"\n')
    (folder / "study.toml").write_text(head + tail, encoding="utf-8")
    with pytest.raises(AlmazError, match=r"line 13, key data\.1\.file: the key «file» is missing"):
        load(folder / "study.toml")


def test_mistakes_are_told_in_russian_and_kyrgyz(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(STUDY.replace("level = 0.95", 'level = "high"'), encoding="utf-8")
    for language, says in (("ru", "ожидалось: число"), ("ky", "күтүлгөнү: сан")):
        with use(language), pytest.raises(AlmazError) as error:
            load(file)
        with use(language):
            assert says in str(error.value)

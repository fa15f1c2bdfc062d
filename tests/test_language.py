from __future__ import annotations

import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from almaz.language import catalogues, count, decimal, text, texts, use

SOURCE = Path(__file__).parent.parent / "src" / "almaz"


def messages() -> set[str | tuple[str, ...]]:
    keywords = {"_": None, "text": None, "texts": (1, 2)}
    mapping = [
        ("**.py", "python"),
        ("**.html", "jinja2.ext:babel_extract"),
        ("web/templates/**.txt", "jinja2.ext:babel_extract"),
    ]
    found = extract_from_dir(SOURCE, mapping, keywords=keywords)
    return {message if isinstance(message, str) else message[:2] for _file, _line, message, _notes, _context in found}


def fields(message: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(message) if name}


@pytest.mark.parametrize("language", ["ru", "ky"])
def test_the_catalogue_is_complete_and_keeps_every_placeholder(language: str) -> None:
    catalogue = {}
    for room in catalogues(language):
        with room.open("rb") as source:
            entries = {entry.id: entry.string for entry in read_po(source, locale=language) if entry.id}
        twice = sorted(str(message) for message in entries.keys() & catalogue.keys())
        assert twice == [], f"{room.name} translates again what another catalogue has"
        catalogue |= entries
    catalogue |= {entry[0]: one[0] for entry, one in catalogue.items() if isinstance(entry, tuple)}
    missing = sorted(str(message) for message in messages() if not catalogue.get(message))
    assert missing == []
    for message, translation in catalogue.items():
        originals = [message] if isinstance(message, str) else list(message)
        translations = [translation] if isinstance(translation, str) else list(translation)
        for one in translations:
            assert one, message
            assert fields(one) <= set().union(*map(fields, originals)), message


def test_plurals_and_numbers_follow_the_language() -> None:
    with use("ru"):
        assert [texts("region", "regions", number) for number in (1, 2, 5)] == ["регион", "региона", "регионов"]
        assert count(1234567) == "1\u00a0234\u00a0567"
    with use("ky"):
        assert text("map") == "map"
        assert text("location quotient") == "локализация коэффициенти"
        assert decimal(1.5) == "1,50"

"""`almaz new` explains every key, in three languages, and what it writes is the sample's study."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from almaz.errors import AlmazError
from almaz.language import LANGUAGES, use
from almaz.study.file import load
from almaz.study.keys import keys, said, section_fields, section_said
from almaz.study.template import SAMPLES, new

SHIPPED = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples"


def test_every_section_and_every_key_is_explained() -> None:
    missing = [name for name, model, _repeats, _required in section_fields() if not section_said(name, model)]
    missing += [
        f"{name}.{key}"
        for name, model, _repeats, _required in section_fields()
        for key, field in model.model_fields.items()
        if not said(name, key, field)
    ]
    assert missing == []
    known = {f"{name}.{key}" for name, model, _repeats, _required in section_fields() for key in model.model_fields}
    assert set(keys()) <= known  # nothing is explained that is not there


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_new_study_is_the_samples_with_every_key_shown(tmp_path: Path, sample: str, language: str) -> None:
    with use(language):
        file = new(tmp_path / "mine", sample)
    written = file.read_text(encoding="utf-8")
    shipped = SHIPPED / SAMPLES[sample] / "study.toml"
    assert tomllib.loads(written) == tomllib.loads(shipped.read_text(encoding="utf-8"))
    plain = [json.dumps(load(one).model_dump(), default=lambda path: path.name) for one in (file, shipped)]
    assert plain[0] == plain[1]
    for name, model, _repeats, _required in section_fields():
        for key in model.model_fields:
            assert f"{key} = " in written or f"# {key} =" in written or f"[{name}.{key}]" in written, (name, key)
    words = {"en": "Confidence level", "ru": "Доверительный уровень", "ky": "ишеним деңгээли"}
    assert [code for code, text in words.items() if text in written] == [language]


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(AlmazError, match="already there"):
        new(tmp_path / "mine")
    with pytest.raises(AlmazError, match="no sample"):
        new(tmp_path / "other", "mars")
    assert not (tmp_path / "other").exists()

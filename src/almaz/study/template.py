"""A new study: a folder with a sample's data and a study file that explains every key, in the language in use."""

from __future__ import annotations

import json
import shutil
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.study.keys import said, section_fields, section_said
from almaz.whole import whole_folder

SAMPLES = {"us": "us_states_2016", "kyrgyzstan": "kyrgyzstan_2021"}
WIDTH = 100


def sample_folder(name: str) -> str:
    """The folder of a sample; raises AlmazError for a name that is none."""
    if name not in SAMPLES:
        raise AlmazError(
            _("there is no sample «{name}»", name=name), expected=_("one of: {keys}", keys=", ".join(SAMPLES))
        )
    return SAMPLES[name]


def new(folder: Path, sample: str = "us") -> Path:
    """Make a folder with a sample's data and a commented study.toml, and give the path of the latter.

    Raises AlmazError where the folder is already there, or cannot be made.
    """
    chosen = sample_folder(sample)
    if folder.exists():
        raise AlmazError(_("{path} is already there", path=folder), advice=_("choose another name"))
    try:
        with whole_folder(folder) as partial, as_file(files("almaz") / "samples" / chosen) as source:
            shutil.copytree(source, partial, dirs_exist_ok=True)
            file = partial / "study.toml"
            written = commented(tomllib.loads(file.read_text(encoding="utf-8")))
            file.write_text(written, encoding="utf-8")
    except OSError as why:
        raise AlmazError(
            _("the folder cannot be made: {why}", why=why.strerror or why), where=Where(file=str(folder))
        ) from None
    return folder / "study.toml"


def commented(values: Mapping[str, Any]) -> str:
    """A study file with these values, every section and key explained, and the defaults of the others shown."""
    lines = [f"# {_('Everything Almaz needs to know about a study is in this file.')}"]
    lines.append(f"# {_('A line that starts with # says a default, or what may be added.')}")
    for name, model, repeats, _required in section_fields():
        given = values.get(name, {})
        parts = given if isinstance(given, list) else [given]
        for part in parts or [{}]:
            lines += ["", *_comment(section_said(name, model))]
            lines += _section(name, model.model_fields, part, repeats, name in values)
    return "\n".join(lines) + "\n"


def _section(name: str, fields: Mapping[str, Any], given: Mapping[str, Any], repeats: bool, there: bool) -> list[str]:
    head = f"[[{name}]]" if repeats else f"[{name}]"
    lines, tables = [head if there else f"# {head}"], []
    for key, field in fields.items():
        comment = said(name, key, field)
        if key in given and isinstance(given[key], dict) and any(isinstance(v, dict) for v in given[key].values()):
            tables += [*_comment(comment), f"[{name}.{key}]"]
            tables += [f"{_key(inner)} = {_value(held)}" for inner, held in given[key].items()]
            continue
        lines += _comment(comment)
        if key in given:
            lines.append(f"{key} = {_value(given[key])}")
        else:
            lines.append(f"# {key} = {_default(field)}".rstrip())
    return lines + tables


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}" for line in textwrap.wrap(" ".join(text.split()), WIDTH))


def _default(field: Any) -> str:
    default = field.get_default(call_default_factory=True)
    return "" if default is None or default is PydanticUndefined else _value(default)


def _key(name: str) -> str:
    return name if name and all(c.isascii() and (c.isalnum() or c in "-_") for c in name) else _value(name)


def _value(value: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(name)} = {_value(held)}" for name, held in value.items())
        return "{ " + inner + " }" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, (int, float)) else json.dumps(str(value), ensure_ascii=False)

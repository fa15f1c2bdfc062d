"""The one kind of error Almaz raises at a user."""

from __future__ import annotations

from dataclasses import dataclass

from almaz.language import spoken_text
from almaz.language import text as _


@dataclass(frozen=True)
class Where:
    """A place in the user's material, as far as it is known."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    key: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        parts = [
            self.file,
            None if self.sheet is None else _("sheet {sheet}", sheet=self.sheet),
            None if self.line is None else _("line {line}", line=self.line),
            None if self.row is None else _("row {row}", row=self.row),
            None if self.column is None else _("column {column}", column=self.column),
            None if self.key is None else _("key {key}", key=self.key),
        ]
        return ", ".join(part for part in parts if part)


class AlmazError(Exception):
    """Something the user can put right: what is wrong, where, what was expected, what to do."""

    def __init__(self, problem: str, *, where: Where | None = None, expected: str = "", advice: str = "") -> None:
        self.problem = problem
        self.where = where or Where()
        self.expected = expected
        self.advice = advice
        super().__init__(problem)

    def __str__(self) -> str:
        place = str(self.where)
        lines = [f"{place}: {self.problem}" if place else self.problem]
        if self.expected:
            lines.append("  " + _("expected: {expected}", expected=self.expected))
        if self.advice:
            lines.append("  " + _("what to do: {advice}", advice=self.advice))
        return spoken_text("\n".join(lines))

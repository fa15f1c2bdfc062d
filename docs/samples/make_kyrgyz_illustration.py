"""Makes the filled expert forms of the illustration: `samples/kyrgyzstan_2021/illustration_*.xlsx`.

Every answer is made up by the makers of Almaz to show how forms work; no expert gave them. The note of the form, the names of the
experts and every line of evidence say so.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl

from almaz.language import use
from almaz.potential.elements import elements, questions
from almaz.tables.expert_form import ILLUSTRATION, Place, write_form

FOLDER = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "kyrgyzstan_2021"
PLACE = Place("41702215", "Ысык-Көл району", "fruits", "Мөмө-жемиш")
EVIDENCE = "Мисал үчүн ойлоп чыгарылган, чыныгы далил эмес"
LEVELS = {
    "decentralisation": (6, 6, 5), "competitive_policy": (4, None, None), "global_strategy": (3, 4, 3),
    "territorial_management": (2, 3, 2), "interacting_firms": (3, 3, 4), "specialised_small_firms": (5, 6, 6),
    "research_and_labour": (3, 2, 3), "support_infrastructure": (2, 2, 1), "chambers_and_associations": (2, 3, 2),
    "trust_and_policy": (3, 5, None), "technological_culture": (2, 2, 3), "readiness_to_cooperate": (4, 3, 4),
    "business_climate": (3, 3, 2), "education_mismatch": (3, 4, 3), "weak_science_ties": (None, None, None),
    "ineffective_associations": (2, 3, 3), "short_horizon": (2, 2, 2),
}  # fmt: skip
"""Made up: element → the levels of the three forms; None: left blank, and stays unknown."""


def main() -> None:
    """Write the three forms, in Kyrgyz."""
    for number, letter in enumerate("abc"):
        with use("ky"):
            file = write_form(
                FOLDER / f"illustration_{letter}.xlsx", questions(elements()), [PLACE], 2026, ILLUSTRATION
            )
        book = openpyxl.load_workbook(file)
        book["about"]["B1"] = f"Мисал {letter.upper()} (Almaz түзүүчүлөрү ойлоп чыгарган)"
        sheet = book["form"]
        columns = [cell.value for cell in sheet[1]]
        for row in range(2, sheet.max_row + 1):
            level = LEVELS[sheet.cell(row, columns.index("question") + 1).value][number]
            if level is not None:
                for column, value in (("level", level), ("confidence", 2), ("evidence", EVIDENCE)):
                    sheet.cell(row, columns.index(column) + 1, value)
        book.properties.created = book.properties.modified = openpyxl.load_workbook(file).properties.created
        book.save(file)


if __name__ == "__main__":
    main()

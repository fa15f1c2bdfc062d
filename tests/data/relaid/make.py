"""Lay real figures that are in this repository out again in the forms of the offices: the fixtures of the readers.

    python tests/data/relaid/make.py

What the figures do not say (other columns of the layouts) stays empty; what is made up besides is said in tests/data/README.md.
"""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq

HERE = Path(__file__).parent
SAMPLE = HERE.parents[2] / "src" / "almaz" / "samples" / "kyrgyzstan_2021"
KEYS = ["area_fips", "own_code", "industry_code", "agglvl_code", "size_code", "year", "qtr", "disclosure_code"]
ANNUAL = [
    "annual_avg_estabs", "annual_avg_emplvl", "total_annual_wages", "taxable_annual_wages", "annual_contributions",
    "annual_avg_wkly_wage", "avg_annual_pay",
]  # fmt: skip
QUARTER = [
    "qtrly_estabs", "month1_emplvl", "month2_emplvl", "month3_emplvl", "total_qtrly_wages", "taxable_qtrly_wages",
    "qtrly_contributions", "avg_wkly_wage",
]  # fmt: skip
INDUSTRIES = frozenset(
    ("10", "101", "102", "1013", "1026", "31-33", "311", "3118", "31181", "311811", "336", "3366", "33661", "336611", "336612",
     "48-49", "72", "721", "722", "7225", "72251", "722511", "722513")
)  # fmt: skip
PRODUCTS = {"wheat": ("Буудай", "Пшеница", "Wheat"), "potatoes": ("Картошка", "Картофель", "Potatoes"),
            "vegetables": ("Жашылча", "Овощи", "Vegetables"), "fruits": ("Мөмө-жемиш", "Плоды и ягоды", "Fruits")}  # fmt: skip
OBLASTS = {"41702": "Ысык-Көл", "41703": "Жалал-Абад", "41704": "Нарын", "41705": "Баткен", "41706": "Ош", "41707": "Талас",
           "41708": "Чүй"}  # fmt: skip


def level(area: str, owner: str, industry: str) -> int:
    """The Bureau's aggregation level: 5x states, 7x counties; 0 all ownerships, 1 by ownership, 2 and 3 supersectors, 4 … 8."""
    base = 50 if area.endswith("000") else 70
    if industry == "10":
        return base + (0 if owner == "0" else 1)
    if industry.startswith("10"):
        return base + (2 if len(industry) == 3 else 3)
    return base + (4 if "-" in industry else len(industry) + 2)


def qcew() -> None:
    """Rhode Island in the layouts of the annual and of the fourth quarter's single file."""
    rows = [
        row
        for row in pq.read_table(HERE.parent / "qcew_2016_rhode_island.parquet").to_pylist()
        if row["industry"] in INDUSTRIES
    ]
    for name, header in (
        ("2016.annual.singlefile.csv", [*KEYS, *ANNUAL]),
        ("2016.q4.singlefile.csv", [*KEYS, *QUARTER]),
    ):
        with (HERE / f"rhode_island_{name}").open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
            writer.writerow(header)
            for row in rows:
                annual = "annual" in name
                hidden = bool(row["suppressed"]) if annual else row["employment_dec2016"] is None
                figures: dict[str, object] = (
                    {"annual_avg_estabs": row["establishments"], "annual_avg_emplvl": row["employment"],
                     "total_annual_wages": row["wages_usd"]}
                    if annual
                    else {"qtrly_estabs": row["establishments_q4_2016"], "month3_emplvl": row["employment_dec2016"]}
                )  # fmt: skip
                said = {
                    "area_fips": row["region"], "own_code": row["own_code"], "industry_code": row["industry"],
                    "agglvl_code": str(level(row["region"], row["own_code"], row["industry"])), "size_code": "0",
                    "year": "2016", "qtr": "A" if annual else "4", "disclosure_code": "N" if hidden else "",
                }  # fmt: skip
                plain = {key: 0 if value is None else round(value) for key, value in figures.items()}
                writer.writerow([{**said, **plain}.get(column, "") for column in header])


def raions() -> tuple[dict[str, dict[str, str]], list[dict[str, str]]]:
    """Names of regions, and the table of raions."""
    with (SAMPLE / "regions.csv").open(encoding="utf-8") as source:
        names = {row["region"]: row for row in csv.DictReader(source)}
    with (SAMPLE / "raion_agriculture_2021.csv").open(encoding="utf-8") as source:
        return names, list(csv.DictReader(source))


def eurostat() -> None:
    """The raions in Eurostat's TSV and in its SDMX-CSV, and in SDMX-CSV 2.0 with labels."""
    _names, rows = raions()
    cells = [(product, row["region"], row[product]) for product in PRODUCTS for row in rows]
    flags = {("wheat", "41702205"): "p", ("potatoes", "41702210"): "c", ("vegetables", "41702215"): ":"}
    lines = ["freq,crops,geo\\TIME_PERIOD\t2020 \t2021 "]
    long = ["DATAFLOW,LAST UPDATE,freq,crops,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"]
    second = [
        'STRUCTURE,STRUCTURE_ID,ACTION,"FREQ:Frequency","CROPS:Crops","REF_AREA:Area",TIME_PERIOD,'
        "OBS_VALUE,UNIT_MULT,OBS_STATUS,OBS_CONF"
    ]
    for product, region, value in cells:
        flag = flags.get((product, region), "")
        shown = {"": f"{value} ", "p": f"{value} p", "c": ": c", ":": ": "}[flag]
        lines.append(f"A,{product.upper()},{region}\t: \t{shown}")
        figure = "" if flag in ("c", ":") else value
        flagged = f"{'p' if flag == 'p' else ''},{'C' if flag == 'c' else ''}"
        long.append(f"ESTAT:FIXTURE(1.0),01/01/22 11:00:00,A,{product.upper()},{region},2021,{figure},{flagged}")
        status = {"p": "P", ":": "O"}.get(flag, "A")
        small = "" if not figure else f"{float(figure) / 1000:.7f}".rstrip("0").rstrip(".")
        crop = f'"A: Annual","{product.upper()}: {PRODUCTS[product][2]}",{region}: x'
        free = "C" if flag == "c" else "F"
        second.append(f"dataflow,FIXTURE:RAIONS(1.0),I,{crop},2021,{small},3,{status},{free}")
    second.append('dataflow,FIXTURE:RAIONS(1.0),D,"A: Annual","FRUITS: Fruits",41702205: x,2020,,,,')
    (HERE / "raions_eurostat.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (HERE / "raions_eurostat_sdmx.csv").write_text("\n".join(long) + "\n", encoding="utf-8")
    (HERE / "raions_sdmx_2.csv").write_text("\n".join(second) + "\n", encoding="utf-8")


def written(value: str) -> str:
    """A figure as the office writes it: decimal comma, non-breaking spaces between thousands."""
    return f"{float(value):,.1f}".replace(",", "\u00a0").replace(".", ",")


def statgov() -> None:
    """The raions as a workbook in the form of stat.gov.kg: one sheet a product, oblasts with the sums of their raions."""
    names, rows = raions()
    book = openpyxl.Workbook()
    book.remove(book.active)
    for place, (product, titles) in enumerate(PRODUCTS.items(), start=1):
        sheet = book.create_sheet(titles[2])
        sheet.append(
            [
                f"{place}. {titles[0]} өндүрүү (тонна) / Производство: {titles[1]} (тонн) / Production: {titles[2]} (tonnes)"
            ]
        )
        sheet.append([])
        sheet.append(["Аталышы / Наименование / Name", "2019-ж.", "2020-ж.", "2021-ж.*", "2022-ж."])
        sheet.merge_cells("A1:E1")
        for oblast in OBLASTS:
            mine = [row for row in rows if row["oblast"] == oblast]
            total = sum(float(row[product]) for row in mine)
            sheet.append(
                [
                    f"{names[oblast]['name_ky']} / {names[oblast]['name_ru']} / {names[oblast]['name_en']}",
                    "…",
                    "…",
                    written(str(total)),
                    None,
                ]
            )
            for row in mine:
                name = names[row["region"]]
                figure = "-" if float(row[product]) == 0 else written(row[product])
                sheet.append([f"  {name['name_ky']} / {name['name_ru']} / {name['name_en']}", "…", "…", figure, None])
        sheet.append([])
        sheet.append(["* Алдын ала маалымат / Предварительные данные / Preliminary"])
        sheet.append(["Булагы / Источник / Source: PRISM"])
    book.save(HERE / "raions_statgov_form.xlsx")


if __name__ == "__main__":
    qcew()
    eurostat()
    statgov()

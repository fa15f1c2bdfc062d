"""From a workbook to records: seen first, then all or nothing, and undone whole."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from almaz.web.participants.models import Organisation, Person, Tie

HEAD = {
    "ky": ["Аталышы", "Түрү", "Жери", "Иш менен камсыз болуу"],
    "ru": ["Название", "Вид", "Место", "Занятость"],
    "en": ["Name", "Sort", "Place", "Employment"],
}
SORT = {"ky": "фирма", "ru": "фирма", "en": "firm"}


def sent(
    world: Any, file: SimpleUploadedFile, kind: str = "organisations", who: str = "analyst", lang: str = "en"
) -> Any:
    client = world.client(who)
    answer = client.post(f"/{lang}/centre/fruits/{kind}/import/", {"file": file})
    answer.client = client
    return answer


def kept(answer: Any, kind: str = "organisations") -> Any:
    """Agree to a preview."""
    written = answer.content.decode()
    address = re.search(r'action="([^"]+/import/[0-9a-f]{32}/)"', written)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', written)
    assert address is not None
    assert seen is not None
    return answer.client.post(address[1], {"seen": seen[1]})


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_headings_and_values_are_read_in_every_language(world: Any, workbook: Any, language: str) -> None:
    rows = [HEAD[language], ["Алма Бак", SORT[language], "Түп", 12]]
    answer = sent(world, workbook(Sheet1=rows), lang="en")
    assert answer.status_code == 200
    assert not Organisation.objects.filter(name="Алма Бак").exists()
    assert kept(answer).status_code == 302
    made = Organisation.objects.get(name="Алма Бак")
    assert (made.sort, made.place, made.employment, made.status) == ("firm", "Түп", 12, "active")


def test_each_row_is_new_or_changes_or_says_nothing_new(world: Any, workbook: Any) -> None:
    rows = [
        HEAD["en"],
        ["Мөмө-Жемиш ЖЧК", None, "Каракол", 41],
        ["Жаңы ЖЧК", "supplier", "Ош", None],
    ]
    answer = sent(world, workbook(Sheet1=rows))
    written = answer.content.decode()
    assert "Employment: 40 → 41" in written
    kept(answer)
    firm = Organisation.objects.get(pk=world.firm.pk)
    assert (firm.sort, firm.employment) == ("firm", 41), "an empty cell leaves what is there"
    again = sent(world, workbook(Sheet1=rows))
    assert "Keep all" not in again.content.decode()
    assert Organisation.of(world.cluster).count() == 2


def test_one_wrong_row_keeps_everything_out_and_is_named(world: Any, workbook: Any) -> None:
    rows = [HEAD["en"], ["Good", "firm", "", 3], ["Bad", "bakery", "", "many"]]
    answer = sent(world, workbook(**{"Organisations": rows}))
    assert answer.status_code == 422
    written = answer.content.decode()
    assert '<td class="n">3</td>' in written
    assert "column «Sort»: «bakery»" in written
    assert "one of: firm, supplier" in written
    assert "Keep all" not in written
    assert not Organisation.objects.filter(name__in=("Good", "Bad")).exists()


def test_a_number_that_is_none_is_named_with_what_was_expected(world: Any, workbook: Any) -> None:
    answer = sent(world, workbook(Sheet1=[HEAD["en"], ["Good", "firm", "", "many"]]))
    assert answer.status_code == 422
    assert "column «Employment»: «many»" in answer.content.decode()
    assert "Expected: a number" in answer.content.decode()


def test_sheets_refer_to_each_other_before_anything_is_kept(world: Any, workbook: Any) -> None:
    file = workbook(
        Organisations=[HEAD["en"], ["New Farm", "firm", "", None], ["New Lab", "standards", "", None]],
        People=[["Full name", "Organisation", "E-mail"], ["Айбек", "New Farm", "a@example.org"]],
        Ties=[["From whom", "To whom", "Kind of tie", "Since the year"], ["New Lab", "new farm", "знания", 2020.0],
              ["New Farm", "Мөмө-Жемиш ЖЧК", "supply", None]],
    )  # fmt: skip
    answer = sent(world, file)
    assert answer.status_code == 200, re.findall(r'class="error">([^<]+)', answer.content.decode())
    assert not Tie.objects.exists()
    kept(answer)
    assert Person.objects.get().organisation.name == "New Farm"
    assert {(tie.source.name, tie.target.name, tie.layer, tie.since) for tie in Tie.objects.all()} == {
        ("New Lab", "New Farm", "knowledge", 2020),
        ("New Farm", "Мөмө-Жемиш ЖЧК", "supply", None),
    }


def test_a_name_that_nobody_bears_is_named(world: Any, workbook: Any) -> None:
    rows = [["From whom", "To whom", "Kind of tie"], ["Мөмө-Жемиш ЖЧК", "Nobody", "supply"]]
    answer = sent(world, workbook(Ties=rows), kind="ties")
    assert answer.status_code == 422
    assert "column «To whom»: «Nobody»" in answer.content.decode()


def test_the_same_row_twice_is_wrong(world: Any, workbook: Any) -> None:
    answer = sent(world, workbook(S=[HEAD["en"], ["Twin", "firm", "", 1], ["twin", "firm", "", 2]]))
    assert answer.status_code == 422
    assert "the same as row 2" in answer.content.decode()


def test_what_changed_since_the_preview_is_shown_again(world: Any, workbook: Any) -> None:
    answer = sent(world, workbook(S=[HEAD["en"], ["Мөмө-Жемиш ЖЧК", "firm", "Каракол", 41]]))
    world.firm.employment = 99
    world.firm.save()
    second = kept(answer)
    assert second.status_code == 200
    assert "Records have changed" in second.content.decode()
    assert Organisation.objects.get(pk=world.firm.pk).employment == 99


def test_an_import_is_undone_whole(world: Any, workbook: Any) -> None:
    rows = [HEAD["en"], ["Мөмө-Жемиш ЖЧК", "firm", "Каракол", 41], ["Жаңы ЖЧК", "supplier", "Ош", None]]
    answer = sent(world, workbook("fruits.xlsx", S=rows))
    kept(answer)
    listed = answer.client.get("/en/centre/fruits/changes/").content.decode()
    assert "fruits.xlsx" in listed
    address = re.search(r'action="([^"]+/undo/)"', listed)
    assert address is not None
    answer.client.post(address[1])
    assert Organisation.objects.get(pk=world.firm.pk).employment == 40
    assert not Organisation.objects.filter(name="Жаңы ЖЧК").exists()
    assert Organisation.everything.get(name="Жаңы ЖЧК").deleted is not None
    assert "undone" in answer.client.get("/en/centre/fruits/changes/").content.decode()


def test_undoing_leaves_what_was_changed_again_since(world: Any, workbook: Any) -> None:
    answer = sent(world, workbook(S=[HEAD["en"], ["Мөмө-Жемиш ЖЧК", "firm", "Каракол", 41]]))
    kept(answer)
    firm = Organisation.objects.get(pk=world.firm.pk)
    firm.place = "Балыкчы"
    firm.save()
    listed = answer.client.get("/en/centre/fruits/changes/").content.decode()
    address = re.search(r'action="([^"]+/undo/)"', listed)
    assert address is not None
    page = answer.client.post(address[1], follow=True).content.decode()
    assert "left as they are: Мөмө-Жемиш ЖЧК" in page
    assert Organisation.objects.get(pk=firm.pk).employment == 41


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_comes_back_with_nothing_new(world: Any, form: str) -> None:
    Organisation.objects.create(
        cluster=world.cluster, name="=SUM(1)", sort="finance", latitude=42.5, longitude=78.25, joined="2026-03-01",
        industries="01.24; 10.32", tax_id="00123", public=True,
    )  # fmt: skip
    client = world.client("analyst")
    for language in ("ky", "ru"):
        out = client.get(f"/{language}/centre/fruits/organisations/export.{form}")
        file = SimpleUploadedFile(f"back.{form}", out.content)
        written = sent(world, file).content.decode()
        assert re.findall(r'class="error">([^<]+)', written) == []
        assert written.count("nothing new") == 3, "the count and two rows"


def test_the_template_has_a_sheet_for_each_kind_and_its_allowed_values(world: Any) -> None:
    answer = world.client("analyst").get("/ru/centre/fruits/organisations/import/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Организации", "Люди", "Места", "Связи", "допустимые значения"]
    heads = [cell.value for cell in book["Организации"][1]]
    assert heads[0] == "Название *"
    assert book["Организации"].data_validations.count > 0
    assert "поставщик" in {cell.value for row in book["допустимые значения"].iter_rows() for cell in row}
    empty = sent(world, SimpleUploadedFile("t.xlsx", answer.content))
    assert empty.status_code == 422
    assert "no rows below the headings" in empty.content.decode()


@pytest.mark.parametrize(("who", "status"), [("member", 403), ("stranger", 404), ("visitor", 302)])
def test_only_analysts_import(world: Any, workbook: Any, who: str, status: int) -> None:
    assert sent(world, workbook(S=[HEAD["en"], ["A", "firm", "", 1]]), who=who).status_code == status


def test_a_preview_belongs_to_the_session_that_sent_it(world: Any, workbook: Any) -> None:
    answer = sent(world, workbook(S=[HEAD["en"], ["A", "firm", "", 1]]))
    address = re.search(r'action="([^"]+/import/[0-9a-f]{32}/)"', answer.content.decode())
    assert address is not None
    assert world.client("manager").post(address[1], {"seen": "0"}).status_code == 404


def test_a_bomb_and_what_is_no_table_are_refused(world: Any) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/workbook.xml", b"0" * 30_000_000)
    for file in (SimpleUploadedFile("a.xlsx", target.getvalue()), SimpleUploadedFile("a.xlsx", b"%PDF-1.4 no table")):
        answer = sent(world, file)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()


def test_a_column_that_is_not_known_is_said_and_left_out(world: Any, workbook: Any) -> None:
    answer = sent(world, workbook(S=[[*HEAD["en"], "Turnover"], ["A", "firm", "", 1, 5]]))
    assert answer.status_code == 200
    assert "left out: Turnover" in answer.content.decode()
    nothing = sent(world, workbook(S=[["Turnover"], [5]]))
    assert nothing.status_code == 422
    assert "no column of Organisations is recognised" in nothing.content.decode()

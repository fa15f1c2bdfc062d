from __future__ import annotations

import re
from typing import Any

import pytest

from almaz.web.participants.models import Organisation


def test_a_record_is_added_changed_undone_deleted_and_taken_back(world: Any) -> None:
    client = world.client("analyst")
    answer = client.post("/en/centre/fruits/organisations/new/", {"name": "Lab", "sort": "standards"}, follow=True)
    assert answer.status_code == 200
    assert b"Lab" in answer.content
    lab = Organisation.objects.get(name="Lab")
    client.post(
        f"/en/centre/fruits/organisations/{lab.pk}/edit/",
        {"name": "Laboratory", "sort": "standards", "seen": lab.changed.isoformat()},
    )
    assert Organisation.objects.get(pk=lab.pk).name == "Laboratory"
    states = list(lab.history.all())
    assert [state.name for state in states] == ["Laboratory", "Lab"]
    assert states[0].history_user == world.people["analyst"]
    client.post(f"/en/centre/fruits/organisations/{lab.pk}/undo/{states[1].history_id}/")
    assert Organisation.objects.get(pk=lab.pk).name == "Lab"
    client.post(f"/en/centre/fruits/organisations/{lab.pk}/delete/")
    assert not Organisation.objects.filter(pk=lab.pk).exists()
    assert "Lab" in client.get("/en/centre/fruits/bin/").content.decode()
    client.post(f"/en/centre/fruits/organisations/{lab.pk}/restore/")
    assert Organisation.objects.filter(pk=lab.pk).exists()


def test_a_change_of_another_person_is_not_overwritten_unseen(world: Any) -> None:
    client, firm = world.client("analyst"), world.firm
    opened = firm.changed.isoformat()
    firm.place = "Балыкчы"
    firm.save()
    address = f"/en/centre/fruits/organisations/{firm.pk}/edit/"
    answer = client.post(address, {"name": "Typed", "sort": "firm", "seen": opened})
    assert answer.status_code == 422
    assert "Typed" in answer.content.decode()
    assert "changed this at" in answer.content.decode()
    assert Organisation.objects.get(pk=firm.pk).place == "Балыкчы"
    shown = re.search(r'name="seen" value="([^"]+)"', answer.content.decode())
    assert shown is not None
    assert shown[1] == Organisation.objects.get(pk=firm.pk).changed.isoformat()
    answer = client.post(address, {"name": "Typed", "sort": "firm", "seen": shown[1]})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("name", "query"), [("Ысык-Көл ЖЕМИШТЕРИ", "ысык-көл жемиш"), ("ёлка 100%_", "ЁЛКА 100%_"), ("a\\b", "A\\B")]
)
def test_a_search_knows_the_capitals_of_every_alphabet_and_no_patterns(world: Any, name: str, query: str) -> None:
    Organisation.objects.create(cluster=world.cluster, name=name, sort="firm")
    Organisation.objects.create(cluster=world.cluster, name="xx", sort="firm")
    written = world.client("analyst").get("/en/centre/fruits/organisations/", {"q": query}).content.decode()
    assert f">{name}<" in written
    assert ">xx<" not in written


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_of_an_export_is_a_formula(world: Any, form: str) -> None:
    Organisation.objects.create(cluster=world.cluster, name='=HYPERLINK("http://x")', sort="firm")
    answer = world.client("member").get(f"/en/centre/fruits/organisations/export.{form}")
    assert answer.status_code == 200
    if form == "csv":
        assert "'=HYPERLINK" in answer.content.decode()
    else:
        import io

        import openpyxl

        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_a_form_leads_only_to_pages_of_this_site(world: Any) -> None:
    client = world.client("analyst")
    answer = client.post(
        "/en/centre/fruits/organisations/new/", {"name": "A", "sort": "firm", "next": "//evil.example"}
    )
    assert answer["Location"].startswith("/en/centre/fruits/organisations/")

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from almaz.web.participants.models import Organisation
from almaz.web.projects.models import Criterion, StageGate
from almaz.web.projects.models.stages import begin_round

AT = "/en/centre/fruits"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def gates(world: Any) -> list[StageGate]:
    return begin_round(world.cluster, 2027, 1)


def attach(client: Any, one: Criterion, **given: Any) -> Any:
    sent = {
        "gate": one.gate_id,
        "name": "",
        "note": "",
        "link": "",
        "record": "",
        "seen": one.changed.isoformat(),
        **given,
    }
    return client.post(f"{AT}/criteria/{one.pk}/edit/", sent)


def confirmed(client: Any, gate: StageGate, but: int = 0) -> list[Criterion]:
    """Every criterion but some shown by a link and confirmed, through the pages."""
    held = list(Criterion.objects.filter(gate=gate))
    for one in held[: len(held) - but]:
        assert attach(client, one, link="https://example.org/minutes.pdf").status_code == 302
        client.post(f"{AT}/stages/criteria/{one.pk}/confirm/")
    return held


def is_passed(gate: StageGate) -> bool:
    return StageGate.objects.get(pk=gate.pk).passed is not None


def test_a_gate_stays_closed_while_one_criterion_lacks_evidence(world: Any, gates: list[StageGate]) -> None:
    analyst, manager, gate = world.client("analyst"), world.client("manager"), gates[0]
    held = confirmed(analyst, gate, but=1)
    page = manager.post(f"{AT}/stages/{gate.pk}/pass/", follow=True).content.decode()
    assert "evidence is lacking for" in page
    assert not is_passed(gate)
    attach(analyst, held[-1], link="https://example.org/group.pdf")
    manager.post(f"{AT}/stages/{gate.pk}/pass/")
    assert not is_passed(gate), "shown, but nobody has confirmed it"
    analyst.post(f"{AT}/stages/criteria/{held[-1].pk}/confirm/")
    manager.post(f"{AT}/stages/{gate.pk}/pass/")
    gate.refresh_from_db()
    assert (gate.passed, gate.passed_by) == (timezone.localdate(), world.people["manager"])
    states = list(gate.history.all())
    assert [bool(state.passed) for state in states[:2]] == [True, False]
    assert states[0].history_user == world.people["manager"]


def test_what_nobody_showed_cannot_be_confirmed(world: Any, gates: list[StageGate]) -> None:
    one = Criterion.objects.filter(gate=gates[0]).first()
    page = world.client("analyst").post(f"{AT}/stages/criteria/{one.pk}/confirm/", follow=True).content.decode()
    assert "nothing to confirm" in page
    one.refresh_from_db()
    assert one.confirmed is None
    one.note = "words alone are no evidence"
    one.save()
    with pytest.raises(ValidationError):
        one.confirm(world.people["manager"])


def test_only_a_manager_passes_a_gate_and_a_member_attaches_nothing(world: Any, gates: list[StageGate]) -> None:
    confirmed(world.client("analyst"), gates[0])
    assert world.client("analyst").post(f"{AT}/stages/{gates[0].pk}/pass/").status_code == 403
    one = Criterion.objects.filter(gate=gates[1]).first()
    assert world.client("member").get(f"{AT}/criteria/{one.pk}/edit/").status_code == 403
    assert world.client("member").post(f"{AT}/stages/criteria/{one.pk}/confirm/").status_code == 403
    assert world.client("member").get(f"{AT}/stages/").status_code == 200
    assert world.client("stranger").post(f"{AT}/stages/{gates[0].pk}/pass/").status_code == 404
    assert world.client("stranger").post(f"/en/centre/ski/stages/{gates[0].pk}/pass/").status_code == 404
    assert not is_passed(gates[0])


def test_gates_are_passed_in_their_order_and_taken_back_in_the_reverse(world: Any, gates: list[StageGate]) -> None:
    analyst, manager = world.client("analyst"), world.client("manager")
    for gate in gates[:2]:
        confirmed(analyst, gate)
    page = manager.post(f"{AT}/stages/{gates[1].pk}/pass/", follow=True).content.decode()
    assert "G0: need comes before it" in page
    for gate in gates[:2]:
        manager.post(f"{AT}/stages/{gate.pk}/pass/")
        assert is_passed(gate)
    page = manager.post(f"{AT}/stages/{gates[0].pk}/take-back/", follow=True).content.decode()
    assert "was passed after this one" in page
    assert is_passed(gates[0])
    for gate in (gates[1], gates[0]):
        manager.post(f"{AT}/stages/{gate.pk}/take-back/")
        assert not is_passed(gate)


def test_nothing_gets_round_the_rule_neither_undo_nor_bin_nor_code(world: Any, gates: list[StageGate]) -> None:
    analyst, manager, gate = world.client("analyst"), world.client("manager"), gates[0]
    held = confirmed(analyst, gate)
    manager.post(f"{AT}/stages/{gate.pk}/pass/")
    one = held[0]
    one.refresh_from_db()
    for address in (f"criteria/{one.pk}/delete", f"stages/criteria/{one.pk}/doubt", f"gates/{gate.pk}/delete"):
        page = manager.post(f"{AT}/{address}/", follow=True).content.decode()
        assert "Take" in page
        assert "passage back first" in page or "Take that back first" in page
    assert attach(analyst, one).status_code == 422
    first = one.history.order_by("history_id").first()
    manager.post(f"{AT}/criteria/{one.pk}/undo/{first.history_id}/")
    one.refresh_from_db()
    assert one.met
    with pytest.raises(ValidationError):
        one.bin()
    while_passed = gate.history.first().history_id
    manager.post(f"{AT}/stages/{gate.pk}/take-back/")
    analyst.post(f"{AT}/stages/criteria/{one.pk}/doubt/")
    page = manager.post(f"{AT}/gates/{gate.pk}/undo/{while_passed}/", follow=True).content.decode()
    assert "evidence is lacking for" in page
    assert not is_passed(gate)
    analyst.post(f"{AT}/stages/criteria/{one.pk}/confirm/")
    manager.post(f"{AT}/gates/{gate.pk}/undo/{while_passed}/")
    assert is_passed(gate), "with its evidence the passage may be brought back"


def test_another_evidence_is_confirmed_anew(world: Any, gates: list[StageGate]) -> None:
    client = world.client("analyst")
    one = confirmed(client, gates[0])[0]
    one.refresh_from_db()
    assert one.confirmed_by == world.people["analyst"]
    attach(client, one, link="https://example.org/other.pdf")
    one.refresh_from_db()
    assert one.confirmed is None
    client.post(f"{AT}/stages/criteria/{one.pk}/confirm/")
    one.refresh_from_db()
    attach(client, one, link="https://example.org/other.pdf", note="the same, explained")
    one.refresh_from_db()
    assert one.confirmed is not None


def test_a_record_of_the_workspace_is_evidence_while_it_lives(world: Any, gates: list[StageGate]) -> None:
    client, one = world.client("analyst"), Criterion.objects.filter(gate=gates[0]).first()
    address = f"http://testserver/ky/centre/fruits/organisations/{world.firm.pk}/"
    assert attach(client, one, record=address).status_code == 302
    one.refresh_from_db()
    assert (one.record_kind, one.linked, one.shown) == ("organisations", world.firm, True)
    client.post(f"{AT}/stages/criteria/{one.pk}/confirm/")
    page = client.get(f"{AT}/stages/").content.decode()
    assert f"/en/centre/fruits/organisations/{world.firm.pk}/" in page
    world.firm.bin()
    one.refresh_from_db()
    assert not one.met
    assert "the record was deleted" in client.get(f"{AT}/stages/").content.decode()


@pytest.mark.parametrize(
    "given", ["organisations/999999", "/en/centre/ski/organisations/1/", "/en/centre/fruits/", "x", "drafts/1"]
)
def test_a_record_that_is_not_there_or_of_another_cluster_is_no_evidence(
    world: Any, gates: list[StageGate], given: str
) -> None:
    Organisation.objects.create(cluster=world.other, name="Another's", sort="firm")
    one = Criterion.objects.filter(gate=gates[0]).first()
    assert attach(world.client("analyst"), one, record=given).status_code == 422
    one.refresh_from_db()
    assert not one.shown


def test_a_file_is_evidence_and_members_of_the_cluster_read_it(world: Any, gates: list[StageGate]) -> None:
    one = Criterion.objects.filter(gate=gates[0]).first()
    answer = attach(world.client("analyst"), one, file=SimpleUploadedFile("протокол.pdf", PDF))
    assert answer.status_code == 302
    one.refresh_from_db()
    assert one.shown
    page = world.client("member").get(f"{AT}/stages/").content.decode()
    assert f"{AT}/criteria/{one.pk}/file/file/" in page
    assert b"".join(world.client("member").get(f"{AT}/criteria/{one.pk}/file/file/").streaming_content) == PDF
    assert world.client("stranger").get(f"{AT}/criteria/{one.pk}/file/file/").status_code == 404
    bad = attach(world.client("analyst"), one, file=SimpleUploadedFile("a.pdf", b"<html><script>alert(1)</script>"))
    assert bad.status_code == 422


def test_after_evaluation_the_programme_goes_back_to_stage_one(world: Any, gates: list[StageGate]) -> None:
    manager = world.client("manager")
    page = manager.post(f"{AT}/stages/begin/", follow=True).content.decode()
    assert "after gate G5" in page
    for one in Criterion.objects.exclude(gate__code="G6"):
        one.link = "https://example.org/shown.pdf"
        one.confirm(world.people["analyst"])
    for gate in gates[:6]:
        manager.post(f"{AT}/stages/{gate.pk}/pass/")
    assert is_passed(gates[5])
    manager.post(f"{AT}/stages/begin/")
    assert StageGate.objects.filter(round=2).count() == 7
    assert not StageGate.objects.filter(round=2).exclude(passed=None).exists()
    page = manager.get(f"{AT}/stages/").content.decode()
    assert "round 2" in page
    assert "our reconstruction" in page


def test_a_gate_asks_for_more_but_not_after_it_was_passed(world: Any, gates: list[StageGate]) -> None:
    client = world.client("analyst")
    sent = {"gate": gates[0].pk, "name": "The bank has agreed"}
    assert client.post(f"{AT}/criteria/new/", sent).status_code == 302
    confirmed(client, gates[0])
    world.client("manager").post(f"{AT}/stages/{gates[0].pk}/pass/")
    assert is_passed(gates[0])
    assert client.post(f"{AT}/criteria/new/", sent | {"name": "One more"}).status_code == 422

from __future__ import annotations

from typing import Any

from almaz.web.interests.models import Request, Support


def test_a_member_supports_a_request_once_and_may_take_it_back(world: Any, late: Request) -> None:
    member, address = world.client("member"), f"/en/centre/fruits/requests/{late.pk}/support/"
    member.post(address, {"why": "We lose fruit on that road"})
    voice = Support.objects.get()
    assert (voice.user, voice.organisation, voice.why) == (
        world.people["member"],
        world.firm,
        "We lose fruit on that road",
    )
    assert "We lose fruit on that road" in member.get(f"/en/centre/fruits/requests/{late.pk}/").content.decode()
    member.post(address)
    assert late.support() == 0
    member.post(address)
    assert (late.support(), Support.everything.count()) == (1, 1)


def test_a_second_voice_of_the_same_person_is_refused(world: Any, late: Request) -> None:
    member, address = world.client("member"), "/en/centre/fruits/request-supports/new/"
    assert member.post(address, {"request": late.pk, "why": ""}).status_code == 302
    assert member.post(address, {"request": late.pk, "why": ""}).status_code == 422
    assert late.support() == 1


def test_nobody_takes_back_the_support_of_another(world: Any, late: Request) -> None:
    voice = Support.objects.create(cluster=world.cluster, request=late, user=world.people["manager"])
    assert world.client("member").post(f"/en/centre/fruits/request-supports/{voice.pk}/delete/").status_code == 403

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from almaz.web.accounts.models import User
from almaz.web.centre.models import Membership
from almaz.web.centre.roles import Role


def mine(world: Any, who: str) -> Membership:
    return Membership.everything.get(user=world.people[who], cluster=world.cluster)


def change(world: Any, client: Client, who: str, role: str) -> None:
    one = mine(world, who)
    client.post(f"/en/centre/fruits/access/{one.pk}/", {f"m{one.pk}-role": role, f"m{one.pk}-organisation": ""})


def test_a_manager_changes_roles_and_ends_access_and_the_history_says_so(world: Any) -> None:
    client = world.client("manager")
    change(world, client, "member", "analyst")
    assert mine(world, "member").role == Role.ANALYST
    client.post(f"/en/centre/fruits/access/{mine(world, 'analyst').pk}/remove/")
    assert world.client("analyst").get("/en/centre/fruits/").status_code == 404
    past = client.get("/en/centre/fruits/access/history/").content.decode()
    assert "access ended" in past
    assert "Айгүл (manager)" in past


def test_the_last_manager_cannot_go(world: Any) -> None:
    client = world.client("manager")
    change(world, client, "manager", "member")
    client.post(f"/en/centre/fruits/access/{mine(world, 'manager').pk}/remove/")
    assert mine(world, "manager").role == Role.MANAGER
    assert mine(world, "manager").deleted is None


def test_a_manager_can_go_when_there_is_another(world: Any) -> None:
    client = world.client("manager")
    change(world, client, "analyst", "manager")
    answer = client.post(f"/en/centre/fruits/access/{mine(world, 'manager').pk}/remove/")
    assert answer["Location"] == "/en/centre/"
    assert client.get("/en/centre/fruits/").status_code == 404


def test_a_manager_whose_account_is_closed_does_not_count(world: Any) -> None:
    change(world, world.client("manager"), "analyst", "manager")
    User.objects.filter(email="analyst@example.org").update(is_active=False)
    change(world, world.client("manager"), "manager", "member")
    assert mine(world, "manager").role == Role.MANAGER


@pytest.mark.parametrize("role", ["administrator", "", "king"])
def test_a_role_that_a_membership_cannot_give_is_refused(world: Any, role: str) -> None:
    change(world, world.client("manager"), "member", role)
    assert mine(world, "member").role == Role.MEMBER


def test_memberships_of_another_cluster_are_out_of_reach(world: Any) -> None:
    other = Membership.objects.get(cluster=world.other)
    assert world.client("manager").post(f"/en/centre/fruits/access/{other.pk}/remove/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_leave_at_once_leave_one_behind(world: Any) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite is in memory, where two connections cannot write at once")
    change(world, world.client("manager"), "analyst", "manager")
    clients = {who: world.client(who) for who in ("manager", "analyst")}
    start = threading.Barrier(2)

    def leave(who: str) -> None:
        start.wait()
        clients[who].post(f"/en/centre/fruits/access/{mine(world, who).pk}/remove/")
        connection.close()

    threads = [threading.Thread(target=leave, args=(who,)) for who in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Membership.objects.filter(cluster=world.cluster, role=Role.MANAGER).count() == 1


def test_an_administrator_closes_opens_and_promotes_but_not_the_last_away(world: Any) -> None:
    client, member = world.client("administrator"), world.people["member"]
    root = world.people["administrator"]

    def act(user: User, what: str) -> None:
        client.post(f"/en/account/everybody/{user.pk}/", {"act": what})
        user.refresh_from_db()

    inside = world.client("member")
    act(member, "close")
    assert inside.get("/en/centre/fruits/").status_code == 302  # signed out at once
    act(member, "open")
    assert member.is_active
    for what in ("demote", "close"):
        act(root, what)
        assert root.is_superuser
        assert root.is_active
    act(member, "promote")
    act(root, "demote")
    assert not root.is_superuser
    assert [state.is_superuser for state in member.history.order_by("-history_id")[:2]] == [True, False]

from __future__ import annotations

from typing import Any

import pytest

from almaz.web.centre.roles import Role
from almaz.web.projects.urls import urlpatterns

AT = "/en/centre/fruits"
PAGES = ("dashboard", "plan", "money", "risk-matrix", "measured", "audit", "stages", "evaluation")


def test_every_page_says_whom_it_is_for() -> None:
    assert {
        pattern.name for pattern in urlpatterns if not isinstance(getattr(pattern.callback, "least", None), Role)
    } == set()


@pytest.mark.parametrize("page", PAGES)
def test_members_see_and_strangers_find_nothing(world: Any, page: str) -> None:
    assert world.client("member").get(f"{AT}/{page}/").status_code == 200
    assert world.client("stranger").get(f"{AT}/{page}/").status_code == 404
    assert world.client("visitor").get(f"{AT}/{page}/").status_code == 302


@pytest.mark.parametrize(
    ("kind", "member", "analyst", "manager"),
    [("projects", 403, 200, 200), ("milestones", 403, 200, 200), ("risks", 403, 200, 200), ("budget", 403, 200, 200),
     ("money-entries", 403, 200, 200), ("indicators", 403, 200, 200), ("readings", 403, 200, 200), ("quarters", 403, 200, 200),
     ("project-tasks", 403, 200, 200), ("criteria", 403, 200, 200), ("gates", 403, 403, 200), ("amendments", 403, 403, 403),
     ("drafts", 403, 403, 403), ("label-indicators", 403, 200, 200), ("frame", 403, 200, 200), ("programme", 403, 200, 200)],
)  # fmt: skip
def test_members_read_analysts_write_and_managers_keep_the_gates(
    world: Any, kind: str, member: int, analyst: int, manager: int
) -> None:
    for who, answer in (("member", member), ("analyst", analyst), ("manager", manager)):
        assert world.client(who).get(f"{AT}/{kind}/new/").status_code == answer, who
    assert world.client("member").get(f"{AT}/{kind}/").status_code == (403 if kind == "drafts" else 200)


@pytest.mark.parametrize(
    "page", ["take/edition", "take/1/make", "stages/begin", "stages/1/pass", "stages/1/take-back", "stages/criteria/1/confirm",
             "stages/criteria/1/doubt", "audit/begin", "evaluation/take", "evaluation/1/task", "evaluation/1/accepted"]
)  # fmt: skip
def test_what_changes_something_is_never_done_by_a_link(world: Any, page: str) -> None:
    assert world.client("manager").get(f"{AT}/{page}/").status_code == 405

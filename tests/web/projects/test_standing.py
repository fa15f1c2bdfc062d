from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from almaz.web.centre.access import access_to
from almaz.web.centre.models import Cluster
from almaz.web.projects.kinds import glance
from almaz.web.projects.models import (
    BudgetLine,
    Entry,
    Indicator,
    LabelIndicator,
    Milestone,
    Programme,
    Project,
    Reading,
    Risk,
)
from almaz.web.projects.standing import audit, reached, standing, sums, total

AT = "/en/centre/fruits"
TODAY = date(2028, 5, 1)


def project(cluster: Cluster, **more: Any) -> Project:
    return Project.objects.create(cluster=cluster, **{"name": "A laboratory", "number": 1, **more})


def test_milestones_are_late_or_soon_by_the_day_and_a_stopped_project_s_are_neither(world: Any) -> None:
    one, stopped = project(world.cluster), project(world.cluster, name="Stopped", status="stopped")
    make = lambda owner, days, **more: Milestone.objects.create(  # noqa: E731
        cluster=world.cluster, project=owner, name="m", planned=TODAY + timedelta(days), **more
    )
    late, soon = make(one, -1), make(one, 30)
    make(one, 200), make(one, -5, actual=TODAY), make(stopped, -1)
    now = standing(world.cluster, TODAY)
    assert ([one.pk for one in now.late], [one.pk for one in now.soon]) == ([late.pk], [soon.pk])


def test_money_is_exact_and_what_nobody_planned_stays_a_range(world: Any) -> None:
    one = project(world.cluster)
    make = lambda **more: BudgetLine.objects.create(cluster=world.cluster, project=one, line="people", **more)  # noqa: E731
    first = make(planned=Decimal("0.10"))
    make(least=Decimal("0.20"), most=Decimal("5.00"))
    for amount in ("0.10", "0.20"):
        Entry.objects.create(cluster=world.cluster, line=first, sort="payment", day=TODAY, amount=Decimal(amount))
    held = sums(world.cluster)[0]
    assert (held.planned, held.least, held.most, held.unplanned) == (None, Decimal("0.30"), Decimal("5.10"), 1)
    assert (held.spent, held.committed) == (Decimal("0.30"), None)
    assert total(world.cluster, "all").most == Decimal("5.10")
    page = world.client("member").get(f"{AT}/money/").content.decode()
    assert "5.10" in page
    unknown = make()
    assert sums(world.cluster)[0].most is None
    unknown.bin()
    assert sums(world.cluster)[0].most == Decimal("5.10")


def test_a_refund_lowers_what_was_spent(world: Any) -> None:
    line = BudgetLine.objects.create(cluster=world.cluster, project=project(world.cluster), line="people")
    for amount in ("100", "-30"):
        Entry.objects.create(cluster=world.cluster, line=line, sort="payment", day=TODAY, amount=Decimal(amount))
    assert line.spent() == "70"


def test_risks_that_nobody_judged_are_counted_as_such_and_not_as_small(world: Any) -> None:
    make = lambda **more: Risk.objects.create(cluster=world.cluster, name="r", **more)  # noqa: E731
    (
        make(likelihood=3, impact=5),
        make(likelihood=2, impact=2),
        make(likelihood=5),
        make(closed=TODAY, likelihood=5, impact=5),
    )
    now = standing(world.cluster)
    assert (len(now.risks), len(now.severe), now.unjudged) == (3, 1, 1)
    page = world.client("member").get(f"{AT}/risk-matrix/").content.decode()
    assert "nobody has judged them yet: 1" in page


@pytest.mark.parametrize(
    ("wanted", "value", "low", "high", "says"),
    [("up", 11, None, None, True), ("up", 9, None, None, False), ("down", 9, None, None, True), ("up", 11, 9, 12, None),
     ("up", 12, 11, 13, True), ("down", 12, 11, 13, False), ("up", None, None, None, None)],
)  # fmt: skip
def test_a_target_is_reached_only_where_the_whole_interval_is(
    wanted: str, value: float | None, low: float | None, high: float | None, says: bool | None
) -> None:
    assert reached(Indicator(target=10, wanted=wanted), Reading(value=value, low=low, high=high)) is says
    assert reached(Indicator(wanted=wanted), Reading(value=1.0)) is None


def test_bounds_enclose_their_figure_and_a_year_has_one_figure(world: Any) -> None:
    one = Indicator.objects.create(cluster=world.cluster, name="Exports")
    client = world.client("analyst")
    sent = {"indicator": one.pk, "year": 2028, "value": 5, "low": 6, "high": 9}
    assert client.post(f"{AT}/readings/new/", sent).status_code == 422
    assert client.post(f"{AT}/readings/new/", sent | {"low": 4}).status_code == 302
    again = client.post(f"{AT}/readings/new/", sent | {"low": 4})
    assert again.status_code == 422
    assert "already a record" in again.content.decode()
    assert Reading.objects.count() == 1


def test_gaps_of_an_indicator_stay_gaps_in_its_picture(world: Any) -> None:
    one = Indicator.objects.create(cluster=world.cluster, name="Exports", target=20, target_year=2034)
    for year in (2028, 2029, 2031, 2032):
        Reading.objects.create(cluster=world.cluster, indicator=one, year=year, value=10 + year - 2028)
    paths = ElementTree.fromstring(str(one.picture())).findall("{http://www.w3.org/2000/svg}path")
    assert len(paths) == 2
    assert all(way.get("d", "").count("L") == 1 for way in paths)


def test_an_early_promise_is_warned_of_and_saved(world: Any) -> None:
    one, client = project(world.cluster), world.client("analyst")
    sent = {
        "name": "A laboratory",
        "number": 1,
        "stage": 2,
        "status": "agreed",
        "outcome": 2029,
        "seen": one.changed.isoformat(),
    }
    assert client.post(f"{AT}/projects/{one.pk}/edit/", sent).status_code == 302
    one.refresh_from_db()
    assert one.outcome == 2029
    for page in (f"projects/{one.pk}", f"projects/{one.pk}/edit", "dashboard", "plan"):
        shown = client.get(f"{AT}/{page}/").content.decode()
        assert "no earlier than" in shown or "Promised too early" in shown, page
    Project.objects.filter(pk=one.pk).update(outcome=2032)
    assert "Promised too early" not in client.get(f"{AT}/dashboard/").content.decode()


def test_what_only_finds_something_out_may_come_early(world: Any) -> None:
    project(world.cluster, name="", measure="register_of_firms", outcome=2028)
    assert standing(world.cluster).warnings == []
    project(world.cluster, name="", measure="monthly_meetings", outcome=2030, stage=2)
    Programme.objects.create(cluster=world.cluster, promised=2030)
    assert [said for said in standing(world.cluster).warnings if "2030" in said]


def test_a_horizon_shorter_than_seven_years_is_warned_of(world: Any) -> None:
    world.cluster.horizon = 5
    assert "shorter than 7 years" in standing(world.cluster).warnings[0]


def test_every_number_of_the_dashboard_leads_to_its_list(taken: Any) -> None:
    from html.parser import HTMLParser

    class Links(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.found, self.inside = [], False

        def handle_starttag(self, tag: str, attrs: Any) -> None:
            self.inside = tag == "dd" or (self.inside and tag != "dt")
            if tag == "a" and self.inside:
                self.found.append(dict(attrs)["href"])

    client, reader = taken.client("member"), Links()
    reader.feed(client.get(f"{AT}/dashboard/").content.decode())
    addresses = {one.split("#")[0] for one in reader.found if one.startswith("/")}
    assert len(addresses) >= 12
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_the_overview_says_how_the_programme_is_doing(taken: Any) -> None:
    said = {words: number for words, number, _address in glance(access_to(taken.people["member"], "fruits"))}
    assert said["gates passed"] == "0 / 7"
    assert said["projects running"] == "0"
    page = taken.client("member").get(f"{AT}/").content.decode()
    assert "gates passed" in page
    assert glance(access_to(taken.people["stranger"], "ski")) == []


@pytest.mark.parametrize("page", ["plan/projects", "money/money", "risk-matrix/risks"])
def test_pictures_are_taken_along_without_style_or_script(taken: Any, page: str) -> None:
    Risk.objects.update(likelihood=3, impact=4)
    answer = taken.client("member").get(f"{AT}/{page}.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    tree = ElementTree.fromstring(answer.content)
    assert tree.get("role") == "img"
    assert tree.find("{http://www.w3.org/2000/svg}title").text
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert names <= {"svg", "title", "rect", "text", "line", "path", "circle", "a"}
    assert not any("style" in element.attrib for element in tree.iter())


def test_tables_behind_the_pictures_hold_numbers_and_days(taken: Any) -> None:
    client = taken.client("member")
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{AT}/plan/projects.xlsx").content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 15
    assert rows[1][3].date() == Project.objects.order_by("number").first().start
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{AT}/money/money.xlsx").content)).active
    first = list(sheet.iter_rows(values_only=True))[1]
    assert (first[2], first[4]) == (None, 50000)
    for page in ("risk-matrix/risks", "measured/indicators"):
        assert client.get(f"{AT}/{page}.csv").status_code == 200
    assert client.get(f"{AT}/measured/indicators.svg").status_code == 404


def test_a_name_with_markup_is_only_text_in_a_picture(world: Any) -> None:
    project(world.cluster, name='<script>alert("x")</script>', start=TODAY, end=TODAY + timedelta(400))
    page = world.client("member").get(f"{AT}/plan/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_label_is_golden_only_with_all_evidence_thresholds_and_points(world: Any) -> None:
    client = world.client("analyst")
    client.post(f"{AT}/audit/begin/")
    client.post(f"{AT}/audit/begin/")
    assert LabelIndicator.objects.count() == 31
    assert (audit(world.cluster).share, audit(world.cluster).golden) == (None, False)
    for one in LabelIndicator.objects.all():
        one.points, one.threshold, one.most, one.link = Decimal(4), Decimal(2), Decimal(5), "https://example.org/e"
        one.save()
    held = audit(world.cluster)
    assert (held.evidenced, held.above, held.share, held.golden) == (31, 31, Decimal("0.8"), True)
    last = LabelIndicator.objects.last()
    last.link = ""
    last.save()
    assert not audit(world.cluster).golden
    last.link, last.points = "https://example.org/e", Decimal("3.9")
    last.save()
    assert not audit(world.cluster).golden
    assert world.client("member").post(f"{AT}/audit/begin/").status_code == 403


def test_an_end_before_the_start_is_refused(world: Any) -> None:
    with pytest.raises(ValidationError):
        Project(cluster=world.cluster, name="x", start=TODAY, end=TODAY - timedelta(1)).full_clean(exclude=["cluster"])


def test_a_new_project_stands_after_the_others(world: Any) -> None:
    project(world.cluster, number=7)
    sent = {"name": "Next", "stage": 2, "status": "proposed"}
    world.client("analyst").post(f"{AT}/projects/new/", sent)
    assert Project.objects.get(name="Next").number == 8

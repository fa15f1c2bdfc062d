from __future__ import annotations

import io
import shutil
import subprocess
import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import typst
from django.utils import timezone
from docx import Document
from fontTools.ttLib import TTFont

from almaz.errors import AlmazError
from almaz.language import use
from almaz.report.fonts import font_folder
from almaz.report.quarterly import Heading, Paragraph, Picture, Report
from almaz.report.quarterly_document import as_docx
from almaz.report.quarterly_pdf import as_pdf
from almaz.web.centre.access import access_to
from almaz.web.events.models import Decision, Event
from almaz.web.participants.models import Organisation, Person
from almaz.web.projects.kinds import ROOM
from almaz.web.projects.models import (
    BudgetLine,
    Criterion,
    Entry,
    Indicator,
    Milestone,
    Project,
    ProjectTask,
    QuarterlyReport,
    Reading,
    Risk,
    StageGate,
)
from almaz.web.projects.models.stages import begin_round
from almaz.web.projects.quarter import told

AT = "/en/centre/fruits"
LETTERS = "Ң Ө Ү ң ө ү"


@pytest.fixture
def own(world: Any) -> Project:
    return Project.objects.create(cluster=world.cluster, name="A laboratory", number=1, owner=world.firm)


def test_an_owner_tells_how_its_project_stands_and_changes_nothing_else(world: Any, own: Project) -> None:
    client = world.client("member")
    assert client.get(f"{AT}/projects/{own.pk}/edit/").status_code == 403
    sent = {
        "status": "running", "progress": 40, "standing": "The room is rented.", "name": "Taken over", "outcome": 2028,
        "seen": own.changed.isoformat(),
    }  # fmt: skip
    assert client.post(f"{AT}/tell/{own.pk}/", sent).status_code == 302
    own.refresh_from_db()
    assert (own.status, own.progress, own.standing) == ("running", 40, "The room is rented.")
    assert (own.name, own.outcome) == ("A laboratory", None)
    assert own.history.first().history_user == world.people["member"]
    assert client.post(f"{AT}/projects/{own.pk}/delete/").status_code == 403
    assert client.post(f"{AT}/projects/{own.pk}/undo/{own.history.last().history_id}/").status_code == 403


def test_nobody_tells_of_another_s_project(world: Any, own: Project) -> None:
    own.owner = Organisation.objects.create(cluster=world.cluster, name="Another", sort="firm")
    own.save()
    assert world.client("member").post(f"{AT}/tell/{own.pk}/", {"status": "done"}).status_code == 403
    assert "How it stands</a>" not in world.client("member").get(f"{AT}/projects/{own.pk}/").content.decode()
    own.person = Person.objects.create(
        cluster=world.cluster, name="Айгүл", organisation=world.firm, email="member@example.org"
    )
    own.save()
    assert world.client("member").get(f"{AT}/tell/{own.pk}/").status_code == 200
    assert world.client("stranger").get(f"{AT}/tell/{own.pk}/").status_code == 404


def test_an_owner_says_that_a_milestone_is_reached_and_shows_it(world: Any, own: Project) -> None:
    one = Milestone.objects.create(cluster=world.cluster, project=own, name="Rented", planned=date(2027, 6, 30))
    sent = {
        "actual": "2027-06-01",
        "link": "https://example.org/lease.pdf",
        "planned": "2030-01-01",
        "seen": one.changed.isoformat(),
    }
    assert world.client("member").post(f"{AT}/tell/milestone/{one.pk}/", sent).status_code == 302
    one.refresh_from_db()
    assert (one.actual, one.shown, one.planned) == (date(2027, 6, 1), True, date(2027, 6, 30))


@pytest.fixture
def quarter(world: Any, own: Project) -> QuarterlyReport:
    cluster = world.cluster
    own.start, own.end = date(2027, 1, 1), date(2029, 12, 31)
    own.save()
    make = lambda name, planned, actual=None: Milestone.objects.create(  # noqa: E731
        cluster=cluster, project=own, name=name, planned=planned, actual=actual
    )
    make("Reached in it", date(2027, 5, 1), date(2027, 5, 20))
    make("Late since before", date(2027, 2, 1))
    make("Reached after it", date(2027, 6, 1), date(2027, 8, 1))
    make("Of the next one", date(2027, 7, 15))
    make("Long ago", date(2027, 1, 10), date(2027, 1, 11))
    line = BudgetLine.objects.create(cluster=cluster, project=own, line="people", planned=Decimal(9000))
    for day, amount in (
        (date(2027, 3, 1), 1000),
        (date(2027, 4, 1), 200),
        (date(2027, 6, 30), 33),
        (date(2027, 7, 1), 5000),
    ):
        Entry.objects.create(cluster=cluster, line=line, sort="payment", day=day, amount=Decimal(amount))
    Risk.objects.create(cluster=cluster, project=own, name="Nobody comes", likelihood=4, impact=4)
    exports = Indicator.objects.create(
        cluster=cluster, name="Экспорт", baseline=10, baseline_year=2026, target=20, target_year=2034
    )
    Reading.objects.create(cluster=cluster, indicator=exports, year=2027, value=11)
    StageGate.objects.create(cluster=cluster, code="G0")
    StageGate.objects.filter(code="G0").update(passed=date(2027, 4, 3))
    ProjectTask.objects.create(cluster=cluster, project=own, name="Sign the lease", due=date(2027, 8, 1))
    return QuarterlyReport.objects.create(
        cluster=cluster, year=2027, quarter=2, done=f"Written by hand: {LETTERS} *not bold* #markup $x$ <b>",
    )  # fmt: skip


def at(record: Any, year: int, month: int, **changes: Any) -> Any:
    """Save a record with changes as of a month of the past."""
    for name, value in changes.items():
        setattr(record, name, value)
    record._history_date = timezone.make_aware(datetime(year, month, 15))
    record.save()
    return record


def test_the_report_of_a_past_quarter_tells_records_as_they_stood(world: Any) -> None:
    cluster = world.cluster
    project = at(Project(cluster=cluster, name="A press", number=7, status="agreed", progress=5), 2024, 2)
    line = at(BudgetLine(cluster=cluster, project=project, line="people", planned=Decimal(500)), 2024, 2)
    risk = at(Risk(cluster=cluster, project=project, name="Frost", likelihood=2, impact=5), 2024, 3)
    exports = at(Indicator(cluster=cluster, name="Exports", baseline=10, baseline_year=2022, target=12), 2024, 2)
    at(Reading(cluster=cluster, indicator=exports, year=2023, value=11), 2024, 3)
    at(project, 2024, 8, status="stopped", progress=90)
    at(line, 2024, 8, planned=Decimal(7777))
    at(risk, 2024, 8, closed=date(2024, 8, 1))
    at(Reading(cluster=cluster, indicator=exports, year=2024, value=13), 2025, 2)
    at(Project(cluster=cluster, name="Not thought of yet", number=8), 2025, 1)
    for quarter, expected in (
        (1, ("agreed", "5", "500", 1, "11, 2023", "no")),
        (3, ("stopped", "90", "7,777", 0, "11, 2023", "no")),
    ):
        with use("en"):
            made = told(QuarterlyReport(cluster=cluster, year=2024, quarter=quarter))
        (first,) = table(made, "What was done")
        (money, _all) = table(made, "Budget")
        (figures,) = table(made, "Indicators")
        risks = "Frost" in words(made)
        assert (first[1], first[3], money[1], int(risks), figures[3], figures[5]) == expected
        assert "Not thought of yet" not in words(made)
    with use("en"):
        assert "as they stood on May 1, 2024" in told(QuarterlyReport(cluster=cluster, year=2024, quarter=1)).subtitle
        later = told(QuarterlyReport(cluster=cluster, year=2025, quarter=1))
    assert "Not thought of yet" in words(later)
    assert table(later, "Indicators")[0][3:6:2] == ("13, 2024", "yes")


def words(report: Report) -> str:
    return "\n".join(str(vars(block)) for block in report.blocks if not hasattr(block, "svg"))


def table(report: Report, heading: str) -> list[tuple[str, ...]]:
    place = next(
        place
        for place, block in enumerate(report.blocks)
        if isinstance(block, Heading) and block.words.startswith(heading)
    )
    return next([*block.rows] for block in report.blocks[place:] if hasattr(block, "rows"))


def test_a_quarter_has_its_days(quarter: QuarterlyReport) -> None:
    assert (quarter.first, quarter.last, quarter.next_last) == (date(2027, 4, 1), date(2027, 6, 30), date(2027, 9, 30))
    last = QuarterlyReport(year=2027, quarter=4)
    assert (last.first, last.last, last.next_last) == (date(2027, 10, 1), date(2027, 12, 31), date(2028, 3, 31))


def test_the_report_tells_of_its_quarter_and_no_other(quarter: QuarterlyReport) -> None:
    report = told(quarter)
    milestones = {row[1]: (row[3], row[4]) for row in table(report, "Milestones")}
    assert set(milestones) == {"Reached in it", "Late since before", "Reached after it"}
    assert milestones["Reached after it"] == ("—", "late")
    assert milestones["Reached in it"][1] == "reached"
    assert table(report, "Budget")[0][1:] == ("9,000", "—", "1,233", "233")
    said = words(report)
    for part in ("Nobody comes", "Экспорт", "gate passed: G0: need", "Of the next one", "Sign the lease"):
        assert part in said
    assert "Long ago" not in said


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_the_pdf_speaks_the_language_with_all_its_letters(world: Any, quarter: QuarterlyReport, language: str) -> None:
    began = time.monotonic()
    answer = world.client("member").get(f"/{language}/centre/fruits/report/{quarter.pk}/report.pdf")
    assert time.monotonic() - began < 30
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert f"fruits-2027-2-{language}.pdf" in answer["Content-Disposition"]
    assert (
        answer.content
        == world.client("member").get(f"/{language}/centre/fruits/report/{quarter.pk}/report.pdf").content
    )
    assert b"/Alt" in answer.content or b"pdfuaid" in answer.content
    if shutil.which("pdftotext"):
        said = subprocess.run(
            ["pdftotext", "-", "-"], input=answer.content, capture_output=True, check=True
        ).stdout.decode()
        assert LETTERS in said
        assert "*not bold* #markup $x$ <b>" in said
        with use(language):
            assert told(quarter).title.split(":")[0] in said


def test_the_font_has_every_letter_of_the_three_languages() -> None:
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        known = TTFont(font_folder() / name).getBestCmap()
        alphabet = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"
        wanted = alphabet + alphabet.upper() + "№—–«»×→☑☐⚠≥·"
        assert [letter for letter in wanted if ord(letter) not in known] == []


def test_a_report_that_typst_warns_of_is_no_report(monkeypatch: Any) -> None:
    report = Report("T", "S", "en", "2027-06-30", "R", [Paragraph("x")])
    assert as_pdf(report).startswith(b"%PDF")
    monkeypatch.setattr("almaz.report.quarterly_pdf.FAMILY", "No Such Font")
    with pytest.raises(AlmazError, match="cannot be laid out"):
        as_pdf(report)


def test_a_picture_without_words_for_who_cannot_see_it_is_refused() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'
    named = Report("T", "S", "en", "2027-06-30", "R", [Picture(svg, "A square")])
    assert as_pdf(named).startswith(b"%PDF")
    with pytest.raises(typst.TypstError):
        typst.compile(
            b'#set document(title: "t")\n#image(bytes("' + svg.replace('"', '\\"').encode() + b'"))',
            pdf_standards="ua-1",
        )


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_the_word_document_holds_the_same_with_named_pictures(
    world: Any, quarter: QuarterlyReport, language: str
) -> None:
    answer = world.client("member").get(f"/{language}/centre/fruits/report/{quarter.pk}/report.docx")
    document = Document(io.BytesIO(answer.content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert f"Written by hand: {LETTERS}" in text
    with use(language):
        report = told(quarter)
    assert [one.text for one in document.paragraphs if one.style.name == "Heading 1"] == [
        block.words for block in report.blocks if isinstance(block, Heading)
    ]
    described = document.element.body.xpath(".//wp:docPr/@descr")
    assert len(described) >= 4
    assert all(described)
    assert {cell.text for table in document.tables for cell in table._cells} >= {"Nobody comes", "Экспорт"}


def test_an_empty_programme_has_a_report_too(world: Any) -> None:
    one = QuarterlyReport.objects.create(cluster=world.cluster, year=2027, quarter=1)
    report = told(one)
    assert as_pdf(report).startswith(b"%PDF")
    assert as_docx(report)


def test_the_report_of_the_last_quarter_is_begun_once(world: Any) -> None:
    client = world.client("analyst")
    for _time in range(2):
        assert client.post(f"{AT}/report/begin/").status_code == 302
    assert QuarterlyReport.objects.count() == 1
    assert QuarterlyReport.objects.get().last < date.today()
    assert world.client("member").post(f"{AT}/report/begin/").status_code == 403


def test_who_does_not_belong_reads_no_report(world: Any, quarter: QuarterlyReport) -> None:
    assert world.client("stranger").get(f"{AT}/report/{quarter.pk}/report.pdf").status_code == 404
    assert world.client("visitor").get(f"{AT}/report/{quarter.pk}/report.pdf").status_code == 302
    assert world.client("member").get(f"{AT}/report/{quarter.pk}/report.html").status_code == 404


def test_who_has_a_task_says_that_it_is_done_and_sees_it_waiting(world: Any, own: Project) -> None:
    cluster, client = world.cluster, world.client("member")
    aigul = Person.objects.create(cluster=cluster, name="Айгүл", organisation=world.firm, email="member@example.org")
    other = Person.objects.create(cluster=cluster, name="Бакыт", organisation=world.firm, email="b@example.org")
    mine = ProjectTask.objects.create(cluster=cluster, project=own, name="Sign", person=aigul, due=date(2020, 1, 1))
    not_mine = ProjectTask.objects.create(cluster=cluster, project=own, name="Seal", person=other)
    Milestone.objects.create(cluster=cluster, project=own, name="Rented", planned=date(2020, 2, 1))
    access = access_to(world.people["member"], "fruits")
    waiting = {one.title: one.late for one in ROOM.due(access, date(2027, 1, 1))}
    assert waiting == {"Sign": True, "1. A laboratory: Rented": True}
    assert client.post(f"{AT}/tell/task/{not_mine.pk}/", {"done": "2020-01-02"}).status_code == 403
    sent = {"done": "2020-01-02", "name": "Another", "seen": mine.changed.isoformat()}
    assert client.post(f"{AT}/tell/task/{mine.pk}/", sent).status_code == 302
    mine.refresh_from_db()
    assert (mine.done, mine.name) == (date(2020, 1, 2), "Sign")
    assert "Sign" not in {one.title for one in ROOM.due(access, date(2027, 1, 1))}


def test_a_gate_of_which_everything_is_shown_waits_for_the_manager(world: Any) -> None:
    gates = begin_round(world.cluster, 2027, 1)
    manager = access_to(world.people["manager"], "fruits")
    assert ROOM.due(manager, date(2027, 1, 1)) == []
    for one in Criterion.objects.filter(gate=gates[0]):
        one.link = "https://example.org/e"
        one.confirm(world.people["analyst"])
    assert [one.title for one in ROOM.due(manager, date(2027, 1, 1))] == ["G0: need"]
    assert ROOM.due(access_to(world.people["analyst"], "fruits"), date(2027, 1, 1)) == []


def test_what_events_of_the_quarter_decided_is_told(world: Any, quarter: QuarterlyReport) -> None:
    noon = timezone.make_aware(datetime(2027, 5, 3, 12))
    make = lambda start, **more: Event.objects.create(  # noqa: E731
        cluster=world.cluster, title="Board", start=start, end=start, **more
    )
    for event, decided in ((make(noon), "Buy the press"), (make(noon.replace(month=8)), "Later")):
        Decision.objects.create(cluster=world.cluster, event=event, decided=decided)
    gone = make(noon)
    Decision.objects.create(cluster=world.cluster, event=gone, decided="Of an event in the bin")
    gone.bin()
    said = words(told(quarter))
    assert "Buy the press (" in said
    assert "Later" not in said
    assert "in the bin" not in said

from __future__ import annotations

import datetime as time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almaz.web.centre.models import Cluster
from almaz.web.events.days import days, starts
from almaz.web.events.models import Event

BERLIN = ZoneInfo("Europe/Berlin")


def event(start: time.datetime, repeats: str = "", until: time.date | None = None) -> Event:
    return Event(title="Meeting", start=start, end=start + time.timedelta(hours=1), repeats=repeats, until=until)


@pytest.fixture
def berlin(settings: Any) -> ZoneInfo:
    settings.TIME_ZONE = "Europe/Berlin"
    return BERLIN


def test_a_weekly_meeting_stays_at_ten_when_the_clock_changes(berlin: ZoneInfo) -> None:
    series = event(time.datetime(2027, 3, 22, 10, tzinfo=berlin), "weekly")
    found = starts(series, time.date(2027, 3, 1), time.date(2027, 4, 6))
    assert [one.strftime("%m-%d %H:%M %z") for one in found] == [
        "03-22 10:00 +0100",
        "03-29 10:00 +0200",
        "04-05 10:00 +0200",
    ]


def test_a_time_that_the_clock_skips_is_the_next_there_is(berlin: ZoneInfo) -> None:
    series = event(time.datetime(2027, 3, 21, 2, 30, tzinfo=berlin), "weekly")
    found = starts(series, time.date(2027, 3, 28), time.date(2027, 3, 28))
    assert [one.strftime("%H:%M %z") for one in found] == ["03:30 +0200"]


@pytest.mark.parametrize(
    ("repeats", "days_found"),
    [
        ("monthly", ["01-31", "02-28", "03-31", "04-30", "05-31"]),
        ("quarterly", ["01-31", "04-30"]),
    ],
)
def test_a_day_that_a_month_lacks_is_its_last(repeats: str, days_found: list[str]) -> None:
    series = event(time.datetime(2027, 1, 31, 10, tzinfo=ZoneInfo("Asia/Bishkek")), repeats)
    found = starts(series, time.date(2027, 1, 1), time.date(2027, 5, 31))
    assert [one.strftime("%m-%d") for one in found] == days_found


@given(
    start=st.datetimes(time.datetime(2026, 1, 1), time.datetime(2030, 1, 1)),
    repeats=st.sampled_from(["weekly", "monthly", "quarterly"]),
    window=st.tuples(st.integers(0, 800), st.integers(0, 200)),
)
def test_a_window_shows_what_the_whole_shows_of_it(start: time.datetime, repeats: str, window: tuple[int, int]) -> None:
    series = event(start.replace(tzinfo=ZoneInfo("Asia/Bishkek")), repeats)
    begin = start.date() + time.timedelta(days=window[0])
    end = begin + time.timedelta(days=window[1])
    whole = starts(series, start.date(), end)
    assert starts(series, begin, end) == [one for one in whole if one.date() >= begin]
    assert whole[0].date() == start.date()
    assert len({(one.year, one.month) for one in whole}) == len(whole) or repeats == "weekly"


def test_the_last_day_of_a_series_counts(db: None) -> None:
    cluster = Cluster.objects.create(slug="c", name_en="C")
    start = time.datetime(2027, 3, 1, 10, tzinfo=ZoneInfo("Asia/Bishkek"))
    Event.objects.create(
        cluster=cluster,
        title="x",
        start=start,
        end=start + time.timedelta(hours=2),
        repeats="weekly",
        until="2027-03-15",
    )
    found = days(cluster, time.date(2027, 1, 1), time.date(2027, 12, 31))
    assert [one.start.day for one in found] == [1, 8, 15]
    assert {one.end - one.start for one in found} == {time.timedelta(hours=2)}

from __future__ import annotations

import numpy as np
import pytest
import shapely

from almaz.measures import cores


def two_towns() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = np.concatenate((rng.normal(10, 0.5, 40), rng.normal(50, 0.5, 60), rng.random(20) * 100))
    y = np.concatenate((rng.normal(10, 0.5, 40), rng.normal(50, 0.5, 60), rng.random(20) * 100))
    return x, y


@pytest.mark.parametrize(
    "method", [{"method": "hdbscan", "minimum": 12}, {"method": "dbscan", "reach": 1.5, "minimum": 5}]
)
def test_two_towns_are_two_cores_the_heavier_first(method: dict[str, object]) -> None:
    x, y = two_towns()
    weight = np.concatenate((np.full(40, 10.0), np.ones(80)))
    found = cores(x, y, weight=weight, **method)  # type: ignore[arg-type]
    assert found.number.size == 2
    assert (found.weight[0], found.weight[1]) == pytest.approx((400.0, 60.0), rel=0.15)
    assert found.label[:40].max() == 0
    assert (found.label[:40] == 0).mean() > 0.9
    for core, outline in enumerate(found.outline):
        shape = shapely.Polygon(outline)
        assert shape.area == pytest.approx(found.area[core])
        assert all(
            shape.buffer(1e-9).covers(shapely.Point(*at))
            for at in zip(x[found.label == core], y[found.label == core], strict=True)
        )


def test_a_core_in_one_place_has_no_area_and_no_points_have_no_core() -> None:
    found = cores([1.0] * 6 + [90.0], [1.0] * 6 + [5.0], method="dbscan", reach=1.0, minimum=3)
    assert found.area.tolist() == [0.0]
    assert found.outline[0].tolist() == [[1.0, 1.0]]
    none = cores([1.0, 50.0], [1.0, 90.0], minimum=5)
    assert none.label.tolist() == [-1, -1]
    assert none.outline == ()


def test_a_tighter_outline_is_smaller() -> None:
    angle, away = np.meshgrid(np.linspace(0.4, 5.9, 90), np.linspace(16.0, 20.0, 5))
    x, y = (50 + away * np.cos(angle)).ravel(), (50 + away * np.sin(angle)).ravel()
    wide, tight = (cores(x, y, method="dbscan", reach=5.0, minimum=3, tightness=t) for t in (1.0, 0.1))
    assert tight.area[0] < 0.5 * wide.area[0]


def test_dbscan_needs_a_reach() -> None:
    with pytest.raises(ValueError, match="reach"):
        cores([0.0], [0.0], method="dbscan")

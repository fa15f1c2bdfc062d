"""Whether firms settle together more than chance would bring them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.inequality import shares

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plants:
    """A list of firms, folded: activity (regions, industries), and per industry the sums of their shares' powers.

    regions and industries: the labels, sorted; herfindahl: Σ z²; fourth_powers: Σ z⁴; number of firms: (industries,).
    """

    regions: npt.NDArray[Any]
    industries: npt.NDArray[Any]
    activity: FloatArray
    herfindahl: FloatArray
    fourth_powers: FloatArray
    number: npt.NDArray[np.int64]


def plants(sizes: npt.ArrayLike, regions: npt.ArrayLike, industries: npt.ArrayLike) -> Plants:
    """Fold firms into what the Ellison–Glaeser indices need.

    sizes: (firms,) employment, NaN = not known (makes its own region, and its industry's powers, unknown); regions, industries:
    (firms,) labels. Raises ValueError when the three differ in length.
    """
    size = np.asarray(sizes, dtype=np.float64)
    places, place = np.unique(np.asarray(regions), return_inverse=True)
    kinds, kind = np.unique(np.asarray(industries), return_inverse=True)
    if not size.shape == place.shape == kind.shape:
        raise ValueError(f"{size.size} sizes, {place.size} regions and {kind.size} industries of firms")
    activity = _sums(place * kinds.size + kind, size, places.size * kinds.size).reshape(places.size, kinds.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = size / activity.sum(axis=0)[kind]
    return Plants(
        places,
        kinds,
        activity,
        _sums(kind, share**2, kinds.size),
        _sums(kind, share**4, kinds.size),
        np.bincount(kind, minlength=kinds.size),
    )


def _sums(group: npt.NDArray[np.intp], values: FloatArray, groups: int) -> FloatArray:
    return np.asarray(np.bincount(group, weights=values, minlength=groups), dtype=np.float64)


@dataclass(frozen=True)
class EllisonGlaeser:
    """Per industry: gamma, excess concentration; raw_concentration, G; z, G against its chance value in standard errors."""

    gamma: FloatArray
    raw_concentration: FloatArray
    z: FloatArray | None


def ellison_glaeser(
    activity: FloatArray,
    herfindahl: FloatArray,
    fourth_powers: FloatArray | None = None,
    region_size: FloatArray | None = None,
) -> EllisonGlaeser:
    """Geographic concentration of an industry beyond what its few firms would show on a dartboard.

        γ = (G − (1 − Σ x²) H) / ((1 − Σ x²)(1 − H)),   G = Σ_r (s_r − x_r)²
        Var G = 2 {H² [Σx² − 2Σx³ + (Σx²)²] − Σz⁴ [Σx² − 4Σx³ + 3(Σx²)²]},  z = (G − (1 − Σx²) H) / √Var G

    activity: (..., regions, industries); herfindahl H and fourth_powers Σz⁴ of the firms: (..., industries), see `plants`;
    region_size: (..., regions) all activity, by default the row sums. Without fourth_powers z is None.
    γ is NaN for a single firm.
    Source: Ellison and Glaeser (1997), eq. 5 and appendix A; γ above 0.05 they call highly concentrated.
    """
    x = shares(activity.sum(axis=-1) if region_size is None else region_size)
    raw = ((shares(activity, -2) - x[..., :, None]) ** 2).sum(axis=-2)
    x2, x3 = (x**2).sum(axis=-1)[..., None], (x**3).sum(axis=-1)[..., None]
    excess = raw - (1.0 - x2) * herfindahl
    with np.errstate(divide="ignore", invalid="ignore"):
        gamma = excess / ((1.0 - x2) * (1.0 - herfindahl))
        if fourth_powers is None:
            return EllisonGlaeser(gamma, raw, None)
        chance = herfindahl**2 * (x2 - 2.0 * x3 + x2**2) - fourth_powers * (x2 - 4.0 * x3 + 3.0 * x2**2)
        return EllisonGlaeser(gamma, raw, excess / np.sqrt(2.0 * chance))


def group_coagglomeration(
    activity: FloatArray,
    herfindahl: FloatArray,
    region_size: FloatArray | None = None,
    *,
    convention: Literal["ellison_glaeser", "reat"] = "ellison_glaeser",
) -> FloatArray:
    """Whether the industries of one group settle together, beyond each one's own concentration.

        γᶜ = [G/(1 − Σx²) − Σ w²H − Σ γ w²(1 − H)] / (1 − Σ w²),   G = Σ_r (Σ_i w_i s_ri − x_r)²,  w_i = e_i / Σ e

    activity: (..., regions, industries of the group); herfindahl: (..., industries); region_size: (..., regions), by default the
    row sums. Returns (...): 0 = no more than the single industries' γ explain.
    Source: Ellison and Glaeser (1997), eq. 10. `reat` repeats what the R package REAT 3 computes under ellison.c, which departs
    from it: w_i = e_i / Σ region_size, G = Σ_r (Σ_i s_ri − x_r)² unweighted, Σ_i γ_i (1 − H_i) · Σ w², and γ
    against the row sums.
    """
    size = activity.sum(axis=-1) if region_size is None else region_size
    x, own = shares(size), activity.sum(axis=-2)
    x2 = (x**2).sum(axis=-1)
    share = shares(activity, -2)
    if convention == "reat":
        w = own / size.sum(axis=-1)[..., None]
        raw = ((share.sum(axis=-1) - x) ** 2).sum(axis=-1)
        gamma = ellison_glaeser(activity, herfindahl).gamma
        explained = (gamma * (1.0 - herfindahl)).sum(axis=-1) * (w**2).sum(axis=-1)
    else:
        w = shares(own)
        raw = (((share * w[..., None, :]).sum(axis=-1) - x) ** 2).sum(axis=-1)
        gamma = ellison_glaeser(activity, herfindahl, region_size=size).gamma
        explained = (gamma * w**2 * (1.0 - herfindahl)).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        together = raw / (1.0 - x2) - (w**2 * herfindahl).sum(axis=-1) - explained
        return np.asarray(together / (1.0 - (w**2).sum(axis=-1)))


def colocation(firms: FloatArray) -> FloatArray:
    """How many of the possible pairs of a firm of one industry and a firm of another sit in the same region. 0 to 1.

        CL[i, j] = Σ_r n_ri n_rj / (N_i N_j);   CL[i, i] = Σ_r n_ri (n_ri − 1) / (N_i (N_i − 1)), a firm being no pair of itself

    firms: (..., regions, industries), numbers of firms. Returns (..., industries, industries).
    Source: Howard, Newman and Tarp (2016).
    """
    pairs = np.swapaxes(firms, -1, -2) @ firms
    number = firms.sum(axis=-2)
    possible = number[..., :, None] * number[..., None, :]
    diagonal = np.eye(firms.shape[-1]) * number[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((pairs - diagonal) / (possible - diagonal))


def excess_colocation(firms: FloatArray) -> FloatArray:
    """Colocation of two industries above what their firms' sites would show with the industries dealt at random.

        XCL[i, j] = CL[i, j] − Σ_r m_r (m_r − 1) / (M (M − 1)),  m_r = n_ri + n_rj, M their sum

    The expectation is exact, where Howard, Newman and Tarp (2016) and REAT draw random samples.
    firms: (..., regions, industries).
    Returns (..., industries, industries); NaN on the diagonal, where there is nothing to deal.
    """
    pairs = np.swapaxes(firms, -1, -2) @ firms
    own, number = (firms**2).sum(axis=-2), firms.sum(axis=-2)
    both = number[..., :, None] + number[..., None, :]
    squares = own[..., :, None] + own[..., None, :] + 2.0 * pairs
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = colocation(firms) - (squares - both) / (both * (both - 1.0))
    return np.where(np.eye(firms.shape[-1], dtype=bool), np.nan, excess)

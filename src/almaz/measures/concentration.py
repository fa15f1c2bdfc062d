"""How concentrated an industry is over regions, against activity as a whole."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.inequality import gini, hoover_gini
from almaz.measures.specialisation import Against, krugman_index, location_quotient

FloatArray: TypeAlias = npt.NDArray[np.float64]


def krugman_concentration(
    activity: FloatArray, reference: FloatArray | None = None, *, against: Against = "country"
) -> FloatArray:
    """How far an industry's spread over regions is from that of the others: 0 the same, 2 no region in common.

        K[i] = Σ_r | s[r, i] − s[r] |,  s the regions' shares in the industry and in the reference

    activity: (..., regions, industries); reference: (..., regions); against: see krugman_index, with industries for regions.
    Returns (..., industries). Source: Krugman (1991); REAT's conc is `against="mean_of_others"`.
    """
    return krugman_index(np.swapaxes(activity, -1, -2), reference, against=against)


def locational_gini(
    activity: FloatArray, *, convention: Literal["krugman", "hoover", "unweighted"] = "krugman"
) -> FloatArray:
    """How unevenly an industry is spread over regions, given how activity as a whole is spread.

    krugman: the area between the curve and the diagonal, 0 to 0.5 (Krugman 1991, p. 56; EconGeo's locational.Gini);
    hoover: twice that area, 0 to 1, the Hoover–Gini against all activity; unweighted: the Gini coefficient of the regions'
    location quotients, each region counting once, 0 to 1 − 1/n (REAT's gini.conc).
    activity: (..., regions, industries). Returns (..., industries).
    """
    if convention == "unweighted":
        return gini(location_quotient(activity), axis=-2)
    index = hoover_gini(activity, activity.sum(axis=-1))
    return index / 2.0 if convention == "krugman" else index


def specialisation_gini(activity: FloatArray, *, convention: Literal["hoover", "unweighted"] = "hoover") -> FloatArray:
    """How unevenly a region is spread over industries, given the country's structure; conventions as in locational_gini.

    activity: (..., regions, industries). Returns (..., regions). REAT's gini.spec is `unweighted`.
    """
    if convention == "unweighted":
        return gini(location_quotient(activity), axis=-1)
    return hoover_gini(activity, activity.sum(axis=-2)[..., None, :], axis=-1)


def litzenberger_sternberg(
    employment: FloatArray,
    establishments: FloatArray,
    area: FloatArray,
    population: FloatArray,
    country: tuple[FloatArray, FloatArray, float, float] | None = None,
) -> FloatArray:
    """The cluster index: density × stock per head ÷ size of establishments, each relative to the country.

        CI = [(e/a) / (E/A)] · [(e/p) / (E/P)] / [(e/b) / (E/B)] = (e b / E B) · (A P / a p)

    employment e, establishments b: (..., regions, industries); area a, population p: (..., regions); country: E and B
    (..., industries), A and P, by default the sums over the regions. Returns the shape of employment: 1 = as the country, above
    4 usually called a cluster; 0 where there is nothing. Source: Litzenberger and Sternberg (2006), p. 215.
    """
    if country is None:
        whole, stock = employment.sum(axis=-2, keepdims=True), establishments.sum(axis=-2, keepdims=True)
        land, people = area.sum(axis=-1, keepdims=True), population.sum(axis=-1, keepdims=True)
    else:
        whole, stock = np.asarray(country[0])[..., None, :], np.asarray(country[1])[..., None, :]
        land, people = np.asarray(country[2]), np.asarray(country[3])
    with np.errstate(divide="ignore", invalid="ignore"):
        room = (land / area) * (people / population)
        return np.asarray((employment / whole) * (establishments / stock) * room[..., :, None])

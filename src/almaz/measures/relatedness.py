"""How related two industries are: by place, by trade, by work, by co-occurrence; and a region's closeness to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from almaz.measures.presence import known_presence

FloatArray = NDArray[np.float64]
Method = Literal["proximity", "cosine", "jaccard", "association", "probability"]
Margin = Literal["occurrences", "links"]


def locational_correlation(activity: FloatArray) -> FloatArray:
    """Correlation over regions of two industries' activity: LC-employment, LC-establishments.

        LC[i, j] = corr_r(activity[r, i], activity[r, j])

    activity: (..., regions, industries), e.g. employment or establishments, in levels as published (transform before if
    another scale is wanted). Returns (..., industries, industries), symmetric, within [-1, 1], 1 on the diagonal; NaN
    for an industry that is unknown in any region or does not vary. LC of the literature is the mean of the two.
    Source: Porter (2003), Regional Studies 37(6-7); Delgado, Porter & Stern (2016), J. of Economic Geography 16(1).
    """
    result = np.empty((*activity.shape[:-2], activity.shape[-1], activity.shape[-1]))
    for year in np.ndindex(activity.shape[:-2]):
        result[year] = _column_correlation(activity[year])
    return result


def occupation_correlation(occupations: FloatArray) -> FloatArray:
    """Correlation over occupations of the occupational shares of two industries.

        Occ[i, j] = corr_o(occupations[i, o] / sum_o occupations[i, o],  the same of j)

    occupations: (..., industries, occupations), persons or shares. Returns (..., industries, industries) as
    `locational_correlation`; NaN for an industry that is empty or unknown in any occupation.
    Source: Farjoun (1994), Organization Science 5(2); Delgado, Porter & Stern (2016).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = occupations / occupations.sum(axis=-1, keepdims=True)
    return locational_correlation(np.swapaxes(share, -1, -2))


def _column_correlation(columns: FloatArray) -> FloatArray:
    centred = columns - columns.mean(axis=0)
    spread = np.sqrt(np.einsum("ri,ri->i", centred, centred))
    # A constant column keeps a rounding rest of its mean; it has no correlation.
    level = np.abs(columns).max(axis=0, initial=0.0) * np.sqrt(columns.shape[0])
    spread[spread <= 1e-13 * level] = np.nan
    centred /= spread
    correlation: FloatArray = np.clip(centred.T @ centred, -1.0, 1.0)
    np.fill_diagonal(correlation, np.where(np.isnan(spread), np.nan, 1.0))
    return correlation


def coagglomeration(activity: FloatArray, region_share: FloatArray | None = None) -> FloatArray:
    """Do two industries depart from the general distribution over regions in the same way?

        C[i, j] = sum_r (s[r, i] - x[r]) (s[r, j] - x[r]) / (1 - sum_r x[r]²),   s[r, i] = activity[r, i] / sum_r

    activity: (..., regions, industries), usually employment. region_share: x, (..., regions), by default the mean of s
    over the industries that are known. Returns (..., industries, industries), symmetric; the diagonal is the raw
    concentration of the industry itself. NaN for an industry that is empty or unknown in any region.
    Source: Ellison, Glaeser & Kerr (2010), American Economic Review 100(3), eq. 1.
    """
    result = np.empty((*activity.shape[:-2], activity.shape[-1], activity.shape[-1]))
    for year in np.ndindex(activity.shape[:-2]):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = activity[year] / activity[year].sum(axis=0)
        known = ~np.isnan(share).any(axis=0)
        x = share[:, known].mean(axis=1) if region_share is None else region_share[year]
        share -= x[:, None]
        result[year] = share.T @ share / (1.0 - x @ x)
    return result


def input_output_relatedness(
    use: FloatArray, total_input: FloatArray | None = None, total_output: FloatArray | None = None
) -> FloatArray:
    """The strongest of the four buyer and seller ties between two industries.

        IO[i, j] = max(a[i, j], a[j, i], b[i, j], b[j, i])
        a[i, j] = use[i, j] / total_input[j]   (inputs of j from i),   b[i, j] = use[i, j] / total_output[i]   (i to j)

    use: (..., industries, industries), money, sellers in rows and buyers in columns. total_input, total_output: (...,
    industries), by default the column and row sums; pass totals with value added or final demand to have shares of all
    inputs or of all output. Returns the shape of use, symmetric; an industry that buys or sells nothing has shares of
    0; NaN where a flow or a total is unknown.
    Source: Ellison, Glaeser & Kerr (2010), American Economic Review 100(3), section II; Delgado, Porter & Stern (2016).
    """
    bought = (use.sum(axis=-2) if total_input is None else total_input)[..., None, :]
    sold = (use.sum(axis=-1) if total_output is None else total_output)[..., :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        inputs = np.where(bought == 0.0, 0.0, use / bought)
        outputs = np.where(sold == 0.0, 0.0, use / sold)
    strongest = np.maximum(inputs, outputs)
    return np.maximum(strongest, np.swapaxes(strongest, -1, -2))


def co_occurrence(presence: ArrayLike) -> FloatArray:
    """In how many regions two industries are both present; the diagonal is the ubiquity of each.

        N = M' M

    presence: (..., regions, industries), 0 or 1, NaN for regions and industries unknown throughout (regions are left
    out, industries stay NaN); see `presence.presence_matrix`. Returns (..., industries, industries), whole numbers.
    ValueError: single unknown cells. Exact to 2^24 regions.
    Source: Hidalgo, Klinger, Barabási & Hausmann (2007), Science 317, 482-487.
    """
    matrix = np.asarray(presence, np.float32)
    result = np.full((*matrix.shape[:-2], matrix.shape[-1], matrix.shape[-1]), np.nan)
    for year in np.ndindex(matrix.shape[:-2]):
        known = known_presence(matrix[year])
        result[(*year, *np.ix_(known.industries, known.industries))] = known.matrix.T @ known.matrix
    return result


def co_occurrence_relatedness(
    counts: FloatArray, method: Method = "proximity", *, margin: Margin = "occurrences", events: float | None = None
) -> FloatArray:
    """Relatedness of industries from how often they occur together, beyond how common each of them is.

        proximity    N[i, j] / max(s_i, s_j)            the smaller of the two conditional probabilities
        cosine       N[i, j] / sqrt(s_i s_j)
        jaccard      N[i, j] / (s_i + s_j - N[i, j])
        association  N[i, j] t / (s_i s_j)               observed against expected
        probability  N[i, j] / (t/2 (s_i/t s_j/(t - s_i) + s_j/t s_i/(t - s_j)))    the same, drawn without repetition

    counts: N, (..., industries, industries), symmetric, occurrences of each on the diagonal (`co_occurrence`).
    margin "occurrences": s is the diagonal and t = events, the number of regions ("association" needs it, "probability"
    is not defined); "links": s is the number of co-occurrences with others, t its sum, and the diagonal of N and of the
    result is 0 (EconGeo's convention). Returns the shape of counts, symmetric; proximity, cosine and jaccard lie in
    [0, 1]; NaN for an industry that occurs nowhere or is unknown. ValueError: an undefined combination.
    Source: Hidalgo et al. (2007); van Eck & Waltman (2009), Journal of the American Society for Information Science and
    Technology 60(8), 1635-1651; probability: Steijn (2021), Journal of Informetrics 15.
    """
    if method == "probability" and margin == "occurrences":
        raise ValueError("probability is defined for margin 'links' alone")
    if method == "association" and margin == "occurrences" and events is None:
        raise ValueError("association with margin 'occurrences' needs events, the number of regions")
    together, size, total = _margins(counts, margin, events)
    first, second = size[..., :, None], size[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        match method:
            case "proximity":
                related = together / np.maximum(first, second)
            case "cosine":
                related = together / np.sqrt(first * second)
            case "jaccard":
                related = together / (first + second - together)
            case "association":
                related = together * total / (first * second)
            case "probability":
                related = together / (first * second * (1.0 / (total - first) + 1.0 / (total - second)) / 2.0)
    return np.where((first > 0.0) & (second > 0.0), related, np.nan)


def _margins(counts: FloatArray, margin: Margin, events: float | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Co-occurrences, the size of each industry, and the total that they are drawn from (NaN where unused)."""
    diagonal = np.diagonal(counts, axis1=-2, axis2=-1)
    if margin == "occurrences":
        return counts, diagonal, np.asarray(np.nan if events is None else events, np.float64)
    together = counts * (1.0 - np.eye(counts.shape[-1]))
    size = np.where(np.isnan(diagonal), np.nan, np.nansum(together, axis=-1))
    return together, size, np.nansum(size, axis=-1)[..., None, None]


def combined_relatedness(matrices: Sequence[FloatArray], weights: Sequence[float] | None = None) -> FloatArray:
    """One relatedness from several: the weighted mean of the standardised matrices.

        CR = sum_m w_m (M_m - mean_m) / sd_m / sum_m w_m     mean and sd over the pairs i != j

    matrices: each (industries, industries); weights: one per matrix, >= 0, by default equal. LC-employment and
    LC-establishments weigh half each, if LC is to count once. Returns (industries, industries), mean 0 over pairs,
    NaN where any matrix of positive weight is unknown. ValueError: none or unequal matrices, wrong weights, or a matrix
    without variation.
    Source: Delgado, Porter & Stern (2016), Journal of Economic Geography 16(1), section 3; equal weights as in the
    published U.S. benchmark matrix.
    """
    share = np.ones(len(matrices)) if weights is None else np.asarray(weights, np.float64)
    if len(matrices) == 0 or share.shape != (len(matrices),) or np.any(share < 0.0) or share.sum() <= 0.0:
        raise ValueError("one weight >= 0 is needed for each matrix, and one of them > 0")
    combined = np.zeros(matrices[0].shape)
    pairs = ~np.eye(matrices[0].shape[0], dtype=np.bool_)
    for number, (matrix, weight) in enumerate(zip(matrices, share / share.sum(), strict=True)):
        if matrix.shape != combined.shape:
            raise ValueError(f"matrix {number} has shape {matrix.shape}, the first one {combined.shape}")
        known = matrix[pairs & np.isfinite(matrix)]
        deviation = known.std() if known.size else 0.0
        if deviation <= 1e-12 * np.abs(known).max(initial=0.0):
            raise ValueError(f"matrix {number} does not vary over pairs of industries")
        if weight > 0.0:
            combined += weight * (matrix - known.mean()) / deviation
    return combined


def relatedness_density(presence: ArrayLike, relatedness: FloatArray) -> FloatArray:
    """How much of what an industry is related to a region already has.

        density[r, i] = sum_j relatedness[i, j] M[r, j] / sum_j relatedness[i, j]

    presence: M, (..., regions, industries), 0 or 1, NaN as in `co_occurrence`; relatedness: (..., industries,
    industries) >= 0, with the same leading axes or none. Whether an industry counts towards its own density is
    decided by the diagonal of relatedness (proximity: yes; margin "links": no). Returns the shape of presence, within
    [0, 1]; pairs of unknown relatedness are left out; NaN where the region is unknown or the industry is related to
    nothing. ValueError: single unknown cells.
    Source: Hidalgo, Klinger, Barabási & Hausmann (2007), Science 317, 482-487.
    """
    matrix = np.asarray(presence, np.float32)
    related = np.broadcast_to(relatedness, (*matrix.shape[:-2], matrix.shape[-1], matrix.shape[-1]))
    result = np.full(matrix.shape, np.nan)
    for year in np.ndindex(matrix.shape[:-2]):
        known = known_presence(matrix[year])
        towards = np.nan_to_num(related[year][:, known.industries], nan=0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = towards / towards.sum(axis=1, keepdims=True)
        result[year][known.regions] = known.matrix.astype(np.float64) @ share.T
    return result

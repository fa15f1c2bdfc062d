"""Binomial likelihoods of one share and of the ratio of two, for whole arrays of cells at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

FloatArray = NDArray[np.float64]

LONGEST_STEP = 4.0
STEPS = 100
TOLERANCE = 1e-11


def _surplus(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """x log(x / m) - x + m, by log1p because the deviance of millions of trials is a difference of near equals."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        apart = (expected - observed) / observed
        return np.where(observed > 0.0, observed * (apart - np.log1p(apart)), expected)


@dataclass(frozen=True)
class Binomial:
    """A share observed in n trials; the parameter is the true share, its scale the log-odds.

    D(p) = 2 n (s log(s / p) + (1 - s) log((1 - s) / (1 - p))), s the observed share; arrays of one shape.
    """

    share: FloatArray
    n: FloatArray

    def deviance(self, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
        """D and its slope at the log-odds `scale`."""
        p, other = expit(scale), expit(-scale)
        return self.deviance_of(p, other), 2.0 * self.n * (p - self.share)

    def deviance_of(self, p: FloatArray, other: FloatArray) -> FloatArray:
        """D at the share p, with other = 1 - p to its own precision."""
        return np.maximum(2.0 * self.n * (_surplus(self.share, p) + _surplus(1.0 - self.share, other)), 0.0)

    def signed_root_at(self, parameter: FloatArray) -> FloatArray:
        """sign(p - s) sqrt(D(p))."""
        return np.sign(parameter - self.share) * np.sqrt(self.deviance_of(parameter, 1.0 - parameter))

    def start(self, z: float) -> FloatArray:
        """A first guess of the log-odds at which the signed root is z (half a trial added to either side)."""
        hits, misses = self.n * self.share + 0.5, self.n * (1.0 - self.share) + 0.5
        return np.log(hits / misses) + z * np.sqrt(1.0 / hits + 1.0 / misses)

    def bound(self, z: float) -> tuple[NDArray[np.bool_], float]:
        """Where the limit on the side of z is the end of what is possible, and that end."""
        return (self.share == 0.0, 0.0) if z < 0.0 else (self.share == 1.0, 1.0)

    def parameter(self, scale: FloatArray) -> FloatArray:
        """The share at its log-odds."""
        return expit(scale)

    def side(self, scale: FloatArray) -> FloatArray:
        """-1 below the observed share, 1 above."""
        return np.sign(expit(scale) - self.share)


@dataclass(frozen=True)
class TwoBinomials:
    """Two independent shares; the parameter is their ratio, its scale the logarithm, the second share profiled out.

    At ratio f the likelihood is largest where the second share p0 solves
    N f p0² - (n1 f + x1 + n0 + x0 f) p0 + x1 + x0 = 0, N = n1 + n0, x = n s (Miettinen & Nurminen 1985).
    """

    share: FloatArray
    n: FloatArray
    rest_share: FloatArray
    rest_n: FloatArray

    def _shares_at(self, ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
        hits, rest_hits = self.n * self.share, self.rest_n * self.rest_share
        linear = (self.n + rest_hits) * ratio + hits + self.rest_n
        square = linear**2 - 4.0 * (self.n + self.rest_n) * ratio * (hits + rest_hits)
        rest = 2.0 * (hits + rest_hits) / (linear + np.sqrt(np.maximum(square, 0.0)))
        return np.minimum(ratio * rest, 1.0), np.minimum(rest, 1.0)

    def deviance(self, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
        """D and its slope at the logarithm `scale` of the ratio (the slope by the envelope theorem)."""
        p, rest = self._shares_at(np.exp(scale))
        first = Binomial(self.share, self.n).deviance_of(p, 1.0 - p)
        second = Binomial(self.rest_share, self.rest_n).deviance_of(rest, 1.0 - rest)
        # Both are the slope; where a share meets its end at 1 only the other one can be computed.
        by_rest = p > rest
        share, top = np.where(by_rest, rest, p), np.where(by_rest, self.rest_share, self.share)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = 2.0 * np.where(by_rest, -self.rest_n, self.n) * (share - top) / (1.0 - share)
        return first + second, slope

    def signed_root_at(self, parameter: FloatArray) -> FloatArray:
        """sign(f - s / s_o) sqrt(D(f)); at f = infinity 0 where nothing was counted in the rest, else infinite."""
        ratio = np.where(np.isinf(parameter), 1.0, parameter)
        p, rest = self._shares_at(ratio)
        deviance = Binomial(self.share, self.n).deviance_of(p, 1.0 - p)
        deviance += Binomial(self.rest_share, self.rest_n).deviance_of(rest, 1.0 - rest)
        root = np.sign(ratio * self.rest_share - self.share) * np.sqrt(deviance)
        return np.where(np.isinf(parameter), np.where(self.rest_share == 0.0, 0.0, np.inf), root)

    def start(self, z: float) -> FloatArray:
        """A first guess of the log ratio at which the signed root is z (half a trial added to either side)."""
        hits, rest_hits = self.n * self.share + 0.5, self.rest_n * self.rest_share + 0.5
        trials, rest_trials = self.n + 1.0, self.rest_n + 1.0
        error = 1.0 / hits - 1.0 / trials + 1.0 / rest_hits - 1.0 / rest_trials
        return np.log(hits / trials) - np.log(rest_hits / rest_trials) + z * np.sqrt(error)

    def bound(self, z: float) -> tuple[NDArray[np.bool_], float]:
        """Where the limit on the side of z is the end of what is possible, and that end."""
        return (self.share == 0.0, 0.0) if z < 0.0 else (self.rest_share == 0.0, np.inf)

    def parameter(self, scale: FloatArray) -> FloatArray:
        """The ratio at its logarithm."""
        return np.exp(scale)

    def side(self, scale: FloatArray) -> FloatArray:
        """-1 below the observed ratio, 1 above."""
        return np.sign(np.exp(scale) * self.rest_share - self.share)


def solve_signed_root(sample: Binomial | TwoBinomials, z: float) -> FloatArray:
    """The parameter at which the signed root of the deviance is z, for every cell at once.

    The signed root is nearly a straight line on its scale, so Newton's iteration settles in a few steps; what leaves
    the bracket of the values already seen is replaced by the bracket's middle. Where the deviance never reaches z²
    (nothing or everything was counted) the end of what is possible is returned.
    """
    edge, end = sample.bound(z)
    scale = sample.start(z)
    left, right = np.full(scale.shape, -np.inf), np.full(scale.shape, np.inf)
    for _ in range(STEPS):
        deviance, slope = sample.deviance(scale)
        root = sample.side(scale) * np.sqrt(deviance)
        left, right = np.where(root < z, scale, left), np.where(root > z, scale, right)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (z - root) * 2.0 * root / slope
        step = np.clip(np.where(np.isfinite(step), step, np.sign(z - root)), -LONGEST_STEP, LONGEST_STEP)
        proposal = scale + step
        left_it = ~edge & ((proposal < left) | (proposal > right))
        proposal[left_it] = 0.5 * (left[left_it] + right[left_it])
        open_cells = ~edge & (np.abs(root - z) > TOLERANCE) & (np.abs(proposal - scale) > TOLERANCE)
        scale = np.where(edge, scale, proposal)
        if not np.any(open_cells):
            break
    return np.where(edge, end, sample.parameter(scale))

"""A linear model with normal priors and errors: all that is asked of a posterior is known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.signal import lfilter
from scipy.stats import norm

from uncertainty.posterior.densities import log_prior
from uncertainty.prior import Prior
from uncertainty.space import Space

NAMES = ("a", "b", "far")
AHEAD = np.array([[1.0, 0.5, 0.2], [1.5, 1.0, 0.4]])
YEARS = (2030, 2035)


def normal_draws(mean, cov, *, chains=4, draws=1000, rho=0.0, seed=1):
    """Draws (chain, draw, part) of a normal, each chain an AR(1) process with that stationary law."""
    z = np.random.default_rng(seed).standard_normal((chains, draws, len(mean)))
    z[:, 1:] *= np.sqrt(1 - rho**2)
    z = lfilter([1.0], [1.0, -rho], z, axis=1)
    return mean + z @ np.linalg.cholesky(cov).T


@dataclass(frozen=True)
class Linear:
    """y = x theta + error; theta normal about 0, of which the last part never touches y."""

    x: np.ndarray
    y: np.ndarray
    prior_sd: np.ndarray
    error: float = 0.3

    @classmethod
    def made(cls, rows=12, seed=3, prior_sd=(1.0, 1.0, 0.5)):
        rng = np.random.default_rng(seed)
        x = np.stack([np.ones(rows), np.linspace(0.1, 1, rows), np.zeros(rows)], axis=1)
        return cls(
            x, x @ np.array([0.4, 1.2, 0.0]) + 0.3 * rng.standard_normal(rows), np.array(prior_sd)
        )

    @property
    def space(self):
        return Space(
            {n: Prior("normal", mu=0, sigma=s) for n, s in zip(NAMES, self.prior_sd, strict=True)}
        )

    def exact(self, rows=None, powers=(1.0, 1.0, 1.0), data=1.0):
        """Mean and covariance with some rows only, powers of the priors, and one of the likelihood."""
        rows = slice(None) if rows is None else rows
        x, y = self.x[rows], self.y[rows]
        precision = np.diag(np.array(powers) / self.prior_sd**2) + data * x.T @ x / self.error**2
        cov = np.linalg.inv(precision)
        return cov @ (data * x.T @ y / self.error**2), cov

    def ahead(self, **kwargs):
        """Mean and standard deviation of the outcome, (year,)."""
        mean, cov = self.exact(**kwargs)
        return AHEAD @ mean, np.sqrt(np.diag(AHEAD @ cov @ AHEAD.T))

    def left(self):
        """Mean and standard deviation of each row given the others."""
        found = []
        for i in range(len(self.y)):
            mean, cov = self.exact(np.arange(len(self.y)) != i)
            found.append((self.x[i] @ mean, np.sqrt(self.x[i] @ cov @ self.x[i] + self.error**2)))
        return np.array(found).T

    def tree(self, **kwargs):
        """A result as `calibrate` gives it, from exact draws."""
        theta = normal_draws(*self.exact(), **kwargs)
        fit = theta @ self.x.T
        rng = np.random.default_rng((99, kwargs.get("seed", 1)))
        both = ("chain", "draw")
        posterior = xr.Dataset({n: (both, theta[..., i]) for i, n in enumerate(NAMES)})
        outcome = xr.DataArray(
            theta @ AHEAD.T,
            dims=(*both, "year"),
            coords={"year": list(YEARS)},
            attrs={"units": "TWh"},
        )
        rows = {
            "source": ("row", [f"S{i % 3}" for i in range(len(self.y))]),
            "year": ("row", 2010.0 + np.arange(len(self.y))),
        }
        return xr.DataTree.from_dict(
            {
                "/posterior": posterior,
                "/log_prior": log_prior(self.space, posterior),
                "/posterior_predictive": xr.Dataset(
                    {
                        "electricity": outcome,
                        "observation": (
                            (*both, "row"),
                            fit + self.error * rng.standard_normal(fit.shape),
                        ),
                    }
                ),
                "/observed_data": xr.Dataset({"observation": ("row", self.y)}, coords=rows),
                "/log_likelihood": xr.Dataset(
                    {"observation": ((*both, "row"), norm.logpdf(self.y, fit, self.error))}
                ),
            }
        )

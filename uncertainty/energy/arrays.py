"""Array types of the energy model, whose functions run on any array namespace."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

#: An array of the passed namespace: NumPy, JAX or a PyTensor variable. Shapes are told where it
#: is used, sample axis last. It is `Any` because no protocol covers the three.
Array = Any

#: The array namespace itself: `numpy`, `jax.numpy` or `pytensor.tensor`.
Namespace = Any

#: A constant of the horizon, shape (year, 1), always NumPy.
Column = npt.NDArray[np.float64]

"""The array types of the package's kernels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
#: Places in another array.
Numbers = npt.NDArray[np.int64]

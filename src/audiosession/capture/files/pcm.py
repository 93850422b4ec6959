"""Samples as integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["integers"]


def integers(data: NDArray[np.float32], bits: int) -> NDArray[Any]:
    """Returns samples of floats as int16, or as int32 with 24 bits in use.

    What is beyond full scale becomes full scale; 1.0 itself is one step beyond it.

    Args:
        data: Full scale is 1.0.
        bits: 16 or 24.
    """
    import numpy as np

    scale = float(1 << (bits - 1))
    # A float32 holds 24 bits exactly, and 16 bits need no more.
    scaled = np.multiply(data, scale, dtype=np.float32)
    np.rint(scaled, out=scaled)
    if bits == 16:
        return np.clip(scaled, -scale, scale - 1, out=scaled).astype(np.int16)
    return np.clip(scaled.astype(np.int32), -(1 << 23), (1 << 23) - 1)

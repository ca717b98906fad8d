"""How far a score that is counted on few examples can be trusted."""

import math

Z_95 = 1.959964  # the 97.5 % point of the normal distribution


def wilson(share: float, total: int, *, z: float = Z_95) -> tuple[float, float]:
    """The Wilson score interval of a share found in `total` trials (Wilson 1927).

    share: from 0 to 1. total: 1 or more. z: 1.96 for 95 %.

    >>> [round(end, 3) for end in wilson(0.5, 8)]
    [0.215, 0.785]
    """
    centre = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)

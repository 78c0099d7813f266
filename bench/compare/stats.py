# stats.py: what a list of samples comes to: quantiles, spread, and intervals by bootstrap.
# SPDX-License-Identifier: Apache-2.0

import math
import random
import statistics

TRIM = 0.01            # of the samples at each end, as the published comparison leaves out
RESAMPLES = 10_000
INTERVAL = 0.95


def quantile(values, q):
    """The quantile by linear interpolation between the two nearest samples (R's type 7, and NumPy's default)."""
    values = sorted(values)
    if not values:
        raise ValueError("there is no quantile of no samples")
    at = q * (len(values) - 1)
    low = math.floor(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def trimmed(values, part=TRIM):
    """(kept, left out): without the lowest and the highest part of the samples, at least one at each end from 3 samples on."""
    values = sorted(values)
    cut = max(1, round(len(values) * part)) if len(values) >= 3 else 0
    return values[cut:len(values) - cut], values[:cut] + values[len(values) - cut:]


def resampled(values, rng):
    return rng.choices(values, k=len(values))


def interval(samples):
    """The middle 95 % of what resampling gave (percentile bootstrap, Efron 1979)."""
    tail = (1 - INTERVAL) / 2
    return [quantile(samples, tail), quantile(samples, 1 - tail)]


def median_interval(values, seed=1, resamples=RESAMPLES):
    rng = random.Random(seed)
    return interval([statistics.median(resampled(values, rng)) for _ in range(resamples)])


def ratio_interval(values, base, seed=1, resamples=RESAMPLES):
    """The interval of median(values) / median(base), both resampled."""
    rng = random.Random(seed)
    return interval([statistics.median(resampled(values, rng)) / statistics.median(resampled(base, rng)) for _ in range(resamples)])


def summary(values, resamples=RESAMPLES, trim=True):
    """The numbers of the published script, and what they lack. Lengths of time stay in the unit that they came in."""
    kept, out = trimmed(values) if trim else (sorted(values), [])
    return {
        "sample_size": len(kept),
        "median_latency": statistics.median(kept),
        "mean_latency": statistics.fmean(kept),
        "p95_latency": quantile(kept, 0.95),
        "p99_latency": quantile(kept, 0.99),
        "std_dev": statistics.stdev(kept) if len(kept) > 1 else 0.0,
        "min": min(kept),
        "max": max(kept),
        "median_interval_95": median_interval(kept, resamples=resamples),
        "left_out": out,
    }


def improvement(base, ours):
    """By how many percent ours is below the base, as the published script counts it."""
    return (base - ours) / base * 100


def fairness(values):
    """What the worst-served user waits as a multiple of what the best-served one does."""
    return max(values) / min(values) if values and min(values) > 0 else math.nan

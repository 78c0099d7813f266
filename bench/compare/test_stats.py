# test_stats.py: the figures of a comparison against SciPy's and NumPy's, and what has no meaning.
# SPDX-License-Identifier: Apache-2.0

import math
import pathlib
import random
import statistics
import sys
import unittest

import numpy
import scipy.stats

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import stats

# R's `rivers`: lengths of rivers in miles, a published data set with a long tail (McNeil 1977).
RIVERS = [735, 320, 325, 392, 524, 450, 1459, 135, 465, 600, 330, 336, 280, 315, 870, 906, 202, 329, 290, 1000, 600, 505, 1450, 840, 1243, 890, 350, 407, 286, 280, 525, 720, 390, 250, 327]


class Stats(unittest.TestCase):
    def test_quantiles_are_those_of_numpy(self):
        rng = random.Random(7)
        for size in (1, 2, 3, 10, 101):
            values = [rng.lognormvariate(3, 1) for _ in range(size)]
            for q in (0, 0.01, 0.25, 0.5, 0.95, 0.99, 1):
                self.assertAlmostEqual(stats.quantile(values, q), float(numpy.quantile(values, q)), places=9)

    def test_trimming_is_that_of_scipy(self):
        values = list(range(200))
        random.Random(3).shuffle(values)
        kept, out = stats.trimmed(values)
        self.assertEqual(kept, sorted(scipy.stats.trimboth(numpy.array(values), 0.01).tolist()))
        self.assertEqual(out, [0, 1, 198, 199])

    def test_few_samples_are_not_trimmed_away(self):
        self.assertEqual(stats.trimmed([5]), ([5], []))
        self.assertEqual(stats.trimmed([5, 6]), ([5, 6], []))
        self.assertEqual(stats.trimmed([9, 5, 6])[0], [6])

    def test_the_interval_of_a_median_is_that_of_scipy(self):
        ours = stats.median_interval(RIVERS)
        theirs = scipy.stats.bootstrap((RIVERS,), numpy.median, n_resamples=10_000, method="percentile", rng=numpy.random.default_rng(1)).confidence_interval
        self.assertAlmostEqual(ours[0], theirs.low, delta=0.06 * theirs.low)
        self.assertAlmostEqual(ours[1], theirs.high, delta=0.06 * theirs.high)
        self.assertLess(ours[0], statistics.median(RIVERS))
        self.assertGreater(ours[1], statistics.median(RIVERS))

    def test_the_interval_of_a_ratio_is_that_of_scipy(self):
        doubled = [2 * v + 40 for v in RIVERS]
        ours = stats.ratio_interval(doubled, RIVERS)
        theirs = scipy.stats.bootstrap((doubled, RIVERS), lambda a, b, axis: numpy.median(a, axis=axis) / numpy.median(b, axis=axis), n_resamples=10_000, method="percentile",
                                       rng=numpy.random.default_rng(1)).confidence_interval
        self.assertAlmostEqual(ours[0], theirs.low, delta=0.08 * theirs.low)
        self.assertAlmostEqual(ours[1], theirs.high, delta=0.08 * theirs.high)

    def test_a_summary_has_the_published_names(self):
        got = stats.summary(RIVERS, resamples=200)
        kept = sorted(RIVERS)[1:-1]
        self.assertEqual(got["sample_size"], len(kept))
        self.assertEqual(got["median_latency"], float(numpy.median(kept)))
        self.assertAlmostEqual(got["mean_latency"], float(numpy.mean(kept)))
        self.assertAlmostEqual(got["std_dev"], float(numpy.std(kept, ddof=1)))
        self.assertEqual(got["left_out"], [135, 1459])

    def test_improvement_and_fairness(self):
        self.assertAlmostEqual(stats.improvement(1274, 892), 29.984, places=3)         # the published figure is 30 %
        self.assertEqual(stats.fairness([2, 8, 4]), 4)
        self.assertTrue(math.isnan(stats.fairness([])))

    def test_no_samples_have_no_figures(self):
        self.assertRaises(ValueError, stats.quantile, [], 0.5)


if __name__ == "__main__":
    unittest.main()

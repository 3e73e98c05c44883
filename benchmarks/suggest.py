"""How long a suggestion takes, proof included: `python -m benchmarks.suggest`.

Made-up markets: mentors of 1 to 3 places, 5 ranked mentors for each mentee, of uneven popularity (Zipf), and 30 more
that the criteria bring in. Each size runs in a process of its own, for the peak of its memory.
"""

import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from matching.suggest import FASTEST, MAX_FIT, POLICIES, Market, lots, suggest

SIZES = ((300, 250), (2_000, 1_500), (10_000, 4_000))
RANKED, OTHERS, REPEATS = 5, 30, 5


def synthetic(mentees: int, mentors: int) -> Market:
    """A made-up market, always the same one for the same size."""
    random = np.random.default_rng(1)
    popularity = 1 / random.permutation(np.arange(1, mentors + 1))
    chosen = [_wishes(random, popularity) for _ in range(mentees)]
    mentee, mentor = np.repeat(np.arange(mentees), RANKED + OTHERS), np.concatenate(chosen)
    rank = np.tile(np.concatenate([np.arange(1, RANKED + 1), np.zeros(OTHERS, dtype=np.int64)]), mentees)
    fit = random.integers(0, MAX_FIT + 1, len(mentee))
    return Market(mentees, random.integers(1, 4, mentors), mentee, mentor, rank, fit, lots(mentee, mentor, "benchmark"))


def _wishes(random: np.random.Generator, popularity: np.ndarray) -> np.ndarray:
    """First the ranked mentors, drawn in proportion to popularity, then others, drawn evenly."""
    # The first of independent exponential clocks that run at the speed of popularity: a draw without replacement.
    ranked = np.argsort(random.exponential(size=len(popularity)) / popularity)[:RANKED]
    others = random.choice(np.delete(np.arange(len(popularity)), ranked), OTHERS, replace=False)
    return np.concatenate([ranked, others])


def measure(mentees: int, mentors: int) -> list[str]:
    """A line for each policy."""
    market = synthetic(mentees, mentors)
    lines = []
    for policy in POLICIES:
        seconds = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            figures = suggest(market, policy).figures
            seconds.append(time.perf_counter() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        lines.append(
            f"{mentees:>7,} x {mentors:<6,} {policy:<19}{statistics.median(seconds):>9.4f} s {peak:>6.0f} MB   "
            f"{figures['matched']:,} matched, {figures['on_list']:,} on list, {figures['by_rank'][0]:,} first choices"
        )
    return lines


def main() -> None:
    """Print the medians."""
    print(f"Solver: {FASTEST.name}. Medians of {REPEATS}; peak memory of the process so far.")
    for size in SIZES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            print("\n".join(process.submit(measure, *size).result()), flush=True)


if __name__ == "__main__":
    main()

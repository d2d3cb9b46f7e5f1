"""Are the verdicts on comparisons fair? False alarms and power, on simulated comparisons.

    python tests/benchmarks/fairness.py [--comparisons 1000] [--repetitions 5 10 20]

Every comparison has a table of its own, drawn from a population; its repetitions draw outer test
rows and folds from that table, so they share rows as in life. A search draws configurations (a
ridge penalty and a set of columns) at random, validates them in three folds, and is judged on the
outer test rows after refitting. All goes through `findings`, as on the page.

Printed are, of all comparisons at the 5 % level, those with a false alarm:

* copies: two copies of one method under different names, beside random search and the default;
* rivals: two methods that see different columns, as good as each other over all tables but not on
  any one table. This is what makes repetitions correlate, and a plain t-test fail;
* the same when a person looks after 5, 10, 15, ... repetitions and stops at the first success;

and how often a planted difference is found: one method's scores are raised by what the page of a
longer comparison on the same table says is found in 80 of 100.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from arguments import parse

from engine.analysis.paired import LEVEL, corrected_t
from engine.analysis.power import detectable
from engine.analysis.verdict_words import findings
from engine.analysis.verdicts import differences
from engine.domain.comparison import DEFAULT, Case, Comparison, Contender, Member
from engine.plan import Budget, MethodPlan

ROWS, COLUMNS, TEST_SHARE, FOLDS, TRIALS = 300, 8, 0.2, 3, 8
PENALTIES = np.geomspace(1, 1e4, 6)
TEST_ROWS = int(ROWS * TEST_SHARE)
SETS = np.array([s for s in itertools.product((0.0, 1.0), repeat=4) if sum(s) > 1])
SETS = np.concatenate([np.pad(SETS, ((0, 0), (0, 4))), np.pad(SETS, ((0, 0), (4, 0)))])
"""Sets of columns as masks, shape (2 k, columns): those of the first half, then of the second."""


def table(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Features, shape (rows, columns), and classes -1 and 1; both halves of the columns matter
    alike."""
    x = random.normal(size=(ROWS, COLUMNS))
    y = np.sign(x.sum(axis=1) / np.sqrt(COLUMNS) + random.normal(size=ROWS))
    return x, y


def accuracies(x: np.ndarray, y: np.ndarray, train: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Accuracy on ``rest`` of ridge regressions fitted on ``train``, shape (sets, penalties)."""
    masked = SETS[:, :, None] * (x[train].T @ x[train]) * SETS[:, None, :]
    value, vector = np.linalg.eigh(masked)
    turned = np.einsum("sij,si->sj", vector, SETS * (x[train].T @ y[train]))
    weights = np.einsum(
        "sij,spj->spi", vector, turned[:, None] / (value[:, None] + PENALTIES[:, None])
    )
    return (np.sign((weights * SETS[:, None]) @ x[rest].T) == y[rest]).mean(axis=-1)


def repetition(
    x: np.ndarray, y: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Validation and test accuracies of all configurations, shape (sets, penalties) each."""
    order = random.permutation(ROWS)
    test, search = order[:TEST_ROWS], order[TEST_ROWS:]
    folds = np.array_split(search, FOLDS)
    scores = [accuracies(x, y, np.setdiff1d(search, fold), fold) for fold in folds]
    return np.mean(scores, axis=0), accuracies(x, y, search, test)


def search(
    validation: np.ndarray, outer: np.ndarray, sets: np.ndarray, random: np.random.Generator
) -> float:
    """Test accuracy of the best of `TRIALS` random configurations with columns from ``sets``."""
    columns = random.choice(sets, size=TRIALS)
    penalty = random.integers(PENALTIES.size, size=TRIALS)
    best = int(np.argmax(validation[columns, penalty]))
    return float(outer[columns[best], penalty[best]])


def scores(kind: str, repetitions: int, random: np.random.Generator) -> np.ndarray:
    """Final scores of one comparison: two methods, random search, default; shape (4, R)."""
    x, y = table(random)
    both = np.arange(len(SETS))
    seen = [both, both] if kind == "copies" else np.split(both, 2)
    found = np.empty((4, repetitions))
    for r in range(repetitions):
        validation, outer = repetition(x, y, random)
        found[:2, r] = [search(validation, outer, sets, random) for sets in seen]
        found[2, r] = search(validation, outer, both, random)
        found[3, r] = outer[0, 3]
    return found


def comparison(of: np.ndarray) -> Comparison:
    """A finished comparison with final scores ``of``, shape (contenders, R)."""
    names = ("one", "other", "random", DEFAULT)[: len(of)]
    return Comparison(
        kind="compare",
        measure="accuracy",
        measure_label="Accuracy",
        maximise=True,
        budget=Budget(evaluations=TRIALS),
        cases=(Case("table", "table", "y", "ridge", ROWS - TEST_ROWS, TEST_ROWS),),
        contenders=tuple(
            Contender(n, n.capitalize(), MethodPlan("random"), n in ("random", DEFAULT))
            for n in names
        ),
        repetitions=of.shape[1],
        members=tuple(
            Member("table", name, r, "finished", test=float(score))
            for name, row in zip(names, of, strict=True)
            for r, score in enumerate(row)
        ),
    )


def told_apart(of: np.ndarray) -> bool:
    """Whether the page says that the first two contenders differ."""
    return any(
        d.verdict == "better" and {d.one, d.other} == {"one", "other"}
        for d in findings(comparison(of)).differences
    )


def announced(of: np.ndarray, repetitions: int) -> float:
    """The difference between the first two that is found in 80 of 100, as the page reckons it.

    The spread is that of all that is known of the table; the page has ``repetitions`` of it.
    """
    (spread, level), ratio = spread_and_level(of), TEST_ROWS / (ROWS - TEST_ROWS)
    return detectable(spread, repetitions, ratio, level)


def spread_and_level(of: np.ndarray) -> tuple[float, float]:
    """Standard deviation of the differences between the first two; level of one pair of all."""
    return float((of[0] - of[1]).std(ddof=1)), LEVEL / len(differences(comparison(of)))


def plain_t(of: np.ndarray) -> bool:
    """Whether a paired t-test without correction tells the first two apart."""
    return corrected_t(of[0] - of[1], 0.0).p < LEVEL


def stopped_early(of: np.ndarray) -> bool:
    """Whether looking after every five repetitions tells them apart at any time."""
    return any(told_apart(of[:, :count]) for count in range(5, of.shape[1] + 1, 5))


def found_when_planted(drawn: Sequence[np.ndarray], repetitions: int) -> tuple[float, float]:
    """How often the announced difference is found once planted, and how large it is on average."""
    found, sizes = [], []
    for of in drawn:
        gain = announced(of, repetitions)
        planted = np.vstack([of[:1] + gain, of[1:]])[:, :repetitions]
        found.append(told_apart(planted))
        sizes.append(gain)
    return float(np.mean(found)), float(np.mean(sizes))


def simulated(kind: str, comparisons: int, repetitions: int, seed: int) -> Iterator[np.ndarray]:
    random = np.random.default_rng(seed)
    for _ in range(comparisons):
        yield scores(kind, repetitions, random)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--comparisons", type=int, default=1_000)
    parser.add_argument("--repetitions", type=int, nargs="+", default=[5, 10, 20])
    parser.add_argument("--seed", type=int, default=0)
    options = parse(parser, comparisons=10, repetitions=[5])
    known = max(40, *options.repetitions)
    print(f"shares of {options.comparisons:,} comparisons, in %; alarms should be at most 5")
    print("kind    repetitions  alarms  plain t  looking every 5  found (80 announced)  of size")
    for kind in ("copies", "rivals"):
        drawn = list(simulated(kind, options.comparisons, known, options.seed))
        for repetitions in options.repetitions:
            short = [of[:, :repetitions] for of in drawn]
            found, size = found_when_planted(drawn, repetitions)
            alarms, plain, early = (
                100 * float(np.mean([rule(of) for of in short]))
                for rule in (told_apart, plain_t, stopped_early)
            )
            print(
                f"{kind:7} {repetitions:11} {alarms:7.1f} {plain:8.1f} {early:16.1f} "
                f"{100 * found:21.1f} {size:8.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()

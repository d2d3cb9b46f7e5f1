"""`tuning`: a tuning by gradient as the engine would tell of it, for tests of pictures."""

from __future__ import annotations

import math

import numpy as np

from engine.domain.hypergradients import HyperStep, Part, TunedGroup, Tuning, WeighedRow

LAYERS = ("weights 1", "biases 1", "weights 2", "biases 2")
NOISE = "The training amplifies changes of its weights 4,000 times, so the hypergradient is noise."
BLANK = (0, 32, 39)
"""Pixels of the digits that are constant, and so no columns."""


def tuning(
    done: int = 40,
    *,
    noisy: tuple[int, ...] = (),
    lost: tuple[int, ...] = (),
    image: bool = True,
    units: int = 20,
) -> Tuning:
    """A tuning of a network on 8 by 8 pixels after ``done`` hyper-steps.

    Args:
        noisy: hyper-steps whose hypergradients are noise.
        lost: hyper-steps that diverged.
        image: whether the columns are known as pixels.
        units: of the hidden layer.
    """
    random = np.random.default_rng(done)
    pixels = np.array([place for place in range(64) if place not in BLANK])
    steps = np.linspace(0, 199, 100).round()
    rates = 0.1 * np.exp(np.outer(np.cos(steps / 70), [1, 0.6, -0.5, 0.3]) * done / 40)
    decays = 0.9 + 0.05 * np.outer(np.sin(steps / 50), [1, 0.5, -0.7, 0.2]) * done / 40
    first = np.exp(random.normal(-9, 1, (pixels.size, units)))
    second = np.exp(random.normal(-9, 1, (units, 10)))
    weights = np.sort(np.concatenate([random.beta(8, 3, 1400) * 2, random.beta(2, 9, 37) * 2]))
    pairs = np.exp(random.normal(-7, 2, (1, 45)))
    learned = random.normal(size=(10, pixels.size))
    at = tuple(int(step) for step in steps)
    return Tuning(
        number=done,
        steps=tuple(_step(n, n in noisy, n in lost) for n in range(done)),
        groups=(
            _group("step_size", "Step size", "steps", [("", rates)], 0.1, "log", at=at),
            _group("momentum", "Momentum", "steps", [("", decays)], 0.9, "logit", at=at),
            _group("scale", "Initial scale", "layers", [("", random.random((1, 4)) + 0.5)], 1.0),
            _group("l2", "L2 penalty", "weights", [(LAYERS[0], first), (LAYERS[2], second)], 1e-4),
            _group(
                "examples", "Weights of examples", "rows", [("", weights[None])], 1.0, "logit", ()
            ),
            _group(
                "sharing", "Sharing between classes", "pairs", [("", pairs)], 1e-3, names=DIGITS
            ),
            _group("rows", "Learned rows", "images", [("", learned)], None, "linear", DIGITS),
        ),
        inputs=tuple(f"pixel_{place // 8}_{place % 8}" for place in pixels),
        image=(8, 8) if image else None,
        pixels=tuple(pixels.tolist()) if image else (),
        whole_bytes=930e3,
        suspects=tuple(WeighedRow(7 * n + 3, float(weights[n]), str(n % 10)) for n in range(12)),
        reference=0.31,
        reference_name="random forest",
    )


DIGITS = tuple("0123456789")


def _step(number: int, noisy: bool, lost: bool) -> HyperStep:
    loss, norm = 0.3 + 0.85 * math.exp(-number / 8), math.exp(-number / 15)
    if lost:
        why = "The hypergradient is not finite: the training diverged."
        return HyperStep(number, None, None, stored_bytes=46e3, remark=why)
    return HyperStep(
        number=number,
        loss=loss,
        norm=30 * norm if noisy else norm,
        growth=2.0,
        stored_bytes=46e3 + number,
        slope=0.2 * math.exp(-number / 20),
        residual=0.01,
        remark=NOISE if noisy else "",
    )


def _group(
    name: str,
    label: str,
    layout: str,
    tables: list[tuple[str, np.ndarray]],
    start: float | None,
    scale: str = "log",
    names: tuple[str, ...] = LAYERS,
    at: tuple[int, ...] = (),
) -> TunedGroup:
    values = np.concatenate([table.ravel() for _, table in tables])
    spread = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()
    parts = tuple(
        Part(part or name, len(table), table.shape[1], tuple(table.ravel().tolist()))
        for part, table in tables
    )
    return TunedGroup(
        name=name,
        label=label,
        layout=layout,  # type: ignore[arg-type]
        size=values.size,
        scale=scale,  # type: ignore[arg-type]
        start=start,
        low=1e-9,
        high=1e2,
        spread=tuple(spread),
        parts=parts,
        at=at,
        names=names,
    )

"""Hypergradients: each trial is one hyper-step of a tuning by gradient.

What is tuned, thousands of numbers, does not fit a configuration; a trial's configuration is the
number of its hyper-step, and the values are in the run's folder (`engine.gradient.states`). The
step itself, a training forwards and backwards, is done where fits are (`engine.gradient.job`).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain.cards import MethodCard, Option, Sketch
from engine.domain.options import options_of
from engine.domain.trials import TrialState
from engine.gradient.engines import ENGINES
from engine.space import Integer, SearchSpace, Value
from engine.tuners.base import Decision, MethodOptions, Proposal, Result, Tuner

STEP = "hyper_step"
MOST = 1_000_000
SPACE = SearchSpace((Integer(STEP, 0, MOST),))
"""The search space of a plan with this method; what the gradient tunes are the method's options."""

AUTO = "auto"
FIXED = "fixed"
SCHEDULES = (AUTO, FIXED, "one", "layers", "steps", "layers and steps")
"""How finely a setting of the inner optimiser is tuned."""


def settled(options: Mapping[str, Value]) -> dict[str, Value]:
    """Every option spelled out, and what is left to the engine decided: all that it can tune well.

    Args:
        options: legal ones; those left out have the default of the card.
    """
    spelled = {option.name: option.default for option in HyperSteps.card.options} | {**options}
    fitting = ENGINES[str(spelled["engine"])].fitting(spelled)
    return {
        name: fitting[name] if value == AUTO and name in fitting else value
        for name, value in spelled.items()
    }


def _engine_options() -> tuple[Option, ...]:
    """Those of all engines, each once."""
    found = {o.name: o for engine in ENGINES.values() for o in options_of(engine)}
    return tuple(found.values())


class HyperSteps(Tuner[MethodOptions]):
    """One hyper-step after the other."""

    card = MethodCard(
        id="hypergradient",
        label="Hypergradients",
        summary=(
            "Differentiates through the training of a network and tunes thousands of "
            "hyperparameters at once: schedules, penalties, weights of examples."
        ),
        options=(
            Option(
                "engine",
                "Engine",
                "choice",
                "reversal",
                "How the derivative is computed. Exact reversal runs the training backwards and "
                "stores next to nothing; the implicit engines tune penalties and example weights "
                "only.",
                choices=tuple(ENGINES),
            ),
            Option(
                "dynamics",
                "Inner optimiser",
                "choice",
                "momentum",
                "How the network is trained: SGD with momentum, Adam, or gradient descent.",
                choices=("momentum", "adam", "gd"),
            ),
            Option(
                "steps",
                "Steps of training",
                "integer",
                200,
                "Minibatches of one training.",
                low=1,
                high=100_000,
            ),
            Option(
                "outer",
                "Outer optimiser",
                "choice",
                "adam",
                "How hypergradients move the hyperparameters.",
                choices=("adam", "rmsprop", "sgd"),
            ),
            Option(
                "rate",
                "Outer step size",
                "float",
                0.04,
                "On the logarithm of what is tuned: 0.04 changes it by about 4 % a hyper-step.",
                low=1e-6,
                high=1e3,
            ),
            Option(
                "halving",
                "Halve it after",
                "float",
                50.0,
                "Hyper-steps after which the outer step size has fallen to a half; after twice as "
                "many to a third, and so on. 0: it stays.",
                low=0.0,
                high=1e9,
            ),
            Option(
                "longest",
                "Shorten hypergradients to",
                "float",
                1.0,
                "Longer ones, of the logarithm of the loss, are scaled down to this norm.",
                low=1e-6,
                high=1e9,
            ),
            Option(
                "step_size",
                "Step size",
                "choice",
                AUTO,
                "Tuned as one number, for each layer, for each step of the training, or both.",
                choices=SCHEDULES,
            ),
            Option(
                "momentum",
                "Momentum",
                "choice",
                AUTO,
                "The same for the momentum (β1 for Adam).",
                choices=SCHEDULES,
            ),
            Option(
                "scale",
                "Initial scale",
                "choice",
                AUTO,
                "Of the initial weights of each layer.",
                choices=(AUTO, FIXED, "layers"),
            ),
            Option(
                "l2",
                "L2 penalty",
                "choice",
                AUTO,
                "Tuned as one number, for each layer, or for every single weight.",
                choices=(AUTO, FIXED, "one", "layers", "weights"),
            ),
            Option(
                "sharing",
                "Sharing between classes",
                "boolean",
                False,
                "How much any two classes are held together: a penalty on how far their weights in "
                "the last layer differ. Helps where each class has few rows.",
            ),
            Option(
                "examples",
                "Weights of examples",
                "boolean",
                False,
                "How much each training row counts; finds wrong labels.",
            ),
            Option(
                "inputs",
                "Scale of columns",
                "boolean",
                False,
                "How much each prepared column counts.",
            ),
            Option(
                "initial",
                "Initial weights",
                "boolean",
                False,
                "The weights that the training starts with, each one.",
            ),
            Option(
                "training_set",
                "Learned training set",
                "integer",
                0,
                "Rows a class to learn and to train on in place of the table's; 0: none.",
                low=0,
                high=1_000,
            ),
            Option(
                "transform",
                "Moves of pictures",
                "choice",
                FIXED,
                "How far training pictures are turned, zoomed and moved: all alike, or at random.",
                choices=(FIXED, "alike", "at random"),
            ),
            Option(
                "goal",
                "Outer loss",
                "choice",
                "validation",
                "The rows whose loss the hypergradient lowers. Scores are of the validation rows "
                "all the same.",
                choices=("validation", "training"),
            ),
            Option(
                "guard",
                "When a hypergradient is noise",
                "choice",
                "smaller",
                "Leave it out and make step sizes a little smaller; shorten it (clip); go back "
                "fewer steps (shorten); or follow it all the same (warn). What was done stands "
                "with the trial.",
                choices=("smaller", "clip", "shorten", "warn"),
            ),
            *_engine_options(),
        ),
        source="Maclaurin, Duvenaud and Adams (2015); Franceschi et al. (2018)",
        help="hypergradient",
        sketch=Sketch(
            "A walk uphill, each trial a step from the one before.",
            "70 158 254 336 411 457 501 544 604 651 666 677 706 759 763 757 793 794 813 826 833 "
            "857 857 858 876 887 862 883",
        ),
        gradient=True,
        picture="outer_loss",
    )
    order = 170

    def _propose(self, number: int) -> Proposal | None:
        if self._pending or number > MOST:
            return None
        return Proposal(number, number, {STEP: number}, origin=self.card.id)

    def _observe(self, proposal: Proposal, result: Result) -> tuple[Decision, ...]:
        state = TrialState.COMPLETE if result.ok else TrialState.FAILED
        return (Decision(proposal.trial, state),)

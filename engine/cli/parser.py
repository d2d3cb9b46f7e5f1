"""Grammar of the command line. Only the standard library is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from engine import __version__
from engine.errors import InputError

SAME_LEARNER = {"hist_gradient_boosting": "gradient_boosting", "rbf_svm": "svm"}
"""Other names under which people know a model."""
DATA_HELP = (
    "a file or folder (see: tunesmith list readers), or builtin:NAME (see: tunesmith list datasets)"
)


class _Parser(argparse.ArgumentParser):
    """Wrong use is an `InputError` like any other (exit status 2)."""

    def error(self, message: str) -> NoReturn:
        """Raise the usage error.

        Raises:
            InputError: ``usage``.
        """
        raise InputError("usage", what=f"{message}. See: {self.prog} --help")


def learner_id(text: str) -> str:
    """The id of the learner that the call names."""
    return SAME_LEARNER.get(text, text)


def listed(text: str) -> list[str]:
    """Split ``a,b, c`` into a list."""
    return [part.strip() for part in text.split(",") if part.strip()]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed call.

    Raises:
        InputError: ``usage``.
        SystemExit: after ``--help`` or ``--version``.
    """
    return build_parser().parse_args(arguments)


def build_parser() -> argparse.ArgumentParser:
    """The grammar of all commands; ``resources/help/command_line.md`` describes it."""
    parser = _Parser(
        prog="tunesmith",
        description="Guided hyperparameter optimisation. Without a command, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"tunesmith {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _tune(commands.add_parser("tune", help="search for good hyperparameters of a model"))
    _run(commands.add_parser("run", help="the same, from a saved plan"))
    _resume(commands.add_parser("resume", help="resume an interrupted run or comparison"))
    _compare(commands.add_parser("compare", help="compare methods on the same data, fairly"))
    _take(commands.add_parser("take", help="take another trial as the result"))
    _enqueue(commands.add_parser("enqueue", help="add a configuration of your own"))
    _narrow(commands.add_parser("narrow", help="continue a run in another version of its space"))
    _counterfactual(
        commands.add_parser("counterfactual", help="what random search would have given instead")
    )
    _recheck(commands.add_parser("recheck", help="score a trial once more, on other folds"))
    _recommend(commands.add_parser("recommend", help="what the guide would do, and why"))
    _predict(commands.add_parser("predict", help="predict new rows with the model of a run"))
    _export(commands.add_parser("export", help="write a run's configuration, script, model ..."))
    _list(commands.add_parser("list", help="what there is to choose from"))
    commands.add_parser("engine", help="JSON lines on stdin/stdout, for front ends")
    parser.set_defaults(verbose=False)
    for either in (parser, *commands.choices.values()):
        either.add_argument(
            "--verbose",
            action="store_true",
            default=argparse.SUPPRESS,  # so that a command does not take back what is said before
            help="log every step, and on standard error as well",
        )
    return parser


def _tune(parser: argparse.ArgumentParser) -> None:
    _data(parser)
    parser.add_argument("--test", metavar="FILE", help="a file with the outer test rows")
    parser.add_argument(
        "--learner",
        metavar="ID",
        type=learner_id,
        help="the model; the guide's choice if left out",
    )
    parser.add_argument("--method", metavar="ID", help="the HPO method; the guide's if left out")
    _searching(parser)
    parser.add_argument(
        "--nested",
        type=int,
        metavar="K",
        help="nested resampling: the whole search again in each of K outer folds, for an unbiased "
        "estimate, and once on all rows",
    )
    _set(parser)
    _out(parser)
    _json(parser)


def _compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data", metavar="DATA", nargs="+", help=f"{DATA_HELP}; or folders of finished runs"
    )
    parser.add_argument("--target", metavar="COL", help="the column to predict")
    parser.add_argument("--task", choices=["binary", "multiclass", "regression"])
    parser.add_argument(
        "--learner",
        dest="learners",
        metavar="ID[,ID]",
        type=listed,
        help="the model or models; the guide's choice if left out",
    )
    parser.add_argument(
        "--methods", metavar="A,B,C", type=listed, help="the HPO methods; of runs they are known"
    )
    parser.add_argument(
        "--repeats", type=int, metavar="R", default=5, help="repetitions of it all (5)"
    )
    _searching(parser)
    _set(parser)
    _out(parser)
    _json(parser)


def _searching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--trials", type=float, metavar="N", help="full evaluations of a search")
    parser.add_argument("--seconds", type=float, metavar="S", help="time for a search")
    parser.add_argument("--folds", type=int, metavar="K", help="folds of the cross-validation")
    parser.add_argument("--measure", metavar="ID", help="what to optimise")
    parser.add_argument("--workers", type=int, metavar="N", help="fits at the same time")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of all randomness (0)")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "plan", metavar="PLAN.json", help="a plan saved by Tunesmith, or gallery:NAME"
    )
    _set(parser)
    _out(parser)
    _json(parser)


def _resume(parser: argparse.ArgumentParser) -> None:
    _folder(parser)
    parser.add_argument("--trials", type=float, metavar="N", help="full evaluations in all")
    parser.add_argument("--seconds", type=float, metavar="S", help="search time in all")
    parser.add_argument(
        "--methods", metavar="A,B", type=listed, default=[], help="of a comparison: methods to add"
    )
    parser.add_argument(
        "--repeats", type=int, metavar="R", help="of a comparison: repetitions in all"
    )
    _json(parser)


def _take(parser: argparse.ArgumentParser) -> None:
    _folder(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--trial", type=int, metavar="N", help="its number")
    which.add_argument(
        "--choice",
        choices=["best", "one_se", "cheapest", "surrogate"],
        help="the best mean; the nearest to the default, or the quickest to fit, within one "
        "standard error of it; the best by a model of all scores",
    )
    parser.add_argument("--why", metavar="TEXT", default="", help="kept with the result")
    _json(parser)


def _enqueue(parser: argparse.ArgumentParser) -> None:
    _folder(parser)
    parser.add_argument(
        "values",
        nargs="+",
        metavar="NAME=VALUE",
        help="hyperparameters; those left out are as in the best configuration so far",
    )


def _narrow(parser: argparse.ArgumentParser) -> None:
    _folder(parser)
    parser.add_argument(
        "values", nargs="+", metavar="NAME=RANGE", help="a range LOW..HIGH, or choices A,B"
    )
    parser.add_argument(
        "--trials",
        type=float,
        metavar="N",
        help="full evaluations in all, those taken over counted",
    )
    _out(parser)


def _counterfactual(parser: argparse.ArgumentParser) -> None:
    _folder(parser)
    parser.add_argument(
        "--run",
        action="store_true",
        help="run random search where the run has too few random trials to tell",
    )
    _json(parser)


def _recheck(parser: argparse.ArgumentParser) -> None:
    _folder(parser)
    parser.add_argument(
        "--trial", type=int, metavar="N", help="its number; the result's if left out"
    )
    parser.add_argument(
        "--again", type=int, metavar="N", default=1, help="which other folds (1), for more than one"
    )
    _json(parser)


def _recommend(parser: argparse.ArgumentParser) -> None:
    _data(parser)
    parser.add_argument(
        "--learner",
        metavar="ID",
        type=learner_id,
        help="the model; the guide's choice if left out",
    )
    parser.add_argument("--seconds", type=float, metavar="S", help="time you have for the search")
    parser.add_argument(
        "--probe",
        action="store_true",
        help="fit some folds first, to know costs and how much scores differ between folds",
    )
    _set(parser)
    _json(parser)


def _predict(parser: argparse.ArgumentParser) -> None:
    _folder(parser)
    parser.add_argument("data", metavar="NEWDATA", help="a file with the same columns")
    parser.add_argument("--to", required=True, metavar="FILE", help="where to write (CSV)")


def _export(parser: argparse.ArgumentParser) -> None:
    _folder(parser)
    parser.add_argument(
        "--what",
        required=True,
        choices=["config", "script", "model", "report", "trials", "hyperparameters"],
    )
    parser.add_argument("--to", required=True, metavar="FILE", help="where to write")
    parser.add_argument(
        "--trial", type=int, metavar="N", help="config or script of this trial, not of the result"
    )


def _list(parser: argparse.ArgumentParser) -> None:
    kinds = ["learners", "methods", "measures", "readers", "engines", "pictures"]
    kinds += ["datasets", "gallery"]
    parser.add_argument("what", choices=kinds)
    _json(parser)


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA", help=DATA_HELP)
    parser.add_argument("--target", metavar="COL", help="the column to predict")
    parser.add_argument("--task", choices=["binary", "multiclass", "regression"])


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help="the folder of a run")


def _set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help="set any field of the plan, for example evaluation.test_share=0.3",
    )


def _out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="DIR", help="folder of the run; in the library if left out"
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout at the end")

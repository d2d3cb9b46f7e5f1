"""Everything that can go wrong for a person, as one family with stable codes.

An error carries a ``code`` and parameters; its sentence comes from `SENTENCES`, so every sentence a
person may read stands in one place and can be tested. A sentence says what is wrong, where, and
what to do. ``field`` names the place in the plan (for example ``space.C.low``) when there is one, so
that a window can show the sentence beside the control it is about.

Exit statuses of the command line are attributes of the classes.
"""

from __future__ import annotations

from typing import Any, ClassVar

SENTENCES: dict[str, str] = {
    # the call and the plan
    "usage": "{what}",
    "plan.unreadable": "{path} is not a plan Tunesmith can read: {why}. Choose a plan.json that Tunesmith wrote.",
    "plan.newer": (
        "{path} was written by a newer Tunesmith (format {found}, this one reads up to {known}). "
        "Update Tunesmith to open it."
    ),
    "plan.older": (
        "{path} was written by an earlier Tunesmith (format {found}, this one reads {known}). Set the search up anew."
    ),
    "plan.no_space": "A tuning by gradient has no search space; what it tunes is set in its options.",
    "plan.field": "The plan's {path} can't be {value}: {why}.",
    "plan.unknown": "There is no {kind} called “{name}”. Choose one of: {known}.",
    "plan.mismatch": "{what} does not go with {other}. {remedy}",
    "method.one_measure": "{method} optimises one measure. Choose {able}, or optimise nothing besides the measure.",
    "method.several_measures": (
        "{method} weighs several measures against each other. Choose what to optimise besides the measure, or another method."
    ),
    # the search space
    "space.name": "Two hyperparameters are called “{name}”. Give each its own name.",
    "space.empty": "Every hyperparameter is switched off, so there is nothing to search. Switch at least one on.",
    "space.order": "The range of {name} ends ({high}) before it begins ({low}). Swap the two or widen the range.",
    "space.finite": "The range of {name} must be made of finite numbers, not {value}.",
    "space.log": "{name} is on a log scale, which must begin above 0, not at {low}. Raise it or use a linear scale.",
    "space.integer": "The range of {name} must be whole numbers, not {value}.",
    "space.choices": "{name} needs at least one choice, each listed once.",
    "space.condition": "The condition on {name} can't hold: {why}.",
    "space.value": "{value} is not possible for {name}. Choose {allowed}.",
    "space.missing": "The configuration lacks a value for {name}.",
    "space.inactive": "{name} has no meaning here, because {parent} is {value}. Remove it.",
    "space.bounds": "{name} must be {allowed} for this model, so {value} is not possible.",
    # files and tables
    "file.missing": "There is no file {path}. Check the name and the folder.",
    "file.unreadable": "{path} can't be opened: {why}.",
    "file.kind": "Tunesmith does not read {suffix} files. Save {path} as one of those that it does ({known}) and open that.",
    "file.empty": "{path} is empty. Choose a file with a header line and rows.",
    "file.binary": "{path} is not a text table: it holds binary data at byte {byte}. Save it as CSV and open that.",
    "file.encoding": (
        "{path} can't be decoded as {encoding}: line {line} holds the byte {byte}. "
        "Choose another encoding, for example {suggestion}."
    ),
    "file.too_large": (
        "{path} would take about {needed} of memory and {free} are free (Tunesmith uses at most half). "
        "Read the first {rows} rows instead."
    ),
    "file.changed": "{path} has changed since the plan was made. Open it again, so that the plan goes with what it holds now.",
    "folder.empty": "The folder {path} holds no pictures that Tunesmith can read. Choose a file with a table, or a folder with a folder of pictures for each class.",
    "folder.unsorted": "Pictures in {path} lie in no class's folder, {name} for one. Put those of each class into a folder of its own, named after the class.",
    "folder.picture": "{path} can't be read as a picture: {why}. Mend it, or take it out of the folder.",
    "folder.too_large": "{count:,} pictures of {side} by {side} pixels would take about {needed} of memory and {free} are free. Bring them to fewer pixels in the reading options.",
    "table.header_only": "{path} has a header but no rows. Choose a file with data below its header.",
    "table.nothing": "{path} holds no rows, or no columns that a model could learn from. Choose another file.",
    "table.ragged": (
        "Line {line} of {path} has {found} fields where the header has {expected}. Mend the line, or choose another delimiter."
    ),
    "table.quote": (
        "A quotation mark ({quote}) that opens in line {line} of {path} is never closed. Close it, or choose another quotation mark."
    ),
    "table.one_column": (
        "{path} has a single column, so there is nothing to predict from. Choose another delimiter (now “{delimiter}”)."
    ),
    "table.no_features": "No column is left to predict {target} from. Keep at least one column.",
    "builtin.unknown": "There is no bundled table called “{name}”. Choose one of: {known}.",
    "target.none": "Say which column to predict. {path} has: {known}.",
    "target.unknown": "{path} has no column “{target}”. Did you mean {suggestion}? The columns are: {known}.",
    "target.constant": "Every row has the same value ({value}) in {target}, so there is nothing to predict. Choose another column.",
    "target.missing": "Every row lacks a value in {target}. Choose another column to predict.",
    "target.not_numeric": "{target} can't be predicted as a number: row {row} holds “{value}”. Treat it as classes instead.",
    "target.positive": "{target} has no class “{positive}”. Its classes are: {known}.",
    "target.too_many_classes": "{target} has {classes} different values, too many for classes. Treat it as a number or choose another column.",
    "column.unknown": "{path} has no column “{name}” to leave out. The columns are: {known}.",
    "rows.too_few": "{rows} rows are too few for {parts} parts. Use at most {most} folds, or add rows.",
    "rows.class_too_few": (
        "Class “{label}” of {target} has {rows} rows, fewer than the {parts} that the folds and the test rows need. "
        "Use fewer folds, or leave those rows out."
    ),
    "rows.test_too_few": (
        "A test share of {share:g} leaves {test} test rows and {train} others, too few for the {classes} classes of {target}. "
        "Choose another test share, or add rows."
    ),
    "columns.missing": "{path} lacks the columns the model needs: {names}. Add them, with the same names.",
    "columns.type": "Column {name} of {path} holds “{value}” in row {row}, but the model expects a number there. Mend the value.",
    "columns.date": "Column {name} of {path} holds “{value}” in row {row}, but the model expects a date like “{example}” there. Mend the value.",
    "columns.not_dates": "Column {name} of {path} can't be read as dates: row {row} holds “{value}”. Choose another type for it.",
    "test.classes": (
        "{path} holds the class “{label}” in row {row} of {target}, which the table itself lacks. Leave such rows out, or add some to the table."
    ),
    "test.no_rows": "No row of {path} has a value in {target}, so it can't test a model. Choose another file.",
    # differentiating through training
    "gradient.dynamics": "{engine} can't go through a training by {dynamics}. Choose {known}, or another engine.",
    "gradient.reversal_dynamics": (
        "Exact reversal runs SGD with momentum backwards and no other optimiser. Choose momentum, or another engine."
    ),
    "gradient.reversal_momentum": (
        "Exact reversal divides by the momentum, so it must be from {low} to below 1, not {value}. "
        "Keep it in that range, or choose another engine."
    ),
    "learner.pictures": (
        "{learner} needs a table whose columns are the pixels of square pictures: called pixel0, "
        "pixel1 and so on, or 36 numbers, 49, 64 and so on, row by row; and nothing else but the "
        "target. Leave other columns out, or choose another model."
    ),
    "gradient.learner": (
        "Hypergradients differentiate through the training, which {learner} does not allow. "
        "Choose {able} as the model, or another method."
    ),
    "gradient.nothing": "Everything is fixed, so there is nothing to tune. Tune penalties, step sizes or example weights.",
    "gradient.columns": (
        "Here the categories make {here} columns and in the first fold {there}, so what is tuned by column or by weight has no "
        "meaning. Tune penalties by layer, encode categories as numbers, or validate by a holdout."
    ),
    "gradient.window": "The window must be at least 1 step, not {value}.",
    "gradient.forward_many": (
        "Forward mode takes a training run for each of the {count} hyperparameters; it is for up to {most}. "
        "Tune fewer, let steps share their values, or choose a reverse engine."
    ),
    "gradient.implicit": (
        "An implicit engine can't tune {names}: they act on the way to the minimum, not on where it lies. "
        "Tune penalties or example weights, or choose another engine."
    ),
    "gradient.straight_line": (
        "The straight line stands in for gradient descent, with or without momentum, and for no other optimiser. "
        "Choose one of those, or another engine."
    ),
    "gradient.truncated": (
        "The truncated engine goes back through the last steps only, and {names} act before those. Keep them fixed, "
        "widen the window to all steps, or choose another engine."
    ),
    "gradient.training_set": "A learned training set has rows of each class, and a number has no classes. Set it to 0.",
    "gradient.sharing": "A number has no classes that could share anything. Switch sharing between classes off.",
    "gradient.picture": (
        "Only pictures can be turned and moved: tables of 16, 25, 36 and so on numeric columns, their pixels row by row. "
        "Keep the moves of pictures fixed."
    ),
    "gradient.unused": "With what else is tuned, nothing in the training depends on {names}. Keep it fixed, or the other.",
    "gradient.detached": "Nothing in the training or the outer loss depends on {names}, so there is nothing to tune. Leave it out.",
    "gradient.overflow": (
        "The weights left the range of ±{limit} that exact reversal can hold: the training diverges. "
        "Choose a smaller step size, or fewer bits after the point."
    ),
    "gradient.not_reversed": (
        "The way back differs from the way there, after step {step}, so this hypergradient would be wrong and was dropped. "
        "Choose the checkpointed engine."
    ),
    # folders and runs
    "out.not_empty": "The folder {path} is not empty. Name a new folder for the run.",
    "out.not_writable": "Nothing can be written to {path}: {why}. Choose another folder.",
    "run.none": "{path} is not a run of Tunesmith. Choose a folder that holds a plan.json and a journal.log.",
    "run.locked": "{path} is in use by another Tunesmith (process {pid}). Stop it there first.",
    "run.finished": "The run {path} is finished. Give it more budget to go on.",
    "run.damaged": "The journal of {path} can't be read past {where}: {why}. Restore it from a copy; nothing was changed.",
    "run.no_result": "{path} has no result yet, since no trial has finished. Let the search run a little longer.",
    "run.no_enqueue": "A tuning by gradient follows one path, so it can't be steered. Start another run instead.",
    "run.tried": "This configuration has been tried already: it is trial {number}.",
    "run.gone": "The search has just ended. Put the configuration forward again, then resume the run.",
    "narrow.names": "Another version of the space must have the same hyperparameters: {names}. To drop one, give it a single value.",
    "narrow.no_budget": (
        "All of the {planned} evaluations planned would be taken over ({kept} trials), so nothing is left to search. Give more evaluations."
    ),
    "run.no_choice": "There is no such choice in this run: {why}",
    "run.not_complete": "Trial {number} is not complete, so it can't become the result. Choose a complete one.",
    "run.unscored": "Trial {number} is not complete, so there is no score to check. Choose a complete one.",
    "run.no_recheck": "The configuration can't be scored on other folds: {why}",
    "run.disk_full": "The disk is full: {path} could not be written. The search is paused and nothing is lost; free some space, then resume.",
    "run.failing": (
        "Five trials in a row failed in the same way, so the search is paused: {why} Mend the cause, then resume."
    ),
    "run.busy": "A search is already running. Stop it before starting another.",
    "run.none_running": "No search is running.",
    "run.no_trial": "Trial {number} is not running.",
    "run.no_such_trial": "There is no trial {number} in this run.",
    "understand.few": (
        "Only {trials} trials are complete; a model of the scores needs at least {least}. Let the search run longer."
    ),
    "understand.equal": "All complete trials have the same score, so there is nothing to explain.",
    "understand.poor": (
        "A model of the scores predicts trials it has not seen too badly (R2 {r2} from {trials} trials, at least {least} is asked), "
        "so what it says would be guesswork. More trials, or more folds against noise, make it better."
    ),
    "understand.same": "Choose two different hyperparameters; {name} is named twice.",
    "run.no_default": "The default configuration can't be fitted: {why}",
    # several runs as one
    "experiment.none": "{path} is not a comparison of Tunesmith. Choose a folder that holds an experiment.json.",
    "experiment.unreadable": "{path} is not a comparison Tunesmith can read: {why}. Choose an experiment.json that Tunesmith wrote.",
    "experiment.newer": (
        "{path} was written by a newer Tunesmith (format {found}, this one reads up to {known}). "
        "Update Tunesmith to open it."
    ),
    "experiment.older": (
        "{path} was written by an earlier Tunesmith (format {found}, this one reads {known}). Set the comparison up anew."
    ),
    "experiment.empty": "A comparison needs at least one table with a model and one method. Name them.",
    "experiment.repetitions": "There must be at least {least} of them, and a whole number. Choose more.",
    "experiment.name": (
        "“{name}” can't name a method in this comparison: names are letters, digits and hyphens, each used once, and “default” "
        "is the default configuration's. Give it another."
    ),
    "experiment.measures": "The tables would be judged by different measures ({known}). Name one measure that fits all.",
    "experiment.budgets": "The searches of a comparison need the same budget, or it is not fair. Give all of them one.",
    "experiment.budget": "The searches of a comparison need a budget in full evaluations or in seconds. Set one of them.",
    "experiment.test_file": "Nested resampling tests on every row in turn, so it can't use a file with test rows. Leave that file out.",
    "experiment.fewer": "There are {repetitions} repetitions already, and what is done is kept. Choose more.",
    "experiment.folds": "The {folds} outer folds belong together, so their number can't be changed. Start a new nested resampling.",
    "experiment.incomparable": "These runs can't be compared. {why}",
    "experiment.finished": "Everything in {path} is done. Add methods or repetitions to go on.",
    "experiment.nothing_done": "No search in {path} is finished yet. Let it run a little longer.",
    "export.comparison": "A comparison can be exported as a report. For a {what}, choose one of its runs.",
    "export.no_arrays": "Only a tuning by gradient has arrays of hyperparameters. Export the configuration of this run.",
    "export.trial": "A {what} is that of the run's result. Of another trial there are the configuration and the script.",
    "export.unwritable": "{path} can't be written: {why}. Choose another place.",
    "model.untrusted": "{path} holds types no model of this kind has ({types}), so it was not opened.",
    # fits
    "fit.error": "The fit failed: {why}",
    "fit.timeout": "The fit took longer than its limit of {seconds:g} s and was stopped. Raise the limit or narrow the range.",
    "fit.memory": "The fit used more than its limit of {megabytes:g} MB and was stopped. Raise the limit or narrow the range.",
    "fit.out_of_memory": "There was not enough free memory for the fit. Use fewer workers or narrow the range.",
    "fit.killed": "Stopped by you.",
    "fit.lost": "The worker ended unexpectedly ({why}).",
    "fit.non_finite": "The score is not a finite number.",
    # the engine itself
    "component.missing": (
        "There is no {kind} “{name}” here. If it comes with a package of its own, install that package."
    ),
    "extension.rejected": (
        "The {kind} “{name}” of the package {package} was left out: {why}. Update that package, or uninstall it."
    ),
    "workers.start": "The processes that fit models can't be started: {why}.",
    "protocol.malformed": "The engine received a message it can't read: {why}.",
    "cancelled": "Cancelled.",
    "internal": "Tunesmith met an unexpected fault: {why}. Nothing is lost; the details are in {log}.",
}


class TunesmithError(Exception):
    """An error a person can do something about.

    Args:
        code: a key of `SENTENCES`.
        field: dotted path of the plan's field it is about, if any.
        **params: what the sentence names.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, code: str, *, field: str | None = None, **params: Any) -> None:
        self.code = code
        self.field = field
        self.params = params
        super().__init__(SENTENCES[code].format(**params))


class InputError(TunesmithError):
    """The call, the plan or the data are wrong; nothing was changed."""

    exit_status = 2


class SpaceError(InputError):
    """A search space or a configuration makes no sense."""


class RunError(TunesmithError):
    """A run failed or was paused by a fault; what was found is kept."""


class Cancelled(TunesmithError):
    """The person cancelled; not a fault."""

    exit_status = 130

    def __init__(self) -> None:
        super().__init__("cancelled")

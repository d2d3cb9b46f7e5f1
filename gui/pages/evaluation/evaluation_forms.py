"""The forms of the evaluation page: each shows its part of the plan and nothing else."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from engine.domain.cards import MeasureCard
from engine.plan import Plan
from gui.pages.evaluation.plan_form import PlanForm
from gui.widgets.fields import Choice, Field, NumberField, Segments, Switch
from gui.widgets.multi_select import MultiSelect
from gui.widgets.text import label

KINDS = (("holdout", "Holdout"), ("kfold", "k-fold"), ("repeated_kfold", "Repeated k-fold"))
PER_CENT = 0.01
MINUTES = 60.0
FURTHER = "evaluation.further_measures"
WATCH = "evaluation.watch_outer"
_HOW = "evaluation.resampling"


class ScoringForm(PlanForm):
    """Measure, resampling and outer test share, each with a word on it beneath."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measure = Choice([], "Measure")
        self._about_measure = label("", "caption")
        self.bind(
            "evaluation.measure",
            "&Measure",
            self._measure,
            within=_noted(self._measure, self._about_measure),
        )
        self._further_measures = MultiSelect("Also optimise")
        self._about_further = label("", "caption")
        self.bind(
            FURTHER,
            "&Also optimise",
            self._further_measures,
            help="pareto",
            within=_noted(self._further_measures, self._about_further),
        )
        kind = Segments(KINDS, "Resampling")
        self._about_resampling = label("", "caption")
        self.bind(
            f"{_HOW}.kind",
            "&Resampling",
            kind,
            help="resampling",
            within=_noted(kind, self._about_resampling),
        )
        folds = NumberField("Folds", whole=True, low=2, high=1000)
        self.bind(f"{_HOW}.folds", "F&olds", folds, help="resampling")
        repeats = NumberField("Repeats", whole=True, low=1, high=1000, unit="times")
        self.bind(f"{_HOW}.repeats", "Re&peats", repeats, help="resampling")
        share = NumberField("Validation share", low=1, high=90, unit="% of the rows searched on")
        self.bind(f"{_HOW}.share", "&Validation", share, scale=PER_CENT, help="resampling")
        test = NumberField("Outer test share", low=0, high=90, unit="% of all rows")
        self._about_test = label("", "caption")
        self.bind(
            "evaluation.test_share",
            "Outer &test",
            test,
            scale=PER_CENT,
            help="resampling",
            within=_noted(test, self._about_test),
        )
        watch = Switch("Watch the test score during the search", "Watch the test score")
        watch.setMinimumHeight(32)
        self._about_watch = label("", "caption")
        self.bind(
            WATCH,
            "Watc&h it",
            watch,
            help="overtuning",
            within=_noted(watch, self._about_watch),
        )

    def show_scoring(
        self,
        plan: Plan,
        measures: tuple[MeasureCard, ...],
        further: tuple[MeasureCard, ...],
        advised: str,
        notes: dict[str, str],
    ) -> None:
        """Show the plan's scoring.

        Args:
            measures: those of the task.
            further: what can be optimised at once with the measure.
            advised: the recommended measure.
            notes: words beneath ``measure``, ``further_measures``, ``resampling``, ``test``
                and ``watch``.
        """
        self._measure.set_options(
            [(m.id, f"{m.label} (recommended)" if m.id == advised else m.label) for m in measures]
        )
        self._further_measures.set_options([(m.id, m.label) for m in further])
        self.show_plan(plan)
        card = next((m for m in measures if m.id == plan.evaluation.measure), None)
        self._measure.setProperty("help", card.help if card is not None else "evaluation")
        self._about_measure.setText(notes["measure"])
        self._about_further.setText(notes["further_measures"])
        self._about_resampling.setText(notes["resampling"])
        self._about_test.setText(notes["test"])
        self._about_watch.setText(notes["watch"])
        kind = plan.evaluation.resampling.kind
        self.show_row(f"{_HOW}.folds", kind != "holdout")
        self.show_row(f"{_HOW}.repeats", kind == "repeated_kfold")
        self.show_row(f"{_HOW}.share", kind == "holdout")
        own = plan.data.test_source is None and plan.evaluation.outer is None
        self.field("evaluation.test_share").setEnabled(own)
        # What is on can always be switched off.
        on = plan.evaluation.watch_outer
        self.field(WATCH).setEnabled(on or has_test_rows(plan))


class EndingForm(PlanForm):
    """Further limits of a search: a time, a score that is good enough, no improvement for long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        time = NumberField("Time", low=0.01, optional=True, unit="minutes at most")
        self.bind("budget.seconds", "&Time", time, scale=MINUTES)
        target = NumberField("Target", optional=True, unit="or better is good enough")
        self.bind("budget.target", "Tar&get", target)
        patience = NumberField(
            "Patience", whole=True, low=1, optional=True, unit="evaluations without improvement"
        )
        self.bind("budget.stagnation", "Pat&ience", patience)


class PreparationForm(PlanForm):
    """Preparation of columns inside the folds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        impute = Segments((("median", "Median"), ("mean", "Mean")), "Missing numbers become")
        self.bind(
            "preparation.impute",
            "Missing numbers become",
            impute,
            hint="A missing category is a category of its own.",
        )
        encode = Segments(
            (("one_hot", "A column each"), ("ordinal", "One numbered column")), "Categories become"
        )
        self.bind("preparation.encode", "Categories become", encode)
        most = NumberField("Categories kept apart", whole=True, low=2, high=10_000)
        self.bind(
            "preparation.max_categories",
            "Categories kept apart",
            most,
            hint="Rarer ones share one column.",
        )
        scale = Segments(
            (("auto", "Where the model needs it"), ("standard", "Always"), ("none", "Never")),
            "Standardise numbers",
        )
        self.bind("preparation.scale", "Standardise numbers", scale)


class LimitsForm(PlanForm):
    """Bounds of a single fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        seconds = NumberField("Time of a fit", low=0.1, optional=True, unit="seconds")
        self.bind(
            "limits.seconds",
            "Time of a fit",
            seconds,
            hint="A fit that takes longer is stopped alone; its trial says so.",
        )
        memory = NumberField("Memory of a fit", low=16, optional=True, unit="MB")
        self.bind("limits.memory_mb", "Memory of a fit", memory)


class WorkersForm(PlanForm):
    """How many fits at once, and what makes a search repeatable."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        workers = NumberField("Workers", whole=True, low=1, high=512)
        self._about_workers = label("", "caption")
        self.bind("workers", "&Workers", workers, within=_noted(workers, self._about_workers))
        self.bind(
            "reproducible",
            "Repeatable",
            Switch("Same result whatever the speed of the workers", "Repeatable"),
            hint="Proposals wait for their turn, which leaves workers idle now and then.",
        )
        self.bind("seed", "&Seed", NumberField("Seed", whole=True, low=0, high=2**31 - 1))

    def show_workers(self, plan: Plan, note: str) -> None:
        """Show the plan, with a word on the number of workers."""
        self.show_plan(plan)
        self._about_workers.setText(note)


def has_test_rows(plan: Plan) -> bool:
    """Whether there are outer test rows."""
    return plan.data.test_source is not None or plan.evaluation.held_out > 0


def _noted(field: Field | MultiSelect, note: QLabel) -> QWidget:
    """A field with a note beneath it that can change."""
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(field)
    column.addWidget(note)
    part.setFocusProxy(field)
    part.setAccessibleName(field.accessibleName())
    return part

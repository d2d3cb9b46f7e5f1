"""`TuningPictures`: what a gradient tunes, one picture at a time.

`HyperStepPictures`: how the tuning goes.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.domain.hypergradients import TunedGroup, Tuning
from gui.canvas import Canvas, Draw, Picture
from gui.pointing import link
from gui.run import Run
from gui.theme import ThemeManager
from gui.tuning_feed import TuningFeed
from gui.widgets.fields import Choice
from gui.widgets.suspects import Suspects
from gui.widgets.text import label

SCHEDULES, CONVERGENCE, MEMORY, TIMELINE = "schedules", "convergence", "memory", "timeline"
NAMES = {
    SCHEDULES: "Schedules",
    CONVERGENCE: "Convergence of the training",
    MEMORY: "Memory",
    TIMELINE: "Workers",
}


class HyperStepPictures(QWidget):
    """The outer loss, and below it the norm of the hypergradient, on the same hyper-steps.

    Like a `Canvas` it has `touch` and `clear`.
    """

    def __init__(
        self, run: Run, feed: TuningFeed, theme: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        from engine.plots import hyper_curves

        def planned() -> int | None:
            return run.snapshot().planned

        self.loss = link(Canvas(hyper_curves.OUTER_LOSS.draw, theme, name="Outer loss"), run)
        self.loss.setProperty("help", "outer_loss")
        self.loss.show_picture(lambda: hyper_curves.prepare_loss(feed.tuning, planned()))
        self.norm = link(
            Canvas(hyper_curves.GRADIENT_NORM.draw, theme, name="Norm of the hypergradient"), run
        )
        self.norm.setProperty("help", "gradient_norm")
        self.norm.show_picture(lambda: hyper_curves.prepare_norm(feed.tuning, planned()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.loss, 3)
        column.addWidget(self.norm, 2)
        feed.changed.connect(self.touch)

    def touch(self) -> None:
        """Hyper-steps have arrived."""
        self.loss.touch()
        self.norm.touch()

    def clear(self) -> None:
        """There is nothing to show."""
        self.loss.clear()
        self.norm.clear()


class TuningPictures(QWidget):
    """Shows the values of ``feed``, with a choice of what to look at.

    Args:
        workers: whether the timeline of workers is among them.
    """

    def __init__(
        self,
        run: Run,
        feed: TuningFeed,
        theme: ThemeManager,
        *,
        workers: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._feed, self._theme, self._workers = run, feed, theme, workers
        self._wanted: str | None = None
        """What the person has chosen to look at."""
        self._views: dict[tuple[str, str], QWidget] = {}
        self._canvases: dict[tuple[str, str], Canvas] = {}
        self._choice = Choice([], "What is tuned")
        self._choice.setMaximumWidth(260)
        self._choice.changed.connect(lambda key: self.look_at(str(key)))
        self._about = label("", "caption")
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._choice)
        column.addWidget(self._stack, 1)
        column.addWidget(self._about)
        feed.changed.connect(self._show)
        run.trials_changed.connect(self._touch_timeline)
        self._offer()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._views:  # a picture is dear to make, and most searches need none of these
            self._show()

    @property
    def offered(self) -> tuple[str, ...]:
        """What can be looked at, by key."""
        return tuple(key for key, _ in options(self._feed.tuning, workers=self._workers))

    @property
    def shown(self) -> str:
        """The key of what is looked at."""
        return str(self._choice.value() or "")

    def look_at(self, key: str) -> None:
        """Show one of `offered`."""
        self._wanted = key
        self._show()

    def _offer(self) -> str:
        """Offer what there is to look at; the key of what is to be looked at."""
        offered = self.offered
        self._choice.set_options(options(self._feed.tuning, workers=self._workers))
        key = self._wanted if self._wanted in offered else offered[0]
        self._choice.set_value(key)
        return key

    def _show(self) -> None:
        tuning, key = self._feed.tuning, self._offer()
        place = (key, self._layout(key))
        if place not in self._views:
            self._views[place] = self._make(*place)
            self._stack.addWidget(self._views[place])
        view = self._views[place]
        self._stack.setCurrentWidget(view)
        self._canvases[place].touch()
        if isinstance(view, Suspects):
            view.show_rows(tuning)
        of_values = key not in (CONVERGENCE, MEMORY, TIMELINE) and tuning is not None
        self._about.setVisible(of_values)
        if of_values and tuning is not None:
            self._about.setText(f"As it stands at hyper-step {tuning.number:,}")

    def _touch_timeline(self) -> None:
        canvas = self._canvases.get((TIMELINE, ""))
        if canvas is not None and self.shown == TIMELINE:
            canvas.touch()

    def _layout(self, key: str) -> str:
        """What the numbers of a group belong to; the same group may be tuned finer in another
        run."""
        return next((g.layout for g in _groups(self._feed.tuning) if g.name == key), "")

    def _make(self, key: str, layout: str) -> QWidget:
        name = dict(options(self._feed.tuning, workers=self._workers)).get(key, key)
        draw, prepare, help_ = self._picture(key, layout)
        canvas = Canvas(draw, self._theme, name=name)
        canvas.setProperty("help", help_)
        canvas.show_picture(prepare)
        self._canvases[key, layout] = canvas
        return Suspects(canvas) if layout == "rows" else canvas

    def _picture(self, key: str, layout: str) -> tuple[Draw, Callable[[], Picture], str]:
        """What draws a picture, what prepares it, and its help page."""
        from engine.plots import (
            example_weights,
            group_values,
            hyper_curves,
            learned_rows,
            memory,
            schedules,
            sharing,
            timeline,
            weight_maps,
        )

        feed = self._feed
        if key == TIMELINE:
            return timeline.PICTURE.draw, lambda: timeline.prepare(self._run.snapshot()), "timeline"
        if key == CONVERGENCE:
            run = self._run
            ready, draw = hyper_curves.prepare_convergence, hyper_curves.CONVERGENCE.draw
            return draw, lambda: ready(feed.tuning, run.snapshot().planned), key
        if key == MEMORY:
            return memory.PICTURE.draw, lambda: memory.prepare(feed.tuning), "memory"
        if key == SCHEDULES:
            return schedules.PICTURE.draw, lambda: schedules.prepare(feed.tuning), "schedules"
        if layout == "weights":
            return (
                weight_maps.PICTURE.draw,
                lambda: weight_maps.prepare(feed.tuning, key),
                "weight_maps",
            )
        if layout == "images":
            return (
                learned_rows.PICTURE.draw,
                lambda: learned_rows.prepare(feed.tuning),
                "learned_rows",
            )
        if layout == "pairs":
            return sharing.PICTURE.draw, lambda: sharing.prepare(feed.tuning), "sharing"
        if layout == "rows":
            weights = example_weights.prepare
            return example_weights.PICTURE.draw, lambda: weights(feed.tuning), "example_weights"
        return (
            group_values.PICTURE.draw,
            lambda: group_values.prepare(feed.tuning, key),
            "group_values",
        )


def options(tuning: Tuning | None, *, workers: bool) -> list[tuple[str, str]]:
    """What there is to look at: key and label; schedules stand together."""
    groups = _groups(tuning)
    found = [(g.name, g.label) for g in groups if g.layout != "steps"]
    if len(found) < len(groups):
        found.insert(0, (SCHEDULES, NAMES[SCHEDULES]))
    found += [(key, NAMES[key]) for key in (CONVERGENCE, MEMORY)]
    return [*found, (TIMELINE, NAMES[TIMELINE])] if workers else found


def _groups(tuning: Tuning | None) -> tuple[TunedGroup, ...]:
    return tuning.groups if tuning is not None else ()

#!/usr/bin/env python3
"""Drive the real window through a whole search and save a picture of every page, light and dark.

    QT_QPA_PLATFORM=offscreen packaging/screenshots.py FOLDER [--size 1280x800]

Uses the environment that ``launch.py`` makes; the library and preferences are temporary ones.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS = ("data", "model", "evaluation", "method", "run", "results", "library", "settings")
GRADIENT = "A penalty for every weight"
"""Of the gallery, to show a tuning by gradient."""
PATIENCE = 400.0
"""Seconds to wait for anything."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--data", default="builtin:wine")
    parser.add_argument(
        "--methods",
        default="gp,hyperband,racing,evolution",
        help="methods to show at work after the tour (may be empty)",
    )
    options = parser.parse_args()
    enter_environment()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    options.folder.mkdir(parents=True, exist_ok=True)
    width, height = (int(part) for part in options.size.split("x"))
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUNESMITH_HOME"] = home
        tour = Tour(options.folder, width, height, Path(home))
        tour.take(options.data)
        tour.understand()
        tour.compare()
        for method in filter(None, options.methods.split(",")):
            tour.watch(method)
        tour.weigh()
        tour.descend()
        tour.window.close()
    return 0


def enter_environment() -> None:
    """Go on in the project's environment, made first if need be."""
    try:
        import PySide6  # noqa: F401
    except ImportError:
        from launcher.environment import Environment

        subprocess.run([sys.executable, str(ROOT / "packaging/launch.py"), "setup"], check=True)
        named = os.environ.get("TUNESMITH_VENV")
        environment = Environment(Path(named).absolute() if named else ROOT / ".venv")
        raise SystemExit(environment.run([__file__, *sys.argv[1:]])) from None


class Tour:
    """One walk through the window."""

    def __init__(self, folder: Path, width: int, height: int, home: Path) -> None:
        from gui.app import make_application, make_window

        self.folder = folder
        self.app = make_application()
        self.window = make_window(self.app, settings=home / "settings.json")
        self.window.resize(width, height)
        self.window.show_page("data")
        self.window.show()
        self.context = self.window.context

    def take(self, source: str) -> None:
        """Go from the empty window to the library."""
        self.until(lambda: self.context.client.welcome is not None, "the engine")
        self.shoot("0-empty", "data")
        session, run = self.context.session, self.context.run
        self.window.open_source(source)
        self.until(lambda: session.state.plan is not None and session.state.fresh, "a plan")
        self.choose()
        for number, page in enumerate(STEPS[:4], start=1):
            self.shoot(f"{number}-{page}", page)
            step = self.window.page.step
            if step is not None:
                session.confirm(step)
        self.window.show_page("method")
        primary = self.window.page.primary()
        assert primary is not None and not primary.why_not, primary
        primary.run()
        self.until(lambda: len(run.store) > 12, "a dozen trials")
        self.shoot("5-run", "run", live=True)
        self.until(lambda: run.state.results is not None, "results")
        self.shoot("5-run-finished", "run")
        self.shoot("6-results", "results")
        self.shoot("7-library", "library")
        self.shoot("8-settings", "settings")

    def understand(self) -> None:
        """Every way of looking at the search just done."""
        from engine.plots.picture import pictures_on
        from gui.pages.understand.asked_picture import AskedPicture
        from gui.pages.understand.page import UnderstandPage

        self.window.show_page("understand")
        page = self.window.page
        assert isinstance(page, UnderstandPage)
        asked = page.findChildren(AskedPicture)
        for view in pictures_on("understand"):
            page.look_at(view.id)
            self.until(lambda: not any(picture.busy for picture in asked), view.name)
            self.shoot(f"11-{view.id}", "understand")

    def compare(self) -> None:
        """Compare a few methods with short searches."""
        from gui.pages.compare.page import ComparePage

        session, comparing = self.context.session, self.context.comparing
        before = session.state.choices
        wanted = {"budget.evaluations": 6.0, "evaluation.resampling.folds": 2}
        session.change("Short searches", wanted)
        self.until(lambda: session.state.fresh, "the guide")
        self.shoot("12-compare", "compare")
        page = self.window.page
        assert isinstance(page, ComparePage)
        primary = page.primary()
        assert primary is not None
        primary.run()

        def begun() -> bool:
            found = comparing.state.comparison
            return found is not None and any(m.state == "finished" for m in found.members)

        self.until(begun, "a first search")
        self.shoot("12-compare-live", "compare", live=True)
        self.until(lambda: comparing.state.phase == "finished", "the comparison")
        self.pause(1.0)  # what the data support is asked for once it has ended
        self.shoot("12-compare-finished", "compare")
        comparing.forget()
        session.undo_stack.undo()
        self.until(lambda: session.state.choices == before and session.state.fresh, "the guide")

    def watch(self, method: str) -> None:
        """Search with ``method`` and show its own picture."""
        session = self.context.session
        session.reset_to_recommended("Another method", "method")
        wanted = {"method.id": method, "budget.evaluations": 30.0}
        session.change("Another method", wanted)
        self.until(lambda: session.state.fresh, "the guide")
        self.search(f"9-{method}")

    def weigh(self) -> None:
        """Search for the front of accuracy, log loss and fit time, and take a trial of it."""
        from gui.pages.results.front_card import FrontCard

        session, run = self.context.session, self.context.run
        session.reset_to_recommended("Another method", "method", "learner.fixed", "space")
        self.until(lambda: session.state.fresh and session.state.space is not None, "the guide")
        wanted = {
            "evaluation.further_measures": ("fit_seconds", "log_loss"),
            "budget.evaluations": 60.0,
            "space": up_to(session.state.space, "n_estimators", 200),
        }
        session.change("Several measures", wanted)
        self.until(lambda: session.state.fresh, "the guide")
        self.shoot("10-also-evaluation", "evaluation")
        self.shoot("10-also-method", "method")
        self.search("10-front-run")
        self.shoot("10-front-results", "results")
        results = run.state.results
        assert results is not None
        card = self.window.findChild(FrontCard)
        assert card is not None
        card.selected.emit(results.result.front[-1].trial)
        self.until(lambda: run.state.results not in (None, results), "the trial taken")
        self.shoot("10-front-taken", "results")

    def descend(self) -> None:
        """Open a ready plan that tunes by gradient, shortened, and show what it tunes."""
        from gui.pages.gallery import GalleryPage
        from gui.widgets.tuning_pictures import TuningPictures

        session, run = self.context.session, self.context.run
        self.shoot("11-gallery", "gallery")
        page = self.window.page
        assert isinstance(page, GalleryPage)
        wanted = next(c for c in page.cards.cards if c.accessibleName() == GRADIENT)
        wanted.chosen.emit()  # type: ignore[attr-defined]
        self.until(lambda: self.window.page.id == "method", "the ready plan")
        session.change("For the tour", {"budget.evaluations": 12.0})
        self.until(lambda: session.state.fresh, "the guide")
        self.shoot("11-gradient-method", "method")
        self.search("11-gradient-run")
        pictures = self.window.page.findChild(TuningPictures)
        assert pictures is not None
        for key in pictures.offered:
            pictures.look_at(key)
            self.shoot(f"11-gradient-run-{key}", "run")
        self.shoot("11-gradient-results", "results")
        assert run.state.results is not None

    def search(self, name: str) -> None:
        """Search as planned, and show the method's own picture."""
        from gui.pages.run.score_pictures import ScorePictures

        run = self.context.run
        self.window.show_page("method")
        primary = self.window.page.primary()
        assert primary is not None and not primary.why_not, primary
        before = run.state.path
        primary.run()
        self.until(
            lambda: run.state.path not in ("", before) and run.state.results is not None, "results"
        )
        pictures = self.window.findChild(ScorePictures)
        assert pictures is not None
        pictures.look_at_method()
        self.shoot(name, "run")

    def choose(self) -> None:
        """A search that takes about half a minute."""
        session = self.context.session
        session.choose_learner("random_forest")
        self.until(lambda: self.is_planned("random_forest"), "a plan for the forest")
        space = session.state.space
        session.change(
            "Choose for the tour",
            {
                "evaluation.resampling.kind": "kfold",
                "evaluation.resampling.folds": 5,
                "budget.evaluations": 40,
                "budget.seconds": None,
                "learner.fixed.n_estimators": 120,
                "method.id": "tpe",
                "seed": 7,
            }
            | ({} if space is None else {"space": without(space, "n_estimators")}),
        )
        self.until(lambda: session.state.fresh, "the guide")
        session.ensure_probe()
        self.until(lambda: not session.probing, "the cost of a fit")

    def is_planned(self, learner: str) -> bool:
        state = self.context.session.state
        return state.fresh and state.plan is not None and state.plan.learner.id == learner

    def shoot(self, name: str, page: str, *, live: bool = False) -> None:
        """Save the page in light and dark; a ``live`` one has no moment without redraws."""
        from gui.canvas import Canvas

        self.window.show_page(page)
        manager = self.context.theme
        for theme in ("light", "dark"):
            manager.choose(theme)
            self.pause(0.4)
            canvases = [c for c in self.window.findChildren(Canvas) if c.isVisible()]
            self.until(
                lambda shown=canvases: live or not any(c.redraws_pending for c in shown),
                "the pictures",
            )
            self.pause(0.5)
            self.window.grab().save(str(self.folder / f"{name}-{theme}.png"))
        manager.choose("light")

    def until(self, condition, what: str) -> None:
        """Let the window live until ``condition`` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                state = self.context.session.state
                raise SystemExit(f"{what} did not come: {state.trouble or self.context.run.state}")
            self.pause(0.02)

    def pause(self, seconds: float) -> None:
        """Let the window live for a while."""
        from PySide6.QtCore import QEvent

        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.app.processEvents()
            # Outside of `exec` Qt leaves what is to be deleted alone, and it would be drawn.
            self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            time.sleep(0.005)


def without(space, name: str):
    """``space`` less one hyperparameter."""
    from engine.space import SearchSpace

    kept = tuple(p for p in space.parameters if p.name != name)
    return SearchSpace(kept, space.conditions)


def up_to(space, name: str, high: int):
    """``space`` with one range that ends at ``high``, so that the tour is short."""
    from engine.space import Integer, SearchSpace

    parameters = tuple(
        Integer(name, p.low, high, p.log) if p.name == name else p for p in space.parameters
    )
    return SearchSpace(parameters, space.conditions)


if __name__ == "__main__":
    sys.exit(main())

"""`ExtendComparison`: by which methods and repetitions a comparison grows, with what that costs."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.domain.comparison import Comparison, Contender
from engine.plan import method_of
from engine.protocol import replies, requests
from gui.engine_client import EngineClient
from gui.pages.compare.compare_setup import comparable
from gui.widgets.fields import NumberField
from gui.widgets.form import Form
from gui.widgets.multi_select import MultiSelect
from gui.widgets.question import Question
from gui.widgets.text import label

ABOUT = (
    "What is done is kept. New methods search with the same budget, folds and test rows as the "
    "others; new repetitions are for all."
)
NOTHING = "Tick a method, or raise the number of repetitions."
CHECKING = "Working out what it costs ..."


class ExtendComparison(Question):
    """Asks about ``comparison``, and the engine for the cost of every answer."""

    def __init__(
        self, client: EngineClient, comparison: Comparison, parent: QWidget | None = None
    ) -> None:
        self._client, self._comparison = client, comparison
        self._checking = 0
        self._checked: replies.ComparisonChecked | None = None
        here = {one.method.id for one in comparison.contenders if one.method is not None}
        self._cards = {c.id: c for c in comparable(client.catalog) if c.id not in here}
        self._methods = MultiSelect("More methods")
        self._methods.set_options([(id_, card.label) for id_, card in self._cards.items()])
        self._repetitions = NumberField(
            "Repetitions", whole=True, low=comparison.repetitions, high=1000, unit="in all"
        )
        self._repetitions.set_value(comparison.repetitions)
        for field in (self._methods, self._repetitions):
            field.changed.connect(lambda _: self._check())
        form = Form()
        form.add("&Repetitions", self._repetitions)
        form.add("More methods", self._methods)
        self._cost = label(NOTHING, "muted")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(form)
        column.addWidget(self._cost)
        column.addStretch(1)
        super().__init__(
            "Add to the comparison", ABOUT, content, "Go on with the comparison", parent
        )
        self.setMinimumWidth(820)
        self.resize(820, 460)

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """The methods to be added."""
        return tuple(
            Contender(id_, self._cards[id_].label, method_of(id_)) for id_ in self._methods.value()
        )

    @property
    def repetitions(self) -> int:
        """In all."""
        return int(self._repetitions.value() or self._comparison.repetitions)

    @property
    def cost(self) -> str:
        """The cost of what is added, as it is shown."""
        return self._cost.text()

    def problem(self) -> str:
        if not self._more:
            return NOTHING
        if self._repetitions.error:
            return self._repetitions.error
        if self._checked is None:
            return CHECKING
        return self._checked.problems[0].sentence if self._checked.problems else ""

    @property
    def _more(self) -> bool:
        return bool(self.contenders) or self.repetitions > self._comparison.repetitions

    def _check(self) -> None:
        self._client.cancel(self._checking)
        self._checked = None
        self.say("")
        if not self._more:
            self._cost.setText(NOTHING)
            return
        self._cost.setText(CHECKING)
        request = requests.CheckExtension(
            id=0,
            path=self._comparison.path,
            contenders=self.contenders,
            repetitions=self.repetitions,
        )
        self._checking = self._client.request(
            request, self._show, lambda failure: self.say(failure.sentence), owner=self
        )

    def _show(self, checked: replies.ComparisonChecked) -> None:
        self._checked = checked
        if checked.problems:
            self._cost.setText("")
            self.say(checked.problems[0].sentence)
        elif checked.costs is not None:
            self._cost.setText(checked.costs.sentence)

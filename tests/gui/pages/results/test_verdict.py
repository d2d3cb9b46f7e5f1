"""A sentence with its sign, in the colours of the theme."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel

from gui.pages.results.verdict import Verdict
from gui.theme import ThemeManager


def sign(verdict: Verdict):
    return next(w for w in verdict.findChildren(QLabel) if w.width() == 20).pixmap().toImage()


def test_each_sign_looks_different_and_follows_the_theme(qtbot, qapp: QApplication) -> None:
    theme = ThemeManager(qapp, "light")
    verdict = Verdict(theme)
    qtbot.addWidget(verdict)
    seen = []
    for kind in ("good", "caution", "bad"):
        verdict.show_verdict(f"It is {kind}.", kind)
        assert f"It is {kind}." in [w.text() for w in verdict.findChildren(QLabel)]
        seen.append(sign(verdict))
    assert seen[0] != seen[1] != seen[2] != seen[0]
    theme.choose("dark")
    assert sign(verdict) != seen[2]
    theme.choose("light")
    theme.deleteLater()

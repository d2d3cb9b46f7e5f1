"""The colour tokens, and that no picture leaves traces in matplotlib's global state."""

from __future__ import annotations

import logging

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from engine.plots import style
from engine.plots.colour import contrast, mix, readable


@pytest.mark.parametrize("theme", style.THEMES, ids=lambda theme: theme.name)
def test_inks_can_be_read_on_every_ground(theme):
    for ground in (theme.window, theme.surface, theme.raised):
        for ink in (theme.text, theme.muted, theme.accent, theme.good, theme.caution, theme.bad):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.text, theme.accent_wash) >= 4.5
    assert contrast(theme.accent, theme.accent_wash) >= 4.5


def test_contrast_of_known_pairs():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == pytest.approx(1)


def test_mix_and_readable():
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 1) == "#ffffff"
    assert readable("#000000", "#111111", "#eeeeee") == "#eeeeee"


@pytest.mark.parametrize("theme", style.THEMES, ids=lambda theme: theme.name)
def test_global_parameters_stay_as_they_were(theme):
    before = dict(mpl.rcParams)
    with style.styled(theme):
        assert mpl.rcParams["figure.facecolor"] == theme.window
        style.style_axes(Figure().add_subplot(), theme)
    axes = Figure().add_subplot()
    style.style_axes(axes, theme)
    assert dict(mpl.rcParams) == before


def test_no_frame_at_top_and_right_and_ticks_outside():
    axes = Figure().add_subplot()
    style.style_axes(axes, style.DARK)
    assert not axes.spines["top"].get_visible()
    assert not axes.spines["right"].get_visible()
    assert axes.spines["left"].get_edgecolor() == mpl.colors.to_rgba(style.DARK.border_strong)
    tick = axes.xaxis.get_major_ticks()[0]
    assert tick.get_tickdir() == "out"
    assert tick.label1.get_color() == style.DARK.muted


def test_missing_fonts_raise_no_complaint(caplog):
    figure = Figure()
    with caplog.at_level(logging.WARNING), style.styled(style.LIGHT):
        axes = figure.add_subplot()
        axes.set_xlabel("trial")
        style.style_axes(axes, style.LIGHT)
        figure.draw_without_rendering()
    assert not caplog.records


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.5, "0.5"),
        (-0.25, "−0.25"),
        (12345, "12,345"),
        (123456.7, "123,457"),
        (1e-6, "1e−6"),
        (2.5e9, "2.5e9"),
        (0.001, "0.001"),
    ],
)
def test_number(value, text):
    assert style.number(value) == text


def test_scores_line_up_near_one_and_shorten_beyond():
    assert style.score(0.96333) == "0.9633"
    assert style.score(-0.5) == "−0.5000"
    assert style.score(3456.78) == "3,456.8"


def test_axis_labels_have_thousands_separators():
    axes = Figure().add_subplot()
    style.style_axes(axes, style.LIGHT)
    axes.set_xlim(0, 20_000)
    axes.set_ylim(-3000, 0)
    axes.figure.draw_without_rendering()
    assert "10,000" in [label.get_text() for label in axes.get_xticklabels()]
    assert "−2,000" in [label.get_text() for label in axes.get_yticklabels()]

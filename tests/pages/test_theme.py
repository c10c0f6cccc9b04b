"""R-06 and X-25: the theme can be read, and the defaults are those of production."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from analytics.charts.palette import PALETTE
from tests.analytics.colours import contrast

CONFIG = tomllib.loads((Path(__file__).parent.parent.parent / ".streamlit" / "config.toml").read_text())
HUES = ("red", "orange", "yellow", "green", "blue", "violet", "gray")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read_on_every_surface(mode: str) -> None:
    theme = CONFIG["theme"][mode]
    surfaces = (theme["backgroundColor"], theme["secondaryBackgroundColor"])
    texts = (theme["textColor"], theme["linkColor"], theme["codeTextColor"], theme["dataframeHeaderTextColor"])

    assert [(text, surface) for text in texts for surface in surfaces if contrast(text, surface) < 4.5] == []


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("hue", HUES)
def test_badges_can_be_read(mode: str, hue: str) -> None:
    theme = CONFIG["theme"][mode]

    assert contrast(theme[f"{hue}TextColor"], theme[f"{hue}BackgroundColor"]) >= 4.5
    assert contrast(theme[f"{hue}TextColor"], theme["backgroundColor"]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_accent_carries_white_text_and_stands_out(mode: str) -> None:
    theme = CONFIG["theme"][mode]

    assert contrast(theme["primaryColor"], "#ffffff") >= 4.5
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 3


def test_the_theme_and_the_charts_have_one_palette() -> None:
    assert tuple(CONFIG["theme"]["chartCategoricalColors"]) == PALETTE


def test_the_defaults_are_those_of_production() -> None:
    """S-27, S-28, S-29."""
    told = {**CONFIG["client"], **CONFIG["server"], **CONFIG["browser"], **CONFIG["runner"]}

    assert told["showErrorDetails"] == "none"
    assert told["toolbarMode"] == "minimal"
    assert told["disableDataExport"] is True
    assert told["enableXsrfProtection"] is True
    assert told["enableCORS"] is True
    assert told["enableStaticServing"] is False
    assert told["enableAgentApi"] is False
    assert told["maxUploadSize"] == 25
    assert told["gatherUsageStats"] is False
    assert told["enforceSerializableSessionState"] is True

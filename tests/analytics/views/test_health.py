"""The model page in words: what a service is, why a curve ends, names in full."""

from __future__ import annotations

import polars as pl

from analytics.views.health import curve_drawing, services_drawing, weights_drawing


def test_no_service_is_not_counted_as_one() -> None:
    rows = pl.DataFrame(
        {"service": ["v-1", "none", "v-2"], "value": [0.5] * 3, "low": [0.4] * 3, "high": [0.6] * 3, "n": [9] * 3}
    )
    drawing = services_drawing(rows, {"v-1": "Like Farm"})

    assert drawing.sentence.startswith("Recall of 2 services with verdicts")
    assert "could not lay to any" in drawing.sentence
    assert list(drawing.figure.data[0].y) == ["Like Farm", "no service", "v-2"]


def test_a_curve_that_ends_below_all_says_why() -> None:
    rows = pl.DataFrame({"threshold": [0.0, 1.0], "removed": [5, 1], "precision": [0.6, 1.0], "recall": [0.21, 0.1]})

    assert "recall ends at 21.0 %: a removal needs two families of evidence" in curve_drawing(rows).sentence
    assert "ends at" not in curve_drawing(rows.with_columns(recall=pl.Series([1.0, 0.1]))).sentence


def test_a_long_feature_is_named_in_full() -> None:
    name = "most suspect sessions: share of accounts on this client on this network that live elsewhere"
    drawing = weights_drawing(pl.DataFrame({"feature": [name, "a <b>bold</b> one"], "weight": [1.0, 0.5]}))
    long, bold = drawing.figure.data[0].y

    assert long.replace("<br>", " ") == name
    assert bold == "a &lt;b&gt;bold&lt;/b&gt; one"
    assert drawing.figure.layout.yaxis.title.text is None

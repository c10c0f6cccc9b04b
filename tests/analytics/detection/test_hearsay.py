"""What others from the same place are found to be counts, what an account does itself never does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analytics.detection.calibration import logit
from analytics.detection.hearing import Sizes, added, heard_in_lessons, learn_hearsay
from analytics.detection.hearsay import HEARD, PRIOR_ACCOUNTS, QUIET, belief, hear, said, together
from analytics.detection.keyed import key_log
from analytics.detection.lessons import VARIANTS
from analytics.detection.models import HEARSAY, Bundle, Shape
from analytics.detection.scoring import by_hearsay, by_itself, matrix_of, positions, score_engagements
from analytics.detection.stacked import APART, Rows
from analytics.workflows import scoring_line
from analytics.workflows.rehearsal import MemoryBatch, rehearse
from tests.analytics.detection.small_model import settings, shipped, small_bundle, tiny_world

TABLES = ("accounts", "engagements", "logins")


def acts(*rows: tuple[int, int | None, float]) -> tuple[pl.DataFrame, np.ndarray]:
    """Account, device and belief of each engagement; every other place is unknown."""
    frame = pl.DataFrame(
        {
            "account_key": [row[0] for row in rows],
            "device_key": pl.Series([row[1] for row in rows], dtype=pl.Int64),
            **{name: pl.Series([None] * len(rows), dtype=pl.Int64) for name in ("client_key", "asn", "prefix_key")},
        }
    )
    return frame, np.array([row[2] for row in rows])


def heard(frame: pl.DataFrame, believed: np.ndarray) -> list[float | None]:
    return hear(frame, believed, together([said(frame, believed)]))["heard_device"].fill_nan(None).to_list()


def odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def test_every_other_account_speaks_once_and_the_account_itself_never() -> None:
    frame, believed = acts((1, 7, 0.9), (2, 7, 0.1), (2, 7, 0.3), (3, 8, 0.4))
    mean = (0.9 + 0.1 + 0.3 + 0.4) / 4
    of_first = odds((0.2 + PRIOR_ACCOUNTS * mean) / (1 + PRIOR_ACCOUNTS)) - odds(mean)
    of_second = odds((0.9 + PRIOR_ACCOUNTS * mean) / (1 + PRIOR_ACCOUNTS)) - odds(mean)
    assert heard(frame, believed) == pytest.approx([of_first, of_second, of_second, 0.0])


def test_what_an_account_does_changes_nothing_of_what_it_hears_but_the_mean() -> None:
    """Held against the log's mean, two accounts of the same neighbours hear the same whatever they do."""
    quiet, believed = acts((1, 7, 0.1), (2, 7, 0.5), (3, 8, 0.9), (4, 8, 0.5))
    told = heard(quiet, believed)
    assert told[0] == pytest.approx(told[2])


def test_a_place_without_others_tells_exactly_nothing() -> None:
    """A rounding error is not a sign: trees part at nothing, and the same log must give the same run."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        frame, believed = acts(*((account, account, float(rng.uniform())) for account in range(1, 8)))
        assert heard(frame, believed) == [0.0] * 7


def test_nothing_is_heard_where_the_place_is_unknown() -> None:
    frame, believed = acts((1, None, 0.9), (2, None, 0.9))
    assert heard(frame, believed) == [None, None]
    assert hear(frame, believed, said(frame, believed))["heard_route"].is_nan().all()


def test_a_route_is_a_client_on_a_network() -> None:
    frame = pl.DataFrame(
        {"account_key": [1, 2, 3], "client_key": [1, 1, 1], "asn": [5, 5, 6], "prefix_key": [1, 2, 3]},
        schema_overrides={"asn": pl.Int64},
    ).with_columns(device_key=pl.lit(None, pl.Int64))
    believed = np.array([0.1, 0.9, 0.9])
    told = hear(frame, believed, said(frame, believed))
    assert told["heard_route"][0] > 0.1
    assert told["heard_route"][2] == pytest.approx(0.0)
    assert told["heard_client"][2] < 0


def test_chunks_together_say_what_the_whole_says() -> None:
    rng = np.random.default_rng(0)
    rows = [
        (int(account), int(device), float(p))
        for account, device, p in zip(
            np.sort(rng.integers(0, 40, 400)), rng.integers(0, 9, 400), rng.random(400), strict=True
        )
    ]
    frame, believed = acts(*rows)
    parts = [frame["account_key"].to_numpy() % 3 == place for place in range(3)]
    talk = together([said(frame.filter(part), believed[part]) for part in parts])
    whole = hear(frame, believed, said(frame, believed))
    for part in parts:
        told = hear(frame.filter(part), believed[part], talk)
        for name in HEARD:
            assert told[name].to_numpy() == pytest.approx(whole.filter(part)[name].to_numpy(), nan_ok=True)


def test_accounts_that_were_not_asked_count_as_quiet() -> None:
    """A carrier of which only suspects are scored is no service's place."""
    frame, believed = acts((1, 7, 0.9), (2, 7, 0.9), (3, 8, 0.9))
    frame = frame.with_columns(device_accounts=pl.Series([100.0, 100.0, 1.0]))
    talk = together([said(frame, believed)], unscored=98)
    place = talk.places["device"].sort("device_key")
    assert place["accounts"].to_list() == [100.0, 1.0]
    assert place["believed"].to_list() == pytest.approx([1.8 + 98 * QUIET, 0.9])
    assert talk.mean == pytest.approx((2.7 + 98 * QUIET) / 101)


def stacked(seed: int = 0) -> tuple[Rows, np.ndarray]:
    """Three makers' logs in which one device in four is a service's, and a first look that knows a little of it."""
    rng = np.random.default_rng(seed)
    size = 6_000
    lesson = np.repeat(np.arange(3), size // 3)
    account = rng.integers(0, 400, size) + lesson * APART
    device = account % 40
    truth = (device % 4 == 0).astype(float)
    alone = 1.5 * (truth - 0.5) + rng.normal(0, 2.0, size)
    frame = pl.DataFrame({"account_key": account, "session_key": np.arange(size), "device_key": device, "x": alone})
    frame = frame.with_columns(pl.lit(None, pl.Int64).alias(name) for name in ("client_key", "asn", "prefix_key"))
    rows = Rows(frame, truth, np.ones(size), lesson, np.zeros(size, dtype=bool))
    return rows, alone


SIZES = Sizes(
    Shape(trees=5, leaves=4, rate=0.2, least_rows=50), Shape(trees=40, leaves=4, rate=0.2, least_rows=50, rises=True)
)


def split(odds_: np.ndarray, truth: np.ndarray) -> float:
    """The share of pairs of a bought and a genuine engagement that are in the right order."""
    bought, genuine = np.sort(odds_[truth > 0.5]), np.sort(odds_[truth < 0.5])
    return float(np.searchsorted(genuine, bought).mean() / len(genuine))


def silent(alone: np.ndarray) -> np.ndarray:
    """Places that say nothing against anybody."""
    return np.full(len(alone), -30.0)


def test_hearsay_orders_better_what_the_first_look_knew_little_of(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, alone = stacked()
    blind = {fold: np.where(rows.fold == fold, 0.0, alone) for fold in range(3)}
    monkeypatch.setattr("analytics.detection.hearing.blind_odds", lambda *_: blind)
    texts, told = learn_hearsay(rows, alone, SIZES, float(logit(np.array([0.25]))[0]), seed=0, places=silent(alone))
    assert set(texts) == {HEARSAY}
    assert split(alone, rows.truth) < 0.75
    assert split(told, rows.truth) > 0.95


def test_keys_of_different_lessons_never_meet() -> None:
    rows, alone = stacked()
    told = heard_in_lessons(rows, alone, -1.0)
    third = rows.fold == 2
    changed = np.where(third, 5.0, alone)
    again = heard_in_lessons(rows, changed, -1.0)
    assert np.array_equal(told[~third], again[~third], equal_nan=True)
    assert not np.array_equal(told[third], again[third], equal_nan=True)


def test_with_two_makers_nothing_can_be_learned_of_hearsay() -> None:
    rows, alone = stacked()
    two = replace(rows, fold=np.minimum(rows.fold, 1))
    texts, told = learn_hearsay(two, alone, SIZES, -1.0, seed=0, places=silent(alone))
    assert texts == {}
    assert np.array_equal(told, alone)


def test_hearsay_adds_nothing_to_logs_without_places() -> None:
    rows, alone = stacked()
    poor = replace(rows, is_poor=rows.fold == 1)
    text = small_bundle().boosters[HEARSAY].model_to_string()
    told = added(text, heard_in_lessons(poor, alone, -1.0), poor)
    assert np.abs(told[~poor.is_poor]).max() > 0
    assert np.abs(told[poor.is_poor]).max() == 0


def test_worse_neighbours_never_speak_for_an_account() -> None:
    bundle = small_bundle()
    levels = np.linspace(-3, 5, 60)
    for name in HEARD:
        frame = pl.DataFrame({other: np.where(name == other, levels, 0.0) for other in HEARD})
        assert (np.diff(by_hearsay(frame, bundle, is_poor=False)) >= -1e-12).all(), name


def described(seed: int = 3) -> pl.DataFrame:
    """A small world's described rows, as the line sees them."""
    kept: list[pl.DataFrame] = []
    original = scoring_line.score_chunk
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            scoring_line,
            "score_chunk",
            lambda rows, *args, **kwargs: kept.append(rows) or original(rows, *args, **kwargs),
        )
        rehearse(key_log({name: tiny_world(seed)[name] for name in TABLES}), small_bundle(), settings())
    return pl.concat(kept)


def test_parts_of_both_models_add_up_to_the_log_odds() -> None:
    """SHAP values of what speaks by itself and of what is heard are one sum."""
    rows, bundle = described(), small_bundle()
    assert set(HEARD) <= set(rows.columns)
    both = by_itself(rows, bundle) + by_hearsay(rows, bundle, is_poor=False)
    parts = sum(
        bundle.contributions(name, matrix_of(rows, bundle.features(name))).sum(axis=1)
        for name in ("engagement", HEARSAY)
    )
    assert np.abs(parts - both).max() < 1e-6


def test_the_line_hears_what_the_whole_log_says() -> None:
    rows, bundle = described(), small_bundle()
    alone = by_itself(rows, bundle)
    believed = belief(alone, positions(rows), bundle.base)
    again = hear(rows.drop(HEARD), believed, said(rows, believed))
    for name in HEARD:
        assert again[name].to_numpy() == pytest.approx(rows[name].to_numpy(), nan_ok=True)
    assert np.abs(by_hearsay(rows, bundle, is_poor=False)).max() > 0


def run(bundle: Bundle, without: frozenset[str] = frozenset()) -> pl.DataFrame:
    keyed = key_log({name: tiny_world(3)[name] for name in TABLES}, without)
    return rehearse(keyed, bundle, settings()).tables["engagement_scores"].sort("engagement_key")


@pytest.mark.parametrize("stretch", [3_000_000, 2_000])
def test_chunks_and_stretches_change_no_score(stretch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(small_bundle())
    monkeypatch.setattr(scoring_line, "CHUNK", 700)
    monkeypatch.setattr(scoring_line, "STRETCH", stretch)
    parts = run(small_bundle())
    assert parts["engagement_key"].equals(whole["engagement_key"])
    assert parts["p"].to_numpy() == pytest.approx(whole["p"].to_numpy(), abs=1e-6)
    assert parts["band"].equals(whole["band"])


def test_a_log_of_one_chunk_is_described_once_to_be_asked_and_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    collected, times = scoring_line.Scoring.collected, []
    monkeypatch.setattr(scoring_line.Scoring, "collected", lambda *args: times.append(1) or collected(*args))
    run(small_bundle())
    assert len(times) == 1


def test_each_of_several_chunks_is_described_once_and_laid_by_until_it_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine gives back its memory between the two looks, when nothing is asked of it any longer."""
    collected, times, done = scoring_line.Scoring.collected, [], []
    lay_by, take_up = MemoryBatch.lay_by, MemoryBatch.take_up
    monkeypatch.setattr(scoring_line, "CHUNK", 700)
    monkeypatch.setattr(scoring_line.Scoring, "collected", lambda *args: times.append(1) or collected(*args))
    monkeypatch.setattr(MemoryBatch, "lay_by", lambda self, name, rows: done.append(name) or lay_by(self, name, rows))
    monkeypatch.setattr(MemoryBatch, "take_up", lambda self, name: done.append("taken") or take_up(self, name))
    monkeypatch.setattr(MemoryBatch, "let_go", lambda _self: done.append("let go") if done else None)
    run(small_bundle())
    names = done[: len(times)]
    assert len(set(names)) == len(times) > 1
    assert done[len(times) :][:2] == ["let go", "taken"]


def deaf(bundle: Bundle) -> Bundle:
    return replace(bundle, boosters={name: one for name, one in bundle.boosters.items() if name != HEARSAY})


def test_hearsay_changes_scores_where_places_are_known_and_none_where_they_are_not() -> None:
    bundle = small_bundle()
    assert not run(bundle)["p"].equals(run(deaf(bundle))["p"])
    assert run(bundle, VARIANTS["bare"]).equals(run(deaf(bundle), VARIANTS["bare"]))


def test_a_bundle_of_before_scores_as_before_whatever_was_heard() -> None:
    """Up to shipped-9 there is no model of hearsay."""
    rows = described()
    bundle = deaf(shipped())
    assert not bundle.hears
    thresholds = settings().thresholds
    with_it = score_engagements(rows, bundle, thresholds, is_poor=False)
    before = score_engagements(rows.drop(HEARD), bundle, thresholds, is_poor=False)
    assert np.array_equal(with_it.probability, before.probability)

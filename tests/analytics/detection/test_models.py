"""Models are texts with recorded hashes; anything else is refused unread."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from analytics.detection.calibration import Calibrator
from analytics.detection.models import CARD, Shape, bundle_hash, fit, read_bundle, write_bundle
from analytics.workflows.models import POINTER, SHIPPED, load_bundle, store_bundle
from data.errors import ModelError


def files() -> dict[str, str]:
    matrix = np.random.default_rng(0).random((300, 2)).astype(np.float32)
    text = fit(matrix, (matrix[:, 0] > 0.5).astype(float), ["a", "b"], shape=Shape(trees=3, leaves=3), seed=0)
    return write_bundle({"engagement": text}, {"rich": Calibrator((-1.0, 1.0), (0.1, 0.9))}, {"model_version": "m"})


def test_a_bundle_comes_back_as_it_was_written() -> None:
    told = files()
    bundle = read_bundle(told, bundle_hash(told))
    assert (bundle.version, bundle.features("engagement")) == ("m", ["a", "b"])
    assert bundle.calibrators["rich"](np.array([0.0])).tolist() == [0.5]


def test_an_unknown_hash_is_refused() -> None:
    with pytest.raises(ModelError, match="is not the recorded"):
        read_bundle(files(), "0" * 64)


def test_a_changed_model_file_is_refused() -> None:
    told = files()
    told["engagement.txt"] += " "
    with pytest.raises(ModelError, match=r"engagement\.txt is not the recorded one"):
        read_bundle(told, bundle_hash(told))


def test_a_changed_card_is_refused() -> None:
    told = files()
    known = bundle_hash(told)
    told[CARD] = json.dumps({**json.loads(told[CARD]), "model_version": "other"})
    with pytest.raises(ModelError):
        read_bundle(told, known)


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("exploded"),)


def test_a_pickle_in_a_models_place_is_refused_and_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-12."""
    monkeypatch.chdir(tmp_path)
    store_bundle(tmp_path / "models", "m", files())
    (tmp_path / "models" / "m" / "engagement.txt").write_bytes(pickle.dumps(Bomb(), protocol=0))
    with pytest.raises(ModelError):
        load_bundle(tmp_path / "models")
    assert not (tmp_path / "exploded").exists()


def test_a_pickle_beside_the_models_is_not_read(tmp_path: Path) -> None:
    store_bundle(tmp_path, "m", files())
    (tmp_path / "m" / "account.pkl").write_bytes(pickle.dumps(Bomb()))
    assert set(load_bundle(tmp_path).boosters) == {"engagement"}


def test_a_binary_file_in_a_models_place_is_refused_in_one_sentence(tmp_path: Path) -> None:
    store_bundle(tmp_path, "m", files())
    (tmp_path / "m" / "engagement.txt").write_bytes(b"\x80\x05\xff\xfe")
    with pytest.raises(ModelError, match="No usable model"):
        load_bundle(tmp_path)


def test_a_folder_without_a_pointer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No usable model"):
        load_bundle(tmp_path)


def test_the_shipped_model_has_a_card_that_says_where_it_comes_from() -> None:
    card = load_bundle(SHIPPED).card
    assert card["model_version"] == json.loads((SHIPPED / POINTER).read_text())["model_version"]
    assert {"intended_use", "limits", "learned_from", "held_out", "thresholds", "features"} <= set(card)
    assert {"remove", "remove_poor"} == set(card["thresholds"])

"""The scikit-learn estimator: real searches, real clones, and scikit-learn's own checks."""

import inspect
import math
import pickle
import random
import re

import numpy as np
import pytest
from seqeval.metrics import f1_score
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import check_estimator

from seqlab.errors import SettingsError, UserError
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings
from seqlab.sklearn import SequenceTagger, parameter_names
from tests import tiny
from tests.conftest import ROOT

pytestmark = tiny.KERAS_NOISE

SETTINGS = tiny.CHEAP | {"epochs": 4}
PAGE = ROOT / "docs" / "how-to" / "use-scikit-learn.md"
TABLE = "rows are sentences of different lengths, not a table of numbers"
EXPECTED_FAILED = {
    "check_n_features_in": TABLE,
    "check_n_features_in_after_fitting": TABLE,
    "check_fit1d": TABLE,
    "check_fit2d_predict1d": TABLE,
    "check_complex_data": TABLE,
    "check_estimators_nan_inf": TABLE,
    "check_dtype_object": TABLE,
    "check_estimator_sparse_tag": TABLE,
    "check_estimator_sparse_array": TABLE,
    "check_estimator_sparse_matrix": TABLE,
    "check_estimators_empty_data_messages": "the message speaks of sentences and tokens, not of samples and features",
    "check_fit2d_1sample": "the message speaks of sentences, not of samples: one sentence cannot be split for validation",
    "check_sample_weight_equivalence_on_dense_data": "batches are drawn at random: weight 2 is not exactly a repetition",
}  # fmt: skip
"""Checks of scikit-learn that do not apply, each with the reason. The page lists the same."""


def corpus(sentences=40, seed=3):
    dice = random.Random(seed)  # noqa: S311, no secret
    made = [tiny.sentence(dice, law=number % 8 == 0) for number in range(sentences)]
    return [list(one.tokens) for one in made], [list(one.tags) for one in made]


@pytest.fixture(scope="module")
def fitted():
    tagger = SequenceTagger(**SETTINGS, scheme="iobes")
    return tagger.fit(*corpus(), valid=corpus(20, seed=4), sample_weight=[1, 2] * 20)


def test_its_tags_are_those_of_the_tagger_in_the_scheme_of_y(fitted):
    tokens, gold = corpus(20, seed=5)
    predicted = fitted.predict(tokens)
    assert {tag[0] for tags in predicted for tag in tags} <= set("BIO")
    assert {tag[0] for tag in fitted.classes_} == set("BESO")
    assert fitted.scheme_ == "iob2"
    own = [fitted.tagger_.tag(one) for one in tokens]
    as_iob2 = [[re.sub("^E", "I", re.sub("^S", "B", tag)) for tag in tags] for tags in own]
    assert predicted == as_iob2
    assert [len(tags) for tags in predicted] == [len(one) for one in tokens]
    score = fitted.score(tokens, gold)
    assert score == pytest.approx(f1_score(gold, predicted, average="macro"))
    assert 0 < score < 1 or score == 1


def test_probabilities_are_those_of_the_tags(fitted):
    tokens, _ = corpus(8, seed=5)
    tables = fitted.predict_proba(tokens)
    for table, one in zip(tables, tokens, strict=True):
        assert table.shape == (len(one), len(fitted.classes_))
        assert table.sum(1) == pytest.approx(np.ones(len(one)), abs=1e-5)
    predictions = fitted.tagger_.predict_chunk(_sentences(tokens))
    columns = {tag: column for column, tag in enumerate(fitted.classes_)}
    for table, prediction in zip(tables, predictions, strict=True):
        chosen = [columns[tag] for tag in prediction.tags]
        own = table[np.arange(len(chosen)), chosen]
        assert own == pytest.approx(prediction.scores, abs=1e-5)


def _sentences(tokens):
    from seqlab.corpus.sentence import Sentence

    return [Sentence(tokens=tuple(one)) for one in tokens]


def test_it_is_pickled_and_cloned(fitted):
    tokens, _ = corpus(6, seed=6)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301, our own bytes
    assert again.predict(tokens) == fitted.predict(tokens)
    assert again.n_iter_ == len(fitted.history_) == 4
    fresh = clone(fitted)
    assert fresh.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        fresh.predict(tokens)


def test_empty_sentences_have_no_tags(fitted):
    assert fitted.predict([[], ["Ada"], []])[::2] == [[], []]
    assert fitted.predict([]) == []
    assert math.isnan(fitted.score([["rain"]], [["O"]]))


def test_its_parameters_are_settings_with_their_defaults():
    settings = declared(TrainSettings)
    shown = {
        name: one.default for name, one in inspect.signature(SequenceTagger).parameters.items()
    }
    assert set(shown) == {*parameter_names(), "verbose"}
    assert set(shown) - {"verbose"} <= set(settings)
    assert not {name for name in parameter_names() if settings[name].rules.column}
    for name in set(shown) - {"verbose"}:
        assert shown[name] == settings[name].default or (shown[name], settings[name].default) == (None, {})  # fmt: skip
    assert SequenceTagger().settings() == TrainSettings()
    assert repr(SequenceTagger(epochs=3)) == "SequenceTagger(epochs=3)"
    drawn = SequenceTagger().set_params(epochs=np.int64(3), dropout=np.float64(0.25))
    assert (drawn.settings().epochs, drawn.settings().dropout) == (3, 0.25)


FAULTS = {
    "lengths": ([["a"]], [["O", "O"]], {}, "sentence 1: 2 tags for 1 token; expected one per token"),
    "counts": ([["a"]], [], {}, "X has 1 sentence and y has 0; expected the same number"),
    "one string": (
        ["a b"], [["O"]], {}, "X: sentence 1: expected a list of tokens, not one string: 'a b'; try .split()",
    ),
    "no y": ([["a"]], None, {}, "SequenceTagger requires y to be passed, but the target y is None"),
    "number": ([["a", 3]], [["O", "O"]], {}, "X: sentence 1: expected a list of tokens, all of them strings; found int 3"),
    "empty": ([[]], [[]], {}, "there is no sentence with tokens to train on"),
    "weights": (
        [["a"]], [["O"]], {"sample_weight": ["x"]},
        "sample_weight takes a list with one number per sentence, 0 or more; found str 'x'",
    ),
    "zero": (
        [["a"]], [["O"]], {"sample_weight": [0]},
        "sample_weight takes a list with one number per sentence; every weight is zero, so there is nothing to learn",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tokens", "tags", "options", "message"), FAULTS.values(), ids=FAULTS)
def test_a_mistake_in_the_data_is_one_line(tokens, tags, options, message):
    with pytest.raises(UserError) as caught:
        SequenceTagger().fit(tokens, tags, **options)
    assert str(caught.value) == message


def test_a_mistake_in_a_setting_is_one_line():
    for name, message in {
        "epoch": "SequenceTagger has no parameter 'epoch'; nearest: 'epochs'",
        "out": "SequenceTagger has no parameter 'out': it trains on the lists that `fit` gets, and writes no files",
    }.items():
        with pytest.raises(SettingsError) as caught:
            SequenceTagger(**{name: 3})
        assert str(caught.value) == message
    with pytest.raises(SettingsError) as caught:
        SequenceTagger(epochs=0).fit(*corpus(4))
    assert str(caught.value) == "epochs is 0: expected 1 or more"
    with pytest.raises(UserError) as caught:
        SequenceTagger(scheme="iobes").fit([["a"]] * 4, [["NOUN"]] * 4)
    assert str(caught.value) == (
        "sentence 1: tag 'NOUN' is neither O nor PREFIX-TYPE, but scheme 'iobes' needs spans; "
        "expected scheme 'plain'"
    )


class RowsAsSentences(SequenceTagger):
    """For scikit-learn's checks, whose data are tables: a row is a sentence, its label the tag of each token."""

    def fit(self, X, y, sample_weight=None):  # noqa: N803
        X = np.asarray(X)  # noqa: N806
        width = X.shape[1] if X.ndim > 1 else 0
        tags = y if y is None else self.tags_of(y, width)
        return super().fit(self.tokens_of(X), tags, sample_weight=sample_weight)

    def tokens_of(self, X):  # noqa: N803
        return [[f"{value:.0f}" for value in row] for row in np.asarray(X)]

    def tags_of(self, y, width):
        return [[f"tag {label:g}"] * width for label in np.ravel(np.asarray(y))]

    def predict(self, X):  # noqa: N803
        return np.array([float(tags[0][4:]) for tags in super().predict(self.tokens_of(X))])

    def predict_proba(self, X):  # noqa: N803
        return np.stack([table[0] for table in super().predict_proba(self.tokens_of(X))])

    def score(self, X, y):  # noqa: N803
        return super().score(self.tokens_of(X), self.tags_of(y, np.shape(X)[1]))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = True, False
        return tags


QUICK = (
    "check_estimator_cloneable", "check_estimator_tags_renamed", "check_valid_tag_types", "check_estimator_repr",
    "check_no_attributes_set_in_init", "check_do_not_raise_errors_in_init_or_set_params", "check_mixin_order",
    "check_parameters_default_constructible", "check_get_params_invariance", "check_set_params",
    "check_estimators_unfitted", "check_requires_y_none",
)  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
def test_a_check_of_scikit_learn_that_trains_nothing_passes(name):
    tagger = RowsAsSentences if name == "check_estimators_unfitted" else SequenceTagger
    getattr(estimator_checks, name)("SequenceTagger", tagger(**SETTINGS))


@pytest.mark.slow
def test_the_checks_of_scikit_learn_pass_where_they_apply():
    results = check_estimator(
        RowsAsSentences(**tiny.CHEAP),
        expected_failed_checks=EXPECTED_FAILED,
        on_fail=None,
        on_skip=None,
    )
    statuses = {one["check_name"]: one["status"] for one in results}
    assert {name for name, status in statuses.items() if status == "failed"} == set()
    assert {name for name, status in statuses.items() if status == "xfail"} == set(EXPECTED_FAILED)
    assert {name for name, status in statuses.items() if status == "skipped"} <= {
        "check_array_api_input"
    }
    assert len([one for one in results if one["status"] == "passed"]) > 30


def test_the_page_lists_the_checks_that_do_not_apply():
    text = PAGE.read_text("utf-8")
    listed = dict(re.findall(r"^\| `(check_\w+)` \| (.+) \|$", text, re.MULTILINE))
    assert listed == EXPECTED_FAILED


@pytest.mark.slow
def test_scikit_learn_searches_its_settings(capfd):
    tokens, tags = corpus(60)
    grid = {"hidden_units": [4, 8], "class_weights": ["none", "sqrt-inverse"]}
    search = GridSearchCV(SequenceTagger(**SETTINGS), grid, cv=2, error_score="raise")
    search.fit(tokens, tags)
    best = search.best_estimator_
    assert search.best_score_ == max(search.cv_results_["mean_test_score"])
    assert best.score(tokens, tags) == search.score(tokens, tags) > 0.3
    seqeval = make_scorer(lambda gold, predicted: f1_score(gold, predicted, average="macro"))
    own = cross_val_score(best, tokens, tags, cv=2)
    assert own == pytest.approx(cross_val_score(best, tokens, tags, cv=2, scoring=seqeval))
    draws = RandomizedSearchCV(
        SequenceTagger(**SETTINGS), {"dropout": np.linspace(0, 0.4, 3)}, n_iter=2, cv=2, random_state=1
    )  # fmt: skip
    assert draws.fit(tokens, tags).best_params_["dropout"] in (0, 0.2, 0.4)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_processes_search_side_by_side():
    tokens, tags = corpus(30)
    search = GridSearchCV(SequenceTagger(**SETTINGS), {"word_dim": [4, 8]}, cv=2, n_jobs=2)
    serial = GridSearchCV(SequenceTagger(**SETTINGS), {"word_dim": [4, 8]}, cv=2)
    both = [one.fit(tokens, tags).cv_results_["mean_test_score"] for one in (search, serial)]
    assert both[0] == pytest.approx(both[1])

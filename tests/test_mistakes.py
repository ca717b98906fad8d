"""Values from scripts: numpy's numbers are accepted, and a wrong value is a one-line error."""

from pathlib import Path

import numpy as np
import pytest

import seqlab
from seqlab.comparing.budget import make_budget
from seqlab.comparing.plan import make_plan
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.stratify import stratified_split
from seqlab.deciding.transitions import legal_transitions
from seqlab.encoding.word_features import fit_word_features
from seqlab.errors import UserError
from seqlab.scoring.by_sentence import sentence_counts
from seqlab.scoring.confusion import confusion
from seqlab.settings.training import make_settings
from seqlab.text.lines import numbered_lines
from seqlab.weighting.sentence_weights import length_weights, recency_weights

GOLD, SAID = [["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]]
SENTENCE = seqlab.Sentence(tokens=("a", "b"), tags=("X", "Y"))
TWO = {"a": {}, "b": {"epochs": 1}}
COUNTS = {"B-PER": 1, "I-PER": 9, "O": 90}
ENCODED = seqlab.fit_encoder([SENTENCE]).encode([SENTENCE])


def network(**options):
    return seqlab.Architecture(**{"words": 9, "characters": 9, "classes": 3, **options})


def test_numpy_numbers_are_accepted():
    settings = make_settings(
        epochs=np.int64(3), learning_rate=np.float32(0.5), tag_column=np.int32(1)
    )
    assert (settings.epochs, settings.learning_rate, settings.tag_column) == (3, 0.5, "1")
    assert type(settings.epochs) is int
    weights = seqlab.class_weights(COUNTS, cap=np.float64(5), manual={"O": np.float32(2)})
    assert weights["O"] == 2
    assert ENCODED.padded(np.int64(3)).words.shape == (1, 3)


@pytest.mark.bits("copied")
def test_a_scheme_may_be_given_by_name():
    assert decode_spans(GOLD[0], "iob2") == decode_spans(GOLD[0], Scheme.IOB2) == [(0, 2, "PER")]
    for name in ("iob1", "iob2", "iobes", "plain"):
        scheme = Scheme(name)
        found, expected = confusion(GOLD, SAID, name), confusion(GOLD, SAID, scheme)
        assert found.names == expected.names
        assert sentence_counts(GOLD, SAID, name).names == sentence_counts(GOLD, SAID, scheme).names
        rules, wanted = (legal_transitions(COUNTS, given) for given in (name, scheme))
        assert (rules is None) == (wanted is None)
        assert rules is None or (rules.pairs == wanted.pairs).all()


MISTAKES = {
    "a scheme": (lambda: confusion(GOLD, SAID, "iob3"), "scheme is 'iob3'"),
    "no scheme": (lambda: seqlab.score(GOLD, SAID, None), "scheme is None"),
    "bilou": (lambda: seqlab.score(GOLD, SAID, "bilou"), "nearest: 'iobes'"),
    "rules of no scheme": (lambda: legal_transitions(COUNTS, "iob3"), "scheme is 'iob3'"),
    "a format": (lambda: seqlab.read_corpus("a", format=3), "unknown format 3"),
    "a text of classes": (lambda: seqlab.score(GOLD, SAID, "iob2", classes="PER"), "classes takes a list of class"),
    "sentences for tags": (lambda: seqlab.score([SENTENCE], SAID, "iob2"), "gold sentence 1 is Sentence"),
    "a generator of tags": (lambda: seqlab.score(iter(GOLD), SAID, "iob2"), "gold is list_iterator; give a list"),
    "ids for tags": (lambda: seqlab.score([[0]], [[1]], "plain"), "gold sentence 1 holds int 0, which is not a tag"),
    "nothing for tags": (lambda: seqlab.score(None, SAID, "iob2"), "gold is NoneType"),
    "a shared name": (lambda: seqlab.class_weights(COUNTS, share={"I_PER": "PER"}), "'I_PER' in share; nearest: 'I-PER'"),
    "a beta": (lambda: seqlab.class_weights(COUNTS, beta="x"), "beta is 'x'"),
    "a cap": (lambda: seqlab.class_weights(COUNTS, cap="3"), "weight cap is '3'"),
    "manual weights": (lambda: seqlab.class_weights(COUNTS, manual=[2]), r"manual is \[2\]"),
    "a number for a name": (lambda: seqlab.class_weights(COUNTS, manual={1: 2}), "manual names 1: expected one of"),
    "ragged counts": (lambda: seqlab.class_weights([[1], [1, 2]]), "different lengths"),
    "counts past all tokens": (lambda: seqlab.class_weights({"a": 2**62, "b": 2**62}), "more than 2"),
    "a half-life": (lambda: recency_weights([1], -10), "half_life is -10; expected days above 0"),
    "no half-life": (lambda: recency_weights([1], 0), "half_life is 0"),
    "empty sentences": (lambda: length_weights([0, 0]), "lengths range from 0 to 0"),
    "negative lengths": (lambda: length_weights([-1, 3]), "lengths range from -1 to 3"),
    "a head": (lambda: network(head="sotfmax"), "head is 'sotfmax': .*nearest: 'softmax'"),
    "no head": (lambda: network(head=None), "head is None: expected softmax, crf"),
    "an encoder": (lambda: network(char_encoder="CNN"), "char_encoder is 'CNN': .*nearest: 'cnn'"),
    "no layer": (lambda: network(layers=0), "layers is 0: expected a whole number, at least 1"),
    "a dropout": (lambda: network(dropout=1), "dropout is 1: expected a number from 0 to below 1"),
    "rows of nothing": (lambda: ENCODED.padded(0), "max_tokens is 0"),
    "rows of a text": (lambda: ENCODED.padded("150"), "max_tokens is '150'"),
    "windows of nothing": (lambda: ENCODED.windows(-1), "max_tokens is -1"),
    "batches of less": (lambda: seqlab.Batcher(ENCODED, size=-1), "size is -1"),
    "batches of parts": (lambda: seqlab.Batcher(ENCODED, size=2.5), "size is 2.5"),
    "a word feature": (lambda: fit_word_features({}, ["sufix"]), "'sufix'; expected .*nearest: 'suffix'"),
    "a seed": (lambda: stratified_split([SENTENCE], 0.5, scheme=Scheme.PLAIN, seed=-1), "seed is -1"),
    "a share": (lambda: stratified_split([SENTENCE], "0.5", scheme=Scheme.PLAIN, seed=1), "share = '0.5'"),
    "no path": (lambda: seqlab.read_corpus(None), "expected the path of a corpus, found NoneType"),
    "a corpus for a path": (lambda: seqlab.audit_corpora([SENTENCE]), "expected the path of the train corpus"),
    "nothing to audit": (lambda: seqlab.audit_corpora(None), "expected the path of the train corpus"),
    "text for a path": (lambda: seqlab.read_corpus("a X\nb Y"), r"expected the path of a corpus, found 'a X"),
    "no run": (lambda: seqlab.load([SENTENCE]), "expected the path of a run directory"),
    "a huge setting": (lambda: make_settings(epochs=10**400), "epochs is 1000.*: expected 2147483647 or less"),
    "an array of words": (lambda: make_settings(word_features=np.ones(4)), r"word_features is array"),
    "a number as tag": (lambda: seqlab.tag_weights({1: 2}, tag_scheme="iob2"), "tag counts name 1; expected tags"),
    "an array of classes": (lambda: seqlab.score(GOLD, SAID, "iob2", classes=np.array(3)), "classes takes a list of class"),
    "a long setting": (lambda: make_settings(train=["x" * 9999]), "train is "),
    "no vectors": (lambda: seqlab.load_vectors("a.vec", limit=0), "limit is 0; expected a number of rows, at least 1"),
    "no settings": (lambda: make_plan(None, {}, seeds=1), "settings is None"),
    "settings of nothing": (lambda: make_plan({"a": None, "b": {}}, {}, seeds=1), "expected a mapping from each"),
    "seeds": (lambda: make_plan({"a": {}, "b": {}}, {}, seeds=3.0), "seeds is 3.0"),
    "processes": (lambda: make_budget("2", None), "processes is '2'"),
    "memory": (lambda: make_budget(None, "4"), "memory is '4'"),
    "a weight of the corpus": (
        lambda: make_settings(sentence_weights="field", weight_field="weight"),
        "weight_field is 'weight': .*used anyway",
    ),
    "one seed of a comparison": (lambda: seqlab.compare_settings(TWO, out="x", seed=3), "seed is 3; give seeds="),
    "counts without names": (lambda: seqlab.tag_weights(np.array([9, 1]), tag_scheme="iob2"), "tag counts are of type"),
    "resamples": (lambda: seqlab.compare_settings(TWO, out="x", resamples=5e3), "resamples is 5000.0"),
    "columns of features": (lambda: seqlab.read_corpus("a", feature_columns=["pos=1"]), r"feature_columns is \['pos=1'\]"),
    "a log": (lambda: seqlab.train_tagger(say=True), "say is True: expected a function"),
    "one callback": (lambda: seqlab.train_tagger(callbacks=print), "callbacks is .*expected a list"),
    "weights of an audit": (lambda: seqlab.audit_corpora("a", weights="balanced"), "'balanced' instead of a WeightChoice"),
    "thresholds": (lambda: seqlab.audit_corpora("a", thresholds={}), "instead of a Thresholds"),
    "no text": (lambda: seqlab.train_vectors((t for t in ["no.txt"]), out="a.vec"), "no.txt: no such file"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_short_line(mistake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, message = MISTAKES[mistake]
    with pytest.raises(UserError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300
    assert not list(Path().iterdir())


def test_a_file_name_that_is_too_long_is_one_line():
    with pytest.raises(UserError, match="can't be opened: file name too long"):
        seqlab.read_corpus("x" * 300)


def test_a_directory_in_place_of_a_file_is_one_line(tmp_path):
    seqlab.write_corpus([SENTENCE], tmp_path, format="parallel")
    with pytest.raises(
        UserError, match=r"is a directory; expected a file; did you mean its seq\.in"
    ):
        list(numbered_lines(tmp_path))

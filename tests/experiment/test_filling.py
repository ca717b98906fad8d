"""--fill-old: the old tagger labels its types in new data that have no span of them."""

import pytest

from seqlab.corpus.corpus_arrays import LazySentences, corpus_arrays
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.errors import SettingsError
from seqlab.experiment.filling import fill
from seqlab.settings.training import make_settings
from seqlab.tagging.tagger import Prediction, Tagger
from tests.experiment.old_runs import quiet, untrained_run, write

OLD = ("Ada/B-PER saw/O Oslo/B-LOC ./O", "Bob/B-PER came/O in/O May/O") * 3
NEW = ("Ada/O left/O Lima/O in/O May/B-DATE", "it/O rains/O in/O June/B-DATE") * 3


class Fixed(Tagger):
    """A tagger that always predicts the same tags."""

    def __init__(self, scheme, *tags):
        object.__setattr__(self, "scheme", scheme)
        object.__setattr__(self, "tags", [tuple(text.split()) for text in tags])

    def predict(self, sentences):
        for tags in self.tags:
            yield Prediction(tags=tags, scores=None)


def corpus(*texts):
    return corpus_arrays(
        [Sentence(tokens=tuple(t.lower().split()), tags=tuple(t.split())) for t in texts]
    )


def tags_of(arrays):
    return [" ".join(sentence.tags) for sentence in LazySentences(arrays)]


def test_spans_of_the_wanted_types_fill_tokens_outside():
    gold = corpus("O O B-DATE O", "O O O O", "B-DATE I-DATE O O")
    tagger = Fixed(Scheme.IOB2, "B-PER O B-PER O", "B-PER I-PER B-LOC O", "O B-PER I-PER O")
    arrays, counts = fill(gold, tagger, ["PER"])
    assert tags_of(arrays) == ["B-PER O B-DATE O", "B-PER I-PER O O", "B-DATE I-DATE O O"]
    assert counts == {"PER": 2}
    assert arrays.counts_by_tag() == {"B-DATE": 2, "I-DATE": 1, "B-PER": 2, "I-PER": 1, "O": 6}


@pytest.mark.parametrize("scheme", ["iob1", "iobes"])
def test_filled_spans_follow_the_scheme(scheme):
    """In IOB1 a span that touches another of its type begins with B-."""
    words = {"iob1": ("I-PER I-PER O", "O O B-PER"), "iobes": ("B-PER E-PER O", "O O S-PER")}
    before, added = words[scheme]
    arrays, _ = fill(corpus(before), Fixed(Scheme(scheme), added), ["PER"])
    (tags,) = tags_of(arrays)
    assert decode_spans(tags.split(), Scheme(scheme)) == [(0, 2, "PER"), (2, 3, "PER")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fill")
    old = write(folder / "old.conll", *OLD)
    write(folder / "new.conll", *NEW)
    untrained_run(folder / "run", train=old, valid=old, head="softmax")
    return folder


def prepared(folder, **changes):
    path = str(folder / "new.conll")
    values = {"train": path, "valid": path, "accept": "same-files", "resample": "none"}
    return quiet(make_settings(**{**values, "init_from": str(folder / "run"), **changes}))


def test_without_it_a_note_names_the_types(folder):
    note = (
        "note: train: no span of 'PER', 'LOC', so the network learns that no token is in one; "
        "if some are, label them or give --fill-old"
    )
    assert note in prepared(folder)[1]
    assert note.replace("'PER', 'LOC'", "'LOC'") in prepared(folder, drop_tag="PER")[1]
    assert not any("--fill-old" in line for line in prepared(folder, fill_old=True)[1])


def test_training_gets_the_old_tags_and_validation_does_not(folder):
    start, lines = prepared(folder, fill_old=True)
    old = start.start.origin.old.tagger
    for sentence in start.splits.train:
        predicted = old.tag(sentence.tokens)
        for tag, guess in zip(sentence.tags, predicted, strict=True):
            assert tag == ("B-DATE" if tag == "B-DATE" else guess)
    filled = start.splits.arrays["train"].counts_by_tag()
    assert {"B-PER", "B-LOC"} & {*filled}  # the random network finds something
    assert {tag for s in start.splits.valid for tag in s.tags} == {"O", "B-DATE"}
    assert any("of the old run filled in: PER " in line for line in lines)


def test_plain_tags_have_no_o(tmp_path):
    old = write(tmp_path / "old.conll", *["Ada/NOUN runs/VERB"] * 4)
    run = untrained_run(tmp_path / "run", train=old, valid=old)
    with pytest.raises(SettingsError) as caught:
        prepared(tmp_path, train=old, valid=old, init_from=str(run), fill_old=True)
    assert str(caught.value) == "fill_old is True, but plain tags have no O to fill: leave it out"

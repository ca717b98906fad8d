"""Grown vocabularies: old ids stay, new symbols come behind, dropped tags go."""

from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.frozen_words import FrozenWords
from seqlab.encoding.growing import grow_encoder, grow_vocabulary
from seqlab.encoding.number_scaling import NumberScaling
from seqlab.encoding.vocabulary import Vocabulary

SYMBOLS = st.lists(st.text("abc", min_size=1, max_size=2), unique=True).map(tuple)


@given(SYMBOLS, SYMBOLS, st.booleans())
def test_old_symbols_keep_their_ids_and_new_ones_follow(old, fresh, has_unknown):
    before, other = Vocabulary(old, has_unknown), Vocabulary(fresh, has_unknown)
    grown = grow_vocabulary(before, other)
    assert [grown.ids[symbol] for symbol in old] == [before.ids[symbol] for symbol in old]
    assert set(grown) == {*old, *fresh}
    assert len(grown.symbols) == len(set(grown.symbols))
    assert grown.has_unknown == has_unknown


def fitted(*tokens, tag="B-PER", **options):
    sentence = Sentence(
        tokens=tokens,
        tags=(tag,) * len(tokens),
        features={"pos": tuple(token[0] for token in tokens)},
        numbers={"size": tuple(float(len(token)) for token in tokens)},
    )
    return fit_encoder(
        [sentence, sentence],  # twice, because rare characters and features are left out
        word_features=("case", "shape"),
        feature_columns=("pos",),
        numeric_columns=("size",),
        **options,
    )


def test_every_vocabulary_grows_and_numbers_keep_their_scaling():
    old, fresh = fitted("ab", "Bcd"), fitted("ab", "x-1", "Zzzz", tag="B-LOC")
    grown = grow_encoder(old, fresh)
    assert grown.words.symbols == ("ab", "bcd", "x-0", "zzzz")
    assert grown.tags.symbols == ("B-PER", "B-LOC")
    assert grown.characters.symbols[: len(old.characters.symbols)] == old.characters.symbols
    assert set(grown.characters) == set("abBcdx-1Zz")
    assert set(grown.word_features["shape"]) == {"xx", "Xxx", "x-0"}
    assert grown.word_features["case"] == old.word_features["case"]
    assert grown.feature_columns["pos"].symbols[:2] == old.feature_columns["pos"].symbols
    assert set(grown.feature_columns["pos"]) == {"a", "B", "x", "Z"}
    assert grown.numeric_columns == {"size": NumberScaling(mean=2.5, deviation=0.5, missing=False)}


def test_dropped_tags_leave_no_gap():
    old, fresh = fitted("ab"), fitted("ab", tag="B-LOC")
    assert grow_encoder(old, fresh, dropped=("B-PER",)).tags.symbols == ("B-LOC",)


def test_frozen_words_of_the_run_stay():
    old, fresh = fitted("ab"), fitted("cd")
    ours, theirs = object.__new__(FrozenWords), object.__new__(FrozenWords)
    object.__setattr__(old, "frozen_words", ours)
    object.__setattr__(fresh, "frozen_words", theirs)
    assert grow_encoder(old, fresh).frozen_words is ours
    object.__setattr__(old, "frozen_words", None)
    assert grow_encoder(old, fresh).frozen_words is theirs

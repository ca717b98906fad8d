"""The fitted vocabularies and the encoded sentences, compared with plain loops."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.frozen_words import freeze_words
from seqlab.encoding.vectors import WordVectors, vector_spellings
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.word_features import CASES, READERS, case_pattern
from seqlab.errors import UserError
from seqlab.text.spelling import normalise
from tests.strategies import corpora, texts

anything = corpora(tokens=texts, weighted=True)


def sentence(text, tags=None, **fields):
    return Sentence(tokens=tuple(text.split()), tags=tags and tuple(tags.split()), **fields)


@given(anything, st.randoms(use_true_random=False))
def test_vocabularies_do_not_depend_on_the_order_of_sentences(train, random):
    shuffled = list(train)
    random.shuffle(shuffled)
    assert fit_encoder(shuffled) == fit_encoder(train)


def test_vocabularies_by_hand():
    train = [sentence("The cat saw the CAT", "D N V D N"), sentence("Cat 12 34 zz", "N X X N")]
    encoder = fit_encoder(train, min_word_count=2)
    assert encoder.words.symbols == ("cat", "00", "the")  # 3, 2, 2 tokens; 'saw' and 'zz' once
    assert encoder.tags.symbols == ("N", "D", "X", "V")
    assert set(encoder.characters.symbols) == set("TheatCz")  # s, w, A and each digit stand once
    everything = fit_encoder(train)
    assert everything.words.symbols == ("cat", "00", "the", "saw", "zz")
    kept = fit_encoder(train, min_word_count=2, keep_words={"saw", "never-met"})
    assert kept.words.symbols == ("cat", "00", "the", "saw")


def test_another_split_adds_nothing():
    train = [sentence("a a b", "X X Y")]
    encoder = fit_encoder(train, min_word_count=2)
    before = (encoder.words.symbols, encoder.characters.symbols, encoder.tags.symbols)
    corpus = encoder.encode([sentence("a b c", "X Z Y")])
    assert (encoder.words.symbols, encoder.characters.symbols, encoder.tags.symbols) == before
    assert corpus.words.tolist() == [2, 1, 1]  # b was met once, c never
    assert corpus.labels.tolist() == [1, 0, 2]  # Z has no class
    assert corpus.classes == 2
    assert corpus.distinct_words.characters.tolist() == [2, 1, 1]


@given(anything, anything)
def test_encoding_equals_a_loop(train, sentences):
    encoder = fit_encoder(train, word_features=("case", "prefix", "suffix", "shape"))
    corpus = encoder.encode(sentences)
    tokens = [token for s in sentences for token in s.tokens]
    tags = [tag for s in sentences for tag in s.tags]
    assert corpus.words.tolist() == [encoder.words.id(normalise(token)) for token in tokens]
    assert corpus.labels.tolist() == [encoder.tags.id(tag) for tag in tags]
    assert corpus.lengths.tolist() == [len(s) for s in sentences]
    assert (len(corpus), corpus.tokens) == (len(sentences), len(tokens))
    assert corpus.sentence_weights.tolist() == [np.float32(s.weight) for s in sentences]
    table = corpus.distinct_words
    assert {len(ids) for ids in table.features.values()} == {len(set(tokens))}
    for token, spelling_id in zip(tokens, corpus.spelling_ids, strict=True):
        characters = table.characters[table.offsets[spelling_id] : table.offsets[spelling_id + 1]]
        assert characters.tolist() == [encoder.characters.id(letter) for letter in token]
        assert table.features["case"][spelling_id] == CASES.index(case_pattern(token)) + 1
        for name, vocabulary in encoder.word_features.items():
            assert table.features[name][spelling_id] == vocabulary.id(READERS[name](token))


@given(anything)
def test_token_weights_are_1_where_a_sentence_has_none(sentences):
    weights = fit_encoder(sentences).encode(sentences).token_weights
    expected = [w for s in sentences for w in (s.token_weights or (1.0,) * len(s))]
    if all(s.token_weights is None for s in sentences):
        assert weights is None
    else:
        assert weights.tolist() == np.float32(expected).tolist()


def test_text_without_tags_has_no_classes():
    encoder = fit_encoder([sentence("a b", "X Y")])
    corpus = encoder.encode([sentence("a b c"), sentence("a", "Y")])
    assert corpus.labels.tolist() == [0, 0, 0, 2]
    assert corpus.tag_counts().tolist() == [0, 1]


@pytest.mark.parametrize("sentences", [[], [Sentence(tokens=(), tags=())]])
def test_nothing_encodes_to_nothing(sentences):
    corpus = fit_encoder([sentence("a b", "X Y")]).encode(sentences)
    assert (len(corpus), corpus.tokens) == (len(sentences), 0)
    assert corpus.tag_counts().tolist() == [0, 0]


def test_dtypes_are_those_of_the_networks_inputs():
    train = [sentence("a b", "X Y", token_weights=(1.0, 2.0))]
    corpus = fit_encoder(train, word_features=("case",)).encode(train)
    inputs = corpus.padded()
    assert corpus.distinct_words.features["case"].dtype == np.uint8
    integers = (corpus.words, corpus.spelling_ids, corpus.labels, inputs.words, inputs.chars)
    integers = (*integers, *inputs.features.values())
    assert {array.dtype for array in integers} == {np.dtype("int32")}
    assert corpus.sentence_weights.dtype == corpus.token_weights.dtype == np.float32


@pytest.mark.parametrize(("letters", "kind"), [(9, "uint8"), (254, "uint8"), (255, "uint16")])
def test_characters_have_the_smallest_type_for_their_ids(letters, kind):
    """Two ids belong to padding and unknown characters."""
    text = 2 * "".join(chr(0x4E00 + number) for number in range(letters))
    train = [sentence(text, "X")]
    words = fit_encoder(train).encode(train).distinct_words
    assert words.characters.dtype == words.padded(9).dtype == kind
    assert sorted(set(words.characters.tolist())) == list(range(2, letters + 2))


def tagged_pos(pos, word="a"):
    return Sentence(tokens=(word,) * len(pos), tags=("X",) * len(pos), features={"pos": tuple(pos)})


def test_a_feature_column_by_hand():
    encoder = fit_encoder([tagged_pos("NNVVVR")], feature_columns=("pos",))
    assert encoder.feature_columns["pos"].symbols == ("V", "N")  # R once: it is unknown
    corpus = encoder.encode([tagged_pos("VNRZ"), tagged_pos("N")])
    padded = corpus.padded(max_tokens=5)
    assert padded.features["column_pos"].tolist() == [[2, 3, 1, 1, 0], [3, 0, 0, 0, 0]]
    windows = corpus.padded(max_tokens=3).features["column_pos"]
    assert windows.tolist() == [[2, 3, 0], [1, 1, 0], [3, 0, 0]]
    with pytest.raises(UserError, match="feature 'pos': expected one value per token, found none"):
        encoder.encode([sentence("a b")])


@given(st.lists(st.text("NVR", min_size=1, max_size=5), min_size=1), st.text("NVRZ", min_size=1))
def test_feature_columns_equal_a_loop_and_count_training_alone(train, text):
    encoder = fit_encoder([tagged_pos(pos) for pos in train], feature_columns=("pos",))
    vocabulary = encoder.feature_columns["pos"]
    together = "".join(train)
    assert set(vocabulary.symbols) == {value for value in "NVR" if together.count(value) >= 2}
    found = encoder.encode([tagged_pos(text)]).padded(max_tokens=9).features["column_pos"]
    flat = [number for row in found.tolist() for number in row if number]
    assert flat == [vocabulary.id(value) for value in text]


def test_no_value_of_a_column_is_looked_up_more_than_once(monkeypatch):
    encoder = fit_encoder([tagged_pos("NV" * 50)], feature_columns=("pos",))
    asked = []
    monkeypatch.setattr(Vocabulary, "id", lambda self, symbol: asked.append(symbol) or 2)
    encoder.encode([tagged_pos("NV" * 50)] * 20)
    assert sorted(asked) == ["N", "V"]


VECTORS = WordVectors(
    {word: row for row, word in enumerate(["cat", "Rome", "oslo", "0000"])},
    np.arange(1, 9, dtype=np.float32).reshape(4, 2),
)


def two_tables(train):
    encoder = fit_encoder(train, min_word_count=2, keep_words=vector_spellings(train, VECTORS))
    return replace(encoder, frozen_words=freeze_words(VECTORS))


@pytest.mark.bits("copied")
def test_frozen_words_have_the_id_after_the_vocabulary_and_their_vectors():
    encoder = two_tables([sentence("the the cat", "D D N")])
    assert encoder.words.symbols == ("the", "cat")
    corpus = encoder.encode([sentence("CAT Rome 1984"), sentence("dog Oslo the dog")])
    assert corpus.words.tolist() == [3, 4, 4, 1, 4, 2, 1]  # 1: unknown to both
    batch = Batcher(corpus, size=2).batch(np.array([0, 1]))
    nothing = [0, 0]
    expected = [[nothing, [3, 4], [7, 8], nothing], [nothing, [5, 6], nothing, nothing]]
    assert batch.frozen_vectors.tolist() == expected
    assert batch.frozen_vectors.dtype == np.float32
    padded = corpus.padded(max_tokens=4)
    np.testing.assert_array_equal(padded.frozen_vectors, expected)
    np.testing.assert_array_equal(padded.words, batch.words)


def test_a_training_word_is_never_frozen():
    train = [sentence("Cat cat ROME Oslo 1999 dog", "N N N N X N")]
    corpus = two_tables(train).encode(train)
    assert 1 in corpus.words  # dog, met once, has no vector
    assert corpus.words.max() < two_tables(train).words.id_count
    batch = Batcher(corpus, size=1).batch(np.array([0]))
    assert batch.frozen_vectors.tolist() == [[[0, 0]] * 6]


def test_without_frozen_words_there_are_no_frozen_vectors():
    corpus = fit_encoder([sentence("a a", "X X")]).encode([sentence("a b")])
    assert Batcher(corpus, size=1).batch(np.array([0])).frozen_vectors is None
    assert corpus.padded(max_tokens=2).frozen_vectors is None


def test_words_in_another_unicode_form_are_the_same_words():
    composed, apart = "Jos\u00e9", "Jose\u0301"
    train = [Sentence(tokens=(composed, "ran") * 2, tags=("B-PER", "O") * 2)]
    plain = fit_encoder(train)
    encoder = fit_encoder(train, unicode_form="nfc")
    one, other = encoder.encode_spellings([composed]), encoder.encode_spellings([apart])
    assert one.word_ids.tolist() == other.word_ids.tolist()
    assert one.characters.tolist() == other.characters.tolist()
    assert plain.encode_spellings([apart]).word_ids.tolist() == [1]
    from_apart = fit_encoder(
        [Sentence(tokens=(apart, "ran") * 2, tags=("B-PER", "O") * 2)], unicode_form="nfc"
    )
    assert from_apart == encoder

"""fastText models compared with gensim's reader; a model cut anywhere is refused in one line."""

import json
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.fasttext_file import HEADER, is_fasttext
from seqlab.encoding.frozen_words import freeze_words, open_frozen_words, write_frozen_words
from seqlab.encoding.vector_file import load_vectors
from seqlab.encoding.vectors import embedding_start, vector_spellings
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.errors import RunError, VectorsError
from seqlab.experiment.vector_training import train_model, write_model
from seqlab.settings.vectors import VectorSettings

WORDS = ["red", "green", "\u00e9t\u00e9", "0000", "reading", "\U0001f600"]
UNSEEN = ["reddish", "Red", "1999", "\u00e9t\u00e9s", "x", "\u4e2d\u6587"]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    dice = random.Random(3)  # noqa: S311  (no secret)
    sentences = [[dice.choice(WORDS) for _ in range(8)] for _ in range(100)]
    sizes = {"dim": 6, "epochs": 2, "min_count": 1, "workers": 1, "buckets": 40}
    found = tmp_path_factory.mktemp("fasttext") / "model.bin"
    write_model(train_model(sentences, VectorSettings(model="fasttext", **sizes)), found)
    return str(found)


@pytest.fixture(scope="module")
def theirs(path):
    return load_facebook_vectors(path)


def test_words_and_unseen_words_have_gensims_vectors(path, theirs):
    ours = load_vectors(path)
    assert list(ours.rows) == theirs.index_to_key
    assert ours.ngrams.spelling == "normalised"
    for word in [*WORDS, *UNSEEN]:
        np.testing.assert_allclose(ours.vector(word), theirs[word], atol=1e-6)


def test_a_limit_takes_the_first_words_and_all_n_grams(path, theirs):
    ours = load_vectors(path, limit=2)
    assert list(ours.rows) == theirs.index_to_key[:2]
    for word in theirs.index_to_key[:2] + UNSEEN:
        np.testing.assert_allclose(ours.vector(word), theirs[word], atol=1e-6)


def test_frozen_words_with_n_grams_give_every_token_a_vector(path, theirs, tmp_path):
    held = freeze_words(load_vectors(path))
    write_frozen_words(held, tmp_path / "run")
    tokens = ["Red", "RED", "1999", "Reddish", "reddish", "x"]
    expected = [theirs[word] for word in ("red", "red", "0000", "reddish", "reddish", "x")]
    for frozen in (held, open_frozen_words(tmp_path / "run")):
        known, found = frozen.look_up(tokens)
        assert known.all()
        np.testing.assert_allclose(found, expected, atol=1e-6)
        assert frozen.look_up([])[1].shape == (0, 6)


def test_every_training_word_starts_at_its_vector(path, theirs):
    vectors = load_vectors(path)
    train = [Sentence(tokens=("Red", "Reddish", "1999"), tags=("X", "X", "X"))]
    found = vector_spellings(train, vectors)
    assert found == {"red": "red", "0000": "0000", "reddish": "reddish"}
    words = Vocabulary(("red", "reddish", "0000"))
    start = embedding_start(words, found, vectors, seed=1)
    np.testing.assert_allclose(start[2:], [theirs[w] for w in words.symbols], atol=1e-6)
    assert not start[0].any()
    assert 0 < np.abs(start[1]).max() < 5 * start[2:].std()


def test_n_grams_that_do_not_fit_are_refused(path, tmp_path):
    write_frozen_words(freeze_words(load_vectors(path)), tmp_path / "run")
    np.save(tmp_path / "run" / "ngrams.npy", np.zeros((40, 5), np.float32))
    with pytest.raises(RunError, match=r"holds float32 \(40, 5\), expected float32 \(\*, 6\)"):
        open_frozen_words(tmp_path / "run")


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"shortest": -1}, "lengths of n-grams are whole numbers from 0 to 100"),
        ({"longest": 10**9}, "lengths of n-grams are whole numbers from 0 to 100"),
        ({"longest": None}, "lengths of n-grams are whole numbers from 0 to 100"),
        (
            {"spelling": []},
            "n-grams are spelt in another way than as written, lower case, normalised",
        ),
        ({"more": 1}, "expected an object of shortest, longest, spelling"),
    ],
)
def test_settings_of_n_grams_that_training_does_not_write_are_refused(path, tmp_path, change, fact):
    write_frozen_words(freeze_words(load_vectors(path)), tmp_path / "run")
    settings = tmp_path / "run" / "ngrams.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | change))
    with pytest.raises(RunError) as caught:
        open_frozen_words(tmp_path / "run")
    assert str(caught.value) == f"{settings}: damaged: {fact}"


def test_n_grams_without_a_bucket_are_refused(path, tmp_path):
    write_frozen_words(freeze_words(load_vectors(path)), tmp_path / "run")
    np.save(tmp_path / "run" / "ngrams.npy", np.zeros((0, 6), np.float32))
    with pytest.raises(RunError) as caught:
        open_frozen_words(tmp_path / "run")
    assert str(caught.value) == f"{tmp_path / 'run' / 'ngrams.npy'}: damaged: holds no n-gram"


def refusal(path, data):
    path.write_bytes(data)
    assert is_fasttext(str(path))
    with pytest.raises(VectorsError) as caught:
        load_vectors(str(path))
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_file_cut_anywhere_is_refused(path, tmp_path):
    data = Path(path).read_bytes()
    with_output = len(data) - (1 + 16 + 4 * 6 * 6)  # gensim appends arrays that only training needs
    for length in [*range(4, 300), with_output - 1]:
        assert "\n" not in refusal(tmp_path / "cut.bin", data[:length])


def test_supervised_and_quantised_models_are_refused(path, tmp_path):
    data = bytearray(Path(path).read_bytes())
    supervised, infinite = data[:], data[:]
    struct.pack_into("<i", supervised, HEADER.size - 20, 3)
    assert (
        refusal(tmp_path / "a.bin", supervised)
        == "the fastText model is supervised; give a model of word vectors"
    )
    start = data.index(struct.pack("<?2q", False, 46, 6))
    quantised = data[:]
    quantised[start] = 1
    assert (
        refusal(tmp_path / "b.bin", quantised)
        == "the fastText model is quantised; give a model of word vectors"
    )
    struct.pack_into("<f", infinite, start + 17 + 8, float("inf"))
    assert (
        refusal(tmp_path / "c.bin", infinite) == "a number is not finite; expected finite numbers"
    )


UNREADABLE = "not readable as a fastText model:"
LEAST = "expected 0 or more, and at least 1 number"


@pytest.mark.parametrize(
    ("form", "offset", "value", "fact"),
    [
        ("<q", -8, 2**63 - 1, f"{UNREADABLE} the file ends before {2**63 - 1} pruned n-grams"),
        ("<q", -8, 2**40, f"{UNREADABLE} the file ends before {2**40} pruned n-grams"),
        ("<i", -28, -5, f"{UNREADABLE} it says -5 words, 40 n-grams and 6 numbers each; {LEAST}"),
        ("<i", 40, -5, f"{UNREADABLE} it says 6 words, -5 n-grams and 6 numbers each; {LEAST}"),
        ("<i", 8, 0, f"{UNREADABLE} it says 6 words, 40 n-grams and 0 numbers each; {LEAST}"),
        ("<i", 40, 2**31 - 1, "the model says 46 rows of 6 numbers, but the file is shorter"),
    ],
)  # fmt: skip
def test_counts_that_the_file_cannot_hold_are_refused(path, tmp_path, form, offset, value, fact):
    data = bytearray(Path(path).read_bytes())
    struct.pack_into(form, data, offset if offset > 0 else HEADER.size + offset, value)
    assert refusal(tmp_path / "a.bin", data) == fact


def test_other_files_are_not_fasttext_models(tmp_path):
    assert not is_fasttext(str(tmp_path / "missing"))
    (tmp_path / "text.txt").write_text("the 1 2\n", encoding="utf-8")
    assert not is_fasttext(str(tmp_path / "text.txt"))

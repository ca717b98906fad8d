"""Clusters as features of words, and what their entry in vocabularies.json may hold."""

import numpy as np
import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import Encoder, fit_encoder
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.word_clusters import WordClusters, clusters_from_json
from seqlab.machine.json_fields import Fields

CLUSTERS = WordClusters(
    Vocabulary(("the", "oslo", "00")),
    {2: np.array([0, 1, 1], np.int32), 3: np.array([2, 0, 1], np.int32)},
)


def test_a_word_has_the_id_of_its_cluster_and_others_are_unknown():
    ids = CLUSTERS.features(["oslo", "paris", "the", "00"])
    assert {name: values.tolist() for name, values in ids.items()} == {
        "cluster_2": [3, 1, 2, 3],
        "cluster_3": [2, 1, 4, 3],
    }
    for name, vocabulary in CLUSTERS.vocabularies.items():
        assert vocabulary.id_count == int(name.removeprefix("cluster_")) + 2


def test_an_encoder_reads_normalised_words_and_keeps_its_clusters(tmp_path):
    encoder = fit_encoder([Sentence(tokens=("a", "a"), tags=("O", "O"))])
    encoder = Encoder(**encoder.parts() | {"clusters": CLUSTERS})
    assert encoder.architecture().features == {"cluster_2": 4, "cluster_3": 5}
    loaded = Encoder.load(encoder.save(tmp_path / "encoder"))
    for one in (encoder, loaded):
        words = one.encode_spellings(["Oslo", "47", "Rome"])
        assert words.features["cluster_2"].tolist() == [3, 3, 1]
        assert words.features["cluster_3"].tolist() == [2, 3, 1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"words": []}, "word_clusters has no words"),
        ({"clusters": {"x": [0]}}, "word_clusters holds 'x', which is no partition"),
        ({"clusters": {"99999999": [0]}}, "word_clusters holds '99999999', which is no partition"),
        ({"clusters": {"2": 7}}, "word_clusters holds '2', which is no partition"),
        ({"clusters": {"2": [0]}}, "word_clusters '2': expected one whole number for each word"),
        (
            {"clusters": {"2": [0, 1, True]}},
            "word_clusters '2': expected one whole number for each word",
        ),
        ({"clusters": {"2": [0, 1, 2]}}, "word_clusters '2': expected numbers from 0 to 1"),
        ({"clusters": {"2": [0, 1, -1]}}, "word_clusters '2': expected numbers from 0 to 1"),
        (
            {"more": 1},
            "word_clusters.more is not known here; a newer version of seqlab may have written it",
        ),
    ],
)
def test_a_damaged_entry_is_refused(changes, message):
    content = {**CLUSTERS.to_json(), "words": list(CLUSTERS.words.symbols), **changes}
    with pytest.raises(ValueError, match="word_clusters") as caught:
        clusters_from_json(Fields(content, "word_clusters"))
    assert str(caught.value) == message

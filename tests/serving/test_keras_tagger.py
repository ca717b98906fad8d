"""A tagger that tags with Keras is served as any other, small and large requests at a time."""

import json

from seqlab.serving.served_taggers import serve_tagger
from tests import tiny
from tests.serving.asking import ask_all, service_of

pytestmark = tiny.KERAS_NOISE


def test_a_tagger_around_a_keras_network_is_served():
    import seqlab
    from tests.modeling.test_own_networks import ENCODER, LONG, by_word

    tagger = seqlab.tagger_of_network(by_word(), encoder=ENCODER, scheme="iob2")
    assert tagger.engine == "keras"
    large = list(LONG) * 100
    requests = [
        ("POST", "/tag", {"content": json.dumps({"tokens": tokens, "details": True})})
        for tokens in (["Ada", "saw", "Rome"], large, ["Lee"], ["Rome", "ran"], large[7:])
    ]
    with service_of(serve_tagger("own", "0123456789ab", tagger)) as service:
        answers = [one.json() for one in ask_all(service, *requests)]
    for answer, (_, _, more) in zip(answers, requests, strict=True):
        tokens = json.loads(more["content"])["tokens"]
        assert [token["tag"] for token in answer["tokens"]] == tagger.tag(tokens)

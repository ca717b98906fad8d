"""The component of spaCy, in pipelines of spaCy: the same spans as the tagger, saved, streamed and scored by spaCy."""

import tomllib
from dataclasses import replace
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score

from seqlab.corpus.sentence import Sentence
from seqlab.errors import RunError, UserError
from seqlab.text.cutting import CuttingChoice
from tests import tiny
from tests.conftest import ROOT
from tests.exporting.random_taggers import random_sentences, random_tagger

spacy = pytest.importorskip("spacy")
component, docs = map(import_module, ("seqlab.spacy.component", "seqlab.spacy.docs"))
pytestmark = tiny.KERAS_NOISE

TEXTS = ["Ada Stone saw Oslo. Boris  Marsh left 😀 Paris.", "", "\n \n", "It rained in 1999 ."]


def pipeline(run, **config):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlab", config={"run": str(run.path), **config})
    return nlp


@pytest.fixture
def nlp(span_run):
    return pipeline(span_run)


def spans_of(doc):
    return [(one.text, one.label_, one._.seqlab_score) for one in doc.spans["seqlab"]]


def test_its_entities_are_those_of_the_tagger_on_its_tokens(nlp, span_run):
    doc = nlp(TEXTS[0])
    words = [[t.text for t in sent if not t.is_space] for sent in (doc[:5], doc[5:])]
    assert [words[0][-1], words[1][0]] == [".", "Boris"], "sentences end as in tag_text"
    tagger = span_run.tagger
    expected = []
    for prediction, tokens in zip(
        tagger.predict_chunk([Sentence(tokens=tuple(one)) for one in words]), words, strict=True
    ):
        tags = [tag.replace("S-", "B-").replace("E-", "I-") for tag in prediction.tags]
        for start, tag in enumerate(tags):
            if tag.startswith("B-"):
                stop = start + 1
                while stop < len(tags) and tags[stop] == f"I-{tag[2:]}":
                    stop += 1
                score = pytest.approx(min(prediction.scores[start:stop]), abs=1e-5)
                expected.append((tokens[start:stop], tag[2:], score))
    assert (
        [
            ([t.text for t in one if not t.is_space], one.label_, one._.seqlab_score)
            for one in doc.ents
        ]
        == expected
        != []
    )
    assert doc.spans["seqlab"].attrs["scores"] == [score for *_, score in spans_of(doc)]
    assert [(one.start, one.end) for one in doc.spans["seqlab"]] == [
        (one.start, one.end) for one in doc.ents
    ]


def test_it_keeps_the_sentences_of_the_doc(span_run):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer", config={"punct_chars": ["Oslo"]})
    nlp.add_pipe("seqlab", config={"run": str(span_run.path)})
    doc = nlp("Ada Stone saw Oslo Boris Marsh left Paris")
    groups = docs.tokens_by_sentence(doc, span_run.tagger.cutting)
    assert [[token.text for token in one][-1] for one in groups] == ["Oslo", "Paris"]


BLANK = spacy.blank("en")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@settings(max_examples=40)
def test_sentences_hold_each_token_once(text):
    doc = BLANK.make_doc(text)
    groups = docs.tokens_by_sentence(doc, CuttingChoice())
    assert [t.i for own in groups for t in own] == [t.i for t in doc if not t.is_space]


def test_streams_are_tagged_as_single_docs_are(nlp):
    single = [spans_of(nlp(text)) for text in TEXTS]
    for options in ({}, {"batch_size": 1}):
        streamed = [spans_of(doc) for doc in nlp.pipe(TEXTS, **options)]
        assert [[(*one[:2], pytest.approx(one[2], abs=1e-5)) for one in doc] for doc in single] == streamed  # fmt: skip
    assert single[0]
    assert single[1:3] == [[], []]


def test_it_tags_the_text_as_tag_text_does(span_run):
    nlp = pipeline(span_run, tokens="seqlab")
    found = span_run.tagger.tag_text(TEXTS[0]).spans
    entities = nlp(TEXTS[0]).ents
    assert [(e.label_, e._.seqlab_score) for e in entities] == [(s.label, s.score) for s in found]
    assert all(e.start_char <= s.start < s.end <= e.end_char for e, s in zip(entities, found, strict=True))  # fmt: skip


def test_entities_of_other_components_can_stay(nlp, span_run):
    for overwrite in (True, False):
        mixed = spacy.blank("en")
        ruler = mixed.add_pipe("entity_ruler")
        ruler.add_patterns([{"label": "SIGHT", "pattern": "Stone saw"}])
        mixed.add_pipe("seqlab", config={"run": str(span_run.path), "overwrite_ents": overwrite})
        doc = mixed("Ada Stone saw Oslo.")
        labels = [one.label_ for one in doc.ents]
        assert ("SIGHT" in labels) is not overwrite
        assert len(doc.spans["seqlab"]) == len(nlp("Ada Stone saw Oslo.").ents) > 1


def test_blocked_tokens_stay_without_entity(nlp, span_run):
    (first, *_) = nlp("Ada Stone saw Oslo.").ents
    for overwrite in (True, False):
        mixed = pipeline(span_run, overwrite_ents=overwrite)
        doc = mixed.make_doc("Ada Stone saw Oslo.")
        doc.set_ents([], blocked=[doc[first.start : first.start + 1]])
        mixed.get_pipe("seqlab")(doc)
        assert (first.text in [one.text for one in doc.ents]) is overwrite
        assert len(doc.ents) >= 1
        assert docs.is_blocked(doc[first.start]) is not overwrite


def test_bytes_carry_the_vectors(tmp_path):
    tagger = random_tagger(frozen=True, columns=False)
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlab").tagger = tagger
    fresh = spacy.blank("en")
    fresh.add_pipe("seqlab")
    fresh.from_bytes(nlp.to_bytes())
    assert tagger.encoder.frozen_words is not None
    again = fresh.get_pipe("seqlab").tagger
    sentences = random_sentences(seed=1)
    for one, other in zip(again.predict(sentences), tagger.predict(sentences), strict=True):
        assert (one.tags, one.scores.tolist()) == (other.tags, other.scores.tolist())
    content = component.srsly.msgpack_dumps({"../evil": b""})
    with pytest.raises(UserError) as caught:
        fresh.get_pipe("seqlab").from_bytes(content)
    assert str(caught.value) == "component 'seqlab': the bytes hold the path '../evil'"


def test_plain_tags_become_tags_of_tokens(plain_run):
    nlp = pipeline(plain_run)
    doc = nlp("Ada  saw Oslo .")
    words = [token for token in doc if not token.is_space]
    (prediction,) = plain_run.tagger.predict_chunk(
        [Sentence(tokens=tuple(token.text for token in words))]
    )
    assert [token.tag_ for token in words] == list(prediction.tags)
    assert [token._.seqlab_score for token in words] == pytest.approx(prediction.scores, abs=1e-6)
    assert not doc.ents
    assert doc[1].tag_ == ""
    with pytest.raises(UserError) as caught:
        pipeline(plain_run, tokens="seqlab")("Ada")
    assert str(caught.value) == (
        "component 'seqlab' has tokens 'seqlab', but its run predicts plain tags, one per token of spaCy: "
        "expected tokens 'spacy'"
    )


def test_a_saved_pipeline_carries_its_run(copied, tmp_path):
    from shutil import rmtree

    nlp = spacy.blank("en")
    nlp.add_pipe("seqlab", config={"run": str(copied)})
    expected = spans_of(nlp(TEXTS[0]))
    for _ in range(2):  # the second one replaces the first
        nlp.to_disk(tmp_path / "saved")
    content = nlp.to_bytes()
    rmtree(copied)
    assert spans_of(spacy.load(tmp_path / "saved")(TEXTS[0])) == expected
    fresh = spacy.blank("en")
    fresh.add_pipe("seqlab")
    assert spans_of(fresh.from_bytes(content)(TEXTS[0])) == expected


def test_a_path_without_a_run_is_refused_when_the_component_is_added(tmp_path):
    nlp = spacy.blank("en")
    with pytest.raises(RunError) as caught:
        nlp.add_pipe("seqlab", config={"run": str(tmp_path / "nosuch")})
    assert str(caught.value) == f"{tmp_path / 'nosuch'}: no run of seqlab here"
    assert not nlp.pipe_names


def test_a_saved_pipeline_without_its_files_says_so(copied, tmp_path):
    """spaCy makes the component of a config first, and reads its files later."""
    from shutil import rmtree

    nlp = spacy.blank("en")
    nlp.add_pipe("seqlab", config={"run": str(copied)})
    config = nlp.config
    rmtree(copied)
    again = spacy.blank("en").from_config(config)
    with pytest.raises(RunError) as caught:
        again("Ada")
    assert str(caught.value) == f"{copied}: no run of seqlab here"


def test_docs_have_no_columns(span_run):
    encoder = replace(
        span_run.tagger.encoder, feature_columns={"pos": span_run.tagger.encoder.words}
    )
    with pytest.raises(UserError) as caught:
        spacy.blank("en").add_pipe("seqlab").tagger = replace(span_run.tagger, encoder=encoder)
    assert str(caught.value) == (
        "component 'seqlab' has a tagger that reads the column 'pos', which docs of spaCy lack: "
        "use a tagger that reads tokens only"
    )


def test_docs_keep_their_scores(nlp):
    from spacy.tokens import Doc, DocBin

    doc = nlp(TEXTS[0])
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert spans_of(again) == spans_of(doc)
    (stored,) = DocBin(store_user_data=True, docs=[doc]).get_docs(nlp.vocab)
    assert [one._.seqlab_score for one in stored.ents] == [one._.seqlab_score for one in doc.ents]


def test_spacy_scores_it_as_seqeval_does(nlp, plain_run, span_run):
    from spacy.training import Example, biluo_tags_to_spans, iob_to_biluo

    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "O", "B-LOC"]]
    words = [["Ada", "Stone", "saw", "Oslo"], ["Boris", "left", "Cairo"]]
    examples = []
    for tokens, tags in zip(words, gold, strict=True):
        reference = spacy.tokens.Doc(nlp.vocab, words=tokens)
        reference.ents = biluo_tags_to_spans(reference, iob_to_biluo(tags))
        examples.append(Example(spacy.tokens.Doc(nlp.vocab, words=tokens), reference))
    predicted = [
        [tag.replace("S-", "B-").replace("E-", "I-") for tag in span_run.tagger.tag(tokens)]
        for tokens in words
    ]
    scores = nlp.evaluate(examples)
    assert scores["ents_f"] == pytest.approx(f1_score(gold, predicted))
    plain = pipeline(plain_run)
    reference = spacy.tokens.Doc(plain.vocab, words=words[0], tags=["NAME", "WORD", "WORD", "NAME"])
    example = Example(spacy.tokens.Doc(plain.vocab, words=words[0]), reference)
    own = plain_run.tagger.tag(words[0])
    right = sum(a == b for a, b in zip(own, ["NAME", "WORD", "WORD", "NAME"], strict=True))
    assert plain.evaluate([example])["tag_acc"] == pytest.approx(right / 4)


def test_a_component_without_a_run_says_so():
    nlp = spacy.blank("en")
    tagger = nlp.add_pipe("seqlab", name="names")
    with pytest.raises(UserError) as caught:
        nlp("Ada")
    assert str(caught.value) == (
        "component 'names' has no run: add it with config={'run': 'runs/mine'}, or set its tagger"
    )
    assert tagger.loaded is None


def test_a_tagger_in_memory_will_do(span_run):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlab").tagger = span_run.tagger
    assert nlp(TEXTS[0]).ents


def test_spacy_finds_the_component_without_an_import():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, name = project["entry-points"]["spacy_factories"]["seqlab"].split(":")
    assert getattr(import_module(module), name) is component.make_component
    assert spacy.Language.has_factory("seqlab")


@pytest.mark.slow
def test_processes_tag_side_by_side(nlp):
    texts = TEXTS * 3
    one, two = ([spans_of(d) for d in nlp.pipe(texts, n_process=n, batch_size=4)] for n in (1, 2))
    assert one == two

from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.gazetteer_making import make_gazetteers
from seqlab.scoring.gazetteer_coverage import (
    ClassCoverage,
    GazetteerCoverage,
    measure_coverage,
    suspicious_class,
)

LISTS = make_gazetteers(
    {"city": [["New", "York"], ["Rome"], ["Paris"]], "north": [["Oslo"], ["New", "York", "Times"]]}
)


def arrays(*texts):
    """Sentences of words with their tags behind a slash."""
    pairs = [[word.split("/") for word in text.split()] for text in texts]
    return corpus_arrays(
        [Sentence(tokens=[w for w, _ in p], tags=[t for _, t in p]) for p in pairs]
    )


def test_a_span_counts_as_covered_when_it_is_a_whole_match():
    corpus = arrays(
        "Rome/B-LOC and/O New/B-LOC York/I-LOC",
        "New/B-ORG York/I-ORG Times/I-ORG",
        "paris/O Oslo/B-LOC",
    )
    covered = measure_coverage(LISTS, corpus, Scheme.IOB2)
    assert str(covered["north"]) == "2 matches, 2 of 4 spans (LOC 33%, ORG 100%)"
    coverage = covered["city"]
    assert coverage.matches == 4
    assert coverage.classes == {"LOC": ClassCoverage(3, 2), "ORG": ClassCoverage(1, 0)}
    assert str(coverage) == "4 matches, 2 of 4 spans (LOC 67%)"


def test_of_plain_tags_only_the_matches_are_counted():
    covered = measure_coverage(LISTS, arrays("Rome/NOUN is/VERB"), Scheme.PLAIN)
    assert (str(covered["city"]), str(covered["north"])) == ("1 match", "0 matches")


def coverage(spans, covered):
    return GazetteerCoverage(matches=covered, classes={"LOC": ClassCoverage(spans, covered)})


def test_a_list_of_the_training_mentions_is_suspicious_and_others_are_not():
    assert suspicious_class(coverage(500, 495), coverage(200, 90)) == "LOC"
    assert suspicious_class(coverage(500, 300), coverage(200, 110)) is None  # a gap of 5 points
    assert suspicious_class(coverage(500, 90), coverage(200, 190)) is None  # better in valid
    assert suspicious_class(coverage(25, 20), coverage(21, 10)) is None  # by chance
    assert suspicious_class(coverage(500, 495), coverage(9, 0)) is None  # too few to tell

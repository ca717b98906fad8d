from seqlab.encoding.coverage import CorpusCoverage, Coverage
from seqlab.reporting.coverage import coverage_text


def test_three_rows_a_corpus_and_two_without_entities():
    tokens = Coverage(exact=1200, lower=300, unknown=500)
    found = CorpusCoverage(
        tokens=tokens,
        types=Coverage(exact=1, lower=0, unknown=2),
        entity_tokens=Coverage(exact=0, lower=0, unknown=0),
    )
    plain = CorpusCoverage(tokens=tokens, types=tokens, entity_tokens=None)
    assert coverage_text({"train": found, "a\x1bb": plain}).splitlines() == [
        "coverage by vectors   number  exact  lower-case  unknown",
        "train: tokens          2,000  60.0%       15.0%    25.0%",
        "train: types               3  33.3%        0.0%    66.7%",
        "train: entity tokens       0      –           –        –",
        "a\\u{1b}b: tokens       2,000  60.0%       15.0%    25.0%",
        "a\\u{1b}b: types        2,000  60.0%       15.0%    25.0%",
    ]

from hypothesis import given
from hypothesis import strategies as st

from seqlab.auditing.corpora import audit_corpora
from seqlab.auditing.views import view_split
from seqlab.auditing.windows import check_windows
from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.encoding.encoder import fit_encoder
from tests.strategies import sentences


@given(
    st.lists(
        sentences(tags=st.sampled_from(["O", "B-A", "I-A"]), max_size=12), min_size=1, max_size=4
    ),
    st.integers(1, 5),
)
def test_cut_spans_are_those_with_tokens_in_two_windows(corpus, size):
    encoder = fit_encoder(corpus)
    arrays = corpus_arrays(corpus)
    view = view_split(tuple(corpus), arrays, Scheme.IOB2, encoder, ("O", "A"))
    expected = 0
    for s in corpus:
        pieces = -(-len(s) // size)
        window = [max(p for p in range(pieces) if p * len(s) // pieces <= i) for i in range(len(s))]
        expected += sum(window[a] != window[b - 1] for a, b, _ in decode_spans(s.tags, Scheme.IOB2))
    found = check_windows(view, size)
    assert found.cut_spans == expected
    assert found.long_sentences == sum(len(s) > size for s in corpus)


def test_long_sentences_of_a_real_corpus(shared_data):
    path = shared_data / "sec_filings" / "CONLL-format" / "data" / "test" / "FIN3.txt"
    found = audit_corpora(path).windows["train"]
    assert (found.long_sentences, found.longest[0].tokens, found.max_tokens) == (15, 641, 150)
    assert found.longest[0].source == f"{path}:7735"

import pytest

from seqlab.corpus.reading import read_corpus
from seqlab.corpus.token_lines import token_sources
from seqlab.corpus.writing import write_corpus
from tests.auditing.hand import sentence

CONLLU = """# text = a
1-2\tdel\t_\t_\t_\t_\t_\t_\t_\t_
1\tde\t_\tADP\t_\t_\t_\t_\t_\t_
2\tel\t_\tDET\t_\t_\t_\t_\t_\t_
2.1\tghost\t_\tX\t_\t_\t_\t_\t_\t_
3\tde\t_\tADP\t_\t_\t_\t_\t_\t_

1\tfin\t_\tNOUN\t_\t_\t_\t_\t_\t_
"""


def lines_at(path, places):
    lines = path.read_text(encoding="utf-8").split("\n")
    assert all(place.startswith(f"{path}:") for place in places)
    return [lines[int(place.rpartition(":")[2]) - 1] for place in places]


def test_every_token_of_conllu_is_on_its_line(tmp_path):
    path = tmp_path / "t.conllu"
    path.write_text(CONLLU, encoding="utf-8")
    first, second = read_corpus(path)
    places = token_sources([(first, 0), (first, 1), (first, 2), (second, 0)])
    ids = [line.split("\t")[0] for line in lines_at(path, places)]
    assert ids == ["1", "2", "3", "1"]


@pytest.mark.parametrize(
    "name", ["wnut17/emerging.dev.conll", "ud_french_sequoia/fr_sequoia-ud-dev.conllu"]
)
def test_every_token_of_real_corpora_is_on_its_line(shared_data, name):
    path = shared_data / name
    tokens = [(s, i) for s in read_corpus(path) for i in range(len(s))]
    lines = lines_at(path, token_sources(tokens))
    for (s, i), line in zip(tokens, lines, strict=True):
        assert s.tokens[i] in line.split("\t")
    assert len({*token_sources(tokens)}) == len(tokens)


def test_json_lines_name_the_sentence(tmp_path):
    path = tmp_path / "t.jsonl"
    write_corpus([sentence("a/O b/O"), sentence("c/O d/O")], path, format="jsonl")
    _, second = read_corpus(path)
    assert token_sources([(second, 1)]) == [f"{path}:2"]


def test_a_sentence_from_nowhere():
    assert token_sources([(sentence("a/O"), 0)]) == [""]

"""The page on raw text: corpora are read, and boundaries and words counted, as by hand."""

import importlib
import sys
from pathlib import Path

import pytest

from seqlab.text.token_rules import learn_token_rules

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"


@pytest.fixture
def study(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("sentence_splitting")
    for name in ("sentence_splitting", "corpora"):
        sys.modules.pop(name, None)


def test_paragraphs_of_ewt_end_where_the_file_says(study, tmp_path):
    file = tmp_path / "a.conllu"
    file.write_text(
        "# newdoc id = a\n# newpar\n# text = One.\n\n# text = Two. \n\n# newpar\n# text = 3.\n"
    )
    assert study.english([file]) == [["One.", "Two."], ["3."]]


def test_sentences_of_sequoia_are_ordered_by_id_over_all_files(study, tmp_path):
    (tmp_path / "a").write_text("# sent_id = x_2\n# text = B\n# sent_id = y.z_1\n# text = C\n")
    (tmp_path / "b").write_text("# sent_id = x_1\n# text = A\n")
    assert study.french([tmp_path / "a", tmp_path / "b"]) == [["A", "B"], ["C"]]


def test_boundaries_are_counted(study):
    documents = [["A b.", "C d.", "E."], ["F."]]
    score, rate = study.measure(documents, lambda text: text.replace("C ", "C| ").split("| "))
    assert score == (0, 1, 2)
    assert score.cells() == ["0.000", "0.000", "0.000"]
    assert rate > 0
    score, _ = study.measure(documents, lambda text: text.replace(". ", ".|").split("|"))
    assert score.cells() == ["1.000", "1.000", "1.000"]


def test_words_are_right_when_both_ends_are(study, tmp_path):
    file = tmp_path / "a.iob2"
    file.write_text("# id\n1\t北京\tO\n2\t去了\tO\n\n1\t去\tO\n\n", "utf-8")
    sentences = study.chinese(file)
    assert sentences == [["北京", "去了"], ["去"]]
    assert study.word_score(sentences, learn_token_rules(["北京", "去"])) == (2, 4, 3)

import pytest

from seqlab.auditing.illegal_tags import IllegalTransition, repaired_tags
from seqlab.auditing.reading import read_audited_corpora
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.splits import load_splits
from seqlab.errors import CorpusError, SettingsError
from tests.auditing.hand import CLEAN_TRAIN, write


def test_illegal_tags_are_counted_before_they_are_mended(tmp_path):
    path = write(
        tmp_path / "t.conll",
        "I/O saw/O Ada/I-PER Stone/I-PER",
        "Oslo/I-LOC is/O far/O",
        "Ada/B-PER Stone/I-PER left/O",
        "so/O did/O Boris/I-PER",
        "Boris/B-PER Ada/B-PER Oslo/B-LOC Lima/B-LOC",
    )
    found = read_audited_corpora({"train": path}, scheme="iob2").illegal["train"]
    if found.tags == 0:  # the file looks like IOB1 to the detector
        pytest.fail("the corpus was not read as iob2")
    assert (found.tags, found.sentences) == (3, 3)
    assert found.most_frequent[0] == IllegalTransition(
        previous="O", tag="I-PER", read_as="B-PER", count=2, example=f"{path}:1"
    )
    assert found.most_frequent[1].previous is None


@pytest.mark.parametrize(
    ("tags", "scheme", "expected"),
    [
        (("B-PER", "O"), Scheme.IOB2, []),
        (("O", "I-PER"), Scheme.IOB2, [("O", "I-PER", "B-PER")]),
        (("I-PER",), Scheme.IOB2, [(None, "I-PER", "B-PER")]),
        (("B-PER", "O"), Scheme.IOBES, [(None, "B-PER", "S-PER")]),
    ],
)
def test_repaired_tags_name_what_stands_before(tags, scheme, expected):
    assert repaired_tags(tags, scheme) == expected


def test_a_validation_file_in_another_scheme_has_no_illegal_tags(tmp_path):
    train, valid = tmp_path / "train.conll", tmp_path / "valid.conll"
    train.write_text("a I-A\nb I-A\nc B-A\n")
    valid.write_text("d B-A\ne I-A\nf O\n")
    found = read_audited_corpora({"train": str(train), "valid": str(valid)})
    assert found.illegal["valid"].tags == 0
    assert found.splits["valid"][0].tags == ("I-A", "I-A", "O")
    assert found.notes == ("valid: tags converted from iob2 to iob1",)


def test_real_corpora_have_the_illegal_tags_that_load_splits_notes(shared_data):
    folder = shared_data / "sec_filings" / "CONLL-format" / "data"
    found = read_audited_corpora({"train": str(folder / "train" / "FIN5.txt")})
    assert found.scheme is Scheme.IOB1
    assert found.illegal["train"].tags == 0


def test_a_valid_share_is_cut_off_as_training_does(tmp_path):
    path = write(tmp_path / "t.conll", *CLEAN_TRAIN)
    found = read_audited_corpora({"train": path}, valid_share=0.25, seed=4)
    expected = load_splits(path, valid_share=0.25, seed=4)
    assert found.splits["valid"] == expected.valid
    assert found.splits["train"] == expected.train
    assert list(found.splits) == ["train", "valid"]
    assert f"split off {path}, stratified by class (share 0.25, seed 4)" in found.notes[-1]


def test_documents_are_cut_off_as_training_does(shared_data):
    path = str(shared_data / "wikigold/CONLL-format/data/wikigold.conll.txt")
    found = read_audited_corpora({"train": path}, valid_share=0.25, seed=4)
    expected = load_splits(path, valid_share=0.25, seed=4)
    assert found.splits["valid"] == expected.valid
    assert found.splits["train"] == expected.train
    whole = len({s.document for s in expected.valid})
    assert f"split off {path}, {whole} of 145 documents whole, stratified" in found.notes[-1]


def test_without_a_share_the_file_is_left_whole(tmp_path):
    found = read_audited_corpora({"train": write(tmp_path / "t.conll", *CLEAN_TRAIN)})
    assert len(found.splits["train"]) == len(CLEAN_TRAIN)
    assert list(found.splits) == ["train"]


def test_a_share_beside_a_file_is_refused(tmp_path):
    path = write(tmp_path / "t.conll", *CLEAN_TRAIN)
    with pytest.raises(SettingsError, match="valid_share and valid are both given: choose one"):
        read_audited_corpora({"train": path, "valid": path}, valid_share=0.1)


def test_one_sentence_cannot_be_split(tmp_path):
    path = write(tmp_path / "t.conll", "a/O")
    with pytest.raises(CorpusError, match=r"t\.conll: valid: can't split 1 sentences"):
        read_audited_corpora({"train": path}, valid_share=0.5)

"""The text and the HTML of a continued training, from hand-made values."""

from seqlab.reporting.continuing import continued_section, old_validation_text, reuse_text
from tests.reporting.records import figures

REPORT = {
    "from": "runs/old",
    "words": {"kept": 4211, "new": 812},
    "characters": {"kept": 88, "new": 0},
    "features": {"shape": {"kept": 51, "new": 18}},
    "tags": {"kept": ["O", "B-PER"], "new": ["B-MISC"], "dropped": []},
    "layers": ["word_embedding", "bilstm_1"],
    "frozen": [],
}
OLD = {
    "file": "old.conll",
    "before": figures(PER=(8, 10, 10), LOC=(5, 10, 10), LAW=(0, 0, 0)).to_json(),
    "after": figures(PER=(9, 10, 10), LOC=(0, 0, 10), LAW=(0, 3, 0)).to_json(),
}


def test_what_is_reused():
    assert reuse_text(REPORT).split("\n") == [
        "continues runs/old",
        "  words 4,211 kept, 812 new; characters 88 kept, 0 new",
        "  features: shape 51 kept, 18 new",
        "  tags kept: O, B-PER; new: B-MISC; dropped: none",
        "  layers copied: word_embedding, bilstm_1",
        "  frozen: none",
    ]
    assert "features" not in reuse_text({**REPORT, "features": {}})


def test_the_table_of_old_classes():
    assert old_validation_text(OLD).split("\n") == [
        "Old validation data, before training and at the kept epoch:",
        "  class     gold  F1 before  F1 after  change",
        "  LOC         10      0.500     0.000  -0.500",
        "  PER         10      0.800     0.900  +0.100",
        "  macro F1            0.650     0.450  -0.200",
    ]


def test_the_section_of_the_page():
    assert continued_section({}) is None
    assert continued_section({"continued": REPORT})["table"] is None
    section = continued_section({"continued": REPORT, "old_validation": OLD})
    assert section["text"] == reuse_text(REPORT)
    assert "<td>-0.500</td>" in section["table"]

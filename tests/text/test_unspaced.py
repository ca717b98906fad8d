import json
from dataclasses import asdict
from pathlib import Path

import pytest

from seqlab.text.token_rules import learn_token_rules
from seqlab.text.tokenise import tokenise
from seqlab.text.unspaced import learn_unspaced, script_of

CHARACTERS = learn_token_rules([*"张三去北京。他在上海没有人李四回来", "a", "b", "0"])
WORDS = learn_token_rules(
    ["在", "北京", "北京大学", "大学", "年", "0000年", "t恤", "食べる", "a", "ab", "は"]
)


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("张三去北京。", "张|三|去|北|京|。"),
        ("东京，abc 12", "东|京|，|a|b|c|1|2"),
        ("北\u0301京", "北\u0301|京"),
        ("Абв", "Абв"),  # a script that training lacks
    ],
)
def test_where_training_has_characters_all_is_cut_into_characters(line, tokens):
    assert "|".join(tokenise(line, CHARACTERS)) == tokens


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("在北京大学", "在|北京大学"),
        ("在北京学大学", "在|北京|学|大学"),
        ("2008年在北京", "2008年|在|北京"),
        ("在T恤abc", "在|T恤|abc"),
        ("私は食べるよ", "私|は|食べる|よ"),
        ("见https://a.b/c。北京", "见|https://a.b/c|。|北京"),
        ("Zürich ab", "Zürich|ab"),
        ("İ北京", "İ|北京"),
        ("北京\u0301 北京大学\ufe00", "北|京\u0301|北京|大|学\ufe00"),
    ],
)
def test_words_of_training_are_found_longest_first(line, tokens):
    assert "|".join(tokenise(line, WORDS)) == tokens


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("東京タワー Zürich", "東|京|タ|ワ|ー|Zürich"),
        ("สวัสดี", "ส|วั|ส|ดี"),
        ("ສະບາຍ ខ្មែរ", "ສ|ະ|บາຍ".replace("บ", "ບ").replace("ບາຍ", "ບ|າ|ຍ") + "|ខ្មែ|រ"),
        ("서울에서 ab", "서울에서|ab"),
    ],
)
def test_without_training_scripts_without_spaces_are_cut_into_characters(line, tokens):
    assert "|".join(tokenise(line)) == tokens


def test_symbols_of_another_script_do_not_make_it_one_of_characters():
    rules = learn_token_rules(["the", "of", "receptor", "β", "α", "γ"])
    assert tokenise("the αβγ", rules) == ("the", "αβγ")


def test_a_script_is_of_characters_when_nearly_all_its_words_are():
    single = [chr(0x4E00 + n) for n in range(95)]
    assert learn_unspaced([*single, *["北京", "上海", "天津", "重庆", "香港"]]).words == frozenset()
    assert "北京" in learn_unspaced([*single[1:], *["北京", "上海", "天津", "重庆", "香港"]]).words


def test_rules_can_be_part_of_a_key():
    dumped = json.loads(json.dumps(asdict(learn_token_rules(["北京", "mr."])), default=sorted))
    assert dumped["whole"] == ["mr."]
    assert dumped["unspaced"]["words"] == ["北京"]
    assert dumped["unspaced"]["lengths"] == {"北": [2]}


def test_scripts():
    assert [script_of(c) for c in ("a", "я", "京", "ก", "٣", "!", "")] == (
        ["Latin", "Cyrillic", "Han", "Thai", "digits", "", ""]
    )


def test_the_case_of_chinese_characters():
    folder = Path(__file__).parent / "cases"
    corpus = (folder / "chinese_chars.conll").read_text("utf-8").splitlines()
    rules = learn_token_rules(list(dict.fromkeys(line.split()[0] for line in corpus if line)))
    lines = (folder / "chinese_chars.txt").read_text("utf-8").splitlines()
    assert [" ".join(tokenise(line, rules)) for line in lines] == [
        "张 三 去 北 京 。",
        "他 在 上 海 。",
        "李 四 回 来",
    ]

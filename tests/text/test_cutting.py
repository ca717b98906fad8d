import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqlab.text.cutting import TextRules, TokenOffsets, cut_text
from seqlab.text.token_rules import TokenRules, learn_token_rules
from seqlab.text.tokenise import CHUNKS, TOKEN, remembered_tokens, tokenise, tokens_of_chunk
from seqlab.text.unspaced import ANY_UNSPACED

RULES = {
    "untrained": TokenRules(),
    "clitics": learn_token_rules(["l'", "'s", "n't", "mr.", "u.s.", "the", "-il"]),
    "characters": learn_token_rules([*"张三去北京", "a", "0", "ก"]),
    "words": learn_token_rules(["北京", "北京大学", "去", "0000年", "สวัสดี", "the", "mr."]),
}
FAMILY = "👩\u200d👩\u200d👧\u200d👦"
TEXTS = {
    "CRLF": "One line.\r\nAnother.\r\n\r\nLast",
    "lone CR": "One line.\rAnother.",
    "tabs": "\ta\tb\t\tc. d\t",
    "NFC": unicodedata.normalize("NFC", "Zoë, l'été à Žilina. 각"),
    "NFD": unicodedata.normalize("NFD", "Zoë, l'été à Žilina. 각"),
    "emoji": f"Yes 😀👍🏽! {FAMILY} 🇩🇪🇫🇷. No {FAMILY}{FAMILY}",
    "combining marks": "a \u0301b \u0301 \u20ddc\u0301\u0302. \u0301",
    "right to left": "שלום, עולם. \u202bמה שלומך?\u202c مرحبا بالعالم.",
    "BOM at the start": "\ufeffMr. Li. No.",
    "BOM inside": "Mr.\ufeff Li\ufeff. \ufeff No.",
    "separators": "one\u2028two\u2029three\x85four\x0bfive\x0csix\x1cseven",
    "NUL": "a\x00b \x00 c.\x00",
    "no spaces": "张三去北京大学。2008年สวัสดีฉันa北京b",
    "prepended marks": "\u0600 a \u06001 \u0600",
    "half a pair": "a\ud83d b\ude00. C",
    "white space": " \u3000\xa0\u2003\n\n",
    "long": "l'" * 200 + " " + "a-b." * 100 + "北京" * 200,
    "address": "见https://a.b/北京。See https://a.b/c?d=e. Yes",
}


def tokens_of(text, sentence):
    return [text[start:end] for start, end in zip(*sentence, strict=True)]


def check_exact(text, rules):
    """Every offset is right: tokens in order, white space alone lost, and the tokens those of `tokenise`."""
    cut = cut_text(text, rules)
    position, found = 0, []
    for sentence in cut:
        assert sentence.starts
        tokens = tokens_of(text, sentence)
        for start, end in zip(*sentence, strict=True):
            assert start < end
            assert not text[position:start].strip()
            position = end
        assert not any(c.isspace() for token in tokens for c in token)
        stretch = text[sentence.starts[0] : sentence.ends[-1]]
        expected = stretch.split() if rules.tokenized else tokenise(stretch, rules.token_rules)
        assert tokens == list(expected)
        found += tokens
    assert not text[position:].strip()
    assert "".join(found) == "".join(text.split())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("sentences", ["line", "split"])
@pytest.mark.parametrize("tokenized", [False, True])
def test_offsets_are_exact(text, name, sentences, tokenized):
    check_exact(text, TextRules(sentences=sentences, tokenized=tokenized, token_rules=RULES[name]))


pieces = st.sampled_from(
    [*TEXTS.values(), " ", "\n", "\r\n", ".", " ", "'", "’s", "-", "@", "#", "https://"]
)
texts = st.lists(
    pieces.flatmap(lambda t: st.just(t) | st.just(t[:3]) | st.just(t[-3:])), max_size=8
)


@given(
    texts.map("".join) | st.text(max_size=60),
    st.sampled_from([*RULES.values()]),
    st.sampled_from(["line", "split"]),
    st.sampled_from(["en", "fr", "zh", "ar", "hi"]),
)
@example("\u0600 a", RULES["clitics"], "line", "en")
@example("İ'S İ北京", RULES["words"], "split", "en")
def test_offsets_of_generated_text_are_exact(text, rules, sentences, language):
    check_exact(text, TextRules(sentences=sentences, language=language, token_rules=rules))


@given(texts.map("".join) | st.text(max_size=60))
def test_stretches_without_white_space_are_cut_as_the_whole_line_is(text):
    if not ANY_UNSPACED.search(text):
        assert list(tokenise(text)) == TOKEN.findall(text)


def test_offsets_by_hand():
    rules = TextRules(token_rules=RULES["clitics"])
    assert cut_text("\ufeffMr. Li's.\r\n\tNo! Yes", rules) == [
        TokenOffsets((0, 1, 5, 7, 9), (1, 4, 7, 9, 10)),
        TokenOffsets((13, 15), (15, 16)),
        TokenOffsets((17,), (20,)),
    ]


def test_memory_for_stretches_is_bounded():
    assert remembered_tokens.cache_info().maxsize == CHUNKS
    before = remembered_tokens.cache_info().currsize
    long = "x-" * 1000
    assert "".join(tokens_of_chunk(long, TokenRules())) == long
    assert remembered_tokens.cache_info().currsize == before

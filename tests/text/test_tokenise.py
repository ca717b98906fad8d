import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.streaming.output import marked_text
from seqlab.text.spelling import normalise
from seqlab.text.token_rules import LONGEST, TokenRules, learn_token_rules
from seqlab.text.tokenise import TOKEN, tokenise
from seqlab.text.unspaced import ANY_UNSPACED
from tests.strategies import LETTERS, span_tags


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("", ""),
        ("  \t ", ""),
        ("Paris is big.", "Paris|is|big|."),
        ("“Yes,” she said", "“|Yes|,|”|she|said"),
        ("it's O’Hara's co-op", "it's|O’Hara's|co-op"),
        ("1,000.50 at 10:30 on 3/4", "1,000.50|at|10:30|on|3/4"),
        ("see https://a.b/c?d=e, then", "see|https://a.b/c?d=e,|then"),
        ("@ada #nlp ann@b.org AT&T", "@ada|#nlp|ann@b.org|AT&T"),
        ("end...", "end|.|.|."),
        ("-x-", "-|x|-"),
        ("東京 Zürich", "東|京|Zürich"),
        ("😀a", "😀|a"),
    ],
)
def test_tokenise(line, tokens):
    assert "|".join(tokenise(line)) == tokens


@given(st.text(max_size=40))
def test_no_character_but_white_space_is_lost(line):
    tokens = tokenise(line)
    assert "".join(tokens) == "".join(line.split())
    assert all(token and not any(c.isspace() for c in token) for token in tokens)


@pytest.mark.parametrize(
    ("tags", "scheme", "line"),
    [
        ("O O O", Scheme.IOB2, "a b c"),
        ("B-PER I-PER B-PER", Scheme.IOB2, "[PER a b] [PER c]"),
        ("I-PER I-PER I-LOC", Scheme.IOB1, "[PER a b] [LOC c]"),
        ("S-PER B-LOC E-LOC", Scheme.IOBES, "[PER a] [LOC b c]"),
        ("B-X M-X E-X", Scheme.BMES, "[X a b c]"),
        ("O I-PER O", Scheme.IOB2, "a [PER b] c"),
        ("DET -LRB- X", Scheme.PLAIN, "a/DET b/-LRB- c/X"),
    ],
)
def test_marked_text(tags, scheme, line):
    assert marked_text(["a", "b", "c"], tags.split(), scheme) == line


def test_marked_text_of_nothing():
    assert marked_text([], [], Scheme.IOB2) == marked_text([], [], Scheme.PLAIN) == ""


@given(st.sampled_from(list(LETTERS)).flatmap(lambda s: st.tuples(st.just(s), span_tags(s))))
def test_marks_aside_the_tokens_stay(scheme_and_tags):
    scheme, tags = scheme_and_tags
    tokens = [f"w{number}" for number in range(len(tags))]
    line = marked_text(tokens, tags, scheme)
    assert [word.rstrip("]") for word in line.split() if not word.startswith("[")] == tokens
    assert line.count("[") == line.count("]")
    assert (line.count("[") == 0) == (set(tags) <= {"O"})


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("Dr. Hall of the U.S. Navy.", "Dr. Hall of the U.S. Navy ."),
        ("DR. No", "DR. No"),
        ("St. Ives, D.C.", "St . Ives , D.C ."),
        ("He saw the Dr.", "He saw the Dr."),
        ("the dr .", "the dr ."),
        (".dr..", ". dr. ."),
        ("1. dr", "1 . dr"),
    ],
)
def test_abbreviations_of_training_keep_their_full_stop(line, tokens):
    known = learn_token_rules(["u.s.", "dr.", "0.", "navy", ".", "...", "e.."])
    assert tokenise(line, known) == tuple(tokens.split())


FRENCH = learn_token_rules(
    ["l'", "d'", "qu'", "c'", "a", "-il", "-t-il", "-ce", "m.", "o.n.u.", "d'accord", "aujourd'hui"]
)
ENGLISH = learn_token_rules(
    ["it", "'s", "n't", "'ll", "'ve", "it's", "the", "u.s.", "mr.", "inc.", "o'clock", "sear's"]
)


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("L'eau, d'électricité", "L' eau , d' électricité"),
        ("qu'il qu’il QU'IL", "qu' il qu’ il QU' IL"),
        ("d'aujourd'hui, d’aujourd’hui", "d' aujourd'hui , d’ aujourd’hui"),
        ("l' eau, l'«\xa0eau\xa0», l'@ada", "l' eau , l' « eau » , l' @ada"),
        ("lorsqu'il parce-qu'il", "lorsqu'il parce-qu'il"),
        ("y a-t-il", "y a -t-il"),
        ("Est-ce. qu'est-ce?", "Est -ce . qu' est -ce ?"),
        ("c'est peut-être, -il", "c' est peut-être , - il"),
        ("d'accord. D’ACCORD", "d'accord . D’ACCORD"),
        ("de l'O.N.U., l'M.", "de l' O.N.U. , l' M."),
        ("l'İle l'été", "l'İle l' été"),
        ("https://d.e/l'a-il. x", "https://d.e/l'a-il. x"),
    ],
)
def test_french_clitics_of_training_are_tokens(line, tokens):
    assert tokenise(line, FRENCH) == tuple(tokens.split())


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("Microsoft's MICROSOFT’S", "Microsoft 's MICROSOFT ’S"),
        ("doesn't. Don’t!", "does n't . Do n’t !"),
        ("shouldn't've", "should n't 've"),
        ("It's five o'clock", "It 's five o'clock"),
        ("Sear's Lear's", "Sear's Lear 's"),
        ("the U.S.'s, Inc.’s", "the U.S. 's , Inc. ’s"),
        ("\"Lost\"'s @ada's", "\" Lost \" 's @ada 's"),
        ("n't 's", "n't ' s"),
        ("the dogs' 'Mr. X' ('Mr. Y')", "the dogs ' ' Mr. X ' ( ' Mr. Y ' )"),
        ("we'd 90's O'Hara's", "we'd 90 's O'Hara 's"),
        ("x-y's x's-y", "x-y 's x's-y"),
    ],
)
def test_english_clitics_of_training_are_tokens(line, tokens):
    assert tokenise(line, ENGLISH) == tuple(tokens.split())


def test_what_is_too_long_for_a_word_is_not_looked_into():
    longest = "d'" + "a" * (LONGEST - 2)
    assert tokenise(longest, FRENCH) == ("d'", longest[2:])
    assert tokenise(f"({longest}a.", FRENCH) == ("(", f"{longest}a", ".")
    assert tokenise("l'" * 100_000, FRENCH) == ("l'" * 99_999 + "l", "'")


PIECES = [
    *(
        "l",
        "l'",
        "d’",
        "il",
        "-il",
        "-t",
        "-ce",
        "it",
        "'s",
        "n’t",
        "u.s",
        "mr.",
        "a",
        "1",
        "İ",
        "ा",
    ),
    *(
        " ",
        "\t",
        "\x1c",
        ".",
        "..",
        "'",
        "’",
        "-",
        "@",
        "#",
        "(",
        "https://",
        "😀",
        "🏻",
        "\u0301",
        "\u200d",
        "\u0600",
    ),
]
lines = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(lines | st.text(max_size=40), st.sampled_from([FRENCH, ENGLISH]))
@example("https://\x1c", ENGLISH)
@example("\u0600 a", FRENCH)
def test_clitics_lose_no_character_but_white_space(line, token_rules):
    tokens = tokenise(line, token_rules)
    assert "".join(tokens) == "".join(line.split())
    assert all(token and not any(c.isspace() for c in token) for token in tokens)


@given((lines | st.text(max_size=40)).filter(lambda line: not ANY_UNSPACED.search(line)))
def test_without_clitics_abbreviations_are_all_that_is_joined(line):
    known = {"mr.", "u.s.", "a.", "i̇."}
    tokens: list[str] = []
    end = -1
    for match in TOKEN.finditer(line):
        stop = match.group() == "." and match.start() == end
        if stop and normalise(tokens[-1] + ".") in known:
            tokens[-1] += "."
        else:
            tokens.append(match.group())
        end = match.end()
    assert tokenise(line, TokenRules(whole=frozenset(known))) == tuple(tokens)
    assert tokenise(line, learn_token_rules(["never.", "navy"])) == tokenise(line)

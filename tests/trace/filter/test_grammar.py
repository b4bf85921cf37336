from __future__ import annotations

import pytest
from hypothesis import example, given

from inspector.trace.filter import FIELDS, Field, FieldType, FilterError, parse, tokens, unparse
from inspector.trace.filter.grammar import MAX_DEPTH, MAX_TERMS
from inspector.trace.filter.tree import And, Compares, Contains, Equals, Flag, Matches, Node, Not, Or, Within, Word
from tests.trace.filter.strategies import filter_texts, nodes

OK, OLD, LAMP = Equals("status", 200), Contains("path", "/old"), Word("lamp")

TREES: dict[str, Node] = {
    "lamp": LAMP,
    "/api/search?q=lamp": Word("/api/search?q=lamp"),
    "127.0.0.1:8000": Word("127.0.0.1:8000"),
    '"and"': Word("and"),
    "'two words'": Word("two words"),
    "it's": Word("it's"),
    "path:/old": OLD,
    "PATH:/old": OLD,
    "path=/old": Equals("path", "/old"),
    "path~^/old": Matches("path", "^/old"),
    r"path~\.css$": Matches("path", r"\.css$"),
    r'path~"^/(a|b)\.css$"': Matches("path", r"^/(a|b)\.css$"),
    r'path:"say \"hi\" \\ twice"': Contains("path", r'say "hi" \ twice'),
    'path:">=200"': Contains("path", ">=200"),
    "path:a:b=c~d": Contains("path", "a:b=c~d"),
    'outcome="client left"': Equals("outcome", "client left"),
    "status:200": OK,
    "status=200": OK,
    'status:"200"': OK,
    "status:>=200": Compares("status", ">=", 200),
    "status:<200": Compares("status", "<", 200),
    'status:">= 200"': Compares("status", ">=", 200),
    "status:5xx": Within("status", 500, 599),
    "status:40X": Within("status", 400, 409),
    "status~^2": Matches("status", "^2"),
    "duration:>200ms": Compares("duration", ">", 200_000_000),
    "duration:<=1.5s": Compares("duration", "<=", 1_500_000_000),
    "duration:>2m": Compares("duration", ">", 120_000_000_000),
    "duration:5µs": Equals("duration", 5_000),
    "duration:0": Equals("duration", 0),
    "app:<7ns": Compares("app", "<", 7),
    "size:>1MB": Compares("size", ">", 1_000_000),
    "size:>1.5kb": Compares("size", ">", 1_500),
    "size:7": Equals("size", 7),
    "request.size:>1GB": Compares("request.size", ">", 10**9),
    "has:exception": Flag("has:exception"),
    "HAS:Log": Flag("has:log"),
    "is:pinned is=live": And((Flag("is:pinned"), Flag("is:live"))),
    "status:200 lamp": And((OK, LAMP)),
    "status:200 AND lamp": And((OK, LAMP)),
    "status:200 or lamp path:/old": Or((OK, And((LAMP, OLD)))),
    "(status:200 or lamp) path:/old": And((Or((OK, LAMP)), OLD)),
    "(status:200)(lamp)": And((OK, LAMP)),
    "path:/old(lamp)": And((OLD, LAMP)),
    "((lamp))": LAMP,
    "(status:200 lamp) path:/old": And((OK, LAMP, OLD)),
    "not lamp": Not(LAMP),
    "not not lamp": Not(Not(LAMP)),
    "not lamp or status:200": Or((Not(LAMP), OK)),
    "not(lamp or status:200)": Not(Or((LAMP, OK))),
    "status:>=200 and not path~^/old": And((Compares("status", ">=", 200), Not(Matches("path", "^/old")))),
}


@pytest.mark.parametrize("text", TREES)
def test_tree(text: str) -> None:
    assert parse(text) == TREES[text]


@pytest.mark.parametrize("text", ["", " ", "\t\n\u00a0"])
def test_blank_text_is_no_filter(text: str) -> None:
    assert parse(text) is None
    assert tokens(text) == []


ERRORS = {
    "statsu:200": (0, "unknown field 'statsu', did you mean status?"),
    "lamp q=3": (5, "unknown field 'q'; to look for the text itself, write \"q=3\""),
    "hass:log": (0, "did you mean has?"),
    "has:exeption": (4, "unknown has:exeption, did you mean has:exception?"),
    "has:zzz": (4, "did you mean has:exception or has:log?"),
    "has~log": (3, "has takes no regex: write has:exception or has:log"),
    "status:": (7, "status: needs a value right after it, such as status:2xx"),
    "path: /x": (5, "path: needs a value right after it, such as path:/api"),
    'path=""': (5, "path= needs a value right after it"),
    "has:": (4, "has: needs a value right after it, such as has:exception"),
    "(path:)": (6, "path: needs a value"),
    '""': (0, "nothing between the quotes"),
    "(lamp": (0, "this parenthesis is never closed"),
    "a (b or (c)": (2, "this parenthesis is never closed"),
    "(": (0, "this parenthesis is never closed"),
    "lamp)": (4, "this parenthesis closes nothing"),
    ")": (0, "this parenthesis closes nothing"),
    "a ()": (2, "nothing between the parentheses"),
    "path~^/(a|b)": (7, 'a regex with a parenthesis needs quotes, as in path~"^/(a|b)"'),
    'path~"^/(a"': (8, r"missing ), unterminated subpattern; for the character itself write \("),
    r'path~"\"["': (8, r"unterminated character set; for the character itself write \["),
    "path~[[a]": (5, "bad regex: Possible nested set"),
    "path~a*(?i)": (7, "needs quotes"),
    "path~a{99999999999999}": (5, "bad regex: the repetition number is too large"),
    'path~"(?au)x"': (10, "bad regex: bad inline flags: flags 'a', 'u' and 'L' are incompatible"),
    f'path~"{"(" * 20_000}"': (6, "bad regex: "),
    "status:abc": (7, "'abc' is no number; right would be status:2xx or status:>=400"),
    "status:9xx9": (7, "'9xx9' is no number"),
    "status=5xx": (7, "'5xx' is no number"),
    "status:>= 200": (7, "'' is no number"),
    "status:-1": (7, "'-1' is no number"),
    "status:٢٠٠": (7, "is no number"),
    "id:1.5": (3, "'1.5' is no whole number"),
    "id:9223372036854775808": (3, "is too large"),
    "duration:>200": (9, "200 of what? (ns, us, ms, s, m); right would be duration:>200ms or duration:<5ms"),
    "duration:>2h": (9, "unknown unit 'h' (known: ns, us, ms, s, m)"),
    "size:1.5B": (5, "'1.5B' is no whole number of B"),
    "duration~2": (9, "duration is a quantity, not a text: compare it, as in duration:>200ms"),
    "path==/x": (4, 'write path=/x; to look for =/x, write path="=/x"'),
    "path=~x": (4, "write path~x"),
    "status>=200": (0, 'write status:>=200; to look for the text itself, write "status>=200"'),
    "status!=200": (0, "write not status=200"),
    "status<>200": (0, "write not status=200"),
    "path!~x": (0, "write not path~x"),
    "!path:x": (0, "write not path:x"),
    "-path:x": (0, "write not path:x"),
    "!path!=x": (0, "write path=x"),
    "a && b": (2, "write and in place of &&"),
    "a || b": (2, "write or in place of ||"),
    "status = 200": (7, "no blanks around ="),
    "and lamp": (0, "'and' needs a term before it; to look for it, write \"and\""),
    "lamp and": (8, "'and' needs a term after it, such as and status:200"),
    "lamp or or path:x": (8, "'or' needs a term after it"),
    "(or lamp)": (1, "'or' needs a term before it"),
    "lamp and )": (9, "'and' needs a term after it"),
    "not": (3, "'not' needs a term after it"),
    'path:"abc': (5, 'this quote is never closed: add " where it ends'),
    "'abc": (0, "this quote is never closed: add ' where it ends"),
    '"a"b': (3, "a blank is missing after the closing quote"),
    'path:"a"and': (8, "a blank is missing after the closing quote"),
    "a\ud800": (1, "lone surrogate"),
}


@pytest.mark.parametrize("text", ERRORS)
def test_error_says_what_where_and_what_would_be_right(text: str) -> None:
    column, words = ERRORS[text]
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert words in caught.value.message
    assert caught.value.column == column
    assert str(caught.value) == caught.value.message


def test_a_late_flag_is_an_error_as_of_python_3_11() -> None:
    with pytest.raises(FilterError, match=r"bad regex: .*lags not at the start"):
        parse('path~"a(?i)"')


def test_a_word_before_a_sign_is_a_word_where_no_field_is_meant() -> None:
    assert parse("a>b") == Word("a>b")
    assert parse("path>b") == Word("path>b")
    assert parse("~user") == Word("~user")


@pytest.mark.parametrize("text", ["(" * 100_000, "(" * 100_000 + "a" + ")" * 100_000, "not " * 100_000 + "a"])
def test_deep_nesting_is_an_error(text: str) -> None:
    with pytest.raises(FilterError, match="inside one another"):
        parse(text)


def test_limits_are_what_they_say() -> None:
    assert parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH) == Word("a")
    assert parse("a " * MAX_TERMS) == And((Word("a"),) * MAX_TERMS)
    assert parse("(a) " * (MAX_DEPTH + 1)) is not None
    with pytest.raises(FilterError, match=f"more than {MAX_TERMS} terms"):
        parse("a " * (MAX_TERMS + 1))


def test_one_entry_makes_a_family_of_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIELDS, "header.", Field("header.", FieldType.TEXT, "the header", "", ("json",)))
    assert parse("header.Accept:json") == Contains("header.accept", "json")
    with pytest.raises(FilterError, match=r"unknown field 'header\.'"):
        parse("header.:json")


@given(filter_texts)
@example("path~[a--b]")
def test_nothing_but_filter_errors(text: str) -> None:
    node, wrong = None, None
    try:
        node = parse(text)
    except FilterError as error:
        wrong = error
    if wrong:
        assert 0 <= wrong.column <= len(text)
        assert wrong.message
    else:
        assert (node is None) == (not text.strip())
        assert node is None or parse(unparse(node)) == node


@given(nodes)
def test_a_node_is_printed_as_what_parses_to_it(node: Node) -> None:
    assert parse(unparse(node)) == node


PRINTED = {
    "status:200 PATH~^/old": "status:200 and path~^/old",
    "(a or b) c": "(a or b) and c",
    "(a and b) or c": "a and b or c",
    "duration:1500us": "duration:1.5ms",
    "duration:>61s": "duration:>61s",
    "duration:>120s": "duration:>2m",
    "size:1234567": "size:1234.567KB",
    "size:0": "size:0B",
    "not (a b)": "not (a and b)",
    "path:'a b'": 'path:"a b"',
}


@pytest.mark.parametrize("text", PRINTED)
def test_printed_form(text: str) -> None:
    node = parse(text)
    assert node is not None
    assert unparse(node) == PRINTED[text]


@pytest.mark.parametrize("text", ["point:send path:/cart", "message.type:body", "message.size:>1KB", "body~^x"])
def test_only_a_breakpoint_may_name_the_fields_of_a_message(text: str) -> None:
    node = parse(text, of_message=True)
    assert node is not None
    assert parse(unparse(node), of_message=True) == node
    assert not any(token.kind == "error" for token in tokens(text, of_message=True))
    with pytest.raises(FilterError, match="only a breakpoint can ask for it"):
        parse(text)


@pytest.mark.parametrize("text", ["point:banana", "point=sen", "point~^x", "not point:banana", "point=SEND"])
def test_a_hook_point_that_there_is_not_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(FilterError, match=r"no hook point is '.*'; they are call, receive, .*raise") as found:
        parse(text, of_message=True)
    assert found.value.column == len(text) - len(
        text.rpartition("~" if "~" in text else "=" if "=" in text else ":")[2]
    )


@pytest.mark.parametrize("text", ["point:re", "point:SEND", "point=next", 'point~"^(send|next)$"', "not point:call"])
def test_a_part_of_a_hook_points_name_will_do(text: str) -> None:
    assert parse(text, of_message=True) is not None

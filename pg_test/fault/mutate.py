"""Random changes to documents and scripts: of their structure, and of their bytes."""

import copy
import json
import re
import sys

# What may stand where something else is expected.
_VALUES = (
    None, True, 0, -1, 1e308, 2**63, "", " ", "*", ".", "..", '"', "public.*", "pg_catalog.*", "integratedb.claim", "a.b.c",
    '"a"."b"', "\u0000", "\ud800", "\U0001f600", "x" * 70, "shop." + "y" * 5000, "shop.%", "'; DROP TABLE shop.orders; --",
    [], {}, [[]], [None], [{}], {"path": None}, {"alternatives": []}, {"match": []}, ["*", "*"], ["*", "id"],
    "text[]", "numeric(1000,1000)", "varchar(0)", "nosuch.type", "int[][][]", "(", "shop.price(bigint)", "shop.price(",
)  # fmt: skip
_KEYS = (
    "match", "path", "fields", "name", "type", "min_length", "max_length", "is_nullable", "optional", "alternatives", "pending",
    "privileges", "keys", "references", "indexed", "labels", "except", "shape", "collation", "generated", "has_default",
    "function", "sequence", "acknowledge_protected", "allow_security_definer", "on_break", "Path", "", "__proto__",
)  # fmt: skip
_TOKENS = (
    "SELECT", "FROM", "ALTER", "TABLE", "DROP", "CREATE", "(", ")", ";", ",", "'", '"', "$$", "$x$", "/*", "*/", "--", "\n",
    "E'\\", "U&'", "::", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s", "BEGIN ATOMIC", "END", "AS", "NULL", "\\", "\\.", "\\i x",
    "COPY shop.orders FROM stdin;", "IF EXISTS", "CASCADE", "CONCURRENTLY", "shop.", "orders", "wide.t_1", "SET search_path = ",
    "1e999", "0x", "$1", ":x", "%s", "?", "\u00e4", "\ufeff", "ARRAY[", "]", "DO", "WITH RECURSIVE", "PARTITION OF", "RENAME TO",
)  # fmt: skip
DEEP = 3000
# Documents are walked and written by recursion, and some are deep.
sys.setrecursionlimit(20000)


def document(made, random):
    """The text of a document like this one, with some changes, as bytes; it may be no JSON any more."""
    made = copy.deepcopy(made)
    for _ in range(random.randint(1, 4)):
        made = _change(made, random)
    text = json.dumps(made, ensure_ascii=random.random() < 0.5).encode("utf-8", "replace")
    if random.random() < 0.3:
        text = _bytes(text, random)
    return text


def script(text, random):
    """A script like this one, with some changes, as bytes; it may be no UTF-8 any more."""
    tokens = re.findall(r"\s+|\w+|.", text, re.DOTALL)
    for _ in range(random.randint(1, 6)):
        if not tokens:
            break
        at = random.randrange(len(tokens))
        change = random.randrange(7)
        if change == 0:
            del tokens[at : at + random.randint(1, 5)]
        elif change == 1:
            tokens[at] = random.choice(_TOKENS)
        elif change == 2:
            tokens.insert(at, f" {random.choice(_TOKENS)} ")
        elif change == 3:
            tokens[at:at] = tokens[at : at + random.randint(1, 8)] * random.randint(1, 3)
        elif change == 4:
            other = random.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif change == 5:
            del tokens[at:]
        elif random.random() < 0.2:
            tokens.insert(at, random.choice(("(", "1+", "NOT ", "/*", "ARRAY[", "SELECT (")) * random.choice((10, DEEP)))
    made = "".join(tokens).encode("utf-8", "replace")
    return _bytes(made, random) if random.random() < 0.2 else made


def literal(text):
    """Bytes as a string in SQL; a NUL cannot be sent."""
    return b"'" + text.replace(b"\0", b"").replace(b"'", b"''") + b"'"


def _value(random):
    return copy.deepcopy(random.choice(_VALUES))


def _nodes(made, found):
    """All places in a document: what holds them, and under which key or number."""
    items = made.items() if isinstance(made, dict) else enumerate(made) if isinstance(made, list) else ()
    for key, value in list(items):
        found.append((made, key))
        _nodes(value, found)
    return found


def _change(made, random):
    places = _nodes(made, [])
    if not places or random.random() < 0.02:
        return _value(random)
    holder, key = random.choice(places)
    change = random.randrange(9)
    if change == 0:
        holder[key] = _value(random)
    elif change == 1:
        del holder[key]
    elif change == 2 and isinstance(holder, dict):
        holder[random.choice(_KEYS)] = holder.pop(key)
    elif change == 3 and isinstance(holder, dict):
        holder[random.choice(_KEYS)] = _value(random)
    elif change == 4:
        other, there = random.choice(places)
        holder[key] = copy.deepcopy(other.get(there) if isinstance(other, dict) else other[there] if there < len(other) else None)
    elif change == 5:
        holder[key] = {random.choice(_KEYS): holder[key]} if random.random() < 0.5 else [holder[key]]
    elif change == 6 and isinstance(holder, list):
        holder.extend([copy.deepcopy(holder[key])] * random.choice((1, 2, 300)))
    elif change == 7 and isinstance(holder[key], str):
        text = holder[key]
        at = random.randint(0, len(text))
        holder[key] = text[:at] + random.choice(("", ".", '"', "\u00e4", "*", "'", "\u0000", " ")) + text[at + random.randint(0, 2) :]
    elif change == 8 and random.random() < 0.1:
        for _ in range(random.choice((5, 200))):
            holder[key] = {random.choice(_KEYS): holder[key]} if random.random() < 0.5 else [holder[key]]
    return made


def _bytes(text, random):
    text = bytearray(text)
    for _ in range(random.randint(1, 5)):
        at = random.randint(0, len(text))
        change = random.randrange(4)
        if change == 0 and text:
            text[min(at, len(text) - 1)] = random.randrange(1, 256)
        elif change == 1:
            text[at:at] = bytes(random.randrange(1, 256) for _ in range(random.randint(1, 4)))
        elif change == 2:
            del text[at : at + random.randint(1, 20)]
        else:
            text[at:at] = random.choice((b"[", b"{", b"(", b'"', b"\\", b"/*", b"$$")) * random.choice((1, 3, DEEP))
    return bytes(text)

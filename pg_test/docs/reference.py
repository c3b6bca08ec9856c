"""Checks that the documents name all that there is, and nothing that there is not."""

import json
import re

from execute import Database, value

CODE_IN_ERRORS = re.compile(r'"([0-9][0-9A-Z]{4}|XX000)"')
# pg_get_function_arguments() writes defaults with their types.
CAST = re.compile(r"::[a-z]+(\[\])?")
NAME_IN_TEXT = re.compile(r"\bintegratedb\.([a-z_]+)")
# Named as schemas' or files' names are: not an object of the extension.
NOT_OBJECTS = {"control", "so"}


def links(documents, root):
    """Links between documents resolve, with their anchors."""
    by_path = {document.path: document for document in documents}
    for document in documents:
        for line, target in document.links:
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (document.path.parent / path).resolve() if path else document.path
            where = f"{document.path.name}:{line}: {target}"
            if not file.exists() or not file.is_relative_to(root):
                yield f"{where}: no such file"
            elif anchor and file in by_path and anchor not in by_path[file].anchors():
                yield f"{where}: no such heading"


def json_blocks(documents):
    """What is shown as JSON is JSON."""
    for document in documents:
        for block in document.blocks:
            if block.language == "json":
                try:
                    json.loads(block.text)
                except ValueError as error:
                    yield f"{document.path.name}:{block.line}: {error}"


def rules(document, root):
    """Each rule has one section, in the order of the source, that says what the rule says and shows its DDL refused."""
    source = rules_of_source(root)
    if not source:
        yield "no rule found in src/claim/rules: has its form changed?"
    name = document.path.name
    headings = [heading.strip("`") for heading in document.headings if re.fullmatch(r"`[a-z]+(-[a-z]+)*`", heading)]
    codes = [code for code, _, _ in source]
    if headings != codes:
        for code in codes:
            if headings.count(code) != 1:
                yield f"{name}: rule {code} has {headings.count(code)} sections"
        for code in sorted(set(headings) - set(codes)):
            yield f"{name}: there is no rule {code}"
        if sorted(headings) == sorted(codes):
            yield f"{name}: the rules are not in the order of ALL: {', '.join(headings)}"
    # An error that the section shows has been seen to be raised: such blocks are executed.
    shown = dict(zip(document.headings, document.outputs))
    for code, meaning, hint in source:
        section = flat(document.section(f"`{code}`") or "")
        for part in (f"- Means: {meaning}", f"- Fix: {hint}", "- Broken by: "):
            if section and flat(part) not in section:
                yield f"{name}: rule {code} does not say \"{part}\""
        if section and f"({code})" not in shown[f"`{code}`"]:
            yield f"{name}: rule {code} has no example whose error names it"


def rules_of_source(root):
    """Code, meaning and hint of each rule, in the order of ALL in rules/mod.rs; a file that is not in ALL comes last."""
    folder = root / "src/claim/rules"
    listed = re.findall(r"&(\w+)::RULE,", (folder / "mod.rs").read_text(encoding="utf-8"))
    files = {file.stem: file for file in sorted(folder.glob("*.rs"))}
    found = []
    for module in listed + [stem for stem in files if stem not in listed]:
        text = files[module].read_text(encoding="utf-8")
        for declaration in re.findall(r"RULE: Rule = Rule \{(.*?)\n\};", text, re.DOTALL):
            values = dict(re.findall(r'(code|meaning|hint): "((?:[^"\\]|\\.)*)"', declaration))
            found.append(tuple(re.sub(r"\\(.)", r"\1", values[key]) for key in ("code", "meaning", "hint")))
    return found


def tables(documents):
    """No table names the same thing in two rows, and none hangs on a paragraph: a merge that kept both sides does that."""
    for document in documents:
        fenced, before, seen = False, "", set()
        for number, line in enumerate(document.text.splitlines(), 1):
            fenced ^= line.startswith("```")
            if not fenced and line.startswith("|"):
                row = tuple(cell.strip() for cell in line.split("|")[1:3])
                where = f"{document.path.name}:{number}"
                if not before.startswith("|"):
                    seen = set()
                    if before.strip():
                        yield f"{where}: this table has no beginning"
                elif row in seen:
                    yield f"{where}: a second row for {' | '.join(row)}"
                seen.add(row)
            before = line


def threats(security, root):
    """Each test of a threat has its line in the table, and each test and spec that the table names is there."""
    tests = {file.stem for file in (root / "pg_test/regress/sql").glob("*.sql")}
    specs = {file.stem for file in (root / "pg_test/isolation/specs").glob("*.spec")}
    rows = [line.split("|")[-2] for line in (security.section("Threats") or "").splitlines() if line.startswith("| ")]
    if not rows:
        yield f"{security.path.name}: the table of threats is not found"
    named = {name for row in rows for name in re.findall(r"`([a-z_-]+)`", row)}
    for name in sorted(named - tests - specs):
        yield f"{security.path.name}: there is no test {name}"
    for name in sorted(test for test in tests if test.startswith("threat_") and test not in named):
        yield f"{security.path.name}: {name} has no line in the table of threats"


def modules(architecture, root):
    """Each module of the API, the use cases, the engine and the boundary has its place in the list."""
    listed = architecture.section("Modules") or ""
    for folder in ("src/api", "src/flow", "src/claim", "src/pg"):
        found = re.search(rf"^{folder}/.*?(?=^\S|\Z)", listed, re.DOTALL | re.MULTILINE)
        if not found:
            yield f"{architecture.path.name}: {folder} is not in the list of modules"
            continue
        for file in sorted((root / folder).glob("*.rs")):
            name = file.stem
            is_listed = re.search(rf"(?<![a-z_]){name}(\.rs|/)", found[0])
            if name not in ("mod", "lib") and not is_listed:
                yield f"{architecture.path.name}: {folder}/{file.name} is not in the list of modules"


def parts(contributing, root):
    """Each part of the tests that can be run by itself is named."""
    for run in sorted((root / "pg_test").glob("*/run")):
        if not re.search(rf"(?<!\w){run.parent.name}(?!\w)", contributing.text):
            yield f"{contributing.path.name}: pg_test/{run.parent.name} is not named"


def targets(documents, root):
    """Each target of make that a document shows is one."""
    known = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document in documents:
        shown = "\n".join(block.text for block in document.blocks if block.language == "sh")
        named = re.findall(r"^make ([a-z][a-z-]*)", shown, re.MULTILINE) + re.findall(r"`make ([a-z][a-z-]*)", document.text)
        for name in sorted(set(named) - known):
            yield f"{document.path.name}: there is no make {name}"


def flat(text):
    """The text with its lines joined."""
    return re.sub(r"\s+", " ", text)


def keys(language, root):
    """Each key of the document format is described."""
    source = "".join(file.read_text(encoding="utf-8") for file in (root / "src/claim").rglob("*.rs"))
    found = set(re.findall(r'"([a-z_]+)"', " ".join(re.findall(r"_KEYS: \[&str; \d+\] =\s*\[(.*?)\]", source, re.DOTALL))))
    if "path" not in found:
        yield "no key found in src/claim: has its form changed?"
    for key in sorted(found | {"match"}):
        if f"`{key}`" not in language.text:
            yield f"{language.path.name}: key {key} is not described"


def sqlstates(reference, root):
    """Each SQLSTATE that the source names is listed."""
    found = set()
    for file in (root / "src").rglob("*.rs"):
        if file.name != "tests.rs":
            found.update(CODE_IN_ERRORS.findall(file.read_text(encoding="utf-8").split("#[cfg(test)]\nmod")[0]))
    if "2BP01" not in found:
        yield "no SQLSTATE found in src: has its form changed?"
    for code in sorted(found):
        if f"| {code} |" not in reference.text:
            yield f"{reference.path.name}: SQLSTATE {code} is not listed"


def objects(reference, documents):
    """Functions with their arguments and results, views with their columns, and settings are in the reference."""
    with Database():
        value("CREATE EXTENSION integratedb")
        functions = value("""SELECT proname, 'integratedb.' || proname || '(' || pg_get_function_arguments(oid) || ')',
            CASE prokind WHEN 'p' THEN 'procedure' ELSE pg_get_function_result(oid) END FROM pg_proc WHERE pronamespace = 'integratedb'::regnamespace""")
        relations = value("""SELECT c.relname, c.relkind, string_agg(a.attname, ' ' ORDER BY a.attnum)
            FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = 'integratedb'::regnamespace AND c.relkind IN ('r', 'v') GROUP BY c.oid""")
        triggers = value("SELECT evtname FROM pg_event_trigger")
        types = value("""SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'integratedb'::regnamespace
            AND t.typrelid = 0 AND t.typelem = 0""")
        # The library defines them when it is loaded.
        settings = value("""LOAD 'integratedb';
            SELECT name, boot_val FROM pg_settings WHERE starts_with(name, 'integratedb.')""")
    text = flat(reference.text)
    for name, signature, result in functions:
        if result == "event_trigger":
            if f"`{name}`" not in text:
                yield f"{reference.path.name}: {name} is not described"
        elif result == "procedure":
            if f"PROCEDURE {signature.replace('(IN ', '(')}" not in text:
                yield f"{reference.path.name}: not described as it is: PROCEDURE {signature}"
        elif CAST.sub("", f"{signature} RETURNS {result}") not in text:
            yield f"{reference.path.name}: not described as it is: {signature} RETURNS {result}"
    for name, kind, columns in relations:
        section = reference.section(f"`{name}`") if kind == "v" else reference.text
        if section is None or f"`{name}`" not in reference.text:
            yield f"{reference.path.name}: {name} is not described"
        elif kind == "v":
            for column in columns.split():
                if f"`{column}`" not in section:
                    yield f"{reference.path.name}: column {column} of view {name} is not described"
    for (name,) in types:
        if f"`integratedb.{name}`" not in text:
            yield f"{reference.path.name}: type {name} is not described"
    for (name,) in triggers:
        if f"`{name}`" not in text:
            yield f"{reference.path.name}: event trigger {name} is not described"
    for name, default in settings:
        section = reference.section(f"`{name}`")
        if section is None or f"`{default}`" not in section:
            yield f"{reference.path.name}: setting {name} with its default {default} is not described"
    known = NOT_OBJECTS | {row[0] for row in functions + relations + types} | {name.split(".")[1] for name, _ in settings}
    for document in documents:
        for name in sorted(set(NAME_IN_TEXT.findall(document.text)) - known):
            yield f"{document.path.name}: there is no integratedb.{name}"

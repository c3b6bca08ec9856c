"""Proves that what is inferred from a query is enough, and that nothing of it is too much.

For each query of queries.sql: nothing is unresolved; under the inferred document the stakeholder's role can EXPLAIN
it; without any one of the document's columns, privileges, functions or sequences it gets 42501
(insufficient_privilege). A query whose name begins with "run" is run, because the server checks what it needs only
then. At last one document is inferred from all queries.

The role connects by itself. Parameters are NULL, in a generic plan.
"""

import copy
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SEARCH_PATH = "shop, public"
STAKEHOLDER = "infer_prover"
COLUMN_PRIVILEGES = ("select", "insert", "update")


def psql(sql, user=None, **variables):
    """What psql writes, and the SQLSTATE and message of the error, if there was one."""
    environment = dict(os.environ, PSQLRC=os.devnull)
    if user:
        environment["PGUSER"] = user
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"]
    for name, text in variables.items():
        command += ["-v", f"{name}={text}"]
    done = subprocess.run(command, input=sql, env=environment, text=True, capture_output=True, timeout=300)
    if done.returncode == 0:
        return done.stdout, None
    error = re.search(r"ERROR:\s+(\w{5}): (.*)", done.stderr)
    return done.stdout + done.stderr, error.groups() if error else ("?????", done.stderr.strip())


def must(sql, **variables):
    output, error = psql(sql, **variables)
    if error:
        raise SystemExit(f"{sql}\n{error}\n{output}\n{variables}")
    return output


def queries():
    """Name and text of each block of queries.sql."""
    with open(os.path.join(HERE, "queries.sql"), encoding="utf-8") as file:
        blocks = re.split(r"\n\s*\n", file.read().strip())
    for block in blocks:
        name, text = block.split("\n", 1)
        yield name.removeprefix("-- "), text.strip().rstrip(";")


def infer(texts):
    arguments = {f"q{number}": text for number, text in enumerate(texts)}
    array = ", ".join(f":'{name}'" for name in arguments)
    result = must(f"SELECT integratedb.infer_claims(ARRAY[{array}], '{SEARCH_PATH}')", **arguments)
    return json.loads(result)


def claim(document):
    must(f"SELECT * FROM integratedb.claim('{STAKEHOLDER}', :'document')", document=json.dumps(document))


def refusal(document):
    """Why a document cannot be claimed, or None."""
    error = psql(f"SELECT * FROM integratedb.claim('{STAKEHOLDER}', :'document')", document=json.dumps(document))
    return error[1] and f"{error[1][0]}: {error[1][1]} {error[0]}"


def attempt(name, text):
    """The SQLSTATE that the stakeholder gets for the query, or None."""
    parameters = max([int(number) for number in re.findall(r"\$(\d+)", text)], default=0)
    if name.startswith("run: "):
        command = f"BEGIN; {text}; ROLLBACK"
    elif parameters:
        nulls = ", ".join(["NULL"] * parameters)
        command = f"SET plan_cache_mode = force_generic_plan; PREPARE p AS {text}; EXPLAIN EXECUTE p({nulls})"
    else:
        command = f"EXPLAIN {text}"
    return psql(f"SET search_path = {SEARCH_PATH}; {command};", user=STAKEHOLDER)[1]


def held(match):
    """Field by field, which column privileges a match holds; and the rest of its privileges."""
    common = match.get("privileges", ["select"])
    fields = {}
    for field in match.get("fields", []):
        field = field if isinstance(field, dict) else {"name": field}
        fields[field["name"]] = {p for p in COLUMN_PRIVILEGES if field.get(p, p in common)}
    if "*" in fields:
        for name, privileges in fields.items():
            if name != "*":
                privileges.discard("select")
    return fields, [p for p in common if p not in COLUMN_PRIVILEGES]


def written(path, fields, rest):
    """A match that says for each field what it holds."""
    match = {"path": path}
    named = [{"name": name, **{p: p in privileges for p in COLUMN_PRIVILEGES}}
             for name, privileges in fields.items() if name != "*"]
    if "*" in fields:
        named = ["*"]
        match["privileges"] = ["select", *rest]
    elif rest:
        match["privileges"] = rest
    if named:
        match["fields"] = named
    return match


def inner(match):
    """What a path besides "*" is written in: an alternative, as a path may stand in a document once otherwise."""
    return match["alternatives"][0] if "alternatives" in match else match


def reduced(document):
    """Each document that lacks one privilege, with the name of what it lacks."""
    for at, match in enumerate(document["match"]):
        def without(other):
            # The schemas stay in use, or the relation would not be found instead of being refused.
            kept = [copy.deepcopy(m) for number, m in enumerate(document["match"]) if number != at]
            names = [inner(m).get("path") or m.get("function") or m["sequence"] for m in document["match"]]
            schemas = {name.split(".")[0] for name in names}
            anchors = [{"path": f"{schema}.anchor"} for schema in sorted(schemas)]
            return {"match": kept + ([other] if other else []) + anchors}

        if "path" not in inner(match):
            yield ", ".join(str(part) for part in match.values()), without(None)
            continue
        def again(fields, rest):
            other = written(path, fields, rest)
            return without({"alternatives": [other]} if "alternatives" in match else other)

        path = inner(match)["path"]
        fields, rest = held(inner(match))
        for name, privileges in fields.items():
            for privilege in sorted(privileges):
                less = copy.deepcopy(fields)
                less[name].discard(privilege)
                if name == "*":
                    del less[name]
                yield f"{path} {name} {privilege}", again(less, rest)
        for privilege in rest:
            others = [other for other in rest if other != privilege]
            yield f"{path} {privilege}", again(fields, others)


def problems(name, text):
    """What is wrong with one query, and how many checks were made."""
    found, checks = [], 2
    result = infer([text])
    if result["unresolved"]:
        found.append(f"unresolved: {result['unresolved']}")
    document = result["document"]
    claim(document)
    if error := attempt(name, text):
        found.append(f"under {json.dumps(document)}: {error}")
    for lacking, less in reduced(document):
        checks += 1
        if refused := refusal(less):
            # Told at once: an INSERT that lacks a column which must be supplied.
            if "must be supplied by an INSERT" not in refused:
                found.append(f"without {lacking}: {refused}")
            continue
        error = attempt(name, text)
        if not error or error[0] != "42501":
            found.append(f"without {lacking}: {error or 'it works'}")
    return found, checks


def main():
    chosen = [query for query in queries() if not sys.argv[1:] or query[0] in sys.argv[1:]]
    total = failed = 0
    for name, text in chosen:
        found, checks = problems(name, text)
        total += checks
        failed += bool(found)
        print(f"{'FAILED' if found else 'ok'} {name}")
        for problem in found:
            print(f"    {problem}")

    document = infer([text for _, text in chosen])["document"]
    claim(document)
    refused = [(name, error) for name, text in chosen if (error := attempt(name, text))]
    for name, error in refused:
        print(f"FAILED under the document of all queries: {name}: {error}")
    total += len(chosen)

    # The short way: the document is the same, and it is claimed.
    named = ["SELECT o.id FROM shop.orders AS o WHERE o.state = $1", "DELETE FROM shop.stock WHERE sku = $1"]
    arguments = {f"q{number}": text for number, text in enumerate(named)}
    array = ", ".join(f":'{name}'" for name in arguments)
    must(f"SELECT * FROM integratedb.claim_queries('{STAKEHOLDER}', ARRAY[{array}])", **arguments)
    stored = json.loads(must(f"SELECT integratedb.claim_document('{STAKEHOLDER}')"))
    total += 1 + len(named)
    short = [f"claim_document: {stored}"] if stored != infer(named)["document"] else []
    short += [f"{text}: {error}" for text in named if (error := attempt("", text))]
    for problem in short:
        print(f"FAILED claim_queries: {problem}")

    failed += len(refused) + len(short)
    print(f"infer: {len(chosen)} queries, {total} checks, {failed} failed")
    return bool(failed)


sys.exit(main())

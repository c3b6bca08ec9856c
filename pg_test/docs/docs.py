"""The test of the documents: executes them (execute.py) and checks what they name (reference.py)."""

import os
import sys
from pathlib import Path

import reference
from execute import execute
from markdown import Document

ROOT = Path(os.environ["INTEGRATEDB_ROOT"]).resolve()
# Documents whose statements another part asserts: what they show belongs to that part's database.
ELSEWHERE = {"real-application.md": "pg_test/real", "benchmarks.md": "bench"}


def main(only):
    documents = [Document(path) for path in
                 sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md"))]
    by_name = {document.path.name: document for document in documents}
    failures, total = [], 0
    for document in documents:
        name = document.path.name
        if name in ELSEWHERE or (only and name not in only):
            continue
        try:
            number = execute(document)
            print(f"{name}: {number} blocks")
            total += number
        except AssertionError as error:
            failures.append(str(error))
    if not only:
        language, ours = by_name["claim-language.md"], by_name["reference.md"]
        failures += reference.links(documents, ROOT)
        failures += reference.json_blocks(documents)
        failures += reference.tables(documents)
        failures += reference.threats(by_name["security.md"], ROOT)
        failures += reference.modules(by_name["architecture.md"], ROOT)
        failures += reference.parts(by_name["CONTRIBUTING.md"], ROOT)
        failures += reference.targets(documents, ROOT)
        failures += reference.rules(by_name["rules.md"], ROOT)
        failures += reference.keys(language, ROOT)
        failures += reference.sqlstates(ours, ROOT)
        failures += reference.objects(ours, documents)
    for failure in failures:
        print(failure)
    if not failures and not total:
        failures = ["nothing was executed"]
    print(f"docs: {len(failures)} failures" if failures else f"docs: {total} blocks executed, all as documented")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

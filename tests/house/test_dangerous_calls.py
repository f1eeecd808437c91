"""No code of ours runs text as code, starts a shell, reads a format that can build objects or fetch files, or makes a template from text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
FILES = [path for path in sorted(SRC.rglob("*.py")) if "tests" not in path.parts]
# Parsers that run what they read, fetch what it names, or grow without limit; and services with a query language of their own that we don't have.
NOT_IMPORTED = {
    "marshal", "shelve", "dbm", "dill", "cloudpickle", "joblib", "yaml", "xml", "lxml", "xmlrpc", "plistlib", "jinja2", "mako", "ldap", "ldap3",
    "memcache", "pymemcache", "pylibmc", "code", "codeop", "imaplib", "poplib", "telnetlib", "ftplib",
}  # fmt: skip
RUN = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.loads", "pickle.load"}
FROM_TEXT = {"from_string", "Template"}  # of Django's engines
ALLOWED = {  # an import, and how it is bounded
    ("pickle", "homeroom/ops/host/forked_work.py"): "an Unpickler that takes no class: test_it_may_answer_words_and_nothing_that_its_parent_would_run",
}
# Statements with names of the catalogue alone. All others have format(), whose %I and %L quote.
OF_THE_CATALOGUE = {
    "EXECUTE 'DROP INDEX ' || found.name;", "EXECUTE statement;",
    "EXECUTE 'TRUNCATE ' || (SELECT string_agg(quote_ident(w), ', ') FROM unnest(whole) w);",
}  # fmt: skip


def dangers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.partition(".")[0] in NOT_IMPORTED | {"pickle"})
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in NOT_IMPORTED | {"pickle"}:
                yield module
            case ast.Call(func=called, keywords=words):
                name = ast.unparse(called)
                yield from (name for _ in [0] if name in RUN or name.rpartition(".")[2] in FROM_TEXT)
                yield from (f"shell of {name}" for word in words if word.arg == "shell")


def test_no_code_of_ours_makes_a_dangerous_call() -> None:
    found = {(danger, str(path.relative_to(SRC))) for path in FILES for danger in dangers(ast.parse(path.read_text()))}
    assert found == set(ALLOWED) and len(FILES) > 300


def test_a_rule_quotes_what_it_puts_into_a_statement() -> None:
    lines = [line.strip() for path in SRC.rglob("*.sql") for line in path.read_text().splitlines() if not line.lstrip().startswith("--")]
    run = [line for line in lines if re.search(r"(?<!GRANT )(?<!REVOKE )\bEXECUTE (?!FUNCTION)", line)]
    assert len(run) > 20 and {line for line in run if "EXECUTE format(" not in line} == OF_THE_CATALOGUE


@pytest.mark.parametrize(
    "text", ["eval(x)", "os.system(x)", "subprocess.run(x, shell=True)", "from xml.etree import ElementTree", "import yaml", "pickle.loads(x)", "Template(x)"]
)
def test_a_dangerous_call_is_found(text: str) -> None:
    assert [*dangers(ast.parse(text))]

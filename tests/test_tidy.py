"""The house style as a test: imports, lengths, opening sentences, leftovers, ruff and mypy."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "engine"

# What each folder or file of `engine` may import of it; every one may import itself.
MAY_IMPORT = {
    "language": set(),
    "data": {"language"},
    "machine": {"language", "data"},
    "reports": {"language", "data", "machine"},
    "cli": {"language", "data", "machine", "reports"},
    "__init__": {"language", "machine"},
}
# Longer than 40 lines because splitting would hide what it does.
LONG_FUNCTIONS: dict[str, str] = {
    "engine/machine/evaluate.py:row": "one branch for each kind of step, read beside their list",
    "engine/machine/compiled.py:_tables": "one line for each of the tables, in their order",
}
# Longer than 300 lines because it is one list.
LONG_FILES = {
    "engine/language/program.py": "every value of a program, in one place",
    "tests/auditor.py": "the second reading of the ledger, in the order of its specification",
}
# Started before every command, so nothing in it may load slowly.
SLOW_TO_IMPORT = {"duckdb", "numba", "numpy", "pandas", "pyarrow", "sqlglot"}
FUNCTION_LINES, FILE_LINES = 40, 300

PYTHON_FOLDERS = (ENGINE, ROOT / "tests", ROOT / "sample_data")
PYTHON_FILES = sorted(p for folder in PYTHON_FOLDERS for p in folder.rglob("*.py"))
TEXT_ENDINGS = {".py", ".md", ".yaml", ".toml", ".lock", ".json", ".sh", ".csv", ""}
LEFT_OUT = {".git", ".venv", "out", "build", "__pycache__", "node_modules"}


def name(path: Path) -> str:
    """The path as people say it: from the project's folder, with slashes."""
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, dotted; `from engine import data` is `engine.data`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno} imports relatively"
            module = node.module or ""
            whole = module == "engine"
            yield from (f"engine.{a.name}" for a in node.names) if whole else (module,)


def room(path: Path) -> str:
    """The folder or file of `engine` that a path belongs to; `cli_x.py` belongs to `cli`."""
    first = path.relative_to(ENGINE).parts[0].removesuffix(".py")
    return "cli" if first.startswith("cli_") else first


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the project with its text."""
    for path in sorted(ROOT.rglob("*")):
        *folders, last = path.relative_to(ROOT).parts
        hidden = any(p in LEFT_OUT or (p.startswith(".") and p != ".ci") for p in folders)
        hidden = hidden or last in LEFT_OUT  # `.git` is a file where a clone has several folders
        if path.is_file() and not hidden and path.suffix in TEXT_ENDINGS:
            yield name(path), path.read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize("path", sorted(ENGINE.rglob("*.py")), ids=name)
def test_data_walks_one_way(path: Path) -> None:
    allowed = MAY_IMPORT[room(path)] | {room(path)}
    used = {m.split(".")[1].split("_")[0] for m in imports(path) if m.startswith("engine.")}
    assert used <= allowed, f"{name(path)} imports {sorted(used - allowed)}"


def test_the_language_loads_nothing_slow() -> None:
    for path in sorted((ENGINE / "language").rglob("*.py")):
        slow = {m.split(".")[0] for m in imports(path)} & SLOW_TO_IMPORT
        assert not slow, f"{name(path)} imports {sorted(slow)}"


def test_every_library_the_engine_imports_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=]", d)[0] for d in project["dependencies"]}
    other = {"pyyaml": "yaml", "python-calamine": "python_calamine"}
    declared = {other.get(d, d) for d in declared}
    for path in sorted(ENGINE.rglob("*.py")):
        tops = {m.split(".")[0] for m in imports(path)}
        strange = tops - declared - {"engine"} - set(sys.stdlib_module_names)
        assert not strange, f"{name(path)} imports {sorted(strange)}"


def test_every_package_is_named_in_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = set(project["tool"]["setuptools"]["packages"])
    there = {name(p.parent).replace("/", ".") for p in ENGINE.rglob("*.py")}
    assert named == there


def test_the_lock_file_names_hashes_and_no_place() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)==[^\n]*\\\n +--hash=sha256:", lock, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^\S+==", lock, re.MULTILINE))
    pin = r"[A-Za-z0-9_.-]+==[^\s/:]+( ; [^/]+?)? \\"
    plain = rf" *#[^/]*|{pin}| +--hash=sha256:[0-9a-f]{{64}}( \\)?"
    assert [line for line in lock.splitlines() if not re.fullmatch(plain, line)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["test"]
    names = {re.split(r"[<>=]", w)[0].lower() for w in wanted}
    assert names <= set(pinned)


def test_functions_are_short() -> None:
    long = {}
    for path in PYTHON_FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{name(path)}:{node.name}"] = lines
    assert set(long) == set(LONG_FUNCTIONS), long


def test_files_are_short() -> None:
    lines = {name(p): p.read_text(encoding="utf-8").count("\n") for p in PYTHON_FILES}
    long = {path: count for path, count in lines.items() if count > FILE_LINES}
    assert set(long) == set(LONG_FILES), long


@pytest.mark.parametrize("path", PYTHON_FILES, ids=name)
def test_a_file_opens_with_one_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    said = ast.get_docstring(tree(path)) or ""
    first = said.splitlines()[0] if said else ""
    assert text.startswith('"""'), "the first line is the sentence that says what the file is"
    assert first.endswith("."), f"{first!r} is no sentence"
    assert not re.search(r"[.!?] [A-Z]", first), f"{first!r} is more than one sentence"


def test_nothing_is_left_over() -> None:
    unfinished = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]))
    for path, text in texts():
        found = unfinished.search(text)
        assert not found or path.endswith((".lock", ".csv")), f"{path}: {found}"


def test_no_file_names_one_machine() -> None:
    folders = "|".join(["work", "root", "home", "tmp"])
    place = re.compile(
        rf"(?:^|[^A-Za-z0-9_.~])/(?:{folders})/|fil" + "e:///|--(extra-)?ind" + "ex-url"
    )
    for path, text in texts():
        found = place.search(text)
        assert not found, f"{path} names a place of one machine: {found and found.group()}"


def test_ruff_finds_nothing() -> None:
    for arguments in (["check", "."], ["format", "--check", "."]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_finds_nothing() -> None:
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

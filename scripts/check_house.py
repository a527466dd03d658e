"""House rules that no linter knows, with their reasons. Prints every breach; exit 1 if any.

Run by ``make check``. The numbers come from what reviews kept catching: a long file hides
its second topic, a long function its second job, an import inside a function a cycle.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "homarus"
FILE_LIMIT, FUNCTION_AIM, LONG_SHARE = 600, 60, 0.04
CONTRACTS = (SOURCE / "core", SOURCE / "ports")


def main() -> int:
    """Check everything; return the exit code."""
    files = sorted(SOURCE.rglob("*.py"))
    trees = {path: ast.parse(path.read_text()) for path in files}
    breaches = [
        *long_files(files),
        *function_sizes(trees),
        *deferred_imports(trees),
        *missing_contracts(trees),
        *committed_places(),
    ]
    for breach in breaches:
        print(breach)
    sizes = sorted(len(path.read_text().splitlines()) for path in files)
    print(f"{len(files)} source files, median {median(sizes):.0f} lines, longest {sizes[-1]}")
    return 1 if breaches else 0


def long_files(files: list[Path]) -> list[str]:
    """A file over the limit holds more than one topic."""
    return [
        f"{short(path)}: {lines} lines, the limit is {FILE_LIMIT}"
        for path in files
        if (lines := len(path.read_text().splitlines())) > FILE_LIMIT
    ]


def function_sizes(trees: dict[Path, ast.Module]) -> list[str]:
    """A few long functions may tell one story; many are a habit."""
    total, long = 0, []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                total += 1
                span = (node.end_lineno or node.lineno) - node.lineno + 1
                if span > FUNCTION_AIM:
                    long.append(f"{short(path)}:{node.lineno} {node.name}: {span} lines")
    if len(long) <= total * LONG_SHARE:
        return []
    return [f"{len(long)} of {total} functions pass {FUNCTION_AIM} lines:", *long]


def deferred_imports(trees: dict[Path, ast.Module]) -> list[str]:
    """An import inside a function pays for a cycle on every call, or hides a dependency."""
    found = []
    for path, tree in trees.items():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            found += [
                f"{short(path)}:{node.lineno} imports inside {function.name}"
                for node in ast.walk(function)
                if isinstance(node, ast.Import | ast.ImportFrom)
            ]
    return found


def missing_contracts(trees: dict[Path, ast.Module]) -> list[str]:
    """Every public function of core and ports says what it promises."""
    return [
        f"{short(path)}:{node.lineno} {node.name} has no contract"
        for path, tree in trees.items()
        if any(path.is_relative_to(folder) for folder in CONTRACTS)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not _in_private_class(tree, node)
    ]


def _in_private_class(tree: ast.Module, wanted: ast.AST) -> bool:
    return any(
        isinstance(node, ast.ClassDef) and node.name.startswith("_") and wanted in ast.walk(node)
        for node in tree.body
    )


def committed_places() -> list[str]:
    """Nothing committed names a folder of somebody's machine."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    place = re.compile(r"(?<![\w.])/(?:root|work|home/\w+)/[\w.]")
    found = []
    for name in listed:
        path = ROOT / name
        if path.suffix in {".gz", ".png", ".txt"} or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if place.search(line):
                found.append(f"{name}:{number} names a place of one machine: {line.strip()[:80]}")
    return found


def short(path: Path) -> str:
    """The path as a reader of the repository writes it."""
    return str(path.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())

"""What a file imports, for the import law."""

import ast
from pathlib import Path

DYNAMIC = "an import by name"


def imports_of(path: Path) -> set[str]:
    """Every module a file imports, at any depth of its code; DYNAMIC for one named as it runs."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
        elif _name(node) in ("__import__", "import_module"):
            found.add(DYNAMIC)
    return found


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


def is_allowed(module: str, allowed: set[str]) -> bool:
    """Whether a module is one of those allowed, or within one."""
    return any(module == name or module.startswith(name + ".") for name in allowed)

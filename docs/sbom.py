"""Writes docs/sbom.json, the software bill of materials (CycloneDX 1.6): `make sbom`.

It lists what requirements.lock pins, the same text for the same lock on the same kind of computer.
Licences are what the installed packages say of themselves: those that only another kind of computer
installs have none here. `bioklok:use` tells what ships ("run") from what only makes, tests or
simulates ("dev", or the name of an extra). With --check nothing is written.
"""

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK, PROJECT, SBOM = ROOT / "requirements.lock", ROOT / "pyproject.toml", ROOT / "docs/sbom.json"
_PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)(?: *; *([^\\]+?))?\s*\\?")
_NAMED = re.compile(r"([A-Za-z0-9._-]+)(?:\[([^]]*)\])?")
_CLASSIFIER = "License :: OSI Approved :: "


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def pinned(lock: str) -> dict[str, tuple[str, str | None]]:
    """Return name -> (version, for which computers alone) of what a lock pins."""
    found = {}
    for line in lock.splitlines():
        match = _PINNED.fullmatch(line)
        if match:
            found[_name(match[1])] = (match[2], match[3])
    return found


def _needs(package: str, extras: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Yield what an installed package requires, without asking for which computers."""
    try:
        lines = metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return
    for line in lines:
        extra = re.search(r"extra *== *['\"]([^'\"]+)['\"]", line)
        match = _NAMED.match(line)
        if match and (extra is None or extra[1] in extras):
            yield _name(match[1]), set(filter(None, (match[2] or "").split(",")))


def uses(project: dict[str, Any]) -> dict[str, str]:
    """Return name -> "run", or the extra that it comes with; what ships goes first."""
    found: dict[str, str] = {}
    listed = {"run": project["dependencies"], **project["optional-dependencies"]}
    for use, lines in sorted(listed.items(), key=lambda item: (item[0] != "run", item[0])):
        wait = [match for line in lines if (match := _NAMED.match(line))]
        todo = [(_name(match[1]), set(filter(None, (match[2] or "").split(",")))) for match in wait]
        while todo:
            name, extras = todo.pop()
            if name not in found or extras:
                found.setdefault(name, use)
                todo += [one for one in _needs(name, extras) if one[0] not in found]
    return found


def _licences(package: str) -> list[dict[str, Any]]:
    try:
        told = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return []
    if told.get("License-Expression"):
        return [{"expression": told["License-Expression"]}]
    named = [one.removeprefix(_CLASSIFIER) for one in told.get_all("Classifier") or []
             if one.startswith(_CLASSIFIER)]  # fmt: skip
    if not named and told.get("License"):
        named = [told["License"].splitlines()[0][:80]]
    return [{"license": {"name": one}} for one in named]


def _component(name: str, version: str, only_on: str | None, use: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    properties = [{"name": "bioklok:use", "value": use}]
    if only_on:
        properties.append({"name": "bioklok:only_on", "value": only_on})
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "scope": "required" if use == "run" else "optional" if use == "server" else "excluded",
        "licenses": _licences(name),
        "properties": properties,
    }


def sbom() -> dict[str, Any]:
    """Return the bill of materials."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    use = uses(project)
    components = [
        # Of what belongs to other computers nobody here can say what needs it: it counts as run.
        _component(name, version, only_on, use.get(name, "run" if only_on else "dev"))
        for name, (version, only_on) in sorted(pinned(LOCK.read_text(encoding="utf-8")).items())
    ]
    contents = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_OID, contents).urn,
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "bioklok",
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": components,
    }


def main() -> int:
    text = json.dumps(sbom(), indent=1) + "\n"
    if "--check" in sys.argv:
        if not SBOM.exists() or SBOM.read_text(encoding="utf-8") != text:
            sys.stderr.write("docs/sbom.json is not as the lock says: run make sbom\n")
            return 1
        return 0
    SBOM.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

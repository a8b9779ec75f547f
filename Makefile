# Two commands do everything on a fresh machine without root: `make demo` and `make test`.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: audit build deploy flash monitor provision demo test soak check lint types bench peer load study gen gen-check hardware lock sbom screenshots clean help
.DEFAULT_GOAL := help

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Bioklok needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { echo "this Python cannot make virtual environments: install its venv package (Debian: python3-venv)" >&2; exit 1; }
	@echo "Installing into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

## make demo         a recorded night and a virtual week, from wrist to page; serves http://127.0.0.1:8000
demo: $(READY)
	@$(BIN)/bioklok demo

## make test         all tests, on both interpreters
test: $(READY)
	@$(BIN)/python -m pytest -n 3 --dist loadscope --timeout 900

## make soak         the long tests: a million inputs to the decoders, forty devices and one hub
soak: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "atheris>=3.0" 2>/dev/null \
		|| echo "no atheris for this computer: its test is skipped"
	@$(BIN)/python -m pytest -m soak

## make check        formatting, lint, types, generated files, then the tests
check: lint types gen-check test

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/bandit -q -r host/bioklok --severity-level medium

## make types        the firmware against the stubs of the ESP32 and RP2 ports (about 300 MB in build/types)
types: build/types/.ready
	build/types/venv/bin/basedpyright -p tests/types/esp32.json
	build/types/venv/bin/basedpyright -p tests/types/rp2.json

build/types/.ready: $(wildcard tests/types/*.txt)
	@test -n "$(PYTHON)" || { echo "Bioklok needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv build/types/venv
	@build/types/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/types/requirements.txt
	@for target in esp32 rp2; do build/types/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--upgrade --target build/types/$$target -r tests/types/stubs-$$target.txt || exit 1; done
	@touch $@

## make bench        figures, each beside a reference, as a table and in benchmarks/out/
bench: $(READY)
	@$(BIN)/python -m benchmarks

## make peer         pyActigraphy in build/peer (about 900 MB), for tests and `make bench` to compare figures with
peer: build/peer/.ready

build/peer/.ready: benchmarks/peer.txt
	@test -n "$(PYTHON)" || { echo "Bioklok needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv build/peer
	@build/peer/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/peer.txt
	@touch $@

## make load         a school of STUDENTS=300 (up to 1500) in SQLite and PostgreSQL: ingest, pages, weekly job
load: $(READY)
	@$(BIN)/python -m benchmarks.load --students $(or $(STUDENTS),300) $(ARGS)

## make study        200 virtual students: does the wrist find their best hours? ARGS=--keep takes the figures into docs/
study: $(READY)
	@$(BIN)/python -m benchmarks.study $(ARGS)

## make build        BOARD=name (or all): the application compiled for a board in build/name, its sizes
build: $(READY)
	@$(BIN)/python -m bioklok.boards $(BOARD)

## make flash        MicroPython onto a board: IMAGE=file, and CHIP=esp32c3 PORT=... or DRIVE=/media/...
flash: $(READY)
	@$(BIN)/bioklok device flash $(IMAGE) $(if $(CHIP),--chip $(CHIP)) $(if $(DRIVE),--drive $(DRIVE)) $(if $(PORT),--port $(PORT)) $(ARGS)

## make deploy       BOARD=name, PORT=... where there are several: builds, and puts it on the board
deploy: build
	@$(BIN)/bioklok device deploy build/$(BOARD) $(if $(PORT),--port $(PORT)) $(ARGS)

## make provision    a new key, settings and the time onto the board at PORT
provision: $(READY)
	@$(BIN)/bioklok device provision $(if $(PORT),--port $(PORT)) $(ARGS)

## make monitor      what the board at PORT has counted and prints, until Ctrl-C
monitor: $(READY)
	@$(BIN)/bioklok device logs --follow $(if $(PORT),--port $(PORT)) $(ARGS)

## make gen          write what is generated (the tables in docs/)
gen: $(READY)
	@$(BIN)/python -m bioklok.generate
	@$(BIN)/python -m hardware.generate

gen-check: $(READY)
	@$(BIN)/python -m bioklok.generate --check
	@$(BIN)/python -m hardware.generate --check

## make hardware     the case from its sources, checked and drawn, then drawings and tables (about 1 GB in build/hardware)
hardware: $(READY) build/hardware/.ready
	@build/hardware/bin/python -m hardware.enclosure $(ARGS)
	@build/hardware/bin/python -m pytest -q --noconftest -p no:cacheprovider tests/hardware/test_enclosure_bodies.py
	@$(BIN)/python -m hardware.generate
	@$(BIN)/python -m hardware.generate --check

build/hardware/.ready: hardware/enclosure/requirements.txt
	@test -n "$(PYTHON)" || { echo "Bioklok needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv build/hardware
	@echo "Installing build123d into build/hardware (once) ..."
	@build/hardware/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r hardware/enclosure/requirements.txt
	@touch $@

## make lock         renew requirements.lock from pyproject.toml
lock: $(READY)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-annotate --no-header --extra sim --extra device --extra server --extra dev --upgrade pyproject.toml -o requirements.lock

## make audit        are there known weaknesses in what requirements.lock pins? (needs the network)
audit: build/audit/.ready
	@build/audit/bin/pip-audit --strict --progress-spinner off --require-hashes --disable-pip -r requirements.lock

build/audit/.ready:
	@test -n "$(PYTHON)" || { echo "Bioklok needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv build/audit
	@build/audit/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.9"
	@touch $@

## make sbom         write docs/sbom.json, the software bill of materials, from requirements.lock
sbom: $(READY)
	@$(BIN)/python docs/sbom.py

## make screenshots  the pictures in the README (needs chromium)
screenshots: $(READY)
	@$(BIN)/python docs/screenshots.py

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis benchmarks/out build *.egg-info host/*.egg-info

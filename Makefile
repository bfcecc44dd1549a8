# Everything a newcomer needs. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --frozen --quiet

.PHONY: help serve test check bench format audit sbom
SBOM := enrum.cdx.json

help: ## Show this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | column -t -s "$$(printf '\t')"

serve: .venv/ready ## Install, train if needed, serve; prints where to click
	@$(RUN) enrum serve

test: .venv/ready ## Run all tests (needs a Chromium: see CONTRIBUTING.md)
	@$(RUN) pytest -n auto --dist loadfile

check: .venv/ready ## Lint, types, import contracts, data files
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) lint-imports
	@$(RUN) enrum check

bench: .venv/ready ## Measure turns, start, memory
	@$(RUN) enrum bench

audit: | $(UV) ## Compare the locked packages with known vulnerabilities (asks api.osv.dev)
	@$(UV) audit --frozen --no-dev --preview-features audit-command

sbom: | $(UV) ## Write the bill of materials, CycloneDX, to enrum.cdx.json
	@$(UV) export --quiet --frozen --no-dev --format cyclonedx1.5 --preview-features sbom-export --output-file $(SBOM)

format: .venv/ready ## Format the code
	@$(RUN) ruff check --fix --quiet .
	@$(RUN) ruff format --quiet .

.venv/ready: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen --quiet
	@touch $@

# uv by itself where it is missing, into the checkout, from the package index.
.uv/bin/uv:
	@python3 -m venv .uv && .uv/bin/pip install --quiet uv

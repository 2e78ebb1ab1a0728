# Every target does its own set-up: the first time, and again when a lock file has changed.

PYTHON ?= python3
python := .venv/bin/python
pipenv := PIPENV_VENV_IN_PROJECT=1 $(python) -m pipenv
# pipenv also hashes the indexes of the machine's pip configuration. The lock file names none.
no-index := env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null
# Without bytecode, every process of the tests compiles the files again.
pytest := PYTHONDONTWRITEBYTECODE= $(python) -m pytest
# More than four Terraform processes at a time need much memory and save little time.
workers := $(pytest) -n auto --maxprocesses 4 --dist worksteal
schema := $(dir $(python))check-jsonschema --quiet --builtin-schema vendor.
cdktf  := PATH="$(CURDIR)/.venv/bin:$$PATH" node_modules/.bin/cdktf
# Quoted: '*' is a pattern of cdktf, not of the shell.
stacks := $(foreach name,$(STACK),'$(name)')

# Where PATH has no Terraform, the tests and the demo use the one in a Python package. A deploy is left to yours.
with-terraform = PATH="$$($(PYTHON) install.py terraform)$$PATH"

# The deployment file whose deploy last changed a state file here: stacks of two files can have one name, and so one state.
deployed := terraform.tfstate.deployment
states = terraform.*.tfstate 2> /dev/null
name-deployment = file="$${DEPLOYMENT:-$$(sed -n 's/.*"deployment": "\(.*\)".*/\1/p' cdktf.json)}"; \
	echo "Deployment file: $$file"; \
	if ! command -v "$${TERRAFORM_BINARY_NAME:-terraform}" > /dev/null; then \
		echo "terraform is not on PATH: install it (https://developer.hashicorp.com/terraform/install)." >&2; exit 1; \
	fi; \
	last=$$(cat $(deployed) 2> /dev/null); \
	if [ "$$last" ] && [ ! "$$last" -ef "$$file" ] && grep -L '^  "resources": \[\]' $(states) | grep -q .; then \
		echo "Warning: the last deploy here was of $$last, whose state is in this folder." \
			"For that file, set DEPLOYMENT=$$last" >&2; \
	fi; \
	CDKTF_OUTDIR= $(python) main.py && $(python) -m stacks.states "$$file" $(stacks) || exit

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help synth diff deploy destroy bindings demo test unit fuzz bench check format docs lock conformance unit-aws unit-rest

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

synth: .venv/runtime.txt ## Write Terraform JSON to cdktf.out; DEPLOYMENT=path names another deployment file
	@$(python) main.py

diff: .venv/runtime.txt node_modules/.package-lock.json ## Show what a deploy would change (STACK=name if there are several)
	@$(name-deployment)
	@$(cdktf) diff --skip-synth $(stacks)

deploy: .venv/runtime.txt node_modules/.package-lock.json ## Deploy with the cdktf command line (STACK="name …", or '*' for all)
	@$(name-deployment); before=$$(cksum $(states)); $(cdktf) deploy --skip-synth $(stacks); code=$$?; \
		[ "$$before" = "$$(cksum $(states))" ] || echo "$$file" > $(deployed); exit $$code

destroy: .venv/runtime.txt node_modules/.package-lock.json ## Destroy what was deployed (STACK as for deploy)
	@$(name-deployment)
	@$(cdktf) destroy --skip-synth $(stacks)

bindings: .venv/runtime.txt node_modules/.package-lock.json ## Write typed bindings of the two modules to .gen
	$(cdktf) get

demo: .venv/develop.txt ## Deploy, pull and destroy on this machine, without AWS; DEPLOYMENT=path takes your file
	@$(with-terraform) $(python) -m demo $(if $(DEPLOYMENT),--deployment "$(DEPLOYMENT)")

test: .venv/develop.txt node_modules/.package-lock.json tests/cdktn/node_modules/.package-lock.json tests/helm/node_modules/.package-lock.json ## Run all tests (TESTS="path …" for some)
	$(with-terraform) $(workers) $(TESTS)

unit: ## Run the quick tests: all that need no Terraform, the property-based ones on fewer cases
	@$(MAKE) --no-print-directory --jobs unit-aws unit-rest

# Two processes of about the same duration: one loads moto, the other cdktf. pytest-xdist's workers would each load both,
# which takes a fifth longer.
unit-aws: tests := tests/check tests/clients tests/emulator
unit-rest: tests := $(addprefix --ignore tests/,check clients emulator terraform cdktn)
unit-aws unit-rest: .venv/develop.txt
	@HYPOTHESIS_PROFILE=quick $(pytest) -m "not slow" $(tests)

fuzz: .venv/develop.txt ## Try tens of thousands of made-up deployment files
	HYPOTHESIS_PROFILE=fuzz $(workers) tests/stacks/test_properties.py tests/images/test_growth.py

conformance: .venv/develop.txt ## Compare the emulator with AWS, in sandbox accounts; needs AWS_PROFILE (see tests/conformance)
	@$(python) -m tests.conformance

bench: .venv/develop.txt benchmarks/node_modules/.package-lock.json ## Measure synthesis, and write docs/benchmarks.md
	$(python) -m benchmarks
	$(python) -m benchmarks.pulls

check: .venv/develop.txt ## Check format, lint, types, imports, workflows, documentation (into site) and the lock file
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy .
	$(dir $(python))lint-imports
	$(schema)github-workflows .github/workflows/*.yml
	$(schema)github-actions action.yml
	$(schema)github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/idea.yml
	$(schema)dependabot .github/dependabot.yml
	$(schema)gitlab-ci examples/pipelines/.gitlab-ci.yml
	NO_MKDOCS_2_WARNING=1 $(python) -m mkdocs build
	@$(no-index) $(pipenv) verify

format: .venv/develop.txt ## Format the code
	$(python) -m ruff format .
	$(python) -m ruff check --fix .

docs: .venv/develop.txt ## Write the generated files: schema, reference, diagram, golden files of the tests
	@$(python) -m tests.generated

lock: .venv/develop.txt ## Resolve Pipfile and package.json into their lock files
	$(pipenv) lock
	$(no-index) $(python) -c "$$WITHOUT_INDEX"
	for folder in . tests/cdktn tests/helm benchmarks; do (cd $$folder && PATH="$(CURDIR)/.venv/bin:$$PATH" npm install --no-audit --no-fund \
		--package-lock-only --omit-lockfile-registry-resolved); done

define WITHOUT_INDEX
import json, pathlib
from pipenv.project import Project
file = pathlib.Path("Pipfile.lock")
lock = json.loads(file.read_text())
lock["_meta"]["sources"] = []
lock["_meta"]["hash"]["sha256"] = Project().pipfile.calculate_hash()
for packages in (lock[group] for group in lock if group != "_meta"):
    for package in packages.values():
        package.pop("index", None)
file.write_text(json.dumps(lock, indent=4) + "\n")
endef
export WITHOUT_INDEX

.venv/runtime.txt: Pipfile.lock
	@$(PYTHON) install.py runtime

.venv/develop.txt: Pipfile.lock
	@$(PYTHON) install.py develop

%/node_modules/.package-lock.json: %/package-lock.json | .venv/runtime.txt
	@$(PYTHON) install.py npm $*

node_modules/.package-lock.json: package-lock.json | .venv/runtime.txt
	@$(PYTHON) install.py npm .

# uv does not read pip's configuration, so it gets the index from there.
uv-index = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX-$${PIP_INDEX_URL-$$($(python) -m pip config get global.index-url 2>/dev/null)}}"

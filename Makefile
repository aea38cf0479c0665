# Wegwijs. `make help` lists what there is; each target installs what it needs first.

SHELL := /bin/bash
.DEFAULT_GOAL := help
export RASA_TELEMETRY_ENABLED := false

UV := $(or $(shell command -v uv),.uv/bin/uv)
APP := .venv/bin/python
RASA := TF_CPP_MIN_LOG_LEVEL=3 SQLALCHEMY_SILENCE_UBER_WARNING=1 .venv-rasa/bin/rasa
MODEL := models/wegwijs.tar.gz
# Everything that a model is made of; texts are not.
TRAINED_ON := domain.yml config.yml $(shell find nlu stories -name '*.py' -o -name '*.yml' -not -path 'stories/texts/*')

.PHONY: help run test check train bench sample install

help: ## what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 20

run: install $(MODEL) ## start all parts; without a token with a local Telegram, whose address is printed
	@$(APP) -m bot.run

test: install $(MODEL) ## all tests, with what they need
	@$(APP) -m pytest --numprocesses 3 --dist loadgroup $(ARGS)

check: install ## style, types, imports, content, dialogue data
	$(APP) -m ruff check .
	$(APP) -m ruff format --check .
	$(APP) -m mypy
	.venv/bin/lint-imports
	$(APP) -m service.content_check stories nlu
	$(RASA) data validate --fail-on-warnings --data nlu stories

train: install ## train the dialogue model again
	@rm -f $(MODEL)
	@$(MAKE) --no-print-directory $(MODEL)

bench: install $(MODEL) ## speed and accuracy; CLINC150=path/to/data_full.json adds the public benchmark, DIET=1 Rasa's own pipeline
	@$(APP) -m tests.bench $(if $(CLINC150),--clinc150 $(CLINC150)) $(if $(DIET),--default-pipeline)

sample: install ## load the sample places, coaches and courses (plainly marked as sample)
	@$(APP) -m store
	@$(APP) -m service.sample

install: .venv/.synced .venv-rasa/.synced

.venv/.synced: pyproject.toml uv.lock .python-version | $(UV)
	@echo "Installing the libraries of bot, actions and store (.venv) ..."
	@UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --frozen --quiet --python 3.13 --group app --group dev
	@touch $@

.venv-rasa/.synced: pyproject.toml uv.lock .python-version | $(UV)
	@echo "Installing Rasa (.venv-rasa) ..."
	@UV_PROJECT_ENVIRONMENT=.venv-rasa $(UV) sync --frozen --quiet --python 3.10 --group rasa
	@touch $@

.uv/bin/uv:
	@echo "Installing uv (.uv) ..."
	@python3 -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check uv

$(MODEL): $(TRAINED_ON) | .venv-rasa/.synced
	@echo "Training the dialogue model: about a minute, only when its examples change ..."
	@mkdir -p var
	@# Rasa's libraries warn about their age and draw a bar for every step: the steps are shown, the rest is in the log.
	@set -o pipefail; $(RASA) train --skip-validation --data nlu stories --out models --fixed-model-name wegwijs 2>&1 \
		| tee var/training.log | grep --line-buffered -oE '(Started|Starting|Finished) .*|Your Rasa model .*saved' \
		|| { tail -n 40 var/training.log; exit 1; }
	@touch $@

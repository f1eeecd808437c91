# Each recipe sets up what it needs first (tools/set-up: Python packages, and as root the outside tools), then calls one thing.
SIZE ?= small
OUT ?=
KEY ?=
JOURNEY ?=
PART ?=
CHECKED = HOMEROOM_PORTAL=tests/portal HOMEROOM_LOGIN=owner DJANGO_SETTINGS_MODULE=homeroom.portal.settings
# Tests start hundreds of programs. Where PYTHONDONTWRITEBYTECODE is set, each of them would compile what it imports.
COMPILED = .venv/bin/python -m compileall -q src tests

.PHONY: dev demo test test-quick prove check words bench demo-check sabotage release

dev:             ## one portal with made-up people; pages reload when a file is saved; Ctrl-C stops all of it
	@tools/set-up run
	@.venv/bin/python -m tools.dev

demo:            ## two made-up districts, every process of production; Ctrl-C stops all of it
	@tools/set-up run
	@.venv/bin/homeroom demo

demo-check:      ## named journeys (JOURNEY=main, import, sign-in, ties, lost-disk, hosting, attack, privacy or incident) end to end, acted and looked at with outside tools
	@tools/set-up check journeys
	@.venv/bin/python -m tests.journeys $(JOURNEY)

test:            ## the suite, on a real PostgreSQL, with real gpg, sftp and Chromium; one worker more than processors, since some tests wait
	@tools/set-up check
	@$(COMPILED)
	@.venv/bin/python -m pytest -n $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder $(ARGS)

test-quick:      ## the tests whose files take a few seconds each: no browser, no whole portal, no kills, few imports
	@tools/set-up check
	@$(COMPILED)
	@.venv/bin/python -m pytest -n $$(($$(nproc) + 1)) --dist loadfile --quick $(ARGS)

prove:           ## what is exhaustive by nature, in full (docs/tests.md); PART=3 is one of six parts
	@tools/set-up check
	@$(COMPILED)
	@.venv/bin/python -m pytest -n $$(($$(nproc) + 1)) --dist loadfile --no-loadscope-reorder --prove $(if $(PART),--part=$(PART)) $(ARGS)

check:           ## style, types, who imports whom, migrations, known vulnerabilities of packages (with ADVISORIES=…)
	@tools/set-up check
	.venv/bin/ruff check .
	$(CHECKED) .venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(CHECKED) .venv/bin/django-admin makemigrations --check --dry-run
	.venv/bin/python -m tools.advisories

words:           ## compiles each django.po of the translations into the django.mo next to it
	@tools/set-up run words
	@set -e; for words in $$(find src -name django.po); do msgfmt --check-format --output-file $${words%.po}.mo $$words; done

bench:           ## each figure as a ratio against a floor of the same run
	@tools/set-up check
	@.venv/bin/python -m benchmarks --size $(SIZE) $(if $(OUT),--out $(OUT))

sabotage:        ## takes each defence out in turn and shows the test that notices
	@tools/set-up check
	@.venv/bin/python -m tools.sabotage $(ARGS)

release:         ## a source archive, what it consists of, and checksums, from a clean commit. KEY=… signs them and the tag (docs/releasing.md)
	@tools/set-up check
	@.venv/bin/python -m tools.release $(if $(KEY),--sign $(KEY)) $(ARGS)

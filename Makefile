# The two commands are `make run` and `make test`. All they need is Python 3.11 or newer.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && exit; done; echo python3)

.PHONY: run test bench races submits reset lock screenshots

run: ## the whole portal, with demo people; PORT= chooses the port
	@exec $(PYTHON) bin/prepare.py requirements-embedded.lock -m mentoring.stack up

test: ## everything CI checks
	@exec $(PYTHON) bin/prepare.py requirements-test.lock bin/check.py

bench: ## how long suggestions take, saving an answer, and reading and searching all institutions; PEERS=1 installs libraries to compare with
	@exec $(PYTHON) bin/prepare.py requirements-test.lock -m benchmarks

races: ## a thousand races over HTTP for a mentor's last place, and a thousand of two yeses
	@RACES=1000 exec $(PYTHON) bin/prepare.py requirements-test.lock -m pytest -n 0 -v tests/mentoring/test_races_over_http.py

submits: ## ten presses at once by each of 1,000 applicants; PEOPLE= chooses how many
	@exec $(PYTHON) bin/prepare.py requirements-test.lock benchmarks/submits.py

reset: ## empty the data of `make run`, after asking
	@exec $(PYTHON) bin/prepare.py requirements-embedded.lock -m mentoring.stack reset

lock: ## write requirements*.lock after a change in pyproject.toml; UPGRADE=1 moves every version
	@bin/lock $(if $(UPGRADE),--upgrade)

screenshots: ## take the README's pictures from a running `make run`; SITE= names another address
	@exec $(PYTHON) bin/prepare.py requirements-test.lock bin/screenshots.py

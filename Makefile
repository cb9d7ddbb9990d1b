# Two commands do everything on a fresh machine with Python 3.11+ and make: `make grade` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
AUTOGRADER := $(BIN)/autograder
CLASS := build/class
OUT := build/graded

.DEFAULT_GOAL := help
.PHONY: help docs setup grade release audit mutants gates test quick lint benchmark matrix mnist cifar wheel lock clean

help:  ## show this
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: $(VENV)/.ready  ## make .venv with everything pinned (the other targets call it)

$(VENV)/.ready: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..."; exit 2; }
	@echo "Installing what is pinned into $(VENV): some minutes, most of them TensorFlow's."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

grade: setup  ## release the assignments, grade the example class, show how it did
	$(AUTOGRADER) release --salts 0
	$(BIN)/python examples/build_class.py $(CLASS)
	$(AUTOGRADER) grade $(CLASS) --out $(OUT)

release: setup  ## audit the assignments and make assignments/ from solutions/
	$(AUTOGRADER) release

audit: setup  ## every mistake and variant through the grader (SALTS=20 for 20 draws)
	$(AUTOGRADER) audit --salts $(or $(SALTS),1)

mutants: setup  ## mutants of the grader itself against the quick tests (some minutes)
	$(BIN)/python benchmarks/mutants.py --page docs/mutants.md

gates: setup  ## measure what honest training reaches, write docs/gates.md (some ten minutes)
	$(AUTOGRADER) gates

# Many tests wait: three processes on two cores. In the order of their names, the long files do not come last.
test: setup lint quick  ## all tests (AUTOGRADER_SLOW=1 for those that take long, too)
	$(BIN)/python -m pytest -m tensorflow -n 3 --dist loadfile --no-loadscope-reorder

quick: setup  ## the tests that need no TensorFlow, in seconds
	$(BIN)/python -m pytest -m "not tensorflow" -n auto

lint: setup  ## ruff and mypy
	$(BIN)/ruff check . tests/attacks/wall.py tests/attacks/machine.py
	$(BIN)/ruff format --check autograder tests examples benchmarks solutions
	$(BIN)/mypy

benchmark: setup  ## measure against nbgrader and otter, write docs/benchmarks.md (takes a while)
	$(PYTHON) -m venv build/otter
	build/otter/bin/python -m pip install --quiet otter-grader==7.0.0 -r requirements.txt
	build/otter/bin/python -m pip install --quiet --no-deps --editable .
	$(BIN)/python benchmarks/run.py --otter build/otter/bin/python

mnist: setup  ## train LeNet-5 and the reference CNN on MNIST, write docs/results.md (DATA=folder with its files)
	$(BIN)/python benchmarks/train.py mnist --page docs/results.md $(if $(DATA),--data $(DATA))

cifar: setup  ## the same on CIFAR-10; stopped, it goes on where it was
	$(BIN)/python benchmarks/train.py cifar10 --page docs/results.md $(if $(DATA),--data $(DATA))

matrix: setup  ## the student's package on every supported Python and TensorFlow, write docs/compatibility.md (takes a while)
	$(BIN)/python benchmarks/matrix.py --page docs/compatibility.md

wheel:  ## the package students install: dist/*.whl (needs no set-up)
	@test -x build/wheel/bin/python || $(PYTHON) -m venv build/wheel
	@rm -rf build/lib  # what an earlier build left there would go into the wheel
	build/wheel/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@ls dist/*.whl

docs: setup  ## the documentation site: build/docs/site/index.html
	$(BIN)/python docs/site/assemble.py
	$(PYTHON) -m venv build/docs/venv
	build/docs/venv/bin/python -m pip install --quiet --disable-pip-version-check -r docs/site/requirements.txt
	cd build/docs && NO_MKDOCS_2_WARNING=1 venv/bin/mkdocs build --quiet

lock: setup  ## write constraints.txt from what is installed
	$(BIN)/python -m pip freeze --exclude-editable | grep -v '^cnn-autograder' > constraints.txt

clean:  ## remove what can be made again
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache *.egg-info

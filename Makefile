# A thin front for CMake and the tools. `make run` and `make test` work in a fresh clone.
# SPDX-License-Identifier: Apache-2.0

ARGS ?=
JOBS ?=
SECONDS ?= 3600
KILLS ?= 1000
VISITORS ?= 200
ninja = cmake --build $(1) $(if $(JOBS),-j$(JOBS))
# A folder is configured once; after that ninja looks by itself for new files and changed rules.
configure = test -f $(2)/build.ninja || cmake --preset $(1)
setup = sh tools/setup.sh

.PHONY: all build run test newest soak storm model gen asan tsan fuzz bench bench-deps report format dist install clean

all: build

build:
	@$(setup) build
	@$(call configure,default,build)
	@$(call ninja,build) --target programs

# Only the program writes to stdout: one line that says where it listens.
run:
	@{ $(setup) build && $(MAKE) --no-print-directory build && sh tools/link_model.sh; } >&2
	@exec build/gallery $(ARGS)

test:
	@$(setup) test
	@python3 tools/run_tests.py $(ARGS)

# The clients' tests with the newest clients that the registries have, beside the lock files. ARGS="--only node --match gradio" picks; ARGS=--versions only looks.
newest:
	@$(setup) test
	@$(call configure,default,build)
	@$(call ninja,build)
	@sh tools/link_model.sh
	@python3 tools/newest.py $(ARGS)

# An hour of visitors who come, work and leave. SECONDS=300 is a shorter one; ARGS="--svg FILE --table FILE" keeps what came of it.
soak:
	@$(setup) test
	@$(call configure,default,build)
	@$(call ninja,build)
	@python3 tests/soak/soak.py --seconds $(SECONDS) --rate 20 $(ARGS)

# Visitors work while random processes die; in the end everything acknowledged is looked for. ARGS="--seed 7" goes the same way again.
storm:
	@$(setup) test
	@$(call configure,default,build)
	@$(call ninja,build)
	@node tests/storm/storm.mjs --kills $(KILLS) --visitors $(VISITORS) --pause 1200 $(ARGS)

# The model and llama.cpp, fetched once into .cache/ and shown to the programs in build/.
model:
	@sh tools/link_model.sh

gen:
	python3 tools/gen.py
	python3 tools/gen_api.py
	python3 tools/gen_clients.py

asan tsan:
	@$(setup) test
	@$(call configure,$@,build-$@)
	@$(call ninja,build-$@)

# A minute for each target; ARGS="--hours 2" goes round and round until so much was spent in all.
fuzz:
	@$(setup) test
	@$(call configure,fuzz,build-fuzz)
	@$(call ninja,build-fuzz)
	@python3 tools/fuzz_campaign.py $(ARGS)

bench:
	@$(setup) test
	@$(call configure,default,build)
	@$(call ninja,build)
	@sh tools/link_model.sh
	@python3 bench/run.py $(ARGS)

# What the comparison needs: the peers in a venv of their own, llama-cpp-python compiled for this machine. Several minutes.
bench-deps:
	@$(setup) bench
	@sh tools/setup_peers.sh

# Easel beside its peers: hours. ARGS="--quick" takes minutes; ARGS="--results FOLDER --resume" goes on with a run that was interrupted.
report: bench-deps
	@$(call configure,default,build)
	@$(call ninja,build)
	@sh tools/link_model.sh
	@build/easel bench $(ARGS)

# Formats the C files named in FILES; tables are laid out by hand, so nothing is formatted unasked.
format:
	@test -n "$(FILES)" || { echo "Name the files: make format FILES=src/base/map.c" >&2; exit 1; }
	clang-format -i $(FILES)

dist: build
	@$(call ninja,build) --target easel_all
	python3 tools/amalgamate.py build/dist

install: build
	cmake --install build $(if $(PREFIX),--prefix $(PREFIX))

clean:
	rm -rf build build-asan build-tsan build-fuzz

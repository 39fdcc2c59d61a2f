# `make` alone says what there is. The work is in scripts/, which run on their own, too.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export PATH := $(PATH):/usr/local/go/bin
export GOWORK := off

# Arguments of `make run`.
ARGS ?= serve

# What the program of a release says it is; by default that is read from git.
VERSION ?=

# How long `make fuzz` runs each target, and which targets (a regular expression).
export FUZZTIME ?= 30s
export FUZZ ?= .

# How many random runs `make model` compares over each store.
export MODELRUNS ?= 5000

# Settings of the race detector, which by default makes each process wait for a second in the end.
export GORACE ?= atexit_sleep_ms=50

# How long `make fleet` shakes three nodes, and further flags of its tests.
DURATION ?= 60s
FLEETFLAGS ?=

.PHONY: help
help: ## say what there is to make
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: go ## build the program: bin/jeton, without cgo
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.release=$(VERSION)' -o bin/jeton ./cmd/jeton

.PHONY: man
man: build ## write the manual pages: bin/man, dated as the last commit
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null)} bin/jeton man bin/man

.PHONY: completion
completion: build ## write what completes commands in bash, zsh and fish: bin/completion
	mkdir -p bin/completion
	bin/jeton completion bash > bin/completion/jeton.bash
	bin/jeton completion zsh > bin/completion/_jeton
	bin/jeton completion fish > bin/completion/jeton.fish

.PHONY: run
run: go ## build and run the program; ARGS are its arguments (serve)
	CGO_ENABLED=0 go run ./cmd/jeton $(ARGS)

.PHONY: test
test: ## run every test of every module, after installing what they need
	@scripts/test.sh

.PHONY: race
race: ## run every test of every module with the race detector
	@scripts/need.sh gcc
	@CGO_ENABLED=1 TEST_TIMEOUT=20m scripts/test.sh -race

.PHONY: vet
vet: ## go vet every module
	@scripts/each.sh go vet ./...

.PHONY: lint
lint: ## run golangci-lint (pinned in tools/) and shellcheck
	@scripts/lint.sh

.PHONY: tidy-check
tidy-check: ## fail unless every go.mod and go.sum is tidy and verified
	@scripts/tidy-check.sh

.PHONY: rules
rules: go ## test who may import whom, and what a module that uses jeton requires
	go test -count=1 ./internal/rules

.PHONY: cross
cross: ## build for linux/arm64, darwin/arm64 and windows/amd64, without cgo
	@scripts/cross.sh

.PHONY: fuzz
fuzz: ## fuzz each target for FUZZTIME (30s); FUZZ, a regular expression, chooses
	@scripts/fuzz.sh

.PHONY: model
model: ## compare sessions over each store with their model, MODELRUNS (5000) random runs each
	@scripts/model.sh

.PHONY: fleet
fleet: go ## shake a fleet over PostgreSQL for DURATION (60s), and a node over SQLite; print a report
	@scripts/need.sh postgres redis
	cd test/fleet && JETON_TEST_COMPLETE=1 go test -v -count=1 -timeout 24h . -args -duration $(DURATION) -kills 20 -rounds 50 $(FLEETFLAGS)

.PHONY: bench
bench: go ## compare with other libraries (writes bench/RESULTS.md)
	cd bench && go run ./cmd/compare

.PHONY: bench-sessions
bench-sessions: go ## measure what sessions cost (writes bench/SESSIONS.md and the sums of docs/scale.md)
	@scripts/need.sh postgres redis || true
	cd bench && go run ./cmd/sessions && go run ./cmd/scale -write ../docs/scale.md

.PHONY: cover
cover: ## measure the tests' coverage: .cache/cover.html
	@scripts/cover.sh

.PHONY: ci
ci: ## run what has to hold before a change lands
	@.ci/run

.PHONY: clean
clean: ## remove what was built and downloaded into this folder
	rm -rf bin .cache test/interop/node_modules test/browser/node_modules

.PHONY: go
go:
	@scripts/env.sh

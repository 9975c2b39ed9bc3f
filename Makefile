# Rollcall: what a developer types. `make help` lists it.
GO       ?= go
BIN      := bin/rollcall
LINT     := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
DEADCODE := golang.org/x/tools/cmd/deadcode@v0.51.0
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BUILD    := -trimpath -ldflags "-X main.version=$(VERSION)"
ARGS     ?=

.DEFAULT_GOAL := help
.PHONY: help build install demo run test test-all test-clock race lint fuzz bench check-ui check-office check engine

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## the program, to bin/rollcall
	@$(GO) build $(BUILD) -o $(BIN) ./cmd/rollcall

install: engine ## the program, to where go install puts programs
	@$(GO) install $(BUILD) ./cmd/rollcall
	@echo "rollcall is in $$($(GO) env GOBIN | grep . || echo $$($(GO) env GOPATH)/bin)"

engine: build ## fetch the embedded ClickHouse once into the user's cache folder and check its hash
	@$(BIN) engine fetch

demo: engine ## a made-up contact centre, with a live board; ARGS=--once ends before serving
	@$(BIN) demo $(ARGS)

run: engine ## the daemon on ./rollcall-data; ARGS are passed on
	@$(BIN) serve $(ARGS)

test: engine ## vet and the tests, against the real engine, without the long stories; needs Go, make and npm
	$(GO) vet ./...
	$(GO) test -short -timeout 20m ./...

test-all: engine ## vet and every test, also the long stories
	$(GO) vet ./...
	$(GO) test -timeout 20m ./...

test-clock: engine ## the tests whose outcome may depend on the hour, at three times of day (long; not part of test-all)
	@.ci/test-clock

race: engine ## every test under the race detector (needs a C compiler)
	$(GO) test -race -timeout 30m ./...

lint: ## golangci-lint, pinned, and code that nothing reaches
	$(GO) run $(LINT) run ./...
	@unreached=$$($(GO) run $(DEADCODE) -test ./...) || exit 1; \
	  if [ -n "$$unreached" ]; then echo "$$unreached"; exit 1; fi

fuzz: engine ## every fuzz target for FUZZTIME each (default 30s)
	@for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do \
	  for t in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' $$f); do \
	    echo "== $$(dirname $$f) $$t"; $(GO) test $$(dirname $$f) -run '^$$' -fuzz "^$$t$$" -fuzztime $(or $(FUZZTIME),30s) || exit 1; \
	  done; done

bench: engine ## every benchmark, with allocations
	$(GO) test -run '^$$' -bench . -benchmem -timeout 60m ./...

check-ui: engine ## the pages in a headless Chromium (needs chromium on the PATH)
	$(GO) test -tags ui -run UI -count=1 -timeout 15m ./reports/web/... ./cmd/rollcall

check-office: engine ## workbooks in LibreOffice: totals, pages (needs soffice and pdftoppm on the PATH; pages stay in $$ROLLCALL_PAGES_DIR)
	$(GO) test -tags office -run Office -count=1 -timeout 10m ./reports/xlsx

check: test-all race lint check-ui ## everything that CI looks at, and the race detector

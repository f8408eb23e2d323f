SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Programs that the tree is worked on with, at the versions it is known to pass.
GOFUMPT_VERSION := v0.12.0
GOLANGCI_LINT_VERSION := v2.15.0
SQLC_VERSION := v1.31.1

GOFUMPT := bin/gofumpt-$(GOFUMPT_VERSION)/gofumpt
GOLANGCI_LINT := bin/golangci-lint-$(GOLANGCI_LINT_VERSION)/golangci-lint
SQLC := bin/sqlc-$(SQLC_VERSION)/sqlc

TESTFLAGS ?=
FUZZTIME ?= 5s
ARGS ?=

.PHONY: help
help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target does; do printf '  %-12s%s\n' "$$target" "$$does"; done

.PHONY: run
run: ## Run the server as `watchword dev` does, on http://localhost:8080
	go run ./cmd/watchword dev

.PHONY: build
build: ## Build bin/watchword
	CGO_ENABLED=0 go build -trimpath -o bin/watchword ./cmd/watchword

.PHONY: test
test: test-tools ## Run every test on both databases, with the race detector
	go vet ./...
	go test -race -timeout 15m $(TESTFLAGS) ./...

.PHONY: test-fast
test-fast: ## Run what needs nothing but Go: SQLite only, no browser
	go test -short $(TESTFLAGS) ./...

.PHONY: test-tools
test-tools: # What the tests need besides Go; quick when it is there
	@scripts/test-tools

.PHONY: bench
bench: ## Measure the server next to plain net/http; ARGS go to the load program
	go run ./bench $(ARGS)

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (5s)
	@scripts/fuzz $(FUZZTIME)

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Run the linters
	$(GOLANGCI_LINT) run ./...

.PHONY: generate
generate: $(SQLC) ## Generate the code for the SQL, and the OpenAPI golden
	$(SQLC) generate
	go generate ./...

.PHONY: verify
verify: $(GOFUMPT) $(SQLC) ## Check format, go.mod, vet, and that what is generated is fresh
	@test -z "$$($(GOFUMPT) -l .)" || { echo 'not formatted by gofumpt:'; $(GOFUMPT) -l .; exit 1; }
	go mod tidy -diff
	go vet ./...
	$(SQLC) diff
	go test -run OpenAPI ./internal/api

.PHONY: clean
clean: ## Remove what was built and installed here
	rm -rf bin coverage.out

$(GOFUMPT):
	GOBIN=$(CURDIR)/$(@D) go install mvdan.cc/gofumpt@$(GOFUMPT_VERSION)

$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

$(SQLC):
	GOBIN=$(CURDIR)/$(@D) go install github.com/sqlc-dev/sqlc/cmd/sqlc@$(SQLC_VERSION)

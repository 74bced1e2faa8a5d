# make run    sets up what is missing, builds Lumi and opens its window
# make test   runs every check there is
# make help   lists the other targets

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# An installed Go is found where its own instructions put it, too.
export PATH := $(PATH):/usr/local/go/bin

# Without migrated_fynedo Fyne captures a stack at every refresh; gles leaves
# out most of the OpenGL bindings, which makes the first build five times
# shorter for the same pixels.
ifeq ($(shell uname -s),Linux)
tags := migrated_fynedo,gles
else
tags := migrated_fynedo
endif

# A checkout that belongs to someone else keeps git, and so go build, from
# reading its version: then the program is built without it.
ifneq ($(shell git status --porcelain >/dev/null 2>&1 && echo readable),readable)
export GOFLAGS := $(GOFLAGS) -buildvcs=false
endif

gofumpt := mvdan.cc/gofumpt@v0.9.2
staticcheck := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# The packages that no part of Fyne is in: these run headless, under the race
# detector and on every platform.
headless = $(shell go list -f '{{.ImportPath}} {{join .Deps " "}}' ./... | awk '!/fyne\.io/ { print $$1 }')

.PHONY: help run build setup test tools-test vet format staticcheck generated cross arm64 fuzz calls race smoke unit bench clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 14

run: setup build ## set up what is missing, build, open the window (a terminal chat without a display)
	@exec bin/lumi

build: ## build bin/lumi
	@.ci/go.sh
	go build -tags $(tags) -o bin/lumi .

setup: ## check Go, install missing system packages, fetch the starter model
	@.ci/go.sh
	@.ci/packages.sh build
	@.ci/starter.sh || echo "Lumi starts without the starter model; its first page offers other ways to a model." >&2

# The order is: what fails fastest first, and last the unit tests, whose
# summary ends the output.
test: tools-test vet format staticcheck generated cross arm64 fuzz calls race smoke unit ## run every check

tools-test:
	@.ci/go.sh
	@.ci/packages.sh test

vet: ## go vet
	go vet -tags $(tags) ./...

format: ## check the formatting
	@files=$$(go run $(gofumpt) -l .); [[ -z $$files ]] || { echo "run gofumpt -w on:" $$files >&2; exit 1; }

staticcheck: ## staticcheck
	go run $(staticcheck) -tags $(tags) ./...

generated: ## regenerate the assembly and demand that nothing changes
	.ci/generated.sh

cross: ## vet the headless packages for the other platforms
	@for platform in windows/amd64 darwin/arm64 linux/arm64; do \
	  echo "go vet for $$platform"; \
	  CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} go vet $(headless); \
	done

arm64: ## test the kernels on an emulated arm64 processor, if there is one
	@.ci/arm64.sh

fuzz: ## fuzz every parser and kernel for a few seconds
	.ci/fuzz.sh

calls: ## run the window's tests with Fyne's check that only its own thread calls it
	.ci/calls.sh

race: ## run the headless tests and the window's under the race detector, repeating less
	CGO_ENABLED=1 go test -race -short -timeout 30m -tags $(tags) $(headless) ./app/...

smoke: build ## drive the real window in a virtual display
	.ci/smoke.sh bin/lumi

unit: ## run all tests
	go test -timeout 30m -tags $(tags) ./...

bench: build ## measure the starter model
	bin/lumi bench

clean: ## remove what was built
	rm -rf bin build

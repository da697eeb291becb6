# Parley. `make demo` and `make test` do all set-up by themselves; deploy/setup.sh says what it installs.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
# The image codecs run as WebAssembly in a sandbox, never as a system library that happens to be there.
TAGS    := nodynamic
LDFLAGS := -s -w -X main.buildVersion=$(VERSION) -X main.buildCommit=$(COMMIT)
BUILD   := CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags $(TAGS) -ldflags '$(LDFLAGS)'

STATICCHECK := .tools/staticcheck
SQLC        := .tools/sqlc
# How long `make fuzz` spends on each fuzz target, and `make bench` on each benchmark.
FUZZTIME  ?= 10s
BENCHTIME ?= 1s
# How often `make crash` kills parley.
KILLS ?= 500

# A newer Node than the system's, where deploy/setup.sh had to put one.
export PATH := $(CURDIR)/.tools/node/bin:$(PATH)

.DEFAULT_GOAL := help

.PHONY: demo
demo: setup build ## build parley and open the demo: simulated Slack and Discord on one page
	bin/parley demo

.PHONY: build
build: ## build bin/parley, a static binary
	@mkdir -p bin
	$(BUILD) -o bin/parley ./cmd/parley

.PHONY: test
test: setup-test lint ## run every check and every test, with the race detector, on a real Postgres
	go build -tags $(TAGS) ./...
	go test -race -shuffle=on -timeout 12m -tags 'peers $(TAGS)' $$(go list -tags 'peers $(TAGS)' ./... | grep -v '/llm/media$$')
	@# The decoders are WebAssembly, which the race detector slows down thirty times: it watches what runs side by side.
	go test -shuffle=on -timeout 10m -tags '$(TAGS)' ./llm/media
	go test -race -timeout 10m -tags '$(TAGS)' -run 'Load|Close|Sweep|Worker|Piece|Page' -skip 'PagesEndEarly|BrokenPage|WorkerThatNever' ./llm/media
	@# Threads of thousands of messages, whole windows at a time: minutes under the race detector.
	go test -timeout 10m -tags '$(TAGS)' -run TestLongThreadsFillTheWindow ./cmd/parley
	go test -tags failpoints ./conversation/failpoint
	go test -count=1 -parallel 8 -timeout 10m -tags 'crash $(TAGS)' ./cmd/parley/crash

.PHONY: crash
crash: setup ## kill parley KILLS (500) times under load, stop what it stands on, and count what people see
	go test -count=1 -v -parallel 8 -timeout 6h -tags 'crash $(TAGS)' ./cmd/parley/crash -kills $(KILLS)

.PHONY: lint
lint: $(STATICCHECK) $(SQLC) ## gofmt, go vet, staticcheck, sqlc diff
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); \
	  if [ -n "$$unformatted" ]; then echo "gofmt: run 'make fmt' for:"; echo "$$unformatted"; exit 1; fi
	go vet -tags 'peers crash failpoints $(TAGS)' ./...
	$(STATICCHECK) -tags 'peers crash failpoints $(TAGS)' ./...
	cd store && ../$(SQLC) diff

.PHONY: fmt
fmt: ## format the Go code
	git ls-files -co --exclude-standard '*.go' | xargs gofmt -w

.PHONY: generate
generate: $(SQLC) ## generate the query code of store from its SQL
	cd store && ../$(SQLC) generate

.PHONY: bench
bench: setup ## put load on parley and print what it costs (BENCH_OUT=FILE: as JSON too), then run the Go benchmarks
	@mkdir -p bin
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags 'bench $(TAGS)' -o bin/parley-bench ./cmd/parley
	go run -tags $(TAGS) ./cmd/parley/bench -parley bin/parley-bench $(if $(BENCH_OUT),-out $(BENCH_OUT))
	go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -tags $(TAGS) ./...

.PHONY: eval
eval: build ## measure summaries of planted chats with the model of LLM_BASE_URL (not set: offline); EVAL="--sizes 10,200 --json"
	@bin/parley eval $(EVAL)

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (10s)
	deploy/fuzz.sh $(FUZZTIME)

.PHONY: picture
picture: setup-test ## make deploy/demo.png, the README's picture, with the real demo in headless Chromium
	PARLEY_PICTURE=$(CURDIR)/deploy/demo.png go test -count=1 -tags 'peers $(TAGS)' -run TestPicture ./cmd/parley/demo/browsertest

.PHONY: setup
setup: ## install what `make demo` needs: PostgreSQL's programs
	@deploy/setup.sh postgres

.PHONY: setup-test
setup-test: ## install what `make test` needs as well: Node, Chromium, npm packages, ffmpeg, espeak-ng, the linters
	@deploy/setup.sh postgres node packages chromium media tools

$(STATICCHECK) $(SQLC):
	@deploy/setup.sh tools

.PHONY: image
image: ## build the container image parley:VERSION
	docker build -f deploy/Dockerfile --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) -t parley:$(VERSION) .

.PHONY: clean
clean: ## remove what was built; .tools and node_modules stay
	rm -rf bin

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# fwpack: `make demo` shows the main job, `make test` runs what CI runs.

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    ?= 1m
NATIVE      := libzstd,liblzma
PLATFORMS   := linux/amd64 linux/arm64 linux/386 darwin/arm64 windows/amd64

export CGO_ENABLED ?= 0

.PHONY: all build native pkcs11 demo test check unit conformance cross bench pgo fuzz fuzz-short clean

all: build

build:
	$(GO) build -trimpath -o bin/fwpack ./cmd/fwpack

# With the C libraries of zstd and xz, for the highest ratios: docs/compression.md.
native:
	CGO_ENABLED=1 $(GO) build -trimpath -tags $(NATIVE) -o bin/fwpack ./cmd/fwpack

# The signing program for tokens calls their C libraries, and needs a C compiler.
pkcs11:
	CGO_ENABLED=1 $(GO) build -trimpath -o bin/fwpack-sign-pkcs11 ./cmd/fwpack-sign-pkcs11

demo: build
	bin/fwpack build -f examples/quickstart/fwpack.toml -o bin/demo
	bin/fwpack inspect bin/demo/gateway-1.0.0.swu

test: check unit conformance

check: cross
	@test -z "$$(gofmt -l .)" || { echo "gofmt wants changes in:"; gofmt -l .; exit 1; }
	$(GO) vet -pgo=off ./...
	CGO_ENABLED=1 $(GO) vet -pgo=off ./cmd/fwpack-sign-pkcs11
	GOFLAGS=-pgo=off $(GO) run $(STATICCHECK) ./...
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(GO) test -pgo=off ./internal/house

# Tests of faults run hundreds of processes, and those of hostile files and of speed
# are held against a clock: all without the race detector, which is up to twenty times slower
# (and lets every process of a test sleep for a second at its end, if not told).
unit:
	GORACE=atexit_sleep_ms=0 CGO_ENABLED=1 $(GO) test -pgo=off -race -skip '^Test(Conformance|Fault|Hostile|Speed)' ./...
	$(GO) test -pgo=off -run '^Test(Fault|Hostile|Speed)' ./...
	GOARCH=386 $(GO) test -pgo=off -skip '^Test(Conformance|Fault|Speed)' ./...

# The real clients: swupdate, openssl, cpio ... A missing one is skipped, unless
# FWPACK_REQUIRE_TOOLS=1. They wait for clients more than they work, hence -p.
conformance: build
	$(GO) test -pgo=off -p 8 -count=1 -run '^TestConformance' ./...
	@if [ "$$FWPACK_REQUIRE_TOOLS" = 1 ] || pkg-config --exists libzstd liblzma; then \
		echo "test ./pack/payload with $(NATIVE)"; \
		CGO_ENABLED=1 $(GO) test -pgo=off -count=1 -skip '^TestSpeed' -tags $(NATIVE) ./pack/payload; \
	else echo "libzstd and liblzma are not installed: the native build is not tested"; fi

# The compiler's profile is left aside here: it costs minutes and proves nothing.
cross:
	@for p in $(PLATFORMS); do \
		echo "build $$p"; \
		GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build -pgo=off -o /dev/null ./cmd/fwpack || exit 1; \
	done
	GOOS=windows CGO_ENABLED=0 $(GO) vet -pgo=off ./...

bench: build
	$(GO) test -run '^$$' -bench . ./...
	$(GO) run ./cmd/bench

# The profile that guides the compiler (go build finds it by its name): some
# five percent of a zstd build.
pgo:
	$(GO) test -run '^$$' -bench . -cpuprofile bin/cpu.prof -o bin/payload.test ./pack/payload
	$(GO) tool pprof -proto bin/cpu.prof > cmd/fwpack/default.pgo

fuzz:
	@for file in $$(grep -rl --include='*_test.go' '^func Fuzz' .); do \
		for f in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$file); do \
			echo "$$(dirname $$file) $$f"; \
			$(GO) test -pgo=off -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$(dirname $$file) || exit 1; \
		done; \
	done

# Every target for a moment: what is near the seeds and the crashers of the past.
# Counted in inputs, as a machine that is busy takes the end of a time for a failure.
fuzz-short:
	$(MAKE) fuzz FUZZTIME=200x

clean:
	rm -rf bin dist

# Builds BPF objects, addon, TypeScript, and helper programs of tests and benchmarks.
ARCH := $(shell uname -m)
TARGET_ARCH := $(if $(filter x86_64,$(ARCH)),x86,$(if $(filter aarch64,$(ARCH)),arm64,$(ARCH)))
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
# directory of asm/, which kernel headers include
ASM_INCLUDE := $(if $(MULTIARCH),-I/usr/include/$(MULTIARCH))
# paths in debug information are relative to the root, wherever it is
PREFIX_MAP := -ffile-prefix-map=$(CURDIR)=.
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 -Wall -Wextra -Wno-unused-parameter -Werror $(PREFIX_MAP) \
	-D__TARGET_ARCH_$(TARGET_ARCH) $(ASM_INCLUDE)
BPF_BUILD := build/bpf
SKELETONS := tcptrace.skel.h sockets.skel.h
BPFTOOL := $(or $(shell command -v bpftool),/usr/sbin/bpftool)
# Node-API headers installed with node, if any; otherwise node-gyp downloads them
NODE_PREFIX := $(shell node -p 'require("path").resolve(process.execPath, "../..")')
NODEDIR := $(if $(wildcard $(NODE_PREFIX)/include/node/node_api.h),--nodedir=$(NODE_PREFIX))

BPF_SOURCES := $(wildcard bpf/*.c bpf/*.h) Makefile
NATIVE_SOURCES := $(wildcard native/*.cc native/*.h) bpf/event.h bpf/filter_config.h binding.gyp
TS_SOURCES := $(shell find src -name '*.ts') tsconfig.json package-lock.json
PAGE_SOURCES := $(shell find src/page -type f)
SCRIPT_SOURCES := $(wildcard scripts/*.ts) scripts/tsconfig.json
ACTOR_SOURCES := $(wildcard test/actor/*.c test/actor/*.h)
GENERATOR_SOURCES := $(wildcard bench/generator/*.c)
STATIC_CFLAGS := -O2 -Wall -Wextra -Werror -static -pthread
TEST_SOURCES := $(shell find test bench -name '*.ts') test/tsconfig.json

all: build/Release/tcptrace.node dist/bundle/.built oclif.manifest.json

$(BPF_BUILD)/%.bpf.o: bpf/%.bpf.c $(BPF_SOURCES) | $(BPF_BUILD)
	clang $(BPF_CFLAGS) -c $< -o $@.full
	$(BPFTOOL) gen object $@ $@.full
	rm $@.full

$(BPF_BUILD)/%.skel.h: $(BPF_BUILD)/%.bpf.o
	$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp
	mv $@.tmp $@

build/Release/tcptrace.node: $(SKELETONS:%=build/bpf/%) $(NATIVE_SOURCES)
	npx --no-install node-gyp build --silent $(NODEDIR) || npx --no-install node-gyp configure build --silent $(NODEDIR)
	touch $@

# remove the output of deleted sources
dist/.built: $(TS_SOURCES)
	rm -rf dist
	npx --no-install tsc -p .
	npx --no-install tsc -p src/page
	touch $@

build/scripts/.built: dist/.built $(SCRIPT_SOURCES)
	npx --no-install tsc -p scripts
	touch $@

build/test/.built: dist/.built $(TEST_SOURCES)
	rm -rf build/test build/bench
	npx --no-install tsc -p test
	touch $@

dist/bundle/.built: dist/.built build/scripts/.built $(PAGE_SOURCES)
	rm -rf dist/bundle
	node build/scripts/bundle.js
	touch $@

oclif.manifest.json: dist/bundle/.built package.json
	node build/scripts/manifest.js

build/actor: $(ACTOR_SOURCES) | build/bpf
	$(CC) $(STATIC_CFLAGS) -o $@ $(filter %.c,$^)

build/generator: $(GENERATOR_SOURCES) | build/bpf
	$(CC) $(STATIC_CFLAGS) -o $@ $(filter %.c,$^)

build/refuse-call: test/seccomp/refuse-call.c | build/bpf
	$(CC) $(STATIC_CFLAGS) -o $@ $<

# bpf/filter.h for this machine: decides records read from stdin
build/decide: test/filter/decide.c bpf/filter.h bpf/refused.h bpf/cgroup_slot.h bpf/filter_config.h bpf/connection.h bpf/event.h | build/bpf
	$(CC) $(STATIC_CFLAGS) -Wno-unused-function -Ibpf -o $@ $<

tests: build/actor build/decide build/generator build/refuse-call build/test/.built

# Regenerates src/kernel/layout.ts; run after changing bpf/event.h, bpf/filter_config.h or native/limits.h.
layout: build/bpf/tcptrace.bpf.o
	npx --no-install esbuild scripts/gen-layout.ts --format=esm --log-level=warning --outfile=build/scripts/gen-layout.js
	node build/scripts/gen-layout.js build/bpf/tcptrace.bpf.o > src/kernel/layout.ts.tmp
	mv src/kernel/layout.ts.tmp src/kernel/layout.ts

# Regenerates man/tcptrace-*.1 and completions/ from the commands and man/prose, and man/tcptrace-events.5 and the table of
# fields in README.md from src/model/fields.ts.
manual: oclif.manifest.json build/scripts/.built
	node build/scripts/manual.js
	node build/scripts/completion.js
	node build/scripts/fields.js

# The flags of binding.gyp, for builds without node-gyp.
ADDON_CXXFLAGS := -std=gnu++17 -fPIC -fvisibility=hidden -Wall -Wextra -DNAPI_VERSION=8 -DNAPI_CPP_EXCEPTIONS \
	-DNODE_ADDON_API_DISABLE_DEPRECATED -DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS -DNODE_GYP_MODULE_NAME=tcptrace \
	-isystem $(NODE_PREFIX)/include/node -isystem node_modules/node-addon-api

# Addon with AddressSanitizer and UndefinedBehaviorSanitizer; Node.js loads it with --conditions=sanitized.
sanitized: build/sanitized/tcptrace.node

build/sanitized/tcptrace.node: $(SKELETONS:%=build/bpf/%) $(NATIVE_SOURCES)
	mkdir -p $(@D)
	$(CXX) -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
		$(ADDON_CXXFLAGS) -Ibuild/bpf -shared $(filter %.cc,$^) -lbpf -o $@

# Addon and test actor for another architecture, with Debian's cross compilers: make cross ARCH=aarch64 SYSROOT=DIR.
# SYSROOT contains libbpf of that architecture.
CROSS := build/$(ARCH)
TRIPLET := $(ARCH)-linux-gnu
CROSS_CXXFLAGS := -O2 $(PREFIX_MAP) $(ADDON_CXXFLAGS) -isystem $(SYSROOT)/usr/include -I$(CROSS)/bpf

cross: $(CROSS)/tcptrace.node $(CROSS)/actor

$(CROSS)/tcptrace.node: $(BPF_SOURCES) $(NATIVE_SOURCES)
	$(MAKE) ASM_INCLUDE=-I/usr/$(TRIPLET)/include BPF_BUILD=$(CROSS)/bpf $(SKELETONS:%=$(CROSS)/bpf/%)
	$(TRIPLET)-g++ $(CROSS_CXXFLAGS) -shared $(filter %.cc,$^) -L$(SYSROOT)/usr/lib/$(TRIPLET) \
		-Wl,-rpath-link,$(SYSROOT)/usr/lib/$(TRIPLET):$(SYSROOT)/lib/$(TRIPLET) -lbpf -Wl,--disable-new-dtags,-rpath,'$$ORIGIN' -o $@

$(CROSS)/actor: $(ACTOR_SOURCES) | $(CROSS)/tcptrace.node
	$(TRIPLET)-gcc $(STATIC_CFLAGS) -o $@ $(filter %.c,$^)

$(BPF_BUILD):
	mkdir -p $@

clean:
	rm -rf build dist licenses prebuilds oclif.manifest.json

.PHONY: all tests layout manual sanitized cross clean
.DELETE_ON_ERROR:

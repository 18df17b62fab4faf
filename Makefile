# MQS: one non-recursive make file. `make help` lists what there is to type.
# Output goes to build/ (build/asan/ with SANITIZE set, build/crash/ with CRASH=1, an mqsd that can be told
# where to die: mqsd/arrow.h, build/fuzz/ with FUZZ=1); nothing is written elsewhere.

VERSION    := 0.1.0
SANITIZE   ?=
CRASH      ?=
FUZZ       ?=
B          := build$(if $(SANITIZE),/asan)$(if $(CRASH),/crash)$(if $(FUZZ),/fuzz)
PREFIX     ?= /usr/local
DESTDIR    ?=

CC         ?= gcc
PKGS       := libevent libevent_openssl hiredis libcurl jansson libedit ncursesw inih openssl
CFLAGS     ?= -O2 -g
WARN       := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla
ifneq ($(CI)$(WERROR),)
WARN       += -Werror
endif
# Expanded on first use only, so that `make deps` works where pkg-config is missing still.
PKG_CFLAGS  = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS    = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lwslay -lm)$(PKG_LIBS)
SAN        := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer) \
	$(if $(FUZZ),-fsanitize=fuzzer-no-link -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all)
ALL_CFLAGS  = -std=c17 -D_GNU_SOURCE -DMQS_VERSION='"$(VERSION)"' -I. -I$(B)/gen $(WARN) $(CFLAGS) $(SAN) \
	$(if $(CRASH),-DMQS_CRASH) $(PKG_CFLAGS)

PROGRAMS   := mqsd mqsctl loadtest
LIB_O      := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard lib/*.c)))
prog_o      = $(patsubst %.c,$(B)/%.o,$(sort $(filter-out $(1)/main.c,$(wildcard $(1)/*.c))))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
UNIT_HELP  := $(patsubst %.c,$(B)/%.o,$(sort $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))))

.PHONY: all deps demo soak soak-ci soak-10h chaos hammer long check bench lint format install clean help fuzz units programs
.SECONDARY:

all: programs ## build the three programs into build/bin

programs: $(PROGRAMS:%=$(B)/bin/%)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libmqs.a: $(LIB_O)
$(B)/libmqsd.a: $(call prog_o,mqsd)
$(B)/libmqsctl.a: $(call prog_o,mqsctl)
$(B)/libloadtest.a: $(call prog_o,loadtest)
$(B)/libunit.a: $(UNIT_HELP)
$(B)/%.a:
	@rm -f $@
	ar rcs $@ $^

define program
$(B)/bin/$(1): $(B)/$(1)/main.o $(B)/lib$(1).a $(B)/libmqs.a
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_CFLAGS) -o $$@ $$^ $$(PKG_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# Lua scripts are embedded: those of the pool as one library, behind what they share.
$(B)/gen/mqsd_lua.h: $(wildcard mqsd/lua/*.lua mqsd/lua/*/*.lua) mqsd/lua/embed.sh
	@mkdir -p $(@D)
	sh mqsd/lua/embed.sh mqsd/lua > $@.tmp && mv $@.tmp $@
$(B)/mqsd/script.o: $(B)/gen/mqsd_lua.h

$(B)/gen/recount_lua.h: loadtest/recount.lua
	@mkdir -p $(@D)
	(echo 'static const char recount_lua[] ='; sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $<; echo ';') > $@.tmp && mv $@.tmp $@
$(B)/loadtest/dump.o: $(B)/gen/recount_lua.h

units: $(UNIT_TESTS)
$(B)/tests/%: tests/unit/%.c $(B)/libunit.a $(B)/libmqsd.a $(B)/libmqsctl.a $(B)/libloadtest.a $(B)/libmqs.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(B)/libunit.a $(B)/libmqsd.a $(B)/libmqsctl.a $(B)/libloadtest.a $(B)/libmqs.a -lcmocka $(PKG_LIBS)

# Helpers of the typed sessions in tests/cli.
$(B)/tests/cli/%: tests/cli/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $(filter %.c,$^)
$(B)/tests/cli/pty: tests/cli/vt.c tests/cli/vt.h

# What attacks the control API in tests/func.
$(B)/tests/flood: tests/func/flood.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $<

# What the lints compare the manual pages with.
$(B)/tests/print_%: tests/lint/print_%.c $(B)/libmqsd.a $(B)/libloadtest.a $(B)/libmqs.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(PKG_LIBS)

# Fuzzers: with clang's engine all of the code is instrumented, and what they find is left in build/fuzz; with
# any compiler they are given their corpora, as a test.
FUZZ_CC      ?= clang-14
FUZZ_FOR     ?= -max_total_time=30
FUZZERS      := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_LIBS    := $(B)/libmqsd.a $(B)/libmqsctl.a $(B)/libloadtest.a $(B)/libmqs.a
$(B)/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_LIBS)
	$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)
$(B)/tests/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(PKG_LIBS)

fuzz: ## feed the parsers with noise, FUZZ_FOR=-max_total_time=30 each, or -runs=1000000 (needs clang-14)
	+@$(MAKE) --no-print-directory CC='$(FUZZ_CC)' FUZZ=1 $(FUZZERS:%=build/fuzz/fuzz_%)
	@for f in $(FUZZERS); do \
		mkdir -p build/fuzz/corpus-$$f || exit 1; \
		build/fuzz/fuzz_$$f $(FUZZ_FOR) -print_final_stats=1 -max_len=4096 -timeout=10 \
			-artifact_prefix=build/fuzz/$$f- build/fuzz/corpus-$$f tests/fuzz/corpus/$$f || exit 1; \
	done

# Every test, one row each: NAME=COMMAND. Functional tests run the sanitized programs.
ASAN_BIN   := build/asan/bin
UNIT_NAMES := $(notdir $(UNIT_TESTS))
LINTS      := $(sort $(wildcard tests/lint/*.sh))
PRINTERS   := build/tests/print_events build/tests/print_options build/tests/print_arrows build/tests/print_causes build/tests/print_metrics \
	build/tests/print_routes build/tests/print_codes build/tests/print_problems build/tests/flood
FUNCS      := $(sort $(filter-out tests/func/lib.sh tests/func/base.sh,$(wildcard tests/func/*.sh)))
VALGRIND   := valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect
# The long ones first, so that nothing waits for one at the end.
LONG       := soak proof arrows verdict nodes
# The soak's figures are those of the programs as they are installed.
bin_of      = $(CURDIR)/$(if $(filter soak,$(1)),build/bin,$(ASAN_BIN))
CHECKS      = $(foreach t,$(LONG) $(filter-out $(LONG),$(basename $(notdir $(FUNCS)))),func-$(t)="env MQS_BIN=$(call bin_of,$(t)) tests/func/$(t).sh") \
	cli=tests/cli/run.sh \
	$(foreach t,$(wildcard tests/conf/run.sh),conf=$(t)) \
	$(foreach t,$(LINTS),lint-$(basename $(notdir $(t)))=$(t)) \
	$(foreach t,$(FUZZERS),corpus-$(t)="build/asan/tests/fuzz_$(t) tests/fuzz/corpus/$(t)/*") \
	$(foreach t,$(UNIT_NAMES),$(t)=build/tests/$(t)) \
	$(foreach t,$(UNIT_NAMES),valgrind-$(t)="env MQS_WALK_STEPS=100 $(VALGRIND) build/tests/$(t)")

check: deps ## run every test (about seven minutes)
	+@$(MAKE) --no-print-directory -j2 programs units build/tests/cli/pty build/tests/cli/fakeapi $(PRINTERS)
	+@$(MAKE) --no-print-directory -j2 SANITIZE=address,undefined programs $(FUZZERS:%=build/asan/tests/fuzz_%)
	+@$(MAKE) --no-print-directory -j2 CRASH=1 build/crash/bin/mqsd
	@JOBS=3 tests/run.sh $(CHECKS)

deps: ## install with apt what is missing
	@etc/deps.sh

lint: programs $(PRINTERS) ## run only the checks of style and documents
	@tests/run.sh $(foreach t,$(LINTS),lint-$(basename $(notdir $(t)))=$(t))

# What check tests with a few calls, with many; the figures are in the output.
LONG_FORMS := "env CUT_S=30 NODE_CALLS=100 tests/func/nodes.sh" "env WIPE_WAITING=300 tests/func/wipe.sh" \
	"env WIPE_WAITING=300 WIPE_MQSD=2 tests/func/wipe.sh" tests/chaos/redis.sh
long: deps ## the long forms of what check tests: a dead node, an emptied Redis, a silent one, two masters (12 minutes, needs root)
	+@$(MAKE) --no-print-directory -j2 programs
	@for t in $(LONG_FORMS); do echo "== $$t"; $$t || exit 1; done

format: ## lay out all C files as .clang-format says
	clang-format -i $(wildcard lib/*.[ch] mqsd/*.[ch] mqsctl/*.[ch] loadtest/*.[ch] tests/unit/*.[ch] tests/cli/*.c tests/func/*.c tests/fuzz/*.c tests/lint/*.c tests/bench/*.c)

demo: deps ## the whole system: a lab of real servers and a short soak, live
	+@$(MAKE) --no-print-directory -j2 programs
	@mkdir -p build/demo
	build/bin/loadtest run smoke --report build/demo/report.json

# Reports are left in build/soak and build/soak-10h; so is a run that was not a good one.
soak: deps ## the talk's load at eight times its speed: 240,000 calls, about 80 minutes
	+@$(MAKE) --no-print-directory -j2 programs
	@tests/soak.sh build/soak talk-2014 --speed 8

soak-ci: deps ## a tenth of it, in three minutes; part of check
	+@$(MAKE) --no-print-directory -j2 programs
	@MQS_BIN=$(CURDIR)/build/bin tests/func/soak.sh

soak-10h: deps ## the talk's load at its own speed, in the background: about ten hours
	+@$(MAKE) --no-print-directory -j2 programs
	@tests/soak.sh --detach build/soak-10h talk-2014

bench: deps ## measure (35 minutes): a whole call, callers who wait, lists, a new mqsd on a full node, SIP while Redis stands still
	+@$(MAKE) --no-print-directory -j2 programs
	@for b in tests/bench/*.sh; do echo "== $$b"; $$b || exit 1; done

# Half an hour of faults on a lab of its own; the report is left in build/chaos.
CHAOS_MINUTES ?= 30
CHAOS_SEED    ?= $(shell date +%s)
HAMMER_BLOWS  ?= 100
chaos: deps ## break one server after another under load, CHAOS_MINUTES=30
	+@$(MAKE) --no-print-directory -j2 programs
	@mkdir -p build/chaos
	build/bin/loadtest chaos --minutes $(CHAOS_MINUTES) --seed $(CHAOS_SEED) --report build/chaos/chaos.json

hammer: deps ## kill mqsd HAMMER_BLOWS=100 times at random moments under load
	+@$(MAKE) --no-print-directory -j2 programs
	@mkdir -p build/chaos
	build/bin/loadtest chaos --hammer $(HAMMER_BLOWS) --seed $(CHAOS_SEED) --mqsd 1 --nodes 2 --replicas 0 \
		--sentinels 0 --no-netns --report build/chaos/hammer.json

install: programs ## install below $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/mqs \
		$(addprefix $(DESTDIR)$(PREFIX)/share/man/man,1 5 7 8)
	install -m 755 build/bin/mqsd $(DESTDIR)$(PREFIX)/bin/mqsd
	install -m 755 build/bin/mqsctl $(DESTDIR)$(PREFIX)/bin/mqsctl
	install -m 755 build/bin/loadtest $(DESTDIR)$(PREFIX)/bin/mqs-loadtest
	cp -R etc/. $(DESTDIR)$(PREFIX)/share/mqs/etc
	install -D -m 644 etc/completion/mqsctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/mqsctl
	install -D -m 644 etc/completion/_mqsctl $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_mqsctl
	install -D -m 644 etc/completion/mqsctl.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/mqsctl.fish
	cp -R scenarios/. $(DESTDIR)$(PREFIX)/share/mqs/scenarios
	for page in man/*.[1-8]; do install -m 644 $$page \
		$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/ || exit 1; done

clean: ## remove build/
	rm -rf build

help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

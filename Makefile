# MQS: one non-recursive make file. `make help` lists what there is to type.
# Output goes to build/ (build/asan/ with SANITIZE set); nothing is written elsewhere.

VERSION    := 0.1.0
SANITIZE   ?=
B          := build$(if $(SANITIZE),/asan)
PREFIX     ?= /usr/local
DESTDIR    ?=

CC         ?= gcc
PKGS       := libevent libevent_openssl hiredis libcurl jansson libedit inih openssl
CFLAGS     ?= -O2 -g
WARN       := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla
ifneq ($(CI)$(WERROR),)
WARN       += -Werror
endif
# Expanded on first use only, so that `make deps` works where pkg-config is missing still.
PKG_CFLAGS  = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS    = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lwslay -lm)$(PKG_LIBS)
SAN        := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
ALL_CFLAGS  = -std=c17 -D_GNU_SOURCE -DMQS_VERSION='"$(VERSION)"' -I. -I$(B)/gen $(WARN) $(CFLAGS) $(SAN) $(PKG_CFLAGS)

PROGRAMS   := mqsd mqsctl loadtest
LIB_O      := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard lib/*.c)))
prog_o      = $(patsubst %.c,$(B)/%.o,$(sort $(filter-out $(1)/main.c,$(wildcard $(1)/*.c))))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))

.PHONY: all deps demo check lint format install clean help units programs
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
$(B)/%.a:
	@rm -f $@
	ar rcs $@ $^

define program
$(B)/bin/$(1): $(B)/$(1)/main.o $(B)/lib$(1).a $(B)/libmqs.a
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_CFLAGS) -o $$@ $$^ $$(PKG_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# Lua scripts are embedded: each file becomes a C string, the shared prelude in front of each.
$(B)/gen/mqsd_lua.h: $(wildcard mqsd/lua/*.lua mqsd/lua/raw/*.lua) mqsd/lua/embed.sh
	@mkdir -p $(@D)
	sh mqsd/lua/embed.sh mqsd/lua > $@.tmp && mv $@.tmp $@
$(B)/mqsd/script.o: $(B)/gen/mqsd_lua.h

units: $(UNIT_TESTS)
$(B)/tests/%: tests/unit/%.c $(B)/libmqsd.a $(B)/libmqsctl.a $(B)/libloadtest.a $(B)/libmqs.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(B)/libmqsd.a $(B)/libmqsctl.a $(B)/libloadtest.a $(B)/libmqs.a -lcmocka $(PKG_LIBS)

# Helpers of the typed sessions in tests/cli.
$(B)/tests/cli/%: tests/cli/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $<

clean: ## remove build/
	rm -rf build

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ngx_http_whatsapp_module: module, controller, demo and tests
#
# "make" alone prints what there is; docs/development.md says more.

SHELL      = /bin/bash
B          ?= build
PREFIX     ?= /usr/local
DESTDIR    ?=
FILE       ?= /etc/nginx/whatsapp.tokens
CC         ?= gcc

PACKAGES   = libevent_core inih libmicrohttpd jansson libcrypto libcurl libqrencode
HARDENING  = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
CFLAGS     ?= -O2 -g
LDFLAGS    ?= -Wl,-z,relro -Wl,-z,now -pie
WARNINGS   = -Wall -Wextra -Werror
C_FLAGS    = -std=gnu11 -D_GNU_SOURCE -DPREFIX='"$(PREFIX)"' $(WARNINGS) \
             $(HARDENING) $(CFLAGS) -Icontroller -I. \
             $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LIBS       = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
CTL_LIBS   = $(shell pkg-config --libs hiredis inih jansson libcrypto \
             libcurl 2>/dev/null)

SOURCES    = $(filter-out controller/ctl/%,$(wildcard controller/*.c \
             controller/*/*.c))
OBJECTS    = $(SOURCES:controller/%.c=$(B)/controller/%.o) \
             $(B)/controller/bridge/bridge_source.o
CTL_OBJECTS = $(patsubst controller/%.c,$(B)/controller/%.o, \
             $(wildcard controller/ctl/*.c))
BASE_OBJECTS = $(filter $(B)/controller/base/%,$(OBJECTS))
MAINS      = $(B)/controller/main.o $(B)/controller/ctl/ctl.o
UNITS      = $(patsubst t/unit/%_test.c,$(B)/t/%_test, \
             $(wildcard t/unit/*_test.c))
MODULE     = $(B)/ngx_http_whatsapp_module.so
CONTROLLER = $(B)/whatsapp-controller
CTL        = $(B)/whatsapp-ctl
MANUALS    = $(addprefix $(B)/,whatsapp-controller.8 whatsapp-ctl.8 \
             ngx_http_whatsapp_module.5)
COMPLETION = controller/ctl/completion
PRELOAD    = controller/bridge/preload.js
LIMITS_JS  = $(B)/controller/bridge/limits.js
BRIDGE     = $(LIMITS_JS) \
             $(addprefix controller/bridge/, bindings.js wa_js.js guards.js \
             connection.js state.js restrictions.js linking.js pairing.js \
             recipients.js messages.js sending.js rich_messages.js \
             message_actions.js media.js download.js groups.js \
             group_requests.js account.js \
             profile.js vcard.js inbound_people.js inbound.js \
             inbound_kinds.js inbound_live.js inbound_acts.js \
             inbound_system.js receipts.js history.js probe.js bridge.js)
WA_JS_DIR  = controller/bridge/node_modules/@wppconnect/wa-js
WA_JS      = $(WA_JS_DIR)/dist/wppconnect-wa.js
JOBS       := $(shell nproc 2>/dev/null || echo 2)

.PHONY: help deps deps-run deps-test deps-lint deps-bench build module \
        controller manuals unit run test test-sanitize test-deb test-watching deb fuzz \
        fuzz-targets bench bench-numbers soak lint token install uninstall clean

help: ## list the targets
	@echo 'usage: make TARGET'
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  \1|\2/p' Makefile | \
	    column -t -s '|' 2>/dev/null || \
	    sed -n 's/^\([a-z][a-z-]*\):[^#]*## /  \1: /p' Makefile

deps: deps-run deps-test ## install what "run" and "test" need (apt, npm)

deps-run deps-test deps-lint deps-bench:
	@tools/deps $(@:deps-%=%)

build: module controller manuals ## build the module and the controller

module: $(MODULE)

controller: $(CONTROLLER) $(CTL)

manuals: $(MANUALS)

unit: $(UNITS)

run: ## start the demo: nginx, controller, Chromium, stand-in, phone
	@tools/deps run
	+@flock .run/build.lock \
	    $(MAKE) --no-print-directory -j$(JOBS) build
	@exec tools/run

test: ## build everything and run the whole test suite
	@tools/deps run
	@tools/deps test
	+@flock .run/build.lock \
	    $(MAKE) --no-print-directory -j$(JOBS) build unit
	prove -It/lib -j4 $(TESTS)

# what concerns browsers, once more with three sessions in each

SHARED_TESTS ?= $(addprefix t/,$(addsuffix .t,boot browser_faults events \
    events_idle events_nginx events_phone forget frozen idempotency inbound \
    inbound_chaos inbound_history inbound_link inbound_page inbound_quotes \
    inbound_receipts inbound_webhook late_modules link_command linking \
    linking_codes logout media media_controller media_in media_path \
    media_room media_share media_space modules never_twice page_faults \
    profile qr restrictions send states webhook \
    webhook_callbacks webhook_give_up webhook_neighbour webhook_tls))

test-shared: ## run the tests of faults, linking and media, sharing browsers
	@tools/deps run
	@tools/deps test
	+@flock .run/build.lock \
	    $(MAKE) --no-print-directory -j$(JOBS) build unit
	TEST_SHARED=3 prove -It/lib -j4 $(SHARED_TESTS)

.PHONY: audit test-shared

audit: ## search all that the programs write for what is sent (PLANT=KIND)
	@tools/deps run
	@tools/deps test
	+@flock .run/build.lock \
	    $(MAKE) --no-print-directory -j$(JOBS) build
	@PLANT='$(PLANT)' tools/audit/run

test-sanitize: ## run the suite on nginx and controller with ASan and UBSan
	@tools/deps run
	@tools/deps test
	@tools/deps sanitize
	@tools/test-sanitize $(TESTS)

deb: ## build the Debian packages for this Debian, into build/deb
	@tools/deps run
	@tools/deps deb
	@tools/build-deb $(B)/deb

test-deb: ## install, upgrade and purge the packages on a fresh Debian (SUITE=trixie)
	@tools/deps run
	@tools/deps packages
	@tools/test-deb '$(SUITE)'

test-watching: ## try the alerts and the dashboard on a real Prometheus
	@tools/deps run
	@tools/deps watching
	+@flock .run/build.lock \
	    $(MAKE) --no-print-directory -j$(JOBS) build
	@tools/test-watching

fuzz: ## feed the parsers with mutated inputs (FUZZ=json, FUZZ_SECONDS=20)
	@tools/deps run
	@tools/deps fuzz
	+@flock .run/build.lock $(MAKE) -s -j$(JOBS) module fuzz-targets
	@tools/fuzz $(B)/fuzz $(FUZZ_SECONDS) $(FUZZ)

bench: ## measure against named peers, in one run
	@tools/deps run
	@tools/deps bench
	+@$(MAKE) --no-print-directory -j$(JOBS) build
	@bench/run
	@bench/abuse

bench-numbers: ## measure what sessions cost (BENCH_SESSIONS='1 10 50')
	@tools/deps run
	@tools/deps bench
	+@$(MAKE) --no-print-directory -j$(JOBS) build
	@bench/numbers

soak: ## send, receive and break things for hours (SOAK_MINUTES=120)
	@tools/deps run
	@tools/deps test
	+@$(MAKE) --no-print-directory -j$(JOBS) build
	@bench/soak

lint: ## check C, shell, Perl and JavaScript
	@tools/deps run
	@tools/deps test
	@tools/deps lint
	+@flock .run/build.lock \
	    $(MAKE) --no-print-directory -j$(JOBS) build unit
	@tools/lint

token: $(CTL) ## make a token and note its digest (NAME, FILE, SCOPE, SESSION)
	@$(CTL) token add '$(NAME)' --tokens '$(FILE)' \
	    $(if $(SCOPE),--scope '$(SCOPE)') $(if $(SESSION),--session '$(SESSION)')

install: ## install module, controller and wa-js (DESTDIR, PREFIX)
	install -D -m 0644 $(MODULE) \
	    $(DESTDIR)$$(tools/build-module modules-path)/$(notdir $(MODULE))
	install -D -m 0755 $(CONTROLLER) \
	    $(DESTDIR)$(PREFIX)/sbin/whatsapp-controller
	install -D -m 0755 $(CTL) $(DESTDIR)$(PREFIX)/sbin/whatsapp-ctl
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man8 \
	    $(filter %.8,$(MANUALS))
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(filter %.5,$(MANUALS))
	install -D -m 0644 -t \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	    $(COMPLETION)/whatsapp-ctl
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
	    $(COMPLETION)/_whatsapp-ctl
	install -D -m 0644 $(WA_JS) \
	    $(DESTDIR)$(PREFIX)/share/whatsapp-controller/wppconnect-wa.js
	install -m 0644 $(WA_JS_DIR)/LICENSE $(WA_JS).LICENSE.txt \
	    $(DESTDIR)$(PREFIX)/share/whatsapp-controller/
	install -D -m 0755 tools/audit/host \
	    $(DESTDIR)$(PREFIX)/share/whatsapp-controller/audit/host
	install -m 0644 tools/audit/Search.pm \
	    $(DESTDIR)$(PREFIX)/share/whatsapp-controller/audit/

uninstall: ## remove what "install" has put there
	rm -f $(DESTDIR)$$(tools/build-module modules-path)/$(notdir $(MODULE)) \
	    $(DESTDIR)$(PREFIX)/sbin/whatsapp-controller \
	    $(DESTDIR)$(PREFIX)/sbin/whatsapp-ctl \
	    $(addprefix $(DESTDIR)$(PREFIX)/share/man/man8/, \
	        $(notdir $(filter %.8,$(MANUALS)))) \
	    $(addprefix $(DESTDIR)$(PREFIX)/share/man/man5/, \
	        $(notdir $(filter %.5,$(MANUALS)))) \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/whatsapp-ctl \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_whatsapp-ctl
	rm -rf $(DESTDIR)$(PREFIX)/share/whatsapp-controller

clean: ## remove what was built
	rm -rf $(B)

$(MODULE): config $(wildcard protocol/*.h) \
           $(wildcard ngx_http_whatsapp_module/*.[ch]) \
           $(wildcard ngx_http_whatsapp_module/*/*.[ch]) \
           $(wildcard ngx_http_whatsapp_module/*/*.html) PRIVACY.md \
           tools/embed tools/policy-html tools/build-module
	@echo '  NGX  $@'
	+@tools/build-module build $(B)

# in a fresh clone nothing is built before what it needs is there

$(OBJECTS) $(CTL_OBJECTS) $(MODULE): | $(WA_JS)

$(WA_JS):
	@tools/deps run

$(CONTROLLER): $(OBJECTS)
	@echo '  LD   $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(CTL): $(CTL_OBJECTS) $(BASE_OBJECTS)
	@echo '  LD   $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CTL_LIBS)

$(MANUALS): tools/man-page protocol/version.h docs/controller.md docs/ctl.md \
            docs/directives.md
	@mkdir -p $(@D)
	@tools/man-page $(basename $(@F)) > $@.new
	@mv $@.new $@

$(B)/controller/%.o: controller/%.c
	@mkdir -p $(@D)
	@echo '  CC   $<'
	@$(CC) $(C_FLAGS) -MMD -MP -c -o $@ $<

$(LIMITS_JS): protocol/limits.h tools/limits
	@mkdir -p $(@D)
	@tools/limits $< > $@.new
	@mv $@.new $@

$(B)/controller/bridge/bridge_source.c: $(PRELOAD) $(BRIDGE) tools/embed
	@mkdir -p $(@D)
	@tools/embed bridge/bridge_source.h preload='$(PRELOAD)' \
	    bridge='$(BRIDGE)' > $@.new
	@mv $@.new $@

$(B)/controller/bridge/bridge_source.o: $(B)/controller/bridge/bridge_source.c
	@$(CC) $(C_FLAGS) -c -o $@ $<

$(B)/t/%_test: t/unit/%_test.c $(OBJECTS) $(CTL_OBJECTS)
	@mkdir -p $(@D)
	@echo '  CC   $<'
	@$(CC) $(C_FLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< \
	    $(filter-out $(MAINS),$(OBJECTS) $(CTL_OBJECTS)) $(LIBS) \
	    $(CTL_LIBS) -lcmocka

# the units of the module: its files as nginx's makefile has built them, of
# which those are linked that a test needs; of nginx there are only headers

NGINX        = /usr/share/nginx/src/src
NGINX_OBJS   ?= $(B)/nginx
MODULE_UNITS = field_checks json redis template_file
MODULE_FILES = $(patsubst ngx_http_whatsapp_module/%.c, \
                   $(NGINX_OBJS)/addon/%.o, \
                   $(wildcard ngx_http_whatsapp_module/*/*.c))
MODULE_FLAGS = -Wno-unused-parameter \
               $(addprefix -I,$(wildcard ngx_http_whatsapp_module \
                   ngx_http_whatsapp_module/*/)) \
               $(addprefix -isystem $(NGINX)/,core event event/modules \
                   event/quic os/unix http http/modules http/v2 http/v3) \
               -isystem $(NGINX_OBJS)

$(B)/t/nginx.o: t/unit/nginx.c $(MODULE)
	@mkdir -p $(@D)
	@$(CC) $(C_FLAGS) $(MODULE_FLAGS) -MMD -MP -c -o $@ $<

$(B)/t/module.a: $(MODULE)
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $(MODULE_FILES)

$(MODULE_UNITS:%=$(B)/t/%_test): $(B)/t/%_test: t/unit/%_test.c \
                                 $(B)/t/nginx.o $(B)/t/module.a
	@echo '  CC   $<'
	@$(CC) $(C_FLAGS) $(MODULE_FLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< \
	    $(B)/t/module.a $(B)/t/nginx.o -ljansson -lhiredis -lcmocka

# the fuzz targets: clang's libFuzzer on the same files, with sanitizers; nginx
# passes null pointers with a length of 0, and reads words where they stand

FUZZ         ?= $(patsubst fuzz/%.c,%,$(wildcard fuzz/*.c))
FUZZ_SECONDS ?= 20
FUZZ_CC      = clang
FUZZ_FLAGS   = -O1 -g -std=gnu11 -D_GNU_SOURCE -fno-omit-frame-pointer \
               -fsanitize=address,undefined -fno-sanitize-recover=undefined \
               -fno-sanitize=nonnull-attribute,alignment \
               -Wall -Icontroller -I. $(MODULE_FLAGS)
FUZZ_OBJECTS = $(patsubst %.c,$(B)/fuzz/%.o,t/unit/nginx.c \
                   $(filter-out controller/ctl/ctl.c, \
                       $(wildcard controller/*/*.c)) \
                   $(wildcard ngx_http_whatsapp_module/*/*.c))

fuzz-targets: $(FUZZ:%=$(B)/fuzz/%)

$(FUZZ:%=$(B)/fuzz/%): $(B)/fuzz/%: fuzz/%.c $(B)/fuzz/parts.a
	@echo '  FUZZ $<'
	@$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer -MMD -MP -MF $@.d -o $@ $< \
	    $(B)/fuzz/parts.a $(LIBS) -lhiredis

$(B)/fuzz/parts.a: $(FUZZ_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

$(B)/fuzz/%.o: %.c | $(MODULE)
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

TESTS      ?= t

-include $(wildcard $(B)/controller/*.d $(B)/controller/*/*.d $(B)/t/*.d \
              $(addprefix $(B)/fuzz/,*.d */*.d */*/*.d))

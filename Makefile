# SPDX-License-Identifier: GPL-2.0-or-later
# The module's own build description is Kbuild; this file drives it, builds
# the daemon and runs the tests.  `make help` lists what it does.

VERSION   ?= 0.1.0
BUILD     ?= build
PREFIX    ?= /usr
BINDIR    ?= $(PREFIX)/bin
SBINDIR   ?= $(PREFIX)/sbin
MANDIR    ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR   ?= $(PREFIX)/lib/systemd/system
KDIR      ?= /lib/modules/$(shell uname -r)/build
CC        ?= gcc
PKG_CONFIG ?= pkg-config
CFLAGS    ?= -O2 -g
V         ?= 0

Q := $(if $(filter 1,$(V)),,@)
say = @printf '  %-7s %s\n' $(1) $(2)

LIBS := libnl-genl-3.0 libnl-route-3.0 libuv libconfuse libsystemd wolfssl \
	libcurl libcares jansson
override CPPFLAGS += -I. -Iinclude/uapi -DATMQTT_VERSION='"$(VERSION)"' -D_GNU_SOURCE
ALL_CFLAGS = -std=gnu11 -Wall -Wextra -Werror -fstack-protector-strong \
	     -fvisibility=hidden -pthread $(CFLAGS)

.DEFAULT_GOAL := daemon

ifneq ($(CROSS),)
include daemon/cross.mk
endif
include daemon/sources.mk
include daemon/mqtt/mqtt.mk
include daemon/mqttsn/mqttsn.mk
include ctl/ctl.mk
include tests/unit/unit.mk

DAEMON_OBJS := $(DAEMON_SRCS:%.c=$(BUILD)/%.o)

include tests/bench/bench.mk
include tests/races/races.mk

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(shell $(PKG_CONFIG) --cflags $(LIBS)) \
		$(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/atmqttd: $(DAEMON_OBJS) $(MQTT_ARCHIVE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(MQTT_LDFLAGS) -o $@ $(DAEMON_OBJS) \
		$(MQTT_LIBS) $(shell $(PKG_CONFIG) --libs $(LIBS)) -lpthread

## daemon: build/atmqttd and build/atmqttctl
daemon: $(BUILD)/atmqttd $(BUILD)/atmqttctl

## docs: the README's table of commands, from the daemon's own
docs: daemon
	$(Q)$(BUILD)/atmqttd --commands >$(BUILD)/commands.md
	$(Q)sed -i -e '/^<!-- commands -->/,/^<!-- .commands -->/{//!d}' \
		-e '/^<!-- commands -->/r $(BUILD)/commands.md' README.md

## modules: n_at.ko for the kernel whose headers are in KDIR
modules:
	$(Q)$(MAKE) -C $(KDIR) M=$(CURDIR) modules

## cross: daemon and module for ARCH=arm64 or armhf, in build/ARCH
cross: CROSS_KDIR ?= $(shell echo \
	`tests/kernel/fetch-stock 6.1 $(ARCH)`/lib/modules/*/build)
cross:
	$(if $(ARCH),,$(error say ARCH=arm64 or ARCH=armhf))
	$(Q)$(MAKE) daemon CROSS=$(ARCH)
	$(Q)tests/kernel/build-module $(CROSS_KDIR) $(BUILD)/$(ARCH)/kmod
	@echo $(BUILD)/$(ARCH)/atmqttd $(BUILD)/$(ARCH)/kmod/n_at.ko

## install: the daemon, its manual pages, units and rules, under DESTDIR
install: daemon
	install -Dm755 $(BUILD)/atmqttd $(DESTDIR)$(SBINDIR)/atmqttd
	install -Dm755 $(BUILD)/atmqttctl $(DESTDIR)$(BINDIR)/atmqttctl
	install -Dm600 doc/atmqttd.conf.example \
		$(DESTDIR)$(PREFIX)/share/doc/atmqttd/atmqttd.conf.example
	install -Dm644 -t $(DESTDIR)$(PREFIX)/share/doc/atmqttd SECURITY.md
	install -Dm644 -t $(DESTDIR)$(UNITDIR) systemd/*.service
	install -Dm644 -t $(DESTDIR)$(PREFIX)/lib/udev/rules.d systemd/*.rules
	install -Dm644 systemd/atmqttd.sysusers \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/atmqttd.conf
	install -Dm644 systemd/atmqttd.tmpfiles \
		$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/atmqttd.conf
	install -Dm644 ctl/atmqttctl.bash \
		$(DESTDIR)$(COMPLETIONDIR)/atmqttctl
	install -Dm644 -t $(DESTDIR)$(MANDIR)/man1 doc/atmqttctl.1
	install -Dm644 -t $(DESTDIR)$(MANDIR)/man4 doc/n_at.4
	install -Dm644 -t $(DESTDIR)$(MANDIR)/man5 doc/atmqttd.conf.5
	install -Dm644 -t $(DESTDIR)$(MANDIR)/man8 doc/atmqttd.8

## dkms-source: the module's source where DKMS looks for it, under DESTDIR
DKMS_SOURCE = /usr/src/n-at-$(VERSION)
dkms-source:
	install -Dm644 -t $(DESTDIR)$(DKMS_SOURCE) Kbuild dkms.conf
	sed -i 's/^\(PACKAGE_VERSION=\).*/\1"$(VERSION)"/' \
		$(DESTDIR)$(DKMS_SOURCE)/dkms.conf
	install -Dm644 -t $(DESTDIR)$(DKMS_SOURCE)/kmod kmod/*.[ch] kmod/probe.sh
	install -Dm644 -t $(DESTDIR)$(DKMS_SOURCE)/include/uapi/linux \
		include/uapi/linux/n_at.h

## dkms-install: the module, by DKMS, for this kernel and those to come
dkms-install: dkms-remove dkms-source
	dkms add -m n-at -v $(VERSION)
	dkms install -m n-at -v $(VERSION)

## dkms-remove: undo dkms-install
dkms-remove:
	if dkms status -m n-at -v $(VERSION) | grep -q .; then \
		dkms remove -m n-at -v $(VERSION) --all; \
	fi
	rm -rf $(DKMS_SOURCE)

## deb: the packages n-at-dkms and atmqttd, in build/deb
deb:
	rm -rf $(BUILD)/deb
	mkdir -p $(BUILD)/deb/atmqtt
	tar -c --exclude=./build --exclude=./.git . | \
		tar -x -C $(BUILD)/deb/atmqtt
	$(MAKE) -C $(BUILD)/deb/atmqtt clean
	cd $(BUILD)/deb/atmqtt && dpkg-buildpackage -us -uc -b
	rm -r $(BUILD)/deb/atmqtt

## demo: a short session on the bed, printed as it passes on the wire
demo:
	$(Q)tests/demo

## console: the bed, and a terminal on its UART
console:
	$(Q)tests/console

## check: every test
check:
	$(Q)tests/check

## check-kernels: the guests' tests on stock kernels (KERNELS="6.12 6.1:arm64",
##   SUITES="netlink uart"; default: all)
check-kernels:
	$(Q)SUITES="$(SUITES)" tests/check-kernels $(KERNELS)

## bench: atmqtt beside what one would write instead, in the guest
bench:
	$(Q)tests/bench/run

## matrix: the module against the headers of every Debian kernel
matrix:
	$(Q)tests/kernel/matrix

## check-boards: packages, units and a day of a board on Debian 12 and 13
check-boards:
	$(Q)tests/board/run

## clean: remove what was built
clean:
	rm -rf $(BUILD)
	find kmod \( -name '*.o' -o -name '*.ko' -o -name '*.mod*' \
		-o -name '.*.cmd' \) -delete
	rm -f *.ko *.o *.mod *.mod.c .*.cmd modules.order Module.symvers

## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

-include $(DAEMON_OBJS:.o=.d)

.PHONY: daemon docs modules install dkms-source dkms-install dkms-remove deb \
	demo console check check-kernels check-boards bench matrix cross clean \
	help

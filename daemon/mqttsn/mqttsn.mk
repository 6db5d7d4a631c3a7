# SPDX-License-Identifier: GPL-2.0-or-later
# The live tests: tests/mqttsn/run builds and runs this program, by itself:
# make -f daemon/mqttsn/mqttsn.mk mqttsn-test
BUILD ?= build
CC ?= cc
CFLAGS ?= -O2 -g

ifndef DAEMON_SRCS
include daemon/sources.mk
endif
MQTTSN_TEST_SRCS := $(daemon/mqttsn_SRCS) $(daemon/tls_SRCS) \
	daemon/mqtt/args.c \
	$(addprefix daemon/lib/,buffer.c date.c log.c state_file.c utf8.c) \
	$(DIAL_SRCS) \
	tests/mqttsn/test_mqttsn.c

.PHONY: mqttsn-test
mqttsn-test: $(BUILD)/test_mqttsn

$(BUILD)/test_mqttsn: $(MQTTSN_TEST_SRCS:%.c=$(BUILD)/mqttsn/%.o)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lcmocka -luv -lcares -lwolfssl -lpthread

$(BUILD)/mqttsn/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -I. -D_GNU_SOURCE -std=gnu11 -Wall -Wextra -Werror \
		$(CFLAGS) -MMD -MP -c -o $@ $<

-include $(MQTTSN_TEST_SRCS:%.c=$(BUILD)/mqttsn/%.d)

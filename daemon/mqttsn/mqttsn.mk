# SPDX-License-Identifier: GPL-2.0-or-later
# The objects of the MQTT-SN client; the includer sets BUILD.
MQTTSN_NAMES := channel client codec dtls inbound requests topics transport
MQTTSN_OBJS := $(MQTTSN_NAMES:%=$(BUILD)/daemon/mqttsn/%.o)

# The live tests: tests/mqttsn/run builds and runs this program, by itself:
# make -f daemon/mqttsn/mqttsn.mk mqttsn-test
BUILD ?= build
CC ?= cc
CFLAGS ?= -O2 -g

MQTTSN_TEST_SRCS := $(MQTTSN_NAMES:%=daemon/mqttsn/%.c) \
	$(addprefix daemon/mqtt/,args.c date.c pem.c resolve.c \
		trust.c utf8.c) \
	tests/mqttsn/test_mqttsn.c

.PHONY: mqttsn-test
mqttsn-test: $(BUILD)/test_mqttsn

$(BUILD)/test_mqttsn: $(MQTTSN_TEST_SRCS:%.c=$(BUILD)/mqttsn/%.o)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ -lcmocka -luv -lwolfssl -lpthread

$(BUILD)/mqttsn/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -I. -D_GNU_SOURCE -std=gnu11 -Wall -Wextra -Werror \
		$(CFLAGS) -MMD -MP -c -o $@ $<

-include $(MQTTSN_TEST_SRCS:%.c=$(BUILD)/mqttsn/%.d)

# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
#
# The MQTT client: paho.mqtt.c's static archive with wolfSSL in OpenSSL's
# place.  Include it and link $(MQTT_SRCS)'s objects and $(MQTT_LIBS) with
# $(MQTT_LDFLAGS).

BUILD ?= build
CC ?= cc
NM ?= nm
OBJCOPY ?= objcopy
CFLAGS ?= -O2 -g

ifndef DAEMON_SRCS
include daemon/sources.mk
endif
MQTT_SRCS := $(daemon/mqtt_SRCS) $(daemon/tls_SRCS) \
	     $(addprefix daemon/lib/,date.c log.c utf8.c) $(DIAL_SRCS)
MQTT_OUT = $(BUILD)/mqtt
MQTT_CFLAGS = -I. -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
	-fvisibility=hidden -pthread

# The archive's calls that glue.c and heap.c answer, and its functions that
# wrap.c stands in for.  1.3.14 has no NULLPublishCommands, other names for
# threads and locks, and a newer C library's strtol; 1.3.16 has another name
# for what its send thread waits for.
MQTT_PAHO ?= $(SYSROOT)/usr/lib/$(shell $(CC) -dumpmachine 2>/dev/null)/libpaho-mqtt3as.a
MQTT_CALLS := poll usleep connect getsockopt close writev recv malloc free \
	pthread_create
# Nothing that is linked calls these, which nobody answers: an archive in which
# that changes does not link, instead of having blocks of two heaps.
MQTT_NO_CALLS := calloc realloc strdup strndup
MQTT_WRAPS := Thread_signal_cond Thread_wait_cond \
	MQTTProtocol_handlePubacks MQTTProtocol_handlePubcomps \
	MQTTProtocol_handlePublishes MQTTProtocol_handlePubrels \
	MQTTAsync_assignMsgId MQTTAsync_NULLPublishCommands \
	setRetryLoopInterval
MQTT_RENAMED := Paho_thread_start=Thread_start \
	Paho_thread_lock_mutex=Thread_lock_mutex \
	Paho_thread_unlock_mutex=Thread_unlock_mutex \
	Thread_signal_evt=Thread_signal_cond \
	Thread_wait_evt=Thread_wait_cond __isoc23_strtol=strtol
MQTT_MAY_LACK := MQTTAsync_NULLPublishCommands
MQTT_NEEDED = $(foreach c,$(MQTT_CALLS),'U glue_$c') \
	$(foreach f,$(filter-out $(MQTT_MAY_LACK),$(MQTT_WRAPS)),'T $f' 'U $f')
MQTT_ARCHIVE = $(MQTT_OUT)/libpaho-glued.a

MQTT_LIBS = $(MQTT_ARCHIVE) -lwolfssl -luv -lcares -lpthread
MQTT_LDFLAGS = $(addprefix -Wl$(,)--wrap=,$(MQTT_WRAPS))
, := ,

$(MQTT_OUT):
	$(Q)mkdir -p $@

# --wrap says nothing of a function that is not there, nor of calls from the
# object that defines it: one must define it (T) and another refer to it (U).
# Link-time optimisation would take code that objcopy cannot change.
$(MQTT_ARCHIVE): $(MQTT_PAHO) daemon/mqtt/mqtt.mk | $(MQTT_OUT)
	$(Q)! grep -q __gnu_lto_slim $< || { \
		echo "$<: is for link-time optimisation only" >&2; exit 1; }
	$(Q)$(OBJCOPY) $(foreach c,$(MQTT_CALLS) $(MQTT_NO_CALLS), \
		--redefine-sym $(c)=glue_$(c)) \
		$(addprefix --redefine-sym ,$(MQTT_RENAMED)) \
		--redefine-sym pthread_setname_np=glue_setname \
		--remove-section '.gnu.lto_*' $< $@.new
	$(Q)$(NM) $@.new >$@.symbols 2>/dev/null
	$(Q)for s in $(MQTT_NEEDED); do \
		grep -q " $$s$$" $@.symbols || { \
			echo "$<: nm shows no \"$$s\"" >&2; exit 1; }; \
	done
	$(Q)mv $@.new $@

# The live tests: tests/mqtt/run builds and runs this program.
MQTT_TEST_OBJS = $(patsubst %.c,$(MQTT_OUT)/%.o,$(MQTT_SRCS) \
	$(sort $(wildcard tests/mqtt/*.c)))

.PHONY: mqtt-test
mqtt-test: $(MQTT_OUT)/test_mqtt

$(MQTT_OUT)/test_mqtt: $(MQTT_TEST_OBJS) $(MQTT_ARCHIVE)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(MQTT_TEST_OBJS) \
		$(MQTT_LDFLAGS) $(MQTT_LIBS) -lcmocka

$(MQTT_OUT)/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(MQTT_CFLAGS) \
		-Wno-missing-field-initializers -MMD -MP -c -o $@ $<

-include $(MQTT_TEST_OBJS:.o=.d)

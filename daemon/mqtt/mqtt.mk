# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
#
# The MQTT client: paho.mqtt.c's static archive, without TLS, in the loop of
# libuv.  Include it and link $(MQTT_SRCS)'s objects and $(MQTT_LIBS) with
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
	     $(addprefix daemon/lib/,buffer.c coroutine.c date.c log.c utf8.c) $(DIAL_SRCS)
MQTT_OUT = $(BUILD)/mqtt
MQTT_CFLAGS = -I. -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \
	-fvisibility=hidden -pthread

# The archive's calls that paho_os.c and heap.c answer, and its functions that
# they stand in for.  Tested with paho.mqtt.c 1.3.12 and 1.3.14, which has a
# newer C library's strtol.
MQTT_PAHO ?= $(SYSROOT)/usr/lib/$(shell $(CC) -dumpmachine 2>/dev/null)/libpaho-mqtt3a.a
MQTT_CALLS := pthread_create pthread_setname_np pthread_mutex_lock \
	pthread_mutex_unlock pthread_cond_signal pthread_cond_timedwait usleep \
	poll socket connect getaddrinfo freeaddrinfo getsockopt fcntl recv \
	writev shutdown close malloc free
# An archive with PAHO_HIGH_PERFORMANCE has no heap of its own before these.
MQTT_MAY_CALL := calloc realloc
# Nothing that is linked calls these, which nobody answers: an archive in which
# that changes does not link, instead of having blocks of two heaps or waiting
# for a thread that is none.
MQTT_NO_CALLS := strdup strndup pthread_cond_wait pthread_join \
	sem_wait sem_timedwait nanosleep select epoll_wait send write read \
	setsockopt
MQTT_WRAPS := MQTTAsync_assignMsgId setRetryLoopInterval
MQTT_NEEDED = $(foreach c,$(MQTT_CALLS),'U paho_$c') \
	$(foreach f,$(MQTT_WRAPS),'T $f' 'U $f')
MQTT_ARCHIVE = $(MQTT_OUT)/libpaho-in-loop.a

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
	$(Q)$(OBJCOPY) $(foreach c,$(MQTT_CALLS) $(MQTT_MAY_CALL) $(MQTT_NO_CALLS), \
		--redefine-sym $(c)=paho_$(c)) \
		--redefine-sym __isoc23_strtol=strtol \
		--remove-section '.gnu.lto_*' $< $@.new
	$(Q)$(NM) $@.new >$@.symbols 2>/dev/null
	$(Q)for s in $(MQTT_NEEDED); do \
		grep -q " $$s$$" $@.symbols || { \
			echo "$<: nm shows no \"$$s\"" >&2; exit 1; }; \
	done
	$(Q)mv $@.new $@

# For where no package has the archive: from paho.mqtt.c's own source, as a
# release of it is unpacked, without TLS.
PAHO_OUT = $(MQTT_OUT)/paho
PAHO_OBJS = $(patsubst %,$(PAHO_OUT)/%.o,Base64 Clients Heap LinkedList Log \
	MQTTAsync MQTTAsyncUtils MQTTPacket MQTTPacketOut MQTTPersistence \
	MQTTPersistenceDefault MQTTProperties MQTTProtocolClient \
	MQTTProtocolOut MQTTReasonCodes MQTTTime Messages Proxy SHA1 Socket \
	SocketBuffer StackTrace Thread Tree WebSocket utf-8)

## paho: libpaho-mqtt3a.a of the source in PAHO_SRC, for MQTT_PAHO
.PHONY: paho
paho: $(PAHO_OUT)/libpaho-mqtt3a.a
	@echo "make MQTT_PAHO=$< CPPFLAGS=-I$(PAHO_SRC)/src"

$(PAHO_OUT)/VersionInfo.h:
	$(if $(PAHO_SRC),,$(error say PAHO_SRC=DIR))
	$(Q)mkdir -p $(@D)
	$(Q)printf '#define %s\n' 'CLIENT_VERSION "$(notdir $(PAHO_SRC))"' \
		'BUILD_TIMESTAMP ""' >$@

$(PAHO_OUT)/%.o: $(PAHO_SRC)/src/%.c | $(PAHO_OUT)/VersionInfo.h
	$(Q)$(CC) -O2 -g -fPIC -D_GNU_SOURCE -I$(PAHO_OUT) -c -o $@ $<

$(PAHO_OUT)/libpaho-mqtt3a.a: $(PAHO_OBJS)
	$(Q)$(AR) rcs $@ $^

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

# SPDX-License-Identifier: GPL-2.0-or-later
# The unit tests: `make unit`, also as `make -f tests/unit/unit.mk unit` at
# the top of the tree.  Each test_NAME.c is a program of its own, linked with
# the sources that UNIT_test_NAME lists, under ASan and UBSan.

BUILD ?= build
CC ?= gcc
PKG_CONFIG ?= pkg-config

# Empty for a run under something else: UNIT_RUN="valgrind -q"
UNIT_SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_RUN ?=

UNIT_DIR := $(BUILD)/unit
comma := ,
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard \
	      tests/unit/test_*.c)))
UNIT_CFLAGS := -std=gnu11 -DATMQTT_VERSION='"test"' -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I. \
	       -Iinclude/uapi -Ikmod -Itests \
	       $(shell $(PKG_CONFIG) --cflags libnl-3.0) -fno-omit-frame-pointer \
	       $(UNIT_SANITIZE)
UNIT_LIBS := -lcmocka $(shell $(PKG_CONFIG) --libs libnl-genl-3.0 \
	     libnl-route-3.0) -luv -lcares -lconfuse -lwolfssl -lcurl \
	     -ljansson -lsystemd -lpthread

ifndef DAEMON_SRCS
include daemon/sources.mk
endif
UNIT_AT := $(daemon/at_SRCS) $(daemon/at/cmd_SRCS)
UNIT_CLOUD := $(patsubst %,daemon/cloud/%.c,aep alibaba \
	      alibaba_register aws baidu cloud config crypt huawei job json \
	      onenet tencent tencent_register text tuya tuya_ask tuya_codec \
	      tuya_data tuya_flow unicom unicom_register visit) daemon/key.c \
	      daemon/lib/address.c daemon/lib/reach.c
UNIT_PEM := $(patsubst %,daemon/tls/%.c,pem blocks der x509)
UNIT_SESSION := $(UNIT_AT) $(UNIT_CLOUD) daemon/lib/buffer.c daemon/lib/log.c $(UNIT_PEM) \
		$(DIAL_SRCS) daemon/lib/utf8.c daemon/lib/state_file.c \
		daemon/uplink_state.c tests/unit/fake_mqtt.c \
		tests/unit/fake_mqttsn.c tests/unit/fake_world.c \
		tests/unit/harness.c \
		tests/unit/escape.c

UNIT_TUYA_CODEC := daemon/lib/buffer.c daemon/lib/state_file.c \
		   $(patsubst %,daemon/cloud/%.c,crypt json tuya_codec \
		   tuya_data)

UNIT_test_accepted := $(UNIT_SESSION)
UNIT_test_again := $(UNIT_SESSION)
UNIT_test_args := daemon/at/parser.c tests/unit/escape.c
UNIT_test_buffer := daemon/lib/buffer.c
UNIT_test_ceer := $(UNIT_SESSION)
UNIT_test_cloud_login := $(UNIT_SESSION) tests/unit/clouds.c
UNIT_test_cloud_register := $(UNIT_SESSION) tests/unit/clouds.c
UNIT_test_coroutine := daemon/lib/coroutine.c
UNIT_test_config := daemon/config.c daemon/identity.c daemon/key.c \
		    daemon/lib/address.c daemon/lib/reach.c \
		    daemon/lib/log.c daemon/at/profile.c daemon/cloud/config.c
UNIT_test_control := daemon/control.c daemon/lib/log.c tests/unit/no_memory.c
UNIT_test_ctl_status := $(patsubst %,ctl/%.c,columns escape grant line names status)
UNIT_test_crypt := daemon/cloud/crypt.c
UNIT_test_dial := $(DIAL_SRCS) tests/unit/fake_dns.c tests/unit/no_memory.c
UNIT_test_door := daemon/mqtt/door.c daemon/lib/utf8.c
UNIT_test_event := $(patsubst %,ctl/%.c,columns escape event names)
UNIT_test_forms := $(UNIT_SESSION)
UNIT_test_framer := kmod/framer.c
UNIT_test_gap := $(UNIT_SESSION)
UNIT_test_gtssl := $(UNIT_SESSION)
UNIT_test_grant := ctl/grant.c
UNIT_test_handle := daemon/lib/utf8.c \
		    $(patsubst %,daemon/mqtt/%.c,args door held link)
UNIT_test_heap := daemon/mqtt/heap.c daemon/lib/log.c tests/unit/no_memory.c
UNIT_test_host := daemon/at/host.c daemon/lib/address.c
UNIT_test_http := daemon/cloud/http.c daemon/cloud/transfer.c \
		  daemon/lib/buffer.c daemon/lib/date.c $(DIAL_SRCS)
UNIT_test_malformed := $(UNIT_SESSION)
UNIT_test_identity := daemon/identity.c
UNIT_test_life := $(UNIT_SESSION)
UNIT_test_line := ctl/line.c
UNIT_test_log := daemon/lib/log.c
UNIT_test_mask := ctl/mask.c daemon/lib/buffer.c daemon/at/parser.c \
		  daemon/at/secret.c tests/unit/escape.c
UNIT_test_nl := daemon/nl.c daemon/nl_out.c daemon/n_at_port.c daemon/lib/log.c
UNIT_test_no_memory := $(UNIT_SESSION) tests/unit/no_memory.c
UNIT_test_network := $(UNIT_SESSION)
UNIT_test_one_result := $(UNIT_SESSION) tests/unit/no_memory.c
UNIT_test_opening := $(UNIT_SESSION)
UNIT_test_options := $(UNIT_SESSION)
UNIT_test_paho_check := daemon/mqtt/paho_check.c
UNIT_test_parser := daemon/at/parser.c tests/unit/escape.c
UNIT_test_payload := daemon/at/payload.c daemon/lib/buffer.c \
		     tests/unit/escape.c
UNIT_test_pem := $(UNIT_PEM)
UNIT_test_port := $(UNIT_SESSION) daemon/port.c tests/unit/no_memory.c
UNIT_test_profile := daemon/at/profile.c
UNIT_test_reach := daemon/lib/address.c daemon/lib/reach.c
UNIT_test_reports := $(UNIT_SESSION)
UNIT_test_requests := daemon/at/requests.c daemon/at/room.c tests/unit/no_memory.c
UNIT_test_resolve := $(DIAL_SRCS) tests/unit/fake_dns.c tests/unit/no_memory.c
UNIT_test_result := daemon/at/result.c daemon/lib/buffer.c \
		    tests/unit/escape.c
UNIT_test_messages := $(UNIT_SESSION)
UNIT_test_secret := $(UNIT_SESSION)
UNIT_test_series := $(UNIT_SESSION)
UNIT_test_session := $(UNIT_SESSION)
UNIT_test_state_file := daemon/lib/state_file.c
UNIT_test_sn := $(UNIT_SESSION)
UNIT_SN := $(patsubst %,daemon/mqttsn/%.c,client codec inbound requests \
	     session topic_text topics) \
	   $(patsubst %,daemon/lib/%.c,buffer utf8) daemon/mqtt/args.c \
	   tests/unit/sn_harness.c
UNIT_test_sn_client := $(UNIT_SN)
UNIT_test_sn_topics := daemon/mqttsn/topics.c
UNIT_test_sn_transport := $(patsubst %,daemon/mqttsn/%.c,store transport) \
			  $(patsubst %,daemon/lib/%.c,address errno_text log \
			    reach state_file)
UNIT_test_sn_store := $(patsubst %,daemon/mqttsn/%.c,store topic_text topics) \
		      $(patsubst %,daemon/lib/%.c,buffer log state_file utf8)
UNIT_test_sn_codec := daemon/mqttsn/codec.c tests/unit/escape.c
UNIT_test_status := $(UNIT_SESSION)
UNIT_test_table := $(UNIT_SESSION)
UNIT_test_topic := daemon/at/topic.c daemon/lib/utf8.c
UNIT_test_tuya := $(UNIT_SESSION)
UNIT_test_tuya_codec := $(UNIT_TUYA_CODEC)
UNIT_test_uart := $(UNIT_SESSION)
UNIT_test_uplink := daemon/uplink_state.c
UNIT_test_uplink_news := daemon/uplink.c daemon/uplink_state.c \
			 daemon/lib/log.c
UNIT_test_watchdog := daemon/watchdog.c daemon/lib/log.c
UNIT_test_utf8 := daemon/lib/utf8.c

# What no_memory.c needs: the calls of the sources named above, not those
# of the libraries.
UNIT_NO_MEMORY := $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc strdup)
UNIT_LD_test_port := $(UNIT_NO_MEMORY)
UNIT_LD_test_control := $(UNIT_NO_MEMORY)
UNIT_LD_test_dial := $(UNIT_NO_MEMORY)
UNIT_LD_test_resolve := $(UNIT_NO_MEMORY)
UNIT_LD_test_requests := $(UNIT_NO_MEMORY)
UNIT_LD_test_one_result := $(UNIT_NO_MEMORY)
UNIT_LD_test_no_memory := $(UNIT_NO_MEMORY)
# The kernel that these two are
UNIT_LD_test_uplink_news := $(patsubst %,-Wl$(comma)--wrap=%,nl_connect \
			    nl_socket_add_memberships nl_socket_get_fd \
			    rtnl_link_alloc_cache rtnl_addr_alloc_cache \
			    rtnl_route_alloc_cache)
UNIT_LD_test_nl := $(patsubst %,-Wl$(comma)--wrap=%,send recvfrom \
		   nl_socket_set_nonblocking nl_socket_get_fd \
		   nl_socket_add_membership genl_ctrl_resolve_grp)
UNIT_LD_test_heap := $(UNIT_NO_MEMORY)

UNIT_PROGRAMS := $(UNIT_TESTS:%=$(UNIT_DIR)/%)

$(UNIT_DIR)/%.o: %.c
	@mkdir -p $(@D)
	@printf '  %-7s %s\n' UNITCC $<
	@$(CC) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

define UNIT_PROGRAM
$(UNIT_DIR)/$(1): $(UNIT_DIR)/tests/unit/$(1).o \
		  $(patsubst %.c,$(UNIT_DIR)/%.o,$(UNIT_$(1)))
	@printf '  %-7s %s\n' UNITLD $$@
	@$$(CC) $$(UNIT_CFLAGS) $$(UNIT_LD_$(1)) -o $$@ $$^ $$(UNIT_LIBS)
endef
$(foreach t,$(UNIT_TESTS),$(eval $(call UNIT_PROGRAM,$(t))))

## unit: the unit tests, with sanitizers
unit: $(UNIT_PROGRAMS)
	@failed=0; for t in $(UNIT_PROGRAMS); do \
		timeout 300 $(UNIT_RUN) $$t || { echo "FAILED: $$t"; failed=1; }; \
	done; exit $$failed

# The fuzzers need clang's libFuzzer.  Without FUZZ_ARGS they look for new
# inputs; with a seed and a number of runs they try the same ones every time.
FUZZ_CC ?= clang
FUZZ_SECONDS ?= 20
FUZZ_ARGS ?= -max_total_time=$(FUZZ_SECONDS)
FUZZ_TESTS := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard \
	      tests/fuzz/fuzz_*.c)))
# The broker's has paho's archive, and the linker puts a world around it.
ifndef MQTT_ARCHIVE
include daemon/mqtt/mqtt.mk
endif
FUZZ_WORLD := clock_gettime close getrandom ioctl recv send sendmsg setsockopt \
	      shutdown uv_close uv_now uv_poll_init uv_poll_start uv_poll_stop \
	      uv_timer_init uv_timer_start uv_timer_stop uv_update_time
FUZZ_fuzz_broker := tests/fuzz/world.c \
		    $(filter-out daemon/mqtt/mqtt.c daemon/lib/dial.c, \
		    $(MQTT_SRCS)) \
		    $(MQTT_ARCHIVE)
FUZZ_LIBS_fuzz_broker := $(MQTT_LDFLAGS) $(FUZZ_WORLD:%=-Wl,--wrap=%) \
			 $(filter-out $(MQTT_ARCHIVE),$(MQTT_LIBS))
FUZZ_fuzz_door := tests/fuzz/legal.c daemon/mqtt/door.c daemon/lib/utf8.c
FUZZ_fuzz_framer := kmod/framer.c
FUZZ_fuzz_pem := $(UNIT_PEM)
FUZZ_fuzz_register := $(UNIT_CLOUD) daemon/lib/buffer.c daemon/lib/log.c daemon/lib/state_file.c \
		      tests/unit/fake_mqtt.c tests/unit/fake_world.c \
		      tests/unit/escape.c
FUZZ_fuzz_sn_client := $(filter-out tests/%,$(UNIT_SN))
FUZZ_fuzz_sn_codec := daemon/mqttsn/codec.c
FUZZ_fuzz_mask := $(UNIT_test_mask)
FUZZ_fuzz_x509 := $(patsubst %,daemon/tls/%.c,der name x509)
FUZZ_fuzz_session := $(UNIT_SESSION)
FUZZ_fuzz_tuya := $(UNIT_TUYA_CODEC)

define FUZZ_PROGRAM
$(UNIT_DIR)/$(1): tests/fuzz/$(1).c $(FUZZ_$(1))
	@mkdir -p $$(@D)
	@printf '  %-7s %s\n' FUZZCC $$@
	@$$(FUZZ_CC) $$(UNIT_CFLAGS) -fsanitize=fuzzer -o $$@ $$^ \
		$$(or $$(FUZZ_LIBS_$(1)),$$(UNIT_LIBS))
endef
$(foreach t,$(FUZZ_TESTS),$(eval $(call FUZZ_PROGRAM,$(t))))

## fuzz: each fuzzer for FUZZ_SECONDS
fuzz: $(FUZZ_TESTS:%=$(UNIT_DIR)/%)
	@cd $(UNIT_DIR) && failed=0; for t in $(FUZZ_TESTS); do \
		if ./$$t $(FUZZ_ARGS) -max_len=3000 -print_final_stats=1 \
			2>$$t.log; then \
			echo "passed $$t: $$(grep executed $$t.log)"; \
		else \
			tail -n 40 $$t.log; echo "FAILED $$t"; failed=1; \
		fi; \
	done; exit $$failed

$(UNIT_DIR)/no_door: tests/fuzz/no_door.c tests/fuzz/fuzz_broker.c \
		     $(FUZZ_fuzz_broker)
	@mkdir -p $(@D)
	@printf '  %-7s %s\n' FUZZCC $@
	@$(FUZZ_CC) $(UNIT_CFLAGS) -fsanitize=fuzzer -o $@ $^ \
		-Wl,--wrap=door_read,--wrap=check $(FUZZ_LIBS_fuzz_broker)

## fuzz-no-door: what a broker would do to paho; must find it
fuzz-no-door: $(UNIT_DIR)/no_door
	@cd $(UNIT_DIR) && ! ./no_door $(FUZZ_ARGS) 2>no_door.log && \
		grep SUMMARY no_door.log

unit-clean:
	rm -rf $(UNIT_DIR)

-include $(shell find $(UNIT_DIR) -name '*.d' 2>/dev/null)

.PHONY: unit fuzz fuzz-no-door unit-clean

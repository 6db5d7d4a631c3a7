# SPDX-License-Identifier: GPL-2.0-or-later
# What the bench measures beside the daemon.  Included by the top-level Makefile,
# behind DAEMON_OBJS.

# The daemon without what talks to n_at, and with a framer of its own
DIRECT_OBJS := $(BUILD)/tests/bench/direct.o $(BUILD)/kmod/framer.o \
	       $(filter-out $(addprefix $(BUILD)/daemon/,main.o nl.o nl_out.o \
	       port.o status.o), \
	       $(DAEMON_OBJS))

$(BUILD)/atmqttd-direct: $(DIRECT_OBJS) $(MQTT_ARCHIVE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(MQTT_LDFLAGS) -o $@ \
		$(DIRECT_OBJS) $(MQTT_LIBS) \
		$(shell $(PKG_CONFIG) --libs $(LIBS)) -lpthread

direct: $(BUILD)/atmqttd-direct

# What one would write instead of both
$(BUILD)/bench-peer: $(BUILD)/tests/bench/peer.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -lmosquitto

peer: $(BUILD)/bench-peer

.PHONY: direct peer

# SPDX-License-Identifier: GPL-2.0-or-later
# atmqttctl; the includer sets BUILD and how a .c becomes a .o.
CTL_LIBS := libnl-genl-3.0 libsystemd jansson
CTL_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard ctl/*.c)) \
	    daemon/n_at_port.c daemon/n_at_socket.c daemon/lib/buffer.c \
	    daemon/at/parser.c daemon/at/secret.c)

$(BUILD)/atmqttctl: $(CTL_OBJS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(CTL_OBJS) \
		$(shell $(PKG_CONFIG) --libs $(CTL_LIBS))

-include $(CTL_OBJS:.o=.d)

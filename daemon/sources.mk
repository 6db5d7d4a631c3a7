# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon's sources by folder, for the makefiles that build them.
DAEMON_DIRS := daemon daemon/at daemon/at/cmd daemon/cloud daemon/lib \
	       daemon/mqtt daemon/mqttsn daemon/tls
$(foreach d,$(DAEMON_DIRS),$(eval $(d)_SRCS := $(sort $(wildcard $(d)/*.c))))
# From a name to a socket
DIAL_SRCS := $(patsubst %,daemon/lib/%.c,address dial dns errno_text reach \
	     resolve)
DAEMON_SRCS := $(foreach d,$(DAEMON_DIRS),$($(d)_SRCS))

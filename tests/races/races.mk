# SPDX-License-Identifier: GPL-2.0-or-later
# The race programs, and their run on a debug kernel with two processors.
# Included by the top-level Makefile.

RACES := attach daemon fault flush genl_fuzz hangup holder ioctl_fuzz modem \
	 module mortal opener output owner ptys spammer speed traffic
RACES_DIR := $(BUILD)/races
RACES_LIBS := libnl-genl-3.0
SECONDS ?= 600
KERNEL ?= races

$(RACES_DIR)/%.o: tests/races/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) -D_GNU_SOURCE -Iinclude/uapi $(ALL_CFLAGS) \
		$(shell $(PKG_CONFIG) --cflags $(RACES_LIBS)) -MMD -MP -c -o $@ $<

$(addprefix $(RACES_DIR)/,ptys traffic): $(RACES_DIR)/host.o
$(addprefix $(RACES_DIR)/,genl_fuzz output owner spammer): $(RACES_DIR)/link.o

$(RACES:%=$(RACES_DIR)/%): $(RACES_DIR)/%: $(RACES_DIR)/%.o $(RACES_DIR)/race.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(sort $^) \
		$(shell $(PKG_CONFIG) --libs $(RACES_LIBS))

races: $(RACES:%=$(RACES_DIR)/%)

## check-races: the race programs, SECONDS=600, KERNEL=races, kcsan or uml
check-races: races daemon
	$(Q)tests/races/run --kernel $(KERNEL) --seconds $(SECONDS)

-include $(wildcard $(RACES_DIR)/*.d)

.PHONY: races check-races

# SPDX-License-Identifier: GPL-2.0-or-later
# The objects of the MQTT-SN client; the includer sets BUILD.
MQTTSN_NAMES := channel client codec dtls inbound requests topics transport
MQTTSN_OBJS := $(MQTTSN_NAMES:%=$(BUILD)/daemon/mqttsn/%.o)

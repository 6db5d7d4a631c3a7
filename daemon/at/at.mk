# SPDX-License-Identifier: GPL-2.0-or-later
# The objects of the AT interface; the includer sets BUILD.
AT_NAMES := accepted again auth auth_cert auth_dyn basic buffer clock context \
	    device dns \
	    gtssl held host identity inbox kept life link link_open link_requests message mqtt_args \
	    mqtt_cmd mqtt_conf network open parser payload profile protocol_mqtt \
	    protocol_sn reopen requests result room secret session sn_cmd stored table \
	    topic uart urc
AT_OBJS := $(AT_NAMES:%=$(BUILD)/daemon/at/%.o)

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "ctl/names.h"

#include <stddef.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const modes[] = {
	[N_AT_MODE_COMMAND] = "command",
	[N_AT_MODE_EXECUTING] = "executing",
	[N_AT_MODE_DATA] = "data",
	[N_AT_MODE_ORPHAN] = "orphan",
};

static const char *const events[] = {
	[N_AT_EVENT_HANGUP] = "hangup",
	[N_AT_EVENT_BREAK] = "break",
	[N_AT_EVENT_DCD_ON] = "dcd-on",
	[N_AT_EVENT_DCD_OFF] = "dcd-off",
	[N_AT_EVENT_DSR_ON] = "dsr-on",
	[N_AT_EVENT_DSR_OFF] = "dsr-off",
};

static const char *const counters[] = {
	[N_AT_C_RX_BYTES] = "rx_bytes",
	[N_AT_C_TX_BYTES] = "tx_bytes",
	[N_AT_C_LINES] = "lines",
	[N_AT_C_DATA_BYTES] = "data_bytes",
	[N_AT_C_NOISE_BYTES] = "noise_bytes",
	[N_AT_C_OVERLONG] = "overlong",
	[N_AT_C_DAMAGED] = "damaged",
	[N_AT_C_FRAME] = "frame",
	[N_AT_C_PARITY] = "parity",
	[N_AT_C_OVERRUN] = "overrun",
	[N_AT_C_BREAK] = "break",
	[N_AT_C_THROTTLED] = "throttled",
	[N_AT_C_ORPHANED] = "orphaned",
	[N_AT_C_REPLIES] = "replies",
	[N_AT_C_URCS] = "urcs",
	[N_AT_C_REFUSED] = "refused",
	[N_AT_C_STALE] = "stale",
	[N_AT_C_DATA_TIMEOUTS] = "data_timeouts",
	[N_AT_C_LOST] = "lost",
	[N_AT_C_EXEC_TIMEOUTS] = "exec_timeouts",
};

_Static_assert(ARRAY_SIZE(counters) == N_AT_C_MAX + 1,
	       "each counter has a name");

static const char *const flags[] = {
	"overlong", "damaged", "timeout", "break",
};

static const char *const modem_lines[] = { "dcd", "dsr" };

const char *mode_name(enum n_at_mode mode)
{
	return mode < ARRAY_SIZE(modes) && modes[mode] ? modes[mode] : "?";
}

const char *event_name(enum n_at_event event)
{
	return event < ARRAY_SIZE(events) && events[event] ? events[event] :
							     "?";
}

const char *counter_name(int counter)
{
	return counter > 0 && counter < (int)ARRAY_SIZE(counters) ?
		       counters[counter] : NULL;
}

const char *modem_line_name(unsigned int i)
{
	return i < ARRAY_SIZE(modem_lines) ? modem_lines[i] : NULL;
}

const char *flag_name(unsigned int i)
{
	return i < ARRAY_SIZE(flags) ? flags[i] : NULL;
}

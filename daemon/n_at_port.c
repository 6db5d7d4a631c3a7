// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/n_at_port.h"

#include <errno.h>
#include <string.h>

const struct nla_policy n_at_policy[N_AT_A_MAX + 1] = {
	[N_AT_A_PORT]	    = { .type = NLA_U32 },
	[N_AT_A_SEQ]	    = { .type = NLA_U32 },
	[N_AT_A_TTY]	    = { .type = NLA_STRING },
	[N_AT_A_MODE]	    = { .type = NLA_U32 },
	[N_AT_A_OWNER]	    = { .type = NLA_U32 },
	[N_AT_A_DEVICE]	    = { .type = NLA_U32 },
	[N_AT_A_OWNER_UID]  = { .type = NLA_U32 },
	[N_AT_A_OWNER_GID]  = { .type = NLA_U32 },
	[N_AT_A_VERSION]    = { .type = NLA_STRING },
	[N_AT_A_FLAGS]	    = { .type = NLA_U32 },
	[N_AT_A_DATA_LEN]   = { .type = NLA_U32 },
	[N_AT_A_SETTINGS]   = { .type = NLA_NESTED },
	[N_AT_A_COUNTERS]   = { .type = NLA_NESTED },
	[N_AT_A_EVENT]	    = { .type = NLA_U32 },
	[N_AT_A_DIRECTION]  = { .type = NLA_U32 },
	[N_AT_A_KIND]	    = { .type = NLA_U32 },
	[N_AT_A_MODEM]	    = { .type = NLA_U32 },
};

uint32_t n_at_u32(struct nlattr **attrs, int type)
{
	return attrs[type] ? nla_get_u32(attrs[type]) : 0;
}

static uint32_t owner_id(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : UINT32_MAX;
}

uint64_t n_at_uint(struct nlattr *attr)
{
	uint64_t value = 0;

	if (attr && nla_len(attr) == sizeof(uint32_t))
		value = nla_get_u32(attr);
	else if (attr && nla_len(attr) == sizeof(value))
		memcpy(&value, nla_data(attr), sizeof(value));
	return value;
}

static const struct nla_policy settings_policy[N_AT_S_MAX + 1] = {
	[N_AT_S_SPEED]	    = { .type = NLA_U32 },
	[N_AT_S_DATA_BITS]  = { .type = NLA_U32 },
	[N_AT_S_PARITY]	    = { .type = NLA_U32 },
	[N_AT_S_STOP_BITS]  = { .type = NLA_U32 },
	[N_AT_S_FLOW]	    = { .type = NLA_U32 },
};

static void get_uart(struct nlattr *settings, struct at_uart *uart)
{
	struct nlattr *a[N_AT_S_MAX + 1];

	if (!settings ||
	    nla_parse_nested(a, N_AT_S_MAX, settings, settings_policy) < 0 ||
	    !a[N_AT_S_SPEED] || !a[N_AT_S_DATA_BITS] || !a[N_AT_S_PARITY] ||
	    !a[N_AT_S_STOP_BITS] || !a[N_AT_S_FLOW])
		return;
	uart->speed = nla_get_u32(a[N_AT_S_SPEED]);
	uart->data_bits = (uint8_t)nla_get_u32(a[N_AT_S_DATA_BITS]);
	uart->parity = (uint8_t)nla_get_u32(a[N_AT_S_PARITY]);
	uart->stop_bits = (uint8_t)nla_get_u32(a[N_AT_S_STOP_BITS]);
	uart->flow = (uint8_t)nla_get_u32(a[N_AT_S_FLOW]);
	uart->has_flow = true;
}

static void get_counters(struct nlattr *counters, uint64_t *out)
{
	struct nlattr *pos;
	int rem;

	nla_for_each_nested(pos, counters, rem)
		if (nla_type(pos) <= N_AT_C_MAX)
			out[nla_type(pos)] = n_at_uint(pos);
}

int n_at_port_parse(struct nlattr **attrs, struct n_at_port *port)
{
	*port = (struct n_at_port){
		.id = n_at_u32(attrs, N_AT_A_PORT),
		.owner = n_at_u32(attrs, N_AT_A_OWNER),
		.seq = n_at_u32(attrs, N_AT_A_SEQ),
		.mode = n_at_u32(attrs, N_AT_A_MODE),
		.device = n_at_u32(attrs, N_AT_A_DEVICE),
		.owner_uid = owner_id(attrs[N_AT_A_OWNER_UID]),
		.owner_gid = owner_id(attrs[N_AT_A_OWNER_GID]),
		.has_modem = attrs[N_AT_A_MODEM],
		.modem = n_at_u32(attrs, N_AT_A_MODEM),
	};
	if (!port->id || !attrs[N_AT_A_TTY])
		return -EINVAL;
	port->tty = nla_get_string(attrs[N_AT_A_TTY]);
	if (attrs[N_AT_A_VERSION])
		port->version = nla_get_string(attrs[N_AT_A_VERSION]);
	get_uart(attrs[N_AT_A_SETTINGS], &port->uart);
	if (attrs[N_AT_A_COUNTERS])
		get_counters(attrs[N_AT_A_COUNTERS], port->counters);
	return 0;
}

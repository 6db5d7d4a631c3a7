/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tracepoints: what passes a port, and when.  Never what it says, since AT
 * lines carry passwords: lengths, sequence numbers, modes.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM n_at

#if !defined(AT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define AT_TRACE_H

#include <linux/tracepoint.h>

#include "compat.h"
#include "port.h"

TRACE_DEFINE_ENUM(N_AT_MODE_COMMAND);
TRACE_DEFINE_ENUM(N_AT_MODE_EXECUTING);
TRACE_DEFINE_ENUM(N_AT_MODE_DATA);
TRACE_DEFINE_ENUM(N_AT_MODE_ORPHAN);

#define at_show_mode(mode) \
	__print_symbolic(mode, \
			 { N_AT_MODE_COMMAND, "command" }, \
			 { N_AT_MODE_EXECUTING, "executing" }, \
			 { N_AT_MODE_DATA, "data" }, \
			 { N_AT_MODE_ORPHAN, "orphan" })

#define at_show_flags(flags) \
	__print_flags(flags, "|", \
		      { N_AT_FLAG_OVERLONG, "overlong" }, \
		      { N_AT_FLAG_DAMAGED, "damaged" }, \
		      { N_AT_FLAG_TIMEOUT, "timeout" }, \
		      { N_AT_FLAG_BREAK, "break" })

/* A line or data: given to the owner, or with owner 0 answered for it. */
DECLARE_EVENT_CLASS(n_at_input,
		    TP_PROTO(const struct at_port *port, size_t len, u32 flags),
		    TP_ARGS(port, len, flags),
		    TP_STRUCT__entry(__string(port, port->name)
				     __field(u32, owner)
				     __field(u32, seq)
				     __field(u32, len)
				     __field(u32, flags)),
		    TP_fast_assign(at_assign_str(port, port->name);
				   __entry->owner = port->owner_id;
				   __entry->seq = port->seq;
				   __entry->len = len;
				   __entry->flags = flags;),
		    TP_printk("%s owner=%u seq=%u len=%u flags=%s", __get_str(port),
			      __entry->owner, __entry->seq, __entry->len,
			      at_show_flags(__entry->flags))
);

DEFINE_EVENT(n_at_input, n_at_line,
	     TP_PROTO(const struct at_port *port, size_t len, u32 flags),
	     TP_ARGS(port, len, flags)
);

DEFINE_EVENT(n_at_input, n_at_data,
	     TP_PROTO(const struct at_port *port, size_t len, u32 flags),
	     TP_ARGS(port, len, flags)
);

/* A REPLY that was taken; data_len is what it asks for. */
TRACE_EVENT(n_at_reply,
	    TP_PROTO(const struct at_port *port, const struct at_reply *reply),
	    TP_ARGS(port, reply),
	    TP_STRUCT__entry(__string(port, port->name)
			     __field(u32, seq)
			     __field(u32, len)
			     __field(bool, final)
			     __field(bool, wants_data)
			     __field(u32, data_len)),
	    TP_fast_assign(at_assign_str(port, port->name);
			   __entry->seq = reply->seq;
			   __entry->len = reply->out_len;
			   __entry->final = reply->final;
			   __entry->wants_data = reply->wants_data;
			   __entry->data_len = reply->data_len;),
	    TP_printk("%s seq=%u len=%u final=%d wants_data=%d data_len=%u",
		      __get_str(port), __entry->seq, __entry->len, __entry->final,
		      __entry->wants_data, __entry->data_len)
);

/* A URC that was taken; of those taken before, so many still wait. */
TRACE_EVENT(n_at_urc,
	    TP_PROTO(const struct at_port *port, size_t len),
	    TP_ARGS(port, len),
	    TP_STRUCT__entry(__string(port, port->name)
			     __field(u32, len)
			     __field(u32, waiting)),
	    TP_fast_assign(at_assign_str(port, port->name);
			   __entry->len = len;
			   __entry->waiting = port->urcs.count;),
	    TP_printk("%s len=%u waiting=%u", __get_str(port), __entry->len,
		      __entry->waiting)
);

TRACE_EVENT(n_at_mode,
	    TP_PROTO(const struct at_port *port, u32 mode),
	    TP_ARGS(port, mode),
	    TP_STRUCT__entry(__string(port, port->name)
			     __field(u32, mode)
			     __field(u32, seq)),
	    TP_fast_assign(at_assign_str(port, port->name);
			   __entry->mode = mode;
			   __entry->seq = port->seq;),
	    TP_printk("%s mode=%s seq=%u", __get_str(port),
		      at_show_mode(__entry->mode), __entry->seq)
);

/* The driver is stopped and released; waiting is in the flip buffer's units. */
DECLARE_EVENT_CLASS(n_at_throttling,
		    TP_PROTO(const struct at_port *port),
		    TP_ARGS(port),
		    TP_STRUCT__entry(__string(port, port->name)
				     __field(u32, waiting)
				     __field(u64, count)),
		    TP_fast_assign(at_assign_str(port, port->name);
				   __entry->waiting =
					   atomic_read(&port->tty->port->buf.mem_used);
				   __entry->count = port->count[N_AT_C_THROTTLED];),
		    TP_printk("%s waiting=%u count=%llu", __get_str(port),
			      __entry->waiting, (unsigned long long)__entry->count)
);

DEFINE_EVENT(n_at_throttling, n_at_throttle,
	     TP_PROTO(const struct at_port *port),
	     TP_ARGS(port)
);

DEFINE_EVENT(n_at_throttling, n_at_unthrottle,
	     TP_PROTO(const struct at_port *port),
	     TP_ARGS(port)
);

#endif /* AT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

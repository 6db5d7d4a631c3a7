/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * An MQTT-SN client whose time, gateway and owner are a script.  A step is a
 * line:
 *
 *   open [kept] [will] [keep=S] [id=X] [host=X]	mqttsn_open()
 *   close, abort, ready, refused WHY, failed WHY
 *   pub TOKEN QOS TOPIC [PAYLOAD]	retained if QOS ends in r
 *   sub TOKEN QOS TOPIC, unsub TOKEN TOPIC, reg TOKEN NAME
 *   willtopic TOKEN QOS [TOPIC], willmsg TOKEN [TEXT]
 *   end, drop		the oldest message that was given out
 *   + MS		time passes, the client's timer fires
 *   msgid N		the last MsgId that was used
 *   addresses N	next() succeeds so often
 *   < HEX		a datagram comes
 *   large QOS MSGID LEN	a PUBLISH to the id *5 with that many octets
 *   flood N LEN	N such of QoS 1: each is given out or refused as congestion,
 *		and all together take less than 2 MiB
 *   > HEX		this was sent; > alone: nothing was, nor more; *: any
 *   = EVENT		this was told; = alone: nothing, nor more
 *   ? ERRNO		what the last call returned, otherwise it must be 0
 *   topics LIST	"ID=NAME ..." is the table
 *   restart, kill	the daemon; of an end in order the client knows
 *   kept N	so many texts were kept since the last one of these
 *   nosend ERRNO	send() fails so, 0: does not fail
 *
 * A topic is a name, 'xy (short), #N (normal id) or *N (predefined).  What
 * was sent or told and not asked for fails the test at its end.  MsgIds
 * begin at 1.
 */
#ifndef ATMQTT_TEST_SN_HARNESS_H
#define ATMQTT_TEST_SN_HARNESS_H

void sn_script(const char *name, const char *script);

#endif /* ATMQTT_TEST_SN_HARNESS_H */

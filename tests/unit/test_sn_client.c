// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The MQTT-SN client against scripts, see sn_harness.h.  Loss, repetition
 * and disorder are what the script leaves out, repeats and puts elsewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/sn_harness.h"

#define S(line)		line "\n"

#define CONNECT		S("> 07 04 04 01 003c 63")
#define CONNECT_KEPT	S("> 07 04 00 01 003c 63")
#define CONNECT_WILL	S("> 07 04 0c 01 003c 63")
#define CONNACK		S("< 03 05 00") S("= opened")
#define OPEN		S("open") S("ready") CONNECT CONNACK
#define OPEN_KEPT	S("open kept") S("ready") CONNECT_KEPT CONNACK
#define CLOSE		S("close") S("> 02 18") S("< 02 18") S("= closed")
/* "a/b" gets the id 0x80 by the MsgId 1 */
#define REGISTERED	S("reg 1 a/b") S("> 09 0a 0000 0001 612f62")	\
			S("< 07 0b 0080 0001 00") S("= done 1 1 #128")

/* Ten seconds in which the gateway publishes, and is answered. */
#define TALK		S("< 08 0c 21 0005 0007 78") S("= message 1 *5 x") \
			S("end") S("> 07 0d 0005 0007 00") S("+ 10000")

struct row {
	const char *name;
	const char *script;
};

static const struct row connection[] = {
	{ "opened", OPEN },
	{ "CONNECT lost",
	  S("open") S("ready") CONNECT S("+ 2499") S(">") S("+ 1") CONNECT
	  CONNACK },
	{ "CONNACK repeated", OPEN S("< 03 05 00") S("< 03 05 03") },
	{ "no answer",
	  S("open") S("ready") CONNECT S("+ 2500") CONNECT S("+ 2499") S("=")
	  S("+ 1") S("= opened: no answer") },
	{ "CONNACK too late",
	  S("open") S("ready") CONNECT S("+ 2500") CONNECT S("+ 2500")
	  S("= opened: no answer") S("< 03 05 00") },
	{ "congested",
	  S("open") S("ready") CONNECT S("< 03 05 01")
	  S("= opened: the gateway is congested") },
	{ "not supported",
	  S("open") S("ready") CONNECT S("< 03 05 03")
	  S("= opened: not supported by the gateway") },
	{ "refused with a reserved code",
	  S("open") S("ready") CONNECT S("< 03 05 ff")
	  S("= opened: refused by the gateway") },
	{ "refused by a DISCONNECT",
	  S("open") S("ready") CONNECT S("< 02 18")
	  S("= opened: refused by the gateway") },
	{ "again after a refusal",
	  S("open") S("ready") CONNECT S("< 03 05 01")
	  S("= opened: the gateway is congested") OPEN },
	{ "an ICMP error is a lost try",
	  S("open") S("ready") CONNECT S("refused connection refused") S("=")
	  S("+ 2499") S(">") S("+ 1") CONNECT
	  S("refused connection refused")
	  S("= opened: connection refused") },
	{ "one ICMP error does not matter",
	  S("open") S("ready") CONNECT S("refused connection refused")
	  S("+ 2500") CONNECT CONNACK },
	{ "its reason stays when nothing else came",
	  S("open") S("ready") CONNECT S("+ 2500") CONNECT S("+ 100")
	  S("refused host unreachable")
	  S("= opened: host unreachable") },
	{ "the next address after an ICMP error",
	  S("addresses 1") S("open") S("ready") CONNECT
	  S("refused connection refused") S(">") S("ready") CONNECT
	  CONNACK },
	{ "the next address after no answer",
	  S("addresses 1") S("open") S("ready") CONNECT S("+ 2500") S(">")
	  S("ready") CONNECT CONNACK },
	{ "the reason is that of the address tried last",
	  S("addresses 1") S("open") S("ready") CONNECT
	  S("refused connection refused") S("ready") CONNECT S("+ 2500")
	  CONNECT S("+ 2500") S("= opened: no answer") },
	{ "also when the way ended before CONNECT",
	  S("addresses 1") S("open") S("refused connection refused")
	  S("+ 5000") S("= opened: not found yet") },
	{ "the last one's refusal stays",
	  S("addresses 1") S("open") S("refused host unreachable")
	  S("refused connection refused") S("+ 5000")
	  S("= opened: connection refused") },
	{ "no address", S("open") S("failed host not found")
	  S("= opened: host not found") },
	{ "no way in time", S("open") S("+ 4999") S("=") S("+ 1")
	  S("= opened: not found yet") S("ready") },
	{ "the way ends while connecting",
	  S("open") S("ready") CONNECT S("failed closed by the gateway")
	  S("= opened: closed by the gateway") },
	{ "twice", S("open") S("open") S("? 114") S("ready") CONNECT
	  S("open") S("? 114") CONNACK S("open") S("? 114") },
	{ "an id that no CONNECT can have", S("open id=") S("? 22") },
	{ "requests and close while not open",
	  S("pub 1 0 *1 x") S("? 107") S("sub 1 0 a") S("? 107")
	  S("unsub 1 a") S("? 107") S("reg 1 a") S("? 107")
	  S("willtopic 1 0 a") S("? 107") S("willmsg 1 a") S("? 107")
	  S("close") S("? 107") S("open") S("pub 1 0 *1 x") S("? 107")
	  S("ready") CONNECT S("sub 1 0 a") S("? 107") },
	{ "closed", OPEN CLOSE OPEN CLOSE },
	{ "DISCONNECT unanswered",
	  OPEN S("close") S("> 02 18") S("+ 1000") S("> 02 18") S("+ 1000")
	  S("> 02 18") S("+ 999") S("=") S("+ 1") S("= closed") },
	{ "an ICMP error answers a DISCONNECT, too",
	  OPEN S("close") S("> 02 18") S("refused connection refused")
	  S("= closed") },
	{ "the way's end answers a DISCONNECT, too",
	  OPEN S("close") S("> 02 18") S("failed closed") S("= closed") },
	{ "nothing else does",
	  OPEN S("close") S("> 02 18") S("< 03 05 00") S("< 02 17")
	  S("< 08 0c 01 0005 0000 78") S("=") S("< 02 18") S("= closed") },
	{ "closed twice", OPEN S("close") S("> 02 18") S("close") S("? 107")
	  S("open") S("? 114") S("< 02 18") S("= closed") },
	{ "requests under way while closing",
	  OPEN S("pub 1 1 *5 x") S("> 08 0c 21 0005 0001 78")
	  S("pub 2 0 *5 y") S("close") S("> 02 18") S("=") S("+ 0")
	  S("= done 1 0") S("= done 2 0") S("< 07 0d 0005 0001 00")
	  S("< 02 18") S("= closed") },
	{ "lost by a DISCONNECT", OPEN S("< 02 18")
	  S("= lost: closed by the gateway") S("< 02 18") OPEN },
	{ "lost by a DISCONNECT with a duration", OPEN S("< 04 18 0001")
	  S("= lost: closed by the gateway") },
	{ "lost with the way", OPEN S("failed closed by the gateway")
	  S("= lost: closed by the gateway") },
	{ "requests fail first",
	  OPEN S("pub 1 1 *5 x") S("> 08 0c 21 0005 0001 78")
	  S("pub 2 0 *5 y") S("sub 3 0 a/b")
	  S("> 08 12 00 0002 612f62") S("< 02 18") S("= done 3 0")
	  S("= done 1 0") S("= done 2 0")
	  S("= lost: closed by the gateway") },
	{ "aborted", OPEN S("pub 1 1 *5 x") S("> 08 0c 21 0005 0001 78")
	  S("pub 2 0 *5 x") S("abort") S("+ 100000") OPEN },
	{ "aborted while opening",
	  S("open") S("abort") S("+ 100000") S("open") S("ready") CONNECT
	  S("abort") S("+ 100000") OPEN },
};

static const struct row will[] = {
	{ "will",
	  S("open will") S("ready") CONNECT_WILL S("< 02 06")
	  S("> 04 07 30 77") S("< 02 08") S("> 06 09 676f6e65") CONNACK },
	{ "each request is answered again until CONNACK",
	  S("open will") S("ready") CONNECT_WILL S("< 02 06")
	  S("> 04 07 30 77") S("+ 500") S("< 02 06") S("> 04 07 30 77")
	  S("< 02 08") S("> 06 09 676f6e65") S("< 02 06")
	  S("> 04 07 30 77") S("< 02 08") S("> 06 09 676f6e65") CONNACK
	  S("< 02 06") S("< 02 08") },
	{ "CONNECT again when the will gets lost",
	  S("open will") S("ready") CONNECT_WILL S("+ 400") S("< 02 06")
	  S("> 04 07 30 77") S("+ 2499") S(">") S("+ 1") CONNECT_WILL
	  S("< 02 06") S("> 04 07 30 77") S("< 02 08")
	  S("> 06 09 676f6e65") CONNACK },
	{ "asked for a will that there is not",
	  S("open") S("ready") CONNECT S("< 02 06") S("> 02 07")
	  S("< 02 08") S("> 02 09") CONNACK },
	{ "changed",
	  OPEN S("willtopic 1 2r a") S("> 04 1a 50 61") S("willmsg 2 x")
	  S("> 03 1c 78") S("< 03 1d 00") S("= done 2 1") S("< 03 1b 00")
	  S("= done 1 1") },
	{ "deleted", OPEN S("willtopic 1 0") S("> 02 1a") S("< 03 1b 00")
	  S("= done 1 1") },
	{ "empty message", OPEN S("willmsg 1") S("> 02 1c") S("< 03 1d 00")
	  S("= done 1 1") },
	{ "refused", OPEN S("willtopic 1 0 a") S("> 04 1a 00 61")
	  S("< 03 1b 03") S("= done 1 0") S("willmsg 2 x") S("> 03 1c 78")
	  S("< 03 1d 01") S("= done 2 0") },
	{ "lost, and without answer",
	  OPEN S("willtopic 1 0 a") S("> 04 1a 00 61") S("+ 500")
	  S("willmsg 2 x") S("> 03 1c 78") S("+ 500") S("> 04 1a 00 61")
	  S("+ 500") S("> 03 1c 78") S("< 03 1d 00") S("= done 2 1")
	  S("+ 500") S("> 04 1a 00 61") S("+ 999") S("=") S("+ 1")
	  S("= done 1 0") S("< 03 1b 00") },
	{ "one after the other",
	  OPEN S("willmsg 1 x") S("> 03 1c 78") S("willmsg 2 y") S(">")
	  S("< 03 1d 00") S("> 03 1c 79") S("= done 1 1") S("< 03 1d 00")
	  S("= done 2 1") S("< 03 1d 00") },
};

static const struct row keepalive[] = {
	{ "silence", OPEN S("+ 39999") S(">") S("+ 1") S("> 02 16")
	  S("+ 1499") S(">") S("+ 1") S("> 02 16") S("+ 1500")
	  S("> 02 16") S("+ 1499") S("=") S("+ 1")
	  S("= lost: no answer to a ping") S("+ 100000") },
	{ "answered", OPEN S("+ 40000") S("> 02 16") S("+ 10") S("< 02 17")
	  S("+ 39989") S(">") S("+ 1") S("> 02 16") S("< 02 17")
	  S("+ 39999") S(">") S("+ 1") S("> 02 16") },
	{ "the third answered", OPEN S("+ 40000") S("> 02 16") S("+ 1500")
	  S("> 02 16") S("+ 1500") S("> 02 16") S("+ 1499") S("< 02 17")
	  S("+ 38500") S(">") S("+ 1") S("> 02 16") },
	{ "any message answers", OPEN S("+ 40000") S("> 02 16")
	  S("< 08 0c 01 0005 0000 78") S("= message 0 *5 x") S("+ 39999")
	  S(">") S("end") S("+ 1") S("> 02 16") },
	{ "what is malformed does not", OPEN S("+ 40000") S("> 02 16")
	  S("< 02 17 00 00 00") S("< 03 16") S("+ 1500") S("> 02 16") },
	{ "what we send does not put it off", OPEN S("+ 30000")
	  S("pub 1 0 *5 x") S("> 08 0c 01 0005 0000 78") S("+ 0")
	  S("= done 1 1") S("+ 9999") S(">") S("+ 1") S("> 02 16") },
	{ "nor what we hear, and what we answer to it", OPEN S("+ 30000")
	  S("< 08 0c 21 0005 0007 78") S("= message 1 *5 x") S("end")
	  S("> 07 0d 0005 0007 00") S("+ 9999") S(">") S("+ 1")
	  S("> 02 16") },
	{ "60 s of messages at a keepalive of 30 s",
	  S("open keep=30") S("ready") S("> 07 04 04 01 001e 63") CONNACK
	  TALK TALK S("> 02 16") S("< 02 17") TALK TALK S("> 02 16")
	  S("< 02 17") TALK TALK S("> 02 16") },
	{ "within 1.5 keepalives, however short",
	  S("open keep=4") S("ready") S("> 07 04 04 01 0004 63") CONNACK
	  S("+ 2665") S(">") S("+ 1") S("> 02 16") S("+ 1000")
	  S("> 02 16") S("+ 1000") S("> 02 16") S("+ 1000")
	  S("= lost: no answer to a ping") },
	{ "none", S("open keep=0") S("ready") S("> 07 04 04 01 0000 63")
	  CONNACK S("+ 1000000") },
	{ "the last ping refused by ICMP", OPEN S("+ 40000") S("> 02 16")
	  S("refused connection refused") S("=") S("+ 1500") S("> 02 16")
	  S("refused connection refused") S("=") S("+ 1500") S("> 02 16")
	  S("refused connection refused")
	  S("= lost: no answer to a ping") },
	{ "an ICMP error at rest is none", OPEN
	  S("refused connection refused") S("+ 39999") S("=") S("+ 1")
	  S("> 02 16") S("< 02 17") },
	{ "the gateway pings", OPEN S("< 02 16") S("> 02 17")
	  S("< 05 16 616263") S("> 02 17") },
};

static const struct row publish[] = {
	{ "QoS 0", OPEN S("pub 1 0 *5 hi") S("> 09 0c 01 0005 0000 6869")
	  S("=") S("+ 0") S("= done 1 1") },
	{ "QoS 0, retained, short, empty", OPEN S("pub 1 0r 'xy")
	  S("> 07 0c 12 7879 0000") S("+ 0") S("= done 1 1") },
	{ "QoS 0 that cannot be sent", OPEN S("nosend 90")
	  S("pub 1 0 *5 hi") S("> 09 0c 01 0005 0000 6869") S("+ 0")
	  S("= done 1 0") },
	{ "too large for the way there: at once",
	  OPEN S("nosend 90") S("pub 1 1 *5 hi")
	  S("> 09 0c 21 0005 0001 6869") S("+ 0") S("= done 1 0") },
	{ "QoS 1", OPEN S("pub 1 1 *5 hi") S("> 09 0c 21 0005 0001 6869")
	  S("< 07 0d 0005 0001 00") S("= done 1 1") S("+ 10000") },
	{ "an id from 128 up", OPEN S("pub 1 1 *0x8080 x")
	  S("> 08 0c 21 8080 0001 78") S("< 07 0d 8080 0001 00")
	  S("= done 1 1") },
	{ "PUBACK with no topic id, or its octets swapped",
	  OPEN S("pub 1 1 *5 x") S("> 08 0c 21 0005 0001 78")
	  S("< 07 0d 0000 0001 00") S("= done 1 1") S("pub 2 1 *5 x")
	  S("> 08 0c 21 0005 0002 78") S("< 07 0d 0500 0002 00")
	  S("= done 2 1") },
	{ "lost twice: DUP, and the same MsgId",
	  OPEN S("pub 1 1 *5 x") S("> 08 0c 21 0005 0001 78") S("+ 999")
	  S(">") S("+ 1") S("> 08 0c a1 0005 0001 78") S("+ 1000")
	  S("> 08 0c a1 0005 0001 78") S("< 07 0d 0005 0001 00")
	  S("= done 1 1") S("< 07 0d 0005 0001 00") },
	{ "a send that fails is lost, too",
	  OPEN S("nosend 101") S("pub 1 1 *5 x")
	  S("> 08 0c 21 0005 0001 78") S("nosend 0") S("+ 1000")
	  S("> 08 0c a1 0005 0001 78") S("< 07 0d 0005 0001 00")
	  S("= done 1 1") },
	{ "no answer; a late one does nothing",
	  OPEN S("pub 1 1 *5 x") S("> 08 0c 21 0005 0001 78") S("+ 1000")
	  S("> 08 0c a1 0005 0001 78") S("+ 1000")
	  S("> 08 0c a1 0005 0001 78") S("+ 999") S("=") S("+ 1")
	  S("= done 1 0") S("< 07 0d 0005 0001 00") S("pub 2 1 *5 y")
	  S("> 08 0c 21 0005 0002 79") S("< 07 0d 0005 0001 00") S("=")
	  S("< 07 0d 0005 0002 00") S("= done 2 1") },
	{ "acknowledgements of other types",
	  OPEN S("pub 1 1 *5 x") S("> 08 0c 21 0005 0001 78")
	  S("< 04 0e 0001") S("< 08 13 00 0005 0001 00")
	  S("< 07 0b 0005 0001 00") S("< 04 15 0001") S("=")
	  S("< 07 0d 0005 0001 00") S("= done 1 1") },
	{ "refused", OPEN S("pub 1 1 *5 x") S("> 08 0c 21 0005 0001 78")
	  S("< 07 0d 0005 0001 02") S("= done 1 0") S("pub 2 1 *5 x")
	  S("> 08 0c 21 0005 0002 78") S("< 07 0d 0005 0002 01")
	  S("= done 2 0") S("pub 3 2 *5 x") S("> 08 0c 41 0005 0003 78")
	  S("< 07 0d 0005 0003 03") S("= done 3 0") },
	{ "QoS 2", OPEN S("pub 1 2 *5 x") S("> 08 0c 41 0005 0001 78")
	  S("< 04 0f 0001") S("> 04 10 0001") S("< 04 0e 0001")
	  S("= done 1 1") S("< 04 0e 0001") },
	{ "QoS 2, everything lost once",
	  OPEN S("pub 1 2 *5 x") S("> 08 0c 41 0005 0001 78") S("+ 1000")
	  S("> 08 0c c1 0005 0001 78") S("+ 100") S("< 04 0f 0001")
	  S("> 04 10 0001") S("+ 999") S(">") S("+ 1") S("> 04 10 0001")
	  S("< 04 0e 0001") S("= done 1 1") },
	{ "QoS 2, everything twice",
	  OPEN S("pub 1 2 *5 x") S("> 08 0c 41 0005 0001 78")
	  S("< 04 0f 0001") S("> 04 10 0001") S("< 04 0f 0001")
	  S("> 04 10 0001") S("< 04 0e 0001") S("= done 1 1")
	  S("< 04 0e 0001") },
	{ "QoS 2, PUBCOMP or PUBACK instead of PUBREC",
	  OPEN S("pub 1 2 *5 x") S("> 08 0c 41 0005 0001 78")
	  S("< 04 0e 0001") S("< 07 0d 0005 0001 00") S("=") S("+ 1000")
	  S("> 08 0c c1 0005 0001 78") S("< 04 0f 0001")
	  S("> 04 10 0001") S("< 04 0e 0001") S("= done 1 1") },
	{ "a late PUBREC is released",
	  OPEN S("pub 1 2 *5 x") S("> 08 0c 41 0005 0001 78") S("+ 3000")
	  S("> 08 0c c1 0005 0001 78") S("> 08 0c c1 0005 0001 78")
	  S("= done 1 0") S("< 04 0f 0001") S("> 04 10 0001")
	  S("< 04 0e 0001") },
	{ "one under way, the rest in order",
	  OPEN S("pub 1 1 *5 a") S("> 08 0c 21 0005 0001 61")
	  S("pub 2 0 *5 b") S("pub 3 2 *5 c") S("pub 4 1 *5 d") S(">")
	  S("< 07 0d 0005 0001 00") S("> 08 0c 01 0005 0000 62")
	  S("> 08 0c 41 0005 0002 63") S("= done 1 1") S("= done 2 1")
	  S("< 04 0f 0002") S("> 04 10 0002") S("< 04 0e 0002")
	  S("> 08 0c 21 0005 0003 64") S("= done 3 1")
	  S("< 07 0d 0005 0003 00") S("= done 4 1") },
	{ "waiting counts: each fails in its own time",
	  OPEN S("pub 1 1 *5 a") S("> 08 0c 21 0005 0001 61") S("+ 500")
	  S("pub 2 1 *5 b") S("pub 3 1 *5 c") S("+ 2500")
	  S("> 08 0c a1 0005 0001 61") S("> 08 0c a1 0005 0001 61")
	  S("= done 1 0") S("> 08 0c 21 0005 0002 62") S("+ 499") S("=")
	  S("+ 1") S("= done 2 0") S("= done 3 0") },
	{ "a name is registered first",
	  OPEN S("pub 1 1 a/b x") S("> 09 0a 0000 0001 612f62")
	  S("< 07 0b 0080 0001 00") S("> 08 0c 20 0080 0002 78")
	  S("< 07 0d 0080 0002 00") S("= done 1 1") S("topics 128=a/b")
	  S("pub 2 0 a/b y") S("> 08 0c 00 0080 0000 79") S("+ 0")
	  S("= done 2 1") },
	{ "by its id, then",
	  OPEN REGISTERED S("pub 2 1 #128 x") S("> 08 0c 20 0080 0002 78")
	  S("< 07 0d 0080 0002 00") S("= done 2 1") },
	{ "REGISTER lost",
	  OPEN S("pub 1 0 a/b x") S("> 09 0a 0000 0001 612f62") S("+ 1000")
	  S("> 09 0a 0000 0001 612f62") S("< 07 0b 0080 0001 00")
	  S("> 08 0c 00 0080 0000 78") S("= done 1 1")
	  S("< 07 0b 0080 0001 00") },
	{ "REGISTER unanswered: the whole has three seconds",
	  OPEN S("pub 1 0 a/b x") S("> 09 0a 0000 0001 612f62")
	  S("+ 2999") S("> 09 0a 0000 0001 612f62")
	  S("> 09 0a 0000 0001 612f62") S("=") S("+ 1") S("= done 1 0")
	  S("< 07 0b 0080 0001 00") S("topics") },
	{ "REGISTER refused",
	  OPEN S("pub 1 0 a/b x") S("> 09 0a 0000 0001 612f62")
	  S("pub 2 0 *5 y") S("< 07 0b 0000 0001 03")
	  S("> 08 0c 01 0005 0000 79") S("= done 1 0") S("= done 2 1") },
	{ "REGISTER accepted with a reserved id",
	  OPEN S("pub 1 0 a/b x") S("> 09 0a 0000 0001 612f62")
	  S("< 07 0b 0000 0001 00") S("= done 1 0") S("reg 2 a")
	  S("> 07 0a 0000 0002 61") S("< 07 0b ffff 0002 00")
	  S("= done 2 0") S("topics") },
	{ "what waits behind a registration keeps its place",
	  OPEN S("pub 1 0 a x") S("> 07 0a 0000 0001 61")
	  S("pub 2 0 *5 y") S("pub 3 0 a z") S(">")
	  S("< 07 0b 0001 0001 00") S("> 08 0c 00 0001 0000 78")
	  S("> 08 0c 01 0005 0000 79") S("> 08 0c 00 0001 0000 7a")
	  S("= done 1 1") S("= done 2 1") S("= done 3 1") },
	{ "forgotten by the gateway: registered and sent once more",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("+ 1000") S("> 08 0c a0 0080 0002 78")
	  S("< 07 0d 0080 0002 02") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0b 0081 0003 00") S("> 08 0c 20 0081 0004 78")
	  S("< 07 0d 0081 0004 00") S("= done 2 1")
	  S("topics 128=a/b 129=a/b") },
	{ "the same with \"not supported\"",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("< 07 0d 0080 0002 03") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0b 0080 0003 00") S("> 08 0c 20 0080 0004 78")
	  S("< 07 0d 0080 0004 00") S("= done 2 1") },
	{ "congestion says nothing of the id",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("< 07 0d 0080 0002 01") S("= done 2 0") S("pub 3 1 a/b x")
	  S("> 08 0c 20 0080 0003 78") S("< 07 0d 0080 0003 00")
	  S("= done 3 1") },
	{ "forgotten in silence: the same message by the new id",
	  OPEN REGISTERED S("pub 2 2 a/b x") S("> 08 0c 40 0080 0002 78")
	  S("+ 2000") S("> 08 0c c0 0080 0002 78")
	  S("> 08 0c c0 0080 0002 78") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0b 0081 0003 00") S("> 08 0c c0 0081 0002 78")
	  S("< 04 0f 0002") S("> 04 10 0002") S("< 04 0e 0002")
	  S("= done 2 1") },
	{ "silence, but the id is the same: nothing more",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("+ 2000") S("> 08 0c a0 0080 0002 78")
	  S("> 08 0c a0 0080 0002 78") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0b 0080 0003 00") S(">") S("< 07 0d 0080 0002 00")
	  S("= done 2 1") S("pub 3 0 a/b y")
	  S("> 08 0c 00 0080 0000 79") S("+ 0") S("= done 3 1") },
	{ "silence to all: the next one is registered first",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("+ 3000") S("> 08 0c a0 0080 0002 78")
	  S("> 08 0c a0 0080 0002 78") S("> 09 0a 0000 0003 612f62")
	  S("= done 2 0") S("pub 3 0 a/b y")
	  S("> 09 0a 0000 0004 612f62") S("< 07 0b 0080 0004 00")
	  S("> 08 0c 00 0080 0000 79") S("= done 3 1") },
	{ "PUBACK while the id is asked for in doubt",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("+ 2000") S("> 08 0c a0 0080 0002 78")
	  S("> 08 0c a0 0080 0002 78") S("> 09 0a 0000 0003 612f62")
	  S("reg 3 c") S("< 07 0d 0080 0002 00")
	  S("> 07 0a 0000 0004 63") S("= done 2 1")
	  S("< 07 0b 0080 0003 00") S("< 07 0b 0081 0004 00")
	  S("= done 3 1 #129") },
	{ "refused while the id is asked for in doubt",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("+ 2000") S("> 08 0c a0 0080 0002 78")
	  S("> 08 0c a0 0080 0002 78") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0d 0080 0002 02") S(">") S("< 07 0b 0080 0003 00")
	  S("> 08 0c 20 0080 0004 78") S("< 07 0d 0080 0004 00")
	  S("= done 2 1") },
	{ "the same by id, with no topic id in PUBACK, and QoS 2",
	  OPEN REGISTERED S("pub 2 2 #128 x") S("> 08 0c 40 0080 0002 78")
	  S("< 07 0d 0000 0002 02") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0b 0080 0003 00") S("> 08 0c 40 0080 0004 78")
	  S("< 04 0f 0004") S("> 04 10 0004") S("< 04 0e 0004")
	  S("= done 2 1") },
	{ "forgotten again: given up",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("< 07 0d 0080 0002 02") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0b 0080 0003 00") S("> 08 0c 20 0080 0004 78")
	  S("< 07 0d 0080 0004 02") S("= done 2 0") },
	{ "forgotten and no longer accepted",
	  OPEN REGISTERED S("pub 2 1 a/b x") S("> 08 0c 20 0080 0002 78")
	  S("< 07 0d 0080 0002 02") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0b 0080 0003 02") S("= done 2 0") },
	{ "a refused PUBLISH of QoS 0 is registered the next time",
	  OPEN REGISTERED S("pub 2 0 a/b x") S("> 08 0c 00 0080 0000 78")
	  S("+ 0") S("= done 2 1") S("< 07 0d 0080 0000 02")
	  S("pub 3 0 a/b y") S("> 09 0a 0000 0002 612f62")
	  S("< 07 0b 0080 0002 00") S("> 08 0c 00 0080 0000 79")
	  S("= done 3 1") S("pub 4 0 a/b z") S("> 08 0c 00 0080 0000 7a")
	  S("+ 0") S("= done 4 1") S("< 07 0d 0000 0000 03")
	  S("pub 5 0 a/b y") S("> 09 0a 0000 0003 612f62")
	  S("< 07 0b 0080 0003 00") S("> 08 0c 00 0080 0000 79")
	  S("= done 5 1") S("topics 128=a/b") },
	{ "what cannot be sent",
	  OPEN S("pub 1 0 *0 x") S("? 22") S("pub 1 0 *0xffff x") S("? 22")
	  S("pub 1 0 #5 x") S("? 22") S("pub 1 0 'a x") S("? 22")
	  S("pub 1 0 'abc x") S("? 22") S("pub 1 3 *5 x") S("? 22") },
	{ "MsgIds wrap past 0 and past what is under way",
	  OPEN S("msgid 0xfffe") S("pub 1 1 *5 x")
	  S("> 08 0c 21 0005 ffff 78") S("< 07 0d 0005 ffff 00")
	  S("= done 1 1") S("sub 2 0 a") S("> 06 12 00 0001 61")
	  S("msgid 0") S("pub 3 1 *5 x") S("> 08 0c 21 0005 0002 78")
	  S("< 07 0d 0005 0001 00") S("=") S("< 08 13 00 0000 0001 00")
	  S("= done 2 1") S("< 07 0d 0005 0002 00") S("= done 3 1") },
};

static const struct row subscribe[] = {
	{ "a name: its id is learnt",
	  OPEN S("sub 1 2 a/b") S("> 08 12 40 0001 612f62")
	  S("< 08 13 40 0080 0001 00") S("= done 1 1")
	  S("topics 128=a/b") },
	{ "a filter: it has no id",
	  OPEN S("sub 1 1 a/#") S("> 08 12 20 0001 612f23")
	  S("< 08 13 00 0000 0001 00") S("= done 1 1") S("topics")
	  S("sub 2 1 a/+") S("> 08 12 20 0002 612f2b")
	  S("< 08 13 00 0007 0002 00") S("= done 2 1") S("topics") },
	{ "stray bits in SUBACK",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61")
	  S("< 08 13 ff 0001 0001 00") S("= done 1 1") S("topics 1=a") },
	{ "short and predefined",
	  OPEN S("sub 1 1 'ab") S("> 07 12 22 0001 6162")
	  S("< 08 13 20 6162 0001 00") S("= done 1 1") S("sub 2 1 *5")
	  S("> 07 12 21 0002 0005") S("< 08 13 20 0005 0002 00")
	  S("= done 2 1") S("topics") },
	{ "a normal id goes as its name",
	  OPEN REGISTERED S("sub 2 0 #128") S("> 08 12 00 0002 612f62")
	  S("< 08 13 00 0080 0002 00") S("= done 2 1") S("unsub 3 #128")
	  S("> 08 14 00 0003 612f62") S("< 04 15 0003") S("= done 3 1")
	  S("sub 4 0 #9") S("? 22") },
	{ "refused", OPEN S("sub 1 1 a") S("> 06 12 20 0001 61")
	  S("< 08 13 00 0001 0001 03") S("= done 1 0") S("topics") },
	{ "lost: the same MsgId, no DUP",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61") S("+ 1000")
	  S("> 06 12 20 0001 61") S("< 08 13 00 0000 0001 00")
	  S("= done 1 1") S("< 08 13 00 0000 0001 00") },
	{ "no answer; a late one does nothing",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61") S("+ 3000")
	  S("> 06 12 20 0001 61") S("> 06 12 20 0001 61") S("= done 1 0")
	  S("< 08 13 00 0001 0001 00") S("topics") },
	{ "unsubscribed",
	  OPEN S("unsub 1 a/#") S("> 08 14 00 0001 612f23")
	  S("< 04 15 0001") S("= done 1 1") S("unsub 2 'ab")
	  S("> 07 14 02 0002 6162") S("< 04 15 0002") S("= done 2 1")
	  S("unsub 3 *5") S("> 07 14 01 0003 0005") S("+ 1000")
	  S("> 07 14 01 0003 0005") S("< 04 15 0003") S("= done 3 1") },
	{ "one of both under way",
	  OPEN S("sub 1 0 a") S("> 06 12 00 0001 61") S("unsub 2 a")
	  S("sub 3 0 b") S(">") S("< 04 15 0001") S("=")
	  S("< 08 13 00 0001 0001 00") S("> 06 14 00 0002 61")
	  S("= done 1 1") S("< 08 13 00 0001 0002 00") S("=")
	  S("< 04 15 0002") S("> 06 12 00 0003 62") S("= done 2 1")
	  S("< 08 13 00 0002 0003 00") S("= done 3 1") },
	{ "beside a PUBLISH and a REGISTER",
	  OPEN S("sub 1 0 a") S("> 06 12 00 0001 61") S("pub 2 1 *5 x")
	  S("> 08 0c 21 0005 0002 78") S("reg 3 b")
	  S("> 07 0a 0000 0003 62") S("reg 4 c") S(">")
	  S("< 07 0d 0005 0002 00") S("= done 2 1")
	  S("< 08 13 00 0001 0001 00") S("= done 1 1")
	  S("< 07 0b 0002 0003 00") S("> 07 0a 0000 0004 63")
	  S("= done 3 1 #2") S("< 07 0b 0003 0004 00")
	  S("= done 4 1 #3") S("topics 1=a 2=b 3=c") },
	{ "registered: lost, refused, unanswered",
	  OPEN S("reg 1 a") S("> 07 0a 0000 0001 61") S("+ 1000")
	  S("> 07 0a 0000 0001 61") S("< 07 0b 0001 0001 01")
	  S("= done 1 0") S("reg 2 a") S("> 07 0a 0000 0002 61")
	  S("+ 3000") S("> 07 0a 0000 0002 61") S("> 07 0a 0000 0002 61")
	  S("= done 2 0") S("topics") },
	{ "the same name under another id, the same id for another name",
	  OPEN REGISTERED S("reg 2 a/b") S("> 09 0a 0000 0002 612f62")
	  S("< 07 0b 0081 0002 00") S("= done 2 1 #129")
	  S("topics 128=a/b 129=a/b") S("pub 3 0 a/b x")
	  S("> 08 0c 00 0081 0000 78") S("+ 0") S("= done 3 1")
	  S("reg 4 c") S("> 07 0a 0000 0003 63")
	  S("< 07 0b 0081 0003 00") S("= done 4 1 #129")
	  S("topics 128=a/b 129=c") S("pub 5 0 a/b x")
	  S("> 08 0c 00 0080 0000 78") S("+ 0") S("= done 5 1") },
	{ "one id by REGACK, another by SUBACK: messages by both",
	  OPEN REGISTERED S("sub 2 1 a/b") S("> 08 12 20 0002 612f62")
	  S("< 08 13 20 0081 0002 00") S("= done 2 1")
	  S("< 08 0c 20 0080 0007 78") S("= message 1 #128=a/b x")
	  S("end") S("> 07 0d 0080 0007 00")
	  S("< 08 0c 20 0081 0008 79") S("= message 1 #129=a/b y")
	  S("end") S("> 07 0d 0081 0008 00") },
};

static const struct row inbound[] = {
	{ "QoS 0", OPEN S("< 08 0c 01 0005 0000 78")
	  S("= message 0 *5 x") S("end") },
	{ "retained, short, empty", OPEN S("< 07 0c 12 6162 0000")
	  S("= message 0r 'ab ") S("end") },
	{ "short, of one byte", OPEN S("< 08 0c 02 6100 0000 78")
	  S("= message 0 'a x") S("end") S("< 08 0c 22 0000 0007 78")
	  S("> 07 0d 0000 0007 02") S("= illegal")
	  S("< 08 0c 22 0061 0008 78") S("> 07 0d 0061 0008 02")
	  S("= illegal") },
	{ "QoS 1: acknowledged when dealt with",
	  OPEN S("< 08 0c 21 0005 0007 78") S("= message 1 *5 x") S(">")
	  S("end") S("> 07 0d 0005 0007 00") },
	{ "QoS 1 repeated while it is dealt with",
	  OPEN S("< 08 0c 21 0005 0007 78") S("= message 1 *5 x")
	  S("< 08 0c a1 0005 0007 78") S("< 08 0c 21 0005 0007 78") S("=")
	  S(">") S("end") S("> 07 0d 0005 0007 00") },
	{ "QoS 1 dropped: it comes again",
	  OPEN S("< 08 0c 21 0005 0007 78") S("= message 1 *5 x")
	  S("drop") S(">") S("< 08 0c a1 0005 0007 78")
	  S("= message 1 *5 x") S("end") S("> 07 0d 0005 0007 00") },
	{ "another message with the same MsgId",
	  OPEN S("< 08 0c 21 0005 0007 78") S("= message 1 *5 x")
	  S("< 08 0c 21 0005 0007 79") S("= message 1 *5 y") S("end")
	  S("> 07 0d 0005 0007 00") S("end") S("> 07 0d 0005 0007 00") },
	{ "QoS 2", OPEN S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x")
	  S("end") S("> 04 0f 0007") S("< 04 10 0007") S("> 04 0e 0007") },
	{ "QoS 2, everything repeated, once without DUP",
	  OPEN S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x")
	  S("< 08 0c c1 0005 0007 78") S(">") S("end") S("> 04 0f 0007")
	  S("< 08 0c c1 0005 0007 78") S("> 04 0f 0007")
	  S("< 08 0c 41 0005 0007 78") S("> 04 0f 0007") S("=")
	  S("< 04 10 0007") S("> 04 0e 0007") S("< 04 10 0007")
	  S("> 04 0e 0007") },
	{ "QoS 2, the MsgId free again",
	  OPEN S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x") S("end")
	  S("> 04 0f 0007") S("< 04 10 0007") S("> 04 0e 0007")
	  S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x") S("end")
	  S("> 04 0f 0007") },
	{ "QoS 2 dropped: it comes again",
	  OPEN S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x")
	  S("drop") S("< 08 0c c1 0005 0007 78") S("= message 2 *5 x")
	  S("end") S("> 04 0f 0007") },
	{ "PUBREL of what nobody knows", OPEN S("< 04 10 0007")
	  S("> 04 0e 0007") },
	{ "PUBREL before PUBREC waits",
	  OPEN S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x")
	  S("< 04 10 0007") S(">") S("end") S("> 04 0f 0007")
	  S("< 04 10 0007") S("> 04 0e 0007") },
	{ "several of QoS 2 at once",
	  OPEN S("< 08 0c 41 0005 0001 61") S("= message 2 *5 a")
	  S("< 08 0c 41 0005 0002 62") S("= message 2 *5 b") S("end")
	  S("> 04 0f 0001") S("end") S("> 04 0f 0002")
	  S("< 08 0c c1 0005 0001 61") S("> 04 0f 0001")
	  S("< 04 10 0002") S("> 04 0e 0002") S("< 04 10 0001")
	  S("> 04 0e 0001") },
	{ "QoS -1", OPEN S("< 08 0c 61 0005 0000 78") },
	{ "an id nobody knows: refused, whatever the QoS",
	  OPEN S("< 08 0c 20 0080 0007 78") S("> 07 0d 0080 0007 02")
	  S("< 08 0c 40 0080 0008 78") S("> 07 0d 0080 0008 02")
	  S("< 08 0c 00 0080 0000 78") S("> 07 0d 0080 0000 02") },
	{ "registered by the gateway",
	  OPEN S("< 09 0a 0080 0007 612f62") S("> 07 0b 0080 0007 00")
	  S("= registered #128 a/b") S("topics 128=a/b")
	  S("< 08 0c 00 0080 0000 78") S("= message 0 #128=a/b x")
	  S("end") },
	{ "registered by the gateway, repeated",
	  OPEN S("< 09 0a 0080 0007 612f62") S("> 07 0b 0080 0007 00")
	  S("= registered #128 a/b") S("< 09 0a 0080 0007 612f62")
	  S("> 07 0b 0080 0007 00") S("=") },
	{ "registered by the gateway, what we have subscribed",
	  OPEN S("sub 1 0 a") S("> 06 12 00 0001 61")
	  S("< 08 13 00 0001 0001 00") S("= done 1 1")
	  S("< 07 0a 0001 0007 61") S("> 07 0b 0001 0007 00")
	  S("= registered #1 a") },
	{ "registered by the gateway as something else",
	  OPEN REGISTERED S("< 07 0a 0080 0007 63")
	  S("> 07 0b 0080 0007 00") S("= registered #128 c")
	  S("topics 128=c") },
	{ "registered by the gateway with a reserved id, or with a NUL",
	  OPEN S("< 07 0a 0000 0007 61") S("> 07 0b 0000 0007 02")
	  S("= illegal") S("< 07 0a ffff 0008 61")
	  S("> 07 0b ffff 0008 02") S("= illegal")
	  S("< 08 0a 0001 0009 6100") S("> 07 0b 0001 0009 03")
	  S("= illegal") S("topics") },
	{ "registered by the gateway without a name",
	  OPEN S("< 06 0a 0001 0007") S("> 07 0b 0001 0007 03")
	  S("= illegal") S("topics") },
	{ "an illegal REGISTER takes no name away",
	  OPEN REGISTERED S("< 09 0a 0080 0007 610a62")
	  S("> 07 0b 0080 0007 03") S("= illegal") S("topics 128=a/b") },
	{ "a reserved id is no topic, whatever its kind",
	  OPEN S("< 08 0c 21 0000 0007 78") S("> 07 0d 0000 0007 02")
	  S("= illegal") S("< 08 0c 41 ffff 0008 78")
	  S("> 07 0d ffff 0008 02") S("= illegal")
	  S("< 08 0c 00 0000 0000 78") S("> 07 0d 0000 0000 02")
	  S("= illegal") },
	{ "an illegal short topic does not wait for SUBACK",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61")
	  S("< 08 0c 22 0d0a 0007 78") S("> 07 0d 0d0a 0007 02")
	  S("= illegal") S("< 08 13 20 0001 0001 00") S("= done 1 1") },
	{ "before CONNACK it is ignored",
	  S("open") S("ready") CONNECT S("< 07 0a 0001 0007 61")
	  S("< 08 0c 21 0005 0007 78") S("< 04 10 0007") S("< 02 16")
	  S(">") CONNACK },
	{ "PUBLISH overtakes SUBACK",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61")
	  S("< 08 0c 20 0001 0007 78") S("< 08 0c a0 0001 0007 78")
	  S("< 08 0c 01 0005 0000 79") S(">") S("=")
	  S("< 08 13 20 0001 0001 00") S("= done 1 1")
	  S("= message 1 #1=a x") S("= message 0 *5 y") S("end")
	  S("> 07 0d 0001 0007 00") S("end") },
	{ "PUBLISH overtakes a SUBACK that tells another id",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61")
	  S("< 08 0c 20 0001 0007 78") S("< 08 13 20 0002 0001 00")
	  S("> 07 0d 0001 0007 02") S("= done 1 1") },
	{ "PUBLISH waits for a SUBACK that never comes",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61")
	  S("< 08 0c 20 0001 0007 78") S("+ 3000")
	  S("> 06 12 20 0001 61") S("> 06 12 20 0001 61")
	  S("> 07 0d 0001 0007 02") S("= done 1 0") },
	{ "PUBLISH overtakes REGACK",
	  OPEN S("reg 1 a") S("> 07 0a 0000 0001 61")
	  S("< 08 0c 00 0001 0000 78") S("=") S("< 07 0b 0001 0001 00")
	  S("= done 1 1 #1") S("= message 0 #1=a x") S("end") },
	{ "PUBLISH that a filter's SUBACK will not name is refused at once",
	  OPEN S("sub 1 1 a/#") S("> 08 12 20 0001 612f23")
	  S("< 08 0c 20 0001 0007 78") S("> 07 0d 0001 0007 02")
	  S("< 08 13 20 0000 0001 00") S("= done 1 1") },
	{ "a flood before SUBACK",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61")
	  S("< 08 0c 00 0001 0000 61") S("< 08 0c 00 0001 0000 62")
	  S("< 08 0c 00 0001 0000 63") S("< 08 0c 00 0001 0000 64")
	  S("< 08 0c 00 0001 0000 65") S("< 08 0c 00 0001 0000 66")
	  S("< 08 0c 00 0001 0000 67") S("< 08 0c 00 0001 0000 68")
	  S("< 08 0c 00 0001 0000 69") S("< 08 0c 00 0001 0000 6a")
	  S("< 08 0c 00 0001 0000 6b") S("< 08 0c 00 0001 0000 6c")
	  S("< 08 0c 00 0001 0000 6d") S("< 08 0c 00 0001 0000 6e")
	  S("< 08 0c 00 0001 0000 6f") S("< 08 0c 00 0001 0000 70")
	  S("< 08 0c 20 0001 0007 71") S("< 02 18") S("= done 1 0")
	  S("= lost: closed by the gateway") },
	{ "no more than 256 KiB wait, whatever the QoS",
	  OPEN S("large 1 1 64000") S("= *") S("large 2 2 64000") S("= *")
	  S("large 0 0 64000") S("= *") S("large 1 4 64000") S("= *")
	  S("large 1 5 5000") S("> 07 0d 0005 0005 01")
	  S("large 2 6 5000") S("> 07 0d 0005 0006 01")
	  S("large 0 0 5000") S("= dropped") S(">")
	  /* what is smaller, and what is here already */
	  S("large 1 7 10") S("= *") S("large 1 4 64000") S(">") S("=") },
	{ "with room again: given out when it is repeated",
	  OPEN S("large 1 1 64000") S("= *") S("large 1 2 64000") S("= *")
	  S("large 1 3 64000") S("= *") S("large 1 4 64000") S("= *")
	  S("large 2 5 64000") S("> 07 0d 0005 0005 01")
	  S("large 2 5 64000") S("> 07 0d 0005 0005 01") S("=")
	  S("end") S("> 07 0d 0005 0001 00")
	  S("large 2 5 64000") S("= *")
	  S("large 2 6 64000") S("> 07 0d 0005 0006 01")
	  S("drop") S("large 2 6 64000") S("= *")
	  S("end") S("> 07 0d 0005 0003 00")
	  S("end") S("> 07 0d 0005 0004 00")
	  S("end") S("> 04 0f 0005") S("< 04 10 0005") S("> 04 0e 0005")
	  S("end") S("> 04 0f 0006") },
	{ "what waits for SUBACK is bounded, too, and leaves with the link",
	  OPEN S("sub 1 1 a") S("> 06 12 20 0001 61")
	  S("< 08 0c 20 0001 0007 78") S("large 1 1 64000")
	  S("large 1 2 64000") S("large 1 3 64000") S("large 1 4 64000")
	  S("large 1 5 64000") S("> 07 0d 0005 0005 01") S("=")
	  S("< 02 18") S("= done 1 0") S("= lost: closed by the gateway")
	  OPEN S("large 1 1 64000") S("= *") S("large 1 2 64000") S("= *")
	  S("large 1 3 64000") S("= *") S("large 1 4 64000") S("= *")
	  S("large 1 5 64000") S("> 07 0d 0005 0005 01") },
	{ "30 000 at once of a gateway that does not care",
	  OPEN S("flood 30000 1000") S("=") },
	{ "30 000 at once, empty", OPEN S("flood 30000 0") S("=") },
	{ "the owner's take room across connections",
	  OPEN S("large 1 1 64000") S("= *") S("large 1 2 64000") S("= *")
	  S("large 1 3 64000") S("= *") S("large 1 4 64000") S("= *")
	  S("< 02 18") S("= lost: closed by the gateway") OPEN
	  S("large 1 1 64000") S("> 07 0d 0005 0001 01")
	  S("drop") S("large 1 1 64000") S("= *") },
	{ "dealt with when the link is gone: not acknowledged",
	  OPEN S("< 08 0c 21 0005 0007 78") S("= message 1 *5 x")
	  S("< 02 18") S("= lost: closed by the gateway") OPEN S("end")
	  S(">") },
	{ "dealt with while closing: not acknowledged",
	  OPEN S("< 08 0c 21 0005 0007 78") S("= message 1 *5 x")
	  S("close") S("> 02 18") S("end") S(">") S("< 02 18")
	  S("= closed") },
	{ "messages for others",
	  OPEN S("< 05 00 07 0384") S("< 03 01 02") S("< 03 02 07")
	  S("< 07 04 04 01 003c 63") S("< 02 06") S("< 02 07")
	  S("< 02 08") S("< 06 09 676f6e65") S("< 07 12 01 0001 0005")
	  S("< 07 14 01 0001 0005") S("< 02 1a") S("< 03 1c 78")
	  S("< 05 fe 02 0a0b 02 18") },
	{ "acknowledgements of nothing",
	  OPEN S("< 07 0b 0001 0001 00") S("< 07 0d 0001 0001 00")
	  S("< 04 0e 0001") S("< 08 13 00 0001 0001 00")
	  S("< 04 15 0001") S("< 03 1b 00") S("< 03 1d 00")
	  S("topics") },
	{ "what is malformed", OPEN S("<") S("< 00") S("< 01") S("< 02 18 00")
	  S("< 03 18") S("< 01 0002 18") S("< 06 0c 00 0001 00")
	  S("< 02 ff") },
};

static const struct row session[] = {
	{ "a kept session keeps its topics",
	  OPEN_KEPT REGISTERED CLOSE S("topics 128=a/b") OPEN_KEPT
	  S("topics 128=a/b") S("< 08 0c 00 0080 0000 78")
	  S("= message 0 #128=a/b x") S("end") },
	{ "but registers each once before it publishes",
	  OPEN_KEPT REGISTERED CLOSE OPEN_KEPT S("pub 2 0 a/b x")
	  S("> 09 0a 0000 0002 612f62") S("< 07 0b 0081 0002 00")
	  S("> 08 0c 00 0081 0000 78") S("= done 2 1") S("pub 3 1 a/b y")
	  S("> 08 0c 20 0081 0003 79") S("< 07 0d 0081 0003 00")
	  S("= done 3 1") S("< 08 0c 00 0080 0000 78")
	  S("= message 0 #128=a/b x") S("end") },
	{ "after a loss the gateway is asked first",
	  OPEN_KEPT REGISTERED S("< 02 18")
	  S("= lost: closed by the gateway") OPEN_KEPT
	  S("topics 128=a/b") S("< 08 0c 00 0080 0000 78")
	  S("= message 0 #128=a/b x") S("end") S("pub 2 0 #128 x")
	  S("> 09 0a 0000 0002 612f62") S("< 07 0b 0080 0002 00")
	  S("> 08 0c 00 0080 0000 78") S("= done 2 1") S("pub 3 0 a/b x")
	  S("> 08 0c 00 0080 0000 78") S("+ 0") S("= done 3 1") },
	{ "nor does a restart of the daemon take them away",
	  OPEN_KEPT REGISTERED CLOSE S("restart") OPEN_KEPT
	  S("topics 128=a/b") S("< 08 0c a0 0080 0007 78")
	  S("= message 1 #128=a/b x") S("end") S("> 07 0d 0080 0007 00")
	  S("pub 2 0 a/b x") S("> 09 0a 0000 0001 612f62")
	  S("< 07 0b 0080 0001 00") S("> 08 0c 00 0080 0000 78")
	  S("= done 2 1") },
	{ "nor its sudden end, while messages wait",
	  OPEN_KEPT S("sub 1 1 a/b") S("> 08 12 20 0001 612f62")
	  S("< 08 13 20 0080 0001 00") S("= done 1 1") S("+ 0")
	  S("< 08 0c 20 0080 0007 78") S("= message 1 #128=a/b x")
	  S("kill") S("end") S(">") OPEN_KEPT S("< 08 0c a0 0080 0007 78")
	  S("= message 1 #128=a/b x") S("end") S("> 07 0d 0080 0007 00") },
	{ "kept at once, and then not more often than each second",
	  OPEN_KEPT S("kept 0") S("< 07 0a 0001 0007 61")
	  S("> 07 0b 0001 0007 00") S("= registered #1 a") S("+ 0")
	  S("kept 1") S("< 07 0a 0002 0008 62") S("> 07 0b 0002 0008 00")
	  S("= registered #2 b") S("+ 500") S("< 07 0a 0003 0009 63")
	  S("> 07 0b 0003 0009 00") S("= registered #3 c") S("+ 499")
	  S("kept 0") S("+ 1") S("kept 1") S("< 07 0a 0003 000a 63")
	  S("> 07 0b 0003 000a 00") S("+ 5000") S("kept 0") S("kill")
	  OPEN_KEPT S("topics 1=a 2=b 3=c") },
	{ "kept at the latest when the connection ends",
	  OPEN_KEPT S("< 07 0a 0001 0007 61") S("> 07 0b 0001 0007 00")
	  S("= registered #1 a") S("+ 0") S("< 07 0a 0002 0008 62")
	  S("> 07 0b 0002 0008 00") S("= registered #2 b") S("< 02 18")
	  S("= lost: closed by the gateway") S("kill") OPEN_KEPT
	  S("topics 1=a 2=b") },
	{ "of each session",
	  OPEN_KEPT REGISTERED CLOSE S("open kept host=other") S("ready")
	  CONNECT_KEPT CONNACK S("topics") S("< 07 0a 0001 0007 61")
	  S("> 07 0b 0001 0007 00") S("= registered #1 a") CLOSE
	  S("restart") OPEN_KEPT S("topics 128=a/b") CLOSE
	  S("open kept host=other") S("ready") CONNECT_KEPT CONNACK
	  S("topics 1=a") },
	{ "a clean session is nothing to keep",
	  OPEN REGISTERED S("+ 5000") CLOSE S("kept 0") S("restart")
	  OPEN_KEPT S("topics") },
	{ "and ends the one that was kept, at the gateway, too",
	  OPEN_KEPT REGISTERED CLOSE S("restart") OPEN CLOSE S("restart")
	  OPEN_KEPT S("topics") },
	{ "a clean session does not",
	  OPEN REGISTERED CLOSE S("topics") OPEN S("topics") },
	{ "a kept session after a clean one does not",
	  OPEN REGISTERED CLOSE OPEN_KEPT S("topics") },
	{ "a clean session after a kept one does not",
	  OPEN_KEPT REGISTERED CLOSE OPEN S("topics") },
	{ "another client id is another session",
	  OPEN_KEPT REGISTERED CLOSE S("open kept id=d") S("ready")
	  S("> 07 04 00 01 003c 64") CONNACK S("topics") },
	{ "another gateway is another session",
	  OPEN_KEPT REGISTERED CLOSE S("open kept host=other") S("ready")
	  CONNECT_KEPT CONNACK S("topics") },
	{ "the gateway registers again in each connection",
	  OPEN_KEPT S("< 07 0a 0001 0007 61") S("> 07 0b 0001 0007 00")
	  S("= registered #1 a") CLOSE OPEN_KEPT S("< 07 0a 0001 0007 61")
	  S("> 07 0b 0001 0007 00") S("= registered #1 a") },
	{ "QoS 2 across connections: not twice",
	  OPEN_KEPT S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x")
	  S("end") S("> 04 0f 0007") S("< 02 18")
	  S("= lost: closed by the gateway") OPEN_KEPT
	  S("< 08 0c c1 0005 0007 78") S("> 04 0f 0007")
	  S("< 04 10 0007") S("> 04 0e 0007") },
	{ "QoS 2, dealt with between connections: not twice",
	  OPEN_KEPT S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x")
	  S("< 02 18") S("= lost: closed by the gateway") S("end") S(">")
	  OPEN_KEPT S("< 08 0c c1 0005 0007 78") S("> 04 0f 0007") },
	{ "QoS 2, dropped between connections: it comes again",
	  OPEN_KEPT S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x")
	  S("< 02 18") S("= lost: closed by the gateway") S("drop")
	  OPEN_KEPT S("< 08 0c c1 0005 0007 78") S("= message 2 *5 x")
	  S("end") S("> 04 0f 0007") },
	{ "QoS 2, the gateway counts from 1 again: another message",
	  OPEN_KEPT S("< 08 0c 41 0005 0001 78") S("= message 2 *5 x")
	  S("end") S("> 04 0f 0001") S("< 02 18")
	  S("= lost: closed by the gateway") OPEN_KEPT
	  S("< 08 0c 41 0005 0001 79") S("= message 2 *5 y") S("end")
	  S("> 04 0f 0001") },
	{ "QoS 2 of a clean session is forgotten",
	  OPEN S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x") S("end")
	  S("> 04 0f 0007") CLOSE OPEN S("< 08 0c 41 0005 0007 78")
	  S("= message 2 *5 x") S("end") S("> 04 0f 0007") },
	{ "a message that outlives client and link",
	  OPEN S("< 08 0c 41 0005 0007 78") S("= message 2 *5 x") },
};

static void run(void **state)
{
	const struct row *row = *state;

	sn_script(row->name, row->script);
}

/* Names as a gateway may register them; of two bytes, also short topics. */
static const struct {
	const char *name;
	const char *bytes;
	size_t times;		/* that often */
	bool legal;
} names[] = {
	{ "ASCII", "ab", 1, true },
	{ "a quote", "a\"", 1, true },
	{ "UTF-8", "\xc3\xa4", 1, true },
	{ "the longest", "x", 255, true },
	{ "too long", "x", 256, false },
	{ "too long by a character", "\xc3\xa4", 128, false },
	{ "CR LF", "\r\n", 1, false },
	{ "a line of its own", "t\"\r\n+MQTTBREAK: 101,1\r\nX", 1, false },
	{ "ends in CR", "a\r", 1, false },
	{ "ends in LF", "a\n", 1, false },
	{ "begins with ESC", "\x1b[", 1, false },
	{ "BS", "a\b", 1, false },
	{ "DEL", "a\x7f", 1, false },
	{ "C1 control", "\xc2\x85", 1, false },
	{ "overlong CR", "\xc0\x8d", 1, false },
	{ "not UTF-8", "a\xff", 1, false },
	{ "cut", "a\xc3", 1, false },
	{ "surrogate", "\xed\xa0\x80", 1, false },
	{ "wildcard +", "/+", 1, false },
	{ "wildcard #", "/#", 1, false },
};

#define N_NAMES	(sizeof(names) / sizeof(names[0]))

static size_t put_hex(char *out, const char *bytes, size_t times)
{
	size_t n = 0;
	const char *p;

	while (times--)
		for (p = bytes; *p; p++)
			n += (size_t)sprintf(out + n, "%02x",
					     (unsigned char)*p);
	return n / 2;
}

/* Illegal ones are refused, and the host hears nothing of them. */
static void test_names(void **state)
{
	char hex[2 * 256 + 1], script[2048];
	size_t i, len;

	(void)state;
	for (i = 0; i < N_NAMES; i++) {
		len = put_hex(hex, names[i].bytes, names[i].times);
		sprintf(script, OPEN "< 01 %04zx 0a 0080 0007 %s\n"
			"> 07 0b 0080 0007 %s\n= %s\n%s",
			8 + len, hex, names[i].legal ? "00" : "03",
			names[i].legal ? "*" : "illegal",
			names[i].legal ? "" : "topics\n");
		sn_script(names[i].name, script);
	}
}

static void test_short_names(void **state)
{
	char hex[2 * 256 + 1], script[2048];
	size_t i;
	int qos;

	(void)state;
	for (i = 0; i < N_NAMES; i++) {
		if (put_hex(hex, names[i].bytes, names[i].times) != 2)
			continue;
		for (qos = 0; qos <= 2; qos++) {
			sprintf(script, OPEN "< 08 0c %02x %s 0007 78\n",
				qos << 5 | 2, hex);
			if (!names[i].legal)
				sprintf(script + strlen(script),
					"> 07 0d %s 0007 02\n= illegal\n",
					hex);
			else
				sprintf(script + strlen(script),
					"= message %d '%s x\ndrop\n",
					qos, names[i].bytes);
			sn_script(names[i].name, script);
		}
	}
}

/* Each message takes room, also without payload: 512 of them wait. */
static void test_empty_messages(void **state)
{
	char *script = malloc(513 * 64 + 1000);
	int i, len;

	(void)state;
	len = sprintf(script, "%s", OPEN);
	for (i = 1; i <= 512; i++)
		len += sprintf(script + len,
			       "< 07 0c %d1 0005 %04x\n= message %d *5 \n",
			       i % 2 ? 2 : 4, i, i % 2 ? 1 : 2);
	sprintf(script + len, "%s",
		S("< 07 0c 21 0005 0201") S("> 07 0d 0005 0201 01")
		S("< 07 0c 01 0005 0000") S("= dropped")
		S("< 07 0c 21 0005 0001") S(">") S("end")
		S("> 07 0d 0005 0001 00") S("< 07 0c 21 0005 0201")
		S("= message 1 *5 ") S("< 07 0c 21 0005 0202")
		S("> 07 0d 0005 0202 01"));
	sn_script("empty messages", script);
	free(script);
}

/* A queue that is full, and one that fails as a whole. */
static void test_many(void **state)
{
	char *script = malloc(512 * 64 + 1000);
	int i, len;

	(void)state;
	len = sprintf(script, "%s",
		      OPEN S("pub 0 1 *5 x") S("> 08 0c 21 0005 0001 78"));
	for (i = 1; i < 512; i++)
		len += sprintf(script + len, "pub %d 0 *5 x\n", i);
	len += sprintf(script + len, "%s",
		       S("pub 512 0 *5 x") S("? 11") S("sub 512 0 a")
		       S("? 11") S("willmsg 512 x") S("? 11")
		       S("< 07 0d 0005 0001 00"));
	for (i = 1; i < 512; i++)
		len += sprintf(script + len, "> 08 0c 01 0005 0000 78\n");
	for (i = 0; i < 512; i++)
		len += sprintf(script + len, "= done %d 1\n", i);
	sn_script("many", script);
	free(script);
}

/* The largest message that UDP takes, and what is larger. */
static void test_large(void **state)
{
	static const struct {
		size_t payload;
		const char *rc;
	} sizes[] = { { 65507 - 9, "> *" }, { 65507 - 8, "? 22" },
		      { 70000, "? 22" } };
	char *script = malloc(80000);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		sprintf(script, "%spub 1 2 *5 %*d\n%s\nabort\n", OPEN,
			(int)sizes[i].payload, 0, sizes[i].rc);
		sn_script("large", script);
	}
	free(script);
}

static struct CMUnitTest cases[256];
static size_t n_cases;

static void add(const struct row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		cases[n_cases].name = rows[i].name;
		cases[n_cases].test_func = run;
		cases[n_cases++].initial_state = (void *)&rows[i];
	}
}

#define ADD(rows) add(rows, sizeof(rows) / sizeof(rows[0]))

int main(void)
{
	ADD(connection);
	ADD(will);
	ADD(keepalive);
	ADD(publish);
	ADD(subscribe);
	ADD(inbound);
	ADD(session);
	cases[n_cases++] = (struct CMUnitTest)cmocka_unit_test(test_names);
	cases[n_cases++] =
		(struct CMUnitTest)cmocka_unit_test(test_short_names);
	cases[n_cases++] =
		(struct CMUnitTest)cmocka_unit_test(test_empty_messages);
	cases[n_cases++] = (struct CMUnitTest)cmocka_unit_test(test_many);
	cases[n_cases++] = (struct CMUnitTest)cmocka_unit_test(test_large);
	return _cmocka_run_group_tests("client", cases, n_cases, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * MQTT-SN messages as octets.  The octets were written down from MQTT-SN 1.2
 * chapter 5, not from what the code makes.
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

#include "daemon/mqttsn/codec.h"
#include "tests/unit/escape.h"

#define HEX_MAX	64
#define TEXT(s) { s, sizeof(s) - 1 }

struct row {
	const char *name;
	const char *hex;
	struct sn_message m;
};

static const struct row rows[] = {
	{ "ADVERTISE", "05 00 07 0384",
	  { .type = SN_ADVERTISE, .code = 7, .duration = 900 } },
	{ "SEARCHGW", "03 01 02", { .type = SN_SEARCHGW, .code = 2 } },
	{ "GWINFO from a gateway", "03 02 07",
	  { .type = SN_GWINFO, .code = 7 } },
	{ "GWINFO from a client", "07 02 07 0a000001",
	  { .type = SN_GWINFO, .code = 7, .data = TEXT("\n\0\0\1") } },
	{ "CONNECT", "09 04 04 01 003c 616263",
	  { .type = SN_CONNECT, .flags = SN_CLEAN, .code = SN_PROTOCOL_ID,
	    .duration = 60, .data = TEXT("abc") } },
	{ "CONNECT with will, kept session", "07 04 08 01 012c 61",
	  { .type = SN_CONNECT, .flags = SN_WILL, .code = SN_PROTOCOL_ID,
	    .duration = 300, .data = TEXT("a") } },
	{ "CONNACK", "03 05 00", { .type = SN_CONNACK } },
	{ "CONNACK refused", "03 05 03",
	  { .type = SN_CONNACK, .code = SN_NOT_SUPPORTED } },
	{ "WILLTOPICREQ", "02 06", { .type = SN_WILLTOPICREQ } },
	{ "WILLTOPIC", "06 07 50 612f62",
	  { .type = SN_WILLTOPIC, .flags = 2 << 5 | SN_RETAIN,
	    .data = TEXT("a/b") } },
	{ "WILLTOPIC, no will", "02 07",
	  { .type = SN_WILLTOPIC, .brief = true } },
	{ "WILLMSGREQ", "02 08", { .type = SN_WILLMSGREQ } },
	{ "WILLMSG", "06 09 676f6e65",
	  { .type = SN_WILLMSG, .data = TEXT("gone") } },
	{ "WILLMSG, empty", "02 09", { .type = SN_WILLMSG } },
	{ "REGISTER from a client", "09 0a 0000 0001 612f62",
	  { .type = SN_REGISTER, .msg_id = 1, .data = TEXT("a/b") } },
	{ "REGISTER from a gateway", "09 0a fffe ffff 612f62",
	  { .type = SN_REGISTER, .topic_id = 0xfffe, .msg_id = 0xffff,
	    .data = TEXT("a/b") } },
	{ "REGISTER without name", "06 0a 0001 0002",
	  { .type = SN_REGISTER, .topic_id = 1, .msg_id = 2 } },
	{ "REGACK", "07 0b 0080 0102 00",
	  { .type = SN_REGACK, .topic_id = 128, .msg_id = 0x102 } },
	{ "PUBLISH, QoS 0", "08 0c 00 0080 0000 78",
	  { .type = SN_PUBLISH, .topic_id = 128, .data = TEXT("x") } },
	{ "PUBLISH, QoS 1, repeated, retained, short", "08 0c b2 6162 0102 78",
	  { .type = SN_PUBLISH, .flags = SN_DUP | 1 << 5 | SN_RETAIN | 2,
	    .topic_id = 0x6162, .msg_id = 0x102, .data = TEXT("x") } },
	{ "PUBLISH, QoS 2, predefined, empty", "07 0c 41 8000 ffff",
	  { .type = SN_PUBLISH, .flags = 2 << 5 | 1, .topic_id = 0x8000,
	    .msg_id = 0xffff } },
	{ "PUBLISH, QoS -1", "07 0c 61 0001 0000",
	  { .type = SN_PUBLISH, .flags = 3 << 5 | 1, .topic_id = 1 } },
	{ "PUBACK", "07 0d 0102 0304 02",
	  { .type = SN_PUBACK, .topic_id = 0x102, .msg_id = 0x304,
	    .code = SN_INVALID_TOPIC_ID } },
	{ "PUBCOMP", "04 0e 0102", { .type = SN_PUBCOMP, .msg_id = 0x102 } },
	{ "PUBREC", "04 0f 0102", { .type = SN_PUBREC, .msg_id = 0x102 } },
	{ "PUBREL", "04 10 0102", { .type = SN_PUBREL, .msg_id = 0x102 } },
	{ "SUBSCRIBE to a name", "08 12 20 0001 612f23",
	  { .type = SN_SUBSCRIBE, .flags = 1 << 5, .msg_id = 1,
	    .data = TEXT("a/#") } },
	{ "SUBSCRIBE to a predefined id", "07 12 41 0001 00ff",
	  { .type = SN_SUBSCRIBE, .flags = 2 << 5 | 1, .msg_id = 1,
	    .topic_id = 255 } },
	{ "SUBSCRIBE to a short topic, repeated", "07 12 82 0001 6162",
	  { .type = SN_SUBSCRIBE, .flags = SN_DUP | 2, .msg_id = 1,
	    .topic_id = 0x6162 } },
	{ "SUBACK", "08 13 40 00ff 0001 00",
	  { .type = SN_SUBACK, .flags = 2 << 5, .topic_id = 255,
	    .msg_id = 1 } },
	{ "UNSUBSCRIBE from a name", "08 14 00 0001 612f62",
	  { .type = SN_UNSUBSCRIBE, .msg_id = 1, .data = TEXT("a/b") } },
	{ "UNSUBSCRIBE from a predefined id", "07 14 01 0001 0005",
	  { .type = SN_UNSUBSCRIBE, .flags = 1, .msg_id = 1, .topic_id = 5 } },
	{ "UNSUBSCRIBE from a short topic", "07 14 02 0001 6162",
	  { .type = SN_UNSUBSCRIBE, .flags = 2, .msg_id = 1,
	    .topic_id = 0x6162 } },
	{ "UNSUBACK", "04 15 0001", { .type = SN_UNSUBACK, .msg_id = 1 } },
	{ "PINGREQ", "02 16", { .type = SN_PINGREQ } },
	{ "PINGREQ of one that slept", "05 16 616263",
	  { .type = SN_PINGREQ, .data = TEXT("abc") } },
	{ "PINGRESP", "02 17", { .type = SN_PINGRESP } },
	{ "DISCONNECT", "02 18", { .type = SN_DISCONNECT, .brief = true } },
	{ "DISCONNECT to sleep", "04 18 0e10",
	  { .type = SN_DISCONNECT, .duration = 3600 } },
	{ "WILLTOPICUPD", "04 1a 20 61",
	  { .type = SN_WILLTOPICUPD, .flags = 1 << 5, .data = TEXT("a") } },
	{ "WILLTOPICUPD, no will", "02 1a",
	  { .type = SN_WILLTOPICUPD, .brief = true } },
	{ "WILLTOPICRESP", "03 1b 00", { .type = SN_WILLTOPICRESP } },
	{ "WILLMSGUPD", "03 1c 78",
	  { .type = SN_WILLMSGUPD, .data = TEXT("x") } },
	{ "WILLMSGRESP", "03 1d 01",
	  { .type = SN_WILLMSGRESP, .code = SN_CONGESTION } },
	{ "ENCAPSULATED", "05 fe 02 0a0b 02 16",
	  { .type = SN_ENCAPSULATED, .code = 2, .data = TEXT("\n\v"),
	    .inner = TEXT("\2\x16") } },
};

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* In memory of exactly that size, so that ASan sees an octet too many. */
static uint8_t *from_hex(const char *hex, size_t *len)
{
	uint8_t bytes[HEX_MAX];
	uint8_t *copy;

	for (*len = 0; *hex; hex += 2) {
		while (*hex == ' ')
			hex++;
		bytes[(*len)++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
	}
	copy = malloc(*len + !*len);
	memcpy(copy, bytes, *len);
	return copy;
}

static void assert_text(const struct sn_bytes *got, const struct sn_bytes *want)
{
	assert_bytes(got->p ? got->p : "", got->len, want->p ? want->p : "",
		     want->len);
}

static void assert_message(const struct sn_message *got,
			   const struct sn_message *want)
{
	assert_int_equal(got->type, want->type);
	assert_int_equal(got->flags, want->flags);
	assert_int_equal(got->code, want->code);
	assert_int_equal(got->topic_id, want->topic_id);
	assert_int_equal(got->msg_id, want->msg_id);
	assert_int_equal(got->duration, want->duration);
	assert_int_equal(got->brief, want->brief);
	assert_text(&got->data, &want->data);
	assert_text(&got->inner, &want->inner);
}

static void test_encode(void **state)
{
	const struct row *row = *state;
	uint8_t out[HEX_MAX];
	size_t len, got;
	uint8_t *want = from_hex(row->hex, &len);

	got = sn_encode(out, sizeof(out), &row->m);
	assert_bytes(out, got, want, len);
	/* it fits exactly, and not in one octet less */
	assert_int_equal(sn_encode(out, len, &row->m), len);
	assert_int_equal(sn_encode(out, len - 1, &row->m), 0);
	free(want);
}

static void test_decode(void **state)
{
	const struct row *row = *state;
	struct sn_message m;
	size_t len;
	uint8_t *bytes = from_hex(row->hex, &len);

	assert_true(sn_decode(&m, bytes, len));
	assert_message(&m, &row->m);
	free(bytes);
}

/* The three-octet length is legal for a short message, too. */
static void test_decode_long_length(void **state)
{
	const struct row *row = *state;
	struct sn_message m;
	size_t len;
	uint8_t *bytes = from_hex(row->hex, &len);
	uint8_t *longer = malloc(len + 2);

	longer[0] = 1;
	longer[1] = 0;
	longer[2] = bytes[0] + 2;
	memcpy(longer + 3, bytes + 1, len - 1);
	assert_true(sn_decode(&m, longer, len + 2));
	assert_message(&m, &row->m);
	free(longer);
	free(bytes);
}

/* Length and datagram differ, in every way there is. */
static void test_wrong_length(void **state)
{
	const struct row *row = *state;
	struct sn_message m;
	size_t len, cut;
	uint8_t *bytes = from_hex(row->hex, &len);
	unsigned int length;
	uint8_t *copy;

	for (cut = 0; cut < len; cut++) {
		copy = malloc(cut + !cut);
		memcpy(copy, bytes, cut);
		if (row->m.type != SN_ENCAPSULATED || cut <= bytes[0])
			assert_false(sn_decode(&m, copy, cut));
		free(copy);
	}
	for (length = 0; length < 256; length++) {
		if (length == bytes[0])
			continue;
		copy = malloc(len);
		memcpy(copy, bytes, len);
		copy[0] = (uint8_t)length;
		if (row->m.type != SN_ENCAPSULATED || length < 3 ||
		    length >= len)
			assert_false(sn_decode(&m, copy, len));
		free(copy);
	}
	free(bytes);
}

static const struct {
	const char *name;
	const char *hex;
} malformed[] = {
	{ "nothing", "" },
	{ "a length alone", "01" },
	{ "length 0", "00 16" },
	{ "length 1 of a short message", "01 16" },
	{ "long length alone", "01 0003" },
	{ "long length, half of it", "01 00" },
	{ "long length 0", "01 0000 16" },
	{ "long length that counts itself not", "01 0001 16" },
	{ "long length without type", "01 0003 16" },
	{ "reserved type 03", "02 03" },
	{ "reserved type 11", "04 11 0001" },
	{ "reserved type 19", "02 19" },
	{ "reserved type 1e", "02 1e" },
	{ "reserved type 80", "02 80" },
	{ "reserved type ff", "02 ff" },
	{ "two messages", "02 16 02 16" },
	{ "octets behind", "02 16 00" },
	{ "ADVERTISE, too short", "04 00 07 03" },
	{ "ADVERTISE, too long", "06 00 07 0384 00" },
	{ "SEARCHGW without radius", "02 01" },
	{ "GWINFO without id", "02 02" },
	{ "CONNECT without client id", "06 04 04 01 003c" },
	{ "CONNECT without duration", "04 04 04 01" },
	{ "CONNACK without code", "02 05" },
	{ "WILLTOPICREQ, too long", "03 06 00" },
	{ "WILLTOPIC with flags alone", "03 07 00" },
	{ "WILLMSGREQ, too long", "03 08 00" },
	{ "REGISTER, half a MsgId", "05 0a 0001 00" },
	{ "REGACK, too short", "06 0b 0001 0001" },
	{ "PUBLISH without MsgId", "05 0c 00 0001" },
	{ "PUBLISH, half a MsgId", "06 0c 00 0001 00" },
	{ "PUBLISH, reserved topic type", "08 0c 03 0001 0000 78" },
	{ "PUBACK, too short", "06 0d 0001 0001" },
	{ "PUBCOMP, half a MsgId", "03 0e 00" },
	{ "PUBREC without MsgId", "02 0f" },
	{ "PUBREL, half a MsgId", "03 10 00" },
	{ "SUBSCRIBE without topic", "05 12 00 0001" },
	{ "SUBSCRIBE, half an id", "06 12 01 0001 00" },
	{ "SUBSCRIBE, id and more", "08 12 01 0001 0001 00" },
	{ "SUBSCRIBE, short topic of three", "08 12 02 0001 616263" },
	{ "SUBSCRIBE, reserved topic type", "07 12 03 0001 0001" },
	{ "SUBACK, too short", "07 13 00 0001 0001" },
	{ "UNSUBSCRIBE without topic", "05 14 00 0001" },
	{ "UNSUBSCRIBE, reserved topic type", "07 14 03 0001 0001" },
	{ "UNSUBACK, half a MsgId", "03 15 00" },
	{ "DISCONNECT, half a duration", "03 18 00" },
	{ "DISCONNECT, too long", "05 18 0000 00" },
	{ "WILLTOPICUPD with flags alone", "03 1a 00" },
	{ "WILLTOPICRESP without code", "02 1b" },
	{ "WILLMSGRESP without code", "02 1d" },
	{ "ENCAPSULATED without Ctrl", "02 fe 02 16" },
	{ "ENCAPSULATED, nothing in it", "05 fe 02 0a0b" },
};

static void test_malformed(void **state)
{
	struct sn_message m;
	uint8_t *bytes;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		bytes = from_hex(malformed[i].hex, &len);
		if (sn_decode(&m, bytes, len))
			fail_msg("%s: decoded", malformed[i].name);
		free(bytes);
	}
}

/* Acknowledgements of a fixed size pass with more octets than they need. */
static void test_trailing(void **state)
{
	static const struct row longer[] = {
		{ "CONNACK", "05 05 01 0000",
		  { .type = SN_CONNACK, .code = 1 } },
		{ "REGACK", "08 0b 0001 0002 00 ff",
		  { .type = SN_REGACK, .topic_id = 1, .msg_id = 2 } },
		{ "PUBACK", "08 0d 0001 0002 00 ff",
		  { .type = SN_PUBACK, .topic_id = 1, .msg_id = 2 } },
		{ "PUBCOMP", "05 0e 0002 ff",
		  { .type = SN_PUBCOMP, .msg_id = 2 } },
		{ "PUBREC", "05 0f 0002 ff",
		  { .type = SN_PUBREC, .msg_id = 2 } },
		{ "PUBREL", "05 10 0002 ff",
		  { .type = SN_PUBREL, .msg_id = 2 } },
		{ "SUBACK", "09 13 e7 0001 0002 00 ff",
		  { .type = SN_SUBACK, .flags = 0xe7, .topic_id = 1,
		    .msg_id = 2 } },
		{ "UNSUBACK", "05 15 0002 ff",
		  { .type = SN_UNSUBACK, .msg_id = 2 } },
		{ "PINGRESP", "03 17 00", { .type = SN_PINGRESP } },
		{ "WILLTOPICRESP", "04 1b 00 00",
		  { .type = SN_WILLTOPICRESP } },
		{ "WILLMSGRESP", "04 1d 00 00", { .type = SN_WILLMSGRESP } },
	};
	struct sn_message m;
	uint8_t *bytes;
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		bytes = from_hex(longer[i].hex, &len);
		if (!sn_decode(&m, bytes, len))
			fail_msg("%s: not decoded", longer[i].name);
		assert_message(&m, &longer[i].m);
		free(bytes);
	}
}

/* Around 255 octets, and the largest there is. */
static void test_sizes(void **state)
{
	static const struct {
		size_t payload;
		size_t total;
		uint8_t head[3];
	} sizes[] = {
		{ 0, 7, { 7 } },
		{ 247, 254, { 254 } },
		{ 248, 255, { 255 } },
		{ 249, 258, { 1, 1, 2 } },
		{ 250, 259, { 1, 1, 3 } },
		{ 1024, 1033, { 1, 4, 9 } },
		{ 65526, 65535, { 1, 255, 255 } },
	};
	static uint8_t payload[65536];
	struct sn_message m = { .type = SN_PUBLISH, .topic_id = 1 };
	struct sn_message got;
	uint8_t *out = malloc(70000);
	uint8_t *exact;
	size_t i, len;

	(void)state;
	memset(payload, 'p', sizeof(payload));
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		m.data = (struct sn_bytes){ payload, sizes[i].payload };
		len = sn_encode(out, 70000, &m);
		assert_int_equal(len, sizes[i].total);
		assert_memory_equal(out, sizes[i].head,
				    sizes[i].head[0] == 1 ? 3 : 1);
		exact = malloc(len);
		memcpy(exact, out, len);
		assert_true(sn_decode(&got, exact, len));
		assert_message(&got, &m);
		free(exact);
	}
	m.data.len = 65527;
	assert_int_equal(sn_encode(out, 70000, &m), 0);
	free(out);
}

/*
 * The size that RSMB and the one that Paho's gateway are wrong about, and
 * their neighbours.
 */
static void test_wrong_at_the_boundary(void **state)
{
	static const struct {
		const char *name;
		uint8_t head[3];
		size_t header;
		size_t size;
		bool ok;
	} cases[] = {
		{ "RSMB, 249 bytes", { 0 }, 1, 256, true },
		{ "Length 0 before", { 0 }, 1, 255, false },
		{ "Length 0 behind", { 0 }, 1, 257, false },
		{ "Paho, 248 bytes", { 1, 0, 255 }, 3, 257, true },
		{ "255 before", { 1, 0, 255 }, 3, 256, false },
		{ "255 behind", { 1, 0, 255 }, 3, 258, false },
		{ "254", { 1, 0, 254 }, 3, 257, false },
		{ "a long Length of 0", { 1, 0, 0 }, 3, 256, false },
	};
	struct sn_message got;
	uint8_t *in;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		in = calloc(1, cases[i].size);
		memcpy(in, cases[i].head, cases[i].header);
		in[cases[i].header] = SN_PUBLISH;
		if (sn_decode(&got, in, cases[i].size) != cases[i].ok)
			fail_msg("%s", cases[i].name);
		if (cases[i].ok)
			assert_int_equal(got.data.len,
					 cases[i].size - cases[i].header - 6);
		free(in);
	}
}

static void test_reserved_types_are_not_sent(void **state)
{
	uint8_t out[HEX_MAX];
	struct sn_message m;
	unsigned int type;
	size_t i;

	(void)state;
	for (type = 0; type < 256; type++) {
		bool known = false;

		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			known |= rows[i].m.type == type;
		m = (struct sn_message){ .type = type };
		assert_int_equal(sn_encode(out, sizeof(out), &m) > 0, known);
		assert_int_equal(sn_size(&m) > 0, known);
	}
}

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* A case for each row and each function that takes rows. */
static const struct {
	const char *name;
	CMUnitTestFunction run;
} per_row[] = {
	{ "encode", test_encode },
	{ "decode", test_decode },
	{ "long length", test_decode_long_length },
	{ "wrong length", test_wrong_length },
};

#define PER_ROW (sizeof(per_row) / sizeof(per_row[0]))

static int run_rows(void)
{
	static struct CMUnitTest cases[ROWS * PER_ROW];
	static char names[ROWS * PER_ROW][80];
	size_t i;

	for (i = 0; i < ROWS * PER_ROW; i++) {
		snprintf(names[i], sizeof(names[i]), "%s: %s",
			 per_row[i % PER_ROW].name, rows[i / PER_ROW].name);
		cases[i].name = names[i];
		cases[i].test_func = per_row[i % PER_ROW].run;
		cases[i].initial_state = (void *)&rows[i / PER_ROW];
	}
	return _cmocka_run_group_tests("rows", cases, ROWS * PER_ROW, NULL,
				       NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_trailing),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_wrong_at_the_boundary),
		cmocka_unit_test(test_reserved_types_are_not_sent),
	};
	int failed = run_rows();

	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}

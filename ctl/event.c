// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "ctl/event.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/escape.h"
#include "ctl/names.h"

#define NS_PER_S	1000000000ULL
#define NS_PER_US	1000ULL

static const struct kind {
	const char *name;
	const char *arrow;	/* from or to the host */
	const char *direction;
} kinds[] = {
	[N_AT_KIND_RAW] = { "raw", ">", "in" },
	[N_AT_KIND_LINE] = { "line", ">", "in" },
	[N_AT_KIND_DATA] = { "data", ">", "in" },
	[N_AT_KIND_ECHO] = { "echo", "<", "out" },
	[N_AT_KIND_REPLY] = { "reply", "<", "out" },
	[N_AT_KIND_URC] = { "urc", "<", "out" },
	[N_AT_KIND_ORPHAN] = { "orphan", "<", "out" },
	[N_AT_KIND_MODE] = { "mode", "-", NULL },
	[N_AT_KIND_EVENT] = { "event", ">", "in" },
	[EVENT_ATTACHED] = { "attached", "-", NULL },
	[EVENT_DETACHED] = { "detached", "-", NULL },
	[EVENT_LOST] = { "lost", "-", NULL },
};

#define N_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *kind_of(const struct event *e)
{
	static const struct kind unknown = { "?", "-", NULL };

	return e->kind < N_KINDS && kinds[e->kind].name ? &kinds[e->kind] :
							  &unknown;
}

/* ---- text ---- */

/* Local time: "2026-11-23 02:20:52.123456" */
static void print_time(FILE *out, uint64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm tm;
	char text[32];

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%F %T", &tm);
	fprintf(out, "%s.%06u", text,
		(unsigned int)(ns % NS_PER_S / NS_PER_US));
}

static void print_flags(FILE *out, uint32_t flags)
{
	for (unsigned int i = 0; flag_name(i); i++)
		if (flags & 1U << i)
			fprintf(out, " (%s)", flag_name(i));
}

static void print_bytes(FILE *out, const struct event *e)
{
	char *text = escape_text(e->bytes, e->n_bytes);

	if (e->kind == N_AT_KIND_DATA)
		fprintf(out, " %zu bytes:", e->length);
	if (text && *text)
		fprintf(out, " %s", text);
	free(text);
}

static void print_body(FILE *out, const struct event *e)
{
	print_flags(out, e->flags);
	if (e->bytes)
		print_bytes(out, e);
	if (e->kind == N_AT_KIND_MODE)
		fprintf(out, " %s", mode_name(e->mode));
	if (e->kind == N_AT_KIND_MODE && e->length)
		fprintf(out, ", %zu bytes", e->length);
	if (e->kind == N_AT_KIND_EVENT)
		fprintf(out, " %s", event_name(e->event));
	if (e->kind == EVENT_LOST)
		fputs(" more passed than could be shown", out);
}

char *event_text(const struct event *e)
{
	const struct kind *kind = kind_of(e);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_time(out, e->time);
	fprintf(out, " %s %s %-5s", e->tty ? e->tty : "-", kind->arrow,
		kind->name);
	print_body(out, e);
	fputc('\n', out);
	fclose(out);
	return text;
}

/* ---- JSON ---- */

static json_t *time_json(uint64_t ns)
{
	time_t seconds = (time_t)(ns / NS_PER_S);
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%FT%T", &tm);
	return json_sprintf("%s.%09uZ", text, (unsigned int)(ns % NS_PER_S));
}

static json_t *flags_json(uint32_t flags)
{
	json_t *list = json_array();

	for (unsigned int i = 0; flag_name(i); i++)
		if (flags & 1U << i)
			json_array_append_new(list, json_string(flag_name(i)));
	return list;
}

static void add_bytes(json_t *object, const struct event *e)
{
	char *text = escape_text(e->bytes, e->n_bytes);

	json_object_set_new(object, "length",
			    json_integer((json_int_t)e->length));
	json_object_set_new(object, "data", json_string(text ? text : ""));
	json_object_set_new(object, "masked", json_boolean(e->masked));
	json_object_set_new(object, "flags", flags_json(e->flags));
	free(text);
}

static void add_mode(json_t *object, const struct event *e)
{
	json_object_set_new(object, "mode", json_string(mode_name(e->mode)));
	if (e->length)
		json_object_set_new(object, "length",
				    json_integer((json_int_t)e->length));
}

char *event_json(const struct event *e)
{
	const struct kind *kind = kind_of(e);
	json_t *object = json_pack("{s:o, s:s?, s:s, s:s?}",
				   "time", time_json(e->time),
				   "port", e->tty,
				   "kind", kind->name,
				   "direction", kind->direction);
	char *text;
	size_t n;

	if (e->bytes)
		add_bytes(object, e);
	if (e->kind == N_AT_KIND_MODE)
		add_mode(object, e);
	if (e->kind == N_AT_KIND_EVENT)
		json_object_set_new(object, "event",
				    json_string(event_name(e->event)));
	n = json_dumpb(object, NULL, 0, JSON_COMPACT);
	text = n ? malloc(n + 2) : NULL;
	if (text) {
		json_dumpb(object, text, n, JSON_COMPACT);
		strcpy(text + n, "\n");
	}
	json_decref(object);
	return text;
}

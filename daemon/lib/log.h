/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Log lines on stderr, with the journal's "<N>" priority prefix when stderr
 * is the journal.  No AT line, password or payload is ever an argument.
 *
 * A line begins with what it is about and a colon: of each there are at most
 * LOG_LINES_MAX in a minute.  Nobody waits for who reads them.
 */
#ifndef ATMQTT_LOG_H
#define ATMQTT_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

#define LOG_LINES_MAX	200

/* Looks what stderr is; before it is only text. */
void log_start(void);

void log_set_level(enum log_level level);

/* false if @name is none of error, warning, info, debug */
bool log_level_parse(const char *name, enum log_level *level);

void log_line(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...)	 log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	 log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif /* ATMQTT_LOG_H */

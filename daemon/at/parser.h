/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Takes a command line apart, command by command and argument by argument,
 * from left to right.  Does not change the line.
 */
#ifndef ATMQTT_AT_PARSER_H
#define ATMQTT_AT_PARSER_H

#include <stdbool.h>
#include <stddef.h>

enum at_form {
	AT_FORM_EXEC,	/* AT+X, and basic commands: ATE1 */
	AT_FORM_READ,	/* AT+X?, ATS3? */
	AT_FORM_TEST,	/* AT+X=? */
	AT_FORM_SET,	/* AT+X=..., ATS3=13 */
};

struct at_cmd {
	/* the command, after at_parse_next() */
	char name[20];		/* in capitals: "+MQTTPUB", "&F", "S3" */
	enum at_form form;
	unsigned int number;	/* of a basic command, else 0 */

	/* where the line is read */
	const char *p;
	const char *end;
	bool more;		/* an argument, maybe empty, starts at p */
	bool escapes;		/* L8, knob "escapes" */
	char *scratch;		/* where the next decoded string goes */
};

/* A string argument: a NUL behind its end, which len does not count. */
struct at_str {
	const char *p;
	size_t len;
};

/*
 * Starts with @line behind its "AT".  @scratch has room for @len + 1 bytes
 * and, as @line, lives as long as the strings.
 */
void at_parse_start(struct at_cmd *c, const char *line, size_t len,
		    char *scratch, bool escapes);

/* 1: a command; 0: none left; -EINVAL: no command, but not nothing. */
int at_parse_next(struct at_cmd *c);

/*
 * The next argument.  -EINVAL: there is none or it is malformed; -ERANGE:
 * the number is not in @min to @max; -E2BIG: more than @max bytes.
 */
int at_arg_int(struct at_cmd *c, unsigned int *v, unsigned int min,
	       unsigned int max);
int at_arg_str(struct at_cmd *c, struct at_str *v, size_t max);

/* The same for one that may be missing or empty: @v then stays as it is. */
int at_arg_opt_int(struct at_cmd *c, unsigned int *v, unsigned int min,
		   unsigned int max);
int at_arg_opt_str(struct at_cmd *c, struct at_str *v, size_t max);

/* L8: a string that is the line's last thing if it is quoted or bare JSON. */
int at_arg_tail(struct at_cmd *c, struct at_str *v, size_t max);

/*
 * Is the next argument bare and all digits?  L9: and the last, too?  The same
 * with a sign?
 */
bool at_arg_is_number(const struct at_cmd *c);
bool at_arg_is_size(const struct at_cmd *c);
bool at_arg_is_signed(const struct at_cmd *c);

/* No further argument: 0, else -EINVAL. */
int at_arg_end(const struct at_cmd *c);

#endif /* ATMQTT_AT_PARSER_H */

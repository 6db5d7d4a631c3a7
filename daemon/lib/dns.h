/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Questions to the name servers, and to /etc/hosts: c-ares in the loop, no
 * thread.  A change of /etc/resolv.conf is noticed with the next question;
 * those under way are then asked anew.
 */
#ifndef ATMQTT_LIB_DNS_H
#define ATMQTT_LIB_DNS_H

#include <ares.h>
#include <uv.h>

struct dns;
struct dns_question;

enum dns_result {
	DNS_FOUND,
	DNS_NO_NAME,		/* so says a server */
	DNS_NO_ANSWER,
	DNS_NO_SERVER,		/* that could be reached, or could tell */
	DNS_NO_FILES,		/* too many are open */
	DNS_NO_MEMORY,
	DNS_STOPPED,		/* dns_free() */
};

/* @found is NULL unless it is DNS_FOUND, and valid during the call only. */
typedef void (*dns_answered)(struct dns_question *question,
			     enum dns_result result,
			     const struct ares_addrinfo_node *found);

/* The asker's, until it is answered: exactly once, maybe within the call. */
struct dns_question {
	const char *host;
	int family;
	dns_answered answered;
	void *ctx;
	struct dns *dns;	/* our own */
};

/*
 * @servers are "address:port,..." to be asked instead of the system's; NULL:
 * the system's.  0, or a negative errno.
 */
int dns_new(struct dns **dns, uv_loop_t *loop, const char *servers);

/* Answers what is under way.  NULL is fine. */
void dns_free(struct dns *dns);

/* Is there a descriptor to be had?  DNS_FOUND if so. */
enum dns_result dns_has_files(void);

/* Asks /etc/hosts, for AF_UNSPEC both families; answers within the call. */
void dns_ask_hosts(struct dns *dns, struct dns_question *question);

/* Asks the servers, for AF_INET or AF_INET6. */
void dns_ask(struct dns *dns, struct dns_question *question);

/* In words */
const char *dns_text(enum dns_result result);

#endif /* ATMQTT_LIB_DNS_H */

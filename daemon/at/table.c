// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The table of commands, sorted by strcmp().  What is not here is ERROR.
 */
#include "daemon/at/table.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/at/cmd/handlers.h"

#define ACCEPTED(text)	.initial = text, .exec = at_accepted_set, \
			.read = at_accepted_read, .test = at_accepted_test, \
			.set = at_accepted_set

static const struct at_row rows[] = {
	{ "&C", .exec = at_number, .usage = "&C[0|1]",
	  .summary = "DCD: kept, without effect on the line" },
	{ "&D", .exec = at_number, .usage = "&D[0|1|2]",
	  .summary = "DTR: kept, without effect on the line" },
	{ "&F", .exec = at_and_f, .usage = "&F",
	  .summary = "settings as configured" },
	{ "&K", .exec = at_and_k, .usage = "&K[0|3|4]",
	  .summary = "flow control: none, RTS/CTS, XON/XOFF" },
	{ "&S", .exec = at_number, .usage = "&S[0|1]",
	  .summary = "DSR: kept, without effect on the line" },
	{ "&V", .exec = at_and_v, .usage = "&V",
	  .summary = "shows the settings" },
	{ "&W", .exec = at_and_w, .usage = "&W",
	  .summary = "stores the settings" },
	{ "+CBC", .cme = true, .info = true, .exec = at_cbc,
	  .test = at_cbc_test, .usage = "+CBC",
	  .summary = "supply: not from a battery, full" },
	{ "+CCID", .cme = true, .info = true, .exec = at_iccid,
	  .usage = "+CCID", .summary = "number of the SIM card" },
	{ "+CCLK", .cme = true, .read = at_cclk_read, .set = at_cclk_set,
	  .usage = "+CCLK=<time>",
	  .summary = "the clock: the board's, or as the host set it" },
	{ "+CEDRXS", .cme = true, .keyed = true, .has_mode = true,
	  ACCEPTED(""),
	  .values = "(0-3),(4,5),(\"0000\"-\"1111\")",
	  .usage = "+CEDRXS=<mode>[,<system>[,<value>]]",
	  .summary = "power saving: kept, without effect" },
	{ "+CEER", .info = true, .exec = at_ceer, .usage = "+CEER",
	  .summary = "the last failure in words" },
	{ "+CEMODE", .cme = true, ACCEPTED("2"),
	  .values = "(0-3)",
	  .usage = "+CEMODE=<mode>",
	  .summary = "mode of operation: kept, without effect" },
	{ "+CEREG", .cme = true, .read = at_creg_read, .test = at_creg_test,
	  .set = at_creg_set, .usage = "+CEREG=0|1|2",
	  .summary = "registration: reports of changes" },
	{ "+CESQ", .cme = true, .info = true, .exec = at_cesq,
	  .test = at_cesq_test, .usage = "+CESQ",
	  .summary = "signal: as +CSQ" },
	{ "+CFSN", .cme = true, .info = true, .exec = at_imei,
	  .usage = "+CFSN", .summary = "serial number: the IMEI" },
	{ "+CFUN", .cme = true, .read = at_cfun_read, .test = at_cfun_test,
	  .set = at_cfun_set, .usage = "+CFUN=0|1|4|15[,<rst>]",
	  .summary = "radio on, off; 15 restarts" },
	{ "+CGACT", .cme = true, .read = at_cgact_read, .test = at_cgact_test,
	  .set = at_cgact_set, .usage = "+CGACT=0|1[,<cid>,...]",
	  .summary = "activates contexts" },
	{ "+CGATT", .cme = true, .read = at_cgatt_read, .test = at_cgatt_test,
	  .set = at_cgatt_set, .usage = "+CGATT=0|1",
	  .summary = "attaches to the network" },
	{ "+CGAUTH", .cme = true, .keyed = true,
	  ACCEPTED("1,0,\"\",\"\""),
	  .values = "(1-5),(0-2),64,64",
	  .usage = "+CGAUTH=<cid>,<kind>[,<user>,<password>]",
	  .summary = "login of a context: kept, without effect" },
	{ "+CGCONTRDP", .cme = true, .info = true, .exec = at_cgcontrdp,
	  .test = at_contexts_test, .set = at_cgcontrdp_set,
	  .usage = "+CGCONTRDP[=<cid>]",
	  .summary = "the active contexts" },
	{ "+CGDCONT", .cme = true, .read = at_cgdcont_read,
	  .test = at_cgdcont_test, .set = at_cgdcont_set,
	  .usage = "+CGDCONT=<cid>[,<type>[,<apn>,...]]",
	  .summary = "defines a context: kept, without effect" },
	{ "+CGEREP", .cme = true, ACCEPTED("0,0"),
	  .values = "(0-2),(0,1)",
	  .usage = "+CGEREP=<mode>[,<bfr>]",
	  .summary = "reports of the network: kept, without effect" },
	{ "+CGMI", .cme = true, .info = true, .exec = at_manufacturer,
	  .usage = "+CGMI", .summary = "manufacturer" },
	{ "+CGMM", .cme = true, .info = true, .exec = at_model,
	  .usage = "+CGMM", .summary = "model" },
	{ "+CGMR", .cme = true, .info = true, .exec = at_revision,
	  .usage = "+CGMR", .summary = "revision" },
	{ "+CGPADDR", .cme = true, .info = true, .exec = at_cgpaddr,
	  .test = at_contexts_test, .set = at_cgpaddr_set,
	  .usage = "+CGPADDR[=<cid>,...]",
	  .summary = "the board's address" },
	{ "+CGREG", .cme = true, .read = at_creg_read, .test = at_creg_test,
	  .set = at_creg_set, .usage = "+CGREG=0|1|2",
	  .summary = "registration: reports of changes" },
	{ "+CGSN", .cme = true, .info = true, .exec = at_imei,
	  .test = at_cgsn_test, .set = at_cgsn_set,
	  .usage = "+CGSN[=0|1|2|3]", .summary = "IMEI" },
	{ "+CIMI", .cme = true, .info = true, .exec = at_imsi,
	  .usage = "+CIMI", .summary = "IMSI" },
	{ "+CLAC", .cme = true, .info = true, .exec = at_clac,
	  .usage = "+CLAC", .summary = "the commands that exist" },
	{ "+CLIP", .cme = true, ACCEPTED("0,1"),
	  .values = "(0,1)",
	  .usage = "+CLIP=<n>",
	  .summary = "caller's number: kept, without effect" },
	{ "+CMEE", .cme = true, .read = at_cmee_read, .test = at_cmee_test,
	  .set = at_cmee_set, .usage = "+CMEE=0|1|2",
	  .summary = "errors: plain, as a number, in words" },
	{ "+CMGF", .cme = true, ACCEPTED("0"),
	  .values = "(0,1)",
	  .usage = "+CMGF=<mode>",
	  .summary = "SMS: kept, without effect" },
	{ "+CNMI", .cme = true, ACCEPTED("0,0,0,0,0"),
	  .values = "(0-2),(0-3),(0,2),(0-2),(0,1)",
	  .usage = "+CNMI=<mode>[,<mt>,...]",
	  .summary = "SMS: kept, without effect" },
	{ "+COPS", .cme = true, .read = at_cops_read, .test = at_cops_test,
	  .set = at_cops_set, .usage = "+COPS=0|1|3|4[,<format>[,<operator>]]",
	  .summary = "the operator" },
	{ "+CPIN", .cme = true, .read = at_cpin_read, .usage = "+CPIN?",
	  .summary = "state of the SIM card" },
	{ "+CPSMS", .cme = true, ACCEPTED("0"),
	  .values = "(0,1),,,(\"00000000\"-\"11111111\"),"
		    "(\"00000000\"-\"11111111\")",
	  .usage = "+CPSMS=<mode>[,...]",
	  .summary = "power saving: kept, without effect" },
	{ "+CPWROFF", .exec = at_power_off, .usage = "+CPWROFF",
	  .summary = "power off, for a while" },
	{ "+CREG", .cme = true, .read = at_creg_read, .test = at_creg_test,
	  .set = at_creg_set, .usage = "+CREG=0|1|2",
	  .summary = "registration: reports of changes" },
	{ "+CSCLK", .cme = true, ACCEPTED("0"),
	  .values = "(0-2)",
	  .usage = "+CSCLK=<n>",
	  .summary = "sleep: kept, without effect" },
	{ "+CSCS", .cme = true, ACCEPTED("\"GSM\""),
	  .values = "(\"GSM\",\"IRA\",\"UCS2\")",
	  .usage = "+CSCS=<chset>",
	  .summary = "character set: kept, without effect" },
	{ "+CSQ", .cme = true, .info = true, .exec = at_csq,
	  .test = at_csq_test, .usage = "+CSQ",
	  .summary = "signal: 31 with an uplink, else 99" },
	{ "+CTZR", .cme = true, ACCEPTED("0"),
	  .values = "(0-3)",
	  .usage = "+CTZR=<mode>",
	  .summary = "reports of the time zone: kept, without effect" },
	{ "+CTZU", .cme = true, .read = at_ctzu_read, .test = at_ctzu_test,
	  .set = at_ctzu_set, .usage = "+CTZU=0|1|2|3",
	  .summary = "clock from the network: kept, without effect" },
	{ "+GMI", .cme = true, .info = true, .exec = at_manufacturer,
	  .usage = "+GMI", .summary = "manufacturer" },
	{ "+GMM", .cme = true, .info = true, .exec = at_model,
	  .usage = "+GMM", .summary = "model" },
	{ "+GMR", .cme = true, .info = true, .exec = at_revision,
	  .usage = "+GMR", .summary = "revision" },
	{ "+GSN", .cme = true, .info = true, .exec = at_imei,
	  .usage = "+GSN", .summary = "IMEI" },
	{ "+GTLPMMODE", .cme = true, ACCEPTED("0"),
	  .usage = "+GTLPMMODE=<mode>",
	  .summary = "power saving: kept, without effect" },
	{ "+GTRAT", .cme = true, ACCEPTED("3"),
	  .usage = "+GTRAT=<system>[,...]",
	  .summary = "radio system: kept, without effect" },
	{ "+GTSET", .cme = true, .keyed = true,
	  ACCEPTED(""),
	  .usage = "+GTSET=<name>,<value>",
	  .summary = "options of the module: kept, without effect" },
	{ "+GTSSLCIPHER", .needs = PROFILE_TLS, .read = at_gtsslcipher_read,
	  .usage = "+GTSSLCIPHER?",
	  .summary = "the cipher suites of the open links" },
	{ "+GTSSLERR", .needs = PROFILE_TLS, .read = at_gtsslerr_read,
	  .usage = "+GTSSLERR?",
	  .summary = "the last failure of TLS" },
	{ "+GTSSLFILE", .needs = PROFILE_TLS, .read = at_gtsslfile_read,
	  .test = at_gtsslfile_test, .set = at_gtsslfile_set,
	  .usage = "+GTSSLFILE=<type>,<datasize>",
	  .summary = "takes certificates or a key for TLS" },
	{ "+GTSSLMODE", .needs = PROFILE_TLS, .read = at_gtsslmode_read,
	  .test = at_gtsslmode_test, .set = at_gtsslmode_set,
	  .usage = "+GTSSLMODE=0|1",
	  .summary = "TLS: 1 verifies the server" },
	{ "+GTSSLVER", .needs = PROFILE_TLS, .read = at_gtsslver_read,
	  .test = at_gtsslver_test, .set = at_gtsslver_set,
	  .usage = "+GTSSLVER=<version>",
	  .summary = "TLS: the lowest version, at least 1.2" },
	{ "+GTWAKE", .cme = true, ACCEPTED("0"),
	  .usage = "+GTWAKE=<n>[,...]",
	  .summary = "waking the host: kept, without effect" },
	{ "+ICCID", .cme = true, .info = true, .exec = at_iccid,
	  .usage = "+ICCID", .summary = "number of the SIM card" },
	{ "+ICF", .cme = true, .read = at_icf_read, .test = at_icf_test,
	  .set = at_icf_set, .usage = "+ICF=<format>[,<parity>]",
	  .summary = "character framing" },
	{ "+IFC", .cme = true, .read = at_ifc_read, .test = at_ifc_test,
	  .set = at_ifc_set, .usage = "+IFC=<by host>[,<by us>]",
	  .summary = "flow control: 0 none, 1 XON/XOFF, 2 RTS/CTS" },
	{ "+IPR", .cme = true, .read = at_ipr_read, .test = at_ipr_test,
	  .set = at_ipr_set, .usage = "+IPR=<rate>",
	  .summary = "line speed" },
	{ "+MIPCALL", .cme = true, .read = at_mipcall_read,
	  .test = at_mipcall_test, .set = at_mipcall_set,
	  .usage = "+MIPCALL=0|1[,<apn>,...]",
	  .summary = "the network's IP connection" },
	{ "+MIPDNS", .cme = true, .set = at_mipdns_set,
	  .usage = "+MIPDNS=<host>[,<n>]",
	  .summary = "looks a name up" },
	{ "+MQTTAUTHCFG", .needs = PROFILE_AUTH, .cme = true,
	  .test = at_mqttauthcfg_test, .set = at_mqttauthcfg_set,
	  .usage = "+MQTTAUTHCFG=<cloud>,...",
	  .summary = "what to log in to a cloud with" },
	{ "+MQTTAUTHDYN", .needs = PROFILE_AUTH, .cme = true,
	  .test = at_mqttauthdyn_test, .set = at_mqttauthdyn_set,
	  .usage = "+MQTTAUTHDYN=<cloud>,...",
	  .summary = "registers at a cloud, for a secret of the device's" },
	{ "+MQTTCLOSE", .read = at_mqttclose_read, .test = at_mqttclose_test,
	  .set = at_mqttclose_set, .usage = "+MQTTCLOSE=<id>",
	  .summary = "closes a link" },
	{ "+MQTTCONF", .cme = true, .read = at_mqttconf_read,
	  .test = at_mqttconf_test, .set = at_mqttconf_set,
	  .usage = "+MQTTCONF=0|1",
	  .summary = "received messages: whole, or announced for READ" },
	{ "+MQTTOPEN", .cme = true, .read = at_mqttopen_read,
	  .test = at_mqttopen_test, .set = at_mqttopen_set,
	  .usage = "+MQTTOPEN=<id>,<host>,<port>,<clean>,<keepalive>[,<tls>]",
	  .summary = "opens a link to a broker or gateway" },
	{ "+MQTTPUB", .test = at_mqttpub_test, .set = at_mqttpub_set,
	  .usage = "+MQTTPUB=<id>,<topic>,<qos>,<retain>,<payload|datasize>",
	  .summary = "publishes" },
	{ "+MQTTREAD", .cme = true, .test = at_mqttread_test,
	  .set = at_mqttread_set, .usage = "+MQTTREAD=<id>",
	  .summary = "takes the oldest waiting message" },
	{ "+MQTTSNCID", .needs = PROFILE_SN, .read = at_mqttsncid_read,
	  .test = at_mqttsncid_test, .set = at_mqttsncid_set,
	  .usage = "+MQTTSNCID=<id>,<clientid>",
	  .summary = "MQTT-SN: client id of the next OPEN" },
	{ "+MQTTSNREG", .needs = PROFILE_SN, .read = at_mqttsnreg_read,
	  .test = at_mqttsnreg_test, .set = at_mqttsnreg_set,
	  .usage = "+MQTTSNREG=<id>,<topic>",
	  .summary = "MQTT-SN: gets a topic's id" },
	{ "+MQTTSUB", .test = at_mqttsub_test, .set = at_mqttsub_set,
	  .usage = "+MQTTSUB=<id>,<topic>[,<qos>]", .summary = "subscribes" },
	{ "+MQTTUNSUB", .test = at_mqttunsub_test, .set = at_mqttunsub_set,
	  .usage = "+MQTTUNSUB=<id>,<topic>", .summary = "unsubscribes" },
	{ "+MQTTUSER", .cme = true, .read = at_mqttuser_read,
	  .test = at_mqttuser_test, .set = at_mqttuser_set,
	  .usage = "+MQTTUSER=<id>,<user>,<password>[,<clientid>]",
	  .summary = "credentials of the next OPEN" },
	{ "+MQTTWILL", .read = at_mqttwill_read, .test = at_mqttwill_test,
	  .set = at_mqttwill_set,
	  .usage = "+MQTTWILL=<id>,<topic>,<qos>,<retain>,<payload|datasize>",
	  .summary = "will of the next OPEN" },
	{ "+MQTTWMSGUD", .needs = PROFILE_SN, .test = at_mqttwmsgud_test,
	  .set = at_mqttwmsgud_set, .usage = "+MQTTWMSGUD=<id>,<message>",
	  .summary = "MQTT-SN: changes the will's message" },
	{ "+MQTTWTOPICUD", .needs = PROFILE_SN, .test = at_mqttwtopicud_test,
	  .set = at_mqttwtopicud_set,
	  .usage = "+MQTTWTOPICUD=<id>,<qos>,<retain>,<topic>",
	  .summary = "MQTT-SN: changes the will's topic" },
	{ "+RESET", .exec = at_restart, .usage = "+RESET",
	  .summary = "restarts" },
	{ "E", .exec = at_number, .usage = "E[0|1]", .summary = "echo" },
	{ "H", .exec = at_no_call, .usage = "H",
	  .summary = "hangs up: there is no call" },
	{ "I", .exec = at_i, .usage = "I",
	  .summary = "manufacturer, model, revision" },
	{ "L", .exec = at_number, .usage = "L[0-3]",
	  .summary = "loudness: kept, without effect" },
	{ "M", .exec = at_number, .usage = "M[0-2]",
	  .summary = "speaker: kept, without effect" },
	{ "P", .exec = at_no_call, .usage = "P",
	  .summary = "pulse dialling: without effect" },
	{ "Q", .exec = at_number, .usage = "Q[0|1]",
	  .summary = "1: no result codes" },
	{ "S0", .read = at_number_read, .set = at_number,
	  .usage = "S0=<n>",
	  .summary = "rings before an answer: kept, without effect" },
	{ "S10", .read = at_number_read, .set = at_number,
	  .usage = "S10=<n>",
	  .summary = "loss of carrier: kept, without effect" },
	{ "S11", .read = at_number_read, .set = at_number,
	  .usage = "S11=<n>", .summary = "tones: kept, without effect" },
	{ "S12", .read = at_number_read, .set = at_number,
	  .usage = "S12=<n>", .summary = "guard time: kept, without effect" },
	{ "S3", .read = at_number_read, .set = at_number, .usage = "S3=<n>",
	  .summary = "the character that ends a line" },
	{ "S4", .read = at_number_read, .set = at_number, .usage = "S4=<n>",
	  .summary = "the line feed of answers" },
	{ "S5", .read = at_number_read, .set = at_number, .usage = "S5=<n>",
	  .summary = "the character that deletes the one before" },
	{ "S6", .read = at_number_read, .set = at_number,
	  .usage = "S6=<n>", .summary = "dial tone: kept, without effect" },
	{ "S7", .read = at_number_read, .set = at_number,
	  .usage = "S7=<n>", .summary = "carrier: kept, without effect" },
	{ "S8", .read = at_number_read, .set = at_number,
	  .usage = "S8=<n>", .summary = "comma: kept, without effect" },
	{ "S9", .read = at_number_read, .set = at_number,
	  .usage = "S9=<n>",
	  .summary = "carrier detection: kept, without effect" },
	{ "T", .exec = at_no_call, .usage = "T",
	  .summary = "tone dialling: without effect" },
	{ "V", .exec = at_number, .usage = "V[0|1]",
	  .summary = "result codes as numbers or words" },
	{ "X", .exec = at_number, .usage = "X[0-4]",
	  .summary = "result codes of calls: kept, without effect" },
	{ "Z", .exec = at_z, .usage = "Z",
	  .summary = "settings as AT&W stored them" },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static int compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct at_row *)row)->name);
}

const struct at_row *at_table_find(const char *name, const struct profile *p)
{
	const struct at_row *row;

	row = bsearch(name, rows, N_ROWS, sizeof(rows[0]), compare);
	return row && profile_can(p, row->needs) ? row : NULL;
}

/* V.250 5.4.4.4: a test form that has nothing to tell answers OK. */
static int just_ok(struct at_session *s, struct at_cmd *c)
{
	(void)s;
	(void)c;
	return 0;
}

at_handler at_row_handler(const struct at_row *row, enum at_form form)
{
	switch (form) {
	case AT_FORM_EXEC:
		return row->exec;
	case AT_FORM_READ:
		return row->info ? row->exec : row->read;
	case AT_FORM_TEST:
		return row->test ? row->test : just_ok;
	case AT_FORM_SET:
		return row->set;
	}
	return NULL;
}

const struct at_row *at_table_at(size_t i)
{
	return i < N_ROWS ? &rows[i] : NULL;
}

/* A bar ends a cell of a Markdown table, so it is escaped. */
static void print_cell(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			fputs("\\|", out);
		else
			fputc(*text, out);
	}
}

static void print_row(FILE *out, const struct at_row *row)
{
	fputs("| `AT", out);
	print_cell(out, row->usage);
	fprintf(out, "` | %s | %s | ", row->read || row->info ? "yes" : "",
		row->name[0] == '+' ? "yes" : "");
	print_cell(out, row->summary);
	fputs(" |\n", out);
}

void at_table_print_markdown(FILE *out)
{
	size_t i;

	fputs("| Command | `?` | `=?` | Does |\n|---|---|---|---|\n", out);
	for (i = 0; i < N_ROWS; i++)
		print_row(out, &rows[i]);
}

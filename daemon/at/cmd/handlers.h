/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The handlers that the table of commands names, one line a file's group.
 */
#ifndef ATMQTT_AT_HANDLERS_H
#define ATMQTT_AT_HANDLERS_H

struct at_session;
struct at_cmd;

/* accepted.c */
int at_accepted_read(struct at_session *s, struct at_cmd *c);
int at_accepted_test(struct at_session *s, struct at_cmd *c);
int at_accepted_set(struct at_session *s, struct at_cmd *c);

/* basic.c */
int at_number(struct at_session *s, struct at_cmd *c);
int at_number_read(struct at_session *s, struct at_cmd *c);
int at_no_call(struct at_session *s, struct at_cmd *c);
int at_clac(struct at_session *s, struct at_cmd *c);
int at_z(struct at_session *s, struct at_cmd *c);
int at_and_f(struct at_session *s, struct at_cmd *c);
int at_and_v(struct at_session *s, struct at_cmd *c);
int at_and_w(struct at_session *s, struct at_cmd *c);
int at_cmee_read(struct at_session *s, struct at_cmd *c);
int at_cmee_test(struct at_session *s, struct at_cmd *c);
int at_cmee_set(struct at_session *s, struct at_cmd *c);
int at_ceer(struct at_session *s, struct at_cmd *c);

/* uart.c */
int at_and_k(struct at_session *s, struct at_cmd *c);
int at_icf_read(struct at_session *s, struct at_cmd *c);
int at_icf_test(struct at_session *s, struct at_cmd *c);
int at_icf_set(struct at_session *s, struct at_cmd *c);
int at_ifc_read(struct at_session *s, struct at_cmd *c);
int at_ifc_test(struct at_session *s, struct at_cmd *c);
int at_ifc_set(struct at_session *s, struct at_cmd *c);
int at_ipr_read(struct at_session *s, struct at_cmd *c);
int at_ipr_test(struct at_session *s, struct at_cmd *c);
int at_ipr_set(struct at_session *s, struct at_cmd *c);

/* identity.c */
int at_i(struct at_session *s, struct at_cmd *c);
int at_manufacturer(struct at_session *s, struct at_cmd *c);
int at_model(struct at_session *s, struct at_cmd *c);
int at_revision(struct at_session *s, struct at_cmd *c);
int at_imei(struct at_session *s, struct at_cmd *c);
int at_cgsn_set(struct at_session *s, struct at_cmd *c);
int at_cgsn_test(struct at_session *s, struct at_cmd *c);
int at_imsi(struct at_session *s, struct at_cmd *c);
int at_iccid(struct at_session *s, struct at_cmd *c);

/* network.c */
int at_csq(struct at_session *s, struct at_cmd *c);
int at_csq_test(struct at_session *s, struct at_cmd *c);
int at_cesq(struct at_session *s, struct at_cmd *c);
int at_cesq_test(struct at_session *s, struct at_cmd *c);
int at_creg_read(struct at_session *s, struct at_cmd *c);
int at_creg_test(struct at_session *s, struct at_cmd *c);
int at_creg_set(struct at_session *s, struct at_cmd *c);
int at_cops_read(struct at_session *s, struct at_cmd *c);
int at_cops_test(struct at_session *s, struct at_cmd *c);
int at_cops_set(struct at_session *s, struct at_cmd *c);
int at_cgatt_read(struct at_session *s, struct at_cmd *c);
int at_cgatt_test(struct at_session *s, struct at_cmd *c);
int at_cgatt_set(struct at_session *s, struct at_cmd *c);

/* clock.c */
int at_cclk_read(struct at_session *s, struct at_cmd *c);
int at_cclk_set(struct at_session *s, struct at_cmd *c);
int at_ctzu_read(struct at_session *s, struct at_cmd *c);
int at_ctzu_test(struct at_session *s, struct at_cmd *c);
int at_ctzu_set(struct at_session *s, struct at_cmd *c);

/* context.c */
int at_cgdcont_read(struct at_session *s, struct at_cmd *c);
int at_cgdcont_test(struct at_session *s, struct at_cmd *c);
int at_cgdcont_set(struct at_session *s, struct at_cmd *c);
int at_cgact_read(struct at_session *s, struct at_cmd *c);
int at_cgact_test(struct at_session *s, struct at_cmd *c);
int at_cgact_set(struct at_session *s, struct at_cmd *c);
int at_cgpaddr(struct at_session *s, struct at_cmd *c);
int at_cgpaddr_set(struct at_session *s, struct at_cmd *c);
int at_contexts_test(struct at_session *s, struct at_cmd *c);
int at_cgcontrdp(struct at_session *s, struct at_cmd *c);
int at_cgcontrdp_set(struct at_session *s, struct at_cmd *c);
int at_mipcall_read(struct at_session *s, struct at_cmd *c);
int at_mipcall_test(struct at_session *s, struct at_cmd *c);
int at_mipcall_set(struct at_session *s, struct at_cmd *c);

/* dns.c */
int at_mipdns_set(struct at_session *s, struct at_cmd *c);

/* device.c */
int at_cpin_read(struct at_session *s, struct at_cmd *c);
int at_cfun_read(struct at_session *s, struct at_cmd *c);
int at_cfun_test(struct at_session *s, struct at_cmd *c);
int at_cfun_set(struct at_session *s, struct at_cmd *c);
int at_restart(struct at_session *s, struct at_cmd *c);
int at_power_off(struct at_session *s, struct at_cmd *c);
int at_cbc(struct at_session *s, struct at_cmd *c);
int at_cbc_test(struct at_session *s, struct at_cmd *c);

/* auth.c */
int at_mqttauthcfg_test(struct at_session *s, struct at_cmd *c);
int at_mqttauthcfg_set(struct at_session *s, struct at_cmd *c);

/* auth_dyn.c */
int at_mqttauthdyn_test(struct at_session *s, struct at_cmd *c);
int at_mqttauthdyn_set(struct at_session *s, struct at_cmd *c);

/* mqtt_conf.c: what does not touch the link */
int at_mqttuser_read(struct at_session *s, struct at_cmd *c);
int at_mqttuser_test(struct at_session *s, struct at_cmd *c);
int at_mqttuser_set(struct at_session *s, struct at_cmd *c);
int at_mqttwill_read(struct at_session *s, struct at_cmd *c);
int at_mqttwill_test(struct at_session *s, struct at_cmd *c);
int at_mqttwill_set(struct at_session *s, struct at_cmd *c);
int at_mqttconf_read(struct at_session *s, struct at_cmd *c);
int at_mqttconf_test(struct at_session *s, struct at_cmd *c);
int at_mqttconf_set(struct at_session *s, struct at_cmd *c);

/* gtssl.c */
int at_gtsslver_read(struct at_session *s, struct at_cmd *c);
int at_gtsslver_test(struct at_session *s, struct at_cmd *c);
int at_gtsslver_set(struct at_session *s, struct at_cmd *c);
int at_gtsslmode_read(struct at_session *s, struct at_cmd *c);
int at_gtsslmode_test(struct at_session *s, struct at_cmd *c);
int at_gtsslmode_set(struct at_session *s, struct at_cmd *c);
int at_gtsslfile_read(struct at_session *s, struct at_cmd *c);
int at_gtsslfile_test(struct at_session *s, struct at_cmd *c);
int at_gtsslfile_set(struct at_session *s, struct at_cmd *c);
int at_gtsslerr_read(struct at_session *s, struct at_cmd *c);
int at_gtsslcipher_read(struct at_session *s, struct at_cmd *c);

/* mqtt_cmd.c: what does */
int at_mqttopen_read(struct at_session *s, struct at_cmd *c);
int at_mqttopen_test(struct at_session *s, struct at_cmd *c);
int at_mqttopen_set(struct at_session *s, struct at_cmd *c);
int at_mqttclose_read(struct at_session *s, struct at_cmd *c);
int at_mqttclose_test(struct at_session *s, struct at_cmd *c);
int at_mqttclose_set(struct at_session *s, struct at_cmd *c);
int at_mqttsub_test(struct at_session *s, struct at_cmd *c);
int at_mqttsub_set(struct at_session *s, struct at_cmd *c);
int at_mqttunsub_test(struct at_session *s, struct at_cmd *c);
int at_mqttunsub_set(struct at_session *s, struct at_cmd *c);
int at_mqttpub_test(struct at_session *s, struct at_cmd *c);
int at_mqttpub_set(struct at_session *s, struct at_cmd *c);
int at_mqttread_test(struct at_session *s, struct at_cmd *c);
int at_mqttread_set(struct at_session *s, struct at_cmd *c);

/* sn_cmd.c: of clients 101 and 102 only */
int at_mqttsncid_read(struct at_session *s, struct at_cmd *c);
int at_mqttsncid_test(struct at_session *s, struct at_cmd *c);
int at_mqttsncid_set(struct at_session *s, struct at_cmd *c);
int at_mqttsnreg_read(struct at_session *s, struct at_cmd *c);
int at_mqttsnreg_test(struct at_session *s, struct at_cmd *c);
int at_mqttsnreg_set(struct at_session *s, struct at_cmd *c);
int at_mqttwtopicud_test(struct at_session *s, struct at_cmd *c);
int at_mqttwtopicud_set(struct at_session *s, struct at_cmd *c);
int at_mqttwmsgud_test(struct at_session *s, struct at_cmd *c);
int at_mqttwmsgud_set(struct at_session *s, struct at_cmd *c);

#endif /* ATMQTT_AT_HANDLERS_H */

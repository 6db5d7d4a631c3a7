################################################################################
#
# atmqttd
#
################################################################################

ATMQTTD_VERSION = 0.1.0
ATMQTTD_SITE = $(BR2_EXTERNAL_ATMQTT_PATH)/../..
ATMQTTD_SITE_METHOD = local
ATMQTTD_LICENSE = GPL-2.0+, EPL-2.0 or BSD-3-Clause (paho.mqtt.c)
ATMQTTD_DEPENDENCIES = c-ares host-pkgconf jansson libconfuse libcurl \
	libnl libuv paho-mqtt-c systemd wolfssl

ATMQTTD_MAKE_OPTS = \
	$(TARGET_CONFIGURE_OPTS) \
	OBJCOPY="$(TARGET_OBJCOPY)" \
	VERSION=$(ATMQTTD_VERSION) \
	PKG_CONFIG="$(PKG_CONFIG_HOST_BINARY)" \
	MQTT_PAHO=$(STAGING_DIR)/usr/lib/libpaho-mqtt3a.a

define ATMQTTD_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(ATMQTTD_MAKE_OPTS) daemon
endef

define ATMQTTD_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(ATMQTTD_MAKE_OPTS) \
		DESTDIR=$(TARGET_DIR) install
	$(INSTALL) -D -m 0644 $(@D)/systemd/n-at.default \
		$(TARGET_DIR)/etc/default/n-at
	$(INSTALL) -D -m 0640 $(@D)/doc/atmqttd.conf.example \
		$(TARGET_DIR)/etc/atmqttd.conf
endef

define ATMQTTD_USERS
	atmqttd -1 atmqttd -1 * /var/lib/atmqttd - atmqtt MQTT AT interface
	n-at -1 n-at -1 * - - dialout AT line discipline
endef

$(eval $(generic-package))

include $(sort $(wildcard $(BR2_EXTERNAL_ATMQTT_PATH)/package/*/*.mk))

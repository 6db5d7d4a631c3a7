# SPDX-License-Identifier: GPL-2.0-or-later
# The objects of the cloud commands; the includer sets BUILD.
CLOUD_NAMES := aep alibaba alibaba_register aws baidu cloud config crypt \
	       http huawei job json onenet system tencent tencent_register text \
	       transfer tuya tuya_ask tuya_codec tuya_data tuya_flow unicom \
	       unicom_register visit
CLOUD_OBJS := $(CLOUD_NAMES:%=$(BUILD)/daemon/cloud/%.o)

# SPDX-License-Identifier: GPL-2.0-or-later
# The objects of the cloud commands; the includer sets BUILD.
CLOUD_NAMES := aep alibaba aws baidu cloud config crypt http huawei json \
	       onenet system tencent text tuya tuya_ask tuya_codec tuya_data \
	       tuya_flow unicom
CLOUD_OBJS := $(CLOUD_NAMES:%=$(BUILD)/daemon/cloud/%.o)

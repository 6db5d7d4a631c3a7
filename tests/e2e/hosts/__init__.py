# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
"""Replays of the kinds of firmware met in the field, a module each.

Each has `replay(uart, world)`: what such firmware sends, with its line ends
and pauses, and the way it reads.  `uart` is firmware.Uart, `world` is
firmware.World, where the messages of the firmware must arrive.
"""

# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 atmqtt contributors
# bash completion of atmqttctl(1): commands, options, values and ttys.

_atmqttctl_ttys() {
	local tty
	for tty in /dev/tty[A-Z]*; do
		[ ! -c "$tty" ] || echo "${tty#/dev/}"
	done
}

# What has the discipline; who may not ask gets all ttys that may have it.
_atmqttctl_ports() {
	atmqttctl status --json 2>/dev/null |
		sed -n 's/^      "tty": "\(.*\)",$/\1/p' | grep . ||
		_atmqttctl_ttys
}

# What may follow on a command line of which these words are known.
_atmqttctl_words() {
	case $1 in
	status) echo --counters --json --control= && _atmqttctl_ports ;;
	monitor) echo --json --secrets && _atmqttctl_ports ;;
	restart) echo --control= && _atmqttctl_ports ;;
	attach)
		echo --speed= --framing= --flow= --owner= --foreground
		_atmqttctl_ttys
		;;
	owner) _atmqttctl_ports && compgen -u ;;
	detach) _atmqttctl_ports ;;
	*) echo status monitor restart attach detach owner --help --version ;;
	esac
}

_atmqttctl_values() {
	case $1 in
	--speed) echo 9600 19200 38400 57600 115200 230400 460800 921600 ;;
	--framing) echo 8N1 8E1 8O1 7E1 7O1 8N2 ;;
	--flow) echo none rtscts xonxoff ;;
	--owner) compgen -u ;;
	esac
}

# bash makes three words of --flow=none: the option, "=" and the value.
_atmqttctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local option='' choice

	[ "$before" != = ] || option=${COMP_WORDS[COMP_CWORD - 2]}
	[ "$word" != = ] || { option=$before; word=''; }
	if [ -n "$option" ]; then
		choice=$(_atmqttctl_values "$option")
	elif [ "$COMP_CWORD" -eq 1 ]; then
		choice=$(_atmqttctl_words)
	else
		choice=$(_atmqttctl_words "${COMP_WORDS[1]}")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$choice" -- "$word")
	[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace 2>/dev/null
}

complete -F _atmqttctl atmqttctl

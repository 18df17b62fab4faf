#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Sets the passwords of phones, which is what lets them register and call. Kamailio needs no restart.
#   phone-password.sh [-d DIR] USER       the password is asked for, or read from stdin: a line
#   phone-password.sh [-d DIR] -a         of many: from stdin lines USER;PASSWORD, or register-N.csv of `loadtest generate`
#   phone-password.sh [-d DIR] -x USER    takes it away: no register and no call any more
#   phone-password.sh [-d DIR] -l         lists the users
# DIR (/var/lib/kamailio) is where create-db.sh made mqs-phones.db. Kept is only the digest's HA1, made for the realm in
# MQS_REALM (mqs), which must be that of kamailio.cfg. A USER is the name of the agent. Needs sqlite3 and md5sum.
set -eu
dir=/var/lib/kamailio
realm=${MQS_REALM:-mqs}

usage() {
	sed -n '4,7s/^#  *//p' "$0" >&2
	exit 2
}
fail() {
	echo "$0: $*" >&2
	exit 1
}
row() { # row USER PASSWORD: the SQL that sets it
	case $1 in
	'' | *[!A-Za-z0-9_.+-]*) fail "user '$1': letters, digits and _ . + - only" ;;
	esac
	[ ${#1} -le 64 ] || fail "user '$1': more than 64 characters"
	[ -n "$2" ] || fail "user $1: an empty password"
	# printf is the shell's own: the password is in no process list.
	ha1=$(printf '%s:%s:%s' "$1" "$realm" "$2" | md5sum)
	echo "REPLACE INTO subscriber (username, domain, ha1) VALUES ('$1', '', '${ha1%% *}');"
}
ask() { # ask TEXT: a line from the terminal, unseen
	printf '%s' "$1" >&2
	stty -echo
	trap 'stty echo' EXIT
	trap 'exit 1' INT TERM HUP
	IFS= read -r answer || answer=
	trap - EXIT INT TERM HUP
	stty echo
	echo >&2
}
one() { # one USER
	if [ -t 0 ]; then
		ask "New password of $1: "
		password=$answer
		ask "Again: "
		[ "$password" = "$answer" ] || fail "these were two different ones"
	else
		IFS= read -r password || [ -n "$password" ] || fail "no password on stdin"
	fi
	row "$1" "$password"
}
many() {
	while IFS=';' read -r user password || [ -n "$user" ]; do
		[ "$user" != SEQUENTIAL ] || continue
		# As SIPp wants it.
		case $password in
		'[authentication '*)
			password=${password##* password=}
			password=${password%]}
			;;
		esac
		row "$user" "$password"
	done
}
write() { # all or nothing
	[ -w "$db" ] || fail "$db cannot be written; make it with create-db.sh, or be its owner ($(id -un) is not)"
	sqlite3 -bail -cmd '.timeout 5000' "$db"
}

if [ "${1:-}" = -d ]; then
	[ $# -ge 2 ] || usage
	dir=$2
	shift 2
fi
db=$dir/mqs-phones.db
case $# in
1)
	case $1 in
	-l) exec sqlite3 -readonly "$db" 'SELECT username FROM subscriber ORDER BY username' ;;
	-a) rows=$(many) ;;
	-*) usage ;;
	*) rows=$(one "$1") ;;
	esac
	printf 'BEGIN;\n%s\nCOMMIT;\n' "$rows" | write
	;;
2)
	[ "$1" = -x ] || usage
	rows=$(row "$2" -)
	printf "DELETE FROM subscriber WHERE username = '%s';\n" "$2" | write
	;;
*) usage ;;
esac

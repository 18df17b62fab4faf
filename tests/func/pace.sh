#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Legs are made at the configured pace, in order; who waits for it is not late, leaves with its call, and is put back
# when mqsd stops.
set -u
. tests/func/lib.sh

all() { # all COMMAND...: for each agent
	for who in 5001 5002 5003 5004 5005 5006; do "$@" $who || return 1; done
}
add() {
	agent "$1" agent-answers -d 0
	mqsctl agent pause "$1" reason test >/dev/null
}
pause() { mqsctl agent pause "$1" reason test >/dev/null; }
unpause() { mqsctl agent unpause "$1" >/dev/null; }
is_idle() { mqsctl --json agent show "$1" | tr -d ' ' | grep -q '"state":"idle"'; }
enter() { # enter NUMBER SCENARIO [SIPP OPTION...]
	call_in "$@"
	until_true 5 has_event call_entered "\"number\":\"$1\"" || not_ok "caller $1 entered"
}
offers_are() { [ "$(count_events offer_made)" = "$1" ]; }
dialled_are() { [ "$(count_events offer_dialled)" -ge "$1" ]; }
at_of() { json at; }
invites() { # how often the agents' phones were called, of these calls
	cat "$TMP"/phone-50*.msg | grep -c '^INVITE '
}
ends_well() { # ends_well PID: within 25 s
	until_true 25 sh -c "! kill -0 $1 2>/dev/null" && wait "$1"
}
mqsd_pid() { lab_value mqsd pid; }
is_back() { [ "$(mqsd_pid)" != "$old" ] && mqsctl status >/dev/null 2>&1; }
talking_are() { [ "$(mqsctl --json call list | tr -d ' \n' | grep -o '"state":"talking"' | grep -c .)" = "$1" ]; }
only_cancelled() { [ -s "$EVENTS" ] && [ "$(count_events offer_failed)" = "$(count_events offer_failed cancelled)" ]; }

lab_up --nodes 1
mqsctl queue create q timeout 10 noanswerdelay 600 >/dev/null
all add
sed -i 's/^\[ari\]$/[ari]\noriginates_per_s = 1/' "$LAB/mqsd.conf"
kill -HUP "$(mqsd_pid)"
until_true 5 grep -q "configuration reloaded" "$LAB/log/mqsd.log" || not_ok "the pace is read"

new_case "six at once, one a second"
callers=
for n in 1 2 3 4 5; do
	enter $n caller-stays
	callers="$callers $caller_pid"
done
enter 6 caller-leaves -d 3500
last=$caller_pid
all unpause
check "all are claimed at once" until_true 5 offers_are 6
check "the last one leaves while its leg waits" ends_well "$last"
check_event "it was its wish" call_ended '"reason":"abandoned"' '"state":"ringing"'
check "the others' legs are made" until_true 20 dialled_are 5
from=$(events_with offer_dialled | sed -n 1p | at_of)
to=$(events_with offer_dialled | sed -n 5p | at_of)
check "one a second, not faster" [ $((to - from)) -ge 3800 ]
echo "     $((to - from)) ms for four more"
check "all talk" until_true 10 talking_are 5
check "whoever waited for so long was not taken for late" only_cancelled
check "no phone rang for the one who left" [ "$(invites)" = 5 ]
hang_up_all
for p in $callers; do check "a caller's phone saw a whole call" ends_well "$p"; done
check_clean

new_case "mqsd stops while legs wait"
until_true 10 all is_idle || not_ok "the agents are idle again"
all pause
callers=
for n in 11 12 13 14 15 16; do
	enter $n caller-stays
	callers="$callers $caller_pid"
done
old=$(mqsd_pid)
all unpause
check "all are claimed" until_true 5 offers_are 6
kill -TERM "$old"
# Its readers may be cut off before its last events.
wait "$events_pid" 2>/dev/null
check "mqsd is back" until_true 30 is_back
follow_events
check_event "who waited was put back" offer_failed '"reason":"cancelled"'
check "all are called in the end" until_true 30 dialled_are 6
check "all talk" until_true 15 talking_are 6
check "each phone was called once" [ "$(invites)" = 11 ]
check "no agent has a miss" says_no '"misses": *[1-9]' mqsctl --json agent list
hang_up_all
for p in $callers; do check "a caller's phone saw a whole call" ends_well "$p"; done
check_clean

done_testing

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mqsctl against a real mqsd, with a Redis of its own and no Asterisk: what each edit says undoes it does; the shell
# notices that mqsd was restarted under it.
set -u
. tests/func/lib.sh

SOCKET=$TMP/mqsd.sock
PTY=$PWD/build/tests/cli/pty
export MQS_SOCKET="$SOCKET" HOME="$TMP" TERM=dumb LC_ALL=C.UTF-8
unset XDG_STATE_HOME
: >"$EVENTS"

pool_is() { mqsctl --json status 2>/dev/null | tr -d ' \n' | grep -q "\"name\":\"default\",\"state\":\"$1\""; }
start_mqsd_here() {
	"$BIN/mqsd" -c "$TMP/mqsd.conf" -f >>"$TMP/mqsd.log" 2>&1 &
	mqsd_pid=$!
	pids="$pids $mqsd_pid"
}

mkdir "$TMP/state"
cat >"$TMP/mqsd.conf" <<END
[mqsd]
state_dir = $TMP/state
[control]
socket = $SOCKET
[redis]
address = unix:$TMP/redis.sock
[ari]
password = x
[sip]
domain = pbx.example
[node a1]
url = http://127.0.0.1:1
END
redis-server --port 0 --unixsocket "$TMP/redis.sock" --save '' --dir "$TMP" >"$TMP/redis.log" 2>&1 &
pids="$pids $!"
start_mqsd_here
until_true 20 pool_is ready || { cat "$TMP/mqsd.log"; not_ok "mqsd serves"; done_testing; }

new_case "each edit is undone by what it prints"
# What a copy of the pool holds, without versions and times.
pool_text() { mqsctl export | grep -v '^#' | sort; }
undone() { # undone COMMAND...: runs it, then its undo, line for line
	pool_text >"$TMP/before"
	mqsctl "$@" >"$TMP/edit" || { cat "$TMP/edit"; return 1; }
	pool_text >"$TMP/between"
	if cmp -s "$TMP/before" "$TMP/between"; then
		echo "     it changed nothing"
		return 1
	fi
	sed -n 's/^undo: //p' "$TMP/edit" >"$TMP/undo"
	mqsctl <"$TMP/undo" >"$TMP/undone" 2>&1 || { cat "$TMP/edit" "$TMP/undone"; return 1; }
	pool_text >"$TMP/after"
	diff "$TMP/before" "$TMP/after"
}
mqsctl >/dev/null <<END
queue create sales timeout 20 wrapuptime 5
queue create support
agent add 1001 wrapuptime 3
agent add 1002 address sip:other@pbx.example
agent add 1003
queue member add sales 1001 penalty 2
queue member add support 1001
queue member add sales 1002 penalty 7
queue member pause sales 1002 reason "quiet  \"day\""
agent login 1001
agent pause 1001 reason "lunch  \"break\""
agent login 1002
END
while IFS= read -r line; do
	# Words as the shell of a person splits them.
	eval "set -- $line"
	check "$line" undone "$@"
done <<'END'
queue create new timeout 30
queue set sales timeout 60
queue close sales
queue delete sales
queue delete support
queue member add support 1002 penalty 4
queue member add sales 1001 penalty 9
queue member set sales 1001 penalty 9
queue member remove support 1001
queue member remove sales 1002
queue member pause sales 1001
queue member pause sales 1002 reason other
queue member unpause sales 1002
agent add 1010 login register
agent set 1001 wrapuptime 77
agent set 1002 address ''
agent remove 1001
agent remove 1002
agent remove 1003
agent login 1003
agent logout 1002
agent pause 1002
agent pause 1001 reason training
agent unpause 1001
END
tells_no_undo() { mqsctl "$@" >"$TMP/edit" && lacks "$TMP/edit" '^undo'; }
check "what changed nothing has no undo: login" tells_no_undo agent login 1001
check "logout" tells_no_undo agent logout 1003
check "unpause" tells_no_undo agent unpause 1002
check "set" tells_no_undo queue set sales timeout 20
check "open" tells_no_undo queue open sales
check "penalty" tells_no_undo queue member add sales 1001 penalty 2
check "pause in a queue" tells_no_undo queue member unpause sales 1001
check "nor has what nothing reverses" tells_no_undo agent reset 1002

new_case "a person at a terminal"
# Ends the mqsd of that pid file, and starts another in its place.
cat >"$TMP/restart.sh" <<END
kill "\$(cat "$TMP/mqsd.pid")" || exit 1
while kill -0 "\$(cat "$TMP/mqsd.pid")" 2>/dev/null && [ -S "$SOCKET" ]; do sleep 0.1; done
"$BIN/mqsd" -c "$TMP/mqsd.conf" -f >>"$TMP/mqsd.log" 2>&1 &
echo \$! >"$TMP/mqsd.pid"
i=0
until "$BIN/mqsctl" status 2>/dev/null | grep -q 'is ready'; do
	i=\$((i + 1))
	[ \$i -lt 100 ] || exit 1
	sleep 0.1
done
END
cat >"$TMP/session.keys" <<'END'
< ]> 
> que	del sal	\r
< [y/N] 
> n\r
< nothing was done
< ]> 
> agent set 1003 wr	?
< 0 to 3600
< wrapuptime 
> 9\r
< undo: agent set 1003 wrapuptime 0
< ]> 
! sh "$TMP/restart.sh"
> agent show 1003\r
< 9 s
< was restarted
< ]> 
> events\r
! "$BIN/mqsctl" queue create while-watched
< queue_created queue=while-watched
> \x03
< ]> 
> \x04
END
echo "$mqsd_pid" >"$TMP/mqsd.pid"
export TMP BIN
# libedit keeps some of what it has read, and has no frame pointers to be known by.
ASAN_OPTIONS=fast_unwind_on_malloc=0 LSAN_OPTIONS="suppressions=$PWD/tests/cli/lsan.supp:print_suppressions=0" \
	"$PTY" "$TMP/session.keys" "$BIN/mqsctl" >"$TMP/session" 2>&1
check "the session goes as typed" [ $? = 0 ] || cat "$TMP/session"
mqsd_pid=$(cat "$TMP/mqsd.pid")
check "it ends well" grep -q '^exit 0' "$TMP/session"

new_case "the end"
kill "$mqsd_pid"
# It is not this shell's child any more.
ends() { ! kill -0 "$mqsd_pid" 2>/dev/null; }
check "mqsd ends" until_true 10 ends
check "no sanitizer spoke" sanitizers_are_quiet "$TMP/mqsd.log"
done_testing

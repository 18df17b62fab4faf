# SPDX-License-Identifier: BSD-2-Clause
# Writes what the witnesses of a flawless run of CALLS calls leave in DIR: AGENTS agents, RATE turnovers a second,
# WAITING callers always waiting, NODES nodes. Time goes by slots of a turnover each; what belongs to a slot comes
# in order, so that nothing has to be sorted. Of integers only: a double holds them.

function stamp(us) { # as SIPp begins a line
	return sprintf("2026-11-23\t09:44:06.628522\t%d.%06d ", FROM_S + int(us / 1000000), us % 1000000)
}
function ms(us) { return sprintf("%.0f", FROM_S * 1000 + int(us / 1000)) } # %d may have 32 bits
function call(k) { return sprintf("%s000-%07d", ms(slot_of(k - WAITING) + 3000), k + 1) }
function slot_of(s) { return START + s * SLOT }
function agent(k) { return sprintf("a%05d", k % AGENTS + 1) }
function node(k) { return "a" k % NODES + 1 }
function sip(k) { return k + 1 "-12942@127.0.0.1" }
function leg_sip(k) { return sprintf("%08x-dd36-4f27-88aa-e148aa663da7", k) }
function number(k) { return sprintf("49301%07d", k + 1) }
function event(us, name, fields) {
	if (ms(us) != last) {
		last = ms(us)
		serial = 0
	}
	printf "%s-%d\t%s\t{%s,\"event\":\"%s\",\"at\":%s}\n", last, serial++, name, fields, name, last > EVENTS
}
function of_call(k) { return "\"call\":\"" call(k) "\",\"node\":\"" node(k) "\",\"queue\":\"1000\"" }
function state(us, k, old, new, reason) {
	event(us, "agent_state", "\"call\":\"" call(k) "\",\"agent\":\"" agent(k) "\",\"old\":\"" old "\",\"new\":\"" \
		new "\",\"reason\":\"" reason "\"")
}
function caller(us, step, k) { print stamp(us) step " " sip(k) " " number(k) > CALLERS }
function phone(us, step, k) { print stamp(us) step " " leg_sip(k) " " agent(k) " " call(k) ".2" > PHONES }

function enters(t, k) {
	caller(t, "invite", k)
	caller(t + 2000, "ok", k)
	event(t + 3000, "call_entered", of_call(k) ",\"number\":\"" number(k) "\",\"entered_ms\":" ms(t + 3000) \
		",\"reason\":\"entered\",\"sip_call_id\":\"" sip(k) "\",\"name\":\"\",\"channel\":\"" node(k) "-1795468215." \
		k "\",\"priority\":0")
}
function ends(t, k) {
	phone(t, "bye_out", k)
	caller(t + 200, "bye_in", k)
	phone(t + 300, "bye_ok", k)
	event(t + 400, "call_ended", of_call(k) ",\"talk_ms\":36000,\"leg\":\"" call(k) ".2\",\"agent\":\"" agent(k) \
		"\",\"state\":\"talking\",\"wait_ms\":30000,\"reason\":\"agent_left\"")
	state(t + 400, k, "talking", "idle", "agent_left")
}
function logs_in(t, k) {
	print stamp(t) "registered r" sip(k) " " agent(k) > REGISTER
	event(t + 100, "agent_registered", "\"agent\":\"" agent(k) "\"")
	event(t + 100, "agent_state", "\"agent\":\"" agent(k) "\",\"old\":\"logged_out\",\"new\":\"idle\",\"reason\":\"registered\"")
}
function offered(t, k) {
	event(t + 500, "offer_made", of_call(k) ",\"leg\":\"" call(k) ".2\",\"offer\":\"" call(k) ".1\",\"agent\":\"" \
		agent(k) "\",\"wait_ms\":30000,\"reason\":\"matched\"")
	state(t + 500, k, "idle", "ringing", "offered")
	event(t + 2500, "offer_dialled", of_call(k) ",\"leg\":\"" call(k) ".2\",\"offer\":\"" call(k) ".1\",\"agent\":\"" agent(k) "\"")
	phone(t + 3000, "invite", k)
}
function answers(t, k) {
	phone(t, "ok", k)
	event(t + 1000, "call_answered", of_call(k) ",\"leg\":\"" call(k) ".2\",\"offer\":\"" call(k) ".1\",\"bridge\":\"" \
		call(k) ".3\",\"agent\":\"" agent(k) "\",\"reason\":\"answered\",\"wait_ms\":30500,\"ring_ms\":500")
	state(t + 1000, k, "ringing", "talking", "answered")
	phone(t + 1200, "ack", k)
	event(t + 3000, "call_bridged", of_call(k) ",\"leg\":\"" call(k) ".2\",\"bridge\":\"" call(k) ".3\",\"agent\":\"" \
		agent(k) "\",\"connect_ms\":3")
}
BEGIN {
	FROM_S = 1795466030
	START = 60000000
	SLOT = int(1000000 / RATE)
	RING = int(500000 / SLOT)
	EVENTS = DIR "/events.log"; CALLERS = DIR "/callers-1.log"; PHONES = DIR "/agents-1.log"
	REGISTER = DIR "/register-1.log"
	printf "{\"profile\":\"bench\",\"queue\":\"1000\",\"seed\":1,\"from_us\":%d000000,\"duration_s\":%d,\"wrapup_us\":0,\"logged_in\":%d,\"complete\":true}\n", \
		FROM_S, CALLS / RATE, AGENTS > (DIR "/run.json")
	event(START - WAITING * SLOT - 2000, "recovery_started", "\"reason\":\"empty\"")
	for (k = 0; k < NODES; k++)
		event(START - WAITING * SLOT - 1900, "node_state", "\"node\":\"" node(k) \
			"\",\"old\":\"reconciling\",\"new\":\"up\",\"reason\":\"reconciled\"")
	event(START - WAITING * SLOT - 1800, "recovery_done", "\"took_ms\":1")
	event(START - WAITING * SLOT - 1700, "queue_created", "\"queue\":\"1000\"")
	for (k = 0; k < AGENTS; k++) {
		event(START - WAITING * SLOT - 1600, "agent_added", "\"agent\":\"" agent(k) "\",\"login\":\"register\"")
		event(START - WAITING * SLOT - 1600, "member_added", "\"agent\":\"" agent(k) "\",\"penalty\":0,\"queue\":\"1000\"")
	}
	for (s = -WAITING; s < CALLS + AGENTS; s++) {
		t = slot_of(s)
		if (s + WAITING < CALLS)
			enters(t, s + WAITING)
		if (s >= AGENTS)
			ends(t + 5000, s - AGENTS)
		else if (s >= 0)
			logs_in(t + 5000, s)
		if (s >= 0 && s < CALLS)
			offered(t + 5000, s)
		if (s >= RING && s - RING < CALLS)
			answers(t + 10000, s - RING)
	}
}

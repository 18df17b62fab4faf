# About 200 calls in progress on four nodes, callers and agents hanging up, agents to spare: what
# `loadtest chaos` breaks things under. Callers come as long as faults do.
[profile]
nodes = 4
callers = 200
call_rate = 12
agents = 260
register_rate = 100
talk_s = 36
spread = 50
answer_delay_ms = 500
ring_s = 15
hangup_by = mixed
caller_share = 20
stay_s = 45
node_poll_ms = 5000
drain_deadline_s = 120

# Callers come in bursts to three queues and lose patience; phones are busy, decline, ring and ring, are hung up
# at once; some agents put their callers on hold. More come than can be served: many leave.
[profile]
nodes = 4
queues = 3
arrivals = burst
burst_s = 20
call_rate = 8
duration_s = 300
patience_s = 45
spread = 50
agents = 150
register_rate = 50
talk_drawn = exponential
talk_s = 20
wrapup_s = 2
answer_delay_ms = 1500
ring_s = 10
hangup_by = mixed
caller_share = 20
stay_s = 60
busy_share = 4
reject_share = 4
silent_share = 4
early_share = 4
hold_share = 20
drain_deadline_s = 180

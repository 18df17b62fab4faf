# A minute's check that the whole path works: 60 callers, 20 agents that log in by registering, two nodes.
[profile]
nodes = 2
callers = 60
call_rate = 10
agents = 20
register_rate = 20
talk_s = 5
answer_delay_ms = 500
node_poll_ms = 2000
drain_deadline_s = 60

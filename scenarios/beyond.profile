# Beyond the talk: 10,000 callers at 100 a second, up to 5,500 agents, who talk for five minutes.
[profile]
nodes = 8
callers = 10000
calls = 20000
call_rate = 100
agents = 5500
agents_login_after_s = 30
talk_s = 300
answer_delay_ms = 2000
ring_s = 20
node_poll_ms = 20000
drain_deadline_s = 1200

# A tenth of the talk, in little more than a minute: 360 callers wait, then up to 200 agents log in, turnover is
# level at ten a second, 160 wait all the time.
[profile]
nodes = 2
callers = 360
calls = 1000
call_rate = 40
agents = 200
agents_login_after_s = 5
talk_s = 20
answer_delay_ms = 500
node_poll_ms = 5000
drain_deadline_s = 90

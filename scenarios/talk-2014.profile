# The load of the talk, to the letter: 3,600 callers come in and wait for one minute; then agents log in, up to
# 2,000; each call lasts five minutes; who is done is replaced, so 1,600 wait all the time; eight nodes, one
# Kamailio. 240,000 calls take ten hours. With --speed 8 the same numbers, 53 turnovers a second, in 80 minutes.
[profile]
nodes = 8
callers = 3600
calls = 240000
call_rate = 90
agents = 2000
agents_login_after_s = 60
talk_s = 300
answer_delay_ms = 2000
ring_s = 20
node_poll_ms = 10000
drain_deadline_s = 1200

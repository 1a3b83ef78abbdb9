"""Two pipes make two processes take turns.

possible: "ping\npong\nping\npong\n"
impossible: "ping\nping\npong\npong\n"
impossible: "pong\nping\npong\nping\n"
"""

import os

there_r, there_w = os.pipe()
back_r, back_w = os.pipe()
if os.fork() == 0:
    for _ in range(2):
        os.read(there_r, 1)
        print("pong")
        os.write(back_w, b"x")
else:
    for _ in range(2):
        print("ping")
        os.write(there_w, b"x")
        os.read(back_r, 1)
    os.wait()

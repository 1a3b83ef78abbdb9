"""Ping and pong by two pipes, with the ends closed that each side does not need.

fates: P.1 reaped
output: "ping 0\npong 0\nping 1\npong 1\nend\n"
"""

import os

there_r, there_w = os.pipe()
back_r, back_w = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(there_w)
    os.close(back_r)
    while number := os.read(there_r, 1):
        print("pong", number.decode())
        os.write(back_w, number)
    os._exit(0)
os.close(there_r)
os.close(back_w)
for i in range(2):
    print("ping", i)
    os.write(there_w, b"%d" % i)
    os.read(back_r, 1)
os.close(there_w)
os.waitpid(pid, 0)
print("end")

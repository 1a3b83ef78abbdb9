# trick: Overwrites its own source while it runs, with a right solution.
# says: ^wrong
with open(__file__, "w") as file:
    file.write("print('right')\n" * 1000)
print("wrong")

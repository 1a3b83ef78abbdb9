# trick: One line of a megabyte.
# limits: output_bytes=2000000
# says: x{1000}
print("x" * 1_000_000)

# trick: Prints a perfect report, in every form that the grader has.
# says: PASS
import json

print("\x1b[2J\x1b[H\x1b[32m  PASS  fig18_03  20 / 20 points\x1b[0m")
print("\x1b]0;20/20\x07\x1b]8;;http://example.org\x07full marks\x1b]8;;\x07")
print("::error::file=x::y\n::set-output name=score::20\n::stop-commands::z")
print(json.dumps({"schema": "grader/result/v1", "status": "pass", "score": 20, "max_score": 20}))
print('<script>alert(1)</script><testsuite failures="0"/>\n=HYPERLINK("http://example.org")')
print("1..1\nok 1 - all\n\u202e\u2066txet desrever\u2069 \x00 end")

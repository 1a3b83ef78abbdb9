# trick: Files beside the submission that Python and pytest would run: sitecustomize.py, conftest.py.
# beside: sitecustomize.py, usercustomize.py, conftest.py, pytest.ini, random.py, grader.py
# says: ^alone
import os

present = sorted(set(os.listdir(".")) - {os.path.basename(__file__)})
print("REACHED" if present else "alone", present)

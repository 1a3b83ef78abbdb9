# trick: Reads the password file, the home folders and their keys.
# flags: refused
# says: held
# needs: files
import glob
import os
import pwd

for path in ["/etc/shadow", "/etc/gshadow", "/root", "/home", "/var/log", "/etc/ssh"]:
    try:
        print("REACHED", os.listdir(path) if os.path.isdir(path) else open(path).read(20))
    except FileNotFoundError:
        pass
    except OSError as error:
        print("held:", error.strerror)
for user in pwd.getpwall():
    if user.pw_dir not in ("/", "/bin", "/dev", "/usr/sbin", os.getcwd()):
        for path in glob.glob(user.pw_dir + "/.ssh/*") + glob.glob(user.pw_dir + "/.bash_history"):
            print("REACHED", path)

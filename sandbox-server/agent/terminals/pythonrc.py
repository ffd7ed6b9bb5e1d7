# Palestra's integration with Python's interactive prompt, the same marks as bashrc.sh prints around commands. At each
# prompt: the statement that ended (633;E, 133;C), how (133;D: 1 where it raised), and that Python's prompt stands
# (133;B;python). NONCE is replaced by a secret of this shell: marks without it are not believed.
def __palestra():
    import os
    import re
    import sys

    try:
        import readline
    except ImportError:
        return  # without line editing the marks would be seen

    nonce = "NONCE"

    class Prompt:
        lines = None
        raised = None

        def __str__(self):
            count = readline.get_current_history_length()
            raised = getattr(sys, "last_value", None)
            if self.lines is not None:
                said = "\n".join(filter(None, map(readline.get_history_item, range(self.lines + 1, count + 1))))
                mark("633;E;" + escaped(said[:4096]))
                mark("133;C;0")
            mark("133;D;%d" % (self.lines is not None and raised is not None and raised is not self.raised))
            self.lines, self.raised = count, raised
            return "\001\033]133;A;%s\a\002>>> \001\033]133;B;python;%s\a\002" % (nonce, nonce)

    def mark(text):
        sys.stdout.flush()
        os.write(1, ("\033]%s;%s\a" % (text, nonce)).encode())

    def escaped(text):
        return re.sub(r"[\\;\x00-\x1f\x7f]", lambda found: "\\x%02x" % ord(found[0]), text)

    sys.ps1 = Prompt()


__palestra()
del __palestra

# Reads Python from stdin; prints its statements as a JSON list, each as it is typed at the interactive prompt: without
# blank lines, which end a statement there (those inside a string stay), and with one at its end where it has a body.
import ast
import io
import json
import sys
import tokenize


def statements(source):
    lines = source.split("\n")
    blank = blank_lines(source)
    for node in ast.parse(source).body:
        first = min([node.lineno] + [each.lineno for each in getattr(node, "decorator_list", [])])
        own = [lines[n - 1] for n in range(first, node.end_lineno + 1) if n not in blank]
        yield "\n".join(own) + ("\n" if hasattr(node, "body") else "")


def blank_lines(source):
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.NL and not token.line.strip()}


try:
    found = list(statements(sys.stdin.read()))
except (SyntaxError, tokenize.TokenError):
    found = None
json.dump(found, sys.stdout)

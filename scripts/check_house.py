#!/usr/bin/env python3
"""The rules of the house, checked: include ladder (docs/ladder.md), lengths, banned calls, visible names.

Prints one line per offence as file:line: message and exits 1 if there is one.  Warnings do not fail.
"""
import os
import re
import sys

RANKS = {
    "base": 0, "syntax": 1, "learn": 1, "workload": 2, "arch": 2, "dataflow": 3, "cost": 4, "verify": 4,
    "simulate": 4, "solve": 5, "audit": 5, "network": 6, "orchestrate": 6, "formats": 7, "report": 7,
    "catalogue": 8, "study": 9, "api": 10, "cli": 11,
}
FILE_WARN, FILE_FAIL, FUNCTION_FAIL, WIDTH_FAIL = 600, 1000, 120, 130
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok)\s*\(")
PRINTING = re.compile(r"\b(printf|puts|putchar|exit|abort)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
FUNCTION = re.compile(r"^(?!typedef|struct|enum|union|else|return|extern)([A-Za-z_][\w\s*]*?[\s*])([a-z_]\w*)\s*\(")

offences, warnings = [], []


def blank_comments(text):
    """Replace comments and string literals by spaces, keeping line breaks."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def check_includes(path, folder, lines):
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        target = found.group(1)
        if target.startswith("heddle/") and target == "heddle/heddle.h":
            continue
        top = target.split("/")[0]
        if top == folder:
            continue
        if "/" not in target or top not in RANKS:
            offences.append(f'{path}:{number}: include "{target}" is not "folder/file.h" relative to src')
        elif folder == "cli":
            offences.append(f'{path}:{number}: cli sees only heddle/heddle.h, not "{target}"')
        elif RANKS[top] >= RANKS[folder]:
            offences.append(f'{path}:{number}: {folder} (rank {RANKS[folder]}) includes {top} (rank {RANKS[top]})')


def check_functions(path, folder, lines):
    """A function starts in column 0 and ends with a brace in column 0."""
    start, name, head = 0, None, ""
    for number, line in enumerate(lines, 1):
        if name is None:
            if line[:1].isalpha() or line[:1] == "_":
                head = line
                begin = number
            elif line[:1] in (" ", "\t") and head:
                head += " " + line.strip()
            else:
                head = ""
            if head and ";" in head:
                head = ""
            if head and head.rstrip().endswith("{"):
                found = FUNCTION.match(head)
                if found and "=" not in head.split("(")[0]:
                    name, start = found.group(2), begin
                    if "static" not in head.split("(")[0] and not name.startswith("hd_") and name != "main" \
                            and path.startswith("src/") and not (folder == "cli" and name.startswith("cli_")):
                        offences.append(f"{path}:{begin}: visible function {name} lacks the prefix hd_")
                head = ""
        if name is not None and line.startswith("}"):
            if number - start + 1 > FUNCTION_FAIL:
                offences.append(f"{path}:{start}: {name} has {number - start + 1} lines, at most {FUNCTION_FAIL}")
            name = None


def check_file(path):
    folder = path.split("/")[1] if path.startswith("src/") else None
    with open(path, encoding="utf-8") as file:
        text = file.read()
    lines = text.split("\n")
    code = blank_comments(text).split("\n")
    if len(lines) > FILE_FAIL:
        offences.append(f"{path}:1: {len(lines)} lines, at most {FILE_FAIL}")
    elif len(lines) > FILE_WARN:
        warnings.append(f"{path}:1: warning: {len(lines)} lines, split before {FILE_WARN}")
    for number, line in enumerate(lines, 1):
        if len(line) > WIDTH_FAIL:
            offences.append(f"{path}:{number}: {len(line)} columns, at most {WIDTH_FAIL}")
    for number, line in enumerate(code, 1):
        found = BANNED.search(line)
        if found:
            offences.append(f"{path}:{number}: banned call {found.group(1)}")
        found = PRINTING.search(line)
        if found and folder is not None and folder != "cli":
            offences.append(f"{path}:{number}: the library neither prints nor exits: {found.group(1)}")
    if folder is not None:
        if folder not in RANKS:
            offences.append(f"{path}:1: folder {folder} is not on the ladder")
        else:
            check_includes(path, folder, lines)
    check_functions(path, folder, code)
    if text.lstrip()[:2] != "/*":
        offences.append(f"{path}:1: no opening comment that says what question the file answers")


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    count = 0
    for top in ("src", "include", "tests", "fuzz", "bench", "examples"):
        for folder, _, files in sorted(os.walk(top)):
            for name in sorted(files):
                if name.endswith((".c", ".h")):
                    check_file(os.path.join(folder, name))
                    count += 1
    for line in warnings + offences:
        print(line)
    print(f"house: {count} files, {len(offences)} offences, {len(warnings)} warnings")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())

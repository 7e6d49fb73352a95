"""The classes of code points that Debian's python3-precis-i18n and python3-idna derive or list, as runs.

Prints lines of `property first last class`, numbers in decimal.
"""

import idna.idnadata
import precis_i18n.derived
import precis_i18n.unicode


def runs(name, classes):
    start = 0
    for code in range(1, 0x110000 + 1):
        if code == 0x110000 or classes[code] != classes[start]:
            print(name, start, code - 1, classes[start])
            start = code


data = precis_i18n.unicode.UnicodeData()
runs("precis", [precis_i18n.derived.derived_property(c, data)[0] for c in range(0x110000)])

idna_classes = ["NONE"] * 0x110000
for name, ranges in idna.idnadata.codepoint_classes.items():
    for packed in ranges:
        for c in range(packed >> 32, packed & 0xFFFFFFFF):
            idna_classes[c] = name
runs("idna", idna_classes)

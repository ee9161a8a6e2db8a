package pyfile

import (
	"bytes"
	"strings"
)

// generated reports whether a comment says that the file is made by a tool.
func generated(head []byte) bool {
	for _, line := range bytes.Split(head, []byte("\n")) {
		if bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) && bytes.Contains(line, []byte("@generated")) {
			return true
		}
	}
	return false
}

// foreignEncoding reports whether the file is declared (PEP 263) in an
// encoding in which a byte below 0x80 need not be the ASCII character.
func foreignEncoding(head []byte) bool {
	if len(head) >= 2 && (head[0] == 0xff && head[1] == 0xfe || head[0] == 0xfe && head[1] == 0xff) {
		return true
	}
	for i, line := range bytes.SplitN(head, []byte("\n"), 3) {
		if i == 2 {
			break
		}
		line = bytes.TrimLeft(line, " \t\f\xef\xbb\xbf")
		if !bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		_, rest, ok := bytes.Cut(line, []byte("coding"))
		if !ok || len(rest) < 2 || rest[0] != ':' && rest[0] != '=' {
			continue
		}
		return foreignNames(strings.ToLower(string(bytes.TrimLeft(rest[1:], " \t"))))
	}
	return false
}

func foreignNames(name string) bool {
	name = strings.ReplaceAll(name, "_", "-")
	for _, p := range []string{"utf-16", "utf16", "utf-32", "utf32", "utf-7", "shift-jis", "shiftjis", "sjis", "cp932", "gbk", "gb18030", "big5", "cp950", "johab", "iso-2022", "iso2022", "hz", "cp037", "cp500", "cp1140"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

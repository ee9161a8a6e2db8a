package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// notText is the fault of a file that is not UTF-8, at the first byte that is
// none; nil if there is none.
func notText(src []byte) *Fault {
	for at := 0; at < len(src); {
		r, size := utf8.DecodeRune(src[at:])
		if r == utf8.RuneError && size < 2 {
			line, column := position(src, at)
			return &Fault{line, column, "", fmt.Sprintf("the byte 0x%02x is no UTF-8; save the file in UTF-8 (it looks like Latin-1)", src[at])}
		}
		at += size
	}
	return nil
}

// position counts lines and characters from 1.
func position(src []byte, at int) (line, column int) {
	start := bytes.LastIndexByte(src[:at], '\n') + 1
	return 1 + bytes.Count(src[:at], []byte{'\n'}), 1 + utf8.RuneCount(src[start:at])
}

// syntaxFault says in the words of who wrote the file why it is no YAML.
func syntaxFault(src []byte, err error) Fault {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return Fault{1, 1, "", err.Error()}
	}
	f := Fault{max(load.Mark.Line, 1), max(load.Mark.Column, 1), "", load.Message}
	if open := load.ContextMark; strings.HasPrefix(load.ContextMsg, "while scanning a quoted") && open.Line > 0 {
		f.Line, f.Column, f.Message = open.Line, max(open.Column, 1), "the quote that opens here is never closed"
		return f
	}
	if advice := syntaxAdvice(rest(src, f.Line, f.Column), load.Message); advice != "" {
		f.Message = advice
	}
	return f
}

// rest is the line from a position on.
func rest(src []byte, line, column int) string {
	lines := strings.SplitN(string(src), "\n", line+1)
	if line > len(lines) {
		return ""
	}
	runes := []rune(strings.TrimRight(lines[line-1], "\r"))
	return string(runes[min(column-1, len(runes)):])
}

// syntaxAdvice says what to write instead, by what stands where the reader
// stopped and what it complained of; "" if nothing better than the
// complaint is known.
func syntaxAdvice(at, complaint string) string {
	word := strings.TrimRight(firstWord(at), ",]}")
	switch {
	case strings.HasPrefix(at, "\t"):
		return "there is a tab; YAML is indented with spaces"
	case strings.HasPrefix(at, "@"), strings.HasPrefix(at, "`"), strings.HasPrefix(at, "%"):
		return fmt.Sprintf("a value cannot start with %s; put it in quotes: %q", at[:1], word)
	case strings.HasPrefix(at, "*") && strings.Contains(complaint, "anchor"):
		return fmt.Sprintf("a value that starts with * means something else in YAML; put it in quotes: %q", word)
	case strings.Contains(complaint, "mapping values are not allowed"):
		return `a second ": " cannot stand here; put the value in quotes if it belongs to it, or check the indentation`
	case strings.Contains(complaint, "did not find expected '-' indicator"):
		return "this line belongs to no entry of the list above it; check its indentation"
	case strings.Contains(complaint, "did not find expected key"):
		return "this line fits no level above it; check its indentation"
	case strings.Contains(complaint, "node content"), strings.Contains(complaint, "',' or"):
		return `a "[" or "{" before this is never closed, or something is missing between two commas`
	}
	return ""
}

// firstWord is what stands before the first blank.
func firstWord(text string) string {
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i]
	}
	return text
}

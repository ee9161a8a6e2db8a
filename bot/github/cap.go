package github

import (
	"strings"
	"unicode/utf8"
)

// MaxBody is the number of characters that GitHub takes as the text of a pull request, an issue or a comment.
const MaxBody = 65536

// maxTitle is the number of characters of a title.
const maxTitle = 256

// cutMark stands where a text was cut.
const cutMark = "\n\n*… cut here: GitHub takes 65,536 characters.*\n"

// maxKept is how long a hidden comment at the end of a text may be to survive a cut.
const maxKept = 4096

// Cap cuts a text to what GitHub takes, with a mark that a reader sees. A code block that the cut leaves open is
// closed, and a hidden comment at the end of the text stays.
func Cap(body string) string { return capAt(body, MaxBody) }

// capAt counts UTF-16 code units: never less than characters, and what a browser counts.
func capAt(body string, limit int) string {
	if len(body) <= limit || units(body) <= limit {
		return body
	}
	tail := hiddenTail(body)
	const fence = "\n```"
	end := prefix(body, limit-units(cutMark)-units(tail)-len(fence))
	cut := body[:end]
	if line := strings.LastIndexByte(cut, '\n'); line > end-2000 && line > 0 {
		cut = cut[:line]
	}
	if strings.Count("\n"+cut, fence)%2 == 1 {
		cut += fence
	}
	return cut + cutMark + tail
}

func hiddenTail(body string) string {
	text := strings.TrimRight(body, " \n")
	start := strings.LastIndex(text, "<!--")
	if start < 0 || !strings.HasSuffix(text, "-->") || len(text)-start > maxKept {
		return ""
	}
	return text[start:]
}

func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// prefix returns the number of bytes that hold at most n units.
func prefix(s string, n int) int {
	for i, r := range s {
		n--
		if r > 0xffff {
			n--
		}
		if n < 0 {
			return i
		}
	}
	return len(s)
}

func capTitle(title string) string {
	title = strings.Join(strings.Fields(title), " ")
	if utf8.RuneCountInString(title) <= maxTitle {
		return title
	}
	return title[:prefix(title, maxTitle-1)] + "…"
}

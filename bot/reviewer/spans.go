package reviewer

import (
	"strings"

	"github.com/canonicalize/canonicalize/bot/review"
	"github.com/canonicalize/canonicalize/bot/site"
	"github.com/canonicalize/canonicalize/codemod"
)

// maxGone bounds the files that a new one is compared with.
const maxGone = 50

// Commentable reads the first files of findings, with the lines of the diff.
func Commentable(d *site.Diff, r *codemod.Review) (map[string]review.File, error) {
	out := map[string]review.File{}
	for _, finding := range r.Findings {
		if _, done := out[finding.Path]; done || len(out) == WorkedOut {
			continue
		}
		text, _, err := d.Head.ReadPath(finding.Path)
		if err != nil {
			return nil, err
		}
		spans, err := spansOf(d, finding.Path, text)
		if err != nil {
			return nil, err
		}
		out[finding.Path] = review.File{Text: text, Spans: spans}
	}
	return out, nil
}

// spans returns the lines of a file that are in the diff for certain.
func spansOf(d *site.Diff, path string, text []byte) ([]review.Span, error) {
	var gone [][]byte
	for _, f := range d.Files {
		switch {
		case f.Path == path && f.Old == f.New && f.OldPath != "":
			return nil, nil // only renamed
		case f.Path == path && f.Old != "":
			before, _, err := d.Base.ReadPath(f.Path)
			return review.Spans(before, text), err
		case f.New == "" && len(gone) < maxGone && suffix(f.Path) == suffix(path):
			before, _, err := d.Base.ReadPath(f.Path)
			if err != nil {
				return nil, err
			}
			gone = append(gone, before)
		}
	}
	return review.Renamed(review.Whole(text), text, gone), nil
}

func suffix(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return name[strings.LastIndexByte(name, '.')+1:]
}

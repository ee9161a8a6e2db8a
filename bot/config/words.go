package config

import (
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v4"
)

func (s *shape) field(name string) *field {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i]
		}
	}
	return nil
}

func (s *shape) names() []string {
	var names []string
	for _, f := range s.fields {
		names = append(names, f.name)
	}
	return names
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// isText says whether a value is text without quotes or in them; what looks
// like a date is text too.
func isText(n *yaml.Node) bool {
	tag := n.ShortTag()
	return n.Kind == yaml.ScalarNode && n.Anchor == "" && (tag == "!!str" || tag == "!!timestamp")
}

// either lists words as "a, b or c".
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// shown quotes a value for a message, on one line and not too long.
func shown(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind != yaml.ScalarNode:
		return "the value"
	}
	value := shorten(strings.Join(strings.Fields(n.Value), " "), 60)
	if isText(n) {
		return `"` + value + `"`
	}
	return value
}

func unknown(name string, s *shape) string {
	message := "there is no such field"
	if near := nearest(name, s.names()); near != "" {
		return message + "; did you mean " + near + "?"
	}
	return message + "; accepted are " + strings.Join(s.names(), ", ")
}

// nearest gives the word with the fewest edits, if these are few.
func nearest(word string, words []string) string {
	if len(word) > 64 {
		return "" // no name of ours
	}
	best, least := "", len(word)/3+2
	for _, w := range words {
		if d := levenshtein.ComputeDistance(word, w); d < least {
			best, least = w, d
		}
	}
	return best
}

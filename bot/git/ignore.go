package git

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// ignoreStack holds the patterns that apply in the folder that is being walked, the weakest first
// (https://git-scm.com/docs/gitignore).
type ignoreStack struct{ patterns []gitignore.Pattern }

// exclude adds the patterns that are not in the work tree: the user's own, and the repository's info/exclude.
func (s *ignoreStack) exclude(p place) {
	s.read(userExcludes(p), nil)
	s.read(filepath.Join(p.common, "info", "exclude"), nil)
}

func (s *ignoreStack) push(top string, folder []string) {
	s.read(filepath.Join(top, filepath.Join(folder...), ".gitignore"), folder)
}

// enter adds the patterns of a folder that has some, and returns the length to go back to.
func (s *ignoreStack) enter(root, prefix, path string, entries []os.DirEntry) int {
	length := len(s.patterns)
	for _, e := range entries {
		if e.Name() == ".gitignore" {
			domain := strings.FieldsFunc(prefix+path, func(r rune) bool { return r == '/' })
			s.read(filepath.Join(root, filepath.FromSlash(path), ".gitignore"), domain)
		}
	}
	return length
}

func (s *ignoreStack) pop(length int) { s.patterns = s.patterns[:length] }

func (s *ignoreStack) read(file string, domain []string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return // most folders have none
	}
	for _, line := range bytes.Split(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("\n")) {
		pattern := strings.TrimSuffix(string(line), "\r")
		if strings.TrimSpace(pattern) != "" && !strings.HasPrefix(pattern, "#") {
			s.patterns = append(s.patterns, gitignore.ParsePattern(pattern, domain))
		}
	}
}

// match tells whether an untracked path of the work tree is ignored by a pattern of its own; that of its parents
// is settled on the way down.
func (s *ignoreStack) match(path string, isDir bool) bool {
	if len(s.patterns) == 0 {
		return false
	}
	return gitignore.NewMatcher(s.patterns).Match(strings.Split(path, "/"), isDir)
}

// userExcludes is core.excludesFile, or its default place.
func userExcludes(p place) string {
	for _, file := range configFiles(p) {
		if value := configValue(file, "core", "excludesfile"); value != "" {
			if rest, found := strings.CutPrefix(value, "~/"); found {
				home, _ := os.UserHomeDir()
				return filepath.Join(home, rest)
			}
			return value
		}
	}
	base := os.Getenv("XDG_CONFIG_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		base = filepath.Join(home, ".config")
	}
	return filepath.Join(base, "git", "ignore")
}

// configFiles lists the configuration from the strongest to the weakest.
func configFiles(p place) []string {
	files := []string{filepath.Join(p.common, "config")}
	for _, scope := range []config.Scope{config.GlobalScope, config.SystemScope} {
		if paths, err := config.Paths(scope); err == nil {
			files = append(files, paths...)
		}
	}
	return files
}

func configValue(file, section, key string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	parsed, err := config.ReadConfig(f)
	if err != nil {
		return ""
	}
	return parsed.Raw.Section(section).Option(key)
}

// convertsByConfig tells whether git may change line endings everywhere.
func convertsByConfig(p place) bool {
	for _, file := range configFiles(p) {
		if value := strings.ToLower(configValue(file, "core", "autocrlf")); value == "false" {
			break
		} else if value != "" {
			return true
		}
	}
	return convertsByAttributes(filepath.Join(p.common, "info", "attributes"))
}

// convertsByAttributes tells whether a file of attributes names one that changes bytes
// (https://git-scm.com/docs/gitattributes).
func convertsByAttributes(file string) bool {
	data, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	for _, line := range strings.Split(string(data), "\n") {
		for i, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "#") {
				break
			}
			name, _, _ := strings.Cut(word, "=")
			switch name {
			case "text", "eol", "crlf", "filter", "ident", "working-tree-encoding":
				if i > 0 {
					return true
				}
			}
		}
	}
	return false
}

package pin

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// pyproject reads pyproject.toml: PEP 621 and PEP 735 lists, then the tables of uv and Poetry, which say more of where a
// package comes from and so go first.
func pyproject(src []byte, name string) (*Revision, error) {
	var doc struct {
		Project struct {
			Dependencies []string            `toml:"dependencies"`
			Optional     map[string][]string `toml:"optional-dependencies"`
		} `toml:"project"`
		Groups map[string][]any `toml:"dependency-groups"`
		Tool   struct {
			UV struct {
				Sources map[string]any `toml:"sources"`
			} `toml:"uv"`
			Poetry struct {
				Dependencies map[string]any `toml:"dependencies"`
				Dev          map[string]any `toml:"dev-dependencies"`
				Groups       map[string]struct {
					Dependencies map[string]any `toml:"dependencies"`
				} `toml:"group"`
			} `toml:"poetry"`
		} `toml:"tool"`
	}
	if err := toml.Unmarshal(src, &doc); err != nil {
		return nil, err
	}
	tables := []map[string]any{doc.Tool.UV.Sources, doc.Tool.Poetry.Dependencies, doc.Tool.Poetry.Dev}
	for _, group := range doc.Tool.Poetry.Groups {
		tables = append(tables, group.Dependencies)
	}
	for _, table := range tables {
		if found := entry(table, name); found != nil {
			return found, nil
		}
	}
	lines := doc.Project.Dependencies
	for _, more := range doc.Project.Optional {
		lines = append(lines, more...)
	}
	for _, group := range doc.Groups {
		for _, line := range group {
			if text, ok := line.(string); ok { // others include a group
				lines = append(lines, text)
			}
		}
	}
	for _, line := range lines {
		if found := requirement(line, name); found != nil {
			return found, nil
		}
	}
	return nil, nil
}

// entry reads one package of a table of uv or Poetry.
func entry(table map[string]any, name string) *Revision {
	for key, value := range table {
		if normal(key) != name {
			continue
		}
		switch value := value.(type) {
		case string:
			return version(value)
		case map[string]any:
			for _, field := range []string{"rev", "tag", "branch", "ref"} {
				if text, ok := value[field].(string); ok && value["git"] != nil {
					return at(text)
				}
			}
			text, _ := value["version"].(string)
			return version(text)
		}
	}
	return nil
}

// version reads an exact version; Poetry also writes one without operator in its dependencies, which means "at least",
// and pins nothing.
func version(text string) *Revision {
	if m := exact.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
		return &Revision{Version: m[1]}
	}
	return nil
}

// lock reads poetry.lock and uv.lock: a list of packages with their sources.
func lock(src []byte, name string) (*Revision, error) {
	var doc struct {
		Package []struct {
			Name    string         `toml:"name"`
			Version string         `toml:"version"`
			Source  map[string]any `toml:"source"`
		} `toml:"package"`
	}
	if err := toml.Unmarshal(src, &doc); err != nil {
		return nil, err
	}
	for _, p := range doc.Package {
		if normal(p.Name) != name {
			continue
		}
		if text, ok := p.Source["resolved_reference"].(string); ok && p.Source["type"] == "git" {
			return at(text), nil
		}
		if address, ok := p.Source["git"].(string); ok {
			_, commit, _ := strings.Cut(address, "#")
			if commit == "" {
				return nil, fmt.Errorf("the git source of %s names no commit: %s", p.Name, address)
			}
			return at(commit), nil
		}
		return version("==" + p.Version), nil
	}
	return nil, nil
}

// pipfileLock reads Pipfile.lock.
func pipfileLock(src []byte, name string) (*Revision, error) {
	var doc struct {
		Default map[string]any `json:"default"`
		Develop map[string]any `json:"develop"`
	}
	if err := json.Unmarshal(src, &doc); err != nil {
		return nil, err
	}
	if found := entry(doc.Default, name); found != nil {
		return found, nil
	}
	return entry(doc.Develop, name), nil
}

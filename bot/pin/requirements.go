package pin

import (
	"regexp"
	"strings"
)

var (
	// named is a requirement by name: PEP 508 with extras, then a version or an address.
	named = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$`)
	// exact is a version that only one release has (PEP 440).
	exact = regexp.MustCompile(`^\(?\s*={2,3}\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)\s*\)?$`)
	// comment begins at a # after a blank, as pip reads it.
	comment = regexp.MustCompile(`(^|\s)#.*$`)
	option  = regexp.MustCompile(`\s--?[A-Za-z][\w-]*([= ].*)?$`)
)

// requirements reads a requirements file (https://pip.pypa.io/en/stable/reference/requirements-file-format/).
func requirements(src []byte, name string) (*Revision, error) {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(src), "\ufeff"))
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		if found := requirement(comment.ReplaceAllString(line, ""), name); found != nil {
			return found, nil
		}
	}
	return nil, nil
}

// requirement reads one line, nil if it is no pin of the package.
func requirement(line, name string) *Revision {
	line = strings.TrimSpace(line)
	for _, editable := range []string{"-e ", "--editable ", "--editable="} {
		if rest, ok := strings.CutPrefix(line, editable); ok {
			line = strings.TrimSpace(rest)
		}
	}
	if strings.HasPrefix(line, "git+") {
		return egg(line, name)
	}
	m := named.FindStringSubmatch(option.ReplaceAllString(line, ""))
	if m == nil || normal(m[1]) != name {
		return nil
	}
	if address, ok := strings.CutPrefix(m[2], "@"); ok {
		return gitAddress(strings.TrimSpace(address))
	}
	specifier, _, _ := strings.Cut(m[2], ";")
	if v := exact.FindStringSubmatch(strings.TrimSpace(specifier)); v != nil {
		return &Revision{Version: v[1]}
	}
	return nil
}

// egg reads an address whose package is named in its fragment, or by its last part.
func egg(line, name string) *Revision {
	address, _, _ := strings.Cut(line, " ")
	body, fragment, _ := strings.Cut(address, "#")
	for part := range strings.SplitSeq(fragment, "&") {
		if n, ok := strings.CutPrefix(part, "egg="); ok {
			n, _, _ = strings.Cut(n, "[")
			if normal(n) == name {
				return gitAddress(body)
			}
			return nil
		}
	}
	last := body[strings.LastIndexByte(body, '/')+1:]
	last, _, _ = strings.Cut(last, "@")
	if normal(strings.TrimSuffix(last, ".git")) == name {
		return gitAddress(body)
	}
	return nil
}

// gitAddress reads the revision of one git address: what follows the @ in its last part.
func gitAddress(address string) *Revision {
	address, _, _ = strings.Cut(address, " ") // a marker may follow
	address, _, _ = strings.Cut(address, "#")
	if !strings.HasPrefix(address, "git+") {
		return nil
	}
	_, after, found := strings.Cut(strings.TrimPrefix(address, "git+"), "://")
	if !found {
		return nil
	}
	_, repository, _ := strings.Cut(after, "/") // an @ before this one belongs to a user
	_, revision, found := strings.Cut(repository, "@")
	if !found {
		return nil
	}
	return at(revision)
}

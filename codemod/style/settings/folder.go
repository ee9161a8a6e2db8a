package settings

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/editorconfig/editorconfig-core-go/v2"
	"gopkg.in/ini.v1"
)

// limit is a line length and the file that sets it, "" for none. A length
// below 0 means that lines may be of any length.
type limit struct {
	length int
	source string
}

// folder is what the configuration files of one folder say.
type folder struct {
	dir    string
	isort  *Settings
	ruff   *ruffConfig
	black  limit
	flake8 limit
	editor limit
	// skipMagicComma is black's setting of this name.
	skipMagicComma bool
	faults         []Fault
	sum            []byte // of the files that it was read from; empty if there are none
}

// readFolder reads the configuration files of one folder. Of isort's files the
// first that says something counts, in isort's order.
func readFolder(read Read, dir string) *folder {
	f := &folder{dir: dir}
	read = f.summed(read)
	project := f.toml(read, "pyproject.toml")
	f.readBlack(table(project, "tool", "black"))
	f.readRuff(read, project)
	files := f.inis(read, ".isort.cfg", "setup.cfg", "tox.ini", ".flake8")
	f.readFlake8(files)
	f.useIsort(".isort.cfg", values(files[".isort.cfg"], "settings", "isort"))
	f.useIsort("pyproject.toml", table(project, "tool", "isort"))
	f.useIsort("setup.cfg", values(files["setup.cfg"], "isort", "tool:isort"))
	f.useIsort("tox.ini", values(files["tox.ini"], "isort", "tool:isort"))
	f.readEditorConfig(read)
	return f
}

// summed returns a read that sums up what it reads.
func (f *folder) summed(read Read) Read {
	return func(file string) ([]byte, bool) {
		src, ok := read(file)
		if ok {
			h := sha256.New()
			fmt.Fprintf(h, "%x %q %q", f.sum, file, src)
			f.sum = h.Sum(nil)
		}
		return src, ok
	}
}

func (f *folder) fault(file string, err error) {
	f.faults = append(f.faults, Fault{Path: path.Join(f.dir, file), Err: err})
}

// toml decodes a file; a broken or missing one is nil.
func (f *folder) toml(read Read, file string) map[string]any {
	src, ok := read(path.Join(f.dir, file))
	if !ok {
		return nil
	}
	var out map[string]any
	if err := toml.Unmarshal(bytes.TrimPrefix(src, []byte("\ufeff")), &out); err != nil {
		f.fault(file, fmt.Errorf("read TOML: %w", err))
		return nil
	}
	return out
}

// table is a table within tables, nil if there is none.
func table(t map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		t, _ = t[key].(map[string]any)
	}
	return t
}

// inis decodes files in the format of Python's configparser.
func (f *folder) inis(read Read, names ...string) map[string]*ini.File {
	files := map[string]*ini.File{}
	for _, name := range names {
		src, ok := read(path.Join(f.dir, name))
		if !ok {
			continue
		}
		file, err := ini.LoadSources(ini.LoadOptions{
			AllowPythonMultilineValues: true, IgnoreInlineComment: true, IgnoreContinuation: true,
			InsensitiveKeys: true, AllowBooleanKeys: true, PreserveSurroundedQuote: true,
			SkipUnrecognizableLines: true, AllowDuplicateShadowValues: false,
		}, src)
		if err != nil {
			f.fault(name, fmt.Errorf("read settings: %w", err))
			continue
		}
		files[name] = file
	}
	return files
}

// values are the keys of sections, later ones winning.
func values(file *ini.File, sections ...string) map[string]any {
	if file == nil {
		return nil
	}
	out := map[string]any{}
	for _, name := range sections {
		section, err := file.GetSection(name)
		if err != nil {
			continue
		}
		for _, key := range section.Keys() {
			out[key.Name()] = uncommented(key.Value())
		}
	}
	return out
}

// uncommented drops the comment lines within a value of several lines.
func uncommented(value string) string {
	if !strings.Contains(value, "\n") {
		return value
	}
	var lines []string
	for line := range strings.SplitSeq(value, "\n") {
		if t := strings.TrimSpace(line); !strings.HasPrefix(t, "#") && !strings.HasPrefix(t, ";") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// useIsort takes isort's settings, unless a file before had some.
func (f *folder) useIsort(file string, settings map[string]any) {
	if f.isort != nil || len(settings) == 0 {
		return
	}
	s, faults := FromIsort(settings, f.dir)
	s.Source = path.Join(f.dir, file)
	f.isort = s
	for _, err := range faults {
		f.fault(file, err)
	}
}

// readBlack reads black's line length, 88 if it is configured without one.
func (f *folder) readBlack(t map[string]any) {
	if t == nil {
		return
	}
	f.black = limit{88, path.Join(f.dir, "pyproject.toml")}
	if n, ok := t["line-length"].(int64); ok && n > 0 {
		f.black.length = int(n)
	}
	f.skipMagicComma, _ = t["skip-magic-trailing-comma"].(bool)
}

// readFlake8 reads flake8's line length, 79 if it is configured without one.
func (f *folder) readFlake8(files map[string]*ini.File) {
	for _, name := range []string{".flake8", "setup.cfg", "tox.ini"} {
		section, err := sectionOf(files[name], "flake8")
		if err != nil {
			continue
		}
		f.flake8 = limit{79, path.Join(f.dir, name)}
		for _, key := range []string{"max-line-length", "max_line_length"} {
			if n, err := strconv.Atoi(strings.TrimSpace(section.Key(key).Value())); err == nil && n > 0 {
				f.flake8.length = n
			}
		}
		return
	}
}

var errNoFile = errors.New("no such file")

func sectionOf(file *ini.File, name string) (*ini.Section, error) {
	if file == nil {
		return nil, errNoFile
	}
	return file.GetSection(name)
}

// readEditorConfig reads what an .editorconfig says of Python files: the line
// length, and settings of isort, which looks for them there too.
func (f *folder) readEditorConfig(read Read) {
	src, ok := read(path.Join(f.dir, ".editorconfig"))
	if !ok {
		return
	}
	config, err := editorconfig.Parse(bytes.NewReader(src))
	if err != nil {
		f.fault(".editorconfig", fmt.Errorf("read EditorConfig: %w", err))
		return
	}
	definition, err := config.GetDefinitionForFilename("x.py")
	if err != nil {
		f.fault(".editorconfig", fmt.Errorf("read EditorConfig: %w", err))
		return
	}
	settings := map[string]any{}
	for key, value := range definition.Raw {
		if isortKnows(key) {
			settings[key] = value
		}
	}
	length := definition.Raw["max_line_length"]
	switch n, err := strconv.Atoi(length); {
	case length == "off":
		f.editor = limit{-1, path.Join(f.dir, ".editorconfig")}
	case err == nil && n > 0:
		f.editor = limit{n, path.Join(f.dir, ".editorconfig")}
	}
	if len(settings) == 0 {
		return
	}
	if f.editor.source != "" {
		settings["line_length"] = strconv.Itoa(f.editor.length)
	}
	f.useIsort(".editorconfig", settings)
}

package evidence

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/codemod"
)

// hashed is a tree that knows the hashes of its files, as one of commits does.
type hashed struct{ memory }

func (h hashed) Files() []codemod.File {
	files := h.memory.Files()
	for i, f := range files {
		sum := sha256.Sum256([]byte(h.memory[f.Path]))
		files[i].ID = fmt.Sprintf("%x", sum[:20])
	}
	return files
}

// A plan after a push is the plan that a first look at the new tree makes,
// whatever was pushed: facades that change, modules that come and go, files
// that do not parse, settings of formatters, and readers that change sides.
func TestPlanAfterPushIsTheSame(t *testing.T) {
	const programs, pushes = 150, 12
	recalled := 0
	for seed := range uint64(programs) {
		p := generate(seed+7000, formsLike(regexp.MustCompile("")), kindsLike("", 11))
		rules := codemod.Rules{Facades: p.facades}
		cache := codemod.NewCache()
		random := rand.New(rand.NewPCG(seed, 1))
		files := p.texts()
		for push := range pushes {
			want, wantErr := codemod.Plan(context.Background(), hashed{files}, rules, codemod.Options{Workers: 1, Closures: true})
			got, err := codemod.Plan(context.Background(), hashed{files}, rules, codemod.Options{Workers: 2, Closures: true, Cache: cache})
			if fmt.Sprint(err) != fmt.Sprint(wantErr) || !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, push %d: the plan with what was kept is another:\n%s", seed, push, differences(got, want))
			}
			if got != nil && push > 0 {
				recalled += len(got.Changes)
			}
			files = maps.Clone(files)
			for range 1 + random.IntN(3) {
				pushOne(random, files)
			}
		}
	}
	if recalled < programs*pushes {
		t.Errorf("only %d changes after a push: the test has nothing to see", recalled)
	}
}

// pushOne changes a file in one of the ways in which people do.
func pushOne(random *rand.Rand, files map[string]string) {
	paths := slices.Sorted(maps.Keys(files))
	path, other := paths[random.IntN(len(paths))], paths[random.IntN(len(paths))]
	lines := strings.SplitAfter(files[path], "\n")
	at := random.IntN(len(lines))
	switch random.IntN(9) {
	case 0:
		files[path] += "\n# pushed\n"
	case 1:
		files[path] = strings.Join(slices.Delete(lines, at, at+1), "")
	case 2:
		files[path] = strings.Join(slices.Insert(lines, at, lines[random.IntN(len(lines))]), "")
	case 3:
		files[path] = files[other]
	case 4:
		if len(files) > 3 {
			delete(files, path)
		}
	case 5:
		files[strings.TrimSuffix(path, ".py")+"_new.py"] = files[path]
	case 6:
		words := regexp.MustCompile(`[A-Za-z_]\w*`).FindAllString(files[path]+" x", -1)
		from, to := words[random.IntN(len(words))], words[random.IntN(len(words))]
		files[path] = regexp.MustCompile(`\b`+from+`\b`).ReplaceAllString(files[path], to)
	case 7:
		files["pyproject.toml"] = []string{"", "[tool.isort]\nprofile = \"black\"\n", "[tool.ruff.lint]\nselect = [\"I\"]\n"}[random.IntN(3)]
	case 8:
		files[path] = "from . import *\n" + files[path]
	}
}

// differences says in which parts two results are not equal.
func differences(got, want *codemod.Result) string {
	if got == nil || want == nil {
		return fmt.Sprintf("%v and not %v", got, want)
	}
	var out strings.Builder
	for _, part := range []struct {
		name string
		a, b any
	}{{"changes", got.Changes, want.Changes}, {"left", got.Left, want.Left}, {"facades", got.Facades, want.Facades}} {
		a, b := reflect.ValueOf(part.a), reflect.ValueOf(part.b)
		for i := range max(a.Len(), b.Len()) {
			switch {
			case i >= a.Len() || i >= b.Len():
				fmt.Fprintf(&out, "%s: %d and not %d\n", part.name, a.Len(), b.Len())
				return out.String()
			case !reflect.DeepEqual(a.Index(i).Interface(), b.Index(i).Interface()):
				fmt.Fprintf(&out, "%s:\n%s\nand not\n%s\n", part.name, spelled(a.Index(i)), spelled(b.Index(i)))
			}
		}
	}
	return out.String()
}

// spelled shows a struct, with bytes as text.
func spelled(v reflect.Value) string {
	var out strings.Builder
	for i := range v.NumField() {
		f := v.Field(i).Interface()
		if b, ok := f.([]byte); ok {
			f = string(b)
		}
		fmt.Fprintf(&out, "  %s: %+v\n", v.Type().Field(i).Name, f)
	}
	return out.String()
}

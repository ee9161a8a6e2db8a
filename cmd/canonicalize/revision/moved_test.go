package revision

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
)

func reader(files map[string]string) Read {
	return func(path string) ([]byte, error) {
		text, ok := files[path]
		if !ok {
			return nil, errors.New("no " + path)
		}
		return []byte(text), nil
	}
}

func TestMoved(t *testing.T) {
	tests := []struct {
		name          string
		before, after map[string]string
		want          map[string]string
	}{
		{"the same text", map[string]string{"a": "1\n2\n"}, map[string]string{"b": "1\n2\n"}, map[string]string{"b": "a"}},
		{"the best match wins", map[string]string{"a": "1\n2\n3\n"}, map[string]string{"b": "1\n2\n4\n", "c": "1\n2\n3\n"}, map[string]string{"c": "a"}},
		{"too different", map[string]string{"a": "1\n2\n3\n"}, map[string]string{"b": "1\n4\n5\n"}, map[string]string{}},
		{"half is enough", map[string]string{"a": "1\n2\n"}, map[string]string{"b": "1\n3\n"}, map[string]string{"b": "a"}},
		{"nothing gone", nil, map[string]string{"b": "1\n"}, map[string]string{}},
	}
	for _, tt := range tests {
		got, err := Moved(reader(tt.before), keys(tt.before), reader(tt.after), keys(tt.after))
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
}

func keys(files map[string]string) []string {
	var all []string
	for _, name := range []string{"a", "b", "c"} {
		if _, ok := files[name]; ok {
			all = append(all, name)
		}
	}
	return all
}

// Where a whole folder was moved, only files of the same name are compared.
func TestMovedFolder(t *testing.T) {
	before, after := map[string]string{}, map[string]string{}
	var gone, created []string
	for i := range 60 {
		gone = append(gone, fmt.Sprintf("old/%d.py", i))
		created = append(created, fmt.Sprintf("new/%d.py", i))
		before[gone[i]], after[created[i]] = "same\n", "same\n"
	}
	got, err := Moved(reader(before), gone, reader(after), created)
	if err != nil || len(got) != 60 || got["new/7.py"] != "old/7.py" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestMovedUnreadable(t *testing.T) {
	if _, err := Moved(reader(nil), []string{"a"}, reader(nil), nil); err == nil {
		t.Error("no error")
	}
}

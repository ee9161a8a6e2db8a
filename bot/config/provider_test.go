package config

import (
	"strings"
	"testing"
)

// Each fault of a provider is told at its place.
func TestProviderFaults(t *testing.T) {
	for src, want := range map[string]string{
		"providers: [core]":                                                              `1:13: providers[0]: "core" is not a repository`,
		"providers: [{ref: x}]":                                                          "1:13: providers[0]: repository is missing",
		"providers: [a/b, A/B]":                                                          "1:18: providers[1]: A/B is named twice",
		"providers: [{repository: a/b, ref: 'x y'}]":                                     "1:36: providers[0].ref: \"x y\" is no branch",
		"providers: [{repository: a/b, ref: x, pin: {submodule: c}}]":                    "1:44: providers[0].pin: ref says the revision already",
		"providers: [{repository: a/b, pin: {file: setup.py, package: c}}]":              "1:43: providers[0].pin.file: \"setup.py\" is no file that pins packages",
		"providers: [{repository: a/b, pin: {file: ../x.txt, package: c}}]":              "is not a path in the repository",
		"providers: [{repository: a/b, pin: {file: r.txt}}]":                             "1:36: providers[0].pin: write file and package, or submodule",
		"providers: [{repository: a/b, pin: {file: r.txt, package: c, submodule: d}}]":   "keep one of them",
		"providers: [{repository: a/b, pin: {}}, {repository: c/d, source_roots: [/x]}]": "folder inside the repository",
	} {
		_, err := Parse(Path, []byte(src))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", src, err, want)
		}
	}
}

func TestProviders(t *testing.T) {
	list := mustParse(t, full).Providers
	if len(list) != 4 || !list[0].Pinned() || list[1].Pinned() || list[1].Ref != "v1.2" || list[2].Pin.Submodule != "vendor/sub" {
		t.Errorf("%+v", list)
	}
	if list[3].Repository != "acme/.github" || list[3].Name() != ".github" {
		t.Errorf("plain text: %+v", list[3])
	}
}

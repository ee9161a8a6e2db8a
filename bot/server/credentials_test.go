package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Kept credentials stand in for settings that name no App, are readable by nobody else, and are never mixed with an
// App that is set.
func TestKeptCredentials(t *testing.T) {
	dir := t.TempDir()
	env := map[string]string{"CANONICALIZE_DATA": dir}
	getenv := func(name string) string { return env[name] }
	if !Unregistered(getenv) {
		t.Error("nothing is set, and an App is taken for registered")
	}
	kept := Credentials{AppID: 42, PrivateKey: pkcs1(), WebhookSecret: strings.Repeat("s", 40), BaseURL: "https://github.example.com/api/v3/"}
	if err := KeepCredentials(dir, kept); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, credentialsFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	c, err := FromEnv(getenv)
	if err != nil || c.AppID != 42 || c.BaseURL != kept.BaseURL || string(c.WebhookSecret) != kept.WebhookSecret || Unregistered(getenv) {
		t.Errorf("%+v, %v", c, err)
	}
	env["GITHUB_APP_ID"] = "7"
	if _, err := FromEnv(getenv); err == nil || !strings.Contains(err.Error(), "GITHUB_PRIVATE_KEY is not set") {
		t.Errorf("the number of one App with the key of another: %v", err)
	}
	delete(env, "GITHUB_APP_ID")
	if err := os.WriteFile(filepath.Join(dir, credentialsFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := FromEnv(getenv); err == nil || !strings.Contains(err.Error(), "credentials that cannot be read") || Unregistered(getenv) {
		t.Errorf("a damaged file: %v", err)
	}
}

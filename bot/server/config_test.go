package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs1() string { return pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(testKey())) }

func pkcs8(t *testing.T, key any) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PRIVATE KEY", der)
}

// good returns settings that have no fault.
func good(t *testing.T) map[string]string {
	return map[string]string{
		"GITHUB_APP_ID":         " 12345\n",
		"GITHUB_PRIVATE_KEY":    pkcs1(),
		"GITHUB_WEBHOOK_SECRET": "a secret of some length",
		"CANONICALIZE_DATA":     filepath.Join(t.TempDir(), "a", "b"),
	}
}

func fromMap(m map[string]string) (Config, error) {
	return FromEnv(func(name string) string { return m[name] })
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFromEnvDefaults(t *testing.T) {
	env := good(t)
	c, err := fromMap(env)
	if err != nil {
		t.Fatal(err)
	}
	if c.AppID != 12345 || !c.Key.Equal(testKey()) || string(c.WebhookSecret) != "a secret of some length" {
		t.Errorf("credentials are not as given: app %d", c.AppID)
	}
	if want := "sqlite:" + filepath.Join(env["CANONICALIZE_DATA"], "canonicalize.db"); c.DatabaseURL != want || c.Address != ":8080" || c.BaseURL != "https://api.github.com/" {
		t.Errorf("defaults: %q %q %q", c.DatabaseURL, c.Address, c.BaseURL)
	}
	if entries, err := os.ReadDir(c.Data); err != nil || len(entries) != 0 {
		t.Errorf("the data folder holds %v (%v)", entries, err)
	}
}

func TestFromEnvForms(t *testing.T) {
	for name, change := range map[string]func(map[string]string){
		"PKCS 8":            func(m map[string]string) { m["GITHUB_PRIVATE_KEY"] = pkcs8(t, testKey()) },
		"escaped line ends": func(m map[string]string) { m["GITHUB_PRIVATE_KEY"] = strings.ReplaceAll(pkcs1(), "\n", `\n`) },
		"files": func(m map[string]string) {
			m["GITHUB_PRIVATE_KEY_FILE"], m["GITHUB_PRIVATE_KEY"] = write(t, pkcs1()), ""
			m["GITHUB_WEBHOOK_SECRET_FILE"], m["GITHUB_WEBHOOK_SECRET"] = write(t, "a secret of some length\n"), ""
		},
		"all set": func(m map[string]string) {
			m["CANONICALIZE_ADDRESS"], m["DATABASE_URL"] = "127.0.0.1:0", "postgres://u:p@h/d"
			m["GITHUB_BASE_URL"] = "https://github.example.com/api/v3"
		},
	} {
		m := good(t)
		change(m)
		c, err := fromMap(m)
		if err != nil || !c.Key.Equal(testKey()) || string(c.WebhookSecret) != "a secret of some length" || !strings.HasSuffix(c.BaseURL, "/") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFromEnvSigning: the key that signs pushed commits, in its forms.
func TestFromEnvSigning(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	locked, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]map[string]string{
		"text":       {"CANONICALIZE_SIGNING_KEY": string(pem.EncodeToMemory(plain))},
		"file":       {"CANONICALIZE_SIGNING_KEY_FILE": write(t, string(pem.EncodeToMemory(plain)))},
		"passphrase": {"CANONICALIZE_SIGNING_KEY": string(pem.EncodeToMemory(locked)), "CANONICALIZE_SIGNING_PASSPHRASE": "open sesame"},
	} {
		m := good(t)
		maps.Copy(m, set)
		c, err := fromMap(m)
		if err != nil || c.Sign == nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if signature, err := c.Sign.Sign([]byte("commit")); err != nil || !strings.Contains(signature, "SSH SIGNATURE") {
			t.Errorf("%s: %q, %v", name, signature, err)
		}
	}
	m := good(t)
	m["CANONICALIZE_WRITES_PER_HOUR"] = "120"
	m["CANONICALIZE_PASSES"], m["CANONICALIZE_REVIEWS"] = "6", "12"
	m["CANONICALIZE_PROVIDERS"] = "acme/shop=acme/core, Acme/*=acme/base"
	c, err := fromMap(m)
	if err != nil || c.Sign != nil || c.WritesPerHour != 120 || c.Passes != 6 || c.Reviews != 12 {
		t.Errorf("%+v, %v", c, err)
	}
	for pair, want := range map[Pair]bool{{"ACME/shop", "acme/core"}: true, {"acme/any", "acme/BASE"}: true, {"acme/any", "acme/core"}: false, {"other/shop", "acme/base"}: false} {
		if c.Allows(pair.Repository, pair.Provider) != want {
			t.Errorf("%v: allowed is not %v", pair, want)
		}
	}
}

func TestFromEnvFaults(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, value, setting, problem string }{
		{"GITHUB_APP_ID", "", "GITHUB_APP_ID", "is not set"},
		{"GITHUB_APP_ID", "my-app", "GITHUB_APP_ID", `"my-app", which is not a positive number`},
		{"GITHUB_APP_ID", "-1", "GITHUB_APP_ID", "not a positive number"},
		{"GITHUB_PRIVATE_KEY", "", "GITHUB_PRIVATE_KEY", "is not set"},
		{"GITHUB_PRIVATE_KEY", "hunter2", "GITHUB_PRIVATE_KEY", "is not PEM"},
		{"GITHUB_PRIVATE_KEY", pkcs1()[:200], "GITHUB_PRIVATE_KEY", "is not PEM"},
		{"GITHUB_PRIVATE_KEY", pemOf("CERTIFICATE", []byte("x")), "GITHUB_PRIVATE_KEY", `holds no private key (its block is "CERTIFICATE")`},
		{"GITHUB_PRIVATE_KEY", pkcs8(t, ec), "GITHUB_PRIVATE_KEY", "not an RSA one"},
		{"GITHUB_PRIVATE_KEY_FILE", "/nowhere", "GITHUB_PRIVATE_KEY", "are both set"},
		{"GITHUB_WEBHOOK_SECRET", "", "GITHUB_WEBHOOK_SECRET", "is not set"},
		{"GITHUB_WEBHOOK_SECRET", "hunter2", "GITHUB_WEBHOOK_SECRET", "too short: 7 characters, at least 16"},
		{"CANONICALIZE_ADDRESS", "8080", "CANONICALIZE_ADDRESS", `is "8080"`},
		{"CANONICALIZE_ADDRESS", ":99999", "CANONICALIZE_ADDRESS", `is ":99999"`},
		{"CANONICALIZE_DATA", "/dev/null/x", "CANONICALIZE_DATA", "is no folder that can be made"},
		{"CANONICALIZE_DATA", "/proc", "CANONICALIZE_DATA", "is not writable"},
		{"DATABASE_URL", "mysql://h/d", "DATABASE_URL", "unknown kind of database"},
		{"GITHUB_BASE_URL", "github.com", "GITHUB_BASE_URL", `is "github.com"`},
		{"CANONICALIZE_SIGNING_KEY", "hunter2", "CANONICALIZE_SIGNING_KEY", "is not usable"},
		{"CANONICALIZE_SIGNING_KEY_FILE", "/nowhere", "CANONICALIZE_SIGNING_KEY_FILE", "cannot be read"},
		{"CANONICALIZE_WRITES_PER_HOUR", "many", "CANONICALIZE_WRITES_PER_HOUR", `is "many"`},
		{"CANONICALIZE_PASSES", "0", "CANONICALIZE_PASSES", `is "0"`},
		{"CANONICALIZE_REVIEWS", "65", "CANONICALIZE_REVIEWS", `is "65"`},
		{"CANONICALIZE_PROVIDERS", "acme/core", "CANONICALIZE_PROVIDERS", `holds "acme/core"`},
		{"CANONICALIZE_WRITES_PER_HOUR", "501", "CANONICALIZE_WRITES_PER_HOUR", `is "501"`},
	} {
		m := good(t)
		m[c.name] = c.value
		_, err := fromMap(m)
		var faults *ConfigError
		if !errors.As(err, &faults) || len(faults.Faults) != 1 || faults.Faults[0].Setting != c.setting ||
			!strings.Contains(faults.Faults[0].Problem, c.problem) || faults.Faults[0].Fix == "" {
			t.Errorf("%s=%.20q gave %v", c.name, c.value, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the secret", c.name)
		}
	}
}

func TestFromEnvFaultsOfFiles(t *testing.T) {
	for path, problem := range map[string]string{"/nowhere": "cannot be read", write(t, " \n"): "names an empty file", write(t, "x"): "is not PEM"} {
		m := good(t)
		m["GITHUB_PRIVATE_KEY"], m["GITHUB_PRIVATE_KEY_FILE"] = "", path
		_, err := fromMap(m)
		if err == nil || !strings.Contains(err.Error(), "GITHUB_PRIVATE_KEY_FILE "+problem) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// An empty environment names everything at once, each with what to do.
func TestFromEnvTellsEverythingAtOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := fromMap(nil)
	var faults *ConfigError
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	var names []string
	for _, f := range faults.Faults {
		names = append(names, f.Setting)
	}
	slices.Sort(names)
	if want := []string{"GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"}; !slices.Equal(names, want) {
		t.Errorf("faults of %v, want %v", names, want)
	}
	if lines := bytes.Count([]byte(err.Error()), []byte("\n  - ")); lines != 3 {
		t.Errorf("the message has %d entries:\n%v", lines, err)
	}
}

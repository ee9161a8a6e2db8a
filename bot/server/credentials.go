package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Credentials are those of an App that was registered from the server's own pages. They are kept in the data folder,
// and stand in for settings that are not set.
type Credentials struct {
	AppID         int64  `json:"app_id"`
	Slug          string `json:"slug"`
	PrivateKey    string `json:"private_key"` // PEM
	WebhookSecret string `json:"webhook_secret"`
	ClientID      string `json:"client_id"`
	ClientSecret  string `json:"client_secret"`
	BaseURL       string `json:"base_url"` // of the REST API
	Public        string `json:"public"`   // address of this server
}

// credentialsFile is where they are kept in the data folder.
const credentialsFile = "app.json"

// KeepCredentials writes them into the data folder, readable by this user alone; the file is whole or not there.
func KeepCredentials(data string, c Credentials) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("keep the App's credentials: %w", err)
	}
	temp, err := os.CreateTemp(data, ".app-*") // mode 0600
	if err != nil {
		return fmt.Errorf("keep the App's credentials: %w", err)
	}
	defer os.Remove(temp.Name()) // gone already when it was renamed
	_, err = temp.Write(append(text, '\n'))
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("keep the App's credentials: %w", err)
	}
	return os.Rename(temp.Name(), filepath.Join(data, credentialsFile))
}

// readCredentials reads those of a data folder; nil where none are kept.
func readCredentials(data string) (*Credentials, error) {
	text, err := os.ReadFile(filepath.Join(data, credentialsFile))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil // what is wrong with the folder is said elsewhere
	}
	if err != nil {
		return nil, err
	}
	var c Credentials
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("%s does not hold an App's credentials: %w", filepath.Join(data, credentialsFile), err)
	}
	return &c, nil
}

// appSettings are the variables that belong to one App: kept ones stand in only where none of them is set, so that
// the key of one App never meets the number of another.
var appSettings = []string{"GITHUB_APP_ID", "GITHUB_PRIVATE_KEY", "GITHUB_PRIVATE_KEY_FILE", "GITHUB_WEBHOOK_SECRET", "GITHUB_WEBHOOK_SECRET_FILE"}

// Unregistered tells whether the settings name no App at all, nor one is kept: then one can be registered.
func Unregistered(getenv func(string) string) bool {
	kept, err := readCredentials(dataOf(getenv))
	return kept == nil && err == nil && !namesApp(getenv)
}

func namesApp(getenv func(string) string) bool {
	for _, name := range appSettings {
		if getenv(name) != "" {
			return true
		}
	}
	return false
}

// withKept answers for the settings that the kept App has.
func withKept(getenv func(string) string, c *Credentials) func(string) string {
	if c == nil || namesApp(getenv) {
		return getenv
	}
	kept := map[string]string{"GITHUB_APP_ID": strconv.FormatInt(c.AppID, 10), "GITHUB_PRIVATE_KEY": c.PrivateKey, "GITHUB_WEBHOOK_SECRET": c.WebhookSecret,
		"GITHUB_BASE_URL": c.BaseURL, "GITHUB_CLIENT_ID": c.ClientID, "GITHUB_CLIENT_SECRET": c.ClientSecret, "CANONICALIZE_URL": c.Public}
	return func(name string) string {
		if value := getenv(name); value != "" {
			return value
		}
		return kept[name]
	}
}

package preview

import (
	"reflect"
	"strings"
	"testing"

	"github.com/canonicalize/canonicalize/bot/config"
)

const full = `# a comment
facades:
  - shop.app
  - module: shop.models
    group: data
homes:
  shop.app.x: shop.y
pull_requests:
  max_files: 7
  max_open: 3
  schedule:
    days: [mon]
`

func TestConfigured(t *testing.T) {
	tests := []struct {
		name, src string
		facades   []string
		want      []config.Facade
	}{
		{"none", "", []string{"a.b"}, []config.Facade{{Module: "a.b"}}},
		{"its own", full, nil, []config.Facade{{Module: "shop.app"}, {Module: "shop.models", Group: "data"}}},
		{"replaced", full, []string{"shop.models", "shop.other"}, []config.Facade{{Module: "shop.models", Group: "data"}, {Module: "shop.other"}}},
	}
	for _, tt := range tests {
		text, err := configured([]byte(tt.src), tt.facades)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		conf, err := config.Parse(config.Path, text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", tt.name, err, text)
		}
		if !reflect.DeepEqual(conf.Facades, tt.want) {
			t.Errorf("%s: facades %v, want %v", tt.name, conf.Facades, tt.want)
		}
		pulls := conf.PullRequests
		if pulls.MaxOpen != 0 || pulls.MaxOpenPerTeam != 0 || pulls.MaxPerPass != 0 || !reflect.DeepEqual(pulls.Schedule, config.Schedule{}) {
			t.Errorf("%s: still limited: %+v", tt.name, pulls)
		}
		if tt.src != "" && (pulls.MaxFiles != 7 || conf.Homes["shop.app.x"] != "shop.y") {
			t.Errorf("%s: the rest is lost: %s", tt.name, text)
		}
	}
}

func TestConfiguredRefuses(t *testing.T) {
	if _, err := configured([]byte("nonsense: 1\n"), nil); err == nil || !strings.Contains(err.Error(), ":1:1") {
		t.Errorf("got %v", err)
	}
	if _, err := configured(nil, []string{"a/b"}); err == nil || !strings.Contains(err.Error(), "package.module") {
		t.Errorf("got %v", err)
	}
}

// Package deploy_test holds the files of this folder to what they promise.
package deploy_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// manifest holds every key that a Slack app manifest may have here; another key is a fault.
type manifest struct {
	DisplayInformation struct {
		Name            string `yaml:"name"`
		Description     string `yaml:"description"`
		LongDescription string `yaml:"long_description"`
		BackgroundColor string `yaml:"background_color"`
	} `yaml:"display_information"`
	Features struct {
		AppHome struct {
			HomeTab  bool `yaml:"home_tab_enabled"`
			Messages bool `yaml:"messages_tab_enabled"`
			ReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		BotUser struct {
			DisplayName  string `yaml:"display_name"`
			AlwaysOnline bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		AgentView struct {
			Description string `yaml:"agent_description"`
			Prompts     []struct {
				Title   string `yaml:"title"`
				Message string `yaml:"message"`
			} `yaml:"suggested_prompts"`
		} `yaml:"agent_view"`
		SlashCommands []struct {
			Command      string `yaml:"command"`
			Description  string `yaml:"description"`
			UsageHint    string `yaml:"usage_hint"`
			ShouldEscape bool   `yaml:"should_escape"`
		} `yaml:"slash_commands"`
		Shortcuts []struct {
			Name        string `yaml:"name"`
			Type        string `yaml:"type"`
			CallbackID  string `yaml:"callback_id"`
			Description string `yaml:"description"`
		} `yaml:"shortcuts"`
	} `yaml:"features"`
	OAuth struct {
		Scopes struct {
			Bot []string `yaml:"bot"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			Enabled bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		OrgDeploy     bool `yaml:"org_deploy_enabled"`
		SocketMode    bool `yaml:"socket_mode_enabled"`
		TokenRotation bool `yaml:"token_rotation_enabled"`
	} `yaml:"settings"`
}

// Slack: docs.slack.dev/reference/app-manifest gives the limits, docs.slack.dev/reference/events the scopes.
func TestSlackManifestIsCompleteForItsEvents(t *testing.T) {
	t.Parallel()
	var m manifest
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "slack/manifest.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&m); err != nil {
		t.Fatalf("read the manifest: %v", err)
	}
	if name := m.DisplayInformation.Name; name == "" || len(name) > 35 {
		t.Errorf("name %q: Slack takes 1 to 35 characters", name)
	}
	if n := len(m.DisplayInformation.Description); n > 140 {
		t.Errorf("description has %d characters, Slack takes 140", n)
	}
	if n := len(m.DisplayInformation.LongDescription); n < 174 || n > 4000 {
		t.Errorf("long description has %d characters, Slack takes 174 to 4,000", n)
	}
	if n := len(m.Features.AgentView.Description); n == 0 || n > 300 {
		t.Errorf("agent description has %d characters, Slack takes 1 to 300", n)
	}
	if !m.Settings.SocketMode || !m.Features.AppHome.Messages || m.Features.AppHome.ReadOnly {
		t.Error("Socket Mode and a writable messages tab must be on")
	}
	needs := map[string]string{
		"app_mention": "app_mentions:read", "message.channels": "channels:history", "message.groups": "groups:history",
		"message.im": "im:history", "message.mpim": "mpim:history", "app_home_opened": "",
		"agent_session_stopped": "chat:write",
	}
	for _, event := range m.Settings.Events.Bot {
		scope, known := needs[event]
		if !known || scope != "" && !slices.Contains(m.OAuth.Scopes.Bot, scope) {
			t.Errorf("event %s needs the scope %q", event, scope)
		}
		delete(needs, event)
	}
	if len(needs) > 0 {
		t.Errorf("events missing: %v", needs)
	}
	for _, scope := range []string{"assistant:write", "channels:read", "chat:write", "commands", "files:read", "files:write", "groups:read",
		"im:read", "im:write", "mpim:read", "users:read"} {
		if !slices.Contains(m.OAuth.Scopes.Bot, scope) {
			t.Errorf("scope %s is missing", scope)
		}
	}
	if !slices.IsSorted(m.OAuth.Scopes.Bot) || len(slices.Compact(slices.Clone(m.OAuth.Scopes.Bot))) != len(m.OAuth.Scopes.Bot) {
		t.Error("scopes are not sorted, or one stands twice")
	}
}

// The callback_ids are those that package slack knows; a channel that is named in a command must come by its id.
func TestSlackManifestHasTheCommandsThatParleyTakes(t *testing.T) {
	t.Parallel()
	var m manifest
	if err := yaml.Unmarshal([]byte(read(t, "slack/manifest.yaml")), &m); err != nil {
		t.Fatal(err)
	}
	if !m.Settings.Interactivity.Enabled {
		t.Error("without interactivity no shortcut and no button works")
	}
	if len(m.Features.SlashCommands) != 1 || m.Features.SlashCommands[0].Command != "/parley" || !m.Features.SlashCommands[0].ShouldEscape {
		t.Errorf("slash commands %+v", m.Features.SlashCommands)
	}
	for _, c := range m.Features.SlashCommands {
		if len(c.Description) == 0 || len(c.Description) > 2000 || len(c.UsageHint) == 0 || len(c.UsageHint) > 1000 {
			t.Errorf("%s: the description or the hint is missing or too long", c.Command)
		}
	}
	source := read(t, "../bots/slack/command.go")
	for _, s := range m.Features.Shortcuts {
		if s.Type != "message" || len(s.Name) == 0 || len(s.Name) > 24 || len(s.Description) == 0 || len(s.Description) > 150 {
			t.Errorf("shortcut %+v: Slack takes a name of 24 and a description of 150 characters", s)
		}
		if !strings.Contains(source, strconv.Quote(s.CallbackID)) {
			t.Errorf("nothing takes the shortcut %s", s.CallbackID)
		}
	}
	if len(m.Features.Shortcuts) != 3 {
		t.Errorf("%d shortcuts, want 3", len(m.Features.Shortcuts))
	}
}

func TestDiscordInviteLinkAsksForTheListedPermissions(t *testing.T) {
	t.Parallel()
	page := read(t, "discord/README.md")
	var sum uint64
	rows := regexp.MustCompile(`\| 1 << (\d+) \|`).FindAllStringSubmatch(page, -1)
	for _, row := range rows {
		bit, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		sum |= 1 << bit
	}
	if len(rows) != 5 || !strings.Contains(page, "permissions="+strconv.FormatUint(sum, 10)) {
		t.Errorf("%d permissions sum up to %d, which the link does not ask for", len(rows), sum)
	}
}

func TestComposeFileHasTheServicesThatItDescribes(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Profiles    []string       `yaml:"profiles"`
			Environment map[string]any `yaml:"environment"`
		} `yaml:"services"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &file); err != nil {
		t.Fatalf("read the compose file: %v", err)
	}
	if _, ok := file.Services["parley"].Environment["DATABASE_URL"]; !ok {
		t.Error("parley has no DATABASE_URL")
	}
	if _, ok := file.Services["postgres"]; !ok {
		t.Error("there is no postgres")
	}
	if !slices.Equal(file.Services["model"].Profiles, []string{"local-model"}) {
		t.Error("the local model server must be optional")
	}
}

func TestExampleNamesOnlyVariablesThatAreRead(t *testing.T) {
	t.Parallel()
	config := read(t, "../cmd/parley/config.go")
	for _, match := range regexp.MustCompile(`(?m)^([A-Z_]+)=`).FindAllStringSubmatch(read(t, "env.example"), -1) {
		if name := match[1]; name != "POSTGRES_PASSWORD" && !strings.Contains(config, `envconfig:"`+name+`"`) {
			t.Errorf("%s is read by nothing", name)
		}
	}
}

func TestImageIsBuiltWithTheModulesGo(t *testing.T) {
	t.Parallel()
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))
	if version == nil || !strings.Contains(read(t, "Dockerfile"), "FROM golang:"+version[1]+"-") {
		t.Errorf("go.mod says %v, the Dockerfile another Go", version)
	}
}

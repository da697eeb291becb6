package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"parley/bots/slack/slacksim"
)

func TestBadInputGetsOneClearSentence(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	for name, tt := range map[string]struct {
		change map[string]string
		args   []string
		code   int
		say    string
	}{
		"nothing to serve":     {map[string]string{"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "DISCORD_BOT_TOKEN": ""}, []string{"serve"}, exitConfig, "parley demo"},
		"half a configuration": {map[string]string{"SLACK_APP_TOKEN": ""}, []string{"serve"}, exitConfig, "SLACK_APP_TOKEN:"},
		"unknown command":      {nil, []string{"server"}, exitConfig, "server"},
		"unknown flag":         {nil, []string{"serve", "--fast"}, exitConfig, "--fast"},
		"unknown argument":     {nil, []string{"migrate", "down"}, exitConfig, "migrate takes up or status"},
		"missing env file":     {nil, []string{"serve", "--env-file", "/nowhere"}, exitConfig, "--env-file /nowhere"},
		"unreachable database": {map[string]string{"DATABASE_URL": "postgres://u:hunter2@" + freePort(t) + "/x"}, []string{"serve"}, exitFault, "database"},
		"database that is none": {map[string]string{"DATABASE_URL": "mysql:whatever"}, []string{"serve"}, exitConfig,
			"DATABASE_URL:"},
		"address in use": {map[string]string{"HTTP_ADDR": strings.TrimSuffix(strings.TrimPrefix(w.slack.URL(), "http://"), "/api/")}, []string{"serve"}, exitFault, "HTTP_ADDR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := w.run(t, tt.change, "", tt.args...)
			if code != tt.code || !strings.Contains(stderr, tt.say) {
				t.Errorf("exit code %d, want %d with %q; stderr:\n%s", code, tt.code, tt.say, stderr)
			}
			if strings.Contains(stderr+stdout, "hunter2") || strings.Contains(stderr, "goroutine ") {
				t.Errorf("a secret or a stack is told:\n%s", stderr)
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	code, stdout, _ := w.run(t, nil, "", "serve", "--help")
	for _, name := range []string{"DATABASE_URL", "SLACK_BOT_TOKEN", "LLM_BASE_URL", "https://api.together.xyz/v1", "USER_TURNS_PER_MINUTE"} {
		if code != exitOK || !strings.Contains(stdout, name) {
			t.Errorf("serve --help (exit %d) lacks %s", code, name)
		}
	}
	if code, stdout, _ := w.run(t, nil, "", "version"); code != exitOK || !strings.Contains(stdout, "go1.") || !strings.Contains(stdout, "commit") {
		t.Errorf("version (exit %d) says %q", code, stdout)
	}
}

func TestChatAnswersStandardInput(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	code, stdout, stderr := w.run(t, nil, "say mango\n", "chat")
	if code != exitOK || !strings.Contains(stdout, "You said mango.") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if code, stdout, _ := w.run(t, map[string]string{"LLM_API_KEY": "wrong"}, "hi", "chat"); code != exitFault || !strings.Contains(stdout, "does not accept my key") {
		t.Errorf("a failed answer: exit %d, stdout %q", code, stdout)
	}
	if code, _, stderr := w.run(t, nil, " \n", "chat"); code != exitFault || !strings.Contains(stderr, "standard input is empty") {
		t.Errorf("empty input: exit %d, stderr %q", code, stderr)
	}
}

func TestMigrateTellsHowItStands(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	code, stdout, stderr := w.run(t, nil, "", "migrate", "status")
	if code != exitOK || strings.Contains(stdout, "pending") || !strings.Contains(stdout, "applied") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestDoctorFindsEachFault(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	type report struct {
		OK       bool
		Findings []finding
	}
	diagnose := func(change map[string]string) (int, map[string]finding) {
		code, stdout, stderr := w.run(t, change, "", "doctor", "--json")
		var r report
		if err := json.Unmarshal([]byte(stdout), &r); err != nil {
			t.Fatalf("exit %d: %v\n%s%s", code, err, stdout, stderr)
		}
		if r.OK != (code == exitOK) {
			t.Errorf("ok is %v with exit code %d", r.OK, code)
		}
		found := map[string]finding{}
		for _, f := range r.Findings {
			found[strings.Fields(f.Name)[0]] = f
			if !f.OK {
				found["fault"] = f
			}
		}
		return code, found
	}
	if code, found := diagnose(nil); code != exitOK || !found["database"].OK || !found["slack"].OK || !found["discord"].OK || !found["model"].OK {
		t.Errorf("exit %d with everything in order: %+v", code, found)
	}
	for name, tt := range map[string]struct {
		change map[string]string
		hint   string
	}{
		"wrong Slack token":   {map[string]string{"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN"},
		"wrong Discord token": {map[string]string{"DISCORD_BOT_TOKEN": "wrong"}, "DISCORD_BOT_TOKEN"},
		"wrong model":         {map[string]string{"LLM_MODEL": "no/such-model"}, "LLM_MODEL"},
		"wrong key":           {map[string]string{"LLM_API_KEY": "wrong"}, "LLM_API_KEY"},
		"no fallback":         {map[string]string{"LLM_FALLBACK_BASE_URL": "http://" + freePort(t) + "/v1", "LLM_FALLBACK_MODEL": "spare"}, "LLM_FALLBACK_BASE_URL"},
		"no key":              {map[string]string{"LLM_BASE_URL": "", "LLM_API_KEY": ""}, "TOGETHER_API_KEY"},
		"no database":         {map[string]string{"DATABASE_URL": "postgres://u:p@" + freePort(t) + "/x"}, "DATABASE_URL"},
	} {
		code, found := diagnose(tt.change)
		if f := found["fault"]; code != exitFault || !strings.Contains(f.Detail+f.Hint, tt.hint) {
			t.Errorf("%s: exit %d, %+v", name, code, f)
		}
	}
	w.slack.SetFault("auth.test", slacksim.Fault{Error: "account_inactive"})
	if code, found := diagnose(nil); code != exitFault || found["fault"].Hint == "" {
		t.Errorf("inactive account: exit %d, %+v", code, found["fault"])
	}
}

func TestDoctorMakesNoDatabase(t *testing.T) {
	t.Parallel()
	w := newTown(t, echo())
	dir := t.TempDir()
	code, stdout, stderr := w.run(t, map[string]string{"DATABASE_URL": "", "DATA_DIR": dir}, "", "doctor")
	if code != exitOK || !strings.Contains(stdout, "none yet") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("doctor left %v in DATA_DIR (%v)", left, err)
	}
}

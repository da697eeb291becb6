package discordsim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"parley/bots/discord/discordsim"
)

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	hidden, err := sim.AddChannel(p.guild.ID, "hidden", discordsim.Text, discordsim.Overwrite{ID: p.guild.ID, Deny: discordsim.ViewChannel})
	if err != nil {
		t.Fatal(err)
	}
	mute, err := sim.AddChannel(p.guild.ID, "mute", discordsim.Text, discordsim.Overwrite{
		ID: sim.BotUserID(), Kind: discordsim.OverwriteMember, Deny: discordsim.SendMessages | discordsim.ReadMessageHistory,
	})
	if err != nil {
		t.Fatal(err)
	}
	forum, err := sim.AddChannel(p.guild.ID, "forum", discordsim.Forum)
	if err != nil {
		t.Fatal(err)
	}
	said := say(t, sim, p.alice.ID, p.channel.ID, "hi")
	gone := say(t, sim, p.alice.ID, p.channel.ID, "gone")
	if err := sim.DeleteMessage(gone.ID); err != nil {
		t.Fatal(err)
	}
	post := "/channels/" + p.channel.ID + "/messages"
	for name, c := range map[string]struct {
		method, path, body string
		status, code       int
		part               string
	}{
		"unknown route":             {"GET", "/nothing/here", "", 404, 0, "404: Not Found"},
		"wrong method":              {"DELETE", "/channels/" + p.channel.ID + "/messages", "", 405, 0, "405: Method Not Allowed"},
		"unknown channel":           {"GET", "/channels/1", "", 404, 10003, "Unknown Channel"},
		"unknown guild":             {"GET", "/guilds/1", "", 404, 10004, "Unknown Guild"},
		"unknown message":           {"GET", post + "/1", "", 404, 10008, "Unknown Message"},
		"deleted message":           {"GET", post + "/" + gone.ID, "", 404, 10008, ""},
		"unknown user":              {"GET", "/users/1", "", 404, 10013, ""},
		"not a member":              {"GET", "/guilds/" + p.guild.ID + "/members/" + sim.AddUser("bob").ID, "", 404, 10007, ""},
		"hidden channel":            {"GET", "/channels/" + hidden.ID, "", 403, 50001, "Missing Access"},
		"post in a hidden channel":  {"POST", "/channels/" + hidden.ID + "/messages", `{"content":"x"}`, 403, 50001, ""},
		"post without the right":    {"POST", "/channels/" + mute.ID + "/messages", `{"content":"x"}`, 403, 50013, "Missing Permissions"},
		"post in a forum":           {"POST", "/channels/" + forum.ID + "/messages", `{"content":"x"}`, 400, 50024, ""},
		"empty message":             {"POST", post, `{}`, 400, 50006, "Cannot send an empty message"},
		"only spaces":               {"POST", post, `{"content":" \n "}`, 400, 50006, ""},
		"too long":                  {"POST", post, fmt.Sprintf(`{"content":%q}`, strings.Repeat("ß", 2001)), 400, 50035, `"content":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"Must be 2000 or fewer in length."}]}`},
		"content of a wrong type":   {"POST", post, `{"content":7}`, 400, 50035, `"content"`},
		"no JSON":                   {"POST", post, `{`, 400, 50109, ""},
		"reply to an unknown one":   {"POST", post, `{"content":"x","message_reference":{"message_id":"1"}}`, 400, 50035, "REPLIES_UNKNOWN_MESSAGE"},
		"nonce of 26 characters":    {"POST", post, `{"content":"x","nonce":"abcdefghijklmnopqrstuvwxyz"}`, 400, 50035, `"nonce"`},
		"users parsed and listed":   {"POST", post, `{"content":"x","allowed_mentions":{"parse":["users"],"users":["1"]}}`, 400, 50035, "allowed_mentions"},
		"unknown parse value":       {"POST", post, `{"content":"x","allowed_mentions":{"parse":["all"]}}`, 400, 50035, "parse"},
		"edit of another's message": {"PATCH", post + "/" + said.ID, `{"content":"x"}`, 403, 50005, ""},
		"delete of another's":       {"DELETE", post + "/" + said.ID, "", 403, 50013, ""},
		"page of 101":               {"GET", post + "?limit=101", "", 400, 50035, `"limit"`},
		"DM with a bot":             {"POST", "/users/@me/channels", `{"recipient_id":"` + sim.AddBot("other").ID + `"}`, 403, 50007, ""},
		"another application":       {"PUT", "/applications/1/commands", `[]`, 404, 10002, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body := call(t, sim, c.method, c.path, c.body)
			var e struct {
				Code    int    `json:"code"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal([]byte(body), &e); err != nil || e.Message == "" {
				t.Fatalf("no error body: %s", body)
			}
			if status != c.status || e.Code != c.code || !strings.Contains(body, c.part) {
				t.Errorf("got %d %s, want %d with code %d and %q", status, body, c.status, c.code, c.part)
			}
		})
	}
}

func TestTokenIsChecked(t *testing.T) {
	t.Parallel()
	sim := start(t)
	for _, header := range []string{"", "Bot wrong", "Bearer " + sim.BotToken(), sim.BotToken()} {
		status, body := call(t, sim, "GET", "/users/@me", "", "Authorization", header)
		if status != http.StatusUnauthorized || body != `{"code":0,"message":"401: Unauthorized"}` {
			t.Errorf("with %q: %d %s", header, status, body)
		}
	}
	if status, _ := call(t, sim, "GET", "/gateway", "", "Authorization", ""); status != http.StatusOK {
		t.Errorf("GET /gateway needs no token, got %d", status)
	}
}

func TestApplicationFlagsShowTheContentToggle(t *testing.T) {
	t.Parallel()
	sim := start(t, discordsim.Options{})
	for _, on := range []bool{false, true} {
		sim.SetMessageContent(on)
		_, body := call(t, sim, "GET", "/applications/@me", "")
		var app struct {
			Flags int `json:"flags"`
		}
		if err := json.Unmarshal([]byte(body), &app); err != nil || (app.Flags&(1<<19) != 0) != on {
			t.Errorf("toggle %v gives flags %d, %v", on, app.Flags, err)
		}
	}
}

func TestRestFollowsTheContentToggle(t *testing.T) {
	t.Parallel()
	sim := start(t, discordsim.Options{})
	p := furnish(t, sim)
	said := say(t, sim, p.alice.ID, p.channel.ID, "secret")
	_, body := call(t, sim, "GET", "/channels/"+p.channel.ID+"/messages/"+said.ID, "")
	if strings.Contains(body, "secret") {
		t.Errorf("content is readable without the intent: %s", body)
	}
	sim.SetMessageContent(true)
	if _, body = call(t, sim, "GET", "/channels/"+p.channel.ID+"/messages/"+said.ID, ""); !strings.Contains(body, "secret") {
		t.Errorf("content is not readable with the intent: %s", body)
	}
}

func TestHistoryNeedsReadMessageHistory(t *testing.T) {
	t.Parallel()
	sim := start(t)
	p := furnish(t, sim)
	said := say(t, sim, p.alice.ID, p.channel.ID, "hi")
	if err := sim.SetOverwrites(p.channel.ID, discordsim.Overwrite{ID: p.guild.ID, Deny: discordsim.ReadMessageHistory}); err != nil {
		t.Fatal(err)
	}
	if status, body := call(t, sim, "GET", "/channels/"+p.channel.ID+"/messages", ""); status != 200 || body != "[]" {
		t.Errorf("got %d %s, want an empty page", status, body)
	}
	reply := `{"content":"x","message_reference":{"message_id":"` + said.ID + `"}}`
	if _, body := call(t, sim, "POST", "/channels/"+p.channel.ID+"/messages", reply); !strings.Contains(body, "160002") {
		t.Errorf("reply gives %s", body)
	}
}

func TestCommandsAreReplaced(t *testing.T) {
	t.Parallel()
	sim := start(t)
	path := "/applications/" + sim.ApplicationID() + "/commands"
	call(t, sim, "PUT", path, `[{"name":"ask","description":"x"},{"name":"old","description":"x"}]`)
	call(t, sim, "PUT", path, `[{"name":"ask","description":"y"}]`)
	_, body := call(t, sim, "GET", path, "")
	var list []map[string]any
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 1 || list[0]["description"] != "y" || list[0]["id"] == nil {
		t.Errorf("commands are %s", body)
	}
}

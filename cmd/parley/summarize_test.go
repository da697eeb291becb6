package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// alone runs a command to its end with the offline model, and with nothing else set up.
func alone(t *testing.T, change map[string]string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, executable, args...)
	set := map[string]string{asParley: "1", "PATH": os.Getenv("PATH"), "HOME": t.TempDir(), "LLM_BASE_URL": offline}
	for name, value := range change {
		set[name] = value
	}
	for name, value := range set {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdin = strings.NewReader(stdin)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

// lastLine is the coverage line.
func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

const slackLog = `[{"type":"message","subtype":"channel_join","user":"U1","text":"joined","ts":"1893488400.000100"},
{"type":"message","user":"U1","text":"Decided: the <@U2> importer ships on Friday.","ts":"1893488460.000200","user_profile":{"display_name":"Ana"}},
{"type":"message","user":"U2","text":"Fine with me, see the picture.","ts":"1893492060.000300","user_profile":{"display_name":"Bo"},"files":[{"id":"F1","name":"a.png","mimetype":"image/png"}]}]`

const discordLog = `{"channel":{"name":"general"},"messages":[
{"id":"1","type":"GuildMemberJoin","timestamp":"2030-01-01T09:00:00+00:00","content":"","author":{"id":"7","name":"ana"}},
{"id":"2","type":"Default","timestamp":"2030-01-01T09:01:00+00:00","content":"Decided: the importer ships on Friday.","author":{"id":"7","name":"ana"}},
{"id":"3","type":"Reply","timestamp":"2030-01-01T10:01:00+00:00","content":"Fine with me.","author":{"id":"8","name":"bo"}}]}`

func TestSummarizeReadsEveryForm(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "general"), 0o700); err != nil {
		t.Fatal(err)
	}
	place(t, filepath.Join(dir, "general"), "2030-01-01.json", []byte(slackLog))
	for name, tt := range map[string]struct{ file, text, coverage, source string }{
		"IRC log without a day": {"irc.txt", "[11:22] <ana> hi\n=== cy [n=c@example.net] has joined #x\n[11:23] <ana> Decided: the importer ships on Friday.\n[11:24] * bo nods\n",
			"*3 of 3 messages, 2 people*", "[L3]"},
		"IRC log whose name tells the day": {"2006-06-01.log", "[23:58] <ana> hi\n[23:59] <ana> Decided: the importer ships on Friday.\n[00:01] <bo> fine by me\n",
			"*3 of 3 messages, 1 Jun 23:58 to 2 Jun 00:01, 2 people*", "[L2]"},
		"IRC log with days": {"x.txt", "chan 2019-09-04 [22:44:46] <ana>\t Decided: the importer ships on Friday.\nchan 2019-09-05 [08:00:01] <bo> fine by me\n",
			"*2 of 2 messages, 4 Sep 22:44 to 5 Sep 08:00, 2 people*", "[L1]"},
		"plain text": {"notes.txt", "Ana: hi\n\nAna: Decided: the importer ships on Friday.\nand no later\nBo: fine by me\n", "*3 of 3 messages, 2 people*", "[L3]"},
		"Slack export": {"slack.json", slackLog,
			"*2 of 2 messages, 1 Jan 09:01 to 1 Jan 10:01, 2 people; 1 image; 1 file not opened*", "[M1]"},
		"IRC log with a line of no known form": {"y.txt", "[11:22] <ana> hi\n[11:23] ?? what is this\n[11:23] <ana> Decided: the importer ships on Friday.\n",
			"*2 of 2 messages, 1 person; 1 entry of the log not read*", "[L3]"},
		"WhatsApp": {"chat.txt", "12/31/23, 9:15\u202fPM - Ana: hi\n12/31/23, 9:16\u202fPM - Bo: Decided: the importer ships on Friday.\n",
			"*2 of 2 messages, 31 Dec 21:15 to 31 Dec 21:16, 2 people*", "[L2]"},
		"DiscordChatExporter": {"discord.json", discordLog, "*2 of 2 messages, 1 Jan 09:01 to 1 Jan 10:01, 2 people*", "[M1]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := alone(t, nil, "", "summarize", place(t, t.TempDir(), tt.file, []byte(tt.text)))
			if code != exitOK || lastLine(stdout) != tt.coverage || !strings.Contains(stdout, "ships on Friday. "+tt.source) {
				t.Errorf("exit %d, stdout:\n%s\nstderr:\n%s", code, stdout, stderr)
			}
			if !regexp.MustCompile(`^1 request, \d+ tokens, \$0\.0000\n$`).MatchString(stderr) {
				t.Errorf("stderr %q", stderr)
			}
		})
	}
	t.Run("folder of a Slack export", func(t *testing.T) {
		t.Parallel()
		if code, stdout, _ := alone(t, nil, "", "summarize", filepath.Join(dir, "general")); code != exitOK || !strings.HasPrefix(lastLine(stdout), "*2 of 2 messages, 1 Jan") {
			t.Errorf("exit %d, %q", code, stdout)
		}
	})
	t.Run("standard input", func(t *testing.T) {
		t.Parallel()
		for _, args := range [][]string{{"summarize"}, {"summarize", "-"}} {
			if code, stdout, _ := alone(t, nil, discordLog, args...); code != exitOK || !strings.HasPrefix(lastLine(stdout), "*2 of 2 messages") {
				t.Errorf("exit %d, %q", code, stdout)
			}
		}
	})
}

// TestSummarizeCitesTheLines holds that a log that takes many requests is read to its end, and that each citation is of
// the line that says it: the offline model copies what it cites.
func TestSummarizeCitesTheLines(t *testing.T) {
	t.Parallel()
	var log []string
	for i := range 3000 {
		line := fmt.Sprintf("[%02d:%02d] <ana%d> chatter about the weather over there, number %d", 8+i/300, i/5%60, i%7, i)
		switch {
		case i%50 == 9:
			line = fmt.Sprintf("[%02d:%02d] <bo> We decided to paint house-%d green.", 8+i/300, i/5%60, i)
		case i%50 == 30:
			line = "=== zed has joined #paint"
		}
		log = append(log, line)
	}
	file := place(t, t.TempDir(), "paint.log", []byte(strings.Join(log, "\r\n")))
	code, stdout, stderr := alone(t, map[string]string{"LLM_CONTEXT_TOKENS": "8192"}, "", "summarize", "--json", file)
	var got summarized
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v, stderr %q", code, err, stderr)
	}
	if got.File != file || got.Form != "IRC log" || got.NoiseLines != 60 || got.CoverageLine != "2,940 of 2,940 messages, 8 people" || got.Chunks < 5 || got.Calls <= got.Chunks-1 {
		t.Errorf("got %s, %s, %d noise lines, %q, %d chunks, %d calls", got.File, got.Form, got.NoiseLines, got.CoverageLine, got.Chunks, got.Calls)
	}
	if strings.Contains(stdout, "0001-") || strings.Contains(stdout, `"from"`) {
		t.Error("a day is told that nobody has said")
	}
	cited := 0
	for _, i := range got.Items {
		for _, m := range i.Messages {
			n, err := strconv.Atoi(strings.TrimPrefix(m.ID, "L"))
			if err != nil || n < 1 || n > len(log) || m.Link != m.ID {
				t.Fatalf("no such line: %+v", m)
			}
			cited++
			if len(i.Messages) == 1 && !strings.Contains(log[n-1], i.Text) {
				t.Errorf("line %d %q does not say %q", n, log[n-1], i.Text)
			}
		}
	}
	if cited < 20 || got.Coverage.Thirds[0] == 0 || got.Coverage.Thirds[2] == 0 {
		t.Errorf("%d citations, %v", cited, got.Coverage.Thirds)
	}
	if strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, " requests, ") {
		t.Errorf("stderr %q", stderr)
	}
}

func TestSummarizeTakesAStretch(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	for i := range 10 {
		fmt.Fprintf(&log, "2031-05-%02d 10:00:00 <ana> We decided to paint house-%d green.\n", i+1, i)
	}
	file := place(t, t.TempDir(), "a.log", []byte(log.String()))
	for want, args := range map[string][]string{
		"*3 of 3 messages, 8 May 10:00 to 10 May 10:00, 1 person*": {"--last", "3"},
		"*2 of 2 messages, 9 May 10:00 to 10 May 10:00, 1 person*": {"--since", "1d"},
		"*6 of 6 messages, 5 May 10:00 to 10 May 10:00, 1 person*": {"--since=2031-05-05"},
		"*1 von 1 Nachricht, 10. Mai 10:00, 1 Person*":             {"--since=2031-05-05", "--last=1", "--language", "DE"},
	} {
		code, stdout, stderr := alone(t, nil, "", append([]string{"summarize", file}, args...)...)
		if code != exitOK || lastLine(stdout) != want || strings.Contains(stdout, "Kurzfassung") != (len(args) == 4) {
			t.Errorf("%v: exit %d, stdout:\n%s\nstderr:\n%s", args, code, stdout, stderr)
		}
	}
}

func TestSummarizeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken, text := place(t, dir, "broken.json", []byte(slackLog[:200])), place(t, dir, "a.txt", []byte("Ana: hi\nBo: hello there\n"))
	empty, dated := place(t, dir, "empty", nil), place(t, dir, "dated", []byte("2031-05-01 10:00:00 <ana> hi\n"))
	for name, tt := range map[string]struct {
		change map[string]string
		args   []string
		code   int
		say    string
	}{
		"broken export":         {nil, []string{broken}, exitFault, "parley: " + broken + " is broken JSON: it ends or goes wrong in line 2"},
		"no such file":          {nil, []string{filepath.Join(dir, "none")}, exitFault, "parley: " + filepath.Join(dir, "none") + ": cannot be opened: no such file"},
		"empty file":            {nil, []string{empty}, exitFault, "parley: " + empty + " holds no messages"},
		"empty folder":          {nil, []string{t.TempDir()}, exitFault, "folder of one channel"},
		"no days to choose by":  {nil, []string{text, "--since", "2d"}, exitFault, "--last can"},
		"nothing since":         {nil, []string{dated, "--since", "2032-01-01"}, exitFault, "no messages since 2032-01-01"},
		"two files":             {nil, []string{text, text}, exitConfig, "one FILE"},
		"unknown language":      {nil, []string{text, "--language", "xx"}, exitConfig, "--language"},
		"no point in time":      {nil, []string{text, "--since", "monday"}, exitConfig, "--since"},
		"less than none":        {nil, []string{text, "--last", "-1"}, exitConfig, "--last"},
		"no key":                {map[string]string{"LLM_BASE_URL": ""}, []string{text}, exitConfig, "TOGETHER_API_KEY is not set"},
		"bad configuration":     {map[string]string{"LLM_CONTEXT_TOKENS": "many"}, []string{text}, exitConfig, "LLM_CONTEXT_TOKENS"},
		"nobody answers for it": {map[string]string{"LLM_BASE_URL": "http://" + freePort(t) + "/v1"}, []string{text}, exitFault, "LLM_BASE_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := alone(t, tt.change, "", append([]string{"summarize"}, tt.args...)...)
			if code != tt.code || stdout != "" || !strings.Contains(stderr, tt.say) || tt.code == exitFault && strings.Count(strings.TrimSpace(stderr), "\n") > 1 {
				t.Errorf("exit %d, want %d with %q; stdout %q, stderr:\n%s", code, tt.code, tt.say, stdout, stderr)
			}
		})
	}
}

func TestSummarizeShowsForeignTextAsText(t *testing.T) {
	t.Parallel()
	log := "Ana: Decided: the \x1b]0;x\a[importer](https://a.example) <b>ships</b> on Friday.\nBo\u009b: fine by me\n"
	code, stdout, _ := alone(t, nil, log, "summarize")
	if code != exitOK || strings.ContainsAny(stdout, "\x1b\a\u009b") || strings.Contains(stdout, `\`) || !strings.Contains(stdout, "[L1]") {
		t.Errorf("exit %d, stdout %q", code, stdout)
	}
}

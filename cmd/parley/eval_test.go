package main

import (
	"encoding/json"
	"strings"
	"testing"

	"parley/cmd/parley/eval"
	"parley/cmd/parley/planted"
)

// TestEvalMeasuresTheOfflineModel checks the machinery: a model that copies lines makes nothing up.
func TestEvalMeasuresTheOfflineModel(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := alone(t, map[string]string{"LLM_BASE_URL": ""}, "", "eval", "--json", "--sizes", "10,200,1000", "--seed", "7")
	var got eval.Report
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitOK || !strings.Contains(stderr, "offline demo model") {
		t.Fatalf("exit %d, %v, stderr %q", code, err, stderr)
	}
	total := got.Total
	if len(got.Chats) != 9 || got.Seed != 7 || total.Messages != 3*1210 || total.FabricatedIDs != 0 || total.Obeyed != 0 || total.FactViolations != 0 || total.OwnerErrors != 0 {
		t.Errorf("total %+v", total)
	}
	if total.Precision.Of < 20 || total.Precision.Ratio() != 1 || total.Found().Right < 20 || total.Recall.Right == 0 || total.Shown.Right == 0 {
		t.Errorf("found %v, precision %v, recall %v", total.Found(), total.Precision, total.Recall)
	}
	for _, s := range got.Chats {
		chat, err := planted.Make(planted.Options{Language: s.Language, Messages: s.Messages, Seed: 7})
		if err != nil || s.Found().Of != len(chat.Plants) || s.Calls == 0 || s.InputTokens == 0 || s.CostUSD != 0 || s.Error != "" {
			t.Errorf("%v, %+v", err, s)
		}
	}
}

func TestEvalPrintsATable(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := alone(t, nil, "", "eval", "--sizes", "10", "--languages", "de")
	lines := strings.Split(stdout, "\n")
	if code != exitOK || stderr != "" || len(lines) < 5 || lines[0] != "offline demo model, seed 1" || !strings.HasPrefix(lines[3], "de 10 ") || !strings.HasPrefix(lines[4], "total ") {
		t.Errorf("exit %d, stdout:\n%s\nstderr:\n%s", code, stdout, stderr)
	}
}

func TestEvalSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for say, args := range map[string][]string{
		"no language":      {"--languages", "xx"},
		"are too few":      {"--sizes", "3"},
		"are too many":     {"--sizes", "2000000"},
		"invalid argument": {"--sizes", "many"},
	} {
		if code, stdout, stderr := alone(t, nil, "", append([]string{"eval"}, args...)...); code != exitConfig || stdout != "" || !strings.Contains(stderr, say) {
			t.Errorf("%v: exit %d, stderr %q", args, code, stderr)
		}
	}
	code, _, stderr := alone(t, map[string]string{"LLM_BASE_URL": "http://" + freePort(t) + "/v1"}, "", "eval", "--sizes", "10", "--languages", "en")
	if code != exitFault || !strings.Contains(stderr, "chat of 10 messages (en): model server") || !strings.Contains(stderr, "1 of 1 chat could not be summed up") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
}

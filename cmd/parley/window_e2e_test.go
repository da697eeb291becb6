//go:build !race

package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"parley/conversation"
	"parley/conversation/conversationtest"
	"parley/llm"
	"parley/llm/llmsim"
)

// windowShares says how much of its window a prompt has to use, of what the reserve for the answer leaves: when nothing is known of
// the language yet, and after ten turns.
type windowShares struct{ first, last float64 }

// TestLongThreadsFillTheWindow asks ten questions below a thread of 3,000 messages. The server counts by another rule than the
// estimator and refuses whatever does not fit, and the engine must not once be refused.
func TestLongThreadsFillTheWindow(t *testing.T) {
	t.Parallel()
	talks := []struct {
		name string
		say  func(*rand.Rand) string
		want windowShares
	}{
		{"mixed", mixedTalk, windowShares{.90, .94}},
		{"Japanese", oneOf(japanese), windowShares{0, .90}},
		{"Russian", oneOf(russian), windowShares{0, .90}},
		{"Hindi", oneOf(hindi), windowShares{0, .90}},
	}
	for _, talk := range talks {
		for _, size := range []int{4096, 32768, 131072} {
			for _, notes := range []bool{false, true} {
				if notes && (talk.name != "mixed" && size == 4096 || size == 131072) {
					continue // they would only take long
				}
				t.Run(fmt.Sprintf("%s in %d, notes %v", talk.name, size, notes), func(t *testing.T) {
					t.Parallel()
					w := newWindowWorld(t, size, notes, talk.say)
					shares, want := w.ask(t, 11), talk.want
					if notes { // whose prompts are other texts, and count in the same ratio
						want.last = .90
					}
					if shares[0] < want.first || shares[10] < want.last {
						t.Errorf("the prompts use %.3f of the window at first and %.3f in the end, want %.2f and %.2f",
							shares[0], shares[10], want.first, want.last)
					}
				})
			}
		}
	}
}

// windowWorld is a thread on one side and a model server with a window on the other.
type windowWorld struct {
	server *llmsim.Server
	client *llm.Client
	engine *conversation.Engine
	store  *conversationtest.Store
	ref    conversation.ThreadRef
	size   int
	notes  bool
}

const windowPersona = "You are Parley, the librarian of the harbour's workshop. Speak plainly, and say so when you do not know."

func newWindowWorld(t *testing.T, size int, notes bool, say func(*rand.Rand) string) *windowWorld {
	t.Helper()
	w := &windowWorld{size: size, notes: notes, store: conversationtest.NewStore(),
		ref: conversation.ThreadRef{Platform: conversation.Slack, Workspace: "T", Channel: "C", Thread: "m1"}}
	briefly := llmsim.ResponderFunc(func(ctx context.Context, r llmsim.Request) llmsim.Reply {
		if strings.HasPrefix(r.Messages[0].Text, windowPersona) {
			return llmsim.Say("Nothing was decided.")
		}
		return llmsim.Offline{}.Respond(ctx, r) // which takes notes
	})
	w.server = llmsim.New(llmsim.Options{Dialect: llmsim.VLLM, Window: size, Responder: briefly})
	if err := w.server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	w.client, err = llm.New(llm.Options{BaseURL: w.server.URL(), Model: llmsim.DefaultModel, MaxRetries: -1, Idle: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.client.Close()
		if err := w.server.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.client.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	chat := &conversationtest.Messenger{}
	words := rand.New(rand.NewPCG(4, 3000)) // the same at each run
	for n := range 3000 {
		chat.Past = append(chat.Past, w.message(n+1, say(words)))
	}
	o := conversation.Options{Store: w.store, Model: w.client, ModelName: llmsim.DefaultModel, Persona: windowPersona,
		Messengers: map[conversation.Platform]conversation.Messenger{conversation.Slack: chat},
		Policy:     conversation.Policy{FollowUps: conversation.FollowUpsThread}, Logger: slog.New(slog.DiscardHandler)}
	if notes {
		o.Readings = w.store
	}
	if w.engine, err = conversation.New(o); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *windowWorld) message(n int, text string) conversation.Message {
	name := []string{"Ana", "Bo", "Chidi", "Dana"}[n*7%4]
	return conversation.Message{Ref: w.ref, Place: conversation.PlaceThread, ID: fmt.Sprintf("m%d", n), Text: text,
		Author: conversation.Author{ID: name, Name: name, Kind: conversation.Person},
		SentAt: time.Date(1999, 5, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)}
}

// ask asks so many questions and gives the share of the window that each prompt used.
func (w *windowWorld) ask(t *testing.T, turns int) (shares []float64) {
	t.Helper()
	ctx := context.Background()
	var shown []string
	for turn := range turns {
		question := fmt.Sprintf("in turn %d I ask: what was decided about the crane,\n    and who looks after it?", turn)
		m := w.message(4000+10*turn, "@Parley "+question)
		m.Mentions = []conversation.Mention{{Kind: conversation.MentionSelf, ID: "U0", Name: "Parley"}}
		if err := w.engine.Ingest(ctx, conversation.Posted{Message: m}); err != nil {
			t.Fatal(err)
		}
		before := len(w.server.Requests())
		if _, err := w.store.Work(ctx, w.engine, w.ref); err != nil {
			t.Fatal(err)
		}
		answered := false
		for _, r := range w.server.Requests()[before:] {
			if r.Status != 200 || r.Tokens+r.MaxTokens > w.size {
				t.Errorf("turn %d: status %d for %d and %d tokens in a window of %d", turn, r.Status, r.Tokens, r.MaxTokens, w.size)
			}
			prompt := r.Messages[len(r.Messages)-1].Text
			if answered || !strings.HasPrefix(prompt, windowPersona) {
				continue // notes are taken
			}
			answered = true
			if !strings.HasSuffix(prompt, "Answer "+m.Author.Name+".") {
				t.Errorf("turn %d: the prompt ends with %q", turn, prompt[max(0, len(prompt)-200):])
			}
			if noted := strings.Contains(prompt, "in short notes:"); noted != (w.notes && turn > 0) {
				t.Errorf("turn %d: notes %v", turn, noted)
			}
			share := float64(r.Tokens) / float64(w.size-r.MaxTokens)
			shares = append(shares, share)
			shown = append(shown, fmt.Sprintf("%.1f", 100*share))
		}
		if !answered {
			t.Fatalf("turn %d: the model was not asked", turn)
		}
	}
	t.Logf("percent of the window, turn by turn: %s", strings.Join(shown, " "))
	return shares
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func oneOf(from []string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		said := pick(r, from)
		for range 1 + r.IntN(3) {
			said += " " + pick(r, from)
		}
		return said
	}
}

// mixedTalk is a team's chat: mostly English, with code, links, Japanese and emoji.
func mixedTalk(r *rand.Rand) string {
	switch n := r.IntN(100); {
	case n < 8:
		return fmt.Sprintf("```go\nfunc lift%d(ctx context.Context, load int) error {\n\tif load > %d {\n\t\treturn fmt.Errorf(\"lift %%d: too heavy\", load)\n\t}\n\treturn crane.Hoist(ctx, load)\n}\n```", r.IntN(90), r.IntN(4000))
	case n < 16:
		return fmt.Sprintf("%s https://harbour.example.org/%s/%d?tab=%s&row=%d#L%d", pick(r, english), pick(r, []string{"docs", "builds", "issues"}), r.IntN(9000),
			pick(r, []string{"log", "files", "talk"}), r.IntN(70), r.IntN(300))
	case n < 24:
		return oneOf(japanese)(r)
	case n < 34:
		return pick(r, []string{"thanks 👍", "🎉🎉🎉", "lol 😂", "done ✅ see you tomorrow 👋", "ok", "+1", "hmm 🤔 not sure"})
	case n < 38:
		return fmt.Sprintf("2026-03-%02dT%02d:14:07Z WARN hoist=%d load_kg=%d.%d msg=\"brake is warm\" retry=%d", 1+r.IntN(28), r.IntN(24), r.IntN(9), r.IntN(4000), r.IntN(10), r.IntN(5))
	}
	said := pick(r, english)
	for range r.IntN(3) {
		said += " " + pick(r, english)
	}
	return said
}

var english = []string{
	"I looked at the crane this morning and the left brake still gets warm after an hour.",
	"Can somebody tell me where the drawings of the second shed went?",
	"We should not ship anything before the insurance people have been here.",
	"That is what I thought as well, but the numbers from last week say otherwise.",
	"Let's talk about it on Thursday, I am on the road until then.",
	"The new gate works fine, although it's louder than the old one.",
	"Who has the key to the paint store? I need about four litres of grey.",
	"I'd rather wait for the spare part than weld it again.",
	"Okay, then I will write to the supplier and ask for a refund.",
	"Please don't park in front of the slipway, the tide is early on Saturday.",
	"The estimate was 12,400 and now they want 15,950 for the same work.",
	"Did you see that the forecast says seven or eight from the north-west?",
}

var japanese = []string{
	"クレーンのブレーキがまだ熱くなるので、明日もう一度調べます。",
	"倉庫の図面はどこにありますか。誰か知っていたら教えてください。",
	"木曜日の会議は午後三時からに変わりました。",
	"部品が届くまで待ったほうがいいと思います。",
	"写真を送りますので、確認をお願いします。",
	"昨日の作業は予定どおり終わりました。お疲れさまでした！",
	"見積もりが高すぎるので、別の会社にも聞いてみます。",
	"了解です。では土曜日の朝に港で会いましょう。",
}

var russian = []string{
	"Я утром смотрел кран, левый тормоз по-прежнему греется через час.",
	"Кто-нибудь знает, куда делись чертежи второго сарая?",
	"Давайте подождём запчасть, второй раз варить не хочется.",
	"В четверг меня не будет, вернусь только к вечеру пятницы.",
	"Новые ворота работают хорошо, хотя и шумят сильнее старых.",
	"Поставщик обещал вернуть деньги до конца месяца.",
	"Пожалуйста, не ставьте машины перед слипом, в субботу рано вода.",
	"Спасибо, всё получилось, фотографии пришлю завтра.",
}

var hindi = []string{
	"मैंने आज सुबह क्रेन देखी, बायाँ ब्रेक एक घंटे बाद भी गरम हो जाता है।",
	"क्या किसी को पता है कि दूसरे शेड के नक्शे कहाँ गए?",
	"मेरे ख़याल से हमें नए पुर्ज़े का इंतज़ार करना चाहिए।",
	"बैठक अब गुरुवार को तीन बजे होगी, कृपया समय पर आइए।",
	"नया फाटक ठीक चलता है, पर पुराने से ज़्यादा शोर करता है।",
	"मैं कल दुकानदार को लिखकर पैसे वापस माँगूँगा।",
	"शनिवार को ज्वार जल्दी आएगा, गाड़ी ढलान के सामने मत लगाना।",
	"धन्यवाद, काम पूरा हो गया, तस्वीरें कल भेजूँगा।",
}

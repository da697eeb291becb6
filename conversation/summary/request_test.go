package summary_test

import (
	"strings"
	"testing"
	"time"

	"parley/conversation/summary"
)

// now is a Thursday.
var now = time.Date(2031, 5, 29, 14, 30, 0, 0, time.UTC)

func at(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2031, month, day, hour, minute, 0, 0, time.UTC)
}

func TestRequestsAreRecognised(t *testing.T) {
	t.Parallel()
	type want = summary.Request
	monday, yesterday := at(5, 26, 0, 0), at(5, 28, 0, 0)
	for text, w := range map[string]want{
		"summarize this thread":                         {Thread: true, Language: "en"},
		"Summarise this thread, please.":                {Thread: true, Language: "en"},
		"Could you please summarize the thread for me?": {Thread: true, Language: "en"},
		"summarize this thread anyway":                  {Thread: true, Language: "en"},
		"fasse diesen Thread trotzdem zusammen":         {Language: "de"},
		"Fasse die letzten 50 Nachrichten zusammen":     {Last: 50, Language: "de"},
		"vat de laatste 20 berichten samen":             {Last: 20, Language: "nl"},
		"résume ce fil quand même":                      {Thread: true, Language: "fr"},
		"それでもこのスレッドを要約して":                               {Thread: true, Language: "ja"},
		"tl;dr":                              {Language: "en"},
		"TLDR?":                              {Language: "en"},
		"tl;dr please":                       {Language: "en"},
		"summary":                            {Language: "en"},
		"summarize":                          {Language: "en"},
		"Sum up":                             {Language: "en"},
		"sum this up":                        {Language: "en"},
		"Sum up this thread in three lines.": {Thread: true, Language: "en"},
		"give me a quick summary of this channel": {Channel: true, Language: "en"},
		"recap":                                               {Language: "en"},
		"can you recap the discussion so far?":                {Language: "en"},
		"What did I miss since Monday?":                       {Since: monday, Language: "en"},
		"since monday, what did i miss":                       {Since: monday, Language: "en"},
		"What did I miss?":                                    {Language: "en"},
		"catch me up":                                         {Language: "en"},
		"Catch me up since yesterday":                         {Since: yesterday, Language: "en"},
		"hey, catch me up on this channel since 2d":           {Since: now.Add(-48 * time.Hour), Channel: true, Language: "en"},
		"since my last summary":                               {SinceLastSummary: true},
		"summarize since my last summary":                     {SinceLastSummary: true, Language: "en"},
		"what did I miss since I last spoke here?":            {SinceSpoke: true, Language: "en"},
		"since I last spoke here":                             {SinceSpoke: true},
		"last 200":                                            {Last: 200},
		"summarize the last 200 messages":                     {Last: 200, Language: "en"},
		"since 2d":                                            {Since: now.Add(-48 * time.Hour)},
		"since yesterday":                                     {Since: yesterday},
		"summarize everything since 3 hours ago":              {Since: now.Add(-3 * time.Hour), Language: "en"},
		"sum up the last 2 days":                              {Since: now.Add(-48 * time.Hour), Language: "en"},
		"summarize the last hour":                             {Since: now.Add(-time.Hour), Language: "en"},
		"summarize since 2031-05-23":                          {Since: at(5, 23, 0, 0), Language: "en"},
		"summarize since 23 May":                              {Since: at(5, 23, 0, 0), Language: "en"},
		"summarize since May 23rd":                            {Since: at(5, 23, 0, 0), Language: "en"},
		"summarize since 9:30":                                {Since: at(5, 29, 9, 30), Language: "en"},
		"what happened since yesterday?":                      {Since: yesterday, Language: "en"},
		"what's new in this channel today?":                   {Since: at(5, 29, 0, 0), Channel: true, Language: "en"},
		"summarize #general since 2d":                         {Name: "general", Channel: true, Since: now.Add(-48 * time.Hour), Language: "en"},
		"summarize https://x.slack.com/archives/C1/p123":      {Link: "https://x.slack.com/archives/C1/p123", Language: "en"},
		"summarize this thread in German":                     {Thread: true, Language: "en", In: "de"},
		"fasse diesen Thread zusammen":                        {Language: "de"},
		"Fass bitte den Thread zusammen.":                     {Language: "de"},
		"Kannst du mir das bitte zusammenfassen?":             {Language: "de"},
		"Was habe ich seit Montag verpasst?":                  {Since: monday, Language: "de"},
		"Was habe ich verpasst seit Montag?":                  {Since: monday, Language: "de"},
		"Zusammenfassung":                                     {Language: "de"},
		"Zusammenfassung der letzten 50 Nachrichten":          {Last: 50, Language: "de"},
		"seit gestern":                                        {Since: yesterday},
		"résume ce fil":                                       {Thread: true, Language: "fr"},
		"Peux-tu résumer cette conversation, s'il te plaît ?": {Language: "fr"},
		"Qu'est-ce que j'ai manqué depuis lundi ?":            {Since: monday, Language: "fr"},
		"fais-moi un résumé":                                  {Language: "fr"},
		"resume este hilo":                                    {Thread: true},
		"¿Puedes resumir esta conversación, por favor?":       {Language: "es"},
		"¿Qué me he perdido desde el lunes?":                  {Since: monday, Language: "es"},
		"hazme un resumen de los últimos 100 mensajes":        {Last: 100, Language: "es"},
		"resuma esta conversa":                                {},
		"O que eu perdi desde ontem?":                         {Since: yesterday, Language: "pt"},
		"faz um resumo desta conversa":                        {Language: "pt"},
		"riassumi questa conversazione":                       {Language: "it"},
		"Cosa mi sono perso da lunedì?":                       {Since: monday, Language: "it"},
		"fammi un riassunto, per favore":                      {Language: "it"},
		"vat deze thread samen":                               {Language: "nl"},
		"Wat heb ik gemist sinds maandag?":                    {Since: monday, Language: "nl"},
		"суммируй этот тред":                                  {Thread: true, Language: "ru"},
		"Что я пропустил с понедельника?":                     {Since: monday, Language: "ru"},
		"сделай краткое резюме":                               {Language: "ru"},
		"このスレッドを要約して":                                         {Thread: true, Language: "ja"},
		"要約してください":                                            {Language: "ja"},
		"月曜日からの会話をまとめて":                                       {Since: monday, Language: "ja"},
		"昨日から要約して":                                            {Since: yesterday, Language: "ja"},
		"最後の200件を要約して":                                        {Last: 200, Language: "ja"},
		"总结一下这个讨论":                                            {Language: "zh"},
		"请总结":                                                 {Language: "zh"},
		"我错过了什么？":                                             {Language: "zh"},
		"从昨天以来我错过了什么":                                         {Since: yesterday, Language: "zh"},
		"总结最近200条消息":                                          {Last: 200, Language: "zh"},
		"이 스레드 요약해 줘":                                         {Thread: true, Language: "ko"},
		"요약 부탁드려요":                                            {Language: "ko"},
		"어제부터 요약해줘":                                           {Since: yesterday, Language: "ko"},
		"최근 200개 메시지를 요약해줘":                                   {Last: 200, Language: "ko"},
	} {
		got, ok := summary.ParseRequest(text, now)
		if !ok {
			t.Errorf("%q is not recognised", text)
			continue
		}
		if w.Thread && !got.Thread {
			t.Errorf("%q does not name the thread", text)
		}
		got.Thread = w.Thread
		if w.Language == "" {
			got.Language = ""
		}
		if got != w && w != (want{}) {
			t.Errorf("%q gives %+v, want %+v", text, got, w)
		}
	}
}

func TestOtherSentencesAreNoRequests(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "?", "hi", "thanks", "help", "this", "here", "today", "yesterday", "this thread", "the channel", "please",
		"please write a summary of the French revolution", "the summary is wrong", "how do I summarize a list in Go?",
		"Your summary forgot the deadline", "who wrote the summary?", "is there a summary?", "summarize this article: cats are great",
		"summarize what we decided about pricing", "can you summarize the budget?", "what is a tl;dr?", "why did you summarize this thread?",
		"don't summarize this thread", "stop summarizing", "the last 200 messages were spam", "I was here last week", "what did I miss in the exam?",
		"translate the summary into German", "Summarize this thread and tell me who is responsible", "catch me if you can", "catch up with Bob tomorrow",
		"what's up?", "what's new?", "what happened?", "what happened to the server?", "since when do we use Go?", "since yesterday the build is red",
		"write a summary function", "def summarize(text): return text", "summary statistics of the table", "sum up 3 and 4", "sum 1 2 3",
		"this summary", "good summary!", "nice recap", "thanks for the summary", "last summary", "remind me to summarize this thread",
		"how long is this thread?", "what was decided?", "who decided that?", "give me a list of action items", "overview", "digest",
		"Die Zusammenfassung ist falsch", "Wie fasse ich eine Liste zusammen?", "Was ist eine Zusammenfassung?", "Schreib eine Zusammenfassung der Französischen Revolution",
		"seit gestern geht der Build nicht", "le résumé est faux", "résume la révolution française", "el resumen está mal", "¿Cómo resumo un libro?",
		"o resumo está errado", "il riassunto è sbagliato", "riassumi la Divina Commedia", "de samenvatting klopt niet", "резюме неверное", "как написать резюме на работу?",
		"要約が間違っています", "フランス革命を要約して", "总结写错了", "总结法国大革命", "요약이 틀렸어", "프랑스 혁명을 요약해줘", "最近怎么样", "昨日は寒かった",
		strings.Repeat("summarize this thread ", 40), "summarize this thread\nand the other one", "https://example.com", "#general", "\xff summarize",
	} {
		if got, ok := summary.ParseRequest(text, now); ok {
			t.Errorf("%q is taken for a request: %+v", text, got)
		}
	}
}

func TestRangesOfCommands(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]summary.Request{
		"":                                     {},
		"since 2d":                             {Since: now.Add(-48 * time.Hour)},
		"last 200":                             {Last: 200},
		"#general last 50":                     {Name: "general", Channel: true, Last: 50},
		"<#C024BE7LR|general> since yesterday": {Name: "general", Channel: true, Since: at(5, 28, 0, 0)},
		"yesterday":                            {Since: at(5, 28, 0, 0)},
		"https://discord.com/channels/1/2/3":   {Link: "https://discord.com/channels/1/2/3"},
		"since yesterday last 3":               {Since: at(5, 28, 0, 0), Last: 3},
		"last 3 since yesterday":               {Since: at(5, 28, 0, 0), Last: 3},
		"since Monday last 20":                 {Since: at(5, 26, 0, 0), Last: 20},
		"#general since 2d, last 3":            {Name: "general", Channel: true, Since: now.Add(-48 * time.Hour), Last: 3},
		"last 24h":                             {Since: now.Add(-24 * time.Hour)},
		"this channel, please":                 {Channel: true},
		"since 2099-01-01":                     {Future: true},
		"since 2031-05-29 14:31":               {Future: true},
		"since 2099-01-01 last 3":              {Future: true, Last: 3},
		"since 01.01.2099":                     {Future: true},
	} {
		if got, ok := summary.ParseRange(text, now); !ok || plain(got) != want {
			t.Errorf("%q gives %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"since never", "since banana", "last many", "foo", "last 0", "last -5", "last 3 last 5",
		"since monday since friday", "since https://evil.example/1", "the discussion about pricing", "#a #b", "since 2031-13-01"} {
		if got, ok := summary.ParseRange(text, now); ok {
			t.Errorf("%q gives %+v", text, got)
		}
	}
}

// plain is a request without its language.
func plain(r summary.Request) summary.Request {
	r.Language = ""
	return r
}

func FuzzParseRequest(f *testing.F) {
	for _, text := range []string{"summarize since 2d", "#a last 3", "月曜日からの会話をまとめて", "since 31.02.", "<#"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := summary.ParseRequest(text, now)
		if ok && (r.Last < 0 || r.Since.After(now)) {
			t.Errorf("%q gives %+v", text, r)
		}
	})
}

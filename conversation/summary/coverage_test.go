package summary_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"parley/conversation/summary"
)

// spaced are the languages of the headings that put spaces between words; dense are those that do not.
var (
	spaced = []string{"en", "de", "fr", "es", "pt", "it", "nl", "ru", "ko"}
	dense  = []string{"ja", "zh"}
)

func full() summary.Coverage {
	return summary.Coverage{Read: 1200, Total: 12112, Extracts: 21, Shortened: 1, People: 9,
		From: time.Date(2031, 5, 1, 9, 10, 0, 0, time.UTC), To: time.Date(2031, 8, 25, 17, 42, 0, 0, time.UTC),
		Files: summary.Files{Images: 3, Voice: 1, Videos: 2, Documents: 5, Others: 1, Unreadable: 2, Unopened: 5}}
}

func TestCoverageIsToldInEachLanguage(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{
		"en": "1,200 of 12,112 messages, 1 May 09:10 to 25 Aug 17:42, 9 people; 3 images, 1 voice note, 2 videos, 5 documents, 1 other file; 2 files unreadable; 5 files not opened; " +
			"10,912 messages not read; 21 messages only in excerpts, because the model gave no answer about them; 1 long message read in part",
		"de": "1.200 von 12.112 Nachrichten, 1. Mai 09:10 bis 25. August 17:42, 9 Personen; 3 Bilder, 1 Sprachnachricht, 2 Videos, 5 Dokumente, 1 andere Datei; 2 Dateien nicht lesbar; " +
			"5 Dateien nicht geöffnet; 10.912 Nachrichten nicht gelesen; 21 Nachrichten nur in Auszügen, weil das Modell dazu nichts geantwortet hat; 1 lange Nachricht teilweise gelesen",
		"fr": "1\u202f200 sur 12\u202f112 messages, du 1er mai 09:10 au 25 août 17:42, 9 personnes ; 3 images, 1 message vocal, 2 vidéos, 5 documents, 1 autre fichier ; 2 fichiers illisibles ; " +
			"5 fichiers non ouverts ; 10\u202f912 messages non lus ; 21 messages seulement en extraits, car le modèle n'a rien répondu à leur sujet ; 1 long message lu en partie",
		"es": "1200 de 12.112 mensajes, del 1 de mayo 09:10 al 25 de agosto 17:42, 9 personas; 3 imágenes, 1 nota de voz, 2 vídeos, 5 documentos, 1 archivo de otro tipo; 2 archivos ilegibles; " +
			"5 archivos sin abrir; 10.912 mensajes sin leer; 21 mensajes solo en extractos, porque el modelo no respondió nada sobre ellos; 1 mensaje largo leído en parte",
		"pt": "1.200 de 12.112 mensagens, de 1º de maio 09:10 a 25 de agosto 17:42, 9 pessoas; 3 imagens, 1 mensagem de voz, 2 vídeos, 5 documentos, 1 outro arquivo; 2 arquivos ilegíveis; " +
			"5 arquivos não abertos; 10.912 mensagens não lidas; 21 mensagens só em trechos, porque o modelo nada respondeu sobre elas; 1 mensagem longa lida em parte",
		"it": "1.200 su 12.112 messaggi, 1º maggio 09:10 – 25 agosto 17:42, 9 persone; 3 immagini, 1 messaggio vocale, 2 video, 5 documenti, 1 altro file; 2 file illeggibili; " +
			"5 file non aperti; 10.912 messaggi non letti; 21 messaggi solo in estratti, perché il modello non ha risposto nulla al riguardo; 1 messaggio lungo letto in parte",
		"nl": "1.200 van 12.112 berichten, 1 mei 09:10 tot 25 augustus 17:42, 9 personen; 3 afbeeldingen, 1 spraakbericht, 2 video's, 5 documenten, 1 ander bestand; 2 bestanden onleesbaar; " +
			"5 bestanden niet geopend; 10.912 berichten niet gelezen; 21 berichten alleen in fragmenten, omdat het model er niets over antwoordde; 1 lang bericht gedeeltelijk gelezen",
		"ru": "1\u00a0200 из 12\u00a0112 сообщений, с 1 мая 09:10 по 25 августа 17:42, 9 человек; 3 изображения, 1 голосовое сообщение, 2 видео, 5 документов, 1 другой файл; 2 файла не читаются; " +
			"5 файлов не открыто; 10\u00a0912 сообщений не прочитано; 21 сообщение только в отрывках, так как модель ничего о нём не ответила; 1 длинное сообщение прочитано частично",
		"ja": "メッセージ12,112件中1,200件、5月1日09:10～8月25日17:42、9人；画像3件、ボイスメモ1件、動画2件、文書5件、その他のファイル1件；ファイル2件は読み取り不可；" +
			"ファイル5件は未確認；メッセージ10,912件は未読；メッセージ21件はモデルの回答がなかったため抜粋のみ；長いメッセージ1件は一部のみ",
		"zh": "12,112条消息中的1,200条，5月1日09:10至8月25日17:42，9人；3张图片，1条语音，2个视频，5份文档，1个其他文件；2个文件无法读取；" +
			"5个文件未打开；10,912条消息未读；21条消息仅有摘录，因为模型没有给出回答；1条长消息只读了一部分",
		"ko": "메시지 12,112개 중 1,200개, 5월 1일 09:10~8월 25일 17:42, 9명; 이미지 3개, 음성 메모 1개, 동영상 2개, 문서 5개, 기타 파일 1개; 파일 2개 읽을 수 없음; " +
			"파일 5개 열지 않음; 메시지 10,912개 읽지 않음; 메시지 21개는 모델의 답이 없어 발췌만 있음; 긴 메시지 1개는 일부만 읽음",
	} {
		if got := full().In(language); got != want {
			t.Errorf("%s: got  %s\nwant %s", language, got, want)
		}
	}
	if full().In("pl") != full().String() || full().In("") != full().In("en") {
		t.Error("a language without words is not told in English")
	}
}

func TestCoverageHasItsYearsWhereTheyDiffer(t *testing.T) {
	t.Parallel()
	c := summary.Coverage{Read: 2, Total: 2, From: time.Date(2030, 12, 30, 9, 10, 0, 0, time.UTC), To: time.Date(2031, 1, 2, 17, 42, 0, 0, time.UTC)}
	for language, want := range map[string]string{
		"en": "30 Dec 2030 09:10 to 2 Jan 2031 17:42", "de": "30. Dezember 2030 09:10 bis 2. Januar 2031 17:42", "pt": "de 30 de dezembro de 2030 09:10 a 2 de janeiro de 2031 17:42",
		"ru": "с 30 декабря 2030 г. 09:10 по 2 января 2031 г. 17:42", "ja": "2030年12月30日09:10～2031年1月2日17:42", "ko": "2030년 12월 30일 09:10~2031년 1월 2일 17:42",
	} {
		if got := c.In(language); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s", language, got)
		}
	}
	c.To = c.From.Add(20 * time.Second)
	if got := c.In("fr"); got != "2 sur 2 messages, 30 décembre 09:10" {
		t.Errorf("one moment: %s", got)
	}
}

func TestPluralsOfRussianAndFrench(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		1: "1 сообщение не прочитано", 2: "2 сообщения не прочитаны", 4: "4 сообщения не прочитаны", 5: "5 сообщений не прочитано", 11: "11 сообщений не прочитано",
		12: "12 сообщений не прочитано", 14: "14 сообщений не прочитано", 21: "21 сообщение не прочитано", 22: "22 сообщения не прочитаны", 111: "111 сообщений не прочитано", 1024: "1\u00a0024 сообщения не прочитаны",
	} {
		if got := (summary.Coverage{Total: n}).In("ru"); !strings.HasSuffix(got, "; "+want) {
			t.Errorf("%d: %s", n, got)
		}
	}
	for n, want := range map[int]string{1: "1 из 1 сообщения", 21: "21 из 21 сообщения", 2: "2 из 2 сообщений", 5: "5 из 5 сообщений"} {
		if got := (summary.Coverage{Read: n, Total: n}).In("ru"); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	if got := (summary.Coverage{Read: 1, Total: 1}).In("fr"); got != "1 sur 1 message" {
		t.Errorf("got %s", got)
	}
}

// TestNoLanguageLacksWords: each has a word for everything, also for one and for many, and none is English by mistake.
func TestNoLanguageLacksWords(t *testing.T) {
	t.Parallel()
	for _, language := range append(spaced[1:], dense...) {
		for _, n := range []int{1, 2, 5, 1000} {
			got := summary.Coverage{Total: 3 * n, Read: n, Extracts: n, Shortened: n, People: n,
				Files: summary.Files{Images: n, Voice: n, Videos: n, Documents: n, Others: n, Unreadable: n, Unopened: n}}.In(language)
			if strings.Contains(got, "%!") || strings.Contains(got, "messages not read") || strings.Contains(got, "unreadable") {
				t.Errorf("%s: %s", language, got)
			}
		}
	}
	for _, language := range dense {
		if got := full().In(language); strings.ContainsFunc(got, unicode.IsSpace) {
			t.Errorf("%s has spaces: %s", language, got)
		}
	}
}

func TestUnknownTimesAreNoYearOne(t *testing.T) {
	t.Parallel()
	var c summary.Coverage
	c.Add(summary.Message{AuthorID: "U", Speaker: summary.Person, Text: "hi"})
	got, err := json.Marshal(struct {
		Coverage summary.Coverage `json:"coverage"`
	}{c})
	if err != nil || strings.Contains(string(got), "0001") || strings.Contains(string(got), `"from"`) || strings.Contains(string(got), `"to"`) {
		t.Errorf("got %s, %v", got, err)
	}
	c.Add(summary.Message{AuthorID: "U", Speaker: summary.Person, At: time.Date(2031, 5, 1, 9, 10, 0, 0, time.UTC)})
	if got, err = json.Marshal(c); err != nil || !strings.Contains(string(got), `"from":"2031-05-01T09:10:00Z"`) || !strings.Contains(string(got), `"to":"2031-05-01T09:10:00Z"`) {
		t.Errorf("got %s, %v", got, err)
	}
}

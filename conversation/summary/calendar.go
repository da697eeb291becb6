package summary

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// calendar is how a language writes days and times.
type calendar struct {
	// months are the names of the months after a day, parted by blanks; empty: they are numbered.
	months string
	// day has the day and the month, dated the day, the month and the year.
	day, dated string
	// first is the first day of a month where that is no plain number.
	first string
	// clock stands between day and time; span has the begin and the end.
	clock, span string
}

// calendarIn gives the calendar of a language; the English one where there is none.
func calendarIn(language string) calendar {
	if c, known := calendars[language]; known {
		return c
	}
	return calendars["en"]
}

// moment writes when something was, to the minute, in the time's own zone.
func (c calendar) moment(t time.Time, year bool) string {
	day, month := strconv.Itoa(t.Day()), strconv.Itoa(int(t.Month()))
	if c.months != "" {
		month = strings.Fields(c.months)[t.Month()-1]
	}
	if t.Day() == 1 && c.first != "" {
		day = c.first
	}
	layout := c.day
	if year {
		layout = c.dated
	}
	return strings.NewReplacer("{d}", day, "{m}", month, "{y}", strconv.Itoa(t.Year())).Replace(layout) + c.clock + t.Format("15:04")
}

// between writes a stretch of time, with years where they differ, and one moment where it is no longer than a minute; empty where it is
// unknown.
func (c calendar) between(from, to time.Time) string {
	if from.IsZero() {
		return ""
	}
	year := from.Year() != to.Year()
	begin, end := c.moment(from, year), c.moment(to, year)
	if begin == end {
		return begin
	}
	return fmt.Sprintf(c.span, begin, end)
}

var calendars = map[string]calendar{
	"en": {months: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", day: "{d} {m}", dated: "{d} {m} {y}", clock: " ", span: "%s to %s"},
	"de": {months: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember", day: "{d}. {m}", dated: "{d}. {m} {y}", clock: " ", span: "%s bis %s"},
	"fr": {months: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre", day: "{d} {m}", dated: "{d} {m} {y}", first: "1er", clock: " ", span: "du %s au %s"},
	"es": {months: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", day: "{d} de {m}", dated: "{d} de {m} de {y}", clock: " ", span: "del %s al %s"},
	"pt": {months: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro", day: "{d} de {m}", dated: "{d} de {m} de {y}", first: "1º", clock: " ", span: "de %s a %s"},
	"it": {months: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre", day: "{d} {m}", dated: "{d} {m} {y}", first: "1º", clock: " ", span: "%s – %s"},
	"nl": {months: "januari februari maart april mei juni juli augustus september oktober november december", day: "{d} {m}", dated: "{d} {m} {y}", clock: " ", span: "%s tot %s"},
	"ru": {months: "января февраля марта апреля мая июня июля августа сентября октября ноября декабря", day: "{d} {m}", dated: "{d} {m} {y} г.", clock: " ", span: "с %s по %s"},
	"ja": {day: "{m}月{d}日", dated: "{y}年{m}月{d}日", span: "%s～%s"},
	"zh": {day: "{m}月{d}日", dated: "{y}年{m}月{d}日", span: "%s至%s"},
	"ko": {day: "{m}월 {d}일", dated: "{y}년 {m}월 {d}일", clock: " ", span: "%s~%s"},
}

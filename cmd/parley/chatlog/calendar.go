package chatlog

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	// days are lines that name the day of those that follow: "--- Day changed Thu Jun 01 2006",
	// "--- Log opened Thu Jun 01 11:22:00 2006", "**** BEGIN LOGGING AT Sat Oct  1 12:00:00 2022".
	days    = regexp.MustCompile(`^(?:--- (?:Day changed|Log opened)|\*{4} BEGIN LOGGING AT) \w{3} (\w{3}) +(\d{1,2}) (?:\d{2}:\d{2}:\d{2} )?(\d{4})`)
	isoDay  = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)
	between = regexp.MustCompile(`[-./]`)
)

// calendar tells when lines were said. Times have no zone: they are taken for UTC.
type calendar struct {
	today, last time.Time
	// dated says that the day is known.
	dated bool
	// order is that of day, month and year where digits do not tell it.
	order string
}

func newCalendar(f form, all []string, name string) *calendar {
	c := &calendar{order: orderOf(f, all)}
	if d, err := time.Parse(time.DateOnly, isoDay.FindString(filepath.Base(name))); err == nil {
		c.today, c.dated = d, true
	}
	return c
}

// turn takes the day of a line that names one.
func (c *calendar) turn(line string) {
	if m := days.FindStringSubmatch(line); m != nil {
		if d, err := time.Parse("Jan 2 2006", m[1]+" "+m[2]+" "+m[3]); err == nil {
			c.today, c.last, c.dated = d, time.Time{}, true
		}
	}
}

// at is when a line was said that tells a day or none, and a time of day or none.
func (c *calendar) at(date, clock string) time.Time {
	if d, ok := c.day(date); ok {
		c.today, c.last, c.dated = d, time.Time{}, true
	}
	at := c.today.Add(clockTime(clock))
	if c.last.Sub(at) > 12*time.Hour { // past midnight
		c.today, at = c.today.AddDate(0, 0, 1), at.AddDate(0, 0, 1)
	}
	c.last = at
	return at
}

// day reads "2024-05-01", "31.12.23", "12/31/23" and, where the year was told before, "Oct 01".
func (c *calendar) day(date string) (time.Time, bool) {
	if date == "" {
		return time.Time{}, false
	}
	if parts := between.Split(date, -1); len(parts) == 3 {
		return dayIn(c.order, parts)
	}
	d, err := time.Parse("Jan 2", strings.Join(strings.Fields(date), " "))
	if err != nil || !c.dated {
		return time.Time{}, false
	}
	d = d.AddDate(c.today.Year(), 0, 0)
	if c.today.Sub(d) > 180*24*time.Hour { // past the end of the year
		d = d.AddDate(1, 0, 0)
	}
	return d, true
}

func dayIn(order string, parts []string) (time.Time, bool) {
	if len(parts[0]) == 4 {
		order = "2006 1 2"
	}
	if order != "2006 1 2" && len(parts[2]) == 2 {
		parts = []string{parts[0], parts[1], "20" + parts[2]}
	}
	d, err := time.Parse(order, strings.Join(parts, " "))
	return d, err == nil
}

// orderOf tells whether days or months stand first: in the order that is not read, dates are impossible or run backwards.
func orderOf(f form, all []string) string {
	const dayFirst, monthFirst = "2 1 2006", "1 2 2006"
	wrong, last := map[string]int{}, map[string]time.Time{}
	half := false
	for _, line := range all {
		e, _ := f.parse(line)
		parts := between.Split(e.date, -1)
		if len(parts) != 3 || len(parts[0]) == 4 {
			if e.date != "" || e.time != "" {
				break // the log tells days in another way
			}
			continue
		}
		half = half || strings.HasSuffix(strings.ToUpper(strings.TrimRight(e.time, ".")), "M")
		for _, order := range []string{dayFirst, monthFirst} {
			d, ok := dayIn(order, parts)
			if !ok || d.Before(last[order]) {
				wrong[order]++
			}
			if ok {
				last[order] = d
			}
		}
	}
	if wrong[monthFirst] < wrong[dayFirst] || wrong[monthFirst] == wrong[dayFirst] && half {
		return monthFirst
	}
	return dayFirst
}

// clockTime reads 15:04, 15:04:05 and 9:15 PM.
func clockTime(s string) time.Duration {
	digits := strings.TrimRight(s, "AaPpMm. \u202f\u00a0")
	digits, _, _ = strings.Cut(strings.ReplaceAll(digits, ",", "."), ".")
	var at [3]int
	for i, part := range strings.Split(digits, ":") {
		n, err := strconv.Atoi(part)
		if err != nil || i > 2 || n > 59 {
			return 0
		}
		at[i] = n
	}
	if rest := strings.ToLower(s[len(digits):]); strings.Contains(rest, "m") {
		at[0] %= 12
		if strings.Contains(rest, "p") {
			at[0] += 12
		}
	}
	if at[0] > 23 {
		return 0
	}
	return time.Duration(at[0])*time.Hour + time.Duration(at[1])*time.Minute + time.Duration(at[2])*time.Second
}

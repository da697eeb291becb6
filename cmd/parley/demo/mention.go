package demo

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"parley/bots/discord/discordsim"
)

// typedName finds names in what a person typed. Code comes first, so that nothing inside it is a name.
var typedName = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`" + `|[@#][\p{L}\p{N}_][\p{L}\p{N}_.-]*`)

// mentionForms writes @name and #channel in Discord's own form, as its client does when a person picks a name; unknown
// names, addresses and code stay text.
func mentionForms(text string, users []discordsim.User, channels []discordsim.Channel) string {
	forms := map[string]string{}
	for _, c := range channels {
		forms["#"+strings.ToLower(c.Name)] = "<#" + c.ID + ">"
	}
	for _, u := range users {
		forms["@"+strings.ToLower(u.Name)] = "<@" + u.ID + ">"
	}
	var b strings.Builder
	end := 0
	for _, at := range typedName.FindAllStringIndex(text, -1) {
		b.WriteString(text[end:at[0]])
		token := text[at[0]:at[1]]
		before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
		b.WriteString(mentionForm(token, before, forms))
		end = at[1]
	}
	return b.String() + text[end:]
}

func mentionForm(token string, before rune, forms map[string]string) string {
	if token[0] == '`' || unicode.IsLetter(before) || unicode.IsDigit(before) {
		return token
	}
	name := strings.TrimRight(token, ".-_")
	if form, ok := forms[strings.ToLower(name)]; ok {
		return form + token[len(name):]
	}
	return token
}

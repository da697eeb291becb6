package discordsim

import "slices"

// allowedMentions is what a sender lets its text notify
// (discord.com/developers/docs/resources/message#allowed-mentions-object). A nil value allows
// everything that the text names.
type allowedMentions struct {
	Parse       []string `json:"parse"`
	Roles       []string `json:"roles"`
	Users       []string `json:"users"`
	RepliedUser bool     `json:"replied_user"`
}

func (a *allowedMentions) user(id string) bool {
	return a == nil || slices.Contains(a.Parse, "users") || slices.Contains(a.Users, id)
}

func (a *allowedMentions) role(id string) bool {
	return a == nil || slices.Contains(a.Parse, "roles") || slices.Contains(a.Roles, id)
}

func (a *allowedMentions) everyone() bool {
	return a == nil || slices.Contains(a.Parse, "everyone")
}

func (a *allowedMentions) reply() bool { return a == nil || a.RepliedUser }

// check refuses what Discord refuses: unknown parse values, and a list beside its parse value.
func (a *allowedMentions) check() error {
	if a == nil {
		return nil
	}
	for _, p := range a.Parse {
		if p != "users" && p != "roles" && p != "everyone" {
			return invalid("allowed_mentions.parse", "BASE_TYPE_CHOICES", "Value must be one of {'everyone', 'users', 'roles'}.")
		}
	}
	if len(a.Users) > 0 && slices.Contains(a.Parse, "users") || len(a.Roles) > 0 && slices.Contains(a.Parse, "roles") {
		return invalid("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse and the list of ids are mutually exclusive.")
	}
	return nil
}

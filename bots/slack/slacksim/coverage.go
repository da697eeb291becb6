package slacksim

// Level is how much of an endpoint the simulator does.
type Level string

// Full answers as documented for the arguments that a bot uses, Partial leaves out what Note says,
// None is not answered: Web API methods of that level get unknown_method.
const (
	Full    Level = "full"
	Partial Level = "partial"
	None    Level = "none"
)

// Endpoint is one line of the coverage list.
type Endpoint struct {
	Name  string // a Web API method, or a path that begins with /
	Level Level
	Note  string // what is left out, or why it is absent
}

// Coverage lists what the simulator answers and which neighbours of it are absent. A test holds it to
// the routes.
func Coverage() []Endpoint {
	return []Endpoint{
		{"api.test", Full, ""},
		{"auth.test", Full, ""},
		{"apps.connections.open", Full, ""},
		{"apps.event.authorizations.list", None, "one workspace, one installation"},

		{"chat.postMessage", Partial, "no custom names or icons, link_names and parse are not applied"},
		{"chat.postEphemeral", Partial, "stays until the server closes"},
		{"chat.update", Partial, "no file_ids"},
		{"chat.delete", Full, ""},
		{"chat.getPermalink", Full, ""},
		{"chat.scheduleMessage", None, "not used"},
		{"chat.unfurl", None, "not used"},
		{"chat.startStream", None, "native streams are not simulated"},
		{"chat.appendStream", None, "native streams are not simulated"},
		{"chat.stopStream", None, "native streams are not simulated"},

		{"conversations.history", Full, ""},
		{"conversations.replies", Full, ""},
		{"conversations.info", Partial, "no topic, purpose or locale"},
		{"conversations.members", Full, ""},
		{"conversations.list", Full, ""},
		{"conversations.open", Partial, "return_im and prevent_creation are ignored"},
		{"conversations.join", None, "people invite the bot"},
		{"users.conversations", Full, ""},

		{"users.info", Partial, "no avatars, presence or e-mail address"},
		{"users.list", Partial, "no avatars, presence or e-mail address"},
		{"bots.info", Full, ""},
		{"reactions.add", Partial, "any emoji name exists"},
		{"reactions.remove", None, "not used"},

		{"assistant.threads.setStatus", Partial, "no custom names or icons"},
		{"assistant.threads.setTitle", Full, ""},
		{"assistant.threads.setSuggestedPrompts", Full, ""},
		{"assistant.search.context", None, "search is not simulated"},
		{"agents.sessions.setStatus", Partial, "no custom names or icons, one agent a session"},
		{"agents.sessions.rename", None, "not used"},

		{"files.info", Partial, "no thumbnails or comments"},
		{"files.getUploadURLExternal", Partial, "no alt_txt or snippet_type"},
		{"files.completeUploadExternal", Partial, "one channel; no blocks"},
		{"files.upload", None, "gone since November 2025"},
		{"files.list", None, "not used"},
		{"views.publish", None, "views are not simulated"},
		{"views.open", None, "views are not simulated"},

		{"/upload/v1/{id}", Full, ""},
		{"/files-pri/{ids}/{name}", Partial, "no ranges or thumbnails"},
		{"/hook/{token}", Partial, "response_url; no legacy attachments"},
		{"/link/", Full, ""},
		{"/", Partial, "the sign-in page to which a file link without a token leads"},
	}
}

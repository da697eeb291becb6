package discordsim

// Coverage levels.
const (
	// Full endpoints do what the documentation says, as far as a bot can tell.
	Full Level = "full"
	// Partial endpoints leave something out; the note says what.
	Partial Level = "partial"
	// None marks endpoints that a chat bot might call and that are absent: they answer 404.
	None Level = "none"
)

// Level says how much of an endpoint is there.
type Level string

// Endpoint is one line of the coverage list.
type Endpoint struct {
	// Route is the method and the path below /api/v9 and /api/v10.
	Route string
	Level Level
	Note  string
}

// Coverage lists the REST endpoints that matter to a chat bot and how much of each is there. A
// test holds it to the routes.
func Coverage() []Endpoint {
	return []Endpoint{
		{"GET /gateway", Full, ""},
		{"GET /gateway/bot", Full, ""},
		{"GET /oauth2/applications/@me", Partial, "fields that a bot does not read are left out"},
		{"GET /applications/@me", Partial, "fields that a bot does not read are left out"},
		{"PATCH /applications/@me", None, ""},
		{"GET /applications/{application}/commands", Partial, "no localizations"},
		{"PUT /applications/{application}/commands", Partial, "no subcommands or choices, gives new ids each time"},
		{"POST /applications/{application}/commands", None, ""},
		{"GET /applications/{application}/guilds/{guild}/commands", Partial, "no localizations"},
		{"PUT /applications/{application}/guilds/{guild}/commands", Partial, "as for global commands"},
		{"POST /interactions/{interaction}/{token}/callback", Partial, "no updates, modals or autocompletion; no with_response"},
		{"POST /webhooks/{application}/{token}", Partial, "only by an interaction's token; see SayWebhook"},
		{"GET /webhooks/{application}/{token}/messages/{message}", Partial, "only by an interaction's token"},
		{"PATCH /webhooks/{application}/{token}/messages/{message}", Partial, "only by an interaction's token"},
		{"DELETE /webhooks/{application}/{token}/messages/{message}", Partial, "only by an interaction's token"},
		{"GET /users/@me", Full, ""},
		{"PATCH /users/@me", None, ""},
		{"GET /users/@me/guilds", Partial, "no pagination"},
		{"POST /users/@me/channels", Partial, "no group DMs"},
		{"GET /users/{user}", Full, ""},
		{"GET /guilds/{guild}", Partial, "no counts, emojis or stickers"},
		{"GET /guilds/{guild}/channels", Full, ""},
		{"POST /guilds/{guild}/channels", None, "use AddChannel"},
		{"GET /guilds/{guild}/roles", Full, ""},
		{"GET /guilds/{guild}/members", None, "needs the Server Members intent"},
		{"GET /guilds/{guild}/members/{user}", Full, ""},
		{"GET /guilds/{guild}/threads/active", Full, ""},
		{"GET /channels/{channel}", Full, ""},
		{"PATCH /channels/{channel}", None, "use ArchiveThread; threads are never locked"},
		{"POST /channels/{channel}/typing", Full, ""},
		{"POST /channels/{channel}/threads", Partial, "no tags, slow mode or invitable"},
		{"POST /channels/{channel}/messages/{message}/threads", Full, ""},
		{"GET /channels/{channel}/threads/archived/public", Full, ""},
		{"GET /channels/{channel}/thread-members", None, ""},
		{"GET /channels/{channel}/thread-members/{user}", Partial, "no with_member"},
		{"PUT /channels/{channel}/thread-members/@me", Full, ""},
		{"GET /channels/{channel}/messages", Full, ""},
		{"POST /channels/{channel}/messages", Partial, "no polls, stickers or shared client themes; embeds and components are stored unchecked"},
		{"GET /channels/{channel}/messages/{message}", Full, ""},
		{"PATCH /channels/{channel}/messages/{message}", Partial, "embeds and components are stored unchecked"},
		{"DELETE /channels/{channel}/messages/{message}", Full, ""},
		{"POST /channels/{channel}/messages/bulk-delete", None, "use BulkDelete"},
		{"PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me", Partial, "no custom emoji"},
		{"DELETE /channels/{channel}/messages/{message}/reactions/{emoji}/@me", Partial, "no custom emoji"},
		{"GET /channels/{channel}/messages/{message}/reactions/{emoji}", None, ""},
		{"POST /attachments/refresh-urls", None, "undocumented; fetch the message again"},
	}
}
